#include "resp/writer.hpp"

#include <gtest/gtest.h>

namespace saker::resp {
namespace {

std::string in2(const value& x) {
  return encode(x, protocol::resp2);
}

std::string in3(const value& x) {
  return encode(x, protocol::resp3);
}

struct form {
  value what;
  std::string resp2;
  std::string resp3;
};

TEST(writer_test, writes_what_no_value_is) {
  std::string two;
  std::string three;
  writer{two, protocol::resp2}.big_number("-12345678901234567890");
  writer{three, protocol::resp3}.big_number("-12345678901234567890");
  EXPECT_EQ(two, "$21\r\n-12345678901234567890\r\n");
  EXPECT_EQ(three, "(-12345678901234567890\r\n");
  three.clear();
  writer{three, protocol::resp3}.attribute(2);
  EXPECT_EQ(three, "|2\r\n");
}

TEST(writer_test, writes_every_kind_in_both_dialects) {
  const form forms[]{
    {nullptr, "$-1\r\n", "_\r\n"},
    {true, ":1\r\n", "#t\r\n"},
    {false, ":0\r\n", "#f\r\n"},
    {-42, ":-42\r\n", ":-42\r\n"},
    {7, ":7\r\n", ":7\r\n"},
    {2.5, "$3\r\n2.5\r\n", ",2.5\r\n"},
    {"", "$0\r\n\r\n", "$0\r\n\r\n"},
    {"a\r\nb", "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"},
    {ok(), "+OK\r\n", "+OK\r\n"},
    {err("no"), "-ERR no\r\n", "-ERR no\r\n"},
    {verbatim{"some text"}, "$9\r\nsome text\r\n", "=13\r\ntxt:some text\r\n"},
    {verbatim{"x", "mkd"}, "$1\r\nx\r\n", "=5\r\nmkd:x\r\n"},
    {array{{1, "a"}}, "*2\r\n:1\r\n$1\r\na\r\n", "*2\r\n:1\r\n$1\r\na\r\n"},
    {array{}, "*0\r\n", "*0\r\n"},
    {set{{1}}, "*1\r\n:1\r\n", "~1\r\n:1\r\n"},
    {push{{1}}, "*1\r\n:1\r\n", ">1\r\n:1\r\n"},
    {map{}.add("k", 1), "*2\r\n$1\r\nk\r\n:1\r\n", "%1\r\n$1\r\nk\r\n:1\r\n"},
    {array{{map{}.add("k", nullptr)}}, "*1\r\n*2\r\n$1\r\nk\r\n$-1\r\n",
     "*1\r\n%1\r\n$1\r\nk\r\n_\r\n"},
  };
  for (auto& x : forms) {
    EXPECT_EQ(in2(x.what), x.resp2) << x.what;
    EXPECT_EQ(in3(x.what), x.resp3) << x.what;
  }
}

TEST(writer_test, lets_nobody_forge_a_second_reply) {
  EXPECT_EQ(in2(simple{"OK\r\n$1\r\nx"}), "+OK  $1  x\r\n");
  EXPECT_EQ(in3(error{"ERR a\nb\r"}), "-ERR a b \r\n");
}

TEST(writer_test, appends_without_a_tree) {
  std::string out = "before";
  writer to{out, protocol::resp3};
  to.push(3);
  to.bulk("message");
  to.null();
  to.integer(1'000'000);
  EXPECT_EQ(out, "before>3\r\n$7\r\nmessage\r\n_\r\n:1000000\r\n");
}

TEST(writer_test, knows_the_null_array_of_resp2) {
  std::string out;
  writer{out, protocol::resp2}.null_array();
  writer{out, protocol::resp3}.null_array();
  EXPECT_EQ(out, "*-1\r\n_\r\n");
}

TEST(writer_test, writes_requests_as_arrays_of_bulk_strings) {
  EXPECT_EQ(encode_request({"PING", "a b"}),
            "*2\r\n$4\r\nPING\r\n$3\r\na b\r\n");
}

} // namespace
} // namespace saker::resp
