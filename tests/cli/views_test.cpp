#include "cli/views.hpp"

#include "tests/cli/verb_test.hpp"

namespace saker::cli {
namespace {

class views_test : public verb_test {};

TEST_F(views_test, life_is_told_by_the_server) {
  asked.what = verb::life;
  asked.names = {"web", "api"};
  asked.lines = 3;
  server.expect({"SVLIFE", "web", "api", "COUNT", "3", "TEXT"},
                resp::verbatim{"ID  NAME\n1-0 web\x1b[2J\n"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str().substr(0, 17), "ID  NAME\n1-0 web\\");
}

TEST_F(views_test, config_of_several_is_asked_one_by_one) {
  asked.what = verb::config;
  asked.names = {"web", "api"};
  server.expect({"SVCONFIG", "web", "TEXT"}, resp::verbatim{"web\n"});
  server.expect({"SVCONFIG", "api", "TEXT"}, resp::verbatim{"api\n"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "web\n\napi\n");
}

TEST_F(views_test, config_of_nobody_fails) {
  asked.what = verb::config;
  asked.names = {"wbe"};
  server.expect({"SVCONFIG", "wbe", "TEXT"},
                resp::error{"NOSERVICE no service \"wbe\""});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err.str(), "saker: config wbe: no service \"wbe\"\n");
}

TEST_F(views_test, logs_are_rotated_and_cleared) {
  asked.what = verb::logs;
  asked.names = {"web"};
  asked.rotate = true;
  server.expect({"SVLOG", "web", "ROTATE"}, "OK");
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "web: new log files\n");
  asked.rotate = false;
  asked.clear = true;
  server.expect({"SVLOG", "web", "CLEAR"}, "OK");
  EXPECT_EQ(run(), 0);
}

} // namespace
} // namespace saker::cli
