#include "node/log.hpp"

#include "base/json.hpp"
#include "base/line_backlog.hpp"
#include "base/log_line.hpp"

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <thread>

#include <spdlog/details/file_helper.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

namespace saker::node {

namespace {

constexpr std::size_t most_lines = 8192;

using line_writer = std::function<void(const std::vector<std::string>&)>;

line_writer to_stderr() {
  return [](const std::vector<std::string>& lines) {
    for (auto& x : lines)
      std::fwrite(x.data(), 1, x.size(), stderr);
    std::fflush(stderr);
  };
}

/// Throws if it cannot be opened.
line_writer to_file(const std::string& path) {
  auto file = std::make_shared<spdlog::details::file_helper>();
  file->open(path);
  return [file](const std::vector<std::string>& lines) {
    try {
      for (auto& x : lines) {
        spdlog::memory_buf_t bytes;
        bytes.append(x.data(), x.data() + x.size());
        file->write(bytes);
      }
      file->flush();
    } catch (const spdlog::spdlog_ex&) {
      // A disk that is full: the log is the last thing to end us.
    }
  };
}

/// Lines on their way to the disk, in a thread of its own. The queue of spdlog
/// takes 3 MB and the time to clear them at each start.
class late_sink final
  : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  explicit late_sink(line_writer to)
    : to_(std::move(to)), thread_([this] { work(); }) {
    // nop
  }

  ~late_sink() override {
    finish();
  }

  /// Writes the rest.
  void finish() {
    {
      std::lock_guard guard{lock_};
      ended_ = true;
    }
    more_.notify_one();
    if (thread_.joinable())
      thread_.join();
  }

private:
  void sink_it_(const spdlog::details::log_msg& x) override {
    std::lock_guard guard{lock_};
    spdlog::memory_buf_t text;
    formatter_->format(x, text);
    if (waiting_.push({text.data(), text.size()}))
      more_.notify_one();
  }

  void flush_() override {
    // nop
  }

  void work() {
    std::unique_lock guard{lock_};
    for (;;) {
      more_.wait(guard, [this] { return ended_ || !waiting_.empty(); });
      if (waiting_.empty())
        return;
      auto lines = waiting_.take();
      guard.unlock();
      to_(lines);
      guard.lock();
    }
  }

  line_writer to_;
  std::mutex lock_; // guards what follows, and the formatter
  std::condition_variable more_;
  line_backlog waiting_{most_lines};
  bool ended_ = false;
  std::thread thread_;
};

spdlog::level::level_enum level_of(config::log_level x) {
  switch (x) {
    case config::log_level::trace: return spdlog::level::trace;
    case config::log_level::debug: return spdlog::level::debug;
    case config::log_level::info: return spdlog::level::info;
    case config::log_level::warn: return spdlog::level::warn;
    case config::log_level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

} // namespace

log::log(std::shared_ptr<spdlog::logger> to, std::function<void()> finish,
         config::log_format format)
  : to_(std::move(to)), finish_(std::move(finish)), format_(format) {
  // nop
}

result<log> log::open(const config::log_settings& how) {
  try {
    auto sink = std::make_shared<late_sink>(
      how.file.empty() ? to_stderr() : to_file(how.file.string()));
    auto to = std::make_shared<spdlog::logger>("saker", sink);
    to->set_pattern(
      how.format == config::log_format::json
        ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":%v})"
        : "%Y-%m-%d %H:%M:%S.%e %L %v");
    to->set_level(level_of(how.level));
    return log{std::move(to), [sink] { sink->finish(); }, how.format};
  } catch (const spdlog::spdlog_ex& x) {
    return fail(errc::io, "open log " + how.file.string() + ": " + x.what());
  }
}

std::string log::shown(const std::string& text) const {
  auto line = log_line(text);
  if (format_ != config::log_format::json)
    return line;
  std::string quoted;
  append_json(quoted, line);
  return quoted;
}

void log::level(config::log_level x) const {
  to_->set_level(level_of(x));
}

void log::debug(const std::string& text) const {
  to_->debug("{}", shown(text));
}

void log::info(const std::string& text) const {
  to_->info("{}", shown(text));
}

void log::warn(const std::string& text) const {
  to_->warn("{}", shown(text));
}

void log::error(const std::string& text) const {
  to_->error("{}", shown(text));
}

void log::audit(const std::string& text, const std::string& event) const {
  auto& sinks = to_->sinks();
  spdlog::logger all{"saker", sinks.begin(), sinks.end()};
  all.set_level(spdlog::level::info);
  if (format_ == config::log_format::json)
    all.info("{},\"audit\":{}", shown(text), event);
  else
    all.info("{}", shown(text));
}

void log::at(link::log_level level, const std::string& text) const {
  switch (level) {
    case link::log_level::error: return error(text);
    case link::log_level::warning: return warn(text);
    case link::log_level::notice: return info(text);
    case link::log_level::debug: return debug(text);
  }
}

void log::from_keeper(link::log_level level, const std::string& text) const {
  at(level, "keeper: " + text);
}

void log::from_script(lua::log_level level, const std::string& text) const {
  switch (level) {
    case lua::log_level::fatal:
    case lua::log_level::critical:
    case lua::log_level::error: return error(text);
    case lua::log_level::warning: return warn(text);
    case lua::log_level::notice:
    case lua::log_level::info: return info(text);
    case lua::log_level::debug:
    case lua::log_level::trace: return debug(text);
  }
}

void log::close() const {
  finish_();
}

} // namespace saker::node
