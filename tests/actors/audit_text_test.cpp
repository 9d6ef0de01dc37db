#include "actors/audit_text.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using session::audit_entry;
using session::audit_outcome;

audit_entry a_stop() {
  audit_entry x;
  x.at = std::chrono::system_clock::time_point{
    std::chrono::milliseconds{1'700'000'000'001}};
  x.user = "ann";
  x.address = "10.0.0.7:4711";
  x.client = 7;
  x.command = "svstop";
  x.args = {"web", "WAIT", "5"};
  x.services = {"web"};
  return x;
}

audit_entry left_out(const std::string& user) {
  audit_entry x;
  x.at = a_stop().at;
  x.user = user;
  x.more = 17;
  return x;
}

TEST(audit_text_test, the_channel_tells_node_and_user) {
  EXPECT_EQ(audit_channel("n1", a_stop()), "audit:n1:ann");
  EXPECT_EQ(audit_channel("n1", {}), "audit:n1:-");
  EXPECT_EQ(audit_channel("n1", left_out("")), "audit:n1:-");
}

TEST(audit_text_test, the_payload_tells_all_that_is_known) {
  auto x = a_stop();
  EXPECT_EQ(audit_payload("n1", x),
            R"({"ts":1700000000001,"node":"n1","user":"ann",)"
            R"("address":"10.0.0.7:4711","uid":null,"client":7,)"
            R"("command":"svstop","args":["web","WAIT","5"],)"
            R"("services":["web"],"outcome":"done","error":null})");
  x.client = 0;
  x.uid = 1000;
  x.user.clear();
  x.args = {"a\"\n\xff\xc2\x9b\x7f"};
  x.services.clear();
  x.result = {audit_outcome::refused, "NOAUTH"};
  EXPECT_EQ(
    audit_payload("n1", x),
    "{\"ts\":1700000000001,\"node\":\"n1\",\"user\":null,"
    "\"address\":\"10.0.0.7:4711\",\"uid\":1000,\"client\":null,"
    "\"command\":\"svstop\",\"args\":[\"a\\\"\\n\\ufffd\\u009b\\u007f\"],"
    "\"services\":[],\"outcome\":\"refused\",\"error\":\"NOAUTH\"}");
}

TEST(audit_text_test, what_was_left_out_is_a_number) {
  EXPECT_EQ(audit_payload("n1", left_out("ann")),
            R"({"ts":1700000000001,"node":"n1","user":"ann","address":null,)"
            R"("uid":null,"client":null,"command":null,"args":[],)"
            R"("services":[],"outcome":null,"error":null,"more":17})");
}

TEST(audit_text_test, the_log_has_a_line_of_it) {
  auto x = a_stop();
  EXPECT_EQ(audit_line(x), "audit: ann from 10.0.0.7:4711 (client 7): svstop "
                           "\"web\" \"WAIT\" \"5\": done");
  x.uid = 1000;
  x.user.clear();
  x.args = {"a\nb"};
  x.result = {audit_outcome::refused, "NOAUTH"};
  EXPECT_EQ(audit_line(x), "audit: nobody from 10.0.0.7:4711 (client 7, uid "
                           "1000): svstop \"a\\nb\": refused, NOAUTH");
  x = a_stop();
  x.client = 0;
  x.user = "script:night.lua";
  x.address = "lua";
  x.args.clear();
  x.result = {audit_outcome::begun, {}};
  EXPECT_EQ(audit_line(x), "audit: script:night.lua from lua: svstop: begun");
  EXPECT_EQ(audit_line(left_out("ann")),
            "audit: ann: 17 more than [audit] per-second lets through");
  EXPECT_EQ(audit_line(left_out("")), "audit: 17 more refusals than [audit] "
                                      "refused-per-second lets through");
}

} // namespace
} // namespace saker
