#pragma once

#include "actors/writer.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_watches.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_fifo.hpp"

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace saker::test {

/// What a listener was told; and, unless it `answers`, what it still owes.
struct heard_output {
  std::string text;
  std::uint64_t missed = 0;
  std::size_t pieces = 0;
  std::uint32_t number = 0;
  bool last = false;
  bool added = false;
  bool answers = true;
  std::vector<caf::typed_response_promise<caf::unit_t>> owed;
};

/// `tick` lets it give the answers it owes.
using slow_listener_actor
  = output_listener_actor::extend<caf::reacts_to<atom::tick>>;

slow_listener_actor::behavior_type
listener(slow_listener_actor::pointer self, heard_output* to);

/// A WRITER with one child, `web#0`: real files and FIFOs, no kernel that tells.
class writer_world : public actor_test {
protected:
  writer_world();

  std::string file(const std::string& name) const {
    return dir.path() / name;
  }

  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{file(name), std::ios::binary}.rdbuf();
    return text.str();
  }

  output_attachment to(const std::string& name, handed_fds fds) const {
    output_attachment x;
    x.key = "web#0";
    x.fds = std::move(fds);
    x.files = {file(name)};
    return x;
  }

  added_lines added(const std::string& text) const {
    return {"web#0", file("web.log"), {}, text};
  }

  handed_fds reader(const test_fifo& x) const {
    auto fds = std::make_shared<std::vector<unique_fd>>();
    fds->push_back(x.reader());
    return fds;
  }

  void attach() {
    tell(uut, atom::attach_v, to("web.log", reader(fifo)));
  }

  /// Lets everything happen that can happen at once, or as soon as output has
  /// gathered.
  void run();

  slow_listener_actor watch(heard_output& x) {
    auto who = spawn(listener, &x);
    tell(uut, atom::watch_v, std::string{"web#0"}, output_listener_actor{who});
    return who;
  }

  std::optional<log_notice> notice() {
    auto x = heard<atom::report, log_notice>();
    if (!x)
      return std::nullopt;
    return std::get<1>(*x);
  }

  caf::expected<bool> rotate() {
    return ask<bool>(uut, atom::rotate_v, std::string{"web#0"});
  }

  drained_output finish() {
    return *ask<drained_output>(uut, atom::finish_v, std::string{"web#0"});
  }

  temporary_directory dir;
  test_fifo fifo{dir.path() / "web#0"};
  fake_watches kernel;
  int rings = 0;
  std::shared_ptr<writer_pulse> pulse
    = std::make_shared<writer_pulse>([this] { ++rings; });
  std::vector<std::string> warned;
  std::vector<std::uint64_t> remembered;
  file_writer_actor uut;
};

} // namespace saker::test
