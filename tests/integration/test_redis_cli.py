"""redis-cli and redis-benchmark of Debian (Q8, T-R6)."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from clients_harness import ClientTest, PASSWORD  # noqa: E402


class RedisCli(ClientTest):
    def interactive(self, *options):
        """A redis-cli that is typed into; ended with the test."""
        cli = subprocess.Popen(
            ["redis-cli", "-p", str(self.port), *options], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=1)

        def end():
            cli.kill()
            cli.wait()
            for pipe in (cli.stdin, cli.stdout):
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass
        self.addCleanup(end)
        return cli

    def lines(self, cli, count):
        return [cli.stdout.readline().rstrip("\n") for _ in range(count)]

    def test_one_shot(self):
        self.assertEqual(self.redis_cli("ping"), "PONG\n")
        self.assertEqual(self.redis_cli("greet", "Ann"), "hello Ann\n")
        self.assertEqual(self.redis_cli("GREET"), "hello you\n")
        self.assertEqual(self.redis_cli("call", "greet", "a b"),
                         "hello a b\n")
        self.assertEqual(
            self.redis_cli("svstop", "off").split("\n")[:4],
            ["name", "off", "code", "0"])
        self.assertIn("ERR unknown command 'nosuch'",
                      self.redis_cli("nosuch", check=False))
        unix = subprocess.run(
            ["redis-cli", "-s", str(self.saker.socket), "svstatus", "web",
             "json"], capture_output=True, text=True, timeout=20)
        self.assertEqual(json.loads(unix.stdout)[0]["pid"], self.web)

    def test_resp3(self):
        text = self.redis_cli("-3", "svstatus", "text")
        self.assertEqual(len(text.split("\n")[:-2]), 3)
        self.assertRegex(text, f"(?m)^web +running +yes .* {self.web} ")
        self.assertIn("server saker\n", self.redis_cli("-3", "hello", "3"))
        self.assertIn("redis_version:7.", self.redis_cli("-3", "info"))

    def test_typed_lines(self):
        # It asks for COMMAND DOCS first, and dies of a wrong shape.
        text = self.redis_cli(input="ping\ngreet Bob\nclient setname me\n"
                                    "client getname\nhelp greet\nnosuch\n"
                                    "svwait web running 5000\n")
        self.assertEqual(text.splitlines()[:4],
                         ["PONG", "hello Bob", "OK", "me"])
        self.assertIn("greet", text)
        self.assertEqual(text.splitlines()[-1], "1")
        text = self.redis_cli("-3", input="ping\nsvstatus web text\n")
        self.assertIn("running", text)

    def test_pipe(self):
        data = b"".join(
            b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$%d\r\n%d\r\n"
            % (len(str(i)), i) for i in range(5000))
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), "--pipe"], input=data,
            capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"errors: 0, replies: 5000", done.stdout)

    def test_subscribe(self):
        for options, channel in [((), "subscribe"), (("-3",), "psubscribe")]:
            cli = self.interactive(*options, channel, "news*")
            confirmed = self.lines(cli, 3)
            self.assertIn("news*", confirmed[1])
            self.assertEqual(self.client().publish("news*", "text"), 1)
            self.assertEqual(self.lines(cli, 3 if not options else 4)[-1],
                             "text")
            cli.kill()
            self.wait_until(lambda: self.client().publish("news*", "") == 0)

    def test_shard_channels(self):
        cli = self.interactive("ssubscribe", "orders")
        self.assertEqual(self.lines(cli, 3)[:2], ["ssubscribe", "orders"])
        self.assertEqual(
            self.client().execute_command("SPUBLISH", "orders", "text"), 1)
        self.assertEqual(self.lines(cli, 3), ["smessage", "orders", "text"])
        self.assertEqual(self.client().publish("orders", "text"), 0)

    def test_monitor(self):
        cli = self.interactive("monitor")
        self.assertEqual(self.lines(cli, 1), ["OK"])
        self.client().execute_command("ECHO", "a\nb")
        self.client().execute_command("greet", "Ann")
        self.assertRegex(
            self.lines(cli, 1)[0],
            r'^\d{10}\.\d{6} \[0 127\.0\.0\.1:\d+\] "ECHO" "a\\nb"$')
        self.assertRegex(self.lines(cli, 1)[0], r'\] "greet" "Ann"$')

    def test_q8_t_r6_it_comes_back_by_itself(self):
        cli = self.interactive()
        cli.stdin.write("ping\n")
        self.assertEqual(self.lines(cli, 1), ["PONG"])
        for _ in range(3):
            self.saker.kill_node()
            self.saker.wait_for_ping()
            cli.stdin.write("svwait web running 5000\n")
            text = self.lines(cli, 1)
            while text[-1] in ("", "Error: Server closed the connection"):
                cli.stdin.write("svwait web running 5000\n")
                text = self.lines(cli, 1)
            self.assertEqual(text, ["1"])

    def run_cli(self, *args, input=None, env=None):
        """Returns (status, output, errors)."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *args], capture_output=True,
            text=True, timeout=20, env=dict(os.environ, **(env or {})),
            **({"input": input} if input is not None else
               {"stdin": subprocess.DEVNULL}))
        return done.returncode, done.stdout, done.stderr

    def test_forms_of_output(self):
        self.assertEqual(self.redis_cli("--csv", "svwait", "web", "running",
                                        "1"), "1\n")
        row = self.redis_cli("--csv", "svstatus", "web")
        self.assertTrue(row.startswith('"name","web","node","test","state",'
                                       '"running","ready",1,'), row)
        [row] = json.loads(self.redis_cli("--json", "svstatus", "web"))
        self.assertEqual((row["name"], row["pid"], row["ready"],
                          row["last_exit"]), ("web", self.web, True, None))
        self.assertEqual(json.loads(self.redis_cli("--json", "greet", "\xe9")),
                         "hello \xe9")
        self.assertIn('1) "name"', self.redis_cli("--no-raw", "svstop", "off"))
        self.assertEqual(self.redis_cli("-d", ";", "command", "list",
                                        "filterby", "pattern", "svsta*"),
                         "svstart;svstatus\n")

    def test_repeated_commands_and_last_arguments(self):
        self.assertEqual(self.redis_cli("-r", "3", "-i", "0.01", "greet"),
                         "hello you\n" * 3)
        self.assertEqual(self.redis_cli("-x", "greet", input="Ann\nand Bob"),
                         "hello Ann\nand Bob\n")
        self.assertEqual(self.redis_cli("-X", "TAG", "greet", "TAG",
                                        input="Ann"), "hello Ann\n")
        self.assertEqual(self.redis_cli("-n", "3", "client", "info")
                         .count(" db=3 "), 1)

    def test_watching_modes(self):
        for options, form in [
                (("--stat", "-i", "0.05"), r"^\d+ +\d\S+ +\d+ +\d+ +\d+ "),
                (("--latency", "-i", "0.1"), r"^\d+ \d+ \d+\.\d+ \d+"),
                (("--latency-history", "-i", "0.1"), r"^\d+ \d+ \d+\.\d+ ")]:
            cli = self.interactive(*options)
            seen = []
            while not (seen and re.search(form, seen[-1])):
                seen += self.lines(cli, 1)
                self.assertLess(len(seen), 20, seen)
            cli.kill()

    def test_modes_that_need_keys_are_refused(self):
        for mode in ("--scan", "--bigkeys", "--memkeys", "--hotkeys"):
            status, out, err = self.run_cli(mode)
            self.assertEqual(status, 1, (mode, out, err))
            self.assertIn("unknown command 'SCAN'", out + err, mode)
        self.assertEqual(self.redis_cli("dbsize"), "0\n")
        self.assertIn("unknown command 'get'",
                      self.redis_cli("get", "x", check=False))

    def test_transactions(self):
        text = self.redis_cli(
            input="multi\nsvstart off\nsvwait off running 5000\nsvstop off\n"
                  "exec\nexec greet Ann\n")
        self.assertRegex(text, "^OK\n(QUEUED\n){3}"
                               "name\noff\ncode\n0\ndesc\nrunning.*\n1\n"
                               "name\noff\ncode\n0\ndesc\nstopping.*\n"
                               "hello Ann\n$")

    def test_hints_while_typing(self):
        """On a terminal redis-cli shows how a command goes on, from COMMAND
        DOCS."""
        pid, terminal = pty.fork()
        if pid == 0:
            size = struct.pack("4H", 40, 200, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe("redis-cli", ["redis-cli", "-p", str(self.port)],
                       dict(os.environ, TERM="xterm"))
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        seen = b""

        def wait_for(text):
            """Reads until `text` was seen; what came before it is gone."""
            nonlocal seen
            end = time.monotonic() + 10
            while text not in seen:
                ready, _, _ = select.select([terminal], [], [], 0.1)
                seen += os.read(terminal, 4096) if ready else b""
                self.assertLess(time.monotonic(), end, seen)
            seen = seen[seen.index(text) + len(text):]
        prompt = b"127.0.0.1:%d> " % self.port
        wait_for(prompt)
        for typed, hint in [
                (b"svstart ", b"mask [mask ...] [WAIT ms]"),
                (b"greet ", b"[arg [arg ...]]"),
                (b"client rep", b""), (b"ly ", b"ON|OFF|SKIP")]:
            os.write(terminal, typed)
            wait_for(hint)
            if typed != b"client rep":
                os.write(terminal, b"\x15")  # Ctrl-U: an empty line again
        os.write(terminal, b"svstatu\t web json\r")  # Tab completes it
        wait_for(b'"pid\\":%d' % self.web)
        # It drops what is typed before it asks again (TCSAFLUSH).
        wait_for(b"\n" + prompt)
        os.write(terminal, b"help svwait\r")
        wait_for(b"Wait until services reach a state")

    def test_benchmark(self):
        for words in (["-t", "ping"], ["publish", "c", "x"],
                      ["-3", "greet", "x"], ["--csv", "-r", "9", "publish",
                                             "c:__rand_int__", "x"],
                      ["--threads", "2", "ping"], ["--dbnum", "3", "ping"]):
            done = subprocess.run(
                ["redis-benchmark", "-p", str(self.port), "-n", "2000", "-c",
                 "20", "-P", "16", "-q", *words], capture_output=True,
                text=True, stdin=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, "requests per second|avg_latency")
            self.assertNotIn("Error", done.stdout)
            self.assertNotIn("WARNING", done.stdout + done.stderr)


class RedisCliWithPassword(ClientTest):
    password = PASSWORD

    def cli(self, *args, **env):
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), *args], capture_output=True,
            text=True, stdin=subprocess.DEVNULL, timeout=20,
            env=dict(os.environ, **env))

    def test_all_ways_to_say_it(self):
        self.assertEqual(self.cli("ping").stdout,
                         "NOAUTH Authentication required.\n\n")
        for args in (["-a", PASSWORD], ["--pass", PASSWORD, "-3"],
                     ["--user", "default", "-a", PASSWORD],
                     ["--user", "default", "-a", PASSWORD, "-3", "-n", "2"],
                     ["-u", "redis://default:correct%20horse@127.0.0.1:"
                      f"{self.port}/1"]):
            self.assertEqual(self.cli(*args, "greet", "Ann").stdout,
                             "hello Ann\n", args)
        self.assertEqual(self.cli("ping", REDISCLI_AUTH=PASSWORD).stdout,
                         "PONG\n")
        self.assertIn("WRONGPASS", self.cli("-a", "wrong", "ping").stderr)
        # Root on the UNIX socket needs none.
        done = subprocess.run(
            ["redis-cli", "-s", str(self.saker.socket), "acl", "whoami"],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stdout, "default\n")

    def test_benchmark(self):
        for args, status in [(["-a", PASSWORD], 0), ([], 1)]:
            done = subprocess.run(
                ["redis-benchmark", "-p", str(self.port), "-n", "1000", "-q",
                 *args, "ping"], capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode, status, done)


if __name__ == "__main__":
    unittest.main()
