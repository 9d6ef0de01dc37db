#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// What the machine has and what Saker may do there, asked while definitions
/// are checked. A function that is empty is not asked.
struct definition_host {
  /// Does this user, this group exist?
  std::function<bool(std::string_view)> user_exists;
  std::function<bool(std::string_view)> group_exists;

  /// All that are known, for "did you mean".
  std::function<std::vector<std::string>()> users;
  std::function<std::vector<std::string>()> groups;

  /// May children become this user, may they be given groups? Others than root
  /// may not, and no start would succeed.
  std::function<bool(std::string_view)> may_become;
  std::function<bool()> may_set_groups;

  /// The highest hard limit that a child can be given of RLIMIT_…;
  /// RLIM_INFINITY is "unlimited".
  std::function<std::uint64_t(int resource)> highest_limit;

  /// The lowest nice, the lowest oom_score_adj that children may be given.
  std::function<int()> lowest_nice;
  std::function<int()> lowest_oom;

  /// May a child be bound to this CPU?
  std::function<bool(int)> has_cpu;

  /// Does Saker itself listen there?
  std::function<bool(const std::string&)> is_own_address;

  std::function<bool(const std::string&)> is_directory;

  /// May others than root, Saker and this user (empty: none) write this pidfile,
  /// or put another one in its place? Fails also where its directory is missing,
  /// each time with what to do.
  std::function<result<void>(const std::string& path, const std::string& user)>
    safe_pidfile;

  /// Is the process that this pidfile names one that Saker started?
  std::function<bool(const std::string& pidfile)> names_child;

  /// Saker's own PATH.
  std::string path = {};

  /// May this program be run? Only asked for absolute paths.
  std::function<bool(const std::string&)> is_program;

  /// The text of an env_file, asked by the definition file `by`. Fails:
  /// `not_found` if it does not exist, anything else if it cannot be taken.
  std::function<result<std::string>(const std::string& by,
                                    const std::string& path)>
    read_file;
};

} // namespace saker::lua
