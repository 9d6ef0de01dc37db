#include "actors/view_request.hpp"

#include "base/text.hpp"

#include <cstdint>
#include <limits>

namespace saker {

namespace {

using words = std::span<const std::string>;

std::string in_quotes(const std::string& x) {
  return '"' + printable(x, 40) + '"';
}

/// Takes the word after `args[0]`, as a number from 0 to `most`, off the front.
result<std::uint32_t> take_count(words& args, std::uint32_t most) {
  auto n = args.size() > 1 ? parse_integer(args[1]) : std::nullopt;
  if (!n || *n < 0 || *n > most)
    return fail(
      errc::syntax,
      "COUNT needs a number from 0 to " + std::to_string(most)
        + (args.size() > 1 ? ", not " + in_quotes(args[1]) : std::string{}));
  args = args.subspan(2);
  return static_cast<std::uint32_t>(*n);
}

result<log_request::stream> take_stream(words& args) {
  auto word = args.size() > 1 ? args[1] : std::string{};
  auto err = equal_ignoring_case(word, "err");
  if (!err && !equal_ignoring_case(word, "out"))
    return fail(errc::syntax, "STREAM is out or err, not " + in_quotes(word));
  args = args.subspan(2);
  return err ? log_request::stream::err : log_request::stream::out;
}

/// An event is behind its own number, and not before its own time.
result<supervision::event_id> take_since(words& args) {
  constexpr std::uint64_t highest = std::numeric_limits<std::int64_t>::max();
  auto word = args.size() > 1 ? args[1] : std::string{};
  auto id = supervision::parse_event_id(word);
  auto ms = id ? std::nullopt : parse_integer(word);
  if (ms && *ms >= 0)
    id = *ms == 0 ? supervision::event_id{}
                  : supervision::event_id{static_cast<std::uint64_t>(*ms) - 1,
                                          highest};
  if (!id)
    return fail(errc::syntax,
                "SINCE needs the id of an event, as in "
                "1764300000000-0, or a Unix time in milliseconds, "
                "not "
                  + in_quotes(word));
  args = args.subspan(2);
  return *id;
}

} // namespace

result<log_request> parse_log_request(words args) {
  log_request x;
  x.name = args.front();
  args = args.subspan(1);
  for (auto [word, action] : {std::pair{"ROTATE", log_request::action::rotate},
                              {"CLEAR", log_request::action::clear}})
    if (args.size() == 1 && equal_ignoring_case(args[0], word)) {
      x.what = action;
      return x;
    }
  while (!args.empty()) {
    if (equal_ignoring_case(args[0], "COUNT")) {
      auto n = take_count(args, log_request::most_lines);
      if (!n)
        return n.error();
      x.count = *n;
    } else if (equal_ignoring_case(args[0], "STREAM")) {
      auto from = take_stream(args);
      if (!from)
        return from.error();
      x.from = *from;
    } else if (equal_ignoring_case(args[0], "TEXT")) {
      x.text = true;
      args = args.subspan(1);
    } else {
      return fail(errc::syntax, in_quotes(args[0])
                                  + " is no option of SVLOG; they are COUNT n, "
                                    "STREAM out|err, TEXT, or ROTATE or CLEAR "
                                    "alone");
    }
  }
  return x;
}

result<life_request> parse_life_request(words args) {
  life_request x;
  x.mask = args.front();
  args = args.subspan(1);
  while (!args.empty()) {
    if (equal_ignoring_case(args[0], "COUNT")) {
      auto n = take_count(args, life_request::most_events);
      if (!n)
        return n.error();
      x.count = *n;
    } else if (equal_ignoring_case(args[0], "TEXT")) {
      x.text = true;
      args = args.subspan(1);
    } else if (equal_ignoring_case(args[0], "JSON")) {
      x.json = true;
      args = args.subspan(1);
    } else if (equal_ignoring_case(args[0], "SINCE")) {
      auto after = take_since(args);
      if (!after)
        return after.error();
      x.after = *after;
    } else {
      return fail(errc::syntax, in_quotes(args[0])
                                  + " is no option of SVLIFE; they are COUNT "
                                    "n, SINCE id|ms, and JSON or TEXT");
    }
  }
  if (x.text && x.json)
    return fail(errc::syntax, "SVLIFE takes either JSON or TEXT");
  return x;
}

result<audit_request> parse_audit_request(words args) {
  audit_request x;
  while (!args.empty()) {
    if (equal_ignoring_case(args[0], "COUNT")) {
      auto n = take_count(args, audit_request::most_entries);
      if (!n)
        return n.error();
      x.count = *n;
    } else if (equal_ignoring_case(args[0], "USER")) {
      if (args.size() < 2 || args[1].empty())
        return fail(errc::syntax, "USER needs the name of a user");
      x.user = args[1];
      args = args.subspan(2);
    } else {
      return fail(errc::syntax, in_quotes(args[0])
                                  + " is no option of SVAUDIT; they are COUNT "
                                    "n and USER name");
    }
  }
  return x;
}

} // namespace saker
