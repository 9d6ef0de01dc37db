#pragma once

#include "cli/work.hpp"

#include <optional>
#include <string>

namespace saker::cli {

/// What a message on a channel is about.
struct message {
  std::string channel;
  std::string text;
};

/// Nothing for confirmations and the like.
std::optional<message> message_of(const resp::value& push);

/// Of those who have no history: nothing was shown.
inline result<bool> no_history() {
  return false;
}

/// Waits for messages and hands them on; returns why there are no more. `fill`
/// shows what was missed while the node started again, if it can.
template <class Function, class Fill = result<bool> (*)()>
failure each_message(work& with, Function use, Fill fill = no_history) {
  for (;;) {
    auto x = with.server.next_push(forever);
    if (x) {
      if (auto got = *x ? message_of(**x) : std::nullopt)
        use(*got);
      continue;
    }
    if (x.error().code != errc::closed)
      return x.error();
    if (auto back = with.server.reopen(restart_patience); !back)
      return back.error();
    auto filled = fill();
    if (!filled)
      return filled.error();
    if (!*filled)
      complain(with, fail(errc::closed, "the node has started again; what "
                                        "happened in between is not shown"));
  }
}

} // namespace saker::cli
