"""Clients that do not read, come and go by the thousands, or are too many;
descriptors and disks that run out: memory stays bounded, others are served."""
import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from observers import Memory, Pings, Raw, encode  # noqa: E402

MIB = 1 << 20
FLOOD = int(os.environ.get("SOAK_FLOOD_MB", 200)) * MIB
CONNECTS = int(os.environ.get("SOAK_CONNECTS", 10_000))
PIPELINE = int(os.environ.get("SOAK_PIPELINE", 100_000))
PATIENT = "SOAK_PATIENT" in os.environ


class BackpressureTest(harness.TestCase):
    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.saker.port), 10)
        s.settimeout(30)
        return s

    def info(self, field):
        """By one client, so that it does not change what it looks at."""
        if not hasattr(self, "_asker"):
            self._asker = self.client()
        return self._asker.info()[field]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.saker.node_pid()}/fd"))

    # -- clients that do not read ------------------------------------------------

    def publish(self, total, size=65536, in_flight=16):
        """Publishes so many bytes; returns the receivers of the first and of
        the last one."""
        frame = encode("PUBLISH", "flood", b"x" * size)
        first = last = None
        with self.connect() as s, s.makefile("rb") as replies:
            waiting = 0
            for _ in range(total // size):
                if waiting == in_flight:
                    last = replies.readline()
                    first = first or last
                    waiting -= 1
                s.sendall(frame)
                waiting += 1
            for _ in range(waiting):
                last = replies.readline()
        return first, last

    def test_t_r3_a_subscriber_that_never_reads_is_cut_off(self):
        self.start()
        with Memory(self.saker) as rss, Pings(self.saker) as pings, \
                self.connect() as lazy:
            lazy.sendall(encode("SUBSCRIBE", "flood"))
            self.wait_until(lambda: self.client().pubsub_numsub("flood")
                            == [("flood", 1)])
            begin = time.monotonic()
            first, last = self.publish(FLOOD)
            took = time.monotonic() - begin
            self.assertEqual((first, last), (b":1\r\n", b":0\r\n"))
            self.assertEqual(
                self.info("client_output_buffer_limit_disconnections"), 1)
            self.cut(lazy)
        print(f"{FLOOD // MIB} MiB published in {took:.1f} s; RSS "
              f"{rss.begin // MIB} → {rss.most // MIB} MiB at most; "
              + pings.text())
        self.assertLess(rss.most, 150 * MIB)
        self.wait_until(lambda: self.info("unsent_output_bytes") == 0)

    def cut(self, s):
        """Nothing more comes than what the kernel held."""
        with contextlib.suppress(ConnectionError):
            while s.recv(1 << 20):
                pass

    def test_t_r3_many_that_never_read_stay_below_client_memory(self):
        self.start(toml='[limits]\nclient-memory = "32mb"\n')
        with Memory(self.saker) as rss:
            lazy = [self.connect() for _ in range(20)]
            for s in lazy:
                s.sendall(encode("SUBSCRIBE", "flood"))
                s.recv(100)
            # Each below its own limit; its own copy of every message.
            for i in range(20):
                self.publish(7 * MIB, 1000, 100)
            for s in lazy:
                s.close()
        print(f"20 subscribers: RSS {rss.begin // MIB} → {rss.most // MIB} "
              "MiB at most")
        self.assertLess(rss.most, 150 * MIB)

    def test_many_that_never_end_a_command_stay_below_client_memory(self):
        self.start(toml='[limits]\nclient-memory = "32mb"\n')
        begin = encode("PING", b"x" * (60 * MIB))[:16 * MIB]
        greedy = [self.connect() for _ in range(6)]
        with Memory(self.saker) as rss:
            for s in greedy:
                with contextlib.suppress(ConnectionError):
                    s.sendall(begin)
            self.wait_until(lambda: self.info("connected_clients") <= 4)
        print(f"6 large commands: RSS {rss.begin // MIB} → "
              f"{rss.most // MIB} MiB at most")
        self.assertLess(rss.most - rss.begin, 120 * MIB)
        self.saker.wait_for_log("client-memory")
        for s in greedy:
            s.close()

    def test_commands_of_a_transaction_count_too(self):
        self.start(toml='[limits]\nclient-memory = "8mb"\n')
        with self.connect() as s:
            s.sendall(encode("MULTI"))
            with contextlib.suppress(ConnectionError):
                for _ in range(16):
                    s.sendall(encode("ECHO", b"x" * MIB))
            self.cut(s)

    def test_a_slow_subscriber_gets_everything(self):
        """Below the limit nothing is lost, however uneven it reads."""
        self.start()
        count, size = 3000, 4096
        with self.connect() as slow:
            slow.sendall(encode("SUBSCRIBE", "flood"))
            got = slow.recv(100)
            self.publish(count * size, size, 1000)
            frame = encode("message", "flood", b"x" * size)
            with slow.makefile("rb") as stream:
                for _ in range(count):
                    self.assertEqual(stream.read(len(frame)), frame)
            self.assertIn(b"subscribe", got)

    def test_t_r3_a_client_that_pipelines_and_never_reads_is_bounded(self):
        self.start()
        # A short question with a long answer.
        question = encode("COMMAND", "DOCS") * 100
        with Memory(self.saker) as rss, Pings(self.saker) as pings, \
                self.connect() as lazy:
            lazy.setblocking(False)
            sent = 0

            def stalled():
                nonlocal sent
                for _ in range(100):
                    _, writable, _ = select.select([], [lazy], [], 0.5)
                    if not writable:
                        return True
                    at = sent % len(question)
                    sent += lazy.send(question[at:])
                return False
            self.wait_until(stalled, 60, "it is not read any more")
            figures = self.info("unsent_output_bytes")
            # Another client is served as ever.
            self.assertTrue(self.client().ping())
            if PATIENT:
                self.wait_until(lambda: self.info("unsent_output_bytes") == 0,
                                90, "cut off after 60 s without progress")
            else:
                # It reads after all: it gets all replies, and more commands
                # are read.
                lazy.settimeout(30)
                received = 0
                while received < figures + 10 * MIB:
                    received += len(lazy.recv(1 << 20))
                    with contextlib.suppress(BlockingIOError):
                        lazy.setblocking(False)
                        at = sent % len(question)
                        sent += lazy.send(question[at:])
                    lazy.settimeout(30)
        print(f"{sent >> 10} KiB of commands were taken, "
              f"{figures // MIB} MiB of replies held; RSS {rss.begin // MIB} → "
              f"{rss.most // MIB} MiB at most; {pings.text()}")
        self.assertLess(figures, 80 * MIB)
        self.assertLess(rss.most, 200 * MIB)

    def test_t_r2_a_long_pipeline_gets_all_its_replies(self):
        self.start(scripts="""
            saker.register("slow", function(args)
              saker.sleep(1)
              return args[1]
            end, PROP_PASSIVITY)""")
        with Memory(self.saker) as rss, self.connect() as s:
            # All is sent before the first reply is read. A script in between
            # holds up only what comes after it.
            begin = time.monotonic()
            s.sendall(b"".join(
                encode("slow" if i % 1000 == 0 else "ECHO", i)
                for i in range(PIPELINE)))
            with s.makefile("rb") as replies:
                for i in range(PIPELINE):
                    text = b"%d" % i
                    self.assertEqual(replies.readline(),
                                     b"$%d\r\n" % len(text))
                    self.assertEqual(replies.readline(), text + b"\r\n")
            took = time.monotonic() - begin
        print(f"{PIPELINE} commands in one pipeline: {took:.2f} s; RSS "
              f"{rss.begin // MIB} → {rss.most // MIB} MiB at most")
        self.assertLess(rss.most, 150 * MIB)

    # -- replies and pushes --------------------------------------------------------

    def test_t_r2_one_write_with_more_replies_than_may_wait(self):
        """Also of strangers, for whom less may wait."""
        for password in ("", "secret"):
            saker = self.start(toml="[limits]\nreply-pause = \"64kb\"\n")
            if password:
                saker.client().config_set("requirepass", password)
            s = socket.create_connection(("127.0.0.1", saker.port), 10)
            s.settimeout(20)
            with s, s.makefile("rb") as replies:
                s.sendall(b"zq\r\n" * 4000)
                for _ in range(4000):
                    self.assertEqual(replies.read(1), b"-")
                    replies.readline()
                s.sendall(b"PING\r\n")
                self.assertIn(replies.read(1), b"+-")
            self.wait_until(lambda: saker.client(
                password=password or None).info("clients")
                ["connected_clients"] <= 2)
            saker.stop()

    def test_q3_q4_t_r2_pushes_and_replies_never_mix(self):
        self.start(
            services="".join(f'service "s{i}" {{exec = {{"sleep", "1000"}}}}\n'
                             for i in range(20)),
            scripts="""
            saker.register("nest", function(args)
              saker.sleep(tonumber(args[2]))
              return {args[1], {map = {a = {1, 2, {set = {"x"}}}}}, false}
            end, PROP_PASSIVITY)""")
        publishers, count = 3, 3000
        with Raw(self.saker.port) as raw:
            raw.ask("HELLO", "3")
            for i in range(publishers):
                raw.ask("SUBSCRIBE", f"load{i}")
            raw.ask("PSUBSCRIBE", "saker:*")
            over = threading.Event()
            threads = [threading.Thread(target=self.number, args=(i, count))
                       for i in range(publishers)]
            threads.append(threading.Thread(target=self.restart, args=(over,)))
            for x in threads:
                x.start()
            asked, heard, pushes = 0, [0] * publishers, 0
            answers = []
            while min(heard) < count:
                for _ in range(20):
                    answers.append(self.question(raw, asked))
                    asked += 1
                while answers:
                    frame = raw.reply()
                    self.assertNotIn(b"\n>", frame[:-2])
                    if frame[:1] != b">" or b"\r\nsubscribe" in frame[:20]:
                        self.assertRegex(frame, answers.pop(0))
                        continue
                    pushes += 1
                    words = frame.split(b"\r\n")
                    if words[2] != b"message":
                        self.assertEqual(words[2], b"pmessage")
                        continue
                    which = int(words[4].removeprefix(b"load"))
                    self.assertEqual(int(words[6]), heard[which])
                    heard[which] += 1
            over.set()
            for x in threads:
                x.join()
        print(f"{asked} replies and {pushes} pushes in order on one "
              "connection")

    def question(self, raw, i):
        """Asks something and returns how the answer must look."""
        match i % 5:
            case 0:
                raw.send("ECHO", f"n{i}")
                return b"^\\$\\d+\r\nn%d\r\n$" % i
            case 1:
                raw.send("nest", f"n{i}", i % 3)
                return b"^\\*3\r\n\\$\\d+\r\nn%d\r\n%%1" % i
            case 2:
                raw.send("SVSTATUS")
                return b"^\\*20\r\n%"
            case 3:
                raw.send("SUBSCRIBE", "load0")
                # In RESP3 a push, but in the place of a reply.
                return b"^>3\r\n\\$9\r\nsubscribe\r\n"
        raw.send("PING")
        return b"^\\+PONG"

    def number(self, which, count):
        with self.connect() as s, s.makefile("rb") as replies:
            for begin in range(0, count, 50):
                s.sendall(b"".join(encode("PUBLISH", f"load{which}", i)
                                   for i in range(begin, begin + 50)))
                for _ in range(50):
                    replies.readline()

    def restart(self, over):
        client = self.client()
        while not over.is_set():
            client.execute_command("SVRESTART", "s*")

    # -- coming and going ----------------------------------------------------------

    def test_q2_t_r4_quick_connects_leave_nothing_behind(self):
        self.start()
        unix = str(self.saker.socket)

        def once(i):
            family = socket.AF_UNIX if i % 2 else socket.AF_INET
            s = socket.socket(family)
            s.settimeout(10)
            if family == socket.AF_INET:
                # A reset, which also leaves no port behind.
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b"\1\0\0\0\0\0\0\0")
            s.connect(unix if i % 2 else ("127.0.0.1", self.saker.port))
            match i // 2 % 6:
                case 0:
                    pass
                case 1:
                    s.sendall(b"PING\r\n")
                case 2:
                    s.sendall(b"PING\r\n")
                    self.assertEqual(s.recv(64), b"+PONG\r\n")
                case 3:
                    s.sendall(b"*2\r\n$4\r\nECHO\r\n$1000\r\nhalf")
                case 4:
                    s.sendall(encode("SUBSCRIBE", f"c{i}"))
                case 5:
                    s.sendall(b"*1\r\n$nonsense\r\n")
            s.close()

        def flat():
            # This client, which asks, is one.
            return self.info("connected_clients") == 1

        for i in range(2000):
            once(i)
        self.wait_until(flat)
        with Memory(self.saker) as rss:
            fds, begin = self.descriptors(), time.monotonic()
            for i in range(CONNECTS):
                once(i)
            took = time.monotonic() - begin
            self.wait_until(flat, 10, "all clients are forgotten")
            self.wait_until(lambda: self.descriptors() <= fds, 5,
                            "all descriptors are closed")
            now = rss.now()
        print(f"{CONNECTS} connects in {took:.1f} s; descriptors {fds} → "
              f"{self.descriptors()}; RSS {rss.begin >> 10} → {now >> 10} KiB")
        self.assertLess(now - rss.begin, 4 * MIB)
        self.assertEqual(self.client().execute_command("PUBSUB", "CHANNELS"),
                         [])

    # -- too many --------------------------------------------------------------------

    def test_max_clients_are_refused_as_redis_does(self):
        self.start(arguments=["--set", "max-clients=50"])
        self.wait_until(lambda: self.info("connected_clients") == 1)
        # Root has 16 places more: whoever fills all must not keep it out.
        clients = [self.connect() for _ in range(49 + 16)]
        for s in clients:
            s.sendall(b"PING\r\n")
        for s in clients:
            self.assertEqual(s.recv(64), b"+PONG\r\n")
        with self.connect() as s:
            self.assertEqual(s.recv(100),
                             b"-ERR max number of clients reached\r\n")
            self.assertEqual(s.recv(100), b"")
        clients.pop().close()

        def there_is_room():
            with self.connect() as s:
                s.sendall(b"PING\r\n")
                return s.recv(64) == b"+PONG\r\n"
        self.wait_until(there_is_room)
        for s in clients:
            s.close()

    def limited(self, descriptors, **more):
        """A Saker that may open only so many."""
        saker = self.make(**more)
        command = saker.command
        saker.command = lambda: ["prlimit", f"--nofile={descriptors}",
                                 "--"] + command()
        return saker.start()

    def test_q2_t_r4_clients_do_not_use_up_the_descriptors(self):
        self.limited(200, services="""
            service "a" {exec = {"sh", "-c", "echo run; exec sleep 1000"},
                         budget = false, backoff = "1ms"}""")
        self.saker.wait_for_state("a", "running")
        node = self.saker.node_pid()
        clients, answered = [], 0
        for _ in range(400):
            s = self.connect()
            s.sendall(b"PING\r\n")
            clients.append(s)
        for s in clients:
            with contextlib.suppress(ConnectionError):
                answered += s.recv(64) == b"+PONG\r\n"
        self.assertGreater(answered, 50)
        self.assertLess(answered, 200)
        first = clients[0]
        # What is supervised needs descriptors too.
        log = self.saker.state_dir / "log/a.log"
        for i in range(2, 5):
            pid = int(self.over(first, "SVSTATUS", "a")["pid"])
            os.kill(pid, signal.SIGKILL)
            self.wait_until(lambda: (x := self.over(first, "SVSTATUS", "a"))
                            ["state"] == "running" and int(x["pid"]) != pid)
            self.wait_until(lambda: log.read_text() == "run\n" * i)
        for s in clients[1:]:
            s.close()
        self.wait_until(lambda: self.client().ping())
        self.assertEqual(self.saker.node_pid(), node)
        print(f"{answered} of 400 clients were served with 200 descriptors")
        first.close()

    def test_what_descriptors_do_not_suffice_for_is_not_started(self):
        self.limited(90, services="""
            service "many" {exec = {"sleep", "1000"}, count = 2}""")
        self.wait_until(lambda: {x["state"] for x in self.status().values()}
                        == {"running"})
        node = self.saker.node_pid()
        clients = [self.connect() for _ in range(120)]
        for s in clients:
            with contextlib.suppress(ConnectionError):
                s.sendall(b"PING\r\n")
                s.recv(64)  # served, or refused
        first = clients[0]
        for words in (("SVSCALE", "many", "40"), ("SVSCALE", "many", "400")):
            first.sendall(encode(*words))
            self.assertIn(b"descriptors, but Saker may have only 90",
                          first.recv(4096))
        for s in clients[1:]:
            s.close()
        self.assertEqual(self.saker.node_pid(), node)
        self.assertEqual(self.over(first, "SVSTATUS", "many:1")["state"],
                         "running")
        first.close()

    def over(self, s, *words):
        """A row of SVSTATUS over a connection that is there."""
        s.sendall(encode(*words))
        with s.makefile("rb") as stream:
            def value():
                line = stream.readline()
                if line[:1] == b"*":
                    return [value() for _ in range(int(line[1:]))]
                if line[:1] == b"$" and line != b"$-1\r\n":
                    return stream.read(int(line[1:]) + 2)[:-2].decode()
                return line[1:-2].decode()
            (row,) = value()
        return dict(zip(row[::2], row[1::2]))

    def test_t_c7_a_keeper_without_descriptors_answers_with_an_error(self):
        self.start(services="".join(
            f'service "s{i}" {{exec = {{"sleep", "1000"}}, autostart = false, '
            'budget = "1/1h"}\n' for i in range(30)))
        keeper = self.saker.keeper_pid()
        used = max(map(int, os.listdir(f"/proc/{keeper}/fd"))) + 1
        limits = resource.prlimit(keeper, resource.RLIMIT_NOFILE)
        resource.prlimit(keeper, resource.RLIMIT_NOFILE,
                         (used + 20, limits[1]))
        begin = time.monotonic()
        rows = self.client().execute_command("SVSTART", "s*")
        took = time.monotonic() - begin
        replies = [dict(zip(x[::2], x[1::2])) for x in rows]
        started = [x for x in replies if x["code"] == 0]
        refused = [x for x in replies if x["code"] == 1]
        self.assertGreater(len(started), 2)
        self.assertGreater(len(refused), 2)
        self.assertEqual(len(started) + len(refused), 30)
        for x in refused:
            self.assertIn("EMFILE", x["desc"])
        for x in started:
            self.assertEqual(self.state(x["name"]), "running")
        # It is tried again, and no budget is charged for it.
        resource.prlimit(keeper, resource.RLIMIT_NOFILE, limits)
        self.wait_until(lambda: all(x["state"] == "running" for x in
                                    self.status().values()), 20)
        print(f"{len(started)} of 30 started, the others refused in "
              f"{took * 1000:.0f} ms and started later")

    # -- disks -----------------------------------------------------------------------

    @contextlib.contextmanager
    def small_disk(self, size="1m"):
        folder = tempfile.mkdtemp(prefix="saker-disk-", dir="/tmp")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o",
                               f"size={size},mode=0700", "none", folder],
                              capture_output=True)
        if done.returncode != 0:
            os.rmdir(folder)
            self.skipTest("no right to mount a tmpfs")
        try:
            yield folder
        finally:
            # Once nobody writes there any more.
            for one in self._sakers:
                one.stop()
            subprocess.run(["umount", folder], check=True)
            os.rmdir(folder)

    WRITER = """
import os, sys, time
longest, n = 0.0, 0
while True:
    begin = time.monotonic()
    os.write(1, b"%d %s\\n" % (n, b"x" * 1000))
    took = time.monotonic() - begin
    n += 1
    if took > longest:
        longest = took
        with open(sys.argv[1] + ".part", "w") as f:
            f.write("%f" % longest)
        os.rename(sys.argv[1] + ".part", sys.argv[1])
    time.sleep(0.0005)
"""

    def test_t_c6_a_full_disk_of_the_log_stops_no_child(self):
        with self.small_disk() as disk, tempfile.TemporaryDirectory() as out:
            longest = os.path.join(out, "longest")
            log = os.path.join(disk, "a.log")
            self.start(services=f"""
                service "a" {{exec = {{"/usr/bin/python3", "-S", "-E", "-c",
                              [=[{self.WRITER}]=], "{longest}"}},
                              log = {{file = "{log}", size = "1G"}}}}""")
            with Memory(self.saker) as rss:
                self.wait_until(lambda: os.statvfs(disk).f_bavail == 0, 30,
                                "the disk is full")
                self.wait_until(lambda: log in self.saker.log(), 10,
                                "it is told")
                # It goes on for so long that its FIFO would be full often.
                io = f"/proc/{self.pid('a')}/io"

                def written():
                    with open(io) as f:
                        return int(f.read().split("wchar: ")[1].split()[0])
                begin = written()
                self.wait_until(lambda: written() > begin + MIB, 30,
                                "the child writes on")
                with open(longest) as f:
                    wait = float(f.read())
                told = self.saker.log().count(log)
                # Room again.
                with open(log, "r+b") as f:
                    f.truncate(0)
                self.wait_until(lambda: b"lost" in self.tail(log), 10,
                                "the log says what was lost")
                self.wait_until(lambda: b" xxx" in self.tail(log)
                                .split(b"lost")[-1], 10, "it goes on")
            print(f"full disk: longest write of the child {wait * 1000:.1f} "
                  f"ms, {told} line(s) in the log of Saker, RSS "
                  f"{rss.begin // MIB} → {rss.most // MIB} MiB")
            # It would be for ever; and machines let programs wait, too.
            self.assertLess(wait, 2)
            self.assertEqual(told, 1)
            self.assertLess(rss.most - rss.begin, 16 * MIB)
            self.assertEqual(self.status("a")["a"]["restarts"], 0)

    @staticmethod
    def tail(path):
        with open(path, "rb") as f:
            return f.read()[-500_000:]

    def test_t_c6_a_full_disk_of_the_state_loses_no_wanted_state(self):
        with self.small_disk("2m") as disk:
            saker = self.make(services="".join(
                f'service "s{i}" {{exec = {{"sleep", "1000"}}, log = false}}\n'
                for i in range(4)))
            os.makedirs(os.path.join(disk, "state"))
            saker.state_dir = type(saker.state_dir)(disk) / "state"
            saker.start()
            self.wait_until(lambda: all(x["state"] == "running" for x in
                                        self.status().values()))
            client = self.client()
            client.execute_command("SVSTOP", "s0", "WAIT", "5000")
            with open(os.path.join(disk, "filler"), "wb",
                      buffering=0) as filler:
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(bytes(4096))
                # What is not said to be forgotten is remembered.
                remembered = {"s0": "stopped"}
                forgotten = 0
                for i, name in enumerate(["s1", "s2", "s3"] * 10):
                    verb = "SVSTOP" if i // 3 % 2 == 0 else "SVSTART"
                    reply = client.execute_command(verb, name, "WAIT", "5000")
                    if "will be forgotten" in str(reply):
                        forgotten += 1
                        remembered.pop(name, None)
                    else:
                        remembered[name] = ("stopped" if verb == "SVSTOP"
                                            else "running")
                self.assertGreater(forgotten, 0)
                # A node that starts on a full disk serves all the same.
                saker.kill_node()
                saker.wait_for_ping()
                self.assertEqual(self.state("s0"), "stopped")
            os.unlink(os.path.join(disk, "filler"))
            client = self.client()
            client.execute_command("SVSTOP", "s2", "WAIT", "5000")
            remembered["s2"] = "stopped"
            os.kill(saker.node_pid(), signal.SIGKILL)
            saker.kill_keeper()
            saker.start()
            for name, state in remembered.items():
                saker.wait_for_state(name, state)
            print(f"full disk: {forgotten} of 30 said to be forgotten, "
                  f"remembered: {remembered}")


if __name__ == "__main__":
    unittest.main()
