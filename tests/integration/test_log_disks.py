"""Disks of logs that are full or hang: harmless to others."""
import contextlib
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from logs_harness import LogTest  # noqa: E402


def mount(*words):
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root")
    done = subprocess.run(["mount", *map(str, words)], capture_output=True,
                          text=True)
    if done.returncode != 0:
        raise unittest.SkipTest("cannot mount: " + done.stderr.strip())


class Disks(LogTest):
    def mounted(self, *words):
        """A directory on a file system of its own."""
        disk = self.saker.dir / "disk"
        disk.mkdir()
        mount(*words, disk)
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        return disk

    def freezer(self):
        """The same, of a kind that can be frozen."""
        image = self.saker.dir / "image"
        with open(image, "wb") as f:
            f.truncate(16 << 20)
        if subprocess.run(["mkfs.ext4", "-q", str(image)]).returncode != 0:
            raise unittest.SkipTest("needs mkfs.ext4")
        return self.mounted("-o", "loop", image)

    @contextlib.contextmanager
    def frozen(self, disk):
        """Nothing that is written to it returns."""
        subprocess.run(["fsfreeze", "-f", str(disk)], check=True)
        try:
            yield
        finally:
            subprocess.run(["fsfreeze", "-u", str(disk)], check=True)

    def test_t_c6_a_full_disk_stops_nobody(self):
        saker = self.make()
        disk = self.mounted("-t", "tmpfs", "-o", "size=1m", "tmpfs")
        told, go = saker.dir / "told", saker.dir / "go"
        saker.write_services(
            self.service("x", "flood", 8, told, go,
                         more=f'log = {{file = "{disk}/x.log"}}')
            + self.service("other", "forever", 0.01))
        saker.start()
        self.wait_until(told.exists, 60)
        print(f"longest write: {float(told.read_text()) * 1000:.1f} ms")
        self.assertEqual(self.state("x"), "running")
        saker.wait_for_log("log of x#0")
        self.assertEqual(saker.log().count("log of x#0"), 1)
        size = self.log("other").stat().st_size
        self.wait_until(lambda: self.log("other").stat().st_size > size)
        with open(disk / "x.log", "r+b") as log:
            kept = len(log.read())
            log.truncate(0)
        self.wait_until(lambda: b"saker: lost"
                        in (disk / "x.log").read_bytes())
        go.touch()
        self.wait_until(lambda: b"afterwards"
                        in (disk / "x.log").read_bytes())
        text = (disk / "x.log").read_text()
        lost = int(text.partition("saker: lost ")[2].split()[0])
        rest = text.partition(" bytes\n")[2]
        self.assertEqual(kept + lost + len(rest),
                         8000000 + len("afterwards\n"), text[:200])
        saker.wait_for_log("is written again")

    def test_t_c6_a_loss_is_told_though_the_node_was_killed(self):
        saker = self.make()
        disk = self.mounted("-t", "tmpfs", "-o", "size=1m", "tmpfs")
        told, go = saker.dir / "told", saker.dir / "go"
        saker.write_services(
            self.service("x", "flood", 2, told, go,
                         more=f'log = {{file = "{disk}/x.log"}}'))
        saker.start()
        self.wait_until(told.exists, 60)
        # Once a second it tries again, and tells the keeper what is lost: it
        # has to get to that after the last byte, so the node must have run.
        begin = self.switches()
        self.wait_until(lambda: self.switches() >= begin + 30)
        saker.kill_node()
        saker.wait_for_ping()
        self.wait_until(lambda: self.state("x") == "running")
        with open(disk / "x.log", "r+b") as log:
            kept = len(log.read())
            log.truncate(0)
        self.wait_until(lambda: (disk / "x.log").stat().st_size > 0)
        self.assertEqual((disk / "x.log").read_text(),
                         f"saker: lost {2000000 - kept} bytes\n")

    def start_one_to_be_frozen(self):
        """A service `x` that writes to a disk of its own, its log there, and
        another one."""
        saker = self.make()
        frozen = self.freezer() / "x.log"
        saker.write_services(
            self.service("x", "forever", 0.01,
                         more=f'log = {{file = "{frozen}"}}')
            + self.service("other", "forever", 0.01))
        saker.start()
        self.wait_until(lambda: frozen.exists() and frozen.stat().st_size > 99)
        return saker, frozen

    def test_t_c14_a_frozen_disk_stops_only_its_own(self):
        saker, frozen = self.start_one_to_be_frozen()
        with self.frozen(frozen.parent):
            self.wait_until(lambda: self.waiting("x#0") > 200)
            # The others are logged, and one can work.
            size = self.log("other").stat().st_size
            self.wait_until(lambda: self.log("other").stat().st_size > size)
            events = self.events()
            before = saker.pid("x")
            os.kill(before, signal.SIGKILL)
            self.wait_until(lambda: saker.pid("x") not in (0, before))
            told = events.wait_for("x", "exit")
            started = events.wait_for("x", "running")
            # And not when somebody thaws the disk.
            self.assertLess(started["ts"] - told["ts"], 10_000)
            self.assertTrue(self.client().execute_command("SVSTATUS", "TEXT"))
        after = saker.pid("x")
        self.wait_until(lambda: frozen.read_text().count("\n0\n") >= 1)
        size = frozen.stat().st_size
        self.wait_until(lambda: frozen.stat().st_size > size)
        numbers = [int(x) for x in frozen.read_text().splitlines()[:-1]]
        again = numbers.index(0, 1)
        self.assertEqual(numbers[:again], list(range(again)))
        self.assertEqual(numbers[again:], list(range(len(numbers) - again)))
        self.assertEqual(saker.pid("x"), after)

    def test_t_c14_a_child_goes_on_though_its_disk_is_frozen(self):
        saker = self.make()
        frozen = self.freezer() / "x.log"
        told, go = saker.dir / "told", saker.dir / "go"
        saker.write_services(
            self.service("x", "flood", 1, told, go,
                         more=f'log = {{file = "{frozen}"}}, '
                              "autostart = false")
            + self.service("y", "forever", 0.01,
                           more=f'log = {{file = "{frozen}.y"}}'))
        saker.start()
        self.wait_until(lambda: os.path.exists(f"{frozen}.y"))
        with self.frozen(frozen.parent):
            self.wait_until(lambda: self.waiting("y#0") > 200)
            self.sv("SVSTART", "x")
            self.wait_until(told.exists, 30)
            saker.wait_for_log("does not answer")
        print(f"longest write: {float(told.read_text()) * 1000:.0f} ms")
        self.wait_until(lambda: "answers again" in saker.log())
        self.wait_until(lambda: frozen.exists()
                        and "saker: lost" in frozen.read_text())
        go.touch()
        self.wait_until(lambda: "afterwards" in frozen.read_text())
        text = frozen.read_text()
        lost = int(text.partition("saker: lost ")[2].split()[0])
        rest = len(text) - len(f"saker: lost {lost} bytes\n")
        if "y\nsaker" not in text and not text.startswith("saker"):
            rest -= 1  # a newline was put before it
        self.assertEqual(rest + lost, 1000000 + len("afterwards\n"))

    def test_t_c14_children_are_ended_though_a_disk_is_frozen(self):
        saker, frozen = self.start_one_to_be_frozen()
        children = list(saker.children().values())
        self.assertEqual(len(children), 2)
        with self.frozen(frozen.parent):
            self.wait_until(lambda: self.waiting("x#0") > 200)
            saker.process.send_signal(signal.SIGTERM)
            self.wait_until(lambda: not any(x.alive() for x in children))
        # A process with a thread inside a frozen disk cannot end.
        self.assertEqual(saker.wait_for_exit(), 0)


if __name__ == "__main__":
    unittest.main()
