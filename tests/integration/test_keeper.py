"""The keeper program, with the test in the place of the node."""
import ctypes
import errno
import fcntl
import os
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import (  # noqa: E402
    BIN, DEADLINE, Keeper, ReplyError, children_of, eventually, lives, never,
    read_file, state_of)

SLEEP = ["sleep", "1000"]
COUNT = ["/bin/sh", "-c", "i=0; while :; do echo line $i; i=$((i+1)); done"]

# errc
ALREADY_EXISTS, NOT_FOUND, IO, BUSY, LOADING, REFUSED = 4, 3, 6, 8, 13, 19
INVALID, UNSUPPORTED = 1, 12


def start_time(pid):
    return int(read_file(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[19])


class KeeperTest(unittest.TestCase):
    def begin(self, **more):
        keeper = Keeper(self, **more)
        node = keeper.node()
        self.addCleanup(node.close)
        return keeper, node

    def served(self, **more):
        keeper, node = self.begin(**more)
        node.greet()
        return keeper, node

    def next_node(self, keeper):
        node = keeper.node()
        self.addCleanup(node.close)
        return node

    def mark(self, keeper):
        return {"env": [f"TEST_FOLDER={keeper.folder}"]}

    def sanitized(self, keeper):
        """Sanitizers keep freed memory for a while."""
        return "libasan" in read_file(f"/proc/{keeper.pid}/maps")

    def refused(self, code, call, *args, **more):
        with self.assertRaises(ReplyError) as caught:
            call(*args, **more)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception.text


class Language(KeeperTest):
    def test_hello_and_list_come_first(self):
        keeper, node = self.begin()
        self.refused(LOADING, node.call, "NOTE", "web#0", b"x")
        self.refused(LOADING, node.call, "LIST")
        hello = node.hello()
        self.assertEqual((hello["version"], hello["pid"], hello["safe_mode"],
                          hello["restarts"], hello["last_spawn_id"]),
                         (1, keeper.pid, 0, 0, 0))
        self.refused(LOADING, node.call, "NOTE", "web#0", b"x")
        self.assertEqual(node.list(), {})
        node.call("NOTE", "web#0", b"x")

    def test_every_request_is_answered_in_order(self):
        _, node = self.served()
        seqs = [node.send("NOTE", f"n{i}#0", b"x" * 256) for i in range(500)]
        for seq in seqs:
            self.assertEqual(node.answer(seq), [])
        self.assertEqual(list(node.replies), [])

    def test_bad_requests_are_refused_and_named(self):
        _, node = self.served()
        self.assertIn("FROB", self.refused(NOT_FOUND, node.call, "FROB"))
        for word in ("LEASE", "UPGRADE"):
            self.refused(UNSUPPORTED, node.call, word)
        self.refused(INVALID, node.call, "NOTE", "web", b"x")
        self.refused(INVALID, node.call, "NOTE", "web#0", b"x" * 257)
        self.refused(INVALID, node.call, "NOTE", "../x#0", b"x")
        self.assertIn("colour", self.refused(
            INVALID, node.spawn, "web#0", 1, SLEEP, colour="red"))
        self.refused(2, node.spawn, "web#0", 1, SLEEP, ladder="TREM")

    def test_what_is_too_long_is_refused_and_the_node_lives_on(self):
        _, node = self.served()
        text = self.refused(INVALID, node.spawn, "big#0", 1,
                            ["true", "x" * 5_000_000])
        self.assertIn("Argument list too long: argument 2 has 5000000 bytes",
                      text)
        self.assertIn("Argument list too long", self.refused(
            INVALID, node.spawn, "big#0", 1, ["true"] * 120_000))
        self.refused(INVALID, node.spawn, "big#0", 1, SLEEP,
                     dir="/" + "x" * 3_000_000)
        # What Linux takes is taken.
        node.start("big#0", 1, ["true"] + ["x" * 131_071] * 7)
        self.assertTrue(lives(node.pid))

    def test_a_note_lives_until_forget(self):
        keeper, node = self.served()
        node.call("NOTE", "web#0", b"\0\r\n*3")
        node.kill()
        node = self.next_node(keeper)
        self.assertEqual(node.greet()["web#0"]["note"], b"\0\r\n*3")
        node.call("FORGET", "web#0")
        node.kill()
        self.assertEqual(self.next_node(keeper).greet(), {})

    def test_ten_thousand_rows_are_listed(self):
        keeper, node = self.served()
        keys = [f"n{i}#0" for i in range(10_000)]
        for i in range(0, len(keys), 500):
            for seq in [node.send("NOTE", k, b"n") for k in keys[i:i + 500]]:
                node.answer(seq)
        node.kill()
        self.assertEqual(sorted(self.next_node(keeper).greet()), sorted(keys))

    def test_descriptors_of_many_rows_arrive(self):
        keeper, node = self.served()
        # An end must be SEEN within 10 s, on a busy machine too.
        for first in range(1, 801, 50):
            some = range(first, first + 50)
            for i in some:
                node.spawn(f"n{i}#0", i, ["sh", "-c", f"echo {i}"],
                           output="split")
            for i in some:
                for fd in node.expect("SPAWNED", f"n{i}#0")[1]:
                    os.close(fd)
                node.exited(f"n{i}#0")
                node.call("SEEN", f"n{i}#0", i)
        node.kill()
        node = self.next_node(keeper)
        for key, row in node.greet().items():
            out, err = row["fds"]
            self.assertEqual(os.read(out, 99).strip().decode(),
                             key[1:].partition("#")[0])
            os.close(out)
            os.close(err)

    def test_a_node_that_talks_nonsense_is_ended(self):
        for nonsense in (b"hello\r\n", b"$-7\r\n", b"*1\r\n$1\r\nx\r\n",
                         b"*2\r\n$1\r\nx\r\n$1\r\ny\r\n"):
            keeper, node = self.begin()
            node.send_bytes(nonsense)
            eventually(lambda: not lives(node.pid), "end of the node")
            node.close()
            self.next_node(keeper).greet()


class Children(KeeperTest):
    def test_spawn_exit_and_acknowledge(self):
        keeper, node = self.served()
        pid, fds = node.start("web#0", 7, ["sh", "-c", "exit 42"],
                              **self.mark(keeper))
        self.assertEqual(fds, [])
        end = node.exited("web#0")
        self.assertEqual((end["spawn_id"], end["kind"], end["number"],
                          end["orphans"]), (7, b"exited", 42, 0))
        self.assertGreater(end["max_rss"], 100_000)
        self.assertGreater(end["ended"], end["started"])
        self.assertIsNone(state_of(pid))
        self.assertIn("ACK", self.refused(BUSY, node.spawn, "web#0", 8, SLEEP))
        node.call("SEEN", "web#0", 7)
        node.call("ACK", "web#0", 7)
        self.assertEqual(node.list(), {})

    def test_t_c15_one_living_child_per_key(self):
        keeper, node = self.served()
        pid, _ = node.start("web#0", 1, SLEEP, **self.mark(keeper))
        self.refused(ALREADY_EXISTS, node.spawn, "web#0", 2, SLEEP)
        self.refused(REFUSED, node.call, "FORGET", "web#0")
        self.assertEqual(children_of(keeper.pid), [node.pid, pid])

    def test_a_start_is_carried_out_once(self):
        keeper, node = self.served()
        node.call("NOTE", "web#0", b"n")
        node.start("web#0", 5, ["true"])
        node.exited("web#0")
        node.call("ACK", "web#0", 5)
        self.refused(REFUSED, node.spawn, "web#0", 5, SLEEP)
        self.assertEqual(children_of(keeper.pid), [node.pid])

    def test_a_child_is_marked_and_leads_a_session(self):
        keeper, node = self.served()
        pid, _ = node.start("web#3", 9, SLEEP, env=[
            "SAKER_INSTANCE=forged", f"TEST_FOLDER={keeper.folder}"])
        with open(f"/proc/{pid}/environ", "rb") as f:
            self.assertEqual(f.read().split(b"\0")[:3],
                             [f"TEST_FOLDER={keeper.folder}".encode(),
                              b"SAKER_INSTANCE=web#3#9",
                              f"SAKER_RUNTIME_DIR={keeper.runtime}".encode()])
        self.assertEqual(os.getsid(pid), pid)
        # A program that has just been executed still opens libraries.
        eventually(lambda: sorted(os.listdir(f"/proc/{pid}/fd"))
                   == ["0", "1", "2"], "descriptors 0, 1, 2 and no others")

    def test_signals_to_leader_and_group(self):
        keeper, node = self.served()
        script = "trap 'exit 3' TERM; : > ready; while :; do sleep 0.01; done"
        node.start("a#0", 1, ["sh", "-c", script], dir=keeper.folder,
                   **self.mark(keeper))
        eventually(lambda: os.path.exists(keeper.folder + "/ready"), "trap")
        node.call("SIGNAL", "a#0", 0, "leader")
        node.call("SIGNAL", "a#0", signal.SIGTERM, "leader")
        self.assertEqual(node.exited("a#0")["number"], 3)
        node.start("b#0", 2, ["sh", "-c", "sleep 1000; exit 1"],
                   **self.mark(keeper))
        node.call("SIGNAL", "b#0", signal.SIGUSR1, "group")
        end = node.exited("b#0")
        self.assertEqual((end["kind"], end["number"]),
                         (b"signaled", signal.SIGUSR1))
        self.refused(NOT_FOUND, node.call, "SIGNAL", "b#0", 15, "leader")
        self.refused(NOT_FOUND, node.call, "SIGNAL", "c#0", 15, "leader")

    def test_a_start_in_line_can_be_cancelled(self):
        keeper, node = self.served()
        spawn = ["SPAWN", "x#0", 1, "service", "TERM", "tree", 1000, "none",
                 "argv", SLEEP]
        frames = node.encode([901, *spawn]) + node.encode(
            [902, "SIGNAL", "x#0", 15, "leader"])
        node.send_bytes(frames)  # one write: both are read in one turn
        node.answer(901)
        node.answer(902)
        self.assertEqual(node.failed("x#0")["step"], b"cancelled")
        self.assertEqual(children_of(keeper.pid), [node.pid])

    def test_t_c4_the_tree_is_gone_before_the_end_is_told(self):
        keeper, node = self.served()
        script = ("sleep 1000 & setsid sleep 1001 & "
                  "(setsid sh -c 'sleep 1002 & sleep 1003' &) ; "
                  "while [ ! -e go ]; do sleep 0.01; done; kill -SEGV $$")
        pid, _ = node.start("web#0", 1, ["sh", "-c", script],
                            dir=keeper.folder, **self.mark(keeper))
        def tree():
            out = subprocess.run(["pgrep", "-f", "^sleep 100[0-3]"],
                                 stdout=subprocess.PIPE).stdout.split()
            return [int(x) for x in out if self.has_mark(x, keeper)]
        eventually(lambda: len(tree()) == 4, "the tree")
        open(os.path.join(keeper.folder, "go"), "w").close()
        end = node.exited("web#0")
        self.assertEqual(tree(), [])
        self.assertEqual((end["number"], end["orphans"] >= 4), (11, True))
        self.assertEqual(children_of(keeper.pid), [node.pid])

    def has_mark(self, pid, keeper):
        try:
            with open(f"/proc/{int(pid)}/environ", "rb") as f:
                return keeper.folder.encode() in f.read()
        except OSError:
            return False

    def test_kill_leader_leaves_the_rest_and_tells_of_it(self):
        keeper, node = self.served()
        script = ("setsid sleep 1000 & "
                  "until grep -q sleep /proc/$!/comm; do :; done; exit 0")
        node.start("d#0", 1, ["sh", "-c", script], kill="leader",
                   **self.mark(keeper))
        (key, spawn_id, pid, command), _ = node.expect("ORPHAN", "d#0")
        self.assertEqual((spawn_id, command), (1, b"sleep 1000"))
        node.exited("d#0")
        self.assertTrue(lives(pid))
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: state_of(pid) is None, "no zombie")

    def test_q5_no_zombie_of_a_thousand_orphans(self):
        keeper, node = self.served()
        script = ("i=0; while [ $i -lt 1000 ]; do (true &) ; i=$((i+1)); "
                  "done; sleep 1000")
        pid, _ = node.start("o#0", 1, ["sh", "-c", script],
                            **self.mark(keeper))
        eventually(lambda: any(
            read_file(f"/proc/{x}/comm") == "sleep\n"
            for x in children_of(pid)), "the last one", 60)
        eventually(lambda: children_of(keeper.pid) == [node.pid, pid],
                   "no zombie")

    def test_a_thousand_starts_leave_nothing(self):
        keeper, node = self.served()

        def size():
            with open(f"/proc/{keeper.pid}/statm") as f:
                return int(f.read().split()[1])

        def fds():
            return len(os.listdir(f"/proc/{keeper.pid}/fd"))

        for i in range(1, 1001):
            node.spawn("x#0", i, ["true"], output="merged")
            _, handed = node.expect("SPAWNED", "x#0")
            for fd in handed:
                os.close(fd)
            node.exited("x#0")
            node.call("ACK", "x#0", i)
            if i == 100:
                before = size(), fds()
        self.assertEqual(children_of(keeper.pid), [node.pid])
        self.assertEqual(fds(), before[1])
        if not self.sanitized(keeper):
            self.assertLess(size() - before[0], 50)  # pages
        self.assertEqual(os.listdir(keeper.runtime + "/out"), [])

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


