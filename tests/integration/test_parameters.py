"""CONFIG SET: what counts at once, and what is kept for the next start."""
import os
import socket
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402


class Parameters(harness.TestCase):
    def owner(self):
        return self.client(unix_socket_path=str(self.saker.socket))

    def come_back(self):
        node = self.saker.kill_node()
        self.wait_until(lambda: self.saker.node_pid() not in (node, None))
        self.saker.wait_for_ping()


class ParametersTest(Parameters):
    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.saker.port), 10)
        s.settimeout(20)
        self.addCleanup(s.close)
        return s

    def say(self, where, line):
        where.sendall(line.encode() + b"\r\n")
        return where.recv(4096)

    def set(self, *words):
        return self.client().execute_command("CONFIG SET", *words)

    def told(self, name):
        return self.client().config_get(name)[name]

    def test_idle_clients_are_closed_from_now_on(self):
        self.start()
        idle, busy = self.connect(), self.connect()
        self.assertEqual(self.say(busy, "SUBSCRIBE a")[:2], b"*3")
        self.assertEqual(self.say(idle, "PING"), b"+PONG\r\n")
        self.set("timeout", 1)
        self.assertEqual(idle.recv(1), b"")
        late = self.connect()
        self.assertEqual(late.recv(1), b"")  # it has never said anything
        self.assertEqual(self.say(busy, "PING")[:2], b"*2")

    def test_no_more_clients_than_it_is_told(self):
        self.start(toml="max-clients = 5000\n")
        self.assertEqual(self.told("maxclients"), "5000")
        self.set("maxclients", 1)
        # Sixteen places are for root and Saker's own user.
        clients = [self.connect() for _ in range(20)]
        self.assertEqual(self.say(clients[0], "PING"), b"+PONG\r\n")
        self.assertEqual(clients[-1].recv(4096),
                         b"-ERR max number of clients reached\r\n")
        for x in clients:
            x.close()
        self.wait_until(lambda: self.set("maxclients", 5000))
        self.assertGreater(
            self.client().info("stats")["rejected_connections"], 0)

    def test_tcp_asks_quiet_clients(self):
        self.start()
        self.set("tcp-keepalive", 77)
        quiet = self.connect()
        self.assertEqual(self.say(quiet, "PING"), b"+PONG\r\n")
        port = quiet.getsockname()[1]
        ends = [f":{x:04X}" for x in (self.saker.port, port)]
        with open("/proc/net/tcp", encoding="ascii") as table:
            row = next(x for x in map(str.split, table)
                       if [x[1][-5:], x[2][-5:]] == ends)
        timer, left = row[5].split(":")
        self.assertEqual(timer, "02")  # that of questions
        self.assertTrue(6000 < int(left, 16) <= 7700, row)

    def test_lines_of_the_log_appear_and_vanish(self):
        self.start(toml='[log]\nlevel = "error"\n',
                   services='service "a" {exec = {"sleep", "100"}}')
        self.wait_for_state("a", "running")
        quiet = self.saker.log()
        self.assertEqual(self.told("loglevel"), "warning")
        self.set("loglevel", "notice")
        self.client().execute_command("SVRESTART", "a")
        self.wait_until(lambda: len(self.saker.log()) > len(quiet))

    def test_what_is_kept_counts_after_saker_toml(self):
        saker = self.start(toml="[redis]\ntimeout = 500\nhz = 20\n")
        self.assertEqual(self.told("timeout"), "500")
        first = self.client()
        first.execute_command("CONFIG SET", "timeout", 600, "requirepass",
                              "secret")
        self.assertEqual(first.config_get("requirepass"),
                         {"requirepass": "secret"})
        first.execute_command("CONFIG REWRITE")
        kept = saker.state_dir / "overrides.toml"
        self.assertNotIn("secret", kept.read_text())
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        self.assertEqual(saker.stop(), 0)
        saker.start()
        with self.assertRaises(redis.AuthenticationError):
            redis.Redis(host="127.0.0.1", port=saker.port).ping()
        client = redis.Redis(host="127.0.0.1", port=saker.port,
                             password="secret",
                             decode_responses=True)
        self.addCleanup(client.close)
        self.assertEqual(client.config_get("timeout"), {"timeout": "600"})
        self.assertEqual(client.config_get("hz"), {"hz": "20"})
        self.assertEqual(client.info("server")["overridden_parameters"],
                         "requirepass, timeout")
        heading = client.execute_command("SVSTATUS TEXT")[0]
        self.assertTrue(heading.startswith(
            "not as in saker.toml: requirepass, timeout: "), heading)
        # The digest that is told can be set back; nothing means nothing kept.
        digest = client.config_get("requirepass")["requirepass"]
        self.assertRegex(digest, "^#[0-9a-f]{64}$")
        client.config_set("requirepass", digest)
        redis.Redis(host="127.0.0.1", port=saker.port,
                    password="secret").ping()
        client.execute_command("CONFIG SET", "requirepass", "", "timeout",
                               "500")
        client.execute_command("CONFIG REWRITE")
        self.assertFalse(kept.exists())
        self.assertEqual(saker.stop(), 0)
        saker.start()
        self.assertEqual(self.told("timeout"), "500")

    def test_a_wrong_parameter_is_told_with_its_line(self):
        saker = self.make(toml="[redis]\ntimeout = 5\nnosuch = 1\nhz = \"x\"\n")
        saker.launch()
        self.assertEqual(saker.wait_for_exit(), 78)
        file = saker.dir / "saker.toml"
        self.assertIn(f"{file}:3: redis.nosuch: Unknown option", saker.log())
        self.assertIn(f"{file}:4: redis.hz: CONFIG SET failed", saker.log())

    def test_a_killed_node_comes_back_with_what_was_set(self):
        saker = self.start()
        self.set("timeout", 600)
        self.client().execute_command("CONFIG REWRITE")
        self.set("timeout", 700)  # not kept for ever
        self.come_back()
        self.assertEqual(self.told("timeout"), "700")
        self.assertEqual(saker.stop(), 0)
        saker.start()
        self.assertEqual(self.told("timeout"), "600")
        self.come_back()  # the one before is not remembered
        self.assertEqual(self.told("timeout"), "600")

    def test_a_broken_file_keeps_no_node_from_coming_back(self):
        saker = self.start(services='service "a" {exec = {"sleep", "100"}}')
        self.wait_for_state("a", "running")
        child = saker.pid("a")
        self.client().execute_command("CONFIG SET", "timeout", 600,
                                      "requirepass", "secret")
        self.owner().execute_command("CONFIG REWRITE")
        kept = saker.state_dir / "overrides.toml"
        # As if nothing had been set since the start: else that counts.
        live = saker.runtime_dir / "live.toml"
        live.unlink()
        text = kept.read_text()
        kept.write_text(text.replace('timeout = "600"', 'timeout = "600'))
        self.come_back()
        # What can be read counts, the password above all.
        with self.assertRaises(redis.AuthenticationError):
            self.client().ping()
        client = self.client(password="secret")
        self.assertEqual(client.config_get("timeout"), {"timeout": "0"})
        saker.wait_for_log(f"{kept}:")
        saker.wait_for_log("not TOML")
        # A password that cannot be read is none that anybody knows.
        kept.unlink()
        os.mkfifo(kept, 0o600)
        self.come_back()
        with self.assertRaisesRegex(redis.ResponseError, "WRONGPASS"):
            self.client(password="secret").ping()
        saker.wait_for_log("no password is right")
        rows = self.owner().execute_command("SVSTATUS", "a")
        row = dict(zip(rows[0][::2], rows[0][1::2]))
        self.assertEqual((row["state"], row["pid"]), ("running", child))
        # Whoever starts it by hand is there to mend it.
        self.assertEqual(saker.stop(), 0)
        saker.launch()
        self.assertEqual(saker.wait_for_exit(), 78)
        self.assertIn(f"{kept}: not a file", saker.log())


