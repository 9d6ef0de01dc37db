#include "actors/cluster.hpp"

#include "resp/command_table.hpp"
#include "resp/field_manual.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_tunnel.hpp"

#include <caf/actor_cast.hpp>

#include "cluster/wire.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;
using test::fake_tunnel;
using shared_tunnel = std::shared_ptr<fake_tunnel>;

/// What a PEER was told.
struct peer_record {
  peer_beginning how;
  peer_actor actor;
  std::vector<std::string> closed;
  std::vector<std::string> commands;
  caf::timespan patience{}; ///< with the last one
  bool goodbye = false;
  bool silent = false;              ///< does not answer commands
  std::optional<resp::value> reply; ///< else a row
  std::vector<caf::typed_response_promise<std::string>> open;
  caf::strong_actor_ptr other;
};

using shared_record = std::shared_ptr<peer_record>;

peer_actor::behavior_type
fake_peer(peer_actor::pointer self, shared_record to) {
  return {
    [](atom::change, const pubsub::interest&) {},
    [](atom::publish, const session::publish_batch&) {},
    [](atom::change, const std::string&) {},
    [](atom::publish, const std::string&, std::uint64_t) {},
    [](atom::report, std::uint64_t) {},
    [](atom::tell, std::uint64_t) {},
    [](atom::call, const std::string&) { return std::string{}; },
    [](atom::ask) { return true; },
    [](atom::finish) {},
    [to](atom::attach, const caf::strong_actor_ptr& x) { to->other = x; },
    [self, to](atom::send, const std::string& text,
               caf::timespan patience) -> caf::result<std::string> {
      to->commands.push_back(text);
      to->patience = patience;
      if (to->silent) {
        to->open.push_back(self->make_response_promise<std::string>());
        return to->open.back();
      }
      if (to->reply)
        return cluster::encode_reply(*to->reply);
      return cluster::encode_reply(resp::array{
        {resp::map{}.add("name", "web").add("node", to->how.name)}});
    },
    [to](atom::stop) { to->goodbye = true; },
    [self, to](atom::closed, const std::string& why) {
      to->closed.push_back(why);
      self->quit();
    },
    [](atom::tick) {},
    [](atom::expire) {},
  };
}

command_actor::behavior_type
fake_roster(command_actor::pointer, std::vector<std::string>* asked,
            const std::optional<std::int64_t>* number) {
  return {
    [asked, number](atom::call, const command_call& what) {
      std::string text;
      for (auto& x : what.what.args)
        text += x + ' ';
      asked->push_back(text);
      if (*number)
        return resp::value{**number};
      return resp::value{
        resp::array{{resp::map{}.add("name", "db").add("node", "m")}}};
    },
  };
}

class cluster_test : public test::actor_test {
protected:
  cluster_test() {
    roster = spawn(fake_roster, &asked, &own);
    cluster_links with;
    with.self = {"m", "m-life", "m:1", "1.0.0", 17};
    with.seeds = {"s:1"};
    with.listen
      = [this](
          io::listener_events events) -> result<std::shared_ptr<io::listener>> {
      ++listened;
      if (deaf)
        return fail(errc::io, "listen on m:1: Address already in use");
      accepting = std::move(events);
      return std::shared_ptr<io::listener>{std::make_shared<no_listener>()};
    };
    with.dial = [this](const std::string& to, std::string hello,
                       io::tunnel_events events) {
      return add(to, std::move(hello), std::move(events));
    };
    with.answer = [this](unique_fd, std::string hello,
                         io::tunnel_events events) {
      return add("10.0.0.9:4711", std::move(hello), std::move(events));
    };
    with.peer = [this](const cluster_actor&, peer_beginning how) {
      auto x = std::make_shared<peer_record>();
      x->how = std::move(how);
      x->reply = answers;
      x->actor = sys.spawn(fake_peer, x);
      peers.push_back(x);
      return x->actor;
    };
    with.carrier = [this](session::request&) -> result<command_actor> {
      return roster;
    };
    with.unix_ms = [] { return std::int64_t{5000}; };
    with.random = [] { return 0.5; };
    with.say = [this](const std::string& x) { said.push_back(x); };
    with.warn = [this](const std::string& x) { warned.push_back(x); };
    with.leave = [this] { ++left; };
    uut = spawn(cluster_of_nodes, std::move(with));
  }

  void TearDown() override {
    for (auto& x : peers) {
      x->open.clear();
      caf::anon_send_exit(x->actor, caf::exit_reason::user_shutdown);
    }
    actor_test::TearDown();
    peers.clear();
  }

