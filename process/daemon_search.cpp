#include "process/daemon_search.hpp"

#include "base/text.hpp"
#include "process/account.hpp"
#include "process/name_matcher.hpp"
#include "process/named_process.hpp"
#include "process/pidfile.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <unistd.h>

namespace saker::process {

namespace {

using kind = finding::kind;

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
  std::vector<const proc_entry*> never; ///< init, and Saker itself
};

constexpr pid_t init = 1;

candidates
choose(const census& all, const name_matcher& pattern, uid_t expected) {
  candidates x;
  auto fits = [&](const proc_entry& y) {
    return y.pid != init && pattern.matches(y);
  };
  auto counts = [&](const proc_entry& y) {
    return fits(y) && (y.uid == expected || all.is_ours(y));
  };
  for (auto& [pid, y] : all.all()) {
    if (!pattern.describes(y))
      continue;
    if (!fits(y)) {
      if (pid != ::getpid() && !y.kernel && y.state != 'Z')
        x.never.push_back(&y);
      continue;
    }
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
  if (!x.never.empty())
    text += "; not counted, because neither init nor Saker itself is a daemon "
            "of a service: "
            + list_of(x.never);
  return nobody(std::move(text));
}

/// Why its word is not enough; empty: it is.
std::string doubt_about(const daemon_rule& x, const named_process& named) {
  auto trusted = named.trusted;
  if (auto uid = uid_of(x.user); !trusted && !x.user.empty())
    trusted = uid && named.who.uid == *uid && trusted_path(x.pidfile, *uid);
  if (!trusted)
    return ", and others than root could have written that: let only root "
           "write the file and its directories"
           + (x.user.empty() ? "" : ", or " + x.user);
  if (x.match.empty() && !was_started_by(x.start, named.who))
    return ", whose command line is not that of exec: if it is the daemon, say "
           "so by match = \"...\", an expression on its command line";
  return {};
}

} // namespace

finding daemon_search::by_pidfile(const daemon_rule& x) const {
  auto named = process_named_by(x.pidfile);
  if (!named) {
    auto why = named.error();
    auto missing = why.code == errc::not_found || why.code == errc::syntax;
    return missing ? nobody(why.detail) : refuse(why.detail);
  }
  auto text = to_string(*named, x.pidfile);
  auto pid = named->who.pid;
  if (pid == keeper_ || pid == ::getpid() || pid == 1)
    return refuse(text + ", which is no daemon of a service");
  if (named->who.kernel)
    return refuse(text + ", a thread of the kernel");
  if (x.match.empty() && named->younger && !named->locked)
    return nobody(text + ", which is younger than the file: it is stale");
  if (!x.match.empty()) {
    auto pattern = name_matcher::compile(x.match, {keeper_, ::getpid()});
    if (!pattern)
      return refuse(pattern.error().detail);
    if (!pattern->matches(named->who))
      return refuse(text + ", which is not what match describes: "
                    + printable(x.match, 100));
  }
  auto doubt = doubt_about(x, *named);
  return {kind::found, std::move(named->who), doubt.empty(),
          doubt.empty() ? "" : text + doubt};
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
