#include "actors/supervisor.hpp"

#include "tests/support/supervision_world.hpp"

#include <caf/actor_clock.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <type_traits>

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

/// Remembers the last status of each instance.
struct roster_record {
  std::map<std::string, supervision::status> now;
  std::vector<std::string> forgotten;
  std::vector<int> stopped;
};

roster_actor::behavior_type
recording_roster(roster_actor::pointer, roster_record* to) {
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [](atom::open) { return true; },
    [](atom::tell, const link::shutdown_wanted&) {},
    [](atom::tell, const link::reload_wanted&) {},
    [to](atom::status, const std::string& key, const supervision::status& x) {
      to->now[key] = x;
    },
    [to](atom::forget, const std::string& key) {
      to->forgotten.push_back(key);
    },
    [to](atom::stop, int code) { to->stopped.push_back(code); },
    [](atom::withdraw, std::uint64_t) {},
    [](atom::tick) {},
  };
}

class supervisor_test : public test::supervision_world {
protected:
  supervisor_test() {
    roster = spawn(recording_roster, &record);
  }

  supervisor_actor begin(beginning how) {
    uut = spawn(supervisor, shared_supervisor_links{links}, roster,
                std::move(how));
    return uut;
  }

  supervisor_actor begin(bool wanted_up = true) {
    beginning how;
    how.definition = web;
    how.memory.wanted_up = wanted_up;
    return begin(std::move(how));
  }

  void run() {
    begin();
    keeper.confirm("web#0");
    settle();
  }

  supervision::status now() {
    return record.now.at("web#0");
  }

  std::shared_ptr<supervision::service> web = make_service("web");
  roster_record record;
  roster_actor roster;
  supervisor_actor uut;
};

TEST_F(supervisor_test, starts_what_is_wanted_up) {
  run();
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, keeper.last_pid);
  EXPECT_EQ(event_names(),
            (std::vector<std::string>{"starting", "running", "ready"}));
}

TEST_F(supervisor_test, leaves_alone_what_is_wanted_down) {
  begin(false);
  EXPECT_EQ(now().at, state::stopped);
  EXPECT_EQ(keeper.spawns, 0);
}

TEST_F(supervisor_test, restarts_at_once_and_says_so_in_one_event) {
  run();
  advance(1s);
  events.clear();
  keeper.die("web#0", SIGKILL);
  settle();
  EXPECT_EQ(keeper.spawns, 2);
  auto names = event_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "exit"), 1);
  auto payload = nlohmann::json::parse(events[0].second);
  EXPECT_EQ(events[0].first, "saker:n1:web:exit");
  EXPECT_EQ(payload["signal"], "SIGKILL");
  EXPECT_EQ(payload["service"], "web");
  EXPECT_EQ(payload["uptime"].is_number(), true);
}

TEST_F(supervisor_test, acknowledges_an_end_after_its_note) {
  run();
  keeper.heard.clear();
  keeper.exit("web#0", 1);
  settle();
  std::vector<std::string> order;
  for (auto& x : keeper.heard)
    if (std::holds_alternative<link::seen>(x))
      order.push_back("seen");
    else if (std::holds_alternative<link::note>(x))
      order.push_back("note");
    else if (std::holds_alternative<link::ack>(x))
      order.push_back("ack");
    else if (std::holds_alternative<link::spawn>(x))
      order.push_back("spawn");
  ASSERT_EQ(order[0], "seen");
  auto note = std::find(order.begin(), order.end(), "note");
  auto ack = std::find(order.begin(), order.end(), "ack");
  auto spawn = std::find(order.begin(), order.end(), "spawn");
  EXPECT_LT(note, ack);
  EXPECT_LT(ack, spawn);
  EXPECT_NE(spawn, order.end());
}

TEST_F(supervisor_test, tells_who_sent_a_signal_how_that_went) {
  run();
  auto send = [this](int number) {
    auto pending
      = self->request(uut, caf::infinite, atom::call_v,
                      any_event{event::signal{number, kill_scope::leader, 0}});
    settle();
    verdict answer;
    pending.receive([&](const verdict& x) { answer = x; },
                    [](const caf::error&) { FAIL(); });
    return answer;
  };
  auto sent = send(SIGHUP);
  EXPECT_EQ(sent.code, outcome::done);
  EXPECT_EQ(sent.text, "SIGHUP sent to " + std::to_string(keeper.last_pid));
  keeper.living.erase("web#0"); // its end is on the way
  auto late = send(SIGUSR1);
  EXPECT_EQ(late.code, outcome::refused);
  EXPECT_EQ(late.text, "web#0 does not live");
}

