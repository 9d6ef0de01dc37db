#include "resp/value.hpp"

#include "resp/number.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace saker::resp {
namespace {

TEST(value_test, becomes_what_it_is_built_from) {
  EXPECT_TRUE(value{}.is_null());
  EXPECT_TRUE(value{nullptr}.is_null());
  EXPECT_TRUE(value{true}.is<bool>());
  EXPECT_TRUE(value{3}.is<std::int64_t>());
  EXPECT_TRUE(value{std::size_t{3}}.is<std::int64_t>());
  EXPECT_TRUE(value{2.5}.is<double>());
  EXPECT_TRUE(value{"text"}.is<std::string>());
  EXPECT_TRUE(value{std::string_view{"text"}}.is<std::string>());
  EXPECT_TRUE(ok().is<simple>());
  EXPECT_TRUE(err("no").is_error());
}

TEST(value_test, is_equal_only_to_the_same_kind_with_the_same_content) {
  EXPECT_EQ((value{array{{1, "a", nullptr}}}),
            (value{array{{1, "a", nullptr}}}));
  EXPECT_NE((value{array{{1}}}), (value{push{{1}}}));
  EXPECT_NE(value{1}, value{true});
  EXPECT_NE(value{"OK"}, ok());
  EXPECT_NE(value{map{}.add("a", 1)}, value{map{}.add("a", 2)});
}

TEST(value_test, finds_items_of_maps_in_both_forms) {
  value nested{map{}.add("pid", 7).add("name", "web")};
  value flat{array{{"pid", 7, "name", "web"}}};
  for (auto& x : {nested, flat}) {
    ASSERT_NE(x.find("name"), nullptr);
    EXPECT_EQ(x.find("name")->text(), "web");
    EXPECT_EQ(x.find("web"), nullptr);
  }
}

TEST(value_test, reads_integers_also_from_text) {
  EXPECT_EQ(value{7}.integer(), 7);
  EXPECT_EQ(value{"7"}.integer(), 7);
  EXPECT_EQ(value{true}.integer(), 1);
  EXPECT_EQ(value{"07"}.integer(), std::nullopt);
  EXPECT_EQ(value{2.0}.integer(), std::nullopt);
}

TEST(value_test, prints_on_one_line_without_control_bytes) {
  value x{array{{ok(), "a\r\n", 3, nullptr, 2.5, true, err("no"), verbatim{"t"},
                 set{{1}}, push{{"p"}}, map{}.add("k", array{})}}};
  EXPECT_EQ(to_string(x), "[+OK, \"a\\r\\n\", 3, null, 2.5, true, -ERR no, "
                          "txt:\"t\", ~[1], >[\"p\"], {\"k\": []}]");
}

TEST(number_test, reads_integers_as_strictly_as_redis) {
  for (auto x = 0; x < 10; ++x)
    EXPECT_EQ(strict_integer(std::to_string(x)), x);
  for (auto c = 0; c < 256; ++c) {
    auto digit = c >= '0' && c <= '9';
    EXPECT_EQ(strict_integer(std::string(1, static_cast<char>(c))).has_value(),
              digit)
      << c;
  }
  EXPECT_EQ(strict_integer("-12"), -12);
  EXPECT_EQ(strict_integer("9223372036854775807"),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(strict_integer("-9223372036854775808"),
            std::numeric_limits<std::int64_t>::min());
  for (auto x : {"", "-", "+1", "01", "-0", " 1", "1 ", "0x1", "1.0",
                 "9223372036854775808"})
    EXPECT_EQ(strict_integer(x), std::nullopt) << x;
}

TEST(number_test, writes_the_shortest_double_that_reads_back) {
  auto text = [](double x) {
    std::string out;
    append_double(out, x);
    return out;
  };
  EXPECT_EQ(text(3), "3");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(-2.5), "-2.5");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(text(-std::numeric_limits<double>::quiet_NaN()), "nan");
}

} // namespace
} // namespace saker::resp
