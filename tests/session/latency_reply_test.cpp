#include "session/latency_reply.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace std::chrono_literals;
using resp::command_id;
using names = std::vector<std::string>;

class latency_reply_test : public ::testing::Test {
protected:
  std::string show(const names& of = {}) const {
    return to_string(latency_reply(x, of));
  }

  command_statistics x;
};

TEST_F(latency_reply_test, counts_calls_up_to_each_line_as_redis_does) {
  x.called(command_id::ping, 2, 1us); // each 500 ns
  x.called(command_id::ping, 1, 3us);
  x.called(command_id::ping, 4, 80us); // each 20 µs
  x.called(command_id::ping, 1, 100us);
  EXPECT_EQ(show({"ping"}), "{\"ping\": {\"calls\": 8, \"histogram_usec\": "
                            "{1: 2, 4: 3, 33: 7, 132: 8}}}");
}

TEST_F(latency_reply_test,
       tells_of_all_that_were_called_or_of_those_asked_for) {
  EXPECT_EQ(show(), "{}");
  x.called(command_id::client_id, 1, 1us);
  x.called(command_id::echo, 1, 1us);
  EXPECT_EQ(show().find("\"client|id\""), 1u) << show();
  EXPECT_NE(show().find("\"echo\""), std::string::npos);
  auto row = std::string{"{\"calls\": 1, \"histogram_usec\": {1: 1}}"};
  EXPECT_EQ(show({"CLIENT"}), "{\"client|id\": " + row + "}");
  EXPECT_EQ(show({"client|id", "nosuch", "ping"}),
            "{\"client|id\": " + row + "}");
}

TEST_F(latency_reply_test, tells_of_each_command_once) {
  x.called(command_id::client_id, 1, 1us);
  auto once = show({"client"});
  EXPECT_EQ(show({"client", "CLIENT|ID", "client", "client|id"}), once);
}

TEST_F(latency_reply_test, ends_with_what_took_longest) {
  x.called(command_id::echo, 1, 2h);
  EXPECT_NE(show().find("\"calls\": 1"), std::string::npos);
  EXPECT_NE(show().find(": 1}"), std::string::npos) << show();
}

} // namespace
} // namespace saker::session
