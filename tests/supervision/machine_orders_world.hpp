#pragma once

#include "tests/supervision/machine_driver.hpp"

namespace saker::supervision::test {

/// A machine that gets orders, on a node that may die meanwhile.
class machine_orders_world : public machine_fixture {
protected:
  /// The node dies and comes back; the child has lived on.
  void node_dies(bool dropped = false) {
    memory x;
    x.kept = *decode(encode(kept, now, 5s), 5s);
    x.wanted_up = x.kept->wanted_up;
    x.dropped = dropped;
    x.present = memory::child::running;
    x.spawn_id = x.kept->spawn_id;
    x.pid = x.kept->pid;
    make(plain());
    forget_all();
    wake(x);
  }
};

} // namespace saker::supervision::test
