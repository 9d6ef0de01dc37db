#include "session/name_bound.hpp"

#include "supervision/command_masks.hpp"

namespace saker::session {

std::string too_many_names(const resp::command_info& what,
                           std::span<const std::string_view> args) {
  constexpr std::size_t most_names = 1000;
  if (args.size() <= most_names + 1 || what.group != "supervision")
    return {};
  auto names = supervision::form_of(args[0])
                 ? supervision::masks_of(args).size()
                 : args.size() - 1; // files, and what may come
  if (names <= most_names)
    return {};
  return "ERR a command takes at most " + std::to_string(most_names)
         + " names and masks; write web* or %group for many services";
}

} // namespace saker::session
