#include "actors/vital.hpp"

#include "messages/command_actor.hpp"
#include "tests/support/actor_test.hpp"

#include <stdexcept>

namespace saker {
namespace {

/// Ends by the first word of a command: "fault", an exception; else at once.
command_actor::behavior_type mortal(command_actor::pointer self, int) {
  return {
    [self](atom::call, const command_call& x) {
      if (x.what.args[0] == "fault")
        throw std::out_of_range("a fault of ours");
      self->quit();
      return resp::value{};
    },
  };
}

class vital_test : public test::actor_test {
protected:
  void end_by(const std::string& word) {
    auto uut = vital(spawn(mortal, 0), [this] { ++ended; });
    command_call x;
    x.what.args = {word};
    tell(uut, atom::call_v, std::move(x));
    settle();
  }

  int ended = 0;
};

TEST_F(vital_test, tells_of_an_end_by_a_fault) {
  end_by("fault");
  EXPECT_EQ(ended, 1);
}

TEST_F(vital_test, does_not_mind_a_wanted_end) {
  end_by("quit");
  EXPECT_EQ(ended, 0);
}

} // namespace
} // namespace saker
