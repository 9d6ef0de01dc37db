#include "link/request.hpp"

#include "resp/reply_parser.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::link {
namespace {

using namespace std::chrono_literals;

process::spec rich_spec() {
  process::spec x;
  x.argv = {"/bin/x", "", "a b", std::string{"\x01\xff\r\n"}};
  x.env = {"A=b", "C="};
  x.user_env = true;
  x.dir = "/srv";
  x.user = "www-data";
  x.groups = {"adm", "12"};
  x.umask = 077;
  x.input = "/dev/zero";
  x.input_text = std::string{"a\0\xff\r\n", 5};
  x.pidfile = "/run/x.pid";
  x.cgroup = "/sys/fs/cgroup/x";
  x.oom = -5;
  x.nice = -20;
  x.cpus = {0, 3};
  x.limits = {{RLIMIT_NOFILE, 5, RLIM_INFINITY}, {RLIMIT_CORE, 0, 0}};
  x.no_new_privs = true;
  return x;
}

spawn small_spawn() {
  spawn x;
  x.key = "web#0";
  x.spawn_id = 1;
  x.what.argv = {"x"};
  return x;
}

std::vector<request> all_requests() {
  spawn rich = small_spawn();
  rich.key = "api.v-2_x:y#123456789";
  rich.spawn_id = 1ull << 62;
  rich.kind = child_class::job;
  rich.stop = "INT 1s KILL";
  rich.kill = kill_mode::leader;
  rich.start_timeout = 1ms;
  rich.output = output_mode::split;
  rich.what = rich_spec();
  rich.sockets = {"127.0.0.1:80", "unix:/run/x.sock"};
  auto daemon = small_spawn();
  daemon.kind = child_class::daemon;
  return {
    hello{1, "node"},
    ready{},
    list{},
    small_spawn(),
    rich,
    daemon,
    adopt{"web#0", 7, 4711, 1ull << 60, "QUIT", kill_mode::leader, proof::kin},
    signal{"web#0", SIGTERM, true},
    signal{"web#0", 0, false},
    note{"web#0", std::string(max_note, '\0')},
    lost{"web#0", 0},
    lost{"web#0", 1ull << 40},
    forget{"web#0"},
    seen{"web#0", 7},
    ack{"web#0", 8},
    listen{"[::1]:80", 5, 0600, "adm"},
    unlisten{"*:80"},
    shutdown{farewell::begun, 0},
    shutdown{farewell::keep, 3},
    shutdown{farewell::stop, 255},
    shutdown{farewell::leaving, 0},
  };
}

resp::value frame_of(std::string_view bytes) {
  resp::reply_parser in;
  in.feed(bytes);
  auto x = in.next();
  EXPECT_TRUE(x);
  return x.value_or(resp::value{});
}

/// `[1, VERB, arguments…]`.
resp::value frame(std::vector<resp::value> items) {
  items.insert(items.begin(), resp::value{1});
  return resp::value{resp::array{std::move(items)}};
}

std::string why(std::vector<resp::value> items) {
  auto x = decode_request(frame(std::move(items)));
  return x ? "" : x.error().detail;
}

TEST(request_test, every_request_comes_out_as_it_went_in) {
  std::uint64_t seq = 0;
  for (auto& x : all_requests()) {
    auto frame = frame_of(encode(++seq, x));
    EXPECT_EQ(sequence_of(frame), seq);
    auto y = decode_request(frame);
    ASSERT_TRUE(y) << y.error().detail;
    EXPECT_EQ(*y, x);
  }
}

TEST(request_test, may_arrive_cut_at_every_position) {
  std::string bytes;
  for (auto& x : all_requests())
    bytes += encode(1, x);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    resp::reply_parser in;
    std::vector<request> out;
    for (auto part : {std::string_view{bytes}.substr(0, cut),
                      std::string_view{bytes}.substr(cut)}) {
      in.feed(part);
      while (auto frame = in.next())
        if (auto x = decode_request(*frame))
          out.push_back(*x);
    }
    ASSERT_EQ(out, all_requests()) << "cut at " << cut;
  }
}

TEST(request_test, numbers_may_be_written_as_text) {
  auto x = decode_request(frame({"SEEN", "web#0", "17"}));
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, request{(seen{"web#0", 17})});
}

TEST(request_test, what_has_no_number_and_verb_is_no_request) {
  EXPECT_FALSE(sequence_of(resp::value{"HELLO"}));
  EXPECT_FALSE(sequence_of(resp::value{resp::array{}}));
  EXPECT_FALSE(sequence_of(resp::value{resp::array{{1}}}));
  EXPECT_FALSE(sequence_of(resp::value{resp::array{{"x", "HELLO"}}}));
  EXPECT_FALSE(sequence_of(resp::value{resp::array{{-1, "HELLO"}}}));
  EXPECT_FALSE(sequence_of(resp::value{resp::array{{1, 2}}}));
  EXPECT_TRUE(sequence_of(resp::value{resp::array{{1, "NO"}}}));
}

TEST(request_test, unknown_and_reserved_verbs_are_told_apart) {
  auto code = [](const char* verb) {
    return decode_request(frame({verb})).error().code;
  };
  EXPECT_EQ(code("NOPE"), errc::not_found);
  EXPECT_EQ(code("hello"), errc::not_found); // verbs are exact
  EXPECT_EQ(code("LEASE"), errc::unsupported);
  EXPECT_EQ(code("UPGRADE"), errc::unsupported);
}

