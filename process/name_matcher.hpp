#pragma once

#include "base/result.hpp"
#include "process/proc_table.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker::process {

/// Recognizes a daemon by a regular expression (RE2, linear time). It is not
/// anchored and tried on the command line (arguments separated by blanks) and
/// on the name. Zombies, threads of the kernel and Saker's own programs never
/// match, nor do the pids given as `ours`.
class name_matcher {
public:
  /// Fails: `errc::syntax` with the reason and the place in the pattern.
  static result<name_matcher>
  compile(const std::string& pattern, std::vector<pid_t> ours = {});

  name_matcher(name_matcher&&) noexcept;
  name_matcher& operator=(name_matcher&&) noexcept;
  ~name_matcher();

  bool matches(const proc_entry& x) const;

  /// The expression alone: it may be one that never matches.
  bool describes(const proc_entry& x) const;

  const std::string& pattern() const noexcept;

private:
  struct program;

  explicit name_matcher(std::unique_ptr<program> re) noexcept;

  std::unique_ptr<program> re_;
};

/// All that match, the oldest first; only those of `user` if given.
std::vector<proc_entry>
find_processes(const name_matcher& pattern, std::optional<uid_t> user = {});

} // namespace saker::process
