#include "tests/support/pump_fixture.hpp"
#include "tests/support/resource_limit.hpp"

#include <filesystem>

#include <sys/mount.h>

namespace saker::process {
namespace {

namespace fs = std::filesystem;

using namespace std::chrono_literals;
using next = pumped::next;
using when_full = output_pump::when_full;
using test::content;
using test::many_lines;
using test::plenty;

using output_pump_full_test = test::pump_fixture;

TEST_F(output_pump_full_test, discards_when_full_and_says_so_once) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  auto done = uut.pump(plenty, now);
  ASSERT_TRUE(done.filled);
  EXPECT_EQ(done.filled->code, errc::io);
  EXPECT_NE(done.filled->detail.find(path), std::string::npos);
  EXPECT_TRUE(done.full);
  EXPECT_EQ(done.when, next::readable);
  for (auto i = 0; i < 5; ++i) {
    now += 10s;
    EXPECT_EQ(fifo.write("more\n"), 5u);
    done = uut.pump(plenty, now);
    EXPECT_FALSE(done.filled);
    EXPECT_FALSE(done.healed);
    EXPECT_EQ(done.lost, 5u);
    EXPECT_EQ(fifo.waiting(), 0u);
  }
}

TEST_F(output_pump_full_test, says_how_much_was_lost_before_it_goes_on) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("12345678\n");
  uut.pump(plenty, now);
  disk.lift();
  fifo.write("still lost\n"); // the file is left alone for a while
  auto done = uut.pump(plenty, now + 999ms);
  EXPECT_EQ(done.lost, 11u);
  fifo.write("again\n");
  done = uut.pump(plenty, now + 1s);
  EXPECT_FALSE(done.full);
  ASSERT_TRUE(done.healed);
  EXPECT_EQ(*done.healed, 16u);
  EXPECT_EQ(content(path), "1234\nsaker: lost 16 bytes\nagain\n");
}

TEST_F(output_pump_full_test, says_how_much_was_lost_though_nothing_follows) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("123\nlost\n");
  uut.pump(plenty, now);
  uut.release();
  disk.lift();
  auto done = uut.pump(plenty, now + 1s);
  EXPECT_TRUE(done.healed);
  EXPECT_EQ(content(path), "123\nsaker: lost 5 bytes\n");
}

TEST_F(output_pump_full_test, tries_at_once_when_it_is_told_to_hurry) {
  auto uut = make();
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  fifo.write("123\nlost\n");
  uut.pump(plenty, now);
  disk.lift();
  uut.hurry();
  EXPECT_TRUE(uut.pump(plenty, now).healed);
}

TEST_F(output_pump_full_test, counts_each_bout_for_itself) {
  auto uut = make();
  for (auto bout = 0; bout < 2; ++bout) {
    test::resource_limit disk{RLIMIT_FSIZE, 0};
    fifo.write("lost\n");
    EXPECT_TRUE(uut.pump(plenty, now).filled);
    disk.lift();
    uut.hurry();
    auto done = uut.pump(plenty, now);
    ASSERT_TRUE(done.healed);
    EXPECT_EQ(*done.healed, 5u);
  }
  EXPECT_EQ(content(path), "saker: lost 5 bytes\nsaker: lost 5 bytes\n");
}

TEST_F(output_pump_full_test, holds_no_descriptor_without_a_fifo) {
  auto open_files = [] {
    fs::directory_iterator all{"/proc/self/fd"};
    return std::distance(fs::begin(all), fs::end(all));
  };
  auto before = open_files();
  auto uut = make();
  fifo.write("1\n");
  uut.pump(plenty, now);
  EXPECT_EQ(open_files(), before + 2);
  uut.release();
  EXPECT_EQ(open_files(), before);
  uut.lost(3);
  uut.pump(plenty, now);
  EXPECT_EQ(open_files(), before);
  EXPECT_EQ(content(path), "1\nsaker: lost 3 bytes\n");
}

TEST_F(output_pump_full_test, announces_what_others_threw_away) {
  auto uut = make();
  uut.lost(77);
  fifo.write("hello\n");
  auto done = uut.pump(plenty, now);
  EXPECT_FALSE(done.healed);
  EXPECT_EQ(done.lost, 0u);
  EXPECT_EQ(content(path), "saker: lost 77 bytes\nhello\n");
}

