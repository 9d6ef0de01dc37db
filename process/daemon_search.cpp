#include "process/daemon_search.hpp"

#include "base/text.hpp"
#include "process/account.hpp"
#include "process/identity.hpp"
#include "process/name_matcher.hpp"
#include "process/pidfile.hpp"
#include "process/proc_stat.hpp"
#include "process/wait.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include <unistd.h>

namespace saker::process {

namespace {

using namespace std::chrono_literals;
using kind = finding::kind;

/// Clocks of files are coarse.
constexpr auto clock_slack = 1s;

/// How many candidates are named.
constexpr std::size_t shown = 5;

/// How far up parents are followed.
constexpr auto deepest = 1000;

finding nobody(std::string why) {
  return {kind::nobody, {}, false, std::move(why)};
}

finding refuse(std::string why) {
  return {kind::refused, {}, false, std::move(why)};
}

std::chrono::nanoseconds boot_clock() {
  timespec x{};
  ::clock_gettime(CLOCK_BOOTTIME, &x);
  return std::chrono::seconds{x.tv_sec} + std::chrono::nanoseconds{x.tv_nsec};
}

bool born_after(const proc_entry& who,
                std::chrono::system_clock::time_point written) {
  auto age = boot_clock() - since_boot(who.start_time);
  auto born
    = std::chrono::system_clock::now()
      - std::chrono::duration_cast<std::chrono::system_clock::duration>(age);
  return born > written + clock_slack;
}

/// All processes, and who is whose child.
class census {
public:
  explicit census(pid_t keeper) : keeper_(keeper) {
    each_process([this](const proc_entry& x) {
      all_.emplace(x.pid, x);
      return true;
    });
  }

  const std::map<pid_t, proc_entry>& all() const {
    return all_;
  }

  bool is_ours(const proc_entry& x) const {
    return has_ancestor(
      x, [this](const proc_entry& y) { return y.parent == keeper_; });
  }

  /// Whether `holds` for it or one of its parents.
  template <class Predicate>
  bool has_ancestor(const proc_entry& x, Predicate holds) const {
    auto at = &x;
    for (auto n = 0; n < deepest; ++n) {
      if (holds(*at))
        return true;
      auto up = all_.find(at->parent);
      if (up == all_.end())
        return false;
      at = &up->second;
    }
    return false;
  }

private:
  pid_t keeper_;
  std::map<pid_t, proc_entry> all_;
};

std::string list_of(const std::vector<const proc_entry*>& found) {
  std::string text;
  for (std::size_t i = 0; i < std::min(found.size(), shown); ++i)
    text += (i == 0 ? "" : ", ") + to_string(*found[i]);
  if (found.size() > shown)
    text += " and " + std::to_string(found.size() - shown) + " more";
  return text;
}

/// Who could be the daemon, and who only looks like it.
struct candidates {
  std::vector<const proc_entry*> good;
  std::vector<const proc_entry*> strangers;
};

candidates
choose(const census& all, const name_matcher& pattern, uid_t expected) {
  candidates x;
  auto counts = [&](const proc_entry& y) {
    return pattern.matches(y) && (y.uid == expected || all.is_ours(y));
  };
  for (auto& [pid, y] : all.all()) {
    if (!pattern.matches(y))
      continue;
    auto up = all.all().find(y.parent);
    if (!counts(y))
      x.strangers.push_back(&y);
    else if (up == all.all().end() || !all.has_ancestor(up->second, counts))
      x.good.push_back(&y);
  }
  return x;
}

finding
conclude(const candidates& x, const std::string& pattern, uid_t expected) {
  auto what = "match \"" + printable(pattern, 100) + '"';
  if (x.good.size() > 1)
    return {kind::several,
            {},
            false,
            what + " fits " + std::to_string(x.good.size())
              + " processes: " + list_of(x.good) + "; make it fit one"};
  if (x.good.size() == 1)
    return {kind::found, *x.good[0], x.good[0]->uid == expected, {}};
  auto text = "no process fits " + what;
  if (!x.strangers.empty())
    text += "; not taken, because others than " + user_name(expected)
            + " could have started it: " + list_of(x.strangers);
  return nobody(std::move(text));
}

} // namespace

std::string to_string(const proc_entry& x) {
  return "pid " + std::to_string(x.pid) + " (" + user_name(x.uid) + ": "
         + printable(x.cmdline.empty() ? x.comm : x.cmdline, 80) + ')';
}

finding daemon_search::by_pidfile(const daemon_rule& x) const {
  auto content = read_pidfile(x.pidfile);
  if (!content) {
    auto why = content.error();
    auto missing = why.code == errc::not_found || why.code == errc::syntax;
    return missing ? nobody(why.detail) : refuse(why.detail);
  }
  auto names = x.pidfile + " names pid " + std::to_string(content->pid);
  if (content->pid == keeper_ || content->pid == ::getpid()
      || content->pid == 1)
    return refuse(names + ", which is no daemon of a service");
  auto process = open_process(content->pid);
  if (!process && process.error().code == errc::not_found)
    return nobody(names + ", and there is no such process");
  if (!process)
    return refuse(x.pidfile + ": " + process.error().detail);
  auto who = find_process(content->pid);
  // Alive now, so it is the one that was looked at.
  if (!who || has_ended(process->pidfd.get()))
    return nobody(names + ", which has just ended");
  if (x.match.empty() && born_after(*who, content->written))
    return nobody(x.pidfile + " names " + to_string(*who)
                  + ", which is younger than the file: it is stale");
  return judge(x, std::move(*who), content->trusted);
}

finding daemon_search::judge(const daemon_rule& x, proc_entry who,
                             bool trusted_file) const {
  auto names = x.pidfile + " names " + to_string(who);
  if (who.kernel)
    return refuse(names + ", a thread of the kernel");
  if (!x.match.empty()) {
    auto pattern = name_matcher::compile(x.match, {keeper_, ::getpid()});
    if (!pattern)
      return refuse(pattern.error().detail);
    if (!pattern->matches(who))
      return refuse(names + ", which is not what match describes: "
                    + printable(x.match, 100));
  }
  auto trusted = trusted_file;
  if (auto uid = uid_of(x.user); !trusted && !x.user.empty())
    trusted = uid && who.uid == *uid && trusted_path(x.pidfile, *uid);
  auto text = names
              + ", and others than root could have written that: let only root "
                "write the file and its directories"
              + (x.user.empty() ? "" : ", or " + x.user);
  return {kind::found, std::move(who), trusted, trusted ? "" : text};
}

std::vector<finding>
daemon_search::by_match(std::span<const daemon_rule> rules) const {
  census all{keeper_};
  std::vector<finding> found;
  for (auto& x : rules) {
    auto pattern = name_matcher::compile(x.match, {keeper_, ::getpid()});
    auto expected = uid_of(x.user);
    if (!pattern)
      found.push_back(refuse(pattern.error().detail));
    else if (!expected)
      found.push_back(nobody("there is no user " + x.user));
    else
      found.push_back(
        conclude(choose(all, *pattern, *expected), x.match, *expected));
  }
  return found;
}

} // namespace saker::process
