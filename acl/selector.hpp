#pragma once

#include "acl/command_rules.hpp"
#include "acl/name_list.hpp"
#include "acl/service_mask.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

/// Commands, keys and channels that may be used together. A user has one, and
/// more in parentheses: what one of them allows is allowed.
///
/// There are no keys: rules about them are kept for tools. Services are named
/// like keys, `service:MASK`, so that `~service:web*` gives services, and
/// `%R~service:*` lets look at all. Without `~*` there are no others.
class selector {
public:
  selector() = default;

  /// With all channels, if new users are to have them (acl-pubsub-default).
  explicit selector(bool every_channel) noexcept
    : every_channel_(every_channel) {
    // nop
  }

  /// Carries out a rule: `+get`, `~key*`, `%R~key*`, `&channel*`, `allkeys` …
  complaint change(std::string_view rule);

  const command_rules& commands() const noexcept {
    return commands_;
  }

  bool every_channel() const noexcept {
    return every_channel_;
  }

  /// Whether a channel may be used: it matches one of the globs.
  bool allows_channel(std::string_view name) const noexcept;

  /// Whether a pattern may be subscribed to: it is one of the globs.
  bool allows_pattern(std::string_view pattern) const noexcept;

  bool every_service() const noexcept {
    return every_key_;
  }

  /// Those that rules name; without `every_service` no others.
  service_masks services() const;

  /// `~*` or `~a %R~b`.
  std::string keys() const;

  /// `&*` or `&a &b`.
  std::string channels() const;

  /// `~* resetchannels &a -@all +get`, as in ACL LIST.
  std::string describe() const;

private:
  struct key_pattern {
    std::string glob;
    bool read;
    bool write;
  };

  complaint add_key(std::string_view rule);
  complaint add_channel(std::string_view glob);

  command_rules commands_;
  std::vector<key_pattern> keys_;
  name_list channels_;
  bool every_key_ = false;
  bool every_channel_ = false;
};

} // namespace saker::acl
