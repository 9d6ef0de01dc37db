// MULTI, EXEC, DISCARD, WATCH.
#include "session/session.hpp"

namespace saker::session {

namespace {

constexpr std::string_view too_large
  = "ERR not carried out: the replies of this transaction before it are "
    "larger than reply-pause; send less between MULTI and EXEC";

} // namespace

// -- collecting ----------------------------------------------------------------

bool session::is_queued(resp::command_id what, std::size_t words) noexcept {
  using id = resp::command_id;
  switch (what) {
    case id::multi:
    case id::discard:
    case id::watch:
    case id::quit:
    case id::reset: return false;
    case id::exec: return words > 1; // the old name of CALL
    default: return true;
  }
}

session::progress session::enqueue(arguments args) {
  end_row();
  strayed_ = true; // it is no work of MULTI or EXEC
  multi_->add(args);
  reply().encoded("+QUEUED\r\n");
  return progress::done;
}

// -- the commands --------------------------------------------------------------

void session::multi() {
  if (multi_)
    return reply_error("ERR MULTI calls can not be nested");
  multi_ = std::make_unique<transaction>();
  reply_ok();
}

void session::discard() {
  if (!multi_)
    return reply_error("ERR DISCARD without MULTI");
  multi_.reset();
  reply_ok();
}

/// Only keys can be watched, and there are none that could change.
void session::watch() {
  if (multi_)
    return reply_error("ERR WATCH inside MULTI is not allowed");
  reply_ok();
}

void session::exec(std::string_view spelt) {
  if (!multi_)
    return reply_error("ERR EXEC without MULTI");
  auto all = std::move(multi_);
  if (all->spoilt())
    return reply_error(
      "EXECABORT Transaction discarded because of previous errors.");
  // The header; the replies that follow are its elements. All leave together,
  // so that no message of a channel comes between them.
  replies_.open_group();
  reply().array(all->size());
  running_ = std::move(all);
  running_->ended_by = spelt;
}

/// The next command of EXEC.
session::progress session::carry_on() {
  if (running_->empty()) {
    auto all = std::move(running_);
    replies_.close_group();
    if (monitored()) {
      const std::string_view exec[]{all->ended_by};
      show(nullptr, exec); // behind what it ran
    }
    if (stopping_)
      end(std::move(end_reason_));
    return progress::done;
  }
  if (replies_.size() > settings_->reply_pause)
    reply_error(too_large);
  else if (execute(running_->front()) == progress::blocked)
    return progress::blocked;
  running_->pop();
  return progress::done;
}

} // namespace saker::session
