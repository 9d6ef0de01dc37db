#include "tests/lua/support/definition_reading.hpp"

namespace saker::lua {
namespace {

TEST(definition_programs_test, asks_the_disk_once_for_what_many_name) {
  std::vector<std::string> asked;
  definition_options options;
  options.path = "/bin:/usr/bin";
  options.is_program = [&asked](const std::string& path) {
    asked.push_back(path);
    return path == "/usr/bin/sleep";
  };
  std::string text;
  for (auto i = 0; i < 100; ++i)
    text += "service \"s" + std::to_string(i)
            + "\" { exec = {\"sleep\", \"1\"} }\n";
  std::vector<std::string> once{"/bin/sleep", "/usr/bin/sleep"};
  EXPECT_EQ(test::told(test::read(text, options).warnings), "");
  EXPECT_EQ(asked, once);
  // It may be there meanwhile, or gone.
  asked.clear();
  EXPECT_EQ(test::told(test::read(text, options).warnings), "");
  EXPECT_EQ(asked, once);
}

} // namespace
} // namespace saker::lua
