// SLOWLOG, and how long a command takes.
#include "resp/number.hpp"
#include "session/session.hpp"
#include "session/shown_command.hpp"
#include "session/slow_log.hpp"
#include "session/words.hpp"

#include <limits>

namespace saker::session {

namespace {

using namespace std::chrono_literals;

/// Below such a limit also those are measured whose time is that of a few
/// bytes: to read the clock takes as long as they do.
constexpr std::chrono::microseconds worth_measuring = 1ms;

} // namespace

bool session::measured(const resp::command_info& what) const noexcept {
  auto log = settings_->slow.get();
  if (!log || !log->measures() || what.id == resp::command_id::exec)
    return false; // EXEC is only as slow as what it runs
  return !resp::has(what.flags, resp::flag::fast) || log->latencies().enabled()
         || log->slower_than() < worth_measuring;
}

/// Those that somebody else carries out are measured there.
void session::took(std::chrono::nanoseconds time,
                   const resp::command_info& what, arguments args) {
  auto log = settings_->slow.get();
  if (!log)
    return;
  log->latencies().note(event_of(&what), time);
  if (log->is_slow(time))
    log->add(time, kept_words(&what, args), peer_.address, name_);
}

void session::slowlog_get(arguments args) {
  std::int64_t count = 10;
  if (args.size() > 3)
    return reply_error("ERR unknown subcommand or wrong number of arguments "
                       "for '"
                       + std::string{excerpt(args[1])}
                       + "'. Try SLOWLOG HELP.");
  if (args.size() > 2) {
    auto x = resp::strict_integer(args[2]);
    if (!x || *x < -1)
      return reply_error("ERR count should be greater than or equal to -1");
    count = *x == -1 ? std::numeric_limits<std::int64_t>::max() : *x;
  }
  std::vector<slow_command> found;
  if (settings_->slow)
    found = settings_->slow->newest(static_cast<std::size_t>(count));
  reply().append(slow_commands(found));
}

void session::slowlog_len() {
  auto log = settings_->slow.get();
  reply().integer(log ? static_cast<std::int64_t>(log->size()) : 0);
}

void session::slowlog_reset() {
  if (settings_->slow)
    settings_->slow->clear();
  reply_ok();
}

} // namespace saker::session
