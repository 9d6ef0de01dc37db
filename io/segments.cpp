#include "io/segments.hpp"

#include <array>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace saker::io {

namespace {

/// Where `tcpi_data_segs_in` stands in `tcp_info` of <linux/tcp.h>, which never
/// changes. That of <netinet/tcp.h> ends before it, and the two headers do not
/// go together.
constexpr std::size_t place_of_segments_in = 152;

} // namespace

std::uint64_t data_segments_in(int fd) noexcept {
  std::array<char, 512> info{};
  std::uint32_t count = 0;
  socklen_t size = sizeof(info);
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, info.data(), &size) != 0
      || size < place_of_segments_in + sizeof(count))
    return 0;
  std::memcpy(&count, info.data() + place_of_segments_in, sizeof(count));
  return count;
}

} // namespace saker::io