class Failures(KeeperTest):
    STEPS = ("report fork session cgroup oom output pidfile_open "
             "pidfile_lock limits nice cpus lookup owner groups user files dir "
             "umask privileges mask exec").split()

    def test_the_step_and_errno_of_a_failed_start(self):
        keeper, node = self.served()
        cases = [
            (dict(argv=["/nonexistent/x"]), b"exec", 2, b"/nonexistent/x"),
            (dict(argv=["nosuchprogram"]), b"exec", 2, b"nosuchprogram"),
            (dict(argv=["/etc/passwd"]), b"exec", 13, b"/etc/passwd"),
            (dict(argv=SLEEP, dir="/nonexistent"), b"dir", 2,
             b"/nonexistent"),
            (dict(argv=SLEEP, user="nosuchuser"), b"lookup", 2,
             b"nosuchuser"),
        ]
        for i, (more, step, number, path) in enumerate(cases, 1):
            node.spawn("x#0", i, more.pop("argv"), **more)
            end = node.failed("x#0")
            self.assertEqual((end["spawn_id"], end["step"], end["errno"],
                              end["path"]), (i, step, number, path))
            node.call("ACK", "x#0", i)
        self.assertEqual(children_of(keeper.pid), [node.pid])

    def test_what_the_child_found_out_is_told(self):
        keeper, node = self.served()
        script = keeper.folder + "/script"
        with open(script, "w") as f:
            f.write("#!/bin/sh\r\nexit 0\r\n")
        os.chmod(script, 0o755)
        node.spawn("x#0", 1, [script])
        end = node.failed("x#0")
        self.assertEqual(end["path"].decode(), script)
        self.assertEqual(end["hint"].decode(),
                         'its interpreter "/bin/sh\\r" is missing (line ends '
                         'of Windows?)')
        # The next keeper tells it as well.
        keeper.kill()
        node.close()
        later = Keeper(self, folder=keeper.folder)
        row = self.next_node(later).greet()["x#0"]
        self.assertEqual((row["step"], row["hint"]), (b"exec", end["hint"]))

    def test_t_c18_a_fault_at_every_step_leaves_one_keeper(self):
        for kind, number in (("5", 5), ("die", 0)):
            for step in self.STEPS:
                if kind == "die" and step in ("report", "fork", "exec"):
                    continue
                with self.subTest(step=step, kind=kind):
                    keeper, node = self.served(
                        env={"SAKER_SPAWN_FAULT": f"{step}:{kind}"})
                    node.spawn("x#0", 1, SLEEP, **self.mark(keeper))
                    end = node.failed("x#0")
                    self.assertEqual(
                        (end["step"].decode(), end["errno"]), (step, number))
                    self.assertEqual(children_of(keeper.pid), [node.pid])
                    node.call("ACK", "x#0", 1)
                    self.assertEqual(node.list(), {})
                    keeper.kill()
                    node.close()

    def test_t_c18_a_set_up_that_hangs_delays_nobody_and_times_out(self):
        keeper, node = self.served(
            env={"SAKER_SPAWN_FAULT": "dir:hang@slow"})
        node.spawn("slow#0", 1, SLEEP, timeout=5000, **self.mark(keeper))
        node.spawn("slower#0", 2, SLEEP, timeout=60_000, **self.mark(keeper))
        node.start("quick#0", 3, SLEEP, **self.mark(keeper))
        self.assertEqual([x for x, _ in node.pushes], [])
        end = node.failed("slow#0")
        self.assertEqual((end["step"], end["path"]), (b"timeout", b"dir /"))
        row = node.list()["slower#0"]
        self.assertEqual(row["state"], b"spawning")
        node.call("SIGNAL", "slower#0", signal.SIGKILL, "leader")
        self.assertEqual(node.failed("slower#0")["step"], b"dir")
        self.assertEqual(len(children_of(keeper.pid)), 2)

    def test_t_c7_no_more_processes_is_a_typed_failure(self):
        keeper, node = self.served(
            env={"SAKER_SPAWN_FAULT": "fork:EAGAIN"})
        node.spawn("x#0", 1, SLEEP)
        end = node.failed("x#0")
        self.assertEqual((end["step"], end["errno"]), (b"fork", 11))


    def test_t_c7_no_more_descriptors_is_a_typed_failure(self):
        keeper, node = self.served(preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (60, 60)))
        started = failed = 0
        for i in range(1, 41):
            node.spawn(f"x{i}#0", i, SLEEP, output="merged",
                       **self.mark(keeper))
            key = f"x{i}#0"
            frame, fds = eventually(lambda: self.outcome(node, key), key)
            for fd in fds:
                os.close(fd)
            if frame[0] == b"SPAWNED":
                started += 1
            else:
                failed += 1
                self.assertEqual(frame[4], errno.EMFILE, frame)
        self.assertGreater(started, 10)
        self.assertGreater(failed, 5)
        node.call("NOTE", "web#0", b"still here")
        self.assertEqual(len(children_of(keeper.pid)), started + 1)

    def outcome(self, node, key):
        node.pump(0.05)
        for i, (frame, fds) in enumerate(node.pushes):
            if key.encode() in frame[1:3]:
                del node.pushes[i]
                return frame, fds
        return None


