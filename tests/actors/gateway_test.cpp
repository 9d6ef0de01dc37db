#include "actors/gateway.hpp"

#include "actors/broker.hpp"
#include "messages/error.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_stream.hpp"

#include <chrono>

#include "acl/password.hpp"
#include <sys/socket.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

class manual_listener final : public io::listener {
public:
  void close() override {
    closed = true;
  }
  void finish() override {
    closed = true;
  }
  bool closed = false;
};

drift_actor::behavior_type
telling(drift_actor::pointer, const drift_report* what) {
  return {[what](atom::status) { return *what; }};
}

overrides_actor::behavior_type
keeping(overrides_actor::pointer, std::optional<config::override_list>* where,
        std::optional<config::override_list>* live) {
  return {
    [live](atom::apply, const config::override_list& what) {
      *live = what;
      return true;
    },
    [where](atom::change,
            const config::override_list& what) -> caf::result<bool> {
      if (what.size() > 1)
        return to_error(fail(errc::io, "the disk is full"));
      *where = what;
      return true;
    },
  };
}

using words = std::vector<std::string>;

/// Grants or refuses LISTEN; what it heard, as `+address` and `-address`.
struct socket_keeper {
  words heard;
  std::map<std::string, std::string> refusals;
};

keeper_link_actor::behavior_type
holding_sockets(keeper_link_actor::pointer, socket_keeper* to) {
  return {
    [to](atom::send, const link::request& x) {
      if (auto* what = std::get_if<link::unlisten>(&x))
        to->heard.push_back('-' + what->address);
    },
    [to](atom::ask, const link::request& x) {
      if (auto* what = std::get_if<link::unlisten>(&x))
        to->heard.push_back('-' + what->address);
      return true;
    },
    [to](atom::listen,
         const link::listen& x) -> caf::result<std::string, handed_fd> {
      if (auto no = to->refusals.find(x.address); no != to->refusals.end())
        return to_error(fail(errc::io, no->second));
      to->heard.push_back('+' + x.address);
      return {x.address, hand(unique_fd{})};
    },
    [](atom::enroll, const std::string&, const keeper_client_actor&) {},
    [](atom::withdraw, const std::string&) {},
    [](atom::enroll, const keeper_master_actor&) {},
    [](atom::readable) {},
    [](atom::drained) {},
  };
}

config::settings listens_on(const words& addresses) {
  config::settings from;
  for (auto& x : addresses)
    from.listen.push_back(*config::parse_listen_address(x, "/run"));
  return from;
}

class gateway_test : public test::actor_test {
protected:
  gateway_test() {
    links->settings = std::make_shared<session::settings>();
    links->broker = spawn(broker, broker_links{nullptr, &figures});
    links->figures = &figures;
    gateway_links with;
    with.connections = links;
    with.parameters
      = session::parameters{listens_on({"127.0.0.1:7", "unix:/x"})};
    with.keeper = spawn(holding_sockets, &keeper);
    with.holder = [this](const config::listen_address& x) {
      auto i = holders.find(to_string(x));
      return i == holders.end() ? std::string{} : i->second;
    };
    EXPECT_TRUE(with.parameters.set(words{"maxclients", "2"}));
    with.parameters.settle();
    with.changed = [this](const session::parameters& x) {
      told.push_back(x.text("timeout"));
    };
    with.overrides = spawn(keeping, &kept, &live);
    with.listen = [this](unique_fd, io::listener_events events) {
      accepting = std::move(events);
      listener = std::make_shared<manual_listener>();
      listeners.push_back(listener);
      return listener;
    };
    with.connect = [this](session::peer who, std::uint64_t id, unique_fd) {
      peers.push_back(who);
      stream_factory factory = [this](io::stream_events events) {
        wires.push_back(std::make_shared<test::fake_stream>(std::move(events)));
        return wires.back();
      };
      return sys.spawn(connection, shared_links{links}, std::move(who), id,
                       factory);
    };
    with.warn = [this](const std::string& x) { warnings.push_back(x); };
    with.describe = [this](int socket, const std::string& local) {
      ++described;
      auto who = describe_peer(socket, local);
      if (strangers)
        who.kind = session::peer_kind::stranger;
      who.via_unix = who.via_unix && !via_tcp;
      return who;
    };
    with.drift = spawn(telling, &drift);
    uut = spawn(gateway, std::move(with));
    links->gateway = caf::actor_cast<command_actor>(uut);
    tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"unix:/x"});
  }

  void TearDown() override {
    accepting = {};
    tell(uut, atom::finish_v);
    actor_test::TearDown();
  }

  /// A client connects; returns its end.
  unique_fd connect() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    accepting.accepted(unique_fd{ends[0]});
    settle();
    return unique_fd{ends[1]};
  }

  std::string change(std::vector<std::string> words) {
    words.insert(words.begin(), {"CONFIG", "SET"});
    return std::string{
      command(std::move(words), resp::command_id::config_set).text()};
  }

  std::string told_of(const std::string& parameter) {
    auto x = command({"CONFIG", "GET", parameter},
                     resp::command_id::config_get);
    return std::string{x.find(parameter)->text()};
  }

  resp::value command(std::vector<std::string> args, resp::command_id id) {
    command_call call;
    call.what.command = resp::find_command(args[0]);
    if (call.what.command->id != id)
      call.what.command = resp::find_subcommand(*call.what.command, args[1]);
    call.what.args = std::move(args);
    auto x = ask<resp::value>(uut, atom::call_v, std::move(call));
    return x ? *x : resp::value{};
  }

  std::shared_ptr<connection_links> links
    = std::make_shared<connection_links>();
  node_figures figures;
  io::listener_events accepting;
  std::shared_ptr<manual_listener> listener; ///< the last one
  std::vector<std::shared_ptr<manual_listener>> listeners;
  socket_keeper keeper;
  std::map<std::string, std::string> holders; ///< by address
  bool strangers = false;                     ///< whatever the kernel says
  bool via_tcp = false;                       ///< likewise
  int described = 0; ///< how often the kernel was asked who it is
  std::vector<session::peer> peers;
  std::vector<std::shared_ptr<test::fake_stream>> wires;
  std::vector<std::string> warnings;
  drift_report drift;
  std::vector<std::string> told; ///< after each change
  std::optional<config::override_list> kept;
  std::optional<config::override_list> live; ///< for the next node
  gateway_actor uut;
};

