#include "cli/control.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/printed_text.hpp"
#include "cli/reply_print.hpp"
#include "cli/server_error.hpp"
#include "cli/status_rows.hpp"

#include <array>
#include <filesystem>

namespace saker::cli {

namespace {

/// SVSTART answers within 5 s, the others at once; both may be queued.
constexpr auto control_patience = milliseconds{30'000};

/// The node itself takes 60 s for files and 60 s for storing.
constexpr auto apply_patience = milliseconds{150'000};

constexpr auto default_wait = milliseconds{60'000};

words control_command(const client_options& asked) {
  auto command = info_of(asked.what).command;
  if (asked.what == verb::signal) {
    words x{std::string{command}, asked.signal};
    x.insert(x.end(), asked.names.begin(), asked.names.end());
    return x;
  }
  if (asked.what == verb::svrun) {
    words x{std::string{command}, asked.names.front()};
    x.insert(x.end(), asked.options.begin(), asked.options.end());
    x.emplace_back("--");
    x.insert(x.end(), asked.names.begin() + 1, asked.names.end());
    return x;
  }
  auto x = command_of(command, asked.names);
  if (asked.what == verb::scale)
    x.push_back(std::to_string(asked.count));
  if (asked.patience)
    x.insert(x.end(), {"WAIT", std::to_string(asked.patience->count())});
  if (asked.rolling > 0)
    x.insert(x.end(), {"ROLLING", std::to_string(asked.rolling)});
  return x;
}

/// The server knows files by their names or their whole paths.
std::vector<std::string> as_server_knows(std::vector<std::string> files) {
  for (auto& x : files)
    if (x.find('/') != std::string::npos)
      x = std::filesystem::absolute(x).lexically_normal().string();
  return files;
}

result<std::vector<service_row>> rows_now(work& with) {
  auto reply = ask(with, command_of("SVSTATUS", with.asked.names),
                   short_patience);
  if (!reply)
    return reply.error();
  return service_rows(*reply);
}

/// Nothing leads on from there unless somebody acts.
bool rests(const service_row& x) {
  return x.state == "done" || (x.state == "stopped" && !x.wanted_up);
}

/// Who waits for what does not come by itself is told so, and waits: somebody
/// may start it.
void tell_of_resting(work& with, const std::vector<service_row>& rows,
                     milliseconds patience) {
  report told;
  for (auto& x : rows)
    if (rests(x) && !equal_ignoring_case(x.state, with.asked.state))
      told.problems.push_back(x.name + ": " + x.state
                              + ", and nothing starts it by itself; waiting "
                                "up to "
                              + format_duration(patience)
                              + " for somebody who does");
  print(with, told);
}

report
wait_report(const std::vector<service_row>& rows, const client_options& asked,
            milliseconds patience, bool all) {
  report result;
  result.status = all ? fine : not_so;
  for (auto& x : rows) {
    if (all || equal_ignoring_case(x.state, asked.state))
      result.lines.push_back(x.name + ": " + x.state);
    else if (x.state == "failed")
      result.problems.push_back(
        x.name + ": failed, so it will not be " + asked.state
        + (x.reason.empty() ? "" : ": " + shown(x.reason)));
    else
      result.problems.push_back(x.name + ": " + x.state + ", not " + asked.state
                                + " within " + format_duration(patience));
  }
  return result;
}

/// Subscribers get messages, not one reply.
bool subscribes(std::string_view command) {
  constexpr std::array all{"subscribe", "psubscribe", "monitor"};
  for (auto x : all)
    if (equal_ignoring_case(command, x))
      return true;
  return false;
}

void print_reply(work& with, const resp::value& x) {
  with.out << (with.look().terminal ? for_terminal(x) : for_pipe(x))
           << std::flush;
}

result<int> print_messages(work& with) {
  if (auto done = follow(with, with.asked.names); !done)
    return done.error();
  if (with.look().terminal)
    with.err << "listening; Ctrl-C ends it" << std::endl;
  for (;;) {
    auto x = with.server.next_push(forever);
    if (!x)
      return x.error();
    if (*x)
      print_reply(with, **x);
  }
}

/// True as soon as nothing answers any more: the sockets end with the keeper,
/// a moment after the node.
bool has_ended(work& with) {
  constexpr auto patience = milliseconds{10'000};
  auto end = with.world.now() + patience;
  while (with.world.now() < end) {
    auto there = with.world.connect(with.server.peer(), patience);
    if (!there)
      return true;
    with.world.pause(milliseconds{50});
  }
  return false;
}

} // namespace

result<int> control(work& with) {
  auto patience = control_patience
                  + with.asked.patience.value_or(milliseconds{0});
  if (with.asked.rolling > 0)
    patience = forever; // each of them has a time of its own
  auto reply = ask(with, control_command(with.asked), patience);
  if (!reply)
    return reply.error();
  return print(with, outcome_report(*reply));
}

result<int> wait_for_state(work& with) {
  auto patience = with.asked.patience.value_or(default_wait);
  auto before = rows_now(with);
  if (!before)
    return before.error();
  tell_of_resting(with, *before, patience);
  auto reply
    = ask(with,
          command_of("SVWAIT", with.asked.names,
                     {with.asked.state, std::to_string(patience.count())}),
          patience + short_patience);
  if (!reply)
    return reply.error();
  auto rows = rows_now(with);
  if (!rows)
    return rows.error();
  auto reached = reply->integer().value_or(0);
  auto all = reached >= static_cast<std::int64_t>(rows->size());
  return print(with, wait_report(*rows, with.asked, patience, all));
}

result<int> change_definitions(work& with) {
  auto command = command_of(info_of(with.asked.what).command,
                            as_server_knows(with.asked.names));
  if (with.asked.force)
    command.emplace_back("FORCE");
  auto reply = ask(with, command, apply_patience);
  if (!reply)
    return reply.error();
  auto told = plan_report(*reply);
  auto force = reply->find("needs_force");
  if (with.asked.what == verb::plan && force && force->integer() == 1) {
    told.problems.push_back("this ends more than half of what runs: `saker "
                            "apply --force` does it");
    told.status = not_so;
  }
  return print(with, told);
}

result<int> shut_down(work& with) {
  auto keep = with.asked.keep_services;
  auto reply = with.server.call(
    keep ? words{"SHUTDOWN", "KEEP"} : words{"SHUTDOWN"}, forever);
  // As in Redis: no reply but the end of the connection is success.
  if (reply && reply->is_error())
    return failure_of(reply->text(), "SHUTDOWN");
  if (!reply && reply.error().code != errc::closed)
    return reply.error();
  if (!has_ended(with))
    return fail(errc::refused, to_string(with.server.peer())
                                 + " still answers; its log tells why");
  with.out << (keep ? "Saker has ended; its services run on\n"
                    : "Saker has ended\n")
           << std::flush;
  return fine;
}

result<int> execute(work& with) {
  auto& command = with.asked.names;
  if (subscribes(command.front()))
    return print_messages(with);
  auto reply = with.server.call(command, forever);
  if (!reply)
    return reply.error();
  if (reply->is_error()) {
    with.err << (with.look().terminal ? for_terminal(*reply) : for_pipe(*reply))
             << std::flush;
    return not_so;
  }
  print_reply(with, *reply);
  return fine;
}

} // namespace saker::cli
