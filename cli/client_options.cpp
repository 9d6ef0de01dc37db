#include "cli/client_options.hpp"

#include "cli/printed_text.hpp"

namespace saker::cli {

std::string client_options::object() const {
  auto text = signal;
  for (auto& x : names)
    text += (text.empty() ? "" : " ") + x;
  constexpr std::size_t width = 60;
  return cut(shown(text), width);
}

} // namespace saker::cli