TEST_F(gateway_test, accepts_nobody_before_it_is_opened) {
  EXPECT_FALSE(listener);
  tell(uut, atom::open_v);
  EXPECT_TRUE(listener);
}

TEST_F(gateway_test, knows_who_connects_over_a_unix_socket) {
  tell(uut, atom::open_v);
  auto end = connect();
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_TRUE(peers[0].via_unix);
  EXPECT_EQ(peers[0].uid, ::geteuid());
  EXPECT_NE(peers[0].kind, session::peer_kind::stranger);
}

TEST_F(gateway_test, keeps_some_places_for_those_who_own_it) {
  tell(uut, atom::open_v);
  std::vector<unique_fd> clients;
  for (auto i = 0; i < 18; ++i)
    clients.push_back(connect());
  EXPECT_EQ(figures.clients.get(), 18);
  EXPECT_EQ(described, 18);
  clients.push_back(connect());
  EXPECT_EQ(figures.clients.get(), 18);
  EXPECT_EQ(figures.rejected.get(), 1);
  EXPECT_EQ(described, 18); // it would not have mattered
}

TEST_F(gateway_test, refuses_more_clients_than_it_may_have) {
  strangers = true;
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  auto c = connect();
  char text[64] = {};
  ASSERT_GT(::recv(c.get(), text, sizeof(text), MSG_DONTWAIT), 0);
  EXPECT_STREQ(text, "-ERR max number of clients reached\r\n");
  EXPECT_EQ(figures.rejected.get(), 1);
  EXPECT_EQ(figures.clients.get(), 2);
  wires[0]->hang_up();
  settle();
  // The first one is closing: its peer has to hang up for good.
  EXPECT_TRUE(wires[0]->finished());
}

TEST_F(gateway_test, lists_its_clients_by_id) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  auto text = std::string{
    command({"CLIENT", "LIST"}, resp::command_id::client_list).text()};
  EXPECT_EQ(text.substr(0, 5), "id=1 ");
  EXPECT_NE(text.find("\nid=2 "), std::string::npos) << text;
}

TEST_F(gateway_test, kills_those_who_were_meant) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  auto kill = resp::command_id::client_kill;
  EXPECT_EQ(command({"CLIENT", "KILL", "ID", "77"}, kill), resp::value{0});
  EXPECT_TRUE(command({"CLIENT", "KILL", "ID", "x"}, kill).is_error());
  EXPECT_TRUE(command({"CLIENT", "KILL", "1.2.3.4:5"}, kill).is_error());
  EXPECT_EQ(command({"CLIENT", "KILL", "ID", "1"}, kill), resp::value{1});
  EXPECT_TRUE(wires[0]->is_closed());
  EXPECT_FALSE(wires[1]->is_closed());
  EXPECT_EQ(figures.clients.get(), 1);
}

