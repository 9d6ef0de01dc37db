#include "io/segments.hpp"

// Not <netinet/tcp.h>: its tcp_info ends before the counters, and the two do
// not go together.
#include <cstddef>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace saker::io {

std::uint64_t data_segments_in(int fd) noexcept {
  tcp_info x{};
  socklen_t size = sizeof(x);
  constexpr auto needed = offsetof(tcp_info, tcpi_data_segs_in)
                          + sizeof(x.tcpi_data_segs_in);
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &x, &size) != 0 || size < needed)
    return 0;
  return x.tcpi_data_segs_in;
}

} // namespace saker::io
