#pragma once

#include "base/text.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace saker::session {

/// What is wrong where `keeps_services` returns nothing.
inline constexpr std::string_view no_words_of_shutdown
  = "syntax error; SHUTDOWN takes KEEP or nothing";

/// Of the words behind SHUTDOWN: whether the services are to live on. Nothing:
/// one of them is none that it takes, or that it takes in Redis.
template <class Words>
std::optional<bool> keeps_services(const Words& args) {
  auto is_one_of = [](std::string_view x,
                      std::initializer_list<std::string_view> all) {
    return std::any_of(all.begin(), all.end(), [x](auto known) {
      return equal_ignoring_case(x, known);
    });
  };
  auto keeps = false;
  for (auto& x : args) {
    if (!is_one_of(x, {"KEEP", "NOSAVE", "SAVE", "NOW", "FORCE"}))
      return std::nullopt;
    keeps = keeps || is_one_of(x, {"KEEP"});
  }
  return keeps;
}

} // namespace saker::session
