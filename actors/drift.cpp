#include "actors/drift.hpp"

#include "config/file.hpp"
#include "config/overrides.hpp"

#include <algorithm>
#include <optional>

#include <sys/stat.h>

namespace saker {

namespace {

constexpr std::size_t most_listed = 5;

/// Nothing if it cannot be read.
std::optional<std::string> text_of(const std::filesystem::path& path) {
  auto text = config::read_file(path);
  return text ? std::optional{std::move(*text)} : std::nullopt;
}

std::string told(const std::string& path, const char* how) {
  return std::filesystem::path{path}.filename().string() + " (" + how + ")";
}

} // namespace

drift_check::drift_check(drift_sources what)
  : of_(std::move(what)), applied_(of_.state_dir, "services") {
  // nop
}

drift_report drift_check::look() {
  auto now = stamps();
  if (now == seen_)
    return last_;
  seen_ = std::move(now);
  auto kept = text_of(config::overrides_file(of_.state_dir));
  last_ = {services(), configuration(),
           config::overridden_names(kept.value_or(""))};
  return last_;
}

std::vector<drift_check::stamp> drift_check::stamps() const {
  std::vector<stamp> all;
  auto add = [&](const std::filesystem::path& path) {
    struct stat x = {};
    stamp found{path.string(), 0, 0, 0};
    if (::stat(path.c_str(), &x) == 0)
      found = {path.string(), x.st_ino, x.st_size,
               x.st_ctim.tv_sec * 1'000'000'000 + x.st_ctim.tv_nsec};
    all.push_back(std::move(found));
  };
  add(of_.config_file);
  add(config::overrides_file(of_.state_dir));
  add(applied_.file());
  add(of_.services_dir);
  std::error_code ec;
  for (auto& x : std::filesystem::directory_iterator{of_.services_dir, ec})
    if (x.path().extension() == ".lua")
      add(x.path());
  std::sort(all.begin(), all.end(),
            [](auto& x, auto& y) { return x.path < y.path; });
  return all;
}

std::vector<std::string> drift_check::services() const {
  std::vector<std::string> found;
  auto before = applied_.read();
  std::error_code ec;
  if (!before || !std::filesystem::exists(applied_.file(), ec))
    return found;
  std::vector<std::string> unreadable;
  auto now = read_sources(of_.services_dir, unreadable);
  for (auto& x : now)
    if (auto* old = find_source(*before, x.path); !old)
      found.push_back(told(x.path, "new"));
    else if (old->text != x.text)
      found.push_back(told(x.path, "changed"));
  for (auto& x : *before)
    if (!std::filesystem::exists(x.path, ec))
      found.push_back(told(x.path, "gone"));
  return found;
}

std::vector<std::string> drift_check::configuration() const {
  if (of_.config_file.empty())
    return {};
  auto now = text_of(of_.config_file);
  std::error_code ec;
  if (!now && std::filesystem::exists(of_.config_file, ec))
    return {};
  if (now.value_or("") == of_.config_text)
    return {};
  return {told(of_.config_file, now ? "changed" : "gone")};
}

std::string listed(const std::vector<std::string>& files) {
  std::string text;
  for (std::size_t i = 0; i < std::min(files.size(), most_listed); ++i)
    text += (i > 0 ? ", " : "") + files[i];
  if (files.size() > most_listed)
    text += " and " + std::to_string(files.size() - most_listed) + " more";
  return text;
}

namespace {

/// `line 7: there is no key "x"`; nothing if nobody found an error in it.
std::optional<std::string>
error_in(const std::string& file, const std::vector<std::string>& errors) {
  for (auto& x : errors) {
    auto at = x.find(file + ':');
    auto begins = at == 0 || (at != x.npos && x[at - 1] == '/');
    if (begins)
      return "line " + x.substr(at + file.size() + 1);
  }
  return std::nullopt;
}

} // namespace

drift_lines
to_lines(const drift_report& x, const std::vector<std::string>& errors) {
  drift_lines lines;
  std::vector<std::string> services;
  for (auto& told_ : x.services) {
    auto file = told_.substr(0, told_.rfind(" ("));
    if (auto error = error_in(file, errors))
      lines.errors.push_back(file + " has an error: " + *error);
    else
      services.push_back(told_);
  }
  if (!services.empty())
    lines.others.push_back("not applied: " + listed(services)
                           + ": SVAPPLY applies what is there");
  if (!x.configuration.empty())
    lines.others.push_back("not in force: " + listed(x.configuration)
                           + ": it counts when Saker starts anew");
  if (!x.overrides.empty())
    lines.others.push_back(
      "not as in saker.toml: " + listed(x.overrides)
      + ": overrides.toml, which CONFIG REWRITE wrote, says "
        "otherwise");
  return lines;
}

drift_actor::behavior_type
drift(drift_actor::pointer, std::shared_ptr<drift_check> check) {
  return {[check](atom::status) { return check->look(); }};
}

} // namespace saker
