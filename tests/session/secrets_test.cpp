// What others see of the commands that carry secrets: whoever adds such a
// command adds its row here.
#include "session/shown_command.hpp"
#include "session/slow_log.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>

namespace saker::session {
namespace {

using test::world;

/// Stands in the rows below where a secret does.
constexpr std::string_view the_secret = "s3cr3t";

using call_words = std::vector<std::string_view>;

const call_words commands_with_secrets[]{
  {"AUTH", "s3cr3t"},
  {"auth", "ann", "s3cr3t"},
  {"HELLO", "3", "AUTH", "ann", "s3cr3t", "SETNAME", "me"},
  {"ACL", "SETUSER", "ann", "on", ">s3cr3t", "+@all"},
  {"acl", "setuser", "ann", "<s3cr3t"},
  {"CONFIG", "SET", "requirepass", "s3cr3t"},
  {"CONFIG", "SET", "maxclients", "10", "REQUIREPASS", "s3cr3t"},
  {"CONFIG", "SET", "masterauth", "s3cr3t"},
  {"CONFIG", "SET", "tls-key-file-pass", "s3cr3t"},
  {"SVRUN", "job", "psql", "--password", "s3cr3t"},
  {"SVRUN", "job", "env", "DB_PASSWORD=s3cr3t", "run"},
  {"CALL", "deploy", "--token=s3cr3t"},
  {"deploy", "API_KEY=s3cr3t"},
  {"ECHO", "MY_SECRET=s3cr3t"},
};

const resp::command_info* command_of(const call_words& args) {
  auto what = resp::find_command(args[0]);
  auto part = what && args.size() > 1 ? resp::find_subcommand(*what, args[1])
                                      : nullptr;
  return part ? part : what;
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (auto& x : all)
    text += x + ' ';
  return text;
}

TEST(secrets_test, are_in_no_command_that_others_see) {
  for (auto& args : commands_with_secrets) {
    auto what = command_of(args);
    for (auto& shown : {shown_words(what, args), kept_words(what, args)}) {
      auto text = joined(shown);
      EXPECT_EQ(text.find(the_secret), text.npos) << text;
      EXPECT_TRUE(text.starts_with(args[0])) << text;
    }
  }
}

TEST(secrets_test, are_in_no_line_of_monitor_nor_of_the_slow_log) {
  std::string all;
  for (auto& args : commands_with_secrets) {
    auto config = test::default_settings();
    config.monitored = std::make_shared<const std::atomic<bool>>(true);
    config.slow = std::make_shared<slow_log>(std::chrono::microseconds{0}, 100);
    world x{config};
    x.answers = false;
    std::string bytes;
    resp::append_request(bytes, args);
    auto reply = x.feed(bytes);
    std::string seen;
    for (auto& effect : x.waiting)
      if (auto line = std::get_if<observed>(&effect))
        seen += line->lines;
    for (auto& entry : config.slow->newest(100))
      seen += joined(entry.words);
    EXPECT_EQ(seen.find(the_secret), seen.npos) << seen;
    all += seen;
  }
  EXPECT_NE(all.find("\"MY_SECRET=***\""), all.npos) << "MONITOR: " << all;
  EXPECT_NE(all.find("ECHO MY_SECRET=***"), all.npos) << "SLOWLOG: " << all;
}

TEST(secrets_test, what_is_none_is_shown) {
  const call_words args{"SVSIGNAL", "HUP", "web", "monkey"};
  EXPECT_EQ(joined(shown_words(command_of(args), args)),
            "SVSIGNAL HUP web monkey ");
  EXPECT_EQ(joined(kept_words(nullptr, args)), "SVSIGNAL HUP web monkey ");
}

} // namespace
} // namespace saker::session
