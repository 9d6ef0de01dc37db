#include "actors/descriptor_need.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

supervision::service_set services(std::vector<std::uint32_t> counts) {
  supervision::service_set all;
  for (auto n : counts) {
    auto x = std::make_shared<supervision::service>();
    x->name = "s" + std::to_string(all.size());
    x->count = n;
    all.emplace(x->name, x);
  }
  return all;
}

TEST(descriptor_need_test, counts_two_for_each_instance_and_a_tenth) {
  auto all = services({400, 1, 54}); // 455 × 2.2 = 1001
  EXPECT_FALSE(short_of_descriptors(all, {1001}));
  auto text = short_of_descriptors(all, {1000});
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("455 instances need 1001 descriptors, but "
                                "Saker may have only 1000, so"))
    << *text;
  EXPECT_NE(text->find("LimitNOFILE"), std::string::npos);
}

TEST(descriptor_need_test, without_limit_all_is_well) {
  EXPECT_FALSE(short_of_descriptors(services({1'000'000}), {}));
  EXPECT_FALSE(short_of_descriptors({}, {0}));
}

TEST(descriptor_need_test, counts_clients_where_they_are_more_than_that) {
  auto all = services({40});
  EXPECT_FALSE(short_of_descriptors(all, {90, 8}));
  EXPECT_FALSE(short_of_descriptors(all, {90, 10}));
  auto text = short_of_descriptors(all, {90, 11});
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("40 instances and 11 clients need 91 "
                                "descriptors, but Saker may have only 90, so"))
    << *text;
}

} // namespace
} // namespace saker
