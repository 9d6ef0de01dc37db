#pragma once

#include "messages/sampler_actor.hpp"
#include "resp/value.hpp"
#include "resp/writer.hpp"
#include "supervision/status.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// When and where a status is shown.
struct viewpoint {
  std::string node;
  supervision::time_point now;
  std::int64_t unix_ms = 0; ///< the wall clock at `now`
  /// By pid: what the processes cost; null: nobody has looked.
  shared_usage usage = {};
};

/// One row of SVSTATUS as a map: `name node state ready intent intent_by
/// intent_since pid since uptime restarts restarts_1h last_exit next reason
/// cpu rss where`. `since` and `intent_since` are Unix ms, `uptime` is ms, `cpu`
/// is percent of one CPU, `rss` is bytes; these two are null where not known.
resp::value status_row(const supervision::status& x, const viewpoint& from);

/// Writes the reply to SVSTATUS of this instance alone: an array of its row.
void write_status(const supervision::status& x, const viewpoint& from,
                  resp::writer out);

/// All rows as one line of JSON: an array of objects with the same keys.
std::string
status_json(const std::vector<supervision::status>& all, const viewpoint& from);

/// What stands under the row of a service in trouble: failed, resting, backoff.
struct failure_note {
  std::string key;
  std::string log_file;
  std::string last_line;
};

/// How SVSTATUS TEXT is shown.
struct text_form {
  /// Of each row: with the last line that it put out, if it is in trouble.
  std::vector<bool> output = {};
  bool utf8 = false;
  resp::protocol in = {};
  bool drift = true; ///< with what differs from the files, of all services
};

/// A table for eyes: a heading, a line for each row, notes under those that
/// failed. ASCII only, unless `utf8`. `heading` lines come first.
std::vector<std::string>
status_table(const std::vector<supervision::status>& all,
             const std::vector<failure_note>& notes,
             const std::vector<std::string>& heading, const viewpoint& from,
             bool utf8 = false);

} // namespace saker