TEST_F(supervisor_test, tells_step_errno_and_path_of_a_failed_start) {
  begin(false);
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               any_event{event::start{{"amy", 1}, 0, {}}});
  settle();
  keeper.fail_start("web#0", "exec", ENOENT, "/bin/web");
  settle();
  verdict answer;
  pending.receive([&](const verdict& x) { answer = x; },
                  [](const caf::error&) { FAIL(); });
  EXPECT_EQ(answer.code, outcome::failed);
  for (auto part : {"exec", "/bin/web", "ENOENT"})
    EXPECT_NE(answer.text.find(part), std::string::npos) << answer.text;
  EXPECT_EQ(now().at, state::failed);
}

TEST_F(supervisor_test, answers_a_start_when_the_child_has_lived_a_while) {
  begin(false);
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               any_event{event::start{{"amy", 1}, 0, {}}});
  settle();
  keeper.confirm("web#0");
  advance(99ms);
  EXPECT_FALSE(self->has_next_message());
  advance(1ms);
  ASSERT_TRUE(self->has_next_message());
  pending.receive([](const verdict& x) { EXPECT_EQ(x.code, outcome::done); },
                  [](const caf::error&) { FAIL(); });
}

TEST_F(supervisor_test, adds_the_last_output_to_a_start_that_died_at_once) {
  disk.last_line = "cannot bind port 80";
  begin(false);
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               any_event{event::start{{"amy", 1}, 0, {}}});
  settle();
  keeper.confirm("web#0");
  settle();
  keeper.exit("web#0", 1);
  settle();
  verdict answer;
  pending.receive([&](const verdict& x) { answer = x; },
                  [](const caf::error&) { FAIL(); });
  EXPECT_EQ(answer.code, outcome::failed);
  EXPECT_NE(answer.text.find("cannot bind port 80"), std::string::npos)
    << answer.text;
}

// -- T-C8: the clock is set ----------------------------------------------------

// What the actors of a node go by.
static_assert(
  std::is_same_v<caf::actor_clock::clock_type, std::chrono::steady_clock>);
static_assert(caf::actor_clock::clock_type::is_steady);

/// A service that goes through every state with a timer, while somebody sets
/// the wall clock.
class clock_change_test : public supervisor_test {
protected:
  clock_change_test() {
    links->unix_ms = [this] {
      using std::chrono::milliseconds;
      auto real = coordinator().clock().now().time_since_epoch() + wall;
      return std::chrono::duration_cast<milliseconds>(real).count();
    };
    web->backoff.jitter = 0;
    web->spent.rest = 1min;
  }

  /// What happened, each with its time. The clock is set there and back by
  /// `jump` all the time.
  std::vector<std::string> walk(std::chrono::hours by) {
    jump = by;
    said.clear();
    last.clear();
    web->name += "x";
    key = web->name + "#0";
    begun = coordinator().clock().now();
    begin();
    look();
    pass(36s); // nobody answers: the start timeout
    keeper.fail_start(key, "timeout", ETIMEDOUT, "cgroup");
    settle();
    keeper.confirm(key); // started again at once
    order(event::stop{{"amy", 1}, 0, {}});
    pass(16s); // TERM 10s KILL, and then it is stuck
    keeper.die(key, SIGKILL);
    settle();
    look();
    order(event::start{{"amy", 1}, 0, {}});
    for (auto crashes = 0; at() != state::resting && crashes < 20; ++crashes) {
      while (at() == state::backoff)
        pass(10ms);
      keeper.confirm(key);
      settle();
      keeper.exit(key, 1);
      settle();
      look();
    }
    pass(61s); // of rest
    caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
    settle();
    return said;
  }

  void order(any_event what) {
    tell(uut, atom::change_v, std::move(what));
    look();
  }

  void pass(duration time) {
    for (auto end = coordinator().clock().now() + time;
         coordinator().clock().now() < end;) {
      wall = wall.count() == 0 ? jump : 0h;
      advance(10ms);
      look();
    }
  }

  state at() {
    return record.now.at(key).at;
  }

  /// Notes what has changed, to 10 ms.
  void look() {
    auto text = std::string{to_string(at())} + ", "
                + std::to_string(keeper.spawns) + " starts, "
                + std::to_string(keeper.signals.size()) + " signals";
    if (text == std::exchange(last, text))
      return;
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      coordinator().clock().now() - begun);
    said.push_back(std::to_string(ms.count()) + " ms: " + text);
  }

  std::chrono::hours wall{0};
  std::chrono::hours jump{0};
  std::chrono::steady_clock::time_point begun;
  std::string key;
  std::string last;
  std::vector<std::string> said;
};

