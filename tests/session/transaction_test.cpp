#include "session/transaction.hpp"

#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

// -- the commands since MULTI --------------------------------------------------

TEST(transaction_test, gives_back_what_it_took) {
  using namespace std::string_view_literals;
  transaction x;
  EXPECT_TRUE(x.empty());
  const std::vector<std::vector<std::string_view>> all{
    {"ping"}, {"echo", "a\0\r\n"sv}, {"", "", "x"}};
  for (auto& args : all) {
    std::vector<std::string> gone{args.begin(), args.end()};
    x.add(std::vector<std::string_view>{gone.begin(), gone.end()});
    for (auto& word : gone)
      word.assign(word.size(), '#');
  }
  EXPECT_EQ(x.size(), 3u);
  for (auto& args : all) {
    for (auto twice = 0; twice < 2; ++twice) {
      auto got = x.front();
      EXPECT_EQ(std::vector<std::string_view>(got.begin(), got.end()), args);
    }
    x.pop();
  }
  EXPECT_TRUE(x.empty());
  EXPECT_EQ(x.size(), 3u);
}

TEST(transaction_test, counts_more_than_the_bytes_it_holds) {
  transaction x;
  for (int i = 0; i < 1000; ++i)
    x.add(std::vector<std::string_view>{""});
  EXPECT_GE(x.held(), 1000u * 2 * sizeof(std::size_t));
}

// -- EXEC with others ----------------------------------------------------------

constexpr std::string_view queued = "+QUEUED\r\n";

class exec_test : public ::testing::Test {
protected:
  static settings config() {
    std::vector<alias> all;
    all.push_back({"deploy", "deploy.lua", "Deploys.", -2});
    all.push_back({"look", "look.lua", "", 1, resp::right::status});
    auto x = test::default_settings();
    x.aliases = [table = std::make_shared<const alias_table>(std::move(all))] {
      return table;
    };
    return x;
  }

  /// MULTI and these commands; everything has been queued.
  void queue(world& to, std::vector<std::string> commands) {
    auto text = std::string{"+OK\r\n"};
    std::string bytes = "MULTI\r\n";
    for (auto& command : commands) {
      bytes += command + "\r\n";
      text += queued;
    }
    EXPECT_EQ(to.feed(bytes), text);
    EXPECT_TRUE(to.waiting.empty()) << "carried out before EXEC";
  }

  world x{config()};
};

TEST_F(exec_test, replies_one_array_when_all_have_answered) {
  x.answers = false;
  queue(x, {"SVSTOP a", "PING", "SVSTART a"});
  EXPECT_EQ(x.feed("EXEC\r\nECHO after\r\n"), "");
  auto stop = x.take<request>();
  EXPECT_EQ(stop.args, (std::vector<std::string>{"SVSTOP", "a"}));
  x.uut.answer(stop.id, "stopped");
  EXPECT_EQ(x.carry_on(), "");
  x.uut.answer(x.take<request>().id, "started");
  EXPECT_EQ(x.carry_on(), "*3\r\n$7\r\nstopped\r\n+PONG\r\n"
                          "$7\r\nstarted\r\n$5\r\nafter\r\n");
}

TEST_F(exec_test, lets_each_command_see_what_those_before_it_did) {
  x.answers = false;
  queue(x, {"SVSTOP a", "TASKS", "TASKS", "deploy x", "SVSTART a"});
  EXPECT_EQ(x.feed("EXEC\r\nSVSTATUS\r\n"), "");
  for (auto name : {"svstop", "tasks", "tasks"}) {
    auto one = x.take<request>();
    EXPECT_EQ(one.command->name, name);
    EXPECT_TRUE(x.waiting.empty()) << "the next one has to wait for " << name;
    x.uut.answer(one.id, name);
    EXPECT_EQ(x.carry_on(), "") << "half an array";
  }
  auto script = x.take<request>();
  EXPECT_EQ(script.script, "deploy.lua");
  x.uut.answer(script.id, "deployed");
  EXPECT_EQ(x.carry_on(), "");
  x.uut.answer(x.take<request>().id, "svstart");
  EXPECT_EQ(x.carry_on(), "*5\r\n$6\r\nsvstop\r\n$5\r\ntasks\r\n$5\r\ntasks\r\n"
                          "$8\r\ndeployed\r\n$7\r\nsvstart\r\n");
  EXPECT_EQ(x.take<request>().command->name, "svstatus");
}

