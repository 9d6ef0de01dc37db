#include "config/keys.hpp"

#include "acl/password.hpp"
#include "acl/service_mask.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "config/environment.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <grp.h>

namespace saker::config {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kb = 1024;
constexpr std::uint64_t mb = 1024 * kb;
constexpr std::uint64_t gb = 1024 * mb;
constexpr std::uint64_t most_bytes = 1024 * gb;
constexpr auto all_rights = std::array{
  right::status, right::events, right::control, right::script, right::admin};

// -- values with a form of their own --------------------------------------------

void read_node(const slot& from, std::string& node) {
  std::string name;
  from.read(name);
  if (name.empty())
    return;
  if (!valid_name(name))
    return from.refuse("a node is named with 1 to 63 letters, digits and "
                       "\"_.-\", a letter or digit first");
  node = std::move(name);
}

void read_directory(const slot& from, std::string& path) {
  auto value = from.text();
  if (!value)
    return;
  if (value->empty() || value->front() != '/')
    return from.refuse("must be an absolute path");
  path = std::move(*value);
}

void read_path(const slot& from, std::string& path) {
  auto value = from.text();
  if (!value)
    return;
  if (value->empty())
    return from.refuse("must not be empty");
  path = std::move(*value);
}

/// Whether it is there is asked once it is known where it is.
void read_lua_directory(const slot& from, draft& x, std::string& path) {
  read_path(from, path);
  x.directory_slots.insert_or_assign(from.key(), from);
}

void read_mode(const slot& from, mode_t& mode) {
  auto value = from.text("text in octal, such as \"0660\"");
  if (!value)
    return;
  unsigned number = 0;
  auto* end = value->data() + value->size();
  auto [at, ec] = std::from_chars(value->data(), end, number, 8);
  if (ec != std::errc{} || at != end || number > 0777)
    return from.refuse("must be octal, from \"0000\" to \"0777\", not \""
                       + printable(*value, 20) + '"');
  mode = number;
}

void read_group(const slot& from, settings& x) {
  auto name = from.text();
  if (!name || name->empty())
    return;
  std::vector<char> memory(std::size_t{16} * 1024);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name->c_str(), &entry, memory.data(), memory.size(), &found);
  auto number = parse_integer(*name);
  if (found)
    x.socket_gid = found->gr_gid;
  else if (number && *number >= 0 && *number < 0xffffffff)
    x.socket_gid = static_cast<gid_t>(*number);
  else
    return from.refuse("there is no group \"" + printable(*name, 40) + '"');
  x.socket_group = std::move(*name);
}

/// `HARD SOFT TIME` as in Redis, or `0`.
void read_output(const slot& from, output_limit& limit) {
  auto bad = [&] {
    from.refuse("must be \"0\" or hard limit, soft limit and time, as in "
                "\"32mb 8mb 60s\"");
  };
  auto value = from.text();
  if (!value)
    return;
  std::vector<std::string_view> words;
  for (auto word : split(trim(*value), ' '))
    if (!word.empty())
      words.push_back(word);
  if (words.size() == 1 && words[0] == "0") {
    limit = {};
    return;
  }
  if (words.size() != 3)
    return bad();
  auto hard = parse_size(words[0]);
  auto soft = parse_size(words[1]);
  auto time = parse_duration(words[2]);
  if (!hard || !soft || !time)
    return bad();
  limit = {*hard, *soft,
           std::chrono::duration_cast<std::chrono::seconds>(*time)};
}

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

void read_rights(const slot& from, std::set<right>& rights) {
  std::vector<std::string> words, known;
  from.read(words);
  for (auto x : all_rights)
    known.emplace_back(to_string(x));
  std::set<right> result;
  for (auto& word : words) {
    auto i = std::find(known.begin(), known.end(), word);
    if (i == known.end())
      return from.refuse("there is no right \"" + printable(word, 40)
                         + "\", only status, events, control, script, admin"
                         + did_you_mean(word, known));
    result.insert(all_rights[static_cast<std::size_t>(i - known.begin())]);
  }
  rights = std::move(result);
}

