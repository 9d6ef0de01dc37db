#include "actors/audit_reply.hpp"

#include <nlohmann/json.hpp>

namespace saker {

namespace {

/// What an event has: texts, whole numbers, null, lists of them.
resp::value audit_value(const nlohmann::ordered_json& x) {
  if (x.is_string())
    return x.get<std::string>();
  if (x.is_number_integer())
    return x.get<std::int64_t>();
  if (!x.is_array())
    return nullptr;
  resp::array all;
  for (auto& part : x)
    all.items.push_back(audit_value(part));
  return all;
}

} // namespace

resp::value audit_rows(const std::vector<supervision::past_event>& all) {
  resp::array rows;
  for (auto& x : all) {
    auto parsed = nlohmann::ordered_json::parse(x.payload, nullptr, false);
    if (!parsed.is_object())
      continue; // somebody else wrote it
    resp::map row;
    for (auto& [key, what] : parsed.items())
      row.add(key, audit_value(what));
    rows.items.emplace_back(std::move(row));
  }
  return rows;
}

} // namespace saker
