#include "lua/definition_manual.hpp"

#include "lua/definition_keys.hpp"
#include "supervision/plan.hpp"
#include "tests/lua/support/definition_reading.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace saker::lua {
namespace {

using namespace test;

/// Some words of the table are for keys that others know as one.
std::string compared_as(const std::string& key) {
  if (key == "restart")
    return "exit";
  return key == "policy" ? "budget" : key;
}

definition_options with_files() {
  definition_options options;
  options.read_file = [](auto&, auto&) -> result<std::string> {
    return std::string{"A=1"};
  };
  return options;
}

/// A service with what the manual shows of a key.
std::string shown(const definition_manual_row& x) {
  auto exec = std::string{x.key == "exec" ? "" : "exec = {\"web\"}, "};
  return "service \"web\" { " + exec + x.example + " }";
}

bool is_available(const std::string& key) {
  return error_of(key + " = 0").find("not available yet") == std::string::npos;
}

TEST(definition_manual_test, every_key_has_a_row_and_every_row_a_key) {
  auto& known = definition_keys();
  auto& rows = definition_manual();
  for (auto& x : rows)
    EXPECT_EQ(std::count(known.begin(), known.end(), x.key), 1) << x.key;
  for (auto& key : known)
    if (is_available(key)) {
      EXPECT_EQ(std::count_if(rows.begin(), rows.end(),
                              [&](auto& x) { return x.key == key; }),
                1)
        << key << " is missing in lua/definition_manual.cpp";
    }
}

TEST(definition_manual_test, every_example_loads) {
  for (auto& x : definition_manual())
    if (is_available(x.key)) {
      EXPECT_EQ(errors(shown(x), with_files()), "") << x.key;
      EXPECT_EQ(x.example.find(x.key + " = "), x.key == "overlap" ? 14u : 0u)
        << x.key;
    }
}

TEST(definition_manual_test, what_a_change_does_is_what_is_done) {
  auto plain = one("exec = {\"web\"}");
  for (auto& x : definition_manual()) {
    if (!is_available(x.key) || x.key == "ready")
      continue; // there is only one readiness so far
    auto all = read(shown(x), with_files());
    ASSERT_EQ(all.services.size(), 1u) << x.key;
    auto changes = compare(plain, *all.services.at("web"));
    auto found = std::find_if(changes.begin(), changes.end(), [&](auto& y) {
      return y.key == compared_as(x.key);
    });
    ASSERT_NE(found, changes.end()) << x.key << " changes nothing";
    EXPECT_EQ(found->needs == supervision::change_class::restart, x.restarts)
      << x.key;
  }
}

TEST(definition_manual_test, what_counts_otherwise_is_what_counts) {
  auto values = 0;
  for (auto& x : definition_manual()) {
    if (!has_value(x))
      continue;
    ++values;
    // Nothing runs again without a schedule.
    std::string plain = "exec = {\"web\"}";
    if (x.key == "overlap")
      plain += ", every = \"1m\"";
    auto changes = compare(one(plain),
                           one(plain + ", " + x.key + " = " + x.otherwise));
    EXPECT_TRUE(changes.empty())
      << x.key << " = " << x.otherwise << " is not the default";
  }
  EXPECT_GT(values, 15);
}

TEST(definition_manual_test, is_the_file_that_people_read) {
  auto here = std::string{__FILE__};
  auto root = here.substr(0, here.rfind("/tests/"));
  std::ifstream file{root + "/docs/definitions.md"};
  ASSERT_TRUE(file) << "where is docs/definitions.md?";
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text, definition_manual_text())
    << "saker-node manual definitions > docs/definitions.md makes it anew";
}

} // namespace
} // namespace saker::lua
