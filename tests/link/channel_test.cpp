#include "link/channel.hpp"

#include "link/request.hpp"
#include "resp/writer.hpp"
#include "tests/support/resource_limit.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::link {
namespace {

std::string framed(std::string_view text) {
  return resp::encode(resp::value{resp::array{{1, text}}},
                      resp::protocol::resp3);
}

std::string text_of(const std::optional<resp::value>& x) {
  return x && x->items().size() == 2 ? std::string{x->items()[1].text()}
                                     : "none";
}

/// Another name for the file behind `fd`.
unique_fd copy_of(int fd) {
  return unique_fd{::dup(fd)};
}

ino_t inode_of(int fd) {
  struct stat x {};
  EXPECT_EQ(::fstat(fd, &x), 0);
  return x.st_ino;
}

class channel_test : public testing::Test {
protected:
  channel_test() {
    auto ends = make_link();
    EXPECT_TRUE(ends);
    near.emplace(std::move(ends->first));
    far.emplace(std::move(ends->second));
    for (auto& x : files) {
      int ends_of_pipe[2];
      EXPECT_EQ(::pipe2(ends_of_pipe, O_CLOEXEC), 0);
      x.first.reset(ends_of_pipe[0]);
      x.second.reset(ends_of_pipe[1]);
    }
  }

  std::vector<unique_fd> some(std::initializer_list<int> which) {
    std::vector<unique_fd> out;
    for (auto i : which)
      out.push_back(copy_of(files[i].first.get()));
    return out;
  }

