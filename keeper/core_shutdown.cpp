#include "keeper/core.hpp"
#include "keeper/timer.hpp"

#include <algorithm>
#include <csignal>

namespace saker::keeper {

using namespace std::chrono_literals;

namespace {

constexpr auto answer_limit = 5s;
constexpr auto parting_limit = 2s;

} // namespace

void core::wait_for_signals() {
  signal_set_.async_wait([this](auto error, int number) {
    if (error)
      return;
    if (number == SIGTERM || number == SIGINT)
      asked_to_stop();
    else if (number == SIGHUP && port_ && greeted_)
      port_->push(link::reload_wanted{});
    else if (number == SIGUSR2)
      log_.warning("SIGUSR2: the upgrade in place is not available yet");
    wait_for_signals();
  });
}

void core::asked_to_stop() {
  ++signals_;
  if (stop_run_.begun())
    return stop_run_.compress();
  if (phase_ == phase::parting)
    return;
  if (!port_ || !greeted_)
    return stop_alone("there is no node to stop things in order");
  if (signals_ > 2)
    return stop_alone("asked for the third time");
  port_->push(link::shutdown_wanted{signals_});
  if (phase_ != phase::serving)
    return;
  phase_ = phase::asked;
  call_after(patience_timer_, answer_limit, [this] {
    if (phase_ == phase::asked)
      stop_alone("the node did not answer within 5s");
  });
}

/// The node's word about the end.
link::answer core::part(const link::shutdown& what) {
  if (phase_ == phase::stopping)
    return link::refused{fail(errc::refused, "the keeper stops by itself")};
  farewell_ = what;
  if (what.how == link::farewell::begun
      || what.how == link::farewell::leaving) {
    phase_ = phase::agreed;
    return link::done{};
  }
  phase_ = phase::parting;
  call_after(patience_timer_, parting_limit, [this] {
    if (phase_ == phase::parting)
      node_.signal(SIGKILL);
  });
  return link::done{};
}

void core::stop_alone(const std::string& why) {
  if (phase_ == phase::stopping)
    return;
  if (phase_ != phase::parting)
    log_.warning(why + ": stopping all by their ladders");
  phase_ = phase::stopping;
  restart_timer_.cancel();
  node_.signal(SIGKILL);
  stop_run_.begin();
  if (signals_ > 2)
    stop_run_.compress();
}

/// Ends the loop when nothing has to be waited for any more.
void core::leave() {
  if (node_.runs())
    return;
  if (phase_ == phase::parting || (phase_ == phase::agreed && keeps_services()))
    return finish(farewell_.code);
  if (phase_ == phase::stopping && stop_run_.over())
    children_.reaping().clear_out([this] { finish(farewell_.code); });
}

void core::finish(int code) {
  code_ = code;
  save();
  if (rows_.living() == 0)
    file_.set_aside();
  io_.stop();
}

/// Whether what lives is to be left alone at the end.
bool core::keeps_services() const {
  return farewell_.how == link::farewell::keep
         || farewell_.how == link::farewell::leaving;
}

bool core::services_live() const {
  return std::any_of(rows_.all().begin(), rows_.all().end(), [](auto& x) {
    return x.second.living() && link::outlives_node(x.second.kind);
  });
}

} // namespace saker::keeper
