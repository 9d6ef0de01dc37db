"""Output of children: live on its channel, complete in its file when the end is
told, and harmless to others when its disk is full or hangs."""
import contextlib
import fcntl
import os
import pathlib
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402

# What the children run: a file of its own, since Lua and shell both quote.
PROGRAM = r"""
import os, sys, time

def write(data):
    while data:
        data = data[os.write(1, data):]

def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.01)

def numbers(count, pause):
    for i in range(int(count)):
        write(b"line %d\n" % i)
        time.sleep(float(pause))
    write(b"the end, without a newline")

def pieces(go):
    # Binary, cut anywhere, and a line that is too long.
    wait_for(go)
    data = bytes(range(256)) * 4 + b"\n" + b"x" * 150000 + b"\n" + b"\n"
    for i in range(0, len(data), 777):
        write(data[i:i + 777])
    time.sleep(1000)

def last_words(log):
    # A new one each time.
    try:
        size = len(open(log, "rb").read())
    except FileNotFoundError:
        size = 0
    write(b"x" * 5000 + b"\n" + b"after %d bytes" % size)
    os._exit(3)

def flood(megabytes, told, go):
    # Tells the longest write.
    worst = 0
    line = b"y" * 79 + b"\n"
    for i in range(int(megabytes) * 1000000 // 80):
        begin = time.monotonic()
        write(line)
        worst = max(worst, time.monotonic() - begin)
    open(told + ".part", "w").write(str(worst))
    os.rename(told + ".part", told)
    wait_for(go)
    write(b"afterwards\n")
    time.sleep(1000)

def forever(pause):
    i = 0
    while True:
        write(b"%d\n" % i)
        i += 1
        time.sleep(float(pause))

globals()[sys.argv[1]](*sys.argv[2:])
"""


class Heard:
    """Messages of some channels and patterns, in order, as (channel, bytes)."""

    def __init__(self, saker, *names):
        self.all = []
        client = saker.client(decode_responses=False)
        self._subscriber = client.pubsub()
        for name in names:
            if "*" in name:
                self._subscriber.psubscribe(name)
            else:
                self._subscriber.subscribe(name)
        for _ in names:
            confirmed = self._subscriber.get_message(timeout=10)
            assert confirmed and "subscribe" in confirmed["type"], confirmed

    def poll(self):
        # Bounded: a child may put out lines faster than they are taken here.
        for _ in range(1000):
            message = self._subscriber.get_message(timeout=0.01)
            if message is None:
                break
            if message["type"].endswith("message"):
                self.all.append((message["channel"].decode(), message["data"]))
        return self.all

    def of(self, channel):
        return [data for name, data in self.poll() if name == channel]

    def close(self):
        self._subscriber.close()


class LogTest(saker_harness.TestCase):
    def make(self, **options):
        saker = super().make(**options)
        (saker.dir / "program.py").write_text(PROGRAM)
        return saker

    def service(self, name, *words, more=""):
        """A definition of one that runs a function of PROGRAM."""
        words = ["/usr/bin/python3", "-B", self.saker.dir / "program.py",
                 *words]
        argv = ", ".join(f'"{x}"' for x in words)
        return f'service "{name}" {{exec = {{{argv}}}, {more}}}\n'

    def sv(self, *words):
        return self.saker.client().execute_command(*words)

    def log(self, name):
        return self.saker.state_dir / f"log/{name}.log"

    def waiting(self, key):
        """Bytes of its output that nobody has read: many where a disk hangs."""
        fd = os.open(self.saker.runtime_dir / "out" / key,
                     os.O_RDONLY | os.O_NONBLOCK)
        try:
            return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD,
                                                  b"\0\0\0\0"))[0]
        finally:
            os.close(fd)


