#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace saker::supervision {

/// Where in a command the words stand that name services, or what else is asked
/// of nodes.
struct command_form {
  std::string_view name; ///< of the command, lower case
  std::size_t first;     ///< the first mask
  std::size_t most = 0;  ///< masks; 0: up to the first option
  /// Masks name services: `@n2` means all of that node.
  bool service = true;

  /// They name groups of services.
  bool groups() const noexcept {
    return name.starts_with("svg");
  }
};

/// By its name in any case; null: it has no such words.
const command_form* form_of(std::string_view command) noexcept;

/// True for `WAIT`, `JSON` and their like, which end the masks.
bool ends_masks(std::string_view word);

/// These words of a command; `args[0]` is its name. Empty if there are none.
template <class Word>
std::span<const Word> masks_of(std::span<const Word> args) {
  auto* x = args.empty() ? nullptr : form_of(args[0]);
  if (!x || args.size() <= x->first)
    return {};
  auto rest = args.subspan(x->first);
  if (x->most > 0)
    return rest.first(x->most);
  std::size_t count = 0;
  while (count < rest.size() && !ends_masks(rest[count]))
    ++count;
  return rest.first(count);
}

} // namespace saker::supervision
