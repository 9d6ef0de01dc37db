#include "actors/keeper_link.hpp"

#include "tests/support/actor_test.hpp"

#include <csignal>
#include <thread>

namespace saker {
namespace {

/// Calls back when the test says so.
class manual_watch final : public io::fd_watch {
public:
  void when_readable(std::function<void()> then) override {
    readable = std::move(then);
  }
  void when_writable(std::function<void()> then) override {
    writable = std::move(then);
  }
  void close() override {
    closed = true;
  }

  std::function<void()> readable;
  std::function<void()> writable;
  bool closed = false;
};

/// Who hears of one key.
struct ears {
  std::vector<std::string> heard;
};

keeper_client_actor::behavior_type
listening_client(keeper_client_actor::pointer, ears* to) {
  return {
    [to](atom::tell, const link::spawned& x, const handed_fds& fds) {
      to->heard.push_back("spawned " + x.key + ' '
                          + std::to_string(fds->size()));
    },
    [to](atom::tell, const link::ended& x) {
      to->heard.push_back("ended " + x.key);
    },
    [to](atom::tell, const link::left& x) {
      to->heard.push_back("left " + x.key);
    },
    [to](atom::tell, const link::orphan& x) {
      to->heard.push_back("orphan " + x.key);
    },
  };
}

keeper_master_actor::behavior_type
listening_master(keeper_master_actor::pointer, ears* to) {
  return {
    [to](atom::tell, const link::shutdown_wanted&) {
      to->heard.push_back("shutdown");
    },
    [to](atom::tell, const link::reload_wanted&) {
      to->heard.push_back("reload");
    },
  };
}

class keeper_link_test : public test::actor_test {
protected:
  keeper_link_test() {
    auto ends = link::make_link();
    EXPECT_TRUE(ends);
    keeper = std::make_unique<link::channel>(std::move(ends->first));
    near = std::make_shared<link::channel>(std::move(ends->second));
  }

  void begin(std::vector<link::push> early = {}) {
    uut = spawn(keeper_link,
                keeper_links{near, watch, 2, std::move(early),
                             [this](link::log_level, const std::string& x) {
                               log.push_back(x);
                             },
                             [this](const std::string& x) { lost = x; }});
  }

  /// The frames that the keeper got since the last call.
  std::vector<resp::value> received() {
    std::vector<resp::value> frames;
    EXPECT_TRUE(keeper->receive());
    while (auto x = keeper->next())
      frames.push_back(std::move(*x));
    return frames;
  }

  void tell_node(const std::string& frame, std::vector<unique_fd> fds = {}) {
    keeper->send(frame, std::move(fds));
    EXPECT_TRUE(keeper->flush());
    auto then = std::exchange(watch->readable, nullptr);
    ASSERT_TRUE(then);
    then();
    settle();
  }

  static unique_fd any_fd() {
    return unique_fd{::dup(2)};
  }

  std::unique_ptr<link::channel> keeper;
  std::shared_ptr<link::channel> near;
  std::shared_ptr<manual_watch> watch = std::make_shared<manual_watch>();
  std::vector<std::string> log;
  std::string lost;
  keeper_link_actor uut;
};

TEST_F(keeper_link_test, numbers_requests_and_gives_answers_to_who_asked) {
  begin();
  auto first = self->request(uut, caf::infinite, atom::ask_v,
                             link::request{link::forget{"a#0"}});
  auto second = self->request(uut, caf::infinite, atom::ask_v,
                              link::request{link::forget{"b#0"}});
  settle();
  auto frames = received();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(*link::sequence_of(frames[0]), 3u);
  EXPECT_EQ(*link::sequence_of(frames[1]), 4u);
  tell_node(link::encode(link::reply{3, link::done{}}));
  tell_node(link::encode(
    link::reply{4, link::refused{fail(errc::refused, "it lives")}}));
  first.receive([](bool) {}, [](const caf::error&) { FAIL(); });
  second.receive([](bool) { FAIL(); },
                 [](const caf::error& why) {
                   EXPECT_EQ(to_failure(why), fail(errc::refused, "it lives"));
                 });
}

TEST_F(keeper_link_test, does_not_send_what_is_too_long) {
  begin();
  link::spawn big;
  big.key = "a#0";
  big.spawn_id = 1;
  big.what.argv = {"true", std::string(1'100'000, 'x')};
  auto refused = self->request(uut, caf::infinite, atom::ask_v,
                               link::request{big});
  tell(uut, atom::send_v, link::request{big});
  auto next = self->request(uut, caf::infinite, atom::ask_v,
                            link::request{link::forget{"a#0"}});
  settle();
  auto frames = received();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(*link::sequence_of(frames[0]), 3u);
  refused.receive([](bool) { FAIL(); },
                  [](const caf::error& why) {
                    EXPECT_EQ(to_failure(why).code, errc::limit);
                  });
  ASSERT_EQ(log.size(), 1u);
  EXPECT_NE(log[0].find("SPAWN a#0: Argument list too long"),
            std::string::npos);
  tell_node(link::encode(link::reply{3, link::done{}}));
  next.receive([](bool) {}, [](const caf::error&) { FAIL(); });
  EXPECT_EQ(lost, "");
}

TEST_F(keeper_link_test, hands_over_the_socket_of_a_listen) {
  begin();
  auto pending = self->request(uut, caf::infinite, atom::listen_v,
                               link::listen{"127.0.0.1:7", 1, 0660, ""});
  settle();
  std::vector<unique_fd> fds;
  fds.push_back(any_fd());
  tell_node(link::encode(link::reply{3, link::listening{1, "127.0.0.1:7"}}),
            std::move(fds));
  pending.receive(
    [](const std::string& address, const handed_fd& fd) {
      EXPECT_EQ(address, "127.0.0.1:7");
      EXPECT_TRUE(*fd);
    },
    [](const caf::error&) { FAIL(); });
}

TEST_F(keeper_link_test, logs_the_refusal_of_what_nobody_waits_for) {
  begin();
  tell(uut, atom::send_v, link::request{link::note{"a#0", "x"}});
  tell_node(
    link::encode(link::reply{3, link::refused{fail(errc::limit, "too long")}}));
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0], "keeper refused NOTE a#0: too long");
}

