#include "config/load.hpp"

#include <gtest/gtest.h>

namespace saker::config {
namespace {

using namespace std::chrono_literals;

sources with_tls(const std::string& text) {
  sources x;
  x.file = "/etc/saker/saker.toml";
  x.text = text;
  x.env.host_name = "box";
  x.env.home = "/root";
  return x;
}

settings loaded_tls(const std::string& text) {
  auto x = load(with_tls("[tls]\n" + text));
  EXPECT_TRUE(x) << x.error().detail;
  return x ? *x : settings{};
}

std::string tls_complaint(const std::string& text) {
  auto x = load(with_tls("[tls]\n" + text));
  return x ? "no complaint" : x.error().detail;
}

const std::string tls_here = "listen = [\"127.0.0.1:12008\"]\n";
const std::string tls_pair = "cert = \"tls/n.pem\"\nkey = \"/k/n.key\"\n";

TEST(tls_test, is_off_without_an_address) {
  EXPECT_TRUE(loaded_tls("").tls.listen.empty());
  EXPECT_TRUE(
    loaded_tls("listen = []\nhandshake = \"1s\"\n").tls.listen.empty());
}

TEST(tls_test, reads_all_that_clients_need) {
  auto x = loaded_tls("listen = [\"10.0.0.1:12008\", \"-[::1]:12008\"]\n"
                      + tls_pair
                      + "ca = \"tls/ca.pem\"\n"
                        "client-certificate = \"required\"\n"
                        "certificate-user = true\n"
                        "handshake = \"2s\"\nhandshakes = 7\n")
             .tls;
  ASSERT_EQ(x.listen.size(), 2u);
  EXPECT_EQ(to_string(x.listen[0]), "10.0.0.1:12008");
  EXPECT_TRUE(x.listen[1].optional);
  EXPECT_EQ(x.cert, "/etc/saker/tls/n.pem");
  EXPECT_EQ(x.key, "/k/n.key");
  EXPECT_EQ(x.ca, "/etc/saker/tls/ca.pem");
  EXPECT_EQ(x.clients, client_certificate::required);
  EXPECT_TRUE(x.certificate_user);
  EXPECT_EQ(x.handshake, 2s);
  EXPECT_EQ(x.handshakes, 7u);
}

TEST(tls_test, asks_for_no_certificate_unless_told) {
  auto x = loaded_tls(tls_here + tls_pair).tls;
  EXPECT_EQ(x.clients, client_certificate::no);
  EXPECT_FALSE(x.certificate_user);
  EXPECT_EQ(x.handshake, 5s);
  EXPECT_EQ(x.handshakes, 100u);
}

TEST(tls_test, wants_certificate_and_key) {
  auto x = tls_complaint(tls_here);
  EXPECT_NE(x.find("tls.cert: is missing"), x.npos) << x;
  EXPECT_NE(x.find("tls.key: is missing"), x.npos) << x;
}

TEST(tls_test, wants_an_authority_before_it_asks_for_certificates) {
  for (std::string how : {"optional", "required"}) {
    auto x = tls_complaint(tls_here + tls_pair + "client-certificate = \"" + how
                           + "\"\n");
    EXPECT_NE(x.find("5: tls.client-certificate: needs ca"), x.npos) << x;
  }
  auto x = tls_complaint(tls_here + tls_pair + "certificate-user = true\n");
  EXPECT_NE(x.find("5: tls.certificate-user: needs client-certificate"), x.npos)
    << x;
}

TEST(tls_test, refuses_what_means_nothing_without_an_address) {
  for (std::string line :
       {"cert = \"a\"", "key = \"a\"", "ca = \"a\"",
        "client-certificate = \"required\"", "certificate-user = true"}) {
    auto x = tls_complaint(line);
    EXPECT_NE(x.find("2: tls." + line.substr(0, line.find(' '))
                     + ": means nothing without [tls] listen"),
              x.npos)
      << x;
  }
}

TEST(tls_test, wants_addresses_of_its_own) {
  auto say = [](const std::string& list) {
    return tls_complaint("listen = [" + list + "]\n" + tls_pair);
  };
  EXPECT_NE(say("\"127.0.0.1:12007\"")
              .find("2: tls.listen: \"127.0.0.1:12007\" "
                    "stands there twice"),
            std::string::npos);
  EXPECT_NE(say("\"127.0.0.1:1\", \"127.0.0.1:01\"").find("stands there twice"),
            std::string::npos);
  EXPECT_NE(say("\"unix:x\"").find("is a UNIX socket, which needs no TLS"),
            std::string::npos);
  EXPECT_NE(say("\"127.0.0.1\"").find("the port is missing"),
            std::string::npos);
}

TEST(tls_test, leaves_no_address_to_nodes_that_clients_have) {
  auto x = tls_complaint(tls_here + tls_pair
                         + "[cluster]\nlisten = \"127.0.0.1:12008\"\n"
                           "insecure = true\ncookie-file = \"c\"\n");
  EXPECT_NE(x.find("nodes need another port"), x.npos) << x;
}

TEST(tls_test, lets_nobody_in_from_other_machines_unasked) {
  const std::string far = "listen = [\"0.0.0.0:12008\"]\n" + tls_pair;
  EXPECT_NE(tls_complaint(far).find("2: tls.listen: 0.0.0.0:12008 can be "
                                    "reached from other machines"),
            std::string::npos);
  EXPECT_NE(
    tls_complaint(far + "ca = \"a\"\nclient-certificate = \"optional\"\n")
      .find("can be reached"),
    std::string::npos);
  EXPECT_EQ(
    tls_complaint(far + "ca = \"a\"\nclient-certificate = \"required\"\n"),
    "no complaint");
  EXPECT_EQ(tls_complaint(far + "[users.default]\npassword-hash = \""
                          + std::string(64, 'a') + "\"\n"),
            "no complaint");
}

} // namespace
} // namespace saker::config
