#include "actors/script.hpp"

#include "actors/command_route.hpp"
#include "actors/reply_text.hpp"
#include "base/units.hpp"
#include "messages/error.hpp"
#include "messages/librarian_actor.hpp"

#include <ctime>
#include <variant>

namespace saker {

namespace {

using namespace std::chrono_literals;

/// How long commands that run may take to their end when the script ends.
constexpr auto patience_with_commands = 1s;

/// Of one script: the threads are there for others too.
constexpr std::size_t chores_at_once = 2;
constexpr auto time_between_looks = 1s;

/// `13:14:29`, as the log shows it.
std::string time_of_day(lua::wall_time_point x) {
  auto when = std::chrono::system_clock::to_time_t(x);
  std::tm parts{};
  char text[16] = "?";
  if (::localtime_r(&when, &parts))
    std::strftime(text, sizeof(text), "%H:%M:%S", &parts);
  return text;
}

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
  auto caller = callers_.find(x.number);
  if (caller == callers_.end())
    return;
  caller->second.subject.took(x.run_time);
  if (x.value)
    caller->second.promise.deliver(std::move(*x.value));
  else
    caller->second.promise.deliver(to_reply(x.value.error()));
  callers_.erase(caller);
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

// -- the watch over the worker --------------------------------------------------

/// How long one slice may take: twice the budget, which ends what can be ended.
std::chrono::nanoseconds script_state::patience() const {
  return 2 * links->options.allowed.time;
}

void script_state::look_again(std::chrono::nanoseconds delay) {
  if (patience().count() == 0)
    return; // without end
  watching_ = true;
  look_due_ = links->now() + delay;
  self->delayed_send(self, delay, atom::watch_v);
}

void script_state::watch() {
  watching_ = false;
  if (!out_)
    return;
  auto at = links->now();
  // A late look proves nothing: all of this process may have been stopped.
  auto late = at - look_due_ > patience() / 4;
  auto twice = std::exchange(looked_late_, late);
  if (late && !twice)
    return look_again(patience() / 2);
  auto since = worker_->busy_since();
  if (!since)
    return wait_for_thread();
  if (auto left = *since + patience() - at; left.count() > 0)
    return look_again(left);
  get_stuck(*since);
}

/// The worker is in the queue of the threads, or between two slices.
void script_state::wait_for_thread() {
  if (auto why = why_nobody_works()) {
    if (loader_ || ender_)
      leaving_ = to_error(*why);
    dismiss_all(*why);
  }
  look_again(patience());
}

void script_state::get_stuck(lua::time_point since) {
  if (!worker_->give_up())
    return; // it is back just now
  auto lasts = links->now() - since;
  stuck_ = stuck_call{worker_->running(), since,
                      links->connections->wall_clock()
                        - std::chrono::ceil<std::chrono::seconds>(lasts)};
  auto unwanted = leaving_ || ender_ || loader_;
  worker_.reset();
  out_ = false;
  orders_.clear();
  auto replaced = links->threads->grow();
  auto why = why_stuck();
  links->log(lua::log_level::error,
             why.detail
               + (replaced ? ""
                           : "; no thread takes its place: too many are "
                             "stuck already"));
  dismiss_all(why);
  forget_all();
  if (unwanted)
    self->quit();
}

void script_state::closed() {
  using std::chrono::milliseconds;
  auto lasted = std::chrono::floor<milliseconds>(links->now() - stuck_->since);
  self->quit(to_error(fail(errc::busy, stuck_->alias
                                         + " was inside a C "
                                           "function for "
                                         + format_duration(lasted))));
}

failure script_state::why_stuck() const {
  auto& x = *stuck_;
  auto lasts = std::chrono::floor<std::chrono::seconds>(links->now() - x.since);
  return fail(errc::busy,
              file + " is stuck: " + x.alias + " is inside a C function since "
                + time_of_day(x.wall_since) + " (" + format_duration(lasts)
                + "), where nothing can interrupt it. It starts anew when that "
                  "returns; LOAD "
                + file + " starts it at once");
}

std::optional<failure> script_state::why_nobody_works() const {
  if (links->threads->able() > 0)
    return std::nullopt;
  return fail(errc::busy,
              file
                + " waits: all script threads are stuck inside C functions "
                  "(TASKS shows in which); restart Saker, SHUTDOWN KEEP "
                  "leaves the services running");
}

std::optional<failure> script_state::why_not_load() const {
  if (links->threads->may_grow())
    return std::nullopt;
  return fail(errc::busy,
              file
                + " is not loaded: too many script threads are stuck inside "
                  "C functions (TASKS shows in which); restart Saker, "
                  "SHUTDOWN KEEP leaves the services running");
}

task_list script_state::stuck_rows() const {
  task_list rows;
  for (auto& x : commands_) {
    lua::task_info row;
    row.alias = x.alias;
    row.when = x.when;
    row.state = "stuck";
    if (stuck_)
      row.last_error = why_stuck().detail;
    rows.push_back(std::move(row));
  }
  return rows;
}

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
  self->delayed_send(self, time_between_looks, atom::wait_v);
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
