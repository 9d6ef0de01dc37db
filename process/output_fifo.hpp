#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::process {

/// `<runtime>/out/<key>`, for the second stream `<runtime>/out/<key>.err`.
/// Fails: `errc::invalid_argument` for a key that is no plain file name.
result<std::string> output_path(std::string_view runtime, std::string_view key,
                                bool second = false);

/// Makes the directory of `path` (0700) and the FIFO (0600, ours: the child
/// gives it to its user). One that is there already is kept with what is in
/// it. Fails: `errc::refused` for something else at that path, `errc::io`.
result<void> create_output_fifo(const std::string& path);

/// What a FIFO holds unless the kernel gives less: a user who has more pipes
/// than pipe-user-pages-soft gets two pages for each further one.
inline constexpr std::size_t usual_capacity = std::size_t{64} << 10;

/// Bytes that the kernel holds for a FIFO; 0 if `fd` is none.
std::size_t fifo_capacity(int fd) noexcept;

/// Our end of a child's output.
struct fifo_reader {
  unique_fd fd;             ///< O_RDONLY | O_NONBLOCK | O_CLOEXEC
  std::size_t capacity = 0; ///< bytes that the kernel holds; 64 KiB or less
};

/// Opens it; never blocks, and never shares its open file with the child.
/// Fails: `errc::not_found`, `errc::refused` for something that is no FIFO.
result<fifo_reader> open_output_fifo(const std::string& path);

} // namespace saker::process
