#include "lua/definition_checks.hpp"
#include "process/name_matcher.hpp"

namespace saker::lua {

using kind = definition_value::kind;
using supervision::service;

namespace {

std::optional<std::string>
expression(const definition_value& x, key_checks& check) {
  if (!x.is(kind::text) || x.text.empty()) {
    check.wrong(check.where() + " must be a regular expression (RE2), not "
                + describe(x));
    return std::nullopt;
  }
  service probe;
  probe.match = x.text;
  auto compiled = process::name_matcher::compile(for_instance(probe, 0).match);
  if (compiled)
    return x.text;
  check.wrong((check.where() == "match" ? "" : check.where() + ": ")
              + compiled.error().detail);
  return std::nullopt;
}

/// Warns: a start tells what became of it.
void check_pidfiles(const service& x, const definition_sink& sink) {
  auto& safe = sink.host->safe_pidfile;
  if (!safe)
    return;
  auto first = for_instance(x, 0); // stands for all
  if (!first.pidfile.empty())
    if (auto ok = safe(first.pidfile, {}); !ok)
      sink.warning("pidfile", "pidfile: " + ok.error().detail);
  if (!first.daemon || first.daemon->pidfile.empty())
    return;
  auto ok = safe(first.daemon->pidfile, x.user);
  if (ok)
    return;
  auto text = "daemon.pidfile: " + ok.error().detail;
  auto untrusted = ok.error().code == errc::not_permitted;
  // The keeper knows its own children, whoever has written that.
  if (auto& ours = sink.host->names_child;
      untrusted && ours && ours(first.daemon->pidfile))
    return;
  if (untrusted)
    text += "; until then what it names is only taken if this service started "
            "it";
  sink.warning("daemon", std::move(text));
}

} // namespace

void read_match(const definition_value& x, service& into, key_checks& check) {
  if (auto text = expression(x, check))
    into.match = std::move(*text);
}

void read_daemon(const definition_value& x, service& into, key_checks& check) {
  supervision::daemon_settings daemon;
  auto sound = x.is(kind::table) && x.entries.size() == 1;
  for (auto& entry : x.entries) {
    auto inner = check.inside(entry);
    if (entry.name == "pidfile") {
      if (auto path = inner.absolute_path(entry.value))
        daemon.pidfile = std::move(*path);
    } else if (entry.name == "match") {
      if (auto text = expression(entry.value, inner))
        daemon.match = std::move(*text);
    } else if (!entry.name.empty()) {
      return inner.unknown(entry, {"pidfile", "match"});
    } else {
      sound = false;
    }
  }
  if (!sound)
    return check.wrong("daemon must be a table with one key: {pidfile = "
                       "\"/run/x.pid\"}, that the daemon writes itself, or "
                       "{match = \"^/usr/sbin/x\"}, not "
                       + describe(x));
  into.daemon = std::move(daemon);
}

void check_daemon(const service& x, const definition_sink& sink) {
  check_pidfiles(x, sink);
  if (!x.daemon)
    return;
  if (!x.pidfile.empty())
    sink.error("pidfile", "pidfile is locked for a program that stays; a "
                          "daemon writes its own: daemon = {pidfile = …}");
  if (!x.daemon->match.empty() && !x.match.empty())
    sink.error("match", "match and daemon.match exclude each other: the one "
                        "beside daemon belongs to a pidfile");
}

} // namespace saker::lua
