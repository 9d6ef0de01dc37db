#include "tests/support/supervision_world.hpp"

namespace saker::test {

namespace {

broker_actor::behavior_type
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
    [events](atom::emit, const session::publish_batch& what) {
      what.for_each([events](session::publish_batch::message x) {
        events->emplace_back(x.channel, x.payload);
      });
    },
    [](atom::tell, const std::string&) {},
    [](atom::pump) {},
  };
}

fake_writer_actor::behavior_type
fake_writer(fake_writer_actor::pointer self, fake_disk* disk) {
  return {
    [](atom::attach, const output_attachment&) {},
    [](atom::detach, const std::string&) {},
    [disk](atom::emit, const added_lines& x) { disk->added.push_back(x); },
    [self, disk](atom::finish,
                 const std::string& key) -> caf::result<drained_output> {
      disk->finished.push_back(key);
      if (!disk->hangs)
        return drained_output{key};
      disk->owed.push_back(self->make_response_promise<drained_output>());
      return disk->owed.back();
    },
    [disk](atom::tail, const std::string& path,
           std::uint32_t lines) -> caf::result<std::string> {
      disk->tails.push_back(path + ' ' + std::to_string(lines));
      if (disk->refusal.code != errc::none)
        return to_error(disk->refusal);
      return disk->last_line;
    },
    [disk](atom::rotate, const std::string& key) -> caf::result<bool> {
      disk->changed.push_back("rotate " + key);
      if (disk->refusal.code != errc::none)
        return to_error(disk->refusal);
      return true;
    },
    [disk](atom::clear, const std::string& key) -> caf::result<bool> {
      disk->changed.push_back("clear " + key);
      if (disk->refusal.code != errc::none)
        return to_error(disk->refusal);
      return true;
    },
    [disk](atom::watch, const std::string& key, const output_listener_actor&) {
      disk->watchers.push_back(key);
    },
    [disk](atom::withdraw, const std::string& key,
           const output_listener_actor&) { std::erase(disk->watchers, key); },
    [](atom::listen, const log_listener_actor&) {},
    [disk](atom::tick) {
      disk->hangs = false;
      for (auto& x : std::exchange(disk->owed, {}))
        x.deliver(drained_output{});
    },
  };
}

finder_actor::behavior_type
fake_finder(finder_actor::pointer, fake_search* search) {
  return {
    [search](atom::query, const process::daemon_rule& what) {
      search->asked.push_back(what);
      return search->seen[what.pidfile.empty() ? what.match : what.pidfile];
    },
    [](atom::tick) {},
  };
}

log_interest_actor::behavior_type
fake_log_interest(log_interest_actor::pointer, output_channels* channels) {
  return {
    [channels](atom::enroll, const std::string& key, const std::string& to) {
      (*channels)[key] = to;
    },
    [channels](atom::withdraw, const std::string& key) {
      channels->erase(key);
    },
    [](atom::change, const pubsub::topic_change&) {},
  };
}

} // namespace

supervision_world::supervision_world() {
  keeper.clock = [this] {
    return link::stamp{coordinator().clock().now().time_since_epoch()};
  };
  links->keeper = spawn(fake_keeper_link, &keeper);
  links->broker = spawn(listening_broker, &events);
  disk_actor = spawn(fake_writer, &disk);
  links->writer = disk_actor;
  links->log_interest = spawn(fake_log_interest, &channels);
  links->finder = spawn(fake_finder, &search);
  links->sequencer = std::make_shared<supervision::sequencer>(
    supervision::reservation{},
    supervision::reservation{std::uint64_t{1} << 60, std::uint64_t{1} << 60},
    [](auto&) {}, [] { return std::uint64_t{0}; });
  links->history = std::make_shared<supervision::history_queue>(
    supervision::history_queue::usual_size, [this] { ++history_woken; });
  links->job = [this] {
    return sys.spawn(
      job,
      job_links{links->keeper, links->writer, &numbers, {}, kernel.factory()});
  };
  links->post = [this](io::http_order what, const auto& done) {
    posted.push_back(std::move(what));
    done(post_result);
  };
  links->world = {&numbers, &restarts};
  links->node = "n1";
  links->board = std::make_shared<status_board>(links->node);
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

} // namespace saker::test
