#include "cli/client.hpp"

#include "tests/cli/verb_test.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace saker::cli {
namespace {

class addresses_test : public ::testing::Test {
protected:
  addresses_test() {
    // Root has fixed places in the system; anybody else has these.
    env.uid = ::geteuid() == 0 ? 4711 : ::geteuid();
    env.host_name = "box";
    env.home = dir.path();
    env.xdg_config_home = dir.path() / "config";
    env.xdg_runtime_dir = dir.path() / "run";
  }

  std::vector<std::string> found(const std::optional<std::string>& option = {},
                                 const std::string& url = {}) const {
    auto all = addresses(option, url, env);
    if (!all)
      return {all.error().detail};
    std::vector<std::string> result;
    for (auto& x : *all)
      result.push_back(to_string(x));
    return result;
  }

  test::temporary_directory dir;
  config::environment env;
};

TEST_F(addresses_test, the_option_wins) {
  EXPECT_EQ(found("h:1", "g:2"), words{"h:1"});
}

TEST_F(addresses_test, then_the_variable) {
  EXPECT_EQ(found({}, "redis://:x@g:2"), words{"g:2"});
}

TEST_F(addresses_test, then_our_own_socket_and_the_usual_port) {
  EXPECT_EQ(found(),
            (words{"unix:" + (dir.path() / "run/saker/saker.sock").string(),
                   "127.0.0.1:12007"}));
}

TEST_F(addresses_test, says_which_of_them_is_wrong) {
  EXPECT_TRUE(found("h:0")[0].starts_with("--address: address \"h:0\": "));
  EXPECT_TRUE(found({}, "h:0")[0].starts_with("SAKER_URL: address \"h:0\": "));
}

TEST_F(addresses_test, a_directory_of_somebody_else_is_not_trusted) {
  std::filesystem::create_directories(dir.path() / "run/saker");
  env.uid = ::geteuid() + 1;
  auto owner_is_root = ::geteuid() == 0;
  EXPECT_EQ(found().size(), owner_is_root ? 2u : 1u);
  if (owner_is_root) {
    auto path = dir.path() / "run/saker";
    ASSERT_EQ(::chown(path.c_str(), 4712, 4712), 0);
    EXPECT_EQ(found(), words{"127.0.0.1:12007"});
  }
}

class client_test : public verb_test {};

TEST_F(client_test, an_upgrade_is_refused_with_what_to_do_instead) {
  asked.what = verb::upgrade;
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().starts_with("saker: upgrade: not available yet; `saker "
                                    "shutdown --keep-services`"));
}

TEST_F(client_test, every_line_of_a_reason_says_who_speaks) {
  asked.what = verb::stop;
  asked.names = {"web"};
  work with{asked, us, server, out, err, [this] { return look; }, {}};
  complain(with, fail(errc::io, "one\ntwo"));
  EXPECT_EQ(err.str(), "saker: stop web: one\nsaker: stop web: two\n");
}

TEST_F(client_test, only_a_saker_that_does_not_answer_is_status_3) {
  for (auto code : {errc::io, errc::closed, errc::timeout})
    EXPECT_EQ(status_of(fail(code)), 3);
  for (auto code : {errc::refused, errc::unsupported, errc::not_permitted,
                    errc::no_such_service, errc::syntax})
    EXPECT_EQ(status_of(fail(code)), 1);
}

TEST_F(client_test, clocks_have_milliseconds) {
  EXPECT_TRUE(local_clock(1'700'000'000'007).ends_with(":20.007"));
  EXPECT_EQ(local_clock(1'700'000'000'007).size(), 12u);
}

} // namespace
} // namespace saker::cli
