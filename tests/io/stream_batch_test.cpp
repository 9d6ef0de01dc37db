// Several streams that send at the end of one turn.
#include "io/stream.hpp"
#include "tests/io/loop_world.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace saker::io {
namespace {

class stream_batch_test : public test::loop_world {
protected:
  struct pair {
    unique_fd peer;
    std::shared_ptr<stream> near;
    int drained = 0;
    int closed = 0;
    std::function<void()> then; ///< at `drained`

    std::string receive() const {
      std::string bytes(1 << 20, '\0');
      auto n = ::recv(peer.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
      return bytes;
    }
  };

  stream_batch_test() {
    for (auto& x : pairs) {
      int ends[2];
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
      x.peer.reset(ends[0]);
      x.near = open_stream(uut, unique_fd{ends[1]},
                           {[] {},
                            [&x] {
                              ++x.drained;
                              if (x.then)
                                x.then();
                            },
                            [&x] { ++x.closed; }});
    }
  }

  pair pairs[3];
};

TEST_F(stream_batch_test, they_leave_together_where_the_kernel_has_a_ring) {
  for (auto& x : pairs) {
    x.near->write("+a\r\n");
    x.near->write(share("+b\r\n"));
  }
  uut.drain();
  for (auto& x : pairs) {
    EXPECT_EQ(x.receive(), "+a\r\n+b\r\n");
    EXPECT_EQ(x.near->unsent(), 0u);
    EXPECT_EQ(x.near->sent(), 8u);
  }
  EXPECT_EQ(uut.sends().joined(), uut.sends().has_ring() ? 3u : 0u);
}

TEST_F(stream_batch_test, who_is_full_waits_alone) {
  std::string much(4 << 20, 'x');
  pairs[0].near->write("+a\r\n");
  pairs[1].near->write(much);
  pairs[2].near->write("+c\r\n");
  uut.drain();
  EXPECT_EQ(pairs[0].receive(), "+a\r\n");
  EXPECT_EQ(pairs[2].receive(), "+c\r\n");
  EXPECT_GT(pairs[1].near->unsent(), 0u);
  EXPECT_EQ(pairs[1].drained, 0);
  std::string got;
  while (got.size() < much.size()) {
    auto part = pairs[1].receive();
    ASSERT_FALSE(part.empty()) << got.size();
    got += part;
    pairs[0].near->write("+d\r\n");
    uut.drain();
    EXPECT_EQ(pairs[0].receive(), "+d\r\n");
  }
  EXPECT_EQ(got, much);
  EXPECT_EQ(pairs[1].drained, 1);
}

TEST_F(stream_batch_test, who_closes_before_the_end_of_the_turn_says_nothing) {
  for (auto& x : pairs)
    x.near->write("+a\r\n");
  pairs[1].near->close();
  pairs[2].near.reset();
  uut.drain();
  EXPECT_EQ(pairs[0].receive(), "+a\r\n");
  EXPECT_EQ(pairs[1].receive(), "");
  EXPECT_EQ(pairs[2].receive(), "");
}

TEST_F(stream_batch_test, who_finishes_sends_all_first) {
  for (auto& x : pairs) {
    x.near->write("+bye\r\n");
    x.near->finish();
  }
  pairs[1].peer.reset(); // nobody hears this one
  uut.drain();
  EXPECT_EQ(pairs[0].receive(), "+bye\r\n");
  EXPECT_EQ(pairs[2].receive(), "+bye\r\n");
  EXPECT_EQ(pairs[1].closed, 1);
  EXPECT_NE(pairs[1].near->reason(), "");
}

TEST_F(stream_batch_test, what_one_hears_may_close_another) {
  pairs[0].then = [this] {
    pairs[1].near->close();
    pairs[2].near.reset();
  };
  for (auto& x : pairs) {
    x.near->write("+a\r\n");
    x.near->tell_drained();
  }
  uut.drain();
  EXPECT_EQ(pairs[0].receive(), "+a\r\n");
  EXPECT_EQ(pairs[0].drained, 1);
  EXPECT_EQ(pairs[1].drained + pairs[2].drained, 0);
  EXPECT_EQ(pairs[1].near->descriptor(), -1);
}

} // namespace
} // namespace saker::io
