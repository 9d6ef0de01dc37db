#pragma once

#include "keeper/attention.hpp"
#include "keeper/listeners.hpp"
#include "keeper/logger.hpp"
#include "keeper/node_port.hpp"
#include "keeper/node_process.hpp"
#include "keeper/node_rules.hpp"
#include "keeper/nursery.hpp"
#include "keeper/options.hpp"
#include "keeper/outputs.hpp"
#include "keeper/stop_run.hpp"
#include "keeper/table.hpp"
#include "keeper/table_file.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace saker::keeper {

/// All parts of the keeper and what passes between them: the node is started
/// and heard, its requests are carried out, what happens is told.
///
/// | phase    | means                             | the node ends        |
/// |----------|-----------------------------------|----------------------|
/// | serving  |                                   | started again        |
/// | asked    | SHUTDOWN was pushed               | keeper stops all     |
/// | agreed   | the node stops things in order    | keeper stops all, or |
/// |          |                                   | leaves them (KEEP)   |
/// | parting  | the node said keep or stop        | end, or stop the rest|
/// | stopping | the ladders run without a node    | —                    |
class core {
public:
  core(boost::asio::io_context& io, const options& given,
       process::spawner& spawn, table_file file, int node_oom_score);

  /// Adopts, then starts the node. `fresh`: no keeper has run before in this
  /// boot, so nobody is to be adopted, whatever he says. Fails: `errc::io`.
  result<void> start(bool fresh);

  /// The exit status, once the loop has stopped.
  int code() const noexcept {
    return code_;
  }

private:
  enum class phase { serving, asked, agreed, parting, stopping };

  /// How far LIST is: rows up to `cursor` were told.
  struct listing {
    std::uint64_t seq = 0;
    std::string cursor;
    std::uint64_t count = 0;
  };

  // -- the node: core_node.cpp --
  void start_node();
  void node_failed(const std::string& why);
  void node_ended(node_end how);
  void link_closed(const failure& why);
  void break_node(const std::string& why, stamp since);
  void watch_hello();
  void watch_unseen();
  void look_at_unseen();
  void drain_later(std::chrono::nanoseconds delay);

  // -- requests: core_requests.cpp --
  bool on_request(std::uint64_t seq, result<link::request> what);
  link::answer carry_out(const link::request& what);
  link::answer greet(const link::hello& what);
  void ready();
  result<void> may_take(const std::string& stop) const;
  link::answer spawn(const link::spawn& what);
  link::answer adopt(const link::adopt& what);
  link::answer send_signal(const link::signal& what);
  link::answer part(const link::shutdown& what);
  void listen(std::uint64_t seq, const link::listen& what);
  void drop_output_of(const std::string& key);
  void save();

  // -- rows and pushes: core_pushes.cpp --
  bool continue_list();
  void tell_row(entry& row);
  bool told_of(const std::string& key) const;
  void on_running(entry& row);
  void on_over(entry& row);
  void on_left(entry& row);

  // -- the end: core_shutdown.cpp --
  void wait_for_signals();
  void asked_to_stop();
  void stop_alone(const std::string& why);
  void leave();
  void finish(int code);
  bool keeps_services() const;
  bool services_live() const;

  boost::asio::io_context& io_;
  logger log_;
  table rows_;
  table_file file_;
  ownership ours_;
  outputs outputs_;
  listeners listeners_;
  nursery children_;
  node_process node_;
  node_rules rules_;
  attention attention_;
  stop_run stop_run_;
  std::unique_ptr<node_port> port_;

  phase phase_ = phase::serving;
  bool greeted_ = false; ///< this node sent HELLO
  bool listed_ = false;  ///< this node knows all rows
  std::optional<listing> list_;
  bool broken_ = false;     ///< this node is being ended for a fault of its
  bool never_ready_ = true; ///< no node of this keeper ever was
  bool start_failed_ = false;
  bool save_failed_ = false;
  std::uint32_t starts_ = 0;
  stamp since_;
  unsigned signals_ = 0; ///< SIGTERM and SIGINT
  int code_ = 0;
  link::shutdown farewell_; ///< in phase agreed and after
  int node_oom_score_;

  boost::asio::signal_set signal_set_;
  boost::asio::steady_timer restart_timer_;
  boost::asio::steady_timer patience_timer_; ///< for answers of the node
  boost::asio::steady_timer unseen_timer_;
  boost::asio::steady_timer kill_timer_;
  boost::asio::steady_timer drain_timer_;
};

} // namespace saker::keeper
