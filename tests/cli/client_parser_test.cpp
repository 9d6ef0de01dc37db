#include "cli/client_parser.hpp"

#include "cli/options.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

client_options parsed(const texts& arguments) {
  auto x = read_options(arguments);
  EXPECT_TRUE(x) << x.error().detail;
  if (!x)
    return {};
  EXPECT_EQ(x->what, options::action::client);
  return x->asked;
}

std::string parser_complaint(const texts& arguments) {
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
    EXPECT_EQ(parsed(words).what, x.what) << x.name;
  }
}

TEST(client_parser_test, the_table_of_verbs_is_in_their_order) {
  for (auto& x : verbs())
    EXPECT_EQ(&info_of(x.what), &x) << x.name;
}

TEST(client_parser_test, status_takes_masks_and_forms) {
  auto x = parsed({"status", "web", "a*", "--json", "--watch"});
  EXPECT_EQ(x.names, (texts{"web", "a*"}));
  EXPECT_TRUE(x.json);
  EXPECT_TRUE(x.watch);
  EXPECT_FALSE(parsed({"status"}).json);
  EXPECT_FALSE(x.address);
}

TEST(client_parser_test, a_service_may_be_called_like_a_verb) {
  EXPECT_EQ(parsed({"status", "start", "run"}).names, (texts{"start", "run"}));
}

TEST(client_parser_test, says_where_saker_is) {
  EXPECT_EQ(parsed({"status", "--address", "h:1"}).address, "h:1");
  EXPECT_EQ(parsed({"exec", "--address=h:1", "ping"}).address, "h:1");
}

TEST(client_parser_test, takes_the_files_of_tls_on_both_sides_of_a_verb) {
  for (auto& words :
       {texts{"exec", "--cacert", "/a", "--cert=/c", "--key", "/k", "acl", "x"},
        texts{"--cacert", "/a", "--cert=/c", "--key", "/k", "exec", "acl",
              "x"}}) {
    auto x = parsed(words);
    EXPECT_EQ(x.tls.ca, "/a");
    EXPECT_EQ(x.tls.cert, "/c");
    EXPECT_EQ(x.tls.key, "/k");
    EXPECT_EQ(x.names, (texts{"acl", "x"}));
  }
  EXPECT_EQ(parser_complaint({"--cacert", "/a"}),
            "--cacert: a command is missing behind it; `saker --help` tells "
            "what there is");
}

TEST(client_parser_test, waits_only_if_told) {
  EXPECT_FALSE(parsed({"start", "web"}).patience);
  EXPECT_EQ(parsed({"start", "web", "--wait"}).patience, 60s);
  EXPECT_EQ(parsed({"start", "--wait", "web"}).names, texts{"web"});
  EXPECT_EQ(parsed({"stop", "--wait=1.5s", "web"}).patience, 1500ms);
  EXPECT_EQ(parsed({"stop", "--wait=0", "web"}).patience, 0ms);
}

TEST(client_parser_test, a_time_needs_a_unit_and_an_end) {
  EXPECT_TRUE(
    parser_complaint({"start", "web", "--wait=5"})
      .starts_with("start: --wait: \"5\" is not a duration: a unit is "
                   "missing;"));
  EXPECT_EQ(parser_complaint({"wait", "web", "done", "25h"}),
            "wait: TIME: 25h is too long; at most 24h; `saker wait --help` "
            "tells more");
}

TEST(client_parser_test, wait_takes_a_state_and_a_time) {
  auto x = parsed({"wait", "web", "done", "5s"});
  EXPECT_EQ(x.names, texts{"web"});
  EXPECT_EQ(x.state, "done");
  EXPECT_EQ(x.patience, 5s);
  x = parsed({"wait", "web"});
  EXPECT_EQ(x.state, "running");
  EXPECT_FALSE(x.patience);
}

TEST(client_parser_test, signal_and_scale_take_their_word) {
  auto x = parsed({"signal", "HUP", "web", "api"});
  EXPECT_EQ(x.signal, "HUP");
  EXPECT_EQ(x.names, (texts{"web", "api"}));
  x = parsed({"scale", "web", "3"});
  EXPECT_EQ(x.names, texts{"web"});
  EXPECT_EQ(x.count, 3u);
  EXPECT_EQ(parsed({"scale", "web", "3", "--wait=2s"}).patience, 2s);
  EXPECT_NE(parser_complaint({"scale", "web", "many"}), "none");
  EXPECT_NE(parser_complaint({"scale", "web", "-1"}), "none");
}

