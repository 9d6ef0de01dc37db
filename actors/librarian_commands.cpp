#include "actors/countdown.hpp"
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

bool is_script_name(const std::string& x) {
  return x.size() > 4 && x.ends_with(".lua") && x.front() != '.'
         && x.find('/') == std::string::npos
         && x.find('\0') == std::string::npos;
}

} // namespace

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

caf::result<resp::value>
librarian_state::load(const std::vector<std::string>& args) {
  std::vector<std::string> errors;
  auto found = links.read(errors);
  source_list chosen;
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
    if (std::find(chosen.begin(), chosen.end(), *i) == chosen.end())
      chosen.push_back(*i);
  }
  for (auto& [file, _] : chosen)
    unloaded_.erase(file);
  auto answer = self->make_response_promise<resp::value>();
  load_all(chosen, [this, answer](const start& all) mutable {
    auto text = what_went_wrong(all);
    answer.deliver(text.empty() ? resp::ok()
                                : resp::value{resp::error{"ERR " + text}});
  });
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
  auto all = std::make_shared<countdown>(
    [answer]() mutable { answer.deliver(resp::ok()); });
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
  // Sorted by alias; one that is refused stands beside the other.
  using row_map = std::map<std::pair<std::string, std::string>, resp::value>;
  auto mask = args.empty() ? std::string{"*"} : args[0];
  auto answer = self->make_response_promise<resp::value>();
  auto rows = std::make_shared<row_map>();
  auto all = std::make_shared<countdown>([answer, rows]() mutable {
    resp::array list;
    for (auto& [_, row] : *rows)
      list.items.push_back(std::move(row));
    answer.deliver(resp::value{std::move(list)});
  });
  for (auto& [file, x] : shelves_) {
    if (!x.actor) {
      if (pubsub::glob_match(mask, file))
        rows->emplace(std::pair{file, file}, resp::map{}
                                               .add("alias", nullptr)
                                               .add("file", file)
                                               .add("state", "failed")
                                               .add("last_error", x.error));
      continue;
    }
    for (auto& alias : x.refused)
      if (pubsub::glob_match(mask, alias))
        rows->emplace(std::pair{alias, file},
                      resp::map{}
                        .add("alias", alias)
                        .add("file", file)
                        .add("state", "refused")
                        .add("last_error", why_refused(file, alias)));
    ++all->missing;
    self->request(x.actor, 5s, atom::describe_v)
      .then(
        [all, rows, file = file, mask](const task_list& tasks) {
          for (auto& t : tasks)
            if (pubsub::glob_match(mask, t.alias))
              rows->emplace(
                std::pair{t.alias, file},
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

} // namespace saker
