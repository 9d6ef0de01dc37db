#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

/// One instance, as masks of services know it.
struct instance_name {
  std::string_view node;
  std::string_view name;
  std::uint32_t index = 0;
  std::span<const std::string> groups = {};
};

/// Some services, and what may be done with them: `~service:web*` gives those
/// that `web*` means in a command, `%R~service:…` lets look only. Names no node:
/// wherever they are.
struct service_mask {
  std::string text;       ///< as it was written, without `service:`
  std::string name = "*"; ///< glob
  std::string index;      ///< glob; empty: all instances
  std::string node;       ///< glob; empty: all nodes
  std::string group;      ///< glob on a group, in place of the name
  bool look = true;
  bool change = true;

  bool operator==(const service_mask&) const = default;

  /// All instances of the services that it means?
  bool whole() const noexcept {
    return index.empty() || index == "*";
  }

  bool matches(const instance_name& who) const;

  /// Whatever `other` means, does this one mean it too, as far as their texts
  /// say? Nobody knows here who is in a group, nor which node is this one.
  bool covers(const service_mask& other) const;

  /// Also instances that there are not yet; the index of `who` does not count.
  bool matches_whole(const instance_name& who) const;

private:
  bool means(const instance_name& who) const;
};

/// Nothing if it can mean no service.
std::optional<service_mask>
parse_service_mask(std::string_view text, bool look, bool change);

using service_masks = std::vector<service_mask>;

/// The services that somebody may reach; null: all.
using shared_services = std::shared_ptr<const service_masks>;

bool may_look(const shared_services& reach, const instance_name& who);
bool may_change(const shared_services& reach, const instance_name& who);
bool may_change_whole(const shared_services& reach, const instance_name& who);

/// `web*, %front`, or `nothing`: what may be changed, for people.
std::string changeable(const shared_services& reach);

} // namespace saker::acl
