#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace saker::config {

/// One thing that is wrong in the configuration.
struct problem {
  std::size_t line = 0; ///< in the file; 0: no line
  std::string text;     ///< whole, with place and key
};

/// The value that stands for one key, and where it stands. Each reader checks
/// the type, reports what is wrong and leaves its target alone then.
class slot {
public:
  /// `raw` is the text after `--set KEY=`, if it comes from there.
  slot(std::string key, const toml::node& value, std::string file,
       std::optional<std::string> raw, std::vector<problem>& problems);

  const std::string& key() const noexcept {
    return key_;
  }

  const toml::node& value() const noexcept {
    return *value_;
  }

  /// Reports `reason` about this key.
  void refuse(std::string_view reason) const;

  void read(std::string& x) const;
  void read(bool& x) const;
  void read(std::vector<std::string>& x) const;
  void integer(std::uint32_t& x, std::uint32_t least, std::uint32_t most) const;
  void duration(std::chrono::nanoseconds& x, std::chrono::nanoseconds least,
                std::chrono::nanoseconds most) const;
  void size(std::uint64_t& x, std::uint64_t least, std::uint64_t most) const;

  /// The position of the value in `words`.
  std::optional<std::size_t>
  choice(const std::vector<std::string>& words) const;

  /// The text of the value; without it the type was wrong, and reported.
  std::optional<std::string> text(std::string_view expected = "text") const;

private:
  void wrong_type(std::string_view expected) const;

  std::string key_;
  const toml::node* value_;
  std::string file_;
  std::optional<std::string> raw_;
  std::vector<problem>* problems_;
};

} // namespace saker::config
