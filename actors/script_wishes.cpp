// What Lua code of a script asked for, and how it gets its answers.

#include "actors/command_route.hpp"
#include "actors/reply_text.hpp"
#include "actors/script.hpp"
#include "messages/error.hpp"

#include <utility>
#include <variant>

namespace saker {

namespace {

using namespace std::chrono_literals;

constexpr auto chore_interval = 1s;

} // namespace

// -- wishes ---------------------------------------------------------------------

void script_state::grant(script_wish::publish& x) {
  session::publish_batch batch{x.id};
  batch.add(x.channel, x.message);
  publish(std::move(batch));
}

void script_state::publish(session::publish_batch batch) {
  self->send(links->connections->broker, atom::publish_v,
             caf::actor_cast<subscriber_actor>(self), std::move(batch));
}

void script_state::report(session::request_id id,
                          const receiver_counts& counts) {
  if (auto i = inner_publishes_.find(id); i != inner_publishes_.end()) {
    auto [call_id, batch] = i->second;
    inner_publishes_.erase(i);
    if (auto c = calls_.find(call_id); c != calls_.end()) {
      c->second->answer_publish(batch, counts);
      carry_on(call_id);
    }
    return;
  }
  order(script_order::answer{id, resp::value{counts.empty() ? 0 : counts[0]}});
}

void script_state::grant(script_wish::exec& x) {
  auto id = x.id;
  auto worker = links->job();
  jobs_.emplace(id, worker);
  self->request(worker, caf::infinite, atom::call_v, std::move(x.what))
    .then(
      [this, id](lua::exec_result& result) {
        jobs_.erase(id);
        order(script_order::answer{id, std::move(result)});
      },
      [this, id](const caf::error& why) {
        jobs_.erase(id);
        order(script_order::answer{id, to_failure(why)});
      });
}

void script_state::grant(script_wish::call& x) {
  session::moment at{links->now(), links->connections->wall_clock()};
  auto client = std::make_unique<inner_client>(links->connections,
                                               "script:" + file, at);
  client->begin(x.argv, at);
  calls_.emplace(x.id, std::move(client));
  carry_on(x.id);
}

void script_state::carry_on(lua::request_id id) {
  auto i = calls_.find(id);
  if (i == calls_.end())
    return;
  auto& client = *i->second;
  for (auto& what : client.effects()) {
    if (auto* batch = std::get_if<session::publish_batch>(&what)) {
      inner_publishes_[++last_inner_] = {id, batch->id};
      batch->id = last_inner_;
      publish(std::move(*batch));
    } else if (auto* wanted = std::get_if<session::request>(&what)) {
      ask(id, *wanted);
    } else if (auto* seen = std::get_if<session::observed>(&what)) {
      self->send(links->connections->broker, atom::tell_v,
                 std::move(seen->lines));
    }
  }
  if (auto x = client.reply()) {
    calls_.erase(id);
    order(script_order::answer{id, std::move(*x)});
  }
}

void script_state::ask(lua::request_id id, session::request& what) {
  auto inner = what.id;
  auto to = route(*links->connections, what);
  if (!to)
    return calls_.at(id)->answer(inner, nobody_there());
  auto reply = [this, id, inner](const resp::value& x) {
    if (auto c = calls_.find(id); c != calls_.end()) {
      c->second->answer(inner, x);
      carry_on(id);
    }
  };
  command_call call{std::move(what), 0, "script:" + file};
  call.origin = {links->connections->settings->slow, "lua", {}};
  self->request(to, caf::infinite, atom::call_v, std::move(call))
    .then([reply](const resp::value& x) { reply(x); },
          [reply](const caf::error& why) { reply(to_reply(why)); });
}

void script_state::grant(script_wish::forget& x) {
  calls_.erase(x.id);
  if (auto i = jobs_.find(x.id); i != jobs_.end()) {
    self->send(i->second, atom::finish_v);
    jobs_.erase(i);
  }
  chores_->forget(x.id);
}

// -- events, messages, chores ---------------------------------------------------

void script_state::grant(script_wish::emit& x) {
  order(
    script_order::answer{x.id, resp::value{links->emit(file, x.name, x.json)}});
}

void script_state::grant(script_wish::subscribe& x) {
  if (!mail_->add(x.id, x.pattern))
    return;
  auto kind = script_mail::is_pattern(x.pattern)
                ? session::subscription_kind::pattern
                : session::subscription_kind::channel;
  self->send(links->connections->broker, atom::subscribe_v,
             caf::actor_cast<subscriber_actor>(self),
             session::subscribe{kind, {x.pattern}, resp::protocol::resp3});
}

void script_state::grant(script_wish::unsubscribe& x) {
  auto pattern = mail_->remove(x.id);
  if (!pattern)
    return;
  auto kind = script_mail::is_pattern(*pattern)
                ? session::subscription_kind::pattern
                : session::subscription_kind::channel;
  self->send(links->connections->broker, atom::subscribe_v,
             caf::actor_cast<subscriber_actor>(self),
             session::unsubscribe{0, kind, {*pattern}});
}

void script_state::deliver(const frame_list& frames) {
  if (stuck_)
    return;
  auto mail = mail_->sort(frames);
  if (auto why = mail_->complaint(links->now()))
    links->log(lua::log_level::warning, file + ": " + *why);
  for (auto& x : mail)
    orders_.emplace_back(std::move(x));
  if (!mail.empty())
    hand_over();
}

void script_state::grant(script_wish::work& x) {
  auto id = x.id;
  time_chores();
  chores_->add(
    id, std::move(x.what), links->now(),
    [home = caf::actor_cast<script_actor>(self), id](chore_answer answer) {
      caf::anon_send(home, atom::ended_v, id, std::move(answer));
    });
}

void script_state::ended(lua::request_id id, const chore_answer& answer) {
  chores_->ended(id);
  if (*answer)
    order(script_order::answer{id, std::move(**answer)});
  else
    order(script_order::answer{id, answer->error()});
}

/// One timer for all: most chores are done at once.
void script_state::time_chores() {
  if (std::exchange(timing_, true))
    return;
  self->delayed_send(self, chore_interval, atom::wait_v);
}

void script_state::look_at_chores() {
  timing_ = false;
  for (auto id : chores_->give_up_late(links->now())) {
    links->log(lua::log_level::warning,
               file
                 + ": something that waits for the system (a file, a name, "
                   "a process) did not come back in time");
    order(script_order::answer{
      id, fail(errc::timeout, "it took too long and is not waited for")});
  }
  if (!chores_->empty())
    time_chores();
}

void script_state::forget_all() {
  calls_.clear();
  for (auto& [id, job] : jobs_)
    caf::anon_send(job, atom::finish_v);
  jobs_.clear();
}

} // namespace saker
