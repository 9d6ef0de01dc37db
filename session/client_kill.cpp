#include "session/client_kill.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"

#include <algorithm>

namespace saker::session {

namespace {

failure refused(std::string text) {
  return fail(errc::invalid_argument, "ERR " + std::move(text));
}

bool exists(const settings& config, std::string_view user) {
  return config.users->find(user) != nullptr;
}

/// Reads one filter, for example `USER bob`, into `into`.
std::optional<failure>
read_filter(const std::string& word, const std::string& text,
            const settings& config, kill_order& into) {
  auto is = [&word](std::string_view x) {
    return equal_ignoring_case(word, x);
  };
  if (is("ID")) {
    auto id = resp::strict_integer(text);
    if (!id || *id <= 0)
      return refused("client-id should be greater than 0");
    into.id = static_cast<std::uint64_t>(*id);
  } else if (is("TYPE")) {
    auto type = parse_client_type(text);
    if (!type)
      return type.error();
    into.type = *type;
  } else if (is("USER")) {
    if (!exists(config, text))
      return refused("No such user '" + text + "'");
    into.user = text;
  } else if (is("ADDR")) {
    into.address = text;
  } else if (is("LADDR")) {
    into.local_address = text;
  } else if (is("SKIPME") && equal_ignoring_case(text, "yes")) {
    into.spare_me = true;
  } else if (is("SKIPME") && equal_ignoring_case(text, "no")) {
    into.spare_me = false;
  } else {
    return refused("syntax error");
  }
  return std::nullopt;
}

} // namespace

bool kill_order::hits(const client_figures& x,
                      std::uint64_t me) const noexcept {
  return (!address || x.address == *address)
         && (!local_address || x.local_address == *local_address)
         && (!user || x.user == *user) && (id == 0 || x.id == id)
         && client_filter{type, {}}.shows(x) && (x.id != me || !spare_me);
}

resp::value kill_order::reply(std::size_t killed) const {
  if (!one_address)
    return killed;
  return killed > 0 ? resp::ok() : resp::err("No such client");
}

result<kill_order>
parse_kill_order(std::span<const std::string> args, const settings& config) {
  kill_order x;
  if (args.size() == 3) {
    x.address = args[2];
    x.one_address = true;
    x.spare_me = false;
    return x;
  }
  for (auto rest = args.subspan(2); !rest.empty(); rest = rest.subspan(2)) {
    if (rest.size() == 1)
      return refused("syntax error");
    if (auto error = read_filter(rest[0], rest[1], config, x))
      return *error;
  }
  return x;
}

} // namespace saker::session
