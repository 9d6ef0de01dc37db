#include "base/text.hpp"
#include "lua/definition_checks.hpp"
#include "supervision/env_file.hpp"
#include "supervision/secrets.hpp"

#include <map>

namespace saker::lua {

namespace {

using kind = definition_value::kind;
using supervision::service;

/// What files say, the later ones over the earlier ones.
using variables = std::map<std::string, std::string>;

/// Reads one file into `into`; false after an error.
bool read_one(std::string path, variables& into, const key_checks& check) {
  auto optional = path.starts_with('-');
  if (optional)
    path.erase(0, 1);
  if (!path.starts_with('/')) {
    check.wrong("env_file must be a path that begins with \"/\", or with "
                "\"-/\" if it may be missing, not \""
                + printable(path, 60) + "\"");
    return false;
  }
  auto& read = check.host().read_file;
  if (!read)
    return true;
  auto text = read(check.sink.file, path);
  if (!text && optional && text.error().code == errc::not_found)
    return true;
  if (!text) {
    check.wrong("env_file: " + text.error().detail
                + (text.error().code == errc::not_found
                     ? "; put \"-\" in front of it if it may be missing"
                     : ""));
    return false;
  }
  auto said = supervision::parse_env_file(*text);
  if (!said) {
    check.wrong("env_file: " + path + ":" + said.error().detail);
    return false;
  }
  for (auto& [name, value] : *said)
    into[name] = std::move(value);
  return true;
}

} // namespace

void read_env(const definition_value& x, service& into, key_checks& check) {
  if (!x.is(kind::table))
    return check.wrong("env must be a table of names and values, not "
                       + describe(x));
  std::map<std::string, std::string> env;
  for (auto& entry : x.entries) {
    if (entry.name.empty())
      return check.wrong("env must be a table of names and values, for "
                         "example {PORT = \"80\"}");
    if (!supervision::is_variable_name(entry.name)) {
      check.wrong(
        "env: \""
        + printable(supervision::without_secrets(std::string_view{entry.name}),
                    60)
        + "\" is not the name of a variable");
      continue;
    }
    auto value = check.text_or_number(entry.value);
    if (!value) {
      check.wrong("env: " + entry.name + " must be a text or a number, not "
                  + describe(entry.value));
      continue;
    }
    if (check.no_zero_byte(*value)
        && check.short_enough("env: " + entry.name, entry.name + '=' + *value))
      env[entry.name] = std::move(*value);
  }
  into.env = std::move(env);
}

void read_env_file(const definition_value& x, service& into,
                   key_checks& check) {
  std::vector<std::string> names;
  if (x.is(kind::text))
    names.push_back(x.text);
  else if (x.is(kind::table) && x.is_list())
    for (auto& entry : x.entries) {
      if (!entry.value.is(kind::text))
        return check.wrong("env_file: " + describe(entry.value)
                           + " is not a path");
      names.push_back(entry.value.text);
    }
  else
    return check.wrong("env_file must be a path or a list of paths, not "
                       + describe(x));
  variables found;
  for (auto& name : names)
    if (!check.no_zero_byte(name) || !read_one(name, found, check))
      return;
  for (auto& [name, value] : found)
    if (!check.short_enough("env_file: " + name, name + '=' + value))
      return;
  into.env_file = std::move(names);
  into.file_env = std::move(found);
}

void read_inherit_env(const definition_value& x, service& into,
                      key_checks& check) {
  if (x.is(kind::boolean)) {
    into.inherit_env = {x.truth, {}};
    return;
  }
  if (!x.is(kind::table) || !x.is_list())
    return check.wrong("inherit_env must be true (all), false (none) or a "
                       "list of names, not "
                       + describe(x));
  std::vector<std::string> names;
  for (auto& entry : x.entries) {
    if (!entry.value.is(kind::text)
        || !supervision::is_variable_name(entry.value.text))
      return check.wrong("inherit_env: " + describe(entry.value)
                         + " is not the name of a variable");
    names.push_back(entry.value.text);
  }
  into.inherit_env = {false, std::move(names)};
}

} // namespace saker::lua
