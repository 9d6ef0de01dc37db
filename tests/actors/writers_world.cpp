#include "tests/support/writers_world.hpp"

#include "messages/error.hpp"

#include <utility>

namespace saker::test {

namespace {

template <class T, class Self>
caf::result<T> answer(Self* self, fake_file_writer* to, T value) {
  if (!to->hangs)
    return value;
  auto promise = self->template make_response_promise<T>();
  to->owed.push_back([promise, value]() mutable { promise.deliver(value); });
  return promise;
}

file_writer_actor::behavior_type
fake(file_writer_actor::pointer self, fake_file_writer* to) {
  return {
    [=](atom::attach, const output_attachment& x) {
      auto fds = x.fds ? x.fds->size() : 0;
      to->heard.push_back("attach " + x.key + " " + x.files.at(0) + " "
                          + std::to_string(fds) + (x.lost > 0 ? " lost" : ""));
      return answer(self, to, caf::unit);
    },
    [=](atom::detach, const std::string& key) {
      to->heard.push_back("detach " + key);
      return answer(self, to,
                    to->gives ? to->gives
                              : std::make_shared<std::vector<unique_fd>>());
    },
    [=](atom::emit, const added_lines& x) {
      to->heard.push_back("emit " + x.key + " "
                          + std::to_string(x.text.size()));
      return answer(self, to, caf::unit);
    },
    [=](atom::finish, const std::string& key) {
      to->heard.push_back("finish " + key);
      return answer(self, to, drained_output{key, 7, 0, 0});
    },
    [=](atom::tail, const std::string& path, std::uint32_t lines) {
      to->heard.push_back("tail " + path + " " + std::to_string(lines));
      return answer(self, to, std::string{"the end"});
    },
    [=](atom::rotate, const std::string& key) -> caf::result<bool> {
      to->heard.push_back("rotate " + key);
      return to_error(fail(errc::not_found, "no such key"));
    },
    [=](atom::clear, const std::string& key) {
      to->heard.push_back("clear " + key);
      return true;
    },
    [=](atom::watch, const std::string& key, const output_listener_actor&) {
      to->heard.push_back("watch " + key);
    },
    [=](atom::withdraw, const std::string& key, const output_listener_actor&) {
      to->heard.push_back("withdraw " + key);
    },
    [=](atom::listen, const log_listener_actor&) {
      to->heard.push_back("listen");
    },
    [](atom::readable, std::uint64_t) {},
    [](atom::pump, std::uint64_t) {},
    [to](atom::tick) { // it recovers
      to->hangs = false;
      for (auto& x : std::exchange(to->owed, {}))
        x();
    },
    [](atom::expire, std::uint64_t) {},
  };
}

drain_actor::behavior_type fake_drain(drain_actor::pointer, fake_drainage* to) {
  return {
    [to](atom::attach, const std::string& key, std::uint32_t count) {
      to->heard.push_back("attach " + key + " " + std::to_string(count));
    },
    [to](atom::detach, const std::string& key) {
      to->heard.push_back("detach " + key);
      return to->lost;
    },
    [](atom::readable, std::uint64_t) {},
    [](atom::expire, std::uint64_t) {},
  };
}

} // namespace

output_listener_actor::behavior_type
silent_listener(output_listener_actor::pointer, int) {
  return {
    [](atom::deliver, const output_copy&) { return caf::unit; },
  };
}

writers_world::writers_world() {
  for (auto i = 0; i < 10; ++i)
    mounts += "1 1 0:" + std::to_string(i + 1) + " / /" + std::to_string(i)
              + " rw - x x rw\n";
  mounts += "1 1 0:99 / / rw - x x rw\n";
  writers_links links;
  links.make = [this](auto pulse) { return make(std::move(pulse)); };
  links.make_drain = [this] { return drain = sys.spawn(fake_drain, &drained); };
  links.mounts = [this]() -> result<process::mount_table> {
    ++looks;
    return process::mount_table::parse(mounts);
  };
  links.warn = [this](const std::string& x) { warned.push_back(x); };
  uut = spawn(writers, std::move(links));
}

file_writer_actor writers_world::make(std::shared_ptr<writer_pulse> pulse) {
  if (!can_make)
    return {};
  auto& one = crew.emplace_back(std::make_unique<fake_file_writer>());
  one->pulse = std::move(pulse);
  return made.emplace_back(sys.spawn(fake, one.get()));
}

void writers_world::TearDown() {
  for (auto& x : std::exchange(made, {}))
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  if (auto x = std::exchange(drain, {}))
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  for (auto& x : crew)
    x->pulse.reset();
  actor_test::TearDown();
}

void writers_world::attach(const std::string& key, const std::string& file,
                           std::size_t fifos, std::uint64_t lost) {
  output_attachment x;
  x.key = key;
  x.files = {file};
  x.lost = lost;
  if (fifos > 0)
    x.fds = std::make_shared<std::vector<unique_fd>>(fifos);
  tell(uut, atom::attach_v, x);
}

} // namespace saker::test
