#include "actors/event_log.hpp"
#include "actors/event_text.hpp"
#include "actors/supervisor.hpp"
#include "messages/error.hpp"
#include "process/exit_status.hpp"
#include "supervision/hook.hpp"
#include "supervision/launch.hpp"

#include <utility>

namespace saker {

using namespace supervision;

namespace {

link::output_mode output_of(const service& x) {
  if (!x.log)
    return link::output_mode::none;
  return x.log->split ? link::output_mode::split : link::output_mode::merged;
}

} // namespace

void supervisor_state::perform(const effect::keep& x) {
  self->send(links->keeper, atom::send_v,
             link::request{link::note{
               key, encode(x.what, self->clock().now(), links->boot_offset)}});
}

void supervisor_state::perform(const effect::spawn& x) {
  if (!life->definition().daemon)
    return start_child(x.spawn_id);
  search_ = pursuit{!rule().pidfile.empty()};
  follow(search_.before_start());
}

void supervisor_state::start_child(std::uint64_t spawn_id) {
  auto& definition = life->definition();
  link::spawn what;
  what.key = key;
  what.spawn_id = spawn_id;
  if (definition.daemon)
    what.kind = link::child_class::daemon;
  what.stop = to_string(definition.stop);
  what.kill = definition.kill == kill_scope::tree ? link::kill_mode::tree
                                                  : link::kill_mode::leader;
  what.start_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
    definition.start_timeout);
  what.output = output_of(definition);
  what.what = to_spec(definition, life->who().index, links->environment);
  auto sockets = for_instance(definition, life->who().index).listen;
  listen_then_spawn(std::make_shared<launching>(
    launching{std::move(what), std::move(sockets)}));
}

void supervisor_state::perform(const effect::signal& x) {
  link::request what = link::signal{key, x.number, x.scope == kill_scope::tree};
  if (x.asker == 0)
    return self->send(links->keeper, atom::send_v, std::move(what));
  auto sent = !x.done.empty() ? x.done
                              : process::signal_name(x.number) + " sent to "
                                  + std::to_string(life->pid());
  self->request(links->keeper, caf::infinite, atom::ask_v, std::move(what))
    .then([this, asker = x.asker,
           sent](bool) { answer(asker, outcome::done, sent); },
          [this, asker = x.asker](const caf::error& why) {
            answer(asker, outcome::refused, to_failure(why).detail);
          });
}

void supervisor_state::perform(const effect::arm& x) {
  if (!x.at)
    return;
  auto now = self->clock().now();
  auto delay = *x.at > now ? *x.at - now : duration{0};
  self->delayed_send(self, delay, atom::expire_v, x.epoch);
}

void supervisor_state::perform(const effect::publish& x) {
  for (auto& line : log_lines(life->who(), x, self->clock().now()))
    links->log(line.level, line.text);
  auto at = links->unix_ms();
  auto id = x.id ? *x.id
                 : links->sequencer->next(static_cast<std::uint64_t>(at));
  auto past = record(x, id, at);
  if (x.name == "failed")
    failed_ = past.payload;
  tell([this, channel = event_channel(links->node, life->who(), x.name),
        what = std::move(past)]() mutable {
    self->send(links->broker, atom::emit_v, channel, share(what.payload));
    links->history->put(std::move(what));
  });
}

void supervisor_state::perform(const effect::acknowledge& x) {
  self->send(links->keeper, atom::send_v,
             link::request{link::ack{key, x.spawn_id}});
}

void supervisor_state::perform(const effect::answer& x) {
  tell([this, x] { give(x); });
}

void supervisor_state::give(const effect::answer& x) {
  // The end of a hook tells what that hook put out.
  if (!x.with_output || log_file_.empty()
      || x.text.find("; last output: ") != std::string::npos)
    return answer(x.asker, x.code, x.text);
  self
    ->request(links->writer, std::chrono::seconds{2}, atom::tail_v, log_file_,
              lines_for_last_words)
    .then(
      [this, x](const std::string& end) {
        std::string last{last_words(end)};
        answer(x.asker, x.code,
               last.empty() ? x.text : x.text + "; last output: " + last);
      },
      [this, x](const caf::error&) { answer(x.asker, x.code, x.text); });
}

void supervisor_state::answer(ticket asker, outcome code, std::string text) {
  auto i = askers_.find(asker);
  if (i == askers_.end())
    return;
  i->second.deliver(verdict{code, std::move(text)});
  askers_.erase(i);
}

void supervisor_state::perform(const effect::escalate&) {
  // There are no trees yet: the root tree leaves a failed service failed.
}

void supervisor_state::perform(const effect::shut_down& x) {
  self->send(roster, atom::stop_v, x.code);
}

void supervisor_state::perform(const effect::forget&) {
  tell([this] {
    self->send(links->keeper, atom::send_v, link::request{link::forget{key}});
    self->send(links->keeper, atom::withdraw_v, key);
    self->send(links->log_interest, atom::withdraw_v, key);
    self->send(links->writer, atom::detach_v, key);
    self->send(roster, atom::forget_v, key);
    self->quit();
  });
}

} // namespace saker
