#include "actors/log_interest.hpp"

#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using pubsub::subscription_kind;
using pubsub::topic_change;

/// What LOGs there are, by key.
using started = std::map<std::string, std::string>;

log_actor::behavior_type fake_log(log_actor::pointer self, started* to,
                                  std::string key, std::string channel) {
  EXPECT_FALSE(to->contains(key)) << "started twice";
  (*to)[key] = std::move(channel);
  return {
    [](atom::deliver, const output_copy&) { return caf::unit; },
    [self, to, key](atom::stop) {
      to->erase(key);
      self->quit();
    },
    [](atom::expire) {},
  };
}

class log_interest_test : public test::actor_test {
protected:
  log_interest_test() {
    uut = spawn(log_interest,
                log_interest_links{
                  [this](const std::string& key, const std::string& channel) {
                    return sys.spawn(fake_log, &logs, key, channel);
                  }});
  }

  void enroll(const std::string& name) {
    tell(uut, atom::enroll_v, name + "#0", "log:n1:" + name);
  }

  void channel(const std::string& name, bool wanted = true) {
    tell(uut, atom::change_v,
         topic_change{subscription_kind::channel, name, wanted});
  }

  void pattern(const std::string& name, bool wanted = true) {
    tell(uut, atom::change_v,
         topic_change{subscription_kind::pattern, name, wanted});
  }

  std::vector<std::string> heard() const {
    std::vector<std::string> result;
    for (auto& [key, _] : logs)
      result.push_back(key);
    return result;
  }

  using keys = std::vector<std::string>;

  started logs;
  log_interest_actor uut;
};

TEST_F(log_interest_test, starts_nothing_while_nobody_listens) {
  enroll("web");
  channel("log:n1:db");
  pattern("log:n2:*");
  EXPECT_EQ(heard(), keys{});
}

TEST_F(log_interest_test, starts_and_stops_with_those_who_listen) {
  enroll("web");
  enroll("db");
  channel("log:n1:web");
  EXPECT_EQ(logs, (started{{"web#0", "log:n1:web"}}));
  pattern("log:*");
  EXPECT_EQ(heard(), (keys{"db#0", "web#0"}));
  channel("log:n1:web", false);
  EXPECT_EQ(heard(), (keys{"db#0", "web#0"}));
  pattern("log:*", false);
  EXPECT_EQ(heard(), keys{});
}

TEST_F(log_interest_test, starts_for_one_that_comes_later) {
  pattern("*:web");
  enroll("web");
  enroll("db");
  enroll("web");
  EXPECT_EQ(heard(), (keys{"web#0"}));
}

TEST_F(log_interest_test, stops_for_one_that_goes) {
  pattern("log:*");
  enroll("web");
  tell(uut, atom::withdraw_v, std::string{"web#0"});
  tell(uut, atom::withdraw_v, std::string{"db#0"});
  EXPECT_EQ(heard(), keys{});
  enroll("web");
  EXPECT_EQ(heard(), (keys{"web#0"}));
  tell(uut, atom::withdraw_v, std::string{"web#0"});
}

TEST_F(log_interest_test, follows_an_instance_to_another_channel) {
  channel("log:n1:web");
  tell(uut, atom::enroll_v, std::string{"web#0"}, std::string{"log:n1:web"});
  EXPECT_EQ(heard(), (keys{"web#0"}));
  tell(uut, atom::enroll_v, std::string{"web#0"}, std::string{"log:n1:web:0"});
  EXPECT_EQ(heard(), keys{});
  channel("log:n1:web:0");
  EXPECT_EQ(logs, (started{{"web#0", "log:n1:web:0"}}));
  tell(uut, atom::withdraw_v, std::string{"web#0"});
}

} // namespace
} // namespace saker
