#include "actors/auditor.hpp"

#include "tests/support/actor_test.hpp"

#include <caf/actor_cast.hpp>

namespace saker {
namespace {

using namespace std::chrono_literals;

using session::audit_entry;
using session::audit_kind;

/// The test itself is the BROKER.
class auditor_test : public test::actor_test {
protected:
  auditor_test() {
    config::audit_settings how;
    how.per_second = 2;
    how.refused_per_second = 1;
    trail = std::make_shared<session::audit_trail>(
      how,
      [this](audit_entry x) { self->send(uut, atom::tell_v, std::move(x)); },
      [this] { self->send(uut, atom::wait_v); });
    auditor_links links;
    links.node = "n1";
    links.trail = trail;
    links.broker = caf::actor_cast<broker_actor>(
      caf::actor_cast<caf::strong_actor_ptr>(self));
    links.journal = journal;
    links.say = [this](const std::string& line, const std::string& event) {
      lines.push_back(line);
      events.push_back(event);
    };
    links.wall_clock = [] { return std::chrono::system_clock::time_point{5s}; };
    uut = spawn(auditor, std::move(links));
  }

  void does(const std::string& user, audit_kind kind = audit_kind::change) {
    if (trail->admit(kind, user, sys.clock().now())) {
      audit_entry x;
      x.user = user;
      x.address = "10.0.0.7:1";
      x.command = "svstop";
      trail->tell(std::move(x));
    }
    settle();
  }

  /// Channels of what was published since the last time.
  std::vector<std::string> channels() {
    std::vector<std::string> result;
    while (auto x = heard<atom::emit, std::string, shared_bytes>()) {
      result.push_back(std::get<1>(*x));
      payload = *std::get<2>(*x);
    }
    return result;
  }

  using texts = std::vector<std::string>;

  std::shared_ptr<supervision::history_queue> journal
    = std::make_shared<supervision::history_queue>(100, [] {});
  texts lines;
  texts events;        ///< beside them
  std::string payload; ///< the last one
  session::shared_trail trail;
  auditor_actor uut;
};

TEST_F(auditor_test, publishes_and_logs) {
  does("ann");
  EXPECT_EQ(channels(), texts{"audit:n1:ann"});
  EXPECT_NE(payload.find(R"("command":"svstop")"), payload.npos) << payload;
  EXPECT_EQ(lines, texts{"audit: ann from 10.0.0.7:1: svstop: done"});
  EXPECT_EQ(events, texts{payload});
}

TEST_F(auditor_test, has_it_stored) {
  does("ann");
  does("eve");
  auto all = journal->take(9).events;
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].key, "ann");
  EXPECT_EQ(all[0].name, "svstop");
  EXPECT_NE(all[0].payload.find(R"("user":"ann")"), std::string::npos);
  EXPECT_NE(all[0].id, all[1].id) << "though it is the same moment";
}

TEST_F(auditor_test, tells_once_in_a_second_what_was_left_out) {
  for (int i = 0; i < 7; ++i) {
    does("ann");
    does("eve", audit_kind::refusal);
  }
  EXPECT_EQ(channels(),
            (texts{"audit:n1:ann", "audit:n1:eve", "audit:n1:ann"}));
  lines.clear();
  advance(999ms);
  EXPECT_EQ(channels(), texts{});
  advance(1ms);
  EXPECT_EQ(channels(), (texts{"audit:n1:ann", "audit:n1:-"}));
  EXPECT_NE(payload.find(R"("ts":5000,)"), payload.npos) << payload;
  EXPECT_NE(payload.find(R"("more":6})"), payload.npos) << payload;
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_NE(lines.at(0).find("ann: 5 more"), std::string::npos) << lines[0];
  advance(10s);
  EXPECT_EQ(channels(), texts{}) << "nothing was left out since";
}

TEST_F(auditor_test, counts_again_after_that) {
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 4; ++i)
      does("ann");
    EXPECT_EQ(channels().size(), 2u);
    advance(1s);
    EXPECT_EQ(channels().size(), 1u);
    EXPECT_NE(payload.find(R"("more":2})"), payload.npos) << payload;
  }
}

} // namespace
} // namespace saker