TEST_F(clock_change_test, t_c8_no_timer_moves_when_the_clock_is_set_by_a_day) {
  auto undisturbed = walk(0h);
  auto has = [&](const std::string& text) {
    return std::any_of(undisturbed.begin(), undisturbed.end(), [&](auto& x) {
      return x.find(text) != std::string::npos;
    });
  };
  for (auto text :
       {"starting", "stopping", "stuck", "stopped", "backoff", "resting"})
    EXPECT_TRUE(has(text)) << text;
  EXPECT_NE(undisturbed.back().find("starting"), std::string::npos);
  for (auto by : {24h, -24h}) {
    keeper.spawns = 0;
    keeper.signals.clear();
    EXPECT_EQ(walk(by), undisturbed);
  }
}

// -- the last output ----------------------------------------------------------

TEST_F(supervisor_test, tells_of_an_end_when_its_output_is_in_the_file) {
  run();
  advance(1s);
  events.clear();
  disk.hangs = true;
  keeper.die("web#0", SIGKILL);
  settle();
  EXPECT_EQ(disk.finished, (std::vector<std::string>{"web#0"}));
  EXPECT_EQ(keeper.spawns, 2) << "the restart waits for the disk";
  keeper.confirm("web#0");
  settle();
  EXPECT_EQ(now().at, state::running);
  EXPECT_TRUE(events.empty());
  tell(disk_actor, atom::tick_v);
  EXPECT_EQ(event_names(),
            (std::vector<std::string>{"exit", "starting", "running", "ready"}));
}

TEST_F(supervisor_test, does_not_wait_long_for_the_output) {
  run();
  advance(1s);
  events.clear();
  disk.hangs = true;
  keeper.die("web#0", SIGKILL);
  settle();
  advance(supervisor_state::output_patience - 1ms);
  EXPECT_TRUE(events.empty());
  advance(1ms);
  EXPECT_EQ(event_names(), (std::vector<std::string>{"exit", "starting"}));
  keeper.confirm("web#0");
  settle();
  EXPECT_EQ(event_names().back(), "ready") << "later ones wait again";
  tell(disk_actor, atom::tick_v);
  EXPECT_EQ(events.size(), 4u);
}

TEST_F(supervisor_test, waits_for_the_output_of_each_end) {
  run();
  advance(1s);
  events.clear();
  disk.hangs = true;
  keeper.die("web#0", SIGKILL);
  settle();
  advance(100ms);
  keeper.confirm("web#0");
  keeper.die("web#0", SIGKILL);
  settle();
  advance(supervisor_state::output_patience - 100ms);
  auto told = event_names();
  EXPECT_EQ(std::count(told.begin(), told.end(), "exit"), 1);
  EXPECT_EQ(told.back(), "ready");
  tell(disk_actor, atom::tick_v);
  told = event_names();
  EXPECT_EQ(std::count(told.begin(), told.end(), "exit"), 2);
}

TEST_F(supervisor_test, answers_when_the_output_is_in_the_file) {
  run();
  disk.hangs = true;
  auto pending = self->request(
    uut, caf::infinite, atom::call_v,
    any_event{event::stop{{"amy", 1}, 0, std::chrono::seconds{10}}});
  settle();
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_FALSE(self->has_next_message());
  tell(disk_actor, atom::tick_v);
  ASSERT_TRUE(self->has_next_message());
  pending.receive([](const verdict& x) { EXPECT_EQ(x.code, outcome::done); },
                  [](const caf::error&) { FAIL(); });
}

TEST_F(supervisor_test, waits_for_no_output_where_none_is_logged) {
  web->log.reset();
  run();
  advance(1s);
  events.clear();
  disk.hangs = true;
  keeper.die("web#0", SIGKILL);
  settle();
  EXPECT_EQ(event_names(), (std::vector<std::string>{"exit", "starting"}));
  EXPECT_TRUE(disk.finished.empty());
}

TEST_F(supervisor_test, forgets_its_instance_after_it_told_of_the_end) {
  run();
  events.clear();
  disk.hangs = true;
  tell(uut, atom::change_v, any_event{event::remove{{"apply", 1}}});
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_TRUE(record.forgotten.empty());
  advance(supervisor_state::output_patience);
  auto told = event_names();
  EXPECT_EQ(std::count(told.begin(), told.end(), "exit"), 1);
  EXPECT_EQ(record.forgotten, (std::vector<std::string>{"web#0"}));
  tell(disk_actor, atom::tick_v);
}

