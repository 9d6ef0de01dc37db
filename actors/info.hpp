#pragma once

#include "actors/node_figures.hpp"
#include "messages/drift_actor.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace saker {

/// What INFO tells besides the figures; fixed at the start of the node.
struct node_identity {
  std::string name; ///< of the node
  std::string saker_version;
  std::string redis_version; ///< that clients may count on
  std::string run_id;        ///< 40 hex digits, new at each start
  std::string config_file;
  std::uint16_t tcp_port = 0;
  std::int64_t keeper_pid = 0;
  std::uint32_t node_restarts = 0;
  bool safe_mode = false;
  bool io_uring = false; ///< joins what clients are sent
  std::chrono::steady_clock::time_point started;
};

/// What INFO is made of at one moment.
struct info_sources {
  const node_identity& who;
  const node_figures& figures;
  const drift_report& drift; ///< the section `server` tells of it
  std::uint64_t max_clients = 0;
  std::chrono::steady_clock::time_point now;
  std::chrono::system_clock::time_point wall;
};

/// The text of INFO, in the form and order of Redis 7. Of the sections none or
/// `default` mean what Redis means by it, `all` and `everything` all; unknown
/// ones are left out, as are repetitions.
std::string
info_text(const info_sources& from, std::span<const std::string> sections);

} // namespace saker
