#include "supervision/machine.hpp"

namespace saker::supervision {

namespace {

ticket asker_of(const any_event& x) {
  auto ask = [](const auto& y) -> ticket {
    if constexpr (requires { y.asker; })
      return y.asker;
    else
      return 0;
  };
  return std::visit(ask, x);
}

} // namespace

machine::machine(std::shared_ptr<const service> definition, std::uint32_t index,
                 surroundings world, std::uint64_t seed)
  : definition_(std::move(definition)), who_(instance_of(*definition_, index)),
    world_(world), random_(seed), budget_(definition_->budget),
    backoff_(definition_->backoff), ladder_(definition_->stop) {
  // nop
}

effects machine::on(const any_event& x, time_point now) {
  begin(now);
  if (gone_)
    answer(asker_of(x), outcome::refused, "it is no longer defined");
  else
    std::visit([this](const auto& y) { take(y); }, x);
  return finish();
}

// -- the frame of every call ---------------------------------------------------

void machine::begin(time_point now) {
  now_ = now;
  todo_.clear();
  why_ = {};
  row_.clear();
  end_ = {};
  order_.clear();
  late_.clear();
}

effects machine::finish() {
  // What is paused or dropped does not end by a clock.
  if (!watched() && (note_.at == state::running || note_.at == state::sick))
    note_.deadline.reset();
  settle_waiters();
  complete_announcements();
  rearm();
  if (gone_) {
    // Last: the owner ends with it.
    if (!std::exchange(forgotten_, true))
      todo_.push_back(effect::forget{});
    return std::move(todo_);
  }
  auto note = remembered(now_);
  if (!kept_ || *kept_ != note) {
    todo_.insert(todo_.begin(), effect::keep{note});
    kept_ = std::move(note);
  }
  return std::move(todo_);
}

/// Where an end led to, and until when, is known only afterwards.
void machine::complete_announcements() {
  for (auto& x : todo_) {
    auto shown = std::get_if<effect::publish>(&x);
    if (!shown)
      continue;
    if (shown->name == "exit" || shown->name == "oom")
      shown->to = note_.at;
    // Where it is up again already, the limit of that start is no news.
    auto up_again = shown->name != to_string(note_.at)
                    && note_.at == state::starting;
    if (shown->to == note_.at && !up_again && note_.deadline) {
      shown->next_at = note_.deadline;
      shown->next = next_step();
    }
    if (shown->reason.empty())
      shown->reason = note_.reason;
  }
}

void machine::rearm() {
  std::optional<time_point> next;
  auto earliest = [&](std::optional<time_point> x) {
    if (x && (!next || *x < *next))
      next = x;
  };
  if (!gone_)
    earliest(note_.deadline);
  if (scheduled_ && definition_->when.at)
    earliest(now_ + glance);
  for (auto& x : waiters_) {
    earliest(x.until);
    auto probing = is_start(x.what);
    if (probing && note_.started && is_up(note_.at)
        && *note_.started + probation > now_)
      earliest(*note_.started + probation);
  }
  if (next == armed_)
    return;
  armed_ = next;
  todo_.push_back(effect::arm{next, ++epoch_});
}

// -- helpers -------------------------------------------------------------------

void machine::happens(stimulus x) {
  perform(react(note_.at, x));
}

void machine::enter(state next, std::optional<time_point> deadline) {
  auto from = note_.at;
  note_.at = next;
  note_.since = now_;
  note_.deadline = deadline;
  scheduled_ = false;
  announce(to_string(next), from, next);
  if (next == state::failed)
    run(hook_kind::on_failed);
}

void machine::announce(std::string_view name, state from, state to) {
  effect::publish x;
  x.name = name;
  x.from = from;
  x.to = to;
  x.why = why_;
  x.pid = note_.pid;
  x.restarts = note_.restarts;
  x.row = row_;
  x.reason = note_.reason;
  if (name == "exit" || name == "oom" || name == "lost") {
    x.uptime = end_.uptime;
    x.orphans = end_.orphans;
  }
  if ((name == "exit" || name == "lost") && end_.id)
    x.id = end_.id;
  todo_.push_back(std::move(x));
}

void machine::clear_failures() {
  budget_.clear();
  backoff_.clear();
  note_.half_open = false;
  note_.reason.clear();
}

/// When the present child is too old; nothing: never.
std::optional<time_point> machine::retirement() {
  auto& age = definition_->max_age;
  if (age.after == duration::zero() || !note_.started)
    return std::nullopt;
  auto later = static_cast<double>(age.after.count()) * age.jitter * random();
  return *note_.started + age.after
         + duration{static_cast<duration::rep>(later)};
}

/// From [0, 1): splitmix64.
double machine::random() {
  auto x = random_ += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  x ^= x >> 31;
  return static_cast<double>(x >> 11) * 0x1p-53;
}

note machine::remembered(time_point now) const {
  auto result = note_;
  result.marks = budget_.marks(note::max_marks, now);
  result.backoff_step = backoff_.step();
  return result;
}

} // namespace saker::supervision
