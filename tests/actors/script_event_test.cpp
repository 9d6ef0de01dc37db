#include "actors/event_text.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

TEST(script_event_test, has_a_channel_that_no_service_can_have) {
  EXPECT_EQ(script_event_channel("n1", "backup.lua", "done"),
            "saker:n1:script/backup:done");
}

TEST(script_event_test, carries_what_the_script_gives) {
  EXPECT_EQ(script_event_payload("n\"1", "a.lua", "done", R"({"x":[1]})",
                                 {1700000000000, 3}, 1700000000001),
            R"({"id":"1700000000000-3","ts":1700000000001,"node":"n\"1",)"
            R"("script":"a.lua","event":"done","data":{"x":[1]}})");
}

} // namespace
} // namespace saker
