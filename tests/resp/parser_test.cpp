#include "resp/parser.hpp"

#include "resp/writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace saker::resp {
namespace {

/// Feeds pieces that are gone after `hold`, and prints what comes out: words
/// in brackets per command, then `!` and the error if there is one.
class feeder {
public:
  explicit feeder(bool authenticated = true, request_limits limits = {})
    : in_(limits) {
    in_.authenticated(authenticated);
  }

  feeder& feed(std::string_view bytes) {
    auto copy = std::string{bytes};
    in_.feed(copy);
    for (;;) {
      auto state = in_.next();
      if (state == parser::state::command) {
        show();
        continue;
      }
      if (state == parser::state::failed && out_.find('!') == out_.npos)
        out_ += '!' + in_.error();
      break;
    }
    in_.hold();
    copy.assign(copy.size(), '#');
    return *this;
  }

  const std::string& out() const {
    return out_;
  }

  std::size_t held() const {
    return in_.held();
  }

private:
  void show() {
    out_ += '[';
    for (auto arg : in_.args()) {
      if (out_.back() != '[')
        out_ += '|';
      out_ += arg;
    }
    out_ += ']';
  }

  parser in_;
  std::string out_;
};

/// The output for `bytes`, proved to be the same however they are cut.
std::string parse(std::string_view bytes, bool authenticated = true) {
  auto whole = feeder{authenticated}.feed(bytes).out();
  feeder slow{authenticated};
  for (auto c : bytes)
    slow.feed({&c, 1});
  EXPECT_EQ(slow.out(), whole) << "byte by byte";
  for (std::size_t i = 1; i < bytes.size(); ++i)
    EXPECT_EQ(feeder{authenticated}
                .feed(bytes.substr(0, i))
                .feed(bytes.substr(i))
                .out(),
              whole)
      << "cut at " << i;
  return whole;
}

TEST(parser_test, reads_multibulk_and_inline_commands_mixed) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse("*2\r\n$4\r\nECHO\r\n$5\r\na\r\n\0b\r\nPING\r\n"
                  "*1\r\n$4\r\nPING\r\nget a b\n"sv),
            "[ECHO|a\r\n\0b][PING][PING][get|a|b]"sv);
}

TEST(parser_test, keeps_empty_arguments) {
  EXPECT_EQ(parse("*3\r\n$1\r\na\r\n$0\r\n\r\n$1\r\nb\r\n"), "[a||b]");
}

TEST(parser_test, skips_empty_requests) {
  EXPECT_EQ(parse("*0\r\n*-1\r\n*-10\r\n\r\n\n   \r\nPING\r\n"), "[PING]");
}

TEST(parser_test, survives_the_end_of_pipe_mode_of_redis_cli) {
  EXPECT_EQ(parse("\r\n*2\r\n$4\r\nECHO\r\n$4\r\n\xff\r\n\x01\r\n"),
            "[ECHO|\xff\r\n\x01]");
}

TEST(parser_test, refuses_in_the_words_of_redis) {
  const std::pair<std::string_view, std::string_view> cases[]{
    {"*a\r\n", "invalid multibulk length"},
    {"*01\r\n", "invalid multibulk length"},
    {"*\r\n", "invalid multibulk length"},
    {"*\r\r\n", "invalid multibulk length"},
    {"*1\r\n$\r\r\n", "invalid bulk length"},
    {"*2147483648\r\n", "invalid multibulk length"},
    {"*1\r\nfoo\r\n", "expected '$', got 'f'"},
    {"*1\r\n$-1\r\n", "invalid bulk length"},
    {"*1\r\n$x\r\n", "invalid bulk length"},
    {"*1\r\n$536870913\r\n", "invalid bulk length"},
    {"set \"a\r\n", "unbalanced quotes in request"},
    {"set \"a\"b\r\n", "unbalanced quotes in request"},
  };
  for (auto [input, text] : cases)
    EXPECT_EQ(parse(input), "!Protocol error: " + std::string{text}) << input;
}

TEST(parser_test, answers_what_came_before_an_error_and_nothing_after) {
  EXPECT_EQ(parse("PING\r\n*x\r\nPING\r\n"),
            "[PING]!Protocol error: invalid multibulk length");
}

