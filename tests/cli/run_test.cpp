#include "cli/run.hpp"

#include "cli/demo.hpp"
#include "cli/programs.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::cli {
namespace {

namespace fs = std::filesystem;
using texts = std::vector<std::string>;

std::string content(const fs::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

unsigned mode(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

/// A tree as a build leaves it, with empty programs:
/// src/services src/scripts src/build/x/bin.
class run_test : public ::testing::Test {
protected:
  run_test() {
    fs::create_directories(bin());
    fs::create_directories(dir.path() / "src/services");
    fs::create_directories(dir.path() / "src/scripts");
    dir.write("src/services/demo.lua", "-- services");
    dir.write("src/scripts/demo.lua", "-- scripts");
    program(bin() / "saker-keeper");
    program(bin() / "saker-node");
    // Root has fixed places in the system; anybody else has these.
    env.uid = ::geteuid() == 0 ? 4711 : ::geteuid();
    env.host_name = "box";
    env.xdg_config_home = dir.path() / "config";
    env.xdg_state_home = dir.path() / "state";
    env.xdg_runtime_dir = dir.path() / "runtime";
    asked.state_dir = dir.path() / "s";
    asked.runtime_dir = dir.path() / "r";
    asked.config = dir.write("saker.toml", "");
  }

  fs::path bin() const {
    return dir.path() / "src/build/x/bin";
  }

  static void program(const fs::path& path) {
    std::ofstream{path} << "#!/bin/sh\n";
    fs::permissions(path, fs::perms{0755});
  }

  result<plan> run() const {
    return plan_run(asked, env, bin() / "saker");
  }

  plan must_run() const {
    auto x = run();
    EXPECT_TRUE(x) << x.error().detail;
    return x ? *x : plan{};
  }

  std::string complaint() const {
    auto x = run();
    return x ? "none" : x.error().detail;
  }

  std::string at(const std::string& name) const {
    return (dir.path() / name).string();
  }

  test::temporary_directory dir;
  config::environment env;
  options asked;
};

// -- the keeper's arguments ------------------------------------------------------

TEST_F(run_test, hands_everything_to_the_keeper) {
  asked.listen = {"127.0.0.1:1"};
  asked.set = {"node=a", "log.level=debug"};
  auto x = must_run();
  EXPECT_EQ(x.program, bin() / "saker-keeper");
  EXPECT_EQ(x.arguments,
            (texts{"--node", (bin() / "saker-node").string(), "--config",
                   at("saker.toml"), "--runtime-dir", at("r"), "--state-dir",
                   at("s"), "--listen", "127.0.0.1:1", "--set", "node=a",
                   "--set", "log.level=debug"}));
  EXPECT_TRUE(x.notes.empty());
}

TEST_F(run_test, takes_the_directories_of_the_configuration) {
  dir.write("saker.toml", "state-dir = \"" + at("a") + "\"\nruntime-dir = \""
                            + at("b") + "\"");
  asked.state_dir.reset();
  asked.runtime_dir.reset();
  auto x = must_run();
  EXPECT_EQ(texts(x.arguments.begin() + 4, x.arguments.end()),
            (texts{"--runtime-dir", at("b"), "--state-dir", at("a")}));
  EXPECT_EQ(mode(at("a")), 0700u);
}

TEST_F(run_test, names_no_configuration_that_is_not_there) {
  asked.config.reset();
  auto x = must_run();
  EXPECT_EQ(x.arguments[2], "--runtime-dir");
}

TEST_F(run_test, makes_the_directories) {
  must_run();
  EXPECT_EQ(mode(at("s")), 0700u);
  EXPECT_EQ(mode(at("r")), 0700u);
}

TEST_F(run_test, others_may_reach_the_sockets_of_root) {
  env.uid = 0;
  must_run();
  EXPECT_EQ(mode(at("s")), 0700u);
  EXPECT_EQ(mode(at("r")), 0755u);
}

TEST_F(run_test, refuses_directories_that_others_may_write) {
  fs::create_directory(at("s"));
  ASSERT_EQ(::chmod(at("s").c_str(), 0777), 0);
  EXPECT_EQ(complaint(), "use directory " + at("s")
                           + ": others may write it; type: chmod go-w "
                           + at("s"));
}

// -- a wrong configuration -------------------------------------------------------

TEST_F(run_test, tells_that_a_password_of_the_command_line_can_be_seen) {
  asked.set = {"redis.requirepass=s3cr3t"};
  auto note = must_run().notes.at(0);
  EXPECT_TRUE(note.starts_with("--set redis.requirepass: every user")) << note;
}

TEST_F(run_test, tells_all_errors_of_the_configuration) {
  dir.write("saker.toml", "nod = \"a\"\nmax-clients = 0\n");
  EXPECT_EQ(complaint(),
            "check configuration: 2 errors\n" + at("saker.toml")
              + ":1: nod: unknown key (did you mean \"node\"?)\n"
              + at("saker.toml")
              + ":2: max-clients: must be from 1 to 1000000, not 0");
  EXPECT_FALSE(fs::exists(at("s")));
}

TEST_F(run_test, directories_that_were_asked_for_must_be_there) {
  dir.write("saker.toml", "[services]\ndir = \"defs\"\n[scripts]\n"
                          "dir = \"lua\"\n");
  EXPECT_EQ(complaint(), "check configuration: 2 errors\n" + at("saker.toml")
                           + ":2: services.dir: there is no directory "
                           + at("defs") + "; make it, or correct the path\n"
                           + at("saker.toml")
                           + ":4: scripts.dir: there is no directory "
                           + at("lua") + "; make it, or correct the path");
  fs::create_directory(at("defs"));
  fs::create_directory(at("lua"));
  EXPECT_EQ(complaint(), "none");
}

TEST_F(run_test, goes_on_over_a_wrong_configuration_while_children_may_live) {
  dir.write("saker.toml", "nod = \"a\"\n");
  fs::create_directory(at("r"));
  dir.write("r/keeper.table", "a row");
  auto x = must_run();
  ASSERT_EQ(x.notes.size(), 2u);
  EXPECT_TRUE(x.notes[0].starts_with("check configuration: 1 error\n"));
  EXPECT_EQ(x.arguments[4], "--runtime-dir");
  EXPECT_EQ(x.arguments[5], at("r"));
}

// -- programs --------------------------------------------------------------------

TEST_F(run_test, finds_programs_in_libexec_too) {
  fs::remove(bin() / "saker-node");
  fs::create_directories(dir.path() / "src/build/x/libexec/saker");
  auto other = dir.path() / "src/build/x/libexec/saker/saker-node";
  program(other);
  EXPECT_EQ(must_run().arguments[1], other.string());
}

TEST_F(run_test, says_where_it_looked_for_a_program) {
  fs::remove(bin() / "saker-keeper");
  auto x = run();
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::not_found);
  EXPECT_EQ(x.error().detail, "find saker-keeper: neither "
                                + (bin() / "saker-keeper").string() + " nor "
                                + at("src/build/x/libexec/saker/saker-keeper")
                                + " is there; install it there, or build it");
}

TEST_F(run_test, tells_a_program_it_may_not_start_from_one_that_is_missing) {
  fs::permissions(bin() / "saker-keeper", fs::perms::owner_read);
  EXPECT_EQ(complaint(), "find " + at("src/build/x/bin/saker-keeper")
                           + ": Permission denied; it and its directories have "
                             "to be open to who starts Saker");
}

TEST_F(run_test, becoming_a_program_that_cannot_run_says_why) {
  EXPECT_EQ(become(at("none"), {}).detail,
            "exec " + at("none") + ": No such file or directory");
}

// -- demo ------------------------------------------------------------------------

class demo_test : public run_test {
protected:
  demo_test() {
    asked.demo = true;
    asked.config.reset();
    asked.state_dir = dir.path() / "demo";
    asked.runtime_dir.reset();
  }
};

TEST_F(demo_test, runs_on_a_copy_in_a_directory_of_its_own) {
  auto x = must_run();
  EXPECT_EQ(x.arguments,
            (texts{"--node", (bin() / "saker-node").string(), "--config",
                   at("demo/saker.toml"), "--runtime-dir", at("demo/run"),
                   "--state-dir", at("demo"), "--demo"}));
  EXPECT_EQ(content(at("demo/services/demo.lua")), "-- services");
  EXPECT_EQ(content(at("demo/scripts/demo.lua")), "-- scripts");
  EXPECT_EQ(mode(at("demo/scripts/demo.lua")), 0644u);
  EXPECT_EQ(mode(at("demo")), 0700u);
}

TEST_F(demo_test, lives_in_the_state_home_by_default) {
  if (env.uid == 0)
    asked.state_dir.reset();
  EXPECT_EQ(demo_directory(env), at("state/saker-demo"));
}

TEST_F(demo_test, keeps_a_file_that_was_edited_and_renews_others) {
  must_run();
  dir.write("demo/services/demo.lua", "-- mine");
  auto now = fs::last_write_time(at("src/services/demo.lua"));
  fs::last_write_time(at("demo/services/demo.lua"),
                      now + std::chrono::seconds{1});
  dir.write("src/scripts/demo.lua", "-- renewed");
  fs::last_write_time(at("demo/scripts/demo.lua"),
                      now - std::chrono::seconds{1});
  must_run();
  EXPECT_EQ(content(at("demo/services/demo.lua")), "-- mine");
  EXPECT_EQ(content(at("demo/scripts/demo.lua")), "-- renewed");
}

TEST_F(demo_test, takes_an_own_configuration_but_the_demos_services) {
  asked.config = dir.write("own.toml", "node = \"mine\"\n");
  auto elsewhere = "services.dir=" + at("src");
  asked.set = {elsewhere};
  auto x = must_run();
  EXPECT_EQ(x.arguments[3], at("own.toml"));
  EXPECT_EQ(texts(x.arguments.begin() + 8, x.arguments.end()),
            (texts{"--set", "scripts.dir=" + at("demo/scripts"), "--set",
                   "services.dir=" + at("demo/services"), "--set", elsewhere,
                   "--demo"}));
}

TEST_F(demo_test, moves_away_from_a_directory_that_others_could_change) {
  auto open = dir.path() / "open";
  fs::create_directory(open);
  ASSERT_EQ(::chmod(open.c_str(), 0777), 0);
  asked.state_dir = open / "demo";
  auto x = must_run();
  ASSERT_EQ(x.notes.size(), 1u);
  EXPECT_TRUE(x.notes[0].ends_with("; taking " + at("state/saker-demo")));
  EXPECT_EQ(x.arguments[7], at("state/saker-demo"));
}

TEST_F(demo_test, puts_sockets_elsewhere_when_its_own_path_is_too_long) {
  asked.state_dir = dir.path() / std::string(90, 'x');
  auto x = must_run();
  EXPECT_EQ(x.arguments[5], at("runtime/saker"));
}

TEST_F(demo_test, says_where_it_looked_for_its_files) {
  fs::remove_all(dir.path() / "src/scripts");
  EXPECT_EQ(complaint(), "find the demo: neither "
                           + at("src/build/x/share/saker") + " nor " + at("src")
                           + " has services and scripts; install them there, "
                             "as `cmake --install` does, or start without "
                             "--demo");
}

} // namespace
} // namespace saker::cli
