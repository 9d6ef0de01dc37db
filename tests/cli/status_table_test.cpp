#include "cli/status_table.hpp"

#include "cli/printed_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace saker::cli {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

constexpr auto now = 1'700'000'000'000ms;

std::vector<service_row> sample() {
  service_row web;
  web.name = "web:0";
  web.node = "box";
  web.state = "running";
  web.ready = web.wanted_up = true;
  web.pid = 4711;
  web.since = now - 252s;
  web.restarts = 11;
  web.restarts_1h = 3;
  web.last_exit = "SIGSEGV";
  web.cpu = 7;
  web.rss = 98ull << 20;
  service_row bad;
  bad.name = "bad";
  bad.node = "box";
  bad.state = "failed";
  bad.wanted_up = true;
  bad.since = now - 74h;
  bad.last_exit = "exit 3";
  bad.reason = "exit 3 after 2ms";
  service_row flaky;
  flaky.name = "flaky";
  flaky.state = "backoff";
  flaky.since = now;
  flaky.next = "restart in 12s";
  flaky.reason = "exit 1 after 4s";
  return {web, bad, flaky};
}

status_notes notes() {
  return {{}, {{"bad", {"out  no such data base", "log  /a/long/path.log"}}}};
}

texts drawn(const canvas& on) {
  return status_table(sample(), notes(), {now, 0ms}, on);
}

TEST(status_table_test, one_line_answers_all_questions) {
  EXPECT_EQ(drawn({}),
            (texts{"NAME   STATE    READY  SINCE     PID   RST 1h/all  "
                   "LAST EXIT  NEXT              CPU  MEM  NODE",
                   "web:0  running  yes    00:04:12  4711  3/11        "
                   "SIGSEGV    -                 7%   98M  box",
                   "bad    failed   -      3d 02:00  -     0/0         "
                   "exit 3     exit 3 after 2ms  -    -    box",
                   "  out  no such data base", "  log  /a/long/path.log",
                   "flaky  backoff  -      00:00:00  -     0/0         "
                   "-          restart in 12s    -    -    -"}));
}

TEST(status_table_test, columns_go_in_the_order_that_the_help_tells) {
  const texts order{"NODE",  "MEM",       "CPU",   "PID", "RST",
                    "READY", "LAST EXIT", "SINCE", "NEXT"};
  texts gone;
  for (std::size_t width = 120; width > 11; --width) {
    auto titles = drawn({width}).front();
    for (auto& title : order)
      if (titles.find(title) == std::string::npos
          && std::find(gone.begin(), gone.end(), title) == gone.end())
        gone.push_back(title);
    EXPECT_TRUE(titles.starts_with("NAME   STAT")) << titles;
  }
  EXPECT_EQ(gone, order);
}

TEST(status_table_test, signs_tell_what_is_missing_and_what_belongs_together) {
  auto lines = drawn({{}, false, false, false, true});
  EXPECT_EQ(lines[2], "bad    failed   –      3d 02:00  –     0/0         "
                      "exit 3     exit 3 after 2ms  –    –    box");
  EXPECT_EQ(lines[3], "├ out  no such data base");
  EXPECT_EQ(lines[4], "└ log  /a/long/path.log");
}

