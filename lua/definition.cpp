#include "lua/definition.hpp"

#include "lua/definition_file.hpp"
#include "lua/definition_programs.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

namespace saker::lua {

namespace {

using supervision::definitions;
using supervision::hook_kind;
using supervision::place;
using supervision::service;

/// All services of all files, before any is left out.
class joint {
public:
  explicit joint(definitions& into) : into_(into) {
    // nop
  }

  void add(service x) {
    all_.push_back(std::make_shared<const service>(std::move(x)));
  }

  /// Names and files that two services claim are errors of both.
  void check() {
    std::map<std::string, const service*> names;
    std::map<std::pair<std::string, std::string>, const service*> paths;
    for (auto& x : all_) {
      auto [first, added] = names.emplace(x->name, x.get());
      if (!added) {
        clash(*x, *first->second, "service \"" + x->name + "\" is defined");
        continue;
      }
      claim(paths, "pidfile", x->pidfile, *x);
      for (auto& socket : x->listen)
        claim(paths, "listen", socket.address, *x);
      claim(paths, "log file", x->log ? x->log->file : "", *x);
    }
    for (auto& x : all_)
      for (auto which : {hook_kind::before, hook_kind::after})
        for (auto& command : x->hook_of(which).commands)
          if (auto word = only_word(command); names.contains(word))
            warn_of_order(*x, to_string(which), word);
  }

  /// What is left when the bad files are known.
  void collect() {
    for (auto& x : all_)
      (into_.bad.contains(x->where.file) ? into_.spoiled : into_.services)
        .emplace(x->name, x);
  }

private:
  template <class Paths>
  void claim(Paths& paths, const char* what, const std::string& path,
             const service& x) {
    if (path.empty())
      return;
    auto [first, added] = paths.emplace(std::pair{what, path}, &x);
    if (!added)
      clash(x, *first->second, std::string{what} + " " + path + " is used");
  }

  /// A program may have the name of a service; that it is missing has been
  /// said.
  void warn_of_order(const service& x, std::string_view key,
                     const std::string& word) {
    auto text = "service \"" + x.name + "\": " + std::string{key} + ": ";
    auto missing = text + "there is no program \"" + word;
    for (auto& said : into_.warnings)
      if (said.where.file == x.where.file && said.text.starts_with(missing))
        return;
    into_.warnings.push_back(
      {x.where, text + '"' + word + "\" is a service" + hook_hint(key)});
  }

  void
  clash(const service& later, const service& first, const std::string& what) {
    into_.errors.push_back(
      {later.where, what + " twice: here and in " + to_string(first.where)});
    into_.bad.insert(later.where.file);
    into_.bad.insert(first.where.file);
  }

  definitions& into_;
  std::vector<std::shared_ptr<const service>> all_;
};

/// Many services name the same program: the disk is asked once for each, and
/// again for the next evaluation.
definition_options asking_once(definition_options x) {
  if (!x.is_program)
    return x;
  auto known = std::make_shared<std::map<std::string, bool>>();
  x.is_program = [known,
                  ask = std::move(x.is_program)](const std::string& path) {
    auto [found, fresh] = known->try_emplace(path, false);
    if (fresh)
      found->second = ask(path);
    return found->second;
  };
  return x;
}

} // namespace

definitions
evaluate(std::vector<definition_file> files, const definition_options& given) {
  auto options = asking_once(given);
  std::sort(files.begin(), files.end(),
            [](auto& x, auto& y) { return x.path < y.path; });
  definitions result;
  joint all{result};
  for (auto& file : files) {
    auto one = evaluate_file(file, options);
    result.files.insert(file.path);
    if (!one.errors.empty())
      result.bad.insert(file.path);
    std::move(one.errors.begin(), one.errors.end(),
              std::back_inserter(result.errors));
    std::move(one.warnings.begin(), one.warnings.end(),
              std::back_inserter(result.warnings));
    for (auto& x : one.services)
      all.add(std::move(x));
  }
  all.check();
  all.collect();
  supervision::sort(result.errors);
  supervision::sort(result.warnings);
  return result;
}

} // namespace saker::lua
