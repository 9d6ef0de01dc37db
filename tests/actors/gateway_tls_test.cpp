#include "actors/broker.hpp"
#include "actors/certificates.hpp"
#include "actors/gateway.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_stream.hpp"

#include <boost/asio/ssl/context.hpp>

#include <map>

#include <sys/socket.h>

namespace saker {
namespace {

class deaf_listener final : public io::listener {
public:
  void close() override {
    // nop
  }

  void finish() override {
    // nop
  }
};

/// A gateway with one plain address and one for TLS; the test is the door.
class gateway_tls_test : public test::actor_test {
protected:
  gateway_tls_test() {
    links->settings = std::make_shared<session::settings>();
    links->broker = spawn(broker, broker_links{nullptr, &figures});
    links->figures = &figures;
    links->refusals = std::make_shared<refusal_log>(
      [this](const std::string& x) { warnings.push_back(x); });
    gateway_links with;
    with.connections = links;
    std::vector<std::string> two{"maxclients", "2"};
    EXPECT_TRUE(with.parameters.set(two));
    with.listen = [this](unique_fd, io::listener_events events) {
      accepting.push_back(std::move(events));
      return std::make_shared<deaf_listener>();
    };
    with.connect = [this](session::peer who, std::uint64_t id, unique_fd) {
      return serve(std::move(who), id, [this](io::stream_events events) {
        return wire(std::move(events));
      });
    };
    with.warn = [this](const std::string& x) { warnings.push_back(x); };
    with.describe = [this](int socket, const std::string& local) {
      ++asked;
      return describe_peer(socket, local);
    };
    with.tls.addresses = {"127.0.0.1:2"};
    with.tls.certificate_user = true;
    with.tls.admit = [this](unique_fd socket, io::tls_guest_events events) {
      sockets.push_back(std::move(socket));
      door.push_back(std::move(events));
    };
    with.tls.inside = [this] { return inside; };
    with.tls.connect = [this](session::peer who, std::uint64_t id,
                              const stream_factory& open) {
      return serve(std::move(who), id, open);
    };
    with.tls.certificates = spawn(certificates,
                                  certificate_reader{[this](auto& x) {
                                    return read(x.text("tls-cert-file"));
                                  }});
    with.tls.use = [this](const io::shared_tls& x) {
      shown.push_back(made.at(x));
    };
    with.holder = [](const config::listen_address&) { return std::string{}; };
    uut = spawn(gateway, std::move(with));
    links->gateway = caf::actor_cast<command_actor>(uut);
    tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:1"});
    tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"127.0.0.1:2"});
    tell(uut, atom::open_v);
  }

  void TearDown() override {
    accepting.clear();
    door.clear();
    tell(uut, atom::finish_v);
    actor_test::TearDown();
  }

  std::shared_ptr<test::fake_stream> wire(io::stream_events events) {
    wires.push_back(std::make_shared<test::fake_stream>(std::move(events)));
    return wires.back();
  }

  connection_actor
  serve(session::peer who, std::uint64_t id, const stream_factory& open) {
    peers.push_back(who);
    return sys.spawn(connection, shared_links{links}, std::move(who), id, open);
  }

  unique_fd knock(std::size_t where) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    accepting[where].accepted(unique_fd{ends[0]});
    settle();
    return unique_fd{ends[1]};
  }

  /// The last one at the door has made its handshake.
  void let_in(const std::string& certificate = {}) {
    auto open
      = [this](io::stream_events events) -> std::shared_ptr<io::stream> {
      return wire(std::move(events));
    };
    door.back().secured({open, certificate});
    settle();
  }

  /// The disk.
  result<io::shared_tls> read(const std::string& file) {
    renewed.push_back(file);
    if (!complaint.empty())
      return fail(errc::io, complaint);
    using boost::asio::ssl::context;
    auto x = std::make_shared<context>(context::tls_server);
    made[x] = file;
    return x;
  }

  static command_call set_call(std::vector<std::string> args) {
    args.insert(args.begin(), {"CONFIG", "SET"});
    command_call call;
    call.what.command = resp::find_subcommand(*resp::find_command("CONFIG"),
                                              "SET");
    call.what.args = std::move(args);
    return call;
  }

  resp::value config_set(std::vector<std::string> args) {
    auto x = ask<resp::value>(uut, atom::call_v, set_call(std::move(args)));
    return x ? *x : resp::value{};
  }

  std::shared_ptr<connection_links> links
    = std::make_shared<connection_links>();
  node_figures figures;
  std::vector<io::listener_events> accepting;
  std::vector<unique_fd> sockets;
  std::vector<io::tls_guest_events> door;
  std::size_t inside = 0;
  int asked = 0; ///< how often the kernel was
  std::vector<session::peer> peers;
  std::vector<std::shared_ptr<test::fake_stream>> wires;
  std::vector<std::string> warnings;
  std::vector<std::string> renewed;
  std::map<io::shared_tls, std::string> made;
  std::vector<std::string> shown; ///< certificates, to clients from then on
  std::string complaint;
  gateway_actor uut;
};

TEST_F(gateway_tls_test, sends_clients_of_its_addresses_to_the_door) {
  auto plain = knock(0);
  EXPECT_EQ(peers.size(), 1u);
  EXPECT_TRUE(door.empty());
  auto secret = knock(1);
  EXPECT_EQ(peers.size(), 1u);
  ASSERT_EQ(door.size(), 1u);
  let_in();
  EXPECT_EQ(peers.size(), 2u);
  EXPECT_EQ(figures.clients.get(), 2);
}

