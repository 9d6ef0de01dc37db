#include "messages/error.hpp"

#include <caf/deep_to_string.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace saker {

failure to_failure(const caf::error& why) {
  if (!why) // an ordinary end; CAF keeps no category for it
    return fail(errc::closed, "the actor that should answer has ended");
  if (why.category() == caf::atom("saker")) {
    std::string detail;
    auto& context = why.context();
    if (context.match_elements<std::string>())
      detail = context.get_as<std::string>(0);
    return fail(static_cast<errc>(why.code()), std::move(detail));
  }
  if (why == caf::sec::request_timeout)
    return fail(errc::timeout, "no answer in time");
  if (why == caf::sec::request_receiver_down
      || why.category() == caf::atom("exit"))
    return fail(errc::closed, "the actor that should answer has ended");
  return fail(errc::refused, caf::deep_to_string(why));
}

std::string
render(std::uint8_t code, caf::atom_value, const caf::message& context) {
  std::string text{to_string(static_cast<errc>(code))};
  if (context.match_elements<std::string>())
    text += ": " + context.get_as<std::string>(0);
  return text;
}

} // namespace saker
