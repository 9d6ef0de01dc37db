"""Several Sakers on one machine that know of each other (T-N1, T-N3)."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import redis

import saker_harness as harness

HEARTBEAT = 0.2
# Long enough for a node that the machine does not let run for a moment.
DEAD_AFTER = 3.0
# Generous: the machine may be busy.
SOON = 20
# A silent node is dead by then.
DEATH_NOTICED = 1.25 * DEAD_AFTER + 4

SLEEPER = 'service "{0}" {{exec = {{"sleep", "1000"}}}}\n'


def as_dict(row):
    return row if isinstance(row, dict) else dict(zip(row[::2], row[1::2]))


class Node(harness.Saker):
    """A Saker that is a member: its clients may use the UNIX socket only, so
    that it can live in a network namespace."""

    def __init__(self, name, port, join, secrets="", prefix=(),
                 host="127.0.0.1", more="", **options):
        self.name, self.link_port, self.prefix = name, port, list(prefix)
        self._by_socket = None
        join = [x if isinstance(x, str) else f"127.0.0.1:{x}" for x in join]
        toml = f"""[cluster]
listen = "{host}:{port}"
join = {join}
heartbeat = "{int(HEARTBEAT * 1000)}ms"
dead-after = "{int(DEAD_AFTER * 1000)}ms"
{secrets}"""
        super().__init__(toml=toml, services=SLEEPER.format("on-" + name)
                         + SLEEPER.format("web") + more,
                         arguments=["--set", f"node={name}"], **options)

    def command(self):
        return self.prefix + super().command()

    def via_socket(self):
        if not self._by_socket:
            self._by_socket = self.client(unix_socket_path=str(self.socket))
        return self._by_socket

    def wait_for_ping(self, deadline=20):
        def serves():
            return not self.via_socket().info("persistence")["loading"]
        harness.wait_until(serves, deadline,
                           f"PING of {self.name}; its log:\n{self.log()}")
        self.note_processes()

    def nodes(self):
        """NODES as {name: row}."""
        rows = self.via_socket().execute_command("NODES")
        return {x["name"]: x for x in map(as_dict, rows)}

    def sees(self, name, state):
        return self.nodes().get(name, {}).get("state") == state

    def rows(self, *masks):
        """SVSTATUS as {(name, node): row}."""
        rows = self.via_socket().execute_command("SVSTATUS", *masks)
        return {(x["name"], x["node"]): x for x in map(as_dict, rows)}


class ClusterCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.common = pathlib.Path(tempfile.mkdtemp(prefix="saker-c-",
                                                    dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.common, ignore_errors=True)
        cookie = self.common / "cookie"
        cookie.write_text("a secret of the test\n")
        cookie.chmod(0o600)
        self.insecure = f'insecure = true\ncookie-file = "{cookie}"\n'
        self.prefix = ()

    def make_certs(self, folder, *names):
        folder = self.common / folder
        subprocess.run([str(harness.ROOT / "tools/certs"), str(folder),
                        *names], check=True, capture_output=True)
        return folder

    @staticmethod
    def tls(folder, name, ca=None):
        return (f'tls = {{cert = "{folder}/{name}.pem", '
                f'key = "{folder}/{name}.key", '
                f'ca = "{ca or folder}/ca.pem"}}\n')

    def node(self, name, port=None, join=(), secrets=None, **options):
        options.setdefault("prefix", self.prefix)
        one = Node(name, port or harness.free_port(), join,
                   self.insecure if secrets is None else secrets, **options)
        self._sakers.append(one)
        return one

    def trio(self, **options):
        """Three of them; the second and third know the first one only."""
        first = self.node("n1", **options)
        rest = [self.node(x, join=[first.link_port], **options)
                for x in ("n2", "n3")]
        all_ = [first] + rest
        for x in all_:
            x.start()
        self.meet(all_)
        return all_

    def pair(self, **options):
        a = self.node("a", **options)
        b = self.node("b", join=[a.link_port], **options)
        a.start()
        b.start()
        self.meet([a, b])
        return a, b

    def meet(self, all_, deadline=SOON):
        for x in all_:
            for y in all_:
                self.wait_until(lambda: x.sees(y.name, "up"), deadline,
                                f"{x.name} sees {y.name}: {x.nodes()}\n"
                                f"{x.log()}")
            self.wait_until(lambda: x.rows("web")["web", x.name]["state"]
                            == "running", deadline, f"web of {x.name} runs")


class MembershipTest(ClusterCase):
    def test_three_find_each_other_from_one_address(self):
        n1, n2, n3 = self.trio()
        row = n3.nodes()["n2"]
        self.assertEqual(row["address"], f"127.0.0.1:{n2.link_port}")
        self.wait_until(lambda: n3.nodes()["n2"]["rtt"] is not None)

    def test_all_dial_all_and_one_link_of_two_stays(self):
        ports = [harness.free_port() for _ in range(3)]
        all_ = [self.node(f"n{i}", port, join=ports)
                for i, port in enumerate(ports)]
        for x in all_:
            x.launch()
        for x in all_:
            x.wait_for_ping()
        self.meet(all_)

        def links(node):
            pid = node.node_pid()
            text = subprocess.run(["ss", "-Htnp", "state", "established"],
                                  capture_output=True, text=True).stdout
            return sum(1 for line in text.splitlines()
                       if f"pid={pid}," in line
                       and any(f":{p}" in line for p in ports))
        if shutil.which("ss"):
            for x in all_:
                self.wait_until(lambda: links(x) == 2, SOON,
                                f"{x.name} has one link to each")

    def test_names_of_hosts_are_looked_up(self):
        certs = self.make_certs("ours", "a", "b")
        # Of the addresses of localhost one answers.
        a = self.node("a", secrets=self.tls(certs, "a"))
        b = self.node("b", secrets=self.tls(certs, "b"),
                      join=[f"localhost:{a.link_port}", "nowhere.invalid:1"])
        a.start()
        b.start()
        self.meet([a, b])
        row = as_dict(b.via_socket().execute_command("NODE", "INFO", "a"))
        self.assertEqual(row["address"], f"127.0.0.1:{a.link_port}")
        self.assertTrue(row["join"])
        self.wait_until(lambda: "node at nowhere.invalid:1: look up "
                        "nowhere.invalid: " in b.log(), SOON)
        a.kill_node()
        self.wait_until(lambda: "node a is lost" in b.log(), SOON)
        self.meet([a, b])

    def test_saker_nodes_agrees(self):
        a, b = self.pair()
        done = subprocess.run(
            [str(harness.BIN / "saker"), "nodes", "--address",
             f"unix:{a.socket}"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [x.split() for x in done.stdout.splitlines()]
        self.assertEqual(lines[0], ["NAME", "ADDRESS", "STATE", "SINCE", "RTT"])
        self.assertEqual([x[:3] for x in lines[1:]],
                         [["a", f"127.0.0.1:{a.link_port}", "up"],
                          ["b", f"127.0.0.1:{b.link_port}", "up"]])

    def test_a_node_without_a_cluster_knows_itself(self):
        saker = self.start()
        client = saker.client()
        rows = [as_dict(x) for x in client.execute_command("NODES")]
        self.assertEqual([(x["name"], x["state"]) for x in rows],
                         [("test", "up")])
        with self.assertRaisesRegex(redis.ResponseError,
                                    "NONODE .*knows no other"):
            client.execute_command("SVSTATUS", "a@n2")
        def threads(node):  # CAF gives its workers the same name
            tasks = pathlib.Path(f"/proc/{node.node_pid()}/task")
            return sum((x / "comm").read_text() == "caf.multiplexer\n"
                       for x in tasks.iterdir())
        member = self.node("m")
        member.start()
        # A thread takes its name a moment after it began.
        self.wait_until(lambda: threads(saker) + 1 == threads(member),
                        what="one thread more")

    def test_one_that_leaves_says_good_bye(self):
        a, b = self.pair()
        b.stop()
        self.wait_until(lambda: a.sees("b", "left"), SOON)


class DeathTest(ClusterCase):
    def test_t_n1_a_killed_node_comes_back_by_itself(self):
        a, b = self.pair()
        b.kill_node()
        self.wait_until(lambda: "node b is lost" in a.log(), SOON)
        self.meet([a, b])

    def test_t_n1_one_killed_one_frozen_both_back(self):
        n1, n2, n3 = self.trio()
        n2.kill_keeper()
        frozen = n3.node_pid()
        os.kill(frozen, signal.SIGSTOP)
        began = time.monotonic()
        try:
            self.wait_until(lambda: n1.sees("n2", "dead"), SOON)
            self.wait_until(lambda: n1.sees("n3", "dead"), SOON)
            self.assertLess(time.monotonic() - began, DEATH_NOTICED)
            row = n1.nodes()["n3"]
            self.assertTrue(row["reason"], row)
            began = time.monotonic()
            with self.assertRaisesRegex(redis.ResponseError, "NONODE .*n3"):
                n1.via_socket().execute_command("SVSTOP", "web@n3")
            self.assertLess(time.monotonic() - began, SOON)
            rows = n1.rows("*@*")
            self.assertEqual(rows["*", "n2"]["state"], "lost")
            self.assertTrue(rows["*", "n3"]["reason"])
            self.assertEqual(rows["web", "n1"]["state"], "running")
        finally:
            os.kill(frozen, signal.SIGCONT)
        n2.start()
        self.meet([n1, n2, n3])

    def test_t_n1_open_commands_fail_when_the_node_dies(self):
        a, b = self.pair()
        frozen = b.node_pid()
        os.kill(frozen, signal.SIGSTOP)
        try:
            with self.assertRaisesRegex(redis.ResponseError, "NONODE .*lost"):
                a.via_socket().execute_command("SVSTATUS", "web@b")
        finally:
            os.kill(frozen, signal.SIGCONT)
        self.meet([a, b])

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("nsenter")
                         and shutil.which("ip"),
                         "needs root, nsenter and ip: makes a network "
                         "namespace")
    def test_t_n1_dropped_packets_are_noticed(self):
        holder = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        enter = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]

        def loopback(state):
            subprocess.run(enter + ["ip", "link", "set", "lo", state],
                           check=True)
        own = os.readlink("/proc/self/ns/net")
        self.wait_until(lambda: os.readlink(f"/proc/{holder.pid}/ns/net")
                        != own)
        loopback("up")
        self.prefix = enter
        a, b = self.pair()
        loopback("down")
        began = time.monotonic()
        self.wait_until(lambda: a.sees("b", "dead"), SOON)
        self.wait_until(lambda: b.sees("a", "dead"), SOON)
        self.assertLess(time.monotonic() - began, DEATH_NOTICED)
        loopback("up")
        self.meet([a, b])


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("nsenter")
                     and shutil.which("ip"),
                     "needs root, nsenter and ip: makes network namespaces")
class NetworkTest(ClusterCase):
    """Three nodes, each in a network namespace of its own, at one bridge:
    what is cut here is cut as by a broken cable, without a word to anybody."""

    NAMES = ("n1", "n2", "n3")

    def setUp(self):
        super().setUp()
        self.enter = {}
        self.inside("hub", "ip", "link", "add", "name", "hub", "type",
                    "bridge")
        self.inside("hub", "ip", "link", "set", "hub", "up")

    def inside(self, place, *command, check=True):
        """Runs a command in the namespace of that name."""
        if place not in self.enter:
            self.enter[place] = self.namespace()
        done = subprocess.run([*self.enter[place], *command],
                              capture_output=True, text=True, timeout=20)
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.stderr}")
        return done

    def namespace(self):
        """A new one, as the beginning of commands that run in it."""
        holder = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        path = f"/proc/{holder.pid}/ns/net"
        own = os.readlink("/proc/self/ns/net")
        self.wait_until(lambda: os.readlink(path) != own)
        return ["nsenter", f"--net={path}"]

    @staticmethod
    def address(name):
        return "10.77.0." + name[1:]

    def connect(self, name):
        self.inside(name, "ip", "link", "set", "lo", "up")
        path = self.enter[name][1].partition("=")[2]
        self.inside("hub", "ip", "link", "add", "name", name, "type", "veth",
                    "peer", "name", "eth0", "netns", path.split("/")[2])
        self.inside(name, "ip", "address", "add", self.address(name) + "/24",
                    "dev", "eth0")
        self.inside(name, "ip", "link", "set", "eth0", "up")
        self.inside("hub", "ip", "link", "set", name, "up")
        self.plug_in(name)

    def plug_in(self, name):
        self.inside("hub", "ip", "link", "set", name, "master", "hub")

    def unplug(self, name):
        self.inside("hub", "ip", "link", "set", name, "nomaster")

    def trio(self):
        folder = self.make_certs("ours", *self.NAMES)
        join = [self.address(x) + ":12107" for x in self.NAMES]
        all_ = []
        for name in self.NAMES:
            self.connect(name)
            all_.append(self.node(name, 12107, join, self.tls(folder, name),
                                  host=self.address(name),
                                  prefix=self.enter[name]))
            all_[-1].start()
        self.meet(all_)
        return all_

    def wait_for_deaths(self, pairs):
        began = time.monotonic()
        for who, of in pairs:
            self.wait_until(lambda: who.sees(of.name, "dead"), SOON,
                            f"{who.name} sees that {of.name} is dead")
        self.assertLess(time.monotonic() - began, DEATH_NOTICED)

    def test_t_n1_one_of_three_is_cut_off_and_comes_back(self):
        n1, n2, n3 = self.trio()
        self.unplug("n3")
        self.wait_for_deaths([(n1, n3), (n2, n3), (n3, n1), (n3, n2)])
        self.assertTrue(n1.sees("n2", "up") and n2.sees("n1", "up"))
        n1.wait_for_log("node n3 is lost: hear .*: nothing for")
        # The one alone goes on with what is its own.
        done = n3.via_socket().execute_command("SVRESTART", "web", "WAIT",
                                               "5000")
        self.assertEqual(int(as_dict(done[0])["code"]), 0)
        rows = n3.rows("*@*")
        self.assertEqual(rows["web", "n3"]["state"], "running")
        self.assertEqual({x for x, row in rows.items()
                          if row["state"] == "lost"},
                         {("*", "n1"), ("*", "n2")})
        rows = n1.rows("web@*")
        self.assertEqual({x: row["state"] for x, row in rows.items()},
                         {("web", "n1"): "running", ("web", "n2"): "running",
                          ("*", "n3"): "lost"})
        self.plug_in("n3")
        self.meet([n1, n2, n3])
        self.assertEqual(n3.rows("web@n1")["web", "n1"]["state"], "running")

    def test_t_n1_a_cut_in_one_direction_is_a_cut(self):
        n1, n2, n3 = self.trio()
        # n2 still reaches n1, but gets no answer.
        self.inside("n1", "ip", "route", "add", "blackhole",
                    self.address("n2"))
        self.wait_for_deaths([(n1, n2), (n2, n1)])
        self.assertTrue(n3.sees("n1", "up") and n3.sees("n2", "up"))
        self.assertIn(("web", "n3"), n2.rows("web@n3"))
        self.inside("n1", "ip", "route", "del", "blackhole",
                    self.address("n2"))
        self.meet([n1, n2, n3])

    def test_t_n1_a_slow_link_is_not_a_dead_one(self):
        n1, n2, _ = self.trio()
        there = n2.via_socket().pubsub()
        there.subscribe("bulk")
        client = n1.via_socket()
        self.wait_until(lambda: client.publish("bulk", "probe") == 1, SOON)
        since = n1.nodes()["n2"]["since"], n2.nodes()["n1"]["since"]
        # A queue that holds longer than DEAD_AFTER would be a dead link.
        done = self.inside("n1", "tc", "qdisc", "add", "dev", "eth0", "root",
                           "tbf", "rate", "1mbit", "burst", "16kb",
                           "latency", "200ms", check=False)
        if done.returncode != 0:
            self.skipTest("needs tc with tbf: " + done.stderr)
        began = time.monotonic()
        count = 100
        for i in range(count):
            client.publish("bulk", f"{i} " + os.urandom(5000).hex())
        for i in range(count):
            while True:
                message = there.get_message(timeout=SOON)
                self.assertIsNotNone(message, f"message {i}")
                if message["type"] == "message" \
                        and message["data"] != "probe":
                    break
            self.assertEqual(message["data"].split()[0], str(i))
        self.assertGreater(time.monotonic() - began, 2 * DEAD_AFTER,
                           "it was slow")
        self.assertEqual((n1.nodes()["n2"]["since"],
                          n2.nodes()["n1"]["since"]), since)


class SafetyTest(ClusterCase):
    def test_t_n3_links_are_encrypted(self):
        folder = self.make_certs("ours", "a", "b")
        a = self.node("a", secrets=self.tls(folder, "a"))
        b = self.node("b", join=[a.link_port], secrets=self.tls(folder, "b"))
        a.start()
        b.start()
        self.meet([a, b])
        self.assertIn(("web", "b"), a.rows("web@b"))

    def test_t_n3_a_foreign_certificate_gets_nothing(self):
        ours = self.make_certs("ours", "a", "b")
        theirs = self.make_certs("theirs", "c", "d")
        a = self.node("a", secrets=self.tls(ours, "a"))
        b = self.node("b", join=[a.link_port], secrets=self.tls(ours, "b"))
        # One that trusts us, and one that trusts only its own.
        c = self.node("c", join=[a.link_port],
                      secrets=self.tls(theirs, "c", ours))
        d = self.node("d", join=[a.link_port], secrets=self.tls(theirs, "d"))
        for x in (a, b, c, d):
            x.start()
        self.meet([a, b])
        for x in (c, d):
            self.wait_until(lambda: f"node at 127.0.0.1:{a.link_port}"
                            in x.log(), SOON)
        self.assertEqual(set(a.nodes()), {"a", "b"})
        self.assertEqual(set(c.nodes()), {"c"})
        self.assertEqual(set(d.nodes()), {"d"})
        with self.assertRaises(ssl.SSLError):
            self.anonymous(a)

    def anonymous(self, node):
        """TLS without a certificate of our own: refused at the first read."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", node.link_port), 5) as s:
            with context.wrap_socket(s) as t:
                t.settimeout(5)
                t.recv(1)

    def test_t_n3_a_wrong_cookie_gets_nothing(self):
        other = self.common / "other"
        other.write_text("guess")
        other.chmod(0o600)
        a = self.node("a")
        b = self.node("b", join=[a.link_port],
                      secrets=f'insecure = true\ncookie-file = "{other}"\n')
        a.start()
        b.start()
        self.wait_until(lambda: "cookie" in a.log() or "cookie" in b.log(),
                        SOON)
        self.assertEqual(set(a.nodes()), {"a"})
        self.assertEqual(set(b.nodes()), {"b"})

    def test_t_n3_garbage_does_not_hurt(self):
        a, b = self.pair()
        since = a.nodes()["b"]["since"]
        before = self.rss(a)
        for text in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, b"\xff" * 64,
                     os.urandom(4096), b"*1\r\n$4\r\nPING\r\n"):
            for _ in range(40):
                with socket.create_connection(("127.0.0.1", a.link_port)) as s:
                    s.sendall(text)
        for _ in range(500):
            socket.create_connection(("127.0.0.1", a.link_port)).close()
        silent = []
        for _ in range(100):
            s = socket.create_connection(("127.0.0.1", a.link_port))
            self.addCleanup(s.close)
            silent.append(s)
        for s in silent:  # each is closed at its deadline, or at once
            s.settimeout(SOON)
            try:
                while s.recv(4096):
                    pass
            except ConnectionResetError:
                pass
        self.assertEqual(a.nodes()["b"]["since"], since, "the link stayed")
        self.assertLess(self.rss(a) - before, 16 << 20)
        self.assertLess(a.log().count("refused a connection"), 20)
        self.assertIn(("web", "b"), a.rows("web@b"))

    @staticmethod
    def rss(node):
        text = pathlib.Path(f"/proc/{node.node_pid()}/statm").read_text()
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def test_t_n3_files_that_others_can_read_are_refused(self):
        cookie = self.common / "open"
        cookie.write_text("x")
        cookie.chmod(0o644)
        a = self.node("a", secrets='insecure = true\n'
                                   f'cookie-file = "{cookie}"\n')
        a.launch()
        self.assertEqual(a.wait_for_exit(), 78)
        self.assertIn(f"chmod o= {cookie}", a.log())


