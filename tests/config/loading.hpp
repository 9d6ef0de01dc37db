#pragma once

#include "acl/password.hpp"
#include "config/load.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace saker::test {

inline config::environment root() {
  config::environment x;
  x.uid = 0;
  x.host_name = "box";
  x.home = "/root";
  return x;
}

inline config::environment alice() {
  config::environment x;
  x.uid = 1000;
  x.host_name = "box";
  x.home = "/home/alice";
  return x;
}

inline config::sources with(std::string text) {
  config::sources x;
  x.file = "/etc/saker/saker.toml";
  x.text = std::move(text);
  x.env = root();
  return x;
}

/// What a person reads about `text`, without the path in front.
inline std::string complaint(const config::sources& from) {
  auto x = config::load(from);
  if (x)
    return "no complaint";
  std::string all = x.error().detail;
  const std::string path = "/etc/saker/saker.toml:";
  for (auto at = all.find(path); at != std::string::npos; at = all.find(path))
    all.erase(at, path.size());
  return all;
}

inline std::string complaint(const std::string& text) {
  return complaint(with(text));
}

inline std::string complaint_about_set(const std::string& assignment) {
  auto from = with("");
  from.set = {assignment};
  return complaint(from);
}

inline config::settings loaded(const config::sources& from) {
  auto x = config::load(from);
  EXPECT_TRUE(x) << x.error().detail;
  return x ? *x : config::settings{};
}

inline config::settings loaded(const std::string& text) {
  return loaded(with(text));
}

inline config::settings loaded_with_set(const std::string& assignment) {
  auto from = with("");
  from.set = {assignment};
  return loaded(from);
}

inline std::vector<std::string> addresses(const config::settings& x) {
  std::vector<std::string> result;
  for (auto& address : x.listen)
    result.push_back((address.optional ? "-" : "") + to_string(address));
  return result;
}

inline const auto secret_hash = acl::password_hash("secret");

} // namespace saker::test