class ListenTest(Parameters):
    """CONFIG SET port, bind, unixsocket."""

    def set(self, *words, **where):
        client = self.client(**where)
        return client.execute_command("CONFIG SET", *words)

    def refusal(self, *words):
        with self.assertRaises(redis.ResponseError) as no:
            self.set(*words)
        return str(no.exception)

    def answers(self, port, host="127.0.0.1"):
        return self.client(host=host, port=port).ping()

    def refused(self, port, host="127.0.0.1"):
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection((host, port), 10).close()

    def test_port_moves_and_clients_stay(self):
        saker = self.start()
        old, new = saker.port, harness.free_port()
        subscriber = self.client().pubsub()
        subscriber.subscribe("a")
        self.assertEqual(subscriber.get_message(timeout=10)["type"],
                         "subscribe")
        told = saker.redis_cli("config", "set", "port", new)
        self.assertEqual(told, "OK\n")
        saker.port = new
        self.refused(old)
        client = self.client()
        self.assertEqual(client.config_get("port"), {"port": str(new)})
        self.assertEqual(client.info("server")["tcp_port"], new)
        self.assertEqual(client.publish("a", "still there"), 1)
        self.assertEqual(subscriber.get_message(timeout=10)["data"],
                         "still there")
        # A fault of the node changes nothing about it.
        self.come_back()
        self.refused(old)
        self.assertEqual(self.client().config_get("port"),
                         {"port": str(new)})
        # The next start does not know of it: it was not kept.
        self.assertEqual(saker.stop(), 0)
        saker.port = old
        saker.start()
        self.refused(new)

    def test_a_port_of_somebody_else_is_told_and_nothing_changes(self):
        saker = self.start()
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            why = self.refusal("timeout", 5, "port", port)
            self.assertTrue(why.startswith(
                "CONFIG SET failed (possibly related to argument 'port') - "
                f"Unable to listen on this port. 127.0.0.1:{port}: "
                "Address already in use: python3"), why)
        self.assertTrue(self.answers(saker.port))
        self.assertEqual(self.client().config_get("timeout"),
                         {"timeout": "0"})
        self.set("timeout", 6)

    def test_a_socket_of_a_service_is_not_taken(self):
        port = harness.free_port()
        self.start(services='service "a" {exec = {"sleep", "100"}, '
                            f'listen = "127.0.0.1:{port}"}}')
        self.wait_for_state("a", "running")
        self.assertIn("Address already in use", self.refusal("port", port))

    def test_all_addresses_and_back(self):
        saker = self.start()
        why = self.refusal("bind", "*")
        self.assertIn("can be reached from other machines", why)
        self.assertTrue(self.answers(saker.port))
        self.set("bind", "0.0.0.0", "requirepass", "secret")
        with self.assertRaises(redis.AuthenticationError):
            self.answers(saker.port, "127.0.0.2")
        client = self.client(password="secret")
        self.assertEqual(client.config_get("bind"), {"bind": "0.0.0.0"})
        client.execute_command("CONFIG SET", "bind", "127.0.0.1",
                               "requirepass", "")
        self.assertTrue(self.answers(saker.port))
        self.refused(saker.port, "127.0.0.2")

    def test_a_socket_file_moves(self):
        saker = self.start()
        path = str(saker.dir / "other.sock")
        self.set("unixsocket", path)
        self.assertFalse(saker.socket.exists())
        self.assertTrue(self.client(unix_socket_path=path).ping())
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o660)
        self.come_back()
        self.assertTrue(self.client(unix_socket_path=path).ping())
        self.set("unixsocket", str(saker.socket))
        self.assertFalse(os.path.exists(path))
        self.assertTrue(self.client(unix_socket_path=str(saker.socket)).ping())

    def test_what_is_kept_moves_the_addresses_of_the_configuration(self):
        saker = self.make()
        port, kept = saker.port, harness.free_port()
        saker.write_toml(f'listen = ["127.0.0.1:{port}", "unix:saker.sock"]\n')
        full = saker.command()
        saker.command = lambda: full[:full.index("--listen")]
        saker.start()
        self.set("port", kept)
        saker.port = kept
        self.client().execute_command("CONFIG REWRITE")
        self.assertEqual(saker.stop(), 0)
        saker.start()
        self.refused(port)
        saker.wait_for_log(f"ready on 127.0.0.1:{kept} unix:")
        self.assertEqual(saker.stop(), 0)
        saker.command = lambda: full  # the command line wins
        saker.port = port
        saker.start()
        self.refused(kept)


if __name__ == "__main__":
    unittest.main()
