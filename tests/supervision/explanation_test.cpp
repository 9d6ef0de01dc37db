#include "supervision/explanation.hpp"

#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace saker::supervision {
namespace {

using namespace test;

class explanation_test : public testing::Test, protected machine_driver {
protected:
  explanation why() const {
    return uut->explain(now);
  }

  /// All sentences, one after the other.
  std::string told() const {
    std::string text;
    for (auto& x : sentences(why(), now))
      text += x + '\n';
    return text;
  }

  bool tells(std::string_view part) const {
    return told().find(part) != std::string::npos;
  }

  /// A child comes up, lives, and ends.
  void live_and_end(duration life, cause why) {
    spawned();
    advance(life);
    ends(why);
  }
};

TEST_F(explanation_test, knows_how_the_last_children_ended) {
  start();
  for (auto code = 1; code <= 3; ++code) {
    live_and_end(2s, cause::exited(code));
    advance(10s);
  }
  auto x = why();
  ASSERT_EQ(x.ends.size(), 3u);
  EXPECT_EQ(x.ends[0].why, cause::exited(1));
  EXPECT_EQ(x.ends[2].why, cause::exited(3));
  EXPECT_EQ(x.ends[2].text, "exit 3 after 2s");
  EXPECT_EQ(x.ends[2].row, "*");
  EXPECT_EQ(x.ends[2].then, decision{});
  EXPECT_FALSE(x.ends[2].asked);
  EXPECT_EQ(x.ends[2].uptime, 2s);
  EXPECT_EQ(x.ends[2].pid, 102);
  EXPECT_EQ(x.ends[2].id, (event_id{1003, 0}));
  EXPECT_EQ(now - x.ends[2].at, 10s);
  EXPECT_EQ(x.backoff_step, 3u);
}

TEST_F(explanation_test, keeps_the_newest_and_not_more) {
  auto x = plain();
  x.budget.window = duration::zero();
  x.backoff.cap = 1s;
  make(x);
  start();
  for (auto code = 1; code <= 20; ++code) {
    live_and_end(1s, cause::exited(code));
    advance(2s);
  }
  auto ends_ = why().ends;
  ASSERT_EQ(ends_.size(), machine::ends_kept);
  EXPECT_EQ(ends_.front().why.number, 16);
  EXPECT_EQ(ends_.back().why.number, 20);
}

TEST_F(explanation_test, keeps_a_long_path_whole) {
  start();
  auto path = "/srv/" + std::string(900, 'x');
  refused("exec", ENOENT, path);
  EXPECT_NE(why().ends.at(0).text.find(path), std::string::npos);
}

TEST_F(explanation_test, says_where_it_cuts_what_a_failed_start_tells) {
  start();
  refused("exec", ENOENT, std::string(5000, 'x'));
  ASSERT_EQ(why().ends.size(), 1u);
  auto text = why().ends[0].text;
  EXPECT_TRUE(text.ends_with("xx\xe2\x80\xa6 (cut here; SVLIFE has it all)"))
    << text;
  EXPECT_LT(text.size(), past_end::most_text + 50);
  EXPECT_EQ(why().ends[0].pid, 0);
  EXPECT_TRUE(tells("The last start failed 0s ago: "));
}

TEST_F(explanation_test, tells_what_the_start_of_a_daemon_waits_for) {
  start();
  advance(25s);
  auto x = why();
  x.awaited = "its daemon has not been found: /run/x names pid 7";
  EXPECT_EQ(sentences(x, now).front(),
            "It has been starting for 25s; its daemon has not been found: "
            "/run/x names pid 7.");
}

TEST_F(explanation_test, knows_the_last_end_after_a_death_of_the_node) {
  start();
  live_and_end(1s, cause::exited(7));
  auto kept_note = kept;
  make(plain());
  memory x;
  x.kept = kept_note;
  wake(x);
  ASSERT_EQ(why().ends.size(), 1u);
  EXPECT_EQ(why().ends[0].why, cause::exited(7));
  EXPECT_EQ(why().ends[0].id, (event_id{1001, 0}));
  EXPECT_EQ(why().ends[0].row, "*");
}

TEST_F(explanation_test, says_whose_wish_an_end_was) {
  start();
  spawned();
  advance(1min);
  stop();
  EXPECT_TRUE(
    tells("It has been told to stop (pid 100) for 0s: stopped by bob."))
    << told();
  EXPECT_TRUE(tells("Next on its ladder (TERM 10s KILL): SIGKILL in 10s; "
                    "afterwards it stays down."))
    << told();
  ends(cause::signaled(SIGTERM));
  EXPECT_TRUE(why().ends.back().asked);
  EXPECT_TRUE(tells("It has been stopped for 0s: stopped by bob.")) << told();
  EXPECT_TRUE(tells("It is wanted down, by bob since ")) << told();
  EXPECT_TRUE(
    tells("The last process (pid 100) ended 0s ago: SIGTERM after 1m; "
          "stopped by bob."))
    << told();
  EXPECT_TRUE(tells("SVSTART web starts it.")) << told();
}

TEST_F(explanation_test, says_who_restarted_it) {
  bring_up();
  tell(event::restart{{"amy", 3}, 1, {}});
  EXPECT_EQ(look().reason, "restarted by amy");
  EXPECT_EQ(machine_driver::told.back().reason, "restarted by amy");
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(why().ends.back().order, "restarted by amy");
  EXPECT_TRUE(tells("SIGTERM after 1s; restarted by amy.")) << told();
}

TEST_F(explanation_test, says_what_replaced_it) {
  bring_up();
  auto x = std::make_shared<service>(plain());
  x->exec = {"/usr/bin/web2"};
  tell(event::change{x, true, "replaced by an apply of amy (exec)"});
  ends(cause::signaled(SIGTERM));
  EXPECT_TRUE(tells("SIGTERM after 1s; replaced by an apply of amy (exec)."));
}

TEST_F(explanation_test, a_row_that_did_not_count_is_not_told) {
  auto x = plain();
  x.when.every = 1h;
  make(std::move(x));
  start();
  live_and_end(1s, cause::exited(0));
  EXPECT_EQ(at(), state::waiting);
  EXPECT_TRUE(tells("exit 0 after 1s; it is over until its next time."));
  EXPECT_FALSE(tells("of the exit table"));
  auto y = plain();
  make(std::move(y));
  start();
  spawned();
  advance(50ms);
  tell(event::exited{uut->spawn_id(), cause::exited(0), {++ids, 0}, {}, 2});
  EXPECT_EQ(at(), state::failed);
  EXPECT_TRUE(tells("; it is not started again."));
  EXPECT_FALSE(tells("of the exit table"));
}

TEST_F(explanation_test, says_who_dropped_it) {
  bring_up();
  tell(event::drop{{"amy", 1'000}, 1});
  EXPECT_TRUE(tells("It was dropped by amy on "));
  EXPECT_TRUE(tells(": left alone, not started again; SVSTART web ends that."));
  EXPECT_FALSE(tells("It is wanted"));
}

TEST_F(explanation_test, tells_that_the_commands_after_it_failed) {
  auto x = plain();
  x.after = {{{"db"}}, 30s};
  make(std::move(x));
  start();
  spawned();
  advance(1s);
  ends(cause::exited(1));
  said.clear();
  machine_driver::told.clear();
  hook_ends(cause::exited(3), "after db: exit 3");
  EXPECT_TRUE(
    tells("Then its commands after the end failed: after db: exit 3."));
  EXPECT_EQ(said[0], "after_failed");
  auto& event = machine_driver::told[0];
  EXPECT_EQ(event.reason, "after db: exit 3");
  EXPECT_EQ(event.why, cause::exited(3));
}

TEST_F(explanation_test, says_when_it_is_restarted_and_why_so_late) {
  start();
  live_and_end(3s, cause::exited(1));
  live_and_end(3s, cause::exited(1));
  EXPECT_TRUE(tells("It is down and waits before the next start: exit 1 after "
                    "3s."))
    << told();
  EXPECT_TRUE(tells("row * of the exit table says restart.")) << told();
  EXPECT_TRUE(tells("2 unexpected ends in 30s; 3 more are borne, then: rest "
                    "5m."))
    << told();
  EXPECT_TRUE(tells("It is restarted in ")) << told();
  EXPECT_TRUE(tells("after 2 restarts in a row (backoff 200ms to 1m, x2)."))
    << told();
}

TEST_F(explanation_test, says_that_it_rests_and_is_on_trial_then) {
  auto x = plain();
  x.budget.count = 0;
  make(x);
  start();
  live_and_end(1s, cause::exited(1));
  EXPECT_TRUE(tells("It is down and rests: it ended too often: more than 0 "
                    "unexpected ends in 30s; last: exit 1 after 1s."))
    << told();
  EXPECT_TRUE(tells("It gets one more try in 5m")) << told();
  advance(5min);
  EXPECT_TRUE(tells("It is being started; exec has not answered for 0s."));
  spawned();
  EXPECT_TRUE(tells("It is on trial after a rest")) << told();
}

TEST_F(explanation_test, says_that_a_human_is_needed) {
  start();
  refused("exec", ENOENT, "/no");
  EXPECT_TRUE(tells("It failed 0s ago: ")) << told();
  EXPECT_TRUE(tells("mend what is wrong. SVSTART web starts it.")) << told();
}

TEST_F(explanation_test, says_that_nothing_is_wrong) {
  wake();
  spawned();
  advance(1min);
  EXPECT_EQ(told(), "It has been running for 1m, pid 100, and is ready.\n"
                    "It is wanted up, as its definition says (autostart).\n");
}

TEST_F(explanation_test, says_what_comes_after_a_restart_or_a_removal) {
  start();
  spawned();
  tell(event::restart{{"amy", 1}, 0, {}, false});
  EXPECT_TRUE(tells("afterwards it is started again.")) << told();
  tell(event::remove{{"apply", 1}});
  EXPECT_TRUE(tells("afterwards it is forgotten.")) << told();
}

TEST_F(explanation_test, tells_commands_beside_the_child_and_what_is_held) {
  start();
  spawned();
  auto x = why();
  auto says = [&](std::string_view part) {
    std::string text;
    for (auto& y : sentences(x, now))
      text += y + '\n';
    return text.find(part) != std::string::npos;
  };
  x.now.paused = true;
  EXPECT_TRUE(says("Its processes are held; SVCONT web lets them go on."));
  x.now.next = "restart";
  x.now.next_at = now + 1h;
  EXPECT_TRUE(says("It is restarted in 1h (max_age)."));
  x.now.at = state::starting;
  x.now.next = "limit of before";
  EXPECT_TRUE(says("Its commands before the start have been running for"));
  EXPECT_TRUE(says("If that lasts for 1h more, the start has failed (before)"));
  x.now.at = state::stopping;
  x.now.next = "limit of after";
  EXPECT_TRUE(says("It has ended; its commands after the end run for"));
  EXPECT_TRUE(says("They are ended in 1h."));
}

/// A state without a sentence would be a state that nobody understands.
TEST_F(explanation_test, has_a_sentence_for_every_state) {
  start();
  auto x = why();
  for (std::size_t i = 0; i < state_count; ++i) {
    x.now.at = static_cast<state>(i);
    auto all = sentences(x, now);
    ASSERT_GE(all.size(), 2u) << to_string(x.now.at);
    for (auto& y : all)
      EXPECT_TRUE(y.ends_with('.')) << y;
  }
}

} // namespace
} // namespace saker::supervision