// -- the keys --------------------------------------------------------------------

struct key {
  std::string_view name;
  void (*read)(const slot&, draft&);
};

constexpr key keys[] = {
  {"node", [](const slot& s, draft& x) { read_node(s, x.value.node); }},
  {"state-dir",
   [](const slot& s, draft& x) { read_directory(s, x.state_dir); }},
  {"runtime-dir",
   [](const slot& s, draft& x) { read_directory(s, x.runtime_dir); }},
  {"listen",
   [](const slot& s, draft& x) {
     s.read(x.listen);
     x.listen_slot = s;
   }},
  {"socket-group", [](const slot& s, draft& x) { read_group(s, x.value); }},
  {"socket-mode",
   [](const slot& s, draft& x) { read_mode(s, x.value.socket_mode); }},
  {"max-clients",
   [](const slot& s, draft& x) {
     s.integer(x.value.max_clients, 1, 1'000'000);
   }},
  {"tls.listen", [](const slot& s, draft& x) { s.read(x.tls_listen); }},
  {"tls.cert", [](const slot& s, draft& x) { s.read(x.tls_cert); }},
  {"tls.key", [](const slot& s, draft& x) { s.read(x.tls_key); }},
  {"tls.ca", [](const slot& s, draft& x) { s.read(x.tls_ca); }},
  {"tls.client-certificate",
   [](const slot& s, draft& x) {
     if (auto i = s.choice({"no", "optional", "required"}))
       x.value.tls.clients = static_cast<client_certificate>(*i);
   }},
  {"tls.certificate-user",
   [](const slot& s, draft& x) { s.read(x.value.tls.certificate_user); }},
  {"tls.handshake",
   [](const slot& s, draft& x) {
     s.duration(x.value.tls.handshake, 10ms, 5min);
   }},
  {"tls.handshakes",
   [](const slot& s, draft& x) {
     s.integer(x.value.tls.handshakes, 1, 100'000);
   }},
  {"limits.query-buffer",
   [](const slot& s, draft& x) {
     s.size(x.value.limits.query_buffer, 64 * kb, most_bytes);
   }},
  {"limits.bulk",
   [](const slot& s, draft& x) { s.size(x.value.limits.bulk, kb, 4 * gb); }},
  {"limits.client-memory",
   [](const slot& s, draft& x) {
     s.size(x.value.limits.client_memory, mb, most_bytes);
   }},
  {"limits.reply-pause",
   [](const slot& s, draft& x) {
     s.size(x.value.limits.reply_pause, 64 * kb, most_bytes);
   }},
  {"limits.open-commands",
   [](const slot& s, draft& x) {
     s.integer(x.value.limits.open_commands, 1, 1'000'000);
   }},
  {"limits.channel-name",
   [](const slot& s, draft& x) {
     s.size(x.value.limits.channel_name, 64, 512 * mb);
   }},
  {"limits.subscriptions",
   [](const slot& s, draft& x) {
     s.integer(x.value.limits.subscriptions, 1, 100'000'000);
   }},
  {"limits.guest-subscriptions",
   [](const slot& s, draft& x) {
     s.integer(x.value.limits.guest_subscriptions, 1, 100'000'000);
   }},
  {"limits.output.normal",
   [](const slot& s, draft& x) {
     read_output(s, x.value.limits.output_normal);
   }},
  {"limits.output.pubsub",
   [](const slot& s, draft& x) {
     read_output(s, x.value.limits.output_pubsub);
   }},
  {"limits.pubsub-overflow",
   [](const slot& s, draft&) {
     if (s.choice({"disconnect", "skip"}) == 1)
       s.refuse("\"skip\" is not available yet");
   }},
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

constexpr std::string_view later_keys[] = {
  "legacy-commands",
  "web.listen",
  "web.hosts",
  "web.metrics",
};

const std::vector<std::string> user_words{"password-hash", "rights", "channels",
                                          "services", "rules"};

bool inside(std::string_view name, std::string_view section) {
  return name.size() > section.size() && name.starts_with(section)
         && name[section.size()] == '.';
}

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> result;
  for (auto& x : keys)
    result.push_back(x.name);
  for (auto x : later_keys)
    result.push_back(x);
  return result;
}

/// The words that may stand directly in `section`, sections included.
std::vector<std::string> words_of(std::string_view section) {
  std::vector<std::string> result;
  if (section.empty())
    result.insert(result.end(), {"users", "redis"});
  for (auto name : all_names()) {
    if (!section.empty() && !inside(name, section))
      continue;
    if (!section.empty())
      name.remove_prefix(section.size() + 1);
    auto word = std::string{name.substr(0, name.find('.'))};
    if (std::find(result.begin(), result.end(), word) == result.end())
      result.push_back(std::move(word));
  }
  return result;
}

} // namespace

