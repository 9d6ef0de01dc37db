// Commands that others carry out.
#include "base/text.hpp"
#include "session/session.hpp"
#include "session/words.hpp"

namespace saker::session {

namespace {

/// What comes behind it must find it done, also what is carried out here.
bool changes_the_rules(resp::command_id x) {
  using id = resp::command_id;
  switch (x) {
    case id::acl_deluser:
    case id::acl_load:
    case id::acl_setuser:
    case id::client_kill:
    case id::client_pause:
    case id::client_unpause:
    case id::config_resetstat:
    case id::config_set: return true;
    default: return false;
  }
}

std::vector<std::string> owned(std::span<const std::string_view> args) {
  return {args.begin(), args.end()};
}

} // namespace

bool session::can_reach(const destination& where) const noexcept {
  if (replies_.unanswered() == 0)
    return true;
  // EXEC: each command sees what those before it did.
  if (running_ && where.target != resp::target::broker)
    return false;
  // One that stands alone at a time, and nothing beside it.
  return !where.alone && !open_to_.alone && where.target == open_to_.target
         && where.script == open_to_.script;
}

request_id session::reach(const destination& where) {
  if (where.script != open_script_)
    open_script_ = where.script;
  open_to_ = {where.target, where.alone, open_script_};
  return ++last_id_;
}

/// What the words take until they are answered.
void session::hold_words(arguments args) noexcept {
  if (replies_.unanswered() == 0)
    open_bytes_ = 0;
  for (auto word : args)
    open_bytes_ += word.size();
}

/// To whoever carries it out and can be reached. `counted` is the command that it
/// is in statistics, `what` the one that is sent, null for a script's. Gives the
/// request, for what is not the same for all; it is valid until the next effect.
request& session::send_on(const destination& where, resp::command_id counted,
                          const resp::command_info* what, arguments words) {
  delegated_ = true;
  auto id = reach(where);
  hold_words(words);
  promise(id);
  await(id, counted, where.alone);
  auto& asked = std::get<request>(effects_.emplace_back(request{id,
                                                                where.target,
                                                                what,
                                                                {},
                                                                owned(words),
                                                                user_->name(),
                                                                rights_,
                                                                protocol_}));
  expect_verdict(asked);
  return asked;
}

/// Whether it is SVSTATUS of one service, and answered without the ROSTER. Not
/// where something of this client is under way that it has to come behind.
bool session::told_at_once(const resp::command_info& what, arguments args) {
  if (what.id != resp::command_id::svstatus || args.size() != 2
      || !settings_->status || running_ || replies_.open() > 0
      || acl::services_of(*user_, what, args))
    return false;
  if (settings_->status(args[1], now_, reply()))
    return true;
  replied_ = nullptr;
  return false;
}

session::progress
session::forward(const resp::command_info& what, arguments args) {
  if (told_at_once(what, args))
    return progress::done;
  // As in Redis, nothing of a client runs beside what may take long.
  destination where{what.target, resp::has(what.flags, resp::flag::blocking)};
  if (!can_reach(where))
    return progress::blocked;
  auto& asked = send_on(where, what.id, &what, args);
  asked.services = acl::services_of(*user_, what, args);
  fenced_ = changes_the_rules(what.id);
  return progress::done;
}

session::progress session::call(arguments args) {
  auto table = aliases();
  auto what = table ? table->find(args[0]) : nullptr;
  if (!what && args[0].find('@') != args[0].npos)
    return call_there(args);
  if (!what && patient_ && loads(resp::target::script))
    return hold(held_for::scripts);
  if (!what && loads(resp::target::script)) {
    reply_error(scripts_load);
    return progress::done;
  }
  if (!what) {
    reply_error("NOSCRIPT no script has registered a command '"
                + printable(args[0], excerpt_bytes) + "'; TASKS lists them");
    return progress::done;
  }
  if (!what->accepts(args.size()))
    refuse_arity(what->name);
  else if (permitted(*what))
    return to_script(*what, args);
  return progress::done;
}

/// `greet@n2`: that node knows whether it has it, and which right it asks for.
/// That CALL itself is allowed nobody has looked at yet if EXEC stood there.
session::progress session::call_there(arguments args) {
  auto what = resp::find_command("call");
  std::vector<std::string_view> words{"call"};
  words.insert(words.end(), args.begin(), args.end());
  if (auto says = acl::check_call(*user_, *what, words); !says.allowed()) {
    deny(what->name, says);
    return progress::done;
  }
  destination where{resp::target::cluster};
  if (!can_reach(where))
    return progress::blocked;
  auto& asked = send_on(where, what->id, what, words);
  asked.rights = acl::rights_for(*user_, *what, words);
  asked.services = acl::services_of(*user_, *what, words);
  return progress::done;
}

session::progress session::to_script(const alias& what, arguments args) {
  destination where{resp::target::script, false, what.script};
  if (!can_reach(where))
    return progress::blocked;
  last_command_ = nullptr;
  last_alias_ = what.name;
  last_alias_right_ = what.right;
  auto& asked = send_on(where, resp::command_id::call, nullptr, args);
  asked.script = what.script;
  asked.args[0] = what.name;
  return progress::done;
}

/// Whether the services that it is about are not all known yet.
bool session::loads(const resp::command_info& what) const {
  return what.target == resp::target::roster
         && !resp::has(what.flags, resp::flag::loading) && loads(what.target);
}

bool session::loads(resp::target what) const {
  return settings_->loading && settings_->loading(what);
}

shared_aliases session::aliases() const {
  return settings_->aliases ? settings_->aliases() : nullptr;
}

} // namespace saker::session
