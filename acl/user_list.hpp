#pragma once

#include "acl/user.hpp"
#include "base/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::acl {

using shared_user = std::shared_ptr<const user>;

/// All users by name. Copies are cheap: they share users that are equal.
class user_list {
public:
  /// `default`, who may do everything and needs no password, and `guest`, who
  /// may look and listen: those who connect without saying who they are.
  user_list();

  /// Null if there is none.
  shared_user find(std::string_view name) const;

  /// Makes or changes a user; all rules are carried out, or none. A selector
  /// may be spread over several. Fails: errc::invalid_argument, in the words
  /// of Redis.
  result<void>
  change(std::string_view name, std::span<const std::string> rules);

  /// False if there was none. `default` and `guest` cannot go.
  bool erase(std::string_view name);

  /// Whether it can never go.
  static bool is_lasting(std::string_view name) noexcept;

  /// Users made from now on may use all channels (acl-pubsub-default).
  void every_channel(bool x) noexcept {
    every_channel_ = x;
  }

  const std::map<std::string, shared_user, std::less<>>& all() const noexcept {
    return users_;
  }

  /// `user NAME on …`: a line for each, as ACL LIST tells and a file keeps.
  std::vector<std::string> lines() const;

  /// Carries out such lines, each of which makes one user anew; users without
  /// a line stay. All or none. `where` is the file, for errors. Fails:
  /// errc::invalid_argument, with the first faults.
  result<void> load(std::span<const std::string> lines, std::string_view where);

  /// The same, for those who want the faults apart: `where:LINE: why`, and how
  /// many more there are. None: it is done.
  std::vector<std::string>
  take(std::span<const std::string> lines, std::string_view where);

  /// What a file has to keep so that `restore` from `base` comes back to this:
  /// a line for each user that differs. One that is in `base` only is kept as a
  /// user that is off and may do nothing.
  std::vector<std::string> differences(const user_list& base) const;

  /// A line for each user that `before` does not have, or has otherwise, or that
  /// is gone: added to what was kept of that, from `base` on, they keep this. Who
  /// is gone has a line `deluser NAME`, which only `config::newest_users` reads,
  /// or is off if `base` has one of that name.
  std::vector<std::string>
  additions_to(const user_list& before, const user_list& base) const;

  /// Makes this list what `base` is with these lines of a file. Users of a name
  /// that was there before are the same ones. All or nothing; fails as `load`.
  result<void> restore(const user_list& base, std::span<const std::string> kept,
                       std::string_view where);

private:
  result<user> made(user from, std::span<const std::string> rules) const;

  std::map<std::string, shared_user, std::less<>> users_;
  std::uint64_t last_number_ = 0;
  bool every_channel_ = false;
};

using shared_users = std::shared_ptr<const user_list>;

/// A user who may do everything, whatever the list says.
shared_user owner();

} // namespace saker::acl
