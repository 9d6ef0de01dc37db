"""What README.md shows is what happens: its tour line by line, its Lua files,
and what it says is missing."""
import os
import pathlib
import pwd
import re
import shlex
import subprocess
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from terminal import Terminal  # noqa: E402

README = (harness.ROOT / "README.md").read_text()
TUTORIAL = (harness.ROOT / "docs/tutorial.md").read_text()


def blocks(language, page=README):
    """The texts of all blocks of that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S)


# -- what may differ -------------------------------------------------------------

# A text of this form stands for any other of the same form; everything else
# has to be the same, letter by letter.
VARYING = [
    r"\d\d:\d\d:\d\d",                          # a time, or since when
    r"\d+(?:ms|s|m|h)(?= ago\b)",               # … ago
    r"(?<=after )\d+(?:ms|s|m|h)\b",            # exit 0 after …
    r"(?<=127\.0\.0\.1:)\d+",                   # the port of a client
    r"\b\d{13}-\d+\b",                          # the id of an event
    r"(?<=^3\) \")\d+(?= \d\d:\d\d:\d\d\"$)",   # the number of a heartbeat
    r"(?<=^\d\) \")\d+\.\d\d(?=\"$)",           # a load average
]
# A pid stands for another one, the same one wherever it is shown again.
PID = r"(?<=\bpid )\d+|(?<=\\\"pid\\\":)\d+"
ANY = re.compile("|".join(f"(?P<v{i}>{x})" for i, x in enumerate(VARYING))
                 + f"|(?P<pid>{PID})|(?P<gap>…)")

# Crashes by itself now and then, so these cells of its row tell the moment.
RESTLESS = {"flaky": {
    "STATE": r"running|backoff|starting",
    "READY": r"yes|-",
    "PID": r"\d+|-",
    "RST 1h/all": r"(\d)/\1",
    "LAST EXIT": r"-|SIGSEGV \d+s ago",
    "NEXT": r"-|(start|restart|start timeout) in \d+m?s",
}}


class Pids:
    """Which process stands for which pid of the page."""

    def __init__(self, real=()):
        self._real = dict(real)

    def copy(self):
        return Pids(self._real)

    def same(self, shown, real):
        """True if the two mean one process, as they did before."""
        if shown not in self._real and real in self._real.values():
            return False
        return self._real.setdefault(shown, real) == real

    def real(self, shown):
        return self._real[shown]


def same_text(shown, real, pids):
    """True if `real` is a line as the page shows it."""
    pattern, at, names = "", 0, []
    for x in ANY.finditer(shown):
        pattern += re.escape(shown[at:x.start()])
        at = x.end()
        if x.lastgroup == "gap":
            pattern += ".*?"
        elif x.lastgroup == "pid":
            pattern += r"(\d+)"
            names.append(x.group())
        else:
            pattern += f"(?:{VARYING[int(x.lastgroup[1:])]})"
    match = re.fullmatch(pattern + re.escape(shown[at:]), real)
    return bool(match) and all(map(pids.same, names, match.groups()))


def cells(line):
    return re.split(r"  +", line.rstrip())


def same_row(columns, shown, real, pids):
    """True if `real` is a row of SVSTATUS TEXT as the page shows it: the
    columns are as wide as they need to be."""
    shown, real = cells(shown), cells(real)
    if not len(columns) == len(shown) == len(real):
        return False
    restless = RESTLESS.get(shown[0], {})
    for column, x, y in zip(columns, shown, real):
        if column in restless:
            # The page must not show what can never be there.
            if not all(re.fullmatch(restless[column], z) for z in (x, y)):
                return False
        elif column in ("CPU", "MEM"):
            if not all(re.fullmatch(r"-|[\d.]+[%KMG]", z) for z in (x, y)):
                return False
        elif column == "PID" and "-" not in (x, y):
            if not (x.isdigit() and y.isdigit() and pids.same(x, y)):
                return False
        elif not same_text(x, y, pids):
            return False
    return True


def first_difference(shown, real, pids):
    """Nothing, or a text that names the first line that is not as shown."""
    shown, real = list(shown), real.rstrip().split("\n")
    if real == [""]:
        real = []
    columns, at = None, 0
    for number, line in enumerate(shown):
        if line == "…":
            if number + 1 == len(shown):
                return None
            # As many lines as it takes until the next one fits.
            while at < len(real) and not same_text(shown[number + 1],
                                                   real[at], pids):
                at += 1
            continue
        if at == len(real):
            return f"nothing is left where README shows\n  {line}"
        if line.startswith("NAME "):
            columns = cells(line)
            same = columns == cells(real[at])
        elif columns:
            same = same_row(columns, line, real[at], pids)
        else:
            same = same_text(line, real[at], pids)
        if not same:
            return f"README shows\n  {line}\nand there is\n  {real[at]}"
        at += 1
    if at < len(real):
        return f"README does not show\n  {real[at]}"
    return None


class ComparisonTest(unittest.TestCase):
    """The comparison would notice."""

    def differs(self, shown, real):
        found = first_difference(shown.split("\n"), real, Pids())
        return bool(found)

    def test_only_what_varies_may_differ(self):
        for shown, real in [
                ("running, pid 1", "running, pid 2"),
                ('1) "0.52"', '1) "12.00"'),
                ("stopped by default@127.0.0.1:1", "stopped by "
                 "default@127.0.0.1:2"),
                ("a…z", "abcz"), ("a\n…", "a\nb\nc"), ("a\n…\nc", "a\nb\nc"),
                ("pid 1\npid 2", "pid 7\npid 8")]:
            self.assertFalse(self.differs(shown, real), (shown, real))
        for shown, real in [
                ("running, pid 1", "running, pid x"),
                ("running, pid 1", "starting, pid 1"),
                ('1) "0.52"', '1) "x"'), ("0.52", "0.53"), ("4", "5"),
                ("a…z", "abc"), ("a\n…\nc", "a\nb"), ("a", ""), ("", "a"),
                ("a", "a\nb"), ("a\nb", "a"),
                ("pid 1\npid 1", "pid 7\npid 8"),
                ("pid 1\npid 2", "pid 7\npid 7")]:
            self.assertTrue(self.differs(shown, real), (shown, real))

    def test_tables_have_the_same_columns_and_cells(self):
        shown = ("NAME   STATE    PID  LAST EXIT\n"
                 "clock  running  12   exit 0 3s ago\n"
                 "flaky  running  13   -")
        for real in [
                "NAME    STATE     PID    LAST EXIT\n"
                "clock   running   55555  exit 0 10m ago\n"
                "flaky   backoff   -      SIGSEGV 1s ago"]:
            self.assertFalse(self.differs(shown, real), real)
        for old, new in [("STATE", "STATUS"), ("PID", "READY  PID"),
                         ("running", "stopped"), ("12", "-"),
                         ("exit 0", "exit 1"), ("3s", "never"),
                         ("clock", "clack"), ("13   -", "13   SIGABRT"),
                         ("\nflaky  running  13   -", "")]:
            self.assertTrue(self.differs(shown, shown.replace(old, new, 1)),
                            (old, new))


# -- the tour --------------------------------------------------------------------

class Demo(harness.Saker):
    """`tools/run` of a directory with nothing but build/demo."""

    def __init__(self):
        super().__init__()
        (self.dir / "build").mkdir()
        self.state_dir = self.dir / "build/demo"

    def command(self):
        return [str(harness.BIN / "saker"), "run", "--demo",
                "--state-dir", str(self.state_dir),
                "--runtime-dir", str(self.runtime_dir),
                "--set", "node=debian",
                "--listen", f"127.0.0.1:{self.port}"]


class Step:
    """One command of a block and the lines below it."""

    def __init__(self, line):
        self.line = line
        self.shown = []
        self.interrupted = False

    def reads_messages(self):
        return any(x in ("subscribe", "psubscribe")
                   for x in shlex.split(self.line.split("\n")[0]))


def tour(page=README):
    steps = []
    for block in blocks("console", page):
        for line in block.rstrip("\n").split("\n"):
            if line.startswith("$ "):
                steps.append(Step(line[2:]))
            elif line.startswith("> ") and not steps[-1].shown:
                steps[-1].line += "\n" + line[2:]  # the command goes on
            elif line == "^C":
                steps[-1].interrupted = True
            else:
                steps[-1].shown.append(line)
    return steps


class TourTest(harness.TestCase):
    PAGE = README

    def test_every_line_of_it(self):
        self.saker = Demo()
        self._sakers.append(self.saker)
        self.saker.start()
        self.wait_for_state("report", "done")
        self.pids = Pids()
        beside = []
        for step in tour(self.PAGE):
            with self.subTest(step.line):
                if step.reads_messages():
                    terminal = self.terminal(step)
                    if step.interrupted:
                        self.await_messages(step, terminal)
                    else:
                        self.await_subscription(terminal)
                        beside.append((step, terminal))
                else:
                    self.compare(step)
        for step, terminal in beside:
            with self.subTest(step.line):
                self.await_messages(step, terminal)
        self.assertGreater(len(tour(self.PAGE)), 10)

    def here(self, line):
        """The command line with our port, our processes and nobody else's."""
        line = line.replace("-p 12007", f"-p {self.saker.port}")
        line = re.sub(r"^kill -9 (\d+)$", lambda x: "kill -9 "
                      + self.pids.real(x[1]), line)
        return re.sub(r"^pkill (.*)$",
                      rf"pkill -P {self.saker.keeper_pid()} \1", line)

    def terminal(self, step):
        terminal = Terminal(self.here(step.line), self.saker.dir)
        self.addCleanup(terminal.close)
        return terminal

    def compare(self, step):
        """Runs it. What only looks may look again until it sees what is
        shown: that something ended takes a moment."""
        words = shlex.split(step.line.split("\n")[0])
        looks = {"svstatus", "svlog", "svwhy"}.intersection(words)

        def text():
            return self.terminal(step).read_all()

        self.await_same(step.shown, text, 10 if looks else 0)

    def await_subscription(self, terminal):
        self.wait_until(lambda: "(integer) 1\n" in terminal.read(), 10,
                        "the subscription")

    def await_messages(self, step, terminal):
        """Until all that is shown has come; what comes later does not count."""
        shown = step.shown if step.shown[-1] == "…" else step.shown + ["…"]
        self.await_same(shown, terminal.read, 10)
        terminal.interrupt()
        terminal.read_all()

    def await_same(self, shown, read, deadline):
        """Until what is read is as shown; fails with the last difference."""
        found = None

        def same():
            nonlocal found
            pids = self.pids.copy()
            found = first_difference(shown, read(), pids)
            if not found:
                self.pids = pids
            return not found
        try:
            harness.wait_until(same, deadline)
        except AssertionError:
            pass  # said below, and better
        self.assertIsNone(found)


