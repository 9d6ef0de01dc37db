#include "cli/connection.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/printed_text.hpp"
#include "resp/writer.hpp"

namespace saker::cli {

namespace {

constexpr auto connect_patience = milliseconds{3'000};
constexpr auto greeting_patience = milliseconds{10'000};
constexpr auto loading_patience = milliseconds{5'000};
constexpr auto between_tries = milliseconds{100};

std::string request(const words& command) {
  std::vector<std::string_view> views{command.begin(), command.end()};
  std::string bytes;
  resp::append_request(bytes, views);
  return bytes;
}

/// `now` + `patience`, without an overflow.
milliseconds after(milliseconds now, milliseconds patience) {
  return patience == forever ? forever : now + patience;
}

bool is_loading(const resp::value& x) {
  return x.is_error() && x.text().starts_with("LOADING");
}

words greeting(const server_address& to) {
  words x{"HELLO", "3"};
  if (to.password)
    x.insert(x.end(), {"AUTH", to.user, *to.password});
  x.insert(x.end(), {"SETNAME", "saker"});
  return x;
}

/// Why the reply to HELLO is not what a Saker says to those it lets in.
result<void>
judge_greeting(const resp::value& reply, const server_address& to) {
  auto where = "connect " + to_string(to) + ": ";
  auto text = shown(reply.text());
  if (text.starts_with("NOAUTH"))
    return fail(errc::not_permitted,
                where
                  + "it wants a password; say who you are with "
                    "SAKER_URL=redis://default:PASSWORD@HOST:PORT, or use the "
                    "UNIX socket as root");
  if (text.starts_with("WRONGPASS"))
    return fail(errc::not_permitted,
                where + "wrong password for user " + to.user);
  if (reply.is_error() && !text.starts_with("ERR unknown command"))
    return fail(errc::refused, where + "it says: " + text);
  auto name = reply.find("server");
  if (name && name->text() == "saker")
    return {};
  return fail(errc::refused, where + "this is "
                               + (name ? printable(name->text(), 40)
                                       : std::string{"something else"})
                               + ", not Saker; say where Saker is with "
                                 "--address or SAKER_URL");
}

} // namespace

result<void> connection::open() {
  std::string tried;
  for (at_ = 0; at_ < to_.size(); ++at_) {
    auto done = enter(to_[at_]);
    if (done || done.error().code != errc::io)
      return done;
    tried += (tried.empty() ? "" : "\n") + done.error().detail;
  }
  at_ = 0;
  return fail(errc::io, tried);
}

result<void> connection::reopen(milliseconds patience) {
  auto end = via_.now() + patience;
  for (;;) {
    auto done = enter(to_[at_]);
    for (auto& x : subscriptions_)
      if (done)
        done = confirm(x);
    if (done || via_.now() >= end)
      return done;
    via_.pause(between_tries);
  }
}

/// The listening sockets outlive a node, so that one that starts again may
/// close what it has not greeted yet.
result<void> connection::enter(const server_address& to) {
  auto end = via_.now() + loading_patience;
  for (;;) {
    in_ = resp::reply_parser{};
    pushes_.clear();
    auto there = via_.connect(to, connect_patience);
    if (!there)
      return there;
    auto done = greet(to);
    if (done || done.error().code != errc::closed || via_.now() >= end)
      return done;
    via_.pause(between_tries);
  }
}

result<void> connection::greet(const server_address& to) {
  auto reply = call(greeting(to), greeting_patience);
  if (!reply)
    return reply.error();
  return judge_greeting(*reply, to);
}

result<resp::value>
connection::call(const words& command, milliseconds patience) {
  auto end = via_.now() + loading_patience;
  for (;;) {
    auto reply = ask(command, patience);
    if (!reply || !is_loading(*reply) || via_.now() >= end)
      return reply;
    via_.pause(between_tries);
  }
}

result<resp::value>
connection::ask(const words& command, milliseconds patience) {
  if (auto sent = via_.send(request(command)); !sent)
    return lost(sent.error());
  auto until = after(via_.now(), patience);
  for (;;) {
    auto x = read(until);
    if (!x)
      return x.error();
    if (!*x)
      return fail(errc::timeout, to_string(peer()) + " did not answer within "
                                   + format_duration(patience));
    if (!(*x)->is<resp::push>())
      return std::move(**x);
    keep(std::move(**x));
  }
}

result<void> connection::subscribe(const words& command) {
  auto done = confirm(command);
  if (done)
    subscriptions_.push_back(command);
  return done;
}

/// Subscribes and waits until all of it is confirmed.
result<void> connection::confirm(const words& command) {
  if (auto sent = via_.send(request(command)); !sent)
    return lost(sent.error());
  auto until = after(via_.now(), greeting_patience);
  for (auto missing = command.size() - 1; missing > 0;) {
    auto x = read(until);
    if (!x)
      return x.error();
    if (!*x)
      return fail(errc::timeout,
                  to_string(peer()) + " did not answer to " + command[0]);
    if ((*x)->is_error())
      return fail(errc::refused, std::string{(*x)->text()});
    auto items = (*x)->items();
    if (!items.empty() && equal_ignoring_case(items[0].text(), command[0]))
      --missing;
    else
      keep(std::move(**x));
  }
  return {};
}

result<std::optional<resp::value>>
connection::next_push(milliseconds patience) {
  if (!pushes_.empty()) {
    std::optional<resp::value> x{std::move(pushes_.front())};
    pushes_.pop_front();
    return x;
  }
  return read(after(via_.now(), patience));
}

/// The next value of any kind before the clock shows `until`.
result<std::optional<resp::value>> connection::read(milliseconds until) {
  for (;;) {
    if (auto x = in_.next())
      return x;
    if (in_.failed())
      return fail(errc::refused, "connect " + to_string(peer())
                                   + ": what answers there does not speak "
                                     "Redis ("
                                   + in_.why().detail + ')');
    auto now = via_.now();
    auto left = until == forever ? forever : until - now;
    auto bytes = via_.receive(std::max(left, milliseconds{0}));
    if (!bytes)
      return lost(bytes.error());
    if (bytes->empty())
      return std::optional<resp::value>{};
    in_.feed(*bytes);
  }
}

void connection::keep(resp::value push) {
  if (pushes_.size() >= most_pushes) {
    pushes_.pop_front();
    ++missed_;
  }
  pushes_.push_back(std::move(push));
}

failure connection::lost(const failure& why) const {
  return fail(why.code, "the connection to " + to_string(peer())
                          + " is lost: " + why.detail);
}

} // namespace saker::cli
