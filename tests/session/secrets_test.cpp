// What others see of the commands that carry secrets: whoever adds such a
// command adds its row here, and whoever adds a place where commands are seen
// adds it to `seen_by_others`.
#include "session/command_statistics.hpp"
#include "session/shown_command.hpp"
#include "session/slow_log.hpp"
#include "tests/session/aliases.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

namespace saker::session {
namespace {

using test::world;

/// Stands in the rows below where a secret does.
constexpr std::string_view the_secret = "s3cr3t";

constexpr std::string_view secret_hash
  = "s3cr3t8e1b5f7f4f6cbd8a0d9d2ec3e8a1f0b7c6d5e4f3a2b1c0d9e8f7a6b5c4";

using call_words = std::vector<std::string_view>;

const call_words commands_with_secrets[]{
  {"AUTH", "s3cr3t"},
  {"auth", "ann", "s3cr3t"},
  {"AUTH", "ann", "s3cr3t", "s3cr3t"},
  {"HELLO", "3", "AUTH", "ann", "s3cr3t", "SETNAME", "me"},
  {"hello", "2", "setname", "auth", "auth", "ann", "s3cr3t"},
  {"HELLO", "AUTH", "ann", "s3cr3t"},
  {"HELLO", "3", "AUHT", "ann", "s3cr3t"},
  {"HELLO", "3", "ann", "s3cr3t"},
  {"HELLO", "3", "SETNAME", "AUTH", "ann", "s3cr3t"},
  {"ACL", "SETUSER", "ann", "on", ">s3cr3t", "+@all"},
  {"acl", "setuser", "ann", "<s3cr3t"},
  {"ACL", "SETUSER", "ann", "+@all", secret_hash},
  {"ACL", "SETUSER", "ann", "(+get", ">s3cr3t", "~a)", "on"},
  {"ACL", "SETUSER", "ann", "(+get >s3cr3t)"},
  {"ACL", "SETUSER", ">s3cr3t"},
  {"ACL", "DRYRUN", "default", "AUTH", "ann", "s3cr3t"},
  {"ACL", "DRYRUN", "default", "HELLO", "3", "AUTH", "ann", "s3cr3t"},
  {"ACL", "DRYRUN", "default", "ACL", "SETUSER", "ann", "#s3cr3t"},
  {"acl", "dryrun", "guest", "config", "set", "requirepass", "s3cr3t"},
  {"ACL", "DRYRUN", "a", "ACL", "DRYRUN", "b", "AUTH", "s3cr3t"},
  {"COMMAND", "GETKEYS", "AUTH", "s3cr3t"},
  {"COMMAND", "GETKEYSANDFLAGS", "ACL", "SETUSER", "ann", ">s3cr3t"},
  {"CALL", "AUTH", "s3cr3t"},
  {"EXEC", "ACL", "SETUSER", "ann", "!s3cr3t"},
  {"CONFIG", "SET", "requirepass", "s3cr3t"},
  {"CONFIG", "SET", "maxclients", "10", "REQUIREPASS", "s3cr3t"},
  {"CONFIG", "SET", "maxclients", "1", "requirepass", "s3cr3t", "timeout", "1"},
  {"CONFIG", "SET", "maxclients", "requirepass", "s3cr3t"},
  {"CONFIG", "SET", "timeout", "1", "requirepas", "s3cr3t"},
  {"CONFIG", "SET", "password", "s3cr3t"},
  {"CONFIG", "SET", "masterauth", "s3cr3t"},
  {"CONFIG", "SET", "tls-key-file-pass", "s3cr3t"},
  {"SVRUN", "job", "psql", "--password", "s3cr3t"},
  {"SVRUN", "job", "env", "DB_PASSWORD=s3cr3t", "run"},
  {"SVRUN", "job", "sh", "-c", "A=1 DB_PASSWORD=s3cr3t run"},
  {"SVRUN", "job", "sh", "-c", "exec run --token s3cr3t"},
  {"SVRUN", "job", "pull", "https://ann:s3cr3t@h/x"},
  {"SVRUN", "job@n2", "run", "--password=s3cr3t"},
  {"SVRUN", "job", "run", R"({"user":"a","password":"s3cr3t"})"},
  {"SVRUN", "job", "sh", "-c", R"(curl -d '{"api_key": "s3cr3t"}' h)"},
  {"deploy", R"({"db": {"tokens": ["s3cr3t"]}})"},
  {"CALL", "deploy", "--token=s3cr3t"},
  {"CALL", "deploy@n2", "--token", "s3cr3t"},
  {"EXEC", "deploy", "--token", "s3cr3t"},
  {"deploy", "API_KEY=s3cr3t"},
  {"DEPLOY", "redis://:s3cr3t@h:1"},
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

TEST(secrets_test, are_hidden_also_where_nobody_says_which_command_it_is) {
  for (auto& args : commands_with_secrets)
    for (auto what : {static_cast<const resp::command_info*>(nullptr),
                      resp::find_command(args[0])}) {
      auto text = joined(shown_words(what, args));
      EXPECT_EQ(text.find(the_secret), text.npos) << text;
    }
}

/// A client whose commands are seen wherever a session tells of them.
struct watched {
  explicit watched(peer who) : client(made(), std::move(who)) {
    client.answers = false;
    client.uut.count_in(counts);
  }

  settings made() {
    auto x = test::with_aliases();
    x.monitored = std::make_shared<const std::atomic<bool>>(true);
    x.slow = slow;
    x.denials = denials;
    test::set_user(x, "guest", {"-echo", "-hello"});
    return x;
  }

  void say(const call_words& words) {
    std::string bytes;
    resp::append_request(bytes, words);
    auto reply = client.feed(bytes);
    // What others carry out is seen there: see `slow_subject`.
    for (auto& x : client.waiting)
      if (auto sent = std::get_if<request>(&x))
        client.uut.answer(sent->id, resp::err("no"));
      else if (auto line = std::get_if<observed>(&x))
        lines += line->lines;
    client.waiting.clear();
  }

  std::string monitor() {
    return std::exchange(lines, {});
  }

  std::string slow_log_reply() const {
    return resp::encode(slow_commands(slow->newest()), resp::protocol::resp2);
  }

  std::string acl_log() const {
    std::string text;
    for (auto& x : denials->newest())
      (text += x.object + ' ' + x.user + ' ' + x.client) += '\n';
    return text;
  }

  std::string client_list() const {
    return to_line(client.uut.figures(test::at(1)));
  }

  std::string info() const {
    return command_lines(counts) + error_lines(counts) + latency_lines(counts);
  }

  std::string lines;
  std::shared_ptr<slow_log> slow
    = std::make_shared<slow_log>(std::chrono::microseconds{0}, 100);
  std::shared_ptr<acl::denial_log> denials
    = std::make_shared<acl::denial_log>();
  command_statistics counts;
  world client;
};

TEST(secrets_test, are_nowhere_where_others_see_commands) {
  std::string all;
  for (auto& args : commands_with_secrets)
    for (auto& who : {test::root_peer(), test::stranger_peer()})
      for (auto between : {false, true}) {
        watched x{who};
        if (between)
          x.say({"MULTI"});
        x.say(args);
        if (between)
          x.say({"EXEC"});
        for (auto& text : {x.monitor(), x.slow_log_reply(), x.acl_log(),
                           x.client_list(), x.info()}) {
          EXPECT_EQ(text.find(the_secret), text.npos) << text;
          all += text;
        }
      }
  // Each of these places has told of some of them.
  for (auto word : {"\"MY_SECRET=***\"", "$13\r\nMY_SECRET=***", "auth ann",
                    "echo guest", "cmd=echo", "cmdstat_echo",
                    "errorstat_NOPERM", "\"DEPLOY\" \"redis://:***@h:1\""})
    EXPECT_NE(all.find(word), all.npos) << word;
}

TEST(secrets_test, are_in_no_error_of_a_misspelt_command) {
  for (auto name :
       {"AUHT", "auth:", "LOGIN", "PASS", "HELO", "ACLS", "CONFG"}) {
    world x;
    auto reply = x.feed(std::string{name} + " ann s3cr3t\r\n");
    EXPECT_TRUE(reply.starts_with("-ERR unknown command")) << reply;
    EXPECT_EQ(reply.find(the_secret), reply.npos) << reply;
  }
}

TEST(secrets_test, are_hidden_in_the_longest_command_as_well) {
  std::vector<std::string_view> words;
  for (auto i = 0; i < 200'000; ++i)
    words.insert(words.end(), {"ACL", "DRYRUN", "ann"});
  words.insert(words.end(), {"AUTH", the_secret});
  auto shown = without_passwords(nullptr, words);
  EXPECT_EQ(shown.size(), words.size());
  EXPECT_EQ(shown.back(), redacted);
}

TEST(secrets_test, a_url_that_is_cut_does_not_show_its_beginning) {
  auto url = "redis://ann:" + std::string{the_secret} + std::string(200, 'x')
             + "@h";
  const call_words args{"deploy", url};
  auto kept = joined(kept_words(nullptr, args));
  EXPECT_EQ(kept.find(the_secret), kept.npos) << kept;
}

TEST(secrets_test, what_is_none_is_shown) {
  const call_words args{"SVSIGNAL", "HUP", "web", "monkey"};
  EXPECT_EQ(joined(shown_words(command_of(args), args)),
            "SVSIGNAL HUP web monkey ");
  EXPECT_EQ(joined(kept_words(nullptr, args)), "SVSIGNAL HUP web monkey ");
  const std::pair<call_words, std::string_view> plain[]{
    {{"CONFIG", "SET", "tls-key-file", "k.pem", "timeout", "5"},
     "CONFIG SET tls-key-file k.pem timeout 5 "},
    {{"CONFIG", "SET", "logfile", "/my/keys", "timeout", "5"},
     "CONFIG SET logfile /my/keys timeout 5 "},
    {{"HELLO", "3", "AUTH", "ann", "pw", "SETNAME", "me"},
     "HELLO 3 AUTH (redacted) (redacted) SETNAME me "},
    {{"ACL", "DRYRUN", "ann", "ECHO", "hi"}, "ACL DRYRUN ann ECHO hi "},
    {{"deploy", "http://h:80/a@b"}, "deploy http://h:80/a@b "},
  };
  for (auto& [words, text] : plain)
    EXPECT_EQ(joined(shown_words(nullptr, words)), text);
}

} // namespace
} // namespace saker::session
