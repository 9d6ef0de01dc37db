#include "actors/inner_client.hpp"

#include "base/text.hpp"
#include "resp/command_table.hpp"
#include "resp/writer.hpp"

namespace saker {

namespace {

session::peer self_named(std::string name) {
  session::peer who;
  who.address = std::move(name);
  who.kind = session::peer_kind::root;
  who.via_unix = true;
  return who;
}

/// Commands about the connection itself make no sense without one.
bool belongs_to_connection(std::span<const std::string> argv) {
  auto* x = resp::find_command(argv[0]);
  if (x && argv.size() > 1 && resp::has(x->flags, resp::flag::container))
    x = resp::find_subcommand(*x, argv[1]);
  if (!x)
    return false;
  switch (x->id) {
    case resp::command_id::auth:
    case resp::command_id::client_caching:
    case resp::command_id::client_reply:
    case resp::command_id::client_tracking:
    case resp::command_id::discard:
    case resp::command_id::hello:
    case resp::command_id::monitor:
    case resp::command_id::multi:
    case resp::command_id::psubscribe:
    case resp::command_id::punsubscribe:
    case resp::command_id::quit:
    case resp::command_id::reset:
    case resp::command_id::ssubscribe:
    case resp::command_id::subscribe:
    case resp::command_id::sunsubscribe:
    case resp::command_id::unsubscribe:
    case resp::command_id::unwatch:
    case resp::command_id::watch: return true;
    case resp::command_id::debug: // scripts have a sleep of their own
      return argv.size() > 1 && equal_ignoring_case(argv[1], "SLEEP");
    default: return false;
  }
}

} // namespace

inner_client::inner_client(const shared_links& links, std::string name,
                           session::moment now)
  : client_(0, self_named(std::move(name)), links->settings, now) {
  client_.feed(resp::encode_request({"HELLO", "3"}), now);
  (void)client_.take_output();
  (void)client_.take_effects(); // nobody need see that
  if (links->figures)
    client_.count_in(links->figures->script_statistics);
}

void inner_client::begin(std::span<const std::string> argv,
                         session::moment now) {
  if (argv.empty()) {
    refused_ = resp::err("a command is needed");
    return;
  }
  if (belongs_to_connection(argv)) {
    refused_ = resp::err(printable(argv[0], 40)
                         + " belongs to a connection; a script has none");
    return;
  }
  std::vector<std::string_view> views{argv.begin(), argv.end()};
  std::string bytes;
  resp::append_request(bytes, views);
  client_.feed(bytes, now);
}

std::optional<resp::value> inner_client::reply() {
  if (refused_)
    return refused_;
  replies_.feed(client_.take_output());
  auto x = replies_.next();
  if (!x && replies_.failed())
    return resp::err(replies_.why().detail);
  return x;
}

} // namespace saker
