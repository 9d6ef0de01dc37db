#pragma once

#include "acl/denial_log.hpp"
#include "acl/user_list.hpp"
#include "resp/writer.hpp"
#include "session/alias_table.hpp"
#include "session/settings.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace saker::session {

/// What ACL tells and does not change. Each appends one whole reply; `args` are
/// all words of the command.

using acl_arguments = std::span<const std::string_view>;

/// ACL CAT [category]: categories, or the commands of one, with those of
/// scripts that need the right of that name.
void append_categories(resp::writer out, acl_arguments args,
                       const alias_table* scripts);

/// ACL GETUSER name.
void append_user(resp::writer out, const acl::user_list& all,
                 std::string_view name);

/// ACL DRYRUN name command [arg …]. False, and nothing is written: it depends on
/// which services there are, in groups too, so whoever has them has to be asked.
bool append_dry_run(resp::writer out, const acl::user_list& all,
                    acl_arguments args, const alias_table* scripts);

/// ACL GENPASS [bits].
void append_password(resp::writer out, acl_arguments args);

/// ACL LOG [count | RESET]; `log` may be null.
void append_denials(resp::writer out, acl_arguments args, acl::denial_log* log,
                    std::chrono::system_clock::time_point now);

} // namespace saker::session
