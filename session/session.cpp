#include "session/session.hpp"

#include "base/text.hpp"
#include "session/command_replies.hpp"
#include "session/help.hpp"
#include "session/server_replies.hpp"
#include "session/slow_log.hpp"
#include "session/without_data.hpp"
#include "session/words.hpp"

#include <algorithm>

namespace saker::session {

namespace {

/// While nothing can be executed, this many bytes may still come in.
constexpr std::size_t read_ahead = std::size_t{64} * 1024;

/// Behind a command that may take very long more is read, so that the end of
/// the client is noticed; whoever sends even more is cut off.
constexpr std::size_t read_ahead_waiting = 1024 * 1024;

/// CLIENT LIST tells the largest output of so long, as in Redis.
constexpr std::chrono::seconds peaks_last{5};

/// Of one EXEC, whose replies cannot be the measure.
constexpr std::size_t commands_at_a_stretch = 10'000;

constexpr std::string_view services_load
  = "LOADING Saker is still finding out how its services stand; try again in "
    "a moment";
constexpr std::string_view scripts_load
  = "LOADING Saker is still loading its scripts, one of which may know this "
    "command; try again in a moment";

/// What Redis does not have but clients of Saker type.
bool is_our_own(const resp::command_info& x) {
  return x.group == "supervision" || x.target == resp::target::librarian
         || x.id == resp::command_id::call;
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

session::session(std::uint64_t id, peer who, shared_settings config, moment now)
  : id_(id), peer_(std::move(who)), settings_(std::move(config)), since_(now),
    now_(now), last_input_(now.steady), parser_(settings_->requests) {
  begin();
}

void session::use(shared_settings config) {
  settings_ = std::move(config);
  parser_.limit(settings_->requests);
  look_at_user();
}

// -- what happens --------------------------------------------------------------

void session::feed(std::string_view bytes, moment now) {
  now_ = now;
  last_input_ = now.steady;
  if (closing_)
    return;
  if (now.steady - peak_since_ >= peaks_last) {
    peak_since_ = now.steady;
    replies_.forget_peak();
  }
  parser_.feed(bytes);
  run();
  parser_.hold();
  auto held = parser_.held() + (multi_ ? multi_->held() : 0);
  if (!closing_ && held > settings_->query_buffer)
    end_now("the query buffer is full");
  if (!closing_ && waits() && parser_.held() > read_ahead_waiting)
    end_now("too much input behind a command that waits");
}

void session::proceed(moment now) {
  now_ = now;
  run();
  parser_.hold();
}

void session::answer(request_id id, const resp::value& reply) {
  if (!open_calls_.empty())
    count_answer(id, reply);
  replies_.fill(id, reply);
  settle();
}

void session::answer_publish(request_id id,
                             std::span<const std::int64_t> receivers) {
  replies_.fill_counts(id, receivers);
  settle();
}

// -- what follows --------------------------------------------------------------

bool session::full() const noexcept {
  // What EXEC made is held back until its end: `carry_on` has an eye on it.
  if (running_)
    return replies_.unanswered() >= settings_->open_commands;
  return replies_.open() >= settings_->open_commands
         || replies_.size() >= settings_->output_chunk;
}

bool session::wants_input() const noexcept {
  if (closing_ || paused_)
    return false;
  if (waits())
    return true;
  if (full())
    return false;
  return !(stalled_ || blocked_) || parser_.held() < read_ahead;
}

bool session::more() const noexcept {
  if (closing_ || paused_ || full()
      || (held_ && suspension_ != suspension::none))
    return false;
  return stalled_ || (blocked_ && replies_.unanswered() == 0);
}

std::size_t session::reply_pause() const noexcept {
  return authenticated_ ? settings_->reply_pause
                        : settings_->reply_pause_before_auth;
}

client_figures session::figures(moment now) const {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  client_figures x;
  x.id = id_;
  x.address = peer_.address;
  x.local_address = peer_.local_address;
  x.name = name_;
  x.age = duration_cast<seconds>(now.steady - since_.steady);
  x.idle = duration_cast<seconds>(now.steady - last_input_);
  x.closing = closing_;
  x.database = database_;
  x.channels = channels_.size();
  x.patterns = patterns_.size();
  x.shards = shards_.size();
  x.monitors = monitoring_;
  if (auto* all = multi_ ? multi_.get() : running_.get()) {
    x.queued = static_cast<std::int64_t>(all->size());
    x.queued_bytes = all->held();
  }
  if (replies_.unanswered() > 0)
    x.argument_bytes = open_bytes_;
  x.reply_buffer = replies_.capacity();
  x.reply_peak = replies_.peak();
  x.reply_bytes = replies_.size();
  x.query_buffer = parser_.held();
  x.spare_buffer = parser_.spare();
  x.memory = sizeof(*this) + x.query_buffer + x.spare_buffer + x.queued_bytes
             + replies_.size();
  x.blocked = blocked();
  x.via_unix = peer_.via_unix;
  x.no_evict = no_evict_;
  if (tracks()) {
    x.tracking = true;
    x.broadcast = tracking_->broadcast();
    x.redirect = tracking_->redirect();
  }
  x.open_commands = replies_.open();
  x.command = last_command_ ? std::string{last_command_->name} : last_alias_;
  if (running_)
    x.command = "exec";
  x.user = user_->name();
  x.protocol = static_cast<int>(protocol_);
  x.library = library_;
  x.library_version = library_version_;
  return x;
}

// -- reading and checking ------------------------------------------------------

void session::run() {
  stalled_ = blocked_ = held_ = false;
  auto left = commands_at_a_stretch;
  while (!closing_) {
    if (paused_ || full()) {
      stalled_ = true;
      break;
    }
    sleeping_ = sleeping_ && replies_.unanswered() > 0;
    if (sleeping_) {
      blocked_ = true;
      break;
    }
    if (running_) {
      blocked_ = carry_on() == progress::blocked;
      stalled_ = left-- == 0; // others want their turn too
      if (blocked_ || stalled_)
        break;
      continue;
    }
    auto state = parser_.next();
    if (state == resp::parser::state::incomplete)
      break;
    if (state == resp::parser::state::failed) {
      reply_error("ERR " + parser_.error());
      if (statistics_)
        statistics_->error("ERR");
      end(parser_.error());
    } else if (execute(parser_.args()) == progress::blocked) {
      parser_.unread();
      blocked_ = true;
      break;
    }
    if (reply_mode_ != reply_mode::on)
      next_reply_mode();
  }
  stop_the_watch();
  settle();
}

session::progress session::execute(arguments args) {
  if (fenced_ && replies_.unanswered() > 0)
    return progress::blocked;
  fenced_ = false;
  replied_ = nullptr;
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
  if (!admitted(*what, args))
    return reject(what->id);
  if (suspension_ != suspension::none && is_held(*what)) {
    held_ = true;
    return progress::blocked;
  }
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
  auto log = measured(what) ? settings_->slow.get() : nullptr;
  auto begin = log ? log->now() : slow_log::time_point{};
  begin_call(what.id);
  auto state = count(what.id, dispatch(what, args));
  if (state == progress::blocked)
    return state;
  carried_out(&what, args);
  if (log && !delegated_)
    took(log->now() - begin, what, args);
  return state;
}

/// False: it has been refused, and answered.
bool session::admitted(const resp::command_info& what, arguments args) {
  if (!what.accepts(args.size())) {
    refuse_arity(what.name);
    return false;
  }
  if (!permitted(what, args) || !channels_permitted(what, args))
    return false;
  if (auto no = too_much(what, args); !no.empty()) {
    refuse(no);
    return false;
  }
  if (!resp::has(what.flags, resp::flag::loading)
      && what.target == resp::target::roster && loads(what.target)) {
    refuse(services_load);
    return false;
  }
  if (monitors_only(what)) {
    refuse("ERR Replica can't interact with the keyspace");
    return false;
  }
  return true;
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
    return reject(counted);
  }
  if (!permitted(*what))
    return reject(counted);
  if (suspension_ != suspension::none) {
    held_ = true; // it may change what it likes
    return progress::blocked;
  }
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
  if (!acl::allows_alias(*user_, what.name, what.right)) {
    deny(what.name, {acl::denial::command, what.name});
    return false;
  }
  return fits_the_state(what.name, resp::flag::none);
}

bool session::may_speak(std::string_view name, resp::flag flags) {
  if (!authenticated_ && !resp::has(flags, resp::flag::no_auth)) {
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

session::progress
session::dispatch(const resp::command_info& what, arguments args) {
  using id = resp::command_id;
  switch (what.id) {
    case id::ping: ping(args); break;
    case id::echo: reply().bulk(args[1]); break;
    case id::time: time(); break;
    case id::select: select(args[1]); break;
    case id::quit: quit(); break;
    case id::hello: return hello(args);
    case id::auth: return auth(args);
    case id::reset: return reset();
    case id::client_id: reply().integer(static_cast<std::int64_t>(id_)); break;
    case id::client_getname:
      name_.empty() ? reply().null() : reply().bulk(name_);
      break;
    case id::client_setname: client_setname(args[2]); break;
    case id::client_setinfo: client_setinfo(args); break;
    case id::publish: return publish(subscription_kind::channel, args);
    case id::debug: return debug(what, args);
    case id::spublish: return publish(subscription_kind::shard, args);
    case id::subscribe:
      return subscribe_to(subscription_kind::channel, args.subspan(1));
    case id::psubscribe:
      return subscribe_to(subscription_kind::pattern, args.subspan(1));
    case id::ssubscribe:
      return subscribe_to(subscription_kind::shard, args.subspan(1));
    case id::unsubscribe:
      return unsubscribe_from(subscription_kind::channel, args.subspan(1));
    case id::punsubscribe:
      return unsubscribe_from(subscription_kind::pattern, args.subspan(1));
    case id::sunsubscribe:
      return unsubscribe_from(subscription_kind::shard, args.subspan(1));
    case id::call: return call(args.subspan(1));
    case id::help:
      append_help(reply(), args.subspan(1), aliases().get());
      break;
    case id::command: append_command_info(reply(), {}, aliases().get()); break;
    case id::command_info:
      append_command_info(reply(), args.subspan(2), aliases().get());
      break;
    case id::command_docs:
      append_command_docs(reply(), args.subspan(2), aliases().get());
      break;
    case id::command_count:
      append_command_count(reply(), aliases().get());
      break;
    case id::command_list:
      append_command_list(reply(), args.subspan(2), aliases().get());
      break;
    case id::command_getkeys:
      append_command_keys(reply(), args.subspan(2), aliases().get(), false);
      break;
    case id::command_getkeysandflags:
      append_command_keys(reply(), args.subspan(2), aliases().get(), true);
      break;
    default:
      return what.target == resp::target::local ? dispatch_rare(what, args)
                                                : forward(what, args);
  }
  return progress::done;
}

/// What is never called a thousand times a second.
session::progress
session::dispatch_rare(const resp::command_info& what, arguments args) {
  using id = resp::command_id;
  switch (what.id) {
    case id::exec:
      if (args.size() > 1)
        return call(args.subspan(1));
      exec(args[0]);
      break;
    case id::multi: multi(); break;
    case id::discard: discard(); break;
    case id::watch: watch(); break;
    case id::unwatch: reply_ok(); break;
    case id::client_info: client_info(args); break;
    case id::client_reply: client_reply(args[2]); break;
    case id::monitor: return monitor();
    case id::slowlog_get: slowlog_get(args); break;
    case id::slowlog_len: slowlog_len(); break;
    case id::slowlog_reset: slowlog_reset(); break;
    case id::client_tracking: client_tracking(args.subspan(2)); break;
    case id::client_caching: client_caching(args[2]); break;
    case id::client_trackinginfo: tracked().append_info(reply()); break;
    case id::client_getredir: reply().integer(tracked().redirect()); break;
    case id::client_no_evict: client_no_evict(args[2]); break;
    case id::acl_help:
    case id::client_help:
    case id::command_help:
    case id::config_help:
    case id::function_help:
    case id::latency_help:
    case id::node_help:
    case id::pubsub_help:
    case id::script_help:
    case id::slowlog_help:
    case id::memory_help:
    case id::module_help:
    case id::object_help:
      append_subcommand_help(reply(), *resp::find_command(args[0]));
      break;
    default: {
      if (tell_users(what.id, args))
        break;
      auto out = reply();
      if (!append_without_data(out, what.id, args))
        append_server_reply(out, what.id, args, *settings_);
    }
  }
  return progress::done;
}

// -- sending on ----------------------------------------------------------------

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

session::progress
session::forward(const resp::command_info& what, arguments args) {
  // As in Redis, nothing of a client runs beside what may take long.
  destination where{what.target, resp::has(what.flags, resp::flag::blocking)};
  if (!can_reach(where))
    return progress::blocked;
  delegated_ = true;
  auto id = reach(where);
  hold_words(args);
  effects_.emplace_back(request{id,
                                what.target,
                                &what,
                                {},
                                owned(args),
                                user_->name(),
                                rights_,
                                protocol_});
  promise(id);
  await(id, what.id, where.alone);
  fenced_ = changes_the_rules(what.id);
  return progress::done;
}

session::progress session::call(arguments args) {
  auto table = aliases();
  auto what = table ? table->find(args[0]) : nullptr;
  if (!what && args[0].find('@') != args[0].npos)
    return call_there(args);
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

/// `greet@n2`: that node knows whether it has it, and who may call it.
session::progress session::call_there(arguments args) {
  destination where{resp::target::cluster};
  if (!can_reach(where))
    return progress::blocked;
  delegated_ = true;
  auto id = reach(where);
  hold_words(args);
  auto words = owned(args);
  words.insert(words.begin(), "call");
  effects_.emplace_back(request{id,
                                where.target,
                                resp::find_command("call"),
                                {},
                                std::move(words),
                                user_->name(),
                                rights_,
                                protocol_});
  promise(id);
  await(id, resp::command_id::call, false);
  return progress::done;
}

session::progress session::to_script(const alias& what, arguments args) {
  destination where{resp::target::script, false, what.script};
  if (!can_reach(where))
    return progress::blocked;
  delegated_ = true;
  auto id = reach(where);
  hold_words(args);
  auto words = owned(args);
  words[0] = what.name;
  last_command_ = nullptr;
  last_alias_ = what.name;
  effects_.emplace_back(request{id, where.target, nullptr, what.script,
                                std::move(words), user_->name(), rights_,
                                protocol_});
  promise(id);
  await(id, resp::command_id::call, false);
  return progress::done;
}

bool session::loads(resp::target what) const {
  return settings_->loading && settings_->loading(what);
}

shared_aliases session::aliases() const {
  return settings_->aliases ? settings_->aliases() : nullptr;
}

// -- ending --------------------------------------------------------------------

void session::stop(std::string reason) {
  if (running_) {
    stopping_ = true;
    end_reason_ = std::move(reason);
    return;
  }
  end(std::move(reason));
  settle();
}

/// After the replies that are due; what else has come in is ignored.
void session::end(std::string reason) {
  closing_ = true;
  end_reason_ = std::move(reason);
}

void session::end_now(std::string reason) {
  closing_ = closed_ = true;
  effects_.emplace_back(close{false, std::move(reason)});
}

/// Closes once the last reply is in the output.
void session::settle() {
  if (!closing_ || closed_ || replies_.open() > 0)
    return;
  closed_ = true;
  effects_.emplace_back(close{true, end_reason_});
}

// -- replies -------------------------------------------------------------------

resp::writer session::reply() {
  auto unheard = silent();
  auto& text = unheard ? discarded_ : replies_.now();
  if (unheard)
    discarded_.clear();
  replied_ = &text;
  replied_from_ = text.size();
  return {text, protocol_};
}

/// The reply of the present command comes from somebody else.
void session::promise(request_id id) {
  silent() ? replies_.promise(id, std::string{})
           : replies_.promise(id, protocol_);
}

/// A command has been answered.
void session::next_reply_mode() noexcept {
  if (reply_mode_ == reply_mode::skip)
    reply_mode_ = reply_mode::on;
  else if (reply_mode_ == reply_mode::skip_next)
    reply_mode_ = reply_mode::skip;
}

void session::reply_ok() {
  reply().simple("OK");
}

void session::reply_error(std::string_view text) {
  reply().error(text);
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

void session::refuse_unknown(arguments args) {
  std::string text = "ERR unknown command '";
  text += excerpt(args[0]);
  text += "', with args beginning with: ";
  auto start = text.size();
  for (auto arg : args.subspan(1)) {
    auto used = text.size() - start;
    if (used >= excerpt_bytes)
      break;
    text += '\'';
    text += excerpt(arg, excerpt_bytes - used);
    text += "' ";
  }
  if (auto near = near_commands(args[0]); !near.empty())
    text += near.substr(1); // there is a blank already
  refuse(text);
}

} // namespace saker::session
