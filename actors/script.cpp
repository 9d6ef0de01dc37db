#include "actors/script.hpp"

#include "actors/command_route.hpp"
#include "actors/reply_text.hpp"
#include "messages/error.hpp"
#include "messages/librarian_actor.hpp"

#include <variant>

namespace saker {

namespace {

using namespace std::chrono_literals;

/// How long commands that run may take to their end when the script ends.
constexpr auto patience_with_commands = 1s;

} // namespace

script_state::~script_state() {
  // Forgets what it waits for, while there is somebody to hear that.
  engine_.reset();
  auto why = fail(errc::closed, file
                                  + " was unloaded or loaded again "
                                    "meanwhile; try again");
  dismiss_callers(why);
  if (loader_)
    loader_->deliver(to_error(why));
  if (ender_)
    ender_->deliver(true);
}

void script_state::begin(shared_script_links with, std::string which) {
  links = std::move(with);
  file = std::move(which);
  auto options = links->options;
  options.name = file;
  options.engine.seed = std::hash<std::string>{}(file);
  engine_ = std::make_unique<lua::script>(*this, std::move(options));
}

// -- requests -------------------------------------------------------------------------

caf::result<command_specs> script_state::load(const std::string& text) {
  auto task = engine_->load(file, text);
  if (!task) {
    self->quit();
    return to_error(task.error());
  }
  loading_ = *task;
  loader_ = self->make_response_promise<command_specs>();
  want_turn();
  return *loader_;
}

caf::result<resp::value> script_state::call(command_call& what) {
  auto& args = what.what.args;
  auto alias = args.front();
  args.erase(args.begin());
  auto task = engine_->call(alias, std::move(args), what.what.protocol);
  if (!task)
    return to_reply(task.error());
  auto promise = self->make_response_promise<resp::value>();
  callers_.emplace(*task, promise);
  want_turn();
  return promise;
}

task_list script_state::describe() const {
  return engine_->tasks();
}

caf::result<bool> script_state::finish() {
  if (ender_)
    return true;
  deferred_ = engine_->begin_defer().size();
  auto promise = self->make_response_promise<bool>();
  ender_ = promise;
  self->delayed_send(self, patience_with_commands, atom::expire_v);
  want_turn();
  check_end();
  return promise;
}

void script_state::expire() {
  dismiss_callers(fail(errc::closed, file
                                       + " was unloaded or loaded again "
                                         "meanwhile; try again"));
  check_end();
}

// -- turns ----------------------------------------------------------------------------

void script_state::want_turn() {
  if (pumping_)
    return;
  pumping_ = true;
  self->send(self, atom::pump_v);
}

void script_state::pump() {
  pumping_ = false;
  auto loaded = !loader_;
  auto x = engine_->step(now());
  for (auto& task : x.finished)
    finished(task);
  if (x.commands && loaded)
    tell_commands();
  if (x.exhausted) {
    dismiss_callers(
      fail(errc::out_of_memory, file
                                  + ": its live data filled its memory; it is "
                                    "started anew"));
    links->log(lua::log_level::error,
               file + ": its live data fill its memory; it is started anew");
    return self->quit(to_error(fail(errc::out_of_memory, file)));
  }
  if (x.ready)
    want_turn();
  else
    arm();
}

void script_state::arm() {
  auto due = engine_->next_wake();
  if (!due)
    return;
  auto at = now();
  auto delay = *due > at ? *due - at : std::chrono::nanoseconds{0};
  self->delayed_send(self, delay, atom::tick_v, ++epoch_);
}

void script_state::tick(std::uint64_t epoch) {
  if (epoch == epoch_)
    want_turn();
}

void script_state::finished(lua::finished_task& x) {
  if (x.id == loading_ && loader_) {
    if (x.value)
      loader_->deliver(engine_->commands());
    else
      loader_->deliver(to_error(x.value.error()));
    loader_.reset();
    if (!x.value)
      self->quit();
    return;
  }
  if (x.kind == lua::task_kind::defer && ender_) {
    --deferred_;
    return check_end();
  }
  auto caller = callers_.find(x.id);
  if (caller == callers_.end())
    return;
  if (x.value)
    caller->second.deliver(std::move(*x.value));
  else
    caller->second.deliver(to_reply(x.value.error()));
  callers_.erase(caller);
  check_end();
}

void script_state::tell_commands() {
  auto to = caf::actor_cast<librarian_actor>(links->connections->librarian);
  if (to)
    self->send(to, atom::change_v, caf::actor_cast<script_actor>(self),
               engine_->commands());
}

/// After `finish`: when nothing is left to be done.
void script_state::check_end() {
  if (!ender_ || deferred_ > 0 || !callers_.empty())
    return;
  ender_->deliver(true);
  ender_.reset();
  self->quit();
}

void script_state::dismiss_callers(const failure& why) {
  for (auto& [task, caller] : callers_)
    caller.deliver(to_reply(why));
  callers_.clear();
}

// -- what the script asks for -----------------------------------------------------------

lua::time_point script_state::now() {
  return self->clock().now();
}

lua::wall_time_point script_state::wall_time() {
  return links->connections->wall_clock();
}

void script_state::log(lua::log_level level, std::string_view text) {
  auto placed = text.starts_with(file + ":");
  links->log(level,
             placed ? std::string{text} : file + ": " + std::string{text});
}

void script_state::publish(lua::request_id id, std::string channel,
                           std::string message) {
  session::publish_batch batch{id};
  batch.add(channel, message);
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
  engine_->answer(id, resp::value{counts.empty() ? 0 : counts[0]});
  want_turn();
}

void script_state::exec(lua::request_id id, lua::exec_spec what) {
  auto worker = links->job();
  jobs_.emplace(id, worker);
  self->request(worker, caf::infinite, atom::call_v, std::move(what))
    .then(
      [this, id](lua::exec_result& x) {
        jobs_.erase(id);
        engine_->answer(id, std::move(x));
        want_turn();
      },
      [this, id](const caf::error& why) {
        jobs_.erase(id);
        engine_->answer(id, to_failure(why));
        want_turn();
      });
}

void script_state::call(lua::request_id id, std::vector<std::string> argv) {
  session::moment at{now(), wall_time()};
  auto client = std::make_unique<inner_client>(links->connections,
                                               "script:" + file, at);
  client->begin(argv, at);
  calls_.emplace(id, std::move(client));
  // The engine is in the middle of a step: it must not be answered now.
  self->send(self, atom::ask_v, id);
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
      self->send(links->connections->broker, atom::publish_v,
                 caf::actor_cast<subscriber_actor>(self), std::move(*batch));
      continue;
    }
    auto* order = std::get_if<session::request>(&what);
    if (!order)
      continue;
    auto inner = order->id;
    auto to = route(*links->connections, *order);
    if (!to) {
      client.answer(inner, nobody_there());
      continue;
    }
    auto reply = [this, id, inner](const resp::value& x) {
      if (auto c = calls_.find(id); c != calls_.end()) {
        c->second->answer(inner, x);
        carry_on(id);
      }
    };
    command_call call{std::move(*order), 0, "script:" + file};
    self->request(to, caf::infinite, atom::call_v, std::move(call))
      .then([reply](const resp::value& x) { reply(x); },
            [reply](const caf::error& why) { reply(to_reply(why)); });
  }
  if (auto x = client.reply()) {
    calls_.erase(id);
    engine_->answer(id, std::move(*x));
    want_turn();
  }
}

void script_state::forget(lua::request_id id) {
  calls_.erase(id);
  if (auto i = jobs_.find(id); i != jobs_.end()) {
    self->send(i->second, atom::finish_v);
    jobs_.erase(i);
  }
}

// -- behavior -----------------------------------------------------------------------------

script_actor::behavior_type
script(script_actor::stateful_pointer<script_state> self,
       shared_script_links links, std::string file) {
  self->state.begin(std::move(links), std::move(file));
  return {
    [](atom::deliver, const frame_list&) {},
    [self](atom::report, session::request_id id, const receiver_counts& n) {
      self->state.report(id, n);
    },
    [](atom::report, session::request_id) {},
    [self](atom::call, command_call& what) { return self->state.call(what); },
    [self](atom::load, const std::string& text) {
      return self->state.load(text);
    },
    [self](atom::describe) { return self->state.describe(); },
    [self](atom::finish) { return self->state.finish(); },
    [self](atom::pump) { self->state.pump(); },
    [self](atom::ask, lua::request_id id) { self->state.carry_on(id); },
    [self](atom::tick, std::uint64_t epoch) { self->state.tick(epoch); },
    [self](atom::expire) { self->state.expire(); },
  };
}

} // namespace saker
