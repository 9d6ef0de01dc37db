"""The command line against a real Saker: every verb, its exit status, what it
shows on a terminal and into a pipe, and what happens when the node ends."""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402
from saker_harness import BIN, ROOT, free_port, wait_until  # noqa: E402

SAKER = str(BIN / "saker")
SLEEP = '{"sleep", "1000"}'
SERVICES = f"""
service "web" {{exec = {SLEEP}, count = 2}}
service "off" {{exec = {SLEEP}, autostart = false}}
service "bad" {{
  exec = {{"sh", "-c", "echo no such data base; exit 3"}},
  exit = {{["*"] = "fatal"}}, autostart = false,
}}
"""


def environment(**more):
    env = dict(os.environ, TERM="xterm", LANG="C.UTF-8")
    for name in ("NO_COLOR", "SAKER_URL"):
        env.pop(name, None)
    env.update(more)
    return env


class Result:
    """What a command line printed, and its exit status."""

    def __init__(self, done):
        self.status, self.out, self.err = (done.returncode, done.stdout,
                                           done.stderr)

    def __repr__(self):
        return f"<{self.status}\n{self.out}\n{self.err}>"


class Terminal:
    """A command line on a terminal of its own; `text` is all it has shown."""

    def __init__(self, words, env, width=80, height=24):
        self.master, slave = pty.openpty()
        self.resize(width, height)
        self.text = ""
        self.process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, env=env, cwd="/",
            start_new_session=True)
        os.close(slave)

    def resize(self, width, height=24):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", height, width, 0, 0))

    def read(self):
        """Takes what has come; "" at the end."""
        while select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            self.text += data.decode(errors="replace")
        return self.text

    def wait_for(self, pattern, deadline=10, start=0):
        """The match in what was shown from position `start` on."""
        try:
            return wait_until(
                lambda: re.compile(pattern, re.S).search(self.read(), start),
                deadline, f"{pattern!r} on the terminal")
        except AssertionError as e:
            raise AssertionError(f"{e}; there is {self.text[start:]!r}") \
                from None

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self, deadline=10):
        """Its exit status, when it ends by itself."""
        def over():
            self.read()
            return self.process.poll() is not None
        wait_until(over, deadline, "the end of the command")
        self.read()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


