#pragma once

#include "acl/service_mask.hpp"
#include "acl/user.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace saker::acl {

/// Why something is refused, from the vaguest to the most precise.
enum class denial : std::uint8_t { none, command, key, channel };

/// What is said of one call.
struct verdict {
  denial why = denial::none;
  std::string_view object = {}; ///< the command, or the channel, at fault
  bool everybody = false;       ///< no user may, whatever the rules

  bool allowed() const noexcept {
    return why == denial::none;
  }
};

/// Whether one of the selectors allows this command, and the channels that it
/// names. Channels of Saker itself nobody may publish to; output is heard by
/// those who control, `audit:*` by those with the right `admin`. The views in the
/// verdict are those of the call.
verdict
check_call(const user& who, const resp::command_info& what, arguments args);

/// The services that a call may reach: those of all selectors that allow it. Of a
/// command that looks, those that may be changed are those whose output may be
/// seen, if the user may see any. Null: all.
shared_services
services_of(const user& who, const resp::command_info& what, arguments args);

/// Those of all selectors with that right, if any. Null: all.
shared_services services_with(const user& who, resp::right needed);

/// Does a command of a script with that right carry out what is for services?
bool reaches_services(resp::right needed) noexcept;

/// Whether this command of a script may be called: who has its right and may
/// use CALL may, and whoever was given `+call|NAME`. Scripts reach all services,
/// so whoever does not needs the latter for those that ask for `control`. `means`
/// is how commands of scripts are found: NAME stands for the one that it would run.
using alias_finder = std::function<std::string_view(std::string_view)>;
bool allows_alias(const user& who, std::string_view name, resp::right needed,
                  const alias_finder& means);

/// The rights of the selectors that allow this call, without those that a
/// selector gives for some services only: what somebody else asks for who carries
/// it out, and knows nothing of rules.
resp::rights
rights_for(const user& who, const resp::command_info& what, arguments args);

/// Whether a client may go on listening to that.
bool allows_channel(const user& who, std::string_view name);
bool allows_pattern(const user& who, std::string_view pattern);

/// `This user has no permissions to …`, as ACL DRYRUN tells it.
std::string describe(const verdict& x);

/// `NOPERM this user has no permissions to …`, as a client is told it.
std::string refusal(const verdict& x);

} // namespace saker::acl
