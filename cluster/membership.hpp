#pragma once

#include "base/result.hpp"
#include "cluster/hello.hpp"
#include "supervision/backoff.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cluster {

using supervision::duration;
using supervision::time_point;

/// Names one connection; chosen by the caller, never 0.
using link_id = std::uint64_t;

enum class node_state : std::uint8_t {
  up,
  suspect, ///< two heartbeats were not answered
  dead,    ///< there is no link
  left,    ///< it said good-bye
};

std::string_view to_string(node_state x) noexcept;

/// One other node, as people see it.
struct member {
  std::string name;
  std::string address;
  node_state state = node_state::dead;
  std::int64_t since = 0; ///< Unix ms: of the state
  std::optional<duration> rtt;
  std::string reason; ///< why it is dead; else empty
  std::optional<time_point> heard
    = {};                   ///< when it answered or sent a heartbeat
  bool dialled = false;     ///< by this node: the link that there is
  std::string version = {}; ///< of its Saker; empty: it never said
  std::int64_t pid = 0;     ///< of its node; 0: it never said
  std::int64_t started = 0; ///< Unix ms; 0: it never said
};

/// The present moment, on both clocks, and a random number from [0, 1).
struct instant {
  time_point now;
  std::int64_t unix_ms = 0;
  double random = 0.5;
};

/// What becomes of a connection whose other side said hello.
struct verdict {
  bool welcome = false;
  std::string reason; ///< if it is not welcome; empty if there is nothing to
                      ///< say: one link too many, or this node itself
  link_id instead_of = 0; ///< this link is to be closed first; 0: none
};

/// Who belongs to the cluster, who is dialled when, and which of two links to
/// one node stays: the one that the smaller name dialled, as both sides know
/// both names; of two by the same dialler the later one.
class membership {
public:
  struct identity {
    std::string name;
    std::string incarnation;
    std::string address;
    std::string version = {};
    std::int64_t pid = 0;
    std::int64_t started = 0; ///< Unix ms
  };

  /// `seeds` are dialled for ever until each is a member or this node itself.
  membership(identity self, const std::vector<std::string>& seeds,
             time_point now);

  /// What this node says, with all that it has links to.
  hello greeting() const;

  // -- dialling

  /// Addresses whose time has come; each counts as being dialled until
  /// `failed` or `greeted` names it.
  std::vector<std::string> due(time_point now);

  /// When the next one is due.
  std::optional<time_point> next_due() const;

  /// Returns whether the reason differs from that of the time before.
  bool
  failed(const std::string& address, const std::string& why, const instant& at);

  // -- links

  /// `address` is what was dialled, or whence the other side came; `seen` is
  /// where it is, if what was dialled is the name of a host.
  verdict greeted(link_id link, const hello& from, bool dialled,
                  const std::string& address, const instant& at,
                  const std::string& seen = {});

  /// It carries messages.
  void joined(link_id link, const instant& at);

  void answered(link_id link, duration rtt, time_point now);
  void late(link_id link);

  /// The other side ends by itself.
  void said_goodbye(link_id link);

  /// A node that was learned and is gone is known no more, until somebody tells
  /// of it again. Fails: `no_such_node`; `refused` for one that has a link or
  /// stands in `join`.
  result<void> forget(const std::string& name);

  /// It is closed; returns the name of a node that has no link any more.
  std::optional<std::string>
  lost(link_id link, const std::string& why, const instant& at);

  // -- looking

  /// All others, by name.
  std::vector<member> members() const;

  const member* find(std::string_view name) const;

  /// The node at the other end, if it is a link in use.
  const member* at_link(link_id link) const;

  /// Whether an address in `join` of the configuration leads to it.
  bool is_seed(std::string_view name) const;

  /// The link to that node; 0: none.
  link_id link_to(std::string_view name) const;

private:
  struct line {
    link_id id = 0;
    std::string dialler;
    std::string incarnation;
  };

  struct known_node {
    member seen;
    std::optional<line> at;
    bool joined = false;
    bool leaving = false;
  };

  /// An address that may be dialled.
  struct goal {
    bool seed = false;
    bool named = false; ///< by a host name, which is looked up each time
    bool self = false;
    bool dialling = false;
    std::string name; ///< of the node there, if known
    time_point next;
    supervision::backoff pause;
    std::string reason; ///< of the last failure

    /// As if it had never been dialled.
    void begin_anew();
  };

  bool wanted(const goal& x) const;
  bool found_by_name(const std::string& node) const;
  void put_off(goal& x, const instant& at);
  void learn(const hello& from, const instant& at);
  void
  aim_at(const std::string& address, const std::string& name, time_point now);
  known_node* of(link_id link);

  identity self_;
  std::map<std::string, known_node, std::less<>> nodes_;
  std::map<std::string, goal, std::less<>> targets_;
};

/// Whether that is the name of a host with a port, `db1.example:12107`, and no
/// numeric address.
bool is_named(std::string_view address);

/// Where a node is that says `advertised` and came from `seen`: a host of
/// 0.0.0.0 or [::] is replaced.
std::string
reachable_address(const std::string& advertised, const std::string& seen);

} // namespace saker::cluster