class CliTest(saker_harness.TestCase):
    def env(self, **more):
        return environment(SAKER_URL=f"redis://127.0.0.1:{self.saker.port}",
                           **more)

    def run_cli(self, *words, env=None, input=None):
        return Result(subprocess.run(
            [SAKER] + [str(x) for x in words], env=env or self.env(),
            input=input, stdin=None if input is not None
            else subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, cwd="/"))

    def fine(self, *words, **options):
        """Must end with 0 and say nothing on standard error."""
        done = self.run_cli(*words, **options)
        self.assertEqual((done.status, done.err), (0, ""), done)
        return done.out

    def fails(self, status, error, *words, **options):
        """Must end with `status` and match `error` on standard error."""
        done = self.run_cli(*words, **options)
        self.assertEqual(done.status, status, done)
        self.assertRegex(done.err, error)
        return done

    def terminal(self, *words, env=None, **size):
        one = Terminal([SAKER] + [str(x) for x in words], env or self.env(),
                       **size)
        self.addCleanup(one.close)
        return one

    def background(self, *words):
        """Runs beside the test; standard output is a pipe."""
        one = subprocess.Popen(
            [SAKER] + [str(x) for x in words], env=self.env(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd="/")

        def end():
            one.kill()
            one.wait()
            one.stdout.close()
            one.stderr.close()
        self.addCleanup(end)
        return one

    def subscribers(self):
        """How many clients have subscribed to the events."""
        return self.client().execute_command("PUBSUB", "NUMPAT")


class Status(CliTest):
    def setUp(self):
        super().setUp()
        self.start(services=SERVICES)
        self.wait_until(lambda: {self.state("web:0"), self.state("web:1")}
                        == {"running"})

    def test_a_pipe_gets_a_plain_and_whole_table(self):
        lines = self.fine("status").splitlines()
        self.assertRegex(lines[0], r"^NAME +STATE +READY +SINCE +PID +"
                         r"RST 1h/all +LAST EXIT +NEXT +CPU +MEM +NODE$")
        self.assertEqual([x.split()[0] for x in lines[1:]],
                         ["bad", "off", "web:0", "web:1"])
        self.assertRegex(
            lines[3], rf"^web:0 +running +yes +00:00:\d\d +"
            rf"{self.pid('web:0')} +0/0 +- +- +.*test$")
        # Not the figures, nor how wide they are: they change.
        self.assertEqual(
            [x.split()[:3] for x in
             self.fine("status", "web:1", "off").splitlines()[1:]],
            [["off", "stopped", "-"], ["web:1", "running", "yes"]])

    def test_what_is_asked_for_and_failed_is_status_1(self):
        self.run_cli("start", "bad")
        self.wait_until(lambda: self.state("bad") == "failed")
        done = self.run_cli("status", "bad")
        self.assertEqual((done.status, done.err), (1, ""), done)
        row, out, log = done.out.splitlines()[1:]
        self.assertRegex(row, r"^bad +failed +- .* exit 3 ")
        self.assertEqual(out, "  out  no such data base")
        self.assertEqual(log, f"  log  {self.saker.state_dir}/log/bad.log")
        self.fine("status", "web", "off")

    def test_json_is_for_programs(self):
        rows = json.loads(self.fine("status", "web", "--json"))
        self.assertEqual([(x["name"], x["state"]) for x in rows],
                         [("web:0", "running"), ("web:1", "running")])

    def test_a_name_that_means_nothing(self):
        self.fails(1, '^saker: status webb: no service matches "webb"',
                   "status", "webb")

    def test_a_terminal_is_never_overfilled(self):
        for width in (120, 72, 40, 20):
            shown = self.terminal("status", width=width)
            self.assertEqual(shown.end(), 0)
            lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.text).splitlines()
            self.assertEqual(len(lines), 5, shown.text)
            for line in lines:
                self.assertLessEqual(len(line), width)
                self.assertRegex(line, r"^(NAME|bad|off|web:\d) +\w")
            self.assertEqual("NODE" in lines[0], width == 120)

    def test_colours_are_for_terminals_that_want_them(self):
        def text(**env):
            shown = self.terminal("status", env=self.env(**env))
            self.assertEqual(shown.end(), 0)
            return shown.text
        self.assertIn("\x1b[32mrunning\x1b[0m", text())
        self.assertNotIn("\x1b[", text(NO_COLOR="1"))
        self.assertNotIn("\x1b[", text(TERM="dumb"))

    def test_why(self):
        self.run_cli("start", "bad")
        self.wait_until(lambda: self.state("bad") == "failed")
        said = self.fine("why", "bad")
        self.assertRegex(said, r"^bad: failed ")
        self.assertIn("exit 3", said)
        self.assertIn("no such data base", said)
        self.assertRegex(self.fine("why", "web:0"), r"^web:0: running ")
        self.fails(1, "no service", "why", "nope")


