#pragma once

#include "acl/service_calls.hpp"
#include "actors/descriptor_need.hpp"
#include "actors/status_text.hpp"
#include "actors/supervisor.hpp"
#include "actors/view_request.hpp"
#include "messages/definitions_actor.hpp"
#include "messages/drift_actor.hpp"
#include "messages/journal_actor.hpp"
#include "messages/librarian_actor.hpp"
#include "messages/roster_actor.hpp"
#include "messages/sampler_actor.hpp"
#include "supervision/control_options.hpp"
#include "supervision/mask.hpp"
#include "supervision/plan.hpp"
#include "supervision/scale.hpp"
#include "supervision/wait_list.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace saker {

class gathering;
struct countdown;

/// What the ROSTER is given at the start.
struct roster_links {
  shared_supervisor_links supervisors;
  journal_actor journal;
  definitions_actor definitions;
  librarian_actor librarian;
  sampler_actor sampler; ///< null: SVSTATUS has no figures
  /// Spawns the SUPERVISOR of one instance.
  std::function<supervisor_actor(const roster_actor&, beginning)> supervise;
  /// The end of the node, once nothing is left to do; called once.
  std::function<void()> leave;
  std::function<void(const std::string&)> say;    ///< a line in the log
  std::vector<std::string> heading;               ///< of SVSTATUS TEXT
  drift_actor drift;                              ///< adds to it; may be null
  std::function<descriptor_budget()> descriptors; ///< may be null
  /// What else SVAPPLY and SIGHUP read anew; may be null.
  std::function<void()> renew = {};
};

/// What the ROSTER begins with.
struct roster_beginning {
  evaluation definitions;
  inventory held;
  wanted_list wanted;
  /// False if nobody could read what was wanted: then what the notes of the
  /// children say counts.
  bool wanted_known = true;
  setting_list set; ///< beside the definitions
};

/// All services by name, and what is asked of them.
///
/// | phase    | event                | next                                  |
/// |----------|----------------------|---------------------------------------|
/// | at work  | command              | at work: asked of the supervisors     |
/// | at work  | SVAPPLY, SIGHUP      | applying: files are evaluated         |
/// | applying | SVAPPLY, SIGHUP      | applying: the later one waits         |
/// | applying | evaluated            | at work: one plan, carried out        |
/// | any      | SHUTDOWN, SIGTERM    | ending: all are stopped               |
/// | ending   | SIGTERM              | ending: ladders become shorter        |
/// | ending   | no child is left     | gone: the keeper is told to end       |
struct roster_state {
  using pointer = roster_actor::pointer;
  using promise = caf::typed_response_promise<resp::value>;

  explicit roster_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(roster_links with, roster_beginning how);

  caf::result<resp::value> call(const command_call& what);
  caf::result<bool> open();
  void shutdown_wanted(std::uint32_t count);
  void reload_wanted();
  void changed(const std::string& key, const supervision::status& now);
  void forgotten(const std::string& key);
  void stop_all(int code);
  void withdraw(std::uint64_t client);
  void tick();

  static inline const char* name = "roster";

  /// How long log files are waited for: their disk may hang.
  static constexpr auto log_patience = std::chrono::seconds{5};
  static constexpr auto journal_patience = std::chrono::seconds{5};

  /// How long figures are waited for; without them the rest is true too.
  static constexpr auto usage_patience = std::chrono::milliseconds{500};

  /// For so long they serve those who ask again.
  static constexpr auto usage_fresh = std::chrono::seconds{1};

  /// Instances whose history is told together.
  static constexpr std::size_t most_lives = 1'000;

  pointer self;
  roster_links links;

private:
  /// One instance of a service.
  struct member {
    supervisor_actor actor;
    supervision::status now;
    bool known = false;   ///< the supervisor has told where it stands
    bool leaving = false; ///< removed, until it is forgotten
  };
  using place = std::pair<std::string, std::uint32_t>;

  /// SVWAIT; the WAIT option of others is the supervisors' affair.
  using arguments = std::span<const std::string>;
  using event_maker = std::function<supervision::any_event()>;

  // -- commands (roster_commands.cpp)
  caf::result<resp::value> wait(arguments args, const command_call& what);
  caf::result<resp::value> shutdown(arguments args);

  /// What somebody wants with services that it names.
  enum class purpose : std::uint8_t { look, change };

