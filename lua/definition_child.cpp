#include "base/text.hpp"
#include "lua/definition_checks.hpp"

#include <algorithm>

namespace saker::lua {

namespace {

using kind = definition_value::kind;
using supervision::service;

/// Only the instances know what stands in the place of {i}.
bool is_fixed(const std::string& path) {
  return path.find("{i}") == std::string::npos;
}

std::string no_such(const char* what, const std::string& name,
                    const std::function<std::vector<std::string>()>& known) {
  return std::string{"there is no "} + what + " \"" + printable(name, 60)
         + "\" on this machine"
         + (known ? did_you_mean(name, known()) : std::string{});
}

} // namespace

void read_dir(const definition_value& x, service& into, key_checks& check) {
  auto path = check.absolute_path(x);
  if (!path)
    return;
  auto& exists = check.host().is_directory;
  if (exists && is_fixed(*path) && !exists(*path))
    check.warn("dir: there is no directory " + printable(*path, 200)
               + ": starts will fail until there is");
  into.dir = std::move(*path);
}

void read_user(const definition_value& x, service& into, key_checks& check) {
  auto name = check.account(x);
  if (!name)
    return;
  auto& host = check.host();
  if (host.user_exists && !host.user_exists(*name))
    check.warn(no_such("user", *name, host.users));
  if (host.may_become && !host.may_become(*name))
    return check.wrong("user: only root may start services as somebody "
                       "else: leave it out, or run Saker as root");
  into.user = std::move(*name);
}

/// Of services.
void read_groups(const definition_value& x, service& into, key_checks& check) {
  constexpr auto other
    = "; groups of the operating system are supplementary_groups";
  std::vector<std::string> names;
  if (!x.is(kind::table) || !x.is_list())
    return check.wrong("groups must be a list of groups of services such as "
                       "{\"front\"}, not "
                       + describe(x) + other);
  for (auto& entry : x.entries) {
    if (!entry.value.is(kind::text))
      return check.wrong("groups: " + describe(entry.value)
                         + " is not the name of a group of services" + other);
    if (auto ok = supervision::check_group_name(entry.value.text); !ok)
      return check.wrong("groups: " + ok.error().detail + other);
    names.push_back(entry.value.text);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  into.groups = std::move(names);
}

void read_supplementary_groups(const definition_value& x, service& into,
                               key_checks& check) {
  std::vector<std::string> names;
  if (!x.is(kind::table) || !x.is_list())
    return check.wrong("supplementary_groups must be a list of group names, "
                       "not "
                       + describe(x));
  auto& host = check.host();
  for (auto& entry : x.entries) {
    auto name = check.account(entry.value);
    if (!name)
      return;
    if (host.group_exists && !host.group_exists(*name))
      check.warn(no_such("group", *name, host.groups));
    names.push_back(std::move(*name));
  }
  if (host.may_set_groups && !host.may_set_groups())
    return check.wrong("supplementary_groups: only root may give services "
                       "other groups: leave it out, or run Saker as root");
  into.supplementary_groups = std::move(names);
}

void read_umask(const definition_value& x, service& into, key_checks& check) {
  if (auto mask = check.octal(x))
    into.umask = *mask;
}

void read_stdin(const definition_value& x, service& into, key_checks& check) {
  if (auto path = check.absolute_path(x))
    into.input = *path == "/dev/null" ? std::string{} : std::move(*path);
}

} // namespace saker::lua
