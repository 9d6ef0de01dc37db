#include "supervision/hook.hpp"

#include <algorithm>
#include <iterator>

namespace saker::supervision {

std::string_view to_string(hook_kind x) noexcept {
  switch (x) {
    case hook_kind::before: return "before";
    case hook_kind::after: return "after";
    case hook_kind::on_failed: return "on_failed";
  }
  return "?";
}

std::string_view last_words(std::string_view lines) noexcept {
  constexpr std::string_view marks[] = {"[after] ", "[on_failed] ", "[reload] ",
                                        "[stop] "};
  auto last_of = [](std::string_view x) { return x.substr(x.rfind('\n') + 1); };
  for (auto rest = lines; !rest.empty();) {
    auto line = last_of(rest);
    if (std::none_of(std::begin(marks), std::end(marks),
                     [line](auto& x) { return line.starts_with(x); }))
      return line;
    rest.remove_suffix(std::min(line.size() + 1, rest.size()));
  }
  return last_of(lines);
}

} // namespace saker::supervision