class PublishTest(ClusterCase):
    def reaches(self, publisher, channel, receivers):
        """Publishes until the others have announced that they listen."""
        client = publisher.via_socket()
        self.wait_until(lambda: client.publish(channel, "probe") == receivers,
                        SOON, f"{receivers} receivers of {channel}")

    @staticmethod
    def next_message(subscriber, but="probe"):
        while True:
            message = subscriber.get_message(timeout=SOON)
            if message is None:
                raise AssertionError("no message")
            if message["type"].endswith("message") and message["data"] != but:
                return message

    def listen(self, node, *channels, pattern=None):
        subscriber = node.via_socket().pubsub()
        if channels:
            subscriber.subscribe(*channels)
        if pattern:
            subscriber.psubscribe(pattern)
        return subscriber

    def test_a_message_reaches_subscribers_on_other_nodes(self):
        n1, n2, n3 = self.trio()
        direct = self.listen(n2, "news")
        by_pattern = self.listen(n3, pattern="ne*")
        self.reaches(n1, "news", 2)
        self.assertEqual(n1.via_socket().publish("other", "x"), 0)
        n1.via_socket().publish("news", "hello")
        self.assertEqual(self.next_message(direct)["data"], "hello")
        self.assertEqual(self.next_message(by_pattern)["data"], "hello")
        direct.unsubscribe("news")
        self.reaches(n1, "news", 1)

    def test_a_message_comes_once_however_many_ways_lead_to_it(self):
        a, b = self.pair()
        both = self.listen(b, "news", pattern="n*")
        self.reaches(a, "news", 2)
        a.via_socket().publish("news", "hello")
        kinds = sorted(self.next_message(both)["type"] for _ in range(2))
        self.assertEqual(kinds, ["message", "pmessage"])
        a.via_socket().publish("news", "next")
        self.assertEqual(self.next_message(both)["data"], "next")

    def test_a_shard_channel_is_one_on_all_nodes(self):
        a, b = self.pair()
        there = b.via_socket().connection_pool.get_connection("SSUBSCRIBE")
        self.addCleanup(there.disconnect)
        there.send_command("SSUBSCRIBE", "orders")
        self.assertEqual(there.read_response(), ["ssubscribe", "orders", 1])
        client = a.via_socket()

        def publish(text):
            return client.execute_command("SPUBLISH", "orders", text)
        self.wait_until(lambda: publish("probe") == 1, SOON, "a receiver")
        self.assertEqual(client.publish("orders", "not this"), 0)
        self.assertEqual(publish("hello"), 1)
        got = there.read_response()
        while got[2] == "probe":
            got = there.read_response()
        self.assertEqual(got, ["smessage", "orders", "hello"])

    def test_q3_messages_of_one_publisher_stay_in_order(self):
        a, b = self.pair()
        there = self.listen(b, "count")
        self.reaches(a, "count", 1)
        pipe = a.via_socket().pipeline(transaction=False)
        for i in range(20000):
            pipe.publish("count", str(i))
        self.assertEqual(set(pipe.execute()), {1})
        for i in range(20000):
            self.assertEqual(self.next_message(there)["data"], str(i))

    def test_events_of_a_node_are_heard_on_others(self):
        a, b = self.pair()
        heard = self.listen(a, pattern="saker:b:*")

        def stopped():
            b.via_socket().execute_command("SVRESTART", "web")
            message = heard.get_message(timeout=0.2)
            return message and message["type"] == "pmessage" \
                and message["channel"].startswith("saker:b:web:")
        self.wait_until(stopped, SOON)

    def test_output_of_a_service_is_heard_on_other_nodes(self):
        ticker = ('service "ticker" {exec = {"sh", "-c", '
                  '"while sleep 0.05; do echo tick; done"}}\n')
        a, b = self.pair(more=ticker)
        heard = self.listen(a, "log:b:ticker")
        self.assertEqual(self.next_message(heard)["data"], "tick")
        done = subprocess.Popen(
            [str(harness.BIN / "saker"), "logs", "-f", "ticker@b",
             "--address", f"unix:{a.socket}"], stdout=subprocess.PIPE,
            text=True)
        self.addCleanup(done.wait)
        self.addCleanup(done.stdout.close)
        self.addCleanup(done.kill)
        for _ in range(30):  # more than the last 20 lines
            self.assertEqual(done.stdout.readline(), "tick\n")

    def test_q4_a_frozen_node_costs_its_messages_and_no_memory(self):
        a, b = self.pair(secrets=self.insecure + 'backlog = "1mb"\n')
        there = self.listen(b, "bulk")
        self.reaches(a, "bulk", 1)
        before = SafetyTest.rss(a)
        frozen = b.node_pid()
        client = a.via_socket()
        payload = "x" * 100_000
        os.kill(frozen, signal.SIGSTOP)
        try:
            for _ in range(30):
                client.publish("bulk", payload)
            missed = int(a.nodes()["b"]["missed"])
            self.assertGreater(missed, 10)
            self.assertLess(SafetyTest.rss(a) - before, 64 << 20)
        finally:
            os.kill(frozen, signal.SIGCONT)
        a.wait_for_log("node b does not keep up")
        there.close()


