#include "config/load.hpp"

#include <gtest/gtest.h>

namespace saker::config {
namespace {

using namespace std::chrono_literals;

sources with_cluster(const std::string& cluster) {
  sources x;
  x.file = "/etc/saker/saker.toml";
  x.text = "[cluster]\n" + cluster;
  x.env.host_name = "box";
  x.env.home = "/root";
  return x;
}

settings loaded_cluster(const std::string& cluster) {
  auto x = load(with_cluster(cluster));
  EXPECT_TRUE(x) << x.error().detail;
  return x ? *x : settings{};
}

std::string cluster_complaint(const std::string& cluster) {
  auto x = load(with_cluster(cluster));
  return x ? "no complaint" : x.error().detail;
}

const std::string tls
  = "tls = {cert = \"c/a.pem\", key = \"/k/a.key\", ca = \"c/ca.pem\"}\n";
const std::string insecure = "insecure = true\ncookie-file = \"cookie\"\n";
const std::string here = "listen = \"127.0.0.1:12107\"\n";

TEST(cluster_test, is_off_without_an_address) {
  EXPECT_FALSE(loaded_cluster("").cluster.listen);
  EXPECT_FALSE(
    loaded_cluster("listen = \"\"\nheartbeat = \"2s\"\n").cluster.listen);
}

TEST(cluster_test, reads_all_that_links_need) {
  auto x = loaded_cluster(
             "listen = \"10.0.0.1:12107\"\njoin = [\"10.0.0.2:12107\"]\n" + tls
             + "heartbeat = \"200ms\"\ndead-after = \"1s\"\n")
             .cluster;
  EXPECT_EQ(to_string(*x.listen), "10.0.0.1:12107");
  ASSERT_EQ(x.join.size(), 1u);
  EXPECT_EQ(x.join[0], "10.0.0.2:12107");
  EXPECT_EQ(x.cert, "/etc/saker/c/a.pem");
  EXPECT_EQ(x.key, "/k/a.key");
  EXPECT_EQ(x.ca, "/etc/saker/c/ca.pem");
  EXPECT_EQ(x.heartbeat, 200ms);
  EXPECT_EQ(x.dead_after, 1s);
}

TEST(cluster_test, ignores_its_own_address_and_repetitions_in_join) {
  auto x = loaded_cluster(here
                          + "join = [\"127.0.0.1:12107\", \"127.0.0.1:2\", "
                            "\"127.0.0.1:02\"]\n"
                          + insecure)
             .cluster;
  EXPECT_EQ(x.join, (std::vector<std::string>{"127.0.0.1:2"}));
}

TEST(cluster_test, takes_names_of_hosts_to_join) {
  auto x = loaded_cluster(here
                          + "join = [\"DB1.example:7\", \"localhost:7\", "
                            "\"db1.example:7\", \"[::1]:7\"]\n"
                          + tls)
             .cluster;
  EXPECT_EQ(x.join, (std::vector<std::string>{"db1.example:7", "localhost:7",
                                              "[::1]:7"}));
  for (auto wrong : {"db1.example", "-db1:7", "a..b:7", "a b:7", "db1:0",
                     "db1:99999", "1.2.3:7", "::1:7", "unix:x"})
    EXPECT_NE(cluster_complaint(here + "join = [\"" + wrong + "\"]\n" + tls)
                .find("is no address of a node; write for example"),
              std::string::npos)
      << wrong;
}

TEST(cluster_test, goes_to_no_name_but_localhost_without_tls) {
  auto x
    = loaded_cluster(here + "join = [\"localhost:7\"]\n" + insecure).cluster;
  EXPECT_EQ(x.join, (std::vector<std::string>{"localhost:7"}));
  EXPECT_NE(cluster_complaint(here + "join = [\"n2:1\"]\n" + insecure)
              .find("on the way to n2:1 others"),
            std::string::npos);
}

TEST(cluster_test, refuses_links_that_anybody_could_open) {
  EXPECT_NE(
    cluster_complaint(here).find("2: cluster.listen: needs tls = {cert"),
    std::string::npos);
  EXPECT_NE(cluster_complaint(here + "insecure = true\n")
              .find("3: cluster.insecure: needs a cookie-file"),
            std::string::npos);
}

TEST(cluster_test, allows_insecure_links_on_loopback_only) {
  EXPECT_TRUE(loaded_cluster(here + insecure).cluster.insecure);
  EXPECT_NE(cluster_complaint("listen = \"0.0.0.0:12107\"\n" + insecure)
              .find("3: cluster.insecure: is for loopback addresses"),
            std::string::npos);
  EXPECT_NE(cluster_complaint(here + "join = [\"10.0.0.2:1\"]\n" + insecure)
              .find("on the way to 10.0.0.2:1"),
            std::string::npos);
  EXPECT_NE(cluster_complaint(here + insecure + tls).find("exclude each other"),
            std::string::npos);
}

TEST(cluster_test, wants_all_three_files_of_tls) {
  EXPECT_NE(cluster_complaint(here + "tls = {cert = \"a\", key = \"k\"}\n")
              .find("cluster.tls.ca: is missing"),
            std::string::npos);
  EXPECT_NE(cluster_complaint(here + "tls = {ca = \"a\"}\n")
              .find("cluster.tls.cert: is missing"),
            std::string::npos);
}

TEST(cluster_test, wants_more_than_two_heartbeats_before_death) {
  EXPECT_NE(cluster_complaint(here + insecure + "dead-after = \"2s\"\n")
              .find("5: cluster.dead-after: must be more than two heartbeats"),
            std::string::npos);
  loaded_cluster(here + insecure + "dead-after = \"2001ms\"\n");
}

TEST(cluster_test, refuses_what_means_nothing_alone) {
  EXPECT_NE(
    cluster_complaint(tls).find("2: cluster.tls.cert: means nothing without"),
    std::string::npos);
  EXPECT_NE(cluster_complaint("join = [\"10.0.0.2:1\"]\n")
              .find("2: cluster.join: means nothing without"),
            std::string::npos);
}

TEST(cluster_test, refuses_what_is_no_address_of_a_node) {
  EXPECT_NE(cluster_complaint("listen = \"unix:x\"\n" + insecure)
              .find("\"unix:x\" is no address of a node"),
            std::string::npos);
  EXPECT_NE(cluster_complaint("listen = \"127.0.0.1:12007\"\n" + insecure)
              .find("nodes need another port"),
            std::string::npos);
  EXPECT_NE(cluster_complaint("listen = \"n2:1\"\n" + tls)
              .find("the host must be a numeric address"),
            std::string::npos);
}

} // namespace
} // namespace saker::config
