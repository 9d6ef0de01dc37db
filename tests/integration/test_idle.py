"""P8: what has nothing to do does nothing."""
import os
import pathlib
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402

SECONDS = int(os.environ.get("SOAK_IDLE_SECONDS", 10))


class IdleTest(harness.TestCase):
    @staticmethod
    def wake_ups(pid):
        """How often its threads went to sleep, by thread."""
        found = {}
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    name = (task / "comm").read_text().strip()
                    found[f"{name} {task.name}"] = int(line.split()[1])
        return found

    def test_an_idle_node_wakes_up_at_most_once_a_second(self):
        """With services, scripts, and a client that subscribes."""
        saker = self.start(
            services='service "a" {exec = {"sleep", "1000"}, count = 20}',
            scripts="saker.register('x', function() return 1 end, "
                    "PROP_PASSIVITY)")
        saker.wait_for_state("a:19", "running")
        node, keeper = saker.node_pid(), saker.keeper_pid()
        with self.client().pubsub() as listener:
            listener.psubscribe("saker:*")
            listener.get_message(timeout=5)
            last = [self.wake_ups(node), time.monotonic()]

            def settled():  # what the start brought is over
                now = self.wake_ups(node)
                if sum(now.values()) - sum(last[0].values()) > 2:
                    last[:] = [now, time.monotonic()]
                return time.monotonic() - last[1] > 2
            self.wait_until(settled, 30)
            while listener.get_message():  # of the start too
                pass
            before = self.wake_ups(node), self.wake_ups(keeper)
            begin = time.monotonic()
            harness.never(lambda: listener.get_message(timeout=1), SECONDS,
                          "something is said")
            took = time.monotonic() - begin
            after = self.wake_ups(node), self.wake_ups(keeper)
        who = {x: n - before[0].get(x, 0) for x, n in after[0].items()
               if n != before[0].get(x, 0)}
        print(f"wake-ups of the node in {took:.0f} s: {who}")
        self.assertLessEqual(sum(who.values()), took)
        # Nothing that comes again; one thing may be left from the start.
        self.assertLessEqual(sum(after[1].values())
                             - sum(before[1].values()), 1)


if __name__ == "__main__":
    unittest.main()
