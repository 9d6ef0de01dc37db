#include "actors/script_mail.hpp"

#include "base/units.hpp"
#include "resp/reply_parser.hpp"

#include <algorithm>

namespace saker {

bool script_mail::add(lua::callback_id id, const std::string& pattern) {
  all_.emplace(id, subscription{pattern});
  auto& those = by_pattern_[pattern];
  those.insert(id);
  return those.size() == 1;
}

std::optional<std::string> script_mail::remove(lua::callback_id id) {
  auto i = all_.find(id);
  if (i == all_.end())
    return std::nullopt;
  auto pattern = std::move(i->second.pattern);
  all_.erase(i);
  auto those = by_pattern_.find(pattern);
  those->second.erase(id);
  if (!those->second.empty())
    return std::nullopt;
  by_pattern_.erase(those);
  return pattern;
}

bool script_mail::is_pattern(std::string_view x) noexcept {
  return x.find_first_of("*?[\\") != x.npos;
}

std::vector<script_order::deliver>
script_mail::sort(const std::vector<shared_bytes>& in) {
  std::vector<script_order::deliver> out;
  resp::reply_parser frames;
  for (auto& bytes : in) {
    frames.feed(*bytes);
    while (auto frame = frames.next()) {
      auto parts = frame->items();
      if (parts.size() == 3) // message channel text
        hand_out(parts[1].text(), parts[1].text(), parts[2].text(), out);
      else if (parts.size() == 4) // pmessage pattern channel text
        hand_out(parts[1].text(), parts[2].text(), parts[3].text(), out);
    }
  }
  return out;
}

void script_mail::hand_out(std::string_view pattern, std::string_view channel,
                           std::string_view text,
                           std::vector<script_order::deliver>& out) {
  auto those = by_pattern_.find(pattern);
  if (those == by_pattern_.end())
    return; // closed meanwhile
  for (auto id : those->second) {
    auto& to = all_.at(id);
    auto size = channel.size() + text.size();
    if (!fits(size)) {
      ++to.missed;
      ++dropped_;
      continue;
    }
    ++waiting_.count;
    waiting_.bytes += size;
    out.push_back({id, std::string{channel}, std::string{text},
                   std::exchange(to.missed, 0)});
  }
}

/// One message fits, however large.
bool script_mail::fits(std::size_t size) const noexcept {
  return waiting_.count == 0
         || (waiting_.count < limits_.messages
             && waiting_.bytes + size <= limits_.bytes);
}

void script_mail::taken(const lua::taken_messages& what) {
  waiting_.count -= std::min(waiting_.count, what.count);
  waiting_.bytes -= std::min(waiting_.bytes, what.bytes);
}

std::optional<std::string> script_mail::complaint(lua::time_point now) {
  constexpr auto pause = std::chrono::minutes{1};
  if (dropped_ == 0 || (complained_ && now - *complained_ < pause))
    return std::nullopt;
  complained_ = now;
  return "messages come faster than it takes them; "
         + std::to_string(std::exchange(dropped_, 0))
         + " were dropped, which its function is told. So many may wait: "
         + std::to_string(limits_.messages) + ", of "
         + format_size(limits_.bytes)
         + " (messages, message-memory in [scripts])";
}

} // namespace saker
