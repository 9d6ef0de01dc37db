// Who gets in: what CONFIG SET and ACL lead to, kept before it counts.
#include "actors/broker.hpp"
#include "actors/certificates.hpp"
#include "actors/gateway.hpp"
#include "messages/error.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

class access_listener final : public io::listener {
public:
  void close() override {
    // nop
  }

  void finish() override {
    // nop
  }
};

/// The disk and the keeper.
struct access_outside {
  std::string full; ///< why nothing can be kept
  config::override_list live;
  words users; ///< lines of ACL
  int writes = 0;
  words heard; ///< of the keeper: `+address` and `-address`
  std::map<std::string, std::string> refusals;
  bool slow = false; ///< the keeper answers LISTEN when the test says so
  using listen_promise = caf::typed_response_promise<std::string, handed_fd>;
  std::vector<std::pair<listen_promise, std::string>> open = {};
};

overrides_actor::behavior_type
access_overrides(overrides_actor::pointer, access_outside* to) {
  return {
    [](atom::change, const config::override_list&) { return true; },
    [to](atom::apply, const config::override_list& what) -> caf::result<bool> {
      if (!to->full.empty())
        return to_error(fail(errc::io, to->full));
      to->live = what;
      return true;
    },
  };
}

user_file_actor::behavior_type
access_users(user_file_actor::pointer, access_outside* to) {
  return {
    [](atom::change, const words&) { return true; },
    [to](atom::apply, const words& lines) -> caf::result<bool> {
      if (!to->full.empty())
        return to_error(fail(errc::io, to->full));
      to->users = lines;
      ++to->writes;
      return true;
    },
    [](atom::append, const words&) -> caf::result<bool> {
      return to_error(fail(errc::refused, "write it anew"));
    },
    [](atom::load) { return words{"user bob on nopass +@all"}; },
  };
}

keeper_link_actor::behavior_type
access_keeper(keeper_link_actor::pointer self, access_outside* to) {
  auto hear = [to](const link::request& x) {
    if (auto* what = std::get_if<link::unlisten>(&x))
      to->heard.push_back('-' + what->address);
  };
  return {
    [hear](atom::send, const link::request& x) { hear(x); },
    [hear](atom::ask, const link::request& x) {
      hear(x);
      return true;
    },
    [self, to](atom::listen,
               const link::listen& x) -> caf::result<std::string, handed_fd> {
      if (auto no = to->refusals.find(x.address); no != to->refusals.end())
        return to_error(fail(errc::io, no->second));
      to->heard.push_back('+' + x.address);
      if (!to->slow)
        return {x.address, hand(unique_fd{})};
      to->open.emplace_back(
        self->make_response_promise<std::string, handed_fd>(), x.address);
      return to->open.back().first;
    },
    [](atom::enroll, const std::string&, const keeper_client_actor&) {},
    [](atom::withdraw, const std::string&) {},
    [](atom::enroll, const keeper_master_actor&) {},
    [](atom::readable) {},
    [to](atom::drained) {
      for (auto& [promise, address] : std::exchange(to->open, {}))
        promise.deliver(address, hand(unique_fd{}));
    },
  };
}

class gateway_access_test : public test::actor_test {
protected:
  gateway_access_test() {
    links->settings = std::make_shared<session::settings>();
    links->broker = spawn(broker, broker_links{nullptr, &figures});
    links->figures = &figures;
  }

  /// With these addresses, and for TLS those.
  void start(const words& addresses, const words& tls = {}) {
    config::settings from;
    for (auto& x : addresses)
      from.listen.push_back(*config::parse_listen_address(x, "/run"));
    gateway_links with;
    with.connections = links;
    with.parameters = session::parameters{from};
    with.keeper = keeper = spawn(access_keeper, &out);
    with.holder = [](const config::listen_address&) { return std::string{}; };
    with.overrides = spawn(access_overrides, &out);
    with.users = spawn(access_users, &out);
    with.listen = [](unique_fd, io::listener_events) {
      return std::make_shared<access_listener>();
    };
    with.warn = [this](const std::string& x) { warnings.push_back(x); };
    with.tls.addresses = {tls.begin(), tls.end()};
    if (!tls.empty())
      with.tls.certificates = spawn(
        certificates, certificate_reader{[](auto&) -> result<io::shared_tls> {
          using boost::asio::ssl::context;
          return std::make_shared<context>(context::tls_server);
        }});
    with.tls.use = [this](const io::shared_tls&) { ++shown; };
    uut = spawn(gateway, std::move(with));
    links->gateway = caf::actor_cast<command_actor>(uut);
    for (auto& x : addresses)
      tell(uut, atom::listen_v, hand(unique_fd{}), x);
    tell(uut, atom::open_v);
  }

