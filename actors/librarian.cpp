#include "actors/librarian.hpp"

#include "actors/reply_text.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"
#include "pubsub/glob.hpp"
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

bool is_script_name(const std::string& x) {
  return x.size() > 4 && x.ends_with(".lua") && x.front() != '.'
         && x.find('/') == std::string::npos
         && x.find('\0') == std::string::npos;
}

/// Calls back once, when all of several things are done.
struct countdown {
  std::size_t missing = 1;
  std::function<void()> then;

  void one_less() {
    if (--missing == 0)
      then();
  }
};

} // namespace

void librarian_state::begin(librarian_links with) {
  links = std::move(with);
}

// -- requests -------------------------------------------------------------------------

caf::result<resp::value> librarian_state::call(command_call& what) {
  std::vector<std::string> args{what.what.args.begin() + 1,
                                what.what.args.end()};
  switch (what.what.command->id) {
    case resp::command_id::load:
      if (ending_)
        return to_reply(fail(errc::loading, "Saker is shutting down"));
      return load(args);
    case resp::command_id::unload: return unload(args);
    case resp::command_id::tasks: return tasks(args);
    case resp::command_id::call:
      // The session sends CALL of a known alias to its script itself.
      return resp::value{resp::error{
        "NOSCRIPT no script has registered \""
        + printable(args.empty() ? "" : args[0], 60) + "\"; TASKS lists all"}};
    default: return to_reply(fail(errc::unsupported, "not available yet"));
  }
}

caf::result<bool> librarian_state::open() {
  auto answer = self->make_response_promise<bool>();
  auto all = std::make_shared<countdown>();
  all->then = [answer]() mutable { answer.deliver(true); };
  last_errors_.clear();
  for (auto& [file, text] : links.read(last_errors_)) {
    ++all->missing;
    load_one(file, text, [all](const std::string&) { all->one_less(); });
  }
  for (auto& x : last_errors_)
    links.warn(x);
  all->one_less();
  if (links.watch)
    self->delayed_send(self, links.interval, atom::tick_v);
  return answer;
}

caf::result<resp::value>
librarian_state::load(const std::vector<std::string>& args) {
  std::vector<std::string> errors;
  auto found = links.read(errors);
  std::vector<std::pair<std::string, std::string>> chosen;
  for (auto& word : args) {
    auto file = word.ends_with(".lua") ? word : word + ".lua";
    if (!is_script_name(file))
      return resp::value{resp::error{"ERR \"" + printable(word, 60)
                                     + "\" is no file of " + links.dir.string()
                                     + ": give its name only"}};
    auto i = std::find_if(found.begin(), found.end(),
                          [&](auto& x) { return x.first == file; });
    if (i == found.end()) {
      std::vector<std::string> known;
      for (auto& x : found)
        known.push_back(x.first);
      for (auto& x : errors)
        if (x.find(file) != std::string::npos)
          return resp::value{resp::error{"ERR " + x}};
      return resp::value{resp::error{"NOSCRIPT there is no " + file + " in "
                                     + links.dir.string()
                                     + did_you_mean(file, known)}};
    }
    chosen.push_back(*i);
  }
  auto answer = self->make_response_promise<resp::value>();
  auto all = std::make_shared<countdown>();
  auto failed = std::make_shared<std::string>();
  all->then = [answer, failed]() mutable {
    if (failed->empty())
      answer.deliver(resp::ok());
    else
      answer.deliver(resp::value{resp::error{"ERR " + *failed}});
  };
  for (auto& [file, text] : chosen) {
    ++all->missing;
    unloaded_.erase(file);
    load_one(file, text, [all, failed](const std::string& error) {
      if (!error.empty())
        *failed += (failed->empty() ? "" : "; ") + error;
      all->one_less();
    });
  }
  all->one_less();
  return answer;
}

caf::result<resp::value>
librarian_state::unload(const std::vector<std::string>& args) {
  std::vector<std::string> files;
  for (auto& word : args) {
    auto file = file_of(word);
    if (!file)
      return resp::value{resp::error{"NOSCRIPT \"" + printable(word, 60)
                                     + "\" is neither a loaded file nor an "
                                       "alias; TASKS lists all"}};
    files.push_back(*file);
  }
  auto answer = self->make_response_promise<resp::value>();
  auto all = std::make_shared<countdown>();
  all->then = [answer]() mutable { answer.deliver(resp::ok()); };
  for (auto& file : files) {
    auto i = shelves_.find(file);
    if (i == shelves_.end())
      continue; // named twice
    auto actor = i->second.actor;
    unloaded_.insert(file);
    drop(file);
    if (!actor)
      continue;
    ++all->missing;
    self->request(actor, 5s, atom::finish_v)
      .then([all](bool) { all->one_less(); },
            [all](const caf::error&) { all->one_less(); });
  }
  replace_directory();
  all->one_less();
  return answer;
}

