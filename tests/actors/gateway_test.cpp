#include "actors/gateway.hpp"

#include "actors/broker.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_stream.hpp"

#include <chrono>

#include <sys/socket.h>

namespace saker {
namespace {

using namespace std::chrono_literals;

class manual_listener final : public io::listener {
public:
  void close() override {
    closed = true;
  }
  bool closed = false;
};

drift_actor::behavior_type
telling(drift_actor::pointer, const drift_report* what) {
  return {[what](atom::status) { return *what; }};
}

class gateway_test : public test::actor_test {
protected:
  gateway_test() {
    links->settings = std::make_shared<session::settings>();
    links->broker = spawn(broker, broker_links{nullptr, &figures});
    links->figures = &figures;
    gateway_links with;
    with.connections = links;
    with.max_clients = 2;
    with.listen = [this](unique_fd, io::listener_events events) {
      accepting = std::move(events);
      listener = std::make_shared<manual_listener>();
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
  std::shared_ptr<manual_listener> listener;
  bool strangers = false; ///< whatever the kernel says
  int described = 0;      ///< how often the kernel was asked who it is
  std::vector<session::peer> peers;
  std::vector<std::shared_ptr<test::fake_stream>> wires;
  std::vector<std::string> warnings;
  drift_report drift;
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

TEST_F(gateway_test, answers_whoever_kills_itself_before_it_ends) {
  tell(uut, atom::open_v);
  auto a = connect();
  wires[0]->send("CLIENT KILL SKIPME yes\r\nCLIENT KILL SKIPME no\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), ":0\r\n:1\r\n");
  EXPECT_FALSE(wires[0]->is_closed());
  advance(std::chrono::milliseconds{10});
  EXPECT_TRUE(wires[0]->is_closed());
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

TEST_F(gateway_test, tells_what_memory_it_takes) {
  figures.unsent_bytes.set(77);
  auto reply = command({"MEMORY", "STATS"}, resp::command_id::memory_stats);
  ASSERT_NE(reply.find("total.allocated"), nullptr);
  EXPECT_GT(reply.find("total.allocated")->integer().value_or(0), 0);
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
