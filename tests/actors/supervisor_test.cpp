#include "tests/support/supervisor_world.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <nlohmann/json.hpp>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

using supervisor_test = test::supervisor_world;

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
  auto [key, signal] = keeper.signals.back();
  EXPECT_TRUE(key.starts_with("reload:"));
  EXPECT_EQ(signal, SIGKILL);
  keeper.die(key, SIGKILL);
  settle();
  self->send(uut, atom::call_v, any_event{event::reload{}});
  settle();
  auto next
    = std::find_if(keeper.living.begin(), keeper.living.end(),
                   [](auto& x) { return x.first.starts_with("reload:"); });
  ASSERT_NE(next, keeper.living.end()) << "the next one may begin";
  keeper.exit(next->first, 0);
  settle();
}

} // namespace
} // namespace saker
