#pragma once

#include "tests/support/supervisor_world.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace saker::test {

/// A service with commands around its runs.
class hooks_world : public supervisor_world {
protected:
  /// The key of the only hook that runs; its child lives.
  std::string running(const std::string& which) {
    for (auto& [key, child] : keeper.living)
      if (key.starts_with(which + ":")) {
        if (child.pid == 0)
          keeper.confirm(key);
        settle();
        return key;
      }
    ADD_FAILURE() << "no " << which << " runs";
    return {};
  }

  bool runs(const std::string& which) const {
    for (auto& [key, _] : keeper.living)
      if (key.starts_with(which + ":"))
        return true;
    return false;
  }

  /// The last SPAWN of such a hook.
  link::spawn order(const std::string& which) const {
    link::spawn found;
    for (auto& x : keeper.heard)
      if (auto spawn = std::get_if<link::spawn>(&x);
          spawn && spawn->key.starts_with(which + ":"))
        found = *spawn;
    return found;
  }

  static std::string variable(const link::spawn& x, const std::string& name) {
    for (auto& y : x.what.env)
      if (y.starts_with(name + "="))
        return y.substr(name.size() + 1);
    return "none";
  }

  /// As `running`, with a pipe for its output.
  std::string talking(const std::string& which) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    mouth.reset(ends[1]);
    std::vector<unique_fd> ear;
    ear.emplace_back(ends[0]);
    for (auto& [key, child] : keeper.living)
      if (key.starts_with(which + ":") && child.pid == 0) {
        keeper.confirm(key, std::move(ear));
        settle();
        return key;
      }
    ADD_FAILURE() << "no " << which << " runs";
    return {};
  }

  void say(std::string_view text) {
    EXPECT_EQ(::write(mouth.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    settle();
  }

  /// What the log got so far.
  std::string logged_lines() const {
    std::string all;
    for (auto& x : disk.added) {
      EXPECT_EQ(x.key, "web#0");
      EXPECT_EQ(x.file, "/var/lib/saker/log/web.log");
      all += x.text;
    }
    return all;
  }

  void exit(const std::string& key, int code) {
    keeper.exit(key, code);
    settle();
  }

  unique_fd mouth; ///< of a command
};

} // namespace saker::test
