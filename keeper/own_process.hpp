#pragma once

#include <sys/resource.h>

namespace saker::keeper {

/// What a shell, a make or a CI left open is none of our business, and must
/// not reach every child. Standard streams that are closed become /dev/null.
void drop_inherited_descriptors();

/// As many open files as this process may have.
void raise_nofile(rlimit limit);

/// Descendants whose parents end come to us, with their exit status.
void take_in_orphans();

/// Lowers or raises how soon the kernel ends us when memory is short. Returns
/// whether the kernel let us.
bool set_own_oom_score(const char* score);

} // namespace saker::keeper
