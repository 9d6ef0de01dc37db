#pragma once

#include "actors/connection.hpp"
#include "actors/info.hpp"
#include "base/warning_pace.hpp"
#include "io/listener.hpp"
#include "messages/certificates_actor.hpp"
#include "messages/drift_actor.hpp"
#include "messages/gateway_actor.hpp"
#include "messages/keeper_link_actor.hpp"
#include "messages/overrides_actor.hpp"
#include "messages/user_file_actor.hpp"
#include "session/parameters.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace saker {

/// Asks the kernel who is behind a socket, as soon as the client is there:
/// later it may have closed, and a closed socket must stay a stranger.
session::peer describe_peer(int socket, const std::string& local);

/// The same without asking who: only where it comes from.
session::peer describe_stranger(int socket, const std::string& local);

/// Clients over TLS. Without addresses there are none, and the rest is null.
struct gateway_tls {
  std::set<std::string> addresses; ///< of these listening sockets
  /// Whoever shows a certificate is the user that it names.
  bool certificate_user = false;
  /// Begins a handshake.
  std::function<void(unique_fd, io::tls_guest_events)> admit = {};
  /// How many handshakes there are.
  std::function<std::size_t()> inside = {};
  /// Spawns the CONNECTION of a client after its handshake.
  std::function<connection_actor(session::peer, std::uint64_t id,
                                 stream_factory)>
    connect = {};
  certificates_actor certificates = {}; ///< reads them
  /// Shows these to clients from now on.
  std::function<void(io::shared_tls)> use = {};
};

/// Tells a client that there is no place for it.
void say_full(int socket);

/// Who listens on an address of this machine, for people: `nginx (pid 7) has
/// it; …`. Empty: nobody.
std::string holder_of(const config::listen_address& where);

/// What the GATEWAY is given at the start.
struct gateway_links {
  shared_links connections;
  node_identity who;
  session::parameters parameters{config::settings{}};
  /// Begins to accept on a socket.
  std::function<std::shared_ptr<io::listener>(unique_fd, io::listener_events)>
    listen;
  /// Spawns the CONNECTION of one client.
  std::function<connection_actor(session::peer, std::uint64_t id, unique_fd)>
    connect;
  /// Says a line in the log.
  std::function<void(const std::string&)> warn;
  std::function<session::peer(int, const std::string&)> describe
    = describe_peer;
  drift_actor drift = {};         ///< for INFO; may be null
  overrides_actor overrides = {}; ///< keeps what CONFIG SET set; may be null
  user_file_actor users = {};     ///< keeps what ACL made of them; may be null
  acl::user_list configured = {}; ///< users before ACL made something of them
  /// Told after CONFIG SET; may be null.
  std::function<void(const session::parameters&)> changed = {};
  gateway_tls tls = {};
  keeper_link_actor keeper = {}; ///< has the listening sockets; may be null
  mode_t socket_mode = 0660;
  std::string socket_group = {};
  /// `redis-server (pid 812) has it`: who listens there; empty: nobody.
  std::function<std::string(const config::listen_address&)> holder = holder_of;
};

/// Listening sockets and clients.
///
/// | phase   | event          | next                                         |
/// |---------|----------------|----------------------------------------------|
/// | closed  | `listen`       | closed: kept                                 |
/// | closed  | `open`         | open: accepts on all                         |
/// | open    | `listen`       | open: accepts on it too                      |
/// | open    | client         | open: a CONNECTION, or refused when too many |
/// |         |                | of them and of handshakes; with TLS: the     |
/// |         |                | handshake first                              |
/// | open    | handshake over | open: a CONNECTION                           |
/// | open    | CONFIG SET     | open: LOAD for new certificates, then LISTEN |
/// |         |                | for new addresses, then UNLISTEN             |
/// |         |                | for those that are left                      |
/// | any     | `finish`       | done: accepts nothing, clients end           |
struct gateway_state {
  using pointer = gateway_actor::pointer;

  explicit gateway_state(pointer owner) : self(owner) {
    // nop
  }

  ~gateway_state();

  void listen(handed_fd socket, const std::string& address);
  void open();
  void permit(bool patient);
  void accept(const handed_fd& socket, const std::string& local);
  void greet(const handed_guest& x);
  void renew();
  void gone(const caf::actor_addr& who);
  void compress();
  void finish();
  void end_pause();
  void sweep(std::uint64_t epoch);
  caf::result<resp::value> call(command_call& what);
  void begin(gateway_links with);

  static inline const char* name = "gateway";

  pointer self;
  gateway_links links;

private:
  struct pending {
    handed_fd socket;
    std::string address;
  };

  struct listening {
    std::string address;
    std::shared_ptr<io::listener> socket;
    /// Clients that were accepted there, and whose message is not here yet.
    std::shared_ptr<std::size_t> underway;
  };

  using figures_list = std::vector<session::client_figures>;
  using value_promise = caf::typed_response_promise<resp::value>;

  /// Changes users and returns the reply; nothing counts if that is an error.
  using user_edit = std::function<resp::value(acl::user_list&)>;

  /// A CONFIG SET.
  struct config_order {
    value_promise promise;
    std::vector<std::string> words; ///< names and values
  };

  /// … that is being carried out.
  struct config_change {
    config_order order;
    session::parameters next;
    session::listen_change sockets;
    std::vector<pending> opened = {};
    io::shared_tls tls = {}; ///< new certificates; may be null
  };