class Output(KeeperTest):
    def test_merged_and_split(self):
        keeper, node = self.served()
        script = "echo out; echo err >&2"
        _, (both,) = node.start("m#0", 1, ["sh", "-c", script],
                                output="merged")
        node.exited("m#0")
        self.assertEqual(os.read(both, 99), b"out\nerr\n")
        _, (out, err) = node.start("s#0", 2, ["sh", "-c", script],
                                   output="split")
        node.exited("s#0")
        self.assertEqual((os.read(out, 99), os.read(err, 99)),
                         (b"out\n", b"err\n"))
        for fd in (both, out, err):
            self.assertTrue(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK)
            os.close(fd)

    def test_what_a_dead_child_wrote_waits_for_the_next_node(self):
        keeper, node = self.served()
        _, fds = node.start("m#0", 1, ["sh", "-c", "echo last words"],
                            output="merged")
        node.exited("m#0")
        os.close(fds[0])
        node.kill()
        node = self.next_node(keeper)
        row = node.greet()["m#0"]
        self.assertEqual(os.read(row["fds"][0], 99), b"last words\n")
        node.call("NOTE", "m#0", b"n")
        node.call("ACK", "m#0", 1)
        os.close(row["fds"][0])
        row = node.list()["m#0"]  # idle, by its note; the FIFO is still there
        self.assertEqual((row["state"], row["nfds"]), (b"idle", 1))
        os.close(row["fds"][0])
        node.call("FORGET", "m#0")
        self.assertEqual(os.listdir(keeper.runtime + "/out"), [])

    def test_t_c5_no_byte_is_lost_over_twenty_kills_of_the_node(self):
        keeper, node = self.served()
        pid, (fd,) = node.start("c#0", 1, COUNT, output="merged",
                                **self.mark(keeper))
        data = []

        def read(n):
            def some():
                try:
                    data.append(os.read(fd, n))
                    return True
                except BlockingIOError:
                    return False
            eventually(some, "output")

        for i in range(20):
            for _ in range(10):
                read(3000 + i)
            node.kill()
            os.close(fd)
            node = self.next_node(keeper)
            row = node.greet()["c#0"]
            self.assertEqual((row["pid"], row["state"], row["lost"]),
                             (pid, b"running", 0))
            (fd,) = row["fds"]
        for _ in range(40):
            read(3000)
        os.close(fd)
        lines = b"".join(data).split(b"\n")[:-1]
        self.assertGreater(len(lines), 20_000)
        self.assertEqual(lines, [b"line %d" % i for i in range(len(lines))])

    def test_the_directory_may_be_taken_away(self):
        """By a cleaner of /tmp, say: nothing that lives is lost."""
        keeper, node = self.served()
        first, fds = node.start("a#0", 1, COUNT, output="merged",
                                **self.mark(keeper))
        node.call("NOTE", "a#0", b"first")
        os.close(fds[0])
        shutil.rmtree(keeper.runtime)
        second, fds = node.start("b#0", 2, COUNT, output="split",
                                 **self.mark(keeper))
        self.assertEqual(len(fds), 2)
        self.assertTrue(select.select([fds[0]], [], [], 10)[0])
        self.assertTrue(os.read(fds[0], 100))
        for fd in fds:
            os.close(fd)
        self.assertEqual(os.stat(keeper.runtime + "/out").st_mode & 0o777,
                         0o700)
        keeper.kill()
        node.close()
        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        rows = node.greet()
        self.assertEqual((rows["a#0"]["pid"], rows["a#0"]["note"]),
                         (first, b"first"))
        self.assertEqual(rows["b#0"]["pid"], second)
        # The FIFO of the first has no name any more, and is read all the same.
        for key, count in (("a#0", 1), ("b#0", 2)):
            self.assertEqual(len(rows[key]["fds"]), count)
            fd = rows[key]["fds"][0]
            eventually(lambda: select.select([fd], [], [], 0)[0], "output")
            self.assertIn(b"line", os.read(fd, 5000))
            for fd in rows[key]["fds"]:
                os.close(fd)

    def test_a_child_waits_for_a_node_and_does_not_die_of_it(self):
        keeper, node = self.served()
        pid, fds = node.start("c#0", 1, COUNT, output="merged",
                              **self.mark(keeper))
        os.close(fds[0])

        def full():
            row = node.list()["c#0"]
            count = struct.unpack("i", fcntl.ioctl(row["fds"][0], 0x541B,
                                                   b"\0\0\0\0"))[0]
            os.close(row["fds"][0])
            return count > 65_000
        eventually(full, "a full pipe")
        eventually(lambda: state_of(pid) == "S", "the child waits")

    def test_after_ten_seconds_without_a_node_output_is_thrown_away(self):
        keeper, node = self.begin()  # no LIST: as good as no node
        node.greet()
        pid, fds = node.start("c#0", 1, COUNT, output="merged",
                              **self.mark(keeper))
        os.close(fds[0])
        node.kill()
        node = self.next_node(keeper)
        node.hello()

        def progress():
            with open(f"/proc/{pid}/io") as f:
                return int(f.read().split("wchar: ")[1].split()[0]) > 300_000
        eventually(progress, "the child goes on", 30)
        row = node.list()["c#0"]
        self.assertGreater(row["lost"], 200_000)
        os.close(row["fds"][0])
        self.assertEqual(node.list()["c#0"]["lost"], 0)


