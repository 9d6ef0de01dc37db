#include "tests/support/resource_limit.hpp"
#include "tests/support/writer_world.hpp"

#include <deque>
#include <filesystem>
#include <fstream>

namespace saker {
namespace {

using namespace std::chrono_literals;
using test::heard_output;
using kind = log_notice::kind;

using writer_files_test = test::writer_world;

// -- lines of hooks -----------------------------------------------------------

TEST_F(writer_files_test,
       writes_what_hooks_put_out_before_and_after_the_child) {
  tell(uut, atom::emit_v, added("[before] hello\n"));
  EXPECT_EQ(content("web.log"), "[before] hello\n");
  attach();
  fifo.write("works\n");
  fifo.hang_up();
  tell(uut, atom::emit_v, added("[after] bye\n"));
  EXPECT_EQ(content("web.log"), "[before] hello\nworks\n[after] bye\n");
  run();
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_files_test, lets_those_who_watch_have_the_lines_of_hooks_too) {
  heard_output with;
  watch(with);
  attach();
  fifo.write("works\n");
  tell(uut, atom::emit_v, added("[reload] done\n"));
  EXPECT_EQ(with.text, "works\n[reload] done\n");
  EXPECT_TRUE(with.added);
  auto elsewhere = added("[reload] again\n");
  elsewhere.file.clear();
  tell(uut, atom::emit_v, elsewhere);
  EXPECT_TRUE(with.text.ends_with("done\n[reload] again\n"));
  EXPECT_EQ(content("web.log"), "works\n[reload] done\n");
}

TEST_F(writer_files_test, says_how_many_lines_of_hooks_a_full_disk_cost) {
  tell(uut, atom::emit_v, added("123\n"));
  test::resource_limit disk{RLIMIT_FSIZE, 4};
  tell(uut, atom::emit_v, added("456\n"));
  auto x = notice();
  ASSERT_TRUE(x);
  EXPECT_EQ(x->what, kind::full);
  EXPECT_EQ(x->key, "web#0");
  disk.lift();
  advance(1s);
  EXPECT_EQ(content("web.log"), "123\nsaker: lost 4 bytes\n");
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(writer_files_test,
       follows_the_file_of_its_definition_between_two_children) {
  tell(uut, atom::emit_v, added("[before] one\n"));
  auto moved = added("[before] two\n");
  moved.file = file("new.log");
  tell(uut, atom::emit_v, moved);
  EXPECT_EQ(content("web.log"), "[before] one\n");
  EXPECT_EQ(content("new.log"), "[before] two\n");
}

// -- tail, rotate -------------------------------------------------------------

TEST_F(writer_files_test, tells_the_last_lines_with_what_waits) {
  attach();
  fifo.write("a\nb\nc\n");
  auto text = ask<std::string>(uut, atom::tail_v, file("web.log"),
                               std::uint32_t{2});
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "b\nc");
}

TEST_F(writer_files_test, says_that_there_is_no_such_file) {
  auto text = ask<std::string>(uut, atom::tail_v, file("no.log"),
                               std::uint32_t{2});
  ASSERT_FALSE(text);
  EXPECT_EQ(to_failure(text.error()).code, errc::not_found);
}

TEST_F(writer_files_test, begins_new_files_when_asked) {
  attach();
  EXPECT_TRUE(rotate());
  EXPECT_FALSE(std::filesystem::exists(file("web.log.1"))) << "it was empty";
  fifo.write("old\n");
  run();
  EXPECT_TRUE(rotate());
  fifo.write("new\n");
  run();
  EXPECT_EQ(content("web.log.1"), "old\n");
  EXPECT_EQ(content("web.log"), "new\n");
}

TEST_F(writer_files_test, cannot_change_what_it_does_not_know) {
  auto done = rotate();
  ASSERT_FALSE(done);
  EXPECT_EQ(to_failure(done.error()).code, errc::not_found);
  done = ask<bool>(uut, atom::clear_v, std::string{"web#0"});
  ASSERT_FALSE(done);
  EXPECT_EQ(to_failure(done.error()).code, errc::not_found);
}

TEST_F(writer_files_test, empties_files_with_what_waited_for_them) {
  attach();
  fifo.write("old\n");
  run();
  EXPECT_TRUE(rotate());
  fifo.write("waits\n");
  EXPECT_TRUE(ask<bool>(uut, atom::clear_v, std::string{"web#0"}));
  EXPECT_EQ(content("web.log"), "");
  EXPECT_FALSE(std::filesystem::exists(file("web.log.1")));
  fifo.write("new\n");
  run();
  EXPECT_EQ(content("web.log"), "new\n");
}

TEST_F(writer_files_test, tells_more_bytes_of_more_lines_within_bounds) {
  attach();
  std::string line(2047, 'x');
  line += '\n';
  std::string all;
  for (auto i = 0; i < 1000; ++i)
    all += line;
  dir.write("web.log", all);
  auto size = [this](std::uint32_t lines) {
    return ask<std::string>(uut, atom::tail_v, file("web.log"), lines)->size();
  };
  EXPECT_EQ(size(1), 2047u);
  EXPECT_EQ(size(64), 64u * 1024 - 1);
  EXPECT_EQ(size(100), 100u * 1024 - 1);
  EXPECT_EQ(size(1000), 1000u * 1024 - 1);
  EXPECT_EQ(size(10'000), 1024u * 1024 - 1);
}

TEST_F(writer_files_test, holds_no_descriptor_of_a_child_that_ended) {
  auto open_files = [] {
    std::filesystem::directory_iterator all{"/proc/self/fd"};
    return std::distance(begin(all), end(all));
  };
  auto before = open_files() - 1;
  attach();
  fifo.write("old\n");
  fifo.hang_up();
  finish();
  run();
  EXPECT_EQ(open_files(), before);
  EXPECT_TRUE(rotate());
  EXPECT_EQ(content("web.log.1"), "old\n");
  EXPECT_EQ(open_files(), before);
}

TEST_F(writer_files_test, holds_a_descriptor_for_few_of_its_files) {
  auto open_logs = [this] {
    std::size_t count = 0;
    for (auto& x : std::filesystem::directory_iterator{"/proc/self/fd"}) {
      std::error_code gone;
      auto to = std::filesystem::read_symlink(x.path(), gone);
      // Not that of the output of this program.
      count += !gone && to.extension() == ".log"
               && to.parent_path() == dir.path();
    }
    return count;
  };
  std::deque<test::test_fifo> fifos;
  for (std::size_t i = 0; i < writer_state::most_open + 10; ++i) {
    auto name = "n" + std::to_string(i);
    fifos.emplace_back(dir.path() / (name + "#0"));
    auto what = to(name + ".log", reader(fifos.back()));
    what.key = name + "#0";
    tell(uut, atom::attach_v, what);
  }
  EXPECT_EQ(open_logs(), writer_state::most_open);
  for (auto round = 0; round < 3; ++round) {
    for (auto& x : fifos)
      x.write("hello\n");
    run();
  }
  EXPECT_EQ(open_logs(), writer_state::most_open);
  for (std::size_t i = 0; i < fifos.size(); ++i)
    EXPECT_EQ(content("n" + std::to_string(i) + ".log"),
              "hello\nhello\nhello\n");
}

} // namespace
} // namespace saker
