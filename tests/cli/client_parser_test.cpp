#include "cli/client_parser.hpp"

#include "cli/options.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

client_options read(const texts& arguments) {
  auto x = read_options(arguments);
  EXPECT_TRUE(x) << x.error().detail;
  if (!x)
    return {};
  EXPECT_EQ(x->what, options::action::client);
  return x->asked;
}

std::string complaint(const texts& arguments) {
  auto x = read_options(arguments);
  return x ? "none" : x.error().detail;
}

TEST(client_parser_test, each_verb_is_understood) {
  for (auto& x : verbs()) {
    texts words{std::string{x.name}};
    switch (x.what) {
      case verb::status:
      case verb::events:
      case verb::nodes:
      case verb::plan:
      case verb::apply:
      case verb::passwd:
      case verb::upgrade:
      case verb::shutdown: break;
      case verb::signal: words.insert(words.end(), {"HUP", "web"}); break;
      case verb::scale: words.insert(words.end(), {"web", "3"}); break;
      case verb::svrun: words.insert(words.end(), {"job", "true"}); break;
      default: words.emplace_back("web");
    }
    EXPECT_EQ(read(words).what, x.what) << x.name;
  }
}

TEST(client_parser_test, the_table_of_verbs_is_in_their_order) {
  for (auto& x : verbs())
    EXPECT_EQ(&info_of(x.what), &x) << x.name;
}

TEST(client_parser_test, status_takes_masks_and_forms) {
  auto x = read({"status", "web", "a*", "--json", "--watch"});
  EXPECT_EQ(x.names, (texts{"web", "a*"}));
  EXPECT_TRUE(x.json);
  EXPECT_TRUE(x.watch);
  EXPECT_FALSE(read({"status"}).json);
  EXPECT_FALSE(x.address);
}

TEST(client_parser_test, a_service_may_be_called_like_a_verb) {
  EXPECT_EQ(read({"status", "start", "run"}).names, (texts{"start", "run"}));
}

TEST(client_parser_test, says_where_saker_is) {
  EXPECT_EQ(read({"status", "--address", "h:1"}).address, "h:1");
  EXPECT_EQ(read({"exec", "--address=h:1", "ping"}).address, "h:1");
}

TEST(client_parser_test, waits_only_if_told) {
  EXPECT_FALSE(read({"start", "web"}).patience);
  EXPECT_EQ(read({"start", "web", "--wait"}).patience, 60s);
  EXPECT_EQ(read({"start", "--wait", "web"}).names, texts{"web"});
  EXPECT_EQ(read({"stop", "--wait=1.5s", "web"}).patience, 1500ms);
  EXPECT_EQ(read({"stop", "--wait=0", "web"}).patience, 0ms);
}

TEST(client_parser_test, a_time_needs_a_unit_and_an_end) {
  EXPECT_TRUE(
    complaint({"start", "web", "--wait=5"})
      .starts_with("start: --wait: \"5\" is not a duration: a unit is "
                   "missing;"));
  EXPECT_EQ(complaint({"wait", "web", "done", "25h"}),
            "wait: TIME: 25h is too long; at most 24h; `saker wait --help` "
            "tells more");
}

TEST(client_parser_test, wait_takes_a_state_and_a_time) {
  auto x = read({"wait", "web", "done", "5s"});
  EXPECT_EQ(x.names, texts{"web"});
  EXPECT_EQ(x.state, "done");
  EXPECT_EQ(x.patience, 5s);
  x = read({"wait", "web"});
  EXPECT_EQ(x.state, "running");
  EXPECT_FALSE(x.patience);
}

TEST(client_parser_test, signal_and_scale_take_their_word) {
  auto x = read({"signal", "HUP", "web", "api"});
  EXPECT_EQ(x.signal, "HUP");
  EXPECT_EQ(x.names, (texts{"web", "api"}));
  x = read({"scale", "web", "3"});
  EXPECT_EQ(x.names, texts{"web"});
  EXPECT_EQ(x.count, 3u);
  EXPECT_EQ(read({"scale", "web", "3", "--wait=2s"}).patience, 2s);
  EXPECT_NE(complaint({"scale", "web", "many"}), "none");
  EXPECT_NE(complaint({"scale", "web", "-1"}), "none");
}

