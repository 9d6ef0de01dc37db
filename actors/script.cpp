#include "actors/script.hpp"

#include "actors/reply_text.hpp"
#include "messages/error.hpp"
#include "messages/librarian_actor.hpp"

#include <variant>

namespace saker {

namespace {

using namespace std::chrono_literals;

/// How long commands that run may take to their end when the script ends.
constexpr auto patience_with_commands = 1s;

/// Of one script: the threads are there for others too.
constexpr std::size_t chores_at_once = 2;

/// Takes a worker to a thread and back. The last to let go of a worker that
/// was given up is the thread, so that its state is freed there.
struct errand {
  std::shared_ptr<script_worker> worker;
  script_actor home;
  io::crew* threads;

  void operator()() {
    worker->work();
    if (worker->give_back())
      return caf::anon_send(home, atom::ended_v);
    worker.reset();
    threads->shrink();
    caf::anon_send(home, atom::closed_v);
  }
};

} // namespace

script_state::~script_state() {
  if (!links)
    return;
  forget_all();
  dismiss_all(unloaded());
  if (worker_ && !out_)
    links->threads->run([worker = std::move(worker_)] {
      // nop: freed where large states may take their time
    });
}

void script_state::begin(shared_script_links with, std::string which) {
  links = std::move(with);
  file = std::move(which);
  mail_.emplace(links->mail);
  chores_.emplace(links->chores, chores_at_once);
  worker_ = std::make_shared<script_worker>(links, file);
}

// -- requests -----------------------------------------------------------------

caf::result<command_specs> script_state::load(const std::string& text) {
  if (auto why = why_not_load()) {
    self->quit();
    return to_error(*why);
  }
  auto promise = self->make_response_promise<command_specs>();
  loader_ = promise;
  order(script_order::load{text});
  return promise;
}

caf::result<resp::value> script_state::call(command_call& what) {
  if (stuck_)
    return to_reply(why_stuck());
  if (auto why = why_nobody_works())
    return to_reply(*why);
  auto promise = self->make_response_promise<resp::value>();
  callers_.emplace(++last_call_, caller{promise, slow_subject{what}});
  order(script_order::call{last_call_, std::move(what.what.args),
                           what.what.protocol});
  return promise;
}

caf::result<task_list> script_state::describe() {
  if (stuck_)
    return stuck_rows();
  auto promise = self->make_response_promise<task_list>();
  describers_.push_back(promise);
  if (describers_.size() == 1)
    order(script_order::describe{});
  return promise;
}

void script_state::withdraw(std::vector<std::string> aliases) {
  if (!stuck_)
    order(script_order::withdraw{std::move(aliases)});
}

caf::result<bool> script_state::finish() {
  if (ender_ || stuck_) {
    leave({});
    return true;
  }
  auto promise = self->make_response_promise<bool>();
  ender_ = promise;
  self->delayed_send(self, patience_with_commands, atom::expire_v);
  order(script_order::defer{});
  return promise;
}

void script_state::expire() {
  dismiss_callers(unloaded());
  check_end();
}

/// Ends, but not before the worker is back: somebody must watch over it.
void script_state::leave(const caf::error& why) {
  if (out_)
    leaving_ = why;
  else
    self->quit(why);
}

// -- the worker ---------------------------------------------------------------

void script_state::order(script_order::any what) {
  orders_.push_back(std::move(what));
  hand_over();
}

void script_state::hand_over() {
  if (out_ || !worker_)
    return;
  out_ = true;
  worker_->give(std::exchange(orders_, {}));
  links->threads->run(
    errand{worker_, caf::actor_cast<script_actor>(self), links->threads});
  if (!watching_)
    look_again(patience());
}

void script_state::ended() {
  if (!out_)
    return;
  out_ = false;
  auto news = worker_->take_news();
  if (leaving_)
    return self->quit(*leaving_);
  // Lua goes on while the news are carried out.
  if (news.broken.empty() && !news.exhausted
      && (news.ready || !orders_.empty()))
    hand_over();
  take(news);
}

void script_state::take(script_news& news) {
  mail_->taken(news.taken);
  for (auto& x : news.replies)
    reply(x);
  for (auto& wish : news.wishes)
    std::visit([this](auto& x) { grant(x); }, wish);
  if (news.rows)
    for (auto& x : std::exchange(describers_, {}))
      x.deliver(*news.rows);
  if (news.commands) {
    commands_ = std::move(*news.commands);
    if (!loader_)
      tell_commands();
  }
  if (news.loaded)
    loaded(*news.loaded);
  if (news.exhausted)
    return end_with(
      fail(errc::out_of_memory, file
                                  + ": its live data filled its memory; it is "
                                    "started anew"));
  if (!news.broken.empty())
    return end_with(fail(errc::script_error, file + ": " + news.broken));
  deferred_ = news.deferred;
  check_end();
  if (!out_)
    arm(news.next_wake);
}

void script_state::reply(script_news::reply& x) {
  auto waiting = callers_.find(x.number);
  if (waiting == callers_.end())
    return;
  waiting->second.subject.took(x.run_time);
  if (x.value)
    waiting->second.promise.deliver(std::move(*x.value));
  else
    waiting->second.promise.deliver(to_reply(x.value.error()));
  callers_.erase(waiting);
}

void script_state::loaded(const result<void>& how) {
  if (!loader_)
    return;
  if (how)
    loader_->deliver(commands_);
  else
    loader_->deliver(to_error(how.error()));
  loader_.reset();
  if (!how)
    leave({});
}

void script_state::tell_commands() {
  auto to = caf::actor_cast<librarian_actor>(links->connections->librarian);
  if (to)
    self->send(to, atom::change_v, caf::actor_cast<script_actor>(self),
               commands_);
}

/// One timer is armed at a time, whatever many calls come before it is due.
void script_state::arm(std::optional<lua::time_point> due) {
  if (!due || (armed_ && *armed_ <= *due))
    return;
  armed_ = due;
  auto at = links->now();
  auto delay = *due > at ? *due - at : std::chrono::nanoseconds{0};
  self->delayed_send(self, delay, atom::tick_v, ++epoch_);
}

void script_state::tick(std::uint64_t epoch) {
  if (epoch != epoch_)
    return;
  armed_.reset();
  hand_over();
}

/// After `finish`: when nothing is left to be done.
void script_state::check_end() {
  if (!ender_ || deferred_ != std::size_t{0} || !callers_.empty())
    return;
  ender_->deliver(true);
  ender_.reset();
  leave({});
}

void script_state::end_with(const failure& why) {
  links->log(lua::log_level::error, why.detail);
  dismiss_callers(why);
  leave(to_error(why));
}

void script_state::dismiss_callers(const failure& why) {
  for (auto& [number, who] : callers_)
    who.promise.deliver(to_reply(why));
  callers_.clear();
}

/// Everybody who waits for the worker.
void script_state::dismiss_all(const failure& why) {
  dismiss_callers(why);
  for (auto& x : std::exchange(describers_, {}))
    x.deliver(stuck_rows());
  if (loader_)
    loader_->deliver(to_error(why));
  loader_.reset();
  if (ender_)
    ender_->deliver(true);
  ender_.reset();
}

failure script_state::unloaded() const {
  return fail(errc::closed, file
                              + " was unloaded or loaded again meanwhile; "
                                "try again");
}

// -- behavior -------------------------------------------------------------------

script_actor::behavior_type
script(script_actor::stateful_pointer<script_state> self,
       shared_script_links links, std::string file) {
  self->state.begin(std::move(links), std::move(file));
  self->set_exit_handler(
    [self](caf::exit_msg& x) { self->state.leave(x.reason); });
  return {
    [self](atom::deliver, const frame_list& x) { self->state.deliver(x); },
    [self](atom::report, session::request_id id, const receiver_counts& n) {
      self->state.report(id, n);
    },
    [](atom::report, session::request_id) {},
    [self](atom::call, command_call& what) { return self->state.call(what); },
    [self](atom::load, const std::string& text) {
      return self->state.load(text);
    },
    [self](atom::describe) { return self->state.describe(); },
    [self](atom::withdraw, std::vector<std::string>& aliases) {
      self->state.withdraw(std::move(aliases));
    },
    [self](atom::finish) { return self->state.finish(); },
    [self](atom::ended) { self->state.ended(); },
    [self](atom::ended, lua::request_id id, const chore_answer& answer) {
      self->state.ended(id, answer);
    },
    [self](atom::wait) { self->state.look_at_chores(); },
    [self](atom::closed) { self->state.closed(); },
    [self](atom::watch) { self->state.watch(); },
    [self](atom::tick, std::uint64_t epoch) { self->state.tick(epoch); },
    [self](atom::expire) { self->state.expire(); },
  };
}

} // namespace saker
