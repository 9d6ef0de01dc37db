#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace saker {

/// Immutable bytes that several owners share, inside one process only.
using shared_bytes = std::shared_ptr<const std::string>;

inline shared_bytes share(std::string x) {
  return std::make_shared<const std::string>(std::move(x));
}

} // namespace saker