  std::shared_ptr<io::tunnel>
  add(std::string to, std::string hello, io::tunnel_events events) {
    tunnels.push_back(std::make_shared<fake_tunnel>(
      std::move(to), std::move(hello), std::move(events)));
    return tunnels.back();
  }

  static std::string hello(const std::string& name,
                           std::vector<cluster::known_node> members = {}) {
    return cluster::encode({cluster::protocol_version, name, name + "-life",
                            name + ":1", std::move(members), "2.0.0", 18,
                            4000});
  }

  void greet(const shared_tunnel& by, const std::string& text) {
    by->greet(text);
    settle();
  }

  void cut(const shared_tunnel& by, const std::string& why) {
    by->fail(why);
    settle();
  }

  shared_tunnel somebody_connects() {
    tell(uut, atom::accept_v, hand(unique_fd{}));
    return tunnels.back();
  }

  /// A node that dialled and is up.
  shared_record node(const std::string& name) {
    greet(somebody_connects(), hello(name));
    tell(uut, atom::open_v, peers.back()->how.link);
    return peers.back();
  }

  resp::value command(std::vector<std::string> args) {
    auto x = ask<resp::value>(uut, atom::call_v, call_of(std::move(args)));
    return x ? *x : resp::value{};
  }

  /// A command that is answered some time: `answer<resp::value>`.
  caf::message_id later(std::vector<std::string> args) {
    auto id = self
                ->request(uut, caf::infinite, atom::call_v,
                          call_of(std::move(args)))
                .id();
    settle();
    return id;
  }

  static command_call call_of(std::vector<std::string> args) {
    command_call call{};
    call.what.command = resp::find_command(args[0]);
    if (resp::has(call.what.command->flags, resp::flag::container))
      call.what.command = resp::find_subcommand(*call.what.command, args[1]);
    call.what.target = call.what.command->target;
    call.what.args = std::move(args);
    call.what.rights = {resp::right::status};
    call.from = "bob@x:1";
    return call;
  }

  std::string state_of(const std::string& name) {
    auto all = command({"nodes"});
    for (auto& x : all.items())
      if (x.find("name")->text() == name)
        return std::string{x.find("state")->text()};
    return "unknown";
  }

  struct no_listener final : io::listener {
    void finish() override {
      // nop
    }
    void close() override {
      // nop
    }
  };

  command_actor roster;
  std::vector<std::string> asked;
  std::optional<std::int64_t> own;    ///< what the roster answers, else a row
  std::optional<resp::value> answers; ///< of PEERs to come
  int listened = 0;
  bool deaf = false;
  io::listener_events accepting;
  std::vector<shared_tunnel> tunnels;
  std::vector<shared_record> peers;
  std::vector<std::string> said, warned;
  int left = 0;
  cluster_actor uut;
};

// -- links ----------------------------------------------------------------------

TEST_F(cluster_test, does_nothing_before_it_is_started) {
  advance(1h);
  EXPECT_EQ(listened, 0);
  EXPECT_TRUE(tunnels.empty());
}

TEST_F(cluster_test, dials_and_tries_again) {
  tell(uut, atom::start_v);
  ASSERT_EQ(tunnels.size(), 1u);
  EXPECT_EQ(tunnels[0]->where, "s:1");
  auto mine = cluster::parse_hello(tunnels[0]->hello);
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->name, "m");
  cut(tunnels[0], "connect to s:1: Connection refused");
  advance(199ms);
  EXPECT_EQ(tunnels.size(), 1u);
  advance(1ms);
  ASSERT_EQ(tunnels.size(), 2u);
  EXPECT_EQ(warned.size(), 1u);
  cut(tunnels[1], "connect to s:1: Connection refused");
  advance(10s);
  EXPECT_EQ(warned.size(), 1u) << "it was said before";
}

TEST_F(cluster_test, listens_later_if_it_cannot_now) {
  deaf = true;
  tell(uut, atom::start_v);
  advance(3s);
  EXPECT_GE(listened, 3);
  EXPECT_EQ(warned.size(), 1u);
  deaf = false;
  advance(1s);
  auto before = listened;
  EXPECT_TRUE(accepting.accepted);
  advance(1min);
  EXPECT_EQ(listened, before);
}

