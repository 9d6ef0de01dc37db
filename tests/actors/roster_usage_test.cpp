#include "tests/support/roster_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

/// Knows what every process costs; or keeps silent.
struct given_usage {
  process::usage_table all;
  int asked = 0;
  bool silent = false;
  std::vector<caf::typed_response_promise<shared_usage>> owed;
};

sampler_actor::behavior_type
given_sampler(sampler_actor::pointer self, given_usage* from) {
  return {
    [self, from](atom::query, const pid_list&) -> caf::result<shared_usage> {
      ++from->asked;
      if (!from->silent)
        return std::make_shared<const process::usage_table>(from->all);
      from->owed.push_back(self->make_response_promise<shared_usage>());
      return from->owed.back();
    },
  };
}

class usage_test : public test::roster_world {
protected:
  usage_test() {
    sampler = spawn(given_sampler, &usage);
  }

  ~usage_test() override {
    usage.owed.clear();
  }

  void run() {
    begin({make_service("db"), make_service("web")});
    keeper.confirm("db#0");
    settle();
    usage.all[keeper.last_pid] = {7.54, 3 << 20, 2};
  }

  given_usage usage;
};

TEST_F(usage_test, q7_svstatus_tells_what_runs_costs_and_null_of_the_rest) {
  run();
  auto rows = say({"SVSTATUS"});
  EXPECT_EQ(*rows.items()[0].find("cpu"), resp::value{7.5});
  EXPECT_EQ(*rows.items()[0].find("rss")->integer(), 3 << 20);
  EXPECT_TRUE(rows.items()[1].find("cpu")->is_null());
  EXPECT_TRUE(rows.items()[1].find("rss")->is_null());
  auto json = say({"SVSTATUS", "JSON"});
  EXPECT_NE(json.text().find(R"("cpu":7.5,"rss":3145728)"), std::string::npos);
  EXPECT_NE(json.text().find(R"("cpu":null,"rss":null)"), std::string::npos);
  auto text = say({"SVSTATUS", "TEXT"});
  EXPECT_NE(text.text().find("8%   3.0M\n"), std::string::npos) << text;
  EXPECT_NE(text.text().find("-    -\n"), std::string::npos) << text;
}

TEST_F(usage_test, asks_once_a_second_unless_a_process_is_new) {
  run();
  for (auto i = 0; i < 3; ++i)
    say({"SVSTATUS"});
  EXPECT_EQ(usage.asked, 1);
  advance(1s);
  say({"SVSTATUS"});
  EXPECT_EQ(usage.asked, 2);
  keeper.confirm("web#0");
  settle();
  say({"SVSTATUS", "db"});
  EXPECT_EQ(usage.asked, 2);
  say({"SVSTATUS", "web"});
  EXPECT_EQ(usage.asked, 3);
}

TEST_F(usage_test, svstatus_waits_for_figures_but_not_for_long) {
  usage.silent = true;
  run();
  auto id = self
              ->request(uut, caf::infinite, atom::call_v,
                        to_call({"SVSTATUS", "db"}))
              .id();
  settle();
  EXPECT_FALSE(answer<resp::value>(id));
  advance(roster_state::usage_patience);
  auto got = answer<resp::value>(id);
  ASSERT_TRUE(got);
  EXPECT_TRUE((*got)->items()[0].find("cpu")->is_null());
  EXPECT_EQ((*got)->items()[0].find("state")->text(), "running");
}

} // namespace
} // namespace saker
