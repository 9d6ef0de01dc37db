#include "node/check_list.hpp"

#include "base/text.hpp"
#include "node/client_tls.hpp"
#include "node/cluster.hpp"

#include <algorithm>
#include <optional>

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

/// What a start reads then: values of [redis], certificates, secrets.
void look_behind(const config::settings& x, check_list& into) {
  auto [parameters, errors] = session::readable_parameters(x);
  if (!errors.empty())
    add_errors(errors, into);
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
  look_behind(*found, into);
  return some_settings{std::move(*found)};
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
  if (fs::exists(settings->file, ec))
    into.looked.push_back(settings->file);
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
      auto loaded = look_at(from, all);
      if (!loaded)
        return loaded.error();
      if (*loaded)
        all.looked.push_back(path);
    } else {
      all.files.push_back(path);
    }
  }
  return all;
}

} // namespace saker::node
