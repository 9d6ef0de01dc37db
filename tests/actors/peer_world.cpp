#include "tests/support/peer_world.hpp"

#include "cluster/wire.hpp"
#include "resp/command_table.hpp"

#include <caf/actor_cast.hpp>

namespace saker::test {

namespace {

using namespace std::chrono_literals;

cluster_actor::behavior_type
fake_cluster(cluster_actor::pointer, peer_surroundings* to) {
  auto note = [to](const std::string& x) { to->told.push_back(x); };
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [to](atom::greet, const std::string&, const caf::strong_actor_ptr&) {
      return to->other;
    },
    [](atom::start) {},
    [](atom::accept, const handed_fd&) {},
    [](atom::greet, std::uint64_t, const std::string&) {},
    [note](atom::closed, std::uint64_t, const std::string& why) {
      note("closed " + why);
    },
    [note](atom::open, std::uint64_t) { note("open"); },
    [note](atom::report, std::uint64_t, caf::timespan rtt) {
      note(rtt.count() > 0 ? "alive" : "late");
    },
    [note](atom::tell, std::uint64_t, std::uint64_t n) {
      note("missed " + std::to_string(n));
    },
    [note](atom::stop, std::uint64_t) { note("goodbye"); },
    [](atom::withdraw, std::uint64_t) {},
    [](atom::finish) {},
    [](atom::expire) {},
    [](atom::tick) {},
  };
}

basp_actor::behavior_type
fake_basp(basp_actor::pointer self, peer_surroundings* to,
          cluster_actor there) {
  return {
    [](atom::accept, const handed_fd&, const caf::strong_actor_ptr&) {},
    [self, to, there](atom::open,
                      const handed_fd&) -> caf::result<caf::strong_actor_ptr> {
      if (!to->absent)
        return caf::actor_cast<caf::strong_actor_ptr>(there);
      to->open.push_back(self->make_response_promise());
      return caf::delegated<caf::strong_actor_ptr>{};
    },
  };
}

far_peer_actor::behavior_type
fake_far(far_peer_actor::pointer self, peer_surroundings* to) {
  auto note = [to](const std::string& x) { to->far.push_back(x); };
  return {
    [note](atom::change, const std::string& text) {
      auto x = cluster::parse_interest(text);
      note("interest " + std::to_string(x->topics.size())
           + (x->anew ? " anew" : ""));
    },
    [note](atom::publish, const std::string& text, std::uint64_t) {
      note("messages " + std::to_string(cluster::parse_batch(text)->size()));
    },
    [note](atom::report, std::uint64_t cost) {
      note("ack " + std::to_string(cost));
    },
    [note](atom::tell, std::uint64_t n) { note("gap " + std::to_string(n)); },
    [self, to, note](atom::call,
                     const std::string&) -> caf::result<std::string> {
      note("call");
      if (!to->silent)
        return to->reply;
      to->open.push_back(self->make_response_promise());
      return caf::delegated<std::string>{};
    },
    [self, to](atom::ask) -> caf::result<bool> {
      ++to->asked;
      if (!to->silent)
        return true;
      to->open.push_back(self->make_response_promise());
      return caf::delegated<bool>{};
    },
    [note](atom::finish) { note("goodbye"); },
  };
}

mesh_broker_actor::behavior_type
fake_broker(mesh_broker_actor::pointer, peer_surroundings* to) {
  auto note = [to](const std::string& x) { to->broker.push_back(x); };
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
    [](atom::emit, const std::string&, const shared_bytes&) {},
    [](atom::emit, const session::publish_batch&) {},
    [](atom::tell, const std::string&) {},
    [](atom::pump) {},
    [note](atom::attach, const mesh_actor&) { note("attach"); },
    [note](atom::change, const mesh_actor&, const pubsub::interest& x) {
      note("interest " + std::to_string(x.topics.size()));
    },
    [note](atom::deliver, const session::publish_batch& x) {
      note("messages " + std::to_string(x.size()));
    },
  };
}

command_actor::behavior_type
peer_roster(command_actor::pointer, peer_surroundings* to) {
  return {
    [to](atom::call, const command_call& what) {
      to->calls.push_back(what);
      return resp::value{"done"};
    },
  };
}

} // namespace

peer_world::peer_world() {
  cluster = spawn(fake_cluster, &all);
  far = spawn(fake_far, &all);
  all.other = caf::actor_cast<caf::strong_actor_ptr>(far);
  links.node = "m";
  links.cluster = cluster;
  links.broker = spawn(fake_broker, &all);
  links.basp = spawn(fake_basp, &all, cluster);
  links.carrier = [this](session::request& x) -> result<command_actor> {
    if (!roster)
      return fail(errc::loading, "node \"m\" is still loading");
    if (x.command->id == resp::command_id::call)
      x.script = "a.lua";
    return roster;
  };
  links.backlog = 1000;
  links.warn = [this](const std::string& x) { warned.push_back(x); };
  roster = spawn(peer_roster, &all);
}

void peer_world::TearDown() {
  all.open.clear();
  all.other = nullptr;
  actor_test::TearDown();
}

void peer_world::begin(bool dialled) {
  uut = spawn(peer, peer_links{links},
              peer_beginning{7, "a", dialled, hand(unique_fd{})});
}

session::publish_batch
peer_world::messages(std::size_t count, std::size_t size) {
  session::publish_batch x;
  for (std::size_t i = 0; i < count; ++i)
    x.add("c", std::string(size, 'x'));
  return x;
}

std::string peer_world::command(std::vector<std::string> args) {
  return cluster::encode(cluster::far_command{
    std::move(args), "bob@x via b", {resp::right::status}});
}

caf::expected<std::string> peer_world::send(const std::string& text) {
  return ask<std::string>(uut, atom::send_v, text, caf::timespan{10s});
}

caf::message_id peer_world::ask_in_vain() {
  all.silent = true;
  auto id = self
              ->request(uut, caf::infinite, atom::send_v,
                        command({"svstatus", "web"}), caf::timespan{10s})
              .id();
  settle();
  return id;
}

} // namespace saker::test