  result<std::vector<place>>
  find(arguments masks, const session::request& asked, purpose what) const;
  std::vector<place>
  instances_of(const supervision::mask& plain, const session::request& asked,
               purpose what) const;
  result<std::vector<place>>
  checked(std::vector<place> found, const session::request& asked,
          purpose what) const;
  result<std::vector<place>>
  find_groups(arguments words, const session::request& asked,
              purpose what) const;

  // -- what some users may not reach (roster_access.cpp)
  acl::instance_name known_as(const place& where) const;
  bool is_visible(const place& where, const session::request& asked) const;
  result<void> may_change(const std::vector<place>& whom,
                          const session::request& asked) const;
  bool may_see_output(const place& where, const session::request& asked) const;
  result<void> may_change_service(const std::string& name,
                                  const session::request& asked) const;
  resp::value dry_run(const session::request& asked) const;
  result<void> try_out(const std::string& text, const acl::service_call& what,
                       const session::request& asked) const;

  result<void> check_node(const supervision::mask& x) const;
  caf::result<resp::value>
  members(arguments groups, const session::request& asked) const;
  viewpoint here() const;

  // -- SVSTATUS (roster_status.cpp)
  struct status_report;
  caf::result<resp::value>
  status(arguments args, const session::request& asked);
  void with_usage(std::vector<supervision::status> all,
                  std::function<void(const std::vector<supervision::status>&,
                                     const viewpoint&)>
                    then);
  void status_text(const std::vector<supervision::status>& all, viewpoint from,
                   text_form how, promise answer);
  void ask_last_words(const std::shared_ptr<status_report>& of,
                      const std::shared_ptr<countdown>& parts);
  void ask_drift(const std::shared_ptr<countdown>& parts);

  // -- commands that look (roster_views.cpp)
  caf::result<resp::value> log(arguments args, const session::request& asked);
  caf::result<resp::value>
  log_tail(const log_request& what, const session::request& asked);
  caf::result<resp::value>
  change_logs(const log_request& what, const session::request& asked);
  caf::result<resp::value>
  config(arguments args, const session::request& asked);
  struct why_report;
  caf::result<resp::value> why(arguments args, const session::request& asked);
  void ask_last_lines(const std::shared_ptr<why_report>& of,
                      const std::shared_ptr<countdown>& parts);
  result<place>
  find_one(const std::string& text, const session::request& asked) const;

  // -- what has been (roster_past.cpp)
  caf::result<resp::value> life(arguments args, const session::request& asked);
  result<std::vector<std::string>>
  keys_of_lives(const life_request& what, arguments args,
                const session::request& asked) const;
  caf::result<resp::value> audits(arguments args);

  // -- commands that act (roster_control.cpp)
  caf::result<resp::value> control(const command_call& what);
  caf::result<resp::value> signal(const command_call& what);
  caf::result<resp::value>
  set_autostart(const std::vector<place>& whom, bool on,
                const supervision::stamp& who);
  wanted_list wish(const std::vector<place>& whom, resp::command_id what,
                   const supervision::stamp& who);
  caf::result<resp::value>
  ask_all(const std::vector<place>& whom, const event_maker& what,
          wanted_list remember);
  supervision::stamp stamp_of(const command_call& what) const;

  // -- some at a time (roster_rolling.cpp)
  struct rolling;
  caf::result<resp::value>
  roll(std::vector<place> whom, const supervision::control_options& how,
       resp::command_id what, const supervision::stamp& who);
  void roll_on(const std::shared_ptr<rolling>& run);
  void roll_one(const std::shared_ptr<rolling>& run, std::size_t i);

  // -- another number of them (roster_scale.cpp)
  caf::result<resp::value> scale(const command_call& what);
  caf::result<resp::value>
  scale_to(const std::shared_ptr<const supervision::service>& before,
           std::uint32_t count, std::optional<supervision::duration> wait,
           const supervision::stamp& who);
  void remember_count(const supervision::service& written, std::uint32_t count,
                      const supervision::stamp& who,
                      const std::shared_ptr<gathering>& rows);
  void wish_new_ones(const supervision::service& before,
                     const supervision::service& after,
                     const supervision::stamp& who, wanted_list& remember);
  void tell_scaled(const std::string& service, std::uint32_t before,
                   std::uint32_t after, const supervision::stamp& who);
  void forget_counts(const supervision::service_set& as_written);

