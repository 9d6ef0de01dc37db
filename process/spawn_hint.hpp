#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

/// What an errno does not say about a failed start. Asked in the child, which
/// may wait: nobody else does.
namespace saker::process {

/// The most bytes of a hint: it travels with the report and into the keeper's
/// table.
inline constexpr std::size_t max_hint = 120;

/// `there is no user "ngnix" (did you mean "nginx"?)`: near names are those of
/// `list`, which looks like /etc/passwd. `kind` is `user` or `group`.
std::string unknown_account(std::string_view kind, const std::string& name,
                            const std::string& list);

/// Why exec did not find `program`, which has a slash: there is no such file,
/// or it names an interpreter that is missing. Empty: nothing is known.
std::string missing_program(const std::string& program);

/// The same for a program without a slash, which was searched in `path`.
std::string
missing_in_path(const std::string& program, const std::string& path);

/// `pid 12 (python3) holds it`; 0 or less: it could not be told.
std::string holder_of_lock(pid_t pid);

} // namespace saker::process
