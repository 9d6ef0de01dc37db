"""What follows an end of a service, and how one is brought about."""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from saker_harness import process  # noqa: E402
from services_harness import (  # noqa: E402
    SLEEP, STUBBORN, ServiceTest, descendants_of, shell)


class Ends(ServiceTest):
    """What follows an end: exit table, backoff, budget."""

    def test_the_exit_table_decides(self):
        table_ = '{[0] = "done", [78] = "fatal", SIGUSR1 = "done",' \
            ' ["*"] = {"restart", after = "300ms"}}'
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(
            "".join(f"""
            service "{name}" {{exec = {shell(f'''
                while [ ! -e {go} ]; do sleep 0.02; done; {end}''')},
              exit = {table_}, budget = false}}"""
                    for name, end in [("good", "exit 0"), ("bad", "exit 78"),
                                      ("odd", "exit 3"),
                                      ("usr1", "kill -USR1 $$")]))
        saker.start()
        self.wait_until(lambda: all(x["state"] == "running"
                                    for x in saker.status().values()))
        events = self.events()
        go.touch()
        for name, state, cause in [("good", "done", "exit 0"),
                                   ("bad", "failed", "exit 78"),
                                   ("usr1", "done", "SIGUSR1")]:
            self.wait_for_state(name, state)
            told = events.wait_for(name, "exit")
            self.assertEqual((told["cause"], told["to"]), (cause, state))
            row = saker.status(name)[name]
            self.assertEqual((row["pid"], row["last_exit"]), (0, cause))
            events.wait_for(name, state)
            self.assertEqual(events.names(name), ["exit", state])
        backoff = events.wait_for("odd", "backoff")
        self.assertEqual(events.of("odd", "exit")[0]["row"], "*")
        self.assertEqual(events.of("bad", "exit")[0]["row"], "78")
        self.assert_wait(backoff, 300)
        started = events.wait_for("odd", "starting")
        self.assertGreaterEqual(started["ts"] - backoff["ts"], 150)
        self.assertLess(started["ts"] - backoff["ts"], 3000)
        # What is done or failed is started again by a person, not by itself.
        go.unlink()
        self.done("SVSTART", "good", "bad")
        self.assertEqual(self.state("bad"), "running")

    def test_restart_is_short_for_a_table(self):
        self.start(services=f"""
            service "ok" {{exec = {{"true"}}, restart = "transient"}}
            service "no" {{exec = {{"false"}}, restart = "temporary"}}
            service "tr" {{exec = {{"false"}}, restart = "transient",
                          budget = "1/30s", backoff = "10ms",
                          spent = "fatal"}}""")
        self.wait_for_state("ok", "done")
        self.wait_for_state("no", "done")
        self.wait_for_state("tr", "failed")
        self.assertEqual(self.status("tr")["tr"]["restarts"], 1)

    def test_shutdown_ends_all_with_the_status_of_the_child(self):
        saker = self.start(services=f"""
            service "job" {{exec = {shell("exit 42")},
                           exit = {{["*"] = "shutdown"}},
                           autostart = false}}
            service "other" {{exec = {SLEEP}}}""")
        other = process(self.wait_for_pid("other"))
        self.sv("SVSTART", "job")
        self.assertEqual(saker.wait_for_exit(), 42)
        self.assertFalse(other.alive())

    def test_backoff_grows_to_its_cap(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(f"""
            service "x" {{
              exec = {shell(f'while [ ! -e {go} ]; do sleep 0.02; done')},
              backoff = {{"100ms", "400ms", x = 2, jitter = 0}},
              budget = "100/60s"}}""")
        saker.start()
        self.wait_for_pid("x")
        events = self.events()
        go.touch()
        events.wait_for("x", "backoff", 4)
        told = events.of("x")
        # The first restart is at once.
        self.assertEqual([x["event"] for x in told[:6]],
                         ["exit", "starting", "running", "ready", "exit",
                          "backoff"])
        waits = [x for x in told if x["event"] == "backoff"]
        for wait, wanted in zip(waits, [100, 200, 400, 400]):
            self.assert_wait(wait, wanted)
        row = saker.status("x")["x"]
        self.assertGreaterEqual(row["restarts"], 4)
        self.assertEqual(row["restarts"], row["restarts_1h"])

    def test_a_spent_budget_rests_then_one_try(self):
        self.start(services="""
            service "x" {exec = {"false"}, autostart = false,
                         budget = "2/1h", backoff = "10ms",
                         spent = {"rest", "3s"}}""")
        events = self.events()
        code, desc = self.sv("SVSTART", "x")["x"]
        self.assertEqual(code, 1)
        self.assertIn("exit 1", desc)
        told = events.wait_for("x", "resting")
        self.assertEqual(len(events.of("x", "exit")), 3)
        self.assert_wait(told, 3000)
        self.assertIn("more than 2 unexpected ends in 1h", told["reason"])
        row = self.status("x")["x"]
        self.assertEqual((row["state"], row["pid"]), ("resting", 0))
        self.assertRegex(row["next"], "one more try in")
        # One try; it fails, so the next rest begins at once.
        told = events.wait_for("x", "resting", 2)
        self.assertEqual(len(events.of("x", "exit")), 4)
        self.assertIn("again soon after a rest", told["reason"])
        # A person may try at once, with a new budget.
        self.sv("SVSTART", "x")
        events.wait_for("x", "resting", 3)
        self.assertEqual(len(events.of("x", "exit")), 7)
        self.done("SVSTOP", "x")
        self.wait_for_state("x", "stopped")


class Stopping(ServiceTest):
    def test_t_c3_the_ladder_against_a_child_that_does_not_listen(self):
        # It gets to hear TERM before QUIT comes, on a busy machine too.
        saker = self.start(services=f"""
            service "x" {{exec = {STUBBORN},
                         stop = "TERM 2s QUIT 1s KILL"}}""")
        log = self.trapped("x")
        events = self.events()
        self.done("SVSTOP", "x")  # the first signal only
        row = saker.status("x")["x"]
        self.assertEqual((row["state"], row["intent"]), ("stopping", "down"))
        self.assertRegex(row["next"], "QUIT in")
        told = events.wait_for("x", "exit")
        self.assertEqual(told["cause"], "SIGKILL")
        stopping = events.of("x", "stopping")[0]
        self.assertGreaterEqual(told["ts"] - stopping["ts"], 2980)
        self.assertLess(told["ts"] - stopping["ts"], 15_000)
        events.wait_for("x", "stopped")
        self.wait_until(lambda: log.read_text() == "up\nTERM\nQUIT\n")
        self.assertEqual(events.names("x"), ["stopping", "exit", "stopped"])

    def trapped(self, name):
        """The log of a STUBBORN that no longer dies of the first signal."""
        log = self.saker.state_dir / f"log/{name}.log"
        self.wait_until(lambda: log.read_text() == "up\n", what="traps are set")
        return log

    def test_one_that_is_frozen_is_continued(self):
        self.start(services=f'service "x" {{exec = {SLEEP}}}')
        pid = self.wait_for_pid("x")
        os.kill(pid, signal.SIGSTOP)
        self.wait_until(lambda: process(pid).state() == "T")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertEqual(self.status("x")["x"]["last_exit"], "SIGTERM")

    def test_wait_tells_when_time_is_over(self):
        self.start(services=f"""
            service "x" {{exec = {STUBBORN},
                         stop = "TERM 2s KILL"}}""")
        self.trapped("x")
        code, desc = self.sv("SVSTOP", "x", "WAIT", "100")["x"]
        self.assertEqual(code, 2, desc)
        self.assertIn("stopping", desc)
        self.assertEqual(self.sv("SVSTOP", "x", "WAIT", "9000")["x"][0], 0)

    def test_a_command_in_the_place_of_signals(self):
        saker = self.make()
        saker.write_services(f"""
            service "x" {{exec = {SLEEP}, stop = {{"/bin/sh", "-c",
              "echo $MAINPID > {saker.dir}/stopped; kill -INT $MAINPID"}}}}""")
        saker.start()
        pid = self.wait_for_pid("x")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertEqual((saker.dir / "stopped").read_text(), f"{pid}\n")
        self.assertEqual(self.status("x")["x"]["last_exit"], "SIGINT")

    FAMILY = shell("sleep 1001 & setsid sh -c 'sleep 1002 & sleep 1003' & "
                   "wait")

    def family(self, name):
        """All of the tree of a FAMILY, once it is complete."""
        pid = self.wait_for_pid(name)
        pids = self.wait_until(
            lambda: len(descendants_of(pid)) == 4 and descendants_of(pid),
            what="four descendants")
        family = [process(pid)] + [process(x) for x in pids]
        self.saker.ours |= set(family)  # none may survive the test
        return family

    def test_t_c4_the_whole_tree_goes_before_the_restart(self):
        self.start(services=f'service "x" {{exec = {self.FAMILY}}}')
        family = self.family("x")
        events = self.events()
        os.kill(family[0].pid, signal.SIGKILL)
        events.wait_for("x", "starting")
        self.assertFalse([x for x in family if x.alive()])
        # Its process group goes as a group; what had left it is counted.
        told = events.of("x", "exit")[0]
        self.assertGreaterEqual(told["orphans_killed"], 1)
        self.assert_no_zombie()

        family = self.family("x")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertFalse([x for x in family if x.alive()])
        self.assert_no_zombie()

    def test_kill_leader_leaves_the_rest(self):
        self.start(services=f"""
            service "x" {{exec = {self.FAMILY}, kill = "leader"}}""")
        family = self.family("x")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertFalse(family[0].alive())
        left = [x for x in family[1:] if x.alive()]
        for x in left:
            os.kill(x.pid, signal.SIGKILL)
        self.assertEqual(left, family[1:])
        self.assert_no_zombie()


if __name__ == "__main__":
    unittest.main()
