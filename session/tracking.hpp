#pragma once

#include "resp/writer.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

/// What a client said by CLIENT TRACKING and CLIENT CACHING. There are no keys,
/// so nobody is ever told that one is no longer valid.
class tracking {
public:
  /// Whether a client has that id.
  using finder = std::function<bool(std::uint64_t)>;

  /// `ON|OFF [REDIRECT id] [PREFIX p …] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]`.
  /// Answers the text of the error, or nothing: it is done.
  std::string
  change(std::span<const std::string_view> words, const finder& exists);

  /// `YES|NO`. Likewise.
  std::string cache(std::string_view word);

  /// CLIENT CACHING is about one command, and that is over.
  void forget_caching() noexcept {
    caching_ = false;
  }

  bool on() const noexcept {
    return on_;
  }

  /// Of all keys that begin so, not of those that were read.
  bool broadcast() const noexcept {
    return broadcast_;
  }

  /// The client that is told; 0: this one; -1: tracking is off.
  std::int64_t redirect() const noexcept {
    return on_ ? static_cast<std::int64_t>(redirect_) : -1;
  }

  /// The reply of CLIENT TRACKINGINFO.
  void append_info(resp::writer out) const;

private:
  struct options;

  std::string read(std::span<const std::string_view> words,
                   const finder& exists, options& into) const;
  std::string refuse(const options& x) const;
  std::string collision(const std::vector<std::string>& prefixes) const;

  bool on_ = false;
  bool broadcast_ = false;
  bool opt_in_ = false;
  bool opt_out_ = false;
  bool no_loop_ = false;
  bool caching_ = false;
  std::uint64_t redirect_ = 0;
  std::vector<std::string> prefixes_;
};

} // namespace saker::session
