#pragma once

#include "acl/check.hpp"
#include "resp/parser.hpp"
#include "resp/value.hpp"
#include "session/alias_table.hpp"
#include "session/audit.hpp"
#include "session/client_list.hpp"
#include "session/client_pause.hpp"
#include "session/command_statistics.hpp"
#include "session/effect.hpp"
#include "session/reply_queue.hpp"
#include "session/settings.hpp"
#include "session/tracking.hpp"
#include "session/transaction.hpp"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::session {

class open_audits;

/// One client, without its socket: bytes in; replies, in the order of the
/// commands, and effects out. Neither blocks nor knows a clock. One owner.
///
///     session s{id, peer, settings, now};
///     s.feed(bytes, now);                  // after each read
///     s.answer(id, value);                 // for each request answered
/// after each of these, of `pause` and of `proceed`:
///     queue(s.take_output());              // first the replies,
///     for (auto& x : s.take_effects())     // then the effects, in order
///       carry_out(x);
///     s.pause(unsent() > s.reply_pause());
///     if (s.more())                        // now, or in the next turn
///       s.proceed(now);                    // … and so on again
///     if (s.wants_input())
///       read_some();
///
/// Messages of channels are frames that the broker encodes for `protocol()`
/// and the connection queues as they come, between these whole replies.
///
/// Order: commands to the same target travel together; one for another
/// target, and all behind it, wait until the open ones are answered.
class session {
public:
  session(std::uint64_t id, peer who, shared_settings config, moment now);

  /// What was configured has changed: counts from now on. Who has come in
  /// stays in, unless its user is gone or what it listens to is not its any
  /// more.
  void use(shared_settings config);

  /// Commands are counted there from now on. Must outlive this object.
  void count_in(command_statistics& x) noexcept {
    statistics_ = &x;
  }

  // -- what happens

  /// Bytes from the client. The view need not outlive the call.
  void feed(std::string_view bytes, moment now);

  /// The reply of a `request`, or the end of an `unsubscribe` … `wait`. An
  /// unknown id is ignored.
  void answer(request_id id, const resp::value& reply);

  /// Receivers of each message of a `publish_batch`, in its order.
  void answer_publish(request_id id, std::span<const std::int64_t> receivers);

  /// True: too much is unsent, execute nothing. False: `more` may be true.
  void pause(bool x) noexcept {
    paused_ = x;
  }

  /// CLIENT PAUSE: commands of this kind wait until that changes, as if they had
  /// not been read.
  void suspend(suspension x) noexcept {
    suspension_ = x;
  }

  /// Commands wait for services and scripts that still load (`settings::loading`),
  /// as if they had not been read; false: they are refused.
  void be_patient(bool x) noexcept {
    patient_ = x;
  }

  /// CLIENT UNBLOCK: while `waits`, what is waited for is answered by an error.
  void unblock();

  /// Ends once what is said so far, or EXEC that runs, is answered.
  void stop(std::string reason);

  /// Goes on with commands that are already here.
  void proceed(moment now);

  // -- what follows from it

  /// Whole replies since the last call, in order; empty if none. Filled into
  /// a buffer that was given back (`base/buffer`), if there is one.
  std::string take_output() {
    return replies_.take();
  }

  /// What others have to do, in order; empty if nothing.
  std::vector<effect> take_effects() {
    return std::exchange(effects_, {});
  }

  /// The same into a list whose memory is used again.
  void take_effects(std::vector<effect>& into) noexcept {
    into.clear();
    into.swap(effects_);
  }

  /// False: read nothing from the socket for now (too many open commands, too
  /// much output, paused, closing).
  bool wants_input() const noexcept;

  /// Commands that had to wait could be executed now: call `proceed`.
  bool more() const noexcept;

  /// Bytes of unsent output from which on `pause(true)` is due.
  std::size_t reply_pause() const noexcept;

  // -- what it is

  std::uint64_t id() const noexcept {
    return id_;
  }

  /// As CLIENT LIST shows it.
  const std::string& address() const noexcept {
    return peer_.address;
  }

  /// That it was given; empty if none.
  const std::string& name() const noexcept {
    return name_;
  }

