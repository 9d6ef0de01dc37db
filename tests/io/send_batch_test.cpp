#include "io/send_batch.hpp"

#include "base/unique_fd.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace saker::io {
namespace {

/// Sends `parts` into one end of a socket pair.
class sender : public send_source {
public:
  explicit sender(std::vector<std::string> parts, int buffer = 0)
    : parts_(std::move(parts)) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    near.reset(ends[0]);
    peer.reset(ends[1]);
    if (buffer > 0) {
      EXPECT_EQ(::setsockopt(near.get(), SOL_SOCKET, SO_SNDBUF, &buffer,
                             sizeof(buffer)),
                0);
    }
  }

  int send_to() const noexcept override {
    return near.get();
  }

  std::size_t gather(std::span<iovec> room) override {
    auto count = std::min(room.size(), parts_.size());
    for (std::size_t i = 0; i < count; ++i)
      room[i] = {parts_[i].data(), parts_[i].size()};
    return count;
  }

  void sent(send_result what) override {
    results.push_back(what.taken);
    offered = what.offered;
    if (auto f = std::exchange(then, {}))
      f();
  }

  /// The packets that came, one for each system call or entry of the ring.
  std::vector<std::string> packets() const {
    std::vector<std::string> result;
    std::string bytes(1 << 16, '\0');
    for (;;) {
      auto n = ::recv(peer.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (n <= 0)
        return result;
      result.push_back(bytes.substr(0, static_cast<std::size_t>(n)));
    }
  }

  unique_fd near;
  unique_fd peer;
  std::vector<ssize_t> results;
  std::size_t offered = 0;
  std::function<void()> then; ///< once

private:
  std::vector<std::string> parts_;
};

/// With a ring for many, with one for two at a time, and without one: nobody
/// may see a difference.
class send_batch_test : public ::testing::TestWithParam<std::size_t> {
protected:
  using packets = std::vector<std::string>;

  sender& add(std::vector<std::string> parts, int buffer = 0) {
    all.push_back(std::make_unique<sender>(std::move(parts), buffer));
    uut.add(*all.back());
    return *all.back();
  }

  send_batch uut{GetParam()};
  std::vector<std::unique_ptr<sender>> all;
};

INSTANTIATE_TEST_SUITE_P(all, send_batch_test,
                         ::testing::Values(std::size_t{256}, std::size_t{2},
                                           std::size_t{0}));

TEST_P(send_batch_test, sends_one_packet_for_each) {
  for (auto i = 0; i < 600; ++i)
    add({std::to_string(i)});
  uut.send();
  for (auto i = 0; i < 600; ++i) {
    auto& x = *all[static_cast<std::size_t>(i)];
    EXPECT_EQ(x.packets(), packets{std::to_string(i)});
    auto size = std::to_string(i).size();
    EXPECT_EQ(x.results, std::vector{static_cast<ssize_t>(size)});
    EXPECT_EQ(x.offered, size);
  }
  uut.send();
  EXPECT_EQ(all[0]->results.size(), 1u);
}

TEST_P(send_batch_test, sends_parts_as_one_packet) {
  auto& one = add({"+a\r\n", "+b\r\n", "+c\r\n"});
  auto& two = add({"+d\r\n", "+e\r\n"});
  auto& three = add({"+f\r\n"});
  uut.send();
  EXPECT_EQ(one.packets(), packets{"+a\r\n+b\r\n+c\r\n"});
  EXPECT_EQ(two.packets(), packets{"+d\r\n+e\r\n"});
  EXPECT_EQ(three.packets(), packets{"+f\r\n"});
  EXPECT_EQ(one.offered, 12u);
}

TEST_P(send_batch_test, sends_thousand_parts_of_each) {
  std::vector<std::string> parts(1024, "ab");
  for (auto i = 0; i < 5; ++i)
    add(parts);
  uut.send();
  for (auto& x : all)
    EXPECT_EQ(x->packets(), packets{[] {
                std::string result;
                for (auto i = 0; i < 1024; ++i)
                  result += "ab";
                return result;
              }()});
}

TEST_P(send_batch_test, says_who_is_full_and_serves_the_others) {
  add({"first"});
  auto& full = add({std::string(4096, 'x')}, 4096);
  while (::send(full.send_to(), "yyyyyyyy", 8, MSG_DONTWAIT) > 0) {
    // until the kernel takes no more
  }
  auto& last = add({"last"});
  uut.send();
  EXPECT_EQ(full.results, std::vector<ssize_t>{-EAGAIN});
  EXPECT_EQ(full.offered, 4096u);
  EXPECT_EQ(all[0]->packets(), packets{"first"});
  EXPECT_EQ(last.packets(), packets{"last"});
}

TEST_P(send_batch_test, says_who_is_gone_without_a_signal) {
  auto& gone = add({"gone"});
  auto& there = add({"there"});
  gone.peer.reset();
  uut.send();
  EXPECT_EQ(gone.results, std::vector<ssize_t>{-EPIPE});
  EXPECT_EQ(there.packets(), packets{"there"});
}

TEST_P(send_batch_test, forgets_who_leaves_before) {
  auto& one = add({"one"});
  auto& two = add({"two"});
  auto& three = add({"three"});
  add({"four"});
  uut.remove(two);
  all.pop_back();
  uut.send();
  EXPECT_EQ(one.packets(), packets{"one"});
  EXPECT_EQ(two.packets(), packets{});
  EXPECT_TRUE(two.results.empty());
  EXPECT_EQ(three.packets(), packets{"three"});
}

TEST_P(send_batch_test, one_may_destroy_others_that_wait) {
  auto& one = add({"one"});
  add({"two"});
  add({"three"});
  auto& four = add({"four"});
  one.then = [&] { all.erase(all.begin() + 1, all.begin() + 3); };
  uut.send();
  EXPECT_EQ(four.packets(), packets{"four"});
  EXPECT_EQ(four.results.size(), 1u);
}

TEST_P(send_batch_test, what_is_added_meanwhile_leaves_next_time) {
  auto& one = add({"one"});
  auto& two = add({"two"});
  two.then = [&] {
    uut.add(one);
    uut.add(two);
    uut.add(two);
  };
  uut.send();
  EXPECT_EQ(one.packets(), packets{"one"});
  EXPECT_EQ(two.packets(), packets{"two"});
  uut.send();
  EXPECT_EQ(one.packets(), packets{"one"});
  EXPECT_EQ(two.packets(), packets{"two"});
}

TEST_P(send_batch_test, a_source_outlives_its_batch) {
  sender one{{"one"}};
  {
    send_batch short_lived{GetParam()};
    short_lived.add(one);
  }
  uut.add(one);
  uut.send();
  EXPECT_EQ(one.packets(), packets{"one"});
}

// Where a container forbids io_uring, nothing is ever joined.
TEST(send_batch_ring_test, joins_two_or_more_where_the_kernel_may) {
  send_batch uut;
  sender one{{"one"}};
  sender two{{"two"}};
  uut.add(one);
  uut.send();
  EXPECT_EQ(uut.joined(), 0u);
  uut.add(one);
  uut.add(two);
  uut.send();
  EXPECT_EQ(uut.joined(), uut.has_ring() ? 2u : 0u);
}

TEST(send_batch_ring_test, without_a_ring_each_is_sent_by_itself) {
  send_batch uut{0};
  sender one{{"one"}};
  sender two{{"two"}};
  uut.add(one);
  uut.add(two);
  uut.send();
  EXPECT_EQ(uut.joined(), 0u);
  EXPECT_EQ(one.packets(), std::vector<std::string>{"one"});
}

} // namespace
} // namespace saker::io
