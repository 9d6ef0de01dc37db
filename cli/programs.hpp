#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace saker::cli {

/// Where the running program lies.
result<std::filesystem::path> own_path();

/// Program `name` beside `self`, else in ../libexec/saker.
/// Fails: errc::not_found, naming both places.
result<std::filesystem::path>
find_program(const std::filesystem::path& self, const std::string& name);

/// Becomes `program`; argv[0] is its path. Returns only why it could not.
failure become(const std::filesystem::path& program,
               const std::vector<std::string>& arguments);

/// Becomes `saker-node check FILES`, with these settings. Returns only why it
/// could not.
failure become_checker(const options& asked);

} // namespace saker::cli
