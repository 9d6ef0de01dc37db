#include "lua/command.hpp"

namespace saker::lua {

std::string_view to_string(property x) noexcept {
  switch (x) {
    case property::once: return "once";
    case property::cycle: return "cycle";
    case property::passivity: return "passivity";
    case property::defer: return "defer";
    case property::timer: return "timer";
    case property::subscription: return "subscription";
  }
  return "unknown";
}

} // namespace saker::lua