class NodeRestarts(KeeperTest):
    def test_exits_are_kept_until_they_are_acknowledged(self):
        keeper, node = self.served()
        node.start("a#0", 1, ["sh", "-c", "exit 1"])
        node.exited("a#0")
        node.call("SEEN", "a#0", 1)
        node.start("b#0", 2, SLEEP, **self.mark(keeper))
        node.call("NOTE", "b#0", b"state")
        node.kill()
        node = self.next_node(keeper)
        hello = node.hello()
        self.assertEqual((hello["restarts"], hello["last_spawn_id"]), (1, 2))
        rows = node.list()
        self.assertEqual((rows["a#0"]["state"], rows["a#0"]["kind"],
                          rows["a#0"]["number"], rows["a#0"]["spawn_id"]),
                         (b"exited", b"exited", 1, 1))
        self.assertEqual((rows["b#0"]["state"], rows["b#0"]["note"]),
                         (b"running", b"state"))
        node.call("ACK", "a#0", 1)
        node.kill()
        self.assertEqual(list(self.next_node(keeper).greet()), ["b#0"])

    def test_an_end_while_the_node_is_away_is_told_by_list(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        node.kill()
        os.kill(pid, signal.SIGUSR1)
        eventually(lambda: state_of(pid) is None, "reaped")
        row = self.next_node(keeper).greet()["a#0"]
        self.assertEqual((row["state"], row["kind"], row["number"]),
                         (b"exited", b"signaled", signal.SIGUSR1))

    def test_jobs_die_with_the_node_services_do_not(self):
        keeper, node = self.served()
        service, _ = node.start("s#0", 1, SLEEP, **self.mark(keeper))
        job, _ = node.start("j#0", 2, ["sh", "-c", "sleep 1000; true"],
                            cls="job", **self.mark(keeper))
        _, fds = node.start("done#0", 3, ["true"], cls="job", output="merged")
        os.close(fds[0])
        node.exited("done#0")
        node.kill()
        eventually(lambda: state_of(job) is None, "end of the job")
        self.assertTrue(lives(service))
        node = self.next_node(keeper)
        self.assertEqual(list(node.greet()), ["s#0"])
        eventually(lambda: children_of(keeper.pid) == [service, node.pid]
                   or sorted(children_of(keeper.pid))
                   == sorted([service, node.pid]), "nothing of the job")
        eventually(lambda: os.listdir(keeper.runtime + "/out") == [],
                   "no FIFO")

    def test_what_the_node_said_last_counts(self):
        keeper, node = self.served()
        for i in range(100):
            node.send("NOTE", f"n{i}#0", b"last")
        node.kill()
        self.assertEqual(len(self.next_node(keeper).greet()), 100)

    def test_a_listening_socket_survives_and_no_client_is_refused(self):
        keeper, node = self.served()
        _, address, fd = node.call("LISTEN", "127.0.0.1:0", 511, 0, "")
        host, port = address.decode().split(":")
        first = os.fstat(fd).st_ino
        os.close(fd)
        node.kill()
        client = socket.create_connection((host, int(port)))  # queued
        node = self.next_node(keeper)
        node.greet()
        _, again, fd = node.call("LISTEN", "127.0.0.1:0", 511, 0, "")
        self.assertEqual((again, os.fstat(fd).st_ino), (address, first))
        server = socket.socket(fileno=fd)
        conn, _ = server.accept()
        conn.close()
        client.close()
        server.close()
        node.call("UNLISTEN", "127.0.0.1:0")
        self.assertRaises(ConnectionRefusedError, socket.create_connection,
                          (host, int(port)))

    def test_socket_files_have_mode_and_group_and_go_away(self):
        keeper, node = self.served()
        path = keeper.folder + "/s.sock"
        leftover = socket.socket(socket.AF_UNIX)
        leftover.bind(path)
        leftover.close()  # nobody listens there any more
        _, address, fd = node.call("LISTEN", f"unix:{path}", 16, 0o620, "tty")
        os.close(fd)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o620)
        self.assertEqual(address, f"unix:{path}".encode())
        text = self.refused(IO, node.call, "LISTEN", f"unix:{path}x/y", 1, 0,
                            "")
        self.assertTrue(text.startswith("bind ENOENT"), text)
        node.call("UNLISTEN", f"unix:{path}")
        self.assertFalse(os.path.exists(path))

    def test_addresses_that_cannot_be_had(self):
        keeper, node = self.served()
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        port = taken.getsockname()[1]
        text = self.refused(IO, node.call, "LISTEN", f"127.0.0.1:{port}", 1, 0,
                            "")
        self.assertTrue(text.startswith("bind EADDRINUSE"), text)
        for bad in ("localhost:80", "127.0.0.1", "127.0.0.1:x", "[::1]",
                    "127.0.0.1:70000", "unix:relative"):
            self.refused(INVALID, node.call, "LISTEN", bad, 1, 0, "")
        live = socket.socket(socket.AF_UNIX)
        self.addCleanup(live.close)
        live.bind(keeper.folder + "/live")
        live.listen(1)
        self.refused(IO, node.call, "LISTEN", f"unix:{keeper.folder}/live", 1,
                     0, "")
        self.assertTrue(os.path.exists(keeper.folder + "/live"))

    def test_a_node_that_does_not_see_an_end_is_aborted(self):
        keeper, node = self.served()
        node.start("a#0", 1, ["true"])
        node.exited("a#0")
        eventually(lambda: not lives(node.pid), "SIGABRT", 30)
        row = self.next_node(keeper).greet()["a#0"]
        self.assertEqual(row["state"], b"exited")
        self.assertIn("did not take note", keeper.log())

    def test_a_stopped_node_is_replaced_when_it_is_found_out(self):
        keeper, node = self.served()
        node.call("READY")
        node.start("a#0", 1, ["true"])
        begin = time.monotonic()
        os.kill(node.pid, signal.SIGSTOP)
        self.next_node(keeper).greet()
        # After 10 s without SEEN; not only when SIGABRT was in vain too.
        self.assertLess(time.monotonic() - begin, 18)

    def test_three_faults_mean_safe_mode(self):
        keeper, node = self.begin()
        self.assertEqual(node.hello()["safe_mode"], 0)
        node.exit(1)
        node = self.next_node(keeper)
        self.assertEqual(node.hello()["safe_mode"], 0)
        node.kill(signal.SIGSEGV)
        node = self.next_node(keeper)
        self.assertEqual(node.hello()["safe_mode"], 0)
        node.exit(0)
        self.assertEqual(self.next_node(keeper).hello()["safe_mode"], 1)

    def test_a_hopeless_first_start_ends_the_keeper(self):
        for code in (2, 3, 78):
            keeper, node = self.begin()
            node.exit(code)
            self.assertEqual(keeper.wait(), code)

    def test_a_hopeless_later_start_does_not(self):
        keeper, node = self.served()
        node.call("READY")
        node.exit(78)
        node = self.next_node(keeper)
        node.greet()
        node.start("a#0", 1, SLEEP, **self.mark(keeper))
        node.exit(78)
        self.assertIn("a#0", self.next_node(keeper).greet())

    def test_a_node_that_is_missing_ends_the_keeper_at_the_first_start(self):
        keeper = Keeper.__new__(Keeper)
        keeper.argv = lambda: [
            "/nonexistent/node" if x.endswith("fake_node.py") else x
            for x in Keeper.argv(keeper)]
        keeper.__init__(self)
        self.assertEqual(keeper.wait(), 1)
        self.assertIn("exec /nonexistent/node", keeper.log())


