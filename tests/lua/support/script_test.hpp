#pragma once

#include "lua/script.hpp"
#include "tests/lua/support/fake_host.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace saker::lua::test {

/// One script and its fake host. Everything is done by steps; a script that
/// never falls silent fails the test instead of hanging it.
class script_test : public ::testing::Test {
protected:
  script_test() {
    options.name = "test.lua";
    options.engine.memory = 8u << 20;
    options.allowed.time = std::chrono::milliseconds{50};
  }

  script& uut() {
    if (!script_)
      script_ = std::make_unique<script>(env, options);
    return *script_;
  }

  /// Steps until nothing is ready; returns what ended.
  std::vector<finished_task> settle(int most = 2'000'000) {
    std::vector<finished_task> out;
    for (int i = 0; i < most; ++i) {
      auto result = uut().step(env.clock);
      changed |= result.commands;
      exhausted |= result.exhausted;
      taken += result.taken.count;
      for (auto& x : result.finished)
        out.push_back(std::move(x));
      if (!result.ready)
        return out;
    }
    ADD_FAILURE() << "the script never falls silent";
    return out;
  }

  std::vector<finished_task> advance(std::chrono::nanoseconds time) {
    env.clock += time;
    return settle();
  }

  /// Runs a file to its end; it must not fail.
  void load(std::string_view text) {
    auto begun = uut().load("test.lua", text);
    ASSERT_TRUE(begun) << begun.error().detail;
    auto ended = settle();
    ASSERT_FALSE(ended.empty()) << "the file waits for something";
    ASSERT_EQ(ended[0].id, *begun);
    ASSERT_TRUE(ended[0].value) << ended[0].value.error().detail;
  }

  /// Makes `text` the body of the command "test".
  void define(std::string_view text) {
    load("saker.register('test', function(args) " + std::string{text}
         + "\nend, PROP_PASSIVITY)");
  }

  task_id begin(std::vector<std::string> args = {},
                resp::protocol dialect = resp::protocol::resp3) {
    auto id = uut().call("test", std::move(args), dialect);
    EXPECT_TRUE(id) << id.error().detail;
    return id ? *id : 0;
  }

  /// Calls "test", lets time pass while it sleeps, and returns its result.
  result<resp::value> call(std::vector<std::string> args = {},
                           resp::protocol dialect = resp::protocol::resp3) {
    auto id = begin(std::move(args), dialect);
    for (int i = 0; i < 1000; ++i) {
      for (auto& x : settle())
        if (x.id == id)
          return std::move(x.value);
      if (do_chores())
        continue;
      auto next = uut().next_wake();
      if (!next)
        break;
      env.clock = *next;
    }
    return fail(errc::timeout, "the task waits for ever");
  }

  /// Does the chores that were asked for; false if there were none.
  bool do_chores() {
    auto all = std::exchange(env.chores, {});
    std::atomic<bool> go_on{false};
    for (auto& [id, what] : all) {
      env.waiting.erase(id);
      auto x = what.run(go_on);
      if (x)
        uut().answer(id, std::move(*x));
      else
        uut().answer(id, x.error());
    }
    return !all.empty();
  }

  /// The same for the body of a function.
  result<resp::value>
  eval(std::string_view text, std::vector<std::string> args = {}) {
    define(text);
    return call(std::move(args));
  }

  /// What a refused API call answered.
  std::string refusal(std::string_view expression) {
    auto out = eval("local ok, why = " + std::string{expression}
                    + " assert(ok == nil) return why");
    EXPECT_TRUE(out) << out.error().detail;
    auto text = out ? std::string{out->text()} : "";
    EXPECT_EQ(text.find("test.lua:1: "), 0u) << text;
    return text.substr(std::min<std::size_t>(text.size(), 12));
  }

  std::vector<std::string> aliases() {
    std::vector<std::string> out;
    for (auto& x : uut().commands())
      out.push_back(x.alias);
    return out;
  }

  task_info row(std::string_view alias) {
    for (auto& x : uut().tasks())
      if (x.alias == alias)
        return x;
    ADD_FAILURE() << "no alias " << alias;
    return {};
  }

  /// Runs the command "test" until it waits for the host.
  void begin_waiting(std::string_view text) {
    define(text);
    begin();
    EXPECT_TRUE(settle().empty());
    EXPECT_EQ(env.waiting.size(), 1u);
  }

  request_id open_request() {
    return env.waiting.empty() ? 0 : env.waiting.begin()->first;
  }

  /// Answers the open request and returns what the task replies.
  template <class T>
  std::string reply_to(T answer) {
    auto id = open_request();
    env.waiting.erase(id);
    uut().answer(id, std::move(answer));
    auto ended = settle();
    EXPECT_EQ(ended.size(), 1u);
    if (ended.size() != 1)
      return "";
    EXPECT_TRUE(ended[0].value) << ended[0].value.error().detail;
    return ended[0].value ? to_string(*ended[0].value) : "";
  }

  fake_host env;
  script_options options;
  bool changed = false;
  bool exhausted = false;
  std::size_t taken = 0; ///< messages
  std::unique_ptr<script> script_;
};

} // namespace saker::lua::test