TEST_F(supervisor_test, says_where_its_output_goes) {
  run();
  EXPECT_EQ(channels, (test::output_channels{{"web#0", "log:n1:web"}}));
  auto counted = std::make_shared<service>(*web);
  counted->counted = true;
  tell(uut, atom::change_v, any_event{event::change{counted, false}});
  EXPECT_EQ(channels, (test::output_channels{{"web#0", "log:n1:web:0"}}));
  auto silent = std::make_shared<service>(*web);
  silent->log.reset();
  tell(uut, atom::change_v, any_event{event::change{silent, false}});
  EXPECT_TRUE(channels.empty());
}

TEST_F(supervisor_test, treats_a_refused_spawn_as_a_failed_start) {
  keeper.refuse_next_spawn = fail(errc::already_exists, "web#0 lives");
  begin();
  EXPECT_NE(now().at, state::running);
  EXPECT_NE(now().at, state::starting);
}

TEST_F(supervisor_test, climbs_the_ladder_of_a_stop) {
  run();
  auto answer = ask<verdict>(uut, atom::call_v,
                             any_event{event::stop{{"amy", 1}, 0, {}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, outcome::done);
  EXPECT_EQ(now().at, state::stopping);
  advance(9999ms);
  auto kills = [this] {
    return std::count(keeper.signals.begin(), keeper.signals.end(),
                      std::pair{std::string{"web#0"}, SIGKILL});
  };
  EXPECT_EQ(kills(), 0);
  advance(1ms);
  EXPECT_EQ(kills(), 1);
  keeper.die("web#0", SIGKILL);
  settle();
  EXPECT_EQ(now().at, state::stopped);
}

TEST_F(supervisor_test, goes_on_after_the_node_was_killed) {
  run();
  advance(1s);
  auto note = keeper.notes.at("web#0");
  auto pid = keeper.last_pid;
  caf::anon_send_exit(uut, caf::exit_reason::kill);
  settle();
  events.clear();
  beginning how;
  how.definition = web;
  how.memory.kept = *decode(note, links->boot_offset);
  how.memory.present = memory::child::running;
  how.memory.spawn_id = keeper.last_spawn_id;
  how.memory.pid = static_cast<std::int32_t>(pid);
  begin(std::move(how));
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, pid);
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_TRUE(events.empty());
}

TEST_F(supervisor_test, tells_an_end_that_came_while_the_node_was_dead) {
  run();
  advance(1s);
  auto note = keeper.notes.at("web#0");
  auto id = keeper.last_spawn_id;
  caf::anon_send_exit(uut, caf::exit_reason::kill);
  settle();
  keeper.living.clear();
  events.clear();
  beginning how;
  how.definition = web;
  how.memory.kept = *decode(note, links->boot_offset);
  how.memory.present = memory::child::ended;
  how.memory.spawn_id = id;
  link::end_record end;
  end.kind = link::end_kind::exited;
  end.number = 3;
  how.end = link::ended{"web#0", id, link::stamp{1}, end};
  begin(std::move(how));
  auto names = event_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "exit"), 1);
  EXPECT_EQ(keeper.spawns, 2);
  EXPECT_EQ(keeper.acknowledged.back(), (std::pair{std::string{"web#0"}, id}));
}

TEST_F(supervisor_test, says_when_the_child_is_not_what_match_describes) {
  keeper.last_pid = ::getpid() - 1; // the child is this test
  web->match = "actors_tests";
  run();
  advance(1s);
  EXPECT_EQ(warnings.size(), 0u);
  auto other = std::make_shared<service>(*web);
  other->match = "^nginx: master";
  tell(uut, atom::change_v, any_event{event::change{other, true}});
  keeper.die("web#0", SIGTERM);
  settle();
  keeper.last_pid = ::getpid() - 1;
  keeper.confirm("web#0");
  settle();
  EXPECT_EQ(warnings.size(), 0u); // a wrapper may still become the program
  advance(1s);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].find("web: pid " + std::to_string(::getpid())), 0u);
  EXPECT_NE(warnings[0].find("match describes: ^nginx: master"),
            std::string::npos);
}

TEST_F(supervisor_test, ends_when_its_instance_is_removed) {
  run();
  tell(uut, atom::change_v, any_event{event::remove{{"apply", 1}}});
  keeper.die("web#0", SIGTERM);
  settle();
  EXPECT_EQ(record.forgotten, (std::vector<std::string>{"web#0"}));
  EXPECT_FALSE(keeper.clients.contains("web#0"));
}