key_kind kind_of(std::string_view name) {
  if (name == "users")
    return key_kind::users;
  if (name == "redis")
    return key_kind::section;
  if (inside(name, "redis"))
    return key_kind::parameter;
  for (auto& x : keys) {
    if (x.name == name)
      return key_kind::available;
    if (inside(x.name, name))
      return key_kind::section;
  }
  for (auto x : later_keys) {
    if (x == name)
      return key_kind::later;
    if (inside(x, name))
      return key_kind::later_section;
  }
  return key_kind::unknown;
}

std::vector<std::string> available_keys() {
  std::vector<std::string> result;
  for (auto& x : keys)
    result.emplace_back(x.name);
  return result;
}

void read_key(const slot& from, draft& into) {
  for (auto& x : keys)
    if (x.name == from.key())
      x.read(from, into);
  if (from.key().starts_with("tls."))
    into.tls_slots.insert_or_assign(from.key(), from);
  if (from.key().starts_with("cluster."))
    into.cluster_slots.insert_or_assign(from.key(), from);
}

user_settings& draft::user(const std::string& name) {
  auto [i, made] = value.users.try_emplace(name);
  if (made && name == "guest")
    i->second.rights = {right::status, right::events};
  return i->second;
}

void read_user_key(const slot& from, std::string_view word,
                   user_settings& into) {
  if (word == "password-hash") {
    std::string hash;
    from.read(hash);
    if (!hash.empty() && !acl::is_password_hash(hash))
      return from.refuse("must be the SHA-256 of the password, 64 hex digits; "
                         "type: printf %s PASSWORD | sha256sum");
    into.password_hash = to_lower(hash);
  } else if (word == "rights") {
    read_rights(from, into.rights);
  } else if (word == "channels") {
    from.read(into.channels);
  } else if (word == "services") {
    from.read(into.services);
    // A limit that means nothing is worse than none.
    for (auto& x : into.services)
      if (!acl::parse_service_mask(x, true, true))
        from.refuse('"' + printable(x, 60)
                    + "\" names no service; write web, web*, api:0, %front or "
                      "web@n2");
  } else if (word == "rules") {
    from.read(into.rules);
  } else {
    from.refuse(unknown_user_key(word));
  }
}

std::string unknown_key(std::string_view section, std::string_view word) {
  std::string result = "unknown key";
  auto near = did_you_mean(word, words_of(section));
  if (!near.empty())
    return result + near;
  for (auto name : all_names()) {
    if (name == word)
      return result + " of [" + std::string{section}
             + "]; keys without a section stand above the first [section]";
    if (name.ends_with('.' + std::string{word}))
      return result + " (did you mean \"" + std::string{name} + "\"?)";
  }
  return result;
}

std::string unknown_user_key(std::string_view word) {
  return "unknown key" + did_you_mean(word, user_words);
}

std::string_view to_string(right x) noexcept {
  constexpr std::string_view names[] = {"status", "events", "control", "script",
                                        "admin"};
  return names[static_cast<std::size_t>(x)];
}

std::string_view to_string(client_certificate x) noexcept {
  constexpr std::string_view names[] = {"no", "optional", "required"};
  return names[static_cast<std::size_t>(x)];
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