TEST_F(cluster_test, spawns_a_peer_for_a_node_that_is_welcome) {
  tell(uut, atom::start_v);
  greet(tunnels[0], hello("s"));
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers[0]->how.name, "s");
  EXPECT_TRUE(peers[0]->how.dialled);
  EXPECT_TRUE(tunnels[0]->joined);
  EXPECT_EQ(state_of("s"), "dead") << "it carries nothing yet";
  tell(uut, atom::open_v, peers[0]->how.link);
  EXPECT_EQ(state_of("s"), "up");
}

TEST_F(cluster_test, introduces_its_peer_to_the_one_that_dialled) {
  greet(somebody_connects(), hello("a"));
  auto me = caf::actor_cast<caf::strong_actor_ptr>(self);
  auto x = ask<caf::strong_actor_ptr>(uut, atom::greet_v, std::string{"a"}, me);
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, caf::actor_cast<caf::strong_actor_ptr>(peers[0]->actor));
  EXPECT_EQ(peers[0]->other, me);
  peers[0]->other = nullptr;
  EXPECT_FALSE(
    ask<caf::strong_actor_ptr>(uut, atom::greet_v, std::string{"b"}, me));
}

TEST_F(cluster_test, refuses_strangers_and_says_so_once) {
  greet(somebody_connects(), "GET / HTTP/1.1");
  EXPECT_TRUE(tunnels.back()->closed);
  greet(somebody_connects(),
        cluster::encode({cluster::protocol_version, "m", "2", "m:2", {}}));
  EXPECT_TRUE(tunnels.back()->closed);
  EXPECT_TRUE(peers.empty());
  EXPECT_EQ(warned.size(), 1u);
  advance(10s);
  greet(somebody_connects(), "x");
  EXPECT_EQ(warned.size(), 2u);
}

TEST_F(cluster_test, holds_no_more_than_some_strangers) {
  for (auto i = 0; i < 100; ++i)
    somebody_connects();
  EXPECT_EQ(tunnels.size(), 64u);
  cut(tunnels[0], "silent");
  somebody_connects();
  EXPECT_EQ(tunnels.size(), 65u);
}

TEST_F(cluster_test, keeps_one_of_two_links) {
  // "z" dialled, then so do we: ours stays, once the other one is forgotten.
  greet(somebody_connects(), hello("z", {{"s", "s:1"}}));
  auto first = peers.at(0);
  tell(uut, atom::start_v);
  greet(tunnels.back(), hello("z"));
  EXPECT_EQ(first->closed.size(), 1u);
  EXPECT_TRUE(tunnels[0]->closed);
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_TRUE(peers[1]->how.dialled);
  // "a" dialled: what we dial is one too many.
  greet(somebody_connects(), hello("a"));
  auto count = peers.size();
  EXPECT_EQ(count, 3u);
}

TEST_F(cluster_test, tells_the_peer_when_its_link_is_cut) {
  tell(uut, atom::start_v);
  auto a = node("a");
  cut(tunnels.back(), "hear a:1: nothing for 5000 ms");
  EXPECT_EQ(a->closed, std::vector<std::string>{"hear a:1: nothing for "
                                                "5000 ms"});
  EXPECT_EQ(state_of("a"), "dead");
  advance(200ms);
  EXPECT_EQ(tunnels.back()->where, "a:1") << "it is looked for";
}

TEST_F(cluster_test, closes_a_link_that_its_peer_gives_up) {
  auto a = node("a");
  auto link = tunnels.back();
  tell(uut, atom::closed_v, a->how.link, std::string{"it did not join"});
  EXPECT_TRUE(link->closed);
  EXPECT_EQ(state_of("a"), "dead");
}

TEST_F(cluster_test, closes_a_link_whose_peer_ends) {
  auto a = node("a");
  auto link = tunnels.back();
  caf::anon_send_exit(a->actor, caf::exit_reason::kill);
  settle();
  EXPECT_TRUE(link->closed);
  EXPECT_EQ(state_of("a"), "dead");
}

TEST_F(cluster_test, says_good_bye_before_it_leaves) {
  auto a = node("a");
  tell(uut, atom::finish_v);
  EXPECT_TRUE(a->goodbye);
  EXPECT_EQ(left, 0);
  advance(100ms);
  EXPECT_EQ(left, 1);
}

TEST_F(cluster_test, leaves_at_once_when_it_is_alone) {
  tell(uut, atom::finish_v);
  EXPECT_EQ(left, 1);
}

