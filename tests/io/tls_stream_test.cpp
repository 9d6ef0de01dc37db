#include "io/tls_stream.hpp"

#include "tests/support/tls_door_fixture.hpp"

namespace saker::io {
namespace {

class tls_stream_test : public test::tls_door_fixture {
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

TEST_F(tls_stream_test, says_in_tls_that_it_is_closed) {
  guest->write("last");
  where.drain();
  guest->close();
  x->receive();
  EXPECT_EQ(x->received, "last");
  EXPECT_TRUE(x->ended);
  EXPECT_FALSE(x->failed);
}

TEST_F(tls_stream_test, does_not_say_so_once_it_has_been_said) {
  guest->finish();
  where.drain();
  guest->close();
  x->receive();
  EXPECT_TRUE(x->ended);
}

TEST_F(tls_stream_test, claims_no_good_end_where_bytes_are_lost) {
  guest->write("lost");
  guest->close(); // before the end of the turn
  x->receive();
  EXPECT_FALSE(x->ended);
  EXPECT_TRUE(x->failed);
}

TEST_F(tls_stream_test, waits_for_no_peer_that_does_not_read) {
  guest->write(std::string(8'000'000, 'x'));
  where.drain();
  EXPECT_GT(guest->unsent(), 0u);
  guest->close();
  for (auto i = 0; i < 100 && !x->failed; ++i)
    x->receive();
  EXPECT_FALSE(x->ended);
}

TEST_F(tls_stream_test, tells_the_peer_what_it_did_wrong) {
  constexpr auto first_alert = 1000; // as OpenSSL numbers them
  guest->read();
  const auto record = std::string("\x17\x03\x03\x00\x20", 5)
                      + std::string(32, 'x');
  ASSERT_EQ(::send(x->socket(), record.data(), record.size(), 0),
            static_cast<ssize_t>(record.size()));
  where.drain();
  EXPECT_EQ(closed, 1);
  x->receive();
  EXPECT_TRUE(x->failed);
  EXPECT_GT(ERR_GET_REASON(::ERR_peek_last_error()), first_alert);
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

TEST_F(tls_stream_test, cuts_off_who_makes_writing_impossible) {
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
