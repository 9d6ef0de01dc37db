#include "actors/log.hpp"

#include "tests/support/supervision_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

class log_test : public test::supervision_world {
protected:
  log_test() {
    uut = spawn(log,
                log_links{"web#0", "log:n1:web", links->writer, links->broker});
  }

  void deliver(const std::string& bytes, std::uint32_t number = 0,
               std::uint64_t missed = 0, bool last = false) {
    EXPECT_TRUE(ask<caf::unit_t>(
      uut, atom::deliver_v,
      output_copy{"web#0", number, share(bytes), missed, last}));
  }

  std::vector<std::string> lines() {
    std::vector<std::string> result;
    for (auto& [channel, text] : std::exchange(events, {})) {
      EXPECT_EQ(channel, "log:n1:web");
      result.push_back(text);
    }
    return result;
  }

  using list = std::vector<std::string>;

  log_actor uut;
};

TEST_F(log_test, watches_until_nobody_listens_any_more) {
  EXPECT_EQ(disk.watchers, (list{"web#0"}));
  tell(uut, atom::stop_v);
  EXPECT_EQ(disk.watchers, list{});
}

TEST_F(log_test, publishes_whole_lines) {
  deliver("one\ntwo\nth");
  EXPECT_EQ(lines(), (list{"one", "two"}));
  deliver("ree\n");
  EXPECT_EQ(lines(), (list{"three"}));
  EXPECT_TRUE(events.empty());
}

TEST_F(log_test, has_published_before_it_answers) {
  // As the WRITER does: what is published after its answer comes later.
  self->request(uut, caf::infinite, atom::deliver_v,
                output_copy{"web#0", 0, share("last words\n")});
  settle();
  ASSERT_TRUE(self->has_next_message());
  EXPECT_EQ(lines(), (list{"last words"}));
}

TEST_F(log_test, keeps_out_and_err_apart) {
  deliver("out", 0);
  deliver("error\n", 1);
  deliver("put\n", 0);
  EXPECT_EQ(lines(), (list{"error", "output"}));
}

TEST_F(log_test, says_what_is_missing) {
  deliver("half a li");
  deliver("the rest\n", 0, 4'711);
  EXPECT_EQ(lines(),
            (list{"half a li", "saker: missed 4711 bytes", "the rest"}));
}

TEST_F(log_test, publishes_the_last_line_of_a_child_without_its_newline) {
  deliver("out", 0);
  deliver("err", 1);
  deliver("", 0, 0, true);
  EXPECT_EQ(lines(), (list{"out", "err"}));
  EXPECT_TRUE(coordinator().has_pending_timeout());
  advance(1s);
  EXPECT_EQ(lines(), list{});
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(log_test, publishes_lines_of_hooks_between_those_of_the_child) {
  deliver("loading");
  ask<caf::unit_t>(
    uut, atom::deliver_v,
    output_copy{"web#0", 0, share("[reload] a\n[reload] b\n"), 0, false, true});
  deliver(" is done\n");
  EXPECT_EQ(lines(), (list{"loading", "[reload] a", "[reload] b", " is done"}));
}

TEST_F(log_test, publishes_a_line_that_does_not_end) {
  deliver("login: ");
  advance(999ms);
  EXPECT_EQ(lines(), list{});
  advance(1ms);
  EXPECT_EQ(lines(), (list{"login: "}));
  deliver("\nwelcome\n");
  EXPECT_EQ(lines(), (list{"welcome"}));
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

TEST_F(log_test, waits_for_the_end_of_each_line_alone) {
  deliver("first");
  advance(600ms);
  deliver(" line\nsecond");
  advance(600ms);
  EXPECT_EQ(lines(), (list{"first line"}));
  EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
  advance(400ms);
  EXPECT_EQ(lines(), (list{"second"}));
}

TEST_F(log_test, has_no_timer_where_every_line_ends) {
  deliver("one\ntwo\n");
  EXPECT_FALSE(coordinator().has_pending_timeout());
}

} // namespace
} // namespace saker
