#include "tests/support/script_fixture.hpp"

#include <algorithm>

namespace saker {
namespace {

using namespace std::chrono_literals;

// -- calls that do not return ---------------------------------------------------

/// A script whose command "hold" is inside a call that does not return for as
/// long as `held` runs.
class stuck_test : public test::script_fixture {
protected:
  stuck_test() {
    load("a.lua",
         "saker.register('hold', function() "
         "saker.log('info', 'hold the thread') return 'held' end, "
         "PROP_PASSIVITY) saker.register('ok', function() return 1 end, "
         "PROP_PASSIVITY)");
    load("b.lua", "saker.register('b', function() return 'b' end, "
                  "PROP_PASSIVITY)");
    log.clear();
  }

  /// Calls an alias of a.lua; the answer is for `answer_of`.
  caf::message_id begin(const std::string& alias) {
    command_call what;
    what.what.args = {alias};
    return self
      ->request(directory->script("a.lua"), caf::infinite, atom::call_v,
                std::move(what))
      .id();
  }

  std::string answer_of(caf::message_id id) {
    auto x = answer<resp::value>(id);
    return x && *x ? std::string{(*x)->text()} : "";
  }

  /// Calls "hold" and does `what` in the midst of it.
  template <class F>
  void in_the_midst(F what) {
    auto entered = false;
    held = [&] {
      entered = true;
      what();
    };
    holder = begin("hold");
    settle();
    EXPECT_TRUE(entered);
  }

