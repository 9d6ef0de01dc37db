#pragma once

#include "base/result.hpp"
#include "cli/client_options.hpp"
#include "cli/connection.hpp"
#include "cli/report.hpp"
#include "cli/screen.hpp"

#include <functional>
#include <ostream>

namespace saker::cli {

/// What a verb works with. Everything it touches comes from here.
struct work {
  const client_options& asked;
  connection& server;
  transport& world; ///< for its clock
  std::ostream& out;
  std::ostream& err;
  std::function<screen()> look; ///< standard output, as it is now
  std::function<std::string(std::int64_t)> clock_text; ///< of Unix ms
};

/// Answers that need no waiting on the other side come within this time.
inline constexpr auto short_patience = milliseconds{10'000};

/// How long a node that starts again is waited for.
inline constexpr auto restart_patience = milliseconds{10'000};

/// Asks. If the verb is repeatable and the connection is lost, connects and
/// asks once more. Fails as connection::call does, and with what failure_of
/// makes of an error reply.
result<resp::value>
ask(work& with, const words& command, milliseconds patience);

/// Subscribes, for as long as the program runs: a connection that is made
/// again subscribes again. `command`: SUBSCRIBE or PSUBSCRIBE.
result<void> follow(work& with, const words& command);

/// The exit status for a failure: 3 if no Saker answers, else 1.
int status_of(const failure& why);

/// Prints lines, and problems as `saker: VERB problem`; returns the status.
int print(work& with, const report& what);

/// Writes `saker: VERB OBJECT: reason`, a line for each line of the reason.
void complain(work& with, const failure& why);

/// {"SVSTATUS", masks…, option}.
words command_of(std::string_view command,
                 const std::vector<std::string>& names,
                 std::initializer_list<std::string_view> options = {});

/// The server's Unix time in milliseconds: ages must be right from a machine
/// with another clock too.
result<milliseconds> server_time(work& with);

/// The name of the node that answers; empty if it does not tell.
result<std::string> own_node(work& with);

} // namespace saker::cli
