"""redis-py of Debian 12, with and without asyncio (Q8, T-R6)."""
import asyncio
import os
import signal
import socket
import sys
import time
import unittest

import redis
import redis.asyncio

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from clients_harness import ClientTest, PASSWORD  # noqa: E402

BINARY = b"\0\xff\r\n$1"
MEGABYTE = bytes(range(256)) * 4096


class RedisPy(ClientTest):
    """The redis-py of Debian 12: 4.3, RESP2."""

    def test_commands(self):
        client = self.client(client_name="me")
        self.assertTrue(client.ping())
        self.assertEqual(client.echo("x\0y"), "x\0y")
        self.assertEqual(client.client_getname(), "me")
        self.assertEqual(client.execute_command("greet", "Ann"), "hello Ann")
        self.assertEqual(client.info("server")["saker_version"], "0.1.0")
        self.assertIn("me", [x["name"] for x in client.client_list()])
        self.assertEqual(client.client_info()["name"], "me")
        with self.assertRaisesRegex(redis.ResponseError, "unknown command"):
            client.get("key")
        unix = self.client(unix_socket_path=str(self.saker.socket))
        self.assertTrue(unix.ping())

    def test_what_harnesses_begin_with(self):
        client = self.client()
        self.assertTrue(client.flushall() and client.flushdb())
        self.assertTrue(client.flushall(asynchronous=True))
        self.assertEqual(client.dbsize(), 0)
        self.assertEqual(client.config_get("save"), {"save": ""})
        self.assertEqual(client.config_get("appendonly"), {"appendonly": "no"})
        self.assertEqual(client.acl_whoami(), "default")
        self.assertTrue(client.script_flush())
        self.assertEqual(client.script_exists("a", "b"), [False, False])
        self.assertTrue(client.function_flush())
        self.assertEqual(client.execute_command("LATENCY LATEST"), [])
        self.assertEqual(client.execute_command("LATENCY RESET"), 0)
        self.assertEqual(client.client_no_evict("ON"), "OK")
        self.assertTrue(client.execute_command("SELECT", 15))
        self.assertEqual(len(client.time()), 2)
        self.assertGreater(client.command_count(), 40)
        self.assertEqual(client.command()["svstart"]["arity"], -2)
        docs = client.execute_command("COMMAND DOCS", "svstart")
        self.assertEqual(docs[0], "svstart")

        self.assertTrue(client.swapdb(0, 1))
        self.assertEqual(client.wait(0, 100), 0)
        self.assertEqual(client.execute_command("ROLE"), ["master", 0, []])
        self.assertIsNotNone(client.lastsave())
        self.assertIn("Redis ver.", client.lolwut())
        self.assertTrue(client.memory_purge())
        self.assertIsNone(client.memory_usage("key"))
        self.assertGreater(client.memory_stats()["total.allocated"], 0)
        self.assertIn("ping", client.execute_command("LATENCY HISTOGRAM"))

    def test_slow_log(self):
        client = self.client(client_name="me")
        self.assertTrue(client.slowlog_reset())
        client.execute_command("DEBUG SLEEP", "0.05")
        with self.assertRaises(redis.ResponseError):
            client.execute_command("HELLO", "2", "AUTH", "no", "secret")
        rows = client.slowlog_get()
        self.assertEqual([x["command"] for x in rows], [b"DEBUG SLEEP 0.05"])
        self.assertEqual(rows[0]["duration"], 50000)
        self.assertEqual(client.slowlog_len(), 1)
        self.assertTrue(client.slowlog_reset())
        self.assertEqual(client.slowlog_len(), 0)

    def test_monitor(self):
        with self.client().monitor() as watcher:
            self.client().execute_command("SELECT", 3)
            self.client().execute_command("SVSTATUS", "web")
            got = watcher.next_command()
            self.assertEqual((got["command"], got["db"], got["client_type"]),
                             ("SELECT 3", 3, "tcp"))
            self.assertRegex(got["client_port"], r"^\d+$")
            self.assertEqual(watcher.next_command()["command"], "SVSTATUS web")

    def test_a_sleeping_client_holds_up_nobody(self):
        sleeper = socket.create_connection(("127.0.0.1", self.port), 10)
        self.addCleanup(sleeper.close)
        sleeper.sendall(b"DEBUG SLEEP 3600\r\n")
        self.wait_until(lambda: "cmd=debug" in self.redis_cli("client", "list"))
        self.assertTrue(self.client().ping())

    def test_clients_kill_each_other(self):
        one, other = self.client(), self.client()
        number = other.client_id()
        self.assertEqual(one.client_kill_filter(_id=number), 1)
        self.wait_until(lambda: other.client_id() != number)
        address = other.client_info()["addr"]
        self.assertTrue(one.client_kill(address))
        with self.assertRaisesRegex(redis.ResponseError, "No such client"):
            one.client_kill(address)

    def test_pipelines(self):
        client = self.client()
        with client.pipeline(transaction=False) as pipe:
            for i in range(5000):
                pipe.echo(str(i))
                pipe.publish("nobody", "x")
            got = pipe.execute()
        self.assertEqual(got, [y for i in range(5000) for y in (str(i), 0)])
        with client.pipeline(transaction=False) as pipe:
            pipe.ping().execute_command("svstop", "nosuch").ping()
            got = pipe.execute(raise_on_error=False)
        self.assertEqual((got[0], got[2]), (True, True))
        self.assertRegex(str(got[1]), "^NOSERVICE ")

    def test_transactions(self):
        # What `pipeline()` is unless told otherwise.
        client = self.client()
        with client.pipeline() as pipe:
            for i in range(10000):
                pipe.echo(str(i))
            self.assertEqual(pipe.execute(), [str(i) for i in range(10000)])
            pipe.execute_command("svstart", "off")
            pipe.execute_command("svwait", "off", "running", 5000)
            pipe.execute_command("greet", "Ann")
            pipe.publish("nobody", "x").execute_command("svstop", "off").info()
            got = pipe.execute()
        self.assertEqual(got[0][0][:4], ["name", "off", "code", 0])
        self.assertEqual(got[1:4], [1, "hello Ann", 0])
        self.assertEqual(got[4][0][:4], ["name", "off", "code", 0])
        self.assertEqual(got[5]["role"], "master")

        def watched(pipe):
            pipe.multi()
            pipe.ping()
        self.assertEqual(client.transaction(watched, "key"), [True])
        with client.pipeline() as pipe:
            pipe.ping().execute_command("nosuch").ping()
            with self.assertRaisesRegex(redis.ResponseError,
                                        "unknown command"):
                pipe.execute()
            pipe.ping().execute_command("svstop", "nosuch").ping()
            got = pipe.execute(raise_on_error=False)
        self.assertEqual((got[0], got[2]), (True, True))
        self.assertRegex(str(got[1]), "^NOSERVICE ")
        self.assertTrue(client.ping())

    def test_subscriptions(self):
        client = self.client()
        with self.client(decode_responses=False).pubsub() as pubsub:
            pubsub.subscribe("a", "b")
            pubsub.psubscribe("[bc]")
            self.assertEqual([pubsub.get_message(timeout=5)["data"]
                              for _ in range(3)], [1, 2, 3])
            self.assertEqual(client.publish("a", BINARY), 1)
            self.assertEqual(client.publish("b", MEGABYTE), 2)
            self.assertEqual(client.publish("c", ""), 1)
            got = [pubsub.get_message(timeout=5) for _ in range(4)]
            self.assertEqual(
                [(x["type"], x["channel"], x["data"]) for x in got],
                [("message", b"a", BINARY), ("message", b"b", MEGABYTE),
                 ("pmessage", b"b", MEGABYTE), ("pmessage", b"c", b"")])
        with client.pubsub() as pubsub:
            pubsub.psubscribe("saker:*:off:*")
            pubsub.get_message(timeout=5)
            client.execute_command("svstart", "off")
            events = [pubsub.get_message(timeout=5) for _ in range(3)]
            self.assertEqual(
                [x["channel"] for x in events],
                [f"saker:test:off:{x}"
                 for x in ("starting", "running", "ready")])
            pubsub.ping("x")
            self.assertEqual(pubsub.get_message(timeout=5)["type"], "pong")
            pubsub.punsubscribe()
            self.assertEqual(pubsub.get_message(timeout=5)["data"], 0)

    def test_health_checks(self):
        # It pings before commands and within subscriptions.
        client = self.client(health_check_interval=0.01)
        with client.pubsub() as pubsub:
            pubsub.subscribe("a")
            for i in range(3):
                client.publish("a", i)
                self.wait_until(lambda: (pubsub.get_message(timeout=0.02) or {})
                                .get("data") == str(i))

    def test_q8_t_r6_it_comes_back_by_itself(self):
        client = self.client()
        pubsub = client.pubsub()
        pubsub.subscribe("news")
        pubsub.psubscribe("n?ws")
        self.addCleanup(pubsub.close)
        for round_ in range(3):
            self.assertTrue(client.ping())
            self.kill_node_by_info(client)
            refused = []

            def pings():
                try:
                    return client.ping()
                except redis.ConnectionError as e:
                    if "refused" in str(e):
                        refused.append(e)
                    raise
            self.wait_until(pings, what="PING after kill -9 of the node")
            self.assertEqual(refused, [])

            # It subscribes again as soon as it reads.
            heard = set()

            def hears():
                message = pubsub.get_message(timeout=0.05)
                client.publish("news", round_)
                if message and message["data"] == str(round_):
                    heard.add(message["type"])
                return heard == {"message", "pmessage"}
            self.wait_until(hears, what="messages after kill -9")


