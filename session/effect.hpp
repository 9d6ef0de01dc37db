#pragma once

#include "acl/service_mask.hpp"
#include "base/buffer.hpp"
#include "pubsub/subscription.hpp"
#include "resp/command_table.hpp"
#include "resp/value.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace saker::session {

/// Names one open request of one session; grows, never 0.
using request_id = std::uint64_t;

using pubsub::subscription_kind;

/// To the broker: deliver these from now on. Nobody waits.
struct subscribe {
  subscription_kind kind;
  std::vector<std::string> names;
  resp::protocol protocol; ///< in which frames are to be encoded
};

/// To the broker: no more of these. `session::answer(id, {})` when every frame
/// that was on its way has been handed over: the confirmation follows it.
struct unsubscribe {
  request_id id;
  subscription_kind kind;
  std::vector<std::string> names;
};

/// To the broker: no more at all; answer as for `unsubscribe`.
struct unsubscribe_all {
  request_id id;
};

/// To the broker: encode frames for this protocol from now on; answer as for
/// `unsubscribe`.
struct switch_protocol {
  request_id id;
  resp::protocol protocol;
};

/// To the broker: PUBLISHes and SPUBLISHes of one read, in order. Answered as
/// one by `session::answer_publish(id, counts)`. All bytes lie in one buffer.
class publish_batch {
public:
  struct message {
    std::string_view channel;
    std::string_view payload;
    subscription_kind kind = subscription_kind::channel; ///< of the channel
  };

  explicit publish_batch(request_id x = 0) noexcept : id(x) {
    // nop
  }

  void add(std::string_view channel, std::string_view payload,
           subscription_kind kind = subscription_kind::channel) {
    lengths x{channel.size(), payload.size(), kind};
    char header[sizeof x];
    std::memcpy(header, &x, sizeof x);
    auto& to = bytes_.to_fill();
    to.append(header, sizeof x).append(channel).append(payload);
    ++count_;
  }

  std::size_t size() const noexcept {
    return count_;
  }

  /// Calls `f(message)` for each in order; views into this object.
  template <class F>
  void for_each(F f) const {
    std::string_view rest = bytes_.text();
    while (!rest.empty()) {
      lengths x;
      std::memcpy(&x, rest.data(), sizeof x);
      rest.remove_prefix(sizeof x);
      auto payload = rest.substr(x.channel, x.payload);
      f(message{rest.substr(0, x.channel), payload, x.kind});
      rest.remove_prefix(x.channel + x.payload);
    }
  }

  request_id id;

private:
  /// Stand before the bytes of each message.
  struct lengths {
    std::size_t channel;
    std::size_t payload;
    subscription_kind kind;
  };

  buffer bytes_;
  std::size_t count_ = 0;
};

/// To the broker: commands that were carried out, as lines of MONITOR. Nobody
/// waits.
struct observed {
  std::string lines;
};

/// What a node refused of a command that several carry out.
struct refused_part {
  std::string node;  ///< empty: this one
  std::string reply; ///< `NOPERM …`
};

using refused_parts = std::vector<refused_part>;

/// To another actor: carry out one command and `session::answer` it.
struct request {
  request_id id;
  resp::target target;
  const resp::command_info* command = nullptr; ///< null: a script's
  std::string script; ///< `target::script`: which one, as in its alias
  std::vector<std::string> args; ///< [0] is the name, of an alias as registered
  std::string user;
  resp::rights rights;     ///< of that user
  resp::protocol protocol; ///< of the reply
  /// That the user may reach with it; null: all.
  acl::shared_services services = {};
  /// `target::script`: which right the script asks for.
  resp::right needed = resp::right::none;
  /// Filled in, before the answer, by whoever makes one answer of many, as that
  /// does not say it. Null: nobody wants to know.
  std::shared_ptr<refused_parts> refused = {};
};

/// To the timer: `session::answer(id, {})` after this time.
struct wait {
  request_id id;
  std::chrono::milliseconds delay;
};

/// To the connection: the end. Nothing is read any more.
struct close {
  bool after_output;  ///< false: at once, unsent bytes are dropped
  std::string reason; ///< for the log
};

using effect
  = std::variant<subscribe, unsubscribe, unsubscribe_all, switch_protocol,
                 publish_batch, observed, request, wait, close>;

} // namespace saker::session
