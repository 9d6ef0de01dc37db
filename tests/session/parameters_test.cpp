#include "session/parameters.hpp"

#include "acl/password.hpp"
#include "session/parameter_table.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

parameters fresh() {
  return parameters{config::settings{}};
}

std::string error_of(const result<void>& x) {
  return x ? "" : x.error().detail;
}

std::string value(const parameters& x, const std::string& name) {
  auto found = x.get(words{name});
  return found.size() == 1 ? found[0].second
                           : std::to_string(found.size()) + " values";
}

std::string failed(const std::string& name, const std::string& why) {
  return "ERR CONFIG SET failed (possibly related to argument '" + name
         + "') - " + why;
}

TEST(parameters_test, begins_with_what_redis_and_the_configuration_say) {
  config::settings from;
  from.max_clients = 77;
  from.log.level = config::log_level::warn;
  from.listen
    = {{config::listen_address::family::tcp, "127.0.0.1", 7000, {}, false},
       {config::listen_address::family::tcp, "::1", 7000, {}, true},
       {config::listen_address::family::local, {}, 0, "/run/x.sock"}};
  parameters x{from};
  EXPECT_EQ(value(x, "maxclients"), "77");
  EXPECT_EQ(value(x, "loglevel"), "warning");
  EXPECT_EQ(value(x, "port"), "7000");
  EXPECT_EQ(value(x, "bind"), "127.0.0.1 -::1");
  EXPECT_EQ(value(x, "unixsocket"), "/run/x.sock");
  EXPECT_EQ(value(x, "unixsocketperm"), "660");
  EXPECT_EQ(value(x, "maxmemory-policy"), "noeviction");
  EXPECT_EQ(value(x, "client-output-buffer-limit"),
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 "
            "60");
  EXPECT_TRUE(x.changed().empty());
}

TEST(parameters_test, finds_by_patterns_each_once_as_it_was_spelt) {
  auto x = fresh();
  auto found = x.get(words{"TIMEOUT", "time*", "tcp-k*", "nosuch"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].first, "tcp-keepalive");
  EXPECT_EQ(found[1].first, "TIMEOUT");
  EXPECT_EQ(x.get(words{"*"}).size(), all_parameters().size());
}

TEST(parameters_test, takes_back_each_value_that_it_told) {
  auto x = fresh();
  std::size_t fixed = 0;
  for (auto& [name, text] : x.get(words{"*"})) {
    auto error = error_of(x.set(words{name, text}));
    fixed += error.find("can't set ") != error.npos;
    EXPECT_TRUE(error.empty() || error.find("can't set ") != error.npos)
      << error;
  }
  EXPECT_GT(fixed, 20u);
  EXPECT_LT(fixed, 50u);
  EXPECT_TRUE(x.changed().empty());
}

TEST(parameters_test, keeps_a_password_beside_a_value_that_cannot_be_read) {
  config::settings from;
  for (auto [name, text] : {std::pair{"requirepass", "secret"},
                            std::pair{"hz", "x"}, std::pair{"timeout", "7"}}) {
    config::redis_parameter one;
    one.name = name;
    one.value = text;
    one.place = "overrides.toml:1";
    from.redis.push_back(std::move(one));
  }
  auto [x, errors] = readable_parameters(from);
  EXPECT_EQ(errors.find("overrides.toml:1: "), 0u) << errors;
  EXPECT_NE(x.password_hash(), "");
  EXPECT_EQ(value(x, "timeout"), "7");
}

TEST(parameters_test, sets_all_or_nothing) {
  auto x = fresh();
  EXPECT_TRUE(x.set(words{"timeout", "5", "MAXCLIENTS", "9"}));
  EXPECT_EQ(value(x, "timeout"), "5");
  EXPECT_EQ(value(x, "maxclients"), "9");
  EXPECT_FALSE(x.set(words{"timeout", "6", "maxclients", "x"}));
  EXPECT_EQ(value(x, "timeout"), "5");
}

