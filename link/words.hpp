#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

/// The words of the language for the values of its enums, in their order.
namespace saker::link::words {

inline constexpr std::array<std::string_view, 7> states
  = {"idle", "queued", "spawning", "running", "ending", "exited", "seeking"};
inline constexpr std::array<std::string_view, 4> kinds = {"exited", "signaled",
                                                          "unknown", "failed"};
inline constexpr std::array<std::string_view, 3> classes = {"service", "job",
                                                            "daemon"};
inline constexpr std::array<std::string_view, 4> levels = {"error", "warning",
                                                           "notice", "debug"};

/// The word for `x`; literals, so `data()` ends in NUL.
template <class Enum>
const char* name_of(std::span<const std::string_view> words, Enum x) {
  auto index = static_cast<std::size_t>(x);
  return index < words.size() ? words[index].data() : "?";
}

} // namespace saker::link::words