  void TearDown() override {
    out.open.clear();
    if (uut)
      tell(uut, atom::finish_v);
    actor_test::TearDown();
  }

  static command_call call_of(words args) {
    command_call call;
    call.what.command = resp::find_subcommand(*resp::find_command(args[0]),
                                              args[1]);
    call.what.args = std::move(args);
    return call;
  }

  std::string said(words args) {
    auto x = ask<resp::value>(uut, atom::call_v, call_of(std::move(args)));
    return x ? text_of(*x) : "nothing";
  }

  std::string set(words args) {
    args.insert(args.begin(), {"CONFIG", "SET"});
    return said(std::move(args));
  }

  std::string user(words args) {
    args.insert(args.begin(), {"ACL", "SETUSER"});
    return said(std::move(args));
  }

  /// Does not wait for the answer.
  caf::message_id begin(words args) {
    auto id = self
                ->request(uut, caf::infinite, atom::call_v,
                          call_of(std::move(args)))
                .id();
    settle();
    return id;
  }

  std::string answer_to(caf::message_id id) {
    auto x = answer<resp::value>(id);
    return x && *x ? text_of(**x) : "nothing";
  }

  void let_listen() {
    tell(keeper, atom::drained_v);
  }

  static std::string text_of(const resp::value& x) {
    return x.text().empty() ? "number" : std::string{x.text()};
  }

  std::string rules_of_user(const std::string& name) {
    auto x = links->live->sessions->users->find(name);
    return x ? x->describe() : "";
  }

  std::string told_of(const std::string& parameter) {
    auto x = ask<resp::value>(uut, atom::call_v,
                              call_of({"CONFIG", "GET", parameter}));
    return std::string{x->find(parameter)->text()};
  }

  std::shared_ptr<connection_links> links
    = std::make_shared<connection_links>();
  node_figures figures;
  access_outside out;
  words warnings;
  int shown = 0; ///< how often there were other certificates
  keeper_link_actor keeper;
  gateway_actor uut;
};

// -- kept first ------------------------------------------------------------------

TEST_F(gateway_access_test, changes_no_access_that_it_cannot_keep) {
  start({"127.0.0.1:7", "unix:/x"});
  EXPECT_EQ(set({"requirepass", "old"}), "OK");
  auto before = rules_of_user("default");
  out.full = "the disk is full";
  for (auto& x :
       {words{"requirepass", "new"}, words{"requirepass", ""},
        words{"timeout", "5", "port", "8"}, words{"bind", "127.0.0.2"},
        words{"unixsocket", "/y"}, words{"TLS-auth-clients", "no"}}) {
    out.heard.clear();
    auto no = set(x);
    EXPECT_EQ(no.find("ERR CONFIG SET failed (possibly related to argument '"),
              0u)
      << no;
    EXPECT_NE(no.find(": the disk is full"), no.npos) << no;
    EXPECT_EQ(out.heard.size() % 2, 0u) << "opened and not closed again";
  }
  EXPECT_EQ(rules_of_user("default"), before);
  EXPECT_EQ(told_of("port") + told_of("bind") + told_of("timeout"),
            "7127.0.0.10");
  EXPECT_EQ(told_of("tls-auth-clients"), "yes");
  EXPECT_EQ(warnings, words{});
  EXPECT_EQ(set({"timeout", "5"}), "OK"); // locks nobody out
  EXPECT_EQ(warnings.size(), 1u);
  out.full.clear();
  EXPECT_EQ(set({"requirepass", "new"}), "OK");
  EXPECT_NE(rules_of_user("default"), before);
}

