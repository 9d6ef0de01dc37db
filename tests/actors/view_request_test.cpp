#include "actors/view_request.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace saker {
namespace {

using texts = std::vector<std::string>;
using log_action = log_request::action;
using stream = log_request::stream;

TEST(view_request_test, svlog_takes_its_options_in_any_order) {
  auto x = parse_log_request(texts{"a", "text", "STREAM", "err", "count", "7"});
  ASSERT_TRUE(x);
  EXPECT_EQ(x->name, "a");
  EXPECT_EQ(x->what, log_action::tail);
  EXPECT_EQ(x->count, 7u);
  EXPECT_EQ(x->from, stream::err);
  EXPECT_TRUE(x->text);
  x = parse_log_request(texts{"a"});
  ASSERT_TRUE(x);
  EXPECT_EQ(x->count, 20u);
  EXPECT_FALSE(x->from);
  EXPECT_FALSE(x->text);
}

TEST(view_request_test, svlog_changes_files_only_when_that_is_all_it_says) {
  EXPECT_EQ(parse_log_request(texts{"a", "Rotate"})->what, log_action::rotate);
  EXPECT_EQ(parse_log_request(texts{"a", "CLEAR"})->what, log_action::clear);
  for (auto& x : {texts{"a", "CLEAR", "TEXT"},
                  texts{"a", "COUNT", "1", "CLEAR"}, texts{"a", "b"}}) {
    auto no = parse_log_request(x);
    ASSERT_FALSE(no);
    EXPECT_NE(no.error().detail.find("ROTATE or CLEAR alone"),
              std::string::npos);
  }
}

TEST(view_request_test, svlog_says_which_counts_and_streams_there_are) {
  for (auto& x : {texts{"a", "COUNT"}, texts{"a", "COUNT", "-1"},
                  texts{"a", "COUNT", "10001"}, texts{"a", "COUNT", "x"}}) {
    auto no = parse_log_request(x);
    ASSERT_FALSE(no);
    EXPECT_NE(no.error().detail.find("from 0 to 10000"), std::string::npos);
  }
  EXPECT_TRUE(parse_log_request(texts{"a", "COUNT", "10000"}));
  for (auto& x : {texts{"a", "STREAM"}, texts{"a", "STREAM", "both"}})
    EXPECT_FALSE(parse_log_request(x));
}

} // namespace
} // namespace saker
