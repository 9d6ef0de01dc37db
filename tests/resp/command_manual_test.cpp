#include "resp/command_manual.hpp"

#include "base/text.hpp"
#include "resp/command_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace saker::resp {
namespace {

TEST(command_manual_test, is_the_file_that_people_read) {
  auto here = std::string{__FILE__};
  auto root = here.substr(0, here.rfind("/tests/"));
  std::ifstream file{root + "/docs/commands.md"};
  ASSERT_TRUE(file) << "where is docs/commands.md?";
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text, command_manual())
    << "saker-node manual > docs/commands.md makes it anew";
}

TEST(command_manual_test, tells_every_command) {
  auto text = command_manual();
  for (auto& x : commands()) {
    EXPECT_NE(text.find("\n### " + to_upper(x.name) + "\n"), std::string::npos)
      << x.name;
    for (auto& part : x.subcommands)
      EXPECT_NE(text.find(part.summary), std::string::npos) << part.name;
  }
}

TEST(command_manual_test, every_command_of_ours_has_an_example) {
  std::set<std::string_view> shown;
  for (auto& x : command_examples()) {
    auto command = find_command(x.command);
    ASSERT_NE(command, nullptr) << x.command;
    auto words = split(x.line, ' ');
    EXPECT_EQ(to_lower(words.front()), x.command);
    EXPECT_TRUE(command->accepts(words.size())) << x.line;
    shown.insert(x.command);
  }
  for (auto& x : commands())
    if (x.group == "supervision") {
      EXPECT_TRUE(shown.contains(x.name)) << x.name;
    }
}

} // namespace
} // namespace saker::resp
