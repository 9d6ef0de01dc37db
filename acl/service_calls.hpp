#pragma once

#include "acl/check.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

// -- what a call names

/// What a call says of services.
struct service_call {
  std::vector<std::string> masks; ///< as rules write them: `web`, `%front`
  bool looks = false;             ///< it changes nothing
  bool whole = false; ///< with all instances that they have or will have
  bool all = false;   ///< it is about the definitions of all services
};

service_call services_in(const resp::command_info& what, arguments args);

/// Those masks of which the text of the rules alone does not say that they can be
/// reached. Not whether they can: who is in a group, which services a glob means
/// and which node is this one is known to whoever has the services. Of a command
/// that looks a glob means the services that may be seen.
std::vector<std::string>
not_surely_reached(const shared_services& reach, const service_call& what);

/// `This user has no permissions to …`, as ACL DRYRUN tells it, about a key such
/// as `service:web`.
std::string describe_unreached(std::string_view key);

/// The same of a mask that other nodes know the meaning of.
std::string describe_elsewhere(std::string_view mask);

/// `service:web`
std::string key_of_service(std::string_view mask);

// -- what whoever carries it out refuses

/// `this user has no permissions to control web:0, so nothing was done; it may
/// control api*`.
std::string
service_refusal(std::string_view service, const shared_services& reach);

/// The same of a command that is about the definitions of all services.
std::string definitions_refusal(const shared_services& reach);

/// What ACL LOG keeps of a refusal.
struct refused_object {
  std::string_view reason; ///< `key` or `command`; a literal
  std::string object;      ///< `service:web:0`, or the command
};

/// Reads it from the error reply of another actor or node. Nothing: that is
/// about something else.
std::optional<refused_object> refused_by_others(std::string_view reply);

} // namespace saker::acl
