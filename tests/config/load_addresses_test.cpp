#include "tests/config/loading.hpp"

namespace saker::config {
namespace {

using test::addresses;
using test::complaint;
using test::loaded;
using test::secret_hash;
using test::with;

using texts = std::vector<std::string>;

TEST(load_test, refuses_an_open_address_without_a_password) {
  auto why = " can be reached from other machines, but no user has a password; "
             "set [users.default] password-hash, or listen on 127.0.0.1";
  EXPECT_EQ(complaint("listen = [\"0.0.0.0:12007\"]"),
            std::string{"1: listen: 0.0.0.0:12007"} + why);
  EXPECT_EQ(complaint("node = \"a\"\nlisten = [\"127.0.0.1:1\", \"[::]:2\"]"),
            std::string{"2: listen: [::]:2"} + why);
  auto from = with("");
  from.listen = {"192.168.1.1:12007"};
  EXPECT_EQ(complaint(from), std::string{"--listen: 192.168.1.1:12007"} + why);
  loaded("listen = [\"0.0.0.0:12007\"]\n[users.default]\npassword-hash = \""
         + secret_hash + "\"");
}

TEST(load_test, names_the_line_of_wrong_addresses) {
  EXPECT_EQ(complaint("listen = [\"127.0.0.1\"]"),
            "1: listen: \"127.0.0.1\" is not an address: the port is missing; "
            "write for example \"127.0.0.1:12007\", \"[::1]:12007\", "
            "\"unix:saker.sock\"");
  EXPECT_EQ(complaint("listen = []"), "1: listen: needs at least one address");
  EXPECT_EQ(complaint("listen = [\"127.0.0.1:1\", \"localhost:1\"]"),
            "1: listen: \"localhost:1\" stands there twice");
}

TEST(load_test, refuses_a_path_that_is_too_long_for_a_socket) {
  auto long_dir = "/" + std::string(100, 'r');
  EXPECT_EQ(complaint("runtime-dir = \"" + long_dir + "\""),
            "--listen: " + long_dir
              + "/saker.sock has 112 bytes, and a UNIX socket takes at most "
                "107; choose a shorter runtime-dir");
  loaded("runtime-dir = \"/" + std::string(95, 'r') + "\"");
}

TEST(load_test, listen_options_replace_the_list) {
  auto from = with("listen = [\"127.0.0.1:1\"]");
  from.listen = {"127.0.0.1:2", "unix:x"};
  EXPECT_EQ(addresses(loaded(from)),
            (texts{"127.0.0.1:2", "unix:/run/saker/x"}));
}

} // namespace
} // namespace saker::config
