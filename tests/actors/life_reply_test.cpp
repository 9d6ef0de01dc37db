#include "actors/life_reply.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace saker {
namespace {

using supervision::past_event;

class life_reply_test : public testing::Test {
protected:
  static past_event event(std::string name, std::string payload) {
    return {
      {1'764'000'000'123, 4}, "web#0", std::move(name), std::move(payload)};
  }

  static std::string detail(std::string name, std::string payload) {
    return event_detail(event(std::move(name), std::move(payload)));
  }

  const past_event exit_event
    = event("exit", R"({"ts":1764000000123,"service":"web:0","cause":"exit 1",)"
                    R"("pid":77,"row":"*","orphans_killed":2,)"
                    R"("reason":"exit 1 after 3s","next_at":1764000009999})");
};

TEST_F(life_reply_test, says_in_a_few_words_what_happened) {
  EXPECT_EQ(event_detail(exit_event), "exit 1 after 3s; pid 77; row *; 2 left "
                                      "behind and killed");
  EXPECT_EQ(detail("backoff", R"({"ts":1000,"next_at":1200,"cause":"SIGSEGV",)"
                              R"("pid":0,"row":"*"})"),
            "SIGSEGV; for 200ms");
  EXPECT_EQ(detail("running", R"({"pid":77,"cause":null})"), "pid 77");
  EXPECT_EQ(detail("gap", R"({"missed":12})"), "12 events were not recorded");
  EXPECT_EQ(detail("stopped", "{}"), "");
  EXPECT_EQ(detail("stopped", "no JSON"), "");
  EXPECT_EQ(detail("stopped", R"({"pid":"7","reason":3})"), "");
}

TEST_F(life_reply_test, gives_a_map_for_each) {
  auto rows = life_rows({exit_event, event("gap", "{}")});
  ASSERT_EQ(rows.items().size(), 2u);
  auto& first = rows.items()[0];
  EXPECT_EQ(first.find("id")->text(), "1764000000123-4");
  EXPECT_EQ(*first.find("time")->integer(), 1'764'000'000'123);
  EXPECT_EQ(first.find("name")->text(), "web:0");
  EXPECT_EQ(first.find("event")->text(), "exit");
  EXPECT_EQ(first.find("detail")->text(), event_detail(exit_event));
  EXPECT_TRUE(rows.items()[1].find("name")->is_null());
  EXPECT_EQ(*rows.items()[1].find("time")->integer(), 1'764'000'000'123)
    << "of its id";
}

TEST_F(life_reply_test, gives_a_line_for_each) {
  auto before = std::getenv("TZ");
  std::string kept = before ? before : "";
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  auto text = life_text({exit_event, event("gap", R"({"missed":1})")});
  before ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
  EXPECT_EQ(text,
            (std::vector<std::string>{
              "2025-11-24 16:00:00.123  web:0  exit  exit 1 after 3s; pid 77; "
              "row *; 2 left behind and killed",
              "2025-11-24 16:00:00.123  -      gap   1 events were not "
              "recorded"}));
}

} // namespace
} // namespace saker
