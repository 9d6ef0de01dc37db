// Which command it is, whether it may be carried out, and what to say if not.
#include "base/text.hpp"
#include "session/secret_words.hpp"
#include "session/session.hpp"
#include "session/slow_log.hpp"
#include "session/words.hpp"

namespace saker::session {

namespace {

/// Each name or mask is compared with each service, and all others wait.
constexpr std::size_t most_names = 1000;

/// What Redis does not have but clients of Saker type.
bool is_our_own(const resp::command_info& x) {
  return x.group == "supervision" || x.target == resp::target::librarian
         || x.id == resp::command_id::call;
}

/// Names of services, of more of them than a command takes.
bool names_too_many(const resp::command_info& x, std::size_t words) noexcept {
  return words > most_names + 1 && x.group == "supervision"
         && x.id != resp::command_id::svrun; // what stands there is a program
}

/// ` (did you mean "SVSTATUS"?)` for a word that is nearly a command of ours;
/// for all others the text is that of Redis, which clients may compare.
std::string near_commands(std::string_view word) {
  constexpr std::size_t longest = 20;
  if (word.size() > longest)
    return {};
  std::vector<std::string> ours;
  for (auto& x : resp::commands())
    if (is_our_own(x))
      ours.push_back(to_upper(x.name));
  return did_you_mean(to_upper(word), ours);
}

} // namespace

session::progress session::execute(arguments args) {
  if (fenced_ && replies_.unanswered() > 0)
    return progress::blocked;
  fenced_ = false;
  replied_ = nullptr;
  special_ = audit_kind::none;
  auto what = resp::find_command(args[0]);
  if (!what)
    return execute_alias(args);
  if (args.size() > 1 && resp::has(what->flags, resp::flag::container)) {
    auto part = resp::find_subcommand(*what, args[1]);
    if (!part) {
      refuse("ERR unknown subcommand '" + std::string{excerpt(args[1])}
             + "'. Try " + to_upper(what->name) + " HELP.");
      look_for_error(what->id, false);
      return progress::done;
    }
    what = part;
  }
  if (patient_ && loads(*what))
    return hold(held_for::services);
  if (!admitted(*what, args))
    return reject(what->id, what, args);
  if (suspension_ != suspension::none && is_held(*what))
    return hold(held_for::pause);
  if (tracking_ && !what->name.starts_with("client|"))
    tracking_->forget_caching();
  if (multi_ && is_queued(what->id, args.size()))
    return enqueue(args);
  last_command_ = what;
  return perform(*what, args);
}

session::progress
session::perform(const resp::command_info& what, arguments args) {
  delegated_ = false;
  auto alone = measured(what);
  begin_call(what.id, alone);
  auto state = count(what.id, dispatch(what, args));
  if (state == progress::blocked)
    return state;
  carried_out(&what, args);
  if (alone && !delegated_)
    took(end_call(), what, args);
  return state;
}

/// False: it has been refused, and answered.
bool session::admitted(const resp::command_info& what, arguments args) {
  if (!what.accepts(args.size())) {
    refuse_arity(what.name);
    return false;
  }
  if (!permitted(what, args))
    return false;
  if (names_too_many(what, args.size())) {
    refuse("ERR a command takes at most " + std::to_string(most_names)
           + " names and masks; write web* or %group for many services");
    return false;
  }
  if (resp::has(what.flags, resp::flag::pubsub))
    if (auto no = too_much(what, args); !no.empty()) {
      refuse(no);
      return false;
    }
  if (loads(what)) {
    refuse(services_load);
    return false;
  }
  if (monitors_only(what)) {
    refuse("ERR Replica can't interact with the keyspace");
    return false;
  }
  return true;
}

/// It is carried out once the pause is over, or what it needs is loaded.
session::progress session::hold(held_for what) noexcept {
  held_for_ = what;
  held_under_ = suspension_;
  return progress::blocked;
}

session::progress session::execute_alias(arguments args) {
  // What a browser sends that was lured here: no answer, no further line.
  if (equal_ignoring_case(args[0], "POST")
      || equal_ignoring_case(args[0], "Host:")) {
    end_now("HTTP on a RESP port, possibly an attack");
    return progress::done;
  }
  // Whatever scripts add is counted as the CALL that it stands for.
  constexpr auto counted = resp::command_id::call;
  auto table = aliases();
  auto what = table ? table->find(args[0]) : nullptr;
  if (!what && patient_ && loads(resp::target::script))
    return hold(held_for::scripts);
  if (!what) {
    if (authenticated_ && loads(resp::target::script))
      refuse(scripts_load);
    else
      refuse_unknown(args);
    look_for_error(counted, false);
    return progress::done;
  }
  if (!what->accepts(args.size())) {
    refuse_arity(what->name);
    return reject(counted, nullptr, args);
  }
  if (!permitted(*what))
    return reject(counted, nullptr, args);
  if (suspension_ != suspension::none)
    return hold(held_for::pause); // it may change what it likes
  if (multi_)
    return enqueue(args);
  begin_call(counted);
  auto state = count(counted, to_script(*what, args));
  if (state == progress::done)
    carried_out(nullptr, args);
  return state;
}

/// Done here, or sent on to who does it.
void session::carried_out(const resp::command_info* what, arguments args) {
  auto begins_to_run = what && what->id == resp::command_id::exec && running_;
  if (monitored() && !begins_to_run)
    show(what, args);
  if (worth_audit(what))
    audit(what, args);
}

/// NOAUTH, MULTI, NOPERM, then the subscribed state: Redis' order.
bool session::permitted(const resp::command_info& what, arguments args) {
  if (!may_speak(what.name, what.flags))
    return false;
  if (auto says = acl::check_call(*user_, what, args); !says.allowed()) {
    deny(what.name, says);
    return false;
  }
  return fits_the_state(what.name, what.flags);
}

bool session::permitted(const alias& what) {
  if (!may_speak(what.name, resp::flag::none))
    return false;
  auto table = aliases();
  if (!acl::allows_alias(*user_, what.name, what.right,
                         [&](auto x) { return name_of(table.get(), x); })) {
    deny(what.name, {acl::denial::command, what.name});
    return false;
  }
  return fits_the_state(what.name, resp::flag::none);
}

bool session::may_speak(std::string_view name, resp::flag flags) {
  if (!authenticated_ && !resp::has(flags, resp::flag::no_auth)) {
    special_ = audit_kind::refusal;
    refusal_ = "NOAUTH";
    refuse(name, "NOAUTH Authentication required.");
    return false;
  }
  if (multi_ && resp::has(flags, resp::flag::no_multi)) {
    refuse(name, "ERR Command not allowed inside a transaction");
    return false;
  }
  return true;
}

bool session::fits_the_state(std::string_view name, resp::flag flags) {
  if (protocol_ == resp::protocol::resp2 && subscribed()
      && !resp::has(flags, resp::flag::subscribed)) {
    refuse(name,
           "ERR Can't execute '" + std::string{name}
             + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / "
               "RESET are allowed in this context");
    return false;
  }
  return true;
}

// -- refusing ------------------------------------------------------------------

/// Replies an error to a command that is not carried out.
void session::refuse(std::string_view text) {
  if (multi_)
    multi_->spoil();
  reply_error(text);
}

/// EXEC that is refused ends its transaction, in words of its own.
void session::refuse(std::string_view name, std::string_view text) {
  if (name != "exec")
    return refuse(text);
  multi_.reset();
  if (text.starts_with("ERR "))
    text.remove_prefix(4);
  reply_error("EXECABORT Transaction discarded because of: "
              + std::string{text});
}

void session::refuse_arity(std::string_view name) {
  refuse("ERR wrong number of arguments for '" + std::string{name}
         + "' command");
}

/// Clients and scripts write errors to logs, so a password behind a misspelt AUTH
/// must not stand in one.
void session::refuse_unknown(arguments args) {
  auto login = is_nearly_login(args[0]);
  std::string text = "ERR unknown command '";
  text += excerpt(args[0]);
  text += "', with args beginning with: ";
  auto start = text.size();
  for (auto arg : args.subspan(1)) {
    auto used = text.size() - start;
    if (used >= excerpt_bytes)
      break;
    text += '\'';
    text += login ? redacted : excerpt(arg, excerpt_bytes - used);
    text += "' ";
  }
  if (auto near = near_commands(args[0]); !near.empty())
    text += near.substr(1); // there is a blank already
  refuse(text);
}

} // namespace saker::session
