#include "actors/definitions.hpp"
#include "actors/finder.hpp"
#include "actors/sampler.hpp"
#include "io/pinned.hpp"
#include "node/clocks.hpp"
#include "node/runtime.hpp"
#include "process/clock.hpp"
#include "process/daemon_search.hpp"
#include "process/proc_limits.hpp"

#include <caf/send.hpp>

#include <chrono>

#include <unistd.h>

namespace saker::node {

namespace {

supervision::duration boot_offset() {
  return process::read_clock(CLOCK_BOOTTIME)
         - process::read_clock(CLOCK_MONOTONIC);
}

} // namespace

settled_actor runtime::begin_services() {
  roster_ = vital("roster", spawn_roster());
  links_->roster = caf::actor_cast<command_actor>(roster_);
  caf::anon_send(keeper_, atom::enroll_v,
                 caf::actor_cast<keeper_master_actor>(roster_));
  return roster_;
}

roster_actor runtime::spawn_roster() {
  roster_links x;
  auto shared = make_supervisor_links();
  x.supervisors = shared;
  x.journal = journal_;
  x.definitions = io::spawn_on(&script_threads_, sys_, definitions,
                               boot_.reader);
  x.librarian = librarian_;
  x.sampler = spawn_sampler();
  x.supervise = [this, shared](const roster_actor& to, beginning how) {
    return vital("supervisor of a service",
                 sys_.spawn(supervisor, shared, to, std::move(how)));
  };
  x.leave = [this] { caf::anon_send(cluster_, atom::finish_v); };
  x.say = say_;
  x.drift = drift_;
  x.descriptors = [this] { return descriptors(); };
  if (!boot_.settings.tls.listen.empty())
    x.renew = [this] { caf::anon_send(gateway_, atom::reload_v); };
  if (boot_.held.welcome.safe_mode)
    x.heading.emplace_back("SAFE MODE: the node failed again and again; no "
                           "scripts are loaded");
  return sys_.spawn(
    roster, std::move(x),
    roster_beginning{std::move(boot_.definitions), std::move(boot_.held),
                     std::move(boot_.wanted), boot_.wanted_known,
                     std::move(boot_.settings_kept)});
}

shared_supervisor_links runtime::make_supervisor_links() {
  auto x = std::make_shared<supervisor_links>();
  x->keeper = keeper_;
  x->broker = broker_;
  x->writer = writers_;
  x->log_interest = log_interest_;
  x->board = board_;
  x->job = [this] { return spawn_job(); };
  x->finder = spawn_finder();
  x->post = [this](io::http_order what, auto done) {
    post(std::move(what), std::move(done));
  };
  x->sequencer = sequencer_;
  x->history = history_;
  x->world = {&numbers_, &restarts_, real_wall_clock()};
  x->node = boot_.settings.node;
  x->state_dir = boot_.settings.state_dir.string();
  x->environment = environment_;
  x->keeper_version = boot_.held.welcome.version;
  x->unix_ms = unix_ms;
  x->boot_offset = boot_offset();
  x->warn = warn_;
  x->log = [this](link::log_level level, const std::string& text) {
    log_.at(level, text);
  };
  return x;
}

finder_actor runtime::spawn_finder() {
  auto hands = std::make_shared<process::daemon_search>(keeper_pid_);
  finder_links x;
  x.by_pidfile = [hands](const process::daemon_rule& rule) {
    return hands->by_pidfile(rule);
  };
  x.by_match = [hands](const std::vector<process::daemon_rule>& rules) {
    return hands->by_match(rules);
  };
  x.clock = std::chrono::steady_clock::now;
  return sys_.spawn<caf::detached>(finder, std::move(x));
}

sampler_actor runtime::spawn_sampler() {
  sampler_links x;
  x.look = process::take_snapshot;
  x.ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  x.report = [this](const process::tree_usage& sum) {
    figures_.services_rss.set(static_cast<std::int64_t>(sum.rss));
    figures_.services_processes.set(sum.processes);
    figures_.services_cpu.set(static_cast<std::int64_t>(sum.cpu * 10));
  };
  return sys_.spawn<caf::detached>(sampler, std::move(x));
}

/// Children take descriptors of the keeper, clients some of this node.
descriptor_budget runtime::descriptors() const {
  return {process::nofile_limit_of(keeper_pid_),
          static_cast<std::uint64_t>(figures_.clients.get())};
}

/// Any thread. Whoever never tells a server has no threads for it.
void runtime::post(io::http_order what,
                   std::function<void(const result<void>&)> done) {
  std::call_once(first_post_, [this] {
    constexpr std::size_t at_once = 4;
    post_threads_.emplace(sys_, at_once);
  });
  post_threads_->run([what = std::move(what), done = std::move(done)] {
    done(io::http_post(what));
  });
}

} // namespace saker::node
