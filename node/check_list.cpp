#include "node/check_list.hpp"

#include "base/text.hpp"
#include "config/overrides.hpp"
#include "config/users.hpp"
#include "node/client_tls.hpp"
#include "node/cluster.hpp"
#include "node/kept_files.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <unistd.h>

namespace saker::node {

namespace {

namespace fs = std::filesystem;

result<std::vector<fs::path>> definitions_in(const fs::path& dir) {
  std::error_code ec;
  std::vector<fs::path> found;
  fs::directory_iterator all{dir, ec};
  if (ec)
    return system_failure("read", dir.string(), ec.value());
  for (auto& x : all)
    if (x.path().extension() == ".lua")
      found.push_back(x.path());
  std::sort(found.begin(), found.end());
  return found;
}

using some_settings = std::optional<config::settings>;

void add_errors(const std::string& lines, check_list& into) {
  for (auto line : split(lines, '\n'))
    into.errors.emplace_back(line);
}

/// A start by its owner reads more than whoever only checks.
bool is_hidden(const fs::path& file, check_list& into) {
  if (::access(file.c_str(), R_OK) == 0 || errno != EACCES)
    return false;
  auto why = system_failure("read", file.string(), errno).detail;
  into.warnings.push_back(why
                          + ", so it was not checked; a start reads it: check "
                            "as the user who starts Saker");
  return true;
}

bool is_there(const fs::path& file) {
  std::error_code ec;
  return fs::symlink_status(file, ec).type() != fs::file_type::not_found;
}

/// The settings with what CONFIG REWRITE kept, as far as that can be read.
config::settings
with_overrides(config::settings x, config::sources from, check_list& into) {
  auto file = config::overrides_file(x.state_dir);
  if (is_hidden(file, into) || !is_there(file))
    return x;
  into.looked.push_back(file);
  from.overrides = true;
  auto found = config::load(from);
  if (found)
    return std::move(*found);
  add_errors(with_advice(found.error().detail, file), into);
  return x;
}

/// What ACL SAVE kept.
void look_at_users(const config::settings& x, const session::parameters& with,
                   check_list& into) {
  auto users = configured_users(x, with);
  if (!users)
    return add_errors(users.error().detail, into);
  auto file = config::users_file(x.state_dir);
  if (is_hidden(file, into))
    return;
  if (is_there(file))
    into.looked.push_back(file);
  for (auto& wrong : add_kept_users(*users, file, false, x, with))
    into.errors.push_back(wrong);
}

/// What a start reads then: values of [redis], users, certificates, secrets.
void look_behind(const config::settings& x, check_list& into) {
  auto [parameters, errors] = session::readable_parameters(x);
  if (!errors.empty())
    add_errors(with_advice(errors, config::overrides_file(x.state_dir)), into);
  look_at_users(x, parameters, into);
  if (auto secrets = read_secrets(x.cluster); !secrets)
    add_errors(secrets.error().detail, into);
  if (x.tls.listen.empty())
    return;
  auto tls = read_client_tls(x, parameters);
  if (!tls)
    return add_errors("tls: " + tls.error().detail, into);
  if (auto wrong = warning_about(*tls, parameters); !wrong.empty())
    into.warnings.push_back(wrong);
}

/// Loads settings; wrong ones are told, and looked at no further. Fails: there
/// is nothing to be read.
result<some_settings> look_at(const config::sources& from, check_list& into) {
  auto found = config::load(from);
  if (!found && found.error().code == errc::io)
    return found.error();
  if (!found) {
    add_errors(found.error().detail, into);
    return some_settings{};
  }
  if (is_there(found->file))
    into.looked.push_back(from.file.value_or(found->file));
  auto whole = with_overrides(std::move(*found), from, into);
  look_behind(whole, into);
  return some_settings{std::move(whole)};
}

result<void> add_directory(const fs::path& dir, check_list& into) {
  auto found = definitions_in(dir);
  if (!found)
    return found.error();
  if (found->empty())
    into.warnings.push_back(dir.string() + ": there are no *.lua files in it");
  into.looked.push_back(dir);
  into.files.insert(into.files.end(), found->begin(), found->end());
  return {};
}

result<void> add_usual(const config::sources& from, check_list& into) {
  auto loaded = look_at(from, into);
  if (!loaded)
    return loaded.error();
  auto& settings = *loaded;
  if (!settings)
    return {};
  std::error_code ec;
  if (fs::is_directory(settings->services_dir, ec))
    return add_directory(settings->services_dir, into);
  into.warnings.push_back(settings->services_dir.string()
                          + ": there is no such directory, so no services are "
                            "defined");
  return {};
}

} // namespace

result<check_list> list_checks(const std::vector<fs::path>& asked,
                               const config::sources& settings) {
  check_list all;
  if (asked.empty())
    if (auto ok = add_usual(settings, all); !ok)
      return ok.error();
  for (auto& path : asked) {
    std::error_code ec;
    if (fs::is_directory(path, ec)) {
      if (auto ok = add_directory(path, all); !ok)
        return ok.error();
    } else if (path.extension() == ".toml") {
      auto from = settings;
      from.file = path;
      if (auto loaded = look_at(from, all); !loaded)
        return loaded.error();
    } else {
      all.files.push_back(path);
    }
  }
  return all;
}

} // namespace saker::node
