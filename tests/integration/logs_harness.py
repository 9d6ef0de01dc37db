"""Children that put out a lot, and who listens to them."""
import fcntl
import os
import pathlib
import struct
import termios

import saker_harness

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

    def switches(self):
        """How often threads of the node have gone to sleep."""
        count = 0
        folder = pathlib.Path(f"/proc/{self.saker.node_pid()}/task")
        for task in folder.iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    count += int(line.split()[1])
        return count

    def waiting(self, key):
        """Bytes of its output that nobody has read: many where a disk hangs."""
        fd = os.open(self.saker.runtime_dir / "out" / key,
                     os.O_RDONLY | os.O_NONBLOCK)
        try:
            return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD,
                                                  b"\0\0\0\0"))[0]
        finally:
            os.close(fd)
