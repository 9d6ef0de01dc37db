"""What the next keeper finds of the one before; the test plays the node."""
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import (  # noqa: E402
    ALREADY_EXISTS, COUNT, DEADLINE, Keeper, KeeperTest, SLEEP, eventually,
    lives, read_file)


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


if __name__ == "__main__":
    unittest.main()
