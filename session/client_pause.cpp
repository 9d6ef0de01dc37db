#include "session/client_pause.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"

#include <algorithm>

namespace saker::session {

namespace {

/// What clocks can still count.
constexpr std::chrono::milliseconds longest_pause = std::chrono::hours{87'600};

failure no(std::string why) {
  return fail(errc::invalid_argument, "ERR " + std::move(why));
}

failure too_many_words(const std::string& typed) {
  return no(std::string{"unknown subcommand or wrong number of arguments for '"}
            + typed.substr(0, 128) + "'. Try CLIENT HELP.");
}

} // namespace

result<pause_order> parse_pause(std::span<const std::string> args) {
  pause_order x;
  if (args.size() > 4)
    return too_many_words(args[1]);
  if (args.size() == 4) {
    if (equal_ignoring_case(args[3], "WRITE"))
      x.what = suspension::writes;
    else if (!equal_ignoring_case(args[3], "ALL"))
      return no("CLIENT PAUSE mode must be WRITE or ALL");
  }
  auto time = resp::strict_integer(args[2]);
  if (!time)
    return no("timeout is not an integer or out of range");
  if (*time < 0)
    return no("timeout is negative");
  x.time = std::min(std::chrono::milliseconds{*time}, longest_pause);
  return x;
}

result<unblock_order> parse_unblock(std::span<const std::string> args) {
  unblock_order x;
  if (args.size() > 4)
    return too_many_words(args[1]);
  if (args.size() == 4) {
    x.as_error = equal_ignoring_case(args[3], "ERROR");
    if (!x.as_error && !equal_ignoring_case(args[3], "TIMEOUT"))
      return no("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  auto id = resp::strict_integer(args[2]);
  if (!id)
    return no("value is not an integer or out of range");
  x.id = static_cast<std::uint64_t>(*id);
  return x;
}

} // namespace saker::session
