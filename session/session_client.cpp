// CLIENT TRACKING, CACHING, NO-EVICT, PAUSE and UNBLOCK.
#include "base/text.hpp"
#include "session/session.hpp"

namespace saker::session {

/// Whether a pause holds it. Who may end the pause always can.
bool session::is_held(const resp::command_info& what) const noexcept {
  using id = resp::command_id;
  if (what.id == id::client_unpause || what.id == id::quit)
    return false;
  if (suspension_ == suspension::all)
    return true;
  switch (what.id) {
    case id::call:
    case id::load:
    case id::publish:
    case id::spublish:
    case id::svrun:
    case id::unload: return true;
    case id::exec: return multi_ != nullptr; // perhaps with one of these
    default:
      return what.right == resp::right::control
             || what.categories.find("@write") != what.categories.npos;
  }
}

void session::unblock() {
  if (waits()) // and nothing else is open beside it
    answer(last_id_,
           resp::error{"UNBLOCKED client unblocked via CLIENT UNBLOCK"});
}

tracking& session::tracked() {
  if (!tracking_)
    tracking_ = std::make_unique<tracking>();
  return *tracking_;
}

void session::client_tracking(arguments words) {
  auto no = tracked().change(words, settings_->connected);
  no.empty() ? reply_ok() : reply_error(no);
}

void session::client_caching(std::string_view word) {
  auto no = tracked().cache(word);
  no.empty() ? reply_ok() : reply_error(no);
}

/// Nobody is evicted here: it is only told.
void session::client_no_evict(std::string_view word) {
  auto on = equal_ignoring_case(word, "ON");
  if (!on && !equal_ignoring_case(word, "OFF"))
    return reply_error("ERR syntax error");
  no_evict_ = on;
  reply_ok();
}

} // namespace saker::session
