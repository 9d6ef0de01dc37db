#pragma once

#include "supervision/sequencer.hpp"
#include "supervision/status.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker::supervision {

/// How one child ended, or why it never came to be.
struct past_end {
  /// Bytes of a text; 10 000 instances keep some of these each.
  static constexpr std::size_t most_text = 1024;

  cause why;
  std::string text;    ///< `exit 1 after 3s`, or which step of the start failed
  std::string row;     ///< of the exit table
  decision then;       ///< what that row says
  bool asked = false;  ///< somebody had asked for it: the row did not count
  std::string order;   ///< … `stopped by root@unix`; may be empty
  std::string instead; ///< what happened, where the row did not count either
  std::string after;   ///< how the commands after it failed
  time_point at{};
  std::optional<duration> uptime;
  std::int32_t pid = 0; ///< 0: exec did not succeed, or it is not known
  std::uint32_t orphans = 0;
  event_id id; ///< of the `exit` event; none: a start that failed

  bool operator==(const past_end&) const = default;
};

/// A text as past_end keeps it: where it is cut it says so, and who has it all.
std::string kept_text(const std::string& x);

/// Why an instance is as it is, and what comes next. A value like `status`,
/// which is the short form of it.
struct explanation {
  status now;
  std::shared_ptr<const service> definition; ///< in force; never null
  std::vector<past_end> ends;                ///< the last ones, newest last
  std::uint32_t backoff_step = 0;            ///< restarts in a row
  bool on_trial = false; ///< after a rest: the next end is one too many
  bool again = false;    ///< in `stopping`: started again afterwards
  bool leaving = false;  ///< forgotten when no child is left
  /// In `starting`: what is missing of a daemon, as pursuit::awaited() says.
  std::string awaited = {};
};

/// The same for people, in sentences: its state and the reason, whose wish it
/// is, how the last child ended and what the exit table says to that, what
/// comes next, and what a person can do.
std::vector<std::string> sentences(const explanation& x, time_point now);

} // namespace saker::supervision
