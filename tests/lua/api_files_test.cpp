#include "tests/lua/support/script_test.hpp"
#include "tests/support/temporary_directory.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::lua {
namespace {

namespace fs = std::filesystem;
using resp::value;

class api_files_test : public test::script_test {
protected:
  api_files_test() {
    fs::create_directories(dir.path() / "sub/deep");
    std::ofstream{dir.path() / "a.txt"} << "hello";
    std::ofstream{dir.path() / "sub/b.txt"} << "b";
    std::ofstream{dir.path() / "sub/deep/c.lua"} << "c";
    fs::create_symlink("a.txt", dir.path() / "link");
  }

  /// A command that begins in the directory.
  std::string run(std::string_view text) {
    auto x = eval("assert(saker.cd(args[1])) " + std::string{text},
                  {dir.path().string()});
    EXPECT_TRUE(x) << x.error().detail;
    return x ? to_string(*x) : "";
  }

  saker::test::temporary_directory dir;
};

TEST_F(api_files_test, the_directory_is_that_of_the_script) {
  EXPECT_EQ(*eval("return saker.pwd()"), value{"/"});
  auto before = fs::current_path();
  EXPECT_EQ(run("return saker.pwd()"), "\"" + dir.path().string() + "\"");
  EXPECT_EQ(*eval("return saker.cd('sub') and saker.pwd()"),
            value{dir.path().string() + "/sub"});
  EXPECT_EQ(*eval("return saker.cd('..') and saker.pwd()"),
            value{dir.path().string()});
  EXPECT_EQ(fs::current_path(), before);
  EXPECT_EQ(run("local ok, why = saker.cd('a.txt') return why"),
            "\"test.lua:1: saker.cd: " + dir.path().string()
              + "/a.txt: is no directory\"");
  EXPECT_EQ(run("return saker.cd('none') == nil and saker.pwd() == args[1]"),
            "1");
}

TEST_F(api_files_test, exec_and_popen_begin_in_it) {
  define("saker.cd(args[1]) saker.exec('pwd') saker.popen('pwd') "
         "saker.exec('pwd', {dir = '/tmp'})");
  begin({dir.path().string()});
  for (int i = 0; i < 3; ++i) {
    settle();
    ASSERT_EQ(env.children.size(), static_cast<std::size_t>(i + 1));
    EXPECT_EQ(env.children.back().what.dir,
              i == 2 ? "/tmp" : dir.path().string());
    env.waiting.clear();
    uut().answer(env.children.back().id, exec_result{});
  }
  settle();
}

TEST_F(api_files_test, tells_what_is_what) {
  EXPECT_EQ(run("return {saker.isdir('sub'), saker.isfile('a.txt'), "
                "saker.isfile('link'), saker.islink('link'), "
                "saker.isdir('/')}"),
            "[1, 1, 1, 1, 1]");
  EXPECT_EQ(run("return {saker.isdir('a.txt') == false, "
                "saker.isfile('none') == false, saker.isdir('none') == false, "
                "saker.islink('a.txt') == false, saker.islink('none') == nil, "
                "saker.isfile('sub') == false}"),
            "[1, 1, 1, 1, 1, 1]");
  ::mkfifo((dir.path() / "fifo").c_str(), 0600);
  EXPECT_EQ(run("return saker.isfile('fifo') == false"), "1");
}

TEST_F(api_files_test, describes_a_file) {
  ::chmod((dir.path() / "a.txt").c_str(), 0640);
  EXPECT_EQ(run("local x = saker.fileinfo('a.txt') return {x.IFDIR == false, "
                "x.IFREG, x.IFREAD, x.IFWRITE, x.IFEXEC == false, "
                "x.SIZE == nil}"),
            "[1, 1, 1, 1, 1, 1]");
  EXPECT_EQ(run("local x = saker.fileinfo('link', true) return {x.IFLINK, "
                "x.SIZE, x.MODE, x.MTIME > 1.5e9, x.ATIME > 1.5e9, "
                "x.CTIME > 1.5e9}"),
            "[1, 5, 416, 1, 1, 1]");
  EXPECT_EQ(run("return saker.fileinfo('none') == nil"), "1");
}

TEST_F(api_files_test, lists_and_walks) {
  EXPECT_EQ(run("return saker.ls('.')"), R"(["a.txt", "link", "sub"])");
  EXPECT_EQ(run("return saker.ls('.', '*.txt')"), R"(["a.txt"])");
  EXPECT_EQ(run("return saker.walk('.')"),
            R"(["./a.txt", "./link", "./sub/b.txt", "./sub/deep/c.lua"])");
  EXPECT_EQ(run("return saker.walk('sub', '*.lua')"), R"(["sub/deep/c.lua"])");
  EXPECT_EQ(run("local x, why = saker.ls('none') return {x == nil, why}")
              .find("[1, \"test.lua:1: list "),
            0u);
}

TEST_F(api_files_test, makes_removes_and_copies) {
  EXPECT_EQ(run("return {saker.mkdir('x', 'x/y', 'x/z'), saker.isdir('x/z'), "
                "saker.rmdir('x/y'), saker.isdir('x/y') == false}"),
            "[1, 1, 1, 1]");
  EXPECT_EQ(run("return {saker.mkdir('x') == nil, saker.rmdir('x') == nil, "
                "saker.mkdir('p/q') == nil}"),
            "[1, 1, 1]");
  EXPECT_EQ(run("return {saker.cp('sub', 'copy of; $sub'), "
                "saker.isfile('copy of; $sub/deep/c.lua')}"),
            "[1, 1]");
  EXPECT_EQ(run("return saker.cp('none', 'x') == nil"), "1");
}

TEST_F(api_files_test, md5_and_uuid) {
  EXPECT_EQ(*eval("return saker.md5('')"),
            value{"d41d8cd98f00b204e9800998ecf8427e"});
  EXPECT_EQ(*eval("return saker.md5('abc')"),
            value{"900150983cd24fb0d6963f7d28e17f72"});
  EXPECT_EQ(*eval("return saker.md5('abcdef', 3)"),
            value{"900150983cd24fb0d6963f7d28e17f72"});
  EXPECT_EQ(*eval("return saker.md5('abc\\0', 4) ~= saker.md5('abc')"),
            value{1});
  EXPECT_EQ(*eval("return saker.md5('abc', 4) == nil and saker.md5('abc', -1) "
                  "== nil"),
            value{1});
  EXPECT_EQ(*eval("local a, b = saker.uuid(), saker.uuid() return a ~= b and "
                  "a:find('^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89AB]%x%x%x"
                  "%-%x%x%x%x%x%x%x%x%x%x%x%x$') and a == a:upper()"),
            value{1});
}

TEST_F(api_files_test, names_the_system) {
  EXPECT_EQ(*eval("return {saker.uname(), saker.osname(), saker.getuid()}"),
            (value{resp::array{
              {"UNIX", "LINUX", static_cast<std::int64_t>(::geteuid())}}}));
  EXPECT_EQ(*eval("return {saker.getuid('root'), saker.getuid('nobody-here') "
                  "== nil}"),
            (value{resp::array{{0, 1}}}));
}

TEST_F(api_files_test, sysinfo_answers_numbers_and_texts) {
  EXPECT_EQ(*eval("return saker.sysinfo('system.mem.total') > 1e6"), value{1});
  EXPECT_EQ(*eval("return type(saker.sysinfo('system.proc.all', "
                  "tonumber(args[1])))",
                  {std::to_string(::getpid())}),
            value{"string"});
  EXPECT_EQ(*eval("local x, why = saker.sysinfo('system.mem.totl') "
                  "return x == nil and why:find('did you mean') ~= nil"),
            value{1});
}

} // namespace
} // namespace saker::lua
