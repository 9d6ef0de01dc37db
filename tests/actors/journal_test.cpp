#include "actors/journal.hpp"

#include "tests/support/actor_test.hpp"
#include "tests/support/temporary_directory.hpp"

namespace saker {
namespace {

class journal_test : public test::actor_test {
protected:
  journal_test() {
    std::string notice;
    store = std::make_shared<journal_store>(
      *journal_store::open(":memory:", notice));
    sequencer = std::make_shared<supervision::sequencer>(
      0, 10, [this](std::uint64_t ms) { asked = ms; });
    uut = spawn(journal,
                journal_links{store, sequencer, [this](const std::string& x) {
                                warnings.push_back(x);
                              }});
  }

  std::shared_ptr<journal_store> store;
  std::shared_ptr<supervision::sequencer> sequencer;
  std::uint64_t asked = 0;
  std::vector<std::string> warnings;
  journal_actor uut;
};

TEST_F(journal_test, answers_when_it_is_stored) {
  EXPECT_TRUE(
    ask<bool>(uut, atom::want_v, wanted_list{{"a#0", false, "amy", 1}}));
  EXPECT_EQ(store->all_wanted()->size(), 1u);
  EXPECT_TRUE(ask<bool>(uut, atom::forget_v, std::vector<std::string>{"a#0"}));
  EXPECT_TRUE(store->all_wanted()->empty());
}

TEST_F(journal_test, lets_event_ids_follow_the_clock_once_that_is_stored) {
  EXPECT_EQ(sequencer->next(1'000).ms, 10u);
  ASSERT_NE(asked, 0u);
  tell(uut, atom::reserve_v, asked);
  EXPECT_EQ(sequencer->next(1'000).ms, 1'000u);
  EXPECT_EQ(*store->reserved(), asked);
}

} // namespace
} // namespace saker
