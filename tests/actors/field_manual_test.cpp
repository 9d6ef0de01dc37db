#include "resp/field_manual.hpp"

#include "actors/event_text.hpp"
#include "actors/status_text.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace saker {
namespace {

std::vector<std::string> told(std::span<const resp::field_row> rows) {
  std::vector<std::string> names;
  for (auto& x : rows)
    names.emplace_back(x.name);
  return names;
}

TEST(field_manual_test, tells_every_field_of_a_row_of_svstatus) {
  supervision::status x;
  x.who = {"web", 0, false};
  auto text = status_json({x}, viewpoint{});
  auto row = nlohmann::ordered_json::parse(text)[0];
  std::vector<std::string> names;
  for (auto& [key, _] : row.items())
    names.push_back(key);
  EXPECT_EQ(names, told(resp::status_fields()));
}

TEST(field_manual_test, tells_every_field_of_an_event) {
  supervision::effect::publish x;
  x.name = "exit";
  x.orphans = 1;
  x.next = "restart";
  x.reason = "exit 1";
  std::set<std::string> names;
  auto add = [&names](const std::string& payload) {
    auto parsed = nlohmann::json::parse(payload);
    for (auto& [key, _] : parsed.items())
      names.insert(key);
  };
  add(event_payload("n", {"web", 0, false}, x, {1, 0}, 1, 2));
  add(scaled_payload("n", "web", 1, 2, "amy", {1, 0}, 1));
  auto rows = told(resp::event_fields());
  EXPECT_EQ(names, std::set<std::string>(rows.begin(), rows.end()));
}

} // namespace
} // namespace saker
