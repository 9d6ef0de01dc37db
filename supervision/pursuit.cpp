#include "supervision/pursuit.hpp"

#include <algorithm>

namespace saker::supervision {

using namespace std::chrono_literals;
using process::finding;

namespace {

/// Between looks for a daemon that is to come up: doubled each time.
constexpr duration first_pause = 20ms;
constexpr duration longest_by_file = 200ms;
constexpr duration longest_by_match = 1s;

/// Who follows a process that ends is there before, as a rule.
constexpr int looks_after = 3;
constexpr duration pause_after = 50ms;

} // namespace

std::string pursuit::awaited() const {
  if (phase_ != phase::launched)
    return {};
  if (!program_left_)
    return "its program has not gone into the background";
  return "its daemon has not been found"
         + (seen_.empty() ? std::string{} : ": " + seen_);
}

any_pursuit_step pursuit::before_start() {
  phase_ = phase::before;
  return pursuit_step::look{};
}

any_pursuit_step pursuit::launched(std::int32_t program, time_point until) {
  phase_ = phase::launched;
  program_ = program;
  until_ = until;
  program_left_ = false;
  pause_ = first_pause;
  seen_.clear();
  return pursuit_step::look{first_pause};
}

any_pursuit_step pursuit::left() {
  program_left_ = true;
  pause_ = first_pause;
  if (phase_ != phase::launched) {
    phase_ = phase::after;
    tries_ = 0;
  }
  return pursuit_step::look{};
}

any_pursuit_step pursuit::found(const finding& x, time_point now) {
  if (phase_ == phase::before && x.what == finding::kind::several)
    return pursuit_step::refuse{x.text};
  if (x.what != finding::kind::found || !may_be(x))
    return nobody(x, now);
  doubt_ = x.trusted ? std::string{} : x.text;
  return pursuit_step::adopt{x.who, !x.trusted};
}

bool pursuit::may_be(const finding& x) const {
  switch (phase_) {
    // Nothing descends from a start that has not happened.
    case phase::before: return x.trusted;
    case phase::launched: return program_left_ || x.who.pid == program_;
    case phase::after: return true;
    case phase::idle: break;
  }
  return false;
}

any_pursuit_step pursuit::not_taken(const std::string& why, time_point now) {
  finding x;
  x.what = finding::kind::refused;
  x.text = why + (doubt_.empty() ? "" : ": " + doubt_);
  return nobody(x, now);
}

any_pursuit_step pursuit::nobody(const finding& x, time_point now) {
  switch (phase_) {
    case phase::before:
      return pursuit_step::launch{
        x.what == finding::kind::nobody ? std::string{} : x.text};
    case phase::launched: {
      seen_ = x.text;
      if (now < until_) // the last look is at the end of the time
        return pursuit_step::look{std::min<duration>(pause(), until_ - now)};
      if (!program_left_)
        return pursuit_step::absent{
          "its program did not go into the background: leave daemon out, or "
          "use the option that makes it a daemon"};
      return pursuit_step::absent{x.what == finding::kind::found
                                    ? "it did not come up in time"
                                    : "its daemon was not found: " + x.text};
    }
    case phase::after:
      if (++tries_ < looks_after)
        return pursuit_step::look{pause_after};
      return pursuit_step::give_up{
        x.what == finding::kind::nobody ? std::string{} : x.text};
    case phase::idle: break;
  }
  return pursuit_step::give_up{};
}

duration pursuit::pause() {
  auto now = pause_;
  pause_ = std::min(2 * pause_, by_file_ ? longest_by_file : longest_by_match);
  return now;
}

} // namespace saker::supervision