  using time_point = std::chrono::steady_clock::time_point;

  void accept_on(pending& x);
  void admit(const handed_fd& socket, session::peer who);
  void keep(connection_actor who, std::uint64_t id);
  bool has_place(const unique_fd& socket, bool owner) const;
  void warn_if_short(const unique_fd& socket, bool owner);
  connection_actor find(std::uint64_t id) const;
  void ask_all(std::function<void(figures_list&)> then);
  resp::value log(const command_call& what);
  resp::value latencies(const command_call& what) const;
  caf::result<resp::value> info(const command_call& what);

  // -- gateway_clients.cpp: CLIENT
  caf::result<resp::value> list_clients(const command_call& what);
  caf::result<resp::value> kill_clients(const command_call& what);
  caf::result<resp::value> unblock(const command_call& what);
  resp::value pause(const command_call& what);
  resp::value unpause();
  void tell_all();
  void expect_idleness(time_point oldest);

  // -- gateway_users.cpp: ACL
  caf::result<resp::value> set_user(const command_call& what);
  caf::result<resp::value> delete_users(const command_call& what);
  caf::result<resp::value> load_users();
  caf::result<resp::value> save_users();
  acl::user_list base_users(const session::parameters& x) const;
  std::string
  exposure(const acl::user_list& users, const session::parameters& x) const;
  caf::result<resp::value> change_users(user_edit edit);
  void
  use_users(acl::user_list users, resp::value reply, value_promise promise);
  void keep_users(std::vector<std::string> lines,
                  std::function<void(const result<void>&)> then);
  void keep_additions(const acl::shared_users& next,
                      std::vector<std::string> additions,
                      std::function<void(const result<void>&)> then);
  void keep_present();

  // -- gateway_config.cpp: CONFIG
  void use_parameters();
  resp::value config_get(const command_call& what) const;
  caf::result<resp::value> config_set(const command_call& what);
  caf::result<resp::value> config_rewrite();
  void in_turn(std::function<void()> what);
  void next_change();
  void begin_change(config_order order);
  void refuse_change(const std::string& text);
  void keep_change();
  void keep_parameters();
  void give_up(const std::string& text);
  void commit_change();
  void close_sockets();
  void end_change();

  // -- gateway_tls.cpp: certificates
  void read_certificates();
  void use_certificates(io::shared_tls x);

  // -- gateway_listen.cpp: sockets
  bool is_wanted(const std::string& address) const;
  void unlisten(const std::string& address);
  void stop_accepting(const config::listen_address& where);
  void move_sockets();
  void open_socket(std::size_t i);
  bool leaves_nobody() const;
  void undo_move(const std::string& error);
  void open_again(std::size_t i, const std::string& error);
  void ask_keeper(const config::listen_address& where,
                  std::function<void(pending)> done,
                  std::function<void(const failure&)> refused);

  drift_report drift_; ///< as it was told last
  bool open_ = false;
  bool compressing_ = false;
  std::uint64_t last_id_ = 0;
  std::vector<pending> waiting_;
  std::vector<listening> listeners_;
  /// Changes of parameters and of users, one after the other: each looks at what
  /// the ones before have led to.
  std::deque<std::function<void()>> orders_;
  bool changing_ = false; ///< one is being carried out
  bool turning_ = false;  ///< the next one is looked for
  std::optional<config_change> change_;
  std::string configured_password_; ///< hash of `default` in `links.configured`
  bool moved_ = false; ///< the addresses are not those of the start
  std::uint64_t certificates_used_ = 0; ///< so often there were new ones
  std::map<std::uint64_t, connection_actor> clients_; ///< by id
  std::map<caf::actor_addr, std::uint64_t> ids_;      ///< of the same
  std::uint64_t epoch_ = 0;            ///< of the last timer of the sweep
  std::optional<time_point> sweep_at_; ///< when it is due
  warning_pace descriptor_warnings_;
};

/// The GATEWAY.
///
/// | message                  | reply   | meaning                            |
/// |--------------------------|---------|------------------------------------|
/// | `listen`, fd, address    | —       | accept there, once open            |
/// | `open`                   | —       | begin to accept; what needs things |
/// |                          |         | that still load waits              |
/// | `permit`, patient        | —       | more is loaded; false: nothing     |
/// |                          |         | waits any longer                   |
/// | `accept`, fd, address    | — (self)| a client                           |
/// | `greet`, guest           | — (self)| a client after its handshake       |
/// | `reload`                 | —       | read the certificates anew         |
/// | `compress`               | —       | too much unsent: cut the largest   |
/// | `wait`                   | — (self)| a pause of clients may be over     |
/// | `tick`, epoch            | — (self)| a client may be idle for too long  |
/// | `finish`                 | —       | no more clients                    |
/// | `call`                   | `value` | INFO, CLIENT LIST …, CONFIG GET …, |
/// |                          |         | MEMORY STATS, DEBUG LOG            |
///
/// Fails: never. Quits: never by itself. Time: `wait` at the end of a pause;
/// while `timeout` is set and clients are there, `tick` when the first of them
/// can be idle, at most each second; a keeper has 5 s for a socket, the disk 2 s
/// for what CONFIG SET set and 5 s for certificates. Watches: monitors each CONNECTION.
gateway_actor::behavior_type
gateway(gateway_actor::stateful_pointer<gateway_state> self,
        gateway_links links);

} // namespace saker
