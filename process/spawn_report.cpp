#include "process/spawn_report.hpp"

#include <cerrno>
#include <utility>

#include <unistd.h>

namespace saker::process {

spawn_report::spawn_report(unique_fd fd, spec about)
  : fd_(std::move(fd)), about_(std::move(about)) {
  // nop
}

spawn_progress spawn_report::read() {
  for (;;) {
    // Writes of 8 bytes to a pipe are atomic: no record is ever cut.
    spawn_record x;
    auto got = ::read(fd_.get(), &x, sizeof(x));
    if (got == sizeof(x)) {
      step_ = x.step;
      if (x.failed)
        return spawn_failure{x.step, x.error,
                             subject_of(about_, x.step, x.index)};
    } else if (got < 0 && errno == EAGAIN) {
      return pending();
    } else if (got >= 0 || errno != EINTR) {
      return at_end();
    }
  }
}

spawn_pending spawn_report::pending() const {
  return {step_, subject_of(about_, step_)};
}

spawn_progress spawn_report::at_end() const {
  if (step_ == spawn_step::exec)
    return spawn_done{};
  return spawn_failure{step_, 0, subject_of(about_, step_)};
}

} // namespace saker::process