TEST_F(supervisor_test, passes_on_that_the_exit_table_wants_the_end) {
  web->exit.set("9", {decision::action::shutdown, {}});
  run();
  advance(1s);
  keeper.exit("web#0", 9);
  settle();
  ASSERT_EQ(record.stopped.size(), 1u);
  EXPECT_EQ(record.stopped[0], 9);
}

// -- history ----------------------------------------------------------------------

TEST_F(supervisor_test, puts_what_it_publishes_into_the_history) {
  run();
  auto kept = links->history->take(100).events;
  ASSERT_EQ(kept.size(), events.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(kept[i].key, "web#0");
    EXPECT_EQ(kept[i].name, event_names()[i]);
    EXPECT_EQ(kept[i].payload, events[i].second);
    auto told = nlohmann::json::parse(kept[i].payload);
    EXPECT_EQ(to_string(kept[i].id), told["id"]);
  }
}

TEST_F(supervisor_test, puts_the_end_there_again_that_a_dead_node_knew_of) {
  beginning how;
  how.definition = web;
  note kept;
  kept.at = state::backoff;
  kept.wanted_up = true;
  kept.spawn_id = kept.ended_spawn = 3;
  kept.ended_event = {77, 1};
  kept.last = cause::exited(4);
  kept.last_at = coordinator().clock().now() - 2s;
  how.memory.kept = kept;
  begin(std::move(how));
  auto again = links->history->take(1).events;
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].id, (event_id{77, 1}));
  EXPECT_EQ(again[0].name, "exit");
  auto told = nlohmann::json::parse(again[0].payload);
  EXPECT_EQ(told["cause"], "exit 4");
  EXPECT_EQ(told["ts"], links->unix_ms() - 2'000);
  EXPECT_TRUE(events.empty()) << "nobody is told twice";
}

TEST_F(supervisor_test, reloads_by_a_command_and_says_how_it_ended) {
  web->reload = {{0, {"webctl", "reload"}}};
  run();
  auto ask_reload = [this] {
    return self->request(uut, caf::infinite, atom::call_v,
                         any_event{event::reload{}});
  };
  auto job = [this] {
    for (auto& [key, _] : keeper.living)
      if (key.starts_with("reload:"))
        return key;
    return std::string{};
  };
  auto first = ask_reload();
  settle();
  ASSERT_NE(job(), "");
  keeper.exit(job(), 0);
  settle();
  first.receive(
    [](const verdict& x) {
      EXPECT_EQ(x.code, outcome::done);
      EXPECT_EQ(x.text, "reloaded");
    },
    [](const caf::error&) { FAIL(); });
  auto second = ask_reload();
  settle();
  keeper.exit(job(), 3);
  settle();
  second.receive(
    [](const verdict& x) {
      EXPECT_EQ(x.code, outcome::failed);
      EXPECT_EQ(x.text, "its reload command ended with exit 3");
    },
    [](const caf::error&) { FAIL(); });
  auto third = ask_reload();
  settle();
  keeper.fail_start(job(), "exec", ENOENT, "webctl");
  settle();
  third.receive([](const verdict& x) { EXPECT_EQ(x.code, outcome::failed); },
                [](const caf::error&) { FAIL(); });
  EXPECT_EQ(now().at, state::running); // nothing of it concerned the child
  EXPECT_EQ(keeper.acknowledged.size(), 3u);
}

TEST_F(supervisor_test, kills_a_reload_command_that_hangs) {
  web->reload = {{0, {"webctl", "reload"}}};
  run();
  auto pending = self->request(uut, caf::infinite, atom::call_v,
                               any_event{event::reload{}});
  settle();
  advance(10s);
  pending.receive([](const verdict& x) { EXPECT_EQ(x.code, outcome::timeout); },
                  [](const caf::error&) { FAIL(); });
  EXPECT_TRUE(keeper.signals.back().first.starts_with("reload:"));
  EXPECT_EQ(keeper.signals.back().second, SIGKILL);
}

// -- hooks ---------------------------------------------------------------------

class supervisor_hooks_test : public supervisor_test {
protected:
  /// The key of the only hook that runs; its child lives.
  std::string running(const std::string& which) {
    for (auto& [key, child] : keeper.living)
      if (key.starts_with(which + ":")) {
        if (child.pid == 0)
          keeper.confirm(key);
        settle();
        return key;
      }
    ADD_FAILURE() << "no " << which << " runs";
    return {};
  }

  bool runs(const std::string& which) const {
    for (auto& [key, _] : keeper.living)
      if (key.starts_with(which + ":"))
        return true;
    return false;
  }

