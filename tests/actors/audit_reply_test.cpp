#include "actors/audit_reply.hpp"

#include "actors/audit_text.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(audit_reply_test, has_what_the_events_have) {
  session::audit_entry x;
  x.at = std::chrono::system_clock::time_point{std::chrono::milliseconds{5}};
  x.user = "ann";
  x.address = "10.0.0.7:1";
  x.client = 7;
  x.command = "svstop";
  x.args = {"web", "db"};
  x.services = {"web", "db"};
  auto two = resp::array{{"web", "db"}};
  auto row = resp::map{}
               .add("ts", 5)
               .add("node", "n1")
               .add("user", "ann")
               .add("address", "10.0.0.7:1")
               .add("uid", nullptr)
               .add("client", 7)
               .add("command", "svstop")
               .add("args", two)
               .add("services", two)
               .add("outcome", "done")
               .add("error", nullptr);
  EXPECT_EQ(audit_rows({{{5, 1}, "ann", "svstop", audit_payload("n1", x)}}),
            (resp::value{resp::array{{row}}}));
}

TEST(audit_reply_test, leaves_out_what_is_no_event) {
  EXPECT_EQ(audit_rows({{{5, 1}, "", "", "torn"}, {{5, 2}, "", "", "7"}}),
            resp::value{resp::array{}});
}

} // namespace
} // namespace saker
