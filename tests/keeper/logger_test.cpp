#include "keeper/logger.hpp"

#include <gtest/gtest.h>

namespace saker::keeper {
namespace {

TEST(logger_test, tells_the_node_in_the_words_of_the_log) {
  std::vector<link::log_line> told;
  logger uut;
  uut.set_sink([&](const link::log_line& x) {
    told.push_back(x);
    return true;
  });
  uut.warning("\"/srv/\xc3\xa4\": no\nsuch\x1b file");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].level, link::log_level::warning);
  EXPECT_EQ(told[0].text, "\"/srv/\xc3\xa4\": no such\\x1b file");
}

} // namespace
} // namespace saker::keeper