class LiveOutput(LogTest):
    def test_lines_come_whole_in_order_and_before_the_end(self):
        saker = self.make()
        saker.write_services(self.service(
            "x", "numbers", 3000, 0.0001,
            more='autostart = false, restart = "temporary"'))
        saker.start()
        heard = Heard(saker, "log:test:x", "saker:test:x:*")
        self.sv("SVSTART", "x")
        self.wait_until(lambda: "saker:test:x:done" in dict(heard.poll()), 30)
        names = [name for name, _ in heard.all]
        lines = heard.of("log:test:x")
        self.assertEqual(lines, [b"line %d" % i for i in range(3000)]
                         + [b"the end, without a newline"])
        last = len(names) - 1 - names[::-1].index("log:test:x")
        self.assertLess(last, names.index("saker:test:x:exit"))
        self.assertEqual(self.log("x").read_bytes(), b"\n".join(lines))

    def test_t_c14_all_bytes_and_long_lines(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(self.service("x", "pieces", go))
        saker.start()
        heard = Heard(saker, "log:test:x")
        go.touch()
        # A newline is one of all byte values.
        wanted = (bytes(range(256)) * 4).split(b"\n")
        wanted += [b"x" * 65536, b"x" * 65536, b"x" * (150000 - 2 * 65536),
                   b""]
        self.wait_until(lambda: len(heard.poll()) >= len(wanted))
        self.assertEqual(heard.of("log:test:x"), wanted)

    def test_patterns_hear_those_that_come_later_too(self):
        saker = self.make()
        saker.write_services(self.service("a", "forever", 0.01))
        saker.start()
        heard = Heard(saker, "log:test:*")
        self.wait_until(lambda: heard.of("log:test:a"))
        saker.write_services(
            self.service("a", "forever", 0.01)
            + self.service("b", "forever", 0.01, more="count = 2"))
        self.sv("SVAPPLY")
        for name in ("b:0", "b:1"):
            self.wait_until(lambda: len(heard.of(f"log:test:{name}")) > 5)
            self.assertEqual(heard.of(f"log:test:{name}")[:5],
                             [b"0", b"1", b"2", b"3", b"4"])

    def test_listeners_come_back_after_the_node_was_killed(self):
        saker = self.make()
        saker.write_services(self.service("a", "forever", 0.01))
        saker.start()
        heard = Heard(saker, "log:test:a")
        self.wait_until(lambda: heard.of("log:test:a"))
        heard.close()
        saker.kill_node()
        saker.wait_for_ping()
        heard = Heard(saker, "log:test:a")
        self.wait_until(lambda: len(heard.of("log:test:a")) > 20)
        numbers = [int(x) for x in heard.of("log:test:a")]
        # The first one may have lost its beginning; no line is missing.
        begin = numbers[1]
        self.assertEqual(numbers[1:],
                         list(range(begin, begin + len(numbers) - 1)))

    def test_nothing_is_copied_while_nobody_listens(self):
        saker = self.make()
        saker.write_services(self.service("a", "forever", 0.001))
        saker.start()
        self.wait_until(lambda: self.log("a").stat().st_size > 1000)
        # Looking into a FIFO needs a pipe of its own; there is none.
        before = self.pipes()
        heard = Heard(saker, "log:test:b", "saker:*")
        size = self.log("a").stat().st_size
        self.wait_until(lambda: self.log("a").stat().st_size > size + 1000)
        self.assertEqual(self.pipes(), before)
        heard = Heard(saker, "log:test:a")
        self.wait_until(lambda: heard.of("log:test:a"))
        self.assertEqual(self.pipes(), before + 2)
        heard.close()
        self.wait_until(lambda: self.pipes() == before)
        size = self.log("a").stat().st_size
        self.wait_until(lambda: self.log("a").stat().st_size > size + 1000)
        self.assertEqual(self.pipes(), before)

    def pipes(self):
        folder = f"/proc/{self.saker.node_pid()}/fd"
        count = 0
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                count += os.readlink(f"{folder}/{name}").startswith("pipe:[")
        return count


class Hooks(LogTest):
    """What commands beside the child put out stands in its log too."""

    @staticmethod
    def shell(text):
        return '{{"sh", "-c", [[' + text + ']]}}'

    def test_a_before_that_fails_says_why_in_the_log(self):
        saker = self.make()
        flag = saker.dir / "may-start"
        before = self.shell(f"echo looking; test -e {flag} && exit 0; "
                            "echo no database >&2; exit 3")
        saker.write_services(f"""service "x" {{
            exec = {{"sh", "-c", "echo works; exec sleep 1000"}},
            before = {before}, autostart = false,
            exit = {{[3] = "fatal"}}}}""")
        saker.start()
        heard = Heard(saker, "log:test:x")
        self.sv("SVSTART", "x")
        self.wait_until(lambda: self.state("x") == "failed")
        failed = ["[before] looking", "[before] no database"]
        self.assertEqual(self.sv("SVLOG", "x"), failed)
        self.assertEqual(self.log("x").read_text().splitlines(), failed)
        flag.touch()
        self.sv("SVSTART", "x", "WAIT", "5000")
        lines = failed + ["[before] looking", "works"]
        self.wait_until(lambda: self.sv("SVLOG", "x") == lines)
        self.wait_until(lambda: len(heard.poll()) >= 4)
        self.assertEqual(heard.of("log:test:x"),
                         [x.encode() for x in lines])

    def test_all_commands_are_in_the_log_in_their_order(self):
        saker = self.make()
        saker.write_services(f"""service "x" {{
            exec = {{"sh", "-c", "echo works; exec sleep 1000"}},
            before = {self.shell("echo 1")}, after = {self.shell("echo 4")},
            reload = {self.shell("echo 2")[1:-1]},
            stop = {self.shell("echo 3; kill $MAINPID; echo done")[1:-1]}}}""")
        saker.start()
        self.wait_until(lambda: "works" in self.sv("SVLOG", "x"))
        self.sv("SVRELOAD", "x", "WAIT", "5000")
        self.sv("SVSTOP", "x", "WAIT", "20000")
        wanted = ["[before] 1", "works", "[reload] 2", "[stop] 3",
                  "[stop] done", "[after] 4"]
        self.wait_until(lambda: len(self.sv("SVLOG", "x")) == len(wanted))
        lines = self.sv("SVLOG", "x")
        # The rest of the stop command and `after` run side by side.
        self.assertEqual(sorted(lines), sorted(wanted))
        self.assertEqual(lines[:4], wanted[:4])

    def test_lines_come_while_the_command_runs_also_without_a_log(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(f"""service "x" {{
            exec = {{"sleep", "1000"}}, log = false, autostart = false,
            before = {self.shell(f"echo waiting; "
                                 f"while ! test -e {go}; do sleep 0.01; done; "
                                 "printf over")}}}""")
        saker.start()
        heard = Heard(saker, "log:test:x")
        client = saker.client()
        worker = threading.Thread(target=lambda: client.execute_command(
            "SVSTART", "x", "WAIT", "20000"))
        worker.start()
        try:
            self.wait_until(lambda: heard.of("log:test:x"))
            self.assertEqual(heard.all[0][1], b"[before] waiting")
        finally:
            go.touch()
            worker.join(30)
        self.wait_until(lambda: len(heard.poll()) == 2)
        self.assertEqual(heard.all[1][1], b"[before] over")
        self.assertEqual(self.state("x"), "running")

    def test_a_command_that_floods_is_cut(self):
        saker = self.make()
        saker.write_services(f"""service "x" {{
            exec = {{"sh", "-c", "echo works; exec sleep 1000"}},
            before = {self.shell("yes | head -c 20000000")}}}""")
        saker.start()
        self.wait_until(lambda: self.state("x") == "running", 30)
        self.wait_until(lambda: self.log("x").read_text().endswith("works\n"))
        lines = self.log("x").read_text().splitlines()
        self.assertLess(self.log("x").stat().st_size, (1 << 20) + 1000)
        self.assertEqual(lines[0], "[before] y")
        self.assertEqual(lines[-2], "[before] saker: it wrote more than 1 MiB; "
                                    "the rest is left out")


class Files(LogTest):
    def test_the_last_line_is_there_when_the_end_is_told(self):
        saker = self.make()
        log = self.log("x")
        saker.write_services(self.service(
            "x", "last_words", log,
            more='autostart = false, backoff = "1ms", budget = "60/1h", '
                 'spent = "fatal"'))
        saker.start()
        heard = Heard(saker, "saker:test:x:exit")
        self.sv("SVSTART", "x")
        wrong = []
        seen = 0
        deadline = time.monotonic() + 180
        while self.state("x") != "failed" and time.monotonic() < deadline:
            heard.poll()
            text = log.read_bytes() if log.exists() else b""
            if len(heard.all) > seen:
                seen = len(heard.all)
                # Each has written that much; the next one may be at it.
                if text.count(b"after ") < seen:
                    wrong.append((seen, text.count(b"after ")))
        heard.poll()
        self.assertEqual(len(heard.all), 61)
        self.assertEqual(wrong, [])
        # Each found all of the one before.
        at = 0
        for part in log.read_bytes().split(b"x" * 5000 + b"\nafter ")[1:]:
            self.assertEqual(part, b"%d bytes" % at)
            at += 5000 + 1 + len(b"after ") + len(part)

    def test_a_renamed_file_is_noticed(self):
        saker = self.make()
        saker.write_services(self.service("a", "forever", 0.005))
        saker.start()
        log = self.log("a")
        self.wait_until(lambda: log.exists() and log.stat().st_size > 100)
        old = log.with_name("a.old")
        log.rename(old)
        self.wait_until(lambda: log.exists() and log.stat().st_size > 100)
        numbers = [int(x) for x in (old.read_text() + log.read_text())
                   .splitlines()[:-1]]
        self.assertEqual(numbers, list(range(len(numbers))))

    def test_a_child_that_writes_all_the_time_wakes_the_node_rarely(self):
        saker = self.make()
        saker.write_services(self.service("a", "forever", 0.0001))
        saker.start()
        log = self.log("a")
        self.wait_until(lambda: log.exists() and log.stat().st_size > 100)
        size = log.stat().st_size
        begin, switches = time.monotonic(), self.switches()
        # Some 4 000 lines.
        self.wait_until(lambda: log.stat().st_size > size + 20_000, 20)
        switches = self.switches() - switches
        took = time.monotonic() - begin
        print(f"{switches} wake-ups in {took:.1f} s")
        self.assertLess(switches, 700 * took)

    def switches(self):
        count = 0
        folder = pathlib.Path(f"/proc/{self.saker.node_pid()}/task")
        for task in folder.iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    count += int(line.split()[1])
        return count

    def test_logs_go_on_when_one_of_two_streams_goes_away(self):
        """Removed by an application, scaled down, moved to another file."""
        split = ('service "s" {exec = {"/bin/sh", "-c", "echo o; echo e >&2; '
                 'exec sleep 1000"}, count = 3, log = {split = true}}\n')
        stays = ('service "t" {exec = {"/bin/sh", "-c", '
                 '"echo first; exec sleep 1000"}}\n')
        self.start(services={"s.lua": split, "t.lua": stays})
        node = self.saker.node_pid()
        self.wait_for_state("s:2", "running")
        self.assertEqual(self.sv("SVSCALE", "s", 2, "WAIT", 5000)[0][3], 0)
        self.saker.write_services({"s.lua": split.replace("count = 3, ", "")})
        self.sv("SVAPPLY", "FORCE")
        (self.saker.services_dir / "s.lua").unlink()
        self.sv("SVAPPLY", "FORCE")
        self.wait_until(lambda: [dict(zip(x[::2], x[1::2]))["name"]
                                 for x in self.sv("SVSTATUS")] == ["t"])
        self.sv("SVRESTART", "t", "WAIT", 5000)
        self.wait_until(lambda: self.sv("SVLOG", "t") == ["first", "first"])
        self.assertEqual(self.saker.node_pid(), node)

    def test_few_descriptors_for_many_logs(self):
        saker = self.make()
        saker.write_services('service "s" {exec = {"/bin/sh", "-c", '
                             '"echo hello; exec sleep 1000"}, count = 150}')
        saker.start()
        logs = saker.state_dir / "log"
        self.wait_until(lambda: logs.exists() and sum(
            x.stat().st_size == 6 for x in logs.glob("s:*.log")) == 150, 30)
        folder = f"/proc/{saker.node_pid()}/fd"
        files = 0
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                files += os.readlink(f"{folder}/{name}").endswith(".log")
        self.assertLessEqual(files, 64)
        # Ended ones have none at all.
        fds = len(os.listdir(folder))
        self.sv("SVSTOP", "s", "WAIT", "20000")
        self.wait_until(lambda: len(os.listdir(folder)) <= fds - 150)


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
        time.sleep(2.5)  # what is lost is told to the keeper now and then
        saker.kill_node()
        saker.wait_for_ping()
        self.wait_until(lambda: self.state("x") == "running")
        with open(disk / "x.log", "r+b") as log:
            kept = len(log.read())
            log.truncate(0)
        self.wait_until(lambda: (disk / "x.log").stat().st_size > 0)
        self.assertEqual((disk / "x.log").read_text(),
                         f"saker: lost {2000000 - kept} bytes\n")

    def test_t_c14_a_frozen_disk_stops_only_its_own(self):
        saker = self.make()
        frozen = self.freezer() / "x.log"
        saker.write_services(
            self.service("x", "forever", 0.01,
                         more=f'log = {{file = "{frozen}"}}')
            + self.service("other", "forever", 0.01))
        saker.start()
        self.wait_until(lambda: frozen.exists() and frozen.stat().st_size > 99)
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
        saker = self.make()
        frozen = self.freezer() / "x.log"
        saker.write_services(
            self.service("x", "forever", 0.01,
                         more=f'log = {{file = "{frozen}"}}')
            + self.service("other", "forever", 0.01))
        saker.start()
        self.wait_until(lambda: frozen.exists() and frozen.stat().st_size > 99)
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