TEST_F(gateway_tls_test, never_asks_the_kernel_who_a_tls_client_is) {
  auto end = knock(1);
  let_in();
  EXPECT_EQ(asked, 0);
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers[0].kind, session::peer_kind::stranger);
  EXPECT_EQ(peers[0].uid, 0xffffffff);
  EXPECT_EQ(peers[0].user, "");
  EXPECT_EQ(peers[0].local_address, "127.0.0.1:2");
  wires[0]->send("ACL WHOAMI\r\n");
  settle();
  EXPECT_EQ(wires[0]->received(), "$5\r\nguest\r\n");
}

TEST_F(gateway_tls_test, passes_on_the_name_of_a_certificate) {
  auto end = knock(1);
  let_in("ann");
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers[0].certificate, "ann");
}

TEST_F(gateway_tls_test, counts_handshakes_as_clients) {
  inside = 2;
  auto end = knock(1);
  EXPECT_TRUE(door.empty());
  EXPECT_EQ(figures.rejected.get(), 1);
  char byte;
  EXPECT_EQ(::recv(end.get(), &byte, 1, MSG_DONTWAIT), 0); // no plain text
  inside = 1;
  auto other = knock(1);
  EXPECT_EQ(door.size(), 1u);
}

TEST_F(gateway_tls_test, refuses_who_finds_no_place_after_its_handshake) {
  auto late = knock(1);
  auto a = knock(0);
  auto b = knock(0);
  EXPECT_EQ(figures.clients.get(), 2);
  let_in();
  EXPECT_EQ(figures.clients.get(), 2);
  EXPECT_EQ(figures.rejected.get(), 1);
}

TEST_F(gateway_tls_test, says_who_was_refused_and_why) {
  auto end = knock(1);
  door.back().refused("it speaks no TLS");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("TLS on 127.0.0.1:2: client "), std::string::npos);
  EXPECT_NE(warnings[0].find(" is refused: it speaks no TLS"),
            std::string::npos);
  auto other = knock(1);
  door.back().refused(""); // only looked
  EXPECT_EQ(warnings.size(), 1u);
}

TEST_F(gateway_tls_test, lets_nobody_in_who_is_ready_after_the_end) {
  auto end = knock(1);
  tell(uut, atom::finish_v);
  let_in();
  EXPECT_TRUE(peers.empty());
}

TEST_F(gateway_tls_test, reads_certificates_anew_when_told) {
  tell(uut, atom::reload_v);
  EXPECT_EQ(renewed.size(), 1u);
  EXPECT_EQ(shown.size(), 1u);
  EXPECT_TRUE(warnings.empty());
  complaint = "read a.pem: No such file";
  tell(uut, atom::reload_v);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0], "TLS: read a.pem: No such file; clients are shown "
                         "what they were before");
  EXPECT_EQ(shown.size(), 1u);
}

TEST_F(gateway_tls_test, shows_what_config_set_named_while_it_was_reading) {
  self->request(uut, caf::infinite, atom::call_v,
                set_call({"tls-cert-file", "b.pem"}));
  self->send(uut, atom::reload_v); // when the old ones still count
  settle();
  EXPECT_EQ(renewed, (std::vector<std::string>{"b.pem", "", "b.pem"}));
  EXPECT_EQ(shown, (std::vector<std::string>{"b.pem", "b.pem"}));
}

TEST_F(gateway_tls_test, shows_what_it_did_if_another_part_of_it_fails) {
  // There is no keeper that could open the port.
  EXPECT_TRUE(
    config_set({"tls-cert-file", "b.pem", "bind", "127.0.0.1", "port", "9"})
      .is_error());
  EXPECT_EQ(renewed, std::vector<std::string>{"b.pem"});
  EXPECT_TRUE(shown.empty());
}

TEST_F(gateway_tls_test, reads_certificates_anew_at_config_set) {
  EXPECT_EQ(config_set({"timeout", "0"}), resp::ok());
  EXPECT_TRUE(renewed.empty());
  EXPECT_EQ(config_set({"TLS-cert-file", "b.pem"}), resp::ok());
  EXPECT_EQ(renewed, std::vector<std::string>{"b.pem"});
  EXPECT_EQ(config_set({"tls-cert-file", "b.pem"}), resp::ok()); // as in Redis
  EXPECT_EQ(renewed.size(), 2u);
  complaint = "read c.pem: No such file";
  auto no = config_set({"tls-cert-file", "c.pem"});
  EXPECT_TRUE(no.is_error());
  complaint = {};
  tell(uut, atom::reload_v);
  EXPECT_EQ(renewed.back(), "b.pem"); // what it was before
}

TEST(refusal_log_test, says_a_line_a_second_and_how_many_were_left_out) {
  using namespace std::chrono_literals;
  std::vector<std::string> lines;
  refusal_log uut{[&](const std::string& x) { lines.push_back(x); }};
  auto t = std::chrono::steady_clock::time_point{1h};
  uut.tell("a", t);
  uut.tell("b", t);
  uut.tell("c", t + 999ms);
  uut.tell("d", t + 1s);
  uut.tell("e", t + 5s);
  EXPECT_EQ(lines, (std::vector<std::string>{
                     "a", "d (and 2 more since the last such line)", "e"}));
}

} // namespace
} // namespace saker
