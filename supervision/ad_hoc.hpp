#pragma once

#include "supervision/service.hpp"
#include "supervision/wanted.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace saker::supervision {

/// The most services without a definition.
inline constexpr std::size_t most_ad_hoc = 1'000;

/// A service that no file defines: one command, with the defaults of a
/// definition, which is `done` after exit 0 and else `failed`. Before the
/// command may stand `--user NAME`, `--umask 022`, `--dir PATH`,
/// `--pidfile PATH`, `--log PATH` and `--`: those keys of a definition. (SVRUN
/// takes `--numbered` before them: any free name like this one.) Fails:
/// `invalid_argument`, with what is wrong with the name or the command.
result<std::shared_ptr<const service>>
ad_hoc_service(const std::string& name, std::vector<std::string> argv,
               const std::string& by);

/// As it is remembered.
setting to_setting(const service& x, const std::string& by, std::int64_t at);

/// The opposite. Fails as ad_hoc_service does.
result<std::shared_ptr<const service>> from_setting(const setting& x);

} // namespace saker::supervision
