#include "config/load.hpp"

#include "config/keys.hpp"
#include "config/users.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "acl/password.hpp"

namespace saker::config {
namespace {

using test::temporary_directory;

using namespace std::chrono_literals;

environment root() {
  environment x;
  x.uid = 0;
  x.host_name = "box";
  x.home = "/root";
  return x;
}

environment alice() {
  environment x;
  x.uid = 1000;
  x.host_name = "box";
  x.home = "/home/alice";
  return x;
}

sources with(std::string text) {
  sources x;
  x.file = "/etc/saker/saker.toml";
  x.text = std::move(text);
  x.env = root();
  return x;
}

/// What a person reads about `text`, without the path in front.
std::string complaint(const sources& from) {
  auto x = load(from);
  if (x)
    return "no complaint";
  std::string all = x.error().detail;
  const std::string path = "/etc/saker/saker.toml:";
  for (auto at = all.find(path); at != std::string::npos; at = all.find(path))
    all.erase(at, path.size());
  return all;
}

std::string complaint(const std::string& text) {
  return complaint(with(text));
}

std::string complaint_about_set(const std::string& assignment) {
  auto from = with("");
  from.set = {assignment};
  return complaint(from);
}

settings loaded(const sources& from) {
  auto x = load(from);
  EXPECT_TRUE(x) << x.error().detail;
  return x ? *x : settings{};
}

settings loaded(const std::string& text) {
  return loaded(with(text));
}

settings loaded_with_set(const std::string& assignment) {
  auto from = with("");
  from.set = {assignment};
  return loaded(from);
}

std::vector<std::string> addresses(const settings& x) {
  std::vector<std::string> result;
  for (auto& address : x.listen)
    result.push_back((address.optional ? "-" : "") + to_string(address));
  return result;
}

const auto secret_hash = acl::password_hash("secret");

using texts = std::vector<std::string>;

// -- defaults --------------------------------------------------------------------

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

// -- wrong keys ------------------------------------------------------------------

TEST(load_test, names_the_line_of_an_unknown_key_and_near_ones) {
  EXPECT_EQ(complaint("node = \"a\"\nmax-cleints = 1\n"),
            "2: max-cleints: unknown key (did you mean \"max-clients\"?)");
  EXPECT_EQ(complaint("[limits]\n\nbulc = \"1mb\"\n"),
            "3: limits.bulc: unknown key (did you mean \"bulk\"?)");
  EXPECT_EQ(complaint("quite-another-thing = 1\n"),
            "1: quite-another-thing: unknown key");
}

TEST(load_test, names_the_line_of_an_unknown_section) {
  EXPECT_EQ(complaint("[limit]\nbulk = \"1mb\"\n"),
            "1: limit: unknown key (did you mean \"limits\"?)");
}

TEST(load_test, knows_a_key_that_stands_in_the_wrong_section) {
  EXPECT_EQ(complaint("level = \"debug\"\n"),
            "1: level: unknown key (did you mean \"log.level\"?)");
  EXPECT_EQ(complaint("[log]\nmax-clients = 3\n"),
            "2: log.max-clients: unknown key of [log]; keys without a section "
            "stand above the first [section]");
}

TEST(load_test, refuses_words_of_later_versions_by_name) {
  EXPECT_EQ(
    complaint("[web]\nlisten = \"\"\nhosts = []\n"),
    "2: web.listen: not available yet\n3: web.hosts: not available yet");
  EXPECT_EQ(complaint("[web]\n"), "1: web: not available yet");
  EXPECT_EQ(complaint("web = true\n"), "1: web: not available yet");
  EXPECT_EQ(complaint("[cluster]\nhartbeat = \"1s\"\n"),
            "2: cluster.hartbeat: unknown key (did you mean \"heartbeat\"?)");
  EXPECT_EQ(complaint("[limits]\npubsub-overflow = \"skip\"\n"),
            "2: limits.pubsub-overflow: \"skip\" is not available yet");
}

TEST(load_test, tells_all_errors_in_the_order_of_the_file) {
  EXPECT_EQ(complaint("socket-mode = \"9\"\n"
                      "max-clients = 0\n"
                      "[log]\n"
                      "level = \"inof\"\n"
                      "[limits]\n"
                      "bulk = true\n"
                      "[journal]\n"
                      "keep = \"some\"\n"),
            "1: socket-mode: must be octal, from \"0000\" to \"0777\", not "
            "\"9\"\n"
            "2: max-clients: must be from 1 to 1000000, not 0\n"
            "4: log.level: \"inof\" is not one of trace, debug, info, warn, "
            "error (did you mean \"info\"?)\n"
            "6: limits.bulk: must be a size such as \"64mb\", not true or "
            "false\n"
            "8: journal.keep: must be a number of events and a time, as in "
            "\"100000 events, 30 days\"");
}

TEST(load_test, names_the_line_of_what_is_not_toml) {
  auto x = load(with("node = \"a\"\nlisten = [\n"));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::syntax);
  EXPECT_TRUE(x.error().detail.starts_with("/etc/saker/saker.toml:"))
    << x.error().detail;
  EXPECT_NE(x.error().detail.find(": not TOML: "), std::string::npos);
}

TEST(load_test, refuses_a_key_that_stands_there_twice) {
  EXPECT_NE(complaint("node = \"a\"\nnode = \"b\"\n").find("2: not TOML"),
            std::string::npos);
}

// -- wrong values ----------------------------------------------------------------

TEST(load_test, checks_types) {
  EXPECT_EQ(complaint("node = 5"), "1: node: must be text, not a whole number");
  EXPECT_EQ(complaint("max-clients = \"5\""),
            "1: max-clients: must be a whole number, not text");
  EXPECT_EQ(complaint("max-clients = 1.5"),
            "1: max-clients: must be a whole number, not a fraction");
  EXPECT_EQ(complaint("listen = \"127.0.0.1:1\""),
            "1: listen: must be a list of texts, as in [\"a\", \"b\"], not "
            "text");
  EXPECT_EQ(complaint("listen = [1]"),
            "1: listen: must be a list of texts, but holds a whole number");
  EXPECT_EQ(complaint("limits = 1"),
            "1: limits: must be a section, as in [limits]");
  EXPECT_EQ(complaint("users = 1"),
            "1: users: must be sections, as in [users.NAME]");
  EXPECT_EQ(complaint("[users]\ndefault = 1"),
            "2: users.default: must be a section, as in [users.default]");
  EXPECT_EQ(complaint("[scripts]\nwatch = \"yes\""),
            "2: scripts.watch: must be true or false, not text");
  EXPECT_EQ(complaint("[scripts]\ninterval = 5"),
            "2: scripts.interval: must be a duration such as \"5s\", not a "
            "whole number");
  EXPECT_EQ(complaint("node = [\"a\"]"), "1: node: must be text, not a list");
  EXPECT_EQ(complaint("[node]\n"), "1: node: must be text, not a section");
  EXPECT_EQ(complaint("node = 1979-05-27"),
            "1: node: must be text, not a date or time");
  EXPECT_EQ(complaint("socket-mode = 0o660"),
            "1: socket-mode: must be text in octal, such as \"0660\", not a "
            "whole number");
}

TEST(load_test, checks_ranges) {
  EXPECT_EQ(complaint("max-clients = 1000001"),
            "1: max-clients: must be from 1 to 1000000, not 1000001");
  EXPECT_EQ(complaint("max-clients = -1"),
            "1: max-clients: must be from 1 to 1000000, not -1");
  EXPECT_EQ(complaint("[limits]\nbulk = \"1b\""),
            "2: limits.bulk: must be from 1kb to 4gb, not \"1b\"");
  EXPECT_EQ(complaint("[scripts]\ntime = \"0\""),
            "2: scripts.time: must be from 1ms to 1h, not \"0\"");
  EXPECT_EQ(complaint("[scripts]\nthreads = 0"),
            "2: scripts.threads: must be from 1 to 256, not 0");
  EXPECT_EQ(complaint("socket-mode = \"1777\""),
            "1: socket-mode: must be octal, from \"0000\" to \"0777\", not "
            "\"1777\"");
}

TEST(load_test, explains_durations_and_sizes) {
  EXPECT_EQ(complaint("[scripts]\ninterval = \"5\""),
            "2: scripts.interval: \"5\" is not a duration: a unit is missing; "
            "write for example \"200ms\", \"10s\", \"5m\", \"2h\"");
  EXPECT_EQ(complaint("[limits]\nbulk = \"64 apples\""),
            "2: limits.bulk: \"64 apples\" is not a size; write for example "
            "\"512\", \"64kb\", \"64mb\", \"1gb\"");
}

TEST(load_test, refuses_output_limits_without_three_parts) {
  for (auto text :
       {"", "32mb", "32mb 8mb", "32mb 8mb 60", "a b c", "1 2 3s 4s"})
    EXPECT_EQ(
      complaint(std::string{"[limits.output]\npubsub = \""} + text + "\""),
      "2: limits.output.pubsub: must be \"0\" or hard limit, soft "
      "limit and time, as in \"32mb 8mb 60s\"")
      << text;
}

TEST(load_test, refuses_names_that_masks_could_not_tell_apart) {
  for (auto name : {"a b", "-a", "a*", "a:b", "a@b"})
    EXPECT_EQ(complaint(std::string{"node = \""} + name + '"'),
              "1: node: a node is named with 1 to 63 letters, digits and "
              "\"_.-\", a letter or digit first")
      << name;
}

TEST(load_test, wants_absolute_directories) {
  EXPECT_EQ(complaint("state-dir = \"s\""),
            "1: state-dir: must be an absolute path");
  EXPECT_EQ(complaint("runtime-dir = \"\""),
            "1: runtime-dir: must be an absolute path");
  EXPECT_EQ(complaint("[scripts]\ndir = \"\""),
            "2: scripts.dir: must not be empty");
}

TEST(load_test, refuses_a_group_that_is_not_there) {
  EXPECT_EQ(complaint("socket-group = \"no-such-group\""),
            "1: socket-group: there is no group \"no-such-group\"");
  EXPECT_EQ(loaded("socket-group = \"root\"").socket_gid, 0u);
  EXPECT_EQ(loaded("socket-group = \"4711\"").socket_gid, 4711u);
}

// -- users -----------------------------------------------------------------------

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
  EXPECT_EQ(complaint("[users.ann]\nchannels = [\"a b\"]"),
            "2: users.ann.channels: Error in ACL SETUSER modifier '&a b': "
            "Syntax error");
}

