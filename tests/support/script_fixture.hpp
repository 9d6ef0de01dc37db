#pragma once

#include "actors/broker.hpp"
#include "actors/librarian.hpp"
#include "actors/script.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_crew.hpp"

#include <map>

namespace saker::test {

using namespace std::chrono_literals;

/// Answers every command with the words of it.
/// The number is only there because CAF 0.17 binds a null reference for an
/// actor without arguments, which UBSan tells.
inline command_actor::behavior_type echoing(command_actor::pointer, int) {
  return {
    [](atom::call, const command_call& what) {
      std::string text;
      for (auto& x : what.what.args)
        text += x + ' ';
      return resp::value{text + what.from};
    },
  };
}

/// Answers every exec with its first word, but "/wait" never.
inline job_actor::behavior_type
fake_job(job_actor::pointer self, int* running) {
  ++*running;
  self->attach_functor([running] { --*running; });
  return {
    [](atom::tell, const link::spawned&, const handed_fds&) {},
    [](atom::tell, const link::ended&) {},
    [](atom::tell, const link::left&) {},
    [](atom::tell, const link::orphan&) {},
    [self](atom::call,
           const lua::exec_spec& what) -> caf::result<lua::exec_result> {
      if (what.argv[0] == "/wait")
        return self->make_response_promise<lua::exec_result>();
      self->quit();
      if (what.argv[0] == "/nope")
        return to_error(fail(errc::spawn_failed, "exec /nope: ENOENT"));
      return lua::exec_result{0, 0, what.argv[0], ""};
    },
    [](atom::call, const job_order&) { return lua::exec_result{}; },
    [](atom::readable) {},
    [](atom::expire) {},
    [self](atom::finish) { self->quit(); },
  };
}

/// Scripts, their librarian and the broker; what they ask for is answered here.
class script_fixture : public actor_test {
protected:
  script_fixture() {
    connections->settings = std::make_shared<session::settings>();
    connections->broker = spawn(broker, broker_links{nullptr, &figures});
    connections->roster = spawn(echoing, 0);
    connections->gateway = connections->roster;
    connections->figures = &figures;
    auto with = std::make_shared<script_links>();
    with->connections = connections;
    with->job = [this] { return sys.spawn(fake_job, &jobs_running); };
    with->log = [this](lua::log_level, const std::string& x) {
      log.push_back(x);
      if (x == "a.lua: hold the thread" && held)
        std::exchange(held, nullptr)();
    };
    with->now = [this] {
      if (std::exchange(threads_fail, false))
        throw std::runtime_error("no clock");
      return sys.clock().now();
    };
    with->threads = &threads;
    with->chores = &threads;
    with->emit = [this](const std::string& file, const std::string& name,
                        const std::string& json) {
      emitted.push_back(file + ' ' + name + ' ' + json);
      return std::string{"1-1"};
    };
    with->options.engine.offers = lua::profile::script;
    with->options.engine.memory = 8 << 20;
    with->options.engine.slice = 1'000;
    with->options.allowed = {40'000'000, 1s};
    links = with;
    librarian_links lib;
    lib.watch = false;
    lib.directory = directory;
    lib.spawn = [this](std::string file) {
      return sys.spawn(script, shared_script_links{links}, std::move(file));
    };
    lib.say = lib.warn = [this](const std::string& x) { log.push_back(x); };
    lib.read = [this](std::vector<std::string>&) {
      return std::vector<std::pair<std::string, std::string>>{files.begin(),
                                                              files.end()};
    };
    uut = spawn(librarian, std::move(lib));
    connections->librarian = caf::actor_cast<command_actor>(uut);
  }

  void TearDown() override {
    ask<bool>(uut, atom::finish_v);
    advance(10s);
    directory->replace(nullptr);
    connections->librarian = nullptr;
    actor_test::TearDown();
    while (threads.run_one())
      ; // nop
  }

  bool run_elsewhere() override {
    return threads.run_one();
  }

  resp::value command(std::vector<std::string> args) {
    command_call call;
    call.what.command = resp::find_command(args[0]);
    call.what.args = std::move(args);
    auto x = ask<resp::value>(uut, atom::call_v, std::move(call));
    return x ? *x : resp::value{resp::error{"no answer"}};
  }

  /// Calls an alias as a connection does: through the directory.
  resp::value call(std::vector<std::string> args) {
    auto table = directory->aliases();
    auto* alias = table ? table->find(args[0]) : nullptr;
    if (!alias)
      return resp::error{"no such alias"};
    command_call what;
    what.what.args = std::move(args);
    what.what.args[0] = alias->name; // as the session does
    what.what.protocol = resp::protocol::resp3;
    auto x = ask<resp::value>(directory->script(alias->script), atom::call_v,
                              std::move(what));
    return x ? *x : resp::value{resp::error{"no answer"}};
  }

  resp::value load(const std::string& file, const std::string& text) {
    files[file] = text;
    return command({"LOAD", file});
  }

  fake_crew threads; // outlives all that has work for it
  std::vector<std::string> emitted;
  node_figures figures;
  std::shared_ptr<connection_links> connections
    = std::make_shared<connection_links>();
  shared_script_links links;
  std::shared_ptr<command_directory> directory
    = std::make_shared<command_directory>();
  std::map<std::string, std::string> files;
  std::vector<std::string> log;
  bool threads_fail = false;
  int jobs_running = 0;
  std::function<void()> held; ///< runs when a script logs "hold the thread"
  librarian_actor uut;
};

} // namespace saker::test
