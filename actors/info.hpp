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
  std::chrono::steady_clock::time_point started;
};

/// The text of INFO: the sections asked for (`server`, `clients`…; none or
/// `default`, `all`, `everything` mean all), in the form of Redis.
/// The section `server` also tells which files are not applied.
std::string
info_text(const node_identity& who, const node_figures& figures,
          const drift_report& drift, std::span<const std::string> sections,
          std::chrono::steady_clock::time_point now);

} // namespace saker
