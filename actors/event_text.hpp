#pragma once

#include "supervision/effect.hpp"
#include "supervision/service.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace saker {

/// The channel of an event: `saker:<node>:<instance>:<event>`.
std::string
event_channel(std::string_view node, const supervision::instance& who,
              std::string_view name);

/// The channel of an instance's output: `log:<node>:<instance>`.
std::string
log_channel(std::string_view node, const supervision::instance& who);

/// The payload of an event: one line of JSON with the keys of the interface. `id` and
/// `unix_ms` are when it happened, `next_unix_ms` when the state ends by
/// itself, 0 if it does not.
std::string
event_payload(std::string_view node, const supervision::instance& who,
              const supervision::effect::publish& what,
              const supervision::event_id& id, std::int64_t unix_ms,
              std::int64_t next_unix_ms);

/// The payload of `scaled`: a service got another number of instances. It has
/// `count` and `count_before` in place of states.
std::string
scaled_payload(std::string_view node, std::string_view service,
               std::uint32_t before, std::uint32_t after, std::string_view by,
               const supervision::event_id& id, std::int64_t unix_ms);

/// `saker:<node>:script/<file without .lua>:<name>`: no name of a service has
/// a slash, so that no script can imitate one.
std::string script_event_channel(std::string_view node, std::string_view file,
                                 std::string_view name);

/// The payload of such an event; `data` is JSON already.
std::string
script_event_payload(std::string_view node, std::string_view file,
                     std::string_view name, std::string_view data,
                     const supervision::event_id& id, std::int64_t unix_ms);

} // namespace saker
