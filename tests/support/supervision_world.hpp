#pragma once

#include "actors/supervisor.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_keeper.hpp"

#include <string>
#include <utility>
#include <vector>

namespace saker::test {

/// Events as they were published: channel and payload.
using published = std::vector<std::pair<std::string, std::string>>;

inline broker_actor::behavior_type
listening_broker(broker_actor::pointer, published* events) {
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [](atom::subscribe, const subscriber_actor&, const session::subscribe&) {},
    [](atom::subscribe, const subscriber_actor&, const session::unsubscribe&) {
    },
    [](atom::subscribe, const subscriber_actor&,
       const session::unsubscribe_all&) {},
    [](atom::subscribe, const subscriber_actor&,
       const session::switch_protocol&) {},
    [](atom::withdraw, const subscriber_actor&) {},
    [](atom::publish, const subscriber_actor&, const session::publish_batch&) {
    },
    [events](atom::emit, const std::string& channel, const shared_bytes& what) {
      events->emplace_back(channel, *what);
    },
    [](atom::pump) {},
  };
}

inline writer_actor::behavior_type
idle_writer(writer_actor::pointer, std::string* last_line) {
  return {
    [](atom::attach, const output_attachment&) {},
    [](atom::detach, const std::string&) {},
    [](atom::finish, const std::string& key) { return drained_output{key}; },
    [last_line](atom::tail, const std::string&, std::uint32_t) {
      return *last_line;
    },
    [](atom::rotate, const std::string&) { return caf::unit; },
    [](atom::watch, const std::string&, const output_listener_actor&) {},
    [](atom::withdraw, const std::string&, const output_listener_actor&) {},
    [](atom::listen, const log_listener_actor&) {},
  };
}

/// What supervisors stand on, without processes, disk and clock.
class supervision_world : public actor_test {
protected:
  supervision_world() {
    keeper.clock = [this] {
      return link::stamp{coordinator().clock().now().time_since_epoch()};
    };
    links->keeper = spawn(fake_keeper_link, &keeper);
    links->broker = spawn(listening_broker, &events);
    links->writer = spawn(idle_writer, &last_line);
    links->sequencer = std::make_shared<supervision::sequencer>(
      0, std::uint64_t{1} << 60, [](std::uint64_t) {});
    links->world = {&numbers, &restarts};
    links->node = "n1";
    links->state_dir = "/var/lib/saker";
    links->environment = {"PATH=/bin"};
    links->unix_ms = [this] {
      return std::chrono::duration_cast<std::chrono::milliseconds>(
               coordinator().clock().now().time_since_epoch())
        .count();
    };
    links->warn = [this](const std::string& x) { warnings.push_back(x); };
    links->log = [this](link::log_level, const std::string& x) {
      logged.push_back(x);
    };
  }

  static std::shared_ptr<supervision::service>
  make_service(const std::string& name) {
    auto x = std::make_shared<supervision::service>();
    x->name = name;
    x->exec = {"/bin/" + name};
    return x;
  }

  /// The names of the events so far: `starting`, `running`…
  std::vector<std::string> event_names() const {
    std::vector<std::string> names;
    for (auto& [channel, _] : events)
      names.push_back(channel.substr(channel.rfind(':') + 1));
    return names;
  }

  fake_keeper keeper;
  published events;
  std::string last_line;
  std::vector<std::string> warnings;
  std::vector<std::string> logged;
  supervision::spawn_numbers numbers;
  supervision::restart_limit restarts;
  std::shared_ptr<supervisor_links> links
    = std::make_shared<supervisor_links>();
};

} // namespace saker::test
