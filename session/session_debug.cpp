// DEBUG: what tests of clients need.
#include "base/text.hpp"
#include "session/debug_replies.hpp"
#include "session/session.hpp"

#include <algorithm>
#include <cstdlib>

namespace saker::session {

session::progress
session::debug(const resp::command_info& what, arguments args) {
  auto is = [&args](std::string_view word) {
    return args.size() == 3 && equal_ignoring_case(args[1], word);
  };
  if (is("LOG"))
    return forward(what, args);
  if (is("SLEEP"))
    return debug_sleep(what, args);
  append_debug_reply(reply(), args, protocol_);
  return progress::done;
}

/// Holds up this client and nobody else; in Redis the whole server sleeps. For
/// the slow log it worked all the time, as tests of it use this.
session::progress
session::debug_sleep(const resp::command_info& what, arguments args) {
  constexpr auto longest = 86'400.0;
  destination timer{resp::target::local, true};
  if (!can_reach(timer))
    return progress::blocked;
  auto x = std::strtod(std::string{args[2]}.c_str(), nullptr);
  std::chrono::duration<double> time{x > 0 ? std::min(x, longest) : 0};
  auto id = reach(timer);
  effects_.emplace_back(
    wait{id, std::chrono::ceil<std::chrono::milliseconds>(time)});
  replies_.promise(id, silent() ? std::string{} : "+OK\r\n");
  sleeping_ = true;
  delegated_ = true; // so that nobody measures it a second time
  took(std::chrono::duration_cast<std::chrono::nanoseconds>(time), what, args);
  return progress::done;
}

} // namespace saker::session
