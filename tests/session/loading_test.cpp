#include "session/session.hpp"
#include "tests/session/aliases.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::with_aliases;
using test::world;

struct loading_test : ::testing::Test {
  loading_test() : x(while_loading()) {
    // nop
  }

  settings while_loading() {
    auto with = with_aliases();
    with.loading = [this](resp::target what) {
      return what == resp::target::roster ? services : scripts;
    };
    return with;
  }

  static std::string first_word(const std::string& reply) {
    return reply.substr(0, reply.find(' '));
  }

  bool services = true;
  bool scripts = true;
  world x;
};

TEST_F(loading_test, answers_what_needs_no_service) {
  EXPECT_EQ(x.feed("PING\r\nECHO a\r\nPUBLISH a b\r\n"),
            "+PONG\r\n$1\r\na\r\n:0\r\n");
  for (auto text : {"INFO\r\n", "SHUTDOWN\r\n", "TASKS\r\n", "deploy\r\n",
                    "CALL deploy\r\n", "COMMAND COUNT\r\n"})
    EXPECT_NE(first_word(x.feed(text)), "-LOADING") << text;
}

TEST_F(loading_test, refuses_commands_of_services_in_words) {
  EXPECT_EQ(x.feed("SVSTATUS\r\n"),
            "-LOADING Saker is still finding out how its services stand; try "
            "again in a moment\r\n");
  for (auto text : {"SVSTART a\r\n", "SVAPPLY\r\n", "SVWAIT a running 1\r\n"})
    EXPECT_EQ(first_word(x.feed(text)), "-LOADING") << text;
  EXPECT_EQ(x.feed("MULTI\r\n"), "+OK\r\n");
  EXPECT_EQ(first_word(x.feed("SVSTATUS\r\n")), "-LOADING");
  EXPECT_EQ(first_word(x.feed("EXEC\r\n")), "-EXECABORT");
  services = false;
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), "$8\r\nSVSTATUS\r\n");
}

TEST_F(loading_test, an_unknown_command_may_be_one_of_a_script) {
  EXPECT_EQ(first_word(x.feed("nosuch\r\n")), "-LOADING");
  EXPECT_EQ(first_word(x.feed("CALL nosuch\r\n")), "-LOADING");
  scripts = false;
  EXPECT_EQ(first_word(x.feed("nosuch\r\n")), "-ERR");
  EXPECT_EQ(first_word(x.feed("CALL nosuch\r\n")), "-NOSCRIPT");
}

TEST_F(loading_test, leaves_open_what_groups_decide) {
  settings with = while_loading();
  test::set_user(with, "ann", {"on", "nopass", "+@all", "~service:web"});
  x.uut.use(std::make_shared<const settings>(std::move(with)));
  EXPECT_EQ(x.feed("ACL DRYRUN ann SVSTOP web\r\n"), "+OK\r\n");
  EXPECT_EQ(first_word(x.feed("ACL DRYRUN ann SVSTOP %a\r\n")), "-LOADING");
  x.uut.be_patient(true);
  EXPECT_EQ(x.feed("ACL DRYRUN ann SVSTOP %a\r\n"), "");
  services = scripts = false;
  EXPECT_EQ(x.carry_on(), "$3\r\nACL\r\n"); // whoever has them is asked
}

TEST_F(loading_test, may_be_waited_for) {
  x.uut.be_patient(true);
  EXPECT_EQ(x.feed("PING\r\nSVSTATUS\r\nECHO a\r\n"), "+PONG\r\n");
  EXPECT_TRUE(x.uut.blocked());
  EXPECT_FALSE(x.uut.more()) << "or it would be tried again and again";
  EXPECT_EQ(x.feed("ECHO b\r\n"), "");
  services = false;
  x.uut.be_patient(true); // whoever is told looks again
  x.uut.proceed(x.now);
  EXPECT_EQ(x.carry_on(), "$8\r\nSVSTATUS\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_FALSE(x.uut.blocked());
}

TEST_F(loading_test, what_needs_services_does_not_wait_for_scripts) {
  x.uut.be_patient(true);
  EXPECT_EQ(x.feed("SVSTATUS\r\nnosuch\r\n"), "");
  scripts = false;
  EXPECT_FALSE(x.uut.more());
  scripts = true;
  services = false;
  EXPECT_TRUE(x.uut.more());
  EXPECT_EQ(x.carry_on(), "$8\r\nSVSTATUS\r\n");
  EXPECT_TRUE(x.uut.blocked()) << "the next one may be of a script";
}

TEST_F(loading_test, what_may_be_of_a_script_does_not_wait_for_services) {
  x.uut.be_patient(true);
  EXPECT_EQ(x.feed("CALL nosuch\r\nSVSTATUS\r\n"), "");
  EXPECT_FALSE(x.uut.more());
  scripts = false;
  EXPECT_TRUE(x.uut.more());
  EXPECT_EQ(first_word(x.carry_on()), "-NOSCRIPT");
  EXPECT_TRUE(x.uut.blocked()) << "the next one needs services";
  EXPECT_FALSE(x.uut.more());
}

TEST_F(loading_test, goes_on_in_a_pause_that_holds_something_else) {
  x.uut.be_patient(true);
  x.uut.suspend(suspension::writes);
  EXPECT_EQ(x.feed("SVSTATUS\r\nPUBLISH a b\r\n"), "");
  services = false;
  EXPECT_EQ(x.carry_on(), "$8\r\nSVSTATUS\r\n");
  EXPECT_TRUE(x.uut.blocked()) << "that is for the pause";
  EXPECT_FALSE(x.uut.more());
}

TEST_F(loading_test, is_refused_once_nobody_waits_any_longer) {
  x.uut.be_patient(true);
  for (auto text : {"SVSTATUS\r\n", "nosuch\r\n", "CALL nosuch\r\n"}) {
    x.uut.be_patient(true);
    EXPECT_EQ(x.feed(text), "") << text;
    x.uut.be_patient(false);
    EXPECT_EQ(first_word(x.carry_on()), "-LOADING") << text;
  }
}

TEST_F(loading_test, is_waited_for_by_those_only_who_need_it) {
  x.uut.be_patient(true);
  for (auto text : {"INFO\r\n", "TASKS\r\n", "deploy\r\n", "CALL deploy\r\n",
                    "COMMAND COUNT\r\n", "SHUTDOWN\r\n"})
    EXPECT_NE(x.feed(text), "") << text;
  EXPECT_FALSE(x.uut.blocked());
}

} // namespace
} // namespace saker::session