  /// Who it is, for people: its user; over the UNIX socket nobody is just
  /// `default`. Of a script its name.
  const std::string& person() const noexcept;

  resp::protocol protocol() const noexcept {
    return protocol_;
  }

  /// True while all that is open is one command that may take very long.
  bool waits() const noexcept {
    return replies_.unanswered() > 0 && open_to_.alone
           && open_to_.target != resp::target::local;
  }

  /// True while `waits`, and while a pause holds the next command.
  bool blocked() const noexcept {
    return waits() || held_for_ != held_for::nothing;
  }

  /// Asked for by CLIENT TRACKING.
  bool tracks() const noexcept {
    return tracking_ && tracking_->on();
  }

  /// True with at least one channel, pattern or shard.
  bool subscribed() const noexcept {
    return !channels_.empty() || !patterns_.empty() || !shards_.empty();
  }

  /// True while it is shown the commands of all clients.
  bool monitoring() const noexcept {
    return monitoring_;
  }

  bool authenticated() const noexcept {
    return authenticated_;
  }

  /// Commands carried out or sent on so far, not those refused.
  std::uint64_t executed() const noexcept {
    return executed_;
  }

  /// Bytes of commands that are not carried out yet.
  std::size_t held() const noexcept {
    return parser_.held();
  }

  /// The same, and those between MULTI and EXEC.
  std::size_t collected() const noexcept {
    return parser_.held() + (multi_ ? multi_->held() : 0);
  }

  /// The row of this client in CLIENT LIST.
  client_figures figures(moment now) const;

private:
  using arguments = std::span<const std::string_view>;
  using names = std::set<std::string, std::less<>>;

  enum class progress : std::uint8_t { done, blocked };

  /// What the next command waits for, beside all open ones.
  enum class held_for : std::uint8_t { nothing, pause, services, scripts };

  /// What CLIENT REPLY asked for.
  enum class reply_mode : std::uint8_t {
    on,
    off,
    skip, ///< the present command is not answered
    skip_next,
  };

  /// Where a command goes; commands to equal ones may be open together.
  struct destination {
    resp::target target = resp::target::local;
    bool alone = false; ///< nothing else is open meanwhile
    std::string_view script = {};
  };

  // -- session.cpp: reading, replies, the end

  void run();
  bool full() const noexcept;
  bool still_held() const;
  void end(std::string reason);
  void end_now(std::string reason);
  void settle();

  bool silent() const noexcept {
    return reply_mode_ == reply_mode::off || reply_mode_ == reply_mode::skip;
  }

  void reply_ok();
  void reply_error(std::string_view text);
  resp::writer reply();
  void promise(request_id id);
  void next_reply_mode() noexcept;

  // -- session_checks.cpp: what may be carried out

  progress execute(arguments args);
  progress execute_alias(arguments args);
  progress hold(held_for what) noexcept;
  progress perform(const resp::command_info& what, arguments args);
  void carried_out(const resp::command_info* what, arguments args);
  bool admitted(const resp::command_info& what, arguments args);
  bool permitted(const resp::command_info& what, arguments args);
  bool permitted(const alias& what);
  bool may_speak(std::string_view name, resp::flag flags);
  bool fits_the_state(std::string_view name, resp::flag flags);
  std::string too_much(const resp::command_info& what, arguments args) const;
  void refuse(std::string_view text);
  void refuse(std::string_view name, std::string_view text);
  void refuse_arity(std::string_view name);
  void refuse_unknown(arguments args);

  // -- session_dispatch.cpp: who answers

  progress dispatch(const resp::command_info& what, arguments args);
  progress dispatch_rare(const resp::command_info& what, arguments args);

  // -- session_forward.cpp: what others carry out

  progress call(arguments args);
  progress call_there(arguments args);
  bool can_reach(const destination& where) const noexcept;
  request_id reach(const destination& where);
  void hold_words(arguments args) noexcept;
  request& send_on(const destination& where, resp::command_id counted,
                   const resp::command_info* what, arguments words);
  progress forward(const resp::command_info& what, arguments args);
  bool told_at_once(const resp::command_info& what, arguments args);
  progress to_script(const alias& what, arguments args);
  shared_aliases aliases() const;
  bool loads(const resp::command_info& what) const;
  bool loads(resp::target what) const;

