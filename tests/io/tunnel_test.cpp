#include "io/tunnel.hpp"

#include "io/tunnel_proof.hpp"
#include "tests/support/temporary_directory.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include <sys/socket.h>
#include <sys/stat.h>

namespace saker::io {
namespace {

using namespace std::chrono_literals;

struct tunnel_config : caf::actor_system_config {
  tunnel_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

std::pair<unique_fd, unique_fd> socket_pair() {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  return {unique_fd{ends[0]}, unique_fd{ends[1]}};
}

/// One side of a link and what it was told.
struct end_of_link {
  std::shared_ptr<tunnel> uut;
  std::optional<std::string> hello;
  std::optional<failure> end;

  void open(loop& where, unique_fd socket, bool dialled, std::string say,
            std::string cookie) {
    tunnel_options how;
    how.cookie = std::move(cookie);
    how.hello = std::move(say);
    how.patience = 1h;
    how.dead_after = 1h;
    uut = tunnel_over(where, std::move(socket), dialled, std::move(how),
                      {[this](std::string x) { hello = std::move(x); },
                       [this](const failure& x) { end = x; }});
  }
};

class tunnel_test : public ::testing::Test {
protected:
  ~tunnel_test() override {
    for (auto x : {&a, &b})
      if (x->uut)
        x->uut->close();
    where.drain();
  }

  void connect(const std::string& cookie_a, const std::string& cookie_b) {
    auto [x, y] = socket_pair();
    a.open(where, std::move(x), true, "I am a", cookie_a);
    b.open(where, std::move(y), false, "I am b", cookie_b);
    where.drain();
  }

  /// What comes out of `fd` in a few turns.
  std::string read_from(const unique_fd& fd, std::size_t size) {
    std::string all;
    for (auto i = 0; i < 10'000 && all.size() < size; ++i) {
      where.drain();
      char piece[65536];
      auto n = ::recv(fd.get(), piece, sizeof(piece), MSG_DONTWAIT);
      if (n > 0)
        all.append(piece, static_cast<std::size_t>(n));
    }
    return all;
  }

