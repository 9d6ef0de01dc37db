#pragma once

#include "actors/cluster.hpp"
#include "actors/command_directory.hpp"
#include "actors/gateway.hpp"
#include "actors/node_figures.hpp"
#include "actors/roster.hpp"
#include "actors/script_links.hpp"
#include "actors/status_board.hpp"
#include "actors/supervisor.hpp"
#include "actors/vital.hpp"
#include "actors/writer_pulse.hpp"
#include "io/http_post.hpp"
#include "io/loop.hpp"
#include "io/pool.hpp"
#include "messages/auditor_actor.hpp"
#include "messages/drain_actor.hpp"
#include "messages/keeper_link_actor.hpp"
#include "messages/librarian_actor.hpp"
#include "messages/writer_actor.hpp"
#include "node/boot.hpp"
#include "node/log.hpp"
#include "node/system_config.hpp"
#include "node/writer_threads.hpp"
#include "session/audit_trail.hpp"
#include "supervision/history_queue.hpp"
#include "supervision/restart_limit.hpp"
#include "supervision/sequencer.hpp"
#include "supervision/spawn_numbers.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace saker::node {

/// The actors of a node and what they stand on. Built once; ended by `leave`.
/// The log must outlive it.
class runtime {
public:
  runtime(boot from, const node::log& log);

  /// Returns the exit status of the program.
  int run();

private:
  using log_line = std::function<void(const std::string&)>;

  // -- beginning and end (runtime.cpp)
  void spawn_actors();
  void begin();
  void ready(const std::vector<std::string>& addresses);
  void leave(int status);
  void ended_by_fault(const char* who);

  /// The rest of a node is of little use without this one.
  template <class Handle>
  Handle vital(const char* name, Handle who) {
    return saker::vital(std::move(who), [this, name] { ended_by_fault(name); });
  }

  // -- what the others stand on (runtime_base.cpp)
  journal_actor spawn_journal();
  keeper_link_actor spawn_keeper_link();
  writer_actor spawn_writers();
  file_writer_actor hire_writer(std::shared_ptr<writer_pulse> pulse);
  drain_actor hire_drain();
  mesh_broker_actor spawn_broker();
  log_interest_actor spawn_log_interest();
  job_actor spawn_job();

  // -- clients (runtime_clients.cpp)
  std::shared_ptr<connection_links> make_links();
  session::shared_trail make_trail();
  auditor_actor spawn_auditor();
  command_actor spawn_system_info();
  gateway_actor spawn_gateway();
  connection_actor
  connect(session::peer who, std::uint64_t id, unique_fd socket);
  node_identity identity() const;
  void use(const session::parameters& x);

  // -- clients over TLS (runtime_tls.cpp)
  gateway_tls make_tls();

  // -- scripts (runtime_scripts.cpp)
  librarian_actor spawn_librarian();
  shared_script_links make_script_links();
  std::string emit(const std::string& file, const std::string& name,
                   const std::string& json);

  // -- services (runtime_services.cpp)
  settled_actor begin_services();
  roster_actor spawn_roster();
  shared_supervisor_links make_supervisor_links();
  finder_actor spawn_finder();
  sampler_actor spawn_sampler();
  descriptor_budget descriptors() const;
  void post(io::http_order what, std::function<void(const result<void>&)> done);

  // -- other nodes (runtime_cluster.cpp)
  cluster_actor spawn_cluster();
  peer_links make_peer_links();

  boot boot_;
  const pid_t keeper_pid_;
  const node::log& log_;
  const log_line say_ = [this](const std::string& x) { log_.info(x); };
  const log_line warn_ = [this](const std::string& x) { log_.warn(x); };
  system_config cfg_;
  caf::actor_system sys_;
  io::loop io_;
  writer_threads writer_threads_;
  io::pool script_threads_;
  io::pool chore_threads_;
  std::once_flag first_post_;
  std::optional<io::pool> post_threads_; ///< for web servers that are told
  node_figures figures_;
  std::shared_ptr<std::atomic<bool>> monitored_
    = std::make_shared<std::atomic<bool>>(false);
  std::string log_level_; ///< in the words of Redis
  std::shared_ptr<status_board> board_;
  supervision::spawn_numbers numbers_;
  supervision::restart_limit restarts_;
  std::shared_ptr<supervision::sequencer> sequencer_;
  std::shared_ptr<supervision::history_queue> history_;
  std::shared_ptr<supervision::history_queue> audits_; ///< for the journal
  std::shared_ptr<command_directory> directory_
    = std::make_shared<command_directory>();
  std::vector<std::string> environment_; ///< of this process
  session::shared_trail trail_;          ///< who did what; null: nobody asks
  std::shared_ptr<connection_links> links_;
  drift_actor drift_;
  journal_actor journal_;
  keeper_link_actor keeper_;
  writer_actor writers_;
  mesh_broker_actor broker_;
  log_interest_actor log_interest_;
  auditor_actor auditor_;
  gateway_actor gateway_;
  librarian_actor librarian_;
  roster_actor roster_;
  cluster_actor cluster_;
  std::atomic<int> status_{0};
};

} // namespace saker::node
