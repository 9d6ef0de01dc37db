#include "base/buffer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace saker {
namespace {

/// Takes all that other tests have left here.
void empty_the_pool() {
  while (take_buffer().capacity() > std::string{}.capacity())
    continue;
}

TEST(buffer_test, lends_what_was_given_back) {
  empty_the_pool();
  std::string x(1'000, 'x');
  auto* memory = x.data();
  give_buffer(std::move(x));
  auto again = take_buffer();
  EXPECT_TRUE(again.empty());
  EXPECT_EQ(again.data(), memory);
  EXPECT_LT(take_buffer().capacity(), 64u) << "that was the only one";
}

TEST(buffer_test, keeps_neither_small_nor_large_ones_nor_too_many) {
  empty_the_pool();
  give_buffer("small");
  give_buffer(std::string(17 * 1024, 'x'));
  EXPECT_LT(take_buffer().capacity(), 64u);
  for (int i = 0; i < 100; ++i)
    give_buffer(std::string(100, 'x'));
  auto count = 0;
  while (take_buffer().capacity() >= 100)
    ++count;
  EXPECT_EQ(count, 64);
}

TEST(buffer_test, fills_what_it_has_begun) {
  give_buffer(std::string(100, 'x'));
  buffer x;
  x.to_fill() += "a"; // lies within the string itself, where there is no pool
  give_buffer(std::string(200, 'x'));
  x.to_fill() += "b";
  EXPECT_EQ(x.text(), "ab");
  empty_the_pool();
  buffer small;
  small.to_fill() += "a";
  give_buffer(std::string(200, 'x'));
  small.to_fill() += "b";
  EXPECT_EQ(small.text(), "ab");
}

TEST(buffer_test, owns_its_bytes_wherever_it_goes) {
  empty_the_pool();
  {
    buffer x;
    x.to_fill() += std::string(200, 'x');
    auto copy = x;
    x.to_fill() += "y";
    EXPECT_EQ(copy.text(), std::string(200, 'x'));
    auto moved = std::move(copy);
    EXPECT_EQ(moved.text().size(), 200u);
    copy = x;
    EXPECT_EQ(copy.text().size(), 201u);
  }
  auto count = 0;
  while (take_buffer().capacity() >= 100)
    ++count;
  EXPECT_EQ(count, 3) << "x, copy and moved have given theirs back";
}

} // namespace
} // namespace saker
