#include "io/loop.hpp"

#include "io/pinned.hpp"
#include "io/pool.hpp"
#include "tests/io/loop_world.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace saker::io {
namespace {

using loop_test = test::loop_world;

struct counter_state {
  std::vector<std::thread::id> threads;
  static inline const char* name = "counter";
};

caf::behavior counter(caf::stateful_actor<counter_state>* self, int until,
                      std::promise<std::vector<std::thread::id>>* done) {
  return {
    [self, until, done](int) {
      self->state.threads.push_back(std::this_thread::get_id());
      if (static_cast<int>(self->state.threads.size()) == until) {
        done->set_value(self->state.threads);
        self->quit();
      }
    },
  };
}

TEST_F(loop_test, runs_pinned_actors_on_its_thread_only) {
  std::promise<std::vector<std::thread::id>> done;
  auto answer = done.get_future();
  auto hdl = spawn_on(&uut, sys, counter, 300, &done);
  std::thread io{[this] { uut.run(); }};
  auto io_id = io.get_id();
  std::vector<std::thread> senders;
  for (auto i = 0; i < 3; ++i)
    senders.emplace_back([hdl] {
      for (auto n = 0; n < 100; ++n)
        caf::anon_send(hdl, n);
    });
  for (auto& x : senders)
    x.join();
  for (auto& id : answer.get())
    EXPECT_EQ(id, io_id);
  uut.stop();
  io.join();
}

/// What was answered when the writes of a turn began, turn by turn.
struct write_watch : turn_hook {
  void at_end_of_turn() override {
    seen.push_back(answered);
  }
  int answered = 0;
  std::vector<int> seen;
};

caf::behavior asker(caf::event_based_actor* self, const caf::actor& whom,
                    loop* where, write_watch* watch) {
  self->send(whom, caf::actor_cast<caf::actor>(self), 1);
  return {
    [where, watch](int) {
      ++watch->answered;
      where->defer(stage::write, *watch);
    },
  };
}

/// The argument is only there because CAF 0.17 binds a null reference for an
/// actor without any, which UBSan tells.
caf::behavior answerer(caf::event_based_actor* self, int) {
  return {
    [self](const caf::actor& who, int x) { self->send(who, x); },
  };
}

TEST_F(loop_test, answers_all_who_ask_in_one_turn_before_its_writes) {
  constexpr int many = 40; // more than one actor gets to read at once
  write_watch watch;
  loop patient{sys, std::chrono::minutes{1}}; // whatever this machine does
  auto whom = spawn_on(&patient, sys, answerer, 0);
  for (auto i = 0; i < many; ++i)
    spawn_on(&patient, sys, asker, whom, &patient, &watch);
  patient.drain();
  EXPECT_EQ(watch.seen, std::vector<int>{many});
}

caf::behavior restless(caf::event_based_actor* self, const bool* enough) {
  self->send(self, 1);
  return {
    [self, enough](int x) {
      if (!*enough)
        self->send(self, x);
    },
  };
}

/// Has had enough with the first message.
caf::behavior content(caf::event_based_actor*, bool* enough, loop* where,
                      write_watch* watch) {
  return {
    [=](int) {
      *enough = true;
      where->defer(stage::write, *watch);
    },
  };
}

/// Sends at the end of a turn, as the broker does.
struct late_sender : turn_hook {
  void at_end_of_turn() override {
    caf::anon_send(whom, 1);
  }
  caf::actor whom;
};

TEST_F(loop_test, a_restless_actor_does_not_keep_a_turn_from_its_end) {
  bool enough = false;
  write_watch watch;
  spawn_on(&uut, sys, restless, &enough);
  late_sender sender;
  sender.whom = spawn_on(&uut, sys, content, &enough, &uut, &watch);
  uut.defer(stage::join, sender);
  uut.drain();
  EXPECT_EQ(watch.seen, std::vector<int>{0});
}

TEST_F(loop_test, keeps_actors_of_a_pool_off_the_workers) {
  pool threads{sys, 2};
  std::promise<std::vector<std::thread::id>> done;
  auto answer = done.get_future();
  auto hdl = spawn_on(&threads, sys, counter, 100, &done);
  for (auto n = 0; n < 100; ++n)
    caf::anon_send(hdl, n);
  EXPECT_EQ(answer.get().size(), 100u);
  hdl = nullptr;
  sys.await_all_actors_done();
}

/// Waits until `f` was run, or for five seconds.
class heard {
public:
  void tell() {
    promise_.set_value();
  }
  bool wait() {
    return promise_.get_future().wait_for(std::chrono::seconds{5})
           == std::future_status::ready;
  }

private:
  std::promise<void> promise_;
};

// Asio is asked only if it has something to do: whatever that is, and whenever
// it comes.
TEST_F(loop_test, runs_what_an_actor_posts_before_it_waits) {
  heard posted;
  auto actor = spawn_on(&uut, sys, [&](caf::event_based_actor*) {
    return caf::behavior{[&](int) {
      boost::asio::post(uut.context(), [&] {
        boost::asio::post(uut.context(), [&] { posted.tell(); });
      });
    }};
  });
  std::thread thread{[this] { uut.run(); }};
  caf::anon_send(actor, 1);
  EXPECT_TRUE(posted.wait());
  uut.stop();
  thread.join();
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  uut.drain();
}

TEST_F(loop_test, runs_timers_that_an_actor_sets_or_cancels) {
  heard rang;
  heard cancelled;
  boost::asio::steady_timer soon{uut.context()};
  boost::asio::steady_timer never{uut.context()};
  auto actor = spawn_on(&uut, sys, [&](caf::event_based_actor*) {
    return caf::behavior{[&](int) {
      never.expires_after(std::chrono::hours{1});
      never.async_wait([&](boost::system::error_code) { cancelled.tell(); });
      soon.expires_after(std::chrono::milliseconds{1});
      soon.async_wait([&](boost::system::error_code) { rang.tell(); });
    }};
  });
  auto canceller = spawn_on(&uut, sys, [&](caf::event_based_actor*) {
    return caf::behavior{[&](int) { never.cancel(); }};
  });
  std::thread thread{[this] { uut.run(); }};
  caf::anon_send(actor, 1);
  EXPECT_TRUE(rang.wait());
  caf::anon_send(canceller, 1);
  EXPECT_TRUE(cancelled.wait());
  uut.stop();
  thread.join();
  for (auto& x : {actor, canceller})
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  uut.drain();
}

TEST_F(loop_test, runs_what_asio_waits_for) {
  boost::asio::steady_timer timer{uut.context()};
  auto fired = 0;
  timer.expires_after(std::chrono::milliseconds{1});
  timer.async_wait([&](boost::system::error_code) {
    ++fired;
    boost::asio::post(uut.context(), [&] {
      ++fired;
      uut.stop();
    });
  });
  uut.run();
  EXPECT_EQ(fired, 2);
}

} // namespace
} // namespace saker::io
