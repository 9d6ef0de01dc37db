#include "lua/script_engine.hpp"

#include "base/text.hpp"
#include "lua/plain.hpp"
#include "lua/traceback.hpp"
#include "resp/command_table.hpp"

#include <algorithm>

namespace saker::lua {

namespace {

constexpr std::size_t most_aliases = 1'000;

state_options engine_options(host& env, state_options given) {
  given.offers = profile::script;
  if (given.seed == 0)
    given.seed
      = static_cast<std::uint64_t>(env.wall_time().time_since_epoch().count()
                                   ^ env.now().time_since_epoch().count());
  given.now = [&env] { return env.now(); };
  given.wall_time = [&env] { return env.wall_time(); };
  given.print = [&env](std::string_view line) {
    env.log(log_level::info, line);
  };
  return given;
}

void push_arguments(lua_State* L, const std::vector<std::string>& xs) {
  lua_createtable(L, static_cast<int>(xs.size()), 0);
  int i = 0;
  for (auto& x : xs) {
    lua_pushlstring(L, x.data(), x.size());
    lua_rawseti(L, -2, ++i);
  }
}

/// Channel, text, and how many messages before it were missed.
int push_message(lua_State* L, task& x) {
  for (auto& text : x.arguments)
    lua_pushlstring(L, text.data(), text.size());
  x.arguments.clear();
  lua_pushnumber(L, static_cast<lua_Number>(x.missed));
  return 3;
}

void set_field(lua_State* L, const char* name, std::string_view x) {
  lua_pushlstring(L, x.data(), x.size());
  lua_setfield(L, -2, name);
}

/// Pushes what the waiting API function returns.
struct answer_pusher {
  lua_State* L;
  bool plainly;

  int operator()(std::monostate) const {
    lua_pushboolean(L, true);
    return 1;
  }

  int operator()(const resp::value& x) const {
    return plainly ? push_plain(L, x) : push_reply(L, x);
  }

  int operator()(const chore_result& xs) const {
    auto before = lua_gettop(L);
    for (auto& x : xs)
      push_plain(L, x);
    return lua_gettop(L) - before;
  }

  int operator()(const exec_result& x) const {
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, x.code);
    lua_setfield(L, -2, "code");
    lua_pushinteger(L, x.signal);
    lua_setfield(L, -2, "signal");
    set_field(L, "out", x.out);
    set_field(L, "err", x.err);
    return 1;
  }

  int operator()(const failure& why) const {
    auto text = place_of(L)
                + (why.detail.empty() ? std::string{to_string(why.code)}
                                      : why.detail);
    lua_pushnil(L);
    lua_pushlstring(L, text.data(), text.size());
    return 2;
  }
};

} // namespace

script::engine::engine(host& env, script_options given)
  : env_(env), options_(std::move(given)),
    state_(engine_options(env, options_.engine)),
    runner_(state_, options_.allowed) {
  state_.set_owner<api_client>(this);
  open_api(state_.get());
}

script::engine::~engine() {
  for (auto& [id, waiter] : waiting_)
    env_.forget(id);
}

// -- beginnings ----------------------------------------------------------------

result<task_id>
script::engine::load(std::string_view chunk, std::string_view text) {
  if (auto loaded = state_.load(chunk, text); !loaded)
    return loaded.error();
  task x;
  x.kind = task_kind::load;
  x.alias = chunk;
  x.coroutine = runner_.acquire();
  lua_xmove(state_.get(), x.coroutine.L, 1);
  ++loading_;
  return begin(std::move(x));
}

result<task_id>
script::engine::call(std::string_view alias, std::vector<std::string> arguments,
                     resp::protocol dialect) {
  auto it = entries_.find(alias);
  if (it == entries_.end())
    return fail(errc::not_found,
                "no alias \"" + printable(alias) + "\" in " + options_.name);
  auto& of = it->second;
  if (!of->spec.accepts(arguments.size()))
    return fail(errc::invalid_argument,
                "wrong number of arguments for '" + printable(alias) + "'"
                  + (of->spec.help.empty() ? "" : ": " + of->spec.help));
  if (tasks_.size() >= options_.tasks)
    return fail(errc::busy, options_.name + " has "
                              + std::to_string(tasks_.size())
                              + " open tasks already: try again later");
  task x;
  x.alias = of->spec.alias;
  x.of = of;
  x.arguments = std::move(arguments);
  x.dialect = dialect;
  return begin(std::move(x));
}

std::vector<task_id> script::engine::begin_defer() {
  std::vector<task_id> out;
  for (auto& [alias, of] : entries_)
    if (of->spec.when == property::defer)
      out.push_back(begin(task_kind::defer, of));
  return out;
}

task_id
script::engine::begin(task_kind kind, const std::shared_ptr<entry>& of) {
  task x;
  x.kind = kind;
  x.alias = of->spec.alias;
  x.of = of;
  return begin(std::move(x));
}

task_id script::engine::begin(task x) {
  if (x.of)
    ++x.of->tasks;
  auto id = ++last_task_;
  tasks_.emplace(id, std::move(x));
  ready_.push_back(id);
  return id;
}

result<void>
script::engine::add_command(command_spec what, reference function) {
  if (resp::find_command(what.alias))
    return fail(errc::already_exists,
                "saker.register: \"" + printable(what.alias)
                  + "\" is a built-in command of Saker; choose another name");
  if (entries_.size() >= most_aliases && !entries_.contains(what.alias))
    return fail(errc::limit, "saker.register: " + options_.name + " has "
                               + std::to_string(most_aliases)
                               + " aliases, and more are not possible");
  auto of = std::make_shared<entry>();
  of->spec = std::move(what);
  of->function = std::move(function);
  auto& slot = entries_[of->spec.alias];
  if (slot)
    forget_timer(*slot);
  slot = of;
  commands_changed_ = true;
  if (of->spec.when != property::once && of->spec.when != property::cycle)
    return {};
  if (loading_ > 0)
    of->held = true;
  else
    schedule(*of, env_.now());
  return {};
}