TEST_F(exec_test, waits_for_what_was_asked_before) {
  x.answers = false;
  x.feed("SVSTATUS\r\n");
  auto before = x.take<request>();
  EXPECT_EQ(x.feed("MULTI\r\nTASKS\r\nEXEC\r\n"), "");
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(before.id, 1);
  EXPECT_EQ(x.carry_on(), ":1\r\n+OK\r\n+QUEUED\r\n");
  x.uut.answer(x.take<request>().id, 2);
  EXPECT_EQ(x.carry_on(), "*1\r\n:2\r\n");
}

TEST_F(exec_test, answers_several_transactions_in_their_order) {
  x.answers = false;
  x.feed("MULTI\r\nSVSTOP a\r\nEXEC\r\nMULTI\r\nSVSTOP b\r\nEXEC\r\n");
  auto a = x.take<request>();
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(a.id, "a");
  EXPECT_EQ(x.carry_on(), "*1\r\n$1\r\na\r\n+OK\r\n+QUEUED\r\n");
  x.uut.answer(x.take<request>().id, "b");
  EXPECT_EQ(x.carry_on(), "*1\r\n$1\r\nb\r\n");
}

TEST_F(exec_test, publishes_and_hears_of_it_after_the_array) {
  x.feed("HELLO 3\r\nSUBSCRIBE a\r\n");
  queue(x, {"PUBLISH a 1", "PUBLISH b 2", "PING", "PUBLISH a 3"});
  EXPECT_EQ(x.feed("EXEC\r\n"),
            "*4\r\n:1\r\n:0\r\n+PONG\r\n:1\r\n"
            ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n"
            ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n3\r\n");
}

TEST_F(exec_test, lets_no_subscription_into_the_array) {
  for (auto text : {"SUBSCRIBE a", "PSUBSCRIBE a", "UNSUBSCRIBE",
                    "PUNSUBSCRIBE a", "CLIENT REPLY OFF"}) {
    world y;
    EXPECT_EQ(y.feed("MULTI\r\n" + std::string{text} + "\r\nEXEC\r\nPING\r\n"),
              "+OK\r\n-ERR Command not allowed inside a transaction\r\n"
              "-EXECABORT Transaction discarded because of previous errors.\r\n"
              "+PONG\r\n")
      << text;
    EXPECT_FALSE(y.uut.subscribed());
  }
}

TEST_F(exec_test, runs_commands_of_scripts_by_all_their_names) {
  std::vector<std::string> calls;
  x.reply = [&](const request& asked) {
    EXPECT_EQ(asked.target, resp::target::script);
    calls.push_back(asked.args[0] + ' ' + asked.args.back());
    return resp::value{asked.args.back()};
  };
  queue(x, {"deploy 1", "CALL deploy 2", "EXEC deploy 3", "EXEC nosuch"});
  EXPECT_EQ(x.feed("EXEC\r\n"),
            "*4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n"
            "-NOSCRIPT no script has registered a command 'nosuch'; TASKS "
            "lists them\r\n");
  EXPECT_EQ(calls,
            (std::vector<std::string>{"deploy 1", "deploy 2", "deploy 3"}));
  EXPECT_EQ(x.feed("EXEC deploy 4\r\n"), "$1\r\n4\r\n") << "as CALL";
}

TEST_F(exec_test, checks_commands_of_scripts_when_they_are_queued) {
  for (auto bad : {"deploy", "look x", "nosuch"}) {
    world y{config()};
    auto out = y.feed("MULTI\r\n" + std::string{bad} + "\r\nlook\r\nEXEC\r\n");
    EXPECT_TRUE(out.starts_with("+OK\r\n-ERR ")) << out;
    EXPECT_TRUE(out.ends_with("errors.\r\n")) << out;
    EXPECT_TRUE(y.waiting.empty());
  }
}

TEST_F(exec_test, checks_rights_when_it_queues_and_when_it_runs) {
  world guest{config(), test::stranger_peer()};
  EXPECT_TRUE(guest.feed("MULTI\r\nSVSTOP a\r\nEXEC\r\n")
                .ends_with("\r\n-EXECABORT Transaction discarded because of "
                           "previous errors.\r\n"));
  EXPECT_TRUE(guest.feed("MULTI\r\nPUBLISH log:x m\r\nEXEC\r\n")
                .ends_with("errors.\r\n"));
  auto strict = config();
  test::set_user(strict, "bob", {"on", ">bobs", "+@basic", "+@status"});
  world y{strict};
  queue(y, {"AUTH bob bobs", "SVSTOP a"});
  EXPECT_EQ(y.feed("EXEC\r\n"),
            "*2\r\n+OK\r\n-NOPERM ACLs rules changed between the moment the "
            "transaction was accumulated and the EXEC call. This command is no "
            "longer allowed for the following reason: no permission to execute "
            "the command or subcommand\r\n");
}

TEST_F(exec_test, needs_a_password_as_everything_does) {
  auto strict = config();
  test::set_user(strict, "default", {">secret"});
  world y{strict};
  EXPECT_EQ(y.feed("MULTI\r\nEXEC\r\n"),
            "-NOAUTH Authentication required.\r\n"
            "-EXECABORT Transaction discarded because of: NOAUTH "
            "Authentication required.\r\n");
  world z;
  EXPECT_TRUE(z.feed("SUBSCRIBE a\r\nEXEC\r\n")
                .ends_with("-EXECABORT Transaction discarded because of: Can't "
                           "execute 'exec': only (P|S)SUBSCRIBE / "
                           "(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed "
                           "in this context\r\n"));
}

TEST_F(exec_test, is_counted_and_shown) {
  EXPECT_EQ(x.uut.figures(test::at(0)).queued, -1);
  queue(x, {"PING", "SVSTATUS"});
  EXPECT_EQ(x.uut.figures(test::at(0)).queued, 2);
  EXPECT_NE(to_line(x.uut.figures(test::at(0))).find(" flags=x "),
            std::string::npos);
  EXPECT_GT(x.uut.figures(test::at(0)).queued_bytes, 12u);
  EXPECT_EQ(x.uut.executed(), 1u) << "MULTI; nothing else has been carried out";
  x.answers = false;
  x.feed("EXEC\r\n");
  EXPECT_EQ(x.uut.executed(), 4u);
  EXPECT_EQ(x.uut.figures(test::at(0)).open_commands, 3u + 1u);
  x.uut.answer(x.take<request>().id, 1);
  x.carry_on();
  EXPECT_EQ(x.uut.figures(test::at(0)).queued, -1);
  EXPECT_EQ(x.uut.figures(test::at(0)).open_commands, 0u);
}

TEST_F(exec_test, says_nothing_to_those_who_want_no_replies) {
  EXPECT_EQ(x.feed("CLIENT REPLY OFF\r\nMULTI\r\nPING\r\nSVSTATUS\r\n"
                   "PUBLISH a x\r\nEXEC\r\nCLIENT REPLY ON\r\nPING\r\n"),
            "+OK\r\n+PONG\r\n");
  EXPECT_EQ(x.feed("MULTI\r\nPING\r\nSVSTATUS\r\nPUBLISH a x\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n");
  EXPECT_EQ(x.feed("DISCARD\r\nCLIENT REPLY SKIP\r\nMULTI\r\nPING\r\n"),
            "+OK\r\n+QUEUED\r\n");
}

// -- bounds --------------------------------------------------------------------

TEST_F(exec_test, has_more_commands_than_may_be_open) {
  auto small = config();
  small.open_commands = 3;
  world y{small};
  y.answers = false;
  std::string bytes = "MULTI\r\n";
  for (int i = 0; i < 8; ++i)
    bytes += "PUBLISH a " + std::to_string(i) + "\r\n";
  y.feed(bytes); // in two reads: QUEUED counts as open until it is sent
  for (int i = 0; i < 8; ++i)
    y.carry_on();
  EXPECT_EQ(y.feed("EXEC\r\nPING\r\n"), "");
  std::string out;
  for (std::size_t size : {3u, 3u, 2u}) {
    EXPECT_EQ(out, "") << "a part of the array";
    auto batch = y.take<publish_batch>();
    EXPECT_EQ(batch.size(), size);
    const std::int64_t counts[]{1, 2, 3};
    y.uut.answer_publish(batch.id, std::span{counts}.first(size));
    out = y.carry_on();
  }
  EXPECT_EQ(out, "*8\r\n:1\r\n:2\r\n:3\r\n:1\r\n:2\r\n:3\r\n:1\r\n:2\r\n"
                 "+PONG\r\n");
}

TEST_F(exec_test, pauses_within_an_array) {
  queue(x, {"PING", "PING"});
  x.uut.pause(true);
  EXPECT_EQ(x.feed("EXEC\r\n"), "");
  x.uut.pause(false);
  EXPECT_EQ(x.carry_on(), "*2\r\n+PONG\r\n+PONG\r\n");
}

TEST_F(exec_test, lets_others_have_their_turn) {
  std::string bytes = "MULTI\r\n";
  for (int i = 0; i < 25'000; ++i)
    bytes += "PING\r\n";
  x.feed(bytes);
  x.uut.feed("EXEC\r\n", x.now);
  EXPECT_EQ(x.uut.take_output(), "");
  auto turns = 0;
  for (; x.uut.more(); ++turns)
    x.uut.proceed(x.now);
  EXPECT_EQ(turns, 2);
  EXPECT_EQ(x.uut.take_output().size(), 8u + 25'000 * 7);
}

TEST_F(exec_test, stops_at_replies_that_are_too_large) {
  auto small = config();
  small.reply_pause = 100;
  auto word = std::string(60, 'w');
  world z{small};
  z.feed("MULTI\r\nECHO " + word + "\r\nECHO " + word
         + "\r\nECHO x\r\nSVSTOP a\r\n");
  z.answers = false;
  auto out = z.feed("EXEC\r\n");
  EXPECT_TRUE(out.starts_with("*4\r\n$60\r\n")) << out;
  EXPECT_TRUE(
    out.ends_with("\r\n-ERR not carried out: the replies of this "
                  "transaction before it are larger than "
                  "reply-pause; send less between MULTI and EXEC\r\n"))
    << out;
  EXPECT_TRUE(z.waiting.empty()) << "SVSTOP was carried out";
}

TEST_F(exec_test, cuts_off_whoever_queues_without_end) {
  auto small = config();
  small.query_buffer = 1000;
  world y{small};
  y.feed("MULTI\r\n");
  for (int i = 0; i < 100 && !y.closed; ++i)
    y.feed("PING\r\n");
  EXPECT_TRUE(y.closed);
  EXPECT_TRUE(y.cut_off);
  EXPECT_EQ(y.reason, "the query buffer is full");
}

TEST_F(exec_test, closes_after_an_array_that_is_still_open) {
  x.answers = false;
  x.feed("MULTI\r\nSVSTOP a\r\nTASKS\r\nEXEC\r\nQUIT\r\n");
  x.uut.answer(x.take<request>().id, 1);
  EXPECT_EQ(x.carry_on(), "");
  x.uut.answer(x.take<request>().id, 2);
  EXPECT_EQ(x.carry_on(), "*2\r\n:1\r\n:2\r\n+OK\r\n");
  EXPECT_TRUE(x.take<close>().after_output);
}

} // namespace
} // namespace saker::session
