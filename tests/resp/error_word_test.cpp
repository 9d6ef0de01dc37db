#include "resp/error_word.hpp"

#include <gtest/gtest.h>

namespace saker::resp {
namespace {

TEST(error_word_test, is_known_when_a_text_follows) {
  EXPECT_TRUE(has_error_word("ERR no luck"));
  EXPECT_TRUE(has_error_word("NOSERVICE no service matches \"a\""));
  EXPECT_FALSE(has_error_word("ERR"));
  EXPECT_FALSE(has_error_word("ERRNO 5"));
  EXPECT_FALSE(has_error_word("no ERR here"));
  EXPECT_FALSE(has_error_word(""));
}

} // namespace
} // namespace saker::resp
