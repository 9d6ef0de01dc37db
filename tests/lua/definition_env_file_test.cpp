#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace saker::lua {
namespace {

using namespace test;

class env_file_test : public testing::Test {
protected:
  env_file_test() {
    options.read_file = [this](const std::string& by,
                               const std::string& path) -> result<std::string> {
      EXPECT_EQ(by, "a.lua");
      if (auto found = files.find(path); found != files.end())
        return found->second;
      if (path == "/forbidden")
        return fail(errc::not_permitted, "/forbidden is writable by others");
      return fail(errc::not_found, "there is no file " + path);
    };
  }

  std::map<std::string, std::string> files;
  definition_options options;
};

TEST_F(env_file_test, later_files_win) {
  files = {{"/a", "A=1\nB=1\n"}, {"/b", "B=2"}};
  using variables = std::map<std::string, std::string>;
  EXPECT_EQ(with("env_file = \"/a\"", options).file_env,
            (variables{{"A", "1"}, {"B", "1"}}));
  auto x = with("env_file = {\"/a\", \"/b\"}", options);
  EXPECT_EQ(x.file_env, (variables{{"A", "1"}, {"B", "2"}}));
  EXPECT_EQ(x.env_file, (std::vector<std::string>{"/a", "/b"}));
}

TEST_F(env_file_test, a_file_may_be_missing_only_if_that_is_said) {
  files = {{"/a", "A=1"}};
  EXPECT_EQ(with("env_file = {\"-/none\", \"/a\"}", options).file_env.size(),
            1u);
  EXPECT_EQ(error_of("env_file = {\"/none\", \"/a\"}", options),
            "env_file: there is no file /none; put \"-\" in front of it if it "
            "may be missing");
  EXPECT_EQ(error_of("env_file = \"-/forbidden\"", options),
            "env_file: /forbidden is writable by others");
}

TEST_F(env_file_test, what_is_wrong_in_it_has_a_line) {
  files = {{"/a", "A=1\nexport B=2\n"}, {"/b", "\nA"}};
  EXPECT_EQ(error_of("env_file = \"/a\"", options),
            "env_file: /a:2: leave out \"export\"");
  EXPECT_EQ(error_of("env_file = \"/b\"", options),
            "env_file: /b:2: it is not NAME=value");
  EXPECT_EQ(error_of("env_file = \"a\"", options),
            "env_file must be a path that begins with \"/\", or with \"-/\" if "
            "it may be missing, not \"a\"");
  EXPECT_EQ(error_of("env_file = {5}", options), "env_file: 5 is not a path");
  EXPECT_EQ(error_of("env_file = 5", options),
            "env_file must be a path or a list of paths, not 5");
}

} // namespace
} // namespace saker::lua
