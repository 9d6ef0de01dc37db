#include "io/named_tunnel.hpp"

#include "tests/support/fake_tunnel.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <optional>

namespace saker::io {
namespace {

using namespace std::chrono_literals;

struct quiet_config : caf::actor_system_config {
  quiet_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

class named_tunnel_test : public ::testing::Test {
protected:
  named_tunnel_test()
    : names({[this](std::function<void()> what) {
               job = std::move(what);
               return can_run;
             },
             [this](const std::string&) { return known; }}) {
    target.host = "db.example";
    target.port = 7;
    target.dial = [this](const std::string& address, tunnel_events events) {
      auto x = std::make_shared<test::fake_tunnel>(address + ":7", "",
                                                   std::move(events));
      tried.push_back(x);
      return x;
    };
  }

  ~named_tunnel_test() override {
    if (uut)
      uut->close();
    where.drain();
  }

  void dial() {
    uut = dial_by_name(where, names, target,
                       {[this](std::string x) { hello = std::move(x); },
                        [this](const failure& x) { end = x; }});
    EXPECT_FALSE(hello || end) << "told from inside the call";
    where.drain();
  }

  /// The name has been looked up.
  void answer() {
    job();
    where.drain();
  }

  quiet_config cfg;
  caf::actor_system sys{cfg};
  loop where{sys};
  bool can_run = true;
  std::function<void()> job;
  result<host_addresses> known = host_addresses{"10.0.0.1", "10.0.0.2"};
  std::vector<std::shared_ptr<test::fake_tunnel>> tried;
  named_target target;
  name_lookup names;
  std::shared_ptr<tunnel> uut;
  std::optional<std::string> hello;
  std::optional<failure> end;
};

TEST_F(named_tunnel_test, becomes_the_tunnel_to_the_address_that_greets) {
  dial();
  EXPECT_TRUE(tried.empty());
  EXPECT_EQ(uut->address(), "db.example:7");
  answer();
  ASSERT_EQ(tried.size(), 1u);
  tried[0]->greet("hello");
  EXPECT_EQ(hello, "hello");
  EXPECT_EQ(uut->address(), "10.0.0.1:7");
  EXPECT_TRUE(uut->join());
  tried[0]->carried = {5, 6};
  EXPECT_EQ(uut->figures().received, 5u);
  tried[0]->fail("read from 10.0.0.1:7: it closed the connection");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->detail, "read from 10.0.0.1:7: it closed the connection");
  EXPECT_EQ(tried.size(), 1u) << "it was the right one";
}

TEST_F(named_tunnel_test, tries_all_addresses_and_tells_of_each) {
  dial();
  answer();
  tried.at(0)->fail("connect to 10.0.0.1:7: Connection refused");
  EXPECT_FALSE(end);
  tried.at(1)->fail("speak to 10.0.0.2:7: no answer within 2000 ms");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->detail, "connect to 10.0.0.1:7: Connection refused; speak to "
                         "10.0.0.2:7: no answer within 2000 ms");
  EXPECT_FALSE(hello);
}

TEST_F(named_tunnel_test, greets_after_an_address_that_did_not) {
  dial();
  answer();
  tried.at(0)->fail("refused");
  tried.at(1)->greet("hello");
  EXPECT_EQ(hello, "hello");
  EXPECT_EQ(uut->address(), "10.0.0.2:7");
  tried.at(1)->fail("cut");
  EXPECT_EQ(end->detail, "cut") << "what was before is of no matter";
}

TEST_F(named_tunnel_test, says_that_there_is_no_such_host) {
  known = fail(errc::io, "look up db.example: Name or service not known");
  dial();
  answer();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->detail, "look up db.example: Name or service not known");
  EXPECT_TRUE(tried.empty());
}

TEST_F(named_tunnel_test, does_not_wait_for_a_name_for_ever) {
  target.patience = 0ms;
  dial();
  for (auto i = 0; i < 1'000'000 && !end; ++i)
    where.drain();
  ASSERT_TRUE(end);
  EXPECT_NE(end->detail.find("look up db.example: no answer within 0 ms"),
            std::string::npos);
  answer(); // late: nobody is told
  EXPECT_TRUE(tried.empty());
}

TEST_F(named_tunnel_test, says_later_that_it_could_not_begin) {
  can_run = false;
  dial();
  ASSERT_TRUE(end);
  EXPECT_NE(end->detail.find("no thread"), std::string::npos);
}

TEST_F(named_tunnel_test, leaves_out_what_may_not_be_dialled) {
  target.allowed = [](const std::string& x) { return x == "10.0.0.2"; };
  dial();
  answer();
  ASSERT_EQ(tried.size(), 1u);
  EXPECT_EQ(tried[0]->where, "10.0.0.2:7");
  tried[0]->fail("refused");
  ASSERT_TRUE(end);
  EXPECT_NE(end->detail.find("10.0.0.1 is no loopback address"),
            std::string::npos);
}

TEST_F(named_tunnel_test, is_closed_at_once_in_each_phase) {
  dial();
  uut->close();
  answer();
  EXPECT_TRUE(tried.empty());
  dial();
  answer();
  uut->close();
  EXPECT_TRUE(tried.at(0)->closed);
  where.drain();
  EXPECT_FALSE(hello || end);
}

} // namespace
} // namespace saker::io
