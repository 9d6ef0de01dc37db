#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cli {

/// One instance, as SVSTATUS tells it. What is missing or null there is empty.
struct service_row {
  std::string name;
  std::string node;
  std::string state;
  bool ready = false;
  bool wanted_up = false;
  std::string wanted_by;
  std::int64_t pid = 0;
  std::chrono::milliseconds since{0}; ///< Unix time
  std::int64_t restarts = 0;
  std::int64_t restarts_1h = 0;
  std::string last_exit;
  std::string next;
  std::string reason;
  std::optional<double> cpu;
  std::optional<std::uint64_t> rss;
  std::string where;
};

/// The rows of a reply to SVSTATUS. Fails: errc::syntax, it is none.
result<std::vector<service_row>> service_rows(const resp::value& reply);

/// The rows of what SVSTATUS … JSON tells. Fails: errc::syntax.
result<std::vector<service_row>> service_rows_of_json(std::string_view text);

/// Does the instance do its work?
bool is_up(const service_row& x);

/// Stands for a whole node that did not answer, and `reason` tells why.
bool is_lost_node(const service_row& x);

/// Needs somebody to look: `failed`, `stuck`, `lost`.
bool is_broken(const service_row& x);

/// Is it what was asked for: `running` or `done` where a process is wanted,
/// anything but broken where none is?
bool as_wanted(const service_row& x);

/// What SVSTATUS … TEXT says beyond the rows.
struct status_notes {
  std::vector<std::string> heading; ///< about the node, above the table
  /// Below the row of an instance: lines like `out  Address in use`. By its
  /// name, or as `web:0@n2` where the reply has parts of several nodes.
  std::map<std::string, std::vector<std::string>> below;

  /// What stands below that row; nothing if nothing does.
  const std::vector<std::string>& of(const service_row& x) const;
};

/// The notes in the reply to SVSTATUS … TEXT.
status_notes notes_of(const resp::value& reply);

/// The lines of a text that a server sent: of a verbatim or bulk string, or
/// an array of simple strings.
std::vector<std::string> lines_of(const resp::value& reply);

} // namespace saker::cli
