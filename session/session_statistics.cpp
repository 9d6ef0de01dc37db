// Counting and timing commands, also for SLOWLOG and LATENCY. The clock is read
// where a row of equal commands ends, not for each of them: a command takes some
// 100 ns, a look at the clock 30. That is where the next row begins, and the
// first one begins when the bytes came in: for N commands there are at most N
// looks, where Redis has two for each.
#include "session/session.hpp"
#include "session/slow_log.hpp"

#include <algorithm>

namespace saker::session {

namespace {

/// `ERR` of an error's text.
std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" \r\n"));
}

std::chrono::nanoseconds between(command_statistics::time_point from,
                                 command_statistics::time_point to) noexcept {
  return std::max(to - from, command_statistics::time_point::duration{0});
}

} // namespace

/// A row of equal commands begins.
void session::begin_row(resp::command_id what) {
  end_row();
  if (std::exchange(strayed_, false))
    timed_since_ = look_at_clock();
  timed_ = what;
}

/// It was refused, and is answered.
session::progress
session::reject(resp::command_id counted, const resp::command_info* what,
                arguments args) {
  if (statistics_)
    statistics_->rejected(counted);
  look_for_error(counted, false);
  if (settings_->audit && special_ == audit_kind::refusal)
    audit(what, args);
  return progress::done;
}

/// Whether the present command has been answered by an error. `ran`: it was
/// carried out.
void session::look_for_error(resp::command_id what, bool ran) {
  if (!ran)
    strayed_ = true; // no command's time
  if (!statistics_ || !replied_with_error())
    return;
  auto text = std::string_view{*replied_}.substr(replied_from_ + 1);
  count_failure(what, text, ran);
}

void session::count_failure(resp::command_id what, std::string_view text,
                            bool ran) {
  if (!statistics_)
    return;
  statistics_->error(first_word(text));
  if (ran)
    statistics_->failed(what);
}

/// The present command is answered by somebody else, and counted then.
void session::await(request_id id, resp::command_id what, bool may_take_long) {
  if (!statistics_)
    return;
  sent_on_ = strayed_ = true;
  open_calls_.push_back({id, what, !may_take_long, timed_since_});
}

void session::count_answer(request_id id, const resp::value& reply) {
  auto i = std::find_if(open_calls_.begin(), open_calls_.end(),
                        [id](auto& x) { return x.id == id; });
  if (i == open_calls_.end())
    return;
  // Those that were sent on together share the time that it took.
  auto at = statistics_->now();
  auto since = std::max(i->since, std::exchange(answered_at_, at));
  auto took = i->timed ? between(since, at) : std::chrono::nanoseconds{0};
  statistics_->called(i->what, 1, took);
  if (reply.is_error())
    count_failure(i->what, reply.text(), true);
  open_calls_.erase(i);
}

command_statistics::time_point session::look_at_clock() const {
  return statistics_ ? statistics_->now() : settings_->slow->now();
}

/// Of a row that sent all on nobody wants to know how long it took here.
void session::end_row() {
  if (timed_ && timed_calls_ > 0)
    end_call();
  timed_.reset();
}

/// Ends the row, and tells what it took.
std::chrono::nanoseconds session::end_call() {
  auto at = look_at_clock();
  auto time = between(timed_since_, at);
  if (statistics_)
    statistics_->called(*timed_, timed_calls_, time);
  timed_.reset();
  timed_calls_ = 0;
  timed_since_ = at;
  strayed_ = false;
  return time;
}

} // namespace saker::session