class KeeperRestarts(KeeperTest):
    def test_t_c5_a_new_keeper_adopts_everything(self):
        keeper, node = self.served()
        pid, (fd,) = node.start("c#0", 5, COUNT, output="merged",
                                **self.mark(keeper))
        os.mkfifo(os.path.join(keeper.folder, "go"))
        quiet, _ = node.start("q#0", 6, ["sh", "-c", "read x < go; exit 7"],
                              dir=keeper.folder, **self.mark(keeper))
        node.call("NOTE", "c#0", b"counter")
        node.call("NOTE", "idle#0", b"idle")
        node.start("gone#0", 7, ["sh", "-c", "exit 9"])
        node.exited("gone#0")
        eventually(lambda: self.readable(fd), "output")
        data = os.read(fd, 5000)
        os.close(fd)
        keeper.kill()
        eventually(lambda: not lives(node.pid), "the node dies with it")
        node.close()

        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        hello = node.hello()
        self.assertEqual(hello["last_spawn_id"], 7)
        rows = node.list()
        row = rows["c#0"]
        self.assertEqual((row["pid"], row["spawn_id"], row["state"],
                          row["adopted"], row["note"]),
                         (pid, 5, b"running", 1, b"counter"))
        self.assertEqual(rows["idle#0"]["note"], b"idle")
        self.assertEqual((rows["gone#0"]["kind"], rows["gone#0"]["number"]),
                         (b"exited", 9))
        self.assertEqual(rows["q#0"]["pid"], quiet)
        self.refused(ALREADY_EXISTS, node.spawn, "c#0", 8, SLEEP)

        (fd,) = row["fds"]
        eventually(lambda: self.readable(fd), "output")
        while len(data) < 200_000:
            try:
                data += os.read(fd, 5000)
            except BlockingIOError:
                eventually(lambda: self.readable(fd), "output")
        lines = data.split(b"\n")[:-1]
        self.assertEqual(lines, [b"line %d" % i for i in range(len(lines))])
        os.close(fd)

        node.call("SIGNAL", "c#0", signal.SIGKILL, "group")
        end = node.exited("c#0")
        self.assertIn(end["kind"], (b"signaled", b"unknown"))
        if end["kind"] == b"signaled":
            self.assertEqual(end["number"], 9)
        self.assertTrue(lives(quiet))

    def readable(self, fd):
        return select.select([fd], [], [], 0)[0]

    def test_a_new_keeper_tells_nobody_of_the_jobs_of_an_old_node(self):
        keeper, node = self.served()
        over = dict(cls="job", output="merged", **self.mark(keeper))
        _, fds = node.start("done:1#0", 1, ["true"], **over)
        os.close(fds[0])
        node.exited("done:1#0")  # and no ACK: the node hangs
        job, fds = node.start("hook:2#0", 2, SLEEP, **over)
        os.close(fds[0])
        node.start("a#0", 3, ["true"], **self.mark(keeper))
        node.exited("a#0")
        keeper.kill()
        node.close()
        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        self.assertEqual(list(node.greet()), ["a#0"])
        node.call("ACK", "a#0", 3)
        eventually(lambda: not lives(job), "end of the job")
        eventually(lambda: os.listdir(keeper.runtime + "/out") == [],
                   "no FIFO")
        node.kill()
        self.assertEqual(self.next_node(later).greet(), {})

    def test_what_ended_meanwhile_is_unknown_and_its_tree_is_gone(self):
        keeper, node = self.served()
        pid, _ = node.start("t#0", 1, [
            "sh", "-c", "setsid sleep 1000 & echo $! > child; wait"],
            dir=keeper.folder, **self.mark(keeper))
        path = os.path.join(keeper.folder, "child")
        child = int(eventually(
            lambda: os.path.exists(path) and read_file(path).strip(),
            "the child's pid"))
        keeper.kill()
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not lives(pid), "its end")
        node.close()
        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        node.greet()
        def over():
            return node.list()["t#0"]["state"] == b"exited"
        eventually(over, "the record")
        row = node.list()["t#0"]
        self.assertEqual((row["kind"], row["spawn_id"]), (b"unknown", 1))
        self.assertFalse(lives(child))

    def test_a_child_whose_pid_was_not_written_is_found(self):
        keeper, node = self.served()
        pid, _ = node.start("w#0", 3, SLEEP, **self.mark(keeper))
        before = self.table_of(keeper)
        keeper.kill()
        node.close()
        # As if the keeper had died right after the fork.
        table = bytearray(before)
        self.edit(table, 1, state=1, pid=0)
        self.write_table(keeper, table)
        later = Keeper(self, folder=keeper.folder)
        row = self.next_node(later).greet()["w#0"]
        self.assertEqual((row["pid"], row["state"], row["adopted"]),
                         (pid, b"running", 1))

    def test_children_of_another_keeper_are_left_alone(self):
        other, node = self.served()
        theirs, _ = node.start("w#0", 3, SLEEP, **self.mark(other))
        keeper, node = self.served()
        node.start("w#0", 3, SLEEP, **self.mark(keeper))
        good = self.table_of(keeper)
        node.call("SIGNAL", "w#0", signal.SIGKILL, "leader")
        node.exited("w#0")
        keeper.kill()
        node.close()
        for pid in (0, 1 << 21):  # not written any more; long gone
            table = bytearray(good)
            self.edit(table, 1, state=3 if pid else 1, pid=pid)
            self.write_table(keeper, table)
            later = Keeper(self, folder=keeper.folder)
            node = self.next_node(later)
            node.greet()
            eventually(lambda: node.list()["w#0"]["state"] == b"exited",
                       "the record")
            later.kill()
            node.close()
            self.assertTrue(lives(theirs))

    def after_a_loss(self, keeper, node, lose):
        """What the next keeper finds when `lose()` has damaged the table."""
        keeper.kill()
        eventually(lambda: not lives(node.pid), "the node dies with it")
        node.close()
        lose()
        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        return later, node, node.greet()

    def test_a_damaged_header_takes_no_child_along(self):
        keeper, node = self.served()
        pid, _ = node.start("w#0", 3, SLEEP, **self.mark(keeper))
        node.call("NOTE", "w#0", b"kept")

        def lose():
            table = bytearray(self.table_of(keeper))
            table[8] ^= 0x40
            self.write_table(keeper, table)
        later, node, rows = self.after_a_loss(keeper, node, lose)
        self.assertEqual((rows["w#0"]["pid"], rows["w#0"]["note"]),
                         (pid, b"kept"))
        self.refused(ALREADY_EXISTS, node.spawn, "w#0", 4, SLEEP)

    def test_t_c5_children_of_a_lost_table_are_not_started_twice(self):
        keeper, node = self.served()
        more = self.mark(keeper)
        # A daemon of it leads a session of its own: it is not the child.
        quiet, _ = node.start("quiet#0", 3, [
            "sh", "-c", "setsid sleep 1000 & exec sleep 1000"], **more)
        loud, (fd,) = node.start("loud#0", 4, COUNT, output="merged", **more)
        os.close(fd)
        node.call("NOTE", "quiet#0", b"lost")
        job, _ = node.start("job:1#0", 5, SLEEP, cls="job", **more)
        later, node, rows = self.after_a_loss(
            keeper, node, lambda: shutil.rmtree(keeper.runtime))
        self.assertEqual(sorted(rows), ["loud#0", "quiet#0"])
        for key, pid, spawn_id in (("quiet#0", quiet, 3), ("loud#0", loud, 4)):
            row = rows[key]
            self.assertEqual((row["pid"], row["spawn_id"], row["state"],
                              row["adopted"], row["note"]),
                             (pid, spawn_id, b"running", 1, b""))
            self.refused(ALREADY_EXISTS, node.spawn, key, 9, SLEEP)
        self.assertEqual(rows["quiet#0"]["fds"], [])
        (fd,) = rows["loud#0"]["fds"]
        eventually(lambda: self.readable(fd), "output")
        self.assertIn(b"line", os.read(fd, 5000))
        os.close(fd)
        node.call("SIGNAL", "loud#0", signal.SIGKILL, "group")
        self.assertEqual(node.exited("loud#0")["spawn_id"], 4)
        eventually(lambda: not lives(job), "jobs end with their node")

    def test_what_the_child_of_a_lost_row_left_is_ended(self):
        keeper, node = self.served()
        path = os.path.join(keeper.folder, "child")
        pid, _ = node.start("t#0", 1, [
            "sh", "-c", "sleep 1000 & echo $! > child; wait"],
            dir=keeper.folder, **self.mark(keeper))
        child = int(eventually(
            lambda: os.path.exists(path) and read_file(path).strip(),
            "the child's pid"))

        def lose():
            os.kill(pid, signal.SIGKILL)
            eventually(lambda: not lives(pid), "its end")
            table = bytearray(self.table_of(keeper))
            table[1024 + 100] ^= 0x40  # its row
            self.write_table(keeper, table)
        later, node, rows = self.after_a_loss(keeper, node, lose)
        eventually(lambda: node.list()["t#0"]["state"] == b"exited",
                   "the record")
        self.assertFalse(lives(child))

    def test_t_c1_after_a_boot_nobody_can_pretend_to_be_a_child(self):
        keeper, node = self.served()
        keeper.kill()
        node.close()
        env = dict(os.environ, SAKER_INSTANCE="w#0#7",
                   SAKER_RUNTIME_DIR=keeper.runtime)
        liar = subprocess.Popen(SLEEP, env=env, start_new_session=True)
        self.addCleanup(liar.wait)
        self.addCleanup(liar.kill)
        with open(keeper.folder + "/saker.lock") as f:
            words = f.read().split()
        with open(keeper.folder + "/saker.lock", "w") as f:
            f.write("\n".join(words[:2] + ["0" * 32]) + "\n")
        shutil.rmtree(keeper.runtime)
        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        self.assertEqual(node.greet(), {})
        self.assertIsNone(liar.poll())
        # And never while the table is whole.
        later.kill()
        node.close()
        last = Keeper(self, folder=keeper.folder)
        self.assertEqual(self.next_node(last).greet(), {})

    def test_a_clean_end_leaves_notes_and_no_table(self):
        keeper, node = self.served()
        node.call("NOTE", "w#0", b"kept")
        node.call("SHUTDOWN", "stop", 0)
        node.close()
        self.assertEqual(keeper.wait(), 0)
        self.assertFalse(os.path.exists(keeper.runtime + "/keeper.table"))
        later = Keeper(self, folder=keeper.folder)
        self.assertEqual(self.next_node(later).greet()["w#0"]["note"], b"kept")
        self.assertTrue(os.path.exists(keeper.runtime + "/keeper.table"))

    def test_locks_cannot_be_taken_by_others(self):
        keeper, node = self.served()
        for path in (keeper.runtime + "/keeper.lock",
                     keeper.folder + "/saker.lock"):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600, path)

    def table_of(self, keeper):
        with open(keeper.runtime + "/keeper.table", "rb") as f:
            return f.read()

    def write_table(self, keeper, data):
        with open(keeper.runtime + "/keeper.table", "wb") as f:
            f.write(data)

    # Offsets of keeper/table_image.cpp.
    KEY, SPAWN_ID, STATE, PID, START = 4, 86, 95, 294, 302

    def edit(self, table, slot, state=None, pid=None, start=None):
        at = slot * 1024
        if state is not None:
            table[at + self.STATE] = state
        if pid is not None:
            struct.pack_into("<q", table, at + self.PID, pid)
        if start is not None:
            struct.pack_into("<Q", table, at + self.START, start)
        body = bytes(table[at:at + 1020])
        struct.pack_into("<I", table, at + 1020, zlib.crc32(body))

    def test_t_c1_a_forged_table_harms_no_bystander(self):
        keeper, node = self.served()
        pid, _ = node.start("w#0", 3, SLEEP, **self.mark(keeper))
        good = self.table_of(keeper)
        node.call("SIGNAL", "w#0", signal.SIGKILL, "leader")
        node.exited("w#0")
        keeper.kill()
        node.close()
        bystander = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(bystander.wait)
        self.addCleanup(bystander.kill)
        leader = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        self.addCleanup(leader.wait)
        self.addCleanup(leader.kill)

        def start_of(x):
            with open(f"/proc/{x}/stat") as f:
                return int(f.read().rpartition(")")[2].split()[19])
        forged = {
            "another start time": dict(pid=leader.pid, start=1),
            "no session leader": dict(pid=bystander.pid,
                                      start=start_of(bystander.pid)),
            "init": dict(pid=1),
            "negative": dict(pid=-1),
            "all": dict(pid=0),
            "huge": dict(pid=2**31 + 5),
        }
        for name, change in forged.items():
            with self.subTest(name):
                table = bytearray(good)
                self.edit(table, 1, **change)
                self.write_table(keeper, table)
                self.check_harmless(keeper, (bystander, leader))
        other_boot = bytearray(good)
        other_boot[4] ^= 1
        self.edit(other_boot, 0)
        self.edit(other_boot, 1, pid=leader.pid, start=start_of(leader.pid))
        self.write_table(keeper, other_boot)
        self.check_harmless(keeper, (bystander, leader))

    def check_harmless(self, keeper, bystanders):
        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        node.greet()

        def settled():
            row = node.list().get("w#0")
            return row is None or row["state"] == b"exited"
        eventually(settled, "no living row")
        later.kill()
        node.close()
        for x in bystanders:
            self.assertIsNone(x.poll())

    def test_t_c1_garbage_in_the_table_is_skipped(self):
        keeper, node = self.served()
        node.call("NOTE", "a#0", b"1")
        node.call("NOTE", "b#0", b"2")
        keeper.kill()
        node.close()
        table = bytearray(self.table_of(keeper))
        table[1024 + 200] ^= 0x40
        self.write_table(keeper, table + os.urandom(5000))
        later = Keeper(self, folder=keeper.folder)
        node = self.next_node(later)
        self.assertEqual(list(node.greet()), ["b#0"])
        node.call("NOTE", "c#0", b"3")
        later.kill()
        node.close()
        self.write_table(keeper, os.urandom(9000))
        last = Keeper(self, folder=keeper.folder)
        self.assertEqual(self.next_node(last).greet(), {})
        last.kill()
        os.chmod(keeper.runtime + "/keeper.table", 0o666)
        refused = Keeper(self, folder=keeper.folder)
        self.assertEqual(refused.wait(), 1)
        self.assertIn("may be written by others", refused.log())

    def test_q1_t_r7_a_second_instance_says_who_holds_it(self):
        keeper, node = self.served()
        second = subprocess.run(
            keeper.argv(), env=keeper.env, stderr=subprocess.PIPE, text=True,
            timeout=DEADLINE)
        self.assertEqual(second.returncode, 3)
        self.assertIn(str(keeper.pid), second.stderr)
        self.assertIn("since", second.stderr)
        node.call("READY")

    def test_a_dying_predecessor_is_waited_for(self):
        keeper, node = self.served()
        second = subprocess.Popen(keeper.argv(), env=keeper.env,
                                  stderr=keeper.stderr)
        self.addCleanup(second.wait)
        self.addCleanup(second.kill)
        eventually(lambda: os.path.exists(f"/proc/{second.pid}/exe")
                   and "saker-keeper" in os.readlink(f"/proc/{second.pid}/exe"),
                   "the second one")
        keeper.kill()
        node.close()
        self.assertEqual(self.next_node(keeper).hello()["pid"], second.pid)

    def test_a_shared_runtime_directory_is_refused(self):
        keeper = Keeper.__new__(Keeper)
        keeper.argv = lambda: [
            "/tmp" if x.endswith("/run") else x for x in Keeper.argv(keeper)]
        keeper.__init__(self)
        self.assertEqual(keeper.wait(), 1)
        self.assertIn("nobody else may write", keeper.log())


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


