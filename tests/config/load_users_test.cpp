#include "config/users.hpp"
#include "tests/config/loading.hpp"

namespace saker::config {
namespace {

using test::complaint;
using test::loaded;
using test::root;
using test::secret_hash;

TEST(load_test, reads_the_password_of_the_default_user) {
  auto x = loaded("[users.default]\npassword-hash = \"" + secret_hash + "\"");
  EXPECT_EQ(x.default_password_hash(), secret_hash);
  EXPECT_EQ(defaults(root()).default_password_hash(), "");
}

TEST(load_test, tells_how_to_make_a_password_hash) {
  EXPECT_EQ(complaint("[users.default]\npassword-hash = \"secret\""),
            "2: users.default.password-hash: must be the SHA-256 of the "
            "password, 64 hex digits; type: printf %s PASSWORD | sha256sum");
}

/// The lines of ACL LIST.
std::vector<std::string> listed_users(const std::string& text) {
  auto users = users_of(loaded(text));
  EXPECT_TRUE(users);
  return users ? users->lines() : std::vector<std::string>{};
}

TEST(load_test, makes_users_and_changes_those_that_are_always_there) {
  EXPECT_EQ(listed_users(""),
            (std::vector<std::string>{
              "user default on nopass ~* &* +@all",
              "user guest on ~* &* -@all +@basic +@status +@events"}));
  EXPECT_EQ(
    listed_users("[users.ann]\npassword-hash = \"" + secret_hash
                 + "\"\nrights = [\"status\"]\nchannels = "
                   "[\"a*\", \"b\"]\nrules = [\"+call|deploy\"]\n"
                   "[users.bob]\n[users.guest]\nrights = []\n"
                   "[users.default]\nrules = [\"-debug\"]"),
    (std::vector<std::string>{
      "user ann on #" + secret_hash
        + " ~* resetchannels &a* &b -@all +@basic +@status "
          "+call|deploy",
      "user bob on ~* &* +@all", "user default on nopass ~* &* +@all -debug",
      "user guest on ~* &* -@all +@basic"}));
}

TEST(load_test, gives_guests_no_more_than_is_said) {
  EXPECT_EQ(listed_users("[users.guest]\nrules = [\"-ping\"]").back(),
            "user guest on ~* &* -@all +@basic +@status +@events -ping");
}

TEST(load_test, tells_what_is_wrong_with_a_user) {
  EXPECT_EQ(complaint("[users.ann]\nrights = [\"contrl\"]"),
            "2: users.ann.rights: there is no right \"contrl\", only "
            "status, events, control, script, admin (did you mean "
            "\"control\"?)");
  EXPECT_EQ(complaint("[users.ann]\npasword-hash = \"\""),
            "2: users.ann.pasword-hash: unknown key (did you mean "
            "\"password-hash\"?)");
  EXPECT_EQ(complaint("[users.ann]\nrules = [\"+nosuch\"]"),
            "2: users.ann.rules: Error in ACL SETUSER modifier '+nosuch': "
            "Unknown command or category name in ACL");
  EXPECT_EQ(complaint("[users.ann]\nservices = [\"web\"]\n"
                      "rules = [\"on\", \"s3cr3t\"]"),
            "3: users.ann.rules: Error in ACL SETUSER modifier: rule 2 (not "
            "shown: it may be a password without >): Syntax error");
  EXPECT_EQ(complaint("[users.ann]\nchannels = [\"a b\"]"),
            "2: users.ann.channels: Error in ACL SETUSER modifier '&a b': "
            "Syntax error");
}

TEST(load_test, rules_go_on_from_the_services_of_a_user) {
  EXPECT_EQ(listed_users("[users.ann]\nrules = [\"%R~service:db\"]\n"
                         "services = [\"web*\", \"%front\"]")
              .front(),
            "user ann on ~service:web* ~service:%front %R~service:db &* +@all");
}

TEST(load_test, does_not_accept_restrictions_that_nobody_enforces) {
  EXPECT_EQ(complaint("[users.ann]\nservices = [\"web:\"]"),
            "2: users.ann.services: \"web:\" names no service; write web, "
            "web*, api:0, %front or web@n2");
}

} // namespace
} // namespace saker::config
