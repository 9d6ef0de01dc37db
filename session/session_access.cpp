// HELLO and AUTH: who the client is.
#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/session.hpp"
#include "session/words.hpp"

#include <algorithm>

namespace saker::session {

namespace {

constexpr std::string_view wrong_password
  = "WRONGPASS invalid username-password pair or user is disabled.";

/// Takes the same time wherever the difference is.
bool same_secret(std::string_view x, std::string_view y) noexcept {
  unsigned difference = x.size() == y.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
    difference |= static_cast<unsigned char>(x[i] ^ y[i]);
  return difference == 0;
}

const user* find_user(const settings& config, std::string_view name) noexcept {
  for (auto& x : config.users)
    if (x.name == name)
      return &x;
  return nullptr;
}

user default_user(const settings& config) {
  if (auto x = find_user(config, "default"))
    return *x;
  return {"default", {}, resp::rights::all()};
}

user guest_user(const settings& config) {
  if (auto x = find_user(config, "guest"))
    return *x;
  return {"guest", {}, {resp::right::status, resp::right::events}};
}

/// HELLO [version [AUTH user password] [SETNAME name]], read but not obeyed.
struct hello_options {
  std::int64_t version = 0; ///< 0: keep the present one
  std::optional<std::string_view> user;
  std::string_view password;
  std::optional<std::string_view> name;
  std::string error;
};

hello_options parse_hello(std::span<const std::string_view> args) {
  hello_options x;
  if (args.size() > 1) {
    auto version = resp::strict_integer(args[1]);
    if (!version) {
      x.error = "ERR Protocol version is not an integer or out of range";
      return x;
    }
    x.version = *version;
    if (x.version < 2 || x.version > 3) {
      x.error = "NOPROTO unsupported protocol version";
      return x;
    }
  }
  for (std::size_t i = 2; i < args.size(); ++i) {
    auto left = args.size() - 1 - i;
    if (equal_ignoring_case(args[i], "AUTH") && left >= 2) {
      x.user = args[i + 1];
      x.password = args[i + 2];
      i += 2;
    } else if (equal_ignoring_case(args[i], "SETNAME") && left >= 1) {
      x.name = args[++i];
      x.error = client_name_error(*x.name);
      if (!x.error.empty())
        return x;
    } else {
      x.error = "ERR Syntax error in HELLO option '"
                + std::string{excerpt(args[i], args[i].npos)} + "'";
      return x;
    }
  }
  return x;
}

std::string
hello_reply(const settings& config, std::uint64_t id, resp::protocol dialect) {
  std::string text;
  resp::writer out{text, dialect};
  out.map(7);
  out.bulk("server");
  out.bulk(config.server);
  out.bulk("version");
  out.bulk(config.version);
  out.bulk("proto");
  out.integer(static_cast<int>(dialect));
  out.bulk("id");
  out.integer(static_cast<std::int64_t>(id));
  out.bulk("mode");
  out.bulk(config.mode);
  out.bulk("role");
  out.bulk("master");
  out.bulk("modules");
  out.array(0);
  return text;
}

} // namespace

// -- who it is -----------------------------------------------------------------

/// The user that the peer is without a password, see `settings`.
void session::begin() {
  auto first = default_user(*settings_);
  auto known = peer_.kind != peer_kind::stranger;
  if (!first.password_hash.empty() && !peer_.via_unix) {
    user_ = first.name;
    rights_ = {};
    authenticated_ = false;
    parser_.authenticated(false);
  } else {
    become(known ? first : guest_user(*settings_));
  }
}

void session::become(const user& who) {
  user_ = who.name;
  rights_ = who.rights;
  authenticated_ = true;
  parser_.authenticated(true);
}

/// For the end of a refusal: what a guest can do about it.
std::string_view session::hint_for_guests() const noexcept {
  if (user_ != "guest")
    return {};
  return "; you are guest, as all who connect from here but root and Saker's "
         "own user: be one of these, or AUTH default PASSWORD (`saker passwd` "
         "makes one)";
}

/// The user of that name, if this is the password. Without a password of its
/// own `default` takes any, as in Redis, but only from those who start as it:
/// a stranger must not become somebody by guessing nothing.
std::optional<user>
session::known_user(std::string_view name, std::string_view password) const {
  auto hash = settings_->sha256_hex ? settings_->sha256_hex(password) : "";
  std::optional<user> who;
  if (name == "default")
    who = default_user(*settings_);
  else if (auto x = find_user(*settings_, name))
    who = *x;
  if (!who)
    return std::nullopt;
  if (who->password_hash.empty()) {
    if (name == "default" && peer_.kind != peer_kind::stranger)
      return who;
    return std::nullopt;
  }
  if (hash.empty() || !same_secret(hash, who->password_hash))
    return std::nullopt;
  return who;
}

session::progress session::refuse_password() {
  if (settings_->auth_delay.count() <= 0) {
    reply_error(wrong_password);
    return progress::done;
  }
  destination timer{resp::target::local, true};
  if (!can_reach(timer))
    return progress::blocked;
  auto id = reach(timer);
  effects_.emplace_back(wait{id, settings_->auth_delay});
  count_failure(last_command_->id, wrong_password, true);
  auto text = resp::encode(resp::error{std::string{wrong_password}}, protocol_);
  replies_.promise(id, silent() ? std::string{} : std::move(text));
  return progress::done;
}

session::progress session::auth(arguments args) {
  if (args.size() > 3) {
    reply_error("ERR syntax error");
    return progress::done;
  }
  if (args.size() == 2 && default_user(*settings_).password_hash.empty()) {
    reply_error("ERR AUTH <password> called without any password configured "
                "for the default user. Are you sure your configuration is "
                "correct?");
    return progress::done;
  }
  auto name = args.size() == 3 ? args[1] : "default";
  auto who = known_user(name, args.back());
  if (!who)
    return refuse_password();
  become(*who);
  reply_ok();
  return progress::done;
}

session::progress session::hello(arguments args) {
  auto options = parse_hello(args);
  if (!options.error.empty()) {
    reply_error(options.error);
    return progress::done;
  }
  auto next = options.version == 0
                ? protocol_
                : static_cast<resp::protocol>(options.version);
  // Frames on their way are in the old protocol: the broker has the last word.
  auto switches = subscribed() && next != protocol_;
  if (switches && !can_reach({resp::target::broker}))
    return progress::blocked;
  if (options.user) {
    auto who = known_user(*options.user, options.password);
    if (!who)
      return refuse_password();
    become(*who);
  }
  if (!authenticated_) {
    reply_error("NOAUTH HELLO must be called with the client already "
                "authenticated, otherwise the HELLO AUTH <user> <pass> option "
                "can be used to authenticate the client and select the RESP "
                "protocol version at the same time");
    return progress::done;
  }
  if (options.name)
    name_ = *options.name;
  protocol_ = next;
  auto text = silent() ? std::string{} : hello_reply(*settings_, id_, next);
  if (switches) {
    auto id = reach({resp::target::broker});
    effects_.emplace_back(switch_protocol{id, next});
    replies_.promise(id, std::move(text));
  } else {
    replies_.now() += text;
  }
  return progress::done;
}

} // namespace saker::session
