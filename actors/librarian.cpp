#include "actors/librarian.hpp"

#include "actors/countdown.hpp"
#include "actors/stopwatch.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"
#include "resp/command_table.hpp"

#include <algorithm>

namespace saker {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds longest_pause = 60s;

resp::right right_of(const std::string& name) {
  for (auto x : {resp::right::none, resp::right::status, resp::right::events,
                 resp::right::control, resp::right::admin})
    if (name == resp::to_string(x))
      return x;
  return resp::right::script;
}

} // namespace

void librarian_state::begin(librarian_links with) {
  links = std::move(with);
}

// -- requests -----------------------------------------------------------------

caf::result<bool> librarian_state::open() {
  auto answer = self->make_response_promise<bool>();
  last_errors_.clear();
  auto found = links.read(last_errors_);
  for (auto& x : last_errors_)
    links.warn(x);
  load_all(found, [answer](auto&) mutable { answer.deliver(true); });
  if (links.watch) {
    if (links.notice)
      links.notice(caf::actor_cast<librarian_actor>(self));
    arm();
  }
  return answer;
}

caf::result<bool> librarian_state::finish() {
  ending_ = true;
  auto answer = self->make_response_promise<bool>();
  auto all
    = std::make_shared<countdown>([answer]() mutable { answer.deliver(true); });
  holders_ = {};
  for (auto& [_, x] : std::exchange(shelves_, {})) {
    if (x.next)
      self->send_exit(x.next, caf::exit_reason::user_shutdown);
    if (!x.actor)
      continue;
    ++all->missing;
    self->request(x.actor, 2s, atom::finish_v)
      .then([all](bool) { all->one_less(); },
            [all, actor = x.actor](const caf::error&) { all->one_less(); });
  }
  replace_directory();
  all->one_less();
  return answer;
}

// -- events -----------------------------------------------------------------------------

void librarian_state::registered(const script_actor& by, command_specs& what) {
  for (auto& [file, on] : shelves_)
    if (on.actor == by) {
      take(file, on, std::move(what));
      return replace_directory();
    }
}

void librarian_state::tick() {
  if (ending_)
    return; // empty shelves would make every file a new one
  std::vector<std::string> errors;
  auto found = links.read(errors);
  for (auto& x : errors)
    if (std::find(last_errors_.begin(), last_errors_.end(), x)
        == last_errors_.end())
      links.warn(x);
  last_errors_ = std::move(errors);
  source_list fresh;
  for (auto& [file, text] : found) {
    auto i = shelves_.find(file);
    // What was unloaded by hand stays away until LOAD; what was never there
    // is new.
    auto is_new = i == shelves_.end() ? !unloaded_.contains(file)
                                      : i->second.text != text;
    if (is_new)
      fresh.emplace_back(file, text);
  }
  load_all(fresh);
  std::vector<std::string> removed;
  for (auto& x : shelves_)
    if (std::none_of(found.begin(), found.end(),
                     [&](auto& y) { return y.first == x.first; }))
      removed.push_back(x.first);
  std::erase_if(unloaded_, [&](auto& file) {
    return std::none_of(found.begin(), found.end(),
                        [&](auto& x) { return x.first == file; });
  });
  for (auto& file : removed) {
    links.say(file + " is gone: its commands are too");
    if (auto actor = shelves_[file].actor)
      caf::anon_send(actor, atom::finish_v);
    drop(file);
  }
  if (!removed.empty())
    replace_directory();
}

void librarian_state::look_now_and_then() {
  if (ending_)
    return;
  tick();
  arm();
}

void librarian_state::gone(const caf::down_msg& x) {
  for (auto& [file, on] : shelves_) {
    if (!on.actor || on.actor.address() != x.source)
      continue;
    on.actor = nullptr;
    on.commands.clear();
    on.error = "it ended: " + to_failure(x.reason).detail;
    on.pause = std::clamp(on.pause * 2, std::chrono::seconds{1}, longest_pause);
    links.warn(file + " ended by itself and is started again in "
               + std::to_string(on.pause.count()) + " s");
    self->delayed_send(self, on.pause, atom::reload_v, file);
    return replace_directory();
  }
}

void librarian_state::reload(const std::string& file) {
  auto i = shelves_.find(file);
  if (i != shelves_.end() && !i->second.actor && !i->second.next)
    load_all({{file, i->second.text}});
}

// -- helpers ------------------------------------------------------------------------------

void librarian_state::arm() {
  auto noticed = links.notices && links.notices();
  self->delayed_send(
    self,
    noticed ? std::max<std::chrono::nanoseconds>(links.interval, rare)
            : links.interval,
    atom::wait_v);
}

void librarian_state::load_all(const source_list& what,
                               std::function<void(const start&)> then) {
  auto all = std::make_shared<start>();
  all->number = ++last_start_;
  all->then = std::move(then);
  for (auto& [file, text] : what)
    load_one(file, text, all);
  one_less(*all);
}

void librarian_state::load_one(const std::string& file, const std::string& text,
                               const shared_start& with) {
  auto& on = shelves_[file];
  if (on.next)
    self->send_exit(on.next, caf::exit_reason::user_shutdown);
  on.text = text;
  auto actor = links.spawn(file);
  on.next = actor;
  ++with->missing;
  self->request(actor, caf::infinite, atom::load_v, text)
    .then(
      [this, file, actor, with](command_specs& what) {
        with->errors[file] = loaded(file, actor, std::move(what), with->number);
        one_less(*with);
      },
      [this, file, actor, with](const caf::error& why) {
        with->errors[file] = failed(file, actor, why);
        one_less(*with);
      });
}