  void expect_files(std::size_t count, std::initializer_list<int> which) {
    auto got = far->take(count);
    ASSERT_TRUE(got) << got.error().detail;
    ASSERT_EQ(got->size(), which.size());
    std::size_t at = 0;
    for (auto i : which) {
      auto fd = (*got)[at++].get();
      EXPECT_EQ(inode_of(fd), inode_of(files[i].first.get()));
      EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
  }

  std::optional<channel> near;
  std::optional<channel> far;
  std::array<std::pair<unique_fd, unique_fd>, 3> files;
};

TEST_F(channel_test, frames_and_descriptors_keep_their_order) {
  near->send(framed("a"));
  near->send(framed("b"), some({0, 1}));
  near->send(framed("c"));
  near->send(framed("d"), some({2}));
  near->send(framed("e"));
  ASSERT_TRUE(near->flush());
  EXPECT_FALSE(near->wants_write());
  EXPECT_EQ(near->queued(), 0u);
  ASSERT_TRUE(far->receive());
  EXPECT_EQ(text_of(far->next()), "a");
  EXPECT_EQ(text_of(far->next()), "b");
  expect_files(2, {0, 1});
  EXPECT_EQ(text_of(far->next()), "c");
  EXPECT_EQ(text_of(far->next()), "d");
  expect_files(1, {2});
  EXPECT_EQ(text_of(far->next()), "e");
  EXPECT_EQ(text_of(far->next()), "none");
}

TEST_F(channel_test, descriptors_are_never_later_than_their_frame) {
  // Whatever the kernel glues together: whenever a frame is whole, what it
  // announced is there.
  for (auto i = 0; i < 200; ++i) {
    near->send(framed("plain"));
    near->send(framed("two"), some({0, 1}));
    if (i % 3 == 0) {
      ASSERT_TRUE(near->flush());
    }
  }
  ASSERT_TRUE(near->flush());
  auto twos = 0;
  while (twos < 200) {
    ASSERT_TRUE(near->flush());
    ASSERT_TRUE(far->receive());
    while (auto x = far->next())
      if (text_of(x) == "two") {
        expect_files(2, {0, 1});
        ++twos;
      }
  }
}

TEST_F(channel_test, a_full_socket_is_no_failure_and_nothing_is_sent_twice) {
  int small = 4096;
  ::setsockopt(near->fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
  std::string big(900'000, 'x');
  near->send(framed(big), some({0}));
  near->send(framed("after"), some({1}));
  ASSERT_TRUE(near->flush());
  EXPECT_TRUE(near->wants_write());
  EXPECT_GT(near->queued(), 500'000u);
  std::optional<resp::value> first;
  while (!first) {
    ASSERT_TRUE(far->receive());
    first = far->next();
    ASSERT_TRUE(near->flush());
  }
  EXPECT_EQ(text_of(first), big);
  expect_files(1, {0});
  ASSERT_TRUE(far->receive());
  EXPECT_EQ(text_of(far->next()), "after");
  expect_files(1, {1});
  EXPECT_FALSE(far->take(1));
}

TEST_F(channel_test, frames_may_come_byte_by_byte) {
  auto bytes = framed("slow");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(text_of(far->next()), "none");
    near->send(bytes.substr(i, 1));
    ASSERT_TRUE(near->flush());
    ASSERT_TRUE(far->receive());
  }
  EXPECT_EQ(text_of(far->next()), "slow");
}

TEST_F(channel_test, the_end_is_told_after_the_last_frame) {
  near->send(framed("last"), some({2}));
  ASSERT_TRUE(near->flush());
  near.reset();
  auto open = far->receive();
  ASSERT_TRUE(open);
  EXPECT_FALSE(*open);
  EXPECT_EQ(text_of(far->next()), "last");
  expect_files(1, {2});
  far->send(framed("nobody"));
  auto done = far->flush();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, errc::closed);
}

TEST_F(channel_test, what_is_no_resp_breaks_it) {
  near->send("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(near->flush());
  ASSERT_TRUE(far->receive());
  EXPECT_FALSE(far->next());
  EXPECT_TRUE(far->broken());
  EXPECT_NE(far->why().detail, "");
}

TEST_F(channel_test, huge_announcements_are_refused_before_memory_is_taken) {
  near->send("*1\r\n$1073741824\r\n");
  ASSERT_TRUE(near->flush());
  ASSERT_TRUE(far->receive());
  EXPECT_FALSE(far->next());
  EXPECT_TRUE(far->broken());
}

TEST_F(channel_test, what_may_be_sent_does_not_break_it) {
  spawn many;
  many.key = "web#0";
  many.spawn_id = 1;
  many.what.argv.assign(process::max_arguments / 9, "");
  many.what.argv[0] = "x";
  many.what.argv.pop_back();
  spawn huge = many; // not to be sent; answered all the same
  huge.what.argv = {"x", std::string(5'000'000, 'x')};
  auto fits = encode_checked(1, many);
  ASSERT_TRUE(fits) << fits.error().detail;
  near->send(std::move(*fits));
  near->send(encode(2, huge));
  std::vector<resp::value> frames;
  while (frames.size() < 2) {
    ASSERT_TRUE(near->flush());
    ASSERT_TRUE(far->receive());
    while (auto x = far->next())
      frames.push_back(std::move(*x));
    ASSERT_FALSE(far->broken()) << far->why().detail;
  }
  EXPECT_TRUE(decode_request(frames[0]));
  EXPECT_EQ(sequence_of(frames[1]), 2u);
  EXPECT_FALSE(decode_request(frames[1]));
}

TEST_F(channel_test, a_frame_that_lies_about_descriptors_is_found_out) {
  near->send(framed("liar"));
  ASSERT_TRUE(near->flush());
  ASSERT_TRUE(far->receive());
  ASSERT_TRUE(far->next());
  auto got = far->take(1);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::corrupt);
}

TEST_F(channel_test, descriptors_that_may_not_be_opened_are_named_as_such) {
  near->send(framed("two"), some({0, 1}));
  ASSERT_TRUE(near->flush());
  test::resource_limit none_left{RLIMIT_NOFILE, 3};
  auto got = far->receive();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::limit);
  EXPECT_NE(got.error().detail.find("LimitNOFILE"), std::string::npos);
}

TEST_F(channel_test, both_ends_are_closed_on_exec_and_never_block) {
  for (auto fd : {near->fd(), far->fd()}) {
    EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(::fcntl(fd, F_GETFL) & O_NONBLOCK);
  }
}

} // namespace
} // namespace saker::link
