#include "supervision/command_masks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace saker::supervision {
namespace {

using mask_words = std::vector<std::string_view>;

mask_words named_by(const mask_words& args) {
  auto all = masks_of(std::span{args});
  return {all.begin(), all.end()};
}

TEST(command_masks_test, are_the_words_up_to_the_first_option) {
  EXPECT_EQ(named_by({"SVSTOP", "web", "db@n2", "wait", "5"}),
            (mask_words{"web", "db@n2"}));
  EXPECT_EQ(named_by({"svsignal", "HUP", "web"}), mask_words{"web"});
  EXPECT_EQ(named_by({"svwait", "web", "running", "5"}), mask_words{"web"});
  EXPECT_EQ(named_by({"svscale", "web", "5"}), mask_words{"web"});
  EXPECT_EQ(named_by({"call", "greet@n2", "x"}), mask_words{"greet@n2"});
}

TEST(command_masks_test, not_every_command_has_some) {
  for (auto& x : {mask_words{}, mask_words{"svstatus"}, mask_words{"svsignal"},
                  mask_words{"svsignal", "HUP"}, mask_words{"svapply", "a"},
                  mask_words{"ping", "x"}, mask_words{"svstatus", "JSON"}})
    EXPECT_EQ(named_by(x), mask_words{});
}

TEST(command_masks_test, says_what_the_words_mean) {
  EXPECT_TRUE(form_of("SVGSTOP")->groups());
  EXPECT_FALSE(form_of("svstop")->groups());
  EXPECT_TRUE(form_of("svgstop")->service);
  EXPECT_FALSE(form_of("sysinfo")->service);
  EXPECT_EQ(form_of("svapply"), nullptr);
}

} // namespace
} // namespace saker::supervision
