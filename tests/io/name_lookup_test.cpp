#include "io/name_lookup.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include <poll.h>

namespace saker::io {
namespace {

/// Threads that run when the test says so.
class name_lookup_test : public ::testing::Test {
protected:
  name_lookup_test()
    : uut({[this](std::function<void()> what) {
             if (!can_run)
               return false;
             jobs.push_back(std::move(what));
             return true;
           },
           [this](const std::string& host) -> result<host_addresses> {
             asked.push_back(host);
             if (host == "nowhere")
               return fail(errc::io, "look up nowhere: not known");
             return host_addresses{"10.0.0.1"};
           }}) {
    // nop
  }

  void run_one() {
    auto job = std::move(jobs.front());
    jobs.pop_front();
    job();
  }

  static bool readable(const name_question& x) {
    pollfd about{x.fd(), POLLIN, 0};
    return ::poll(&about, 1, 0) == 1;
  }

  bool can_run = true;
  std::deque<std::function<void()>> jobs;
  std::vector<std::string> asked;
  name_lookup uut;
};

TEST_F(name_lookup_test, tells_by_its_descriptor_that_there_is_an_answer) {
  auto x = uut.begin("db", "db:1");
  ASSERT_TRUE(x);
  EXPECT_FALSE((*x)->answer());
  EXPECT_FALSE(readable(**x));
  run_one();
  EXPECT_TRUE(readable(**x));
  ASSERT_TRUE((*x)->answer());
  EXPECT_EQ(**(*x)->answer(), host_addresses{"10.0.0.1"});
}

TEST_F(name_lookup_test, tells_why_there_is_none) {
  auto x = uut.begin("nowhere", "nowhere:1");
  run_one();
  auto answer = (*x)->answer();
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().detail, "look up nowhere: not known");
}

TEST_F(name_lookup_test, needs_one_thread_for_a_name_that_takes_long) {
  auto first = uut.begin("db", "db:1");
  for (auto i = 0; i < 10; ++i)
    EXPECT_EQ(*uut.begin("db", "db:1"), *first);
  auto other = uut.begin("db", "db:2");
  EXPECT_NE(*other, *first);
  EXPECT_EQ(jobs.size(), 2u);
  run_one();
  EXPECT_NE(*uut.begin("db", "db:1"), *first) << "asked anew";
  EXPECT_EQ(jobs.size(), 2u);
}

TEST_F(name_lookup_test, says_that_no_thread_can_be_started) {
  can_run = false;
  auto x = uut.begin("db", "db:1");
  ASSERT_FALSE(x);
  EXPECT_NE(x.error().detail.find("look up db: no thread"), std::string::npos);
}

TEST_F(name_lookup_test, may_go_before_its_answers) {
  std::shared_ptr<name_question> question;
  {
    name_lookup short_lived{{[this](std::function<void()> what) {
                               jobs.push_back(std::move(what));
                               return true;
                             },
                             [](const std::string&) -> result<host_addresses> {
                               return host_addresses{"::1"};
                             }}};
    question = *short_lived.begin("db", "db:1");
  }
  run_one();
  EXPECT_EQ(**question->answer(), host_addresses{"::1"});
}

TEST(addresses_of_host_test, knows_this_machine) {
  auto all = addresses_of_host("localhost");
  ASSERT_TRUE(all) << all.error().detail;
  EXPECT_TRUE(std::all_of(all->begin(), all->end(), [](auto& x) {
    return x == "::1" || x.starts_with("127.");
  }));
}

TEST(addresses_of_host_test, says_what_is_wrong_with_a_name) {
  // A name that no server is asked for.
  auto x = addresses_of_host(std::string(300, 'x'));
  ASSERT_FALSE(x);
  EXPECT_TRUE(x.error().detail.starts_with("look up xxx"));
}

} // namespace
} // namespace saker::io