  // -- services without a definition (roster_run.cpp)
  caf::result<resp::value> run(const command_call& what);
  caf::result<resp::value>
  run_it(const std::shared_ptr<const supervision::service>& what,
         const supervision::stamp& who);
  result<void> may_run(const std::string& name);
  std::string free_name(const supervision::service& x) const;
  bool has_ended(const std::string& name) const;
  result<void> make_room();
  void check_ad_hoc(const place& where, const member& x);
  void forget_ad_hoc(const std::string& name);
  void recall_ad_hoc(const setting_list& set,
                     const std::map<std::string, const held_child*>& held);
  void forget_settings(std::vector<std::string> names);
  supervision::service_set with_ad_hoc(supervision::service_set defined) const;
  void give_up_ad_hoc(const supervision::service_set& defined);

  // -- definitions (roster_apply.cpp)
  caf::result<resp::value> apply(const command_call& what);
  void next_apply();
  void evaluated(evaluation& what);
  void carry_out(const supervision::plan& what,
                 const supervision::service_set& after);
  std::optional<std::string>
  short_of_descriptors(const supervision::service_set& services) const;
  result<void>
  check_descriptors(const std::shared_ptr<const supervision::service>& x) const;
  void tell(const supervision::plan& what,
            const std::vector<std::string>& errors) const;
  void finish_apply(const resp::value& reply);
  void add(const std::shared_ptr<const supervision::service>& what,
           std::uint32_t index, const held_child* held);
  void remove(const place& where, const std::string& by);
  void change(const supervision::service& before,
              const std::shared_ptr<const supervision::service>& after,
              const std::string& by, const std::string& restart = {});
  void remove_unknown(const held_child& x);

  void close_idle_sockets(const std::string& of);
  void close_unused_sockets(const supervision::service& before);
  void close_socket(const std::string& address);

  void check_settled();
  void answer_waiters(const supervision::wait_list::ended& who);
  void arm_waits();
  void check_end();
  void drain_logs();
  void drain_events();
  void tell_keeper();

  std::vector<std::string> drift_; ///< lines, as they were told last
  shared_usage usage_;             ///< the last figures
  supervision::time_point used_at_{};
  supervision::service_set services_;   ///< with the counts in force
  supervision::service_set as_written_; ///< as the files say
  std::vector<std::string> errors_;     ///< of the files, when last read
  supervision::counts counts_;          ///< where SVSCALE was used
  std::set<std::string> ad_hoc_;        ///< those of SVRUN
  std::map<place, member> members_;
  std::map<std::string, supervision::wanted> wanted_;
  bool wanted_known_ = true;
  std::map<std::string, bool> autostart_; ///< by key, where it was set
  std::optional<caf::typed_response_promise<bool>> opener_;
  supervision::wait_list waits_; ///< SVWAIT
  std::map<supervision::wait_list::ticket, promise> waiters_;
  supervision::wait_list::ticket last_waiter_ = 0;
  std::optional<supervision::time_point> next_tick_;

  /// One SVAPPLY or SVPLAN; without a promise it was SIGHUP.
  struct application {
    std::vector<std::string> files;
    std::string by;
    bool force = false;
    bool dry = false; ///< SVPLAN: nothing is done
    bool text = false;
    resp::protocol in = resp::protocol::resp2;
    std::optional<promise> answer;
  };
  std::deque<application> applications_;

  bool ending_ = false;
  bool keep_ = false;
  bool scripts_ended_ = false;
  bool told_keeper_ = false;
  int exit_code_ = 0;
};

/// The ROSTER.
///
/// | message               | reply    | meaning                               |
/// |-----------------------|----------|---------------------------------------|
/// | `call`                | `value`  | SV commands, SHUTDOWN                 |
/// | `open`                | `bool`   | may clients ask? when all is known    |
/// | `tell`, shutdown      | —        | SIGTERM, SIGINT                       |
/// | `tell`, reload        | —        | SIGHUP                                |
/// | `status`, key, status | —        | where an instance stands now          |
/// | `forget`, key         | —        | an instance is no more                |
/// | `stop`, code          | —        | an exit table asks for the end        |
/// | `withdraw`, client    | —        | that client is gone                   |
/// | `tick`                | — (self) | somebody's patience is over           |
///
/// Fails: never; what cannot be done is an error value. Quits: never by
/// itself. Time: the patience of SVWAIT.
roster_actor::behavior_type
roster(roster_actor::stateful_pointer<roster_state> self, roster_links links,
       roster_beginning how);

} // namespace saker
