#pragma once

#include "actors/job.hpp"
#include "actors/supervisor.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_keeper.hpp"
#include "tests/support/fake_watches.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace saker::test {

/// Events as they were published: channel and payload.
using published = std::vector<std::pair<std::string, std::string>>;

/// A disk: what the last line of every file is, and which children were said to
/// have ended. While it hangs it owes the answers to that.
struct fake_disk {
  std::string last_line;
  failure refusal;                  ///< of who reads; none: it can be read
  std::vector<std::string> tails;   ///< path and number of lines, as asked
  std::vector<std::string> changed; ///< `rotate` or `clear` and the key
  std::vector<std::string> finished;
  std::vector<added_lines> added;
  std::vector<std::string> watchers; ///< keys that are watched
  bool hangs = false;
  std::vector<caf::typed_response_promise<drained_output>> owed;
};

/// `tick`: it hangs no more and gives the answers it owes.
using fake_writer_actor = writer_actor::extend<caf::reacts_to<atom::tick>>;

/// Who is found as which daemon: by the path of its pidfile, else by `match`.
struct fake_search {
  std::map<std::string, process::finding> seen;
  std::vector<process::daemon_rule> asked;

  void shows(const std::string& where, pid_t pid, bool trusted = true) {
    auto& x = seen[where];
    x = {};
    x.what = process::finding::kind::found;
    x.who.pid = pid;
    x.who.start_time = 100 + static_cast<std::uint64_t>(pid);
    x.trusted = trusted;
  }
};

/// The channel of each key's output.
using output_channels = std::map<std::string, std::string>;

/// What supervisors stand on, without processes, disk and clock.
class supervision_world : public actor_test {
protected:
  supervision_world();

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

  /// What the commands of hooks put out is read.
  bool run_elsewhere() override {
    return kernel.fire() > 0;
  }

  fake_keeper keeper;
  fake_watches kernel;
  published events;
  int history_woken = 0;
  fake_disk disk;
  fake_writer_actor disk_actor;
  output_channels channels;
  fake_search search;
  std::vector<io::http_order> posted;
  result<void> post_result;
  std::vector<std::string> warnings;
  std::vector<std::string> logged;
  supervision::spawn_numbers numbers;
  supervision::restart_limit restarts;
  std::shared_ptr<supervisor_links> links
    = std::make_shared<supervisor_links>();
};

} // namespace saker::test