TEST(status_table_test, ascii_is_all_that_some_terminals_show) {
  auto rows = sample();
  rows[1].reason = "kein Gerät …";
  status_notes told{{"drift: ä"}, {{"bad", {"out  größer", "log  /ä"}}}};
  for (std::size_t width = 18; width < 130; ++width) {
    auto lines = status_table(rows, told, {now, 0ms},
                              {width, false, false, true});
    std::string all;
    for (auto& line : lines)
      all += line + '\n';
    EXPECT_TRUE(
      std::all_of(all.begin(), all.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
      << all;
    EXPECT_NE(all.find("kein Ger\\xc3\\xa4t ..."), std::string::npos) << all;
  }
  auto strict = status_table(rows, told, {now, 0ms}, {18, false, true, true});
  EXPECT_EQ(strict[4], "  why  kein Ger...");
}

TEST(status_table_test, fits_into_every_width) {
  for (std::size_t width = 1; width < 130; ++width)
    for (auto& line : drawn({width, false, true}))
      EXPECT_LE(display_width(line), width) << line;
}

TEST(status_table_test, a_path_is_cut_only_where_it_must_not_wrap) {
  EXPECT_EQ(drawn({18})[4], "  out  no such da…");
  EXPECT_EQ(drawn({18})[5], "  log  /a/long/path.log");
  EXPECT_EQ(drawn({18, false, true})[5], "  log  /a/long/pa…");
}

TEST(status_table_test, a_reason_that_is_cut_stands_below_whole) {
  EXPECT_EQ(drawn({18})[3], "  why  exit 3 after 2ms");
  EXPECT_EQ(drawn({18, false, true})[3], "  why  exit 3 aft…");
  EXPECT_EQ(drawn({120})[3], "  out  no such data base"); // it was not cut
  status_notes told{{}, {{"bad", {"why  exit 3 after 2ms"}}}};
  auto lines = status_table(sample(), told, {now, 0ms}, {18});
  EXPECT_EQ(lines[3], "  why  exit 3 after 2ms");
  EXPECT_TRUE(lines[4].starts_with("flaky"));
}

TEST(status_table_test, a_reason_that_its_node_has_told_is_told_once) {
  auto rows = sample();
  for (auto& x : rows)
    x.node = "n2";
  status_notes told{{}, {{"bad@n2", {"why  exit 3 after 2ms"}}}};
  auto lines = status_table(rows, told, {now, 0ms}, {18});
  EXPECT_EQ(lines[3], "  why  exit 3 after 2ms");
  EXPECT_TRUE(lines[4].starts_with("flaky"));
}

TEST(status_table_test, the_only_node_is_the_first_to_go) {
  auto rows = sample();
  rows.resize(2);
  rows[1].reason = "exit 3 after 2ms with a long story";
  // 80 columns: the story is worth more than CPU, but NODE goes at once.
  auto all = status_table(rows, {}, {now, 0ms}, {});
  EXPECT_NE(all[0].find("NODE"), std::string::npos);
  auto width = display_width(all[2]) - 1;
  auto lines = status_table(rows, {}, {now, 0ms}, {width});
  EXPECT_EQ(lines[0].find("NODE"), std::string::npos);
  EXPECT_NE(lines[2].find(rows[1].reason), std::string::npos);
}

TEST(status_table_test, states_have_colours) {
  auto lines = drawn({{}, true});
  EXPECT_NE(lines[1].find("\x1b[32mrunning\x1b[0m"), std::string::npos);
  EXPECT_NE(lines[2].find("\x1b[1;31mfailed\x1b[0m"), std::string::npos);
  EXPECT_NE(lines[5].find("\x1b[33mbackoff\x1b[0m"), std::string::npos);
  EXPECT_NE(lines[1].find("\x1b[33m3/11\x1b[0m"), std::string::npos);
  EXPECT_NE(lines[2].find(" 0/0 "), std::string::npos);
  EXPECT_EQ(lines[3], "\x1b[2m  out  no such data base\x1b[0m");
}

TEST(status_table_test, what_runs_but_is_not_ready_says_no) {
  auto rows = sample();
  rows[0].ready = false;
  auto lines = status_table({rows[0]}, {}, {now, 0ms}, {});
  EXPECT_NE(lines[1].find("running  no "), std::string::npos);
}

TEST(status_table_test, the_heading_comes_first) {
  status_notes x{{"SAFE MODE: look"}, {}};
  auto lines = status_table(sample(), x, {now, 0ms}, {});
  EXPECT_EQ(lines[0], "SAFE MODE: look");
  EXPECT_TRUE(lines[1].starts_with("NAME"));
}

TEST(status_table_test, what_nobody_knows_has_no_age) {
  service_row gone;
  gone.name = "*";
  gone.node = "n3";
  gone.state = "lost";
  gone.reason = "node is dead";
  auto lines = status_table({gone}, {}, {now, 0ms}, {});
  EXPECT_EQ(lines[1], "*     lost   -      -      -    0/0         -          "
                      "node is dead  -    -    n3");
}

TEST(status_table_test, notes_stand_below_the_row_of_their_node) {
  auto rows = sample();
  rows[1].name = rows[0].name = "same";
  rows[1].node = "n2";
  status_notes x{{}, {{"same@n2", {"out  of n2"}}}};
  auto lines = status_table({rows[0], rows[1]}, x, {now, 0ms}, {});
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[3], "  out  of n2");
}

TEST(status_table_test, no_services_are_said_to_be_none) {
  EXPECT_EQ(status_table({}, {}, {}, {}), texts{"(no services are defined)"});
}

TEST(status_table_test, a_child_cannot_colour_the_table) {
  auto rows = sample();
  rows[0].last_exit = "\x1b[2J";
  status_notes x{{}, {{"web:0", {"out  \x1b[31mred"}}}};
  for (auto& line : status_table(rows, x, {now, 0ms}, {}))
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(status_table_test, time_brings_what_is_next_nearer) {
  EXPECT_EQ(next_after("restart in 12s", 0ms), "restart in 12s");
  EXPECT_EQ(next_after("restart in 12s", 4500ms), "restart in 8s");
  EXPECT_EQ(next_after("restart in 1m5s", 10s), "restart in 55s");
  EXPECT_EQ(next_after("restart in 12s", 1h), "restart in 0s");
  EXPECT_EQ(next_after("SIGKILL in 800ms", 100ms), "SIGKILL in 1s");
}

TEST(status_table_test, texts_without_a_time_stay) {
  for (auto x : {"", "exit 3 after 2ms", "waiting in line", "in "})
    EXPECT_EQ(next_after(x, 5s), x);
}

TEST(status_table_test, rows_move_on_with_time) {
  auto lines = status_table(sample(), {}, {now + 3s, 3s}, {});
  EXPECT_NE(lines[1].find("00:04:15"), std::string::npos);
  EXPECT_NE(lines[3].find("restart in 9s"), std::string::npos);
}

} // namespace
} // namespace saker::cli
