#include "supervision/pursuit.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;
using namespace pursuit_step;
using process::finding;

class pursuit_test : public ::testing::Test {
protected:
  static finding sees(pid_t pid, bool trusted = true) {
    finding x;
    x.what = finding::kind::found;
    x.who.pid = pid;
    x.trusted = trusted;
    x.text = trusted ? "" : "others could have written it";
    return x;
  }

  static finding sees(finding::kind what, std::string text) {
    return {what, {}, false, std::move(text)};
  }

  static finding sees_nobody() {
    return sees(finding::kind::nobody, "no such file");
  }

  template <class Step>
  Step step(any_pursuit_step x) {
    auto y = std::get_if<Step>(&x);
    EXPECT_TRUE(y) << "another step: " << x.index();
    return y ? *y : Step{};
  }

  /// Its program, pid 10, runs and has 30 s.
  void launch() {
    EXPECT_EQ(step<look>(uut.launched(10, now + 30s)).in, duration{20ms});
  }

  time_point now{100s};
  pursuit uut;
};

TEST_F(pursuit_test, takes_one_that_runs_already_instead_of_a_second_start) {
  EXPECT_EQ(step<look>(uut.before_start()).in, duration{});
  auto x = step<adopt>(uut.found(sees(77), now));
  EXPECT_EQ(x.who.pid, 77);
  EXPECT_FALSE(x.needs_kin);
}

TEST_F(pursuit_test, starts_it_where_nobody_is) {
  uut.before_start();
  EXPECT_EQ(step<pursuit_step::launch>(uut.found(sees_nobody(), now)).warning,
            "");
}

TEST_F(pursuit_test, tells_what_a_start_waits_for) {
  EXPECT_EQ(uut.awaited(), "");
  uut.before_start();
  EXPECT_EQ(uut.awaited(), "");
  launch();
  EXPECT_EQ(uut.awaited(), "its program has not gone into the background");
  uut.left();
  EXPECT_EQ(uut.awaited(), "its daemon has not been found");
  uut.found(sees_nobody(), now);
  EXPECT_EQ(uut.awaited(), "its daemon has not been found: no such file");
  uut.rest();
  EXPECT_EQ(uut.awaited(), "");
}

TEST_F(pursuit_test, looks_a_last_time_when_the_time_is_over) {
  launch();
  uut.left();
  for (auto i = 0; i < 10; ++i)
    uut.found(sees_nobody(), now);
  now += 29s + 900ms;
  EXPECT_EQ(step<look>(uut.found(sees_nobody(), now)).in, duration{100ms});
  now += 100ms;
  EXPECT_EQ(step<absent>(uut.found(sees_nobody(), now)).why,
            "its daemon was not found: no such file");
}

TEST_F(pursuit_test, starts_it_beside_one_that_must_not_be_trusted) {
  uut.before_start();
  EXPECT_EQ(step<pursuit_step::launch>(
              uut.found(sees(finding::kind::refused, "a link"), now))
              .warning,
            "a link");
  uut.before_start();
  EXPECT_EQ(step<pursuit_step::launch>(uut.found(sees(77, false), now)).warning,
            "others could have written it");
  uut.before_start();
  EXPECT_EQ(step<pursuit_step::launch>(uut.not_taken("the child of web#0", now))
              .warning,
            "the child of web#0");
}

TEST_F(pursuit_test, starts_nothing_where_several_could_be_it) {
  uut.before_start();
  EXPECT_EQ(
    step<refuse>(uut.found(sees(finding::kind::several, "two"), now)).why,
    "two");
}

TEST_F(pursuit_test, looks_again_less_and_less_often_until_time_is_over) {
  launch();
  step<look>(uut.left());
  for (auto pause : {20ms, 40ms, 80ms, 160ms, 200ms, 200ms})
    EXPECT_EQ(step<look>(uut.found(sees_nobody(), now)).in, duration{pause});
  now += 30s;
  EXPECT_EQ(step<absent>(uut.found(sees_nobody(), now)).why,
            "its daemon was not found: no such file");
}

TEST_F(pursuit_test, walks_over_all_processes_less_often) {
  uut = pursuit{false};
  launch();
  for (auto pause : {20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1000ms, 1000ms})
    EXPECT_EQ(step<look>(uut.found(sees_nobody(), now)).in, duration{pause});
}

TEST_F(pursuit_test, waits_for_its_program_to_leave) {
  launch();
  step<look>(uut.found(sees(12), now)); // not yet what it will be
  EXPECT_EQ(step<look>(uut.left()).in, duration{});
  EXPECT_EQ(step<adopt>(uut.found(sees(12), now)).who.pid, 12);
}

TEST_F(pursuit_test, takes_a_program_that_stays) {
  launch();
  EXPECT_EQ(step<adopt>(uut.found(sees(10), now)).who.pid, 10);
}

TEST_F(pursuit_test, says_that_a_program_did_not_go_into_the_background) {
  launch();
  now += 30s;
  EXPECT_NE(step<absent>(uut.found(sees(12), now))
              .why.find("did not go into the background"),
            std::string::npos);
}

TEST_F(pursuit_test, asks_for_kinship_where_the_file_proves_nothing) {
  launch();
  uut.left();
  EXPECT_TRUE(step<adopt>(uut.found(sees(12, false), now)).needs_kin);
  step<look>(uut.not_taken("no kin", now));
  EXPECT_EQ(uut.awaited(),
            "its daemon has not been found: no kin: others could "
            "have written it");
  now += 30s;
  EXPECT_EQ(step<absent>(uut.not_taken("no kin", now)).why,
            "its daemon was not found: no kin: others could have written it");
}

TEST_F(pursuit_test, several_that_come_up_may_become_one) {
  launch();
  uut.left();
  step<look>(uut.found(sees(finding::kind::several, "two"), now));
  EXPECT_EQ(step<adopt>(uut.found(sees(12), now)).who.pid, 12);
}

TEST_F(pursuit_test, follows_a_process_that_is_replaced) {
  uut.left();
  EXPECT_EQ(uut.at(), pursuit::phase::after);
  EXPECT_EQ(step<adopt>(uut.found(sees(13), now)).who.pid, 13);
}

TEST_F(pursuit_test, tells_whom_it_did_not_follow) {
  uut.left();
  for (auto i = 0; i < 2; ++i) {
    EXPECT_TRUE(step<adopt>(uut.found(sees(13, false), now)).needs_kin);
    step<look>(uut.not_taken("no kin", now));
  }
  step<adopt>(uut.found(sees(13, false), now));
  EXPECT_EQ(step<give_up>(uut.not_taken("no kin", now)).warning,
            "no kin: others could have written it");
  // What is said of one is not said of another.
  uut.rest();
  uut.left();
  step<adopt>(uut.found(sees(14), now));
  step<look>(uut.not_taken("gone", now));
  step<adopt>(uut.found(sees(14), now));
  step<look>(uut.not_taken("gone", now));
  step<adopt>(uut.found(sees(14), now));
  EXPECT_EQ(step<give_up>(uut.not_taken("gone", now)).warning, "gone");
}

TEST_F(pursuit_test, looks_three_times_before_an_end_is_an_end) {
  uut.left();
  EXPECT_EQ(step<look>(uut.found(sees_nobody(), now)).in, duration{50ms});
  EXPECT_EQ(step<look>(uut.not_taken("gone", now)).in, duration{50ms});
  EXPECT_EQ(step<give_up>(uut.found(sees_nobody(), now)).warning, "");
  uut.rest();
  uut.left(); // another time: as often again
  step<look>(uut.found(sees_nobody(), now));
}

} // namespace
} // namespace saker::supervision
