#pragma once

#include "session/audit_trail.hpp"
#include "tests/session/aliases.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace saker::test {

/// `ann svstop web: done`, `guest svstop web: refused NOPERM`.
inline std::string one_text(const session::audit_entry& x) {
  auto text = x.user + ' ' + x.command;
  for (auto& word : x.args)
    text += ' ' + word;
  text += ": " + std::string{to_string(x.result.outcome)};
  return x.result.error.empty() ? text : text + ' ' + x.result.error;
}

/// Sessions that tell who did what, and what they told.
class audited_world : public ::testing::Test {
protected:
  session::settings audited(config::audit_settings how = {},
                            session::settings x = with_aliases()) {
    x.audit = std::make_shared<session::audit_trail>(
      how, [this](session::audit_entry y) { told.push_back(std::move(y)); },
      [this] { ++counted; });
    return x;
  }

  static config::audit_settings all_commands() {
    config::audit_settings x;
    x.commands = config::audited_commands::all;
    x.scripts = true;
    return x;
  }

  /// What was told since the last time.
  std::vector<std::string> news() {
    std::vector<std::string> all;
    for (auto& x : std::exchange(told, {}))
      all.push_back(one_text(x));
    return all;
  }

  /// With users ann (who may look) and ops (who may control).
  session::settings guarded() {
    auto x = with_aliases();
    set_user(x, "default", {">secret"});
    set_user(x, "ann", {"on", ">anns", "+@basic", "+@status", "~*"});
    set_user(x, "ops", {"on", ">opss", "+@basic", "+@control", "~*"});
    return audited({}, std::move(x));
  }

  std::vector<session::audit_entry> told;
  int counted = 0;
};

} // namespace saker::test
