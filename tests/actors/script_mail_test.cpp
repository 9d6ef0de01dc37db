#include "actors/script_mail.hpp"

#include "pubsub/batch.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

class script_mail_test : public ::testing::Test {
protected:
  static shared_bytes of_channel(std::string_view channel,
                                 std::initializer_list<const char*> texts) {
    auto x = pubsub::batch::of_channel(channel);
    for (auto text : texts)
      x.add(text);
    return x.frames(resp::protocol::resp3);
  }

  static shared_bytes
  of_pattern(std::string_view pattern, std::string_view channel,
             std::initializer_list<const char*> texts) {
    auto x = pubsub::batch::of_pattern(pattern, channel);
    for (auto text : texts)
      x.add(text);
    return x.frames(resp::protocol::resp3);
  }

  /// `1:news=hello+2`: to whom, channel, text, missed.
  std::string sort(const std::vector<shared_bytes>& in) {
    std::string out;
    for (auto& x : uut.sort(in))
      out += (out.empty() ? "" : " ") + std::to_string(x.to) + ':' + x.channel
             + '=' + x.text
             + (x.missed > 0 ? '+' + std::to_string(x.missed) : "");
    return out;
  }

  script_mail uut{{3, 100}};
};

TEST_F(script_mail_test, hands_messages_to_those_who_want_them) {
  EXPECT_TRUE(uut.add(1, "news"));
  EXPECT_TRUE(uut.add(2, "n*"));
  EXPECT_EQ(sort({of_channel("news", {"a"}), of_pattern("n*", "news", {"a"}),
                  of_channel("other", {"x"})}),
            "1:news=a 2:news=a");
}

TEST_F(script_mail_test, asks_once_for_each_pattern) {
  EXPECT_TRUE(uut.add(1, "a"));
  EXPECT_FALSE(uut.add(2, "a"));
  EXPECT_EQ(sort({of_channel("a", {"x"})}), "1:a=x 2:a=x");
  EXPECT_FALSE(uut.remove(1));
  EXPECT_EQ(uut.remove(2), "a");
  EXPECT_FALSE(uut.remove(2));
  EXPECT_EQ(sort({of_channel("a", {"late"})}), "");
}

TEST_F(script_mail_test, q4_drops_what_is_too_much_and_counts_it) {
  uut.add(1, "a");
  EXPECT_EQ(sort({of_channel("a", {"1", "2", "3", "4", "5"})}),
            "1:a=1 1:a=2 1:a=3");
  uut.taken({1, 2});
  EXPECT_EQ(sort({of_channel("a", {"6", "7"})}), "1:a=6+2");
  uut.taken({3, 6});
  EXPECT_EQ(sort({of_channel("a", {"8", "9", "10", "11"})}),
            "1:a=8+1 1:a=9 1:a=10");
}

TEST_F(script_mail_test, complains_once_a_minute_at_most) {
  lua::time_point now{};
  uut.add(1, "a");
  EXPECT_FALSE(uut.complaint(now));
  sort({of_channel("a", {"1", "2", "3", "4", "5"})});
  auto why = uut.complaint(now);
  ASSERT_TRUE(why);
  EXPECT_NE(why->find("2 were dropped"), std::string::npos) << *why;
  EXPECT_NE(why->find("3, of 100 "), std::string::npos) << *why;
  sort({of_channel("a", {"6", "7"})});
  now += std::chrono::seconds{59};
  EXPECT_FALSE(uut.complaint(now));
  now += std::chrono::seconds{1};
  EXPECT_TRUE(uut.complaint(now));
  now += std::chrono::hours{1};
  EXPECT_FALSE(uut.complaint(now)) << "nothing was dropped since";
}

TEST_F(script_mail_test, counts_bytes_too_but_one_message_always_fits) {
  uut.add(1, "a");
  std::string large(1000, 'x');
  EXPECT_EQ(sort({of_channel("a", {large.c_str(), "y"})}), "1:a=" + large);
  uut.taken({1, 1001});
  EXPECT_EQ(sort({of_channel("a", {"z", large.c_str()})}), "1:a=z+1");
}

TEST_F(script_mail_test, knows_patterns) {
  for (auto x : {"a*", "?", "[ab]", "a\\*"})
    EXPECT_TRUE(script_mail::is_pattern(x)) << x;
  EXPECT_FALSE(script_mail::is_pattern("saker:n:web:0:exit"));
}

} // namespace
} // namespace saker