TEST_F(gateway_test, answers_whoever_kills_itself_and_nothing_behind_it) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("CLIENT KILL SKIPME yes\r\nCLIENT KILL SKIPME no\r\nPING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), ":0\r\n:1\r\n");
  EXPECT_TRUE(wires[0]->finished());
}

TEST_F(gateway_test, answers_a_transaction_in_which_a_client_kills_itself) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("MULTI\r\nPING\r\nCLIENT KILL SKIPME no\r\nECHO x\r\nEXEC\r\n"
                 "PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"
                                  "*3\r\n+PONG\r\n:1\r\n$1\r\nx\r\n");
  EXPECT_TRUE(wires[0]->finished());
}

TEST_F(gateway_test, holds_the_commands_of_all_until_a_pause_is_over) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  wires[0]->send("CLIENT PAUSE 1000 WRITE\r\nPUBLISH x y\r\nPING\r\n");
  wires[1]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n");
  EXPECT_EQ(wires[1]->received(), "+PONG\r\n");
  EXPECT_EQ(figures.blocked.get(), 1);
  wires[1]->send("CLIENT PAUSE 500\r\nPING\r\n"); // stricter, no shorter
  settle();
  auto c = connect();
  wires[2]->send("PING\r\n");
  settle();
  EXPECT_EQ(figures.blocked.get(), 3);
  advance(std::chrono::milliseconds{999});
  EXPECT_EQ(wires[1]->received(), "+OK\r\n");
  advance(std::chrono::milliseconds{1});
  EXPECT_EQ(wires[0]->received(), ":0\r\n+PONG\r\n");
  EXPECT_EQ(wires[1]->received(), "+PONG\r\n");
  EXPECT_EQ(wires[2]->received(), "+PONG\r\n");
  EXPECT_EQ(figures.blocked.get(), 0);
}

TEST_F(gateway_test, ends_a_pause_when_it_is_asked_to) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("CLIENT PAUSE 99999999999999\r\nPING\r\nCLIENT UNPAUSE\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n");
  auto b = connect();
  wires[1]->send("CLIENT UNPAUSE\r\nPING\r\n");
  settle();
  EXPECT_EQ(wires[1]->received(), "+OK\r\n+PONG\r\n");
  EXPECT_EQ(wires[0]->received(), "+PONG\r\n+OK\r\n");
  EXPECT_EQ(command({"CLIENT", "PAUSE", "x"}, resp::command_id::client_pause),
            resp::err("timeout is not an integer or out of range"));
}

TEST_F(gateway_test, unblocks_nobody_who_does_not_wait) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto unblock = resp::command_id::client_unblock;
  EXPECT_EQ(command({"CLIENT", "UNBLOCK", "1"}, unblock), resp::value{0});
  EXPECT_EQ(command({"CLIENT", "UNBLOCK", "77", "error"}, unblock),
            resp::value{0});
  EXPECT_TRUE(command({"CLIENT", "UNBLOCK", "x"}, unblock).is_error());
}

TEST_F(gateway_test, knows_whom_tracking_may_be_redirected_to) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("CLIENT TRACKING on REDIRECT 77\r\n"
                 "CLIENT TRACKING on REDIRECT 1\r\nCLIENT GETREDIR\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(),
            "-ERR The client ID you want redirect to does not exist\r\n"
            "+OK\r\n:1\r\n");
  EXPECT_EQ(figures.tracking.get(), 1);
  wires[0]->send("RESET\r\n");
  settle();
  EXPECT_EQ(figures.tracking.get(), 0);
}

