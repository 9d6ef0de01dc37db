"""Nothing is lost when a part of Saker dies: children, node, keeper, or both
together, at any moment."""
import contextlib
import os
import random
import shutil
import signal
import sys
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numbered  # noqa: E402
import saker_harness as harness  # noqa: E402
from observers import Callers, Listener  # noqa: E402

# tools/soak sets these to larger numbers.
CHILDREN = int(os.environ.get("SOAK_CHILDREN", 20))
KILLS = int(os.environ.get("SOAK_KILLS", 30))
ROUNDS = int(os.environ.get("SOAK_ROUNDS", 5))
SEED = int(os.environ.get("SOAK_SEED", time.time_ns() % 1_000_000))

# What must stay as it is, whoever dies: each is in a state of its own.
RESTING = """
service "down" {exec = {"sleep", "1000"}}
service "fatal" {exec = {"sh", "-c", "echo last words; exit 78"},
                 exit = {[78] = "fatal", ["*"] = "restart"}}
service "done" {exec = {"true"}, exit = {[0] = "done"}}
service "backoff" {exec = {"false"}, backoff = {"1h", "1h", jitter = 0}}
service "resting" {exec = {"false"}, budget = "1/1h", spent = {"rest", "1h"},
                   backoff = {"1ms", "1ms"}}
"""

KEPT = ("name", "state", "ready", "intent", "intent_by", "intent_since", "pid",
        "restarts", "restarts_1h", "reason")


def writers(count, pause=0.01):
    """Most write line by line, some more at once than a pipe holds, some
    into small files that are rotated all the time."""
    text = ""
    for i in range(count):
        if i % 10 == 3:
            text += numbered.definition(f"w{i}", 10_000, pause * 50)
        elif i % 10 == 7:
            text += numbered.definition(f"w{i}", 20, pause,
                                        '{size = "64kb", keep = 100}')
        else:
            text += numbered.definition(f"w{i}", 1, pause)
    return text


