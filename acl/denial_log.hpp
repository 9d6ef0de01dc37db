#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

/// One refusal, or some that are alike, as ACL LOG tells it.
struct denied {
  std::uint64_t count = 1;
  std::string_view reason; ///< `command`, `key`, `channel` or `auth`; a literal
  std::string_view context; ///< `toplevel` or `multi`; a literal
  std::string object;
  std::string user;
  std::chrono::system_clock::time_point at; ///< of the latest
  std::string client; ///< its row in CLIENT LIST, of the latest
};

/// The latest refusals. Those that are alike and within a minute are one entry;
/// texts are cut, so that a client cannot fill the memory.
class denial_log {
public:
  static constexpr std::size_t longest_name = 128;
  static constexpr std::size_t longest_client = 1024;

  explicit denial_log(std::size_t length = 128) : length_(length) {
    // nop
  }

  void add(denied what);

  /// The newest first.
  std::vector<denied>
  newest(std::size_t count = std::numeric_limits<std::size_t>::max()) const;

  void clear() noexcept {
    entries_.clear();
  }

  /// A shorter one takes effect with the next entry.
  void set_length(std::size_t x) noexcept {
    length_ = x;
  }

  std::size_t size() const noexcept {
    return entries_.size();
  }

private:
  std::size_t length_;
  std::deque<denied> entries_; ///< the newest first
};

} // namespace saker::acl
