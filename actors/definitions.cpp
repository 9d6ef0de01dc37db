#include "actors/definitions.hpp"

#include "base/text.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <set>

namespace saker {

namespace {

std::vector<std::string>
texts(const std::vector<supervision::problem>& problems) {
  std::vector<std::string> result;
  for (auto& x : problems)
    result.push_back(to_string(x));
  return result;
}

const source* find(const std::vector<source>& among, const std::string& path) {
  auto i = std::find_if(among.begin(), among.end(),
                        [&](auto& x) { return x.path == path; });
  return i == among.end() ? nullptr : &*i;
}

} // namespace

definition_reader::definition_reader(std::filesystem::path dir,
                                     const std::filesystem::path& state_dir,
                                     lua::definition_options options)
  : dir_(std::move(dir)),
    applied_(state_dir, "services"),
    options_(std::move(options)) {
  // nop
}

result<evaluation> definition_reader::applied_ones() {
  auto stored = applied_.read();
  if (!stored)
    return stored.error();
  return evaluate(std::move(*stored), {});
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
    return only.empty()
           || std::any_of(only.begin(), only.end(), [&](auto& x) {
                return x == file || x + ".lua" == file || x == path;
              });
  };
  for (auto& x : only)
    if (std::none_of(now.begin(), now.end(), [&](auto& y) {
          auto file = std::filesystem::path{y.path}.filename().string();
          return x == file || x + ".lua" == file || x == y.path;
        }))
      errors.push_back(x + ": there is no such file in " + dir_.string());
  sources chosen;
  for (auto& x : now)
    if (asked(x.path))
      chosen.push_back(x);
  // A file that could not be read, or was not asked for, counts as before.
  for (auto& x : *before) {
    if (find(chosen, x.path))
      continue;
    std::error_code ec;
    auto unreadable = std::filesystem::exists(x.path, ec)
                      && !find(now, x.path);
    if (!asked(x.path) || unreadable)
      chosen.push_back(x);
  }
  return evaluate(std::move(chosen), std::move(errors));
}

evaluation definition_reader::evaluate(sources chosen,
                                       std::vector<std::string> errors) {
  auto run = [&](const sources& from) {
    std::vector<lua::definition_file> files;
    for (auto& x : from)
      files.push_back({x.path, x.text});
    return lua::evaluate(std::move(files), options_);
  };
  auto first = run(chosen);
  auto found = texts(first.errors);
  errors.insert(errors.end(), found.begin(), found.end());
  auto now = std::move(first);
  if (!now.bad.empty()) {
    auto before = applied_.read();
    sources fallback;
    for (auto& x : chosen) {
      if (!now.bad.contains(x.path))
        fallback.push_back(x);
      else if (auto* old = before ? find(*before, x.path) : nullptr)
        fallback.push_back(*old);
    }
    auto warnings = std::move(now.warnings);
    now = run(fallback);
    now.warnings = std::move(warnings);
    // An old text that clashes with a new one loses: the new one was asked for.
    std::erase_if(fallback, [&](auto& x) { return now.bad.contains(x.path); });
    chosen = std::move(fallback);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](auto& x, auto& y) { return x.path < y.path; });
  return {std::move(now.services), std::move(errors), texts(now.warnings),
          std::make_shared<const sources>(std::move(chosen))};
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
    [reader](atom::apply,
             const evaluation& what) -> caf::result<bool> {
      if (auto ok = reader->store(what); !ok)
        return to_error(ok.error());
      return true;
    },
  };
}

} // namespace saker
