#include "session/debug_replies.hpp"

#include "base/text.hpp"
#include "session/words.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace saker::session {

namespace {

using words = std::span<const std::string_view>;

/// Switches of Redis that test harnesses turn, with what follows them.
struct harmless {
  std::string_view name;
  std::size_t words;
};

constexpr harmless switches[]{
  {"AOF-FLUSH-SLEEP", 3},
  {"CHANGE-REPL-ID", 2},
  {"LOADAOF", 2},
  {"PAUSE-CRON", 3},
  {"QUICKLIST-PACKED-THRESHOLD", 3},
  {"RELOAD", 2},
  {"REPLICATE", 3},
  {"REPLYBUFFER", 4},
  {"SET-ACTIVE-EXPIRE", 3},
  {"SET-DISABLE-DENY-SCRIPTS", 3},
  {"SET-SKIP-CHECKSUM-VALIDATION", 3},
};

constexpr std::string_view digest_of_nothing
  = "0000000000000000000000000000000000000000";

constexpr std::string_view help_lines[]{
  "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "AOF-FLUSH-SLEEP|PAUSE-CRON|QUICKLIST-PACKED-THRESHOLD|SET-ACTIVE-EXPIRE|",
  "SET-DISABLE-DENY-SCRIPTS|SET-SKIP-CHECKSUM-VALIDATION <value>",
  "    Accepted for tests: changes nothing.",
  "CHANGE-REPL-ID|LOADAOF|RELOAD|REPLICATE <string>|REPLYBUFFER <what> <value>",
  "    Accepted for tests: there is no data and no replica.",
  "DIGEST|DIGEST-VALUE <key> [<key> ...]",
  "    Return the digest of no data.",
  "OBJECT|SDSLEN|LISTPACK|QUICKLIST <key>",
  "    Return that there is no such key.",
  "ERROR <string>",
  "    Return an error with this text.",
  "LOG <message>",
  "    Write the message to the log.",
  "PROTOCOL <type>",
  "    Reply a value of this type: string, integer, double, null, array, set,",
  "    map, attrib, push, verbatim, true, false, bignum.",
  "SLEEP <seconds>",
  "    Answer after this time; nobody else waits.",
  "HELP",
  "    Print this help.",
};

void help(resp::writer out) {
  out.array(std::size(help_lines));
  for (auto line : help_lines)
    out.simple(line);
}

void digests(resp::writer out, std::size_t count) {
  out.array(count);
  while (count-- > 0)
    out.simple(digest_of_nothing);
}

void numbers(resp::writer out) {
  for (auto i : {0, 1, 2})
    out.integer(i);
}

void protocol(resp::writer out, std::string_view type, bool resp3) {
  auto is = [type](std::string_view x) { return equal_ignoring_case(type, x); };
  if (is("string")) {
    out.bulk("Hello World");
  } else if (is("integer")) {
    out.integer(12345);
  } else if (is("double")) {
    out.real(3.141);
  } else if (is("null")) {
    out.null();
  } else if (is("array")) {
    out.array(3);
    numbers(out);
  } else if (is("set")) {
    out.set(3);
    numbers(out);
  } else if (is("map")) {
    out.map(3);
    for (auto i : {0, 1, 2}) {
      out.integer(i);
      out.boolean(i == 1);
    }
  } else if (is("attrib")) {
    if (resp3) {
      out.attribute(1);
      out.bulk("key-popularity");
      out.array(2);
      out.bulk("key:123");
      out.integer(90);
    }
    out.bulk("Some real reply following the attribute");
  } else if (is("push") && !resp3) {
    out.error("ERR RESP2 is not supported by this command");
  } else if (is("push")) {
    out.push(2);
    out.bulk("server-cpu-usage");
    out.integer(42);
    out.bulk("Some real reply following the push reply");
  } else if (is("true") || is("false")) {
    out.boolean(is("true"));
  } else if (is("verbatim")) {
    out.verbatim("This is a verbatim\nstring");
  } else if (is("bignum")) {
    out.big_number("1234567999999999999999999999999999999");
  } else {
    out.error("ERR Wrong protocol type name. Please use one of the following: "
              "string|integer|double|bignum|null|array|set|map|attrib|push|"
              "verbatim|true|false");
  }
}

} // namespace

void append_debug_reply(resp::writer out, words args, resp::protocol dialect) {
  auto is = [&args](std::string_view word, std::size_t count) {
    return args.size() == count && equal_ignoring_case(args[1], word);
  };
  auto resp3 = dialect == resp::protocol::resp3;
  auto known
    = std::any_of(std::begin(switches), std::end(switches),
                  [&](const harmless& x) { return is(x.name, x.words); });
  if (is("HELP", 2))
    help(out);
  else if (is("PROTOCOL", 3))
    protocol(out, args[2], resp3);
  else if (is("DIGEST", 2))
    out.simple(digest_of_nothing);
  else if (args.size() > 2 && equal_ignoring_case(args[1], "DIGEST-VALUE"))
    digests(out, args.size() - 2);
  else if (is("OBJECT", 3) || is("SDSLEN", 3) || is("LISTPACK", 3)
           || is("QUICKLIST", 3))
    out.error("ERR no such key");
  else if (is("ERROR", 3))
    out.error(args[2]);
  else if (known)
    out.simple("OK");
  else
    out.error("ERR unknown subcommand or wrong number of arguments for '"
              + std::string{excerpt(args[1])} + "'. Try DEBUG HELP.");
}

} // namespace saker::session
