#include "keeper/listeners.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <sys/stat.h>

namespace saker::keeper {
namespace {

class listeners_test : public testing::Test {
protected:
  std::string address(const std::string& name) const {
    return "unix:" + path(name);
  }

  std::string path(const std::string& name) const {
    return (dir_.path() / name).string();
  }

  /// Which socket that is.
  ino_t listen(const std::string& name) {
    link::listen what;
    what.address = address(name);
    auto made = uut.listen(what);
    if (!made) {
      ADD_FAILURE() << made.error().detail;
      return 0;
    }
    struct stat about {};
    EXPECT_EQ(::fstat(made->first.get(), &about), 0);
    return about.st_ino;
  }

  bool is_there(const std::string& name) const {
    return std::filesystem::exists(path(name));
  }

  using addresses = std::vector<std::string>;

private:
  test::temporary_directory dir_;

protected:
  listeners uut;
};

TEST_F(listeners_test, the_next_node_gets_the_same_socket) {
  auto first = listen("a");
  uut.begin_node();
  EXPECT_EQ(listen("a"), first);
  EXPECT_EQ(uut.close_unwanted(), addresses{});
  EXPECT_TRUE(is_there("a"));
}

TEST_F(listeners_test, what_the_next_node_does_not_want_is_closed) {
  listen("a");
  listen("b");
  uut.begin_node();
  listen("b");
  EXPECT_TRUE(is_there("a")) << "it may still ask for it";
  EXPECT_EQ(uut.close_unwanted(), addresses{address("a")});
  EXPECT_FALSE(is_there("a"));
  EXPECT_TRUE(is_there("b"));
}

TEST_F(listeners_test, what_was_lent_to_a_child_is_kept_for_its_next_start) {
  auto first = listen("a");
  ASSERT_TRUE(uut.lend({address("a")}));
  uut.begin_node();
  uut.begin_node(); // that one died at once
  EXPECT_EQ(uut.close_unwanted(), addresses{});
  EXPECT_EQ(listen("a"), first);
}

TEST_F(listeners_test, one_that_was_closed_is_made_anew) {
  listen("a");
  uut.begin_node();
  uut.close_unwanted();
  EXPECT_FALSE(uut.lend({address("a")}));
  listen("a");
  EXPECT_EQ(uut.close_unwanted(), addresses{});
}

} // namespace
} // namespace saker::keeper
