#pragma once

#include "io/fd_watch.hpp"
#include "link/channel.hpp"
#include "messages/keeper_link_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace saker {

/// HELLO and LIST, before there are actors: waits for the keeper's answer.
/// `early` gets what was told right behind it. The two requests have the
/// numbers 1 and 2. Fails: `timeout`, `closed`, what the keeper refuses.
result<inventory>
greet(link::channel& channel, const std::string& who,
      std::chrono::milliseconds patience, std::vector<link::push>& early);

/// What the KEEPER LINK is given at the start.
struct keeper_links {
  std::shared_ptr<link::channel> channel;
  std::shared_ptr<io::fd_watch> watch;
  std::uint64_t last_seq = 0;    ///< of the greeting
  std::vector<link::push> early; ///< what came right behind it
  /// A line of the keeper's log, or of ours about the link.
  std::function<void(link::log_level, const std::string&)> log;
  /// The link is gone: the node must end. Called once.
  std::function<void(const std::string& why)> lost;
};

/// Requests, their answers in order, and pushes to whom they concern.
struct keeper_link_state {
  using pointer = keeper_link_actor::pointer;

  explicit keeper_link_state(pointer owner) : self(owner) {
    // nop
  }

  ~keeper_link_state();

  void start(keeper_links with);

  void send(const link::request& what);
  caf::result<bool> ask(const link::request& what);
  caf::result<std::string, handed_fd> listen(const link::listen& what);
  void enroll(const std::string& key, const keeper_client_actor& who);
  void enroll(const keeper_master_actor& who);
  void withdraw(const std::string& key);
  void readable();
  void writable();

  static inline const char* name = "keeper_link";

  pointer self;
  keeper_links links;

private:
  using plain_promise = caf::typed_response_promise<bool>;
  using listen_promise = caf::typed_response_promise<std::string, handed_fd>;

  /// Who waits for the answer to one request.
  struct nobody {
    std::string verb;           ///< for the log
    errc expected = errc::none; ///< a refusal that goes without saying
  };
  using asker = std::variant<nobody, plain_promise, listen_promise>;

  /// What is told of a key before its supervisor has come.
  struct unclaimed {
    link::push what;
    handed_fds output;
  };

  void request(const link::request& what, asker who);
  void refuse(asker& who, const failure& why);
  void flush();
  void frame(const resp::value& x);
  void told(link::reply& x, std::vector<unique_fd> fds);
  void told(link::push& x, std::vector<unique_fd> fds);
  void tell(const std::string& key, unclaimed x);
  void lose(const std::string& why);

  std::uint64_t last_seq_ = 0;
  std::deque<asker> waiting_; ///< in the order of the requests
  std::map<std::string, keeper_client_actor> clients_;
  keeper_master_actor master_;
  std::vector<link::push> early_; ///< for the master, before it came
  std::multimap<std::string, unclaimed> unclaimed_;
  bool lost_ = false;
};

/// The KEEPER LINK.
///
/// | message                  | reply       | meaning                         |
/// |--------------------------|-------------|---------------------------------|
/// | `send`, request          | —           | a refusal is logged             |
/// | `ask`, request           | `unit`      | done, or the refusal            |
/// | `listen`, what           | address, fd | a listening socket              |
/// | `enroll`, key, actor     | —           | tell it of that key             |
/// | `enroll`, actor          | —           | tell it of the node             |
/// | `withdraw`, key          | —           | no more of that key             |
/// | `readable`, `drained`    | — (self)    | the socket                      |
///
/// Fails: what the keeper refuses, with its errc and text; `closed` when the
/// link is gone. Quits: never by itself. Time: none.
keeper_link_actor::behavior_type
keeper_link(keeper_link_actor::stateful_pointer<keeper_link_state> self,
            keeper_links links);

} // namespace saker