/// The new version of a file takes the place of the old one. Answers why not.
std::string
librarian_state::loaded(const std::string& file, const script_actor& by,
                        command_specs what, std::uint64_t number) {
  auto i = shelves_.find(file);
  if (i == shelves_.end() || i->second.next != by) {
    self->send_exit(by, caf::exit_reason::user_shutdown);
    return file + " was unloaded or changed again meanwhile";
  }
  auto& on = i->second;
  on.next = nullptr;
  auto old = std::exchange(on.actor, by);
  on.refused.clear();
  on.error.clear();
  on.start = number;
  self->monitor(by);
  take(file, on, std::move(what));
  replace_directory();
  if (old) {
    self->demonitor(old.address());
    caf::anon_send(old, atom::finish_v);
  }
  return {};
}

std::string
librarian_state::failed(const std::string& file, const script_actor& by,
                        const caf::error& why) {
  auto error = to_failure(why).detail;
  if (!error.starts_with(file))
    error = file + ": " + error;
  auto i = shelves_.find(file);
  if (i != shelves_.end() && i->second.next == by) {
    i->second.next = nullptr;
    i->second.error = error;
    if (!i->second.actor)
      holders_.release(file);
    links.warn(error);
  }
  return error;
}

/// After the last one of those that are loaded together: who has what is
/// certain from now on.
void librarian_state::one_less(start& of) {
  if (--of.missing > 0)
    return;
  for (auto& [file, _] : of.errors) {
    auto i = shelves_.find(file);
    if (i == shelves_.end() || i->second.start != of.number)
      continue;
    i->second.start = 0;
    for (auto& alias : i->second.refused)
      links.warn(why_refused(file, alias));
  }
  if (of.then)
    of.then(of);
}

/// By file; nothing if each has run and has all that it registered.
std::string librarian_state::what_went_wrong(const start& of) const {
  std::string text;
  auto say = [&](const std::string& what) {
    text += (text.empty() ? "" : "; ") + what;
  };
  for (auto& [file, error] : of.errors) {
    if (!error.empty())
      say(error);
    else if (auto i = shelves_.find(file); i != shelves_.end())
      for (auto& alias : i->second.refused)
        say(why_refused(file, alias));
  }
  return text;
}

/// All that the script of a file has registered now.
void librarian_state::take(const std::string& file, shelf& on,
                           command_specs what) {
  std::vector<std::string> names;
  for (auto& x : what)
    names.push_back(x.alias);
  on.commands = std::move(what);
  auto refused = holders_.claim(file, names, on.start);
  for (auto& alias : names)
    if (holders_.holder_of(alias) == file)
      on.refused.erase(alias);
  for (auto& x : refused)
    refuse(x);
}

void librarian_state::refuse(const alias_holders::refusal& x) {
  auto& on = shelves_[x.file];
  std::erase_if(on.commands, [&](auto& y) { return y.alias == x.alias; });
  if (on.actor)
    self->send(on.actor, atom::withdraw_v, std::vector<std::string>{x.alias});
  // Of a common start all are told at its end.
  if (on.refused.insert(x.alias).second && on.start == 0)
    links.warn(why_refused(x.file, x.alias));
}

std::string librarian_state::why_refused(const std::string& file,
                                         const std::string& alias) const {
  auto holder = holders_.holder_of(alias);
  auto text = file + ": the alias \"" + printable(alias)
              + "\" is refused, all else of the file works: ";
  if (holder.empty())
    return text + "another file had it; now it is free: LOAD " + file;
  return text + holder + " has it already. Choose another one, or UNLOAD "
         + holder + " and LOAD " + file;
}

void librarian_state::drop(const std::string& file) {
  auto i = shelves_.find(file);
  if (i == shelves_.end())
    return;
  if (i->second.actor)
    self->demonitor(i->second.actor.address());
  if (i->second.next)
    self->send_exit(i->second.next, caf::exit_reason::user_shutdown);
  holders_.release(file);
  shelves_.erase(i);
}

void librarian_state::replace_directory() {
  auto next = std::make_shared<command_directory::snapshot>();
  std::vector<session::alias> all;
  for (auto& [file, on] : shelves_) {
    if (!on.actor)
      continue;
    next->scripts.emplace(file, caf::actor_cast<command_actor>(on.actor));
    for (auto& x : on.commands)
      all.push_back({x.alias, file, x.help, x.arity, right_of(x.right)});
  }
  next->aliases = std::make_shared<session::alias_table>(std::move(all));
  links.directory->replace(std::move(next));
}

std::optional<std::string>
librarian_state::file_of(const std::string& word) const {
  for (auto& name_ : {word, word + ".lua"})
    if (shelves_.contains(name_))
      return name_;
  for (auto& [file, on] : shelves_)
    for (auto& x : on.commands)
      if (x.alias == word)
        return file;
  return std::nullopt;
}

// -- behavior -------------------------------------------------------------------------------

librarian_actor::behavior_type
librarian(librarian_actor::stateful_pointer<librarian_state> self,
          librarian_links links) {
  self->state.begin(std::move(links));
  self->set_down_handler(
    [self](const caf::down_msg& x) { self->state.gone(x); });
  return {
    [self](atom::call, command_call& what) {
      stopwatch time{what};
      return self->state.call(what);
    },
    [self](atom::open) { return self->state.open(); },
    [self](atom::change, const script_actor& by, command_specs& what) {
      self->state.registered(by, what);
    },
    [self](atom::tick) { self->state.tick(); },
    [self](atom::wait) { self->state.look_now_and_then(); },
    [self](atom::reload, const std::string& file) { self->state.reload(file); },
    [self](atom::finish) { return self->state.finish(); },
  };
}

} // namespace saker
