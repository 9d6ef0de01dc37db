#pragma once

#include "acl/selector.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

/// Who may do what: a name, passwords, and one selector or more.
class user {
public:
  /// One that is off, without a password, and may do nothing. `number` tells it
  /// from others of that name, before and after.
  explicit user(std::string name, std::uint64_t number = 0,
                bool every_channel = false)
    : name_(std::move(name)), number_(number),
      every_channel_(every_channel), selectors_{selector{every_channel}} {
    // nop
  }

  /// Carries out a rule of ACL SETUSER, a selector in parentheses as a whole.
  complaint change(std::string_view rule);

  const std::string& name() const noexcept {
    return name_;
  }

  std::uint64_t number() const noexcept {
    return number_;
  }

  /// The same one under another number.
  user numbered(std::uint64_t number) const {
    auto x = *this;
    x.number_ = number;
    return x;
  }

  bool on() const noexcept {
    return on_;
  }

  /// True if it needs no password.
  bool open() const noexcept {
    return open_;
  }

  /// True if that is the hash of one of its passwords. Takes the same time
  /// wherever a difference is.
  bool has_password(std::string_view hash) const noexcept;

  /// Hashes, as given.
  const std::vector<std::string>& passwords() const noexcept {
    return passwords_;
  }

  /// The one that is not in parentheses is the first.
  std::span<const selector> selectors() const noexcept {
    return selectors_;
  }

  /// Those of all selectors.
  resp::rights rights() const noexcept;

  /// `on`, `nopass` …, as in ACL GETUSER.
  std::vector<std::string_view> flags() const;

  /// `on nopass ~* &* +@all`, as in ACL LIST; `change` of each makes the same.
  std::string describe() const;

private:
  enum class payload : std::uint8_t { unsaid, sanitized, trusted };

  complaint change_password(std::string_view rule);
  complaint add_selector(std::string_view rules);
  void reset();

  std::string name_;
  std::uint64_t number_;
  bool every_channel_; ///< new selectors have them
  bool on_ = false;
  bool open_ = false;
  payload payload_ = payload::unsaid; ///< kept for tools: nothing is restored
  std::vector<std::string> passwords_;
  std::vector<selector> selectors_;
};

} // namespace saker::acl