TEST(load_test, does_not_accept_restrictions_that_nobody_enforces) {
  EXPECT_EQ(complaint("[users.ann]\nservices = [\"web\"]"),
            "2: users.ann.services: not available yet; every user reaches all "
            "services");
}

// -- addresses -------------------------------------------------------------------

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

// -- --set -----------------------------------------------------------------------

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

TEST(set_test, cannot_smuggle_in_further_keys) {
  EXPECT_EQ(complaint_about_set("max-clients=5\nnode = \"x\""),
            "--set max-clients=5\\nnode = \\\"x\\\": must be a whole number, "
            "not text");
}

// -- files -----------------------------------------------------------------------

sources at(const std::filesystem::path& file) {
  sources x;
  x.file = file;
  return x;
}

TEST(load_file_test, reads_a_file_and_takes_its_directory_as_base) {
  temporary_directory dir;
  auto x = loaded(at(dir.write("saker.toml", "node = \"here\"\n")));
  EXPECT_EQ(x.node, "here");
  EXPECT_EQ(x.services_dir, dir.path() / "services");
}

TEST(load_file_test, may_do_without_the_default_file_only) {
  temporary_directory dir;
  sources from;
  from.env = alice();
  from.env.xdg_config_home = dir.path();
  EXPECT_TRUE(load(from));
  auto x = load(at(dir.path() / "none.toml"));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().detail, "read " + (dir.path() / "none.toml").string()
                                + ": No such file or directory");
}

TEST(load_file_test, does_not_trust_a_file_that_others_may_write) {
  temporary_directory dir;
  auto file = dir.write("saker.toml", "");
  std::filesystem::permissions(file, std::filesystem::perms{0666});
  auto x = load(at(file));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::not_permitted);
  EXPECT_EQ(x.error().detail, file.string()
                                + " may be written by everybody (mode 0666); "
                                  "type: chmod o-w "
                                + file.string());
}

TEST(load_file_test, reads_no_directory_and_nothing_huge) {
  temporary_directory dir;
  auto x = load(at(dir.path()));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().detail,
            "read " + dir.path().string() + ": Is a directory");
  auto big = dir.write("big.toml", std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(load(at(big)).error().code, errc::limit);
}

} // namespace
} // namespace saker::config
