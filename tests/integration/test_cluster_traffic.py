"""Who gets into a cluster, and what goes through it (T-N3, Q3, Q4)."""
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from cluster_harness import ClusterCase, SOON  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
