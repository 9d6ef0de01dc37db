"""Output of children: live on its channel, complete in its file when the end is
told, and harmless to others when its disk is full or hangs."""
import contextlib
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from logs_harness import Heard, LogTest  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
