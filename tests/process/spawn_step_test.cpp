#include "process/spawn_step.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace saker::process {
namespace {

TEST(spawn_step_test, has_a_name_of_its_own_that_reads_back) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < spawn_steps; ++i) {
    auto step = static_cast<spawn_step>(i);
    EXPECT_EQ(parse_spawn_step(to_string(step)), step);
    names.insert(to_string(step));
  }
  EXPECT_EQ(names.size(), spawn_steps);
  EXPECT_EQ(to_string(spawn_step::exec), "exec");
  EXPECT_EQ(to_string(static_cast<spawn_step>(200)), "none");
  EXPECT_EQ(parse_spawn_step("jump"), std::nullopt);
}

TEST(failure_text_test, says_what_failed_why_and_what_may_be_meant) {
  EXPECT_EQ(to_string(spawn_failure{spawn_step::dir, ENOTDIR, "/etc/passwd"}),
            "change to directory /etc/passwd: Not a directory (ENOTDIR)");
  EXPECT_EQ(to_string(spawn_failure{spawn_step::exec, ENOENT, "/bin/nope"}),
            "exec /bin/nope: No such file or directory (ENOENT): the program, "
            "or the interpreter in its first line, is missing");
  EXPECT_EQ(to_string(spawn_failure{spawn_step::lookup, ENOENT, "nobody2"}),
            "look up nobody2: no such user or group; a number without an "
            "account needs groups");
  EXPECT_EQ(to_string(spawn_failure{spawn_step::user, 0, "web"}),
            "become user web: the child was killed meanwhile");
  EXPECT_EQ(to_string(spawn_failure{spawn_step::owner, EPERM, "/run/x"}),
            "give away output /run/x: Operation not permitted (EPERM): only "
            "root may start services as somebody else");
}

TEST(failure_text_test, says_what_the_child_found_out_instead_of_a_guess) {
  EXPECT_EQ(to_string(spawn_failure{spawn_step::exec, ENOENT, "/x",
                                    "its interpreter \"/y\" is missing"}),
            "exec /x: No such file or directory (ENOENT): its interpreter "
            "\"/y\" is missing");
}

TEST(failure_text_test, is_the_same_for_what_another_process_told) {
  EXPECT_EQ(failure_text("dir", ENOTDIR, "/etc/passwd", ""),
            "change to directory /etc/passwd: Not a directory (ENOTDIR)");
  EXPECT_EQ(failure_text("exec", ENOENT, "/x", "because"),
            "exec /x: No such file or directory (ENOENT): because");
  EXPECT_EQ(failure_text("timeout", ETIMEDOUT, "dir /nfs", ""),
            "change to directory /nfs: no end within the start timeout "
            "(timeout)");
  EXPECT_EQ(failure_text("cancelled", 0, "", ""), "cancelled");
  EXPECT_EQ(failure_text("keeper", 0, "a#0 has a child", ""),
            "keeper a#0 has a child");
  EXPECT_EQ(failure_text("jump", EIO, "/x", ""),
            "jump /x: Input/output error (EIO)");
}

TEST(failure_text_test, of_what_travelled_is_the_same) {
  EXPECT_EQ(failure_text("user", EPERM, "web"),
            to_string(spawn_failure{spawn_step::user, EPERM, "web"}));
  EXPECT_EQ(failure_text("user", 0, "web"),
            "become user web: the child was killed meanwhile");
}

TEST(failure_text_test, takes_words_of_the_keeper) {
  EXPECT_EQ(failure_text("timeout", ETIMEDOUT, "dir /nfs"),
            "change to directory /nfs: no end within the start timeout "
            "(timeout)");
  EXPECT_EQ(failure_text("timeout", ETIMEDOUT, "jump"),
            "jump: no end within the start timeout (timeout)");
  EXPECT_EQ(failure_text("cancelled", 0, ""), "cancelled");
  EXPECT_EQ(failure_text("keeper", 0, "the link is closed"),
            "keeper the link is closed");
  EXPECT_EQ(failure_text("new_step", EIO, "/x"),
            "new_step /x: Input/output error (EIO)");
}

TEST(failure_text_test, tells_a_path_whole) {
  auto path = "/srv/" + std::string(900, 'x') + "/end";
  EXPECT_NE(to_string(spawn_failure{spawn_step::exec, ENOENT, path}).find(path),
            std::string::npos);
}

