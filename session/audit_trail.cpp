#include "session/audit_trail.hpp"

#include <algorithm>

namespace saker::session {

using config::audited_commands;

bool audit_trail::takes(audit_kind what) const noexcept {
  if (how_.commands == audited_commands::none)
    return false;
  switch (what) {
    case audit_kind::none: return false;
    case audit_kind::look: return how_.commands == audited_commands::all;
    case audit_kind::script: return how_.scripts;
    case audit_kind::change:
    case audit_kind::login:
    case audit_kind::refusal: return true;
  }
  return false;
}

bool audit_trail::admit(audit_kind what, std::string_view user,
                        time_point now) {
  auto begins = false;
  {
    std::lock_guard guard{mutex_};
    auto counted = limit_.counts();
    if (limit_.admit(what, user, now))
      return true;
    begins = !counted;
  }
  if (begins)
    counts_();
  return false;
}

std::vector<audit_limit::excess> audit_trail::take_excess() {
  std::lock_guard guard{mutex_};
  return limit_.take();
}

open_audits::~open_audits() {
  for (auto& [id, x, look] : all_) {
    if (look)
      continue;
    x.result.outcome = audit_outcome::begun;
    to_->tell(std::move(x));
  }
}

void open_audits::answered(request_id id, const resp::value& reply) {
  auto i = std::find_if(all_.begin(), all_.end(),
                        [id](auto& x) { return x.id == id; });
  if (i == all_.end())
    return;
  auto [_, x, look] = std::move(*i);
  all_.erase(i);
  x.result = result_of(x.command, reply);
  if (!look
      || (x.result.outcome == audit_outcome::refused
          && to_->admit(audit_kind::refusal, x.user, *look)))
    to_->tell(std::move(x));
}

} // namespace saker::session
