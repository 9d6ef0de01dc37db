#pragma once

#include "actors/status_board.hpp"
#include "io/http_post.hpp"
#include "link/answer.hpp"
#include "messages/broker_actor.hpp"
#include "messages/finder_actor.hpp"
#include "messages/job_actor.hpp"
#include "messages/log_interest_actor.hpp"
#include "messages/roster_actor.hpp"
#include "messages/supervisor_actor.hpp"
#include "messages/writer_actor.hpp"
#include "supervision/history_queue.hpp"
#include "supervision/machine.hpp"
#include "supervision/pursuit.hpp"
#include "supervision/sequencer.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace saker {

/// What all supervisors of a node share. Outlives them.
struct supervisor_links {
  keeper_link_actor keeper;
  broker_actor broker;
  writer_actor writer;
  log_interest_actor log_interest;
  std::function<job_actor()> job; ///< spawns one, for a command
  finder_actor finder;
  /// Tells a web server and then, on another thread, how that went.
  std::function<void(io::http_order, std::function<void(const result<void>&)>)>
    post;
  std::shared_ptr<supervision::sequencer> sequencer;
  std::shared_ptr<supervision::history_queue> history;
  std::shared_ptr<status_board> board;      ///< for those who look at one
  supervision::machine::surroundings world; ///< owned by node/
  std::string node;
  std::string state_dir;
  std::vector<std::string> environment; ///< of Saker, `NAME=value`
  std::uint32_t keeper_version = link::language_version;
  std::function<std::int64_t()> unix_ms;
  /// CLOCK_BOOTTIME minus the steady clock.
  supervision::duration boot_offset{};
  std::function<void(const std::string&)> warn; ///< a line in the log
  std::function<void(link::log_level, const std::string&)> log; ///< the same
};

using shared_supervisor_links = std::shared_ptr<const supervisor_links>;

/// What is known about one instance when its supervisor begins.
struct beginning {
  std::shared_ptr<const supervision::service> definition;
  std::uint32_t index = 0;
  supervision::memory memory;
  link::row_state held = link::row_state::idle; ///< as the keeper has it
  handed_fds output;                            ///< of a child that runs
  std::uint64_t lost = 0;         ///< bytes of it that the keeper threw away
  std::optional<link::ended> end; ///< of one that ended meanwhile
};

/// The life of one instance: a `machine` decides, this carries out.
///
/// | effect of the machine | what is done                                    |
/// |-----------------------|-------------------------------------------------|
/// | keep                  | NOTE to the keeper                              |
/// | spawn                 | LISTEN for each socket, SPAWN; a refusal is     |
/// |                       | told as `refused`; of a daemon: see `pursuit`   |
/// | signal                | SIGNAL; who asked is told how it went           |
/// | run_stop_command      | a JOB                                           |
/// | run_reload_command    | a JOB; how it ended is told as `reloaded`       |
/// | end_reload_command    | that JOB is killed                              |
/// | run_hook              | a JOB for each command, one after the other; a  |
/// |                       | URL is told of the event by POST                |
/// | end_hook              | the JOB that runs now is killed                 |
/// | arm                   | `expire` to itself                              |
/// | publish               | an event to the BROKER and into the history     |
/// | acknowledge           | ACK, after the NOTE                             |
/// | answer                | the promise of that ticket                      |
/// | escalate, shut_down   | to the ROSTER                                   |
/// | forget                | FORGET, then the end of this actor              |
///
/// After the end of a child, what others hear of it (publish, answer, forget)
/// waits until its last output is where it belongs, but not for long; what is
/// done about it does not wait.
struct supervisor_state {
  using pointer = supervisor_actor::pointer;

  /// How long others are not told of an end for the sake of its last output.
  static constexpr auto output_patience = std::chrono::milliseconds{250};

  explicit supervisor_state(pointer owner) : self(owner) {
    // nop
  }

  void
  begin(shared_supervisor_links with, const roster_actor& to, beginning how);

  caf::result<verdict> call(supervision::any_event& what);
  supervision::explanation describe() const;
  void change(const supervision::any_event& what);
  void spawned(const link::spawned& what, const handed_fds& output);
  void ended(const link::ended& what);
  void left(const link::left& what);
  void orphan(const link::orphan& what);
  void expire(std::uint64_t epoch);
  void look_at(std::uint64_t spawn_id);
  void look_for(std::uint64_t search);

  static inline const char* name = "supervisor";

  pointer self;
  shared_supervisor_links links;
  roster_actor roster;
  std::unique_ptr<supervision::machine> life;
  std::string key;

private:
  void on(const supervision::any_event& what);
  void carry_out(const supervision::effects& todo);
  void report();
  supervision::status present();
  void recall(const supervision::note& kept);
  supervision::past_event
  record(const supervision::effect::publish& x, const supervision::event_id& id,
         std::int64_t at) const;
  void attach(const handed_fds& output, std::uint64_t lost);
  void look_later(std::uint64_t spawn_id);
  void start_child(std::uint64_t spawn_id);