TEST(failure_text_test, never_prints_raw_control_bytes) {
  auto text = to_string(spawn_failure{spawn_step::exec, EACCES, "a\x1b[2J\n"});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(failure_text_test, is_permanent_when_only_a_person_can_help) {
  for (auto error : {ENOENT, EACCES, ENOEXEC, ENOTDIR, EPERM, EINVAL, ELOOP})
    EXPECT_TRUE(is_permanent({spawn_step::exec, error, ""})) << error;
  for (auto error : {0, EAGAIN, ENOMEM, EMFILE, EIO, ETXTBSY, ENOSPC})
    EXPECT_FALSE(is_permanent({spawn_step::exec, error, ""})) << error;
  EXPECT_FALSE(is_permanent({spawn_step::pidfile_lock, EACCES, ""}));
}

TEST(failure_text_test, is_a_shortage_when_the_machine_ran_out) {
  EXPECT_TRUE(is_shortage({spawn_step::fork, EAGAIN, ""}));
  EXPECT_TRUE(is_shortage({spawn_step::exec, EAGAIN, ""}));
  EXPECT_TRUE(is_shortage({spawn_step::report, EMFILE, ""}));
  EXPECT_TRUE(is_shortage({spawn_step::fork, ENOMEM, ""}));
  EXPECT_FALSE(is_shortage({spawn_step::exec, ENOENT, ""}));
  EXPECT_FALSE(is_shortage({spawn_step::exec, 0, ""}));
}

TEST(failure_text_test, is_a_shortage_when_a_lock_is_held) {
  EXPECT_TRUE(is_shortage({spawn_step::pidfile_lock, EAGAIN, ""}));
  EXPECT_TRUE(is_shortage({spawn_step::pidfile_lock, EACCES, ""}));
  EXPECT_FALSE(is_shortage({spawn_step::pidfile_open, EACCES, ""}));
}

TEST(failure_text_test, is_a_shortage_when_our_own_part_fails) {
  for (auto error : {ENOSPC, EDQUOT, EIO, EROFS}) {
    EXPECT_TRUE(is_shortage({spawn_step::output, error, ""})) << error;
    EXPECT_TRUE(is_shortage({spawn_step::pidfile_open, error, ""})) << error;
    EXPECT_TRUE(is_shortage({spawn_step::pidfile_lock, error, ""})) << error;
    EXPECT_FALSE(is_shortage({spawn_step::exec, error, ""})) << error;
    EXPECT_FALSE(is_shortage({spawn_step::dir, error, ""})) << error;
  }
  EXPECT_TRUE(is_shortage({spawn_step::output, ENOENT, ""}));
  EXPECT_FALSE(is_shortage({spawn_step::output, 0, ""}));
  EXPECT_FALSE(is_shortage({spawn_step::pidfile_open, ENOENT, ""}));
}

TEST(failure_text_test, becomes_a_failure_that_tells_a_held_lock_apart) {
  EXPECT_EQ(to_failure({spawn_step::pidfile_lock, EAGAIN, "/p"}).code,
            errc::pidfile_locked);
  EXPECT_EQ(to_failure({spawn_step::pidfile_lock, ENOSPC, "/p"}).code,
            errc::spawn_failed);
  EXPECT_EQ(to_failure({spawn_step::exec, ENOENT, "/p"}).code,
            errc::spawn_failed);
}

TEST(spawn_subject_test, is_the_thing_that_a_step_is_about) {
  spec x;
  x.argv = {"prog", "arg"};
  x.dir = "/d";
  x.user = "u";
  x.groups = {"g", "h"};
  x.pidfile = "/p";
  x.cgroup = "/c";
  x.input = "/in";
  x.out = {output_kind::file, "/out", -1};
  x.limits = {{RLIMIT_CORE, 0, 0}, {RLIMIT_NPROC, 1, 1}};
  EXPECT_EQ(subject_of(x, spawn_step::exec), "prog");
  EXPECT_EQ(subject_of(x, spawn_step::dir), "/d");
  EXPECT_EQ(subject_of(x, spawn_step::user), "u");
  EXPECT_EQ(subject_of(x, spawn_step::lookup), "u");
  EXPECT_EQ(subject_of(x, spawn_step::lookup, 2), "h");
  EXPECT_EQ(subject_of(x, spawn_step::pidfile_open), "/p");
  EXPECT_EQ(subject_of(x, spawn_step::cgroup), "/c");
  EXPECT_EQ(subject_of(x, spawn_step::files), "/in");
  EXPECT_EQ(subject_of(x, spawn_step::files, 1), "/out");
  EXPECT_EQ(subject_of(x, spawn_step::limits), "nofile");
  EXPECT_EQ(subject_of(x, spawn_step::limits, 2), "nproc");
  EXPECT_EQ(subject_of(x, spawn_step::limits, 9), "nofile");
  EXPECT_EQ(subject_of(spec{}, spawn_step::exec), "");
}

/// A sentence about other processes has its own quotes and dots.
TEST(spawn_step_test, a_sentence_of_a_word_that_stands_for_itself_stays) {
  auto sentence = "match \"^x\" fits 4 processes: " + std::string(900, 'x')
                  + "…";
  EXPECT_EQ(failure_text("not started:", 0, {}, sentence),
            "not started: " + sentence);
  EXPECT_EQ(failure_text("listen on", 0, "*:80", "taken"),
            "listen on *:80: taken");
}

} // namespace
} // namespace saker::process
