#include "base/http_url.hpp"
#include "base/text.hpp"
#include "lua/definition_checks.hpp"
#include "supervision/secrets.hpp"

#include <algorithm>

namespace saker::lua {

namespace {

using namespace std::chrono_literals;
using kind = definition_value::kind;
using supervision::hook;
using supervision::service;

/// Of whatever kind: `ftp://x` is no command either.
bool is_url(std::string_view x) {
  auto scheme = x.substr(0, x.find("://"));
  return !scheme.empty() && scheme.size() < x.size()
         && std::all_of(scheme.begin(), scheme.end(), [](char c) {
              return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z')
                     || c == '+';
            });
}

/// A list of words is one command, any other list one of commands.
bool is_argv(const definition_value& x) {
  auto first = leading_word(x);
  return x.is(kind::table) && first
         && (first->is(kind::text) || first->is(kind::number));
}

/// `"rm -f x"` or `{"rm", "-f", "x"}`; `check.where()` is named in errors.
std::optional<std::vector<std::string>>
read_command(const definition_value& x, const key_checks& check) {
  if (!x.is(kind::text))
    return check.arguments(x);
  if (trim(x.text).empty()) {
    check.wrong(check.where()
                + " is empty: write a command such as {\"rm\", "
                  "\"-f\", \"/run/x\"}");
    return std::nullopt;
  }
  if (!check.no_zero_byte(x.text) || !check.short_enough(check.where(), x.text))
    return std::nullopt;
  return std::vector<std::string>{"/bin/sh", "-c", x.text};
}

/// The table without its names.
definition_value words_of(const definition_value& x) {
  definition_value result;
  result.what = kind::table;
  for (auto& entry : x.entries)
    if (entry.name.empty())
      result.entries.push_back(entry);
  return result;
}

/// `within` of a table; false after an error.
bool read_options(const definition_value& x, hook& into, key_checks& check) {
  for (auto& entry : x.entries) {
    if (entry.name.empty())
      continue;
    auto inner = check.inside(entry);
    if (entry.name != "within") {
      inner.unknown(entry, {"within"});
      return false;
    }
    auto within = inner.duration(entry.value, 100ms, 24h);
    if (!within)
      return false;
    into.within = *within;
  }
  return true;
}

void read_hook(const definition_value& x, hook& into, key_checks& check) {
  hook result;
  if (x.is(kind::boolean) && !x.truth) {
    into = result;
    return;
  }
  if (!x.is(kind::text) && !x.is(kind::table))
    return check.wrong(check.where()
                       + " must be a command such as {\"rm\", \"-f\", "
                         "\"/run/x\"}, or a list of commands, not "
                       + describe(x));
  if (x.is(kind::text) || is_argv(x)) {
    auto command = read_command(x.is(kind::text) ? x : words_of(x), check);
    if (!command || !read_options(x, result, check))
      return;
    result.commands.push_back(std::move(*command));
    into = std::move(result);
    return;
  }
  auto list = words_of(x);
  if (list.entries.empty() || !list.is_list())
    return check.wrong(check.where()
                       + " has no command: write for example {\"rm\", \"-f\", "
                         "\"/run/x\"}");
  for (auto& entry : list.entries) {
    auto command = read_command(entry.value, check.inside(entry));
    if (!command)
      return;
    result.commands.push_back(std::move(*command));
  }
  if (read_options(x, result, check))
    into = std::move(result);
}

/// A web server that is told: `"http://x/y"`, `{"http://x/y", within = "5s"}`.
void read_url(const std::string& url, const definition_value& x, hook& into,
              key_checks& check) {
  hook result;
  result.url = url;
  result.within = 10s;
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return check.wrong("on_failed: a URL begins with http:// or https://; for "
                       "others write a command, for example {\"curl\", \"-s\", "
                       "\""
                       + printable(supervision::without_url_passwords(url), 100)
                       + "\"}");
  service probe;
  probe.on_failed.url = url;
  auto parsed = parse_http_url(for_instance(probe, 0).on_failed.url);
  if (!parsed)
    return check.wrong(
      "on_failed: "
      + supervision::without_url_passwords(parsed.error().detail));
  if (x.is(kind::table) && words_of(x).entries.size() > 1)
    return check.wrong("on_failed: a URL stands alone: what else is to be told "
                       "or run, a command can do");
  if (!x.is(kind::table) || read_options(x, result, check))
    into = std::move(result);
}

} // namespace

void read_before(const definition_value& x, service& into, key_checks& check) {
  read_hook(x, into.before, check);
}

void read_after(const definition_value& x, service& into, key_checks& check) {
  read_hook(x, into.after, check);
}

void read_on_failed(const definition_value& x, service& into,
                    key_checks& check) {
  if (x.is(kind::function))
    return check.wrong("on_failed: functions are not available yet: write a "
                       "command");
  auto first = leading_word(x);
  if (first && first->is(kind::text) && is_url(first->text))
    return read_url(first->text, x, into.on_failed, check);
  read_hook(x, into.on_failed, check);
}

} // namespace saker::lua
