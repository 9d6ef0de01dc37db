#pragma once

#include "actors/script_worker.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// The subscriptions of one script: to whom its SCRIPT hands what the BROKER
/// delivers, and how much of it is not done yet. What is too much is dropped
/// and counted: the next message of that subscription tells.
class script_mail {
public:
  explicit script_mail(mail_limits limits = {}) : limits_(limits) {
    // nop
  }

  /// True if nobody in the script wanted these before: ask the BROKER.
  bool add(lua::callback_id id, const std::string& pattern);

  /// The pattern, if nobody in the script wants these any more.
  std::optional<std::string> remove(lua::callback_id id);

  /// Whether to subscribe to a pattern, else to the channel of that name.
  static bool is_pattern(std::string_view x) noexcept;

  /// What fits of these frames (RESP3), in order.
  std::vector<script_order::deliver> sort(const std::vector<shared_bytes>& in);

  /// So many have been begun or dropped by the script.
  void taken(const lua::taken_messages& what);

  /// What to say in the log when messages were dropped: at most once a minute.
  std::optional<std::string> complaint(lua::time_point now);

private:
  struct subscription {
    std::string pattern;
    std::uint64_t missed = 0;
  };

  void hand_out(std::string_view pattern, std::string_view channel,
                std::string_view text, std::vector<script_order::deliver>& out);
  bool fits(std::size_t size) const noexcept;

  mail_limits limits_;
  std::map<lua::callback_id, subscription> all_;
  std::map<std::string, std::set<lua::callback_id>, std::less<>> by_pattern_;
  lua::taken_messages waiting_;
  std::uint64_t dropped_ = 0; ///< since the last complaint
  std::optional<lua::time_point> complained_;
};

} // namespace saker