class RedisPyWithPassword(ClientTest):
    password = PASSWORD

    def test_passwords(self):
        for options in ({}, {"username": "default"}, {"db": 3},
                        {"client_name": "me"}):
            client = self.client(**options)
            self.assertEqual(client.acl_whoami(), "default")
        url = f"redis://:correct%20horse@127.0.0.1:{self.port}/2"
        with redis.Redis.from_url(url) as client:
            self.assertTrue(client.ping())
        with self.assertRaises(redis.AuthenticationError):
            self.client(password=None).ping()
        with self.assertRaisesRegex(redis.ResponseError, "^WRONGPASS"):
            self.client(password="wrong").ping()

    def test_it_authenticates_again(self):
        client = self.client()
        pubsub = client.pubsub()
        pubsub.subscribe("news")
        self.addCleanup(pubsub.close)
        self.kill_node_by_info(client)

        def heard():
            client.publish("news", "x")
            return (pubsub.get_message(timeout=0.05) or {}).get("data") == "x"
        self.wait_until(heard, what="a message after kill -9")


class RedisPyAsync(ClientTest):
    password = PASSWORD

    async def story(self):
        client = redis.asyncio.Redis(
            host="127.0.0.1", port=self.port, password=PASSWORD,
            decode_responses=True)
        async with client, client.pubsub() as pubsub:
            self.assertEqual(await client.execute_command("greet", "Ann"),
                             "hello Ann")
            async with client.pipeline() as pipe:
                for i in range(10000):
                    pipe.echo(str(i))
                self.assertEqual(await pipe.execute(),
                                 [str(i) for i in range(10000)])
            await pubsub.subscribe("news")
            for round_ in range(2):
                node = (await client.info("server"))["process_id"]
                os.kill(node, signal.SIGKILL)
                end = time.monotonic() + 10
                message = None
                while not message or message["data"] != str(round_):
                    self.assertLess(time.monotonic(), end)
                    try:
                        await client.publish("news", round_)
                        message = await pubsub.get_message(timeout=0.05)
                    except redis.ConnectionError as e:
                        self.assertNotIn("refused", str(e))

    def test_q8_t_r6_commands_subscriptions_and_coming_back(self):
        asyncio.run(self.story())


if __name__ == "__main__":
    unittest.main()
