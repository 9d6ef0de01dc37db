#include "tests/support/writer_world.hpp"

namespace saker::test {

slow_listener_actor::behavior_type
listener(slow_listener_actor::pointer self, heard_output* to) {
  return {
    [self, to](atom::deliver,
               const output_copy& x) -> caf::result<caf::unit_t> {
      to->text += *x.bytes;
      to->missed += x.missed;
      to->number = x.number;
      to->last = x.last;
      to->added = x.added;
      ++to->pieces;
      if (to->answers)
        return caf::unit;
      to->owed.push_back(self->make_response_promise<caf::unit_t>());
      return to->owed.back();
    },
    [to](atom::tick) {
      to->answers = true;
      for (auto& x : std::exchange(to->owed, {}))
        x.deliver(caf::unit);
    },
  };
}

writer_world::writer_world() {
  uut = spawn(
    writer,
    writer_links{kernel.factory(),
                 [this](const std::string& line) { warned.push_back(line); },
                 [this](const std::string& key, std::uint64_t bytes) {
                   EXPECT_EQ(key, "web#0");
                   remembered.push_back(bytes);
                 },
                 pulse});
  tell(uut, atom::listen_v, caf::actor_cast<log_listener_actor>(self));
}

void writer_world::run() {
  auto& timers = coordinator().clock().schedule();
  settle();
  for (;;) {
    auto now = coordinator().clock().now();
    if (kernel.fire() > 0)
      settle();
    else if (!timers.empty()
             && timers.begin()->first <= now + process::pump_pace::longest)
      advance(timers.begin()->first - now);
    else
      return;
  }
}

} // namespace saker::test
