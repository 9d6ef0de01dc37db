#include "session/audit_limit.hpp"

namespace saker::session {

namespace {

constexpr std::chrono::seconds audit_window{1};

/// Of users that are too many to be told apart.
constexpr std::string_view further_users = "*";

} // namespace

bool audit_limit::admit(audit_kind what, std::string_view user,
                        time_point now) {
  if (what == audit_kind::refusal)
    return admit(refusals_, most_refused_, now);
  return admit(window_of(what == audit_kind::login, user, now), most_, now);
}

std::vector<audit_limit::excess> audit_limit::take() {
  std::vector<excess> result;
  auto add = [&result](const std::string& user, window& x) {
    if (auto count = std::exchange(x.more, 0); count == 0)
      return;
    else if (!result.empty() && !user.empty() && result.back().user == user)
      result.back().count += count;
    else
      result.push_back({user, count});
  };
  for (auto& [who, x] : users_)
    add(who.first, x);
  add(std::string{further_users}, others_);
  add({}, refusals_);
  counts_ = false;
  return result;
}

bool audit_limit::admit(window& by, std::size_t most, time_point now) {
  if (now - by.begin >= audit_window) {
    by.begin = now;
    by.told = 0;
  }
  if (by.told < most) {
    ++by.told;
    return true;
  }
  ++by.more;
  counts_ = true;
  return false;
}

audit_limit::window&
audit_limit::window_of(bool login, std::string_view user, time_point now) {
  key who{user, login};
  if (auto i = users_.find(who); i != users_.end())
    return i->second;
  if (users_.size() >= most_users)
    std::erase_if(users_, [now](auto& x) {
      return x.second.more == 0 && now - x.second.begin >= audit_window;
    });
  return users_.size() >= most_users ? others_ : users_[std::move(who)];
}

} // namespace saker::session