caf::result<resp::value>
librarian_state::tasks(const std::vector<std::string>& args) {
  struct collection : countdown {
    std::map<std::string, resp::value> rows; // sorted by alias
  };
  auto mask = args.empty() ? std::string{"*"} : args[0];
  auto answer = self->make_response_promise<resp::value>();
  auto all = std::make_shared<collection>();
  auto* raw = all.get();
  all->then = [answer, raw]() mutable {
    resp::array list;
    for (auto& [_, row] : raw->rows)
      list.items.push_back(std::move(row));
    answer.deliver(resp::value{std::move(list)});
  };
  for (auto& [file, x] : shelves_) {
    if (!x.actor) {
      if (pubsub::glob_match(mask, file))
        all->rows.emplace(file, resp::map{}
                                  .add("alias", nullptr)
                                  .add("file", file)
                                  .add("state", "failed")
                                  .add("last_error", x.error));
      continue;
    }
    ++all->missing;
    self->request(x.actor, 5s, atom::describe_v)
      .then(
        [all, file = file, mask](const task_list& tasks) {
          for (auto& t : tasks)
            if (pubsub::glob_match(mask, t.alias))
              all->rows.emplace(
                t.alias,
                resp::map{}
                  .add("alias", t.alias)
                  .add("file", file)
                  .add("property", to_string(t.when))
                  .add("state", t.state)
                  .add("tasks", t.tasks)
                  .add("runs", t.runs)
                  .add("errors", t.errors)
                  .add("last_error", t.last_error.empty()
                                       ? resp::value{}
                                       : resp::value{t.last_error})
                  .add("run_time_us",
                       std::chrono::duration_cast<std::chrono::microseconds>(
                         t.run_time)
                         .count()));
          all->one_less();
        },
        [all](const caf::error&) { all->one_less(); });
  }
  all->one_less();
  return answer;
}

caf::result<bool> librarian_state::finish() {
  ending_ = true;
  auto answer = self->make_response_promise<bool>();
  auto all = std::make_shared<countdown>();
  all->then = [answer]() mutable { answer.deliver(true); };
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
  for (auto& [file, on] : shelves_) {
    if (on.actor != by)
      continue;
    std::erase_if(what, [&, &name_ = file](auto& x) {
      auto error = conflict(name_, {x});
      if (!error.empty())
        links.warn(error);
      return !error.empty();
    });
    on.commands = std::move(what);
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
  for (auto& [file, text] : found) {
    auto i = shelves_.find(file);
    // What was unloaded by hand stays away until LOAD; what was never there
    // is new.
    auto is_new = i == shelves_.end() ? !unloaded_.contains(file)
                                      : i->second.text != text;
    if (is_new)
      load_one(file, text, [](const std::string&) {});
  }
  std::vector<std::string> removed;
  for (auto& [file, _] : shelves_)
    if (std::none_of(found.begin(), found.end(),
                     [&](auto& x) { return x.first == file; }))
      removed.push_back(file);
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
  self->delayed_send(self, links.interval, atom::tick_v);
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
    load_one(file, i->second.text, [](const std::string&) {});
}

// -- helpers ------------------------------------------------------------------------------

void librarian_state::load_one(const std::string& file, const std::string& text,
                               after_load then) {
  auto& on = shelves_[file];
  if (on.next)
    self->send_exit(on.next, caf::exit_reason::user_shutdown);
  on.text = text;
  auto actor = links.spawn(file);
  on.next = actor;
  self->request(actor, caf::infinite, atom::load_v, text)
    .then([this, file, actor,
           then](command_specs& what) { loaded(file, actor, what, then); },
          [this, file, actor, then](const caf::error& why) {
            auto error = to_failure(why).detail;
            if (!error.starts_with(file))
              error = file + ": " + error;
            auto i = shelves_.find(file);
            if (i != shelves_.end() && i->second.next == actor) {
              i->second.next = nullptr;
              i->second.error = error;
              links.warn(error);
            }
            then(error);
          });
}

void librarian_state::loaded(const std::string& file, const script_actor& by,
                             command_specs& what, const after_load& then) {
  auto i = shelves_.find(file);
  if (i == shelves_.end() || i->second.next != by) {
    self->send_exit(by, caf::exit_reason::user_shutdown);
    return then(file + " was unloaded or changed again meanwhile");
  }
  auto& on = i->second;
  on.next = nullptr;
  if (auto error = conflict(file, what); !error.empty()) {
    on.error = error;
    links.warn(error);
    self->send_exit(by, caf::exit_reason::user_shutdown);
    return then(error);
  }
  auto old = std::exchange(on.actor, by);
  on.commands = std::move(what);
  on.error.clear();
  self->monitor(by);
  replace_directory();
  if (old) {
    self->demonitor(old.address());
    caf::anon_send(old, atom::finish_v);
  }
  then({});
}

std::string librarian_state::conflict(const std::string& file,
                                      const command_specs& what) const {
  for (auto& x : what) {
    if (resp::find_command(x.alias))
      return file + ": the alias \"" + x.alias
             + "\" is the name of a built-in command; choose another";
    for (auto& [other, on] : shelves_)
      if (other != file)
        for (auto& y : on.commands)
          if (y.alias == x.alias)
            return file + ": the alias \"" + x.alias + "\" is registered by "
                   + other + " already";
  }
  return {};
}

void librarian_state::drop(const std::string& file) {
  auto i = shelves_.find(file);
  if (i == shelves_.end())
    return;
  if (i->second.actor)
    self->demonitor(i->second.actor.address());
  if (i->second.next)
    self->send_exit(i->second.next, caf::exit_reason::user_shutdown);
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
    [self](atom::call, command_call& what) { return self->state.call(what); },
    [self](atom::open) { return self->state.open(); },
    [self](atom::change, const script_actor& by, command_specs& what) {
      self->state.registered(by, what);
    },
    [self](atom::tick) { self->state.tick(); },
    [self](atom::reload, const std::string& file) { self->state.reload(file); },
    [self](atom::finish) { return self->state.finish(); },
  };
}

} // namespace saker