TEST_F(gateway_test, tells_about_itself) {
  auto text = std::string{command({"INFO"}, resp::command_id::info).text()};
  for (auto part : {"redis_version:", "connected_clients:0", "role:master",
                    "used_memory:", "loading:0", "process_id:"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  EXPECT_NE(text.find("unapplied_files:0\r\n"), std::string::npos) << text;
  drift = {{"a.lua (new)", "b.lua (changed)"}, {"saker.toml (changed)"}};
  text = command({"INFO", "server"}, resp::command_id::info).text();
  for (auto part : {"unapplied_files:3\r\n",
                    "unapplied_services:a.lua (new), b.lua (changed)\r\n",
                    "unapplied_configuration:saker.toml (changed)\r\n"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  figures.loading_scripts.set(1);
  text = command({"INFO"}, resp::command_id::info).text();
  EXPECT_NE(text.find("loading:1\r\n"), std::string::npos) << text;
  auto one
    = std::string{command({"INFO", "clients"}, resp::command_id::info).text()};
  EXPECT_EQ(one.find("redis_version"), std::string::npos);
}

TEST_F(gateway_test, writes_into_the_log_what_debug_log_says) {
  auto reply = command({"DEBUG", "LOG", "one\x1b[2J\ntwo"},
                       resp::command_id::debug);
  EXPECT_EQ(reply, resp::ok());
  EXPECT_EQ(warnings,
            std::vector<std::string>{"DEBUG LOG: one\\x1b[2J\\x0atwo"});
}

TEST_F(gateway_test, tells_how_long_commands_of_clients_and_scripts_took) {
  figures.statistics.called(resp::command_id::ping, 1, 1us);
  figures.script_statistics.called(resp::command_id::ping, 1, 3us);
  auto reply = command({"LATENCY", "HISTOGRAM", "ping"},
                       resp::command_id::latency_histogram);
  ASSERT_NE(reply.find("ping"), nullptr);
  EXPECT_EQ(reply.find("ping")->find("calls")->integer(), 2);
}

TEST_F(gateway_test, tells_what_memory_it_takes) {
  figures.unsent_bytes.set(77);
  auto reply = command({"MEMORY", "STATS"}, resp::command_id::memory_stats);
  ASSERT_NE(reply.find("total.allocated"), nullptr);
#ifndef __SANITIZE_ADDRESS__ // its heap is not the C library's
  EXPECT_GT(reply.find("total.allocated")->integer().value_or(0), 0);
#endif
  EXPECT_GT(reply.find("peak.allocated")->integer().value_or(0), 1 << 20);
  EXPECT_EQ(reply.find("clients.normal")->integer(), 77);
  EXPECT_EQ(reply.find("keys.count")->integer(), 0);
}

TEST_F(gateway_test, measures_its_work_for_the_slow_log) {
  session::slow_log::time_point now;
  auto slow = std::make_shared<session::slow_log>(
    1s, 10, session::slow_log_clocks{[&now] { return now += 3s; }});
  command_call call;
  call.what.command = resp::find_full_name("client|list");
  call.what.args = {"CLIENT", "LIST", "ID", "PASSWORD=secret"};
  call.origin = {slow, "127.0.0.1:1", "me"};
  ask<resp::value>(uut, atom::call_v, call);
  auto all = slow->newest();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].took, 3s);
  EXPECT_EQ(all[0].words,
            (std::vector<std::string>{"CLIENT", "LIST", "ID", "PASSWORD=***"}));
  EXPECT_EQ(all[0].address, "127.0.0.1:1");
  EXPECT_EQ(all[0].client, "me");
  slow->set_slower_than(4s);
  ask<resp::value>(uut, atom::call_v, call);
  EXPECT_EQ(slow->size(), 1u);
}

TEST_F(gateway_test, keeps_no_password_and_no_crowd_in_the_slow_log) {
  session::slow_log::time_point now;
  auto slow = std::make_shared<session::slow_log>(
    1s, 10, session::slow_log_clocks{[&now] { return now += 3s; }});
  auto say = [&](const char* name, words args) {
    command_call call;
    call.what.command = resp::find_full_name(name);
    call.what.args = std::move(args);
    call.origin = {slow, "127.0.0.1:1", "me"};
    ask<resp::value>(uut, atom::call_v, std::move(call));
  };
  say("config|set", {"CONFIG", "SET", "timeout", "7", "RequirePass", "geheim"});
  words many{"CLIENT", "LIST", "ID", std::string(1'000, '1')};
  many.resize(100, "2");
  say("client|list", many);
  auto all = slow->newest();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].words, (words{"CONFIG", "SET", "timeout", "7", "RequirePass",
                                 "(redacted)"}));
  EXPECT_EQ(all[0].words.size(), 32u);
  EXPECT_EQ(all[0].words[3], std::string(128, '1') + "... (872 more bytes)");
  EXPECT_EQ(all[0].words.back(), "... (69 more arguments)");
}

TEST_F(gateway_test, tells_the_sections_that_redis_would) {
  auto info = [this](std::vector<std::string> words) {
    words.insert(words.begin(), "INFO");
    return std::string{command(words, resp::command_id::info).text()};
  };
  auto headings = [](const std::string& text) {
    std::string found;
    for (std::size_t at = 0; (at = text.find("# ", at)) != text.npos; ++at)
      found += text.substr(at + 2, text.find('\r', at) - at - 2) + ' ';
    return found;
  };
  EXPECT_EQ(headings(info({})),
            "Server Clients Memory Persistence Stats Replication CPU Services "
            "Modules Errorstats Cluster Keyspace ");
  EXPECT_EQ(headings(info({"DEFAULT"})), headings(info({})));
  for (auto all : {"all", "everything"})
    EXPECT_EQ(headings(info({all})),
              "Server Clients Memory Persistence Stats Replication CPU "
              "Services Modules Commandstats Errorstats Latencystats Cluster "
              "Keyspace ");
  EXPECT_EQ(headings(info({"keyspace", "nosuch", "CLUSTER", "cluster"})),
            "Cluster Keyspace ");
  EXPECT_EQ(info({"nosuch"}), "");
  EXPECT_EQ(headings(info({"default", "commandstats"})).find("Latency"),
            std::string::npos);
}

TEST_F(gateway_test, tells_how_often_commands_were_called) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("PING\r\nPING\r\nSELECT 77\r\nECHO\r\n");
  settle();
  auto text
    = std::string{command({"INFO", "commandstats", "errorstats", "stats"},
                          resp::command_id::info)
                    .text()};
  for (auto part :
       {"cmdstat_ping:calls=2,", "cmdstat_select:calls=1,",
        "rejected_calls=0,failed_calls=1\r\n", "cmdstat_echo:calls=0,usec=0,",
        "errorstat_ERR:count=2\r\n", "total_error_replies:2\r\n",
        "total_connections_received:1\r\n", "total_reads_processed:1\r\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
}

resp::value flat(std::vector<std::string> texts) {
  resp::map all;
  for (std::size_t i = 0; i < texts.size(); i += 2)
    all.add(texts[i], texts[i + 1]);
  return resp::value{std::move(all)};
}

TEST_F(gateway_test, tells_and_changes_parameters) {
  auto get = resp::command_id::config_get;
  auto set = resp::command_id::config_set;
  EXPECT_EQ(command({"CONFIG", "GET", "maxcl*", "TIMEOUT"}, get),
            flat({"maxclients", "2", "TIMEOUT", "0"}));
  EXPECT_EQ(command({"CONFIG", "SET", "timeout", "5", "maxclients", "3"}, set),
            resp::ok());
  EXPECT_EQ(links->live->max_clients, 3u);
  EXPECT_EQ(links->live->idle, std::chrono::seconds{5});
  EXPECT_EQ(told, (words{"0", "5"}));
  auto no = command({"CONFIG", "SET", "timeout", "6", "hz", "x"}, set);
  EXPECT_EQ(no.text(), "ERR CONFIG SET failed (possibly related to argument "
                       "'hz') - argument couldn't be parsed into an integer");
  EXPECT_EQ(told.size(), 2u);
  no = command({"CONFIG", "SET", "maxclients", "4294967295"}, set);
  EXPECT_EQ(no.text().find("ERR CONFIG SET failed (possibly related to "
                           "argument 'maxclients') - The operating system is "
                           "not able to handle the specified number of "
                           "clients, try with "),
            0u)
    << no.text();
}

TEST_F(gateway_test, ends_clients_that_are_idle_for_too_long) {
  links->live->idle = 10s;
  tell(uut, atom::open_v);
  auto a = connect();
  advance(5s);
  auto b = connect();
  wires[1]->send("SUBSCRIBE x\r\n");
  auto c = connect();
  advance(5s);
  EXPECT_TRUE(wires[0]->is_closed());
  wires[2]->send("PING\r\n");
  settle();
  advance(9s);
  EXPECT_FALSE(wires[2]->is_closed());
  advance(2s);
  EXPECT_TRUE(wires[2]->is_closed());
  advance(60s);
  EXPECT_FALSE(wires[1]->is_closed());
  wires[1]->send("UNSUBSCRIBE\r\n");
  settle();
  advance(20s);
  EXPECT_TRUE(wires[1]->is_closed());
  EXPECT_EQ(figures.clients.get(), 0);
}

TEST_F(gateway_test, ends_idle_clients_with_one_timer_and_none_for_nobody) {
  auto& timers = coordinator().clock().schedule();
  tell(uut, atom::open_v);
  auto a = connect();
  EXPECT_TRUE(timers.empty()); // nothing is asked for
  EXPECT_EQ(command({"CONFIG", "SET", "timeout", "100000"},
                    resp::command_id::config_set),
            resp::ok());
  advance(3s); // the disk has that long to keep what was set
  EXPECT_EQ(timers.size(), 1u);
  auto due = timers.begin()->first;
  for (auto id = 2; id < 100; ++id) {
    auto x = connect();
    wires.back()->send("PING\r\n");
    settle();
    command({"CLIENT", "KILL", "ID", std::to_string(id)},
            resp::command_id::client_kill);
  }
  EXPECT_EQ(figures.clients.get(), 1);
  EXPECT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers.begin()->first, due); // it did not wake up in between
  advance(100'000s);
  EXPECT_EQ(figures.clients.get(), 0);
  advance(100'000s);
  EXPECT_TRUE(timers.empty()); // nobody is there
}

TEST_F(gateway_test, ends_clients_by_a_shorter_time_that_is_set_later) {
  auto set = resp::command_id::config_set;
  tell(uut, atom::open_v);
  auto a = connect();
  command({"CONFIG", "SET", "timeout", "100000"}, set);
  advance(500s);
  command({"CONFIG", "SET", "timeout", "600"}, set);
  advance(99s);
  EXPECT_FALSE(wires[0]->is_closed());
  advance(2s);
  EXPECT_TRUE(wires[0]->is_closed());
  auto b = connect();
  command({"CONFIG", "SET", "timeout", "0"}, set);
  advance(200'000s);
  EXPECT_FALSE(wires[1]->is_closed());
  command({"CONFIG", "SET", "timeout", "5"}, set); // idle for longer already
  advance(1s);
  EXPECT_TRUE(wires[1]->is_closed());
}

TEST_F(gateway_test, lets_fewer_clients_in_at_once) {
  strangers = true;
  tell(uut, atom::open_v);
  auto a = connect();
  EXPECT_EQ(
    command({"CONFIG", "SET", "maxclients", "1"}, resp::command_id::config_set),
    resp::ok());
  auto b = connect();
  EXPECT_EQ(figures.rejected.get(), 1);
}

TEST_F(gateway_test, asks_new_clients_for_a_new_password) {
  tell(uut, atom::open_v);
  auto a = connect();
  via_tcp = true;
  EXPECT_EQ(command({"CONFIG", "SET", "requirepass", "secret"},
                    resp::command_id::config_set),
            resp::ok());
  auto b = connect();
  wires[1]->send("PING\r\n");
  wires[0]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+PONG\r\n");
  EXPECT_EQ(wires[1]->received(), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(
    command({"CONFIG", "SET", "requirepass", ""}, resp::command_id::config_set),
    resp::ok());
  wires[1]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[1]->received(), "+PONG\r\n");
}

TEST_F(gateway_test, makes_and_changes_users_for_all_clients) {
  tell(uut, atom::open_v);
  via_tcp = true;
  auto a = connect();
  auto b = connect();
  auto set = resp::command_id::acl_setuser;
  EXPECT_EQ(command({"ACL", "SETUSER", "bob", "on", ">x", "+@all", "&a"}, set),
            resp::ok());
  EXPECT_EQ(
    command({"ACL", "SETUSER", "bob", "on", "+nosuch"}, set),
    resp::err("Error in ACL SETUSER modifier '+nosuch': Unknown command "
              "or category name in ACL"));
  wires[0]->send("AUTH bob x\r\nSUBSCRIBE a\r\n");
  wires[1]->send("AUTH bob x\r\n");
  settle();
  EXPECT_TRUE(wires[0]->received().starts_with("+OK\r\n*3\r\n"));
  EXPECT_EQ(wires[1]->received(), "+OK\r\n");
  command({"ACL", "SETUSER", "bob", "resetchannels", "-echo"}, set);
  settle();
  EXPECT_TRUE(wires[0]->is_closed()) << "listened to what is bob's no more";
  wires[1]->send("ECHO x\r\n");
  settle();
  EXPECT_EQ(wires[1]->received(), "-NOPERM this user has no permissions to run "
                                  "the 'echo' command\r\n");
  auto erase = resp::command_id::acl_deluser;
  EXPECT_EQ(command({"ACL", "DELUSER", "bob", "default"}, erase),
            resp::err("The 'default' user cannot be removed"));
  EXPECT_EQ(command({"ACL", "DELUSER", "bob", "nosuch"}, erase),
            resp::value{1});
  settle();
  EXPECT_TRUE(wires[1]->is_closed());
}

TEST_F(gateway_test, keeps_users_when_other_things_are_set) {
  tell(uut, atom::open_v);
  auto set = resp::command_id::acl_setuser;
  auto of_default = [this] {
    return links->live->sessions->users->find("default")->describe();
  };
  command({"ACL", "SETUSER", "default", "-echo", ">x"}, set);
  auto before = of_default();
  EXPECT_EQ(change({"timeout", "5"}), "OK");
  EXPECT_EQ(of_default(), before);
  EXPECT_EQ(change({"requirepass", "y"}), "OK");
  EXPECT_EQ(of_default(), "on #" + acl::password_hash("y")
                            + " ~* &* +@all "
                              "-echo");
  EXPECT_EQ(change({"requirepass", ""}), "OK");
  EXPECT_EQ(of_default(), "on nopass ~* &* +@all -echo");
}

TEST_F(gateway_test, takes_no_password_away_where_other_machines_come) {
  tell(uut, atom::open_v);
  auto set = resp::command_id::acl_setuser;
  EXPECT_EQ(change({"bind", "10.0.0.1", "requirepass", "x"}), "OK");
  EXPECT_TRUE(command({"ACL", "SETUSER", "default", "nopass"}, set).is_error());
  EXPECT_EQ(change({"bind", "127.0.0.1"}), "OK");
  EXPECT_EQ(command({"ACL", "SETUSER", "default", "nopass"}, set), resp::ok());
  EXPECT_NE(change({"bind", "10.0.0.1"}).find("user default has no password"),
            std::string::npos);
}

TEST_F(gateway_test, keeps_what_was_changed) {
  auto set = resp::command_id::config_set;
  auto rewrite = resp::command_id::config_rewrite;
  EXPECT_EQ(command({"CONFIG", "REWRITE"}, rewrite), resp::ok());
  EXPECT_EQ(kept, config::override_list{});
  command({"CONFIG", "SET", "timeout", "5"}, set);
  EXPECT_EQ(command({"CONFIG", "REWRITE"}, rewrite), resp::ok());
  EXPECT_EQ(kept, (config::override_list{{"timeout", "5"}}));
  command({"CONFIG", "SET", "hz", "11"}, set);
  EXPECT_EQ(command({"CONFIG", "REWRITE"}, rewrite),
            resp::err("Rewriting config file: the disk is full"));
}

TEST_F(gateway_test, a_node_after_a_fault_finds_what_was_set) {
  change({"timeout", "5"});
  EXPECT_EQ(live, (config::override_list{{"timeout", "5"}}));
  EXPECT_FALSE(kept);
  live.reset();
  change({"timeout", "5"}); // nothing new
  EXPECT_FALSE(live);
  change({"timeout", "0"});
  EXPECT_EQ(live, config::override_list{});
}

TEST_F(gateway_test, listens_on_a_new_port_before_it_leaves_the_old_one) {
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:7"});
  tell(uut, atom::open_v);
  auto a = connect();
  EXPECT_EQ(change({"port", "8"}), "OK");
  EXPECT_EQ(keeper.heard, (words{"+127.0.0.1:8", "-127.0.0.1:7"}));
  ASSERT_EQ(listeners.size(), 3u);
  EXPECT_FALSE(listeners[0]->closed); // the UNIX socket
  EXPECT_TRUE(listeners[1]->closed);
  EXPECT_FALSE(listeners[2]->closed);
  wires[0]->send("PING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+PONG\r\n");
  auto b = connect();
  EXPECT_EQ(peers.back().local_address, "127.0.0.1:8");
  EXPECT_EQ(told_of("port"), "8");
  EXPECT_EQ(live, (config::override_list{{"port", "8"}}));
  auto text = std::string{command({"INFO"}, resp::command_id::info).text()};
  EXPECT_NE(text.find("tcp_port:8\r\n"), text.npos);
}

TEST_F(gateway_test, changes_nothing_if_an_address_is_refused) {
  tell(uut, atom::open_v);
  keeper.refusals["127.0.0.2:8"] = "bind EACCES: Permission denied";
  EXPECT_EQ(
    change({"timeout", "5", "bind", "127.0.0.1 127.0.0.2", "port", "8"}),
    "ERR CONFIG SET failed (possibly related to argument 'port') - "
    "Unable to listen on this port. 127.0.0.2:8: bind EACCES: "
    "Permission denied");
  EXPECT_EQ(keeper.heard, (words{"+127.0.0.1:8", "-127.0.0.1:8"}));
  EXPECT_EQ(told_of("timeout") + told_of("port") + told_of("bind"),
            "07127.0.0.1");
  EXPECT_EQ(listeners.size(), 1u);
  EXPECT_FALSE(live);
  EXPECT_EQ(change({"timeout", "6"}), "OK"); // nothing hangs
}

TEST_F(gateway_test, leaves_alone_what_somebody_listens_on) {
  tell(uut, atom::open_v);
  holders["127.0.0.2:7"] = "nginx (pid 7) has it";
  holders["unix:/y"] = "nginx (pid 7) has it";
  EXPECT_EQ(change({"bind", "127.0.0.1 127.0.0.2"}),
            "ERR CONFIG SET failed (possibly related to argument 'bind') - "
            "Failed to bind to specified addresses. 127.0.0.2:7: "
            "Address already in use: nginx (pid 7) has it");
  EXPECT_EQ(change({"unixsocket", "/y"}),
            "ERR CONFIG SET failed (possibly related to argument 'unixsocket') "
            "- Unable to listen on this socket. unix:/y: "
            "Address already in use: nginx (pid 7) has it");
  EXPECT_EQ(keeper.heard, words{});
  EXPECT_EQ(change({"bind", "127.0.0.1 -127.0.0.2"}), "OK");
  EXPECT_EQ(keeper.heard, words{});
}

TEST_F(gateway_test, gives_up_an_address_first_that_is_in_the_way) {
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:7"});
  tell(uut, atom::open_v);
  holders["0.0.0.0:7"] = "saker-node (pid 1) has it";
  keeper.refusals["0.0.0.0:7"] = "bind EADDRINUSE: Address already in use";
  words all = {"bind", "*", "requirepass", "secret"};
  EXPECT_NE(change(all), "OK");
  EXPECT_EQ(keeper.heard, (words{"-127.0.0.1:7", "+127.0.0.1:7"}));
  ASSERT_EQ(listeners.size(), 3u);
  EXPECT_TRUE(listeners[1]->closed);
  EXPECT_FALSE(listeners[2]->closed);
  keeper = {};
  EXPECT_EQ(change(all), "OK");
  EXPECT_EQ(keeper.heard, (words{"-127.0.0.1:7", "+0.0.0.0:7"}));
}

TEST_F(gateway_test, other_machines_need_a_password) {
  tell(uut, atom::open_v);
  auto no = change({"bind", "127.0.0.1 0.0.0.0"});
  EXPECT_EQ(no.find("ERR CONFIG SET failed (possibly related to argument "
                    "'bind') - 0.0.0.0:7 can be reached from other machines"),
            0u)
    << no;
  EXPECT_EQ(change({"bind", "10.0.0.1", "requirepass", "x"}), "OK");
  no = change({"requirepass", ""});
  EXPECT_NE(no.find("argument 'requirepass') - 10.0.0.1:7 can"), no.npos) << no;
  EXPECT_EQ(change({"bind", "127.0.0.1"}), "OK");
  EXPECT_EQ(change({"requirepass", ""}), "OK");
}

TEST_F(gateway_test, does_not_lock_everybody_out) {
  tell(uut, atom::open_v);
  EXPECT_EQ(change({"port", "0"}), "OK");
  EXPECT_EQ(change({"unixsocket", ""}),
            "ERR CONFIG SET failed (possibly related to argument 'unixsocket') "
            "- Nobody could connect any more: leave a port with an address in "
            "bind, or a unixsocket");
}

TEST_F(gateway_test, carries_out_one_change_after_the_other) {
  tell(uut, atom::open_v);
  auto a = connect();
  auto b = connect();
  wires[0]->send("CONFIG SET port 8\r\n");
  wires[1]->send("CONFIG SET port 9\r\nCONFIG GET port\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "+OK\r\n");
  EXPECT_EQ(wires[1]->received(), "+OK\r\n*2\r\n$4\r\nport\r\n$1\r\n9\r\n");
  EXPECT_EQ(keeper.heard, (words{"+127.0.0.1:8", "-127.0.0.1:7", "+127.0.0.1:9",
                                 "-127.0.0.1:8"}));
}

TEST_F(gateway_test, gives_back_a_socket_that_comes_too_late) {
  tell(uut, atom::open_v);
  EXPECT_EQ(change({"port", "8"}), "OK");
  keeper.heard.clear();
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:7"});
  EXPECT_EQ(keeper.heard, words{"-127.0.0.1:7"});
  EXPECT_EQ(listeners.size(), 2u);
}

TEST_F(gateway_test, forgets_what_it_counted) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("PING\r\nNOSUCH\r\nCONFIG RESETSTAT\r\nPING\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(),
            "+PONG\r\n-ERR unknown command 'NOSUCH', with args beginning "
            "with: \r\n+OK\r\n+PONG\r\n");
  auto& counted = figures.statistics;
  EXPECT_EQ(counted.figures(resp::command_id::ping).calls, 1u);
  EXPECT_EQ(counted.figures(resp::command_id::config_resetstat).calls, 1u);
  EXPECT_EQ(counted.all_errors(), 0u);
  EXPECT_EQ(figures.connections.get(), 0);
  EXPECT_EQ(figures.clients.get(), 1);
}

TEST_F(gateway_test, says_once_that_descriptors_ran_out) {
  tell(uut, atom::open_v);
  accepting.exhausted(EMFILE);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("LimitNOFILE"), std::string::npos);
}

TEST_F(gateway_test, lets_everybody_go_at_the_end) {
  tell(uut, atom::open_v);
  auto a = connect();
  tell(uut, atom::finish_v);
  EXPECT_TRUE(listener->closed);
  EXPECT_TRUE(wires[0]->is_closed());
  EXPECT_EQ(figures.clients.get(), 0);
}

} // namespace
} // namespace saker
