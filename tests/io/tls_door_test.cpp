#include "io/tls_door.hpp"

#include "io/client_tls.hpp"
#include "tests/support/test_certificates.hpp"
#include "tests/support/tls_client.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <optional>

#include <sys/socket.h>

namespace saker::io {
namespace {

using namespace std::chrono_literals;

struct tls_config : caf::actor_system_config {
  tls_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

/// Clients on one side, the door and what it let in on the other.
class tls_door_test : public ::testing::Test {
protected:
  tls_door_test() {
    authority.issue("server");
    use("server", {});
  }

  ~tls_door_test() override {
    if (guest)
      guest->close();
    uut.reset();
    where.drain();
  }

  enum class asks { nobody, whoever_has, everybody };

  shared_tls context(const std::string& name, asks whom = asks::nobody) {
    auto x = load_client_tls({authority / (name + ".pem"),
                              authority / (name + ".key"), authority / "ca.pem",
                              whom != asks::nobody, whom == asks::everybody});
    EXPECT_TRUE(x) << x.error().detail;
    return x ? *x : shared_tls{};
  }

  void
  use(const std::string& name, tls_door_options how, asks whom = asks::nobody) {
    uut = std::make_unique<tls_door>(where, context(name, whom), how);
  }

  /// A client at the door; returns its socket.
  unique_fd knock() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    uut->admit(unique_fd{ends[1]},
               {[this](const tls_guest& x) {
                  guest = x.open({[this] {
                                    input += guest->input();
                                    ++reads;
                                  },
                                  [this] { ++drained; }, [this] { ++closed; }});
                  shown = x.certificate;
                },
                [this](const std::string& why) { refusals.push_back(why); }});
    return unique_fd{ends[0]};
  }

  /// Moves both sides until nothing changes any more.
  void meet(test::tls_client& who) {
    for (auto i = 0; i < 8; ++i) {
      who.handshake();
      where.drain();
    }
  }

  std::unique_ptr<test::tls_client>
  enter(const test::tls_client_options& how = {}) {
    auto who = std::make_unique<test::tls_client>(knock(), how);
    meet(*who);
    EXPECT_TRUE(guest) << (refusals.empty() ? "" : refusals.back());
    return who;
  }

  std::string refused(const test::tls_client_options& how) {
    auto before = refusals.size();
    test::tls_client who{knock(), how};
    meet(who);
    EXPECT_FALSE(guest);
    EXPECT_EQ(refusals.size(), before + 1);
    return refusals.empty() ? "not refused" : refusals.back();
  }

  test::tls_client_options client(const std::string& name) {
    return {.ca = authority / "ca.pem",
            .cert = authority / (name + ".pem"),
            .key = authority / (name + ".key")};
  }