class Watch(CliTest):
    def setUp(self):
        super().setUp()
        self.start(services=f'service "web" {{exec = {SLEEP}, '
                            'backoff = {"1s", "1s"}}')
        self.wait_until(lambda: self.state("web") == "running")

    def test_a_terminal_shows_what_happens_in_place(self):
        shown = self.terminal("status", "--watch", width=100)
        first = self.pid("web")
        shown.wait_for(rf"\x1b\[H.*web .*running.* {first} .*\x1b\[J")
        self.wait_until(lambda: self.subscribers() == 1)
        at = len(shown.text)
        os.kill(first, signal.SIGKILL)
        second = self.wait_until(lambda: self.pid("web") not in (0, first)
                                 and self.pid("web"))
        shown.wait_for(rf"\x1b\[H.*web .*running.* {second} .*1/1\S* .*SIGKILL",
                       start=at)
        self.assertIsNone(shown.process.poll())

    def test_ages_go_on_and_the_width_is_followed(self):
        shown = self.terminal("status", "--watch", width=100)
        age = shown.wait_for(r"NODE.*?(00:\d\d:\d\d).*\x1b\[J")[1]
        at = len(shown.text)
        shown.wait_for(rf"00:(?!{age[3:]})\d\d:\d\d.*\x1b\[J", start=at)
        shown.resize(30)
        at = len(shown.text)
        shown.wait_for(r"NAME\S* +\S*STATE\S* +\S*SINCE\S*", start=at)

    def test_a_pipe_gets_table_after_table(self):
        watching = self.background("status", "--watch")
        self.wait_until(lambda: self.subscribers() == 1)
        self.client().execute_command("SVSTOP", "web", "WAIT", "5000")
        for line in watching.stdout:
            if re.match("web +stopped ", line):
                break
            self.assertRegex(line, r"^(NAME|web) |^$")

    def test_it_goes_on_when_the_node_has_been_killed(self):
        shown = self.terminal("status", "--watch", width=100)
        self.wait_until(lambda: self.subscribers() == 1)
        child = self.pid("web")
        self.kill_node()
        self.wait_until(lambda: self.subscribers() == 1)
        at = len(shown.read())
        os.kill(child, signal.SIGKILL)
        shown.wait_for(r"web .*running.*SIGKILL", start=at)

    def test_it_ends_when_saker_has_ended(self):
        watching = self.background("status", "--watch")
        self.wait_until(lambda: self.subscribers() == 1)
        self.saker.stop()
        out, err = watching.communicate(timeout=40)
        self.assertEqual(watching.returncode, 3, err)
        self.assertRegex(err, "^saker: status: connect 127.0.0.1:.*refused")


