#include "tests/support/connection_world.hpp"

#include "actors/broker.hpp"

namespace saker::test {

using namespace std::chrono_literals;

desk_actor::behavior_type
desk(desk_actor::stateful_pointer<desk_state> self, desk_state** where) {
  *where = &self->state;
  return {
    [self](atom::call, command_call& what) -> caf::result<resp::value> {
      auto promise = self->make_response_promise<resp::value>();
      self->state.open.emplace_back(std::move(what), promise);
      return promise;
    },
    [self](atom::withdraw, std::uint64_t client) {
      self->state.withdrawn.push_back(client);
    },
    // A promise must be delivered by the actor that made it.
    [self](atom::report, std::size_t which, const resp::value& x) {
      self->state.open[which].second.deliver(x);
    },
  };
}

connection_world::connection_world() {
  links->live->limits.output_pubsub = {100'000, 0, 0s};
  broker_links to_all;
  to_all.figures = &figures;
  to_all.monitored = monitored;
  links->broker = spawn(broker, to_all);
  settings->monitored = monitored;
  counter = spawn(desk, &roster);
  links->roster = caf::actor_cast<command_actor>(counter);
  links->gateway = links->roster;
  links->librarian = links->roster;
  links->script = [](const std::string&) { return command_actor{}; };
  links->figures = &figures;
  links->settings = settings;
}

connection_world::client connection_world::connect(session::peer_kind kind) {
  client x;
  session::peer who;
  who.address = "127.0.0.1:4711";
  who.kind = kind;
  who.via_unix = !unix_user.empty();
  who.user = unix_user;
  stream_factory factory = [&x](io::stream_events events) {
    x.wire = std::make_shared<fake_stream>(std::move(events));
    return x.wire;
  };
  auto id = ++last_id;
  auto hdl = sys.spawn(connection, shared_links{links}, who, id, factory);
  x.actor = hdl;
  settle();
  clients.push_back(hdl);
  return x;
}

void connection_world::TearDown() {
  for (auto& x : clients)
    caf::anon_send(x, atom::finish_v, std::string{"test"});
  clients.clear();
  settle();
  actor_test::TearDown();
}

std::string connection_world::say(client& x, std::string_view bytes) {
  x.wire->send(bytes);
  settle();
  return x.wire->received();
}

void connection_world::answer(std::size_t which, resp::value x) {
  tell(counter, atom::report_v, which, std::move(x));
}

} // namespace saker::test
