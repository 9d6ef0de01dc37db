#include "tests/support/cluster_world.hpp"

#include "resp/command_table.hpp"

#include <caf/send.hpp>

namespace saker::test {

namespace {

peer_actor::behavior_type
fake_peer(peer_actor::pointer self, shared_record to) {
  return {
    [](atom::change, const pubsub::interest&) {},
    [](atom::publish, const session::publish_batch&) {},
    [](atom::change, const std::string&) {},
    [](atom::publish, const std::string&, std::uint64_t) {},
    [](atom::report, std::uint64_t) {},
    [](atom::tell, std::uint64_t) {},
    [](atom::call, const std::string&) { return std::string{}; },
    [](atom::ask) { return true; },
    [](atom::finish) {},
    [to](atom::attach, const caf::strong_actor_ptr& x) { to->other = x; },
    [self, to](atom::send, const std::string& text,
               caf::timespan patience) -> caf::result<std::string> {
      to->commands.push_back(text);
      to->patience = patience;
      if (to->silent) {
        to->open.push_back(self->make_response_promise<std::string>());
        return to->open.back();
      }
      if (to->reply)
        return cluster::encode_reply(*to->reply);
      return cluster::encode_reply(resp::array{
        {resp::map{}.add("name", "web").add("node", to->how.name)}});
    },
    [to](atom::stop) { to->goodbye = true; },
    [self, to](atom::closed, const std::string& why) {
      to->closed.push_back(why);
      self->quit();
    },
    [](atom::tick) {},
    [](atom::expire) {},
  };
}

command_actor::behavior_type
fake_roster(command_actor::pointer, std::vector<std::string>* asked,
            const std::optional<std::int64_t>* number) {
  return {
    [asked, number](atom::call, const command_call& what) {
      std::string text;
      for (auto& x : what.what.args)
        text += x + ' ';
      asked->push_back(text);
      if (*number)
        return resp::value{**number};
      return resp::value{
        resp::array{{resp::map{}.add("name", "db").add("node", "m")}}};
    },
  };
}

struct no_listener final : io::listener {
  void finish() override {
    // nop
  }
  void close() override {
    // nop
  }
};

} // namespace

cluster_world::cluster_world() {
  roster = spawn(fake_roster, &asked, &own);
  cluster_links with;
  with.self = {"m", "m-life", "m:1", "1.0.0", 17};
  with.seeds = {"s:1"};
  with.listen
    = [this](
        io::listener_events events) -> result<std::shared_ptr<io::listener>> {
    ++listened;
    if (deaf)
      return fail(errc::io, "listen on m:1: Address already in use");
    accepting = std::move(events);
    return std::shared_ptr<io::listener>{std::make_shared<no_listener>()};
  };
  with.dial = [this](const std::string& to, std::string hello,
                     io::tunnel_events events) {
    return add(to, std::move(hello), std::move(events));
  };
  with.answer = [this](unique_fd, std::string hello, io::tunnel_events events) {
    return add("10.0.0.9:4711", std::move(hello), std::move(events));
  };
  with.peer = [this](const cluster_actor&, peer_beginning how) {
    auto x = std::make_shared<peer_record>();
    x->how = std::move(how);
    x->reply = answers;
    x->actor = sys.spawn(fake_peer, x);
    peers.push_back(x);
    return x->actor;
  };
  with.carrier = [this](session::request&) -> result<command_actor> {
    return roster;
  };
  with.unix_ms = [] { return std::int64_t{5000}; };
  with.random = [] { return 0.5; };
  with.say = [this](const std::string& x) { said.push_back(x); };
  with.warn = [this](const std::string& x) { warned.push_back(x); };
  with.leave = [this] { ++left; };
  uut = spawn(cluster_of_nodes, std::move(with));
}

void cluster_world::TearDown() {
  for (auto& x : peers) {
    x->open.clear();
    caf::anon_send_exit(x->actor, caf::exit_reason::user_shutdown);
  }
  actor_test::TearDown();
  peers.clear();
}

command_call cluster_world::call_of(std::vector<std::string> args) {
  command_call call{};
  call.what.command = resp::find_command(args[0]);
  if (resp::has(call.what.command->flags, resp::flag::container))
    call.what.command = resp::find_subcommand(*call.what.command, args[1]);
  call.what.target = call.what.command->target;
  call.what.args = std::move(args);
  call.what.rights = {resp::right::status};
  call.from = "bob@x:1";
  return call;
}

std::string cluster_world::state_of(const std::string& name) {
  auto all = command({"nodes"});
  for (auto& x : all.items())
    if (x.find("name")->text() == name)
      return std::string{x.find("state")->text()};
  return "unknown";
}

} // namespace saker::test
