#include "keeper/adoption.hpp"

#include "base/text.hpp"
#include "process/identity.hpp"
#include "process/proc_table.hpp"

#include <csignal>
#include <unordered_map>

#include <pwd.h>
#include <unistd.h>

namespace saker::keeper {

namespace {

using markers = std::unordered_map<std::string, pid_t>;

std::optional<uid_t> uid_of(const std::string& user) {
  if (user.empty())
    return ::geteuid();
  if (auto number = parse_integer(user))
    return static_cast<uid_t>(*number);
  auto entry = ::getpwnam(user.c_str());
  return entry ? std::optional{entry->pw_uid} : std::nullopt;
}

/// All leaders of sessions that carry a marker. One walk through /proc, only
/// when a keeper died in the instant between a fork and its record.
markers find_markers(const ownership& ours) {
  markers out;
  process::each_process([&](const process::proc_entry& x) {
    if (x.kernel || x.state == 'Z')
      return true;
    auto claim = ours.claim_of(x.pid);
    auto kin = claim && claim->ours ? process::kinship_of(x.pid) : std::nullopt;
    if (kin && kin->session == x.pid)
      out.emplace(process::to_string(claim->marker), x.pid);
    return true;
  });
  return out;
}

/// The record fits; now whether the process itself says otherwise. Programs
/// may overwrite their environment, but all children lead a session.
bool denies(const entry& row, pid_t pid, const ownership& ours) {
  if (auto claim = ours.claim_of(pid))
    return !claim->is(row.key, row.spawn_id);
  auto kin = process::kinship_of(pid);
  return !kin || kin->session != pid;
}

result<process::known_process>
find_by_record(const entry& row, const ownership& ours) {
  auto pidfd = process::open_pidfd(row.who);
  if (!pidfd)
    return pidfd.error();
  if (denies(row, row.who.pid, ours))
    return fail(errc::refused,
                "pid " + std::to_string(row.who.pid) + " is another process");
  return process::known_process{row.who, std::move(*pidfd)};
}

result<process::known_process>
find_by_marker(const entry& row, const markers& known, const ownership& ours) {
  auto at = known.find(
    process::to_string(process::instance_marker{row.key, row.spawn_id}));
  if (at == known.end())
    return fail(errc::not_found, "it was not forked, or is gone");
  auto who = process::open_process(at->second);
  if (!who)
    return who;
  // Anybody can put a marker into the environment of his own processes.
  auto about = process::find_process(at->second);
  auto uid = uid_of(row.user);
  if (!about || !uid || about->uid != *uid || denies(row, at->second, ours))
    return fail(errc::refused,
                "pid " + std::to_string(at->second) + " runs as somebody else");
  return who;
}

} // namespace

void adopt_all(table_file::content found, const ownership& ours, table& rows,
               nursery& children, outputs& out, logger& log) {
  for (auto& text : found.complaints)
    log.error(text);
  rows.restore_last_spawn_id(found.last_spawn_id);
  std::vector<std::string> living;
  auto nameless = false;
  for (auto& row : found.rows) {
    auto key = row.key;
    auto lives = row.living();
    nameless = nameless || (lives && row.who.pid == 0);
    auto output = row.output;
    if (!rows.restore(std::move(row))) {
      log.error("the table has " + key + " twice: the second is ignored");
      continue;
    }
    if (lives)
      living.push_back(key);
    if (auto held = out.reopen(key, output);
        !held && held.error().code != errc::not_found)
      log.warning(key + ": output: " + held.error().detail);
  }
  auto known = nameless ? find_markers(ours) : markers{};
  for (auto& key : living) {
    auto& row = *rows.find(key);
    auto who = row.who.pid > 0 ? find_by_record(row, ours)
                               : find_by_marker(row, known, ours);
    if (who) {
      rows.adopted(row, who->who);
      children.adopt(row, std::move(who->pidfd));
      if (row.dropped) // a job of a node that is gone
        children.signal(row, SIGKILL, true);
      continue;
    }
    log.warning(key + ": its child is gone: " + who.error().detail);
    rows.adopted(row, row.who);
    children.bury(row);
  }
  if (!living.empty())
    log.notice("took over " + std::to_string(rows.living())
               + (rows.living() == 1 ? " child" : " children"));
}

} // namespace saker::keeper