class CommandTest(ClusterCase):
    def test_status_and_control_of_another_node(self):
        a, b = self.pair()
        self.assertEqual(set(a.rows("web@b")), {("web", "b")})
        self.assertEqual(set(a.rows("*@*")),
                         {("web", "a"), ("on-a", "a"), ("web", "b"),
                          ("on-b", "b")})
        self.assertEqual(set(a.rows("@b")), {("web", "b"), ("on-b", "b")})
        self.assertEqual(set(a.rows("on-*@*")), {("on-a", "a"), ("on-b", "b")})
        client = a.via_socket()
        done = as_dict(client.execute_command("SVSTOP", "web@b", "WAIT",
                                              "5000")[0])
        self.assertEqual((done["name"], int(done["code"])), ("web@b", 0))
        self.assertEqual(b.rows("web")["web", "b"]["state"], "stopped")
        self.assertEqual(a.rows("web")["web", "a"]["state"], "running")
        self.assertRegex(b.rows("web")["web", "b"]["intent_by"], "via a$")
        self.assertEqual(client.execute_command("SVSTART", "*@*", "WAIT",
                                                "5000")[0] is not None, True)
        self.assertEqual(int(client.execute_command(
            "SVWAIT", "web@*", "running", "5000")), 2)

    def test_text_and_json_of_all_nodes(self):
        a, b = self.pair()
        text = a.via_socket().execute_command("SVSTATUS", "*@*", "TEXT")
        lines = text if isinstance(text, list) else text.splitlines()
        self.assertEqual([x for x in lines if x.startswith("node ")],
                         ["node a", "node b"])
        rows = json.loads(a.via_socket().execute_command("SVSTATUS", "*@*",
                                                         "JSON"))
        self.assertEqual({x["node"] for x in rows}, {"a", "b"})

    def test_an_unknown_node_is_named_with_near_ones(self):
        one = self.node("alpha")
        other = self.node("beta", join=[one.link_port])
        one.start()
        other.start()
        self.meet([one, other])
        client = one.via_socket()
        with self.assertRaisesRegex(
                redis.ResponseError,
                'NONODE no node "bata" .*did you mean "beta"'):
            client.execute_command("SVSTATUS", "web@bata")
        with self.assertRaisesRegex(redis.ResponseError,
                                    "NONODE no node.*NODES lists all"):
            client.execute_command("SVSTATUS", "web@nowhere")
        with self.assertRaisesRegex(redis.ResponseError, "NOSERVICE"):
            client.execute_command("SVSTOP", "nothing@beta")

    def test_names_are_looked_up_on_all_nodes_before_anything_is_done(self):
        a, b = self.pair()
        client = a.via_socket()
        for wrong in ("nope@b", "nope@*"):
            with self.assertRaisesRegex(redis.ResponseError,
                                        "NOSERVICE.*nope"):
                client.execute_command("SVSTOP", "web", wrong, "WAIT", "5000")
        self.assertEqual(a.rows("web")["web", "a"]["state"], "running")
        done = client.execute_command("SVSTOP", "on-a@*", "on-b@*", "WAIT",
                                      "5000")
        self.assertEqual({x["name"]: int(x["code"])
                          for x in map(as_dict, done)},
                         {"on-a": 0, "on-b@b": 0})

    def test_groups_checks_and_runs_of_another_node(self):
        more = ('service "g" {exec = {"sleep", "1000"}, groups = {"front"}, '
                'autostart = false}\n')
        a, b = self.pair(more=more)
        client = a.via_socket()

        def states(*masks):
            rows = client.execute_command("SVGSTATUS", *masks)
            return {(x["node"], x["name"]): x["state"]
                    for x in map(as_dict, rows)}
        client.execute_command("SVGSTART", "front@b", "WAIT", "5000")
        self.assertEqual(states("front@*"), {("a", "g"): "stopped",
                                             ("b", "g"): "running"})
        client.execute_command("SVGRESTART", "front@*", "WAIT", "5000")
        self.assertEqual(set(states("front@*").values()), {"running"})
        client.execute_command("SVGSTOP", "front@a", "WAIT", "5000")
        self.assertEqual(states("front@*"), {("a", "g"): "stopped",
                                             ("b", "g"): "running"})
        self.assertEqual(client.execute_command("SVGMEMBER", "front@b"), ["g"])
        self.assertEqual(as_dict(client.execute_command("SVGMEMBER",
                                                        "front@*")),
                         {"a": ["g"], "b": ["g"]})
        self.assertEqual(len(client.execute_command("SVCHECK", "@b")), 3)
        done = as_dict(client.execute_command("SVRUN", "job@b", "sleep",
                                              "1000")[0])
        self.assertEqual((done["name"], int(done["code"])), ("job@b", 0))
        self.assertIn(("job", "b"), b.rows("job"))
        with self.assertRaisesRegex(redis.ResponseError, "NOSERVICE"):
            a.rows("job")

    def test_scripts_and_figures_of_other_nodes(self):
        scripts = """
            saker.register("where", function(args)
              return "got " .. table.concat(args, ",")
            end, PROP_PASSIVITY)
            saker.register("look", function() return "seen" end,
                           PROP_PASSIVITY, {right = "status"})
            saker.register("far", function(args)
              return saker.call("SYSINFO", "system.cpu.num.online@" .. args[1])
            end, PROP_PASSIVITY)"""
        n1, n2, n3 = self.trio(scripts=scripts)
        client = n1.via_socket()
        for node in ("n1", "n2", "n3"):
            self.assertEqual(client.execute_command("CALL", f"where@{node}",
                                                    "a", "b"), "got a,b")
        cpus = client.execute_command("SYSINFO", "system.cpu.num.online")
        self.assertEqual(client.execute_command("SYSINFO",
                                                "system.cpu.num.online@n3"), cpus)
        self.assertEqual(as_dict(client.execute_command(
            "SYSINFO", "system.cpu.num.online@*")), {x: cpus for x in
                                               ("n1", "n2", "n3")})
        self.assertEqual(client.execute_command("CALL", "far@n2", "n3"), cpus)
        for wrong, text in (
                (("CALL", "nosuch@n2"), "NOSCRIPT no script of node .n2. "),
                (("CALL", "where@n7"), "NONODE no node .n7. .*did you mean"),
                (("SYSINFO", "no.such.key@n2"), "no.such.key"),
                (("SYSINFO", "system.cpu.num.online@n7"), "NONODE no node .n7. "),
                (("SYSINFO", "@n2"), "names only a node")):
            with self.assertRaisesRegex(redis.ResponseError, text):
                client.execute_command(*wrong)
        if os.geteuid() == 0:
            # What a guest may here, he may there.
            self.assertEqual(self.as_guest(n1, "CALL", "look@n2"), "seen")
            self.assertEqual(self.as_guest(
                n1, "SYSINFO", "system.cpu.num.online@n2"), str(cpus))
            for command in (("CALL", "where@n2"), ("SVSTOP", "web@n2"),
                            ("NODE", "FORGET", "n2")):
                self.assertIn("NOPERM", self.as_guest(n1, *command))
        with self.frozen(n2, seen_by=n1):
            with self.assertRaisesRegex(redis.ResponseError,
                                        "NONODE .*n2. is dead"):
                client.execute_command("CALL", "where@n2")
            with self.assertRaisesRegex(redis.ResponseError,
                                        "NONODE .*n2. is dead"):
                client.execute_command("SYSINFO", "system.cpu.num.online@n2")

    @staticmethod
    def as_guest(node, *words):
        done = subprocess.run(
            ["setpriv", "--reuid=www-data", "--regid=www-data",
             "--clear-groups", "redis-cli", "-p", str(node.port), *words],
            capture_output=True, text=True, timeout=20,
            stdin=subprocess.DEVNULL)
        return done.stdout.strip()

    def test_info_and_forget(self):
        n1, n2, n3 = self.trio()
        client = n1.via_socket()

        def info(*name):
            return as_dict(client.execute_command("NODE", "INFO", *name))
        self.wait_until(lambda: info("n2")["heartbeat_age"] is not None)
        row = info("n2")
        self.assertEqual(row["pid"], n2.node_pid())
        self.assertEqual(row["state"], "up")
        self.assertEqual(row["address"], f"127.0.0.1:{n2.link_port}")
        self.assertEqual(row["version"], info()["version"])
        self.assertGreater(row["received"], 0)
        self.assertGreater(row["sent"], 0)
        self.assertLess(abs(row["started"] / 1000 - time.time()), 600)
        self.assertEqual((info()["name"], info()["pid"]),
                         ("n1", n1.node_pid()))
        with self.assertRaisesRegex(redis.ResponseError, "n2. is up"):
            client.execute_command("NODE", "FORGET", "n2")
        n2.stop()
        self.wait_until(lambda: n1.sees("n2", "left"), SOON)
        self.assertIsNone(info("n2")["link"])
        self.assertEqual(client.execute_command("NODE", "FORGET", "n2"), "OK")
        self.assertNotIn("n2", n1.nodes())
        with self.assertRaisesRegex(redis.ResponseError, "NONODE .*n2"):
            client.execute_command("NODE", "FORGET", "n2")
        # Each node forgets for itself, and none whom it has to join.
        n1.stop()
        self.wait_until(lambda: n3.sees("n1", "left"), SOON)
        self.assertIn("n2", n3.nodes())
        with self.assertRaisesRegex(redis.ResponseError, "stands in join"):
            n3.via_socket().execute_command("NODE", "FORGET", "n1")

    @contextlib.contextmanager
    def frozen(self, node, seen_by):
        pid = node.node_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            self.wait_until(lambda: seen_by.sees(node.name, "dead"), SOON)
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def test_waiting_says_so_if_a_node_cannot_tell(self):
        a, b = self.pair()
        waiter = a.client(unix_socket_path=str(a.socket),
                          socket_timeout=2 * SOON)
        found = []

        def wait():
            found.append(waiter.execute_command("SVWAIT", "web@*", "running",
                                                str(SOON * 1000)))
        thread = threading.Thread(target=wait)
        with self.frozen(b, seen_by=a):
            with self.assertRaisesRegex(redis.ResponseError,
                                        'NONODE .*1 reached it.*"b" is dead'):
                a.via_socket().execute_command("SVWAIT", "web@*", "running",
                                               "300")
            thread.start()
        thread.join(SOON + 5)
        self.assertEqual(list(map(int, found)), [2])

    def test_waiting_for_another_node_is_ended_by_client_unblock(self):
        a, _ = self.pair()
        for reason, told in (("TIMEOUT", 0), ("ERROR", "UNBLOCKED")):
            waiter = a.client(unix_socket_path=str(a.socket),
                              socket_timeout=2 * SOON)
            number = waiter.client_id()
            found = []

            def wait():
                try:
                    found.append(waiter.execute_command(
                        "SVWAIT", "web@b", "done", str(SOON * 1000)))
                except redis.ResponseError as error:
                    found.append(str(error).split(" ")[0])
            thread = threading.Thread(target=wait)
            thread.start()
            other = a.via_socket()
            self.wait_until(lambda: other.execute_command(
                "CLIENT UNBLOCK", number, reason) == 1)
            thread.join(SOON)
            self.assertEqual(found, [told])

    def typed(self, node, *arguments, code=0):
        done = subprocess.run(
            [str(harness.BIN / "saker"), *arguments, "--address",
             f"unix:{node.socket}"], capture_output=True, text=True,
            timeout=30)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_the_command_line_keeps_nodes_apart(self):
        def services(name):
            speaker = ('service "{}" {{exec = {{"sh", "-c", '
                       '"echo {} {}; exec sleep 1000"}}}}\n')
            return (speaker.format("same", "from", name)
                    + speaker.format("only-" + name, "only", name))
        a = self.node("a", more=services("a"))
        b = self.node("b", join=[a.link_port], more=services("b"))
        a.start()
        b.start()
        self.meet([a, b])
        for name, node in (("same", "a"), ("same", "b"), ("only-b", "b")):
            self.wait_until(lambda: a.via_socket().execute_command(
                "SVLOG", f"{name}@{node}"), SOON)
        self.assertEqual(self.typed(a, "logs", "same@b").stdout, "from b\n")
        self.assertEqual(self.typed(a, "logs", "same").stdout, "from a\n")
        self.assertEqual(
            sorted(self.typed(a, "logs", "same@*").stdout.splitlines()),
            ["same   | from a", "same@b | from b"])
        self.assertEqual(self.typed(a, "logs", "only-b@b").stdout, "only b\n")
        text = self.typed(a, "status", "same@*").stdout.splitlines()
        self.assertTrue(text[0].startswith("NAME "), text)
        with self.frozen(b, seen_by=a):
            text = self.typed(a, "status", "*@*", code=1).stdout
            lost = [x for x in text.splitlines() if x.startswith("*")]
            self.assertRegex(lost[0], r"^\* +lost +- +- ")
            text = a.via_socket().execute_command("SVSTATUS", "*@*", "JSON")
            reasons = [x["reason"] for x in json.loads(text)
                       if x["name"] == "*"]
            self.assertRegex(reasons[0], '^node "b" is dead')


if __name__ == "__main__":
    unittest.main()
