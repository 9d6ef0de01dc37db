#pragma once

#include "keeper/ownership.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace saker::keeper {

/// A process that says it is a child of this keeper, or descends from one.
/// Anybody can say so of his own processes.
struct survivor {
  process::instance_marker marker;
  pid_t pid = 0;
  uid_t uid = 0;
  bool leads = false; ///< its session, as all children do
  std::uint64_t start_time = 0;
  std::string command;
};

/// All of them, the earliest first: a child stands before its descendants. One
/// walk through /proc, for when the table does not tell.
std::vector<survivor> find_survivors(const ownership& ours);

} // namespace saker::keeper
