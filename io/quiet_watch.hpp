#pragma once

#include "io/fd_watch.hpp"
#include "io/poller.hpp"

#include <memory>

namespace saker::io {

/// Watches `fd`, which must stay open until `close`, in a poller. In contrast
/// to `watch_fd` nobody wakes up for what becomes readable while it is not
/// waited for: Asio keeps what it knows in its reactor and is woken each time.
/// For descriptors that are ready more often than they are asked.
std::shared_ptr<fd_watch> watch_quietly(poller& by, int fd);

} // namespace saker::io
