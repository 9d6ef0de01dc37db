"""Several Sakers on one machine that know of each other (T-N1, T-N3)."""
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import redis

import saker_harness as harness

HEARTBEAT = 0.2
DEAD_AFTER = 1.0
# Generous: the machine may be busy.
SOON = 20

SLEEPER = 'service "{0}" {{exec = {{"sleep", "1000"}}}}\n'


def as_dict(row):
    return row if isinstance(row, dict) else dict(zip(row[::2], row[1::2]))


class Node(harness.Saker):
    """A Saker that is a member: its clients may use the UNIX socket only, so
    that it can live in a network namespace."""

    def __init__(self, name, port, join, secrets="", prefix=(), **options):
        self.name, self.link_port, self.prefix = name, port, list(prefix)
        self._by_socket = None
        toml = f"""[cluster]
listen = "127.0.0.1:{port}"
join = {[f"127.0.0.1:{x}" for x in join]}
heartbeat = "{int(HEARTBEAT * 1000)}ms"
dead-after = "{int(DEAD_AFTER * 1000)}ms"
{secrets}"""
        super().__init__(toml=toml, services=SLEEPER.format("on-" + name)
                         + SLEEPER.format("web"),
                         arguments=["--set", f"node={name}"], **options)

    def command(self):
        return self.prefix + super().command()

    def via_socket(self):
        if not self._by_socket:
            self._by_socket = self.client(unix_socket_path=str(self.socket))
        return self._by_socket

    def wait_for_ping(self, deadline=20):
        harness.wait_until(lambda: self.via_socket().ping(), deadline,
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

    def node(self, name, port=None, join=(), secrets=None):
        one = Node(name, port or harness.free_port(), join,
                   self.insecure if secrets is None else secrets, self.prefix)
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
        self.assertEqual(threads(saker) + 1, threads(member))

    def test_one_that_leaves_says_good_bye(self):
        a, b = self.pair()
        b.stop()
        self.wait_until(lambda: a.sees("b", "left"), SOON)


class DeathTest(ClusterCase):
    def test_TN1_a_killed_node_comes_back_by_itself(self):
        a, b = self.pair()
        b.kill_node()
        self.wait_until(lambda: "node b is lost" in a.log(), SOON)
        self.meet([a, b])

    def test_TN1_one_killed_one_cut_off_both_back(self):
        n1, n2, n3 = self.trio()
        n2.kill_keeper()
        frozen = n3.node_pid()
        os.kill(frozen, signal.SIGSTOP)
        began = time.monotonic()
        try:
            self.wait_until(lambda: n1.sees("n2", "dead"), SOON)
            self.wait_until(lambda: n1.sees("n3", "dead"), SOON)
            self.assertLess(time.monotonic() - began, 10 * DEAD_AFTER)
            row = n1.nodes()["n3"]
            self.assertTrue(row["reason"], row)
            began = time.monotonic()
            with self.assertRaisesRegex(redis.ResponseError, "NONODE .*n3"):
                n1.via_socket().execute_command("SVSTOP", "web@n3")
            self.assertLess(time.monotonic() - began, DEAD_AFTER)
            rows = n1.rows("*@*")
            self.assertEqual(rows["*", "n2"]["state"], "lost")
            self.assertTrue(rows["*", "n3"]["reason"])
            self.assertEqual(rows["web", "n1"]["state"], "running")
        finally:
            os.kill(frozen, signal.SIGCONT)
        n2.start()
        self.meet([n1, n2, n3])

    def test_TN1_open_commands_fail_when_the_node_dies(self):
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
    def test_TN1_dropped_packets_are_noticed(self):
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
        self.assertLess(time.monotonic() - began, 10 * DEAD_AFTER)
        loopback("up")
        self.meet([a, b])


class SafetyTest(ClusterCase):
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

    def test_TN3_links_are_encrypted(self):
        folder = self.make_certs("ours", "a", "b")
        a = self.node("a", secrets=self.tls(folder, "a"))
        b = self.node("b", join=[a.link_port], secrets=self.tls(folder, "b"))
        a.start()
        b.start()
        self.meet([a, b])
        self.assertIn(("web", "b"), a.rows("web@b"))

    def test_TN3_a_foreign_certificate_gets_nothing(self):
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

    def test_TN3_a_wrong_cookie_gets_nothing(self):
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

    def test_TN3_garbage_does_not_hurt(self):
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

    def test_TN3_files_that_others_can_read_are_refused(self):
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

    def test_Q3_messages_of_one_publisher_stay_in_order(self):
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

    def test_Q4_a_frozen_node_costs_its_messages_and_no_memory(self):
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
        self.assertIn("node b does not keep up", a.log())
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
        self.assertEqual((done["name"], int(done["code"])), ("web", 0))
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
        import json
        rows = json.loads(a.via_socket().execute_command("SVSTATUS", "*@*",
                                                         "JSON"))
        self.assertEqual({x["node"] for x in rows}, {"a", "b"})

    def test_an_unknown_node_is_named_with_near_ones(self):
        a, b = self.pair()
        with self.assertRaisesRegex(redis.ResponseError, "NONODE no node"):
            a.via_socket().execute_command("SVSTATUS", "web@nowhere")
        with self.assertRaisesRegex(redis.ResponseError, "NOSERVICE"):
            a.via_socket().execute_command("SVSTOP", "nothing@b")

    def test_rights_are_those_of_the_caller(self):
        a, b = self.pair()
        with self.assertRaisesRegex(redis.ResponseError, "no permissions"):
            self.as_guest(a).execute_command("SVSTOP", "web@b")

    @staticmethod
    def as_guest(node):
        """A client that is neither root nor Saker's own user."""
        class Guest:
            def execute_command(self, *args):
                script = ("import os,sys,redis\n"
                          "c=redis.Redis(port=int(sys.argv[1]))\n"
                          "try: c.execute_command(*sys.argv[2:])\n"
                          "except redis.ResponseError as e: print(e)\n")
                done = subprocess.run(
                    ["/usr/bin/python3", "-c", script, str(node.port), *args],
                    capture_output=True, text=True, timeout=20, user=65534,
                    cwd="/")
                if done.stdout:
                    raise redis.ResponseError(done.stdout)
        if os.geteuid() != 0:
            raise unittest.SkipTest("needs root: becomes another user")
        return Guest()


if __name__ == "__main__":
    unittest.main()