TEST_F(gateway_access_test, changes_no_user_that_it_cannot_keep) {
  start({"127.0.0.1:7", "unix:/x"});
  EXPECT_EQ(user({"bob", "on", ">x", "+@all"}), "OK");
  auto before = rules_of_user("bob");
  out.full = "the disk is full";
  for (auto& x : {words{"ACL", "SETUSER", "bob", "off"},
                  words{"ACL", "SETUSER", "eve", "on"},
                  words{"ACL", "DELUSER", "bob"}, words{"ACL", "LOAD"}}) {
    auto no = said(x);
    EXPECT_EQ(no.find("ERR Nothing is changed, for it cannot be kept"), 0u)
      << no;
    EXPECT_NE(no.find("the disk is full"), no.npos) << no;
  }
  EXPECT_EQ(rules_of_user("bob"), before);
  EXPECT_EQ(rules_of_user("eve"), "");
  EXPECT_EQ(said({"ACL", "DELUSER", "nosuch"}), "number"); // nothing to keep
  out.full.clear();
  EXPECT_EQ(said({"ACL", "LOAD"}), "OK");
  EXPECT_EQ(rules_of_user("bob"), "on nopass resetchannels +@all");
}

TEST_F(gateway_access_test, keeps_a_new_password_in_what_acl_made) {
  start({"127.0.0.1:7", "unix:/x"});
  EXPECT_EQ(user({"default", ">old", "-echo"}), "OK");
  EXPECT_EQ(set({"requirepass", "new"}), "OK");
  ASSERT_EQ(out.users.size(), 1u);
  EXPECT_EQ(out.users[0], "user default " + rules_of_user("default"));
  auto writes = out.writes;
  EXPECT_EQ(set({"timeout", "5"}), "OK");
  EXPECT_EQ(out.writes, writes);
}

// -- reachable and open ------------------------------------------------------------

TEST_F(gateway_access_test, lets_nobody_in_from_outside_without_a_password) {
  start({"127.0.0.1:7", "unix:/x"});
  EXPECT_NE(set({"bind", "10.0.0.1"}).find("user default has no password"),
            std::string::npos);
  // A password is one, wherever it comes from.
  EXPECT_EQ(user({"default", ">x"}), "OK");
  EXPECT_EQ(set({"bind", "10.0.0.1"}), "OK");
  EXPECT_NE(user({"default", "nopass"}).find("user default has no password"),
            std::string::npos);
  EXPECT_NE(user({"bob", "on", "nopass"}).find("user bob has no password"),
            std::string::npos);
  EXPECT_EQ(user({"bob", "off", "nopass"}), "OK");
  EXPECT_NE(user({"bob", "on"}).find("user bob has no password"),
            std::string::npos);
  EXPECT_NE(said({"ACL", "LOAD"}).find("user bob has no password"),
            std::string::npos);
  EXPECT_EQ(rules_of_user("bob"), "off nopass resetchannels -@all");
  // It was by ACL: the parameter says nothing new.
  EXPECT_EQ(set({"requirepass", ""}), "OK");
  EXPECT_FALSE(links->live->sessions->users->find("default")->open());
  EXPECT_EQ(set({"requirepass", "y"}), "OK");
  EXPECT_NE(set({"requirepass", ""}).find("argument 'requirepass')"),
            std::string::npos);
  EXPECT_EQ(set({"bind", "127.0.0.1", "requirepass", ""}), "OK");
  EXPECT_EQ(user({"bob", "on"}), "OK");
  EXPECT_NE(set({"bind", "*", "requirepass", "x"}).find("user bob has"),
            std::string::npos);
}

TEST_F(gateway_access_test, counts_addresses_for_tls_without_certificates) {
  start({"127.0.0.1:7"}, {"10.0.0.1:8"});
  auto no = set({"tls-auth-clients", "no"});
  EXPECT_NE(no.find("argument 'tls-auth-clients') - 10.0.0.1:8 can be"),
            no.npos)
    << no;
  EXPECT_EQ(shown, 0);
  EXPECT_EQ(set({"tls-auth-clients", "no", "requirepass", "x"}), "OK");
  EXPECT_EQ(shown, 1);
  EXPECT_NE(user({"default", "nopass"}).find("10.0.0.1:8 can be reached"),
            std::string::npos);
  EXPECT_NE(set({"requirepass", ""}).find("10.0.0.1:8 can be reached"),
            std::string::npos);
}

