#include "io/tls_door.hpp"

#include "tests/support/tls_door_fixture.hpp"

namespace saker::io {
namespace {

using namespace std::chrono_literals;
using tls_door_test = test::tls_door_fixture;

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

} // namespace
} // namespace saker::io
