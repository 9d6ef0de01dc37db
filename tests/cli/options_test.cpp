#include "cli/options.hpp"

#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/printed_text.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

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
  EXPECT_EQ(read({"check"}).what, options::action::check);
  EXPECT_EQ(read({"check", "--config", "a.toml"}).config, "a.toml");
  EXPECT_EQ(read({"check", "--runtime-dir", "/run/x"}).runtime_dir, "/run/x");
  EXPECT_EQ(read({"check", "--state-dir", "/s"}).state_dir, "/s");
  EXPECT_EQ(read({"check", "--help"}).text.find("TEXT"), std::string::npos);
}

TEST(options_test, tells_its_version_and_help) {
  EXPECT_EQ(read({"version"}).what, options::action::version);
  EXPECT_EQ(read({"--version"}).what, options::action::version);
  for (auto& words : {texts{"help"}, texts{"--help"}, texts{"-h"}}) {
    auto x = read(words);
    EXPECT_EQ(x.what, options::action::help);
    EXPECT_NE(x.text.find("redis-cli -p 12007 svstatus"), std::string::npos);
    EXPECT_NE(x.text.find("Start Saker in the foreground"), std::string::npos);
  }
  EXPECT_NE(read({"run", "--help"}).text.find("--demo"), std::string::npos);
}

TEST(options_test, no_command_is_a_mistake_that_shows_the_help) {
  EXPECT_TRUE(complaint({}).starts_with("no command\nA programmable"));
}

TEST(options_test, tells_about_one_command) {
  for (auto& words : {texts{"help", "start"}, texts{"start", "--help"}}) {
    auto x = read(words);
    EXPECT_EQ(x.what, options::action::help);
    EXPECT_TRUE(x.text.starts_with("Start services; forget their failures\n"
                                   "Usage: saker start [OPTIONS] MASK...\n"))
      << x.text;
    EXPECT_NE(x.text.find("--wait[=TIME]"), std::string::npos);
  }
  EXPECT_NE(read({"help", "run"}).text.find("--demo"), std::string::npos);
  EXPECT_EQ(complaint({"help", "strat"}),
            "strat: unknown command (did you mean \"start\"?)");
}

TEST(options_test, every_command_has_a_help_of_80_columns) {
  for (auto& word : known_words()) {
    auto text = read({"help", word}).text;
    EXPECT_NE(text.find("Usage: saker " + word), std::string::npos) << text;
    for (auto line : split(text, '\n'))
      EXPECT_LE(display_width(line), 80u) << line;
  }
}

TEST(options_test, the_overview_names_every_command) {
  auto text = read({"help"}).text;
  for (auto& word : known_words())
    EXPECT_NE(text.find("\n  " + word + ' '), std::string::npos) << word;
  for (auto line : split(text, '\n'))
    EXPECT_LE(display_width(line), 80u) << line;
}

TEST(options_test, words_of_later_versions_are_known) {
  EXPECT_EQ(complaint({"top"}), "top: not available yet");
  EXPECT_EQ(complaint({"import", "x"}), "import: not available yet");
}

TEST(options_test, unknown_words_get_a_hint) {
  EXPECT_EQ(complaint({"rnu"}), "rnu: unknown command (did you mean \"run\"?)");
  EXPECT_EQ(complaint({"statsu"}),
            "statsu: unknown command (did you mean \"status\"?)");
  EXPECT_EQ(complaint({"psubscribe"}),
            "psubscribe: unknown command; `saker help` tells what there is; "
            "`saker exec` sends any command to Saker");
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

TEST(options_test, an_address_may_stand_before_the_command) {
  for (auto& words : {texts{"--address", "h:1", "why", "web"},
                      texts{"--address=h:1", "why", "web"},
                      texts{"why", "--address", "h:1", "web"}}) {
    auto x = read(words).asked;
    EXPECT_EQ(x.what, verb::why);
    EXPECT_EQ(x.address, "h:1");
    EXPECT_EQ(x.names, texts{"web"});
  }
  auto sent = read({"--address", "h:1", "exec", "PING", "--x"}).asked;
  EXPECT_EQ(sent.names, (texts{"PING", "--x"}));
  EXPECT_EQ(read({"--address", "h:1", "--version"}).what,
            options::action::version);
  EXPECT_EQ(complaint({"--address", "h:1", "statsu"}),
            "statsu: unknown command (did you mean \"status\"?)");
  EXPECT_EQ(complaint({"--address", "h:1"}),
            "--address: a command is missing behind it; `saker --help` tells "
            "what there is");
}

TEST(options_test, other_options_stand_behind_the_command) {
  EXPECT_EQ(complaint({"--json", "status"}),
            "--json: options stand behind the command, except --address; "
            "`saker --help` tells more");
}

TEST(completion_test, bash_completes_every_command) {
  auto here = std::filesystem::path{__FILE__}.parent_path();
  std::ifstream file{here / "../../scripts/completion/saker.bash"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto begin = text.find("words=\"run");
  ASSERT_NE(begin, std::string::npos);
  begin += 7;
  auto listed = text.substr(begin, text.find('"', begin) - begin);
  std::istringstream words{listed};
  EXPECT_EQ(known_words(),
            (texts{std::istream_iterator<std::string>{words}, {}}));
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