  tls_config cfg;
  caf::actor_system sys{cfg};
  loop where{sys};
  test::test_authority authority;
  std::unique_ptr<tls_door> uut;
  std::shared_ptr<stream> guest;
  std::string shown; ///< the name of its certificate
  std::vector<std::string> refusals;
  std::string input;
  int reads = 0;
  int drained = 0;
  int closed = 0;
};

// -- who is let in ----------------------------------------------------------------

TEST_F(tls_door_test, lets_clients_in_by_both_versions) {
  auto x = enter({.ca = authority / "ca.pem"});
  EXPECT_EQ(x->version(), "TLSv1.3");
  EXPECT_EQ(uut->inside(), 0u);
  guest.reset();
  auto y = enter({.ca = authority / "ca.pem", .newest = TLS1_2_VERSION});
  EXPECT_EQ(y->version(), "TLSv1.2");
  EXPECT_EQ(shown, "");
}

TEST_F(tls_door_test, refuses_older_versions) {
  for (auto version : {TLS1_1_VERSION, TLS1_VERSION}) {
    auto why = refused({.newest = version});
    EXPECT_NE(why.find("no TLS newer than 1.1"), why.npos) << why;
  }
}

TEST_F(tls_door_test, computes_nothing_that_is_dear) {
  for (std::string groups : {"ffdhe8192", "X448", "P-384"}) {
    auto why = refused({.groups = groups});
    EXPECT_NE(why.find("none of our key exchanges"), why.npos) << why;
  }
  for (std::string groups : {"X25519", "P-256"}) {
    auto x = enter({.groups = groups});
    guest.reset();
  }
}

TEST_F(tls_door_test, tells_those_who_speak_no_tls_and_the_log) {
  auto socket = knock();
  ASSERT_EQ(::send(socket.get(), "PING\r\n", 6, 0), 6);
  where.drain();
  char text[128] = {};
  ASSERT_GT(::recv(socket.get(), text, sizeof(text) - 1, MSG_DONTWAIT), 0);
  EXPECT_EQ(std::string{text}.substr(0, 30), "-ERR this port speaks TLS; con");
  EXPECT_EQ(::recv(socket.get(), text, sizeof(text), MSG_DONTWAIT), 0);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_NE(refusals[0].find("it speaks no TLS"), std::string::npos);
  socket.reset();
  where.drain();
  EXPECT_EQ(uut->inside(), 0u);
  EXPECT_EQ(refusals.size(), 1u);
}

TEST_F(tls_door_test, knows_the_name_of_a_certificate) {
  authority.issue("ann");
  use("server", {}, asks::everybody);
  auto x = enter(client("ann"));
  EXPECT_EQ(shown, "ann");
}

TEST_F(tls_door_test, takes_a_certificate_where_none_is_needed) {
  authority.issue("ann");
  use("server", {}, asks::whoever_has);
  auto x = enter({});
  EXPECT_EQ(shown, "");
  guest.reset();
  auto y = enter(client("ann"));
  EXPECT_EQ(shown, "ann");
}

TEST_F(tls_door_test, refuses_those_without_certificate) {
  use("server", {}, asks::everybody);
  auto why = refused({});
  EXPECT_NE(why.find("it shows no certificate"), why.npos) << why;
}

TEST_F(tls_door_test, refuses_a_certificate_of_another_authority) {
  test::test_authority other;
  other.issue("ann");
  for (auto whom : {asks::everybody, asks::whoever_has}) {
    use("server", {}, whom);
    auto why = refused({.cert = other / "ann.pem", .key = other / "ann.key"});
    EXPECT_NE(why.find("its certificate is refused"), why.npos) << why;
  }
}

TEST_F(tls_door_test, refuses_an_expired_certificate) {
  authority.issue("ann", -60);
  use("server", {}, asks::everybody);
  auto why = refused(client("ann"));
  EXPECT_NE(why.find("certificate has expired"), why.npos) << why;
}

TEST_F(tls_door_test, tells_that_a_client_does_not_believe_us) {
  test::test_authority other{"another"};
  auto why = refused({.ca = other / "ca.pem"});
  EXPECT_NE(why.find("it refuses our certificate"), why.npos) << why;
}

TEST_F(tls_door_test, says_nothing_of_those_who_only_look_whether_it_is_there) {
  knock().reset();
  where.drain();
  EXPECT_EQ(refusals, std::vector<std::string>{""});
  EXPECT_EQ(uut->inside(), 0u);
}

TEST_F(tls_door_test, tells_that_somebody_left_amid_the_handshake) {
  auto socket = knock();
  ASSERT_EQ(::send(socket.get(), "\x16\x03\x01", 3, 0), 3);
  where.drain();
  EXPECT_EQ(uut->inside(), 1u);
  socket.reset();
  where.drain();
  EXPECT_EQ(refusals,
            std::vector<std::string>{"it left before the handshake was over"});
}

TEST_F(tls_door_test, takes_a_good_bye_for_no_certificate) {
  use("server", {}, asks::everybody);
  for (auto newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    refusals.clear();
    test::tls_client who{knock(), {.newest = newest}};
    who.handshake();
    where.drain(); // its certificate is awaited
    constexpr std::string_view nothing_more_comes{"\x15\3\3\0\2\1\0", 7};
    ASSERT_EQ(::send(who.socket(), nothing_more_comes.data(), 7, 0), 7);
    where.drain();
    EXPECT_FALSE(guest);
    EXPECT_EQ(refusals, std::vector<std::string>{
                          "it left before the handshake was over"});
  }
}

TEST_F(tls_door_test, refuses_garbage_that_begins_like_tls) {
  auto socket = knock();
  std::string bytes = "\x16\x03\x01\x7f\xff" + std::string(40'000, 'x');
  ASSERT_GT(::send(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT), 0);
  where.drain();
  EXPECT_FALSE(guest);
  EXPECT_EQ(refusals.size(), 1u);
}

TEST_F(tls_door_test, hears_a_handshake_byte_by_byte) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  unique_fd wire{ends[0]};
  test::tls_client who{unique_fd{ends[1]}};
  auto door = knock();
  for (auto i = 0; i < 8; ++i) {
    who.handshake();
    char byte = 0;
    while (::recv(wire.get(), &byte, 1, 0) == 1) {
      ASSERT_EQ(::send(door.get(), &byte, 1, 0), 1);
      where.drain();
    }
    char piece[4096];
    for (;;) {
      auto n = ::recv(door.get(), piece, sizeof(piece), 0);
      if (n <= 0)
        break;
      ASSERT_EQ(::send(wire.get(), piece, static_cast<std::size_t>(n), 0), n);
    }
  }
  EXPECT_TRUE(guest);
  EXPECT_TRUE(who.handshake());
}

// -- bounds ------------------------------------------------------------------------

TEST_F(tls_door_test, gives_up_on_those_who_stall) {
  use("server", {.patience = 0ms});
  auto socket = knock();
  for (auto i = 0; i < 1'000'000 && refusals.empty(); ++i)
    where.drain();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].substr(0, 19), "no handshake within");
  char byte;
  EXPECT_EQ(::recv(socket.get(), &byte, 1, MSG_DONTWAIT), 0);
  EXPECT_EQ(uut->inside(), 0u);
}