class Control(CliTest):
    def setUp(self):
        super().setUp()
        self.start(services=SERVICES)
        self.wait_until(lambda: {self.state("web:0"), self.state("web:1")}
                        == {"running"})

    def test_start_and_stop_say_a_line_for_each_instance(self):
        said = self.fine("stop", "web", "--wait")
        self.assertRegex(said, r"^web:0: stopped.*\nweb:1: stopped.*\n$")
        self.assertEqual(self.pid("web:0"), 0)
        said = self.fine("start", "web:0", "off", "--wait=5s")
        self.assertEqual(said, f"off: running, pid {self.pid('off')}\n"
                               f"web:0: running, pid {self.pid('web:0')}\n")

    def test_one_that_fails_is_status_1_and_the_others_are_done(self):
        def failed():  # within 100 ms: a busy machine may need another try
            done = self.run_cli("start", "off", "bad")
            return done.status == 1 and done
        done = self.wait_until(failed)
        self.assertRegex(done.err,
                         "^saker: start bad: exit 3 .*no such data base$")
        self.assertRegex(done.out, r"^off: running, pid \d+\n$")

    def test_restart_and_signal(self):
        before = self.pid("web:0"), self.pid("web:1")
        self.fine("restart", "web:0", "--wait")
        self.assertNotEqual(self.pid("web:0"), before[0])
        self.assertEqual(self.pid("web:1"), before[1])
        self.assertRegex(self.fine("signal", "KILL", "web:1"), "^web:1: ")
        self.wait_until(lambda: self.pid("web:1") not in (0, before[1]))
        self.fails(1, '"BOO" is no signal', "signal", "BOO", "web")

    def test_wait(self):
        self.assertEqual(self.fine("wait", "web*"),
                         "web:0: running\nweb:1: running\n")
        self.fails(1, "^saker: wait off: stopped, and nothing starts it by "
                      "itself; waiting up to 50ms for somebody who does\n"
                      "saker: wait off: stopped, not running within 50ms\n$",
                   "wait", "off", "running", "50ms")
        self.run_cli("start", "bad")
        self.wait_until(lambda: self.state("bad") == "failed")
        self.fails(1, "^saker: wait bad: failed, so it will not be running: "
                      "exit 3", "wait", "bad", "running", "1h")
        waiting = self.background("wait", "off", "running", "30s")
        self.fine("start", "off")
        self.assertEqual(waiting.communicate(timeout=30)[0],
                         "off: running\n")
        self.assertEqual(waiting.returncode, 0)
        self.fails(1, '"up" is no state', "wait", "web", "up")

    def test_a_command_of_the_moment(self):
        self.assertRegex(
            self.fine("svrun", "--umask", "027", "job", "--", "sleep", "1000"),
            r"^job: running, pid \d+\n$")
        text = pathlib.Path(f"/proc/{self.pid('job')}/status").read_text()
        self.assertIn("Umask:\t0027", text)
        self.fails(1, "^saker: svrun job sleep 1: \"job\" has not ended yet",
                   "svrun", "job", "sleep", "1")
        self.fails(1, "^saker: svrun worse: .*/nowhere/program",
                   "svrun", "worse", "/nowhere/program")
        self.fails(2, "CMD", "svrun", "job")
        self.assertRegex(self.fine("svcheck", "job"), "^job: running")
        self.fails(1, "^saker: svcheck worse: failed", "svcheck", "job",
                   "worse")
        self.assertRegex(self.fine("life", "job"), "job .*running")
        self.assertIn("sleep", self.fine("config", "job"))
        self.fails(1, "^saker: config jbo: ", "config", "jbo")
        self.assertEqual(self.fine("logs", "job", "--rotate"),
                         "job: new log files\n")
        self.assertEqual(self.fine("logs", "job", "--clear"),
                         "job: empty log files\n")
        self.fails(2, "excludes", "logs", "job", "--clear", "--rotate")
        self.fine("stop", "job", "--wait")
        self.fails(1, "^saker: life job: ", "life", "job")

    def test_a_command_that_this_saker_does_not_have(self):
        """Some may be there by now; then they do as they are told."""
        for words in (["reload", "web"], ["scale", "web", "2"],
                      ["enable", "web"], ["disable", "web"],
                      ["reset", "web"], ["try-restart", "web"],
                      ["restart", "web", "--rolling", "1"],
                      ["pause", "web"], ["cont", "web"], ["drop", "off"],
                      ["plan"], ["nodes"]):
            done = self.run_cli(*words)
            self.assertIn(done.status, (0, 1), done)
            if done.status == 1:
                self.assertRegex(done.err, f"^saker: {words[0]}")
        self.fails(1, "^saker: upgrade: not available yet; ", "upgrade")

    def test_a_repeated_command_survives_the_end_of_the_node(self):
        waiting = self.background("wait", "off", "running", "30s")
        client = self.client()
        self.wait_until(lambda: "cmd=svwait" in
                        client.execute_command("CLIENT", "LIST"))
        client.close()
        self.kill_node()
        self.wait_until(lambda: self.state("web:0") == "running")
        self.fine("start", "off")
        out, err = waiting.communicate(timeout=40)
        self.assertEqual((waiting.returncode, out), (0, "off: running\n"))
        self.assertEqual(err.count("\n"), 1, err)
        self.assertIn("wait off: stopped, and nothing starts it", err)

    def test_who_only_looks_may_not_stop_anything(self):
        os.chmod(self.saker.dir, 0o755)
        done = Result(subprocess.run(
            ["setpriv", "--reuid=www-data", "--regid=www-data",
             "--clear-groups", SAKER, "stop", "web"], env=self.env(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, cwd="/"))
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.err, "^saker: stop web: .*svstop.*; be somebody "
                                   "else with SAKER_URL=")
        self.assertEqual(self.state("web:0"), "running")


