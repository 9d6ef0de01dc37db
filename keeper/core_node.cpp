#include "base/units.hpp"
#include "keeper/adoption.hpp"
#include "keeper/clock.hpp"
#include "keeper/core.hpp"
#include "keeper/timer.hpp"
#include "process/exit_status.hpp"

#include <csignal>

namespace saker::keeper {

using namespace std::chrono_literals;

namespace {

constexpr auto hello_limit = 30s;
constexpr auto abort_limit = 10s; ///< a core file may take a while
constexpr auto drain_after = 10s;
constexpr auto drain_interval = 50ms;

std::vector<std::string> node_argv(const options& x) {
  std::vector<std::string> argv{x.node};
  argv.insert(argv.end(), x.pass_on.begin(), x.pass_on.end());
  argv.insert(argv.end(), {"--link-fd", "3"});
  return argv;
}

std::string to_string(const node_end& x) {
  return x.signaled ? process::signal_name(x.number)
                    : "exit status " + std::to_string(x.number);
}

} // namespace

core::core(boost::asio::io_context& io, const options& given,
           process::spawner& spawn, table_file file, int node_oom_score)
  : io_(io), file_(std::move(file)), ours_(given.runtime_dir),
    outputs_(given.runtime_dir),
    children_(io, spawn, ours_, rows_, outputs_, log_,
              {[this] { save(); }, [this](entry& row) { on_running(row); },
               [this](entry& row) { on_over(row); },
               [this] { stop_run_.check(); },
               [this](entry& row) { on_left(row); },
               [this](const link::orphan& x) {
                 if (port_ && told_of(x.key))
                   port_->push(x);
               }}),
    node_(io, spawn, children_.reaping(), node_argv(given),
          {[this](auto& why) { node_failed(why); },
           [this](auto& how) { node_ended(how); }}),
    stop_run_(io, rows_, children_, log_, [this] { leave(); }),
    since_(boot_now()), node_oom_score_(node_oom_score),
    signal_set_(io, SIGTERM, SIGINT, SIGHUP), restart_timer_(io),
    patience_timer_(io), unseen_timer_(io), kill_timer_(io), drain_timer_(io) {
  signal_set_.add(SIGUSR1);
  signal_set_.add(SIGUSR2);
  log_.set_sink([this](const link::log_line& line) {
    if (!port_ || !greeted_ || broken_ || port_->full())
      return false;
    port_->push(line);
    return true;
  });
}

result<void> core::start(bool fresh) {
  auto found = file_.load();
  if (!found)
    return found.error();
  found->whole = found->whole || fresh;
  wait_for_signals();
  children_.start_reaping();
  adopt_all(std::move(*found), ours_, rows_, children_, outputs_, log_);
  // Once is enough: a keeper that takes over has had a predecessor.
  if (node_oom_score_ == 0 && rows_.living() == 0)
    log_.notice("the kernel does not let us lower our OOM score: short of "
                "memory it may end the keeper");
  save();
  start_node();
  return {};
}

// -- its life -----------------------------------------------------------------

void core::start_node() {
  greeted_ = listed_ = broken_ = start_failed_ = false;
  list_.reset();
  attention_.begin();
  listeners_.begin_node();
  auto ends = link::make_link();
  if (!ends) {
    node_failed(ends.error().detail);
    return node_ended({false, 1});
  }
  port_ = std::make_unique<node_port>(
    io_, std::move(ends->first),
    node_port::events{
      [this](auto seq, auto what) { return on_request(seq, std::move(what)); },
      [this] {
        if (list_ && continue_list())
          port_->resume();
      },
      [this](auto& why) { link_closed(why); }});
  ++starts_;
  drain_later(drain_after);
  if (!node_.start(ends->second, node_oom_score_))
    return node_ended({false, 1});
  watch_hello();
}

void core::node_failed(const std::string& why) {
  start_failed_ = true;
  log_.error("saker-node: " + why);
}

void core::node_ended(node_end how) {
  // What it said last still counts: it may have been SHUTDOWN.
  if (port_)
    port_->read_rest();
  port_.reset();
  greeted_ = listed_ = false;
  list_.reset();
  patience_timer_.cancel();
  unseen_timer_.cancel();
  kill_timer_.cancel();
  for (auto& key : rows_.node_gone())
    if (auto row = rows_.find(key))
      children_.signal(*row, SIGKILL, true);
  outputs_.drop_others(rows_);
  save();
  if (phase_ == phase::stopping)
    return leave();
  auto agreed = phase_ == phase::agreed || phase_ == phase::parting;
  if (phase_ == phase::agreed && keeps_services())
    log_.warning("the node ended (" + to_string(how)
                 + ") while leaving; services live on");
  if (agreed && keeps_services())
    return leave();
  if (phase_ != phase::serving)
    return stop_alone("the node ended (" + to_string(how) + ") while stopping");
  if (broken_ && how.signaled)
    how.number = SIGABRT; // ended by us, for its own fault
  if (start_failed_ && never_ready_ && !services_live())
    return finish(1);
  auto verdict = rules_.ended(how, services_live(), steady_now());
  if (!verdict.again)
    return finish(verdict.code);
  log_.warning("the node ended: " + to_string(how) + "; starting it again"
               + (verdict.delay > 0ns
                    ? " after " + format_duration(verdict.delay)
                    : std::string{})
               + (rules_.safe_mode() ? ", in safe mode" : ""));
  drain_later(drain_after);
  call_after(restart_timer_, verdict.delay, [this] {
    if (phase_ == phase::serving)
      start_node();
  });
}

void core::link_closed(const failure& why) {
  port_.reset();
  greeted_ = listed_ = false;
  list_.reset();
  if (why.code == errc::corrupt)
    return break_node("what the node says makes no sense: " + why.detail,
                      steady_now());
  // It is about to end, as a rule.
  call_after(kill_timer_, 2s, [this] {
    break_node("the node lives on without its link", steady_now());
  });
}

/// A node that hangs or talks nonsense counts as crashed: from `since` on it
/// was of no use.
void core::break_node(const std::string& why, stamp since) {
  if (!node_.runs() || broken_)
    return;
  broken_ = true;
  rules_.hangs(since);
  log_.error(why + ": sending SIGABRT");
  node_.signal(SIGABRT);
  node_.signal(SIGCONT); // it may have been stopped, and would not hear it
  call_after(kill_timer_, abort_limit, [this] { node_.signal(SIGKILL); });
}

// -- what is expected of it ---------------------------------------------------

void core::watch_hello() {
  call_after(patience_timer_, hello_limit, [this] {
    if (!greeted_ && phase_ == phase::serving)
      break_node("the node did not say HELLO for 30s", steady_now());
  });
}

/// An end that was told must be SEEN; this timer runs only meanwhile.
void core::watch_unseen() {
  auto oldest = rows_.oldest_unseen();
  if (!oldest || !port_)
    return;
  call_after(unseen_timer_, attention_.next_look(*oldest) - steady_now(),
             [this] { look_at_unseen(); });
}

void core::look_at_unseen() {
  auto oldest = rows_.oldest_unseen();
  if (!oldest || !port_)
    return;
  switch (attention_.judge(*oldest, steady_now())) {
    case attention::verdict::well: return watch_unseen();
    case attention::verdict::hangs:
      return break_node("the node did not take note of an end and said nothing "
                        "for 10s",
                        attention_.since(*oldest));
    case attention::verdict::overlooks:
      rules_.overlooks();
      return break_node("the node works, but did not take note of an end for "
                        "2min",
                        steady_now());
  }
}

/// While no node reads it, output is thrown away: a child must not wait.
void core::drain_later(std::chrono::nanoseconds delay) {
  call_after(drain_timer_, delay, [this] {
    if (listed_)
      return;
    outputs_.drain();
    drain_later(drain_interval);
  });
}

} // namespace saker::keeper
