#pragma once

#include "acl/check.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace saker::acl {

// -- what a call names

/// The first service that a call names and the user cannot reach, as its key,
/// `service:web`; empty: there is none. Only words are compared, as Redis does
/// with keys: what a glob or a group means now is not asked, so rules must say it
/// in text. Of a command that looks a glob means the services that may be seen.
std::string unreached_service(const user& who, const resp::command_info& what,
                              arguments args);

/// `This user has no permissions to …`, as ACL DRYRUN tells it.
std::string describe_unreached(std::string_view service);

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
