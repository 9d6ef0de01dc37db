"""How the keeper ends, with the test in the place of the node."""
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import (  # noqa: E402
    Keeper, KeeperTest, REFUSED, SLEEP, eventually, lives)


class Shutdown(KeeperTest):
    def stop(self, keeper, number=signal.SIGTERM):
        keeper.process.send_signal(number)

    def test_t_c20_the_node_stops_in_order_then_the_keeper_ends(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        self.stop(keeper)
        self.assertEqual(node.expect("SHUTDOWN")[0], (1,))
        node.call("SHUTDOWN", "begun", 0)
        self.stop(keeper, signal.SIGINT)
        self.assertEqual(node.expect("SHUTDOWN")[0], (2,))
        node.call("SIGNAL", "a#0", signal.SIGTERM, "leader")
        node.exited("a#0")
        node.call("SHUTDOWN", "stop", 5)
        node.exit(0)
        self.assertEqual(keeper.wait(), 5)
        self.assertFalse(lives(pid))

    def test_what_is_left_is_stopped_by_its_ladder(self):
        keeper, node = self.served()
        log = os.path.join(keeper.folder, "got")
        ready = os.path.join(keeper.folder, "ready")
        script = (f"trap 'echo TERM >> {log}' TERM; "
                  f"trap 'echo USR1 >> {log}; exit 0' USR1; "
                  f": > {ready}; while :; do sleep 0.02; done")
        # It has a second for TERM: with both at once, USR1 would be first.
        pid, _ = node.start("a#0", 1, ["sh", "-c", script],
                            ladder="TERM 1s USR1 20s KILL",
                            **self.mark(keeper))
        eventually(lambda: os.path.exists(ready), "its traps are set")
        stopped, _ = node.start("b#0", 2, SLEEP, ladder="TERM 5s KILL",
                                **self.mark(keeper))
        os.kill(stopped, signal.SIGSTOP)
        node.call("SHUTDOWN", "stop", 0)
        node.exit(0)
        self.assertEqual(keeper.wait(), 0)
        self.assertFalse(lives(pid) or lives(stopped))
        with open(log) as f:
            self.assertEqual(f.read().split(), ["TERM", "USR1"])

    def test_keep_leaves_services_to_the_next_keeper(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        job, _ = node.start("j#0", 2, SLEEP, cls="job", **self.mark(keeper))
        node.call("SHUTDOWN", "keep", 0)
        self.refused(REFUSED, node.spawn, "b#0", 3, SLEEP)
        self.assertEqual(keeper.wait(), 0)  # the node is killed after 2 s
        node.close()
        self.assertTrue(lives(pid))
        eventually(lambda: not lives(job), "end of the job")
        later = Keeper(self, folder=keeper.folder)
        row = self.next_node(later).greet()["a#0"]
        self.assertEqual((row["pid"], row["adopted"]), (pid, 1))

    def test_without_an_answer_of_the_node_the_ladders_run(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        self.stop(keeper)
        self.assertEqual(keeper.wait(), 0)
        self.assertFalse(lives(pid))
        eventually(lambda: not lives(node.pid), "end of the node")

    def test_jobs_of_a_node_that_is_gone_hold_nobody_up(self):
        keeper, node = self.served()
        job, _ = node.start("j#0", 1, SLEEP, cls="job", **self.mark(keeper))
        node.call("SHUTDOWN", "stop", 5)
        node.exit(0)
        begin = time.monotonic()
        self.assertEqual(keeper.wait(), 5)
        self.assertLess(time.monotonic() - begin, 3)
        self.assertFalse(lives(job))

    def test_a_node_that_dies_while_stopping_is_not_started_again(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        self.stop(keeper)
        node.expect("SHUTDOWN")
        node.call("SHUTDOWN", "begun", 0)
        node.kill()
        self.assertEqual(keeper.wait(), 0)
        self.assertFalse(lives(pid))

    def test_a_shutdown_of_the_nodes_own_outlives_it_with_its_status(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        node.call("SHUTDOWN", "begun", 9)
        node.kill()
        self.assertEqual(keeper.wait(), 9)
        self.assertFalse(lives(pid))

    def test_a_node_that_dies_while_leaving_leaves_all_as_it_is(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        job, _ = node.start("j#0", 2, SLEEP, cls="job", **self.mark(keeper))
        node.call("SHUTDOWN", "leaving", 4)
        node.kill()
        self.assertEqual(keeper.wait(), 4)
        self.assertTrue(lives(pid))
        self.assertIn("services live on", keeper.log())
        eventually(lambda: not lives(job), "end of the job")
        later = Keeper(self, folder=keeper.folder)
        row = self.next_node(later).greet()["a#0"]
        self.assertEqual((row["pid"], row["adopted"]), (pid, 1))

    def test_t_c20_the_third_signal_and_the_next_compress(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, ["sh", "-c", "trap '' TERM; sleep 1000"],
                            ladder="TERM 60s KILL", **self.mark(keeper))
        for count in (1, 2):
            self.stop(keeper, signal.SIGINT)
            self.assertEqual(node.expect("SHUTDOWN")[0], (count,))
        node.call("SHUTDOWN", "begun", 0)
        self.stop(keeper, signal.SIGINT)
        self.assertEqual(keeper.wait(), 0)
        self.assertFalse(lives(pid))

    def test_without_a_node_sigterm_ends_the_keeper(self):
        keeper, node = self.begin()  # no HELLO
        self.stop(keeper)
        self.assertEqual(keeper.wait(), 0)
        eventually(lambda: not lives(node.pid), "end of the node")

    def test_sighup_is_told(self):
        keeper, node = self.served()
        self.stop(keeper, signal.SIGHUP)
        node.expect("RELOAD")
        self.stop(keeper, signal.SIGUSR2)
        self.assertEqual(node.expect("LOG")[0][0], b"warning")
        node.call("READY")


if __name__ == "__main__":
    unittest.main()
