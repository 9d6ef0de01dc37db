#include "actors/definitions.hpp"

#include "base/text.hpp"
#include "messages/error.hpp"
#include "supervision/launch.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace saker {

namespace {

std::vector<std::string>
texts_of(const std::vector<supervision::problem>& problems) {
  std::vector<std::string> result;
  for (auto& x : problems)
    result.push_back(to_string(x));
  return result;
}

/// `all` with the bad ones as they were accepted; a new one is left out.
std::vector<source>
as_before(const std::vector<source>& all, const std::set<std::string>& bad,
          const std::vector<source>& before) {
  std::vector<source> result;
  for (auto& x : all)
    if (!bad.contains(x.path))
      result.push_back(x);
    else if (auto* old = find_source(before, x.path))
      result.push_back(*old);
  return result;
}

} // namespace

std::vector<std::string>
warnings_of_daemons(const supervision::service_set& all,
                    const daemon_look& look) {
  using kind = process::finding::kind;
  std::vector<process::daemon_rule> rules;
  std::vector<const supervision::service*> whose;
  // Without an expression there is an error that says why.
  for (auto& [name, x] : all)
    if (x->daemon && !x->daemon->match.empty() && x->count > 0) {
      rules.push_back(supervision::to_daemon_rule(*x, 0, {}));
      whose.push_back(x.get());
    }
  std::vector<std::string> result;
  if (rules.empty())
    return result;
  auto seen = look(rules);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    auto place = to_string(whose[i]->where) + ": service \"" + whose[i]->name
                 + "\": daemon";
    if (seen[i].what == kind::several || seen[i].what == kind::refused)
      result.push_back(place + '.' + seen[i].text);
    else if (seen[i].what == kind::nobody)
      result.push_back(place + ": " + seen[i].text
                       + "; that is right as long as it is not started");
  }
  return result;
}

definition_reader::definition_reader(std::filesystem::path dir,
                                     const std::filesystem::path& state_dir,
                                     lua::definition_options options)
  : dir_(std::move(dir)), applied_(state_dir, "services"),
    options_(std::move(options)) {
  // nop
}

result<evaluation> definition_reader::applied_ones() {
  // Nothing at all is not what was accepted: it would end all that runs.
  std::error_code ec;
  if (!std::filesystem::exists(applied_.file(), ec))
    return fail(errc::not_found, "there is no " + applied_.file().string()
                                   + ", the definitions in force");
  auto stored = applied_.read();
  if (!stored)
    return stored.error();
  return evaluate(std::move(*stored), {}, {});
}

evaluation definition_reader::read(const std::vector<std::string>& only) {
  std::vector<std::string> errors;
  auto now = read_sources(dir_, errors);
  auto before = applied_.read();
  if (!before) {
    errors.push_back(before.error().detail);
    before = sources{};
  }
  auto asked = [&](const std::string& path) {
    auto file = std::filesystem::path{path}.filename().string();
    return only.empty() || std::any_of(only.begin(), only.end(), [&](auto& x) {
             return x == file || x + ".lua" == file || x == path;
           });
  };
  std::error_code ec;
  if (!before->empty() && !std::filesystem::exists(dir_, ec)) {
    // A disk that is not mounted must not end everything.
    errors.push_back(dir_.string()
                     + ": there is no such directory, so all services stay as "
                       "they were; an empty one means none");
    return evaluate(std::move(*before), std::move(errors), look_);
  }
  for (auto& x : only)
    if (std::none_of(now.begin(), now.end(), [&](auto& y) {
          auto file = std::filesystem::path{y.path}.filename().string();
          return x == file || x + ".lua" == file || x == y.path;
        }))
      errors.push_back(printable(x, 100) + ": there is no such file in "
                       + dir_.string());
  sources chosen;
  for (auto& x : now)
    if (asked(x.path))
      chosen.push_back(x);
  // A file that could not be read, or was not asked for, counts as before.
  for (auto& x : *before) {
    if (find_source(chosen, x.path))
      continue;
    auto unreadable = std::filesystem::exists(x.path, ec)
                      && !find_source(now, x.path);
    if (!asked(x.path) || unreadable)
      chosen.push_back(x);
  }
  return evaluate(std::move(chosen), std::move(errors), look_);
}

evaluation
definition_reader::evaluate(sources chosen, std::vector<std::string> errors,
                            const daemon_look& look) {
  std::map<std::string, std::map<std::string, std::string>> reads;
  auto run = [&](const sources& from) {
    reads.clear();
    std::vector<lua::definition_file> files;
    for (auto& x : from)
      files.push_back({x.path, x.text});
    auto options = options_;
    options.read_file = [&](const std::string& by, const std::string& path) {
      auto* asking = find_source(from, by);
      auto text = read_for(asking, path);
      if (text)
        reads[by][path] = *text;
      return text;
    };
    return lua::evaluate(std::move(files), options);
  };
  auto stored = applied_.read();
  auto before = stored ? std::move(*stored) : sources{};
  auto now = run(chosen);
  auto warnings = texts_of(now.warnings);
  // Of what stands there, also in a bad file: all that is wrong is said at once.
  if (look)
    for (auto* services : {&now.services, &now.spoiled})
      for (auto& x : warnings_of_daemons(*services, look))
        warnings.push_back(std::move(x));
  // Whoever clashes with what a bad file had before becomes bad too, so this
  // may take some rounds; in the end all count as before, which fits together.
  for (;;) {
    for (auto& x : texts_of(now.errors))
      if (std::find(errors.begin(), errors.end(), x) == errors.end())
        errors.push_back(x);
    if (now.bad.empty())
      break;
    auto next = as_before(chosen, now.bad, before);
    if (next == chosen) // not even the accepted texts are good any more
      std::erase_if(next, [&](auto& x) { return now.bad.contains(x.path); });
    chosen = std::move(next);
    now = run(chosen);
  }
  for (auto& x : chosen)
    x.reads = reads[x.path];
  std::sort(chosen.begin(), chosen.end(),
            [](auto& x, auto& y) { return x.path < y.path; });
  return {std::move(now.services), std::move(errors), std::move(warnings),
          std::make_shared<const sources>(std::move(chosen))};
}

/// What counts as accepted reads what it read then.
result<std::string>
definition_reader::read_for(const source* asking, const std::string& path) {
  if (!asking || !asking->reads) {
    if (options_.read_file)
      return options_.read_file({}, path);
    return fail(errc::unsupported, "no files can be read here");
  }
  auto kept = asking->reads->find(path);
  if (kept == asking->reads->end())
    return fail(errc::not_found, "there is no file " + printable(path));
  return kept->second;
}

result<void> definition_reader::store(const evaluation& what) {
  auto* texts_ = static_cast<const sources*>(what.sources.get());
  return texts_ ? applied_.write(*texts_) : result<void>{};
}

definitions_actor::behavior_type
definitions(definitions_actor::pointer, shared_reader reader) {
  return {
    [reader](atom::load, const std::vector<std::string>& only) {
      return reader->read(only);
    },
    [reader](atom::apply, const evaluation& what) -> caf::result<bool> {
      if (auto ok = reader->store(what); !ok)
        return to_error(ok.error());
      return true;
    },
  };
}

} // namespace saker
