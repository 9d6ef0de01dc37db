"""The keeper program, with the test in the place of the node."""
import ctypes
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import (  # noqa: E402
    ALREADY_EXISTS, BIN, BUSY, INVALID, Keeper, KeeperTest, LOADING, NOT_FOUND,
    REFUSED, SLEEP, UNSUPPORTED, children_of, eventually, lives, never,
    read_file, state_of)


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
