#include "config/keys.hpp"
#include "tests/config/loading.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fstream>
#include <iterator>

namespace saker::config {
namespace {

using test::addresses;
using test::alice;
using test::complaint;
using test::loaded;
using test::root;
using test::temporary_directory;
using test::with;

using namespace std::chrono_literals;

using texts = std::vector<std::string>;

TEST(load_test, asks_for_directories_only_where_it_is_told_to) {
  temporary_directory dir;
  dir.write("file", "");
  auto from = with("[services]\ndir = \"defs\"\n");
  from.file = dir.path() / "saker.toml";
  auto defs = (dir.path() / "defs").string();
  EXPECT_EQ(loaded(from).services_dir, defs); // a node goes on without it
  from.directories_exist = true;
  auto x = load(from);
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().detail, (dir.path() / "saker.toml").string()
                                + ":2: services.dir: there is no directory "
                                + defs + "; make it, or correct the path");
  std::filesystem::create_directory(defs);
  EXPECT_TRUE(load(from));
  // The usual ones may be missing, also in a copy of config/saker.toml.
  from.text = "[services]\ndir = \"services\"\n[scripts]\ndir = \"scripts\"";
  EXPECT_TRUE(load(from));
  from.text = "";
  from.set = {"scripts.dir=/nowhere/lua"};
  EXPECT_EQ(complaint(from),
            "--set scripts.dir=/nowhere/lua: there is no directory "
            "/nowhere/lua; make it, or correct the path");
  from.set = {"scripts.dir=file"};
  EXPECT_EQ(complaint(from),
            "--set scripts.dir=file: " + (dir.path() / "file").string()
              + " is no directory");
}

TEST(load_test, takes_the_documented_defaults_for_root) {
  auto x = defaults(root());
  EXPECT_EQ(x.file, "/etc/saker/saker.toml");
  EXPECT_EQ(x.node, "box");
  EXPECT_EQ(x.state_dir, "/var/lib/saker");
  EXPECT_EQ(x.runtime_dir, "/run/saker");
  EXPECT_EQ(addresses(x), (texts{"127.0.0.1:12007", "-[::1]:12007",
                                 "unix:/run/saker/saker.sock"}));
  EXPECT_EQ(x.socket_mode, 0660u);
  EXPECT_EQ(x.max_clients, 10'000u);
  EXPECT_TRUE(x.io_uring);
  EXPECT_TRUE(x.users.empty());
  EXPECT_EQ(x.limits.query_buffer, 128u * 1024 * 1024);
  EXPECT_EQ(x.limits.bulk, 64u * 1024 * 1024);
  EXPECT_EQ(x.limits.client_memory, 1024u * 1024 * 1024);
  EXPECT_EQ(x.limits.open_commands, 1024u);
  EXPECT_EQ(x.limits.output_normal, output_limit{});
  EXPECT_EQ(x.limits.output_pubsub, (output_limit{32u << 20, 8u << 20, 60s}));
  EXPECT_EQ(x.scripts.dir, "/etc/saker/scripts");
  EXPECT_EQ(x.services_dir, "/etc/saker/services");
  EXPECT_EQ(x.journal.file, "/var/lib/saker/journal.db");
  EXPECT_EQ(x.log.file, "");
}

TEST(load_test, takes_directories_of_the_user_for_others) {
  auto x = defaults(alice());
  EXPECT_EQ(x.file, "/home/alice/.config/saker/saker.toml");
  EXPECT_EQ(x.state_dir, "/home/alice/.local/state/saker");
  EXPECT_EQ(x.runtime_dir, "/tmp/saker-1000");
  EXPECT_EQ(x.scripts.dir, "/home/alice/.config/saker/scripts");
}

TEST(load_test, follows_the_xdg_variables_unless_they_are_relative) {
  auto env = alice();
  env.xdg_config_home = "/c";
  env.xdg_state_home = "/s";
  env.xdg_runtime_dir = "/r";
  auto x = defaults(env);
  EXPECT_EQ(x.file, "/c/saker/saker.toml");
  EXPECT_EQ(x.state_dir, "/s/saker");
  EXPECT_EQ(x.runtime_dir, "/r/saker");
  env.xdg_state_home = "s";
  EXPECT_EQ(defaults(env).state_dir, "/home/alice/.local/state/saker");
}

TEST(load_test, makes_a_node_name_of_any_host_name) {
  auto env = root();
  env.host_name = "büro pc";
  EXPECT_EQ(env.node_name(), "b--ro-pc");
  env.host_name = "-x";
  EXPECT_EQ(env.node_name(), "node");
  env.host_name = std::string(80, 'a');
  EXPECT_EQ(env.node_name(), std::string(63, 'a'));
}

TEST(load_test, an_empty_user_keeps_every_right) {
  auto x = loaded("[users.default]\n");
  EXPECT_EQ(x.users.at("default"), user_settings{});
}

// -- the reference ---------------------------------------------------------------

std::string reference() {
  auto here = std::filesystem::path{__FILE__}.parent_path();
  std::ifstream file{here / "../../config/saker.toml"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(saker_toml_test, holds_the_defaults) {
  auto text = reference();
  ASSERT_FALSE(text.empty());
  auto x = loaded(text);
  auto expected = defaults(root());
  // The file names the user without giving a password.
  expected.users["default"];
  EXPECT_EQ(x, expected);
}

TEST(saker_toml_test, shows_every_key_that_is_available) {
  auto text = reference();
  for (auto& name : available_keys()) {
    auto word = name.substr(name.rfind('.') + 1);
    auto active = text.find('\n' + word + " = ");
    auto comment = text.find("\n#" + word + " = ");
    EXPECT_TRUE(active != std::string::npos || comment != std::string::npos)
      << name;
  }
}

// -- values ----------------------------------------------------------------------

TEST(load_test, reads_the_keys_without_a_section) {
  auto x = loaded(R"(
node = "n1"
state-dir = "/s/"
runtime-dir = "/r/../run"
listen = ["[::1]:1", "unix:a.sock", "-unix:/b.sock"]
socket-group = "0"
socket-mode = "0600"
max-clients = 7
io-uring = false
)");
  EXPECT_EQ(x.node, "n1");
  EXPECT_EQ(x.state_dir / "x", "/s/x");
  EXPECT_EQ(x.runtime_dir, "/run");
  EXPECT_EQ(addresses(x),
            (texts{"[::1]:1", "unix:/run/a.sock", "-unix:/b.sock"}));
  EXPECT_EQ(x.socket_group, "0");
  EXPECT_EQ(x.socket_gid, 0u);
  EXPECT_EQ(x.socket_mode, 0600u);
  EXPECT_EQ(x.max_clients, 7u);
  EXPECT_FALSE(x.io_uring);
}

TEST(load_test, reads_limits) {
  auto x = loaded(R"([limits]
query-buffer = "1mb"
bulk = 4096
client-memory = "2gb"
reply-pause = "128kb"
open-commands = 5
channel-name = 100
subscriptions = 6
guest-subscriptions = 7
output = {normal = "2mb 1mb 5s", pubsub = "0"}
pubsub-overflow = "disconnect"
)");
  EXPECT_EQ(x.limits.query_buffer, 1u << 20);
  EXPECT_EQ(x.limits.bulk, 4096u);
  EXPECT_EQ(x.limits.client_memory, 2ull << 30);
  EXPECT_EQ(x.limits.reply_pause, 128u << 10);
  EXPECT_EQ(x.limits.open_commands, 5u);
  EXPECT_EQ(x.limits.channel_name, 100u);
  EXPECT_EQ(x.limits.subscriptions, 6u);
  EXPECT_EQ(x.limits.guest_subscriptions, 7u);
  EXPECT_EQ(x.limits.output_normal, (output_limit{2u << 20, 1u << 20, 5s}));
  EXPECT_EQ(x.limits.output_pubsub, output_limit{});
}

TEST(load_test, reads_scripts_services_log_and_journal) {
  auto x = loaded(R"(
[scripts]
dir = "/srv/lua"
path = "a"
cpath = "b"
interval = "10s"
memory = "2mb"
time = "50ms"
threads = 3
watch = false
timers = 7
subscriptions = 8
messages = 9
message-memory = "2mb"
blocking-threads = 5
[services]
dir = "../defs"
[log]
level = "debug"
file = "node.log"
format = "json"
[journal]
file = "/j.db"
keep = "5 events, 1h"
)");
  EXPECT_EQ(x.scripts.dir, "/srv/lua");
  EXPECT_EQ(x.scripts.path, "a");
  EXPECT_EQ(x.scripts.cpath, "b");
  EXPECT_EQ(x.scripts.interval, 10s);
  EXPECT_EQ(x.scripts.memory, 2u << 20);
  EXPECT_EQ(x.scripts.time, 50ms);
  EXPECT_EQ(x.scripts.threads, 3u);
  EXPECT_FALSE(x.scripts.watch);
  EXPECT_EQ(x.scripts.timers, 7u);
  EXPECT_EQ(x.scripts.subscriptions, 8u);
  EXPECT_EQ(x.scripts.messages, 9u);
  EXPECT_EQ(x.scripts.message_memory, 2u << 20);
  EXPECT_EQ(x.scripts.blocking_threads, 5u);
  EXPECT_EQ(x.services_dir, "/etc/defs");
  EXPECT_EQ(x.log.level, log_level::debug);
  EXPECT_EQ(x.log.file, "/var/lib/saker/node.log");
  EXPECT_EQ(x.log.format, log_format::json);
  EXPECT_EQ(x.journal.file, "/j.db");
  EXPECT_EQ(x.journal.keep_events, 5u);
  EXPECT_EQ(x.journal.keep_time, 1h);
}

TEST(load_test, keeps_the_other_part_when_only_events_or_time_are_given) {
  EXPECT_EQ(loaded("[journal]\nkeep = \"7 events\"").journal.keep_time,
            24h * 30);
  EXPECT_EQ(loaded("[journal]\nkeep = \"2h\"").journal.keep_events, 100'000u);
}

TEST(load_test, takes_what_to_keep_as_a_whole_or_not_at_all) {
  for (auto text : {"", "some, 5 events", "5 events, some", "0 events", "0",
                    "events", "5 events 1h", "-1 events"})
    EXPECT_EQ(complaint(std::string{"[journal]\nkeep = \""} + text + '"'),
              "2: journal.keep: must be a number of events and a time, as in "
              "\"100000 events, 30 days\"")
      << text;
}

} // namespace
} // namespace saker::config
