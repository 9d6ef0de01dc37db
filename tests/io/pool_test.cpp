#include "io/pool.hpp"

#include "tests/io/loop_world.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace saker::io {
namespace {

/// Jobs that wait inside a pool until they are let go.
class pool_test : public test::loop_world {
protected:
  /// Occupies one thread; returns when it is occupied.
  void occupy() {
    std::promise<void> begun;
    uut.run([this, &begun] {
      begun.set_value();
      let_go.get_future().wait();
      uut.shrink();
    });
    begun.get_future().wait();
  }

  /// Whether a thread is there for another job.
  bool answers() {
    auto done = std::make_shared<std::promise<void>>();
    uut.run([done] { done->set_value(); });
    return done->get_future().wait_for(std::chrono::seconds{10})
           == std::future_status::ready;
  }

  std::promise<void> let_go;
  pool uut{sys, 1, 1};
};

TEST_F(pool_test, replaces_a_thread_that_is_stuck) {
  EXPECT_TRUE(answers());
  occupy();
  EXPECT_TRUE(uut.may_grow());
  EXPECT_TRUE(uut.grow());
  EXPECT_EQ(uut.able(), 1u);
  EXPECT_TRUE(answers());
  let_go.set_value();
  while (!uut.may_grow())
    std::this_thread::yield();
  EXPECT_EQ(uut.able(), 1u);
  EXPECT_TRUE(answers());
}

TEST_F(pool_test, replaces_so_many_and_no_more) {
  occupy();
  EXPECT_TRUE(uut.grow());
  EXPECT_FALSE(uut.may_grow());
  EXPECT_FALSE(uut.grow()); // the other one too
  EXPECT_EQ(uut.able(), 0u);
  uut.shrink();
  EXPECT_EQ(uut.able(), 1u);
  let_go.set_value();
  while (!uut.may_grow())
    std::this_thread::yield();
}

/// The threads of this process with that name.
std::size_t threads_named(const std::string& name) {
  std::size_t count = 0;
  for (auto& x : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream file{x.path() / "comm"};
    std::string text;
    std::getline(file, text);
    count += text == name;
  }
  return count;
}

TEST_F(pool_test, has_as_many_threads_as_before_when_it_is_over) {
  EXPECT_TRUE(answers());
  auto before = threads_named("saker-script");
  EXPECT_EQ(before, 1u);
  occupy();
  uut.grow();
  EXPECT_TRUE(answers());
  EXPECT_EQ(threads_named("saker-script"), before + 1);
  let_go.set_value();
  while (threads_named("saker-script") > before)
    std::this_thread::yield();
  EXPECT_TRUE(answers());
}

} // namespace
} // namespace saker::io
