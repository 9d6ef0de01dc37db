#include "supervision/hook.hpp"

#include "supervision/service.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

TEST(hook_test, last_words_are_those_of_the_service) {
  EXPECT_EQ(last_words("one\ntwo"), "two");
  EXPECT_EQ(last_words("one\n[after] two\n[on_failed] three"), "one");
  EXPECT_EQ(last_words("one\n[stop] two\n[reload] three"), "one");
  EXPECT_EQ(last_words("one\n\n[after] two"), "");
  EXPECT_EQ(last_words(""), "");
}

TEST(hook_test, what_before_said_last_is_why_there_is_no_service) {
  EXPECT_EQ(last_words("one\n[before] no disk\n[after] two"),
            "[before] no disk");
}

TEST(hook_test, where_there_are_no_others_the_last_line_counts) {
  EXPECT_EQ(last_words("[after] one\n[after] two"), "[after] two");
  EXPECT_EQ(last_words("[after] one"), "[after] one");
}

TEST(hook_test, a_service_has_commands_beside_its_program) {
  service x;
  x.exec = {"/bin/x"};
  EXPECT_FALSE(x.has_commands());
  x.reload = reload_rule{1, {}};
  EXPECT_FALSE(x.has_commands()) << "a signal is no command";
  x.reload->command = {"/bin/r"};
  EXPECT_TRUE(x.has_commands());
  for (auto part : {&service::before, &service::after, &service::on_failed}) {
    service y;
    (y.*part).commands = {{"/bin/y"}};
    EXPECT_TRUE(y.has_commands());
  }
  service told;
  told.on_failed.url = "http://x/";
  EXPECT_FALSE(told.has_commands()) << "a web server puts nothing out";
  service z;
  z.stop = command_ladder({"/bin/z"});
  EXPECT_TRUE(z.has_commands());
}

} // namespace
} // namespace saker::supervision
