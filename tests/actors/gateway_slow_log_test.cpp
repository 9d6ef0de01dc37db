#include "resp/command_table.hpp"
#include "tests/support/gateway_world.hpp"

#include <chrono>

namespace saker {
namespace {

using namespace std::chrono_literals;

using words = std::vector<std::string>;

using gateway_test = test::gateway_world;

TEST_F(gateway_test, measures_its_work_for_the_slow_log) {
  session::slow_log::time_point now;
  auto slow = std::make_shared<session::slow_log>(
    1s, 10, session::slow_log_clocks{[&now] { return now += 3s; }});
  command_call call;
  call.what.command = resp::find_full_name("client|list");
  call.what.args = {"CLIENT", "LIST", "ID", "PASSWORD=secret"};
  call.origin = {slow, "127.0.0.1:1", "me"};
  ask<resp::value>(uut, atom::call_v, call);
  auto all = slow->newest();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].took, 3s);
  EXPECT_EQ(all[0].words,
            (std::vector<std::string>{"CLIENT", "LIST", "ID", "PASSWORD=***"}));
  EXPECT_EQ(all[0].address, "127.0.0.1:1");
  EXPECT_EQ(all[0].client, "me");
  slow->set_slower_than(4s);
  ask<resp::value>(uut, atom::call_v, call);
  EXPECT_EQ(slow->size(), 1u);
}

TEST_F(gateway_test, keeps_no_password_and_no_crowd_in_the_slow_log) {
  session::slow_log::time_point now;
  auto slow = std::make_shared<session::slow_log>(
    1s, 10, session::slow_log_clocks{[&now] { return now += 3s; }});
  auto say = [&](const char* name, words args) {
    command_call call;
    call.what.command = resp::find_full_name(name);
    call.what.args = std::move(args);
    call.origin = {slow, "127.0.0.1:1", "me"};
    ask<resp::value>(uut, atom::call_v, std::move(call));
  };
  say("config|set", {"CONFIG", "SET", "timeout", "7", "RequirePass", "geheim"});
  words many{"CLIENT", "LIST", "ID", std::string(1'000, '1')};
  many.resize(100, "2");
  say("client|list", many);
  auto all = slow->newest();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].words, (words{"CONFIG", "SET", "timeout", "7", "RequirePass",
                                 "(redacted)"}));
  EXPECT_EQ(all[0].words.size(), 32u);
  EXPECT_EQ(all[0].words[3], std::string(128, '1') + "... (872 more bytes)");
  EXPECT_EQ(all[0].words.back(), "... (69 more arguments)");
}

} // namespace
} // namespace saker
