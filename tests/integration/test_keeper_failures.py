"""Starts that fail in the keeper, and what children put out; the test plays the
node."""
import errno
import fcntl
import os
import resource
import select
import shutil
import signal
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import (  # noqa: E402
    COUNT, Keeper, KeeperTest, SLEEP, children_of, eventually, state_of)


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


if __name__ == "__main__":
    unittest.main()
