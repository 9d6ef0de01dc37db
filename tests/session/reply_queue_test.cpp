#include "session/reply_queue.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

constexpr auto resp2 = resp::protocol::resp2;

class reply_queue_test : public ::testing::Test {
protected:
  void say(std::string_view text) {
    x.now() += text;
  }

  reply_queue x;
};

TEST_F(reply_queue_test, holds_back_what_comes_after_a_promise) {
  say("a");
  x.promise(1, resp2);
  say("b");
  say("c");
  EXPECT_EQ(x.open(), 3u);
  EXPECT_EQ(x.take(), "a");
  EXPECT_TRUE(x.fill(1, 7));
  EXPECT_EQ(x.take(), ":7\r\nbc");
  EXPECT_EQ(x.open(), 0u);
  EXPECT_EQ(x.size(), 0u);
}

TEST_F(reply_queue_test, lets_a_group_leave_as_a_whole) {
  x.open_group();
  say("*2 ");
  say("a ");
  x.promise(1, resp2);
  x.close_group();
  say("after");
  EXPECT_EQ(x.take(), "");
  x.fill(1, 7);
  EXPECT_EQ(x.take(), "*2 a :7\r\nafter");
  EXPECT_EQ(x.open(), 0u);
  EXPECT_EQ(x.unanswered(), 0u);
}

TEST_F(reply_queue_test, holds_a_group_that_is_answered_before_it_is_closed) {
  x.open_group();
  x.promise(1, resp2);
  x.fill(1, 7);
  say("a");
  EXPECT_EQ(x.take(), "");
  x.close_group();
  EXPECT_EQ(x.take(), ":7\r\na");
}

TEST_F(reply_queue_test, keeps_groups_behind_what_is_before_them) {
  x.promise(1, resp2);
  x.open_group();
  x.promise(2, resp2);
  x.close_group();
  x.open_group();
  x.promise(3, resp2);
  x.promise(4, resp2);
  x.close_group();
  x.fill(4, 4);
  x.fill(2, 2);
  EXPECT_EQ(x.take(), "");
  x.fill(1, 1);
  EXPECT_EQ(x.take(), ":1\r\n:2\r\n");
  x.fill(3, 3);
  EXPECT_EQ(x.take(), ":3\r\n:4\r\n");
  EXPECT_EQ(x.size(), 0u);
}

TEST_F(reply_queue_test, keeps_a_group_together_when_what_is_before_it_leaves) {
  x.promise(1, resp2);
  x.open_group();
  say("*1 ");
  x.promise(2, resp2);
  x.close_group();
  x.fill(1, 1);
  EXPECT_EQ(x.take(), ":1\r\n");
  x.fill(2, 2);
  EXPECT_EQ(x.take(), "*1 :2\r\n");
}

TEST_F(reply_queue_test, finds_groups_again_after_slots_have_gone) {
  for (request_id id = 1; id <= 100; ++id)
    x.promise(id, resp2);
  x.open_group();
  x.promise(101, resp2);
  x.promise(102, resp2);
  x.close_group();
  for (request_id id = 1; id <= 100; ++id) // the front is cut off meanwhile
    x.fill(id, 0);
  EXPECT_EQ(x.take().size(), 400u);
  x.fill(102, 2);
  EXPECT_EQ(x.take(), "");
  x.fill(101, 1);
  EXPECT_EQ(x.take(), ":1\r\n:2\r\n");
}

TEST_F(reply_queue_test, counts_bytes_wherever_they_are) {
  say("ab");
  x.open_group();
  say("cd");
  x.promise(1, resp2);
  x.close_group();
  say("ef");
  EXPECT_EQ(x.size(), 6u);
  EXPECT_EQ(x.take(), "ab");
  EXPECT_EQ(x.size(), 4u);
  x.fill(1, 7);
  EXPECT_EQ(x.size(), 8u);
  EXPECT_EQ(x.take(), "cd:7\r\nef");
  EXPECT_EQ(x.size(), 0u);
}

TEST_F(reply_queue_test, gives_silent_counts_their_place_and_no_bytes) {
  x.promise_count(1, resp2);
  x.promise_count(1, resp2, true);
  x.promise_count(1, resp2);
  const std::int64_t counts[]{1, 2, 3};
  EXPECT_TRUE(x.fill_counts(1, counts));
  EXPECT_EQ(x.take(), ":1\r\n:3\r\n");
  EXPECT_EQ(x.open(), 0u);
}

TEST_F(reply_queue_test, fills_counts_within_a_group) {
  x.open_group();
  x.promise_count(1, resp2);
  say("x");
  x.promise_count(1, resp2);
  x.close_group();
  const std::int64_t counts[]{1, 2};
  x.fill_counts(1, counts);
  EXPECT_EQ(x.take(), ":1\r\nx:2\r\n");
}

} // namespace
} // namespace saker::session