TEST_F(cluster_test, knows_who_left_by_itself) {
  auto a = node("a");
  tell(uut, atom::stop_v, a->how.link);
  cut(tunnels.back(), "it closed the connection");
  EXPECT_EQ(state_of("a"), "left");
}

// -- NODES ----------------------------------------------------------------------

TEST_F(cluster_test, lists_itself_first) {
  auto a = node("a");
  tell(uut, atom::report_v, a->how.link, caf::timespan{1'500'000});
  tell(uut, atom::tell_v, a->how.link, std::uint64_t{7});
  EXPECT_EQ(resp::to_string(command({"nodes"})),
            R"([{"name": "m", "address": "m:1", "state": "up", "since": 5000, )"
            R"("rtt": null, "reason": null, "missed": 0}, )"
            R"({"name": "a", "address": "a:1", "state": "up", "since": 5000, )"
            R"("rtt": 1.5, "reason": null, "missed": 7}])");
}

TEST_F(cluster_test, suspects_who_does_not_answer) {
  auto a = node("a");
  tell(uut, atom::report_v, a->how.link, caf::timespan{0});
  EXPECT_EQ(state_of("a"), "suspect");
  tell(uut, atom::report_v, a->how.link, caf::timespan{1});
  EXPECT_EQ(state_of("a"), "up");
}

TEST_F(cluster_test, tells_all_that_it_knows_of_a_node) {
  auto a = node("a");
  tell(uut, atom::report_v, a->how.link, caf::timespan{1'500'000});
  tunnels.back()->carried = {70, 80};
  advance(30ms);
  EXPECT_EQ(
    resp::to_string(command({"node", "info", "a"})),
    R"({"name": "a", "address": "a:1", "state": "up", "since": 5000, )"
    R"("rtt": 1.5, "reason": null, "missed": 0, "version": "2.0.0", )"
    R"("pid": 18, "started": 4000, "join": false, "link": "10.0.0.9:4711", )"
    R"("dialled": false, "heartbeat_age": 30, "received": 70, "sent": 80})");
  cut(tunnels.back(), "cut");
  EXPECT_EQ(
    resp::to_string(command({"node", "info", "a"})),
    R"({"name": "a", "address": "a:1", "state": "dead", "since": 5000, )"
    R"("rtt": null, "reason": "cut", "missed": 0, "version": "2.0.0", )"
    R"("pid": 18, "started": 4000, "join": false, "link": null, )"
    R"("dialled": null, "heartbeat_age": null, "received": null, )"
    R"("sent": null})");
}

TEST_F(cluster_test, tells_of_itself_without_a_name) {
  auto x = command({"node", "info"});
  EXPECT_EQ(resp::to_string(x),
            resp::to_string(command({"node", "info", "m"})));
  EXPECT_EQ(x.find("version")->text(), "1.0.0");
  EXPECT_EQ(x.find("pid")->integer(), 17);
  EXPECT_EQ(x.find("started")->integer(), 5000);
  std::vector<std::string> names;
  std::vector<std::string> told;
  for (auto& entry : x.get_if<resp::map>()->entries)
    names.emplace_back(entry.key.text());
  for (auto& row : resp::node_fields())
    told.emplace_back(row.name);
  EXPECT_EQ(names, told);
  EXPECT_TRUE(command({"node", "info", "m", "n"}).is_error());
}

TEST_F(cluster_test, tells_whom_it_was_told_to_join) {
  tell(uut, atom::start_v);
  greet(tunnels.back(), hello("s"));
  EXPECT_EQ(resp::to_string(*command({"node", "info", "s"}).find("join")),
            "true");
}

TEST_F(cluster_test, forgets_a_node_that_is_gone) {
  auto a = node("a");
  EXPECT_EQ(command({"node", "forget", "b"}).text().find("NONODE no node"), 0u);
  EXPECT_EQ(command({"node", "forget", "m"})
              .text()
              .find("ERR node \"m\" is "
                    "this one"),
            0u);
  EXPECT_EQ(command({"node", "forget", "a"})
              .text()
              .find("ERR node \"a\" is "
                    "up"),
            0u);
  EXPECT_EQ(state_of("a"), "up");
  tell(uut, atom::tell_v, a->how.link, std::uint64_t{7});
  cut(tunnels.back(), "cut");
  EXPECT_EQ(command({"node", "forget", "a"}), resp::ok());
  EXPECT_EQ(state_of("a"), "unknown");
  EXPECT_EQ(said.back(), "node a is forgotten by bob@x:1");
  EXPECT_EQ(command({"svstop", "web@a"}).text().find("NONODE no node"), 0u);
  node("a");
  EXPECT_EQ(command({"node", "info", "a"}).find("missed")->integer(), 0);
}

