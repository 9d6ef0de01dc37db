#include "session/listen_parameters.hpp"

#include "session/parameters.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using config::listen_address;
using texts = std::vector<std::string>;

listen_address at(std::string_view text) {
  auto x = config::parse_listen_address(text, "/run");
  return x ? *x : listen_address{};
}

address_list all_of(const texts& addresses) {
  address_list all;
  for (auto& x : addresses)
    all.push_back(at(x));
  return all;
}

texts shown(const address_list& all) {
  texts found;
  for (auto& x : all)
    found.push_back((x.optional ? "-" : "") + to_string(x));
  return found;
}

std::string refusal(std::string_view bind) {
  auto x = bound_addresses(bind, 7);
  return x ? "none" : x.error().detail;
}

config::settings listening_on(const texts& addresses) {
  config::settings from;
  from.listen = all_of(addresses);
  return from;
}

std::string
change(parameters& x, const std::string& name, const std::string& value) {
  auto ok = x.set(texts{name, value});
  return ok ? "" : ok.error().detail;
}

TEST(bound_addresses_test, reads_hosts_as_redis_writes_them) {
  auto all = bound_addresses("127.0.0.1  -::1 *  -::*", 7);
  ASSERT_TRUE(all);
  EXPECT_EQ(shown(*all),
            (texts{"127.0.0.1:7", "-[::1]:7", "0.0.0.0:7", "-[::]:7"}));
  EXPECT_EQ(bound_host(all->at(1)), "-::1");
  EXPECT_TRUE(bound_addresses("", 7)->empty());
}

TEST(bound_addresses_test, names_the_word_that_is_no_address) {
  EXPECT_EQ(refusal("127.0.0.1 nosuch.example"),
            "\"nosuch.example\" is no numeric address, such as 127.0.0.1 or "
            "::1");
  EXPECT_EQ(refusal("::1 0::1"), "\"0::1\" stands there twice");
  EXPECT_NE(refusal("-"), "none");
  std::string many;
  for (auto i = 1; i <= 17; ++i)
    many += "127.0.0." + std::to_string(i) + ' ';
  EXPECT_EQ(refusal(many), "Too many bind addresses specified.");
}

TEST(listen_change_test, closes_first_only_what_is_in_the_way) {
  auto x = change_between(
    all_of({"127.0.0.1:7", "[::1]:7", "127.0.0.2:8", "unix:/a"}),
    all_of({"0.0.0.0:7", "unix:/a", "127.0.0.2:9"}));
  EXPECT_EQ(shown(x.close_first), (texts{"127.0.0.1:7"}));
  EXPECT_EQ(shown(x.open), (texts{"0.0.0.0:7", "127.0.0.2:9"}));
  EXPECT_EQ(shown(x.close), (texts{"[::1]:7", "127.0.0.2:8"}));
  EXPECT_FALSE(x.empty());
}

TEST(listen_change_test, an_address_stays_whether_it_may_be_missing_or_not) {
  EXPECT_TRUE(
    change_between(all_of({"-[::1]:7"}), all_of({"[::1]:7"})).empty());
}

TEST(listen_change_test, one_port_of_two_addresses_is_no_conflict) {
  EXPECT_FALSE(excludes(at("127.0.0.1:7"), at("127.0.0.2:7")));
  EXPECT_FALSE(excludes(at("0.0.0.0:7"), at("[::1]:7")));
  EXPECT_TRUE(excludes(at("[::]:7"), at("[::1]:7")));
  EXPECT_TRUE(excludes(at("127.0.0.1:7"), at("0.0.0.0:7")));
  EXPECT_FALSE(excludes(at("0.0.0.0:8"), at("127.0.0.1:7")));
  EXPECT_FALSE(excludes(at("unix:/a"), at("0.0.0.0:7")));
  EXPECT_TRUE(excludes(at("unix:/a"), at("unix:/a")));
  EXPECT_FALSE(excludes(at("unix:/a"), at("unix:/b")));
}

TEST(listen_parameters_test, a_port_moves_all_hosts_that_had_the_old_one) {
  parameters x{listening_on({"127.0.0.1:7", "-[::1]:7", "127.0.0.1:9",
                             "unix:/a.sock", "unix:/b.sock"})};
  EXPECT_EQ(x.text("bind"), "127.0.0.1 -::1");
  EXPECT_EQ(x.text("unixsocket"), "/a.sock");
  EXPECT_EQ(change(x, "port", "8"), "");
  EXPECT_EQ(shown(x.listen()), (texts{"127.0.0.1:8", "-[::1]:8", "unix:/a.sock",
                                      "127.0.0.1:9", "unix:/b.sock"}));
  EXPECT_EQ(change(x, "bind", "127.0.0.3"), "");
  EXPECT_EQ(change(x, "unixsocket", "/c.sock"), "");
  EXPECT_EQ(shown(x.listen()), (texts{"127.0.0.3:8", "unix:/c.sock",
                                      "127.0.0.1:9", "unix:/b.sock"}));
  EXPECT_EQ(x.changed(), (parameters::pairs{{"bind", "127.0.0.3"},
                                            {"port", "8"},
                                            {"unixsocket", "/c.sock"}}));
  EXPECT_EQ(change(x, "port", "0"), "");
  EXPECT_EQ(change(x, "unixsocket", ""), "");
  EXPECT_EQ(shown(x.listen()), (texts{"127.0.0.1:9", "unix:/b.sock"}));
}

TEST(listen_parameters_test, says_what_is_wrong_with_a_value) {
  parameters x{listening_on({"127.0.0.1:7"})};
  const std::string failed
    = "ERR CONFIG SET failed (possibly related to argument '";
  EXPECT_EQ(change(x, "port", "65536"),
            failed + "port') - argument must be between 0 and 65535 inclusive");
  EXPECT_EQ(change(x, "bind", "x"),
            failed
              + "bind') - Failed to bind to specified addresses. \"x\" is "
                "no numeric address, such as 127.0.0.1 or ::1");
  EXPECT_EQ(change(x, "unixsocket", "a.sock"),
            failed
              + "unixsocket') - Unable to listen on this socket. The path "
                "must be absolute");
  EXPECT_NE(change(x, "unixsocket", '/' + std::string(108, 'a')), "");
  EXPECT_EQ(shown(x.listen()), texts{"127.0.0.1:7"});
}

TEST(listen_parameters_test, the_command_line_wins_over_what_was_kept) {
  auto from = listening_on({"127.0.0.1:7"});
  from.redis = {{"hz", "20", "overrides.toml:1", true},
                {"PORT", "8", "overrides.toml:2", true}};
  EXPECT_EQ(readable_parameters(from).first.text("port"), "8");
  from.listen_given = true;
  EXPECT_EQ(readable_parameters(from).first.text("port"), "7");
  EXPECT_EQ(readable_parameters(from).first.text("hz"), "20");
  from.redis[1].overrides = false; // a line of saker.toml is one of `listen`
  EXPECT_EQ(readable_parameters(from).first.text("port"), "8");
}

} // namespace
} // namespace saker::session