TEST_F(gateway_access_test, asks_for_certificates_until_the_rest_is_done) {
  start({"127.0.0.1:7"}, {"10.0.0.1:8"});
  out.refusals["127.0.0.1:9"] = "bind EACCES: Permission denied";
  EXPECT_NE(set({"tls-auth-clients", "no", "requirepass", "x", "port", "9"}),
            "OK");
  EXPECT_EQ(shown, 0); // nor is there a password
  out.refusals.clear();
  out.full = "the disk is full";
  EXPECT_NE(set({"tls-auth-clients", "no", "requirepass", "x"}), "OK");
  EXPECT_EQ(shown, 0);
}

TEST_F(gateway_access_test, lets_no_change_pass_another_one) {
  start({"127.0.0.1:7", "unix:/x"});
  EXPECT_EQ(user({"default", ">x"}), "OK");
  out.slow = true;
  auto bind = begin({"CONFIG", "SET", "bind", "10.0.0.1"});
  auto open = begin({"ACL", "SETUSER", "default", "nopass"});
  auto other = begin({"ACL", "SETUSER", "bob", "on", ">y"});
  ASSERT_EQ(out.open.size(), 1u);
  EXPECT_FALSE(links->live->sessions->users->find("default")->open());
  let_listen();
  EXPECT_EQ(answer_to(bind), "OK");
  EXPECT_NE(answer_to(open).find("user default has no password"),
            std::string::npos);
  EXPECT_EQ(answer_to(other), "OK");
}

TEST_F(gateway_access_test, carries_out_a_crowd_of_changes) {
  start({"127.0.0.1:7", "unix:/x"});
  out.slow = true;
  auto first = begin({"CONFIG", "SET", "port", "8"});
  std::vector<caf::message_id> others;
  for (auto i = 0; i < 10'000; ++i)
    others.push_back(self
                       ->request(uut, caf::infinite, atom::call_v,
                                 call_of({"CONFIG", "SET", "hz", "x"}))
                       .id());
  settle();
  let_listen();
  EXPECT_EQ(answer_to(first), "OK");
  EXPECT_NE(answer_to(others.front()), "nothing");
  EXPECT_NE(answer_to(others.back()), "nothing");
}

// -- nobody left -------------------------------------------------------------------

TEST_F(gateway_access_test, keeps_an_address_if_optional_ones_fail) {
  start({"127.0.0.1:7"});
  out.refusals["10.9.9.9:7"] = "bind EADDRNOTAVAIL: no such address";
  auto no = set({"bind", "-10.9.9.9", "requirepass", "x"});
  EXPECT_NE(no.find("argument 'bind') - Nobody could connect any more"),
            no.npos)
    << no;
  EXPECT_EQ(told_of("bind") + told_of("requirepass"), "127.0.0.1");
  EXPECT_EQ(out.heard, words{});
  EXPECT_EQ(set({"bind", "127.0.0.1 -10.9.9.9", "requirepass", "x"}), "OK");
  EXPECT_EQ(set({"bind", "-127.0.0.1"}), "OK"); // is still there
  out.heard.clear();
  out.refusals["0.0.0.0:7"] = "bind EADDRINUSE";
  EXPECT_NE(set({"bind", "-*"}), "OK"); // had to be left first
  EXPECT_EQ(out.heard, (words{"-127.0.0.1:7", "+127.0.0.1:7"}));
}

TEST_F(gateway_access_test, needs_no_address_beside_a_socket) {
  start({"127.0.0.1:7", "unix:/x"});
  out.refusals["127.0.0.2:7"] = "bind EADDRNOTAVAIL: no such address";
  EXPECT_EQ(set({"bind", "-127.0.0.2"}), "OK");
  EXPECT_EQ(out.heard, words{"-127.0.0.1:7"});
}

} // namespace
} // namespace saker
