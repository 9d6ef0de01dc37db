"""Starts a real saker-keeper whose node is played by the test.

The keeper starts `fake_node.py`, which hands its end of the link to the test
and then waits to be killed or told to exit. The test speaks the language of
docs/keeper-protocol.md through class Node.
"""
import array
import collections
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("SAKER_BIN") or os.path.join(
    HERE, "..", "..", "build", "dev", "bin")
# Seconds; far more than anything here should take, on a slow machine too.
DEADLINE = 40


def eventually(condition, what, deadline=DEADLINE):
    """Waits until condition() is true and returns what it returned."""
    until = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.005)


def never(condition, what, seconds):
    """Looks for so long: it must not come true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert not condition(), what
        time.sleep(0.005)


def state_of(pid):
    """The letter of /proc/pid/stat, or None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def read_file(path):
    """The text, or nothing when it is gone."""
    try:
        with open(path) as f:
            return f.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def lives(pid):
    return state_of(pid) not in (None, "Z")


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(x) for x in f.read().split()]


class ReplyError(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


class Node:
    """One run of the node, as the keeper sees it."""

    def __init__(self, pid, link, control):
        self.pid, self.link, self.control = pid, link, control
        self.link.setblocking(False)
        self.seq = 0
        self.bytes = b""
        self.fds = collections.deque()
        self.replies = {}
        self.pushes = []
        self.closed = False

    # -- wire --

    def encode(self, x):
        if isinstance(x, int):
            return b":%d\r\n" % x
        if isinstance(x, (list, tuple)):
            return b"*%d\r\n" % len(x) + b"".join(map(self.encode, x))
        x = x.encode() if isinstance(x, str) else x
        return b"$%d\r\n%s\r\n" % (len(x), x)

    def send_bytes(self, data):
        while data:
            select.select([], [self.link], [], DEADLINE)
            data = data[self.link.send(data):]

    def send(self, verb, *args):
        self.seq += 1
        self.send_bytes(self.encode([self.seq, verb, *args]))
        return self.seq

    def parse(self, at):
        """Returns (value, next position) or None when bytes are missing."""
        end = self.bytes.find(b"\r\n", at)
        if end < 0:
            return None
        kind, head = self.bytes[at:at + 1], self.bytes[at + 1:end]
        at = end + 2
        if kind == b":":
            return int(head), at
        if kind == b"$":
            end = at + int(head)
            return (self.bytes[at:end], end + 2) \
                if len(self.bytes) >= end + 2 else None
        items = []
        for _ in range(int(head)):
            item = self.parse(at)
            if item is None:
                return None
            items.append(item[0])
            at = item[1]
        return (tuple(items) if kind == b">" else items), at

    def pump(self, timeout):
        """Reads once; returns False when the link is closed."""
        ready, _, _ = select.select([self.link], [], [], timeout)
        if not ready:
            return True
        room = socket.CMSG_SPACE(4 * 253)
        try:
            data, control, flags, _ = self.link.recvmsg(1 << 16, room)
        except ConnectionResetError:
            data, control, flags = b"", [], 0
        assert not flags & socket.MSG_CTRUNC
        for level, kind, part in control:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds = array.array("i")
                fds.frombytes(part[:len(part) - len(part) % 4])
                self.fds.extend(fds)
        self.closed = self.closed or not data
        self.bytes += data
        at = 0
        while at < len(self.bytes):
            found = self.parse(at)
            if found is None:
                break
            self.take(found[0])
            at = found[1]
        self.bytes = self.bytes[at:]
        return not self.closed

    def take(self, frame):
        word = frame[0] if isinstance(frame, tuple) else frame[1]
        count = 0
        if word in (b"ROW", b"SPAWNED"):
            count = frame[1]
        elif word == b"LISTENING":
            count = frame[2]
        fds = [self.fds.popleft() for _ in range(count)]
        if isinstance(frame, tuple):
            self.pushes.append((frame, fds))
        else:
            self.replies[frame[0]] = (frame[1:], fds)

    # -- words --

    def answer(self, seq):
        eventually(lambda: seq in self.replies or not self.pump(0.05)
                   or seq in self.replies, f"reply {seq}")
        if seq not in self.replies:
            raise AssertionError("the keeper closed the link")
        reply, fds = self.replies.pop(seq)
        if reply[0] == b"ERR":
            raise ReplyError(reply[1], reply[2].decode())
        return reply[1:] + fds

    def call(self, verb, *args):
        return self.answer(self.send(verb, *args))

    def expect(self, word, key=None, deadline=DEADLINE):
        """Waits for a push and removes it. Returns (fields, fds)."""
        def found():
            for i, (frame, fds) in enumerate(self.pushes):
                place = 2 if word in ("ROW", "SPAWNED") else 1
                if frame[0] == word.encode() and (
                        key is None or frame[place] == key.encode()):
                    del self.pushes[i]
                    return frame[1:], fds
            self.pump(0.05)
            return None
        return eventually(found, f"push {word} {key or ''}, have "
                          f"{[x[0] for x in self.pushes]}", deadline)

    def hello(self):
        words = self.call("HELLO", 1, "fake node")
        names = ("version pid since safe_mode restarts last_spawn_id "
                 "boot_id").split()
        return dict(zip(names, words))

    def list(self):
        """HELLO is said already. Returns {key: row}."""
        count = self.call("LIST")[0]
        rows = {}
        names = ("nfds key spawn_id cls state pid started adopted lost "
                 "note").split()
        end = ("kind number core step path hint user system max_rss orphans "
               "ended").split()
        keep = []
        for frame, fds in self.pushes:
            if frame[0] != b"ROW":
                keep.append((frame, fds))
                continue
            row = dict(zip(names + end, frame[1:]))
            row["fds"] = fds
            rows[row["key"].decode()] = row
        self.pushes = keep
        assert len(rows) == count, (len(rows), count)
        return rows

    def greet(self):
        self.hello()
        return self.list()

    def spawn(self, key, spawn_id, argv, cls="service", ladder="TERM 5s KILL",
              kill="tree", timeout=10_000, output="none", **fields):
        flat = [y for x in fields.items() for y in x]
        return self.call("SPAWN", key, spawn_id, cls, ladder, kill, timeout,
                         output, "argv", argv, *flat)

    def start(self, key, spawn_id, argv, **more):
        """SPAWN and SPAWNED. Returns (pid, fds)."""
        self.spawn(key, spawn_id, argv, **more)
        fields, fds = self.expect("SPAWNED", key)
        return fields[3], fds

    def exited(self, key):
        names = ("key spawn_id kind number core user system max_rss orphans "
                 "started ended").split()
        return dict(zip(names, self.expect("EXITED", key)[0]))

    def failed(self, key):
        names = "key spawn_id step errno path hint started ended".split()
        return dict(zip(names, self.expect("FAILED", key)[0]))

    # -- life --

    def close(self):
        self.link.close()
        self.control.close()
        for _, fds in list(self.pushes) + list(self.replies.values()):
            for fd in fds:
                os.close(fd)
        self.pushes, self.replies = [], {}

    def kill(self, number=signal.SIGKILL):
        """Ends this run from outside, as a stranger would."""
        os.kill(self.pid, number)
        self.close()

    def exit(self, code):
        self.control.send(b"%d" % code)
        self.close()


class Keeper:
    """A keeper in a directory of its own."""

    def __init__(self, test, folder=None, env=None, **popen):
        self.test = test
        self.folder = folder or tempfile.mkdtemp(prefix="saker-keeper-")
        self.runtime = os.path.join(self.folder, "run")
        path = os.path.join(self.folder, "control")
        if os.path.exists(path):
            os.unlink(path)
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.bind(path)
        self.control.listen(16)
        self.env = dict(os.environ, FAKE_NODE_CONTROL=path, **(env or {}))
        self.stderr = open(os.path.join(self.folder, "stderr"), "a+")
        # It ends also with tests that are killed.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *self.argv()], env=self.env,
            stderr=self.stderr, stdin=subprocess.DEVNULL, **popen)
        test.addCleanup(self.clean)

    def argv(self):
        return [os.path.join(BIN, "saker-keeper"),
                "--node", os.path.join(HERE, "fake_node.py"),
                "--runtime-dir", self.runtime, "--state-dir", self.folder]

    @property
    def pid(self):
        return self.process.pid

    def node(self, deadline=DEADLINE):
        """The next run of the node."""
        self.control.settimeout(deadline)
        conn, _ = self.control.accept()
        conn.settimeout(deadline)
        data, fds, _, _ = socket.recv_fds(conn, 64, 1)
        return Node(int(data), socket.socket(fileno=fds[0]), conn)

    def log(self):
        with open(self.stderr.name) as f:
            return f.read()

    def wait(self, deadline=DEADLINE):
        return self.process.wait(deadline)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def clean(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE)
        self.control.close()
        self.stderr.close()
        end_marked(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def end_marked(folder):
    """Ends what this test started: known by TEST_FOLDER in its environment."""
    mark = f"TEST_FOLDER={folder}".encode()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as f:
                if mark in f.read().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)
        except OSError:
            pass


SLEEP = ["sleep", "1000"]
COUNT = ["/bin/sh", "-c", "i=0; while :; do echo line $i; i=$((i+1)); done"]

# errc
ALREADY_EXISTS, NOT_FOUND, IO, BUSY, LOADING, REFUSED = 4, 3, 6, 8, 13, 19
INVALID, UNSUPPORTED = 1, 12


def start_time(pid):
    return int(read_file(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[19])


class KeeperTest(unittest.TestCase):
    def begin(self, **more):
        keeper = Keeper(self, **more)
        node = keeper.node()
        self.addCleanup(node.close)
        return keeper, node

    def served(self, **more):
        keeper, node = self.begin(**more)
        node.greet()
        return keeper, node

    def next_node(self, keeper):
        node = keeper.node()
        self.addCleanup(node.close)
        return node

    def mark(self, keeper):
        return {"env": [f"TEST_FOLDER={keeper.folder}"]}

    def sanitized(self, keeper):
        """Sanitizers keep freed memory for a while."""
        return "libasan" in read_file(f"/proc/{keeper.pid}/maps")

    def refused(self, code, call, *args, **more):
        with self.assertRaises(ReplyError) as caught:
            call(*args, **more)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception.text
