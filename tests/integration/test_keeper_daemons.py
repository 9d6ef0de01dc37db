"""The keeper and programs that go into the background, with the test in the
place of the node."""
import os
import resource
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import (  # noqa: E402
    ALREADY_EXISTS, DEADLINE, Keeper, KeeperTest, NOT_FOUND, REFUSED, SLEEP,
    children_of, eventually, lives, read_file, start_time)

# A daemon that leaves behind what it inherited, as far as it is told to: e its
# environment, l the limit, s the session of its parent, too. The leader waits
# until that is done.
DAEMON = """
import os, resource, sys
lose, status, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ready, there = os.pipe()  # closed by exec
if os.fork():
    os.close(there)
    os.read(ready, 1)
    os._exit(status)
os.setsid()
if os.fork():
    os._exit(0)
if "s" in lose:
    os.setsid()
env = {} if "e" in lose else os.environ
if "l" in lose:
    resource.setrlimit(10, (-1, -1))  # RLIMIT_LOCKS
with open(name + ".part", "w") as file:
    print(os.getpid(), file=file)
os.rename(name + ".part", name)
os.execve("/bin/sleep", ["sleep", "1000"], env)
"""


class Daemons(KeeperTest):
    def daemon(self, keeper, node, spawn_id, lose, status=0, **more):
        """Starts one. Returns its pid, once its leader has ended."""
        path = os.path.join(keeper.folder, f"daemon{spawn_id}")
        node.start("d#0", spawn_id, [
            "/usr/bin/python3", "-ISc", DAEMON, lose, str(status), path],
            **self.mark(keeper), **more)
        pid = int(eventually(lambda: read_file(path).strip(), "the daemon"))
        self.addCleanup(self.end, pid, path)
        return pid

    def end(self, pid, path):
        """Nothing but its arguments tells whose it is."""
        if lives(pid) and "sleep" in read_file(f"/proc/{pid}/cmdline"):
            os.kill(pid, signal.SIGKILL)

    def test_t_c2_is_found_whatever_it_leaves_behind(self):
        keeper, node = self.served()
        # By its environment; its limit; its session; because nobody else was
        # there.
        for spawn_id, lose in enumerate(("ls", "es", "el", "els"), 1):
            with self.subTest(lose):
                pid = self.daemon(keeper, node, spawn_id, lose)
                end = node.exited("d#0")
                self.assertEqual((end["number"], end["orphans"]), (0, 1))
                self.assertFalse(lives(pid))
                node.call("ACK", "d#0", spawn_id)
        self.assertEqual(children_of(keeper.pid), [node.pid])
        self.assertNotIn("became a child", keeper.log())

    def test_t_c2_a_hundred_double_forks_leave_nobody(self):
        keeper, node = self.served()
        script = ("import os\n"
                  "if os.fork(): os._exit(0)\n"
                  "os.setsid()\n"
                  "if os.fork(): os._exit(0)\n"
                  "os.execve('/bin/sleep', ['sleep', '1000'], {})\n")
        for i in range(1, 101):
            node.start("d#0", i, ["/usr/bin/python3", "-ISc", script],
                       **self.mark(keeper))
            self.assertGreater(node.exited("d#0")["orphans"], 0)
            self.assertEqual(children_of(keeper.pid), [node.pid])
            node.call("ACK", "d#0", i)

    def stray(self):
        """One that nobody can attribute, and that was told."""
        keeper, node = self.served()
        pid = self.daemon(keeper, node, 1, "els", status=1)
        self.assertEqual(node.exited("d#0")["orphans"], 0)
        (level, text), _ = node.expect("LOG")
        self.assertEqual(level, b"warning")
        self.assertIn(b"pid %d (sleep 1000)" % pid, text)
        node.call("ACK", "d#0", 1)
        return keeper, node, pid

    def test_one_that_cannot_be_attributed_is_told_once(self):
        keeper, node, pid = self.stray()
        for i in range(2, 5):
            node.start("e#0", i, ["false"])
            node.exited("e#0")
            node.call("ACK", "e#0", i)
        self.assertEqual([x for x, _ in node.pushes], [])
        self.assertTrue(lives(pid))

    def test_a_stray_ends_with_saker(self):
        keeper, node, pid = self.stray()
        node.call("SHUTDOWN", "stop", 0)
        node.exit(0)
        self.assertEqual(keeper.wait(), 0)
        self.assertFalse(lives(pid))

    def test_a_stray_is_kept_when_services_are(self):
        keeper, node, pid = self.stray()
        node.call("SHUTDOWN", "keep", 0)
        node.exit(0)
        self.assertEqual(keeper.wait(), 0)
        self.assertTrue(lives(pid))

    def test_kill_leader_means_that_it_may_outlive_saker(self):
        keeper, node = self.served()
        pid = self.daemon(keeper, node, 1, "", kill="leader")
        self.assertEqual(node.expect("ORPHAN")[0][2], pid)
        node.exited("d#0")
        node.call("SHUTDOWN", "stop", 0)
        node.exit(0)
        self.assertEqual(keeper.wait(), 0)
        self.assertTrue(lives(pid))

    # -- declared ones --

    def left(self, node, key="d#0"):
        names = "key spawn_id kind number core ended".split()
        return dict(zip(names, node.expect("LEFT", key)[0]))

    def adopt(self, node, pid, spawn_id=1, key="d#0", proof="none",
              start=None):
        return node.call("ADOPT", key, spawn_id, pid,
                         start or start_time(pid), "TERM 5s KILL", "tree",
                         proof)

    def declared(self, spawn_id=1, **more):
        """One whose program has left: a seeking row, and its pid."""
        keeper, node = self.served()
        pid = self.daemon(keeper, node, spawn_id, "", cls="daemon", **more)
        end = self.left(node)
        self.assertEqual((end["kind"], end["number"]), (b"exited", 0))
        self.assertTrue(lives(pid))
        return keeper, node, pid

    def test_a_declared_one_runs_as_its_process_and_its_end_is_known(self):
        keeper, node, pid = self.declared()
        self.adopt(node, pid, proof="kin")
        node.call("SIGNAL", "d#0", signal.SIGTERM, "group")
        end = self.left(node)
        self.assertEqual((end["kind"], end["number"]), (b"signaled", 15))
        node.call("SIGNAL", "d#0", signal.SIGKILL, "group")
        end = node.exited("d#0")
        self.assertEqual((end["kind"], end["number"]), (b"signaled", 15))
        node.call("ACK", "d#0", 1)
        self.assertEqual(children_of(keeper.pid), [node.pid])
        self.assertNotIn("became a child", keeper.log())

    def test_nothing_of_it_is_ended_before_the_node_has_looked(self):
        keeper, node, pid = self.declared()
        follower = self.follower(node, pid)
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.left(node)["number"], 9)
        self.adopt(node, follower.pid, proof="kin")
        self.assertIsNone(follower.poll())
        follower.kill()
        follower.wait(DEADLINE)
        self.left(node)
        node.call("SIGNAL", "d#0", signal.SIGKILL, "group")
        self.assertIn(node.exited("d#0")["kind"], (b"signaled", b"unknown"))

    def follower(self, node, pid):
        """Another process of the same family, as after an upgrade; `pid` is
        adopted first."""
        self.adopt(node, pid)
        locks = 10
        mark = resource.prlimit(pid, locks)
        child = subprocess.Popen(SLEEP, preexec_fn=lambda: resource.setrlimit(
            locks, mark))
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_one_that_is_given_up_leaves_nobody(self):
        keeper, node, pid = self.declared()
        node.call("SIGNAL", "d#0", signal.SIGTERM, "leader")
        end = node.exited("d#0")
        self.assertEqual((end["kind"], end["number"], end["orphans"]),
                         (b"exited", 0, 1))
        self.assertFalse(lives(pid))

    def test_a_program_that_fails_was_no_daemon(self):
        keeper, node = self.served()
        pid = self.daemon(keeper, node, 1, "", status=3, cls="daemon")
        self.assertEqual(node.exited("d#0")["number"], 3)
        self.assertFalse(lives(pid))

    def test_who_is_no_kin_or_somebody_elses_is_refused(self):
        keeper, node, pid = self.declared()
        stranger = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        text = self.refused(REFUSED, self.adopt, node, stranger.pid,
                            proof="kin")
        self.assertIn(f"pid {stranger.pid} does not descend", text)
        self.refused(REFUSED, self.adopt, node, keeper.pid)
        self.refused(REFUSED, self.adopt, node, node.pid)
        other, _ = node.start("web#0", 2, SLEEP, **self.mark(keeper))
        self.assertIn("is the child of web#0", self.refused(
            REFUSED, self.adopt, node, other))
        self.refused(NOT_FOUND, self.adopt, node, pid, start=1)
        self.refused(NOT_FOUND, self.adopt, node, 4_194_304, start=1)
        self.assertEqual(node.list()["d#0"]["state"], b"seeking")
        self.adopt(node, pid, proof="kin")
        row = node.list()["d#0"]
        self.assertEqual((row["state"], row["cls"], row["pid"]),
                         (b"running", b"daemon", pid))

    def test_one_that_was_there_before_is_a_child_like_others(self):
        keeper, node = self.served()
        stranger = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(stranger.kill)
        self.adopt(node, stranger.pid)
        self.refused(ALREADY_EXISTS, node.spawn, "d#0", 2, SLEEP)
        node.call("SIGNAL", "d#0", signal.SIGTERM, "group")
        stranger.wait(DEADLINE)
        self.assertIn(self.left(node)["kind"], (b"signaled", b"unknown"))
        node.call("SIGNAL", "d#0", signal.SIGKILL, "group")
        node.exited("d#0")

    def test_the_death_of_node_and_keeper_loses_none(self):
        keeper, node, pid = self.declared()
        node.kill()
        node = self.next_node(keeper)
        self.assertEqual(node.greet()["d#0"]["state"], b"seeking")
        self.adopt(node, pid, proof="kin")
        keeper.kill()
        keeper = Keeper(self, folder=keeper.folder)
        node = self.next_node(keeper)
        row = node.greet()["d#0"]
        self.assertEqual((row["state"], row["pid"], row["adopted"]),
                         (b"running", pid, 1))
        keeper.kill()
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not lives(pid), "end of the daemon")
        keeper = Keeper(self, folder=keeper.folder)
        node = self.next_node(keeper)
        self.assertEqual(node.greet()["d#0"]["state"], b"seeking")
        node.call("SIGNAL", "d#0", signal.SIGKILL, "group")
        self.assertEqual(node.exited("d#0")["kind"], b"unknown")

    def test_the_keeper_alone_stops_them(self):
        keeper, node, pid = self.declared()
        self.adopt(node, pid)
        node.send("SHUTDOWN", "stop", 0)
        node.exit(0)
        self.assertEqual(keeper.wait(), 0)
        self.assertFalse(lives(pid))

    def test_children_that_the_shell_had_are_not_ours(self):
        keeper = Keeper.__new__(Keeper)
        keeper.argv = lambda: [
            "sh", "-c", 'sleep 1000 & exec "$@"', "sh", *Keeper.argv(keeper)]
        keeper.__init__(self, env={"TEST_FOLDER": "later"})
        node = self.next_node(keeper)
        node.greet()
        (theirs,) = [x for x in children_of(keeper.pid) if x != node.pid]
        self.addCleanup(os.kill, theirs, signal.SIGKILL)
        node.start("a#0", 1, ["false"])
        node.exited("a#0")
        node.call("SHUTDOWN", "stop", 0)
        node.exit(0)
        self.assertEqual(keeper.wait(), 0)
        self.assertTrue(lives(theirs))
        self.assertNotIn("became a child", keeper.log())


if __name__ == "__main__":
    unittest.main()
