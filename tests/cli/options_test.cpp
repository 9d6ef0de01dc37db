#include "cli/options.hpp"

#include "base/version.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace saker::cli {
namespace {

using texts = std::vector<std::string>;

options read(const texts& arguments) {
  auto x = read_options(arguments);
  EXPECT_TRUE(x) << x.error().detail;
  return x ? *x : options{};
}

std::string complaint(const texts& arguments) {
  auto x = read_options(arguments);
  return x ? "none" : x.error().detail;
}

TEST(options_test, run_needs_nothing_else) {
  auto x = read({"run"});
  EXPECT_EQ(x.what, options::action::run);
  EXPECT_FALSE(x.config);
  EXPECT_FALSE(x.demo);
  EXPECT_TRUE(x.listen.empty());
}

TEST(options_test, run_takes_all_its_options) {
  auto x = read({"run", "--config", "a.toml", "--listen", "127.0.0.1:1",
                 "--listen=-[::1]:2", "--set", "node=x", "--set",
                 "listen=[\"127.0.0.1:1\"]", "--demo", "--state-dir", "/s/",
                 "--runtime-dir", "/r/../q"});
  EXPECT_EQ(x.config, "a.toml");
  EXPECT_EQ(x.listen, (texts{"127.0.0.1:1", "-[::1]:2"}));
  EXPECT_EQ(x.set, (texts{"node=x", "listen=[\"127.0.0.1:1\"]"}));
  EXPECT_TRUE(x.demo);
  EXPECT_EQ(x.state_dir, "/s/");
  EXPECT_EQ(x.runtime_dir, "/q");
}

TEST(options_test, an_optional_address_is_no_option) {
  EXPECT_EQ(read({"run", "--listen", "-[::1]:2"}).listen, (texts{"-[::1]:2"}));
  EXPECT_EQ(read({"run", "--listen", "-unix:a", "--demo"}).listen,
            (texts{"-unix:a"}));
}

TEST(options_test, directories_become_absolute) {
  auto x = read({"run", "--state-dir", "build/demo"});
  EXPECT_TRUE(x.state_dir->is_absolute());
  EXPECT_EQ(x.state_dir, std::filesystem::absolute("build/demo"));
}

TEST(options_test, check_takes_files) {
  auto x = read({"check", "a.lua", "b.lua"});
  EXPECT_EQ(x.what, options::action::check);
  EXPECT_EQ(x.files, (texts{"a.lua", "b.lua"}));
  EXPECT_EQ(complaint({"check"}),
            "check: FILE is required; `saker check --help` tells more");
}

TEST(options_test, tells_its_version_and_help) {
  EXPECT_EQ(read({"version"}).what, options::action::version);
  EXPECT_EQ(read({"--version"}).what, options::action::version);
  for (auto& words : {texts{"help"}, texts{"--help"}, texts{"-h"}}) {
    auto x = read(words);
    EXPECT_EQ(x.what, options::action::help);
    EXPECT_NE(x.text.find("redis-cli -p 12007 svstatus text"),
              std::string::npos);
    EXPECT_NE(x.text.find("Start Saker in the foreground"), std::string::npos);
  }
  EXPECT_NE(read({"run", "--help"}).text.find("--demo"), std::string::npos);
}

TEST(options_test, no_command_is_a_mistake_that_shows_the_help) {
  EXPECT_TRUE(complaint({}).starts_with("no command\nA programmable"));
}

TEST(options_test, words_of_later_versions_name_the_command_that_does_it) {
  EXPECT_EQ(complaint({"status"}), "status: not available yet; type: "
                                   "redis-cli -p 12007 svstatus text");
  EXPECT_EQ(complaint({"stop", "web"}),
            "stop: not available yet; type: redis-cli -p 12007 svstop NAME");
  EXPECT_EQ(complaint({"top"}), "top: not available yet");
}

TEST(options_test, unknown_words_get_a_hint) {
  EXPECT_EQ(complaint({"rnu"}), "rnu: unknown command (did you mean \"run\"?)");
  EXPECT_EQ(complaint({"svstatus"}),
            "svstatus: unknown command; `saker help` tells what there is; "
            "commands for a running Saker go through redis-cli -p 12007");
}

TEST(options_test, wrong_options_are_named) {
  EXPECT_EQ(complaint({"run", "x"}),
            "run: The following argument was not expected: x; "
            "`saker run --help` tells more");
  EXPECT_EQ(
    complaint({"run", "--config"}),
    "run: --config: 1 required FILE missing; `saker run --help` tells more");
  EXPECT_TRUE(complaint({"--demo"}).ends_with("; `saker --help` tells more"));
}

TEST(version_test, is_the_one_of_the_project) {
  auto here = std::filesystem::path{__FILE__}.parent_path();
  std::ifstream file{here / "../../CMakeLists.txt"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_NE(text.find("project(saker VERSION " + std::string{version} + ' '),
            std::string::npos);
}

} // namespace
} // namespace saker::cli
