#include "process/output_pump.hpp"

#include "process/output_fifo.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/ioctl.h>

namespace saker::process {

output_pump::output_pump(std::shared_ptr<log_file> file, when_full policy,
                         scratch_pipe* scratch)
  : file_(std::move(file)), policy_(policy), scratch_(scratch) {
  // nop
}

void output_pump::attach(unique_fd fifo) noexcept {
  fifo_ = std::move(fifo);
  auto size = fifo_capacity(fifo_.get());
  capacity_ = size > 0 ? size : 4'096;
}

unique_fd output_pump::release() noexcept {
  auto fifo = std::move(fifo_);
  close_unused_file();
  return fifo;
}

void output_pump::change(std::shared_ptr<log_file> file, when_full policy) {
  file_ = std::move(file);
  policy_ = policy;
  hurry(); // the trouble may have been with the other file
}

pumped output_pump::pump(std::size_t budget, time_point now) {
  pumped done;
  auto last = step::on;
  auto there = std::max<std::size_t>(available(), 1); // 1: to learn of an end
  auto limit = std::min(budget, there);
  while (last == step::on && done.moved + done.lost < limit)
    last = advance(limit - done.moved - done.lost, now, done);
  switch (last) {
    case step::on:
      done.when = limit < there ? pumped::next::again : pumped::next::readable;
      break;
    case step::empty: done.when = pumped::next::readable; break;
    case step::ended: done.when = pumped::next::ended; break;
    case step::stuck: done.when = pumped::next::later; break;
  }
  if (!file_)
    healed(done);
  done.full = full_;
  if (!fifo_)
    close_unused_file();
  return done;
}

pumped output_pump::add(std::string_view lines, time_point now) {
  pumped done;
  while (file_ && !lines.empty() && may_write(now, done)) {
    auto written = append_some(lines, done);
    if (!written) {
      filled(written.error(), now, done);
      break;
    }
    lines.remove_prefix(*written);
    done.moved += *written;
    healed(done);
  }
  if (file_) {
    lost_ += lines.size();
    lost_in_bout_ += lines.size();
  }
  done.lost = lines.size();
  done.full = full_;
  if (!fifo_)
    close_unused_file();
  return done;
}

void output_pump::hurry() noexcept {
  retry_at_ = {};
}

void output_pump::lost(std::uint64_t bytes) noexcept {
  lost_ += bytes;
}

void output_pump::watch(bool wanted) noexcept {
  watched_ = wanted;
}

std::size_t output_pump::available() const noexcept {
  int bytes = 0;
  if (!fifo_ || ::ioctl(fifo_.get(), FIONREAD, &bytes) != 0 || bytes < 0)
    return 0;
  return static_cast<std::size_t>(bytes);
}

// -- helpers ------------------------------------------------------------------

output_pump::step
output_pump::advance(std::size_t limit, time_point now, pumped& done) {
  if (!file_)
    return discard(limit, done);
  if (!may_write(now, done))
    return policy_ == when_full::drop ? discard(limit, done) : step::stuck;
  return write(limit, now, done);
}

bool output_pump::may_write(time_point now, pumped& done) {
  if (full_ && now < retry_at_)
    return false;
  auto ready = file_->open(now);
  if (ready && lost_ > 0) {
    ready = announce();
    if (ready)
      healed(done);
  }
  if (!ready)
    filled(ready.error(), now, done);
  return bool(ready);
}

result<void> output_pump::announce() {
  auto line = "saker: lost " + std::to_string(lost_) + " bytes\n";
  auto written = file_->append(file_->at_line_start() ? line : "\n" + line);
  if (written)
    lost_ = 0;
  return written;
}

/// As many lines as the file has room for, one at least; a new file begins
/// before a line for which there is none.
result<std::size_t>
output_pump::append_some(std::string_view lines, pumped& done) {
  auto fitting = [&] {
    auto room = std::min<std::uint64_t>(file_->room(), lines.size());
    return lines.substr(0, static_cast<std::size_t>(room)).rfind('\n') + 1;
  };
  auto bytes = fitting();
  if (bytes == 0 && file_->size() > 0) {
    rotate(done);
    bytes = fitting();
  }
  if (bytes == 0)
    bytes = std::min(lines.find('\n'), lines.size() - 1) + 1;
  std::string text{lines.substr(0, bytes)};
  if (auto ok = file_->append(file_->at_line_start() ? text : '\n' + text); !ok)
    return ok.error();
  return bytes;
}

output_pump::step
output_pump::write(std::size_t limit, time_point now, pumped& done) {
  if (!fifo_)
    return step::ended;
  auto next = cut{limit};
  auto near = near_end(limit);
  std::string_view window;
  if (near || watched_) {
    auto seen = scratch_->peek(fifo_.get(), limit);
    if (seen == 0 || seen == -EAGAIN)
      return seen == 0 ? step::ended : step::empty;
    window = scratch_->text();
    if (seen > 0)
      next.bytes = window.size();
  }
  if (near)
    next = choose(window);
  if (next.bytes > 0) {
    auto moved = file_->take(fifo_.get(), next.bytes);
    if (moved == 0 || moved == -EAGAIN)
      return moved == 0 ? step::ended : step::empty;
    if (moved < 0) {
      filled(system_failure("write", file_->path(), static_cast<int>(-moved)),
             now, done);
      return step::on;
    }
    auto bytes = static_cast<std::size_t>(moved);
    done.moved += bytes;
    done.copy.append(window.substr(0, watched_ ? bytes : 0));
    next.rotate = next.rotate && bytes == next.bytes;
    healed(done);
  }
  if (next.rotate)
    rotate(done);
  return step::on;
}

output_pump::step output_pump::discard(std::size_t limit, pumped& done) {
  if (!fifo_)
    return step::ended;
  auto n = scratch_->discard(fifo_.get(), limit);
  if (n == -EAGAIN)
    return step::empty;
  if (n <= 0)
    return step::ended;
  auto bytes = static_cast<std::uint64_t>(n);
  done.lost += bytes;
  if (file_) {
    lost_ += bytes;
    lost_in_bout_ += bytes;
  }
  if (watched_)
    done.copy.append(scratch_->text());
  return step::on;
}

/// Whether what waits may not fit into the file any more.
bool output_pump::near_end(std::size_t limit) const {
  return file_->room() < limit && file_->room() < available();
}

/// Where to cut so that the next file begins with a line. `window` is what
/// lies in front in the FIFO.
output_pump::cut output_pump::choose(std::string_view window) const {
  auto room = static_cast<std::size_t>(file_->room());
  if (window.empty()) // looking was impossible: by the size alone
    return {room, true};
  if (window.size() <= room)
    return {window.size(), false};
  // The last line that fits.
  if (auto i = window.substr(0, room).rfind('\n'); i != window.npos)
    return {i + 1, true};
  // None does: this line goes to the next file, unless it begins in this one.
  if (file_->size() > 0 && file_->at_line_start())
    return {0, true};
  // Its end may come a little later.
  auto last_room = static_cast<std::size_t>(file_->last_room());
  if (auto i = window.substr(0, last_room).find('\n', room); i != window.npos)
    return {i + 1, true};
  if (window.size() < last_room)
    return {window.size(), false};
  return {last_room, true};
}

void output_pump::rotate(pumped& done) {
  if (auto rotated = file_->rotate(); !rotated)
    done.not_rotated = rotated.error();
}

void output_pump::close_unused_file() noexcept {
  if (file_.use_count() == 1)
    file_->close();
}

void output_pump::filled(failure why, time_point now, pumped& done) {
  retry_at_ = now + pause;
  if (full_)
    return;
  full_ = true;
  lost_in_bout_ = 0;
  done.filled = std::move(why);
}

void output_pump::healed(pumped& done) {
  if (!full_)
    return;
  full_ = false;
  done.healed = lost_in_bout_;
}

} // namespace saker::process
