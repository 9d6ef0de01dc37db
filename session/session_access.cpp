// HELLO and AUTH: who the client is.
#include "acl/password.hpp"
#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/session.hpp"
#include "session/words.hpp"

namespace saker::session {

namespace {

constexpr std::string_view wrong_password
  = "WRONGPASS invalid username-password pair or user is disabled.";
constexpr std::string_view stays_who_it_is
  = "ERR a client that listens cannot become another user; unsubscribe before, "
    "or RESET";

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

/// The user that the peer is without a password. Whoever owns this node keeps
/// all rights on the UNIX socket, whatever the users are: somebody must be able
/// to mend what locks all others out.
void session::begin() {
  if (auto shown = certified_user())
    return become(std::move(shown));
  auto first = settings_->users->find("default");
  auto known = peer_.kind != peer_kind::stranger;
  if (known && peer_.via_unix)
    return become(acl::owner());
  auto guest = settings_->users->find("guest");
  auto asked = !peer_.via_unix && !(first->on() && first->open());
  if (!asked && (known || guest->on()))
    return become(known ? first : guest);
  become(first);
  rights_ = {};
  authenticated_ = false;
  parser_.authenticated(false);
}

/// The user that the certificate of the peer names. What lets others in without
/// a password, lets in only those whom the kernel knows.
acl::shared_user session::certified_user() const {
  if (peer_.certificate.empty())
    return nullptr;
  auto who = settings_->users->find(peer_.certificate);
  if (!who || !who->on() || (who->name() == "default" && who->open()))
    return nullptr;
  return who;
}

void session::become(acl::shared_user who) {
  user_ = std::move(who);
  rights_ = user_->rights();
  authenticated_ = true;
  parser_.authenticated(true);
}

/// By a password.
void session::log_in(acl::shared_user who) {
  become(std::move(who));
  special_ = audit_kind::login;
}

/// Who listens stays who it is: whoever takes channels from a user, or deletes it,
/// is to reach all that hear them. No password is looked at, nor what it listens
/// to, which may be much.
bool session::may_become(std::string_view name) {
  if (!subscribed() && !monitoring_)
    return true;
  auto who = settings_->users->find(name);
  if (who && who->number() == user_->number())
    return true;
  reply_error(stays_who_it_is);
  return false;
}

/// Users have changed: is this one still there, and may it still listen?
void session::look_at_user() {
  if (closing_)
    return;
  if (!authenticated_)
    return begin(); // perhaps there is no password any more
  if (user_ == acl::owner())
    return;
  auto now = settings_->users->find(user_->name());
  if (now == user_)
    return;
  if (!now || now->number() != user_->number()) {
    // Who did it to itself still gets its reply. Who waits for something else,
    // which may take long, hears nothing any more.
    if (fenced_ && replies_.open() > 0)
      return stop("its user was deleted");
    return end_now("its user was deleted");
  }
  become(std::move(now));
  if (!may_listen())
    end_now("its user may not listen any more to what it listens to");
}

/// The user of that name, if it is on and this is a password of it. Where
/// `default` needs none it takes any, as in Redis, but only from those who
/// start as it: a stranger must not become somebody by guessing nothing.
acl::shared_user
session::known_user(std::string_view name, std::string_view password) const {
  if (password.size() > acl::longest_password)
    return nullptr;
  auto hash = acl::password_hash(password);
  auto who = settings_->users->find(name);
  if (!who || !who->on())
    return nullptr;
  if (who->open())
    return name == "default" && peer_.kind == peer_kind::stranger ? nullptr
                                                                  : who;
  return who->has_password(hash) ? who : nullptr;
}

session::progress session::refuse_password(std::string_view user) {
  destination timer{resp::target::local, true};
  auto later = settings_->auth_delay.count() > 0;
  if (later && !can_reach(timer))
    return progress::blocked;
  note_denial("auth", last_command_->name, user);
  special_ = audit_kind::refusal;
  refusal_ = "WRONGPASS";
  // A password in the wrong place must not be told.
  tried_user_ = settings_->users->find(user) ? user : std::string_view{};
  if (!later) {
    reply_error(wrong_password);
    return progress::done;
  }
  auto id = reach(timer);
  effects_.emplace_back(wait{id, settings_->auth_delay});
  count_failure(last_command_->id, wrong_password, true);
  auto text = resp::encode(resp::error{std::string{wrong_password}}, protocol_);
  replies_.promise(id, silent() ? std::string{} : std::move(text));
  return progress::done;
}

// -- the commands --------------------------------------------------------------

session::progress session::auth(arguments args) {
  if (args.size() > 3) {
    reply_error("ERR syntax error");
    return progress::done;
  }
  if (args.size() == 2 && settings_->users->find("default")->open()) {
    reply_error("ERR AUTH <password> called without any password configured "
                "for the default user. Are you sure your configuration is "
                "correct?");
    return progress::done;
  }
  auto name = args.size() == 3 ? args[1] : "default";
  if (!may_become(name))
    return progress::done;
  auto who = known_user(name, args.back());
  if (!who)
    return refuse_password(name);
  log_in(std::move(who));
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
    if (!may_become(*options.user))
      return progress::done;
    auto who = known_user(*options.user, options.password);
    if (!who)
      return refuse_password(*options.user);
    log_in(std::move(who));
  }
  if (!authenticated_) {
    special_ = audit_kind::refusal;
    refusal_ = "NOAUTH";
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
