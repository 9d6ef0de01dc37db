#include "config/key_table.hpp"

namespace saker::config {

namespace {

using namespace std::chrono_literals;

constexpr known_key cluster_keys[] = {
  {"cluster.listen", [](const slot& s, draft& x) { s.read(x.cluster_listen); }},
  {"cluster.join", [](const slot& s, draft& x) { s.read(x.cluster_join); }},
  {"cluster.cookie-file",
   [](const slot& s, draft& x) { s.read(x.cluster_cookie); }},
  {"cluster.tls.cert",
   [](const slot& s, draft& x) { read_path(s, x.cluster_cert); }},
  {"cluster.tls.key",
   [](const slot& s, draft& x) { read_path(s, x.cluster_key); }},
  {"cluster.tls.ca",
   [](const slot& s, draft& x) { read_path(s, x.cluster_ca); }},
  {"cluster.insecure",
   [](const slot& s, draft& x) { s.read(x.value.cluster.insecure); }},
  {"cluster.heartbeat",
   [](const slot& s, draft& x) {
     s.duration(x.value.cluster.heartbeat, 50ms, 1min);
   }},
  {"cluster.dead-after",
   [](const slot& s, draft& x) {
     s.duration(x.value.cluster.dead_after, 100ms, 1h);
   }},
  {"cluster.backlog",
   [](const slot& s, draft& x) {
     s.size(x.value.cluster.backlog, mb, 64 * gb);
   }},
  {"cluster.interest",
   [](const slot& s, draft& x) {
     s.integer(x.value.cluster.interest, 1, 10'000'000);
   }},
};

} // namespace

std::span<const known_key> keys_of_cluster() noexcept {
  return cluster_keys;
}

} // namespace saker::config