TEST_F(tls_door_test, lets_the_oldest_give_way_when_too_many_come) {
  use("server", {.at_once = 3});
  std::vector<unique_fd> idle;
  for (auto i = 0; i < 5; ++i)
    idle.push_back(knock());
  where.drain();
  EXPECT_EQ(uut->inside(), 3u);
  EXPECT_EQ(refusals.size(), 2u);
  auto x = enter({}); // one who does not stall comes in
  EXPECT_EQ(refusals.size(), 3u);
  EXPECT_EQ(uut->inside(), 2u);
}

/// Counts the turns that pass.
struct turn_count : turn_hook {
  void at_end_of_turn() override {
    ++turns;
    if (turns < 1000)
      where->defer(stage::write, *this);
  }
  loop* where = nullptr;
  int turns = 0;
};

TEST_F(tls_door_test, takes_one_step_of_one_handshake_in_each_turn) {
  constexpr int many = 20;
  std::vector<std::unique_ptr<test::tls_client>> all;
  std::vector<int> steps; // in which turn
  turn_count count;
  count.where = &where;
  for (auto i = 0; i < many; ++i) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    uut->admit(unique_fd{ends[1]},
               {{}, [&](const std::string&) { steps.push_back(count.turns); }});
    // No TLS: refused by its first step.
    ASSERT_EQ(::send(ends[0], "PING\r\n", 6, 0), 6);
    ::close(ends[0]);
  }
  where.defer(stage::write, count);
  where.drain();
  ASSERT_EQ(steps.size(), std::size_t{many});
  for (std::size_t i = 1; i < steps.size(); ++i)
    EXPECT_LT(steps[i - 1], steps[i]) << i;
}

TEST_F(tls_door_test, shows_a_new_certificate_to_those_who_come_later) {
  authority.issue("next");
  auto x = enter({});
  EXPECT_EQ(x->peer(), "server");
  uut->use(context("next"));
  auto first = guest;
  guest.reset();
  auto y = enter({});
  EXPECT_EQ(y->peer(), "next");
  first->write("still here");
  where.drain();
  x->receive();
  EXPECT_EQ(x->received, "still here");
  first->close();
}

// -- the stream behind it ----------------------------------------------------------

class tls_stream_test : public tls_door_test {
protected:
  tls_stream_test() : x(enter({})) {
    // nop
  }

  /// Lets the client read until `size` bytes have come.
  void receive(std::size_t size) {
    for (auto i = 0; i < 10'000 && x->received.size() < size; ++i) {
      where.drain();
      x->receive();
    }
  }

  std::unique_ptr<test::tls_client> x;
};

TEST_F(tls_stream_test, carries_bytes_both_ways) {
  guest->read();
  where.drain();
  EXPECT_EQ(reads, 0);
  ASSERT_TRUE(x->send("PING\r\n"));
  where.drain();
  EXPECT_EQ(input, "PING\r\n");
  EXPECT_EQ(reads, 1);
  ASSERT_TRUE(x->send("more")); // not before it is read again
  where.drain();
  EXPECT_EQ(reads, 1);
  guest->read();
  where.drain();
  EXPECT_EQ(input, "PING\r\nmore");
  guest->write("+PONG\r\n");
  guest->write(share("+OK\r\n"));
  EXPECT_EQ(guest->unsent(), 12u);
  where.drain();
  EXPECT_EQ(guest->unsent(), 0u);
  x->receive();
  EXPECT_EQ(x->received, "+PONG\r\n+OK\r\n");
}

