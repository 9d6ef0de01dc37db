#pragma once

#include "link/answer.hpp"
#include "supervision/effect.hpp"
#include "supervision/service.hpp"

#include <string>
#include <vector>

namespace saker {

/// A line for the log of the node.
struct log_entry {
  link::log_level level = link::log_level::notice;
  std::string text;

  bool operator==(const log_entry&) const = default;
};

/// What the log says of an event, for those who read logs and not channels:
/// one line for each end and for each state that somebody should know of.
/// Usual steps of a start are `debug`. `what` is complete, `now` is its time.
std::vector<log_entry> log_lines(const supervision::instance& who,
                                 const supervision::effect::publish& what,
                                 supervision::time_point now);

} // namespace saker