bool script::engine::remove_command(std::string_view alias) {
  auto it = entries_.find(alias);
  if (it == entries_.end())
    return false;
  forget_timer(*it->second);
  entries_.erase(it);
  commands_changed_ = true;
  return true;
}

// -- time ----------------------------------------------------------------------

timer_key script::engine::set_timer(time_point when, timer what) {
  timer_key key{when, ++last_timer_};
  timers_.emplace(key, what);
  return key;
}

void script::engine::schedule(entry& of, time_point when) {
  of.timer = set_timer(when, &of);
}

/// A replaced or removed alias must not leave one behind.
void script::engine::forget_timer(entry& of) {
  if (of.timer)
    timers_.erase(*std::exchange(of.timer, std::nullopt));
}

void script::engine::fire_timers(time_point now) {
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto what = timers_.begin()->second;
    timers_.erase(timers_.begin());
    if (auto id = std::get_if<task_id>(&what)) {
      wake(*id);
    } else if (auto it = std::get_if<callback_map::iterator>(&what)) {
      fire(*it, now);
    } else {
      auto& of = *std::get<entry*>(what);
      of.timer.reset();
      begin(of.spec.when == property::once ? task_kind::once : task_kind::cycle,
            entries_.find(of.spec.alias)->second);
    }
  }
}

void script::engine::wake(task_id id) {
  auto it = tasks_.find(id);
  if (it == tasks_.end())
    return;
  it->second.where = phase::ready;
  ready_.push_back(id);
}

std::optional<time_point> script::engine::next_wake() const {
  if (timers_.empty())
    return std::nullopt;
  return timers_.begin()->first.first;
}

void script::engine::answer(request_id id, answer_value x) {
  auto it = waiting_.find(id);
  if (it == waiting_.end())
    return;
  auto of = it->second;
  waiting_.erase(it);
  auto& waiter = tasks_.at(of);
  waiter.answer = std::move(x);
  waiter.waits_for = 0;
  waiter.request = held_memory{};
  wake(of);
}

// -- one slice -----------------------------------------------------------------

step_result script::engine::step(time_point now) {
  step_result out;
  fire_timers(now);
  while (!ready_.empty()) {
    auto it = tasks_.find(ready_.front());
    ready_.pop_front();
    if (it == tasks_.end())
      continue; // cancelled
    run(it, now, out);
    break;
  }
  out.ready = !ready_.empty() || (next_wake() && *next_wake() <= now);
  out.commands = std::exchange(commands_changed_, false);
  out.taken = std::exchange(taken_, {});
  return out;
}

/// Puts what the task is resumed with on its stack; returns how many values.
int script::engine::prepare(task& x) {
  if (x.where == phase::fresh) {
    x.where = phase::ready;
    if (x.kind == task_kind::load)
      return 0; // its function is there already
    x.coroutine = runner_.acquire();
    x.of->function.push(x.coroutine.L);
    if (x.kind == task_kind::message)
      return push_message(x.coroutine.L, x);
    if (x.kind != task_kind::command)
      return 0;
    push_arguments(x.coroutine.L, x.arguments);
    x.arguments.clear();
    return 1;
  }
  return 0;
}

void script::engine::run(task_map::iterator it, time_point now,
                         step_result& out) {
  auto& x = it->second;
  auto values = prepare(x);
  if (std::exchange(x.answered, false)) {
    values = std::visit(answer_pusher{x.coroutine.L, x.plainly}, x.answer);
    x.answer = std::monostate{};
  }
  env_.turn_of(x.alias);
  admin_asks_ = x.kind == task_kind::command && x.of->spec.right == "admin";
  auto how = runner_.resume(x.coroutine, values);
  switch (how.what) {
    case turn::outcome::paused: ready_.push_back(it->first); break;
    case turn::outcome::asked: dispatch(it->first, x, now); break;
    default: finish(it, std::move(how), now, out); break;
  }
}

/// Gives the request of a task to the clock or to the host.
void script::engine::dispatch(task_id id, task& x, time_point now) {
  auto what = std::exchange(asked_, std::nullopt);
  x.answered = true;
  if (auto sleep = std::get_if<sleep_request>(&*what)) {
    x.where = phase::sleeping;
    set_timer(now + sleep->time, id);
    return;
  }
  auto call = std::get_if<call_request>(&*what);
  x.plainly = call && call->plainly;
  x.where = phase::waiting;
  x.waits_for = ++last_request_;
  x.request = held_memory{state_.shared(), size_of(*what)};
  waiting_.emplace(x.waits_for, id);
  if (auto publish = std::get_if<publish_request>(&*what))
    env_.publish(x.waits_for, std::move(publish->channel),
                 std::move(publish->message));
  else if (auto exec = std::get_if<exec_spec>(&*what))
    env_.exec(x.waits_for, std::move(*exec));
  else if (auto event = std::get_if<event_request>(&*what))
    env_.emit(x.waits_for, std::move(event->name), std::move(event->data));
  else if (auto work = std::get_if<work_request>(&*what))
    env_.work(x.waits_for, std::move(work->what));
  else
    env_.call(x.waits_for, std::move(std::get<call_request>(*what).argv));
}

} // namespace saker::lua
