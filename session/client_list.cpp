#include "session/client_list.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"

#include <algorithm>

namespace saker::session {

namespace {

failure syntax_error() {
  return fail(errc::syntax, "ERR syntax error");
}

std::string flags(const client_figures& x) {
  std::string result;
  if (x.monitors)
    result += 'O';
  if (x.subscribed())
    result += 'P';
  if (x.queued >= 0)
    result += 'x';
  if (x.blocked)
    result += 'b';
  if (x.tracking)
    result += 't';
  if (x.broadcast)
    result += 'B';
  if (x.closing)
    result += 'c';
  if (x.via_unix)
    result += 'U';
  if (x.no_evict)
    result += 'e';
  return result.empty() ? "N" : result;
}

} // namespace

std::string to_line(const client_figures& x) {
  std::string line;
  auto add = [&line](std::string_view key, std::string_view text) {
    if (!line.empty())
      line += ' ';
    line.append(key).append("=").append(text);
  };
  auto number = [&add](std::string_view key, auto n) {
    add(key, std::to_string(n));
  };
  number("id", x.id);
  add("addr", x.address);
  add("laddr", x.local_address);
  number("fd", x.fd);
  add("name", x.name);
  number("age", x.age.count());
  number("idle", x.idle.count());
  add("flags", flags(x));
  number("db", x.database);
  number("sub", x.channels);
  number("psub", x.patterns);
  number("ssub", x.shards);
  number("multi", x.queued);
  number("watch", 0); // there is nothing to watch
  number("qbuf", x.query_buffer);
  number("qbuf-free", x.spare_buffer);
  number("argv-mem", x.argument_bytes);
  number("multi-mem", x.queued_bytes);
  number("rbs", x.reply_buffer);
  number("rbp", x.reply_peak);
  number("obl", x.reply_bytes);
  number("oll", x.unsent_frames);
  number("omem", x.unsent_bytes);
  number("tot-mem", x.memory + x.unsent_bytes);
  add("events",
      std::string{x.reads ? "r" : ""} + (x.unsent_bytes > 0 ? "w" : ""));
  number("open", x.open_commands);
  add("cmd", x.command.empty() ? "NULL" : x.command);
  add("user", x.user);
  number("redir", x.redirect);
  number("resp", x.protocol);
  add("lib-name", x.library);
  add("lib-ver", x.library_version);
  return line;
}

bool client_filter::shows(const client_figures& x) const noexcept {
  switch (type) {
    case kind::normal:
      if (x.subscribed())
        return false;
      break;
    case kind::pubsub:
      if (!x.subscribed())
        return false;
      break;
    case kind::nobody: return false;
    case kind::any: break;
  }
  return ids.empty() || std::find(ids.begin(), ids.end(), x.id) != ids.end();
}

result<client_filter::kind> parse_client_type(const std::string& text) {
  using kind = client_filter::kind;
  auto name = to_lower(text);
  if (name == "normal")
    return kind::normal;
  if (name == "pubsub")
    return kind::pubsub;
  if (name == "master" || name == "replica" || name == "slave")
    return kind::nobody;
  return fail(errc::invalid_argument, "ERR Unknown client type '" + text + "'");
}

result<client_filter> parse_client_filter(std::span<const std::string> args) {
  client_filter filter;
  args = args.subspan(std::min<std::size_t>(2, args.size()));
  if (args.empty())
    return filter;
  if (args.size() == 2 && equal_ignoring_case(args[0], "TYPE")) {
    auto type = parse_client_type(args[1]);
    if (!type)
      return type.error();
    filter.type = *type;
    return filter;
  }
  if (args.size() < 2 || !equal_ignoring_case(args[0], "ID"))
    return syntax_error();
  for (auto& text : args.subspan(1)) {
    auto id = resp::strict_integer(text);
    if (!id)
      return fail(errc::invalid_argument, "ERR Invalid client ID");
    filter.ids.push_back(static_cast<std::uint64_t>(*id));
  }
  return filter;
}

resp::value client_list(std::span<const client_figures> clients,
                        const client_filter& filter) {
  std::string text;
  for (auto& x : clients)
    if (filter.shows(x))
      text += to_line(x) + '\n';
  return resp::verbatim{std::move(text)};
}

} // namespace saker::session
