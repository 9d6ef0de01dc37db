#include "session/exposure.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using texts = std::vector<std::string>;

address_list at_addresses(const texts& all) {
  address_list x;
  for (auto& y : all)
    x.push_back(*config::parse_listen_address(y, "/run"));
  return x;
}

parameters listening_at(const texts& all) {
  config::settings from;
  from.listen = at_addresses(all);
  return parameters{from};
}

acl::user_list users_with(const std::string& name, const texts& rules) {
  acl::user_list x;
  EXPECT_TRUE(x.change("default", texts{">secret"}));
  EXPECT_TRUE(x.change(name, rules));
  return x;
}

TEST(exposure_test, is_of_those_who_need_no_password_where_others_come) {
  struct row {
    std::string user;
    texts rules;
    bool open;
  };
  const row rows[]{
    {"default", {}, false},
    {"default", {"nopass"}, true},
    {"default", {"nopass", "off"}, false},
    {"guest", {}, false},
    {"guest", {"nopass"}, true},
    {"bob", {"on"}, false},
    {"bob", {"on", "nopass", "-@all"}, true},
    {"bob", {"nopass"}, false},
    {"bob", {"on", "nopass", ">x"}, false},
  };
  for (auto& x : rows) {
    auto users = users_with(x.user, x.rules);
    auto why = exposure(users, listening_at({"127.0.0.1:7", "0.0.0.0:7"}), {});
    EXPECT_EQ(why.empty(), !x.open) << x.user << ' ' << why;
    if (x.open) {
      EXPECT_EQ(why.find("0.0.0.0:7 can be reached from other machines, but "
                         "user "
                         + x.user + " has no password; "),
                0u)
        << why;
    }
    EXPECT_EQ(exposure(users, listening_at({"127.0.0.1:7", "unix:/x"}), {}),
              "");
  }
}

TEST(exposure_test, goes_by_certificates_where_clients_speak_tls) {
  auto users = users_with("bob", {"on", "nopass"});
  auto x = listening_at({"127.0.0.1:7"});
  auto far = at_addresses({"10.0.0.1:8"});
  EXPECT_EQ(x.text("tls-auth-clients"), "yes");
  EXPECT_EQ(exposure(users, x, far), "");
  for (auto word : {"optional", "no"}) {
    EXPECT_TRUE(x.set(texts{"tls-auth-clients", word}));
    EXPECT_EQ(exposure(users, x, far).find("10.0.0.1:8 can be reached"), 0u);
    EXPECT_EQ(exposure(users, x, at_addresses({"127.0.0.1:8"})), "");
  }
}

} // namespace
} // namespace saker::session
