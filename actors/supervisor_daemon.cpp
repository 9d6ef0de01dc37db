#include "actors/supervisor.hpp"
#include "messages/error.hpp"
#include "process/proc_stat.hpp"
#include "supervision/launch.hpp"

#include <csignal>

namespace saker {

using namespace supervision;

using phase = pursuit::phase;

// -- events -----------------------------------------------------------------------

/// Its program has left, or its process is gone.
void supervisor_state::left(const link::left& what) {
  if (what.spawn_id != life->spawn_id())
    return;
  auto wanted_end = life->at() == state::stopping || life->at() == state::stuck;
  if (wanted_end)
    return take(pursuit_step::give_up{});
  follow(search_.left());
}

/// A new node finds a row in the middle of something.
void supervisor_state::resume_search(link::row_state held, std::int32_t pid) {
  if (!life->definition().daemon)
    return;
  if (search_.at() != phase::idle)
    return; // a start of its own
  search_ = pursuit{!rule().pidfile.empty()};
  if (held == link::row_state::spawning || held == link::row_state::queued)
    return program_runs(pid);
  if (held != link::row_state::seeking)
    return;
  if (life->at() == state::starting)
    program_runs(0);
  left({key, life->spawn_id(), {}});
}

void supervisor_state::program_runs(std::int32_t pid) {
  auto now = self->clock().now();
  auto until = life->snapshot(now).next_at.value_or(now);
  follow(search_.launched(pid, until - machine::head_start));
}

void supervisor_state::look_for(std::uint64_t search) {
  if (search != searches_)
    return;
  if (!life->definition().daemon) // any more: a new definition
    return end_search();
  auto found = [this, search](const process::finding& x) {
    if (search == searches_)
      follow(search_.found(x, self->clock().now()));
  };
  self->request(links->finder, caf::infinite, atom::query_v, rule())
    .then(found, [found](const caf::error& why) {
      process::finding x;
      x.what = process::finding::kind::refused;
      x.text = to_failure(why).detail;
      found(x);
    });
}

// -- steps ------------------------------------------------------------------------

void supervisor_state::follow(const any_pursuit_step& what) {
  std::visit([this](auto& x) { take(x); }, what);
}

void supervisor_state::take(const pursuit_step::look& x) {
  auto search = ++searches_;
  if (x.in > duration::zero())
    self->delayed_send(self, x.in, atom::query_v, search);
  else
    self->send(self, atom::query_v, search);
}

void supervisor_state::take(const pursuit_step::adopt& x) {
  // Nobody wants it any more: nothing was started, so nothing is to be ended.
  if (search_.at() == phase::before && life->at() != state::starting)
    return take(pursuit_step::refuse{"cancelled"});
  link::adopt what;
  what.key = key;
  what.spawn_id = life->spawn_id();
  what.pid = x.who.pid;
  what.start_time = x.who.start_time;
  what.stop = to_string(life->definition().stop);
  if (life->definition().kill == kill_scope::leader)
    what.kill = link::kill_mode::leader;
  if (x.needs_kin)
    what.needs = link::proof::kin;
  auto search = ++searches_;
  self
    ->request(links->keeper, caf::infinite, atom::ask_v,
              link::request{std::move(what)})
    .then(
      [this, search, who = x.who](bool) {
        if (search == searches_)
          taken(who);
      },
      [this, search](const caf::error& why) {
        if (search == searches_)
          follow(
            search_.not_taken(to_failure(why).detail, self->clock().now()));
      });
}

void supervisor_state::taken(const process::proc_entry& who) {
  auto before = search_.at();
  end_search();
  auto id = life->spawn_id();
  auto started = steady(process::since_boot(who.start_time));
  auto shown = life->who().display();
  if (before == phase::before)
    links->log(link::log_level::notice,
               shown + ": found running: " + to_string(who)
                 + "; it is adopted, its output is not read");
  if (before == phase::after && who.pid != life->pid())
    links->log(link::log_level::notice, shown + ": goes on as " + to_string(who)
                                          + " after the end of pid "
                                          + std::to_string(life->pid()));
  if (before == phase::after)
    on(event::moved{id, who.pid, started});
  else
    on(event::spawned{id, who.pid, started, before == phase::before});
}

void supervisor_state::take(const pursuit_step::launch& x) {
  if (life->at() != state::starting)
    return take(pursuit_step::refuse{"cancelled"});
  if (!x.warning.empty())
    links->warn(life->who().display()
                + ": not adopted, and started: " + x.warning);
  end_search();
  start_child(life->spawn_id());
}

void supervisor_state::take(const pursuit_step::refuse& x) {
  end_search();
  on(event::refused{life->spawn_id(), "not started:", 0, {}, x.why});
}

void supervisor_state::take(const pursuit_step::absent& x) {
  end_search();
  on(event::absent{life->spawn_id(), x.why});
}

void supervisor_state::take(const pursuit_step::give_up& x) {
  if (!x.warning.empty())
    links->warn(life->who().display()
                + ": has ended, and this is not followed: " + x.warning);
  end_search();
  self->send(links->keeper, atom::send_v,
             link::request{link::signal{key, SIGKILL, true}});
}

// -- helpers ----------------------------------------------------------------------

void supervisor_state::end_search() {
  ++searches_;
  search_.rest();
}

process::daemon_rule supervisor_state::rule() const {
  return to_daemon_rule(life->definition(), life->who().index,
                        links->environment);
}

} // namespace saker