TEST(client_parser_test, svrun_takes_options_a_name_and_a_command) {
  auto x = read({"svrun", "--user", "bob", "job", "--umask=027", "--", "sh",
                 "-c", "echo --user"});
  EXPECT_EQ(x.names, (texts{"job", "sh", "-c", "echo --user"}));
  EXPECT_EQ(x.options, (texts{"--user", "bob", "--umask", "027"}));
  EXPECT_EQ(read({"svrun", "job", "sleep", "60"}).names,
            (texts{"job", "sleep", "60"}));
  EXPECT_NE(complaint({"svrun", "job"}), "none");
  EXPECT_NE(complaint({"svrun", "job", "--nice", "3", "sleep"}), "none");
}

TEST(client_parser_test, logs_are_rotated_or_cleared) {
  EXPECT_TRUE(read({"logs", "web", "--rotate"}).rotate);
  EXPECT_TRUE(read({"logs", "web", "--clear"}).clear);
  EXPECT_NE(complaint({"logs", "web", "--clear", "--rotate"}), "none");
}

TEST(client_parser_test, life_takes_a_number_of_lines) {
  EXPECT_EQ(read({"life", "web"}).lines, 20u);
  EXPECT_EQ(read({"life", "w*", "-n", "3"}).lines, 3u);
}

TEST(client_parser_test, only_restarts_roll) {
  EXPECT_EQ(read({"restart", "web", "--rolling", "2"}).rolling, 2u);
  EXPECT_EQ(read({"try-restart", "--rolling=3", "web"}).rolling, 3u);
  EXPECT_EQ(read({"restart", "web"}).rolling, 0u);
  EXPECT_NE(complaint({"restart", "web", "--rolling", "0"}), "none");
  EXPECT_NE(complaint({"start", "web", "--rolling", "2"}), "none");
}

TEST(client_parser_test, logs_takes_lines_and_follows) {
  auto x = read({"logs", "-f", "-n", "5", "web"});
  EXPECT_TRUE(x.follow);
  EXPECT_EQ(x.lines, 5u);
  EXPECT_EQ(x.names, texts{"web"});
  EXPECT_EQ(read({"logs", "web"}).lines, 20u);
}

TEST(client_parser_test, exec_passes_everything_on) {
  EXPECT_EQ(read({"exec", "x", "-1", "--help", "--", "--address"}).names,
            (texts{"x", "-1", "--help", "--", "--address"}));
  EXPECT_EQ(read({"exec", "--", "--x"}).names, texts{"--x"});
  EXPECT_EQ(read({"exec", "--", "x"}).names, texts{"x"});
  EXPECT_EQ(read({"exec", "--", "-x", "y"}).names, (texts{"-x", "y"}));
  EXPECT_EQ(read({"exec", "--address", "h:1", "x", "-y"}).names,
            (texts{"x", "-y"}));
}

TEST(client_parser_test, apply_and_shutdown_take_their_flags) {
  EXPECT_TRUE(read({"apply", "--force", "a.lua"}).force);
  EXPECT_EQ(read({"apply", "a.lua"}).names, texts{"a.lua"});
  EXPECT_TRUE(read({"shutdown", "--keep-services"}).keep_services);
  EXPECT_FALSE(read({"shutdown"}).keep_services);
}

TEST(client_parser_test, says_what_is_missing) {
  EXPECT_EQ(complaint({"start"}),
            "start: MASK is required; `saker start --help` tells more");
  EXPECT_EQ(complaint({"exec"}),
            "exec: CMD is required; `saker exec --help` tells more");
  EXPECT_NE(complaint({"signal", "HUP"}), "none");
  EXPECT_NE(complaint({"status", "--watsch"}).find("--watsch"),
            std::string::npos);
}

TEST(client_parser_test, errors_name_what_was_asked_for) {
  EXPECT_EQ(read({"signal", "HUP", "web"}).object(), "HUP web");
  EXPECT_EQ(read({"status"}).object(), "");
  client_options x;
  x.names = {std::string(100, 'x'), "\x1b"};
  EXPECT_EQ(x.object(), std::string(59, 'x') + "…");
}

} // namespace
} // namespace saker::cli
