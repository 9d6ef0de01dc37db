#pragma once

#include "cli/work.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::cli {

/// What has happened before, on all nodes, read with SVLIFE.
class event_history {
public:
  /// Finds out what `asked.since` means.
  result<void> begin(work& with);

  /// What is new since the last call, as it was published, by time. A node that
  /// cannot be asked is complained of. To leave nothing out, subscribe before:
  /// what comes by itself then may be here too, which has() tells.
  result<std::vector<std::string>> read(work& with);

  /// Whether all nodes have answered so far.
  bool complete() const noexcept {
    return complete_;
  }

  /// Whether read() has returned this one.
  bool has(std::string_view payload) const;

private:
  struct entry {
    std::int64_t time = 0;
    std::string payload;
  };

  result<void> read_node(work& with, const std::string& node, bool own,
                         std::vector<entry>& into);
  result<std::size_t> read_page(work& with, const std::string& mask,
                                std::string& behind, std::vector<entry>& into);

  std::string since_;
  std::map<std::string, std::string> behind_; ///< the last id of each node
  std::set<std::pair<std::string, std::string>> seen_; ///< node, id
  bool complete_ = true;
};

} // namespace saker::cli
