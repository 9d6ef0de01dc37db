"""Clients that look closely: at the bytes of replies, at how long they wait,
at whether they are refused, at every event; and one that looks at memory."""
import contextlib
import json
import os
import socket
import threading
import time

import redis


def encode(*words):
    """A command as clients send it."""
    words = [x if isinstance(x, bytes) else str(x).encode() for x in words]
    return b"*%d\r\n" % len(words) + b"".join(
        b"$%d\r\n%s\r\n" % (len(x), x) for x in words)


class Raw:
    """A connection that shows the bytes of each reply."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(10)
        self.reader = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.reader.close()
        self.socket.close()

    def send(self, *words):
        self.socket.sendall(encode(*words))

    def reply(self):
        """One whole reply, RESP2 or RESP3."""
        line = self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("end of input")
        kind, rest = line[:1], line[1:-2]
        if kind in b"$=!" and rest != b"-1":
            return line + self.reader.read(int(rest) + 2)
        if kind in b"*~>" and rest != b"-1":
            return line + b"".join(self.reply() for _ in range(int(rest)))
        if kind == b"%":
            return line + b"".join(self.reply() for _ in range(2 * int(rest)))
        return line

    def ask(self, *words):
        self.send(*words)
        return self.reply()


class Pings:
    """Asks PING all the time and notes how long it took; and how long the
    machine let this thread itself wait for its turn."""

    def __init__(self, saker):
        self.saker, self.times = saker, []
        self.stall = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        with socket.create_connection(("127.0.0.1", self.saker.port)) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self._over.is_set():
                begin = time.perf_counter()
                s.sendall(b"PING\r\n")
                if s.recv(64) != b"+PONG\r\n":
                    raise AssertionError("no PONG")
                end = time.perf_counter()
                self.times.append(end - begin)
                self._over.wait(0.002)
                self.stall = max(self.stall, time.perf_counter() - end)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._over.set()
        self._thread.join()

    def longest(self):
        return max(self.times)

    def allowed(self, seconds):
        """A bound for what Saker does, on the machine as it was meanwhile: a
        question and its answer need several turns."""
        return seconds + 10 * self.stall

    def text(self):
        times = sorted(self.times)

        def at(share):
            return times[min(len(times) - 1, int(len(times) * share))] * 1000
        return (f"PING p50 {at(.5):.2f} ms, p99 {at(.99):.2f} ms, p100 "
                f"{times[-1] * 1000:.1f} ms of {len(times)}; the machine let "
                f"us wait for {self.stall * 1000:.1f} ms")


class Callers:
    """Clients that connect all the time, by TCP and by UNIX socket. None may
    be refused; one that was connected when the node died may lose its answer,
    never its turn in the queue of the kernel."""

    def __init__(self, saker):
        self.addresses = [(socket.AF_INET, ("127.0.0.1", saker.port)),
                          (socket.AF_UNIX, str(saker.socket))]
        self.refused, self.answered, self.cut, self.longest = [], 0, 0, 0.0
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=x)
                         for x in self.addresses]

    def _run(self, family, address):
        while not self._over.is_set():
            begin = time.monotonic()
            with socket.socket(family) as s:
                s.settimeout(30)
                try:
                    s.connect(address)
                except OSError as e:
                    with self._lock:
                        self.refused.append(f"{address}: {e}")
                    self._over.wait(0.01)
                    continue
                answer = b""
                with contextlib.suppress(ConnectionError):
                    s.sendall(b"PING\r\n")
                    answer = s.recv(64)
            with self._lock:
                self.answered += answer == b"+PONG\r\n"
                self.cut += answer == b""
                self.longest = max(self.longest, time.monotonic() - begin)
            self._over.wait(0.002)

    def __enter__(self):
        for x in self._threads:
            x.start()
        return self

    def __exit__(self, *unused):
        self._over.set()
        for x in self._threads:
            x.join()


class Listener:
    """All events of one kind, with a client that subscribes again whenever
    the node was killed."""

    def __init__(self, saker, event):
        self.saker, self.event, self.events = saker, event, []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.ready = threading.Event()

    def _run(self):
        client = self.saker.client(socket_timeout=0.2)
        while not self._over.is_set():
            try:
                with client.pubsub() as listener:
                    listener.psubscribe(f"saker:*:{self.event}")
                    while not self._over.is_set():
                        x = listener.get_message(timeout=0.1)
                        if x and x["type"] == "psubscribe":
                            self.ready.set()
                        if x and x["type"] == "pmessage":
                            self.events.append(json.loads(x["data"]))
            except (redis.RedisError, OSError):
                self._over.wait(0.01)

    def of(self, service):
        return [x for x in list(self.events) if x["service"] == service]

    def __enter__(self):
        self._thread.start()
        if not self.ready.wait(10):
            raise AssertionError("not subscribed")
        return self

    def __exit__(self, *unused):
        self._over.set()
        self._thread.join()


class Memory:
    """The resident memory of the node, and the most it ever was."""

    def __init__(self, saker):
        self.path = f"/proc/{saker.node_pid()}/statm"
        self.most = self.begin = self.now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def now(self):
        with open(self.path) as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _run(self):
        while not self._over.wait(0.01):
            self.most = max(self.most, self.now())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._over.set()
        self._thread.join()