class Process(KeeperTest):
    def test_descriptors_and_scores(self):
        keeper, node = self.served()
        fds = [int(x) for x in os.listdir(f"/proc/{keeper.pid}/fd")]
        for fd in fds:
            if fd < 3:
                continue
            with open(f"/proc/{keeper.pid}/fdinfo/{fd}") as f:
                flags = int(f.read().split("flags:")[1].split()[0], 8)
            self.assertTrue(flags & os.O_CLOEXEC, fd)
        self.assertLessEqual(set(range(14)), set(fds))
        self.assertEqual(os.getsid(node.pid), node.pid)
        with open(f"/proc/{keeper.pid}/oom_score_adj") as f:
            score = int(f.read())
        with open(f"/proc/{node.pid}/oom_score_adj") as f:
            self.assertEqual(int(f.read()), -500 if score == -900 else score)
        with open(f"/proc/{keeper.pid}/status") as f:
            text = f.read()
        if not self.sanitized(keeper):
            self.assertLess(int(text.split("VmRSS:")[1].split()[0]), 20_000)

    def test_t_c18_an_oom_score_that_is_refused_is_told_once(self):
        def without_the_right():  # CAP_SYS_RESOURCE
            ctypes.CDLL(None).prctl(24, 24, 0, 0, 0)  # PR_CAPBSET_DROP
        keeper, node = self.served(preexec_fn=without_the_right)
        node.start("a#0", 1, SLEEP, **self.mark(keeper))
        told = [x for x in keeper.log().splitlines() if "OOM" in x]
        self.assertEqual(len(told), 1)
        self.assertRegex(told[0], "^saker-keeper: notice: .*lower our OOM score")
        keeper.kill()
        node.close()
        later = Keeper(self, folder=keeper.folder, preexec_fn=without_the_right)
        self.next_node(later).greet()
        self.assertIn("took over 1 child", later.log())
        self.assertEqual(later.log().count("OOM"), 1)

    def test_an_idle_keeper_does_not_wake_up(self):
        keeper, node = self.served()
        node.start("a#0", 1, SLEEP, **self.mark(keeper))

        def switches():
            with open(f"/proc/{keeper.pid}/status") as f:
                return int(f.read().split("\nvoluntary_ctxt_switches:")[1]
                           .split()[0])
        # Quiet means: no wake-up between two looks that are a second apart.
        last = [switches(), time.monotonic()]

        def quiet():
            now = switches()
            if now != last[0]:
                last[:] = [now, time.monotonic()]
            return time.monotonic() - last[1] > 1
        eventually(quiet, "one second of silence")
        # Then nothing happens any more, however long one looks.
        never(lambda: switches() != last[0], "it woke up", 5)

    def test_usage(self):
        run = subprocess.run([BIN + "/saker-keeper", "--help"],
                             stderr=subprocess.PIPE, text=True)
        self.assertEqual(run.returncode, 2)
        self.assertIn('started by "saker run"', run.stderr)


if __name__ == "__main__":
    unittest.main()
