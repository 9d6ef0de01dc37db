// MONITOR: one client sees the commands of all.
#include "session/session.hpp"
#include "session/shown_command.hpp"

namespace saker::session {

session::progress session::monitor() {
  if (running_) {
    reply_error("ERR MONITOR isn't allowed for DENY BLOCKING client");
    return progress::done;
  }
  if (monitoring_)
    return progress::done; // without a reply, as in Redis
  if (!can_reach({resp::target::broker}))
    return progress::blocked;
  monitoring_ = true;
  effects_.emplace_back(
    subscribe{subscription_kind::monitor, {std::string{}}, protocol_});
  reply_ok();
  return progress::done;
}

/// To Redis, who monitors is a kind of replica, with what that may not do.
bool session::monitors_only(const resp::command_info& what) const noexcept {
  using id = resp::command_id;
  return monitoring_
         && (what.id == id::publish || what.id == id::spublish
             || what.categories.find("@read") != std::string_view::npos
             || what.categories.find("@write") != std::string_view::npos);
}

/// To all who monitor; called only while somebody does. `what` is null for a
/// command of a script.
void session::show(const resp::command_info* what, arguments args) {
  if (what && resp::has(what->flags, resp::flag::admin))
    return; // too dangerous to be shown, as in Redis
  auto from = id_ == 0 ? "lua" : std::string_view{peer_.address};
  std::string shortened;
  if (id_ != 0 && peer_.via_unix) {
    from = from.substr(0, from.rfind(':'));
    if (!from.starts_with("unix:"))
      from = shortened = "unix:" + std::string{from};
  }
  auto words = shown_words(what, args);
  auto line
    = monitor_line(now_, database_, from,
                   std::vector<std::string_view>{words.begin(), words.end()});
  auto last = effects_.empty() ? nullptr
                               : std::get_if<observed>(&effects_.back());
  if (last)
    last->lines += line;
  else
    effects_.emplace_back(observed{std::move(line)});
}

} // namespace saker::session