  tunnel_config cfg;
  caf::actor_system sys{cfg};
  loop where{sys};
  end_of_link a, b;
};

TEST_F(tunnel_test, tells_both_sides_the_hello_of_the_other) {
  connect("secret", "secret");
  EXPECT_EQ(a.hello, "I am b");
  EXPECT_EQ(b.hello, "I am a");
  EXPECT_FALSE(a.end);
}

TEST_F(tunnel_test, carries_bytes_both_ways) {
  connect("", "");
  auto x = a.uut->join();
  auto y = b.uut->join();
  ASSERT_TRUE(x && y);
  std::string much(300'000, 'm');
  auto sent = ::send(x->get(), much.data(), much.size(), MSG_DONTWAIT);
  ASSERT_GT(sent, 0);
  EXPECT_EQ(read_from(*y, static_cast<std::size_t>(sent)),
            much.substr(0, static_cast<std::size_t>(sent)));
  ASSERT_EQ(::send(y->get(), "back", 4, MSG_DONTWAIT), 4);
  EXPECT_EQ(read_from(*x, 4), "back");
}

TEST_F(tunnel_test, refuses_who_does_not_know_the_cookie) {
  connect("secret", "guess");
  EXPECT_FALSE(a.hello);
  EXPECT_FALSE(b.hello);
  ASSERT_TRUE(a.end && b.end);
  auto both = a.end->detail + b.end->detail;
  EXPECT_NE(both.find("does not know the cookie"), std::string::npos) << both;
}

TEST_F(tunnel_test, closes_the_link_when_its_own_socket_is_closed) {
  connect("", "");
  auto x = a.uut->join();
  auto y = b.uut->join();
  ASSERT_TRUE(x && y);
  x->reset();
  where.drain();
  ASSERT_TRUE(a.end);
  ASSERT_TRUE(b.end);
  EXPECT_NE(b.end->detail.find("it closed the connection"), std::string::npos);
  char byte;
  EXPECT_EQ(::recv(y->get(), &byte, 1, MSG_DONTWAIT), 0);
}

TEST_F(tunnel_test, is_closed_at_once_and_says_nothing_of_it) {
  connect("", "");
  auto y = b.uut->join();
  a.uut->close();
  where.drain();
  EXPECT_FALSE(a.end);
  EXPECT_TRUE(b.end);
}

TEST_F(tunnel_test, refuses_garbage) {
  auto [x, y] = socket_pair();
  a.open(where, std::move(x), false, "I am a", "");
  ASSERT_EQ(::send(y.get(), "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
  where.drain();
  EXPECT_FALSE(a.hello);
  ASSERT_TRUE(a.end);
  EXPECT_NE(a.end->detail.find("no hello of a Saker"), std::string::npos);
}

TEST_F(tunnel_test, cannot_be_fooled_by_an_echo) {
  auto [x, y] = socket_pair();
  a.open(where, std::move(x), false, "I am a", "secret");
  for (auto i = 0; i < 100 && !a.end; ++i) {
    where.drain();
    char piece[4096];
    auto n = ::recv(y.get(), piece, sizeof(piece), MSG_DONTWAIT);
    if (n > 0) {
      ASSERT_EQ(::send(y.get(), piece, static_cast<std::size_t>(n), 0), n);
    }
  }
  EXPECT_FALSE(a.hello);
  EXPECT_TRUE(a.end);
}

TEST_F(tunnel_test, gives_up_on_a_silent_one) {
  auto [x, y] = socket_pair();
  tunnel_options how;
  how.patience = 0ms;
  a.uut = tunnel_over(where, std::move(x), false, how,
                      {{}, [this](const failure& why) { a.end = why; }});
  for (auto i = 0; i < 1'000'000 && !a.end; ++i)
    where.drain();
  ASSERT_TRUE(a.end);
  EXPECT_NE(a.end->detail.find("no answer within 0 ms"), std::string::npos);
}

TEST_F(tunnel_test, closes_a_link_on_which_nothing_comes) {
  auto [x, y] = socket_pair();
  a.open(where, std::move(x), true, "a", "");
  tunnel_options how;
  how.hello = "b";
  how.dead_after = 4ms;
  b.uut = tunnel_over(where, std::move(y), false, how,
                      {[this](std::string text) { b.hello = text; },
                       [this](const failure& why) { b.end = why; }});
  for (auto i = 0; i < 100 && !b.hello; ++i)
    where.drain();
  auto fd = b.uut->join();
  ASSERT_TRUE(fd);
  for (auto i = 0; i < 10'000'000 && !b.end; ++i)
    where.drain();
  ASSERT_TRUE(b.end);
  EXPECT_NE(b.end->detail.find("hear"), std::string::npos);
}

TEST(tunnel_proof_test, depends_on_everything) {
  auto x = proof("c", true, "a", "b");
  EXPECT_EQ(x.size(), 32u);
  EXPECT_EQ(x, proof("c", true, "a", "b"));
  EXPECT_NE(x, proof("d", true, "a", "b"));
  EXPECT_NE(x, proof("c", false, "a", "b"));
  EXPECT_NE(x, proof("c", true, "ab", ""));
  EXPECT_NE(fresh_nonce(), fresh_nonce());
}

TEST(read_secret_test, wants_a_file_that_others_cannot_read) {
  test::temporary_directory dir;
  auto file = dir.path() / "cookie";
  std::ofstream{file} << " secret\n";
  ::chmod(file.c_str(), 0640);
  EXPECT_EQ(*read_secret(file), "secret");
  ::chmod(file.c_str(), 0644);
  auto x = read_secret(file);
  ASSERT_FALSE(x);
  EXPECT_NE(x.error().detail.find("chmod o="), std::string::npos);
  ::chmod(file.c_str(), 0600);
  std::ofstream{file} << "\n";
  EXPECT_EQ(read_secret(file).error().code, errc::invalid_argument);
  EXPECT_EQ(read_secret(dir.path() / "none").error().code, errc::io);
}

} // namespace
} // namespace saker::io