  /// The last SPAWN of such a hook.
  link::spawn order(const std::string& which) const {
    link::spawn found;
    for (auto& x : keeper.heard)
      if (auto spawn = std::get_if<link::spawn>(&x);
          spawn && spawn->key.starts_with(which + ":"))
        found = *spawn;
    return found;
  }

  static std::string variable(const link::spawn& x, const std::string& name) {
    for (auto& y : x.what.env)
      if (y.starts_with(name + "="))
        return y.substr(name.size() + 1);
    return "none";
  }

  void exit(const std::string& key, int code) {
    keeper.exit(key, code);
    settle();
  }
};

TEST_F(supervisor_hooks_test, run_as_the_service_one_after_the_other) {
  web->before.commands = {{"/bin/a"}, {"/bin/b", "x"}};
  web->user = "www";
  web->dir = "/srv";
  begin();
  EXPECT_FALSE(keeper.living.contains("web#0"));
  auto first = order("before");
  EXPECT_EQ(first.kind, link::child_class::job);
  EXPECT_EQ(first.what.argv, (std::vector<std::string>{"/bin/a"}));
  EXPECT_EQ(first.what.user, "www");
  EXPECT_EQ(first.what.dir, "/srv");
  EXPECT_EQ(variable(first, "SAKER_NAME"), "web");
  EXPECT_EQ(variable(first, "SAKER_HOOK"), "before");
  exit(running("before"), 0);
  EXPECT_EQ(order("before").what.argv,
            (std::vector<std::string>{"/bin/b", "x"}));
  exit(running("before"), 0);
  EXPECT_TRUE(keeper.living.contains("web#0"));
}

TEST_F(supervisor_hooks_test, a_before_that_fails_leaves_out_the_rest) {
  web->before.commands = {{"/bin/a"}, {"/bin/b"}};
  web->exit.set("3", {decision::action::fatal, {}});
  begin();
  exit(running("before"), 3);
  EXPECT_EQ(order("before").what.argv.front(), "/bin/a");
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().reason, "before /bin/a: exit 3");
}

TEST_F(supervisor_hooks_test, a_before_that_is_not_there_fails_as_exec_does) {
  web->before.commands = {{"/bin/a"}};
  begin();
  keeper.fail_start(keeper.living.begin()->first, "exec", ENOENT, "/bin/a");
  settle();
  EXPECT_EQ(now().last.what, cause::kind::exec);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().reason.find("before /bin/a: exec /bin/a: No such file"), 0u)
    << now().reason;
}

TEST_F(supervisor_hooks_test, a_before_without_memory_is_tried_again_later) {
  web->before.commands = {{"/bin/a"}};
  begin();
  keeper.fail_start(keeper.living.begin()->first, "fork", EAGAIN, "/bin/a");
  settle();
  EXPECT_EQ(now().last.what, cause::kind::resources);
  EXPECT_EQ(now().at, state::backoff);
}

TEST_F(supervisor_hooks_test, a_before_that_takes_too_long_is_killed) {
  web->before = {{{"/bin/a"}}, 5s};
  web->exit.set("timeout", {decision::action::fatal, {}});
  begin();
  auto key = running("before");
  advance(5s);
  EXPECT_EQ(keeper.signals.back(), (std::pair{key, SIGKILL}));
  keeper.die(key, SIGKILL);
  settle();
  EXPECT_EQ(now().last.what, cause::kind::timeout);
  EXPECT_NE(now().reason.find("it took too long and was killed"),
            std::string::npos)
    << now().reason;
}

TEST_F(supervisor_hooks_test, a_stop_kills_before) {
  web->before.commands = {{"/bin/a"}, {"/bin/b"}};
  begin();
  auto key = running("before");
  self->send(uut, atom::call_v, any_event{event::stop{{}, 0, {}}});
  settle();
  EXPECT_EQ(now().at, state::stopping);
  EXPECT_EQ(keeper.signals.back(), (std::pair{key, SIGKILL}));
  keeper.die(key, SIGKILL);
  settle();
  EXPECT_EQ(now().at, state::stopped);
  EXPECT_TRUE(keeper.living.empty());
}

TEST_F(supervisor_hooks_test, after_is_told_how_it_ended_and_may_fail) {
  web->after.commands = {{"/bin/a"}, {"/bin/b"}};
  run();
  keeper.exit("web#0", 7);
  settle();
  auto what = order("after");
  EXPECT_EQ(variable(what, "SAKER_CAUSE"), "exit 7");
  EXPECT_EQ(variable(what, "SAKER_CODE"), "7");
  EXPECT_EQ(variable(what, "SAKER_SIGNAL"), "none");
  exit(running("after"), 1);
  EXPECT_EQ(warnings, (std::vector<std::string>{"web: after /bin/a: exit 1"}));
  exit(running("after"), 0);
  EXPECT_EQ(keeper.spawns, 4); // web, two commands, web again
}

