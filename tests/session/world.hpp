#pragma once

#include "pubsub/exchange.hpp"
#include "pubsub/figures.hpp"
#include "session/session.hpp"

#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace saker::test {

/// A moment at `seconds` after some start.
inline session::moment at(int seconds) {
  using namespace std::chrono;
  return {steady_clock::time_point{hours{1} + std::chrono::seconds{seconds}},
          system_clock::time_point{std::chrono::seconds{1'700'000'000}
                                   + milliseconds{1} * seconds}};
}

inline session::settings default_settings() {
  session::settings x;
  x.server = "redis"; // so that the bytes of a real one can be compared
  return x;
}

/// With one more user, or a changed one, as ACL SETUSER makes it.
inline void set_user(session::settings& of, std::string_view name,
                     const std::vector<std::string>& rules) {
  auto users = std::make_shared<acl::user_list>(*of.users);
  if (!users->change(name, rules))
    throw std::logic_error("a rule of a test");
  of.users = std::move(users);
}

inline session::peer root_peer() {
  session::peer x;
  x.address = "127.0.0.1:4711";
  x.local_address = "127.0.0.1:12007";
  x.kind = session::peer_kind::root;
  x.uid = 0;
  return x;
}

inline session::peer stranger_peer() {
  auto x = root_peer();
  x.kind = session::peer_kind::stranger;
  x.uid = 1000;
  return x;
}

/// One session and those around it: a broker that is real, and others that
/// answer by `reply`. Answers come at once, or with `answers = false` when the
/// test says so.
class world {
public:
  explicit world(session::settings config = default_settings(),
                 session::peer who = root_peer())
    : uut(7, std::move(who),
          std::make_shared<const session::settings>(std::move(config)), at(0)) {
    // nop
  }

  /// Feeds bytes and returns all that the client would be sent.
  std::string feed(std::string_view bytes) {
    auto copy = std::string{bytes}; // freed right after: views must not stay
    uut.feed(copy, now);
    copy.assign(copy.size(), '#');
    return carry_on();
  }

  /// Carries out effects until nothing moves any more.
  std::string carry_on() {
    std::string out;
    for (;;) {
      out += uut.take_output();
      for (auto& x : uut.take_effects())
        waiting.push_back(std::move(x));
      if (answers && !waiting.empty()) {
        auto next = std::move(waiting.front());
        waiting.pop_front();
        std::visit([&](auto& x) { out += carry_out(x); }, next);
      } else if (uut.more()) {
        uut.proceed(now);
      } else {
        return out + uut.take_output();
      }
    }
  }

  /// The oldest effect that nobody has carried out yet.
  template <class T>
  T take() {
    auto result = std::get<T>(std::move(waiting.front()));
    waiting.pop_front();
    return result;
  }

  pubsub::exchange broker;
  std::function<resp::value(const session::request&)> reply
    = [](const session::request& x) { return resp::value{x.args[0]}; };
  std::deque<session::effect> waiting;
  bool answers = true;
  bool closed = false;
  bool cut_off = false;
  std::string reason;
  session::moment now = at(0);
  session::session uut;

private:
  std::string frames() {
    std::string out;
    broker.flush([&](auto, auto pieces) {
      for (auto& x : pieces)
        out += *x;
    });
    return out;
  }

  std::string carry_out(session::subscribe& x) {
    for (auto& name : x.names)
      broker.subscribe(7, x.kind, name, x.protocol);
    return {};
  }

  std::string carry_out(session::unsubscribe& x) {
    for (auto& name : x.names)
      broker.unsubscribe(7, x.kind, name);
    auto out = frames();
    uut.answer(x.id, {});
    return out;
  }

  std::string carry_out(session::unsubscribe_all& x) {
    broker.unsubscribe_all(7);
    auto out = frames();
    uut.answer(x.id, {});
    return out;
  }

  std::string carry_out(session::switch_protocol& x) {
    auto out = frames();
    broker.switch_protocol(7, x.protocol);
    uut.answer(x.id, {});
    return out;
  }

  std::string carry_out(session::publish_batch& x) {
    std::vector<std::int64_t> counts;
    x.for_each([&](auto message) {
      counts.push_back(static_cast<std::int64_t>(
        broker.publish(message.channel, message.payload, message.kind)));
    });
    uut.answer_publish(x.id, counts);
    return uut.take_output() + frames();
  }

  std::string carry_out(session::observed& x) {
    broker.show(x.lines);
    return frames();
  }

  std::string carry_out(session::request& x) {
    if (x.target == resp::target::broker)
      uut.answer(x.id, pubsub::pubsub_reply(broker.subscriptions(), x.args));
    else
      uut.answer(x.id, reply(x));
    return {};
  }

  std::string carry_out(session::wait& x) {
    uut.answer(x.id, {});
    return {};
  }

  std::string carry_out(session::close& x) {
    closed = true;
    cut_off = !x.after_output;
    reason = x.reason;
    return {};
  }
};

/// Feeds `input` to fresh worlds: whole, byte by byte, and in two pieces cut at
/// every position. Returns the output if it is always the same, else a text
/// that names the first difference.
template <class F>
std::string play(std::string_view input, F make) {
  auto once = make();
  auto whole = once.feed(input);
  auto slow = make();
  std::string bytes;
  for (auto c : input)
    bytes += slow.feed({&c, 1});
  if (bytes != whole)
    return "byte by byte: " + bytes + "\ninstead of: " + whole;
  for (std::size_t i = 1; i < input.size(); ++i) {
    auto cut = make();
    auto parts = cut.feed(input.substr(0, i));
    parts += cut.feed(input.substr(i));
    if (parts != whole)
      return "cut at " + std::to_string(i) + ": " + parts
             + "\ninstead of: " + whole;
  }
  return whole;
}

} // namespace saker::test
