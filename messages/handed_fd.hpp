#pragma once

#include "base/unique_fd.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>

namespace saker {

/// A descriptor on its way from one actor to another. Messages are copied, so
/// it is shared; whoever takes it moves it out, once.
using handed_fd = std::shared_ptr<unique_fd>;

inline handed_fd hand(unique_fd fd) {
  return std::make_shared<unique_fd>(std::move(fd));
}

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::handed_fd)
