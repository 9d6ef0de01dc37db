"""A real Saker for integration tests: in directories and on ports of its own.

    class lifecycle_test(saker_harness.TestCase):
        def test_starts_what_is_defined(self):
            self.start(services='service "a" {exec = {"sleep", "100"}}')
            self.wait_until(lambda: self.state("a") == "running")

Everything that was started is ended by pid after its test, and a child that
survives fails the test. The programs lie in the directory $SAKER_BIN, by
default build/release/bin. Python 3.11 and redis-py 4.3 of Debian 12.
"""
import atexit
import functools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
import unittest

import redis

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("SAKER_BIN", ROOT / "build/release/bin"))
NODE_MODULES = ROOT / "build/node/node_modules"


# Where Debian puts modules of Lua 5.2, and how it ends their names.
LUA_FOLDERS = ("/usr/lib/x86_64-linux-gnu/lua/5.2", "/usr/share/lua/5.2")
LUA_ENDINGS = (".so", ".lua", "/core.so")


def need_lua_modules(case, *names):
    """Fails if one of them is missing: what is skipped is not tested."""
    for name in names:
        there = any(os.path.exists(f"{folder}/{name}{ending}")
                    for folder in LUA_FOLDERS for ending in LUA_ENDINGS)
        case.assertTrue(there, f"the module {name} of Lua 5.2 is not "
                               "installed: tools/deps --test")