TEST_F(supervisor_hooks_test, on_failed_is_told_the_last_line) {
  web->on_failed.commands = {{"/bin/mail"}};
  web->exit.set("*", {decision::action::fatal, {}});
  disk.last_line = "no database";
  run();
  keeper.die("web#0", SIGSEGV);
  settle();
  EXPECT_EQ(now().at, state::failed);
  auto what = order("on_failed");
  EXPECT_EQ(variable(what, "SAKER_HOOK"), "on_failed");
  EXPECT_EQ(variable(what, "SAKER_NODE"), "n1");
  EXPECT_EQ(variable(what, "SAKER_CAUSE"), "SIGSEGV");
  EXPECT_EQ(variable(what, "SAKER_SIGNAL"), "SIGSEGV");
  EXPECT_EQ(variable(what, "SAKER_CODE"), "none");
  EXPECT_EQ(variable(what, "SAKER_LAST_LINE"), "no database");
  EXPECT_EQ(variable(what, "SAKER_REASON").find("SIGSEGV after"), 0u);
  exit(running("on_failed"), 0);
  EXPECT_EQ(now().at, state::failed);
}

// -- daemons -----------------------------------------------------------------------

class daemon_test : public supervisor_test {
protected:
  daemon_test() {
    web->daemon.emplace();
    web->daemon->pidfile = "/run/web.pid";
    web->user = "www";
  }

  /// Its program has left.
  void launch() {
    begin();
    settle();
    keeper.confirm("web#0");
    settle();
    keeper.leave("web#0");
    settle();
  }

  /// … and its process, pid 55, is known.
  void bring_up() {
    launch();
    search.shows("/run/web.pid", 55);
    advance(1s);
    ASSERT_EQ(now().at, state::running);
    events.clear();
    keeper.signals.clear();
  }
};

TEST_F(daemon_test, t_c2_runs_as_the_process_that_its_pidfile_names) {
  launch();
  advance(1s);
  EXPECT_EQ(now().at, state::starting);
  search.shows("/run/web.pid", 55);
  advance(1s);
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 55);
  EXPECT_EQ(keeper.spawns, 1);
  ASSERT_EQ(keeper.adopted.size(), 1u);
  EXPECT_EQ(keeper.adopted[0].start_time, 155u);
  EXPECT_EQ(keeper.adopted[0].needs, link::proof::none);
  EXPECT_EQ(search.asked[0], (process::daemon_rule{"/run/web.pid", "", "www"}));
  EXPECT_EQ(event_names(),
            (std::vector<std::string>{"starting", "running", "ready"}));
  auto asked = search.asked.size();
  advance(60s);
  EXPECT_EQ(search.asked.size(), asked); // nobody looks without a reason
}

TEST_F(daemon_test, one_that_runs_already_is_not_started_twice) {
  search.shows("/run/web.pid", 55);
  begin();
  advance(1s);
  EXPECT_EQ(keeper.spawns, 0);
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 55);
  EXPECT_EQ(event_names(), (std::vector<std::string>{"starting", "adopted",
                                                     "running", "ready"}));
  EXPECT_TRUE(std::any_of(logged.begin(), logged.end(), [](auto& x) {
    return x.find("found running: pid 55") != x.npos;
  }));
}

TEST_F(daemon_test, a_forged_pidfile_points_at_nobody) {
  search.shows("/run/web.pid", 1234, false);
  search.seen["/run/web.pid"].text = "others than root could have written that";
  begin();
  settle();
  EXPECT_TRUE(keeper.adopted.empty());
  EXPECT_EQ(keeper.spawns, 1);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("others than root"), std::string::npos);
  keeper.confirm("web#0");
  settle();
  keeper.refuse_next_adopt = fail(errc::refused, "no kin");
  keeper.leave("web#0");
  settle();
  EXPECT_EQ(now().at, state::starting);
  // The same file, and now the keeper says that it descends from the service.
  advance(1s);
  ASSERT_EQ(keeper.adopted.size(), 1u);
  EXPECT_EQ(keeper.adopted[0].needs, link::proof::kin);
  EXPECT_EQ(now().at, state::running);
}

