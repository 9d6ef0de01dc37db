#include "supervision/service.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;

TEST(service_test, has_the_defaults_of_the_manual) {
  service x;
  EXPECT_EQ(x.count, 1u);
  EXPECT_TRUE(x.autostart);
  EXPECT_EQ(x.dir, "/");
  EXPECT_EQ(x.umask, 022u);
  EXPECT_EQ(x.exit, *exit_table::named("permanent"));
  EXPECT_EQ(to_string(x.budget), "5/30s");
  EXPECT_EQ(x.spent.what, spent_rule::action::rest);
  EXPECT_EQ(x.spent.rest, 5min);
  EXPECT_EQ(x.backoff, (backoff_rule{200ms, 60s, 2, 0.25, 10min}));
  EXPECT_EQ(x.start_timeout, 30s);
  EXPECT_EQ(to_string(x.stop), "TERM 10s KILL");
  EXPECT_EQ(x.kill, kill_scope::tree);
  ASSERT_TRUE(x.log);
  EXPECT_EQ(x.log->size, 10'000'000u);
  EXPECT_EQ(x.log->keep, 5u);
  EXPECT_FALSE(x.log->split);
  EXPECT_EQ(x.log->full, log_settings::when_full::drop);
  EXPECT_EQ(x.inherit_env.all, false);
  EXPECT_EQ(x.nice, 0);
  EXPECT_FALSE(x.oom);
  EXPECT_FALSE(x.no_new_privs);
}

TEST(instance_test, is_called_by_number_only_where_a_count_was_given) {
  service x;
  x.name = "api";
  EXPECT_EQ(instance_of(x, 0).key(), "api#0");
  EXPECT_EQ(instance_of(x, 0).display(), "api");
  x.counted = true;
  EXPECT_EQ(instance_of(x, 3).key(), "api#3");
  EXPECT_EQ(instance_of(x, 3).display(), "api:3");
}

TEST(instance_test, is_read_back_from_its_key) {
  auto uut = parse_key("api#12");
  ASSERT_TRUE(uut);
  EXPECT_EQ(uut->name, "api");
  EXPECT_EQ(uut->index, 12u);
  for (auto bad : {"api", "api#", "api#-1", "#1", "a b#1", "api#99999999999"})
    EXPECT_FALSE(parse_key(bad)) << bad;
}

TEST(instance_test, replaces_its_index_in_every_text) {
  service x;
  x.name = "api";
  x.exec = {"./api", "--port", "800{i}", "{i}{i}"};
  x.env = {{"PORT", "800{i}"}};
  x.dir = "/srv/{i}";
  x.pidfile = "/run/api-{i}.pid";
  x.match = "api {i}$";
  x.daemon = daemon_settings{"/run/d-{i}.pid", "d {i}"};
  x.stop = command_ladder({"stop", "{i}"});
  x.log->file = "/log/{i}.log";
  auto one = for_instance(x, 3);
  EXPECT_EQ(one.exec,
            (std::vector<std::string>{"./api", "--port", "8003", "33"}));
  EXPECT_EQ(one.env.at("PORT"), "8003");
  EXPECT_EQ(one.dir, "/srv/3");
  EXPECT_EQ(one.pidfile, "/run/api-3.pid");
  EXPECT_EQ(one.match, "api 3$");
  EXPECT_EQ(*one.daemon, (daemon_settings{"/run/d-3.pid", "d 3"}));
  EXPECT_EQ(one.stop.command.back(), "3");
  EXPECT_EQ(one.log->file, "/log/3.log");
}

TEST(name_test, follows_the_rule) {
  for (auto good : {"a", "0", "web", "Web_1.2-x", "json2"})
    EXPECT_TRUE(check_name(good)) << good;
  EXPECT_TRUE(check_name(std::string(63, 'x')));
  auto why = [](std::string_view x) {
    auto uut = check_name(x);
    return uut ? "accepted" : uut.error().detail;
  };
  EXPECT_EQ(why(""), "a service needs a name");
  EXPECT_EQ(why(std::string(64, 'x')),
            "\"" + std::string(64, 'x')
              + "\" is too long for a name: 63 characters at most");
  auto rule = std::string{" is not a name: it must begin with a letter or "
                          "digit and go on with letters, digits, \"_\", \".\" "
                          "or \"-\""};
  for (std::string bad : {"-web", ".web", "we b", "web:0", "web#0", "we@b"})
    EXPECT_EQ(why(bad), "\"" + bad + "\"" + rule);
  EXPECT_EQ(why("Wait"),
            "\"Wait\" is a word of the commands: take another name");
}

TEST(log_file_test, is_named_after_the_instance) {
  service x;
  x.name = "api";
  EXPECT_EQ(log_file(x, 0, "/state"), "/state/log/api.log");
  EXPECT_EQ(log_file(x, 0, "/state", true), "/state/log/api.err.log");
  x.counted = true;
  EXPECT_EQ(log_file(x, 2, "/state"), "/state/log/api:2.log");
}

TEST(log_file_test, is_what_was_configured) {
  service x;
  x.log->file = "/var/log.d/api-{i}";
  EXPECT_EQ(log_file(x, 2, "/state"), "/var/log.d/api-2");
  EXPECT_EQ(log_file(x, 2, "/state", true), "/var/log.d/api-2.err");
  x.log.reset();
  EXPECT_EQ(log_file(x, 2, "/state"), "");
}

} // namespace
} // namespace saker::supervision
