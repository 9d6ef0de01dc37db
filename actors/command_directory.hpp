#pragma once

#include "messages/command_actor.hpp"
#include "session/alias_table.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace saker {

/// The commands of all scripts and who carries them out, as one immutable
/// snapshot: the LIBRARIAN replaces it, everybody reads it. Any thread.
class command_directory {
public:
  struct snapshot {
    session::shared_aliases aliases;
    std::map<std::string, command_actor> scripts; ///< by file name
  };

  session::shared_aliases aliases() const {
    auto now = now_.load();
    return now ? now->aliases : nullptr;
  }

  command_actor script(const std::string& name) const {
    auto now = now_.load();
    if (!now)
      return {};
    auto i = now->scripts.find(name);
    return i == now->scripts.end() ? command_actor{} : i->second;
  }

  void replace(std::shared_ptr<const snapshot> next) {
    now_.store(std::move(next));
  }

private:
  std::atomic<std::shared_ptr<const snapshot>> now_;
};

} // namespace saker
