#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::link {

/// Takes the arguments of a frame one after the other. After the first one
/// that is missing or wrong everything it returns is empty, and `why()` says
/// which it was.
class reader {
public:
  /// `items` must outlive the reader.
  explicit reader(std::span<const resp::value> items) : items_(items) {
    // nop
  }

  std::string
  text(std::string_view name, std::size_t limit = std::size_t{1} << 20);

  std::int64_t
  number(std::string_view name, std::int64_t least = 0,
         std::int64_t most = std::numeric_limits<std::int64_t>::max());

  bool flag(std::string_view name) {
    return number(name, 0, 1) == 1;
  }

  /// An enum that starts at 0, by the words for its values.
  template <class Enum>
  Enum word(std::string_view name, std::span<const std::string_view> words) {
    return static_cast<Enum>(index_of(name, words));
  }

  std::vector<std::string> texts(std::string_view name);
  std::span<const resp::value> list(std::string_view name);

  bool at_end() const noexcept {
    return at_ == items_.size();
  }

  void refuse(std::string why);

  /// Refuses what is left over.
  void end();

  bool ok() const noexcept {
    return why_.code == errc::none;
  }

  const failure& why() const noexcept {
    return why_;
  }

private:
  const resp::value* next(std::string_view name);
  std::size_t
  index_of(std::string_view name, std::span<const std::string_view> words);

  std::span<const resp::value> items_;
  std::size_t at_ = 0;
  failure why_;
};

} // namespace saker::link
