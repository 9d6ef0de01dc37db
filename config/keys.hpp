#pragma once

#include "config/settings.hpp"
#include "config/slot.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::config {

/// What the keys said, before paths are made absolute.
struct draft {
  settings value;
  std::vector<std::string> listen;
  std::optional<slot> listen_slot; ///< where the list stands, if anywhere
  std::string state_dir, runtime_dir;
  std::string scripts_dir, services_dir;
  /// Where these two stand, by their keys.
  std::map<std::string, slot, std::less<>> directory_slots;
  std::string log_file, journal_file;
  std::vector<std::string> tls_listen;
  std::string tls_cert, tls_key, tls_ca;
  /// Where the keys of [tls] stand, by their whole names.
  std::map<std::string, slot, std::less<>> tls_slots;
  std::string cluster_listen, cluster_cookie;
  std::string cluster_cert, cluster_key, cluster_ca;
  std::vector<std::string> cluster_join;
  /// Where the keys of [cluster] stand, by their whole names.
  std::map<std::string, slot, std::less<>> cluster_slots;

  /// [users.NAME], made if need be. Guests may only look and listen unless they
  /// are given more.
  user_settings& user(const std::string& name);
};

/// What a dotted name such as `log.level` is.
enum class key_kind {
  unknown,
  section,       ///< [limits], [limits.output]
  available,     ///< read_key takes it
  later,         ///< a word of a later version
  later_section, ///< [web]
  users,         ///< [users]: its keys are names
  parameter,     ///< of Redis, in [redis]
};

key_kind kind_of(std::string_view name);

/// The dotted names of all available keys, without those of [users.NAME].
std::vector<std::string> available_keys();

/// Reads one available key.
void read_key(const slot& from, draft& into);

/// Reads one key of [users.NAME]; `word` is the part after NAME.
void read_user_key(const slot& from, std::string_view word,
                   user_settings& into);

/// Why `word` is no key of `section` (empty: the top), with near names.
std::string unknown_key(std::string_view section, std::string_view word);

/// The same for a key of [users.NAME].
std::string unknown_user_key(std::string_view word);

} // namespace saker::config
