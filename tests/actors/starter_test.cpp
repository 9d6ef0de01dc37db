#include "actors/starter.hpp"

#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

/// Grants or refuses LISTEN, and hears what else is said.
struct keeper_record {
  std::map<std::string, failure> refusals;
  std::vector<std::string> listened;
  bool ready = false;
};

keeper_link_actor::behavior_type
granting(keeper_link_actor::pointer, keeper_record* to) {
  return {
    [to](atom::send, const link::request& x) {
      to->ready = to->ready || std::holds_alternative<link::ready>(x);
    },
    [](atom::ask, const link::request&) { return true; },
    [to](atom::listen,
         const link::listen& x) -> caf::result<std::string, handed_fd> {
      to->listened.push_back(x.address);
      if (auto i = to->refusals.find(x.address); i != to->refusals.end())
        return to_error(i->second);
      return {x.address, hand(unique_fd{})};
    },
    [](atom::enroll, const std::string&, const keeper_client_actor&) {},
    [](atom::withdraw, const std::string&) {},
    [](atom::enroll, const keeper_master_actor&) {},
    [](atom::readable) {},
    [](atom::drained) {},
  };
}

struct gateway_record {
  std::vector<std::string> sockets;
  bool open = false;
  std::optional<bool> patient; ///< as it was told last
};

gateway_actor::behavior_type
recording_gateway(gateway_actor::pointer, gateway_record* to) {
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [to](atom::listen, const handed_fd&, const std::string& address) {
      to->sockets.push_back(address);
    },
    [to](atom::open) { to->open = true; },
    [to](atom::permit, bool patient) { to->patient = patient; },
    [](atom::accept, const handed_fd&, const std::string&) {},
    [](atom::greet, const handed_guest&) {},
    [](atom::reload) {},
    [](atom::compress) {},
    [](atom::wait) {},
    [](atom::tick, std::uint64_t) {},
    [](atom::finish) {},
  };
}

struct shelf_state {
  std::optional<caf::typed_response_promise<bool>> pending;
  static inline const char* name = "shelf";
};

/// Loads scripts at once, or never.
librarian_actor::behavior_type
loading(librarian_actor::stateful_pointer<shelf_state> self, bool at_once,
        int* asked) {
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
    [self, at_once, asked](atom::open) -> caf::result<bool> {
      ++*asked;
      if (at_once)
        return true;
      self->state.pending = self->make_response_promise<bool>();
      return *self->state.pending;
    },
    [](atom::tick) {},
    [](atom::wait) {},
    [](atom::change, const script_actor&, const command_specs&) {},
    [](atom::reload, const std::string&) {},
    [](atom::finish) { return true; },
  };
}

struct service_state {
  std::optional<caf::typed_response_promise<bool>> pending;
  static inline const char* name = "services";
};

/// Knows all services at once, or when it is told `expire`.
using services_actor = settled_actor::extend<caf::reacts_to<atom::expire>>;

services_actor::behavior_type
known_services(services_actor::stateful_pointer<service_state> self,
               bool at_once) {
  return {
    [self, at_once](atom::open) -> caf::result<bool> {
      if (at_once)
        return true;
      self->state.pending = self->make_response_promise<bool>();
      return *self->state.pending;
    },
    [self](atom::expire) { self->state.pending->deliver(true); },
  };
}

class starter_test : public test::actor_test {
protected:
  void begin(bool scripts_load = true) {
    starter_links links;
    links.keeper = spawn(granting, &keeper);
    links.gateway = spawn(recording_gateway, &gate);
    links.librarian = spawn(loading, scripts_load, &asked);
    links.listen = listen;
    links.safe_mode = safe_mode;
    links.children = children;
    known = spawn(known_services, services_known);
    links.loading = [this](bool services, bool scripts) {
      still_loads = (services ? "services " : "")
                    + std::string{scripts ? "scripts" : ""};
    };
    links.listening = [this] {
      listened_when_services_began = keeper.listened;
      return known;
    };
    links.say = links.warn = [this](const std::string& x) {
      said.push_back(x);
    };
    links.ready = [this](const std::vector<std::string>& x) { ready = x; };
    links.give_up = [this](int status, const std::string& why) {
      given_up = status;
      said.push_back(why);
    };
    tell(spawn(starter, std::move(links)), atom::start_v);
  }

  static config::listen_address tcp(std::uint16_t port, bool optional = false) {
    config::listen_address x;
    x.host = "127.0.0.1";
    x.port = port;
    x.optional = optional;
    return x;
  }

  keeper_record keeper;
  gateway_record gate;
  int asked = 0;
  bool services_known = true;
  services_actor known;
  bool safe_mode = false;
  bool children = false;
  std::optional<std::vector<std::string>> listened_when_services_began;
  std::vector<config::listen_address> listen{tcp(1), tcp(2)};
  std::vector<std::string> said;
  std::vector<std::string> ready;
  std::optional<std::string> still_loads; ///< as clients hear
  std::optional<int> given_up;
};