TEST(request_test, wrong_arguments_are_named) {
  EXPECT_EQ(why({"SEEN", "web#0"}), "SEEN: spawn-id is missing");
  EXPECT_EQ(why({"LIST", 1}), "LIST: 1 arguments too many");
  EXPECT_EQ(why({"SEEN", 5, 1}), "SEEN: key must be a string");
  EXPECT_EQ(why({"SEEN", "web#0", 0}),
            "SEEN: spawn-id must be a number from 1 to 9223372036854775807");
  EXPECT_EQ(why({"SIGNAL", "web#0", 65, "leader"}),
            "SIGNAL: signal must be a number from 0 to 64");
  EXPECT_EQ(why({"SIGNAL", "web#0", 9, "tree"}),
            "SIGNAL: target must be one of leader, group, not tree");
  EXPECT_EQ(why({"ADOPT", "web#0", 1, 1, 5, "TERM", "tree", "kin"}),
            "ADOPT: pid must be a number from 2 to 2147483647");
  EXPECT_EQ(why({"ADOPT", "web#0", 1, 2, 5, "TERM", "tree", "maybe"}),
            "ADOPT: proof must be one of none, kin, not maybe");
  EXPECT_EQ(why({"NOTE", "web#0", std::string(257, 'x')}),
            "NOTE: note is longer than 256 bytes");
  EXPECT_EQ(why({"FORGET", "web"}), "FORGET: key must be name#index, not web");
  EXPECT_EQ(why({"SHUTDOWN", "keep", 256}),
            "SHUTDOWN: code must be a number from 0 to 255");
}

TEST(request_test, fields_of_a_specification_are_checked) {
  auto spawn_with = [](std::vector<resp::value> fields) {
    std::vector<resp::value> items = {"SPAWN", "web#0", 1, "service",
                                      "TERM",  "tree",  1, "none"};
    items.insert(items.end(), fields.begin(), fields.end());
    return why(std::move(items));
  };
  resp::value argv{resp::array{{"x"}}};
  EXPECT_EQ(spawn_with({"argv", argv}), "");
  EXPECT_EQ(spawn_with({}), "SPAWN: argv is missing");
  EXPECT_EQ(spawn_with({"argv", resp::array{}}), "SPAWN: argv is missing");
  EXPECT_EQ(spawn_with({"argv", argv, "color", 1}),
            "SPAWN: unknown field color");
  EXPECT_EQ(spawn_with({"argv", argv, "nice", 20}),
            "SPAWN: nice must be a number from -20 to 19");
  EXPECT_EQ(spawn_with({"argv", argv, "dir"}), "SPAWN: dir is missing");
  EXPECT_EQ(spawn_with({"argv", argv, "dir", std::string("a\0b", 3)}),
            "SPAWN: dir holds a NUL byte");
  EXPECT_EQ(spawn_with({"argv", resp::array{{std::string("\0", 1)}}}),
            "SPAWN: argv holds a NUL byte");
  EXPECT_EQ(spawn_with({"argv", argv, "cpus", resp::array{{"x"}}}),
            "SPAWN: cpus must be a number from 0 to 65535");
  EXPECT_EQ(
    spawn_with({"argv", argv, "limits", resp::array{{"nofiles", "1", "1"}}}),
    "SPAWN: there is no limit nofiles (did you mean \"nofile\"?)");
  EXPECT_EQ(
    spawn_with({"argv", argv, "limits", resp::array{{"nofile", "1", "-1"}}}),
    "SPAWN: limit nofile must have two numbers");
  EXPECT_EQ(spawn_with({"argv", argv, "sockets", resp::array{{"*:80"}}}), "");
  EXPECT_EQ(spawn_with({"argv", argv, "sockets",
                        resp::array{{"1", "2", "3", "4", "5", "6", "7", "8"}}}),
            "SPAWN: more than 7 sockets");
  EXPECT_EQ(spawn_with({"argv", argv, "fds", resp::array{{3}}}),
            "SPAWN: unknown field fds");
}

TEST(request_test, what_is_too_long_is_not_sent) {
  auto x = small_spawn();
  x.what.argv.emplace_back(process::max_argument, 'x');
  auto frame = encode_checked(1, x);
  ASSERT_TRUE(frame);
  EXPECT_EQ(*frame, encode(1, x));
  x.what.argv.back() += 'x';
  frame = encode_checked(1, x);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, errc::limit);
  EXPECT_NE(frame.error().detail.find("Argument list too long"),
            std::string::npos);
  // What is no argument, too.
  auto y = small_spawn();
  y.what.dir.assign(max_request, 'x');
  EXPECT_EQ(encode_checked(1, y).error().code, errc::limit);
}

TEST(request_test, what_came_too_long_is_refused_and_named) {
  auto x = small_spawn();
  x.what.argv.emplace_back(5'000'000, 'x');
  auto back = decode_request(frame_of(encode(1, x)));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().detail,
            "SPAWN: Argument list too long: argument 2 has 5000000 bytes, at "
            "most 131071 in one");
}

TEST(request_test, a_key_is_a_name_and_an_index) {
  for (auto good : {"a#0", "web#12", "0#0", "a.b-c_d:e#999999999"})
    EXPECT_TRUE(is_key(good)) << good;
  for (auto bad : {"", "#", "#1", "a", "a#", "a#x", "a#1#2", "a b#1", "../a#1",
                   ".a#1", "-a#1", "a/b#1", "a#1234567890", "a#-1", "a#+1"})
    EXPECT_FALSE(is_key(bad)) << bad;
  EXPECT_TRUE(is_key(std::string(63, 'a') + "#1"));
  EXPECT_FALSE(is_key(std::string(64, 'a') + "#1"));
}

} // namespace
} // namespace saker::link