TEST_F(cluster_test, nobody_waits_for_a_node_that_is_forgotten) {
  node("a");
  cut(tunnels.back(), "cut");
  auto waits = later({"svwait", "web@a", "running", "60000"});
  EXPECT_FALSE(answer<resp::value>(waits));
  EXPECT_EQ(command({"node", "forget", "a"}), resp::ok());
  settle();
  auto x = answer<resp::value>(waits);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->text(), "NONODE node \"a\" was forgotten");
}

// -- commands -------------------------------------------------------------------

TEST_F(cluster_test, asks_each_node_its_part_with_the_rights_of_the_caller) {
  auto a = node("a");
  auto x = command({"svstatus", "web@a"});
  EXPECT_EQ(resp::to_string(x), R"([{"name": "web", "node": "a"}])");
  ASSERT_EQ(a->commands.size(), 1u);
  auto far = cluster::parse_command(a->commands[0]);
  ASSERT_TRUE(far);
  EXPECT_EQ(far->args, (std::vector<std::string>{"svstatus", "web"}));
  EXPECT_EQ(far->from, "bob@x:1 via m");
  EXPECT_EQ(far->rights, resp::rights{resp::right::status});
  EXPECT_EQ(resp::to_string(command({"svstatus", "*@*"})),
            R"([{"name": "web", "node": "a"}, {"name": "db", "node": "m"}])");
  EXPECT_EQ(asked, std::vector<std::string>{"svstatus * "});
}

TEST_F(cluster_test, asks_nodes_for_scripts_and_figures) {
  answers = resp::value{"hello"};
  auto a = node("a");
  EXPECT_EQ(command({"sysinfo", "x.y@a", "z"}), resp::value{"hello"});
  auto far = *cluster::parse_command(a->commands.back());
  EXPECT_EQ(far.args, (std::vector<std::string>{"sysinfo", "x.y", "z"}));
  EXPECT_EQ(far.rights, resp::rights{resp::right::status});
  EXPECT_EQ(a->patience, caf::timespan{10s});
  EXPECT_EQ(command({"call", "greet@a", "WAIT", "99000"}),
            resp::value{"hello"});
  far = *cluster::parse_command(a->commands.back());
  EXPECT_EQ(far.args,
            (std::vector<std::string>{"call", "greet", "WAIT", "99000"}));
  EXPECT_EQ(a->patience, caf::timespan{60s});
  own = 7;
  EXPECT_EQ(resp::to_string(command({"sysinfo", "x.y@*"})),
            R"({"a": "hello", "m": 7})");
  EXPECT_EQ(asked.back(), "sysinfo x.y ");
  EXPECT_TRUE(command({"call", "greet@b"}).text().starts_with("NONODE no"));
}

TEST_F(cluster_test, asks_what_names_mean_before_it_does_anything) {
  auto a = node("a");
  a->reply = resp::error{"NOSERVICE no service matches \"nope\""};
  EXPECT_EQ(command({"svstop", "db", "nope@a"}).text(),
            "NOSERVICE on node \"a\": no service matches \"nope\"");
  EXPECT_EQ(asked, std::vector<std::string>{"svstatus db "});
  ASSERT_EQ(a->commands.size(), 1u);
  EXPECT_EQ(cluster::parse_command(a->commands[0])->args,
            (std::vector<std::string>{"svstatus", "nope"}));
  a->reply.reset();
  asked.clear();
  EXPECT_EQ(command({"svstop", "db", "web@a"}).items().size(), 2u);
  EXPECT_EQ(asked, (std::vector<std::string>{"svstatus db ", "svstop db "}));
  EXPECT_EQ(cluster::parse_command(a->commands.back())->args,
            (std::vector<std::string>{"svstop", "web"}));
}

TEST_F(cluster_test, a_node_that_does_not_answer_is_asked_once) {
  auto a = node("a");
  cut(tunnels.back(), "cut");
  auto x = command({"svstop", "db", "web@a"});
  ASSERT_EQ(x.items().size(), 2u);
  EXPECT_EQ(asked, (std::vector<std::string>{"svstatus db ", "svstop db "}));
  EXPECT_TRUE(a->commands.empty());
}

// -- SVWAIT -----------------------------------------------------------------------

