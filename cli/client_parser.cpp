#include "cli/client_parser.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/printed_text.hpp"
#include "cli/since.hpp"

namespace saker::cli {

namespace {

/// As much as SVWAIT takes.
constexpr auto longest_wait = std::chrono::hours{24};

constexpr std::size_t help_width = 78;

constexpr auto some_services = "Names or patterns of services";

} // namespace

client_parser::client_parser(CLI::App& app, client_options& into)
  : into_(into) {
  for (auto& x : verbs()) {
    auto sub = app.add_subcommand(std::string{x.name}, std::string{x.summary});
    sub->group(std::string{x.group});
    sub->footer(wrapped(x.details, help_width));
    add_options(*sub, x);
    apps_.push_back(sub);
    if (x.what == verb::passwd || x.what == verb::upgrade)
      continue;
    sub
      ->add_option("--address", into_.address,
                   "Where Saker is: HOST:PORT, unix:PATH, redis://… or, with "
                   "TLS, rediss://…; else SAKER_URL, its socket on this "
                   "machine, 127.0.0.1:12007")
      ->type_name("ADDR");
    add_tls(*sub);
  }
}

/// The words of redis-cli.
void client_parser::add_tls(CLI::App& to) {
  auto file = [&](const char* name, std::string& path, const char* variable,
                  const char* text) {
    to.add_option(name, path, text)->type_name("FILE")->envname(variable);
  };
  file("--cacert", into_.tls.ca, "SAKER_CACERT",
       "With rediss://: the authority to believe, a PEM file");
  file("--cert", into_.tls.cert, "SAKER_CERT", "… the certificate to show");
  file("--key", into_.tls.key, "SAKER_KEY", "… and its key");
}

// -- what a verb takes -------------------------------------------------------------

CLI::Option*
client_parser::add_names(CLI::App& to, const char* name, const char* text) {
  return to.add_option(name, into_.names, text)->type_name("");
}

CLI::Option* client_parser::add_word(CLI::App& to, const char* name,
                                     std::string& into, const char* text) {
  return to.add_option(name, into, text)->type_name("");
}

void client_parser::add_masks_and_wait(CLI::App& to) {
  add_names(to, "MASK", some_services)->required();
  add_patience(to);
}

void client_parser::add_patience(CLI::App& to) {
  to.add_flag("--wait{60s}", wait_, "Wait until it is reached, 60s or TIME");
}

void client_parser::add_status(CLI::App& to) {
  add_names(to, "MASK", some_services);
  to.add_flag("--json", into_.json, "One line of JSON, for programs");
  to.add_flag("--watch", into_.watch, "Show it anew at each event");
}

void client_parser::add_logs(CLI::App& to) {
  add_names(to, "NAME", some_services)->required();
  to.add_flag("-f,--follow", into_.follow, "Go on with what is written");
  to.add_option("-n,--lines", into_.lines, "As many of the last lines, not 20")
    ->type_name("N");
  auto rotate = to.add_flag("--rotate", into_.rotate, "Begin new files now");
  to.add_flag("--clear", into_.clear, "Empty the files, remove the old ones")
    ->excludes(rotate);
}

void client_parser::add_run(CLI::App& to) {
  add_word(to, "NAME", name_, "What it is to be called")->required();
  add_names(to, "CMD", "A program and its arguments")->required();
  auto option = [&](const std::string& name, const char* type,
                    const char* text) {
    to.add_option_function<std::string>(
        name,
        [this, name](const std::string& value) {
          into_.options.insert(into_.options.end(), {name, value});
        },
        text)
      ->type_name(type);
  };
  option("--user", "USER", "Who it runs as");
  option("--dir", "PATH", "Where it runs; without it /");
  option("--umask", "022", "Its mask of file modes");
  option("--pidfile", "PATH", "Written and locked for it");
  option("--log", "PATH", "Where its output goes");
}

void client_parser::add_events(CLI::App& to) {
  to.add_flag("-f,--follow", into_.follow, "Go on with what happens");
  to.add_option("--since", into_.since,
                "First what has happened since then: 10m (ago), 13:05, "
                "\"2026-11-28 13:05\", or behind the id of an event")
    ->type_name("TIME|ID");
  to.add_flag("--json", into_.json, "As published, for programs");
}

void client_parser::add_wait(CLI::App& to) {
  add_word(to, "MASK", name_, "A name or pattern of services")->required();
  add_word(to, "STATE", into_.state,
           "running, done, stopped …; without it running");
  add_word(to, "TIME", wait_, "How long at most; without it 60s");
}

void client_parser::add_options(CLI::App& to, const verb_info& of) {
  switch (of.what) {
    case verb::status: return add_status(to);
    case verb::logs: return add_logs(to);
    case verb::events: return add_events(to);
    case verb::wait: return add_wait(to);
    case verb::svrun: return add_run(to);
    case verb::life:
      add_names(to, "MASK", some_services)->required();
      to.add_option("-n,--lines", into_.lines, "As many of the last, not 20")
        ->type_name("N");
      break;
    case verb::config:
    case verb::why: add_names(to, "NAME", some_services)->required(); break;
    case verb::signal:
      add_word(to, "SIGNAL", into_.signal, "HUP, USR1, 15 …")->required();
      add_names(to, "MASK", some_services)->required();
      break;
    case verb::scale:
      add_word(to, "NAME", name_, "A service")->required();
      to.add_option("N", into_.count, "Instances")->type_name("")->required();
      add_patience(to);
      break;
    case verb::restart:
    case verb::try_restart:
      add_masks_and_wait(to);
      to.add_option("--rolling", into_.rolling,
                    "N at a time; the next ones when these are back")
        ->type_name("N")
        ->check(CLI::Range(1u, 10'000u));
      break;
    case verb::plan: add_names(to, "FILE", "Files of definitions"); break;
    case verb::apply:
      add_names(to, "FILE", "Files of definitions");
      to.add_flag("--force", into_.force,
                  "Even if more than half of what runs would end");
      break;
    case verb::exec:
      add_names(to, "CMD", "A command and its arguments")->required();
      break;
    case verb::shutdown:
      to.add_flag("--keep-services", into_.keep_services,
                  "Leave the services running for the next start");
      break;
    case verb::nodes:
    case verb::passwd:
    case verb::upgrade: break;
    default: add_masks_and_wait(to);
  }
}

// -- what was typed ----------------------------------------------------------------

CLI::App* client_parser::parsed() const {
  for (auto x : apps_)
    if (x->parsed())
      return x;
  return nullptr;
}

CLI::App* client_parser::find(const std::string& name) const {
  for (auto x : apps_)
    if (x->get_name() == name)
      return x;
  return nullptr;
}

result<void> client_parser::finish() {
  for (std::size_t i = 0; i < apps_.size(); ++i)
    if (apps_[i]->parsed())
      into_.what = verbs()[i].what;
  if (into_.what == verb::svrun)
    into_.names.insert(into_.names.begin(), name_);
  else if (!name_.empty())
    into_.names = {name_};
  constexpr std::int64_t some_time = 4'000'000'000'000;
  if (into_.since)
    if (auto known = since_argument(*into_.since, some_time); !known)
      return known.error();
  if (wait_.empty())
    return {};
  auto wrong = [&](const std::string& why) {
    auto source = into_.what == verb::wait ? "TIME: " : "--wait: ";
    return fail(errc::invalid_argument, source + why);
  };
  auto time = parse_duration(wait_);
  if (!time)
    return wrong(time.error().detail);
  if (*time > longest_wait)
    return wrong(wait_ + " is too long; at most 24h");
  into_.patience = std::chrono::ceil<std::chrono::milliseconds>(*time);
  return {};
}

} // namespace saker::cli
