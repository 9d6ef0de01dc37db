#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"
#include "session/listen_parameters.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::session {

/// The values of all parameters of Redis, as CONFIG GET shows them.
class parameters {
public:
  using pairs = std::vector<std::pair<std::string, std::string>>;

  /// Has the last word on a value that is well-formed: why not, or nothing.
  using objection
    = std::function<std::string(std::string_view name, const std::string&)>;

  /// As the configuration has them.
  explicit parameters(const config::settings& from);

  /// CONFIG GET: those whose names match one of the patterns, by name; a name
  /// that was asked for as it was spelt.
  pairs get(std::span<const std::string> patterns) const;

  /// CONFIG SET: names and values by turns, all or none. Fails with the text of
  /// the error, code included.
  result<void>
  set(std::span<const std::string> names_and_values, const objection& no = {});

  /// What was set so far is what the configuration says.
  void settle() {
    configured_ = now_;
  }

  /// What differs from the configuration, for CONFIG REWRITE. Secrets are
  /// digests.
  pairs changed() const;

  // -- what they mean

  const std::string& text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  config::output_limit output_limit(std::string_view client_class) const;
  config::log_level log_level() const;

  /// Of user `default`: SHA-256 as 64 lower-case hex digits, or empty.
  std::string password_hash() const;

  /// Where clients connect: `bind` with `port`, `unixsocket`, and what the
  /// configuration names beside them.
  address_list listen() const;

private:
  void tls(const config::tls_settings& from);

  using value_map = std::map<std::string, std::string, std::less<>>;

  void name_address(const config::listen_address& x);

  value_map now_; ///< by their newer names
  value_map configured_;
  address_list others_; ///< of `listen`, which Redis has no names for
};

/// The first of `names` that stands among names and values by turns; if none
/// does, the first of all.
std::string_view first_named(std::initializer_list<std::string_view> names,
                             std::span<const std::string> names_and_values);

/// How Redis says that a parameter was not set.
failure not_set(std::string_view name, const std::string& why);

/// As saker.toml, its [redis] and overrides.toml have them: those that can be
/// read, and a line with its place for each that cannot.
std::pair<parameters, std::string>
readable_parameters(const config::settings& from);

} // namespace saker::session
