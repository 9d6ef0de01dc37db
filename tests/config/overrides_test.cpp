#include "config/overrides.hpp"

#include "config/load.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::config {
namespace {

class overrides_test : public testing::Test {
protected:
  overrides_test() {
    from.file = dir.path() / "saker.toml";
    from.env = environment::current();
    from.text = "state-dir = \"" + dir.path().string() + "\"\n";
    from.overrides = true;
  }

  void keep(const std::string& text) {
    auto file = overrides_file(dir.path());
    std::ofstream{file} << text;
    ::chmod(file.c_str(), 0600);
  }

  std::vector<std::string> found() {
    auto x = load(from);
    EXPECT_TRUE(x) << x.error().detail;
    std::vector<std::string> all;
    if (x)
      for (auto& y : x->redis)
        all.push_back(y.name + '=' + y.value + (y.overrides ? " kept" : ""));
    return all;
  }

  std::string complaint() {
    auto x = load(from);
    return x ? "" : x.error().detail;
  }

  std::vector<std::string> ignored() {
    auto x = load(from);
    return x ? x->ignored : std::vector<std::string>{};
  }

  test::temporary_directory dir;
  sources from;
};

using texts = std::vector<std::string>;

TEST_F(overrides_test, are_read_after_the_configuration) {
  *from.text += "[redis]\ntimeout = 5\nmaxmemory = \"1mb\"\n";
  EXPECT_EQ(found(), (texts{"maxmemory=1mb", "timeout=5"}));
  keep(overrides_text({{"timeout", "7"}, {"requirepass", "#a\"\\\n"}}));
  EXPECT_EQ(found(), (texts{"maxmemory=1mb", "timeout=5",
                            "requirepass=#a\"\\\n kept", "timeout=7 kept"}));
  from.overrides = false;
  EXPECT_EQ(found().size(), 2u);
}

TEST_F(overrides_test, lie_where_an_option_puts_the_state) {
  *from.text = "state-dir = \"/nosuch\"\n";
  from.set = {"state-dir=" + dir.path().string()};
  keep(overrides_text({{"timeout", "7"}}));
  EXPECT_EQ(found(), texts{"timeout=7 kept"});
}

TEST_F(overrides_test, yield_to_what_was_set_while_the_node_ran) {
  auto live = live_file(dir.path());
  from.live = live;
  from.listen = {"127.0.0.1:7"};
  keep(overrides_text({{"timeout", "7"}, {"hz", "20"}}));
  EXPECT_EQ(found(), (texts{"hz=20 kept", "timeout=7 kept"}));
  EXPECT_TRUE(load(from)->listen_given);
  std::ofstream{live} << live_text({{"port", "8"}});
  ::chmod(live.c_str(), 0600);
  EXPECT_EQ(found(), texts{"port=8 kept"});
  EXPECT_FALSE(load(from)->listen_given); // it came after the command line
  from.set = {"redis.port=9"};
  EXPECT_EQ(found(), (texts{"port=9", "port=8 kept"}));
  from.set.clear();
  std::ofstream{live} << live_text({});
  EXPECT_EQ(found(), texts{});
}

TEST_F(overrides_test, say_nothing_but_parameters) {
  auto file = overrides_file(dir.path()).string();
  keep("max-clients = 5\n");
  EXPECT_EQ(complaint(), file + ":1: max-clients: only [redis] may stand here");
  keep("[redis]\ntimeout = [1]\n");
  EXPECT_EQ(complaint(),
            file + ":2: redis.timeout: must be text or a whole number");
  keep("[redis\n");
  EXPECT_EQ(complaint().find(file + ":1: not TOML"), 0u) << complaint();
}

TEST_F(overrides_test, are_refused_if_others_could_write_them) {
  keep(overrides_text({{"timeout", "7"}}));
  ::chmod(overrides_file(dir.path()).c_str(), 0666);
  EXPECT_NE(complaint().find("overrides.toml"), std::string::npos)
    << complaint();
}

TEST_F(overrides_test, are_a_file_and_nothing_that_waits_or_goes_in_circles) {
  auto file = overrides_file(dir.path());
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_EQ(complaint(), "read " + file.string() + ": not a file");
  ::unlink(file.c_str());
  std::filesystem::create_symlink(file, file);
  EXPECT_NE(complaint().find("overrides.toml: Too many"), std::string::npos)
    << complaint();
  ::unlink(file.c_str());
  std::filesystem::create_symlink(dir.path() / "nosuch", file);
  EXPECT_NE(complaint(), "");
  ::unlink(file.c_str());
  keep("#" + std::string(1 << 20, 'x'));
  EXPECT_EQ(complaint(),
            "read " + file.string() + ": larger than 1048576 bytes");
}

// -- a node that comes back ------------------------------------------------------

TEST_F(overrides_test, are_read_as_far_as_they_can_be_by_one_that_comes_back) {
  from.comes_back = true;
  EXPECT_EQ(found(), texts{});
  EXPECT_EQ(ignored(), texts{});
  keep("[redis]\ntimeout = 7\nhz = \"1\nrequirepass = \"secret\"\n");
  EXPECT_EQ(found(), (texts{"timeout=7 kept", "requirepass=secret kept"}));
  ASSERT_EQ(ignored().size(), 1u);
  EXPECT_NE(ignored()[0].find(": not TOML: "), std::string::npos)
    << ignored()[0];
  keep("[redis\nredis.timeout = 7\nredis = {hz = 9}\nmax-clients = 5\n");
  EXPECT_EQ(found(),
            (texts{"timeout=7 kept", "hz=9 kept", "max-clients=5 kept"}));
  keep("x = 1\n[redis]\ntimeout = 7\nhz = [1]\n");
  EXPECT_EQ(found(), texts{"timeout=7 kept"});
  EXPECT_EQ(ignored().size(), 2u);
}

TEST_F(overrides_test, let_nobody_in_if_the_password_cannot_be_read) {
  auto none = "requirepass=#" + std::string(64, '0') + " kept";
  from.comes_back = true;
  for (auto text : {"[redis]\ntimeout = 7\nRequirePass = \"secret\n",
                    "timeout = 7\n[redis\nrequirepass = \"old\"\n"
                    "requirepass = new\n",
                    "[redis]\ntimeout = 7\nrequirepass = [\"a\"]\n",
                    "requirepass = \"a\"\n[redis]\ntimeout = 7\n"}) {
    keep(text);
    auto all = found();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all.back(), none) << text;
    EXPECT_EQ(std::count(all.begin(), all.end(), "timeout=7 kept"), 1) << text;
    EXPECT_NE(ignored().back().find("no password is right"), std::string::npos)
      << text;
  }
  auto file = overrides_file(dir.path());
  ::chmod(file.c_str(), 0666); // others may have written it
  EXPECT_EQ(found(), texts{none});
  ::unlink(file.c_str());
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_EQ(found(), texts{none});
}

