#pragma once

#include "supervision/plan.hpp"
#include "supervision/service.hpp"

#include <set>
#include <string>
#include <vector>

namespace saker::supervision {

/// Something wrong, or only doubtful, in a definition file.
struct problem {
  place where;
  std::string text;

  bool operator==(const problem&) const = default;
};

/// `services/web.lua:12: there is no key "exce" (did you mean "exec"?)`.
std::string to_string(const problem& x);

/// What a set of definition files says.
struct definitions {
  service_set services;          ///< of the files without errors
  service_set spoiled;           ///< of the others, as far as they were read
  std::set<std::string> files;   ///< all that were read
  std::set<std::string> bad;     ///< those with errors
  std::vector<problem> errors;   ///< by file and line
  std::vector<problem> warnings; ///< likewise
};

/// Sorts by file and line, and drops what is said twice.
void sort(std::vector<problem>& x);

/// What shall be in force after an apply.
struct resolution {
  service_set services;
  std::vector<problem> errors; ///< those of `next`, and what came up here
};

/// Joins new definitions with those in force: a file with errors, and one that
/// was not read though it is in `kept`, keeps its services as they were. A name
/// that would then be there twice is an error of the new file, which keeps its
/// old services too.
resolution merge(const service_set& before, const definitions& next,
                 const std::set<std::string>& kept = {});

} // namespace saker::supervision
