#include "supervision/states.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace saker::supervision {
namespace {

using enum reaction;

reaction at(state x, stimulus y) {
  return react(x, y);
}

template <class Function>
void for_every_pair(Function f) {
  for (std::size_t s = 0; s < state_count; ++s)
    for (std::size_t e = 0; e < stimulus_count; ++e)
      f(static_cast<state>(s), static_cast<stimulus>(e));
}

TEST(states_test, t_c19_every_pair_has_a_reaction_with_words) {
  for_every_pair([](state s, stimulus e) {
    auto words = to_string(react(s, e));
    EXPECT_NE(words, "?") << to_string(s) << " " << to_string(e);
    EXPECT_FALSE(words.empty());
  });
}

TEST(states_test, names_are_read_back) {
  for (std::size_t s = 0; s < state_count; ++s) {
    auto x = static_cast<state>(s);
    EXPECT_EQ(parse_state(to_string(x)), x);
  }
  EXPECT_EQ(parse_state("RUNNING"), state::running);
  EXPECT_FALSE(parse_state("run"));
}

TEST(states_test, a_child_is_spawned_only_where_there_is_none) {
  for_every_pair([](state s, stimulus e) {
    auto what = react(s, e);
    auto spawns = what == launch || what == take_turn || what == go
                  || what == take_on_retry;
    if (spawns) {
      EXPECT_FALSE(has_child(s)) << to_string(s) << " " << to_string(e);
    }
  });
}

TEST(states_test, a_ladder_begins_only_where_there_is_a_child) {
  for_every_pair([](state s, stimulus e) {
    auto what = react(s, e);
    auto ends = what == end || what == end_again || what == take_on_again
                || what == give_up_on || what == overdue || what == pass_signal
                || what == hold || what == go_on || what == renew
                || what == let_be;
    if (ends) {
      EXPECT_TRUE(has_child(s)) << to_string(s) << " " << to_string(e);
    }
  });
}

TEST(states_test, an_end_counts_wherever_there_may_be_a_child) {
  for (std::size_t s = 0; s < state_count; ++s) {
    auto x = static_cast<state>(s);
    EXPECT_EQ(at(x, stimulus::exited) != ignore, has_child(x)) << to_string(x);
  }
}

TEST(states_test, t_c19_commands_are_never_ignored) {
  for (std::size_t s = 0; s < state_count; ++s)
    for (auto e :
         {stimulus::start, stimulus::stop, stimulus::restart, stimulus::signal,
          stimulus::reset, stimulus::pause, stimulus::cont, stimulus::reload,
          stimulus::drop, stimulus::change, stimulus::replace, stimulus::remove,
          stimulus::shutdown})
      EXPECT_NE(at(static_cast<state>(s), e), ignore);
}

TEST(states_test, reset_and_drop_start_nothing_that_would_not_start_anyway) {
  for (std::size_t s = 0; s < state_count; ++s)
    for (auto e : {stimulus::reset, stimulus::drop}) {
      auto in = static_cast<state>(s);
      auto what = at(in, e);
      auto waits = in == state::backoff || in == state::resting;
      EXPECT_TRUE(what == forgive || what == lapse || what == let_be
                  || what == lie_down || what == stay_down || what == join
                  || (what == start_over && waits))
        << to_string(in) << " " << to_string(e);
    }
}

TEST(states_test, t_c19_states_that_wait_for_a_time_do_something_then) {
  for (auto s : {state::waiting, state::starting, state::stopping,
                 state::backoff, state::resting, state::adopted})
    EXPECT_NE(at(s, stimulus::timer), ignore) << to_string(s);
}

TEST(states_test, t_c19_the_manual_shows_the_table_as_it_is) {
  auto here = std::string{__FILE__};
  auto root = here.substr(0, here.rfind("/tests/"));
  std::ifstream file{root + "/docs/states.md"};
  ASSERT_TRUE(file) << "where is docs/states.md?";
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_NE(text.find("\n" + state_table()), std::string::npos)
    << "docs/states.md must contain:\n"
    << state_table();
}

} // namespace
} // namespace saker::supervision