TEST_F(output_pump_full_test, leaves_the_fifo_full_when_the_child_shall_wait) {
  auto uut = make(when_full::block);
  auto text = many_lines(200'000);
  auto rest = std::string_view{text};
  {
    test::resource_limit disk{RLIMIT_FSIZE, 1'000};
    rest.remove_prefix(fifo.write(rest));
    auto done = uut.pump(plenty, now);
    EXPECT_TRUE(done.filled);
    EXPECT_TRUE(done.full);
    EXPECT_EQ(done.when, next::later);
    rest.remove_prefix(fifo.write(rest));
    EXPECT_EQ(fifo.write(rest), 0u) << "the child waits";
    now += 5s;
    done = uut.pump(plenty, now);
    EXPECT_FALSE(done.filled) << "said twice";
    EXPECT_EQ(done.when, next::later);
    EXPECT_EQ(done.lost, 0u);
  }
  auto done = uut.pump(plenty, now + 999ms);
  EXPECT_EQ(done.moved, 0u);
  done = uut.pump(plenty, now + 1s);
  ASSERT_TRUE(done.healed);
  EXPECT_EQ(*done.healed, 0u);
  feed(uut, rest);
  EXPECT_TRUE(content(path) == text);
}

TEST_F(output_pump_full_test, treats_a_file_that_does_not_open_as_full) {
  fs::create_symlink("/etc/passwd", path);
  auto uut = make();
  fifo.write("lost\n");
  auto done = uut.pump(plenty, now);
  ASSERT_TRUE(done.filled);
  EXPECT_EQ(done.filled->code, errc::refused);
  EXPECT_EQ(done.lost, 5u);
  fs::remove(path);
  fifo.write("kept\n");
  EXPECT_TRUE(uut.pump(plenty, now + 1s).healed);
  EXPECT_EQ(content(path), "saker: lost 5 bytes\nkept\n");
}

TEST_F(output_pump_full_test, tries_another_file_at_once) {
  fs::create_symlink("/etc/passwd", path);
  auto uut = make();
  uut.pump(plenty, now);
  uut.change(std::make_shared<log_file>(path + "2", rotation{}),
             when_full::drop);
  fifo.write("kept\n");
  EXPECT_TRUE(uut.pump(plenty, now).healed);
  EXPECT_EQ(content(path + "2"), "kept\n");
}

/// A file system of 1 MiB, where this machine lets us have one.
class small_disk_test : public test::pump_fixture {
protected:
  void SetUp() override {
    fs::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0)
      GTEST_SKIP() << "needs the right to mount a tmpfs";
    mounted = true;
    path = disk + "/web.log";
  }

  void TearDown() override {
    if (mounted) {
      EXPECT_EQ(::umount2(disk.c_str(), MNT_DETACH), 0);
    }
  }

  std::string disk = dir.path() / "disk";
  bool mounted = false;
};

TEST_F(small_disk_test, never_lets_the_child_wait) {
  auto uut = make();
  auto text = many_lines(3 << 20);
  std::uint64_t moved = 0;
  std::uint64_t lost = 0;
  auto bouts = 0;
  for (std::string_view rest = text; !rest.empty();) {
    auto n = fifo.write(rest.substr(0, 4'096));
    ASSERT_EQ(n, std::min<std::size_t>(4'096, rest.size()));
    rest.remove_prefix(n);
    auto done = uut.pump(plenty, now);
    ASSERT_EQ(fifo.waiting(), 0u);
    moved += done.moved;
    lost += done.lost;
    bouts += bool(done.filled);
    now += 10ms;
  }
  EXPECT_EQ(bouts, 1);
  EXPECT_EQ(moved + lost, text.size());
  EXPECT_GT(moved, std::uint64_t{1'000'000});
  auto written = content(path);
  EXPECT_TRUE(written == text.substr(0, moved));
  fs::resize_file(path, 0); // somebody makes space
  fifo.write("again\n");
  auto done = uut.pump(plenty, now + 1s);
  ASSERT_TRUE(done.healed);
  EXPECT_EQ(*done.healed, lost);
  EXPECT_EQ(content(path),
            "saker: lost " + std::to_string(lost) + " bytes\nagain\n");
}

TEST_F(small_disk_test, makes_space_by_rotation) {
  auto uut = make(when_full::block, {200'000, 3});
  feed(uut, many_lines(5'000'000));
  EXPECT_FALSE(uut.full());
}

TEST_F(output_pump_full_test, counts_added_lines_that_the_file_does_not_take) {
  for (auto policy : {when_full::drop, when_full::block}) {
    fs::remove(path);
    auto uut = make(policy);
    uut.add("123\n", now);
    test::resource_limit disk{RLIMIT_FSIZE, 4};
    auto done = uut.add("456\n", now);
    EXPECT_TRUE(done.filled);
    EXPECT_TRUE(done.full);
    EXPECT_EQ(done.lost, 4u);
    EXPECT_EQ(uut.add("789\n", now).lost, 4u);
    disk.lift();
    EXPECT_TRUE(uut.add("abc\n", now + 1s).healed);
    EXPECT_EQ(content(path), "123\nsaker: lost 8 bytes\nabc\n");
  }
}

} // namespace
} // namespace saker::process
