#pragma once

#include "cli/client.hpp"
#include "tests/cli/fake_server.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace saker::cli {

/// Carries out verbs against a scripted server, and looks at what they print.
class verb_test : public ::testing::Test {
protected:
  verb_test() {
    server.expect_hello();
    EXPECT_TRUE(us.open());
  }

  /// Prints what went wrong, as the program does, and returns its status.
  int run() {
    work with{asked,
              us,
              server,
              out,
              err,
              [this] { return look; },
              [](std::int64_t ms) { return std::to_string(ms); }};
    auto done = carry_out(with);
    if (done)
      return *done;
    complain(with, done.error());
    return status_of(done.error());
  }

  static resp::map row(std::string name, std::string state = "running") {
    return resp::map{}
      .add("name", std::move(name))
      .add("node", "n")
      .add("state", std::move(state))
      .add("ready", true)
      .add("intent", "up")
      .add("pid", 7)
      .add("since", 100'000);
  }

  /// SVSTATUS, TIME and SVSTATUS TEXT, as everything that shows a status asks.
  void expect_status(const words& names, std::vector<resp::value> rows,
                     std::string text = "NAME  STATE\n") {
    server.expect(command_of("SVSTATUS", names), resp::array{std::move(rows)});
    server.expect({"TIME"}, resp::array{{"101", "500000"}});
    server.expect(command_of("SVSTATUS", names, {"TEXT", "UTF8"}),
                  resp::verbatim{std::move(text)});
  }

  static resp::value event(std::string text) {
    return resp::push{
      {"pmessage", "saker:*", "saker:n:web:exit", std::move(text)}};
  }

  void expect_events() {
    server.expect_all({"PSUBSCRIBE", "saker:*"},
                      {resp::push{{"psubscribe", "saker:*", 1}}});
  }

  static resp::value unknown(const std::string& command) {
    return resp::err("unknown command '" + command
                     + "', with args beginning with: ");
  }

  test::fake_server server;
  connection us{server, {{.path = "/x"}}};
  client_options asked;
  screen look;
  std::ostringstream out;
  std::ostringstream err;
};

} // namespace saker::cli