@functools.cache
def programs_for_everybody():
    """Where others than us may start our programs: who keeps the sources in
    /root lets nobody in."""
    if all(os.stat(x).st_mode & stat.S_IXOTH for x in [BIN, *BIN.parents]):
        return BIN
    folder = pathlib.Path(tempfile.mkdtemp(prefix="saker-bin-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)
    for name in ("saker", "saker-node", "saker-keeper"):
        shutil.copy(BIN / name, folder)
    return folder


def free_port():
    """A port that nobody holds, and that no other test gets while this one
    runs. The kernel gives it to no client either: what is stopped and started
    again finds it free."""
    text = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
    first, last = map(int, text.split())
    # 12007 and what follows are Saker's own.
    usable = [x for x in range(13_000, 65_536) if not first <= x <= last]
    for port in random.sample(usable or range(13_000, 65_536), 1000):
        # A name without a file, which goes with this process: who has it has
        # the port.
        mark = socket.socket(socket.AF_UNIX)
        try:
            mark.bind(f"\0port {port} of a test of Saker")
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            mark.close()
            continue
        mark.detach()  # held to our end
        return port
    raise AssertionError("no port is free")


# Deadlines are for machines like those of developers. What they end is broken
# or very slow: nobody waits so long where all is well.
PATIENCE = 3


def wait_until(condition, deadline=10, what=None, every=0.01):
    """Returns the first true value of `condition()`; fails after `deadline`
    seconds, of which each is longer on a slow machine, naming `what` and the
    last value or error."""
    deadline *= PATIENCE
    end = time.monotonic() + deadline
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (redis.RedisError, OSError, KeyError, IndexError) as e:
            last = e
        if time.monotonic() >= end:
            name = what or getattr(condition, "__doc__", None) or "condition"
            raise AssertionError(f"{name}: not within {deadline} s; last: "
                                 f"{last!r}")
        time.sleep(every)


def never(condition, seconds, what):
    """Looks for so long, no more and no less: it must not come true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            raise AssertionError(f"{what}: {found!r}")
        time.sleep(0.01)


class process:
    """What /proc tells about one process. The start time makes sure that it
    is still the same one."""

    def __init__(self, pid):
        self.pid = pid
        self.started = self._fields()[19]

    def _fields(self):
        text = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        return text.rpartition(")")[2].split()

    def state(self):
        """A letter as in ps, or "" when it is gone."""
        try:
            fields = self._fields()
        except OSError:
            return ""
        return fields[0] if fields[19] == self.started else ""

    def alive(self):
        return self.state() not in ("", "Z", "X")

    def __eq__(self, other):
        return (self.pid, self.started) == (other.pid, other.started)

    def __hash__(self):
        return hash((self.pid, self.started))

    def __repr__(self):
        try:
            words = pathlib.Path(f"/proc/{self.pid}/cmdline").read_bytes()
            name = words.replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            name = ""
        return f"<process {self.pid} {self.state() or 'gone'} {name}>"


def process_or_none(pid):
    try:
        return process(pid)
    except OSError:
        return None


def environment_of(pid):
    """The environment it was started with, as a dict of strings."""
    try:
        words = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    return dict(w.decode(errors="replace").partition("=")[::2]
                for w in words if w)


def children_of(pid):
    """Pids of the direct children."""
    found = []
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        pass
    return found


def executable_of(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe")) \
            .removesuffix(" (deleted)")
    except OSError:
        return ""


class Events:
    """The events of a Saker from now on, as dicts, oldest first in `all`."""

    def __init__(self, client, pattern):
        self.all = []
        self._subscriber = client.pubsub()
        self._subscriber.psubscribe(pattern)
        confirmed = self._subscriber.get_message(timeout=10 * PATIENCE)
        if not confirmed or confirmed["type"] != "psubscribe":
            raise AssertionError(f"PSUBSCRIBE: {confirmed}")

    def poll(self):
        """Takes what has come in."""
        while True:
            message = self._subscriber.get_message(timeout=0)
            if message is None:
                return self.all
            if message["type"] == "pmessage":
                self.all.append(json.loads(message["data"]))

    def of(self, service, name=None):
        """Those of one service seen so far, or its `name` events only."""
        return [x for x in self.poll() if x["service"] == service
                and name in (None, x["event"])]

    def names(self, service):
        return [x["event"] for x in self.of(service)]

    def wait_for(self, service, name, count=1, deadline=10):
        """The `count`th event of that name."""
        return wait_until(
            lambda: len(self.of(service, name)) >= count, deadline,
            f"event {name} of {service} number {count}; there are "
            f"{self.names(service)}") and self.of(service, name)[count - 1]


class Saker:
    """One `saker run` with everything it needs in one temporary directory.

    services, scripts: the text of one Lua file, or a dict of name → text.
    toml: text of saker.toml; node, directories and addresses are added as
    options and need not stand there. arguments: further ones of `saker run`.
    """

    def __init__(self, services=None, scripts=None, toml="", arguments=(),
                 port=None, env=None):
        # Short: a UNIX socket lies in it.
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="saker-", dir="/tmp"))
        self.port = port or free_port()
        self.runtime_dir = self.dir / "run"
        self.state_dir = self.dir / "state"
        self.services_dir = self.dir / "services"
        self.scripts_dir = self.dir / "scripts"
        self.socket = self.runtime_dir / "saker.sock"
        self.output = self.dir / "output"
        self.arguments = list(arguments)
        self.env = env
        self.process = None
        self.ours = set()  # every process that was seen and must not survive
        self._clients = []
        self.write_services(services or {})
        self.write_scripts(scripts or {})
        self.write_toml(toml)

    # -- files -------------------------------------------------------------------

    def write_toml(self, text):
        self._write(self.dir / "saker.toml", text)

    def write_services(self, files):
        self._write_all(self.services_dir, files)

    def write_scripts(self, files):
        self._write_all(self.scripts_dir, files)

    def _write_all(self, folder, files):
        folder.mkdir(mode=0o755, exist_ok=True)
        if isinstance(files, str):
            files = {"main.lua": files}
        for name, text in files.items():
            self._write(folder / name, text)

    @staticmethod
    def _write(path, text):
        """In one step, so that nobody reads half a file."""
        part = path.with_name(path.name + ".part")
        part.write_text(text)
        part.chmod(0o644)
        part.rename(path)

    def log(self):
        """What Saker wrote to stderr and stdout, over all its starts."""
        try:
            return self.output.read_text(errors="replace")
        except OSError:
            return ""

    def wait_for_log(self, pattern, deadline=10):
        """A match in what it wrote: it writes a moment after what it tells
        of has happened."""
        try:
            return wait_until(
                lambda: re.search(pattern, self.log(), re.M), deadline,
                f"{pattern!r} in the log")
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.log()[-4000:]}") from None

    # -- life --------------------------------------------------------------------

    def command(self, programs=BIN):
        return [str(programs / "saker"), "run",
                "--config", str(self.dir / "saker.toml"),
                "--runtime-dir", str(self.runtime_dir),
                "--state-dir", str(self.state_dir),
                "--set", "node=test",
                "--listen", f"127.0.0.1:{self.port}",
                "--listen", f"unix:{self.socket}"] + self.arguments

    def launch(self):
        """Starts it and does not wait."""
        with open(self.output, "ab") as log:
            # It ends also with tests that are killed.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *self.command()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env=self.env, start_new_session=True)
        self.ours.add(process(self.process.pid))

    def start(self, deadline=20):
        """Starts it and waits until it answers everything."""
        self.launch()
        self.wait_for_ping(deadline)
        return self

    def wait_for_ping(self, deadline=20):
        def answers():
            if self.process and self.process.poll() is not None:
                raise AssertionError(
                    f"saker ended with {self.process.returncode}:\n"
                    + self.log()[-4000:])
            with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                s.settimeout(5)
                # Clients are let in before all is loaded.
                s.sendall(b"PING\r\nINFO persistence\r\nQUIT\r\n")
                got = b"".join(iter(lambda: s.recv(4096), b""))
                return (got.startswith((b"+PONG", b"-NOAUTH"))
                        and b"loading:1" not in got)
        try:
            wait_until(answers, deadline, "PING")
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.log()[-4000:]}") from None
        self.note_processes()

    def wait_for_exit(self, deadline=20):
        """The exit status of `saker run`."""
        try:
            return self.process.wait(deadline * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"saker does not end within {deadline * PATIENCE} s:\n"
                + self.log()[-4000:]) from None

    def stop(self, deadline=20):
        """SIGTERM, as systemd or Ctrl-C would; returns the exit status."""
        self.note_processes()
        self.process.send_signal(signal.SIGTERM)
        return self.wait_for_exit(deadline)

    def kill_node(self):
        """kill -9 of the node; returns its pid."""
        self.note_processes()
        pid = self.node_pid()
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_keeper(self):
        """kill -9 of the keeper, which takes the node along; the children
        live on. `start()` again adopts them."""
        self.note_processes()
        keeper = self.process
        keeper.kill()
        keeper.wait()
        return keeper.pid

    # -- processes ---------------------------------------------------------------

    def keeper_pid(self):
        return self.process.pid

    def node_pid(self, deadline=10):
        """Waits for a node if there is none right now."""
        def node():
            for pid in children_of(self.process.pid):
                if executable_of(pid) == "saker-node":
                    return pid
            return None
        return wait_until(node, deadline, "a node")

    def children(self):
        """{service instance or key: process} of all living children of this
        Saker, from SAKER_INSTANCE in their environments: needs no answer from
        Saker and finds orphans too. Key is `name#index`."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            pid = int(entry.name)
            key = environment_of(pid).get("SAKER_INSTANCE", "")
            if not key or not self._below_us(pid):
                continue
            one = process_or_none(pid)
            # The leader of a session is the child itself, not its offspring.
            if one and one.alive() and os.getsid(pid) == pid:
                found[key.rpartition("#")[0]] = one
        return found

    def _below_us(self, pid):
        """Ours by ancestry, or an orphan that was ours before."""
        if any(p.pid == pid for p in self.ours):
            return True
        keeper = self.process.pid if self.process else 0
        while pid > 1:
            if pid == keeper:
                return True
            try:
                text = pathlib.Path(f"/proc/{pid}/stat").read_text()
            except OSError:
                return False
            pid = int(text.rpartition(")")[2].split()[1])
        return False

    def note_processes(self):
        """Remembers all that runs now, for the check at the end."""
        todo = [self.process.pid] if self.process else []
        while todo:
            pid = todo.pop()
            one = process_or_none(pid)
            if one:
                self.ours.add(one)
                todo += children_of(pid)

    # -- clients -----------------------------------------------------------------

    def client(self, **options):
        """A redis-py client that returns strings."""
        options.setdefault("decode_responses", True)
        options.setdefault("socket_timeout", 10 * PATIENCE)
        if "unix_socket_path" not in options:
            options.setdefault("host", "127.0.0.1")
            options.setdefault("port", self.port)
        client = redis.Redis(**options)
        self._clients.append(client)
        return client

    def redis_cli(self, *args, input=None, deadline=20, check=True):
        """Runs redis-cli and returns what it prints."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port)] + [str(x) for x in args],
            input=input, stdin=None if input is not None
            else subprocess.DEVNULL, capture_output=True, text=True,
            timeout=deadline * PATIENCE)
        if check and done.returncode != 0:
            raise AssertionError(f"redis-cli {args}: status "
                                 f"{done.returncode}: {done.stderr}")
        return done.stdout

    def status(self, *masks):
        """SVSTATUS as {name: row}, a row being a dict."""
        client = self.client()
        try:
            rows = client.execute_command("SVSTATUS", *masks)
        finally:
            self._clients.remove(client)
            client.close()
        tables = [row if isinstance(row, dict)
                  else dict(zip(row[::2], row[1::2])) for row in rows]
        return {row["name"]: row for row in tables}

    def state(self, name):
        """The state of one instance, for example "running"."""
        return self.status(name)[name]["state"]

    def pid(self, name):
        """The pid of one instance; 0 if it has none."""
        return int(self.status(name)[name]["pid"])

    def wait_for_state(self, name, state, deadline=10):
        return wait_until(lambda: self.state(name) == state, deadline,
                          f"{name} {state}")

    def events(self, pattern="saker:*"):
        """What is published from now on; ends with the node."""
        return Events(self.client(), pattern)

    # -- end ---------------------------------------------------------------------

    def close(self):
        """Ends everything. Returns the processes that outlived an ordered
        shutdown and had to be killed; empty if all is well."""
        for client in self._clients:
            client.close()
        if self.process and self.process.poll() is None:
            self.note_processes()
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20 * PATIENCE)
            except subprocess.TimeoutExpired:
                pass
        survivors = self._kill_survivors()
        if self.process:
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
        return survivors

    def _kill_survivors(self):
        end = time.monotonic() + 2 * PATIENCE
        left = [p for p in self.ours if p.alive()]
        while left and time.monotonic() < end:
            time.sleep(0.02)
            left = [p for p in left if p.alive()]
        # Texts, since nothing is known of a process that is gone.
        texts = [repr(p) for p in left]
        for p in left:
            # A pidfd, so that nobody else is hit.
            try:
                fd = os.pidfd_open(p.pid)
            except OSError:
                continue
            if p.alive():
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            os.close(fd)
        return texts


class TestCase(unittest.TestCase):
    """Starts Sakers and ends them; the first one's methods are at hand."""

    maxDiff = None

    def setUp(self):
        self.saker = None
        self._sakers = []
        self.addCleanup(self._end_all)  # after a failure in a setUp too

    def make(self, **options):
        """A Saker that is not started yet."""
        one = Saker(**options)
        self._sakers.append(one)
        self.saker = self.saker or one
        return one

    def start(self, **options):
        """A Saker that answers PING."""
        return self.make(**options).start()

    def _end_all(self):
        outcome = self._outcome.result
        failed = any(test is self for test, _ in
                     outcome.failures + outcome.errors)
        for one in self._sakers:
            log = one.log()
            survivors = one.close()
            if failed or survivors:
                print(f"--- output of saker {one.dir}\n{log[-8000:]}\n---")
            with self.subTest("no process survives"):
                self.assertEqual(survivors, [])

    def wait_until(self, condition, deadline=10, what=None):
        return wait_until(condition, deadline, what)

    def __getattr__(self, name):
        """client, redis_cli, state, kill_node … of the first Saker."""
        saker = self.__dict__.get("saker")
        if saker is None or name.startswith("_"):
            raise AttributeError(name)
        return getattr(saker, name)
