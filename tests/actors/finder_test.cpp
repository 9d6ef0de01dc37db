#include "actors/finder.hpp"

#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;
using process::daemon_rule;
using process::finding;

class finder_test : public test::actor_test {
protected:
  finder_test() {
    uut = spawn(
      finder,
      finder_links{[this](const daemon_rule& x) {
                     ++files;
                     return named(x.pidfile);
                   },
                   [this](const std::vector<daemon_rule>& rules) {
                     walks.push_back(rules.size());
                     work += cost;
                     std::vector<finding> found;
                     for (auto& x : rules)
                       found.push_back(named(x.match));
                     return found;
                   },
                   [this] { return coordinator().clock().now() + work; }});
  }

  static finding named(std::string text) {
    finding x;
    x.text = std::move(text);
    return x;
  }

  auto query(daemon_rule what) {
    auto id = self->request(uut, caf::infinite, atom::query_v, what).id();
    settle();
    return id;
  }

  int files = 0;
  std::vector<std::size_t> walks;
  std::chrono::nanoseconds cost{};
  std::chrono::nanoseconds work{}; ///< that was spent in walks
  finder_actor uut;
};

TEST_F(finder_test, reads_a_pidfile_at_once) {
  auto x = ask<finding>(uut, atom::query_v, daemon_rule{"/run/x.pid", "x", ""});
  ASSERT_TRUE(x);
  EXPECT_EQ(x->text, "/run/x.pid");
  EXPECT_EQ(files, 1);
  EXPECT_TRUE(walks.empty());
}

TEST_F(finder_test, one_walk_is_for_all_who_ask) {
  auto first = query({"", "a", ""});
  auto second = query({"", "b", ""});
  EXPECT_FALSE(answer<finding>(first));
  advance(5ms);
  EXPECT_EQ(walks, (std::vector<std::size_t>{2}));
  EXPECT_EQ((*answer<finding>(first))->text, "a");
  EXPECT_EQ((*answer<finding>(second))->text, "b");
  advance(10s);
  EXPECT_EQ(walks.size(), 1u); // nobody asks
}

TEST_F(finder_test, walks_take_a_fifth_of_the_time_at_most) {
  cost = 50ms;
  query({"", "a", ""});
  advance(5ms);
  cost = {};
  work = {}; // that time has passed
  advance(50ms);
  query({"", "a", ""});
  advance(140ms);
  EXPECT_EQ(walks.size(), 1u);
  advance(60ms);
  EXPECT_EQ(walks.size(), 2u);
}

} // namespace
} // namespace saker
