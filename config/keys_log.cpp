#include "base/text.hpp"
#include "base/units.hpp"
#include "config/key_table.hpp"

namespace saker::config {

namespace {

using namespace std::chrono_literals;

/// `100000 events, 30 days`: either part or both. `what` is counted.
void read_keep(const slot& from, const std::string& what,
               const std::string& example, std::uint64_t& most,
               std::chrono::nanoseconds& longest) {
  auto value = from.text();
  if (!value)
    return;
  auto next_most = most;
  auto next_longest = longest;
  auto good = true;
  for (auto part : split(*value, ',')) {
    part = trim(part);
    if (part.ends_with(' ' + what)) {
      auto end = part.size() - what.size() - 1;
      auto number = parse_integer(trim(part.substr(0, end)));
      good = good && number && *number >= 1;
      next_most = static_cast<std::uint64_t>(number.value_or(0));
    } else {
      auto time = parse_duration(part);
      good = good && time && *time >= 1s;
      next_longest = time ? *time : 0s;
    }
  }
  if (!good)
    return from.refuse("must be a number of " + what + " and a time, as in \""
                       + example + '"');
  most = next_most;
  longest = next_longest;
}

// -- the keys --------------------------------------------------------------------

constexpr known_key log_keys[] = {
  {"log.level",
   [](const slot& s, draft& x) {
     if (auto i = s.choice({"trace", "debug", "info", "warn", "error"}))
       x.value.log.level = static_cast<log_level>(*i);
   }},
  {"log.file", [](const slot& s, draft& x) { s.read(x.log_file); }},
  {"log.format",
   [](const slot& s, draft& x) {
     if (auto i = s.choice({"text", "json"}))
       x.value.log.format = static_cast<log_format>(*i);
   }},
  {"journal.file",
   [](const slot& s, draft& x) { read_path(s, x.journal_file); }},
  {"journal.keep",
   [](const slot& s, draft& x) {
     auto& to = x.value.journal;
     read_keep(s, "events", "100000 events, 30 days", to.keep_events,
               to.keep_time);
   }},
  {"audit.commands",
   [](const slot& s, draft& x) {
     if (auto i = s.choice({"none", "changes", "all"}))
       x.value.audit.commands = static_cast<audited_commands>(*i);
   }},
  {"audit.scripts",
   [](const slot& s, draft& x) { s.read(x.value.audit.scripts); }},
  {"audit.per-second",
   [](const slot& s, draft& x) {
     s.integer(x.value.audit.per_second, 1, 10'000);
   }},
  {"audit.refused-per-second",
   [](const slot& s, draft& x) {
     s.integer(x.value.audit.refused_per_second, 1, 10'000);
   }},
  {"audit.keep",
   [](const slot& s, draft& x) {
     auto& to = x.value.audit;
     read_keep(s, "entries", "10000 entries, 90 days", to.keep_entries,
               to.keep_time);
   }},
};

} // namespace

std::span<const known_key> keys_of_log() noexcept {
  return log_keys;
}

std::string_view to_string(log_level x) noexcept {
  constexpr std::string_view names[] = {"trace", "debug", "info", "warn",
                                        "error"};
  return names[static_cast<std::size_t>(x)];
}

std::string_view to_string(log_format x) noexcept {
  return x == log_format::text ? "text" : "json";
}

} // namespace saker::config
