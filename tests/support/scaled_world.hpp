#pragma once

#include "tests/support/roster_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace saker::test {

/// `web` with so many instances that run.
class scaled_world : public roster_world {
protected:
  void begin_with(std::uint32_t count, setting_list set = {}) {
    web->count = count;
    web->counted = true;
    begin({web}, {}, {}, std::move(set));
    confirm_all();
  }

  void confirm_all() {
    for (auto& [key, child] : keeper.living)
      if (child.pid == 0)
        keeper.confirm(key);
    settle();
    advance(std::chrono::seconds{1});
  }

  /// Asks for what is not answered at once.
  template <class Check>
  void later(std::vector<std::string> args, Check check) {
    auto pending = self->request(uut, caf::infinite, atom::call_v,
                                 to_call(std::move(args)));
    settle();
    check();
    pending.receive([this](const resp::value& x) { reply = x; },
                    [](const caf::error&) { FAIL(); });
  }

  /// One more row of the reply: `web:1 0 running, pid 7`.
  std::string row(std::size_t i) {
    auto& x = reply.items()[i];
    return std::string{x.find("name")->text()} + ' '
           + std::to_string(*x.find("code")->integer()) + ' '
           + std::string{x.find("desc")->text()};
  }

  std::shared_ptr<supervision::service> web = make_service("web");
  resp::value reply;
};

} // namespace saker::test