TEST_F(overrides_test, take_no_password_away_when_they_have_an_error) {
  from.comes_back = true;
  *from.text += "[redis]\nrequirepass = \"a\"\n";
  keep("[redis]\nrequirepass = \"\"\nhz = [1]\n");
  EXPECT_EQ(found(), texts{"requirepass=a"});
  keep("[redis]\nrequirepass = \"\"\nhz =\n");
  EXPECT_EQ(found(), texts{"requirepass=a"});
  keep("[redis]\nrequirepass = \"\"\n");
  EXPECT_EQ(found(), (texts{"requirepass=a", "requirepass= kept"}));
}

TEST_F(overrides_test, are_known_as_torn_wherever_they_end) {
  auto none = "requirepass=#" + std::string(64, '0') + " kept";
  for (auto& whole : {overrides_text({{"requirepass", "x"}, {"timeout", "7"}}),
                      live_text({{"bind", "127.0.0.1"}})}) {
    auto end = whole.size() - 1; // nobody needs the last line feed
    for (std::size_t n = 0; n < end; ++n) {
      keep(whole.substr(0, n));
      from.comes_back = false;
      EXPECT_NE(complaint().find("its last line is missing"), std::string::npos)
        << n;
      from.comes_back = true;
      EXPECT_EQ(found().back(), none) << n;
    }
    keep(whole.substr(0, end));
    from.comes_back = false;
    EXPECT_EQ(complaint(), "");
    from.comes_back = true;
    EXPECT_NE(found().back(), none);
  }
}

TEST_F(overrides_test, of_an_older_saker_need_no_last_line) {
  keep("# Written by CONFIG REWRITE, read after saker.toml. Remove lines, or "
       "the\n# file: saker.toml counts again at the next start.\n\n[redis]\n"
       "timeout = \"7\"\n");
  EXPECT_EQ(found(), texts{"timeout=7 kept"});
  keep("timeout = \"7\"\n");
  EXPECT_NE(complaint(), "");
  keep("\n");
  EXPECT_EQ(complaint(), "");
}

TEST_F(overrides_test, can_be_set_for_one_run) {
  from.set = {"redis.timeout=9"};
  EXPECT_EQ(found(), texts{"timeout=9"});
}

TEST_F(overrides_test, are_only_kept_if_they_can_be_read_again) {
  EXPECT_TRUE(check_overrides(overrides_text({{"x", "ä \"\n\\"}})));
  EXPECT_FALSE(check_overrides(overrides_text({{"x", "\xff\xfe"}})));
  EXPECT_FALSE(
    check_overrides(overrides_text({{"x", std::string(1 << 20, 'a')}})));
}

TEST_F(overrides_test, name_what_they_change) {
  EXPECT_EQ(
    overridden_names(overrides_text({{"timeout", "7"}, {"save", "a = b # c"}})),
    (texts{"timeout", "save"}));
  EXPECT_EQ(overridden_names(""), texts{});
}

} // namespace
} // namespace saker::config
