#include "supervision/hook.hpp"

namespace saker::supervision {

std::string_view to_string(hook_kind x) noexcept {
  switch (x) {
    case hook_kind::before: return "before";
    case hook_kind::after: return "after";
    case hook_kind::on_failed: return "on_failed";
  }
  return "?";
}

} // namespace saker::supervision
