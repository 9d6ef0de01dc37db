#pragma once

#include "base/result.hpp"

#include <string>

namespace saker::keeper {

/// Makes the runtime directory if it is not there (any more), as `saker run`
/// would: 0755 for root, whose sockets and pidfiles others read, else 0700.
/// It must be ours and nobody else may write there: whoever can could make us
/// adopt any process. Fails: `errc::io`, `errc::not_permitted`.
result<void> make_runtime_folder(const std::string& path);

} // namespace saker::keeper
