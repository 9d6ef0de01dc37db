"""Real clients: they connect, command, subscribe, and come back after the
node was killed (Q8, T-R6)."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402
from clients_harness import ClientTest, PASSWORD  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


class Hiredis(ClientTest):
    password = PASSWORD

    def test_q8_t_r6_commands_subscriptions_and_coming_back(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "hiredis_client")
            subprocess.run(["gcc", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
                            "-o", program, str(HERE / "hiredis_client.c"),
                            "-lhiredis"], check=True, timeout=60)
            done = subprocess.run([program, str(self.port), PASSWORD],
                                  stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"{self.web}\n")


class Greetings(ClientTest):
    """The first words of libraries that Debian and npm do not have, as they
    send them, and what they demand of the answers."""

    password = PASSWORD
    REFUSED = b"-"

    def greet(self, *commands):
        """Sends all commands at once and compares the start of each reply.
        Returns the replies, and one more to the QUIT that follows."""
        sent = b"".join(
            b"*%d\r\n" % len(words)
            + b"".join(b"$%d\r\n%s\r\n" % (len(x), x) for x in words)
            for words in ([x if isinstance(x, bytes) else x.encode()
                           for x in command] for command, _ in commands))
        with socket.create_connection(("127.0.0.1", self.port), 10) as wire:
            wire.settimeout(10)
            wire.sendall(sent + b"QUIT\r\n")
            got = b""
            while more := wire.recv(65536):
                got += more
        replies = resp_values(got)
        self.assertEqual(len(replies), len(commands) + 1, got)
        for (command, start), reply in zip(commands, replies):
            self.assertTrue(reply.startswith(start), (command, reply))
        return replies

    HELLO = ["HELLO", "3", "AUTH", "default", PASSWORD]
    SETINFO = [(["CLIENT", "SETINFO", "LIB-NAME", "x"], b"+OK"),
               (["CLIENT", "SETINFO", "LIB-VER", "1.2"], b"+OK")]

    def test_redis_py_8(self):
        hello, *_ = self.greet(
            (self.HELLO, b"%7"),
            (["CLIENT", "MAINT_NOTIFICATIONS", "ON", "moving-endpoint-type",
              "internal-ip"], self.REFUSED), *self.SETINFO,
            (["SELECT", "3"], b"+OK"))
        self.assertIn(b"$5\r\nproto\r\n:3\r\n", hello)

    def test_go_redis_9(self):
        self.greet((self.HELLO + ["SETNAME", "me"], b"%7"),
                   (["SELECT", "1"], b"+OK"),
                   (["CLIENT", "SETNAME", "me"], b"+OK"),
                   (["CLIENT", "MAINT_NOTIFICATIONS", "ON"], self.REFUSED),
                   *self.SETINFO)

    def test_jedis_and_lettuce(self):
        self.greet((["AUTH", PASSWORD], b"+OK"), (["HELLO", "3"], b"%7"),
                   (["CLIENT", "SETNAME", "me"], b"+OK"), *self.SETINFO,
                   (["SELECT", "0"], b"+OK"), (["PING"], b"+PONG"))

    def test_stackexchange_redis_3(self):
        tracer = bytes(range(16))
        self.greet(
            (["AUTH", "default", PASSWORD], b"+OK"), (["HELLO", "3"], b"%7"),
            (["CLIENT", "SETNAME", "me"], b"+OK"), *self.SETINFO,
            (["CLIENT", "ID"], b":"), (["CONFIG", "GET", "timeout"], b"%1"),
            (["CONFIG", "GET", "replica-read-only"], b"%1"),
            (["CONFIG", "GET", "databases"], b"%1"),
            (["INFO", "replication"], b"="), (["INFO", "server"], b"="),
            (["CLUSTER", "NODES"], self.REFUSED),
            (["GET", "__Booksleeve_TieBreak"], self.REFUSED),
            (["ECHO", tracer], b"$16\r\n" + tracer),
            (["SUBSCRIBE", "__Booksleeve_MasterChanged"], b">3"))


def resp_values(data):
    """Cuts bytes into whole values."""
    def end(at):
        line = data.index(b"\r\n", at) + 2
        kind, count = data[at:at + 1], data[at + 1:line - 2]
        if kind in b"$=" and count != b"-1":
            return line + int(count) + 2
        if kind in b"*~>%":
            for _ in range(int(count) * (2 if kind == b"%" else 1)):
                line = end(line)
        return line
    found, at = [], 0
    while at < len(data):
        found.append(data[at:end(at)])
        at += len(found[-1])
    return found


class NodeJs(ClientTest):
    """ioredis and node-redis, in the versions of node/package.json."""

    password = PASSWORD

    def play(self, script, package, protocol):
        self.assertTrue((saker_harness.NODE_MODULES / package).is_dir(),
                        "tools/deps --test installs it")
        done = subprocess.run(
            ["node", str(HERE / "node" / script), package],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, env=dict(
                os.environ, NODE_PATH=str(saker_harness.NODE_MODULES),
                PORT=str(self.port), PASSWORD=PASSWORD,
                PROTOCOL=str(protocol)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {"web": self.web})

    def test_q8_t_r6_ioredis_5(self):
        self.play("ioredis.js", "ioredis5", 2)

    def test_q8_t_r6_ioredis_6(self):
        self.play("ioredis.js", "ioredis6", 3)
        self.play("ioredis.js", "ioredis6", 2)

    def test_q8_t_r6_node_redis_4(self):
        self.play("node_redis.js", "redis4", 2)

    def test_q8_t_r6_node_redis_5(self):
        self.play("node_redis.js", "redis5", 2)
        self.play("node_redis.js", "redis5", 3)

    def test_q8_t_r6_node_redis_6(self):
        self.play("node_redis.js", "redis6", 3)
        self.play("node_redis.js", "redis6", 2)


if __name__ == "__main__":
    unittest.main()