class SurvivalTest(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)

    @property
    def logs(self):
        return self.saker.state_dir / "log"

    def living(self):
        """{name: process}; of the services here each has one instance."""
        return {key.removesuffix("#0"): x
                for key, x in self.saker.children().items()}

    def runs(self, name):
        """How often a service that says `run` at its start was started."""
        path = self.logs / f"{name}.log"
        return path.read_text().count("run\n") if path.exists() else 0

    def running(self, names):
        """Waits until all write, and returns them as processes."""
        self.wait_until(lambda: all(
            self.status()[x]["state"] == "running"
            and (self.logs / f"{x}.log").stat().st_size > 0 for x in names),
            30, "all children write")
        self.saker.note_processes()
        return {x: self.living()[x] for x in names}

    def settle(self):
        """Brings the services of RESTING into their states, and returns what
        is to be kept."""
        self.client().execute_command("SVSTOP", "down", "WAIT", "5000")
        for name, state in (("down", "stopped"), ("fatal", "failed"),
                            ("done", "done"), ("backoff", "backoff"),
                            ("resting", "resting")):
            self.saker.wait_for_state(name, state)
        return self.kept()

    def kept(self):
        rows = self.status("down", "fatal", "done", "backoff", "resting")
        return {name: {key: row[key] for key in KEPT}
                for name, row in rows.items()}

    def no_zombies(self, root):
        """Nobody waits in vain for the keeper to reap it."""
        def zombies():
            return [x for x in harness.children_of(root)
                    if (one := harness.process_or_none(x))
                    and one.state() == "Z"]
        self.wait_until(lambda: not zombies(), 5, "no zombie")

    def stop_and_check_lines(self, names, was=None):
        """Asks all to end and reads what they wrote."""
        self.client(socket_timeout=60).execute_command(
            "SVSTOP", *names, "WAIT", "30000")
        total = 0
        for name in names:
            found = numbered.check(self.logs, name)
            total += sum(found.values())
            if was:
                self.assertEqual(list(found), [was[name].pid], name)
                self.assertIn(
                    b" end ", numbered.log_files(self.logs, name)[-1]
                    .read_bytes().splitlines()[-1], name)
        return total

    # -- a child -----------------------------------------------------------------

    def test_q5_a_killed_child_runs_again_and_is_told_of_once(self):
        self.start(services=writers(3))
        names = ["w0", "w1", "w2"]
        before = self.running(names)
        with Listener(self.saker, "exit") as exits:
            took = []
            for i in range(1, 6):
                begin = time.monotonic()
                os.kill(self.living()["w0"].pid, signal.SIGKILL)
                self.wait_until(lambda: (x := self.status("w0")["w0"])
                                and x["state"] == "running"
                                and x["restarts"] == i, 10)
                took.append(time.monotonic() - begin)
            self.wait_until(lambda: len(exits.of("w0")) >= 5)
            self.assertEqual(self.living().keys(), set(names))
            self.no_zombies(self.saker.keeper_pid())
        self.assertEqual([(x["signal"], x["cause"]) for x in exits.of("w0")],
                         [("SIGKILL", "SIGKILL")] * 5)
        self.assertEqual(len({x["id"] for x in exits.events}), 5)
        self.assertEqual(len({x["pid"] for x in exits.events}), 5)
        self.assertEqual([x for x in exits.events if x["service"] != "w0"], [])
        after = self.living()
        self.assertEqual((after["w1"], after["w2"]),
                         (before["w1"], before["w2"]))
        lines = self.stop_and_check_lines(names)
        print(f"first restart after {took[0] * 1000:.0f} ms, "
              f"{lines} lines complete")
        self.assertLess(took[0], 5)

    # -- the node ----------------------------------------------------------------

    def test_t_c5_the_node_is_killed_again_and_again(self):
        self.start(services=writers(CHILDREN, 0.01 * max(1, CHILDREN / 20))
                   + RESTING + """
            service "crash" {exec = {"sh", "-c", "echo run; sleep 0.1; exit 3"},
                             budget = false, backoff = "20ms"}""")
        names = [f"w{i}" for i in range(CHILDREN)]
        children = self.running(names)
        kept = self.settle()
        back = []
        with Callers(self.saker) as callers, \
                Listener(self.saker, "exit") as exits:
            for i in range(KILLS):
                back.append(self.kill_node_at_random())
            self.saker.wait_for_ping()
            self.wait_until(lambda: self.status("w0"))
        self.assertEqual(callers.refused, [])
        self.assertGreater(callers.answered, KILLS)
        now = self.living()
        self.assertEqual({x: now[x] for x in names}, children)
        self.assertEqual(self.kept(), kept)
        for name in names:
            row = self.status(name)[name]
            self.assertEqual((row["state"], row["restarts"], row["pid"]),
                             ("running", 0, children[name].pid))
        self.one_id_per_exit(exits.of("crash"))
        # Every start is counted once. A child writes a moment after its start
        # was counted, and the last one may be stopped before it does.
        def not_written():
            return (self.status("crash")["crash"]["restarts"]
                    - (self.runs("crash") - 1))
        self.wait_until(lambda: not_written() == 0)
        self.client().execute_command("SVSTOP", "crash", "WAIT", "5000")
        self.assertIn(not_written(), (0, 1))
        self.no_zombies(self.saker.keeper_pid())
        lines = self.stop_and_check_lines(names, children)
        back = sorted(x for x in back if x is not None)
        print(f"seed {SEED}: {KILLS} kills of the node under {CHILDREN} "
              f"writers: {lines} lines complete; PING answered after "
              f"{back[len(back) // 2] * 1000:.0f} ms (median), "
              f"{back[-1] * 1000:.0f} ms (longest); {callers.answered} clients "
              f"served, {callers.cut} cut, none refused, longest wait "
              f"{callers.longest * 1000:.0f} ms; "
              f"{self.runs('crash')} runs of the crashing one counted")
        self.assertLess(back[len(back) // 2], 15)

    def kill_node_at_random(self):
        """At any moment of its life: while it starts, soon after, or later.
        Returns how long nobody answered, where that was looked at."""
        pid = self.saker.node_pid(deadline=20)
        whole = self.random.random() < 0.5
        if whole:
            self.saker.wait_for_ping()
        # No waiting for something: this picks the moment.
        time.sleep(self.random.uniform(0, 0.08))
        begin = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.wait_until(lambda: pid not in harness.children_of(
            self.saker.keeper_pid()), 10, "the end of the node")
        # After 20 in 10 seconds the keeper waits for a second on purpose.
        if not whole or not self.saker.node_pid(deadline=20):
            return None
        self.saker.wait_for_ping()
        return time.monotonic() - begin

    def one_id_per_exit(self, events):
        """Each exit has one, however often it is told, and no two the same."""
        self.assertTrue(events, "no exit was heard of")
        ids = {}
        for x in events:
            # No node heard of the pid of a child that came and went between
            # two of them: such ends are told with pid 0.
            child = x["pid"] or x["id"]
            self.assertEqual(ids.setdefault(child, x["id"]), x["id"], x)
        self.assertEqual(len(set(ids.values())), len(ids))

    def test_budget_and_backoff_outlive_the_node(self):
        self.start(services="""
            service "budget" {exec = {"sleep", "1000"}, budget = "3/1h",
                              spent = "fatal", backoff = {"1ms", "1ms"}}
            service "backoff" {exec = {"sleep", "1000"}, budget = false,
                               backoff = {"2s", "1h", x = 2, jitter = 0}}
            """)

        def crash(name, state="running"):
            # Not 0: that would be our own group.
            row = self.wait_until(lambda: (x := self.status(name)[name])["pid"]
                                  and x)
            os.kill(row["pid"], signal.SIGKILL)
            self.wait_until(lambda: (x := self.status(name)[name])["state"]
                            == state and x["pid"] != row["pid"])

        for name in ("budget", "backoff"):
            self.saker.wait_for_state(name, "running")
        for _ in range(3):
            crash("budget")
            self.saker.kill_node()
            self.saker.wait_for_ping()
        crash("budget", "failed")
        self.assertEqual(self.status("budget")["budget"]["restarts"], 3)
        # At once, then 2 s, then 4 s: the node dies while it waits.
        crash("backoff")
        crash("backoff")
        begin = time.monotonic()
        crash("backoff", "backoff")
        since = self.status("backoff")["backoff"]["since"]
        self.saker.kill_node()
        self.saker.wait_for_ping()
        row = self.status("backoff")["backoff"]
        self.assertEqual(row["state"], "backoff")
        self.assertAlmostEqual(row["since"], since, delta=500)
        self.saker.wait_for_state("backoff", "running")
        waited = time.monotonic() - begin
        print(f"waited {waited * 1000:.0f} ms of 4000 over a death of the node")
        self.assertGreater(waited, 3.9)
        # The step is kept too: 8 s come next.
        crash("backoff", "backoff")
        self.saker.kill_node()
        begin = time.monotonic()
        self.saker.wait_for_ping()
        self.saker.wait_for_state("backoff", "running")
        self.assertGreater(time.monotonic() - begin, 5)

    def test_t_c5_an_exit_while_no_node_lives_is_dealt_with_once(self):
        self.start(services="""
            service "a" {exec = {"sh", "-c", "echo run; sleep 1000"},
                         budget = false, backoff = {"1ms", "1ms"}}
            service "fatal" {exec = {"sh", "-c", "echo run; sleep 1000"},
                             exit = {SIGKILL = "fatal", ["*"] = "restart"}}
            """)
        for i in range(1, ROUNDS + 1):
            for name in ("a", "fatal"):
                self.saker.wait_for_state(name, "running")
                self.wait_until(lambda: self.runs(name) >= i,
                                what="its line, before it is killed")
            pids = [self.pid("a"), self.pid("fatal")]
            # The keeper stands still, so that no new node can be there.
            node = self.saker.node_pid()
            os.kill(self.saker.keeper_pid(), signal.SIGSTOP)
            try:
                for pid in [node] + pids:
                    os.kill(pid, signal.SIGKILL)
            finally:
                os.kill(self.saker.keeper_pid(), signal.SIGCONT)
            self.wait_until(lambda: (x := self.status("a")["a"])["state"]
                            == "running" and x["pid"] != pids[0])
            self.saker.wait_for_state("fatal", "failed")
            self.wait_until(lambda: self.runs("a") >= i + 1,
                            what="the first line of the new child")
            row = self.status("a")["a"]
            self.assertEqual((row["restarts"], self.runs("a")), (i, i + 1))
            self.assertIn("SIGKILL", row["last_exit"])
            self.assertEqual(self.runs("fatal"), i)
            self.no_zombies(self.saker.keeper_pid())
            self.client().execute_command("SVSTART", "fatal")

    def test_a_node_that_dies_while_it_deals_with_an_exit(self):
        """The node is killed in the very moment in which it tells of an exit:
        before or after its note and its acknowledgement reached the keeper."""
        self.start(services="""
            service "a" {exec = {"sh", "-c", "echo run; sleep 1000"},
                         budget = false, backoff = {"1ms", "1ms"}}""")
        with Listener(self.saker, "exit") as exits:
            for i in range(ROUNDS * 2):
                self.saker.wait_for_state("a", "running")
                self.wait_until(lambda: self.runs("a") >= i + 1,
                                what="its line, before it is killed")
                row = self.status("a")["a"]
                node = self.saker.node_pid()
                with self.saker.client().pubsub() as listener:
                    listener.psubscribe("saker:*:a:exit")
                    listener.get_message(timeout=5)
                    os.kill(row["pid"], signal.SIGKILL)
                    self.wait_until(lambda: listener.get_message(timeout=1), 5)
                    os.kill(node, signal.SIGKILL)
                self.saker.node_pid()
                self.saker.wait_for_ping()
                self.wait_until(lambda: (x := self.status("a")["a"])["state"]
                                == "running" and x["pid"] != row["pid"])
                self.assertEqual(self.status("a")["a"]["restarts"], i + 1)
                # What it puts out is written a moment later.
                self.wait_until(lambda: self.runs("a") >= i + 2)
                self.assertEqual(self.runs("a"), i + 2)
        self.one_id_per_exit(exits.of("a"))

    def test_t_d1_what_was_answered_is_remembered(self):
        """SVSTOP and SVSTART, with everything killed after the reply."""
        self.start(services='service "a" {exec = {"sleep", "1000"}}')
        self.saker.wait_for_state("a", "running")
        for i in range(ROUNDS):
            command, state = (("SVSTOP", "stopped"),
                              ("SVSTART", "running"))[i % 2]
            self.client().execute_command(command, "a")
            self.kill_everything()
            self.saker.start()
            row = self.wait_until(lambda: (x := self.status("a")["a"])
                                  ["state"] == state and x)
            self.assertEqual(row["intent"], ("down", "up")[i % 2])

    # -- the keeper --------------------------------------------------------------

    def kill_everything(self):
        self.saker.note_processes()
        node = self.saker.node_pid()
        os.kill(node, signal.SIGKILL)
        self.saker.kill_keeper()

    def adopted(self, kill):
        self.start(services=writers(CHILDREN) + RESTING)
        names = [f"w{i}" for i in range(CHILDREN)]
        children = self.running(names)
        kept = self.settle()
        back = []
        for _ in range(ROUNDS):
            begin = time.monotonic()
            kill()
            alive = [x for x in children.values() if x.alive()]
            self.assertEqual(len(alive), CHILDREN)
            self.saker.start()
            back.append(time.monotonic() - begin)
            rows = self.status()
            self.assertEqual({x: rows[x]["pid"] for x in names},
                             {x: children[x].pid for x in names})
            self.assertEqual(self.kept(), kept)
            # The moment of the next death.
            time.sleep(self.random.uniform(0, 0.3))
        self.assertEqual({x: self.living()[x] for x in names},
                         children)
        lines = self.stop_and_check_lines(names, children)
        print(f"{ROUNDS} starts adopted {CHILDREN} writers, answering after "
              f"{max(back) * 1000:.0f} ms at most; {lines} lines complete")

    def test_t_c5_a_next_start_adopts_what_keeper_and_node_left(self):
        self.adopted(self.kill_everything)

    def test_the_keeper_takes_its_node_along_and_no_child(self):
        def kill_keeper():
            node = harness.process(self.saker.node_pid())
            self.saker.kill_keeper()
            self.wait_until(lambda: not node.alive(), 5, "end of the node")
        self.adopted(kill_keeper)

    def test_a_shutdown_is_not_undone_by_the_death_of_the_node(self):
        slow = ("trap '' TERM; echo run; while :; do sleep 0.1; done")
        self.start(services='service "slow" {exec = {"sh", "-c", "'
                   + slow + '"}, stop = "TERM 4s KILL"}\n'
                   'service "other" {exec = {"sleep", "1000"}}')
        self.running(["slow"])
        with contextlib.suppress(redis.RedisError):
            # No answer comes; the connection ends with the node.
            self.client(socket_timeout=0.5).execute_command("SHUTDOWN")
        self.wait_until(lambda: self.state("slow") == "stopping")
        self.saker.kill_node()
        self.assertEqual(self.saker.wait_for_exit(), 0)
        self.assertEqual(self.runs("slow"), 1)
        self.assertNotIn("starting it again", self.saker.log())

    def test_a_command_is_not_run_again_after_a_stop_that_was_broken_off(self):
        self.start()
        script = ("echo run; trap 'sleep 3; exit 0' TERM; "
                  "while :; do sleep 0.1; done")
        self.client().execute_command("SVRUN", "once", "sh", "-c", script)
        self.running(["once"])
        self.kill_everything()
        self.saker.start()
        with contextlib.suppress(redis.RedisError):
            self.client(socket_timeout=0.3).execute_command("SHUTDOWN")
        self.wait_until(lambda: self.state("once") == "stopping")
        # Both, or the keeper would finish what was begun.
        self.saker.kill_keeper()
        self.saker.start()
        self.wait_until(lambda: self.status() == {})
        self.assertEqual(self.runs("once"), 1)

    def test_what_dies_without_a_keeper_is_started_again(self):
        self.start(services=writers(4))
        names = ["w0", "w1", "w2", "w3"]
        children = self.running(names)
        self.kill_everything()
        os.kill(children["w0"].pid, signal.SIGKILL)
        self.wait_until(lambda: not children["w0"].alive())
        self.saker.start()
        self.wait_until(lambda: (x := self.status("w0")["w0"])["state"]
                        == "running" and x["pid"] != children["w0"].pid)
        self.assertEqual(self.status("w0")["w0"]["restarts"], 1)
        now = self.living()
        self.assertEqual(now.keys(), set(names))
        self.assertEqual({x: now[x] for x in names[1:]},
                         {x: children[x] for x in names[1:]})
        # An adopted child is kept alive like any other.
        os.kill(children["w1"].pid, signal.SIGKILL)
        self.wait_until(lambda: (x := self.status("w1")["w1"])["state"]
                        == "running" and x["pid"] != children["w1"].pid)
        self.stop_and_check_lines(names)

    def test_t_c5_a_lost_table_starts_nothing_twice(self):
        """The keeper is killed and a cleaner takes its directory away."""
        self.start(services=writers(6) + """
            service "user" {exec = {"sleep", "1000"}, user = "www-data"}
            service "off" {exec = {"sleep", "1000"}, autostart = false}""")
        names = [f"w{i}" for i in range(6)]
        self.saker.wait_for_state("user", "running")
        self.running(names)
        children = self.living()
        self.assertEqual(children.keys(), {*names, "user"})
        self.kill_everything()
        shutil.rmtree(self.saker.runtime_dir)
        self.saker.start()
        self.wait_until(lambda: {x: self.status(x)[x]["pid"]
                                 for x in children}
                        == {x: y.pid for x, y in children.items()})
        self.assertEqual(self.living(), children)
        self.saker.wait_for_log("the table lost it")
        # They are kept alive like any other.
        os.kill(children["w1"].pid, signal.SIGKILL)
        self.wait_until(lambda: (x := self.status("w1")["w1"])["state"]
                        in ("running", "adopted")
                        and x["pid"] not in (0, children["w1"].pid))
        self.assertEqual(len(self.living()), len(children))


if __name__ == "__main__":
    unittest.main()
