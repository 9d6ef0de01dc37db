#include "process/files.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {
namespace {

namespace fs = std::filesystem;
using names = std::vector<std::string>;

class files_test : public ::testing::Test {
protected:
  std::string in(const std::string& name) {
    return (dir.path() / name).string();
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream{in(name)} << text;
  }

  std::string read(const std::string& name) {
    std::ifstream file{in(name)};
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
  }

  test::temporary_directory dir;
  std::atomic<bool> go_on{false};
  std::atomic<bool> stop{true};
};

TEST_F(files_test, makes_paths_absolute) {
  EXPECT_EQ(absolute_path("/a/b", "c"), "/a/b/c");
  EXPECT_EQ(absolute_path("/a/b", "/c"), "/c");
  EXPECT_EQ(absolute_path("/a/b", "../c/./d//e/"), "/a/c/d/e");
  EXPECT_EQ(absolute_path("/a", "../../.."), "/");
  EXPECT_EQ(absolute_path("", "x"), "/x");
  EXPECT_EQ(absolute_path("/a", "."), "/a");
}

TEST_F(files_test, tells_what_a_file_is) {
  write("f", "12345");
  ::chmod(in("f").c_str(), 0640);
  fs::create_symlink("f", in("l"));
  auto f = inspect(in("f"), true);
  ASSERT_TRUE(f);
  EXPECT_TRUE(f->regular);
  EXPECT_FALSE(f->directory);
  EXPECT_EQ(f->size, 5u);
  EXPECT_EQ(f->mode, 0640u);
  EXPECT_GT(f->modified, 1'500'000'000);
  EXPECT_TRUE(inspect(in("l"), true)->regular);
  EXPECT_TRUE(inspect(in("l"), false)->link);
  EXPECT_TRUE(inspect(dir.path().string(), true)->directory);
  auto none = inspect(in("none"), true);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::not_found);
  EXPECT_NE(none.error().detail.find(in("none")), std::string::npos);
}

TEST_F(files_test, makes_and_removes_directories) {
  EXPECT_TRUE(make_directory(in("d")));
  EXPECT_EQ(make_directory(in("d")).error().code, errc::already_exists);
  EXPECT_EQ(make_directory(in("x/y")).error().code, errc::not_found);
  write("d/f", "");
  EXPECT_EQ(remove_directory(in("d")).error().code, errc::already_exists);
  fs::remove(in("d/f"));
  EXPECT_TRUE(remove_directory(in("d")));
  EXPECT_EQ(remove_directory(in("d")).error().code, errc::not_found);
}

TEST_F(files_test, lists_names_in_order) {
  for (auto name : {"b", "a", ".hidden", "c.txt"})
    write(name, "");
  fs::create_directory(in("sub"));
  EXPECT_EQ(*list_directory(dir.path().string(), {}, go_on),
            (names{".hidden", "a", "b", "c.txt", "sub"}));
  auto dots = [](std::string_view x) { return x.find('.') != x.npos; };
  EXPECT_EQ(*list_directory(dir.path().string(), dots, go_on),
            (names{".hidden", "c.txt"}));
  EXPECT_EQ(list_directory(in("none"), {}, go_on).error().code,
            errc::not_found);
  EXPECT_EQ(list_directory(in("a"), {}, go_on).error().code, errc::not_found);
  EXPECT_EQ(list_directory(dir.path().string(), {}, stop).error().code,
            errc::closed);
}

TEST_F(files_test, walks_the_nearest_first_and_follows_no_link) {
  fs::create_directories(in("a/deep"));
  fs::create_directories(in("z"));
  for (auto name : {"top", "a/one", "a/deep/two", "z/three"})
    write(name, "");
  fs::create_directory_symlink("..", in("a/loop"));
  EXPECT_EQ(
    *walk_tree(dir.path().string(), ".", {}, go_on),
    (names{"./top", "./a/loop", "./a/one", "./z/three", "./a/deep/two"}));
  auto t = [](std::string_view x) { return x.front() == 't'; };
  EXPECT_EQ(*walk_tree(dir.path().string(), "/x/", t, go_on),
            (names{"/x/top", "/x/z/three", "/x/a/deep/two"}));
  EXPECT_EQ(walk_tree(in("none"), "", {}, go_on).error().code, errc::not_found);
  EXPECT_EQ(walk_tree(dir.path().string(), "", {}, stop).error().code,
            errc::closed);
}

TEST_F(files_test, copies_a_file_with_its_mode) {
  write("a", std::string(1'000'000, 'x'));
  ::chmod(in("a").c_str(), 0751);
  EXPECT_TRUE(copy_tree(in("a"), in("b"), go_on));
  EXPECT_EQ(read("b"), std::string(1'000'000, 'x'));
  EXPECT_EQ(inspect(in("b"), false)->mode, 0751u);
  write("a", "short");
  EXPECT_TRUE(copy_tree(in("a"), in("b"), go_on));
  EXPECT_EQ(read("b"), "short");
  fs::create_directory(in("d"));
  EXPECT_TRUE(copy_tree(in("a"), in("d"), go_on));
  EXPECT_EQ(read("d/a"), "short");
}

TEST_F(files_test, copies_a_tree_with_its_links) {
  fs::create_directories(in("a/b"));
  write("a/f", "1");
  write("a/b/g", "2");
  fs::create_symlink("f", in("a/l"));
  EXPECT_TRUE(copy_tree(in("a"), in("copy"), go_on));
  EXPECT_EQ(read("copy/f") + read("copy/b/g"), "12");
  EXPECT_EQ(fs::read_symlink(in("copy/l")), "f");
  // Once more: now it is a directory, so the copy lies in it.
  EXPECT_TRUE(copy_tree(in("a"), in("copy"), go_on));
  EXPECT_EQ(read("copy/a/b/g"), "2");
}

TEST_F(files_test, refuses_copies_that_would_do_harm) {
  write("a", "1");
  write("victim", "precious");
  fs::create_symlink("victim", in("l"));
  fs::create_directory(in("d"));
  auto code = [&](const std::string& from, const std::string& to) {
    auto x = copy_tree(in(from), in(to), go_on);
    return x ? errc::none : x.error().code;
  };
  EXPECT_NE(code("a", "l"), errc::none); // no link is written through
  EXPECT_EQ(read("victim"), "precious");
  EXPECT_EQ(code("a", "a"), errc::refused);
  EXPECT_EQ(read("a"), "1");
  EXPECT_EQ(code("d", "d/e"), errc::refused);
  EXPECT_EQ(code("none", "x"), errc::not_found);
  ASSERT_EQ(::mkfifo(in("fifo").c_str(), 0600), 0);
  EXPECT_EQ(code("fifo", "x"), errc::refused); // and does not wait for it
  EXPECT_EQ(copy_tree(in("a"), in("b"), stop).error().code, errc::closed);
}

} // namespace
} // namespace saker::process