class Follow(CliTest):
    def setUp(self):
        super().setUp()
        self.start(services=f'service "web" {{exec = {SLEEP}}}')
        self.wait_until(lambda: self.state("web") == "running")

    def lines(self, process, pattern):
        """Reads lines up to one that matches."""
        found = []
        for line in process.stdout:
            found.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return found
        self.fail(f"no line matches {pattern!r}: {found}")

    def test_events_are_lines(self):
        events = self.background("events", "-f")
        self.wait_until(lambda: self.subscribers() == 1)
        pid = self.pid("web")
        os.kill(pid, signal.SIGKILL)
        found = self.lines(events, " web running")
        self.assertTrue(any(re.match(
            rf"\d\d:\d\d:\d\d\.\d\d\d web exit SIGKILL after \S+, pid {pid}$",
            x)
            for x in found), found)

    def test_events_are_json_for_programs(self):
        events = self.background("events", "--json")
        self.wait_until(lambda: self.subscribers() == 1)
        os.kill(self.pid("web"), signal.SIGKILL)
        found = [json.loads(x) for x in self.lines(events, '"running"')]
        self.assertIn(("web", "exit", "SIGKILL"),
                      [(x["service"], x["event"], x["cause"]) for x in found])

    def test_events_go_on_when_the_node_has_been_killed(self):
        events = self.background("events")
        self.wait_until(lambda: self.subscribers() == 1)
        child = self.pid("web")
        self.kill_node()
        self.wait_until(lambda: self.subscribers() == 1)
        os.kill(child, signal.SIGKILL)
        self.lines(events, " web exit SIGKILL")
        events.kill()
        self.assertRegex(events.stderr.read(),
                         "^saker: events: the node has started again; ")

    def history(self, since):
        return [json.loads(x) for x in
                self.fine("events", "--since", since, "--json").splitlines()]

    def test_events_since_show_what_has_happened(self):
        os.kill(self.pid("web"), signal.SIGKILL)
        self.wait_until(lambda: "web running" in
                        self.fine("events", "--since", "1h").split("SIGKILL")[-1])
        for line in self.fine("events", "--since", "1h").splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S")
        found = self.history("1h")
        ends = [x for x in found if x["event"] == "exit"]
        self.assertEqual([x["cause"] for x in ends], ["SIGKILL"])
        self.assertEqual(self.history(ends[0]["id"]),
                         found[found.index(ends[0]) + 1:])
        self.assertEqual(self.history(str(ends[0]["ts"] + 3_600_000)), [])
        self.fails(2, "--since: \"soon\" is no time; write 10m", "events",
                   "--since", "soon")

    def test_events_since_go_on_and_leave_nothing_out(self):
        events = self.background("events", "--since", "1h", "-f", "--json")
        self.wait_until(lambda: self.subscribers() == 1)
        found = self.lines(events, '"event":"running"')
        child = self.pid("web")
        self.kill_node()
        os.kill(child, signal.SIGKILL)
        found += self.lines(events, '"cause":"SIGKILL"')
        found += self.lines(events, '"event":"running"')
        ids = [json.loads(x)["id"] for x in found]
        self.assertEqual(len(ids), len(set(ids)))
        past = [x["id"] for x in self.history("1h")]
        self.assertEqual(ids, past[:len(ids)])
        events.kill()
        self.assertEqual(events.stderr.read(), "")

    def test_logs(self):
        self.assertEqual(self.fine("logs", "web", "-n", "3"), "")
        self.fails(1, "no service", "logs", "nope")


