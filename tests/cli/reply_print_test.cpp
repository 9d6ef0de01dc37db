#include "cli/reply_print.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using resp::array;
using resp::map;

TEST(reply_print_test, a_terminal_sees_types) {
  EXPECT_EQ(for_terminal(nullptr), "(nil)\n");
  EXPECT_EQ(for_terminal(true), "(true)\n");
  EXPECT_EQ(for_terminal(false), "(false)\n");
  EXPECT_EQ(for_terminal(7), "(integer) 7\n");
  EXPECT_EQ(for_terminal(2.5), "(double) 2.5\n");
  EXPECT_EQ(for_terminal("a\n\"b\"\x01"), "\"a\\n\\\"b\\\"\\x01\"\n");
  EXPECT_EQ(for_terminal(resp::ok()), "OK\n");
  EXPECT_EQ(for_terminal(resp::err("no")), "(error) ERR no\n");
}

TEST(reply_print_test, a_terminal_sees_text_as_it_is) {
  EXPECT_EQ(for_terminal(resp::verbatim{"a\nb\n"}), "a\nb\n");
  EXPECT_EQ(for_terminal(resp::verbatim{"a\r\n\x1b[31mb"}), "a\n\\x1b[31mb\n");
}

TEST(reply_print_test, a_terminal_sees_lists_numbered) {
  EXPECT_EQ(for_terminal(array{}), "(empty array)\n");
  EXPECT_EQ(for_terminal(resp::set{}), "(empty set)\n");
  EXPECT_EQ(for_terminal(array{{"a", 1}}), "1) \"a\"\n2) (integer) 1\n");
  EXPECT_EQ(for_terminal(resp::set{{"a"}}), "1~ \"a\"\n");
  EXPECT_EQ(for_terminal(resp::push{{"message", "c"}}),
            "1) \"message\"\n2) \"c\"\n");
}

TEST(reply_print_test, numbers_are_as_wide_as_the_last_one) {
  array ten;
  ten.items.assign(10, 0);
  auto text = for_terminal(ten);
  EXPECT_TRUE(text.starts_with(" 1) (integer) 0\n"));
  EXPECT_TRUE(text.ends_with("\n10) (integer) 0\n"));
}

TEST(reply_print_test, lists_within_lists_are_indented) {
  EXPECT_EQ(for_terminal(array{{array{{"a", array{{1, 2}}}}, "b"}}),
            "1) 1) \"a\"\n"
            "   2) 1) (integer) 1\n"
            "      2) (integer) 2\n"
            "2) \"b\"\n");
}

TEST(reply_print_test, a_terminal_sees_maps_as_arrows) {
  EXPECT_EQ(for_terminal(map{}), "(empty hash)\n");
  EXPECT_EQ(for_terminal(map{}.add("a", 1).add("b", array{{1, 2}})),
            "1# \"a\" => (integer) 1\n"
            "2# \"b\" => 1) (integer) 1\n"
            "          2) (integer) 2\n");
}

TEST(reply_print_test, a_pipe_gets_bare_bytes) {
  EXPECT_EQ(for_pipe(nullptr), "\n");
  EXPECT_EQ(for_pipe(true), "true\n");
  EXPECT_EQ(for_pipe(7), "7\n");
  EXPECT_EQ(for_pipe(2.5), "2.5\n");
  EXPECT_EQ(for_pipe("a\n\"b\"\x01"), "a\n\"b\"\x01\n");
  EXPECT_EQ(for_pipe(resp::err("no")), "ERR no\n");
  EXPECT_EQ(for_pipe(resp::verbatim{"a\nb\n"}), "a\nb\n");
  EXPECT_EQ(for_pipe(resp::verbatim{"a"}), "a\n");
  EXPECT_EQ(for_pipe(array{}), "");
  EXPECT_EQ(for_pipe(array{{"a", array{{1, 2}}}}), "a\n1\n2\n");
  EXPECT_EQ(for_pipe(map{}.add("a", 1)), "a\n1\n");
}

} // namespace
} // namespace saker::cli
