#include "process/script_line.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace saker::process {

script_line parse_script_line(std::string_view text) {
  if (!text.starts_with("#!"))
    return {};
  auto line = text.substr(0, text.find('\n')).substr(2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  auto end = std::min(line.find_first_of(" \t"), line.size());
  return {std::string{line.substr(0, end)},
          std::string{trim(line.substr(end))}};
}

std::string first_bytes_of(const std::string& path) {
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  std::array<char, 256> buffer;
  auto got = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

} // namespace saker::process