TEST(parser_test, allows_little_before_authentication) {
  EXPECT_EQ(parse("*11\r\n", false),
            "!Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(parse("*10\r\n", false), "");
  EXPECT_EQ(parse("*1\r\n$16385\r\n", false),
            "!Protocol error: unauthenticated bulk length");
  EXPECT_EQ(parse("*1\r\n$16384\r\n", false), "");
  EXPECT_EQ(parse("*11\r\n$16385\r\n", true), "");
}

TEST(parser_test, obeys_configured_limits) {
  request_limits small{3, 5};
  EXPECT_EQ(feeder(true, small).feed("*4\r\n").out(),
            "!Protocol error: invalid multibulk length");
  EXPECT_EQ(feeder(true, small).feed("*3\r\n$6\r\n").out(),
            "!Protocol error: invalid bulk length");
  EXPECT_EQ(feeder(true, small).feed("*1\r\n$5\r\nabcde\r\n").out(), "[abcde]");
}

TEST(parser_test, limits_lines_without_an_end) {
  const std::string fits(max_request_line, 'x');
  EXPECT_EQ(feeder{}.feed(fits).feed("\n").out(), "[" + fits + "]");
  EXPECT_EQ(feeder{}.feed(fits).feed("x").out(),
            "!Protocol error: too big inline request");
  EXPECT_EQ(feeder{}.feed(fits + "x\n").out(),
            "!Protocol error: too big inline request");
  const std::string digits(max_request_line, '1');
  EXPECT_EQ(feeder{}.feed("*" + digits).out(),
            "!Protocol error: too big mbulk count string");
  EXPECT_EQ(feeder{}.feed("*1\r\n$" + digits).out(),
            "!Protocol error: too big bulk count string");
}

TEST(parser_test, returns_an_unread_command_again_after_more_bytes) {
  parser in;
  std::string first = "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nPING 'x'\r\nPI";
  in.feed(first);
  ASSERT_EQ(in.next(), parser::state::command);
  in.unread();
  in.hold();
  first.assign(first.size(), '#');
  in.feed("NG\r\n");
  ASSERT_EQ(in.next(), parser::state::command);
  EXPECT_EQ(in.args()[1], "hi");
  ASSERT_EQ(in.next(), parser::state::command);
  EXPECT_EQ(in.args()[1], "x");
  in.unread();
  in.hold();
  ASSERT_EQ(in.next(), parser::state::command);
  EXPECT_EQ(in.args()[1], "x");
  ASSERT_EQ(in.next(), parser::state::command);
  EXPECT_EQ(in.args()[0], "PING");
  EXPECT_EQ(in.next(), parser::state::incomplete);
}

TEST(parser_test, gives_views_into_the_bytes_that_were_fed) {
  parser in;
  std::string_view bytes = "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n";
  in.feed(bytes);
  ASSERT_EQ(in.next(), parser::state::command);
  EXPECT_EQ(in.args()[1].data(), bytes.data() + bytes.find("hi"));
}

TEST(parser_test, counts_what_it_holds) {
  feeder x;
  x.feed("PING\r\n");
  EXPECT_EQ(x.held(), 0u);
  x.feed("PIN");
  EXPECT_EQ(x.held(), 3u);
  x.feed("G\r\n");
  EXPECT_EQ(x.held(), 0u);
  // Many tiny arguments cost more than their bytes.
  x.feed("*1000\r\n");
  for (int i = 0; i < 999; ++i)
    x.feed("$0\r\n\r\n");
  EXPECT_GE(x.held(), 999u * (6 + sizeof(void*)));
}

TEST(parser_test, t_r1_survives_any_split_of_a_long_random_pipeline) {
  std::mt19937 random{3};
  std::string bytes;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    std::vector<std::string> words(1 + random() % 5);
    for (auto& word : words)
      word.assign(random() % (i % 50 == 0 ? 9000 : 12),
                  static_cast<char>('a' + random() % 26));
    std::vector<std::string_view> views{words.begin(), words.end()};
    append_request(bytes, views);
    expected += '[';
    for (std::size_t j = 0; j < words.size(); ++j)
      expected += (j > 0 ? "|" : "") + words[j];
    expected += ']';
  }
  for (std::size_t largest : {3, 64, 5000, 100000}) {
    feeder x;
    for (std::size_t at = 0; at < bytes.size();) {
      auto n = 1 + random() % largest;
      x.feed(std::string_view{bytes}.substr(at, n));
      at += n;
    }
    // An empty first word after `[` prints no bar: compare without them.
    auto plain = [](std::string text) {
      std::erase(text, '|');
      return text;
    };
    EXPECT_EQ(plain(x.out()), plain(expected)) << largest;
    EXPECT_EQ(x.held(), 0u);
  }
}

TEST(parser_test, tells_those_who_speak_tls_that_it_does_not) {
  const auto hello = std::string{"\x16\x03\x01\x02\x00\x01", 6};
  const auto answer = "!Protocol error: " + std::string{tls_on_plain_port};
  EXPECT_EQ(feeder{}.feed(hello).out(), answer);
  EXPECT_EQ(feeder{false}.feed("\x16").feed("\x03").out(), answer);
  EXPECT_EQ(feeder{}.feed("\x16\x04\n").out(), "[\x16\x04]");
}

// -- inline --------------------------------------------------------------------

std::string split_line(std::string_view line) {
  std::string bytes;
  std::vector<std::size_t> lengths;
  if (!split_inline(line, bytes, lengths))
    return "unbalanced";
  std::string out;
  for (std::size_t i = 0, at = 0; i < lengths.size(); at += lengths[i++])
    out += '<' + bytes.substr(at, lengths[i]) + '>';
  return out;
}

TEST(inline_request_test, splits_at_blanks) {
  EXPECT_EQ(split_line("  a \t b\v c  "), "<a><b\v><c>");
  EXPECT_EQ(split_line(""), "");
  EXPECT_EQ(split_line(" \t"), "");
}

TEST(inline_request_test, understands_quotes_like_redis_cli) {
  EXPECT_EQ(split_line(R"("a b" '' "")"), "<a b><><>");
  EXPECT_EQ(split_line(R"("\x41\n\r\t\b\a\\\"\q")"), "<A\n\r\t\b\a\\\"q>");
  EXPECT_EQ(split_line(R"("\xZZ\x4")"), "<xZZx4>");
  EXPECT_EQ(split_line(R"('it\'s \n raw')"), "<it's \\n raw>");
  EXPECT_EQ(split_line(R"(a"b c"'d')"), "unbalanced");
  EXPECT_EQ(split_line(R"(a"b c" d)"), "<ab c><d>");
  EXPECT_EQ(split_line(R"("a"b)"), "unbalanced");
  EXPECT_EQ(split_line(R"("a)"), "unbalanced");
  EXPECT_EQ(split_line(R"('a)"), "unbalanced");
  EXPECT_EQ(split_line(R"("a\)"), "unbalanced");
}

TEST(inline_request_test, stops_at_a_nul_as_redis_does) {
  using namespace std::string_view_literals;
  EXPECT_EQ(split_line("a b\0c d"sv), "<a><b>");
}

} // namespace
} // namespace saker::resp
