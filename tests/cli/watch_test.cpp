#include "cli/watch.hpp"

#include "tests/cli/verb_test.hpp"

namespace saker::cli {
namespace {

using namespace std::chrono_literals;

class watch_test : public verb_test {
protected:
  watch_test() {
    asked.watch = true;
    expect_status({}, {row("web")}); // is there anything at all?
    expect_events();
  }

  std::size_t tables() const {
    auto text = out.str();
    std::size_t n = 0;
    for (auto at = text.find("NAME"); at != std::string::npos;
         at = text.find("NAME", at + 1))
      ++n;
    return n;
  }
};

TEST_F(watch_test, draws_once_and_then_at_each_event) {
  expect_status({}, {row("web")});
  server.push_later(500ms, event("{}"));
  expect_status({}, {row("web", "backoff")});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(tables(), 2u);
  EXPECT_NE(out.str().find("backoff"), std::string::npos);
}

TEST_F(watch_test, events_that_come_together_are_one_question) {
  expect_status({}, {row("web")});
  server.push_later(500ms, event("{}"));
  for (auto i = 0; i < 20; ++i)
    server.push_later(1ms, event("{}"));
  expect_status({}, {row("web")});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(tables(), 2u);
}

TEST_F(watch_test, a_stream_of_events_is_ten_questions_a_second_at_most) {
  expect_status({}, {row("web")});
  for (auto i = 0; i < 100; ++i)
    server.push_later(10ms, event("{}"));
  for (auto i = 0; i < 10; ++i)
    expect_status({}, {row("web")});
  EXPECT_EQ(run(), 3);
}

TEST_F(watch_test, ages_go_on_without_asking) {
  look = {true, false, 80, 24};
  expect_status({}, {row("web")});
  server.push_later(2500ms, event("{}"));
  expect_status({}, {row("web")});
  // A terminal is drawn every second: the script has to end by itself.
  server.close_after(500ms);
  EXPECT_EQ(run(), 3);
  auto text = out.str();
  EXPECT_NE(text.find("00:00:01"), std::string::npos);
  EXPECT_NE(text.find("00:00:02"), std::string::npos);
  EXPECT_NE(text.find("00:00:03"), std::string::npos);
}

TEST_F(watch_test, draws_in_place_without_scrolling) {
  look = {true, false, 40, 4};
  std::vector<resp::value> many;
  for (auto i = 0; i < 9; ++i)
    many.push_back(row("w" + std::to_string(i)));
  expect_status({}, many);
  server.close_after(100ms);
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "\x1b[H\x1b[2J\x1b[H"
                       "NAME  STATE    SINCE     LAST EXIT  NEXT\x1b[K\n"
                       "w0    running  00:00:01  –          –\x1b[K\n"
                       "… 8 more\x1b[K\n\x1b[J");
}

TEST_F(watch_test, nothing_wraps_that_is_drawn_in_place) {
  look = {true, false, 20, 10};
  expect_status({}, {row("web", "failed")},
                "NAME  STATE\nweb\n  log  /a/path/that/is/long.log\n");
  server.close_after(100ms);
  EXPECT_EQ(run(), 3);
  EXPECT_NE(out.str().find("\n└ log  /a/path/that…\x1b[K\n"),
            std::string::npos);
}

TEST_F(watch_test, comes_back_when_the_node_restarts) {
  expect_status({}, {row("web")});
  server.push_later(0ms, event("{}"));
  server.expect_and_close({"SVSTATUS"});
  server.expect_hello();
  expect_events();
  expect_status({}, {row("web", "adopted")});
  EXPECT_EQ(run(), 3);
  EXPECT_NE(out.str().find("adopted"), std::string::npos);
}

TEST_F(watch_test, a_service_that_goes_away_is_no_end) {
  expect_status({}, {row("web")});
  server.push_later(0ms, event("{}"));
  server.expect({"SVSTATUS"}, resp::error{"NOSERVICE no service"});
  server.push_later(200ms, event("{}"));
  expect_status({}, {row("web", "done")});
  EXPECT_EQ(run(), 3);
  EXPECT_NE(out.str().find("no service\n"), std::string::npos);
  EXPECT_NE(out.str().find("done"), std::string::npos);
}

TEST_F(watch_test, json_is_a_line_for_each_event) {
  asked.json = true;
  server.expect({"SVSTATUS", "JSON"}, "[1]");
  server.push_later(0ms, event("{}"));
  server.expect({"SVSTATUS", "JSON"}, "[2]");
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "[1]\n[2]\n");
}

class watch_refused_test : public verb_test {};

TEST_F(watch_refused_test, a_name_that_means_nothing_is_a_mistake) {
  asked.watch = true;
  asked.names = {"nope"};
  server.expect({"SVSTATUS", "nope"}, resp::error{"NOSERVICE no service"});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str(), "");
}

TEST_F(watch_refused_test, who_may_not_subscribe_is_told) {
  asked.watch = true;
  expect_status({}, {row("web")});
  server.expect({"PSUBSCRIBE", "saker:*"}, resp::error{"NOPERM no"});
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().starts_with("saker: status: no; be somebody else"));
}

} // namespace
} // namespace saker::cli
