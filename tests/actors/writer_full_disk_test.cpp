#include "tests/support/resource_limit.hpp"
#include "tests/support/writer_world.hpp"

#include <filesystem>

namespace saker {
namespace {

using namespace std::chrono_literals;
using kind = log_notice::kind;

using writer_full_disk_test = test::writer_world;

TEST_F(writer_full_disk_test, discards_and_tells_once_while_the_disk_is_full) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("12345678\n");
    run();
    auto x = notice();
    ASSERT_TRUE(x);
    EXPECT_EQ(x->what, kind::full);
    EXPECT_EQ(x->key, "web#0");
    EXPECT_EQ(x->file, file("web.log"));
    EXPECT_EQ(x->why.code, errc::io);
    for (auto i = 0; i < 3; ++i) {
      EXPECT_EQ(fifo.write("more\n"), 5u);
      run();
      EXPECT_EQ(fifo.waiting(), 0u);
      advance(1s);
    }
    EXPECT_FALSE(notice());
    EXPECT_EQ(warned.size(), 1u);
    EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
  }
  advance(1s); // nothing comes, and still it is said
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::healed);
  EXPECT_EQ(x->lost, 20u);
  EXPECT_EQ(warned.size(), 2u);
  EXPECT_EQ(content("web.log"), "1234\nsaker: lost 20 bytes\n");
  fifo.write("again\n");
  run();
  EXPECT_EQ(content("web.log"), "1234\nsaker: lost 20 bytes\nagain\n");
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_full_disk_test, lets_the_child_wait_while_the_disk_is_full) {
  auto what = to("web.log", reader(fifo));
  what.settings.full = supervision::log_settings::when_full::block;
  tell(uut, atom::attach_v, what);
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("12345678\n");
    run(); // would never end if it waited for readability
    EXPECT_EQ(fifo.waiting(), 5u);
    EXPECT_EQ(kernel.armed(), 0u);
    EXPECT_EQ(notice()->what, kind::full);
    advance(5s);
    EXPECT_EQ(fifo.waiting(), 5u);
    EXPECT_FALSE(notice());
  }
  advance(1s);
  EXPECT_EQ(content("web.log"), "12345678\n");
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::healed);
  EXPECT_EQ(x->lost, 0u);
  EXPECT_EQ(kernel.armed(), 1u);
}

TEST_F(writer_full_disk_test, announces_a_loss_after_the_end_of_the_child) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("123\nlost\n");
    auto x = finish();
    EXPECT_EQ(x.moved, 4u);
    EXPECT_EQ(x.lost, 5u);
  }
  advance(1s);
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 5 bytes\n");
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_full_disk_test, tries_a_full_disk_at_once_when_a_child_ends) {
  attach();
  {
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    fifo.write("123\nlost\n");
    run();
  }
  fifo.write("kept\n");
  finish();
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 5 bytes\nkept\n");
}

TEST_F(writer_full_disk_test, tells_of_one_bout_though_the_child_is_restarted) {
  attach();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  for (auto i = 0; i < 3; ++i) {
    fifo.write("12345678\n");
    finish();
    attach();
  }
  EXPECT_TRUE(notice());
  EXPECT_FALSE(notice());
}

TEST_F(writer_full_disk_test,
       lets_a_loss_be_remembered_until_a_log_tells_of_it) {
  attach();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  run();
  EXPECT_EQ(remembered, (std::vector<std::uint64_t>{5}));
  for (auto i = 0; i < 100; ++i) {
    fifo.write("more\n");
    run();
  }
  EXPECT_LE(remembered.size(), 3u) << "told for each line";
  advance(2s);
  EXPECT_EQ(remembered.back(), 505u);
  disk.lift();
  advance(1s);
  EXPECT_EQ(content("web.log"), "1234\nsaker: lost 505 bytes\n");
  EXPECT_EQ(remembered.back(), 0u);
}

TEST_F(writer_full_disk_test, lets_the_losses_of_both_streams_be_remembered) {
  test::test_fifo error{dir.path() / "web#0.err"};
  auto fds = reader(fifo);
  fds->push_back(error.reader());
  auto what = to("web.log", fds);
  what.lost = 100; // as the keeper said
  test::resource_limit disk{RLIMIT_FSIZE, 0};
  fifo.write("12\n");
  error.write("3456\n");
  tell(uut, atom::attach_v, what);
  advance(1s);
  EXPECT_EQ(remembered.back(), 108u);
}

TEST_F(writer_full_disk_test, tells_that_a_file_cannot_be_rotated) {
  std::filesystem::create_directory(file("web.log.1"));
  auto what = to("web.log", reader(fifo));
  what.settings.size = 4;
  what.settings.keep = 1;
  tell(uut, atom::attach_v, what);
  fifo.write("123\n45\n");
  run();
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::not_rotated);
  EXPECT_EQ(content("web.log"), "123\n45\n");
}

} // namespace
} // namespace saker
