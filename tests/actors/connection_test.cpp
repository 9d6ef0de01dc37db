#include "actors/connection.hpp"

#include "actors/broker.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_stream.hpp"

#include <map>

namespace saker {
namespace {

using namespace std::chrono_literals;

/// Remembers what it was asked and answers when the test says so.
struct desk_state {
  std::vector<std::pair<command_call, caf::typed_response_promise<resp::value>>>
    open;
  std::vector<std::uint64_t> withdrawn; ///< clients
  static inline const char* name = "desk";
};

using desk_actor = command_actor::extend<
  caf::reacts_to<atom::withdraw, std::uint64_t>,
  caf::reacts_to<atom::report, std::size_t, resp::value>>;

desk_actor::behavior_type
desk(desk_actor::stateful_pointer<desk_state> self, desk_state** where) {
  *where = &self->state;
  return {
    [self](atom::call, command_call& what) -> caf::result<resp::value> {
      auto promise = self->make_response_promise<resp::value>();
      self->state.open.emplace_back(std::move(what), promise);
      return promise;
    },
    [self](atom::withdraw, std::uint64_t client) {
      self->state.withdrawn.push_back(client);
    },
    // A promise must be delivered by the actor that made it.
    [self](atom::report, std::size_t which, const resp::value& x) {
      self->state.open[which].second.deliver(x);
    },
  };
}

class connection_test : public test::actor_test {
protected:
  connection_test() {
    links->live->limits.output_pubsub = {100'000, 0, 0s};
    broker_links to_all;
    to_all.figures = &figures;
    to_all.monitored = monitored;
    links->broker = spawn(broker, to_all);
    settings->monitored = monitored;
    counter = spawn(desk, &roster);
    links->roster = caf::actor_cast<command_actor>(counter);
    links->gateway = links->roster;
    links->librarian = links->roster;
    links->script = [](const std::string&) { return command_actor{}; };
    links->figures = &figures;
    links->settings = settings;
  }

  /// A client of the node, seen from the other end of the wire.
  struct client {
    connection_actor actor;
    std::shared_ptr<test::fake_stream> wire;
  };

  std::string unix_user; ///< of the next client, if it comes that way

  client connect(session::peer_kind kind = session::peer_kind::root) {
    client x;
    session::peer who;
    who.address = "127.0.0.1:4711";
    who.kind = kind;
    who.via_unix = !unix_user.empty();
    who.user = unix_user;
    stream_factory factory = [&x](io::stream_events events) {
      x.wire = std::make_shared<test::fake_stream>(std::move(events));
      return x.wire;
    };
    auto id = ++last_id;
    auto hdl = sys.spawn(connection, shared_links{links}, who, id, factory);
    x.actor = hdl;
    settle();
    clients.push_back(hdl);
    return x;
  }

  void TearDown() override {
    for (auto& x : clients)
      caf::anon_send(x, atom::finish_v, std::string{"test"});
    clients.clear();
    settle();
    actor_test::TearDown();
  }

  std::string say(client& x, std::string_view bytes) {
    x.wire->send(bytes);
    settle();
    return x.wire->received();
  }

  std::shared_ptr<std::atomic<bool>> monitored
    = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<session::settings> settings
    = std::make_shared<session::settings>();
  std::shared_ptr<connection_links> links
    = std::make_shared<connection_links>();
  node_figures figures;
  void answer(std::size_t which, resp::value x) {
    tell(counter, atom::report_v, which, std::move(x));
  }

  desk_actor counter;
  desk_state* roster = nullptr;
  std::uint64_t last_id = 0;
  std::vector<connection_actor> clients;
};

TEST_F(connection_test, says_who_speaks_tls_to_a_plain_address) {
  std::vector<std::string> lines;
  links->refusals = std::make_shared<refusal_log>(
    [&lines](const std::string& text) { lines.push_back(text); });
  auto x = connect();
  auto reply = say(x, std::string_view{"\x16\x03\x01\x00\x05", 5});
  EXPECT_EQ(reply.substr(0, 44),
            "-ERR Protocol error: this port speaks no TLS");
  EXPECT_TRUE(x.wire->finished());
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("client 127.0.0.1:4711 speaks TLS on"),
            std::string::npos);
}

TEST_F(connection_test, answers_what_it_can_answer_itself) {
  auto x = connect();
  EXPECT_EQ(say(x, "PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n"),
            "+PONG\r\n$2\r\nhi\r\n");
}

TEST_F(connection_test, writes_the_replies_of_one_read_at_once) {
  auto x = connect();
  std::string pings;
  std::string pongs;
  for (int i = 0; i < 100; ++i) {
    pings += "PING\r\n";
    pongs += "+PONG\r\n";
  }
  x.wire->writes();
  EXPECT_EQ(say(x, pings), pongs);
  EXPECT_EQ(x.wire->writes(), 1u);
}

TEST_F(connection_test, writes_what_was_published_together_at_once) {
  auto to = connect();
  auto other = connect();
  auto from = connect();
  say(to, "SUBSCRIBE news\r\n");
  say(other, "PSUBSCRIBE n*\r\n");
  for (auto* x : {&to, &other, &from})
    x->wire->writes();
  std::string bytes;
  for (int i = 0; i < 50; ++i)
    bytes += "PUBLISH news x\r\n";
  auto replies = say(from, bytes);
  EXPECT_EQ(replies.size(), 50 * std::string{":2\r\n"}.size());
  EXPECT_EQ(from.wire->writes(), 1u);
  EXPECT_EQ(to.wire->writes(), 1u);
  EXPECT_EQ(other.wire->writes(), 1u);
  EXPECT_GT(to.wire->received().size(), 50u * 20);
}

TEST_F(connection_test, ends_with_its_input_while_it_only_waits) {
  auto x = connect();
  say(x, "SVWAIT web running 86400000\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  x.wire->hang_up();
  settle();
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(roster->withdrawn, std::vector<std::uint64_t>{last_id});
}

TEST_F(connection_test, answers_what_was_asked_before_the_end_of_input) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up();
  settle();
  EXPECT_FALSE(x.wire->is_closed());
  answer(0, resp::value{"late"});
  EXPECT_EQ(x.wire->received(), "$4\r\nlate\r\n");
  EXPECT_EQ(roster->withdrawn, std::vector<std::uint64_t>{});
}

TEST_F(connection_test, does_not_wait_for_answers_for_ever) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up();
  settle();
  advance(std::chrono::seconds{5});
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, counts_commands_for_info) {
  auto x = connect();
  auto y = connect();
  say(x, "PING\r\nPING\r\nnosuch\r\n");
  say(y, "PING\r\n");
  EXPECT_EQ(figures.commands.get(), 3);
}

TEST_F(connection_test, keeps_replies_in_the_order_of_the_commands) {
  auto x = connect();
  EXPECT_EQ(say(x, "SVSTATUS\r\nPING\r\nSVSTATUS\r\n"), "");
  ASSERT_EQ(roster->open.size(), 2u);
  answer(1, resp::value{"second"});
  EXPECT_EQ(x.wire->received(), "");
  answer(0, resp::value{"first"});
  EXPECT_EQ(x.wire->received(), "$5\r\nfirst\r\n+PONG\r\n$6\r\nsecond\r\n");
}

TEST_F(connection_test, says_who_asks) {
  auto x = connect();
  say(x, "SVSTOP web\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  EXPECT_EQ(roster->open[0].first.from, "default@127.0.0.1:4711");
  EXPECT_EQ(roster->open[0].first.what.args,
            (std::vector<std::string>{"SVSTOP", "web"}));
  answer(0, resp::ok());
}

TEST_F(connection_test, says_who_asks_over_the_unix_socket) {
  unix_user = "root";
  auto x = connect();
  say(x, "SVSTOP web\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  EXPECT_EQ(roster->open[0].first.from, "root@unix");
  answer(0, resp::ok());
}

TEST_F(connection_test, lets_a_stranger_look_but_not_control) {
  auto x = connect(session::peer_kind::stranger);
  EXPECT_EQ(say(x, "SVSTOP web\r\n").substr(0, 7), "-NOPERM");
  EXPECT_TRUE(roster->open.empty());
  say(x, "SVSTATUS\r\n");
  ASSERT_EQ(roster->open.size(), 1u);
  answer(0, resp::ok());
}

TEST_F(connection_test, delivers_messages_to_those_who_subscribed) {
  auto x = connect();
  auto y = connect();
  EXPECT_EQ(say(x, "SUBSCRIBE news\r\n"),
            "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  EXPECT_EQ(say(y, "PUBLISH news hello\r\nPUBLISH other x\r\n"),
            ":1\r\n:0\r\n");
  EXPECT_EQ(x.wire->received(),
            "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n");
}

TEST_F(connection_test, hears_itself_after_the_count) {
  auto x = connect();
  say(x, "HELLO 3\r\n");
  say(x, "SUBSCRIBE a\r\n");
  EXPECT_EQ(say(x, "PUBLISH a 1\r\n"),
            ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n");
}

TEST_F(connection_test, gets_nothing_after_the_end_of_a_subscription) {
  auto x = connect();
  auto y = connect();
  say(x, "SUBSCRIBE a\r\n");
  say(y, "PUBLISH a 1\r\n");
  x.wire->send("UNSUBSCRIBE a\r\n");
  y.wire->send("PUBLISH a 2\r\n");
  settle();
  EXPECT_EQ(x.wire->received(),
            "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n"
            "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
  EXPECT_EQ(y.wire->received(), ":0\r\n");
}

TEST_F(connection_test, cuts_off_a_subscriber_that_does_not_read) {
  auto x = connect();
  auto y = connect();
  say(x, "SUBSCRIBE a\r\n");
  x.wire->accept_at_most(0);
  auto message = "PUBLISH a " + std::string(10'000, 'x') + "\r\n";
  for (auto i = 0; i < 12; ++i)
    say(y, message);
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(figures.cut_off.get(), 1);
  EXPECT_EQ(figures.unsent_bytes.get(), 0);
  EXPECT_EQ(say(y, "PUBLISH a x\r\n"), ":0\r\n");
}

TEST_F(connection_test, shows_commands_of_others_to_who_monitors) {
  auto x = connect();
  auto y = connect();
  say(y, "PING\r\n");
  EXPECT_EQ(say(x, "MONITOR\r\n"), "+OK\r\n");
  EXPECT_TRUE(*monitored);
  say(y, "ECHO hi\r\nSVSTATUS web\r\n");
  auto lines = x.wire->received();
  EXPECT_NE(lines.find("[0 127.0.0.1:4711] \"ECHO\" \"hi\"\r\n+"), lines.npos);
  EXPECT_TRUE(lines.ends_with("\"SVSTATUS\" \"web\"\r\n")) << lines;
  EXPECT_EQ(say(x, "RESET\r\n"), "+RESET\r\n");
  EXPECT_FALSE(*monitored);
  say(y, "ECHO hi\r\n");
  EXPECT_EQ(x.wire->received(), "");
  answer(0, resp::ok());
}

TEST_F(connection_test, cuts_off_a_monitor_that_does_not_read) {
  auto x = connect();
  auto y = connect();
  say(x, "MONITOR\r\n");
  x.wire->accept_at_most(0);
  for (auto i = 0; i < 12; ++i)
    say(y, "ECHO " + std::string(10'000, 'x') + "\r\n");
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(figures.cut_off.get(), 1);
  EXPECT_FALSE(*monitored) << "and nobody pays for it any more";
}

TEST_F(connection_test, stops_reading_commands_while_replies_wait) {
  settings->reply_pause = 1'000;
  auto x = connect();
  x.wire->accept_at_most(0);
  std::string commands;
  for (auto i = 0; i < 200; ++i)
    commands += "ECHO 0123456789\r\n";
  say(x, commands);
  EXPECT_FALSE(x.wire->is_reading());
  x.wire->accept_at_most(SIZE_MAX);
  std::string all;
  for (auto more = x.wire->received(); !more.empty();
       more = x.wire->received()) {
    all += more;
    settle();
  }
  EXPECT_EQ(all.size(), 200 * std::string{"$10\r\n0123456789\r\n"}.size());
  EXPECT_TRUE(x.wire->is_reading());
}

TEST_F(connection_test, cuts_off_a_client_that_takes_nothing_for_a_minute) {
  auto x = connect();
  x.wire->accept_at_most(0);
  std::string commands;
  for (auto i = 0; i < 100; ++i)
    commands += "ECHO " + std::string(1'000, 'x') + "\r\n";
  say(x, commands);
  advance(59s);
  EXPECT_FALSE(x.wire->is_closed());
  advance(3s);
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, takes_what_tls_adds_for_no_progress) {
  auto x = connect();
  say(x, "SUBSCRIBE c\r\n");
  x.wire->accept_at_most(0);
  x.wire->make_larger(29);
  auto y = connect();
  say(y, "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$70000\r\n"
           + std::string(70'000, 'x') + "\r\n");
  for (auto i = 0; i < 62; ++i) {
    say(y, "PUBLISH c x\r\n");
    advance(1s);
  }
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, answers_all_before_it_closes_at_the_end_of_input) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up();
  settle();
  EXPECT_FALSE(x.wire->finished());
  ASSERT_EQ(roster->open.size(), 1u);
  answer(0, resp::value{7});
  EXPECT_EQ(x.wire->received(), ":7\r\n");
  EXPECT_TRUE(x.wire->finished());
}

TEST_F(connection_test, ends_at_once_when_the_socket_fails) {
  auto x = connect();
  say(x, "SVSTATUS\r\n");
  x.wire->hang_up("Connection reset by peer");
  settle();
  EXPECT_TRUE(x.wire->is_closed());
  answer(0, resp::ok());
}

TEST_F(connection_test, closes_after_the_last_reply_of_quit) {
  auto x = connect();
  EXPECT_EQ(say(x, "QUIT\r\nPING\r\n"), "+OK\r\n");
  EXPECT_TRUE(x.wire->finished());
}

TEST_F(connection_test, tells_when_nobody_carries_a_command_out) {
  links->librarian = nullptr;
  auto x = connect();
  EXPECT_EQ(say(x, "TASKS\r\n").substr(0, 11), "-ERR nobody");
}

TEST_F(connection_test, describes_itself_for_client_list) {
  auto x = connect();
  say(x, "CLIENT SETNAME amy\r\nSUBSCRIBE a b\r\n");
  auto row = ask<session::client_figures>(x.actor, atom::describe_v);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->name, "amy");
  EXPECT_EQ(row->channels, 2u);
  EXPECT_EQ(row->id, 1u);
}

TEST_F(connection_test, delays_the_answer_to_a_wrong_password) {
  auto users = std::make_shared<acl::user_list>();
  ASSERT_TRUE(users->change("default", std::vector<std::string>{">secret"}));
  settings->users = users;
  settings->auth_delay = 100ms;
  auto x = connect();
  EXPECT_EQ(say(x, "AUTH wrong\r\n"), "");
  advance(100ms);
  EXPECT_EQ(x.wire->received().substr(0, 10), "-WRONGPASS");
  EXPECT_EQ(say(x, "AUTH secret\r\n"), "+OK\r\n");
}

TEST_F(connection_test, cuts_those_off_at_once_who_leave_too_many_replies) {
  links->live->limits.output_normal = {100'000, 0, 0s};
  auto x = connect();
  x.wire->accept_at_most(0);
  auto text = std::string(150'000, 'x');
  say(x, "PING\r\n");
  EXPECT_FALSE(x.wire->is_closed());
  say(x, "*2\r\n$4\r\nECHO\r\n$150000\r\n" + text + "\r\n");
  EXPECT_TRUE(x.wire->is_closed());
  EXPECT_EQ(figures.cut_off.get(), 1);
}

// -- CLIENT UNBLOCK --------------------------------------------------------------------

TEST_F(connection_test, waits_no_more_for_other_nodes_either) {
  desk_state* cluster = nullptr;
  auto nodes = spawn(desk, &cluster);
  links->cluster = caf::actor_cast<command_actor>(nodes);
  auto x = connect();
  say(x, "SVWAIT web@b running 100000\r\n");
  ASSERT_EQ(cluster->open.size(), 1u);
  auto free = ask<bool>(x.actor, atom::forget_v, false);
  EXPECT_TRUE(free && *free);
  EXPECT_EQ(cluster->withdrawn, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(x.wire->received(), "");
  tell(nodes, atom::report_v, std::size_t{0}, resp::value{2});
  EXPECT_EQ(x.wire->received(), ":2\r\n");
  say(x, "SVWAIT web@b running 100000\r\n");
  x.wire->hang_up();
  settle();
  EXPECT_EQ(cluster->withdrawn, (std::vector<std::uint64_t>{1, 1}));
  links->cluster = command_actor{};
}

TEST_F(connection_test, is_unblocked_by_an_error_or_by_the_roster) {
  auto x = connect();
  say(x, "SVWAIT web running 100000\r\n");
  EXPECT_EQ(figures.blocked.get(), 1);
  auto free = ask<bool>(x.actor, atom::forget_v, true);
  ASSERT_TRUE(free);
  EXPECT_TRUE(*free);
  EXPECT_EQ(x.wire->received(),
            "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  EXPECT_EQ(roster->withdrawn, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(figures.blocked.get(), 0);
  answer(0, resp::value{1}); // too late
  EXPECT_EQ(x.wire->received(), "");
  say(x, "SVWAIT web running 100000\r\n");
  free = ask<bool>(x.actor, atom::forget_v, false);
  EXPECT_TRUE(free && *free);
  EXPECT_EQ(x.wire->received(), "");
  answer(1, resp::value{3});
  EXPECT_EQ(x.wire->received(), ":3\r\n");
  free = ask<bool>(x.actor, atom::forget_v, true);
  EXPECT_TRUE(free && !*free);
}

TEST_F(connection_test, goes_on_when_all_it_waited_for_left_at_once) {
  settings->reply_pause = 1'000;
  auto x = connect();
  x.wire->accept_at_most(0);
  x.wire->send("ECHO " + std::string(2'000, 'x') + "\r\n");
  settle();
  x.wire->send("PING\r\n");
  settle();
  x.wire->accept_at_most(SIZE_MAX);
  EXPECT_EQ(x.wire->received(), "$2000\r\n" + std::string(2'000, 'x') + "\r\n");
  settle();
  EXPECT_EQ(x.wire->received(), "+PONG\r\n");
}

// -- idle clients --------------------------------------------------------------------

TEST_F(connection_test, ends_when_it_is_told_to_unless_bytes_came_in) {
  auto x = connect();
  links->live->idle = 10s;
  advance(9s);
  EXPECT_EQ(say(x, "PING\r\n"), "+PONG\r\n");
  advance(9s);
  tell(x.actor, atom::wait_v);
  EXPECT_FALSE(x.wire->is_closed());
  advance(1s);
  links->live->idle = 0s; // meanwhile
  tell(x.actor, atom::wait_v);
  EXPECT_FALSE(x.wire->is_closed());
  links->live->idle = 10s;
  tell(x.actor, atom::wait_v);
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, lets_those_be_who_listen_or_wait) {
  links->live->idle = 10s;
  auto listener = connect();
  auto waiter = connect();
  auto watcher = connect();
  auto held = connect();
  say(listener, "SUBSCRIBE a\r\n");
  say(watcher, "MONITOR\r\n");
  say(waiter, "SVWAIT web running 100000\r\n");
  links->live->sessions = settings;
  links->live->suspended = session::suspension::all;
  tell(held.actor, atom::change_v);
  say(held, "PING\r\n");
  advance(35s);
  for (auto* each : {&listener, &waiter, &watcher, &held}) {
    tell(each->actor, atom::wait_v);
    EXPECT_FALSE(each->wire->is_closed());
  }
  EXPECT_TRUE(
    links->activity->look(coordinator().clock().now() - 10s).idle.empty());
}

TEST_F(connection_test, is_not_idle_when_what_it_waited_for_is_answered) {
  links->live->idle = 10s;
  auto x = connect();
  say(x, "SVWAIT web running 100000\r\n");
  advance(60s);
  answer(0, resp::value{1});
  tell(x.actor, atom::wait_v);
  EXPECT_FALSE(x.wire->is_closed());
  advance(10s);
  tell(x.actor, atom::wait_v);
  EXPECT_TRUE(x.wire->is_closed());
}

TEST_F(connection_test, sets_no_timer_for_a_client_that_is_idle) {
  links->live->idle = 100'000s;
  auto before = coordinator().clock().schedule().size();
  auto x = connect();
  say(x, "PING\r\n");
  EXPECT_EQ(coordinator().clock().schedule().size(), before);
}

} // namespace
} // namespace saker
