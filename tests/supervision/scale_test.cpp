#include "supervision/scale.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

service web_of(std::uint32_t count = 1, bool counted = false) {
  service x;
  x.name = "web";
  x.exec = {"web"};
  x.count = count;
  x.counted = counted;
  return x;
}

setting to(std::int64_t value, std::int64_t instead_of) {
  return {setting::topic::count, "web", value, instead_of, "amy", 1};
}

service_set only(const service& x) {
  return {{x.name, std::make_shared<const service>(x)}};
}

TEST(scale_test, shows_the_index_as_soon_as_there_are_several) {
  EXPECT_TRUE(with_count(web_of(), 2)->counted);
  EXPECT_FALSE(with_count(web_of(), 1)->counted);
  EXPECT_FALSE(with_count(web_of(), 0)->counted);
  EXPECT_TRUE(with_count(web_of(3, true), 1)->counted);
  EXPECT_EQ(with_count(web_of(), 7)->count, 7u);
}

TEST(scale_test, refuses_instances_that_would_share_a_file) {
  auto x = web_of();
  x.pidfile = "/run/web.pid";
  EXPECT_TRUE(check_count(x, 1));
  EXPECT_TRUE(check_count(x, 0));
  EXPECT_EQ(check_count(x, 2).error().detail,
            "pidfile must contain {i}, because the instances cannot share a "
            "file");
  x.pidfile = "/run/web-{i}.pid";
  x.log->file = "/log/web.log";
  EXPECT_EQ(check_count(x, 2).error().detail.substr(0, 8), "log must");
  x.log->file = "/log/web-{i}.log";
  EXPECT_TRUE(check_count(x, 2));
  x.log.reset();
  EXPECT_TRUE(check_count(x, 2));
}

TEST(scale_test, counts_until_the_definition_says_another_number) {
  counts set = {{"web", to(4, 2)}, {"gone", to(4, 2)}};
  EXPECT_EQ(with_counts(only(web_of(2, true)), set).at("web")->count, 4u);
  EXPECT_EQ(with_counts(only(web_of(3, true)), set).at("web")->count, 3u);
  EXPECT_EQ(with_counts(only(web_of(2, true)), {}).at("web")->count, 2u);
  EXPECT_EQ(with_counts(only(web_of(2, true)), set).size(), 1u);
}

TEST(scale_test, does_not_count_where_instances_would_share_a_file) {
  auto x = web_of();
  x.pidfile = "/run/web.pid";
  EXPECT_FALSE(in_force(to(2, 1), x));
  EXPECT_EQ(with_counts(only(x), {{"web", to(2, 1)}}).at("web")->count, 1u);
}

} // namespace
} // namespace saker::supervision
