#include "session/parameters.hpp"

#include "acl/password.hpp"
#include "base/text.hpp"
#include "pubsub/glob.hpp"
#include "resp/number.hpp"
#include "session/parameter_table.hpp"
#include "session/words.hpp"

#include <algorithm>
#include <cstdio>

namespace saker::session {

namespace {

std::string_view key_of(const parameter_info& x) {
  return x.same_as.empty() ? x.name : x.same_as;
}

/// More than anybody waits, and no overflow as nanoseconds.
constexpr std::int64_t longest_soft_time = std::int64_t{100} * 365 * 86'400;

/// As much of a name is said again.
constexpr std::size_t longest_name = 1024;

std::string to_words(const config::output_limit& x) {
  return std::to_string(x.hard) + ' ' + std::to_string(x.soft) + ' '
         + std::to_string(x.soft_time.count());
}

/// Redis has one level less at either end.
std::string to_word(config::log_level x) {
  switch (x) {
    case config::log_level::trace: return "debug";
    case config::log_level::debug: return "verbose";
    case config::log_level::info: return "notice";
    case config::log_level::warn:
    case config::log_level::error: return "warning";
  }
  return "notice";
}

std::string octal(mode_t x) {
  char text[16];
  std::snprintf(text, sizeof(text), "%o", static_cast<unsigned>(x));
  return text;
}

bool is_fixed(const parameter_info& x) {
  using kind = parameter_info::kind;
  return x.type == kind::fixed || x.type == kind::guarded;
}

/// `--listen` of the command line wins over what CONFIG REWRITE kept.
bool tells_where_to_listen(std::string_view name) {
  auto word = to_lower(name);
  return word == "bind" || word == "port" || word == "unixsocket";
}

} // namespace

std::string_view first_named(std::initializer_list<std::string_view> names,
                             std::span<const std::string> names_and_values) {
  for (auto name : names)
    for (std::size_t i = 0; i < names_and_values.size(); i += 2)
      if (equal_ignoring_case(name, names_and_values[i]))
        return name;
  return *names.begin();
}

failure not_set(std::string_view name, const std::string& why) {
  return fail(errc::invalid_argument,
              "ERR CONFIG SET failed (possibly related to argument '"
                + std::string{name} + "') - " + why);
}

parameters::parameters(const config::settings& from) {
  for (auto& x : all_parameters())
    if (x.same_as.empty())
      now_.emplace(x.name, x.usual);
  auto& limits = from.limits;
  now_["maxclients"] = std::to_string(from.max_clients);
  now_["client-query-buffer-limit"] = std::to_string(limits.query_buffer);
  now_["proto-max-bulk-len"] = std::to_string(limits.bulk);
  now_["client-output-buffer-limit"]
    = "normal " + to_words(limits.output_normal)
      + " slave 268435456 67108864 60" + " pubsub "
      + to_words(limits.output_pubsub);
  now_["loglevel"] = to_word(from.log.level);
  now_["logfile"] = from.log.file.string();
  now_["dir"] = from.state_dir.string();
  if (auto hash = from.default_password_hash(); !hash.empty())
    now_["requirepass"] = '#' + hash;
  for (auto& x : from.listen)
    name_address(x);
  if (!now_["unixsocket"].empty())
    now_["unixsocketperm"] = octal(from.socket_mode);
  tls(from.tls);
  settle();
}

void parameters::tls(const config::tls_settings& from) {
  if (from.listen.empty())
    return;
  using config::client_certificate;
  now_["tls-port"] = std::to_string(from.listen.front().port);
  now_["tls-cert-file"] = from.cert.string();
  now_["tls-key-file"] = from.key.string();
  now_["tls-ca-cert-file"] = from.ca.string();
  now_["tls-auth-clients"] = from.clients == client_certificate::required
                               ? "yes"
                             : from.clients == client_certificate::optional
                               ? "optional"
                               : "no";
}

/// Redis has one port for all hosts, and one socket.
void parameters::name_address(const config::listen_address& x) {
  auto& port = now_["port"];
  auto& bind = now_["bind"];
  auto& path = now_["unixsocket"];
  if (x.is_tcp() && (port == "0" || port == std::to_string(x.port))) {
    port = std::to_string(x.port);
    bind += (bind.empty() ? "" : " ") + bound_host(x);
  } else if (!x.is_tcp() && path.empty()) {
    path = x.path;
  } else {
    others_.push_back(x);
  }
}

std::pair<parameters, std::string>
readable_parameters(const config::settings& from) {
  parameters x{from};
  auto settled = false;
  std::string errors;
  for (auto& one : from.redis) {
    if (one.overrides && !std::exchange(settled, true))
      x.settle();
    if (one.overrides && from.listen_given && tells_where_to_listen(one.name))
      continue;
    std::vector<std::string> pair{one.name, one.value};
    if (auto ok = x.set(pair); !ok)
      errors += (errors.empty() ? "" : "\n") + one.place + ": "
                + ok.error().detail.substr(4); // without ERR
  }
  if (!settled)
    x.settle();
  return {std::move(x), std::move(errors)};
}

// -- CONFIG GET, CONFIG SET ----------------------------------------------------

parameters::pairs parameters::get(std::span<const std::string> patterns) const {
  pairs found;
  for (auto& x : all_parameters()) {
    auto hit = std::find_if(patterns.begin(), patterns.end(), [&](auto& y) {
      return pubsub::glob_match(to_lower(y), x.name);
    });
    if (hit == patterns.end())
      continue;
    auto name = equal_ignoring_case(*hit, x.name) ? *hit : std::string{x.name};
    found.emplace_back(std::move(name), text(key_of(x)));
  }
  return found;
}

result<void> parameters::set(std::span<const std::string> names_and_values,
                             const objection& no) {
  if (names_and_values.size() % 2 != 0)
    return fail(errc::syntax, "ERR syntax error");
  // Names first, then values, as Redis does.
  std::vector<const parameter_info*> named;
  for (std::size_t i = 0; i < names_and_values.size(); i += 2) {
    auto* what = find_parameter(names_and_values[i]);
    if (!what)
      return fail(errc::not_found,
                  "ERR Unknown option or number of arguments for CONFIG SET - '"
                    + std::string{excerpt(names_and_values[i], longest_name)}
                    + "'");
    if (is_fixed(*what))
      return not_set(what->name, normal_form(*what, {}, {}).error().detail);
    if (std::find(named.begin(), named.end(), what) != named.end())
      return not_set(what->name, "duplicate parameter");
    named.push_back(what);
  }
  auto next = now_;
  for (std::size_t i = 0; i < named.size(); ++i) {
    auto& what = *named[i];
    auto& present = next.find(key_of(what))->second;
    auto value = normal_form(what, names_and_values[2 * i + 1], present);
    if (!value)
      return not_set(what.name, value.error().detail);
    if (what.name == "requirepass" && value->size() > acl::longest_password)
      return not_set(what.name, "a password can have at most 65536 bytes");
    if (no && *value != present)
      if (auto why = no(key_of(what), *value); !why.empty())
        return not_set(what.name, why);
    present = std::move(*value);
  }
  now_ = std::move(next);
  return {};
}

parameters::pairs parameters::changed() const {
  pairs all;
  for (auto& [name, value] : now_) {
    if (value == configured_.find(name)->second)
      continue;
    auto secret = name == "requirepass" && !value.empty();
    all.emplace_back(name, secret ? '#' + password_hash() : value);
  }
  return all;
}

// -- what they mean ------------------------------------------------------------

const std::string& parameters::text(std::string_view name) const {
  return now_.find(name)->second;
}

std::int64_t parameters::integer(std::string_view name) const {
  return resp::strict_integer(text(name)).value_or(0);
}

config::output_limit
parameters::output_limit(std::string_view client_class) const {
  auto words = split(text("client-output-buffer-limit"), ' ');
  auto at = std::find(words.begin(), words.end(), client_class);
  if (words.end() - at < 4)
    return {};
  auto number = [at](std::ptrdiff_t i) {
    return parse_integer(at[i]).value_or(0);
  };
  return {
    static_cast<std::uint64_t>(number(1)),
    static_cast<std::uint64_t>(number(2)),
    std::chrono::seconds{std::min<std::int64_t>(number(3), longest_soft_time)}};
}

config::log_level parameters::log_level() const {
  auto& word = text("loglevel");
  if (word == "debug")
    return config::log_level::trace;
  if (word == "verbose")
    return config::log_level::debug;
  return word == "notice" ? config::log_level::info : config::log_level::warn;
}

std::string parameters::password_hash() const {
  auto& password = text("requirepass");
  if (password.empty())
    return {};
  // As in ACL SETUSER: a digest that CONFIG GET told can be set back.
  if (password.front() == '#' && acl::is_password_hash(password.substr(1)))
    return to_lower(password.substr(1));
  return acl::password_hash(password);
}

address_list parameters::listen() const {
  address_list all;
  if (auto port = integer("port"); port > 0)
    if (auto found = bound_addresses(text("bind"),
                                     static_cast<std::uint16_t>(port)))
      all = std::move(*found);
  if (auto& path = text("unixsocket"); !path.empty()) {
    config::listen_address x;
    x.kind = config::listen_address::family::local;
    x.path = path;
    all.push_back(std::move(x));
  }
  all.insert(all.end(), others_.begin(), others_.end());
  return all;
}

} // namespace saker::session
