#pragma once

#include "lua/host.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace saker::lua::test {

/// A host without a world: remembers what it was asked for; its clock moves
/// when the test says so, and by `tick` at each look.
class fake_host : public host {
public:
  struct line {
    log_level level;
    std::string text;
    bool operator==(const line&) const = default;
  };

  struct message {
    request_id id;
    std::string channel;
    std::string text;
  };

  struct child {
    request_id id;
    exec_spec what;
  };

  struct command {
    request_id id;
    std::vector<std::string> argv;
  };

  struct event {
    request_id id;
    std::string name;
    std::string json;
  };

  time_point now() override {
    clock += tick;
    return clock;
  }

  wall_time_point wall_time() override {
    return wall;
  }

  void turn_of(std::string_view alias) override {
    running = alias;
  }

  void log(log_level level, std::string_view text) override {
    lines.push_back({level, std::string{text}});
  }

  void publish(request_id id, std::string channel, std::string text) override {
    open(id);
    published.push_back({id, std::move(channel), std::move(text)});
  }

  void exec(request_id id, exec_spec what) override {
    open(id);
    children.push_back({id, std::move(what)});
  }

  void call(request_id id, std::vector<std::string> argv) override {
    open(id);
    called.push_back({id, std::move(argv)});
  }

  void emit(request_id id, std::string name, std::string json) override {
    open(id);
    events.push_back({id, std::move(name), std::move(json)});
  }

  void work(request_id id, chore what) override {
    open(id);
    chores.emplace_back(id, std::move(what));
  }

  void subscribe(callback_id id, std::string pattern) override {
    EXPECT_TRUE(subscribed.emplace(id, std::move(pattern)).second);
  }

  void unsubscribe(callback_id id) override {
    EXPECT_EQ(subscribed.erase(id), 1u) << "was not subscribed: " << id;
  }

  void forget(request_id id) override {
    EXPECT_EQ(waiting.erase(id), 1u) << "nobody waited for " << id;
    forgotten.push_back(id);
  }

  void open(request_id id) {
    EXPECT_TRUE(waiting.emplace(id, true).second) << "used twice: " << id;
  }

  time_point clock{std::chrono::hours{1}};
  wall_time_point wall{std::chrono::seconds{1'700'000'000}};
  std::chrono::nanoseconds tick{1};
  std::string running; ///< the alias whose task had the last turn
  std::vector<line> lines;
  std::vector<message> published;
  std::vector<child> children;
  std::vector<command> called;
  std::vector<event> events;
  std::vector<std::pair<request_id, chore>> chores; ///< not done
  std::map<callback_id, std::string> subscribed;
  std::vector<request_id> forgotten;
  std::map<request_id, bool> waiting;
};

} // namespace saker::lua::test