class Definitions(CliTest):
    def setUp(self):
        super().setUp()
        self.start(services=SERVICES)
        self.wait_until(lambda: {self.state("web:0"), self.state("web:1")}
                        == {"running"})

    def test_apply_says_what_changes(self):
        self.write_services(SERVICES.replace("1000", "1001").replace(
            '"off"', '"new"'))
        self.assertEqual(self.fine("apply"),
                         "add new\nrestart web (exec)\nremove off\n"
                         "1 unchanged\n")
        self.assertEqual(self.fine("apply", "main"), "3 unchanged\n")
        path = self.saker.services_dir / "main.lua"
        self.assertEqual(self.fine("apply", path), "3 unchanged\n")

    def test_errors_are_status_1(self):
        self.write_services('service "web" {\n  exce = {"sleep"},\n}\n')
        done = self.fails(
            1, r'(?m)^saker: apply /.*/main\.lua:2: .*"exce"', "apply")
        self.assertEqual(done.out, "3 unchanged\n")
        self.fails(1, "there is no such file", "apply", "other")

    def test_force(self):
        many = "".join(f'service "s{i}" {{exec = {SLEEP}}}\n'
                       for i in range(8))
        self.write_services(many)
        self.fine("apply")
        self.wait_until(lambda: self.state("s7") == "running")
        self.write_services(many.replace("1000", "1001"))
        self.fails(1, "^saker: apply: this would end .*saker apply --force", "apply")
        self.assertIn("restart s7 (exec)", self.fine("apply", "--force"))


class Exec(CliTest):
    def setUp(self):
        super().setUp()
        self.start(scripts="""
            saker.register("echo-all", function(args) return args end,
                           PROP_PASSIVITY)
        """)

    def test_a_pipe_gets_bare_replies(self):
        self.assertEqual(self.fine("exec", "ping"), "PONG\n")
        self.assertEqual(self.fine("exec", "echo-all", "--help", "-1", "a b"),
                         "--help\n-1\na b\n")
        self.fails(1, "^ERR unknown command 'nope'", "exec", "nope")

    def test_a_terminal_sees_types(self):
        shown = self.terminal("exec", "echo-all", "a b", "c")
        self.assertEqual(shown.end(), 0)
        self.assertEqual(shown.text, '1) "a b"\r\n2) "c"\r\n')
        shown = self.terminal("exec", "nope")
        self.assertEqual(shown.end(), 1)
        self.assertTrue(shown.text.startswith("(error) ERR unknown command"))

    def test_messages_are_shown_as_they_come(self):
        listening = self.background("exec", "subscribe", "news")
        client = self.client()
        self.wait_until(lambda: client.publish("news", "hello") == 1)
        lines = [listening.stdout.readline() for _ in range(3)]
        self.assertEqual(lines, ["message\n", "news\n", "hello\n"])


class Shutdown(CliTest):
    def setUp(self):
        super().setUp()
        self.start(services=f'service "web" {{exec = {SLEEP}}}')
        self.wait_until(lambda: self.state("web") == "running")

    def test_returns_when_all_has_ended(self):
        child = self.children()["web#0"]
        self.assertEqual(self.fine("shutdown"), "Saker has ended\n")
        self.assertEqual(self.saker.wait_for_exit(), 0)
        self.assertFalse(child.alive())
        self.fails(3, "refused", "shutdown")

    def test_may_leave_the_services(self):
        child = self.children()["web#0"]
        self.note_processes()
        self.assertEqual(self.fine("shutdown", "--keep-services"),
                         "Saker has ended; its services run on\n")
        self.assertEqual(self.saker.wait_for_exit(), 0)
        self.assertTrue(child.alive())
        self.saker.start()
        self.wait_until(lambda: self.pid("web") == child.pid)


