#include "config/overrides.hpp"

#include "config/load.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

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
  EXPECT_EQ(found(), (texts{"timeout=7 kept", "hz=20 kept"}));
  EXPECT_TRUE(load(from)->listen_given);
  std::ofstream{live} << live_text({{"port", "8"}});
  ::chmod(live.c_str(), 0600);
  EXPECT_EQ(found(), texts{"port=8 kept"});
  EXPECT_FALSE(load(from)->listen_given); // it came after the command line
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