TEST(parameters_test, refuses_in_the_words_of_redis) {
  auto x = fresh();
  auto no = [&x](const words& pairs) { return error_of(x.set(pairs)); };
  EXPECT_EQ(no({"a", "b"}),
            "ERR Unknown option or number of arguments for CONFIG SET - 'a'");
  EXPECT_EQ(no({"timeout", "5", "a"}), "ERR syntax error");
  EXPECT_EQ(no({"timeout", "x", "nosuch", "6"}),
            "ERR Unknown option or number of arguments for CONFIG SET - "
            "'nosuch'");
  EXPECT_EQ(no({"timeout", "5", "timeout", "6"}),
            failed("timeout", "duplicate parameter"));
  EXPECT_EQ(
    no({"timeout", "-1"}),
    failed("timeout", "argument must be between 0 and 2147483647 inclusive"));
  EXPECT_EQ(no({"timeout", "05"}),
            failed("timeout", "argument couldn't be parsed into an integer"));
  EXPECT_EQ(no({"databases", "16"}),
            failed("databases", "can't set immutable config"));
  EXPECT_EQ(no({"dir", "/"}), failed("dir", "can't set protected config"));
  EXPECT_EQ(no({"appendonly", "maybe"}),
            failed("appendonly", "argument must be 'yes' or 'no'"));
  EXPECT_EQ(no({"loglevel", "foo"}),
            failed("loglevel", "argument(s) must be one of the following: "
                               "debug, verbose, notice, warning"));
  EXPECT_EQ(no({"proto-max-bulk-len", "1"}),
            failed("proto-max-bulk-len", "argument must be between 1048576 and "
                                         "9223372036854775807 inclusive"));
  EXPECT_EQ(no({"maxmemory", "2x"}),
            failed("maxmemory", "argument must be a memory value"));
  EXPECT_EQ(no({"save", "foo"}), failed("save", "Invalid save parameters"));
  EXPECT_EQ(no({"tls-port", "5"}),
            failed("tls-port",
                   "Unable to update TLS configuration: [tls] listen of "
                   "saker.toml names the addresses, and a start takes them"));
  EXPECT_EQ(no({"notify-keyspace-events", "q"}),
            failed("notify-keyspace-events",
                   "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."));
  EXPECT_EQ(no({"latency-tracking-info-percentiles", "50 x"}),
            failed("latency-tracking-info-percentiles",
                   "Invalid latency-tracking-info-percentiles parameters"));
  EXPECT_EQ(no({"latency-tracking-info-percentiles", "101"}),
            failed("latency-tracking-info-percentiles",
                   "latency-tracking-info-percentiles parameters should sit "
                   "between [0.0,100.0]"));
  EXPECT_EQ(no({"maxmemory-clients", "101%"}),
            failed("maxmemory-clients",
                   "percentage argument must be less or equal to 100"));
  EXPECT_EQ(no({"oom-score-adj-values", "1 2"}),
            failed("oom-score-adj-values", "wrong number of arguments"));
  EXPECT_TRUE(x.changed().empty());
}

TEST(parameters_test, changes_output_limits_by_class) {
  auto x = fresh();
  constexpr auto name = "client-output-buffer-limit";
  EXPECT_TRUE(x.set(words{name, "normal 1mb 2k 3 replica 1 2 3"}));
  EXPECT_EQ(value(x, name),
            "normal 1048576 2000 3 slave 1 2 3 pubsub 33554432 8388608 60");
  EXPECT_EQ(x.output_limit("normal"),
            (config::output_limit{1 << 20, 2000, 3s}));
  EXPECT_EQ(x.output_limit("pubsub"),
            (config::output_limit{32 << 20, 8 << 20, 60s}));
  EXPECT_TRUE(x.set(words{name, ""}));
  auto no = [&x](const std::string& text) {
    return error_of(x.set(words{name, text}));
  };
  EXPECT_EQ(no("normal 0 0"),
            failed(name, "Wrong number of arguments in buffer limit "
                         "configuration."));
  EXPECT_EQ(no("foo 0 0 0"),
            failed(name, "Invalid client class specified in buffer limit "
                         "configuration."));
  for (auto bad : {"normal a 0 0", "normal 0 x 0", "normal 0 0 -1"})
    EXPECT_EQ(no(bad), failed(name, "Error in hard, soft or soft_seconds "
                                    "setting in buffer limit configuration."));
}

TEST(parameters_test, reads_sizes_as_redis_does) {
  EXPECT_EQ(*parse_memory("2m"), 2'000'000u);
  EXPECT_EQ(*parse_memory("2MB"), 2u << 20);
  EXPECT_EQ(*parse_memory("7"), 7u);
  EXPECT_EQ(*parse_memory("7b"), 7u);
  for (auto bad : {"", "b", "-1", "1 mb", "99999999999gb", "1tb"})
    EXPECT_FALSE(parse_memory(bad)) << bad;
}

TEST(parameters_test, shows_some_values_otherwise_than_they_were_set) {
  auto x = fresh();
  auto set = [&x](const std::string& name, const std::string& text) {
    EXPECT_EQ(error_of(x.set(words{name, text})), "");
    return value(x, name);
  };
  EXPECT_EQ(set("hz", "1000"), "500");
  EXPECT_EQ(set("notify-keyspace-events", "KEA"), "AKE");
  EXPECT_EQ(set("notify-keyspace-events", "Kxg$lshzetd"), "AK");
  EXPECT_EQ(set("notify-keyspace-events", "KElgmn"), "glnKEm");
  EXPECT_EQ(set("latency-tracking-info-percentiles", "50 99 99.90"),
            "50 99 99.9");
  EXPECT_EQ(set("loglevel", "NOTICE"), "notice");
  EXPECT_EQ(set("maxmemory-clients", "5%"), "5%");
  EXPECT_EQ(set("save", "3600  1"), "3600 1");
}

