#include "base/text.hpp"
#include "base/units.hpp"
#include "config/key_table.hpp"

#include <vector>

namespace saker::config {

namespace {

using namespace std::chrono_literals;

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

// -- the keys --------------------------------------------------------------------

constexpr known_key client_keys[] = {
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
};

} // namespace

std::span<const known_key> keys_of_clients() noexcept {
  return client_keys;
}

std::string_view to_string(client_certificate x) noexcept {
  constexpr std::string_view names[] = {"no", "optional", "required"};
  return names[static_cast<std::size_t>(x)];
}

} // namespace saker::config
