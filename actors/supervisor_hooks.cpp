#include "actors/supervisor.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"
#include "process/exit_status.hpp"
#include "supervision/launch.hpp"

#include <algorithm>
#include <csignal>

namespace saker {

using namespace supervision;

namespace {

/// What may stand in a variable.
std::string variable(std::string text) {
  constexpr std::size_t longest = 4096;
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text.substr(0, longest);
}

/// What the commands are told beside the environment of the service.
std::map<std::string, std::string>
told_to(const effect::run_hook& x, const std::string& node,
        const std::string& name, const std::string& last_line) {
  std::map<std::string, std::string> result = {
    {"SAKER_NODE", node},
    {"SAKER_NAME", name},
    {"SAKER_HOOK", std::string{to_string(x.which)}},
  };
  if (x.which == hook_kind::before || !x.why)
    return result;
  result["SAKER_CAUSE"] = to_string(x.why);
  result["SAKER_REASON"] = variable(x.reason);
  if (x.why.what == cause::kind::exited)
    result["SAKER_CODE"] = std::to_string(x.why.number);
  if (x.why.what == cause::kind::signaled)
    result["SAKER_SIGNAL"] = process::signal_name(x.why.number);
  if (x.which == hook_kind::on_failed)
    result["SAKER_LAST_LINE"] = variable(last_line);
  return result;
}

/// The last line that is not empty.
std::string last_line_of(std::string_view output) {
  auto text = trim(output);
  return printable(trim(text.substr(text.rfind('\n') + 1)), 200);
}

cause cause_of(const lua::exec_result& x) {
  if (x.signal != 0)
    return cause::signaled(x.signal);
  return x.code != 0 ? cause::exited(x.code) : cause{};
}

/// Why the keeper did not run it to its end.
cause cause_of(const failure& x) {
  switch (x.code) {
    case errc::timeout: return {cause::kind::timeout, 0, false};
    case errc::spawn_failed:
    case errc::invalid_argument:
    case errc::limit: return {cause::kind::exec, 0, false};
    default: return {cause::kind::resources, 0, false};
  }
}

} // namespace

void supervisor_state::perform(const effect::run_hook& x) {
  if (x.which == hook_kind::on_failed
      && !life->definition().on_failed.url.empty())
    return tell_server(x.within);
  if (x.which != hook_kind::on_failed || log_file_.empty())
    return begin_hook(x, {});
  // What it wrote last is most of what there is to tell.
  tell([this, x] {
    self
      ->request(links->writer, std::chrono::seconds{2}, atom::tail_v, log_file_,
                lines_for_last_words)
      .then(
        [this, x](const std::string& end) {
          begin_hook(x, std::string{last_words(end)});
        },
        [this, x](const caf::error&) { begin_hook(x, {}); });
  });
}

/// Nobody waits for it; whoever cannot be told is told of in the log.
void supervisor_state::tell_server(duration within) {
  auto one = for_instance(life->definition(), life->who().index);
  auto to = parse_http_url(one.on_failed.url);
  if (!to) // it was read when it was defined
    return links->warn(one.name + ": on_failed: " + to.error().detail);
  auto until = self->clock().now() + within;
  // What stands behind the host may be a secret.
  tell([with = links, until, to = *to, what = failed_,
        who = life->who().display()] {
    with->post({to, what, until}, [with, who](const result<void>& done) {
      if (!done)
        with->warn(who + ": on_failed: " + done.error().detail);
    });
  });
}

void supervisor_state::begin_hook(const effect::run_hook& x,
                                  const std::string& last_line) {
  hook_run run;
  run.which = x.which;
  run.until = self->clock().now() + x.within;
  run.commands
    = to_hook_specs(life->definition(), life->who().index, x.which,
                    told_to(x, links->node, life->who().display(), last_line),
                    links->environment);
  hooks_.emplace(x.id, std::move(run));
  next_command(x.id);
}

void supervisor_state::next_command(std::uint64_t id) {
  auto& run = hooks_.at(id);
  if (run.next == run.commands.size())
    return hook_over(id, run.failed, std::move(run.failure));
  using std::chrono::milliseconds;
  job_order order;
  order.name = to_string(run.which);
  order.log = log_of_commands();
  order.what = run.commands[run.next++];
  order.timeout
    = std::max(std::chrono::ceil<milliseconds>(run.until - self->clock().now()),
               milliseconds{1});
  auto text = order.name + " " + printable(order.what.argv.front(), 100);
  run.now = links->job();
  self->request(run.now, caf::infinite, atom::call_v, std::move(order))
    .then(
      [this, id, text](const lua::exec_result& x) {
        auto why = cause_of(x);
        auto last = last_line_of(x.out);
        command_over(id, why,
                     text + ": " + to_string(why)
                       + (last.empty() ? "" : "; last output: " + last));
      },
      [this, id, text](const caf::error& why) {
        auto failure = to_failure(why);
        command_over(id, cause_of(failure), text + ": " + failure.detail);
      });
}

/// Before a start nothing may fail; what comes after an end is tried whatever
/// became of the commands before it.
void supervisor_state::command_over(std::uint64_t id, const cause& why,
                                    const std::string& text) {
  auto& run = hooks_.at(id);
  run.now = nullptr;
  if (run.killed)
    return hook_over(id, cause::signaled(SIGKILL),
                     std::string{to_string(run.which)} + ": killed");
  if (why && run.which == hook_kind::before)
    return hook_over(id, why, text);
  if (why)
    links->warn(life->who().display() + ": " + text);
  if (why && !run.failed) {
    run.failed = why;
    run.failure = text;
  }
  next_command(id);
}

void supervisor_state::hook_over(std::uint64_t id, cause why,
                                 std::string detail) {
  auto which = hooks_.at(id).which;
  hooks_.erase(id);
  if (which != hook_kind::on_failed)
    on(event::hook_ended{id, why, std::move(detail)});
}

void supervisor_state::perform(const effect::end_hook& x) {
  auto run = hooks_.find(x.id);
  if (run == hooks_.end())
    return;
  run->second.killed = true;
  if (run->second.now)
    self->send(run->second.now, atom::expire_v);
}

// -- commands about the child -------------------------------------------------

/// They are killed by whoever waits for them, if anybody does.
job_order
supervisor_state::order_of(std::string verb, process::spec what) const {
  return {std::move(verb), std::move(what), std::chrono::milliseconds{0},
          log_of_commands()};
}

/// Where the output of commands goes.
added_lines supervisor_state::log_of_commands() const {
  return {key, log_file_, life->definition().log.value_or(log_settings{}), {}};
}

void supervisor_state::perform(const effect::run_stop_command&) {
  self
    ->request(
      links->job(), caf::infinite, atom::call_v,
      order_of("stop", to_stop_spec(life->definition(), life->who().index,
                                    life->pid(), links->environment)))
    .then([](const lua::exec_result&) {}, [](const caf::error&) {});
}

void supervisor_state::perform(const effect::run_reload_command&) {
  reload_ = links->job();
  auto over = [this, run = ++reloads_](bool ok, std::string text) {
    if (run != reloads_) // an earlier one, which was killed
      return;
    reload_ = nullptr;
    on(event::reloaded{ok, std::move(text)});
  };
  self
    ->request(
      reload_, caf::infinite, atom::call_v,
      order_of("reload", to_reload_spec(life->definition(), life->who().index,
                                        life->pid(), links->environment)))
    .then(
      [over](const lua::exec_result& x) {
        auto why = cause_of(x);
        over(!why, why ? "its reload command ended with " + to_string(why)
                       : "reloaded");
      },
      [over](const caf::error& why) { over(false, to_failure(why).detail); });
}

void supervisor_state::perform(const effect::end_reload_command&) {
  if (reload_)
    self->send(reload_, atom::expire_v);
}

} // namespace saker
