#pragma once

#include "messages/error.hpp"
#include "messages/keeper_link_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace saker::test {

/// A keeper without processes, as strict as the real one: one living child
/// per key, growing spawn-ids, no signal to what does not live. The test says
/// what the children do.
struct fake_keeper {
  struct child {
    std::uint64_t spawn_id = 0;
    std::int64_t pid = 0; ///< 0: asked for, exec not confirmed
    bool daemon = false;
    bool seeking = false;
    link::end_record how = {}; ///< of the process before, while seeking
  };

  std::vector<link::request> heard;
  std::map<std::string, child> living;
  std::map<std::string, std::string> notes;
  std::map<std::string, keeper_client_actor> clients;
  std::vector<std::pair<std::string, int>> signals;
  std::vector<std::pair<std::string, std::uint64_t>> acknowledged;
  std::uint64_t last_spawn_id = 0;
  std::map<std::string, std::uint64_t> last_spawn_ids;
  std::int64_t last_pid = 100;
  int spawns = 0;
  failure refuse_next_spawn; ///< none: accept
  failure refuse_next_adopt; ///< none: accept
  std::vector<link::adopt> adopted;
  std::function<link::stamp()> clock = [] { return link::stamp{1}; };
  std::vector<link::shutdown> farewells;

  result<void> take(const link::request& what) {
    heard.push_back(what);
    return std::visit([this](auto& x) { return on(x); }, what);
  }

  // -- what the children do ------------------------------------------------------

  /// `output`: our ends of its pipes.
  void confirm(const std::string& key, std::vector<unique_fd> output = {}) {
    auto& x = living.at(key);
    EXPECT_EQ(x.pid, 0) << key << " runs already";
    x.pid = ++last_pid;
    caf::anon_send(clients.at(key), atom::tell_v,
                   link::spawned{0, key, x.spawn_id, x.pid, clock()},
                   std::make_shared<std::vector<unique_fd>>(std::move(output)));
  }

  void end(const std::string& key, link::end_record how) {
    auto x = living.extract(key);
    ASSERT_FALSE(x.empty()) << key << " does not live";
    how.ended = clock();
    caf::anon_send(clients.at(key), atom::tell_v,
                   link::ended{key, x.mapped().spawn_id, clock(), how});
  }

  void exit(const std::string& key, int code) {
    link::end_record how;
    how.kind = link::end_kind::exited;
    how.number = code;
    end(key, how);
  }

  void die(const std::string& key, int signal) {
    link::end_record how;
    how.kind = link::end_kind::signaled;
    how.number = signal;
    end(key, how);
  }

  /// Something that it started lives on (`kill = "leader"`).
  void tell_orphan(const std::string& key, pid_t pid) {
    caf::anon_send(clients.at(key), atom::tell_v,
                   link::orphan{key, living.at(key).spawn_id, pid, "web -d"});
  }

  /// The program or the process of a daemon ends in a way that may go on.
  void leave(const std::string& key, int code = 0) {
    auto& x = living.at(key);
    EXPECT_TRUE(x.daemon) << key << " is no daemon";
    x.seeking = true;
    x.how = {};
    x.how.kind = link::end_kind::exited;
    x.how.number = code;
    caf::anon_send(clients.at(key), atom::tell_v,
                   link::left{key, x.spawn_id, x.how});
  }

  void fail_start(const std::string& key, const std::string& step, int error,
                  const std::string& path) {
    link::end_record how;
    how.kind = link::end_kind::failed;
    how.number = error;
    how.step = step;
    how.path = path;
    end(key, how);
  }

private:
  result<void> on(const link::spawn& x) {
    if (refuse_next_spawn.code != errc::none)
      return std::exchange(refuse_next_spawn, {});
    if (living.contains(x.key))
      return fail(errc::already_exists, x.key + " has a living child");
    auto& last = last_spawn_ids[x.key];
    if (x.spawn_id <= last)
      return fail(errc::refused, "spawn-id is not larger");
    last = x.spawn_id;
    EXPECT_FALSE(x.what.argv.empty());
    last_spawn_id = x.spawn_id;
    living[x.key] = {x.spawn_id, 0, x.kind == link::child_class::daemon};
    ++spawns;
    return {};
  }

  result<void> on(const link::adopt& x) {
    if (refuse_next_adopt.code != errc::none)
      return std::exchange(refuse_next_adopt, {});
    auto known = living.find(x.key);
    if (known == living.end()) {
      auto& last = last_spawn_ids[x.key];
      if (x.spawn_id <= last)
        return fail(errc::refused, "spawn-id is not larger");
      last = x.spawn_id;
      known = living.emplace(x.key, child{x.spawn_id, 0, true}).first;
    } else if (known->second.spawn_id != x.spawn_id) {
      return fail(errc::already_exists, x.key + " has a living child");
    } else if (!known->second.seeking && known->second.pid != x.pid) {
      return fail(errc::busy, x.key + " has a process");
    }
    known->second.pid = x.pid;
    known->second.seeking = false;
    adopted.push_back(x);
    return {};
  }

  result<void> on(const link::signal& x) {
    EXPECT_GE(x.number, 0); // 0 only asks
    if (!living.contains(x.key))
      return fail(errc::not_found, x.key + " does not live");
    signals.emplace_back(x.key, x.number);
    if (living.at(x.key).seeking)
      end(x.key, living.at(x.key).how);
    return {};
  }

  result<void> on(const link::note& x) {
    EXPECT_LE(x.bytes.size(), link::max_note);
    notes[x.key] = x.bytes;
    return {};
  }

  result<void> on(const link::ack& x) {
    acknowledged.emplace_back(x.key, x.spawn_id);
    return {};
  }

  result<void> on(const link::forget& x) {
    if (living.contains(x.key))
      return fail(errc::refused, x.key + " lives");
    notes.erase(x.key);
    return {};
  }

  result<void> on(const link::shutdown& x) {
    farewells.push_back(x);
    return {};
  }

  template <class T>
  result<void> on(const T&) {
    return {};
  }
};

keeper_link_actor::behavior_type
fake_keeper_link(keeper_link_actor::pointer, fake_keeper* keeper);

} // namespace saker::test
