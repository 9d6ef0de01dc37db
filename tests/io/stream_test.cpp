#include "io/stream.hpp"

#include "tests/io/loop_world.hpp"

#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace saker::io {
namespace {

/// A stream on one end of a socket pair and its plain other end.
class stream_test : public test::loop_world {
protected:
  explicit stream_test(int type = SOCK_STREAM) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    peer.reset(ends[0]);
    near = open_stream(uut, unique_fd{ends[1]},
                       {[this] {
                          heard += near->input();
                          ++reads;
                        },
                        [this] { ++drained; }, [this] { ++closed; }});
  }

  std::string receive(std::size_t limit = 1 << 20) {
    std::string bytes(limit, '\0');
    auto n = ::recv(peer.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }

  unique_fd peer;
  std::shared_ptr<stream> near;
  std::string heard;
  int reads = 0;
  int drained = 0;
  int closed = 0;
};

TEST_F(stream_test, joins_what_one_turn_wrote_into_one_packet) {
  near->write("+a\r\n");
  near->write(share("+b\r\n"));
  near->write("+c\r\n");
  EXPECT_EQ(receive(), "");
  uut.drain();
  EXPECT_EQ(receive(), "+a\r\n+b\r\n+c\r\n");
  EXPECT_EQ(near->unsent(), 0u);
}

/// Here each system call that sends is one packet, which can be counted.
class packet_test : public stream_test {
protected:
  packet_test() : stream_test(SOCK_SEQPACKET) {
    // nop
  }

  std::vector<std::string> packets() {
    std::vector<std::string> result;
    for (auto x = receive(); !x.empty(); x = receive())
      result.push_back(std::move(x));
    return result;
  }
};

TEST_F(packet_test, sends_once_in_a_turn_whatever_was_written) {
  std::string all;
  for (auto i = 0; i < 200; ++i) {
    auto line = "+" + std::to_string(i) + "\r\n";
    near->write(line);
    near->write(share(line));
    near->write_all_of(line);
    all += line + line + line;
  }
  uut.drain();
  EXPECT_EQ(packets(), std::vector<std::string>{all});
  near->write_all_of("+a\r\n");
  uut.drain();
  near->write("+b\r\n");
  near->write_all_of("+c\r\n");
  uut.drain();
  EXPECT_EQ(packets(), (std::vector<std::string>{"+a\r\n", "+b\r\n+c\r\n"}));
  EXPECT_EQ(near->pieces(), 0u);
}

TEST_F(stream_test, reads_only_when_asked) {
  ASSERT_EQ(::send(peer.get(), "ping", 4, 0), 4);
  uut.drain();
  EXPECT_EQ(heard, "");
  near->read();
  uut.drain();
  EXPECT_EQ(heard, "ping");
  ASSERT_EQ(::send(peer.get(), "pong", 4, 0), 4);
  uut.drain();
  EXPECT_EQ(heard, "ping");
  near->read();
  uut.drain();
  EXPECT_EQ(heard, "pingpong");
}

TEST_F(stream_test, keeps_order_when_the_kernel_takes_only_a_part) {
  std::string sent;
  for (auto i = 0; i < 200'000; ++i) {
    auto line = std::to_string(i) + "\r\n";
    sent += line;
    if (i % 3 == 0)
      near->write(share(line));
    else if (i % 3 == 1)
      near->write_all_of(line);
    else
      near->write(line);
  }
  uut.drain();
  EXPECT_GT(near->unsent(), 0u);
  EXPECT_EQ(drained, 0);
  std::string got;
  while (got.size() < sent.size()) {
    auto more = receive();
    ASSERT_FALSE(more.empty());
    got += more;
    uut.drain();
  }
  EXPECT_TRUE(got == sent);
  EXPECT_EQ(near->unsent(), 0u);
  EXPECT_EQ(drained, 1);
}

TEST_F(stream_test, tells_when_all_has_left_if_asked_though_nothing_waits) {
  near->write("+a\r\n");
  near->tell_drained();
  EXPECT_EQ(drained, 0);
  uut.drain();
  EXPECT_EQ(receive(), "+a\r\n");
  EXPECT_EQ(drained, 1);
  near->tell_drained(); // nothing is unsent
  near->write("+b\r\n");
  uut.drain();
  EXPECT_EQ(drained, 1);
}

TEST_F(stream_test, tells_the_end_of_input_and_can_still_write) {
  near->read();
  ::shutdown(peer.get(), SHUT_WR);
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(near->reason(), "");
  near->write("+bye\r\n");
  uut.drain();
  EXPECT_EQ(receive(), "+bye\r\n");
}

TEST_F(stream_test, tells_why_a_write_failed) {
  peer.reset();
  near->write("+x\r\n");
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(near->reason(), "Broken pipe");
  EXPECT_EQ(near->unsent(), 0u);
}

TEST_F(stream_test, says_nothing_after_it_was_closed) {
  near->read();
  near->write("+x\r\n");
  near->close();
  uut.drain();
  EXPECT_EQ(closed, 0);
  EXPECT_EQ(receive(), "");
}

TEST_F(stream_test, sends_the_last_reply_although_input_is_left_unread) {
  ASSERT_EQ(::send(peer.get(), "more", 4, 0), 4);
  near->write("-ERR bye\r\n");
  near->finish();
  near->write("never sent");
  uut.drain();
  EXPECT_EQ(receive(), "-ERR bye\r\n");
  EXPECT_EQ(closed, 0);
  peer.reset();
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(heard, "");
}

TEST_F(stream_test, rests_while_a_gone_peer_is_not_read_and_tells_it_then) {
  ASSERT_EQ(::send(peer.get(), "last", 4, 0), 4);
  peer.reset();
  uut.drain(); // ends: nothing spins
  EXPECT_EQ(closed, 0);
  near->read();
  uut.drain();
  EXPECT_EQ(heard, "last");
  near->read();
  uut.drain();
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(near->reason(), "");
}

TEST_F(stream_test, ends_at_once_when_both_sides_have_said_all) {
  near->read();
  peer.reset();
  uut.drain();
  ASSERT_EQ(closed, 1);
  near->finish();
  uut.drain();
  EXPECT_EQ(closed, 2);
}

TEST_F(stream_test, gives_a_busy_sender_a_larger_buffer) {
  std::string data(100'000, 'x');
  std::size_t offset = 0;
  while (heard.size() < data.size()) {
    auto n = ::send(peer.get(), data.data() + offset, data.size() - offset,
                    MSG_DONTWAIT);
    if (n > 0)
      offset += static_cast<std::size_t>(n);
    near->read();
    uut.drain();
  }
  EXPECT_LT(reads, 10);
}

} // namespace
} // namespace saker::io