  // daemons: supervisor_daemon.cpp
  void resume_search(link::row_state held, std::int32_t pid);
  void follow(const supervision::any_pursuit_step& what);
  void take(const supervision::pursuit_step::look& x);
  void take(const supervision::pursuit_step::adopt& x);
  void take(const supervision::pursuit_step::launch& x);
  void take(const supervision::pursuit_step::refuse& x);
  void take(const supervision::pursuit_step::absent& x);
  void take(const supervision::pursuit_step::give_up& x);
  void taken(const process::proc_entry& who);
  void program_runs(std::int32_t pid);
  void end_search();
  process::daemon_rule rule() const;

  void wait_for_output();
  void output_is_there(std::uint64_t end);
  void tell(std::function<void()> what);
  supervision::time_point steady(link::stamp x) const;

  void perform(const supervision::effect::keep& x);
  void perform(const supervision::effect::spawn& x);
  void perform(const supervision::effect::signal& x);
  void perform(const supervision::effect::run_stop_command& x);
  void perform(const supervision::effect::run_reload_command& x);
  void perform(const supervision::effect::end_reload_command& x);
  void perform(const supervision::effect::run_hook& x);
  void perform(const supervision::effect::end_hook& x);
  void perform(const supervision::effect::arm& x);
  void perform(const supervision::effect::publish& x);
  void perform(const supervision::effect::acknowledge& x);
  void perform(const supervision::effect::answer& x);
  void perform(const supervision::effect::escalate& x);
  void perform(const supervision::effect::shut_down& x);
  void perform(const supervision::effect::forget& x);

  void give(const supervision::effect::answer& x);
  void answer(supervision::ticket asker, supervision::outcome code,
              std::string text);

  // Sockets (supervisor_sockets.cpp).

  /// A SPAWN on its way: its sockets are asked for one after the other.
  struct launching {
    link::spawn what;
    std::vector<supervision::listen_socket> sockets;
    std::size_t next = 0;
    int tries = 1;
  };
  using launch_ptr = std::shared_ptr<launching>;

  void listen_then_spawn(const launch_ptr& x);
  void spawn_now(const launch_ptr& x);
  void cannot_listen(const launch_ptr& x, const std::string& why);

  // Hooks (supervisor_hooks.cpp).

  /// The commands of one hook, one after the other.
  struct hook_run {
    supervision::hook_kind which = supervision::hook_kind::before;
    std::vector<process::spec> commands;
    std::size_t next = 0;
    supervision::time_point until;
    job_actor now;                  ///< runs the command before `next`
    bool killed = false;            ///< by end_hook
    supervision::cause failed = {}; ///< of `after`: how the first one failed
    std::string failure = {};
  };

  void begin_hook(const supervision::effect::run_hook& x,
                  const std::string& last_line);
  void tell_server(supervision::duration within);
  void next_command(std::uint64_t id);
  void command_over(std::uint64_t id, const supervision::cause& why,
                    const std::string& text);
  void hook_over(std::uint64_t id, supervision::cause why, std::string detail);
  job_order order_of(std::string verb, process::spec what) const;
  added_lines log_of_commands() const;

  std::map<std::uint64_t, hook_run> hooks_;

  std::uint64_t snapshots_ = 0; ///< so many were made
  supervision::ticket last_ticket_ = 0;
  std::map<supervision::ticket, caf::typed_response_promise<verdict>> askers_;
  job_actor reload_;          ///< the reload command that runs
  std::uint64_t reloads_ = 0; ///< answers of earlier ones count no more
  std::string log_file_;      ///< of this instance; empty: none
  std::string failed_;        ///< the payload of the last `failed`

  supervision::pursuit search_;
  supervision::time_point since_{}; ///< of the state that was reported last …
  std::int64_t since_ms_ = 0;       ///< … on the wall clock
  std::uint64_t searches_ = 0;      ///< answers to earlier ones count no more
  std::uint64_t spared_by_ = 0;     ///< the child that left …
  std::uint32_t spared_ = 0;        ///< … so many processes that live on

  /// What others are told once the output of that many ends is there.
  struct late {
    std::uint64_t ends;
    std::function<void()> tell;
  };
  std::deque<late> late_;
  std::uint64_t ends_ = 0;    ///< for whose output was asked
  std::uint64_t settled_ = 0; ///< of these: there, or waited for long enough
};

/// The SUPERVISOR of one instance.
///
/// | message                 | reply     | meaning                           |
/// |-------------------------|-----------|-----------------------------------|
/// | `call`, event           | `verdict` | start, stop, restart, signal, wait|
/// | `describe`              | `explanation` | why it is as it is            |
/// | `change`, event         | —         | new definition, remove, shutdown  |
/// | `tell`, spawned, fds    | —         | exec succeeded                    |
/// | `tell`, ended           | —         | the child is gone, or never was   |
/// | `tell`, left            | —         | a daemon's process is gone        |
/// | `tell`, orphan          | —         | something it started lives on     |
/// | `expire`, epoch         | — (self)  | the time of this state is over    |
/// | `watch`, spawn-id       | — (self)  | compare the child with `match`    |
/// | `query`, search         | — (self)  | look for the daemon's process     |
///
/// Fails: never; what cannot be done is a verdict. Quits: when its instance is
/// forgotten. Time: one timer, by `arm`; the patience for output.
supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           shared_supervisor_links links, roster_actor roster, beginning how);

} // namespace saker
