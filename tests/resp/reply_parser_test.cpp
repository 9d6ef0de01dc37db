#include "resp/reply_parser.hpp"

#include "resp/writer.hpp"

#include <gtest/gtest.h>

#include <random>

namespace saker::resp {
namespace {

/// What comes out of `bytes`, then `!` and the error if it failed.
std::string parse(std::initializer_list<std::string_view> pieces,
                  reply_limits limits = {}) {
  reply_parser in{limits};
  std::string out;
  for (auto piece : pieces) {
    in.feed(piece);
    while (auto x = in.next())
      out += to_string(*x) + ' ';
  }
  if (in.failed())
    out += '!' + std::string{to_string(in.why().code)};
  else if (!in.idle())
    out += "…";
  return out;
}

/// The same, and proves that it does not depend on how the bytes are cut.
std::string parse_all_ways(std::string_view bytes, reply_limits limits = {}) {
  auto whole = parse({bytes}, limits);
  for (std::size_t i = 0; i <= bytes.size(); ++i)
    EXPECT_EQ(parse({bytes.substr(0, i), bytes.substr(i)}, limits), whole)
      << "cut at " << i;
  reply_parser slow{limits};
  std::string out;
  for (auto c : bytes) {
    slow.feed({&c, 1});
    while (auto x = slow.next())
      out += to_string(*x) + ' ';
  }
  EXPECT_EQ(out, whole.substr(0, out.size()));
  return whole;
}

TEST(reply_parser_test, reads_every_type_however_it_is_cut) {
  EXPECT_EQ(parse_all_ways("+OK\r\n-ERR no\r\n:-3\r\n$3\r\na\r\n\r\n$-1\r\n"
                           "*-1\r\n*0\r\n"),
            "+OK -ERR no -3 \"a\\r\\n\" null null [] ");
  EXPECT_EQ(parse_all_ways("_\r\n#t\r\n#f\r\n,2.5\r\n,inf\r\n,-inf\r\n"
                           "(123456789012345678901234567890\r\n"
                           "=7\r\ntxt:abc\r\n!5\r\nERR x\r\n"),
            "null true false 2.5 inf -inf "
            "\"123456789012345678901234567890\" txt:\"abc\" -ERR x ");
  EXPECT_EQ(parse_all_ways("*2\r\n*1\r\n:1\r\n%1\r\n+k\r\n~2\r\n:1\r\n:2\r\n"
                           ">2\r\n$1\r\na\r\n*0\r\n"),
            "[[1], {+k: ~[1, 2]}] >[\"a\", []] ");
}

TEST(reply_parser_test, skips_attributes) {
  EXPECT_EQ(parse_all_ways("|1\r\n+ttl\r\n:3\r\n+OK\r\n|0\r\n:1\r\n"
                           "*2\r\n|1\r\n+a\r\n:1\r\n:5\r\n:6\r\n"),
            "+OK 1 [5, 6] ");
}

TEST(reply_parser_test, says_when_something_is_half_read) {
  EXPECT_EQ(parse({"*2\r\n:1\r\n"}), "…");
  EXPECT_EQ(parse({"$5\r\nab"}), "…");
  EXPECT_EQ(parse({":1\r"}), "…");
  EXPECT_EQ(parse({":1\r\n"}), "1 ");
}

TEST(reply_parser_test, refuses_what_is_not_resp) {
  for (auto x : {"hello\r\n", "\r\n", ":x\r\n", ":+1\r\n", "$-2\r\n", "$x\r\n",
                 "*-2\r\n", "#x\r\n", ",x\r\n", "(1x\r\n", "=2\r\nab\r\n",
                 "_x\r\n", "%-1\r\n", "$1\r\nabc", "=-1\r\n"})
    EXPECT_EQ(parse({x}), "!syntax error") << x;
}

TEST(reply_parser_test, stays_failed) {
  reply_parser in;
  in.feed("?\r\n");
  EXPECT_EQ(in.next(), std::nullopt);
  in.feed("+OK\r\n");
  EXPECT_EQ(in.next(), std::nullopt);
  EXPECT_TRUE(in.failed());
}

TEST(reply_parser_test, checks_limits_before_it_waits_for_the_bytes) {
  reply_limits small{2, 10, 4, 16};
  EXPECT_EQ(parse({"$11\r\n"}, small), "!limit exceeded");
  EXPECT_EQ(parse({"$10\r\n"}, small), "…");
  EXPECT_EQ(parse({"*5\r\n"}, small), "!limit exceeded");
  EXPECT_EQ(parse({"*1\r\n*1\r\n*1\r\n"}, small), "!limit exceeded");
  EXPECT_EQ(parse({"*1\r\n*1\r\n:1\r\n"}, small), "[[1]] ");
  EXPECT_EQ(parse({"+0123456789abcdef"}, small), "!limit exceeded");
  EXPECT_EQ(parse({"+0123456789abcde\r\n"}, small), "+0123456789abcde ");
}

TEST(reply_parser_test, does_not_allocate_what_is_only_claimed) {
  EXPECT_EQ(parse({"*16777216\r\n*16777216\r\n*16777216\r\n:1\r\n"}), "…");
}

value random_value(std::mt19937& random, int depth) {
  auto some = [&](auto make) {
    for (auto n = random() % 4; n > 0; --n)
      make();
  };
  switch (random() % (depth > 0 ? 12 : 8)) {
    case 0: return nullptr;
    case 1: return random() % 2 == 0;
    case 2: return static_cast<std::int64_t>(random()) - (1 << 30);
    case 3: return static_cast<double>(random()) / 1024;
    case 4: return std::string(random() % 20, static_cast<char>(random()));
    case 5: return simple{"S" + std::to_string(random())};
    case 6: return error{"E" + std::to_string(random())};
    case 7: return verbatim{std::string(random() % 20, '\n')};
    case 8: {
      array x;
      some([&] { x.items.push_back(random_value(random, depth - 1)); });
      return x;
    }
    case 9: {
      set x;
      some([&] { x.items.push_back(random_value(random, depth - 1)); });
      return x;
    }
    case 10: {
      push x;
      some([&] { x.items.push_back(random_value(random, depth - 1)); });
      return x;
    }
    default: {
      map x;
      some([&] {
        x.add(random_value(random, 0), random_value(random, depth - 1));
      });
      return x;
    }
  }
}

TEST(reply_parser_test, reads_back_what_the_writer_wrote) {
  std::mt19937 random{1};
  std::vector<value> sent;
  std::string bytes;
  for (int i = 0; i < 2000; ++i) {
    sent.push_back(random_value(random, 4));
    writer{bytes, protocol::resp3}.append(sent.back());
  }
  reply_parser in;
  std::size_t got = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    auto n = 1 + random() % 200;
    in.feed(std::string_view{bytes}.substr(at, n));
    at += n;
    while (auto x = in.next()) {
      ASSERT_LT(got, sent.size());
      ASSERT_EQ(*x, sent[got++]);
    }
  }
  EXPECT_EQ(got, sent.size());
  EXPECT_TRUE(in.idle());
}

} // namespace
} // namespace saker::resp
