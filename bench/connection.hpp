#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace saker::bench {

/// Ends the program: the measurement is worth nothing.
[[noreturn]] void die(const std::string& what);

/// One client's socket, on 127.0.0.1 and in an epoll set. It writes what it can
/// at once and the rest when it may.
class connection {
public:
  /// `tag` comes back in the events of the set.
  connection(int epoll, std::uint16_t port, void* tag);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  void send(std::string_view bytes);
  void flush();

  /// Reads once, without waiting unless `wait`.
  void receive(bool wait = false);

  /// What has come in and is not yet taken.
  std::string_view input() const noexcept {
    return in_;
  }

  void take(std::size_t bytes) {
    in_.erase(0, bytes);
  }

private:
  int epoll_;
  int fd_;
  void* tag_;
  bool waiting_ = false;
  std::string in_;
  std::string out_;
};

} // namespace saker::bench
