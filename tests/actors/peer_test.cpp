#include "actors/peer.hpp"

#include "cluster/wire.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"

#include <caf/actor_cast.hpp>

namespace saker {
namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

/// What those around a PEER were told.
struct surroundings {
  words told;                         ///< the CLUSTER
  words far;                          ///< the PEER over there
  words broker;                       ///< the BROKER
  std::vector<command_call> calls;    ///< the ROSTER
  std::string reply = "$2\r\nhi\r\n"; ///< over there
  bool silent = false;                ///< over there nobody answers
  std::vector<caf::response_promise> open;
  caf::strong_actor_ptr other; ///< the PEER over there
  bool absent = false;         ///< there is no BASP over there
  int asked = 0;               ///< the PEER over there, for an answer
};

cluster_actor::behavior_type
fake_cluster(cluster_actor::pointer, surroundings* to) {
  auto note = [to](const std::string& x) { to->told.push_back(x); };
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [to](atom::greet, const std::string&, const caf::strong_actor_ptr&) {
      return to->other;
    },
    [](atom::start) {},
    [](atom::accept, const handed_fd&) {},
    [](atom::greet, std::uint64_t, const std::string&) {},
    [note](atom::closed, std::uint64_t, const std::string& why) {
      note("closed " + why);
    },
    [note](atom::open, std::uint64_t) { note("open"); },
    [note](atom::report, std::uint64_t, caf::timespan rtt) {
      note(rtt.count() > 0 ? "alive" : "late");
    },
    [note](atom::tell, std::uint64_t, std::uint64_t n) {
      note("missed " + std::to_string(n));
    },
    [note](atom::stop, std::uint64_t) { note("goodbye"); },
    [](atom::withdraw, std::uint64_t) {},
    [](atom::finish) {},
    [](atom::expire) {},
    [](atom::tick) {},
  };
}

basp_actor::behavior_type
fake_basp(basp_actor::pointer self, surroundings* to, cluster_actor there) {
  return {
    [](atom::accept, const handed_fd&, const caf::strong_actor_ptr&) {},
    [self, to, there](atom::open,
                      const handed_fd&) -> caf::result<caf::strong_actor_ptr> {
      if (!to->absent)
        return caf::actor_cast<caf::strong_actor_ptr>(there);
      to->open.push_back(self->make_response_promise());
      return caf::delegated<caf::strong_actor_ptr>{};
    },
  };
}

far_peer_actor::behavior_type
fake_far(far_peer_actor::pointer self, surroundings* to) {
  auto note = [to](const std::string& x) { to->far.push_back(x); };
  return {
    [note](atom::change, const std::string& text) {
      auto x = cluster::parse_interest(text);
      note("interest " + std::to_string(x->topics.size())
           + (x->anew ? " anew" : ""));
    },
    [note](atom::publish, const std::string& text, std::uint64_t) {
      note("messages " + std::to_string(cluster::parse_batch(text)->size()));
    },
    [note](atom::report, std::uint64_t cost) {
      note("ack " + std::to_string(cost));
    },
    [note](atom::tell, std::uint64_t n) { note("gap " + std::to_string(n)); },
    [self, to, note](atom::call,
                     const std::string&) -> caf::result<std::string> {
      note("call");
      if (!to->silent)
        return to->reply;
      to->open.push_back(self->make_response_promise());
      return caf::delegated<std::string>{};
    },
    [self, to](atom::ask) -> caf::result<bool> {
      ++to->asked;
      if (!to->silent)
        return true;
      to->open.push_back(self->make_response_promise());
      return caf::delegated<bool>{};
    },
    [note](atom::finish) { note("goodbye"); },
  };
}

mesh_broker_actor::behavior_type
fake_broker(mesh_broker_actor::pointer, surroundings* to) {
  auto note = [to](const std::string& x) { to->broker.push_back(x); };
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [](atom::subscribe, const subscriber_actor&, const session::subscribe&) {},
    [](atom::subscribe, const subscriber_actor&, const session::unsubscribe&) {
    },
    [](atom::subscribe, const subscriber_actor&,
       const session::unsubscribe_all&) {},
    [](atom::subscribe, const subscriber_actor&,
       const session::switch_protocol&) {},
    [](atom::withdraw, const subscriber_actor&) {},
    [](atom::publish, const subscriber_actor&, const session::publish_batch&) {
    },
    [](atom::emit, const std::string&, const shared_bytes&) {},
    [](atom::emit, const session::publish_batch&) {},
    [](atom::tell, const std::string&) {},
    [](atom::pump) {},
    [note](atom::attach, const mesh_actor&) { note("attach"); },
    [note](atom::change, const mesh_actor&, const pubsub::interest& x) {
      note("interest " + std::to_string(x.topics.size()));
    },
    [note](atom::deliver, const session::publish_batch& x) {
      note("messages " + std::to_string(x.size()));
    },
  };
}

command_actor::behavior_type
peer_roster(command_actor::pointer, surroundings* to) {
  return {
    [to](atom::call, const command_call& what) {
      to->calls.push_back(what);
      return resp::value{"done"};
    },
  };
}

