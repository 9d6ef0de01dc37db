#include "node/log.hpp"

#include "base/json.hpp"
#include "base/log_line.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace saker::node {

namespace {

constexpr std::size_t queue_size = 8192;

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

log::log(std::shared_ptr<spdlog::logger> to, config::log_format format)
  : to_(std::move(to)), format_(format) {
  // nop
}

result<log> log::open(const config::log_settings& how) {
  try {
    spdlog::sink_ptr sink;
    if (how.file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(
        how.file.string());
    spdlog::init_thread_pool(queue_size, 1);
    auto to = std::make_shared<spdlog::async_logger>(
      "saker", std::move(sink), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
    to->set_pattern(
      how.format == config::log_format::json
        ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","text":%v})"
        : "%Y-%m-%d %H:%M:%S.%e %L %v");
    to->set_level(level_of(how.level));
    to->flush_on(spdlog::level::trace);
    return log{std::move(to), how.format};
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
  to_->flush();
  spdlog::shutdown();
}

} // namespace saker::node
