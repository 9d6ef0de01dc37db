#include "base/text.hpp"
#include "lua/definition_checks.hpp"
#include "process/socket_address.hpp"
#include "process/spec.hpp"

#include <algorithm>

namespace saker::lua {

namespace {

using kind = definition_value::kind;
using supervision::listen_socket;
using supervision::service;

bool is_option(std::string_view name) {
  return name == "mode" || name == "group" || name == "backlog";
}

/// Letters, digits and `_.-`: LISTEN_FDNAMES is cut at `:`.
bool is_socket_name(std::string_view name) {
  return name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
         });
}

/// Reads one option; false after an error.
bool read_option(const definition_value::entry& entry, listen_socket& into,
                 const key_checks& check) {
  auto inner = check.inside(entry);
  if (entry.name == "mode") {
    auto mode = inner.octal(entry.value);
    into.mode = mode.value_or(into.mode);
    return mode.has_value();
  }
  if (entry.name == "group") {
    auto group = inner.account(entry.value);
    into.group = group.value_or("");
    return group.has_value();
  }
  auto backlog = inner.integer(entry.value, 1, 65'535);
  into.backlog = static_cast<int>(backlog.value_or(into.backlog));
  return backlog.has_value();
}

bool read_address(const definition_value& x, listen_socket& into,
                  const key_checks& check) {
  if (!x.is(kind::text)) {
    check.wrong(check.where()
                + " must be an address such as "
                  "\"127.0.0.1:8080\" or \"unix:/run/x.sock\", "
                  "not "
                + describe(x));
    return false;
  }
  if (!check.no_zero_byte(x.text))
    return false;
  service probe; // {i} may be the port
  probe.listen.emplace_back().address = x.text;
  auto address = for_instance(probe, 0).listen.front().address;
  if (auto ok = process::parse_socket_address(address); !ok) {
    check.wrong(check.where() + ": " + ok.error().detail);
    return false;
  }
  auto& own = check.host().is_own_address;
  if (own && own(x.text)) {
    check.wrong(check.where() + ": Saker itself listens on " + x.text);
    return false;
  }
  into.address = x.text;
  return true;
}

/// An address, or `{address, mode = …}`; false after an error.
bool read_socket(const definition_value& x, listen_socket& into,
                 const key_checks& check) {
  auto first = leading_word(x);
  if (!read_address(first ? *first : x, into, check))
    return false;
  for (auto& entry : x.entries) {
    if (entry.name.empty() && entry.number == 1)
      continue;
    if (!is_option(entry.name)) {
      check.inside(entry).unknown(entry, {"mode", "group", "backlog"});
      return false;
    }
    if (!read_option(entry, into, check))
      return false;
  }
  return true;
}

} // namespace

void read_listen(const definition_value& x, service& into, key_checks& check) {
  if (x.is(kind::boolean) && !x.truth) {
    into.listen.clear();
    return;
  }
  std::vector<listen_socket> sockets;
  listen_socket common; // options beside the addresses count for all
  if (!x.is(kind::table)) {
    if (!read_address(x, common, check))
      return;
    into.listen = {common};
    return;
  }
  for (auto& entry : x.entries)
    if (is_option(entry.name) && !read_option(entry, common, check))
      return;
  for (auto& entry : x.entries) {
    if (is_option(entry.name))
      continue;
    auto inner = check.inside(entry);
    if (!is_socket_name(entry.name))
      return check.wrong("listen: \"" + printable(entry.name, 60)
                         + "\" is not a name of a socket: write letters, "
                           "digits, \"_\", \".\" or \"-\"");
    auto one = common;
    one.name = entry.name;
    if (!read_socket(entry.value, one, inner))
      return;
    sockets.push_back(std::move(one));
  }
  if (sockets.empty() || sockets.size() > process::max_passed_fds)
    return check.wrong("listen must have 1 to "
                       + std::to_string(process::max_passed_fds)
                       + " addresses, not " + std::to_string(sockets.size()));
  into.listen = std::move(sockets);
}

} // namespace saker::lua