class TutorialTest(TourTest):
    PAGE = TUTORIAL

    def test_it_is_linked(self):
        self.assertIn("(docs/tutorial.md)", README)


class HelpTest(harness.TestCase):
    GROUPS = re.findall(r"@([a-z]+)`", README)

    def test_it_explains_every_command(self):
        self.start()
        shown = set()
        for group in self.GROUPS:
            text = self.redis_cli("help", f"@{group}")
            plain = re.sub(r"\x1b\[\d*m", "", text)
            # A name stands in capitals before its arguments.
            names = re.findall(r"^  ([A-Z]+(?: [A-Z-]+)?)(?= |$)", plain, re.M)
            self.assertTrue(names, f"help @{group}: {text}")
            shown.update(names)
        known = set(self.redis_cli("command", "list").upper()
                    .replace("|", " ").splitlines())
        # Behind a name without subcommands stand arguments: DEBUG SLEEP.
        shown = {x if x in known else x.split()[0] for x in shown}
        self.assertEqual(shown, known)

    def test_every_line_with_redis_cli_in_a_sentence_works(self):
        self.start()
        lines = re.findall(r"`(redis-cli [^`]+)`", README)
        self.assertTrue(lines)
        for line in lines:
            words = shlex.split(line)
            self.assertEqual(words[1:3], ["-p", "12007"], line)
            text = self.redis_cli(*words[3:])
            self.assertIn("summary:", text, line)