TEST(client_parser_test, svrun_takes_options_a_name_and_a_command) {
  auto x = parsed({"svrun", "--user", "bob", "job", "--umask=027", "--", "sh",
                   "-c", "echo --user"});
  EXPECT_EQ(x.names, (texts{"job", "sh", "-c", "echo --user"}));
  EXPECT_EQ(x.options, (texts{"--user", "bob", "--umask", "027"}));
  EXPECT_EQ(parsed({"svrun", "job", "sleep", "60"}).names,
            (texts{"job", "sleep", "60"}));
  EXPECT_NE(parser_complaint({"svrun", "job"}), "none");
  EXPECT_NE(parser_complaint({"svrun", "job", "--nice", "3", "sleep"}), "none");
}

TEST(client_parser_test, logs_are_rotated_or_cleared) {
  EXPECT_TRUE(parsed({"logs", "web", "--rotate"}).rotate);
  EXPECT_TRUE(parsed({"logs", "web", "--clear"}).clear);
  EXPECT_NE(parser_complaint({"logs", "web", "--clear", "--rotate"}), "none");
}

TEST(client_parser_test, life_takes_a_number_of_lines) {
  EXPECT_EQ(parsed({"life", "web"}).lines, 20u);
  EXPECT_EQ(parsed({"life", "w*", "-n", "3"}).lines, 3u);
}

TEST(client_parser_test, only_restarts_roll) {
  EXPECT_EQ(parsed({"restart", "web", "--rolling", "2"}).rolling, 2u);
  EXPECT_EQ(parsed({"try-restart", "--rolling=3", "web"}).rolling, 3u);
  EXPECT_EQ(parsed({"restart", "web"}).rolling, 0u);
  EXPECT_NE(parser_complaint({"restart", "web", "--rolling", "0"}), "none");
  EXPECT_NE(parser_complaint({"start", "web", "--rolling", "2"}), "none");
}

TEST(client_parser_test, logs_takes_lines_and_follows) {
  auto x = parsed({"logs", "-f", "-n", "5", "web"});
  EXPECT_TRUE(x.follow);
  EXPECT_EQ(x.lines, 5u);
  EXPECT_EQ(x.names, texts{"web"});
  EXPECT_EQ(parsed({"logs", "web"}).lines, 20u);
}

TEST(client_parser_test, exec_passes_everything_on) {
  EXPECT_EQ(parsed({"exec", "x", "-1", "--help", "--", "--address"}).names,
            (texts{"x", "-1", "--help", "--", "--address"}));
  EXPECT_EQ(parsed({"exec", "--", "--x"}).names, texts{"--x"});
  EXPECT_EQ(parsed({"exec", "--", "x"}).names, texts{"x"});
  EXPECT_EQ(parsed({"exec", "--", "-x", "y"}).names, (texts{"-x", "y"}));
  EXPECT_EQ(parsed({"exec", "--address", "h:1", "x", "-y"}).names,
            (texts{"x", "-y"}));
}

TEST(client_parser_test, apply_and_shutdown_take_their_flags) {
  EXPECT_TRUE(parsed({"apply", "--force", "a.lua"}).force);
  EXPECT_EQ(parsed({"apply", "a.lua"}).names, texts{"a.lua"});
  EXPECT_TRUE(parsed({"shutdown", "--keep-services"}).keep_services);
  EXPECT_FALSE(parsed({"shutdown"}).keep_services);
}

TEST(client_parser_test, says_what_is_missing) {
  EXPECT_EQ(parser_complaint({"start"}),
            "start: MASK is required; `saker start --help` tells more");
  EXPECT_EQ(parser_complaint({"exec"}),
            "exec: CMD is required; `saker exec --help` tells more");
  EXPECT_NE(parser_complaint({"signal", "HUP"}), "none");
  EXPECT_NE(parser_complaint({"status", "--watsch"}).find("--watsch"),
            std::string::npos);
}

TEST(client_parser_test, errors_name_what_was_asked_for) {
  EXPECT_EQ(parsed({"signal", "HUP", "web"}).object(), "HUP web");
  EXPECT_EQ(parsed({"status"}).object(), "");
  client_options x;
  x.names = {std::string(100, 'x'), "\x1b"};
  EXPECT_EQ(x.object(), std::string(59, 'x') + "…");
}

} // namespace
} // namespace saker::cli