  // -- session_statistics.cpp: what INFO tells of commands

  void begin_row(resp::command_id what);

  /// This command is carried out now; `alone`: it is timed by itself.
  void begin_call(resp::command_id what, bool alone = false) {
    auto goes_on = timed_ == what && (timed_calls_ == 0 || !alone);
    if (!goes_on && (statistics_ || alone))
      begin_row(what);
  }

  bool replied_with_error() const noexcept {
    return replied_ && replied_->size() > replied_from_
           && (*replied_)[replied_from_] == '-';
  }

  /// It was, or has been sent on.
  progress count(resp::command_id what, progress state) {
    if (state == progress::blocked)
      return state;
    ++executed_;
    if (!statistics_ || std::exchange(sent_on_, false))
      return state;
    ++timed_calls_;
    if (replied_with_error())
      look_for_error(what, true);
    return state;
  }

  progress reject(resp::command_id counted, const resp::command_info* what,
                  arguments args);
  void look_for_error(resp::command_id what, bool ran);
  void count_failure(resp::command_id what, std::string_view text, bool ran);
  void await(request_id id, resp::command_id what, bool may_take_long);
  void count_answer(request_id id, const resp::value& reply);
  command_statistics::time_point look_at_clock() const;
  void end_row();
  std::chrono::nanoseconds end_call();

  // -- session_access.cpp: HELLO, AUTH

  progress hello(arguments args);
  progress auth(arguments args);
  void begin();
  void become(acl::shared_user who);
  void look_at_user();
  acl::shared_user
  known_user(std::string_view name, std::string_view password) const;
  acl::shared_user certified_user() const;
  void log_in(acl::shared_user who);
  bool may_become(std::string_view name);
  progress refuse_password(std::string_view user);

  // -- session_denials.cpp: what it may not do

  std::string_view hint_for_guests() const noexcept;
  void deny(std::string_view name, const acl::verdict& why);
  void note_denial(std::string_view reason, std::string_view object,
                   std::string_view user) {
    note_denial(reason, object, user, multi_ || running_);
  }

  void note_denial(std::string_view reason, std::string_view object,
                   std::string_view user, bool in_transaction);
  void expect_verdict(request& what);
  void note_verdict(request_id id, const resp::value& reply);

  // -- session_acl.cpp: ACL

  bool tell_users(resp::command_id what, arguments args);
  progress dry_run(const resp::command_info& what, arguments args);

  // -- session_connection.cpp: RESET, QUIT, CLIENT …

  progress reset();
  void quit();
  void select(std::string_view index);
  void ping(arguments args);
  void time();
  void client_setname(std::string_view name);
  void client_setinfo(arguments args);
  void client_reply(std::string_view mode);
  void client_info(arguments args);

  // -- session_client.cpp: CLIENT TRACKING and the like

  bool is_held(const resp::command_info& what) const noexcept;
  void client_tracking(arguments words);
  void client_caching(std::string_view word);
  void client_no_evict(std::string_view word);
  tracking& tracked();

  // -- session_pubsub.cpp

  progress subscribe_to(subscription_kind kind, arguments args);
  progress unsubscribe_from(subscription_kind kind, arguments args);
  progress publish(subscription_kind kind, arguments args);
  bool may_listen() const;
  names& listened(subscription_kind kind) noexcept;
  std::size_t confirmed(subscription_kind kind) const noexcept;

  // -- session_debug.cpp

  progress debug(const resp::command_info& what, arguments args);
  progress debug_sleep(const resp::command_info& what, arguments args);

  // -- session_slowlog.cpp

  bool measured(const resp::command_info& what) const noexcept;
  void took(std::chrono::nanoseconds time, const resp::command_info& what,
            arguments args);
  void slowlog_get(arguments args);
  void slowlog_len();
  void slowlog_reset();

  // -- session_monitor.cpp

  bool monitored() const noexcept {
    return settings_->monitored
           && settings_->monitored->load(std::memory_order_relaxed);
  }

  progress monitor();
  bool monitors_only(const resp::command_info& what) const noexcept;
  void show(const resp::command_info* what, arguments args);

  // -- session_audit.cpp: who did what