TEST(parameters_test, waits_for_long_where_it_is_told_to_wait_for_ever) {
  auto x = fresh();
  auto most = std::to_string(INT64_MAX);
  EXPECT_TRUE(x.set(words{"client-output-buffer-limit", "normal 9 8 " + most}));
  std::chrono::nanoseconds patience = x.output_limit("normal").soft_time;
  EXPECT_GT(patience, std::chrono::hours{24 * 365});
  EXPECT_EQ(value(x, "client-output-buffer-limit").find("normal 9 8 " + most),
            0u); // as it was set
}

TEST(parameters_test, knows_older_names) {
  auto x = fresh();
  EXPECT_TRUE(x.set(words{"slave-priority", "5"}));
  EXPECT_EQ(value(x, "replica-priority"), "5");
  EXPECT_EQ(value(x, "slave-priority"), "5");
  // Both at once: the last one counts, as in Redis.
  EXPECT_TRUE(x.set(words{"slave-priority", "6", "replica-priority", "7"}));
  EXPECT_EQ(value(x, "slave-priority"), "7");
}

TEST(parameters_test, keeps_digests_of_passwords_only_where_they_are_kept) {
  auto x = fresh();
  EXPECT_EQ(x.password_hash(), "");
  EXPECT_TRUE(x.set(words{"requirepass", "secret"}));
  EXPECT_EQ(value(x, "requirepass"), "secret");
  auto hash = acl::password_hash("secret");
  EXPECT_EQ(x.password_hash(), hash);
  ASSERT_EQ(x.changed().size(), 1u);
  EXPECT_EQ(x.changed()[0].second, '#' + hash);
  // What was told can be set back, also where only the digest is known.
  config::settings from;
  from.users["default"].password_hash = hash;
  parameters y{from};
  EXPECT_EQ(value(y, "requirepass"), '#' + hash);
  EXPECT_TRUE(y.set(words{"requirepass", '#' + hash}));
  EXPECT_EQ(y.password_hash(), hash);
}

TEST(parameters_test, takes_no_endless_password) {
  auto x = fresh();
  EXPECT_FALSE(x.set(words{"requirepass", std::string(65537, 'x')}));
  EXPECT_EQ(x.password_hash(), "");
  EXPECT_TRUE(x.set(words{"requirepass", std::string(65536, 'x')}));
}

TEST(parameters_test, leaves_the_last_word_to_others) {
  auto x = fresh();
  auto no = [](std::string_view name, const std::string& text) {
    return name == "maxclients" && text == "9" ? "too many" : "";
  };
  EXPECT_EQ(error_of(x.set(words{"timeout", "1", "maxclients", "9"}, no)),
            failed("maxclients", "too many"));
  EXPECT_EQ(value(x, "timeout"), "0");
  EXPECT_EQ(error_of(x.set(words{"maxclients", "8"}, no)), "");
}

TEST(parameters_test, tells_what_differs_from_the_configuration) {
  auto x = fresh();
  EXPECT_TRUE(x.set(words{"timeout", "5"}));
  x.settle();
  EXPECT_TRUE(x.changed().empty());
  EXPECT_TRUE(x.set(words{"timeout", "6", "hz", "10"}));
  EXPECT_EQ(x.changed(), (parameters::pairs{{"timeout", "6"}}));
}

TEST(parameters_test, tells_the_certificates_of_clients_over_tls) {
  config::settings from;
  EXPECT_EQ(parameters{from}.text("tls-port"), "0");
  config::listen_address where;
  where.host = "127.0.0.1";
  where.port = 12008;
  from.tls.listen.push_back(where);
  from.tls.cert = "/c/a.pem";
  from.tls.key = "/c/a.key";
  from.tls.ca = "/c/ca.pem";
  parameters x{from};
  EXPECT_EQ(x.text("tls-port"), "12008");
  EXPECT_EQ(x.text("tls-cert-file"), "/c/a.pem");
  EXPECT_EQ(x.text("tls-key-file"), "/c/a.key");
  EXPECT_EQ(x.text("tls-ca-cert-file"), "/c/ca.pem");
  EXPECT_EQ(x.text("tls-auth-clients"), "no");
  EXPECT_TRUE(x.changed().empty());
  from.tls.clients = config::client_certificate::required;
  EXPECT_EQ(parameters{from}.text("tls-auth-clients"), "yes");
}

} // namespace
} // namespace saker::session
