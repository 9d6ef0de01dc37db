#pragma once

#include "base/text.hpp"

#include <string>
#include <string_view>
#include <type_traits>

namespace saker {

/// Lines `name:value` of one section of INFO.
class info_lines {
public:
  template <class T>
  info_lines& add(std::string_view name, const T& x) {
    out_ += name;
    out_ += ':';
    if constexpr (std::is_arithmetic_v<T>)
      out_ += std::to_string(x);
    else
      out_ += one_line(x);
    out_ += "\r\n";
    return *this;
  }

  /// What Redis counts and what cannot happen here: 0 for each word of `names`.
  info_lines& zeros(std::string_view names) {
    for (auto name : split(names, ' '))
      if (!name.empty())
        add(name, 0);
    return *this;
  }

  std::string text() && {
    return std::move(out_);
  }

private:
  std::string out_;
};

/// `0.08`, as INFO shows fractions.
std::string two_digits(double x);

/// `894.79K`, as INFO shows sizes to people.
std::string human_size(std::uint64_t bytes);

/// The section `memory`. `clients` is what all of them take, with what they
/// have not taken yet.
std::string memory_lines(std::int64_t clients);

} // namespace saker