  /// The present command may have to be told to those who ask.
  bool worth_audit(const resp::command_info* what) const noexcept {
    return settings_->audit
           && (special_ != audit_kind::none || !what || !last_command_
               || is_weighty(what->right));
  }

  void audit(const resp::command_info* what, arguments args);
  void audit_certificate();
  audit_entry signed_entry() const;

  // -- session_transaction.cpp

  static bool is_queued(resp::command_id what, std::size_t words) noexcept;
  progress enqueue(arguments args);
  void multi();
  void discard();
  void watch();
  void exec(std::string_view spelt);
  progress carry_on();

  std::uint64_t id_;
  peer peer_;
  shared_settings settings_;
  moment since_;
  moment now_;
  std::chrono::steady_clock::time_point last_input_;

  resp::parser parser_;
  reply_queue replies_;
  std::vector<effect> effects_;
  request_id last_id_ = 0;
  std::size_t open_bytes_ = 0; ///< words of those that others carry out
  std::chrono::steady_clock::time_point peak_since_{};
  bool delegated_ = false;  ///< the present command, to somebody else
  destination open_to_;     ///< of the unanswered requests, if any
  std::string open_script_; ///< owns `open_to_.script`

  acl::shared_user user_; ///< never null
  resp::rights rights_;   ///< of that user
  bool authenticated_ = false;
  resp::protocol protocol_ = resp::protocol::resp2;
  std::int64_t database_ = 0;
  std::string name_;
  bool no_evict_ = false;
  std::unique_ptr<tracking> tracking_; ///< null: never asked for
  std::string library_;
  std::string library_version_;
  names channels_;
  names patterns_;
  names shards_;
  bool monitoring_ = false;
  std::unique_ptr<transaction> multi_;   ///< collects, since MULTI
  std::unique_ptr<transaction> running_; ///< EXEC is in the middle of it
  std::string discarded_;                ///< replies that nobody wants
  const resp::command_info* last_command_ = nullptr;
  std::string last_alias_;
  resp::right last_alias_right_ = resp::right::none;
  std::uint64_t executed_ = 0;

  // -- commands that others may refuse, for ACL LOG

  struct judged_call {
    request_id id;
    std::string user;
    bool in_transaction;
    std::shared_ptr<refused_parts> parts; ///< null: nobody carries out a part
  };

  std::vector<judged_call> judged_elsewhere_;

  // -- statistics: equal commands in a row are timed together, and the end of
  // one row is the beginning of the next

  struct open_call {
    request_id id;
    resp::command_id what;
    bool timed;
    command_statistics::time_point since;
  };

  command_statistics* statistics_ = nullptr;
  std::optional<resp::command_id> timed_; ///< the present row of equal ones
  std::uint64_t timed_calls_ = 0;
  command_statistics::time_point timed_since_{}; ///< also while there is none
  bool strayed_ = false; ///< since then something was done that no row counts
  std::vector<open_call> open_calls_; ///< that others carry out
  command_statistics::time_point answered_at_{};
  const std::string* replied_ = nullptr; ///< where the present command wrote
  std::size_t replied_from_ = 0;
  bool sent_on_ = false; ///< the present command

  // -- audit

  audit_kind special_
    = audit_kind::none;      ///< the present command: login, refusal
  std::string_view refusal_; ///< … `NOPERM`
  std::string tried_user_; ///< … who it wanted to be, if there is such a user
  std::shared_ptr<open_audits> audits_; ///< null: never any

  reply_mode reply_mode_ = reply_mode::on;

  bool paused_ = false;
  bool sleeping_ = false; ///< nothing runs until the open wait is over
  bool stalled_ = false;  ///< commands wait for room or the end of a pause
  bool blocked_ = false;  ///< the next command waits for all open ones
  bool patient_ = false;  ///< commands wait for what still loads
  held_for held_for_ = held_for::nothing;
  suspension held_under_ = suspension::none; ///< the pause that holds it
  suspension suspension_ = suspension::none;
  bool fenced_ = false;   ///< … as the last one changes what counts for it
  bool stopping_ = false; ///< `closing_` once EXEC is done
  bool closing_ = false;  ///< nothing is executed any more
  bool closed_ = false;   ///< and the last effect has been made
  std::string end_reason_;
};

} // namespace saker::session