class Connection(CliTest):
    def test_nobody_there(self):
        port = free_port()
        self.saker = self.make()
        done = self.fails(3, f"^saker: status: connect 127.0.0.1:{port}: "
                          "Connection refused\n  hint: start it with `saker "
                          "run`", "status", "--address", f"127.0.0.1:{port}")
        self.assertEqual(done.out, "")
        self.fails(3, "connect unix:/none/x: No such file or directory",
                   "stop", "web", "--address", "unix:/none/x")
        self.fails(3, "connect no-such-host.invalid:12007: ", "status",
                   "--address", "no-such-host.invalid")

    def test_a_wrong_address_is_a_mistake_of_the_caller(self):
        self.saker = self.make()
        self.fails(2, '^saker: status: --address: address "h:0": the port',
                   "status", "--address", "h:0")
        self.fails(2, "^saker: status: SAKER_URL: .*only a number may follow",
                   "status", env=environment(SAKER_URL="rediss://h/x"))

    def test_the_unix_socket(self):
        self.start()
        self.assertEqual(
            self.fine("exec", "--address", f"unix:{self.saker.socket}",
                      "ping", env=environment()), "PONG\n")

    def test_the_usual_places_of_somebody_else_than_root(self):
        """Its own runtime directory, then the usual port."""
        saker = self.make(arguments=["--set", "socket-mode=0666"])
        os.chmod(saker.dir, 0o755)
        saker.runtime_dir = saker.dir / "saker"
        saker.socket = saker.runtime_dir / "saker.sock"
        saker.start()
        env = environment(XDG_RUNTIME_DIR=str(saker.dir), HOME="/nonexistent",
                          XDG_CONFIG_HOME="/nonexistent")
        words = ["setpriv", "--reuid=www-data", "--regid=www-data",
                 "--clear-groups", SAKER, "exec", "ping"]

        def ping():
            return Result(subprocess.run(
                words, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, timeout=60, cwd="/"))
        done = ping()
        self.assertEqual((done.status, done.out), (0, "PONG\n"), done)
        os.chmod(saker.socket, 0o600)
        done = ping()
        self.assertRegex(done.err,
                         f"^saker: exec ping: connect unix:{saker.socket}: "
                         "Permission denied\n"
                         "saker: exec ping: connect 127.0.0.1:12007: ")
        self.assertEqual(done.status, 3)

    def test_passwords(self):
        lines = self.fine_passwd("open sesame")
        self.start(toml=lines)
        port = self.saker.port

        def ping(who):
            return self.run_cli("exec", "ping", env=environment(
                SAKER_URL=f"redis://{who}127.0.0.1:{port}"))
        self.assertEqual(ping(":open%20sesame@").out, "PONG\n")
        self.assertEqual(ping("default:open%20sesame@").out, "PONG\n")
        done = ping("")
        self.assertEqual(done.status, 3)
        self.assertRegex(done.err, "it wants a password; .*SAKER_URL=redis://")
        done = ping(":wrong@")
        self.assertEqual(done.status, 3)
        self.assertRegex(done.err, "wrong password for user default")
        self.assertNotIn("sesame", done.err)

    def fine_passwd(self, text):
        done = subprocess.run([SAKER, "passwd"], input=text + "\n", text=True,
                              capture_output=True, timeout=20)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def serve(self, *replies):
        """The address of somebody who gives these answers, one after the
        other, then closes."""
        listener = socket.create_server(("127.0.0.1", 0))

        def talk():
            client, _ = listener.accept()
            with client:
                for reply in replies:
                    if not client.recv(4096):
                        return
                    client.sendall(reply)
        # A client that never comes must not keep the tests from their end.
        server = threading.Thread(target=talk, daemon=True)
        server.start()
        self.addCleanup(listener.close)
        self.addCleanup(server.join, 10)
        return f"127.0.0.1:{listener.getsockname()[1]}"

    def test_what_is_not_saker_is_left_alone(self):
        self.saker = self.make()
        redis = self.serve(b"%1\r\n+server\r\n+redis\r\n")
        self.fails(3, f"connect {redis}: this is redis, not Saker", "shutdown",
                   "--address", redis)
        web = self.serve(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        self.fails(3, f"connect {web}: what answers there does not speak "
                   "Redis", "status", "--address", web)

    def test_a_saker_that_loads_is_waited_for(self):
        self.saker = self.make()
        address = self.serve(b"%1\r\n+server\r\n+saker\r\n",
                             b"-LOADING not yet\r\n", b"-LOADING not yet\r\n",
                             b"+PONG\r\n")
        self.assertEqual(self.fine("exec", "--address", address, "ping"),
                         "PONG\n")


class Passwd(CliTest):
    def setUp(self):
        super().setUp()
        self.saker = self.make()

    def asked(self):
        shown = self.terminal("passwd")
        shown.wait_for("New password: $")
        return shown

    def test_asks_twice_without_showing_it(self):
        shown = self.asked()
        shown.type("secreT\x7ft\r")
        shown.wait_for("The same again: $")
        shown.type("secret\r")
        self.assertEqual(shown.end(), 0)
        self.assertNotIn("secre", shown.text)
        self.assertIn('[users.default]\r\npassword-hash = "2bb80d537b1da3e38bd'
                      '30361aa855686bde0eacd7162fef6a25fe97bf527a25b"\r\n',
                      shown.text)

    def test_two_different_ones_make_nothing(self):
        shown = self.asked()
        shown.type("secret\r")
        shown.wait_for("The same again: $")
        shown.type("other\r")
        self.assertEqual(shown.end(), 1)
        self.assertIn("saker: passwd: the two are not the same", shown.text)
        self.assertNotIn("password-hash", shown.text)

    def test_ctrl_c_leaves_the_terminal_as_it_was(self):
        shown = self.asked()
        hidden = termios.tcgetattr(shown.master)[3]
        self.assertFalse(hidden & termios.ECHO)
        shown.type("sec\x03")
        self.assertEqual(shown.end(), 1)
        self.assertTrue(termios.tcgetattr(shown.master)[3] & termios.ECHO)

    def test_an_empty_one_is_refused(self):
        self.fails(1, "an empty password protects nothing", "passwd",
                   input="\n")
        self.fails(1, "standard input has no line", "passwd", input="")


class Usage(CliTest):
    def setUp(self):
        super().setUp()
        self.saker = self.make()

    def test_mistakes_are_status_2(self):
        self.fails(2, r'^saker: statsu: unknown command \(did you mean '
                   r'"status"\?\)$', "statsu")
        self.fails(2, "^saker: start: MASK is required; `saker start --help` "
                   "tells more$", "start")
        self.fails(2, "--wait", "start", "web", "--wait=soon")

    def test_an_address_may_stand_before_the_command(self):
        self.saker.start()
        there = f"127.0.0.1:{self.saker.port}"
        self.assertEqual(
            self.fine("--address", there, "exec", "PING", env=environment()),
            "PONG\n")
        self.fails(2, "--json: options stand behind the command", "--json",
                   "status")

    def test_help(self):
        self.assertIn("\n  status ", self.fine("help"))
        self.assertEqual(self.fine("help", "logs"), self.fine("logs", "-h"))
        self.assertIn("Usage: saker logs [OPTIONS] NAME...",
                      self.fine("help", "logs"))

    def test_a_full_disk_is_noticed(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([SAKER, "help"], stdout=full, text=True,
                                  stderr=subprocess.PIPE, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("disk", done.stderr)

    def test_completion(self):
        one = self.start(
            services=f'service "web" {{exec = {SLEEP}, count = 2}}')
        script = """
            source "$1"
            complete_words() {
              COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
              _saker
              echo "${COMPREPLY[*]}"
            }
            complete_words saker sta
            complete_words saker status w
            complete_words saker start --w
        """
        done = subprocess.run(
            ["bash", "-c", script, "bash",
             str(ROOT / "scripts/completion/saker.bash")],
            env=environment(SAKER_URL=f"127.0.0.1:{one.port}",
                            PATH=f"{BIN}:{os.environ['PATH']}"),
            text=True, capture_output=True, timeout=20)
        self.assertEqual(done.stdout, "status start\nweb:0 web:1\n--wait\n",
                         done.stderr)


if __name__ == "__main__":
    saker_harness.unittest.main()
