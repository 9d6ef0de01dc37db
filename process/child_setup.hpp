#pragma once

#include "process/pidfile.hpp"
#include "process/reserved_fds.hpp"
#include "process/spawn_fault.hpp"
#include "process/spawn_report.hpp"
#include "process/spec.hpp"

#include <boost/system/error_code.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

namespace saker::process {

/// Where the parent puts what the child takes over: in the reserved numbers,
/// so that the child's table can be cut behind them.
struct child_slots {
  static constexpr int passed = reserved_fds::first; ///< and those behind it
  static constexpr int out = 10;
  static constexpr int err = 11;
  static constexpr int report = reserved_fds::last;
};

static_assert(child_slots::passed + static_cast<int>(max_passed_fds)
              == child_slots::out);

/// Everything between fork and exec. An initializer of Boost.Process: made in
/// the parent, run in the child, where it may allocate and ask for users since
/// the parent has one thread only. Nothing leaves it but an errno.
class child_setup {
public:
  /// All four outlive this object; `nofile` is given back to the child.
  child_setup(const spec& what, const rlimit& nofile, const shared_step& step,
              const std::optional<spawn_fault>& fault) noexcept;

  /// Returns only when a step failed; that has been reported then.
  template <class Launcher, class Path>
  boost::system::error_code
  on_exec_setup(Launcher&, const Path&, const char* const*& argv) noexcept {
    argv_ = argv;
    return {run(), boost::system::system_category()};
  }

  /// First words of the child, before it touches any file: cuts its own table
  /// of descriptors off the parent's and gives the sign of life.
  void come_alive() noexcept;

private:
  struct row {
    spawn_step step;
    int (child_setup::*run)();
  };

  static const std::array<row, 19> rows;

  int run() noexcept;
  int attempt(const row& x) noexcept;
  void act_out_fault() const;
  void report(spawn_step step, int error) const noexcept;

  // The steps, in their order. Each returns 0 or an errno. Who the child
  // becomes is in child_setup_user.cpp, the last step in child_setup_exec.cpp.
  int start_session();
  int enter_cgroup();
  int set_oom_score();
  int open_outputs();
  int open_pidfile();
  int lock_pidfile();
  int set_limits();
  int set_nice();
  int bind_to_cpus();
  int look_up();
  int give_away_output();
  int set_groups();
  int set_user();
  int open_files();
  int change_directory();
  int set_umask();
  int drop_privileges();
  int unblock_signals();
  int execute();

  // Parts of the steps.
  int open_output(const output& x, int slot, int number);
  int open_file(const output& x, int number);
  int close_unused() const;
  int look_up_user();
  int look_up_groups();
  int own_groups();
  int give_away(int fd) const;
  void build_environment();
  void add_variable(const char* name, const std::string& value);
  std::string search_path() const;
  int search(const std::string& program, const std::string& path);

  const spec& what_;
  const rlimit& nofile_;
  const shared_step& step_;
  const std::optional<spawn_fault>& fault_;
  pid_t parent_;
  const char* const* argv_ = nullptr;
  std::uint16_t index_ = 0; ///< which one of a step that has several
  std::string hint_;        ///< what is known about the present failure
  locked_file pidfile_;

  // Who the child becomes; filled in by look_up.
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  bool has_account_ = false;
  std::string name_;
  std::string home_;
  std::string shell_;
  std::vector<gid_t> groups_;

  std::vector<std::string> environment_;
  std::vector<char*> envp_;
};

} // namespace saker::process