TEST_F(daemon_test, one_that_does_not_come_up_is_ended_and_says_why) {
  search.seen["/run/web.pid"].text = "/run/web.pid: no such file";
  web->exit.set("*", {decision::action::fatal, {}});
  launch();
  advance(29s);
  EXPECT_EQ(now().at, state::starting);
  advance(2s);
  EXPECT_EQ(keeper.signals.back(), (std::pair<std::string, int>{"web#0", 9}));
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().last.what, cause::kind::timeout);
  EXPECT_EQ(now().reason,
            "its daemon was not found: /run/web.pid: no such file");
}

TEST_F(daemon_test, a_program_that_fails_is_judged_as_any_other) {
  web->exit.set("*", {decision::action::fatal, {}});
  begin();
  settle();
  keeper.confirm("web#0");
  settle();
  keeper.exit("web#0", 7);
  advance(1s);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(now().last, cause::exited(7));
  auto asked = search.asked.size();
  advance(60s);
  EXPECT_EQ(search.asked.size(), asked);
}

TEST_F(daemon_test, several_that_could_be_it_are_left_alone) {
  web->daemon = daemon_settings{"", "^web"};
  search.seen["^web"].what = process::finding::kind::several;
  search.seen["^web"].text = "match \"^web\" fits 2 processes";
  begin();
  settle();
  EXPECT_EQ(keeper.spawns, 0);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_NE(now().reason.find("fits 2 processes"), std::string::npos);
}

TEST_F(daemon_test, one_that_is_replaced_is_followed_without_a_restart) {
  bring_up();
  search.shows("/run/web.pid", 77);
  keeper.leave("web#0", 0);
  settle();
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 77);
  EXPECT_EQ(now().restarts, 0u);
  EXPECT_EQ(event_names(), std::vector<std::string>{"adopted"});
  EXPECT_TRUE(keeper.signals.empty());
}

TEST_F(daemon_test, its_end_is_judged_once_nobody_has_followed) {
  bring_up();
  search.seen["/run/web.pid"] = {};
  keeper.leave("web#0", 3);
  settle();
  EXPECT_EQ(now().at, state::running); // not yet
  advance(150ms);
  EXPECT_EQ(keeper.spawns, 2);
  EXPECT_EQ(now().last, cause::exited(3));
  EXPECT_EQ(event_names()[0], "exit");
}

TEST_F(daemon_test, a_wanted_end_is_not_followed) {
  bring_up();
  search.shows("/run/web.pid", 77);
  tell(uut, atom::change_v, any_event{event::stop{}});
  EXPECT_EQ(keeper.signals[0], (std::pair<std::string, int>{"web#0", SIGTERM}));
  keeper.leave("web#0");
  settle();
  EXPECT_EQ(now().at, state::stopped);
  EXPECT_EQ(keeper.adopted.size(), 1u);
}

TEST_F(daemon_test, a_new_node_goes_on_with_the_search) {
  launch();
  beginning how;
  how.definition = web;
  how.memory.wanted_up = true;
  how.memory.kept = *decode(keeper.notes.at("web#0"), links->boot_offset);
  how.memory.present = memory::child::spawning;
  how.memory.spawn_id = keeper.last_spawn_id;
  how.held = link::row_state::seeking;
  search.shows("/run/web.pid", 55);
  caf::anon_send_exit(uut, caf::exit_reason::kill); // the old one
  settle();
  begin(std::move(how));
  advance(1s);
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 55);
  EXPECT_EQ(keeper.spawns, 1);
}

TEST_F(daemon_test, a_new_node_looks_who_followed_meanwhile) {
  bring_up();
  auto kept = *decode(keeper.notes.at("web#0"), links->boot_offset);
  caf::anon_send_exit(uut, caf::exit_reason::kill);
  settle();
  keeper.living.at("web#0").seeking = true;
  beginning how;
  how.definition = web;
  how.memory.wanted_up = true;
  how.memory.kept = kept;
  how.memory.present = memory::child::spawning;
  how.memory.spawn_id = kept.spawn_id;
  how.held = link::row_state::seeking;
  search.shows("/run/web.pid", 78);
  begin(std::move(how));
  settle();
  EXPECT_EQ(now().at, state::running);
  EXPECT_EQ(now().pid, 78);
}

TEST_F(supervisor_test, t_c2_one_that_went_into_the_background_is_named) {
  run();
  keeper.tell_orphan("web#0", 99);
  keeper.exit("web#0", 0);
  advance(90ms);
  EXPECT_EQ(now().at, state::failed);
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_NE(now().reason.find("daemonised"), std::string::npos);
  EXPECT_NE(now().reason.find("declare daemon = "), std::string::npos);
}

} // namespace
} // namespace saker
