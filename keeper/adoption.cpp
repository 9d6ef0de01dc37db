#include "keeper/adoption.hpp"

#include "base/text.hpp"
#include "keeper/lost_rows.hpp"
#include "process/account.hpp"
#include "process/identity.hpp"
#include "process/proc_table.hpp"

#include <algorithm>
#include <csignal>

namespace saker::keeper {

namespace {

/// The record fits; now whether the process itself says otherwise. Programs
/// may overwrite their environment, but all children lead a session.
bool denies(const entry& row, pid_t pid, const ownership& ours) {
  auto claim = ours.claim_of(pid);
  // It went where it liked, was found by other means, and may be one that was
  // started under an earlier number.
  if (row.kind == link::child_class::daemon)
    return claim && (!claim->ours || claim->marker.key != row.key);
  if (claim)
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
find_by_marker(const entry& row, const std::vector<survivor>& all,
               const ownership& ours) {
  auto at = std::find_if(all.begin(), all.end(), [&](const survivor& x) {
    return x.leads && x.marker.key == row.key
           && x.marker.spawn_id == row.spawn_id;
  });
  if (at == all.end())
    return fail(errc::not_found, "it was not forked, or is gone");
  auto who = process::open_process(at->pid);
  if (!who)
    return who;
  // Anybody can put a marker into the environment of his own processes.
  auto about = process::find_process(at->pid);
  auto uid = process::uid_of(row.user);
  if (!about || !uid || about->uid != *uid || denies(row, at->pid, ours))
    return fail(errc::refused,
                "pid " + std::to_string(at->pid) + " runs as somebody else");
  return who;
}

/// All that takes part when a keeper takes over.
struct adopter {
  const ownership& ours;
  table& rows;
  nursery& children;
  outputs& out;
  logger& log;

  void hold_output(const entry& row) {
    auto held = out.reopen(row.key, row.output,
                           row.has_process() ? row.who.pid : 0);
    if (!held && held.error().code != errc::not_found)
      log.warning(row.key + ": output: " + held.error().detail);
    else if (!held && row.has_process())
      log.warning(row.key
                  + ": its output cannot be found and is not read: restart it");
  }

  void take(entry& row, process::known_process who) {
    rows.adopted(row, who.who);
    hold_output(row);
    children.adopt(row, std::move(who.pidfd));
    if (row.dropped) // a job of a node that is gone
      children.signal(row, SIGKILL, true);
  }

  void bury(entry& row) {
    rows.adopted(row, row.who);
    hold_output(row);
    children.bury(row);
  }

  /// The table says that it lives.
  void find(entry& row, const std::vector<survivor>& all) {
    auto who = row.who.pid > 0 ? find_by_record(row, ours)
                               : find_by_marker(row, all, ours);
    if (who)
      return take(row, std::move(*who));
    log.warning(row.key + ": its child is gone: " + who.error().detail);
    // Another process may have followed a daemon's: the node will look.
    if (row.kind != link::child_class::daemon
        || row.state == link::row_state::ending || row.who.pid == 0)
      return bury(row);
    rows.left(row, {});
    hold_output(row);
  }

  /// The table does not tell of it, but it says so itself. To leave it alone
  /// would mean to start it twice.
  void find_lost(const survivor& x) {
    auto text = "pid " + std::to_string(x.pid) + " (uid "
                + std::to_string(x.uid) + ": " + printable(x.command, 100)
                + ')';
    auto who = process::open_process(x.pid);
    if (!who || who->who.start_time != x.start_time)
      return; // it has ended meanwhile
    auto row = rows.add_lost(rebuild(x, out.mode_of(x.marker.key, x.pid)));
    if (!row)
      return log.error(x.marker.key + ": " + text
                       + " is lost: " + row.error().detail);
    if (!x.leads) {
      log.warning(x.marker.key
                  + ": the table lost it and it is gone; ending "
                    "what it left, "
                  + text);
      (*row)->who = who->who;
      return bury(**row);
    }
    log.warning(x.marker.key + ": the table lost it; by its environment it is "
                + text);
    take(**row, std::move(*who));
  }
};

} // namespace

void adopt_all(table_file::content found, const ownership& ours, table& rows,
               nursery& children, outputs& out, logger& log) {
  for (auto& text : found.complaints)
    log.error(text);
  rows.restore_last_spawn_id(found.last_spawn_id);
  std::vector<std::string> living;
  auto nameless = false;
  adopter hands{ours, rows, children, out, log};
  for (auto& row : found.rows) {
    auto key = row.key;
    auto lives = row.has_process();
    nameless = nameless || (lives && row.who.pid == 0);
    if (!rows.restore(std::move(row))) {
      log.error("the table has " + key + " twice: the second is ignored");
      continue;
    }
    if (lives)
      living.push_back(key);
    else
      hands.hold_output(*rows.find(key));
  }
  // The node that started them went with the keeper: nobody waits for the end
  // of a job any more. Those that live are ended when they are found.
  rows.node_gone();
  out.drop_others(rows);
  auto searched = nameless || !found.whole;
  auto known = searched ? find_survivors(ours) : std::vector<survivor>{};
  for (auto& key : living)
    hands.find(*rows.find(key), known);
  auto lost = found.whole ? std::vector<const survivor*>{}
                          : choose_lost(known, rows);
  for (auto x : lost)
    hands.find_lost(*x);
  if (!living.empty() || !lost.empty())
    log.notice("took over " + std::to_string(rows.living())
               + (rows.living() == 1 ? " child" : " children"));
}

} // namespace saker::keeper
