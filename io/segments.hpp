#pragma once

#include <cstdint>

namespace saker::io {

/// How many segments with data the TCP socket `fd` has got, also those that
/// wait for a lost one; 0 of what is no TCP socket. (RFC 4898,
/// tcpEStatsPerfDataSegsIn; Linux 4.6.)
std::uint64_t data_segments_in(int fd) noexcept;

} // namespace saker::io