# -- your own --------------------------------------------------------------------

API = """#!/bin/sh
trap 'exit 0' USR1
trap 'exit 78' USR2
echo ready
while :; do sleep 0.1; done
"""


class YourOwnTest(harness.TestCase):
    SERVICE, SCRIPT, DAEMON = blocks("lua")

    def arguments(self, name):
        pid = self.pid(name)
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        return words.decode().rstrip("\0").split("\0")

    def up_works(self):
        uptime = r"up .*(minutes?|hours?|days?|weeks?)\b.*\n"
        self.assertRegex(self.client().execute_command("UP"), uptime)
        self.assertIn("  up - up: how long this machine runs",
                      self.client().execute_command("HELP"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can become www-data")
    def test_the_service_and_the_command_as_root(self):
        self.assertIn('"/srv/api"', self.SERVICE)
        saker = self.make(scripts={"up.lua": self.SCRIPT})
        saker.dir.chmod(0o755)
        saker.write_services({"api.lua": self.SERVICE.replace(
            "/srv/api", str(saker.dir))})
        (saker.dir / "api").write_text(API)
        (saker.dir / "api").chmod(0o755)
        saker.start()
        for i in range(2):
            name = f"api:{i}"
            self.wait_for_state(name, "running")
            self.assertEqual(self.arguments(name)[-3:],
                             ["./api", "--port", f"800{i}"])
            process = pathlib.Path(f"/proc/{self.pid(name)}")
            self.assertEqual(process.stat().st_uid,
                             pwd.getpwnam("www-data").pw_uid)
            self.assertEqual(os.readlink(process / "cwd"), str(saker.dir))
        self.exits_as_written()
        self.up_works()

    def exits_as_written(self):
        ask = self.client().execute_command
        before = self.pid("api:0")
        ask("SVSIGNAL", "KILL", "api:0")
        self.wait_until(lambda: self.pid("api:0") not in (0, before))
        self.wait_for_state("api:0", "running")
        for name, starts in (("api:0", 2), ("api:1", 1)):
            self.wait_until(lambda: ask("SVLOG", name) == ["ready"] * starts)
        ask("SVSIGNAL", "USR1", "api:0")
        self.wait_for_state("api:0", "done")
        ask("SVSIGNAL", "USR2", "api:1")
        self.wait_for_state("api:1", "failed")
        ask("SVSTART", "api", "WAIT", 5000)
        (code, desc), _ = [row[3::2] for row in ask("SVSTOP", "api")]
        self.assertEqual(code, 0)
        self.assertIn("SIGKILL in 10s", desc)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become others")
    def test_below_the_home_of_who_starts_it(self):
        class Theirs(harness.Saker):
            def command(self):
                return ["setpriv", "--reuid=www-data", "--regid=www-data",
                        "--clear-groups",
                        harness.programs_for_everybody() / "saker", "run",
                        "--listen", f"127.0.0.1:{self.port}"]

        saker = Theirs()
        self._sakers.append(saker)
        self.saker = saker
        user = pwd.getpwnam("www-data")
        config = saker.dir / ".config/saker"
        for name, text in {"services/a.lua":
                           'service "a" {exec = {"sleep", "1000"}}\n',
                           "scripts/up.lua": self.SCRIPT}.items():
            (config / name).parent.mkdir(parents=True)
            (config / name).write_text(text)
        for path in [saker.dir, *saker.dir.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)
        saker.env = {"PATH": os.environ["PATH"], "HOME": str(saker.dir),
                     "XDG_RUNTIME_DIR": str(saker.dir)}
        saker.start()
        self.wait_for_state("a", "running")
        self.up_works()

    def test_the_service_passes_the_check(self):
        saker = self.make(services={"api.lua": self.SERVICE})
        done = subprocess.run(
            [harness.BIN / "saker", "check", saker.services_dir / "api.lua"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30)
        # That directory is for the reader to make.
        *warnings, last = done.stdout.splitlines()
        self.assertEqual((done.returncode, last),
                         (0, "1 service, 0 errors"), done.stderr)
        for warning in warnings:
            self.assertIn("there is no directory /srv/api", warning)


    def test_the_daemon_passes_the_check(self):
        saker = self.make(services={"nginx.lua": self.DAEMON})
        done = subprocess.run(
            [harness.BIN / "saker", "check", saker.services_dir / "nginx.lua"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "1 service, 0 errors\n"), done.stderr)


# -- settings --------------------------------------------------------------------

SETTINGS = (harness.ROOT / "config/saker.toml").read_text()


class SettingsTest(harness.TestCase):
    SERVICE = 'service "a" {exec = {"sleep", "1000"}}\n'

    def test_the_file_that_shows_all_of_them(self):
        self.start(toml=SETTINGS, services=self.SERVICE)
        self.wait_for_state("a", "running")

    def test_the_lines_that_are_commented_out(self):
        # Those of a cluster name files that are not there.
        text, count = re.subn(r"^#(?=[a-z]+-dir = )", "", SETTINGS, flags=re.M)
        self.assertEqual(count, 2)
        # Directories of this test come later, as options.
        self.start(toml=text, services=self.SERVICE)
        self.wait_for_state("a", "running")
        self.assertTrue((self.saker.state_dir / "journal.db").exists())


# -- what is missing -------------------------------------------------------------

class MissingTest(harness.TestCase):
    """Each thing that README says is missing, with who refuses it."""

    PROBES = {
        "dependencies": ("definition", 'needs = {db = "ready"}',
                         "needs is not available yet"),
        "readiness": ("definition", "ready = tcp(80)",
                      "tcp is not available yet"),
        "event streams": ("command", "XRANGE saker:events - +"),
        "a web page": ("setting", '[web]\nlisten = "127.0.0.1:1"',
                       "web.listen: not available yet"),
    }

    def test_all_that_is_named(self):
        sentence = re.search(r"Not yet:\s(.*?)\.\s", README, re.S)[1]
        named = re.split(r",\s|\sand\s", sentence.replace("\n", " "))
        self.assertEqual(named, list(self.PROBES))
        for name, (kind, *probe) in self.PROBES.items():
            with self.subTest(name):
                getattr(self, kind)(*probe)

    def definition(self, line, error):
        text = f'service "a" {{exec = {{"sleep", "1"}}, {line}}}\n'
        saker = self.make(services=text)
        self.refused(["check", str(saker.services_dir / "main.lua")], 1, error)

    def setting(self, text, error):
        saker = self.make(toml=text + "\n")
        self.refused(saker.command()[1:], 78, error)

    def refused(self, words, status, error):
        done = subprocess.run([harness.BIN / "saker", *words],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=30)
        self.assertEqual(done.returncode, status)
        self.assertIn(error, done.stdout + done.stderr)

    def command(self, line):
        saker = self.start()
        with self.assertRaisesRegex(redis.ResponseError, "unknown command"):
            saker.client().execute_command(*line.split())
