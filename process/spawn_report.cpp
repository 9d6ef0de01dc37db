#include "process/spawn_report.hpp"

#include "process/posix.hpp"
#include "process/spawn_hint.hpp"

#include <cerrno>
#include <utility>

#include <unistd.h>

namespace saker::process {

spawn_report::spawn_report(unique_fd fd, shared_step step, spec about)
  : fd_(std::move(fd)), step_(std::move(step)), about_(std::move(about)) {
  // nop
}

spawn_progress spawn_report::read() {
  // Such short writes to a pipe are atomic: no record is ever cut.
  spawn_record x;
  auto got = retry([&] { return ::read(fd_.get(), &x, sizeof(x)); });
  if (got == sizeof(x))
    return spawn_failure{x.step, x.error, subject_of(about_, x.step, x.index),
                         read_hint()};
  if (got < 0 && errno == EAGAIN)
    return pending();
  return at_end();
}

spawn_pending spawn_report::pending() const {
  auto step = step_.step();
  return {step, subject_of(about_, step)};
}

std::string spawn_report::read_hint() const {
  std::array<char, max_hint> buffer;
  auto got = ::read(fd_.get(), buffer.data(), buffer.size());
  return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

spawn_progress spawn_report::at_end() const {
  auto [step, path] = pending();
  if (step == spawn_step::exec)
    return spawn_done{};
  return spawn_failure{step, 0, std::move(path)};
}

} // namespace saker::process
