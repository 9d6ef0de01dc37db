#pragma once

#include "actors/peer.hpp"
#include "base/warning_pace.hpp"
#include "cluster/far_names.hpp"
#include "cluster/membership.hpp"
#include "cluster/merge.hpp"
#include "io/listener.hpp"
#include "io/tunnel.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker {

/// What the CLUSTER is given at the start.
struct cluster_links {
  cluster::membership::identity self;
  std::vector<std::string> seeds; ///< addresses to dial
  /// Begins to accept, or tells why not; null: this node is alone.
  std::function<result<std::shared_ptr<io::listener>>(io::listener_events)>
    listen;
  /// Dials an address with this hello.
  std::function<std::shared_ptr<io::tunnel>(
    const std::string& address, std::string hello, io::tunnel_events)>
    dial;
  /// Speaks over a socket that somebody else connected.
  std::function<std::shared_ptr<io::tunnel>(unique_fd, std::string hello,
                                            io::tunnel_events)>
    answer;
  /// Spawns the PEER of a link.
  std::function<peer_actor(const cluster_actor&, peer_beginning)> peer;
  /// Who carries out a command here, as carrier_here says.
  std::function<result<command_actor>(session::request&)> carrier;
  std::function<std::int64_t()> unix_ms;
  std::function<double()> random; ///< from [0, 1)
  std::function<void(const std::string&)> say;
  std::function<void(const std::string&)> warn;
  std::function<void()> leave; ///< good-byes are said; called once
  session::shared_trail audit; ///< of scripts that are called here; may be null
  std::function<std::chrono::system_clock::time_point()> wall_clock
    = std::chrono::system_clock::now;
};

/// Who the other nodes are, and what they are asked.
///
/// | a link is | event                  | next                               |
/// |-----------|------------------------|------------------------------------|
/// | (none)    | an address is due      | dialled                            |
/// | (none)    | somebody connects      | answered; over 64 of them: closed  |
/// | dialled,  | hello, welcome         | joined: its PEER is spawned, after |
/// | answered  |                        | the one it takes the place of      |
/// | dialled,  | hello, not welcome;    | gone; what was dialled is dialled  |
/// | answered  | closed                 | again later                        |
/// | joined    | closed; its PEER says  | gone; dialled again                |
struct cluster_state {
  using pointer = cluster_actor::pointer;
  using promise = caf::typed_response_promise<resp::value>;

  explicit cluster_state(pointer owner) : self(owner) {
    // nop
  }

  ~cluster_state();

  void begin(cluster_links with);

  caf::result<resp::value> call(command_call& what);
  void start();
  void accept(const handed_fd& socket);
  void greeted(cluster::link_id link, const std::string& hello);
  void closed(cluster::link_id link, const std::string& why);
  caf::result<caf::strong_actor_ptr>
  introduce(const std::string& name, const caf::strong_actor_ptr& who);
  void joined(cluster::link_id link);
  void answered(cluster::link_id link, caf::timespan rtt);
  void skipped(cluster::link_id link, std::uint64_t messages);
  void said_goodbye(cluster::link_id link);
  void withdraw(std::uint64_t client);
  void finish();
  void tick();
  void down(const caf::actor_addr& who);

  static inline const char* name = "cluster";

  pointer self;
  cluster_links links;

private:
  struct link {
    std::shared_ptr<io::tunnel> tunnel;
    bool dialled = false;
    std::string address; ///< dialled, or whence it came
    std::string name;    ///< of the node, once it is welcome
    peer_actor peer;     ///< once it is joined
  };

  /// Gets the reply of one node, or why there is none.
  using receiver = std::function<void(std::optional<failure>, resp::value)>;

  cluster::instant now() const;
  io::tunnel_events events_of(cluster::link_id id) const;
  void dial(const std::string& address);
  void join(cluster::link_id id);
  void close(cluster::link_id id, const std::string& why);
  void report_stranger(const std::string& why);
  void arm();

  /// A SVWAIT for another node. One without a link may come back while there
  /// is time.
  struct absent_wait {
    command_call what;
    cluster::node_part part;
    cluster::time_point until;
    receiver done;
    std::uint64_t number = 0;      ///< of it among `far_waits_`
    cluster::time_point next = {}; ///< when to look again, at the latest
  };

  // In cluster_nodes.cpp:
  resp::map own_row() const;
  resp::map row(const cluster::member& x) const;
  resp::value rows() const;
  std::vector<std::string> names() const;
  resp::value particulars(const std::string& node) const;
  resp::value forget(const std::string& node, const std::string& by);

  // In cluster_commands.cpp:
  failure unreachable(const std::string& node) const;
  caf::result<resp::value> ask_nodes(const command_call& what);
  void resolve(const command_call& what, std::vector<cluster::node_part> parts,
               promise answer);
  void carry_out(const command_call& what,
                 std::vector<cluster::node_part> parts, promise answer);
  void ask(const command_call& what, const cluster::node_part& part,
           const receiver& done);
  void ask_here(const command_call& what, std::vector<std::string> args,
                const receiver& done);
  void ask_there(const command_call& what, const cluster::node_part& part,
                 const receiver& done);
  void begin_wait(const command_call& what, const cluster::node_part& part,
                  const receiver& done);
  void wait_there(absent_wait x);
  void keep_waiting(absent_wait x, cluster::time_point next);
  void wait_again(const std::function<bool(const absent_wait&)>& due);

  std::optional<cluster::membership> members_;
  std::shared_ptr<io::listener> listener_;
  std::int64_t since_ = 0; ///< Unix ms
  cluster::link_id last_link_ = 0;
  std::map<cluster::link_id, link> links_;
  /// A PEER that is leaving, and the link that takes its place.
  std::map<caf::actor_addr, cluster::link_id> successors_;
  std::map<std::string, std::uint64_t> missed_;    ///< messages, by node
  std::map<std::uint64_t, absent_wait> far_waits_; ///< not yet answered
  std::uint64_t last_wait_ = 0;
  std::vector<absent_wait> absent_; ///< those among them without a link
  std::optional<cluster::time_point> next_tick_;
  warning_pace stranger_warnings_;
  bool started_ = false;
  bool deaf_ = false; ///< and said so
  bool ending_ = false;
};

/// The CLUSTER.
///
/// | message                 | reply   | meaning                             |
/// |-------------------------|---------|-------------------------------------|
/// | `call`                  | `value` | NODES, NODE; commands for nodes     |
/// | `greet`, name, actor    | actor   | the PEER of a node that dialled     |
/// | `start`                 | —       | begin to listen and to dial         |
/// | `accept`, fd            | —       | somebody connected                  |
/// | `greet`, link, hello    | —       | it said who it is                   |
/// | `closed`, link, why     | —       | it is over                          |
/// | `open`, link            | —       | it carries messages                 |
/// | `report`, link, rtt     | —       | it answers; zero: it does not       |
/// | `tell`, link, count     | —       | messages were skipped               |
/// | `stop`, link            | —       | that node ends                      |
/// | `withdraw`, client      | —       | it waits no more                    |
/// | `finish`                | —       | this node ends                      |
/// | `expire`, `tick`        | — (self)|                                     |
///
/// Fails: `call` with error values. Quits: never by itself. Time: pauses
/// between dials; 100 ms for good-byes; what SVWAIT waits for absent nodes. Watches: monitors PEERs.
cluster_actor::behavior_type
cluster_of_nodes(cluster_actor::stateful_pointer<cluster_state> self,
                 cluster_links links);

} // namespace saker
