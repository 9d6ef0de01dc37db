#include "cli/message_stream.hpp"

namespace saker::cli {

std::optional<message> message_of(const resp::value& push) {
  auto items = push.items();
  if (items.size() == 4 && items[0].text() == "pmessage")
    return message{std::string{items[2].text()}, std::string{items[3].text()}};
  if (items.size() == 3 && items[0].text() == "message")
    return message{std::string{items[1].text()}, std::string{items[2].text()}};
  return std::nullopt;
}

} // namespace saker::cli
