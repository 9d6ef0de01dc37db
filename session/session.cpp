#include "session/session.hpp"

#include "session/audit_trail.hpp"

namespace saker::session {

namespace {

/// While nothing can be executed, this many bytes may still come in.
constexpr std::size_t read_ahead = std::size_t{64} * 1024;

/// Behind a command that may take very long more is read, so that the end of
/// the client is noticed; whoever sends even more is cut off.
constexpr std::size_t read_ahead_waiting = 1024 * 1024;

/// CLIENT LIST tells the largest output of so long, as in Redis.
constexpr std::chrono::seconds peaks_last{5};

/// Of one EXEC, whose replies cannot be the measure.
constexpr std::size_t commands_at_a_stretch = 10'000;

} // namespace

session::session(std::uint64_t id, peer who, shared_settings config, moment now)
  : id_(id), peer_(std::move(who)), settings_(std::move(config)), since_(now),
    now_(now), last_input_(now.steady), parser_(settings_->requests) {
  begin();
  if (settings_->audit && !peer_.certificate.empty())
    audit_certificate();
}

void session::use(shared_settings config) {
  settings_ = std::move(config);
  parser_.limit(settings_->requests);
  look_at_user();
}

// -- what happens --------------------------------------------------------------

void session::feed(std::string_view bytes, moment now) {
  now_ = now;
  last_input_ = now.steady;
  if (closing_)
    return;
  if (now.steady - peak_since_ >= peaks_last) {
    peak_since_ = now.steady;
    replies_.forget_peak();
  }
  parser_.feed(bytes);
  run();
  parser_.hold();
  if (!closing_ && collected() > settings_->query_buffer)
    end_now("the query buffer is full");
  if (!closing_ && waits() && parser_.held() > read_ahead_waiting)
    end_now("too much input behind a command that waits");
}

void session::proceed(moment now) {
  now_ = now;
  run();
  parser_.hold();
}

void session::answer(request_id id, const resp::value& reply) {
  if (!open_calls_.empty())
    count_answer(id, reply);
  if (audits_)
    audits_->answered(id, reply);
  if (!judged_elsewhere_.empty())
    note_verdict(id, reply);
  replies_.fill(id, reply);
  settle();
}

void session::answer_publish(request_id id,
                             std::span<const std::int64_t> receivers) {
  replies_.fill_counts(id, receivers);
  settle();
}

// -- what follows --------------------------------------------------------------

bool session::full() const noexcept {
  // What EXEC made is held back until its end: `carry_on` has an eye on it.
  if (running_)
    return replies_.unanswered() >= settings_->open_commands;
  return replies_.open() >= settings_->open_commands
         || replies_.size() >= settings_->output_chunk;
}

bool session::wants_input() const noexcept {
  if (closing_ || paused_)
    return false;
  if (waits())
    return true;
  if (full())
    return false;
  return !(stalled_ || blocked_) || parser_.held() < read_ahead;
}

bool session::more() const noexcept {
  if (closing_ || paused_ || full())
    return false;
  if (still_held())
    return false;
  return stalled_ || (blocked_ && replies_.unanswered() == 0);
}

/// What is held is tried again once its reason is another one, or none: whatever
/// else it has to wait for is found out then.
bool session::still_held() const {
  switch (held_for_) {
    case held_for::nothing: return false;
    case held_for::pause: return suspension_ == held_under_;
    case held_for::services: return patient_ && loads(resp::target::roster);
    case held_for::scripts: break;
  }
  return patient_ && loads(resp::target::script);
}

std::size_t session::reply_pause() const noexcept {
  return authenticated_ ? settings_->reply_pause
                        : settings_->reply_pause_before_auth;
}

client_figures session::figures(moment now) const {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  client_figures x;
  x.id = id_;
  x.address = peer_.address;
  x.local_address = peer_.local_address;
  x.name = name_;
  x.age = duration_cast<seconds>(now.steady - since_.steady);
  x.idle = duration_cast<seconds>(now.steady - last_input_);
  x.closing = closing_;
  x.database = database_;
  x.channels = channels_.size();
  x.patterns = patterns_.size();
  x.shards = shards_.size();
  x.monitors = monitoring_;
  if (auto* all = multi_ ? multi_.get() : running_.get()) {
    x.queued = static_cast<std::int64_t>(all->size());
    x.queued_bytes = all->held();
  }
  if (replies_.unanswered() > 0)
    x.argument_bytes = open_bytes_;
  x.reply_buffer = replies_.capacity();
  x.reply_peak = replies_.peak();
  x.reply_bytes = replies_.size();
  x.query_buffer = parser_.held();
  x.spare_buffer = parser_.spare();
  x.memory = sizeof(*this) + x.query_buffer + x.spare_buffer + x.queued_bytes
             + replies_.size();
  x.blocked = blocked();
  x.via_unix = peer_.via_unix;
  x.no_evict = no_evict_;
  if (tracks()) {
    x.tracking = true;
    x.broadcast = tracking_->broadcast();
    x.redirect = tracking_->redirect();
  }
  x.open_commands = replies_.open();
  x.command = last_command_ ? std::string{last_command_->name} : last_alias_;
  if (running_)
    x.command = "exec";
  x.user = user_->name();
  x.protocol = static_cast<int>(protocol_);
  x.library = library_;
  x.library_version = library_version_;
  return x;
}

// -- reading -------------------------------------------------------------------

void session::run() {
  stalled_ = blocked_ = false;
  held_for_ = held_for::nothing;
  timed_since_ = now_.steady; // the bytes came in just now
  strayed_ = false;
  auto left = commands_at_a_stretch;
  while (!closing_) {
    if (paused_ || full()) {
      stalled_ = true;
      break;
    }
    sleeping_ = sleeping_ && replies_.unanswered() > 0;
    if (sleeping_) {
      blocked_ = true;
      break;
    }
    if (running_) {
      blocked_ = carry_on() == progress::blocked;
      stalled_ = left-- == 0; // others want their turn too
      if (blocked_ || stalled_)
        break;
      continue;
    }
    auto state = parser_.next();
    if (state == resp::parser::state::incomplete)
      break;
    if (state == resp::parser::state::failed) {
      reply_error("ERR " + parser_.error());
      if (statistics_)
        statistics_->error("ERR");
      end(parser_.error());
    } else if (execute(parser_.args()) == progress::blocked) {
      parser_.unread();
      blocked_ = true;
      break;
    }
    if (reply_mode_ != reply_mode::on)
      next_reply_mode();
  }
  end_row();
  settle();
}

// -- ending --------------------------------------------------------------------

void session::stop(std::string reason) {
  if (running_) {
    stopping_ = true;
    end_reason_ = std::move(reason);
    return;
  }
  end(std::move(reason));
  settle();
}

/// After the replies that are due; what else has come in is ignored.
void session::end(std::string reason) {
  closing_ = true;
  end_reason_ = std::move(reason);
}

void session::end_now(std::string reason) {
  closing_ = closed_ = true;
  effects_.emplace_back(close{false, std::move(reason)});
}

/// Closes once the last reply is in the output.
void session::settle() {
  if (!closing_ || closed_ || replies_.open() > 0)
    return;
  closed_ = true;
  effects_.emplace_back(close{true, end_reason_});
}

// -- replies -------------------------------------------------------------------

resp::writer session::reply() {
  auto unheard = silent();
  auto& text = unheard ? discarded_ : replies_.now();
  if (unheard)
    discarded_.clear();
  replied_ = &text;
  replied_from_ = text.size();
  return {text, protocol_};
}

/// The reply of the present command comes from somebody else.
void session::promise(request_id id) {
  silent() ? replies_.promise(id, std::string{})
           : replies_.promise(id, protocol_);
}

/// A command has been answered.
void session::next_reply_mode() noexcept {
  if (reply_mode_ == reply_mode::skip)
    reply_mode_ = reply_mode::on;
  else if (reply_mode_ == reply_mode::skip_next)
    reply_mode_ = reply_mode::skip;
}

void session::reply_ok() {
  reply().encoded("+OK\r\n");
}

void session::reply_error(std::string_view text) {
  reply().error(text);
}

} // namespace saker::session
