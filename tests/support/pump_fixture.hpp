#pragma once

#include "process/output_pump.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_fifo.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>

namespace saker::test {

/// More than there ever is.
inline constexpr std::size_t plenty = 1 << 24;

inline std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

/// All of a rotated log, oldest first.
inline std::string all(const std::string& path) {
  auto count = 1;
  while (std::filesystem::exists(path + "." + std::to_string(count)))
    ++count;
  std::string text;
  while (--count > 0)
    text += content(path + "." + std::to_string(count));
  return text + content(path);
}

/// `count` bytes in lines of all kinds of lengths, also very short ones.
inline std::string many_lines(std::size_t count, std::uint32_t seed = 1) {
  std::mt19937 random{seed};
  std::string text;
  while (text.size() < count) {
    text += std::to_string(text.size());
    text.append(random() % 90, static_cast<char>('a' + random() % 26));
    text += '\n';
  }
  return text;
}

/// A pump between a FIFO and a log file.
class pump_fixture : public ::testing::Test {
protected:
  using when_full = process::output_pump::when_full;

  process::output_pump make(when_full policy = when_full::drop,
                            process::rotation limits = {10'000'000, 5}) {
    process::output_pump x{std::make_shared<process::log_file>(path, limits),
                           policy, &scratch};
    x.attach(fifo.reader());
    return x;
  }

  /// Sends `text` through FIFO and pump, a FIFO's worth at a time.
  void feed(process::output_pump& uut, std::string_view text) {
    while (!text.empty()) {
      text.remove_prefix(fifo.write(text));
      auto done = uut.pump(plenty, now);
      ASSERT_EQ(done.when, process::pumped::next::readable);
      ASSERT_EQ(fifo.waiting(), 0u);
    }
  }

  temporary_directory dir;
  test_fifo fifo{dir.path() / "web#0"};
  std::string path = dir.path() / "web.log";
  process::scratch_pipe scratch;
  process::output_pump::time_point now{std::chrono::hours{1}};
};

} // namespace saker::test
