#include "config/key_table.hpp"

namespace saker::config {

namespace {

using namespace std::chrono_literals;

/// Whether it is there is asked once it is known where it is.
void read_lua_directory(const slot& from, draft& x, std::string& path) {
  read_path(from, path);
  x.directory_slots.insert_or_assign(from.key(), from);
}

// -- the keys --------------------------------------------------------------------

constexpr known_key lua_keys[] = {
  {"scripts.dir",
   [](const slot& s, draft& x) { read_lua_directory(s, x, x.scripts_dir); }},
  {"scripts.path",
   [](const slot& s, draft& x) { s.read(x.value.scripts.path); }},
  {"scripts.cpath",
   [](const slot& s, draft& x) { s.read(x.value.scripts.cpath); }},
  {"scripts.interval",
   [](const slot& s, draft& x) {
     s.duration(x.value.scripts.interval, 10ms, 24h);
   }},
  {"scripts.memory",
   [](const slot& s, draft& x) {
     s.size(x.value.scripts.memory, mb, 64 * gb);
   }},
  {"scripts.time",
   [](const slot& s, draft& x) { s.duration(x.value.scripts.time, 1ms, 1h); }},
  {"scripts.threads",
   [](const slot& s, draft& x) { s.integer(x.value.scripts.threads, 1, 256); }},
  {"scripts.watch",
   [](const slot& s, draft& x) { s.read(x.value.scripts.watch); }},
  {"scripts.timers",
   [](const slot& s, draft& x) {
     s.integer(x.value.scripts.timers, 0, 1'000'000);
   }},
  {"scripts.subscriptions",
   [](const slot& s, draft& x) {
     s.integer(x.value.scripts.subscriptions, 0, 1'000'000);
   }},
  {"scripts.messages",
   [](const slot& s, draft& x) {
     s.integer(x.value.scripts.messages, 1, 10'000'000);
   }},
  {"scripts.message-memory",
   [](const slot& s, draft& x) {
     s.size(x.value.scripts.message_memory, 1024, 64 * gb);
   }},
  {"scripts.blocking-threads",
   [](const slot& s, draft& x) {
     s.integer(x.value.scripts.blocking_threads, 1, 256);
   }},
  {"services.dir",
   [](const slot& s, draft& x) { read_lua_directory(s, x, x.services_dir); }},
};

} // namespace

std::span<const known_key> keys_of_lua() noexcept {
  return lua_keys;
}

} // namespace saker::config
