#include "acl/password.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace saker::acl {
namespace {

constexpr auto of_abc
  = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(password_test, hashes_as_sha256sum_does) {
  EXPECT_EQ(password_hash("abc"), of_abc);
  EXPECT_EQ(password_hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934"
                               "ca495991b7852b855");
}

TEST(password_test, matches_the_password_only) {
  EXPECT_TRUE(password_matches("abc", of_abc));
  EXPECT_FALSE(password_matches("abd", of_abc));
  EXPECT_FALSE(password_matches("", of_abc));
  EXPECT_FALSE(password_matches(of_abc, of_abc));
}

TEST(password_test, takes_upper_case_digits) {
  EXPECT_TRUE(password_matches(
    "abc", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
}

TEST(password_test, an_empty_hash_matches_nothing) {
  EXPECT_FALSE(password_matches("", ""));
  EXPECT_FALSE(password_matches("abc", std::string{of_abc}.substr(0, 63)));
}

TEST(password_test, binary_passwords_count_whole) {
  using namespace std::string_view_literals;
  EXPECT_NE(password_hash("a\0b"sv), password_hash("a"));
}

TEST(password_test, knows_a_hash_when_it_sees_one) {
  EXPECT_TRUE(is_password_hash(of_abc));
  EXPECT_FALSE(is_password_hash("abc"));
  EXPECT_FALSE(is_password_hash(std::string(64, 'g')));
}

TEST(password_test, makes_as_many_digits_as_the_bits_need) {
  for (auto [bits, digits] :
       {std::pair{1, 1}, {4, 1}, {5, 2}, {256, 64}, {4096, 1024}}) {
    auto x = random_password(static_cast<std::size_t>(bits));
    ASSERT_TRUE(x);
    EXPECT_EQ(x->size(), static_cast<std::size_t>(digits)) << bits;
    EXPECT_EQ(x->find_first_not_of("0123456789abcdef"), x->npos) << *x;
  }
  EXPECT_NE(*random_password(256), *random_password(256));
}

} // namespace
} // namespace saker::acl
