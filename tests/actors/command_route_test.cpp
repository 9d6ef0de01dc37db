#include "actors/command_route.hpp"

#include "session/alias_table.hpp"
#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

command_actor::behavior_type carrier_of(command_actor::pointer, int) {
  return {
    [](atom::call, const command_call&) { return resp::value{}; },
  };
}

class command_route_test : public test::actor_test {
protected:
  command_route_test() {
    links.roster = spawn(carrier_of, 0);
    links.system = spawn(carrier_of, 0);
    links.cluster = spawn(carrier_of, 0);
    links.script = [this](const std::string& name) {
      return name == "a.lua" ? script : command_actor{};
    };
    script = spawn(carrier_of, 0);
    auto table
      = std::make_shared<session::alias_table>(std::vector<session::alias>{
        {"Greet", "a.lua", "", 2},
        {"look", "a.lua", "", -1, resp::right::status},
        {"stop", "a.lua", "", -1, resp::right::control},
        {"gone", "b.lua", "", -1}});
    auto settings = std::make_shared<session::settings>();
    settings->aliases = [table] { return table; };
    settings->loading = [this](resp::target) { return loads; };
    links.settings = settings;
  }

  void TearDown() override {
    script = nullptr;
    links = {};
    actor_test::TearDown();
  }

  static session::request
  request(std::vector<std::string> args,
          resp::rights rights = {resp::right::status, resp::right::script}) {
    session::request x{};
    x.command = resp::find_command(args[0]);
    x.target = x.command->target;
    x.args = std::move(args);
    x.rights = rights;
    return x;
  }

  failure refusal(session::request x) {
    auto who = carrier_here(links, "n2", x);
    EXPECT_FALSE(who);
    return who ? failure{} : who.error();
  }

  connection_links links;
  command_actor script;
  bool loads = false;
};

TEST_F(command_route_test, what_names_a_node_goes_to_the_cluster) {
  EXPECT_EQ(route(links, request({"sysinfo", "a.b@n2"})), links.cluster);
  EXPECT_EQ(route(links, request({"sysinfo", "a.b", "x@n2"})), links.system);
  EXPECT_EQ(route(links, request({"svstatus", "web@n2"})), links.cluster);
  EXPECT_EQ(route(links, request({"svstatus", "web"})), links.roster);
}

TEST_F(command_route_test, other_nodes_reach_services_and_figures) {
  auto status = request({"svstatus", "web"});
  EXPECT_EQ(*carrier_here(links, "n2", status), links.roster);
  auto figure = request({"sysinfo", "a.b"});
  EXPECT_EQ(*carrier_here(links, "n2", figure), links.system);
  EXPECT_EQ(figure.target, resp::target::system);
  links.roster = nullptr;
  auto why = refusal(status);
  EXPECT_EQ(why.code, errc::loading);
  EXPECT_EQ(why.detail, "node \"n2\" is still loading");
  EXPECT_EQ(refusal(request({"sysinfo"})).code, errc::syntax);
}

TEST_F(command_route_test, other_nodes_reach_scripts_by_their_alias) {
  auto what = request({"call", "greet", "Ann"});
  auto who = carrier_here(links, "n2", what);
  ASSERT_TRUE(who);
  EXPECT_EQ(*who, script);
  EXPECT_EQ(what.command, nullptr);
  EXPECT_EQ(what.target, resp::target::script);
  EXPECT_EQ(what.script, "a.lua");
  EXPECT_EQ(what.args, (std::vector<std::string>{"Greet", "Ann"}));
}

TEST_F(command_route_test, an_alias_has_the_right_that_its_script_demands) {
  auto guest = resp::rights{resp::right::status};
  auto why = refusal(request({"call", "greet", "Ann"}, guest));
  EXPECT_EQ(why.code, errc::not_permitted);
  auto look = request({"call", "look"}, guest);
  EXPECT_TRUE(carrier_here(links, "n2", look));
}

TEST_F(command_route_test, who_reaches_some_services_calls_no_script_for_all) {
  auto stop = request({"call", "stop"}, resp::rights::all());
  EXPECT_TRUE(carrier_here(links, "n2", stop));
  auto limited = request({"call", "stop"}, resp::rights::all());
  limited.services = std::make_shared<const acl::service_masks>();
  EXPECT_EQ(refusal(limited).code, errc::not_permitted);
  auto look = request({"call", "look"}, resp::rights::all());
  look.services = limited.services;
  EXPECT_TRUE(carrier_here(links, "n2", look));
}

TEST_F(command_route_test, says_why_no_script_can_be_called) {
  auto why = refusal(request({"call", "nosuch"}));
  EXPECT_EQ(why.code, errc::script_error);
  EXPECT_TRUE(why.detail.starts_with("NOSCRIPT no script of node \"n2\""));
  EXPECT_EQ(refusal(request({"call", "greet"})).code, errc::syntax);
  EXPECT_EQ(refusal(request({"call"})).code, errc::syntax);
  EXPECT_EQ(refusal(request({"call", "gone"})).code, errc::busy);
  loads = true;
  EXPECT_EQ(refusal(request({"call", "nosuch"})).code, errc::loading);
  auto known = request({"call", "look"});
  EXPECT_TRUE(carrier_here(links, "n2", known)) << "that one is loaded";
}

} // namespace
} // namespace saker
