#include "tests/lua/support/script_test.hpp"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace saker::lua {
namespace {

/// A process that only waits.
class waiting_process {
public:
  waiting_process() : pid_(::fork()) {
    while (pid_ == 0)
      ::pause();
  }

  ~waiting_process() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  waiting_process(const waiting_process&) = delete;
  waiting_process& operator=(const waiting_process&) = delete;

  pid_t pid() const {
    return pid_;
  }

private:
  pid_t pid_;
};

class api_process_test : public test::script_test {
protected:
  /// What the command answers: true, or why not.
  std::string kill(pid_t pid, const std::string& more = "nil") {
    load("saker.register('test', function(args) return select(2, "
         "saker.kill(tonumber(args[1]), 'WINCH')) or 'sent' end, "
         "PROP_PASSIVITY, "
         + more + ")");
    begin({std::to_string(pid)});
    auto ended = settle();
    if (ended.size() != 1 || !ended[0].value)
      return "it failed";
    return std::string{ended[0].value->text()};
  }

  /// Not ours, and the signal does nothing to it.
  const pid_t stranger = ::getsid(0) > 1 ? ::getsid(0) : ::getppid();
};

TEST_F(api_process_test, kill_reaches_what_saker_started) {
  waiting_process child;
  EXPECT_EQ(kill(child.pid()), "sent");
}

TEST_F(api_process_test, needs_a_stranger_kill_does_not_reach_a_stranger) {
  if (stranger == ::getppid() || stranger == ::getpid())
    GTEST_SKIP() << "there is nobody else";
  auto why = kill(stranger);
  EXPECT_NE(why.find("was neither started by Saker nor found by saker.pidof"),
            std::string::npos)
    << why;
  EXPECT_EQ(kill(stranger, "{right = 'control'}"), why);
}

TEST_F(api_process_test,
       needs_a_stranger_kill_reaches_anybody_where_only_admins_call) {
  if (stranger == ::getppid() || stranger == ::getpid())
    GTEST_SKIP() << "there is nobody else";
  EXPECT_EQ(kill(stranger, "{right = 'admin'}"), "sent");
}

TEST_F(api_process_test, needs_a_stranger_kill_of_a_timer_is_nobodys_wish) {
  if (stranger == ::getppid() || stranger == ::getpid())
    GTEST_SKIP() << "there is nobody else";
  load("saker.register('test', function() "
       "saker.log('info', select(2, saker.kill("
       + std::to_string(stranger)
       + ", 'WINCH')) or 'sent') end, PROP_ONCE, {right = 'admin'})");
  settle();
  ASSERT_FALSE(env.lines.empty());
  EXPECT_NE(env.lines.back().text.find("nor found"), std::string::npos);
}

} // namespace
} // namespace saker::lua
