#include "actors/drain.hpp"

#include "tests/support/actor_test.hpp"
#include "tests/support/fake_watches.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_fifo.hpp"

#include <filesystem>

namespace saker {
namespace {

using namespace std::chrono_literals;

class drain_test : public test::actor_test {
protected:
  drain_test() {
    std::filesystem::create_directory(dir.path() / "out");
    uut = spawn(drain, drain_links{kernel.factory(), dir.path()});
  }

  void attach(std::uint32_t count = 1) {
    tell(uut, atom::attach_v, std::string{"web#0"}, count);
  }

  std::uint64_t detach() {
    return *ask<std::uint64_t>(uut, atom::detach_v, std::string{"web#0"});
  }

  /// Lets everything happen that can happen within a rest.
  void run() {
    while (kernel.fire() > 0) {
      settle();
      advance(drain_state::rest);
    }
  }

  test::temporary_directory dir;
  test::fake_watches kernel;
  drain_actor uut;
};

TEST_F(drain_test, empties_the_fifos_of_a_key_and_counts) {
  test::test_fifo out{dir.path() / "out/web#0"};
  test::test_fifo err{dir.path() / "out/web#0.err"};
  out.write("hello");
  attach(2);
  run();
  EXPECT_EQ(out.waiting(), 0u);
  out.write("there");
  err.write("!");
  run();
  EXPECT_EQ(err.waiting(), 0u);
  EXPECT_EQ(detach(), 11u);
  EXPECT_EQ(kernel.size(), 0u);
  out.write("kept");
  advance(1s);
  EXPECT_EQ(out.waiting(), 4u);
  EXPECT_EQ(detach(), 0u);
}

TEST_F(drain_test, lets_a_child_write_as_much_as_it_likes) {
  test::test_fifo out{dir.path() / "out/web#0"};
  attach();
  std::uint64_t total = 0;
  for (auto i = 0; i < 100; ++i) {
    total += out.write(std::string(100'000, 'x'));
    run();
  }
  EXPECT_EQ(detach(), total);
  EXPECT_GE(total, 100u * 65'536u);
}

TEST_F(drain_test, waits_for_the_next_child) {
  test::test_fifo out{dir.path() / "out/web#0"};
  attach();
  out.hang_up();
  kernel.fire();
  settle();
  EXPECT_EQ(kernel.fire(), 0u) << "it never sleeps";
  unique_fd next{::open(out.path().c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
  ASSERT_EQ(::write(next.get(), "next", 4), 4);
  advance(drain_state::long_rest);
  run();
  EXPECT_EQ(detach(), 4u);
}

TEST_F(drain_test, does_not_mind_what_is_not_there) {
  attach(2);
  EXPECT_EQ(detach(), 0u);
}

TEST_F(drain_test, knows_a_key_once) {
  test::test_fifo out{dir.path() / "out/web#0"};
  attach();
  attach();
  EXPECT_EQ(kernel.size(), 1u);
  out.write("hello");
  run();
  EXPECT_EQ(detach(), 5u);
}

} // namespace
} // namespace saker