TEST_F(starter_test, listens_lets_clients_in_and_loads) {
  begin();
  EXPECT_EQ(gate.sockets.size(), 2u);
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(gate.open);
  EXPECT_EQ(gate.patient, false);
  EXPECT_EQ(still_loads, "");
  EXPECT_TRUE(keeper.ready);
  EXPECT_EQ(ready, (std::vector<std::string>{"127.0.0.1:1", "127.0.0.1:2"}));
}

TEST_F(starter_test, waits_for_scripts_but_not_for_ever) {
  begin(false);
  EXPECT_TRUE(gate.open);
  EXPECT_EQ(gate.patient, true);
  EXPECT_EQ(still_loads, "scripts");
  advance(1s);
  EXPECT_EQ(gate.patient, false);
  EXPECT_EQ(still_loads, "scripts");
  EXPECT_FALSE(keeper.ready);
  advance(1s);
  EXPECT_EQ(still_loads, "");
  EXPECT_TRUE(keeper.ready);
}

TEST_F(starter_test, clients_wait_a_second_for_services_and_then_hear_of_it) {
  services_known = false;
  begin();
  EXPECT_TRUE(gate.open);
  advance(999ms);
  EXPECT_EQ(gate.patient, true);
  advance(1ms);
  EXPECT_EQ(gate.patient, false);
  EXPECT_EQ(still_loads, "services ");
  advance(1h);
  EXPECT_EQ(still_loads, "services ");
  EXPECT_FALSE(keeper.ready);
  EXPECT_TRUE(ready.empty());
  tell(known, atom::expire_v);
  EXPECT_EQ(still_loads, "");
  EXPECT_TRUE(keeper.ready);
  EXPECT_EQ(ready.size(), 2u);
}

TEST_F(starter_test, lets_clients_in_before_anything_is_known) {
  services_known = false;
  begin(false);
  EXPECT_TRUE(gate.open);
  EXPECT_EQ(gate.patient, std::nullopt) << "which the gateway is by itself";
  EXPECT_EQ(still_loads, "services scripts");
  tell(known, atom::expire_v);
  EXPECT_EQ(gate.patient, true) << "but it looks at commands again";
  EXPECT_EQ(still_loads, "scripts");
}

TEST_F(starter_test, goes_on_without_an_optional_address) {
  listen = {tcp(1, true), tcp(2)};
  keeper.refusals["127.0.0.1:1"] = fail(errc::io, "bind EADDRNOTAVAIL");
  begin();
  EXPECT_EQ(gate.sockets, (std::vector<std::string>{"127.0.0.1:2"}));
  EXPECT_TRUE(gate.open);
  EXPECT_FALSE(given_up);
}

TEST_F(starter_test, gives_up_with_3_when_another_program_has_the_port) {
  keeper.refusals["127.0.0.1:2"]
    = fail(errc::io, "bind EADDRINUSE: " + errno_text(EADDRINUSE));
  begin();
  EXPECT_EQ(given_up, 3);
  EXPECT_FALSE(listened_when_services_began);
  EXPECT_FALSE(gate.open);
  EXPECT_FALSE(keeper.ready);
  EXPECT_NE(said.back().find("127.0.0.1:2"), std::string::npos);
}

TEST_F(starter_test, gives_up_with_78_when_an_address_makes_no_sense_here) {
  keeper.refusals["127.0.0.1:1"] = fail(errc::io, "bind EACCES");
  begin();
  EXPECT_EQ(given_up, 78);
}

TEST_F(starter_test, starts_services_when_all_addresses_are_held) {
  begin();
  ASSERT_TRUE(listened_when_services_began);
  EXPECT_EQ(listened_when_services_began->size(), 2u);
}

TEST_F(starter_test, goes_on_and_tries_again_while_services_live) {
  children = true;
  keeper.refusals["127.0.0.1:1"]
    = fail(errc::io, "bind EADDRINUSE: " + errno_text(EADDRINUSE));
  begin();
  EXPECT_FALSE(given_up);
  EXPECT_TRUE(listened_when_services_began);
  EXPECT_TRUE(gate.open);
  EXPECT_EQ(ready, (std::vector<std::string>{"127.0.0.1:2"}));
  advance(1s);
  EXPECT_EQ(keeper.listened.size(), 3u);
  keeper.refusals.clear();
  advance(1s);
  EXPECT_EQ(gate.sockets,
            (std::vector<std::string>{"127.0.0.1:2", "127.0.0.1:1"}));
  advance(3s);
  EXPECT_EQ(keeper.listened.size(), 4u); // nothing is left to be tried
}

TEST_F(starter_test, loads_no_scripts_in_safe_mode) {
  safe_mode = true;
  begin();
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(gate.open);
}

} // namespace
} // namespace saker
