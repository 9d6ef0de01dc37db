#pragma once

#include "base/result.hpp"
#include "supervision/plan.hpp"
#include "supervision/wanted.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace saker::supervision {

/// The most instances of one service.
inline constexpr std::uint32_t most_instances = 10'000;

/// The keys of `x` whose files several instances would share, because there is
/// no {i} in them; and what is to be said of such a key.
std::vector<std::string> shared_files(const service& x);
std::string needs_index(const std::string& key);

/// May there be so many of it? Fails: `invalid_argument`, with the key that
/// needs an {i}, because instances cannot share a file.
result<void> check_count(const service& x, std::uint32_t count);

/// The same with another number of instances. More than one are shown with
/// their index, also where the definition has no count.
std::shared_ptr<const service>
with_count(const service& x, std::uint32_t count);

/// What was set by SVSCALE, by service.
using counts = std::map<std::string, setting>;

/// Does `x` count for the definition `as_written`? A definition whose own count
/// has changed since then is newer.
bool in_force(const setting& x, const service& as_written);

/// The definitions with the counts that are in force.
service_set with_counts(const service_set& as_written, const counts& set);

} // namespace saker::supervision
