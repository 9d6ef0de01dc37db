#include "cli/work.hpp"

#include "base/text.hpp"
#include "cli/server_error.hpp"

namespace saker::cli {

namespace {

/// Nobody knows whether the command has been carried out.
failure uncertain(const failure& why) {
  return fail(why.code, why.detail
                          + "; it may have been done or not: `saker status` "
                            "tells");
}

std::string head(const work& with) {
  return "saker: " + std::string{info_of(with.asked.what).name};
}

} // namespace

result<resp::value>
ask(work& with, const words& command, milliseconds patience) {
  auto repeatable = info_of(with.asked.what).repeatable;
  auto reply = with.server.call(command, patience);
  if (!reply && reply.error().code == errc::closed) {
    if (!repeatable)
      return uncertain(reply.error());
    if (auto back = with.server.reopen(restart_patience); !back)
      return back.error();
    reply = with.server.call(command, patience);
  }
  if (reply && reply->is_error()) {
    auto why = failure_of(reply->text(), command.front());
    // What is not supported is named as it was sent.
    if (with.asked.what != verb::exec && why.code != errc::unsupported)
      why.detail = in_words_of_cli(why.detail);
    return why;
  }
  return reply;
}

result<void> follow(work& with, const words& command) {
  auto done = with.server.subscribe(command);
  if (!done && done.error().code == errc::refused)
    return failure_of(done.error().detail, command.front());
  return done;
}

int status_of(const failure& why) {
  switch (why.code) {
    case errc::io:
    case errc::closed:
    case errc::timeout: return no_connection;
    default: return not_so;
  }
}

int print(work& with, const report& what) {
  for (auto& x : what.lines)
    with.out << x << '\n';
  with.out << std::flush;
  for (auto& x : what.problems)
    with.err << head(with) << ' ' << x << '\n';
  with.err << std::flush;
  return what.status;
}

void complain(work& with, const failure& why) {
  auto object = with.asked.object();
  auto before = head(with) + (object.empty() ? "" : ' ' + object) + ": ";
  for (auto line : split(why.detail, '\n'))
    with.err << before << line << '\n';
  with.err << std::flush;
}

words command_of(std::string_view command,
                 const std::vector<std::string>& names,
                 std::initializer_list<std::string_view> options) {
  words x{std::string{command}};
  x.insert(x.end(), names.begin(), names.end());
  for (auto option : options)
    x.emplace_back(option);
  return x;
}

result<milliseconds> server_time(work& with) {
  auto reply = ask(with, {"TIME"}, short_patience);
  if (!reply)
    return reply.error();
  auto items = reply->items();
  auto seconds = items.size() == 2 ? items[0].integer() : std::nullopt;
  auto micros = items.size() == 2 ? items[1].integer() : std::nullopt;
  if (!seconds || !micros)
    return fail(errc::syntax,
                "the reply to TIME makes no sense: " + resp::to_string(*reply));
  return milliseconds{*seconds * 1000 + *micros / 1000};
}

result<std::string> own_node(work& with) {
  auto reply = ask(with, {"NODES"}, short_patience);
  if (!reply && status_of(reply.error()) == no_connection)
    return reply.error();
  // It stands first.
  if (!reply || reply->items().empty())
    return std::string{};
  auto name = reply->items()[0].find("name");
  return name ? std::string{name->text()} : std::string{};
}

} // namespace saker::cli