TEST_F(tls_stream_test, hears_what_came_with_the_end_of_the_handshake) {
  guest.reset();
  test::tls_client early{knock()};
  early.handshake();
  where.drain();
  ASSERT_TRUE(early.handshake());   // its last bytes …
  ASSERT_TRUE(early.send("early")); // … and these, before the door turns
  where.drain();
  ASSERT_TRUE(guest);
  guest->read();
  EXPECT_EQ(input, ""); // never from inside a call
  where.drain();
  EXPECT_EQ(input, "early");
}

TEST_F(tls_stream_test, keeps_order_when_the_kernel_takes_only_a_part) {
  std::string all;
  for (auto i = 0; i < 50; ++i) {
    auto small = std::to_string(i) + ' ';
    auto large = std::string(40'000, static_cast<char>('a' + i % 26));
    guest->write(small);
    guest->write(share(large));
    all += small + large;
  }
  guest->tell_drained();
  where.drain();
  EXPECT_GT(guest->unsent(), 0u);
  EXPECT_EQ(drained, 0);
  receive(all.size());
  EXPECT_TRUE(x->received == all);
  where.drain();
  EXPECT_EQ(guest->unsent(), 0u);
  EXPECT_EQ(drained, 1);
}

TEST_F(tls_stream_test, tells_when_all_has_left_if_asked) {
  guest->write("x");
  guest->tell_drained();
  where.drain();
  EXPECT_EQ(drained, 1);
}

TEST_F(tls_stream_test, joins_what_one_turn_wrote_into_one_record) {
  for (auto i = 0; i < 100; ++i)
    guest->write("0123456789");
  where.drain();
  x->receive();
  EXPECT_EQ(x->received.size(), 1000u);
  EXPECT_EQ(guest->pieces(), 0u);
}

TEST_F(tls_stream_test, tells_the_end_of_input_and_can_still_write) {
  ASSERT_TRUE(x->send("last"));
  x->finish();
  guest->read();
  where.drain();
  EXPECT_EQ(input, "last");
  EXPECT_EQ(closed, 0);
  guest->read();
  where.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(guest->reason(), "");
  guest->write("answer");
  guest->finish();
  where.drain();
  x->receive();
  EXPECT_EQ(x->received, "answer");
  EXPECT_TRUE(x->ended); // and it says so in TLS
}

TEST_F(tls_stream_test, is_closed_by_a_client_that_just_goes) {
  guest->read();
  x.reset();
  where.drain();
  EXPECT_EQ(closed, 1);
}

TEST_F(tls_stream_test, says_nothing_after_it_was_closed) {
  guest->read();
  ASSERT_TRUE(x->send("PING\r\n"));
  guest->close();
  guest->write("nobody");
  where.drain();
  EXPECT_EQ(reads + closed + drained, 0);
  EXPECT_EQ(guest->unsent(), 0u);
  EXPECT_EQ(guest->descriptor(), -1);
}

TEST_F(tls_stream_test, allows_no_renegotiation) {
  guest->close();
  guest.reset();
  auto old = enter({.newest = TLS1_2_VERSION});
  guest->read();
  for (auto i = 0; i < 1000; ++i) {
    old->renegotiate();
    where.drain();
    if (closed > 0)
      break;
  }
  old->receive();
  EXPECT_TRUE(closed > 0 || old->failed);
  EXPECT_LT(guest->unsent(), 64u * 1024);
}

TEST_F(tls_stream_test, cuts_off_whoever_asks_more_of_tls_than_it_reads) {
  guest->read();
  guest->write(std::string(2'000'000, 'x')); // which it does not read
  for (auto i = 0; i < 3000 && closed == 0; ++i) {
    x->update_keys();
    if (i % 16 == 0)
      x->send("x");
    where.drain();
    guest->read();
  }
  EXPECT_EQ(closed, 1);
}

TEST_F(tls_door_test, cuts_off_who_makes_writing_impossible) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  unique_fd peer{ends[0]};
  // As amid a handshake, OpenSSL waits for the rest of what the peer began.
  auto uncertain = std::make_shared<tls_stream>(where, context("server"));
  uncertain->begin(unique_fd{ends[1]}, {});
  uncertain->open({{}, {}, [this] { ++closed; }});
  uncertain->write("lost");
  where.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_NE(uncertain->reason(), "");
}

} // namespace
} // namespace saker::io
