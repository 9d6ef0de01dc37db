#pragma once

#include "messages/user_file_actor.hpp"

#include <filesystem>

namespace saker {

/// Writes and reads users, in a thread of its own: a disk may hang.
///
/// | message           | reply | meaning                                        |
/// |-------------------|-------|------------------------------------------------|
/// | `change`, lines   | true  | `kept` has these; none: no file                |
/// | `apply`, lines    | true  | `live` has these, for a node that comes back   |
/// | `load`            | lines | of `kept`; none without a file                 |
///
/// Fails: errc::io, errc::not_permitted where others could write the file.
/// Quits: never by itself. Time: none.
user_file_actor::behavior_type
user_file(user_file_actor::pointer self, std::filesystem::path kept,
          std::filesystem::path live);

} // namespace saker
