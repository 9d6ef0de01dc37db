// saker-load: subscribers and publishers for any server that speaks Redis or
// NATS. Prints one line of `key=value` words. Knows nothing of Saker's sources.
#include "bench/load.hpp"
#include <CLI/CLI.hpp>
#include <sys/resource.h>

namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

int main(int argc, char** argv) {
  using namespace saker::bench;
  settings x;
  CLI::App app{"Publishes to subscribers and counts what arrives",
               "saker-load"};
  app.add_option("--protocol", x.protocol, "resp2, resp3 or nats")
    ->check(CLI::IsMember({"resp2", "resp3", "nats"}));
  app.add_option("--port", x.port, "Where the server listens, on 127.0.0.1");
  app.add_option("--subscribers", x.subscribers);
  app.add_option("--publishers", x.publishers)->check(CLI::Range(1, 65535));
  app.add_option("--in-flight", x.in_flight, "Publishes per publisher")
    ->check(CLI::Range(1, 1'000'000));
  app.add_option("--messages", x.messages, "Over all publishers");
  app.add_option("--size", x.size, "Bytes of payload")
    ->check(CLI::Range(static_cast<int>(header_size), 1 << 20));
  app.add_option("--patience", x.patience, "Seconds without progress");
  app.add_option("--idle-patterns", x.idle_patterns, "That match nothing");
  app.add_option("--idle-channels", x.idle_channels,
                 "To which nobody publishes");
  app.add_flag("--ping", x.ping, "One more client asks PING all the time");
  app.add_option("--cpu-of", x.pids, "Processes of the server");
  CLI11_PARSE(app, argc, argv);
  raise_descriptor_limit();
  load all{x};
  all.connect();
  all.run();
  all.print();
  return 0;
}
