#pragma once

#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

namespace saker::supervision::test {

using child = memory::child;

/// A machine whose node dies and comes back.
class machine_wake_world : public testing::Test, protected machine_driver {
protected:
  /// The node dies and comes back: of the machine only the note is left, as
  /// bytes. `present` is what the keeper has.
  void die(child present, duration away = 0s, bool wanted_up = true,
           bool adopted = false) {
    auto bytes = encode(kept, now, 17s);
    auto spawn_id = uut->spawn_id();
    auto had = uut->pid();
    make(uut->definition());
    now += away;
    memory x;
    x.kept = *decode(bytes, 17s);
    x.wanted_up = wanted_up;
    x.present = present;
    x.spawn_id = present == child::none ? 0 : spawn_id;
    x.pid = present == child::running ? (had != 0 ? had : pid++) : 0;
    x.adopted = adopted;
    forget_all();
    wake(x);
  }
};

} // namespace saker::supervision::test
