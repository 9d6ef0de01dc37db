#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saker::resp {

/// The whole of `x` as Redis reads integers: no blanks, no `+`, no leading
/// zeros, no `-0`; within 64 bits. Otherwise nothing.
std::optional<std::int64_t> strict_integer(std::string_view x) noexcept;

void append_integer(std::string& out, std::int64_t x);

/// The shortest form that reads back to the same number; `inf`, `-inf`, `nan`.
void append_double(std::string& out, double x);

} // namespace saker::resp