  caf::message_id holder;
};

TEST_F(stuck_test, answers_who_waits_at_twice_the_time) {
  in_the_midst([&] {
    auto later = begin("ok");
    advance(1999ms);
    EXPECT_EQ(answer_of(holder), "");
    EXPECT_EQ(threads.stuck, 0u);
    advance(1ms);
    for (auto id : {holder, later}) {
      auto text = answer_of(id);
      EXPECT_EQ(text.substr(0, 46),
                "BUSY a.lua is stuck: hold is inside a C functi");
      EXPECT_NE(text.find("(2s)"), std::string::npos) << text;
      EXPECT_NE(text.find("LOAD a.lua"), std::string::npos) << text;
    }
    EXPECT_EQ(threads.stuck, 1u);
    ASSERT_EQ(log.size(), 2u);
    EXPECT_EQ(log[1].substr(0, 14), "a.lua is stuck");
  });
}

TEST_F(stuck_test, answers_later_callers_at_once_and_serves_others) {
  in_the_midst([&] {
    advance(2s);
    advance(3s);
    auto text = std::string{call({"ok"}).text()};
    EXPECT_NE(text.find("BUSY a.lua is stuck"), std::string::npos) << text;
    EXPECT_NE(text.find("(5s)"), std::string::npos) << text;
    EXPECT_EQ(call({"b"}), resp::value{"b"});
    auto rows = command({"TASKS"});
    ASSERT_EQ(rows.items().size(), 3u);
    EXPECT_EQ(rows.items()[0].find("state")->text(), "idle");
    EXPECT_EQ(rows.items()[1].find("state")->text(), "stuck");
    EXPECT_EQ(rows.items()[2].find("alias")->text(), "ok");
    EXPECT_EQ(rows.items()[2].find("state")->text(), "stuck");
  });
}

TEST_F(stuck_test, starts_anew_when_the_call_returns) {
  in_the_midst([&] { advance(2s); });
  EXPECT_EQ(threads.stuck, 0u);
  EXPECT_TRUE(call({"ok"}).is_error());
  advance(1s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
  // The next time it takes longer.
  in_the_midst([&] { advance(5s); });
  advance(1s);
  EXPECT_TRUE(call({"ok"}).is_error());
  advance(1s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(stuck_test, a_call_that_returns_in_time_is_an_ordinary_one) {
  in_the_midst([&] { advance(1999ms); });
  EXPECT_EQ(answer_of(holder), "held");
  EXPECT_EQ(call({"ok"}), resp::value{1});
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, a_loop_in_slices_is_not_stuck) {
  load("a.lua", "saker.register('spin', function() for i = 1, 6 do "
                "saker.log('info', 'hold the thread') "
                "for j = 1, 1e3 do end end return 'over' end, "
                "PROP_PASSIVITY)");
  std::function<void()> hold = [&] {
    advance(150ms);
    held = hold;
  };
  held = hold;
  EXPECT_EQ(call({"spin"}), resp::value{"over"});
  EXPECT_EQ(threads.stuck, 0u);
  held = nullptr;
}

TEST_F(stuck_test, one_late_look_proves_nothing) {
  // The whole process was stopped, not this call.
  in_the_midst([&] {
    coordinator().clock().advance_time(1h);
    settle();
    EXPECT_EQ(threads.stuck, 0u);
  });
  EXPECT_EQ(call({"ok"}), resp::value{1});
  in_the_midst([&] {
    coordinator().clock().advance_time(1h);
    settle();
    advance(1s);
    EXPECT_EQ(threads.stuck, 1u);
  });
}

TEST_F(stuck_test, load_starts_it_at_once) {
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(command({"LOAD", "a"}), resp::ok());
    EXPECT_EQ(call({"ok"}), resp::value{1});
    EXPECT_EQ(threads.stuck, 1u);
  });
  EXPECT_EQ(threads.stuck, 0u);
  advance(60s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(stuck_test, unload_does_not_wait_for_it) {
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(command({"UNLOAD", "a"}), resp::ok());
    EXPECT_EQ(command({"TASKS"}).items().size(), 1u);
  });
  advance(60s);
  EXPECT_EQ(command({"TASKS"}).items().size(), 1u);
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, is_watched_also_when_it_was_unloaded_before) {
  in_the_midst([&] {
    auto id
      = self
          ->request(caf::actor_cast<script_actor>(directory->script("a.lua")),
                    caf::infinite, atom::finish_v)
          .id();
    settle();
    advance(1s);
    EXPECT_NE(answer_of(holder).find("was unloaded"), std::string::npos);
    EXPECT_FALSE(answer<bool>(id));
    advance(1s);
    EXPECT_EQ(threads.stuck, 1u);
    EXPECT_TRUE(answer<bool>(id));
  });
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, is_watched_also_when_it_was_told_to_go) {
  auto script = directory->script("a.lua");
  in_the_midst([&] {
    caf::anon_send_exit(script, caf::exit_reason::user_shutdown);
    advance(2s);
    EXPECT_EQ(threads.stuck, 1u);
    EXPECT_NE(answer_of(holder).find("BUSY"), std::string::npos);
  });
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, one_that_was_told_to_go_goes_when_it_is_back) {
  auto script = directory->script("a.lua");
  in_the_midst([&] {
    caf::anon_send_exit(script, caf::exit_reason::user_shutdown);
    advance(1s);
    EXPECT_EQ(answer_of(holder), "");
  });
  EXPECT_NE(answer_of(holder).find("was unloaded"), std::string::npos);
  EXPECT_TRUE(call({"ok"}).is_error());
}

TEST_F(stuck_test, a_file_that_gets_stuck_is_not_loaded) {
  in_the_midst([&] {}); // the alias works
  held = [&] {
    advance(2s);
    EXPECT_EQ(threads.stuck, 1u);
    auto rows = command({"TASKS"});
    EXPECT_EQ(rows.items()[0].find("file")->text(), "b.lua");
  };
  auto reply = load("a.lua", "saker.log('info', 'hold the thread')");
  EXPECT_NE(reply.text().find("a.lua is stuck: a.lua is inside"),
            std::string::npos)
    << reply;
  EXPECT_EQ(threads.stuck, 0u);
  EXPECT_EQ(call({"ok"}), resp::value{1}); // what was before
}

TEST_F(stuck_test, too_many_leave_the_threads_to_the_others) {
  threads.spare = 1;
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(threads.able(), 2u);
    auto reply = command({"LOAD", "a"});
    EXPECT_NE(reply.text().find("too many script threads are stuck"),
              std::string::npos)
      << reply;
    EXPECT_NE(reply.text().find("SHUTDOWN KEEP"), std::string::npos);
    EXPECT_EQ(call({"b"}), resp::value{"b"});
  });
  advance(1s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(stuck_test, without_any_thread_callers_hear_why) {
  threads.spare = 0;
  threads.threads = 1;
  in_the_midst([&] {
    command_call what;
    what.what.args = {"b"};
    auto waits = self
                   ->request(directory->script("b.lua"), caf::infinite,
                             atom::call_v, what)
                   .id();
    advance(2s);
    EXPECT_EQ(threads.able(), 0u);
    advance(2s);
    auto text = answer_of(waits);
    EXPECT_NE(text.find("BUSY b.lua waits: all script threads are stuck"),
              std::string::npos)
      << text;
    EXPECT_EQ(call({"b"}).text().substr(0, 11), "BUSY b.lua ");
  });
  EXPECT_EQ(call({"b"}), resp::value{"b"});
}

TEST_F(stuck_test, its_children_and_calls_are_forgotten) {
  load("a.lua", "saker.register('e', function() "
                "saker.exec({'/wait'}) end, PROP_PASSIVITY) "
                "saker.register('hold', function() "
                "saker.log('info', 'hold the thread') end, PROP_PASSIVITY)");
  auto child = begin("e");
  settle();
  EXPECT_EQ(jobs_running, 1);
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(jobs_running, 0);
    EXPECT_NE(answer_of(child).find("BUSY"), std::string::npos);
  });
}

} // namespace
} // namespace saker
