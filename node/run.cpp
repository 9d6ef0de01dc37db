#include "node/run.hpp"

#include "node/boot.hpp"
#include "node/log.hpp"
#include "node/runtime.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace saker::node {

namespace {

/// Each child takes one of ours, each client too. Children get the limit that
/// the keeper was started with.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Ctrl-C and hang-ups are the keeper's affair; a peer that is gone is an
/// error of a write, not a signal.
void ignore_signals() {
  for (auto x : {SIGINT, SIGHUP, SIGQUIT, SIGPIPE})
    std::signal(x, SIG_IGN);
}

int refused(int status, const std::string& why) {
  std::fprintf(stderr, "saker: start: %s\n", why.c_str());
  return status;
}

/// What was found at the start.
void tell(const boot& found, const log& log) {
  for (auto& x : found.notices)
    log.warn(x);
  auto count = found.definitions.services.size();
  auto& dir = found.settings.services_dir;
  std::error_code ec;
  if (count > 0 || std::filesystem::exists(dir, ec))
    log.info(std::to_string(count) + (count == 1 ? " service" : " services")
             + " from " + dir.string());
  else
    log.warn("no services: there is no directory " + dir.string());
}

} // namespace

int run(const options& how) {
  raise_descriptor_limit();
  ignore_signals();
  boot from;
  if (auto no = prepare(how, from))
    return refused(no->status, no->text);
  auto log = node::log::open(from.settings.log);
  if (!log)
    return refused(78, log.error().detail);
  tell(from, *log);
  // Scripts may be inside calls that never return and clients hold on to
  // actors: the process ends as a whole, as it would in a crash.
  auto* node = new runtime{std::move(from), *log};
  auto status = node->run();
  log->close();
  std::fflush(nullptr);
  ::_exit(status);
}

} // namespace saker::node
