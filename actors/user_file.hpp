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
/// | `append`, lines   | true  | `live` has these too, for a user its last one  |
/// | `load`            | lines | of `kept`; none without a file                 |
///
/// What was kept stays as long as nothing else is: a write that ends halfway is
/// undone. So that `append` stays cheap it fails when more was added than there
/// was, and on a file that is not as it was left; `apply` begins it anew.
///
/// Fails: errc::io, errc::not_permitted where others could write the file,
/// errc::refused where nothing can be added.
/// Quits: never by itself. Time: none.
user_file_actor::behavior_type
user_file(user_file_actor::pointer self, std::filesystem::path kept,
          std::filesystem::path live);

} // namespace saker