TEST_F(keeper_link_test, says_nothing_of_a_signal_that_came_too_late) {
  begin();
  tell(uut, atom::send_v, link::request{link::signal{"a#0", SIGCONT, true}});
  tell(uut, atom::send_v, link::request{link::signal{"a#0", SIGTERM, true}});
  auto late = link::refused{fail(errc::not_found, "a#0 has no living child")};
  tell_node(link::encode(link::reply{3, late}));
  EXPECT_TRUE(log.empty());
  tell_node(link::encode(
    link::reply{4, link::refused{fail(errc::not_permitted, "not ours")}}));
  EXPECT_EQ(
    log, (std::vector<std::string>{"keeper refused SIGNAL a#0 15: not ours"}));
}

TEST_F(keeper_link_test, keeps_what_is_told_of_a_key_until_somebody_comes) {
  link::ended early{"a#0", 5, link::stamp{1}, {}};
  begin({early});
  std::vector<unique_fd> fds;
  fds.push_back(any_fd());
  tell_node(link::encode(link::push{link::spawned{1, "b#0", 6, 7, {}}}),
            std::move(fds));
  ears a, b;
  tell(uut, atom::enroll_v, std::string{"a#0"}, spawn(listening_client, &a));
  tell(uut, atom::enroll_v, std::string{"b#0"}, spawn(listening_client, &b));
  EXPECT_EQ(a.heard, (std::vector<std::string>{"ended a#0"}));
  EXPECT_EQ(b.heard, (std::vector<std::string>{"spawned b#0 1"}));
  EXPECT_TRUE(received().empty()) << "nothing may be acknowledged for them";
}

TEST_F(keeper_link_test, drops_the_end_of_a_job_that_nobody_waits_for) {
  begin();
  tell_node(link::encode(link::push{link::ended{"exec:1#0", 5, {}, {}}}));
  auto frames = received();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_TRUE(
    std::holds_alternative<link::ack>(*link::decode_request(frames[0])));
  EXPECT_TRUE(
    std::holds_alternative<link::forget>(*link::decode_request(frames[1])));
}

TEST_F(keeper_link_test, keeps_what_concerns_the_node_until_somebody_listens) {
  begin({link::push{link::reload_wanted{}}});
  tell_node(link::encode(link::push{link::shutdown_wanted{}}));
  ears master;
  tell(uut, atom::enroll_v,
       keeper_master_actor{spawn(listening_master, &master)});
  EXPECT_EQ(master.heard, (std::vector<std::string>{"reload", "shutdown"}));
  tell_node(link::encode(link::push{link::reload_wanted{}}));
  EXPECT_EQ(master.heard.size(), 3u);
}

TEST_F(keeper_link_test, fails_what_waits_when_the_keeper_is_gone) {
  begin();
  auto pending = self->request(uut, caf::infinite, atom::ask_v,
                               link::request{link::forget{"a#0"}});
  settle();
  keeper.reset();
  watch->readable();
  settle();
  EXPECT_FALSE(lost.empty());
  EXPECT_TRUE(watch->closed);
  pending.receive([](bool) { FAIL(); },
                  [](const caf::error& why) {
                    EXPECT_EQ(to_failure(why).code, errc::closed);
                  });
}

TEST_F(keeper_link_test, breaks_the_link_over_an_answer_to_nothing) {
  begin();
  tell_node(link::encode(link::reply{9, link::done{}}));
  EXPECT_FALSE(lost.empty());
}

TEST_F(keeper_link_test, reads_the_inventory_before_there_are_actors) {
  std::thread other{[this] {
    link::row row;
    row.key = "a#0";
    row.fds = 1;
    std::vector<unique_fd> fds;
    fds.push_back(any_fd());
    link::welcome hello;
    hello.keeper_pid = 1;
    hello.last_spawn_id = 9;
    keeper->send(link::encode(link::reply{1, hello}));
    keeper->send(link::encode(link::push{row}), std::move(fds));
    keeper->send(link::encode(link::push{link::reload_wanted{}}));
    keeper->send(link::encode(link::reply{2, link::listed{1}}));
    (void)keeper->flush();
  }};
  std::vector<link::push> early;
  auto found = greet(*near, "test", std::chrono::seconds{10}, early);
  other.join();
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->welcome.last_spawn_id, 9u);
  ASSERT_EQ(found->children.size(), 1u);
  EXPECT_EQ(found->children[0].row.key, "a#0");
  EXPECT_EQ(found->children[0].output->size(), 1u);
  EXPECT_EQ(early.size(), 1u);
  EXPECT_EQ(received().size(), 2u);
}

} // namespace
} // namespace saker
