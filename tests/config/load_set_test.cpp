#include "tests/config/loading.hpp"

namespace saker::config {
namespace {

using test::addresses;
using test::complaint_about_set;
using test::loaded;
using test::loaded_with_set;
using test::secret_hash;
using test::with;

using texts = std::vector<std::string>;

TEST(set_test, overrides_the_file) {
  auto from = with("max-clients = 1\n[log]\nlevel = \"warn\"");
  from.set = {"max-clients=2", "log.level=debug", "log.level=trace"};
  auto x = loaded(from);
  EXPECT_EQ(x.max_clients, 2u);
  EXPECT_EQ(x.log.level, log_level::trace);
}

TEST(set_test, needs_no_quotes) {
  EXPECT_EQ(loaded_with_set("node=123").node, "123");
  EXPECT_EQ(loaded_with_set("node=\"a\"").node, "a");
  EXPECT_EQ(loaded_with_set("socket-mode=0600").socket_mode, 0600u);
  EXPECT_EQ(loaded_with_set("limits.bulk=1mb").limits.bulk, 1u << 20);
  EXPECT_EQ(loaded_with_set("limits.bulk=2048").limits.bulk, 2048u);
  EXPECT_EQ(loaded_with_set("limits.output.pubsub=2mb 1mb 5s")
              .limits.output_pubsub.hard,
            2u << 20);
  EXPECT_FALSE(loaded_with_set("scripts.watch=false").scripts.watch);
  EXPECT_EQ(loaded_with_set("state-dir=/x y").state_dir, "/x y");
  EXPECT_EQ(addresses(loaded_with_set("listen=127.0.0.1:5")),
            (texts{"127.0.0.1:5"}));
  EXPECT_EQ(addresses(loaded_with_set("listen=[\"127.0.0.1:5\", \"unix:a\"]")),
            (texts{"127.0.0.1:5", "unix:/run/saker/a"}));
  EXPECT_EQ(loaded_with_set("users.default.password-hash=" + secret_hash)
              .default_password_hash(),
            secret_hash);
}

TEST(set_test, complains_like_the_file) {
  EXPECT_EQ(complaint_about_set("max-cleints=5"),
            "--set max-cleints=5: unknown key (did you mean \"max-clients\"?)");
  EXPECT_EQ(complaint_about_set("log.levle=info"),
            "--set log.levle=info: unknown key (did you mean \"level\"?)");
  EXPECT_EQ(complaint_about_set("max-clients=many"),
            "--set max-clients=many: must be a whole number, not text");
  EXPECT_EQ(complaint_about_set("web.listen=x"),
            "--set web.listen=x: not available yet");
  EXPECT_EQ(complaint_about_set("users.default.rules=[\"+x\"]"),
            "--set users.default.rules=[\\\"+x\\\"]: Error in ACL SETUSER "
            "modifier '+x': Unknown command or category name in ACL");
  for (auto text : {"max-clients", "=5", ""})
    EXPECT_EQ(complaint_about_set(text),
              std::string{"--set "} + text
                + ": must be key=value, as in log.level=debug");
}

TEST(set_test, says_no_password_again) {
  for (auto text :
       {"users.default.password-hash=pw", "users.ann.rules=[\">pw\", \"+x\"]",
        "users.ann.password=pw", "redis.requirepass=[\"pw\"]"})
    EXPECT_EQ(complaint_about_set(text).find("pw"), std::string::npos) << text;
  EXPECT_NE(complaint_about_set("users.default.password-hash=pw")
              .find("--set users.default.password-hash=(redacted): must be"),
            std::string::npos);
}

TEST(set_test, cannot_smuggle_in_further_keys) {
  EXPECT_EQ(complaint_about_set("max-clients=5\nnode = \"x\""),
            "--set max-clients=5\\nnode = \\\"x\\\": must be a whole number, "
            "not text");
}

} // namespace
} // namespace saker::config
