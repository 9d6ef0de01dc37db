#pragma once

#include "acl/service_mask.hpp"
#include "pubsub/own_channels.hpp"
#include "resp/command_table.hpp"

#include <string_view>

namespace saker::acl {

using pubsub::audit_channels;
using pubsub::event_channels;
using pubsub::is_own_channel;
using pubsub::output_channels;

/// Whether a pattern may mean one of Saker's own. Errs only towards true.
bool may_mean_own_channel(std::string_view pattern) noexcept;

// What services put out and what happens to them stands in channels
// `log:<node>:<instance>` and `saker:<node>:<instance>:<event>`. Others are not
// asked about here. `reach` is null for whoever reaches all services.

/// Does nothing come there but from services that may be looked at, with `change`
/// from those that may be changed?
bool is_channel_within(const shared_services& reach, std::string_view channel,
                       bool change);

/// Whether somebody with these rights may know that there is such a channel: its
/// name tells of a service, or of a user.
bool may_know_of(resp::rights rights, const shared_services& reach,
                 std::string_view channel);

/// The same for all that a pattern may mean. Too little is allowed, never too
/// much: a name, or its beginning with `*`, must stand there as text.
bool is_pattern_within(const shared_services& reach, std::string_view pattern,
                       bool change);

} // namespace saker::acl
