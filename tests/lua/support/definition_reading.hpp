#pragma once

#include "lua/definition.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

/// How tests read definitions.
namespace saker::lua::test {

using supervision::definitions;
using supervision::service;

inline definitions
read(std::string text, const definition_options& options = {}) {
  return evaluate({{"a.lua", std::move(text)}}, options);
}

/// The only service of a file without errors.
inline service one(std::string keys, const definition_options& options = {}) {
  auto all = read("service \"web\" {" + keys + "}", options);
  for (auto& x : all.errors)
    ADD_FAILURE() << to_string(x);
  return all.services.empty() ? service{} : *all.services.begin()->second;
}

inline service with(std::string keys, const definition_options& options = {}) {
  return one("exec = {\"web\"}, " + keys, options);
}

/// All errors, line by line.
inline std::string told(const std::vector<supervision::problem>& list) {
  std::string result;
  for (auto& x : list)
    result += to_string(x) + "\n";
  return result;
}

inline std::string
errors(std::string text, const definition_options& options = {}) {
  return told(read(std::move(text), options).errors);
}

/// The error of one key of a service, without file, line and name.
inline std::string
error_of(std::string keys, const definition_options& options = {}) {
  auto text = errors("service \"web\" { exec = {\"web\"}, " + keys + "}",
                     options);
  auto head = std::string{"a.lua:1: service \"web\": "};
  if (!text.starts_with(head))
    return text;
  return text.substr(head.size(), text.size() - head.size() - 1);
}

} // namespace saker::lua::test
