#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

/// A rule as it is carried out: with all words of its selector.
struct whole_rule {
  std::string text;
  std::size_t position; ///< of its first word, from 1 on
};

/// A rule that is `(+get`, `~a*)` is put together. Fails:
/// errc::invalid_argument, in the words of Redis, for one that stays open.
result<std::vector<whole_rule>> whole_rules(std::span<const std::string> rules);

/// `'+foo'`, for an error. Errors are logged, by clients too, so passwords are
/// left out, and a word that does not begin like a rule is told by its position
/// only, `rule 2 (…)`: it may be a password whose `>` was forgotten.
std::string name_of(const whole_rule& x);

/// Whether an error begins with `name_of`.
bool names_a_rule(std::string_view error);

} // namespace saker::acl
