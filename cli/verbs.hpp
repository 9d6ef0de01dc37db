#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace saker::cli {

/// What a running Saker can be asked for.
enum class verb : std::uint8_t {
  status,
  why,
  logs,
  events,
  life,
  config,
  nodes,
  start,
  stop,
  restart,
  try_restart,
  reload,
  signal,
  wait,
  pause,
  cont,
  scale,
  drop,
  enable,
  disable,
  reset,
  svcheck,
  svrun,
  plan,
  apply,
  exec,
  passwd,
  upgrade,
  shutdown,
};

/// One word of the command line.
struct verb_info {
  verb what;
  bool repeatable; ///< asking once more does no harm
  std::string_view name;
  std::string_view group;   ///< heading in the help
  std::string_view command; ///< what is sent; empty: any, or nothing
  std::string_view summary;
  std::string_view details; ///< below the options in its help
};

/// All of them, in the order of the help.
std::span<const verb_info> verbs() noexcept;

const verb_info& info_of(verb x) noexcept;

} // namespace saker::cli
