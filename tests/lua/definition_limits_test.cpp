#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

#include <vector>

#include <sys/resource.h>

namespace saker::lua {
namespace {

using namespace test;
using process::limit;

TEST(definition_child_test, a_limit_has_one_number_or_two) {
  EXPECT_EQ(with("limits = {nofile = 65536}").limits,
            (std::vector<limit>{{RLIMIT_NOFILE, 65536, 65536}}));
  EXPECT_EQ(with("limits = {nofile = \"1024:4096\"}").limits,
            (std::vector<limit>{{RLIMIT_NOFILE, 1024, 4096}}));
  EXPECT_EQ(with("limits = {core = \"unlimited\"}").limits,
            (std::vector<limit>{{RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY}}));
  EXPECT_EQ(with("limits = {core = \"0:unlimited\"}").limits,
            (std::vector<limit>{{RLIMIT_CORE, 0, RLIM_INFINITY}}));
  EXPECT_EQ(with("limits = {as = 2^50}").limits,
            (std::vector<limit>{{RLIMIT_AS, 1ull << 50, 1ull << 50}}));
}

TEST(definition_child_test, bytes_and_times_have_units) {
  EXPECT_EQ(with("limits = {memlock = \"64kb:1mb\"}").limits,
            (std::vector<limit>{{RLIMIT_MEMLOCK, 65536, 1048576}}));
  EXPECT_EQ(with("limits = {cpu = \"1m\"}").limits,
            (std::vector<limit>{{RLIMIT_CPU, 60, 60}}));
  EXPECT_EQ(with("limits = {rttime = \"2ms\"}").limits,
            (std::vector<limit>{{RLIMIT_RTTIME, 2000, 2000}}));
}

TEST(definition_child_test, all_limits_have_their_usual_names) {
  for (auto& name : process::limit_names())
    EXPECT_EQ(with("limits = {" + name + " = 1}").limits.size(), 1u) << name;
  EXPECT_EQ(with("limits = {RLIMIT_NPROC = 7, NOFILE = 9}").limits,
            (std::vector<limit>{{RLIMIT_NPROC, 7, 7}, {RLIMIT_NOFILE, 9, 9}}));
}

TEST(definition_child_test, a_wrong_limit_is_named) {
  EXPECT_EQ(error_of("limits = 5"),
            "limits must be a table such as {nofile = 65536, core = "
            "\"unlimited\"}, not 5");
  EXPECT_EQ(error_of("limits = {nofiles = 5}"),
            "limits: there is no key \"nofiles\" (did you mean \"nofile\"?)");
  EXPECT_EQ(error_of("limits = {5}"), "limits.1: 5 has no key");
  EXPECT_EQ(error_of("limits = {nofile = \"10s\"}"),
            "limits.nofile must be a limit such as 1024 or \"1024:4096\" "
            "(soft:hard) or \"unlimited\", not \"10s\"");
  EXPECT_EQ(error_of("limits = {core = -1}"),
            "limits.core must be a limit such as \"64M\" or \"64M:1G\" "
            "(soft:hard) or \"unlimited\", not -1");
  EXPECT_EQ(error_of("limits = {cpu = \"64kb\"}"),
            "limits.cpu must be a limit such as \"10s\" or \"10s:20s\" "
            "(soft:hard) or \"unlimited\", not \"64kb\"");
  EXPECT_EQ(error_of("limits = {nofile = 1.5}"),
            "limits.nofile must be a limit such as 1024 or \"1024:4096\" "
            "(soft:hard) or \"unlimited\", not 1.5");
  EXPECT_EQ(error_of("limits = {nproc = \"10:5\"}"),
            "limits.nproc: the soft limit 10 is above the hard one, 5");
  EXPECT_EQ(error_of("limits = {nofile = 1, NOFILE = 2}"),
            "limits.nofile stands there twice");
}

TEST(definition_child_test, a_limit_above_what_saker_may_give_is_said_at_load) {
  definition_options options;
  options.highest_limit = [](int resource) -> std::uint64_t {
    return resource == RLIMIT_NOFILE ? 4096 : RLIM_INFINITY;
  };
  EXPECT_EQ(with("limits = {nofile = 4096}", options).limits.size(), 1u);
  EXPECT_EQ(with("limits = {nproc = \"unlimited\"}", options).limits.size(),
            1u);
  EXPECT_EQ(error_of("limits = {nofile = \"10:4097\"}", options),
            "limits.nofile: 4097 is above the hard limit of Saker itself, "
            "4096: ask for less, or raise Saker's own (systemd: "
            "LimitNOFILE=)");
}

} // namespace
} // namespace saker::lua