TEST_F(cluster_test, waits_for_a_node_as_long_as_the_caller_does) {
  tell(uut, atom::start_v);
  auto a = node("a");
  cut(tunnels.back(), "cut");
  own = 1;
  auto id = later({"svwait", "web@*", "running", "500"});
  advance(499ms);
  EXPECT_FALSE(answer<resp::value>(id));
  advance(1ms);
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->text(),
            "NONODE \"web@*\": 1 reached it, but not all nodes tell: node "
            "\"a\" is dead: cut");
}

TEST_F(cluster_test, asks_a_node_that_comes_back_for_the_rest_of_the_time) {
  tell(uut, atom::start_v);
  node("a");
  cut(tunnels.back(), "cut");
  own = 1;
  auto id = later({"svwait", "web@*", "running", "500"});
  advance(200ms);
  EXPECT_FALSE(answer<resp::value>(id));
  answers = resp::value{2};
  auto a = node("a");
  ASSERT_EQ(a->commands.size(), 1u);
  EXPECT_EQ(cluster::parse_command(a->commands[0])->args,
            (std::vector<std::string>{"svwait", "web", "running", "300"}));
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->integer(), 3);
}

TEST_F(cluster_test, whoever_waits_no_more_is_told_how_it_is_now) {
  auto a = node("a");
  a->silent = true;
  auto call = call_of({"svwait", "web@a", "running", "60000"});
  call.client = 7;
  auto id = self->request(uut, caf::infinite, atom::call_v, call).id();
  settle();
  EXPECT_EQ(a->commands.size(), 1u);
  tell(uut, atom::withdraw_v, std::uint64_t{8}); // somebody else
  EXPECT_EQ(a->commands.size(), 1u);
  a->silent = false;
  a->reply = resp::value{2};
  tell(uut, atom::withdraw_v, std::uint64_t{7});
  ASSERT_EQ(a->commands.size(), 2u);
  EXPECT_EQ(cluster::parse_command(a->commands[1])->args,
            (std::vector<std::string>{"svwait", "web", "running", "0"}));
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->integer(), 2);
  tell(uut, atom::withdraw_v, std::uint64_t{7}); // it waits no more
  EXPECT_EQ(a->commands.size(), 2u);
}

TEST_F(cluster_test, whoever_waits_no_more_is_told_that_a_node_is_absent) {
  tell(uut, atom::start_v);
  node("a");
  cut(tunnels.back(), "cut");
  auto call = call_of({"svwait", "web@a", "running", "60000"});
  call.client = 7;
  auto id = self->request(uut, caf::infinite, atom::call_v, call).id();
  settle();
  EXPECT_FALSE(answer<resp::value>(id));
  tell(uut, atom::withdraw_v, std::uint64_t{7});
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->text(), "NONODE node \"a\" is dead: cut");
  node("a")->silent = true;
  EXPECT_TRUE(peers.back()->commands.empty()); // nothing is left of it
}

TEST_F(cluster_test, does_not_wait_without_time) {
  node("a");
  cut(tunnels.back(), "cut");
  EXPECT_EQ(command({"svwait", "web@a", "running", "0"}).text(),
            "NONODE node \"a\" is dead: cut");
}

TEST_F(cluster_test, refuses_a_dead_or_unknown_node_at_once) {
  EXPECT_TRUE(command({"svstatus", "@far"}).text().starts_with("NONODE no "));
  auto a = node("a");
  cut(tunnels.back(), "cut");
  EXPECT_EQ(command({"svstop", "web@a"}).text(),
            "NONODE node \"a\" is dead: cut");
  EXPECT_TRUE(a->commands.empty());
}

TEST_F(cluster_test, names_those_who_do_not_answer) {
  auto a = node("a");
  cut(tunnels.back(), "cut");
  auto x = command({"svstatus", "*@*"});
  ASSERT_EQ(x.items().size(), 2u);
  auto& lost = x.items()[0];
  EXPECT_EQ(resp::to_string(lost),
            R"({"name": "*", "node": "a", "state": "lost", )"
            R"("reason": "node \"a\" is dead: cut"})");
}

TEST_F(cluster_test, does_not_ask_those_who_left_unless_they_are_named) {
  auto a = node("a");
  tell(uut, atom::stop_v, a->how.link);
  cut(tunnels.back(), "closed");
  EXPECT_EQ(command({"svstatus", "*@*"}).items().size(), 1u);
  EXPECT_EQ(command({"svstatus", "@a"}).text(), "NONODE node \"a\" is left");
}

} // namespace
} // namespace saker