class peer_test : public test::actor_test {
protected:
  peer_test() {
    cluster = spawn(fake_cluster, &all);
    far = spawn(fake_far, &all);
    all.other = caf::actor_cast<caf::strong_actor_ptr>(far);
    links.node = "m";
    links.cluster = cluster;
    links.broker = spawn(fake_broker, &all);
    links.basp = spawn(fake_basp, &all, cluster);
    links.carrier = [this](session::request& x) -> result<command_actor> {
      if (!roster)
        return fail(errc::loading, "node \"m\" is still loading");
      if (x.command->id == resp::command_id::call)
        x.script = "a.lua";
      return roster;
    };
    links.backlog = 1000;
    links.warn = [this](const std::string& x) { warned.push_back(x); };
    roster = spawn(peer_roster, &all);
  }

  void TearDown() override {
    all.open.clear();
    all.other = nullptr;
    actor_test::TearDown();
  }

  void begin(bool dialled = true) {
    uut = spawn(peer, peer_links{links},
                peer_beginning{7, "a", dialled, hand(unique_fd{})});
  }

  static session::publish_batch messages(std::size_t count, std::size_t size) {
    session::publish_batch x;
    for (std::size_t i = 0; i < count; ++i)
      x.add("c", std::string(size, 'x'));
    return x;
  }

  static std::string command(words args) {
    return cluster::encode(cluster::far_command{
      std::move(args), "bob@x via b", {resp::right::status}});
  }

  caf::expected<std::string> send(const std::string& text) {
    return ask<std::string>(uut, atom::send_v, text, caf::timespan{10s});
  }

  surroundings all;
  peer_links links;
  cluster_actor cluster;
  far_peer_actor far;
  command_actor roster;
  peer_actor uut;
  words warned;
};

TEST_F(peer_test, finds_the_other_side_when_it_dialled) {
  begin();
  EXPECT_EQ(all.told, (words{"open", "alive"}));
  EXPECT_EQ(all.broker, words{"attach"});
}

TEST_F(peer_test, is_told_the_other_side_when_it_was_dialled) {
  begin(false);
  EXPECT_TRUE(all.told.empty());
  tell(uut, atom::attach_v, all.other);
  EXPECT_EQ(all.told[0], "open");
}

TEST_F(peer_test, gives_up_when_nobody_joins) {
  begin(false);
  advance(5s);
  EXPECT_EQ(all.told, words{"closed it did not join in time"});
}

TEST_F(peer_test, announces_who_listens_in_pieces) {
  begin();
  pubsub::interest x{true, false, {}};
  for (auto i = 0; i < 2500; ++i)
    x.topics.push_back({{}, std::to_string(i), 1});
  tell(uut, atom::change_v, x);
  EXPECT_EQ(all.far,
            (words{"interest 1000 anew", "interest 1000", "interest 500"}));
}

TEST_F(peer_test, passes_on_what_comes_and_gives_credit_back) {
  begin();
  all.broker.clear();
  tell(uut, atom::publish_v, cluster::encode(messages(3, 10)),
       std::uint64_t{99});
  tell(uut, atom::change_v,
       cluster::encode(pubsub::interest{false, false, {{{}, "a", 1}}}));
  EXPECT_EQ(all.broker, (words{"messages 3", "interest 1"}));
  EXPECT_EQ(all.far, words{"ack 99"});
  tell(uut, atom::publish_v, std::string{"?"}, std::uint64_t{1});
  EXPECT_EQ(warned.size(), 1u);
  EXPECT_EQ(all.broker.size(), 2u);
}

