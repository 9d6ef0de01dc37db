"""Something goes wrong between spawn and exec: at every step, in every way,
through the whole system."""
import fcntl
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402

# Each step, and how it is told to people.
STEPS = {
    "arguments": "read the specification of sleep",
    "report": "make the report pipe for sleep",
    "fork": "fork for sleep",
    "session": "start a session for sleep",
    "cgroup": "enter cgroup",
    "oom": "set the OOM score to 0",
    "output": "open output /tmp/",
    "pidfile_open": "open pidfile",
    "pidfile_lock": "lock pidfile",
    "limits": "set limit nofile",
    "nice": "set nice 0",
    "cpus": "bind to CPUs",
    "lookup": "look up",
    "owner": "give away output /tmp/",
    "groups": "set the groups of",
    "user": "become user",
    "files": "open",
    "dir": "change to directory",
    "umask": "set the umask for sleep",
    "privileges": "drop privileges for sleep",
    "mask": "unblock signals for sleep",
    "exec": "exec sleep",
}

# The keeper itself finds these; there is no child yet that could hang or die.
WITHOUT_CHILD = ("arguments", "report", "fork")


def keepers_of(saker):
    """All keepers that were started for this Saker, wherever they are now."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or \
                harness.executable_of(entry.name) != "saker-keeper":
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended
        if str(saker.runtime_dir).encode() in words:
            found.append(int(entry.name))
    return found


class SpawnFaultTest(harness.TestCase):
    def begin(self, fault, more=""):
        saker = self.make(
            env=dict(os.environ, SAKER_SPAWN_FAULT=fault), services=f"""
            service "x" {{exec = {{"sleep", "1000"}}, autostart = false, {more}
                          start_timeout = "1s"}}
            service "other" {{exec = {{"sleep", "1000"}}}}
            service "late" {{exec = {{"sleep", "1000"}}, autostart = false}}
            """).start()
        self.wait_until(lambda: saker.state("other") == "running")
        return saker

    def svstart(self, saker, name):
        (row,) = saker.client().execute_command("SVSTART", name)
        return dict(zip(row[::2], row[1::2]))

    def nothing_is_left(self, saker):
        """One keeper; its children are the node and the other service. What
        is tried again is a keeper too, until it fails again."""
        self.wait_until(lambda: keepers_of(saker) == [saker.keeper_pid()],
                        what="one keeper")
        expected = {saker.node_pid(), saker.pid("other")}
        self.wait_until(lambda: set(harness.children_of(saker.keeper_pid()))
                        == expected, 5, "nothing but node and other")

    def end(self, saker):
        """So that not dozens run at the end."""
        self.assertEqual(saker.stop(), 0, saker.log()[-2000:])
        self.wait_until(lambda: not keepers_of(saker), what="no keeper")

    def fault_at_every_step(self, kind, errno_name, steps=STEPS):
        for step in steps:
            with self.subTest(step=step, kind=kind):
                saker = self.begin(f"{step}:{kind}@x")
                node = saker.node_pid()
                reply = self.svstart(saker, "x")
                self.assertEqual(reply["code"], 1, reply)
                self.assertTrue(reply["desc"].startswith(STEPS[step]),
                                reply)
                self.assertIn(errno_name, reply["desc"])
                # Some are tried again each second.
                self.wait_until(
                    lambda: (x := saker.status("x")["x"])["pid"] == 0
                    and x["state"] not in ("running", "starting"))
                self.nothing_is_left(saker)
                self.assertEqual(saker.node_pid(), node)
                self.end(saker)

    def test_t_c18_a_failure_at_every_step_is_named_in_the_reply(self):
        self.fault_at_every_step("EIO", "EIO")

    def test_t_c18_no_memory_at_every_step(self):
        self.fault_at_every_step("bad_alloc", "ENOMEM")

    def test_t_c18_a_death_at_every_step(self):
        self.fault_at_every_step("die", "killed",
                                 [x for x in STEPS
                                  if x not in (*WITHOUT_CHILD, "exec")])

    def test_t_c18_a_set_up_that_hangs_at_any_step_delays_nobody(self):
        longest = stall = 0.0
        for step in (x for x in STEPS if x not in WITHOUT_CHILD):
            with self.subTest(step=step):
                saker = self.begin(f"{step}:hang@x")
                client = saker.client()
                client.ping()
                begin = time.monotonic()
                waiting = saker.client().connection_pool.get_connection("x")
                waiting.send_command("SVSTART", "x")
                before = time.monotonic()
                while not waiting.can_read(timeout=0.01):
                    at = time.monotonic()
                    stall = max(stall, at - before - 0.01)
                    client.ping()
                    longest = max(longest, time.monotonic() - at)
                    if saker.state("late") == "stopped":
                        self.assertEqual(self.svstart(saker, "late")["code"],
                                         0)
                    self.assertLess(at, begin + 15)
                    before = time.monotonic()
                took = time.monotonic() - begin
                (row,) = waiting.read_response()
                waiting.disconnect()
                reply = dict(zip(row[::2], row[1::2]))
                self.assertEqual(reply["code"], 1, reply)
                self.assertIn("timeout", reply["desc"])
                self.assertTrue(reply["desc"].startswith(STEPS[step]),
                                reply)
                self.assertGreater(took, 0.9)
                self.assertEqual(saker.state("late"), "running")
                client.execute_command("SVSTOP", "late", "x", "WAIT", "5000")
                self.nothing_is_left(saker)
                self.end(saker)
        print(f"longest PING while a set-up hung: {longest * 1000:.1f} ms")
        # As long as the machine let us wait, a server may have to wait too.
        self.assertLess(longest, 1 + 10 * stall)

    def test_a_node_that_dies_while_a_set_up_hangs(self):
        saker = self.begin("dir:hang@x")
        connection = saker.client().connection_pool.get_connection("x")
        connection.send_command("SVSTART", "x")
        self.wait_until(lambda: saker.state("x") == "starting")
        connection.disconnect()
        saker.kill_node()
        saker.wait_for_ping()
        self.wait_until(lambda: saker.state("x") not in ("starting",
                                                         "stopping"), 10)
        self.assertEqual(saker.pid("x"), 0)
        self.assertIn("timeout", saker.status("x")["x"]["reason"])
        saker.client().execute_command("SVSTOP", "x", "WAIT", "5000")
        self.nothing_is_left(saker)

    def test_t_c7_a_lack_of_processes_is_no_fault_of_the_service(self):
        saker = self.begin("fork:EAGAIN@x", 'budget = "1/1h", ')
        reply = self.svstart(saker, "x")
        self.assertEqual(reply["code"], 1)
        self.assertIn("EAGAIN", reply["desc"])
        # Tried again later, and never counted in the budget.
        self.wait_until(lambda: saker.status("x")["x"]["restarts"] >= 3)
        self.assertIn(saker.state("x"), ("backoff", "starting"))

    def test_a_pidfile_that_somebody_holds_is_told(self):
        with tempfile.NamedTemporaryFile() as held:
            held.write(b"%d\n" % os.getpid())
            held.flush()
            fcntl.lockf(held, fcntl.LOCK_EX)
            saker = self.start(services=f"""
                service "x" {{exec = {{"sleep", "1000"}}, autostart = false,
                              pidfile = "{held.name}"}}""")
            reply = self.svstart(saker, "x")
            self.assertEqual(reply["code"], 1)
            self.assertIn(f"lock pidfile {held.name}", reply["desc"])
            self.assertIn(f"pid {os.getpid()} (python3) holds it",
                          reply["desc"])
            self.assertIn(saker.state("x"), ("backoff", "starting"))
            fcntl.lockf(held, fcntl.LOCK_UN)
            # As soon as he lets go it starts, by itself.
            self.wait_until(lambda: saker.state("x") == "running", 20)
            saker.stop()

    def test_who_only_reads_a_pidfile_holds_up_nobody(self):
        saker = self.make()
        path = saker.dir / "x.pid"
        path.write_text("1\n")
        path.chmod(0o644)
        saker.write_services(f"""
            service "x" {{exec = {{"sleep", "1000"}}, autostart = false,
                          pidfile = "{path}"}}""")
        saker.start()
        with open(path) as reader:
            fcntl.lockf(reader, fcntl.LOCK_SH)
            self.assertEqual(self.svstart(saker, "x")["code"], 0)
            self.assertEqual(path.read_text().strip(), str(saker.pid("x")))

    def test_the_keepers_own_trouble_is_no_fault_of_the_service(self):
        saker = self.start(services="""
            service "x" {exec = {"sleep", "1000"}, autostart = false,
                         log = true}""")
        out = saker.runtime_dir / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.write_text("in the way")
        reply = self.svstart(saker, "x")
        self.assertEqual(reply["code"], 1)
        self.assertIn("not a directory of ours", reply["desc"])
        self.assertIn(saker.state("x"), ("backoff", "starting"))
        out.unlink()
        self.wait_until(lambda: saker.state("x") == "running", 20)


if __name__ == "__main__":
    unittest.main()
