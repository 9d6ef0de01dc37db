#pragma once

#include "actors/live_settings.hpp"
#include "actors/node_figures.hpp"
#include "actors/refusal_log.hpp"
#include "config/settings.hpp"
#include "io/stream.hpp"
#include "messages/broker_actor.hpp"
#include "messages/gateway_actor.hpp"
#include "pubsub/output_limit.hpp"
#include "session/activity.hpp"
#include "session/session.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace saker {

/// What all connections of a node share. Outlives them.
struct connection_links {
  session::shared_settings settings; ///< as the configuration has them
  /// … and as CONFIG SET changed them; of the GATEWAY.
  std::shared_ptr<live_settings> live = std::make_shared<live_settings>();
  broker_actor broker;
  command_actor gateway;
  command_actor librarian;
  command_actor roster;
  command_actor cluster;
  command_actor system;
  /// The actor of a script by its name; nothing if it is gone. Any thread.
  std::function<command_actor(const std::string&)> script;
  std::function<std::chrono::system_clock::time_point()> wall_clock
    = std::chrono::system_clock::now;
  node_figures* figures = nullptr; ///< owned by node/
  /// Of all clients; I/O thread only: they write it, the GATEWAY reads it.
  std::shared_ptr<session::activity> activity
    = std::make_shared<session::activity>();
  std::shared_ptr<refusal_log> refusals; ///< may be null
  /// A client that takes nothing for so long is cut off.
  std::chrono::seconds patience{60};
};

using shared_links = std::shared_ptr<const connection_links>;

/// Opens the socket of a connection with these events.
using stream_factory
  = std::function<std::shared_ptr<io::stream>(io::stream_events)>;

/// One client, kept by a `session` (what is said) and a `stream` (bytes).
///
/// | phase      | event                    | next                             |
/// |------------|--------------------------|----------------------------------|
/// | open       | bytes                    | open: carried out                |
/// | open       | too much unsent          | paused: nothing is read          |
/// | paused     | drained                  | open                             |
/// | any        | limit passed, no progress| gone: cut off                    |
/// | any        | end of input             | last: until all is answered, 5 s |
/// |            |                          | at most; gone if it only waits   |
/// | last       | answered                 | closing                          |
/// | open       | the session says close   | closing: until all is sent       |
/// | closing    | all sent                 | gone                             |
/// | open       | idle for too long        | gone, unless it listens or waits |
/// | any        | socket error             | gone                             |
struct connection_state {
  using pointer = connection_actor::pointer;

  explicit connection_state(pointer owner) : self(owner) {
    // nop
  }

  ~connection_state();

  void open(shared_links with, session::peer who, std::uint64_t id,
            const stream_factory& make_stream);

  void readable();
  void drained();
  void closed();
  void pump();
  void expire(session::request_id id);
  void change();
  void look_if_idle();
  void deliver(const frame_list& frames);
  void report(session::request_id id, const receiver_counts& counts);
  void report(session::request_id id);
  void tick();
  session::client_figures describe() const;
  void finish(const std::string& why);
  void stop();
  bool release(bool as_error);

  static inline const char* name = "connection";

  pointer self;
  shared_links links;
  std::unique_ptr<session::session> client;
  std::shared_ptr<io::stream> socket;
  std::string address;
  bool via_unix = false;

private:
  session::moment now() const;
  void settle();
  void settle(std::chrono::steady_clock::time_point at);
  void carry_out(session::effect& what);
  void ask(session::request& what);
  void answered(session::request_id id, const resp::value& reply);
  void tell_of_tls();
  void close_after_output(const std::string& why);
  void cut_off(const std::string& why);
  void account();
  void account_input();
  void look_at_all_clients();
  bool over_limit(std::size_t unsent);
  bool listens() const noexcept;
  void tell_figures();
  void withdraw();

  bool reading_ = false;
  bool pumping_ = false;
  bool ticking_ = false;
  bool last_ = false;    ///< no more input comes
  bool closing_ = false; ///< all is said
  bool subscribed_once_ = false;
  bool blocked_ = false;             ///< of ours in figures->blocked
  bool tracking_ = false;            ///< … in figures->tracking
  session::activity::slot slot_ = 0; ///< of ours in links->activity
  std::size_t accounted_ = 0;        ///< of ours in figures->unsent_bytes
  std::size_t held_ = 0;             ///< of ours in figures->held_bytes
  std::uint64_t counted_ = 0;        ///< commands of ours in figures->commands
  std::uint64_t sent_at_tick_ = 0;
  std::chrono::steady_clock::time_point progress_at_{};
  pubsub::output_limit limit_;
};

/// Bytes of one that has nothing under way.
std::int64_t idle_client_memory() noexcept;

/// The CONNECTION of one client.
///
/// | message                    | reply            | meaning                  |
/// |----------------------------|------------------|--------------------------|
/// | `readable`                 | — (self)         | bytes came in            |
/// | `drained`                  | — (self)         | all output has left      |
/// | `closed`                   | — (self)         | end of input or error    |
/// | `pump`                     | — (self)         | go on with commands      |
/// | `expire`, id               | — (self)         | a wait is over           |
/// | `tick`                     | — (self)         | does the client read?    |
/// | `change`                   | —                | other live settings      |
/// | `wait`                     | —                | end if it is idle        |
/// | `deliver`, frames          | —                | messages of channels     |
/// | `report`, id [, counts]    | —                | the broker did it        |
/// | `describe`                 | `client_figures` | for CLIENT LIST          |
/// | `finish`, why              | —                | end at once              |
/// | `stop`                     | —                | end once all said is sent|
/// | `forget`, as error         | `bool`           | CLIENT UNBLOCK: was it   |
/// |                            |                  | waiting?                 |
///
/// Fails: never. Quits: when the socket is closed. Time: `wait` effects; while
/// output is unsent, a `tick` each second; `finish` some time after the end of
/// input.
connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           shared_links links, session::peer who, std::uint64_t id,
           stream_factory make_stream);

} // namespace saker