TEST_F(peer_test, skips_and_counts_what_the_other_side_does_not_take) {
  begin();
  all.told.clear();
  tell(uut, atom::publish_v, messages(1, 900));
  tell(uut, atom::publish_v, messages(2, 100));
  tell(uut, atom::publish_v, messages(3, 100));
  EXPECT_EQ(all.far, words{"messages 1"});
  EXPECT_EQ(all.told, (words{"missed 2", "missed 3"}));
  EXPECT_EQ(warned.size(), 1u);
  tell(uut, atom::report_v, std::uint64_t{10'000});
  EXPECT_EQ(all.far, (words{"messages 1", "gap 5"}));
  tell(uut, atom::publish_v, messages(1, 100));
  EXPECT_EQ(all.far.back(), "messages 1");
}

TEST_F(peer_test, refuses_commands_when_too_much_is_on_its_way) {
  begin();
  tell(uut, atom::publish_v, messages(1, 900));
  auto x = send(command({"svstatus", "web"}));
  ASSERT_FALSE(x);
  EXPECT_EQ(to_failure(x.error()).code, errc::busy);
}

TEST_F(peer_test, forwards_commands) {
  begin();
  auto x = send(command({"svstatus", "web"}));
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, all.reply);
}

TEST_F(peer_test, fails_open_commands_when_the_link_is_cut) {
  begin();
  all.silent = true;
  auto id = self
              ->request(uut, caf::infinite, atom::send_v,
                        command({"svstatus", "web"}), caf::timespan{10s})
              .id();
  settle();
  tell(uut, atom::closed_v, std::string{"nothing for 5000 ms"});
  auto x = answer<std::string>(id);
  ASSERT_TRUE(x);
  ASSERT_FALSE(*x);
  auto why = to_failure(x->error());
  EXPECT_EQ(why.code, errc::no_such_node);
  EXPECT_NE(why.detail.find("nothing for 5000 ms"), std::string::npos);
}

TEST_F(peer_test, fails_open_commands_when_the_other_side_ends) {
  begin();
  all.silent = true;
  all.told.clear();
  auto id = self
              ->request(uut, caf::infinite, atom::send_v,
                        command({"svstatus", "web"}), caf::timespan{10s})
              .id();
  settle();
  caf::anon_send_exit(far, caf::exit_reason::kill);
  settle();
  auto x = answer<std::string>(id);
  ASSERT_TRUE(x && !*x);
  EXPECT_EQ(to_failure(x->error()).code, errc::no_such_node);
  EXPECT_EQ(all.told, words{"closed it closed the link"});
}

TEST_F(peer_test, waits_for_an_answer_only_as_long_as_it_may) {
  begin();
  all.silent = true;
  auto id = self
              ->request(uut, caf::infinite, atom::send_v,
                        command({"svstatus", "web"}), caf::timespan{10s})
              .id();
  settle();
  advance(10s);
  auto x = answer<std::string>(id);
  ASSERT_TRUE(x && !*x);
  EXPECT_EQ(to_failure(x->error()).code, errc::timeout);
  all.silent = false;
  for (auto i = 0; i < 20; ++i)
    EXPECT_TRUE(send(command({"svstatus", "web"}))) << "credit comes back";
}

TEST_F(peer_test, tells_when_heartbeats_are_not_answered) {
  begin();
  all.silent = true;
  all.told.clear();
  advance(1s);
  advance(1s);
  EXPECT_EQ(all.told, words{});
  advance(1s);
  EXPECT_EQ(all.told, words{"late"});
}

TEST_F(peer_test, asks_in_each_heartbeat_if_it_dialled_and_sets_one_timer) {
  begin();
  advance(10s);
  EXPECT_EQ(all.asked, 11);
  EXPECT_TRUE(ask<bool>(uut, atom::ask_v));
  advance(10s);
  EXPECT_EQ(all.asked, 21);
  EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
}

TEST_F(peer_test, asks_seldom_while_the_side_that_dialled_asks) {
  begin(false);
  tell(uut, atom::attach_v, all.other);
  for (auto i = 0; i < 100; ++i) {
    EXPECT_TRUE(ask<bool>(uut, atom::ask_v));
    all.told.clear();
    advance(1s);
    EXPECT_EQ(all.told, words{"alive"}) << i;
  }
  EXPECT_EQ(all.asked, 11);
  // It falls silent: this side asks again.
  all.silent = true;
  all.told.clear();
  advance(2s);
  EXPECT_EQ(all.asked, 13);
  EXPECT_EQ(all.told, words{});
  advance(1s);
  EXPECT_EQ(all.told, words{"late"});
}

TEST_F(peer_test, carries_out_commands_for_others) {
  begin();
  auto x = ask<std::string>(uut, atom::call_v, command({"svstatus", "web"}));
  ASSERT_TRUE(x);
  EXPECT_EQ(*cluster::parse_reply(*x), resp::value{"done"});
  ASSERT_EQ(all.calls.size(), 1u);
  EXPECT_EQ(all.calls[0].from, "bob@x via b");
  EXPECT_EQ(all.calls[0].what.user, "bob");
  EXPECT_EQ(all.calls[0].what.rights, resp::rights{resp::right::status});
  EXPECT_EQ(all.calls[0].what.command->id, resp::command_id::svstatus);
}

TEST_F(peer_test, carries_out_what_scripts_are_asked_for) {
  begin();
  auto x = ask<std::string>(uut, atom::call_v, command({"call", "greet"}));
  ASSERT_TRUE(x);
  ASSERT_EQ(all.calls.size(), 1u);
  EXPECT_EQ(all.calls[0].what.script, "a.lua");
  EXPECT_EQ(all.calls[0].what.rights, resp::rights{resp::right::status});
}

TEST_F(peer_test, carries_out_nothing_else) {
  begin();
  for (auto name : {"shutdown", "svapply", "nonsense"}) {
    auto x = ask<std::string>(uut, atom::call_v, command({name, "x"}));
    ASSERT_FALSE(x);
    EXPECT_EQ(to_failure(x.error()).code, errc::unsupported);
  }
  roster = nullptr;
  auto x = ask<std::string>(uut, atom::call_v, command({"svstatus", "web"}));
  EXPECT_EQ(to_failure(x.error()).code, errc::loading);
  EXPECT_TRUE(all.calls.empty());
}

TEST_F(peer_test, says_and_hears_good_bye) {
  begin();
  tell(uut, atom::stop_v);
  EXPECT_EQ(all.far, words{"goodbye"});
  tell(uut, atom::finish_v);
  EXPECT_EQ(all.told.back(), "goodbye");
}

} // namespace
} // namespace saker
