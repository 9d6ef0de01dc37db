#include "cli/client.hpp"

#include "cli/control.hpp"
#include "cli/events.hpp"
#include "cli/follow.hpp"
#include "cli/passwd.hpp"
#include "cli/socket_transport.hpp"
#include "cli/status.hpp"
#include "cli/views.hpp"
#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::cli {

namespace {

constexpr auto upgrade_answer
  = "not available yet; `saker shutdown --keep-services`, then `saker run` "
    "with the new programs, keeps what runs";

constexpr auto not_there_hint
  = "start it with `saker run`, or say where it is: --address HOST:PORT, "
    "--address unix:PATH, SAKER_URL";

std::string variable(const char* name) {
  // This program has one thread.
  auto* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
  return value ? value : "";
}

/// Others may make a directory in /tmp that looks like ours.
bool in_own_directory(const std::string& socket, uid_t uid) {
  auto slash = socket.rfind('/');
  struct stat info {};
  if (::stat(socket.substr(0, slash).c_str(), &info) != 0)
    return true; // connecting tells why
  return info.st_uid == uid || info.st_uid == 0;
}

result<std::vector<server_address>>
only(std::string_view text, const std::string& source) {
  auto x = parse_server_address(text);
  if (!x)
    return fail(x.error().code, source + ": " + x.error().detail);
  return std::vector{std::move(*x)};
}

int complain_of_connection(work& with, const failure& why) {
  complain(with, why);
  if (why.code == errc::io)
    with.err << "  hint: " << not_there_hint << std::endl;
  return no_connection;
}

int talk(work& with) {
  if (auto there = with.server.open(); !there)
    return complain_of_connection(with, there.error());
  auto done = carry_out(with);
  if (done)
    return *done;
  complain(with, done.error());
  return status_of(done.error());
}

} // namespace

result<std::vector<server_address>>
addresses(const std::optional<std::string>& option, const std::string& url,
          const config::environment& env) {
  if (option)
    return only(*option, "--address");
  if (!url.empty())
    return only(url, "SAKER_URL");
  config::sources from;
  from.env = env;
  auto all = local_addresses(config::directories(from).listen);
  std::erase_if(all, [&](auto& x) {
    return !x.path.empty() && !in_own_directory(x.path, env.uid);
  });
  return all;
}

result<int> carry_out(work& with) {
  switch (with.asked.what) {
    case verb::status: return show_status(with);
    case verb::why: return show_why(with);
    case verb::logs:
      return with.asked.rotate || with.asked.clear ? change_logs(with)
                                                   : show_logs(with);
    case verb::life: return show_life(with);
    case verb::config: return show_config(with);
    case verb::events: return show_events(with);
    case verb::nodes: return show_nodes(with);
    case verb::wait: return wait_for_state(with);
    case verb::plan:
    case verb::apply: return change_definitions(with);
    case verb::exec: return execute(with);
    case verb::shutdown: return shut_down(with);
    case verb::passwd: return make_password();
    case verb::upgrade: return fail(errc::unsupported, upgrade_answer);
    default: return control(with);
  }
}

std::string local_clock(std::int64_t unix_ms) {
  auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%03d", parts.tm_hour,
                parts.tm_min, parts.tm_sec, static_cast<int>(unix_ms % 1000));
  return text.data();
}

int run_client(const client_options& asked) {
  socket_transport world{asked.tls};
  auto needs_none = asked.what == verb::passwd || asked.what == verb::upgrade;
  auto where = needs_none ? std::vector<server_address>{}
                          : addresses(asked.address, variable("SAKER_URL"),
                                      config::environment::current());
  connection server{world, where ? *where : std::vector<server_address>{}};
  work with{asked,      server,    world,
            std::cout,  std::cerr, [] { return screen_of(STDOUT_FILENO); },
            local_clock};
  if (!where) {
    complain(with, where.error());
    return usage;
  }
  if (!needs_none)
    return talk(with);
  auto done = carry_out(with);
  if (done)
    return *done;
  complain(with, done.error());
  return not_so;
}

} // namespace saker::cli
