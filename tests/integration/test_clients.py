"""Real clients: they connect, command, subscribe, and come back after the
node was killed (Q8, T-R6)."""
import asyncio
import fcntl
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import redis
import redis.asyncio

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "correct horse"
DIGEST = hashlib.sha256(PASSWORD.encode()).hexdigest()
BINARY = b"\0\xff\r\n$1"
MEGABYTE = bytes(range(256)) * 4096
SERVICES = """
    service "web" {exec = {"sleep", "1000"}}
    service "off" {exec = {"sleep", "1000"}, autostart = false}"""
SCRIPTS = """
    saker.register("greet", function(args)
      return "hello " .. (args[1] or "you")
    end, PROP_PASSIVITY, {help = "greet [NAME]: says hello", arity = -1})"""


class ClientTest(saker_harness.TestCase):
    password = None

    def setUp(self):
        super().setUp()
        saker = self.make(
            services=SERVICES, scripts=SCRIPTS,
            toml=f'[users.default]\npassword-hash = "{DIGEST}"\n'
            if self.password else "")
        connect = saker.client
        saker.client = lambda **options: connect(
            **{"password": self.password, **options})
        saker.start()
        self.wait_for_state("web", "running")
        self.web = self.pid("web")

    def tearDown(self):
        # Whatever clients did, the child did not notice.
        self.assertEqual(self.pid("web"), self.web)

    def kill_node_by_info(self, client):
        """As somebody would who has nothing but a client."""
        pid = client.info("server")["process_id"]
        self.assertEqual(pid, self.node_pid())
        os.kill(pid, signal.SIGKILL)


class RedisCli(ClientTest):
    def interactive(self, *options):
        """A redis-cli that is typed into; ended with the test."""
        cli = subprocess.Popen(
            ["redis-cli", "-p", str(self.port), *options], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=1)

        def end():
            cli.kill()
            cli.wait()
            for pipe in (cli.stdin, cli.stdout):
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass
        self.addCleanup(end)
        return cli

    def lines(self, cli, count):
        return [cli.stdout.readline().rstrip("\n") for _ in range(count)]

    def test_one_shot(self):
        self.assertEqual(self.redis_cli("ping"), "PONG\n")
        self.assertEqual(self.redis_cli("greet", "Ann"), "hello Ann\n")
        self.assertEqual(self.redis_cli("GREET"), "hello you\n")
        self.assertEqual(self.redis_cli("call", "greet", "a b"),
                         "hello a b\n")
        self.assertEqual(
            self.redis_cli("svstop", "off").split("\n")[:4],
            ["name", "off", "code", "0"])
        self.assertIn("ERR unknown command 'nosuch'",
                      self.redis_cli("nosuch", check=False))
        unix = subprocess.run(
            ["redis-cli", "-s", str(self.saker.socket), "svstatus", "web",
             "json"], capture_output=True, text=True, timeout=20)
        self.assertEqual(json.loads(unix.stdout)[0]["pid"], self.web)

    def test_resp3(self):
        text = self.redis_cli("-3", "svstatus", "text")
        self.assertEqual(len(text.split("\n")[:-2]), 3)
        self.assertRegex(text, f"(?m)^web +running +yes .* {self.web} ")
        self.assertIn("server saker\n", self.redis_cli("-3", "hello", "3"))
        self.assertIn("redis_version:7.", self.redis_cli("-3", "info"))

    def test_typed_lines(self):
        # It asks for COMMAND DOCS first, and dies of a wrong shape.
        text = self.redis_cli(input="ping\ngreet Bob\nclient setname me\n"
                                    "client getname\nhelp greet\nnosuch\n"
                                    "svwait web running 5000\n")
        self.assertEqual(text.splitlines()[:4],
                         ["PONG", "hello Bob", "OK", "me"])
        self.assertIn("greet", text)
        self.assertEqual(text.splitlines()[-1], "1")
        text = self.redis_cli("-3", input="ping\nsvstatus web text\n")
        self.assertIn("running", text)

    def test_pipe(self):
        data = b"".join(
            b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$%d\r\n%d\r\n"
            % (len(str(i)), i) for i in range(5000))
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), "--pipe"], input=data,
            capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"errors: 0, replies: 5000", done.stdout)

    def test_subscribe(self):
        for options, channel in [((), "subscribe"), (("-3",), "psubscribe")]:
            cli = self.interactive(*options, channel, "news*")
            confirmed = self.lines(cli, 3)
            self.assertIn("news*", confirmed[1])
            self.assertEqual(self.client().publish("news*", "text"), 1)
            self.assertEqual(self.lines(cli, 3 if not options else 4)[-1],
                             "text")
            cli.kill()
            self.wait_until(lambda: self.client().publish("news*", "") == 0)

    def test_shard_channels(self):
        cli = self.interactive("ssubscribe", "orders")
        self.assertEqual(self.lines(cli, 3)[:2], ["ssubscribe", "orders"])
        self.assertEqual(
            self.client().execute_command("SPUBLISH", "orders", "text"), 1)
        self.assertEqual(self.lines(cli, 3), ["smessage", "orders", "text"])
        self.assertEqual(self.client().publish("orders", "text"), 0)

    def test_monitor(self):
        cli = self.interactive("monitor")
        self.assertEqual(self.lines(cli, 1), ["OK"])
        self.client().execute_command("ECHO", "a\nb")
        self.client().execute_command("greet", "Ann")
        self.assertRegex(
            self.lines(cli, 1)[0],
            r'^\d{10}\.\d{6} \[0 127\.0\.0\.1:\d+\] "ECHO" "a\\nb"$')
        self.assertRegex(self.lines(cli, 1)[0], r'\] "greet" "Ann"$')

    def test_q8_t_r6_it_comes_back_by_itself(self):
        cli = self.interactive()
        cli.stdin.write("ping\n")
        self.assertEqual(self.lines(cli, 1), ["PONG"])
        for _ in range(3):
            self.saker.kill_node()
            self.saker.wait_for_ping()
            cli.stdin.write("svwait web running 5000\n")
            text = self.lines(cli, 1)
            while text[-1] in ("", "Error: Server closed the connection"):
                cli.stdin.write("svwait web running 5000\n")
                text = self.lines(cli, 1)
            self.assertEqual(text, ["1"])

    def run_cli(self, *args, input=None, env=None):
        """Returns (status, output, errors)."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *args], capture_output=True,
            text=True, timeout=20, env=dict(os.environ, **(env or {})),
            **({"input": input} if input is not None else
               {"stdin": subprocess.DEVNULL}))
        return done.returncode, done.stdout, done.stderr

    def test_forms_of_output(self):
        self.assertEqual(self.redis_cli("--csv", "svwait", "web", "running",
                                        "1"), "1\n")
        row = self.redis_cli("--csv", "svstatus", "web")
        self.assertTrue(row.startswith('"name","web","node","test","state",'
                                       '"running","ready",1,'), row)
        [row] = json.loads(self.redis_cli("--json", "svstatus", "web"))
        self.assertEqual((row["name"], row["pid"], row["ready"],
                          row["last_exit"]), ("web", self.web, True, None))
        self.assertEqual(json.loads(self.redis_cli("--json", "greet", "\xe9")),
                         "hello \xe9")
        self.assertIn('1) "name"', self.redis_cli("--no-raw", "svstop", "off"))
        self.assertEqual(self.redis_cli("-d", ";", "command", "list",
                                        "filterby", "pattern", "svsta*"),
                         "svstart;svstatus\n")

    def test_repeated_commands_and_last_arguments(self):
        self.assertEqual(self.redis_cli("-r", "3", "-i", "0.01", "greet"),
                         "hello you\n" * 3)
        self.assertEqual(self.redis_cli("-x", "greet", input="Ann\nand Bob"),
                         "hello Ann\nand Bob\n")
        self.assertEqual(self.redis_cli("-X", "TAG", "greet", "TAG",
                                        input="Ann"), "hello Ann\n")
        self.assertEqual(self.redis_cli("-n", "3", "client", "info")
                         .count(" db=3 "), 1)

    def test_watching_modes(self):
        for options, form in [
                (("--stat", "-i", "0.05"), r"^\d+ +\d\S+ +\d+ +\d+ +\d+ "),
                (("--latency", "-i", "0.1"), r"^\d+ \d+ \d+\.\d+ \d+"),
                (("--latency-history", "-i", "0.1"), r"^\d+ \d+ \d+\.\d+ ")]:
            cli = self.interactive(*options)
            seen = []
            while not (seen and re.search(form, seen[-1])):
                seen += self.lines(cli, 1)
                self.assertLess(len(seen), 20, seen)
            cli.kill()

    def test_modes_that_need_keys_are_refused(self):
        for mode in ("--scan", "--bigkeys", "--memkeys", "--hotkeys"):
            status, out, err = self.run_cli(mode)
            self.assertEqual(status, 1, (mode, out, err))
            self.assertIn("unknown command 'SCAN'", out + err, mode)
        self.assertEqual(self.redis_cli("dbsize"), "0\n")
        self.assertIn("unknown command 'get'",
                      self.redis_cli("get", "x", check=False))

    def test_transactions(self):
        text = self.redis_cli(
            input="multi\nsvstart off\nsvwait off running 5000\nsvstop off\n"
                  "exec\nexec greet Ann\n")
        self.assertRegex(text, "^OK\n(QUEUED\n){3}"
                               "name\noff\ncode\n0\ndesc\nrunning.*\n1\n"
                               "name\noff\ncode\n0\ndesc\nstopping.*\n"
                               "hello Ann\n$")

    def test_hints_while_typing(self):
        """On a terminal redis-cli shows how a command goes on, from COMMAND
        DOCS."""
        pid, terminal = pty.fork()
        if pid == 0:
            size = struct.pack("4H", 40, 200, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe("redis-cli", ["redis-cli", "-p", str(self.port)],
                       dict(os.environ, TERM="xterm"))
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        seen = b""

        def wait_for(text):
            """Reads until `text` was seen; what came before it is gone."""
            nonlocal seen
            end = time.monotonic() + 10
            while text not in seen:
                ready, _, _ = select.select([terminal], [], [], 0.1)
                seen += os.read(terminal, 4096) if ready else b""
                self.assertLess(time.monotonic(), end, seen)
            seen = seen[seen.index(text) + len(text):]
        prompt = b"127.0.0.1:%d> " % self.port
        wait_for(prompt)
        for typed, hint in [
                (b"svstart ", b"mask [mask ...] [WAIT ms]"),
                (b"greet ", b"[arg [arg ...]]"),
                (b"client rep", b""), (b"ly ", b"ON|OFF|SKIP")]:
            os.write(terminal, typed)
            wait_for(hint)
            if typed != b"client rep":
                os.write(terminal, b"\x15")  # Ctrl-U: an empty line again
        os.write(terminal, b"svstatu\t web json\r")  # Tab completes it
        wait_for(b'"pid\\":%d' % self.web)
        # It drops what is typed before it asks again (TCSAFLUSH).
        wait_for(b"\n" + prompt)
        os.write(terminal, b"help svwait\r")
        wait_for(b"Wait until services reach a state")

    def test_benchmark(self):
        for words in (["-t", "ping"], ["publish", "c", "x"],
                      ["-3", "greet", "x"], ["--csv", "-r", "9", "publish",
                                             "c:__rand_int__", "x"],
                      ["--threads", "2", "ping"], ["--dbnum", "3", "ping"]):
            done = subprocess.run(
                ["redis-benchmark", "-p", str(self.port), "-n", "2000", "-c",
                 "20", "-P", "16", "-q", *words], capture_output=True,
                text=True, stdin=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, "requests per second|avg_latency")
            self.assertNotIn("Error", done.stdout)
            self.assertNotIn("WARNING", done.stdout + done.stderr)


class RedisCliWithPassword(ClientTest):
    password = PASSWORD

    def cli(self, *args, **env):
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), *args], capture_output=True,
            text=True, stdin=subprocess.DEVNULL, timeout=20,
            env=dict(os.environ, **env))

    def test_all_ways_to_say_it(self):
        self.assertEqual(self.cli("ping").stdout,
                         "NOAUTH Authentication required.\n\n")
        for args in (["-a", PASSWORD], ["--pass", PASSWORD, "-3"],
                     ["--user", "default", "-a", PASSWORD],
                     ["--user", "default", "-a", PASSWORD, "-3", "-n", "2"],
                     ["-u", "redis://default:correct%20horse@127.0.0.1:"
                      f"{self.port}/1"]):
            self.assertEqual(self.cli(*args, "greet", "Ann").stdout,
                             "hello Ann\n", args)
        self.assertEqual(self.cli("ping", REDISCLI_AUTH=PASSWORD).stdout,
                         "PONG\n")
        self.assertIn("WRONGPASS", self.cli("-a", "wrong", "ping").stderr)
        # Root on the UNIX socket needs none.
        done = subprocess.run(
            ["redis-cli", "-s", str(self.saker.socket), "acl", "whoami"],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stdout, "default\n")

    def test_benchmark(self):
        for args, status in [(["-a", PASSWORD], 0), ([], 1)]:
            done = subprocess.run(
                ["redis-benchmark", "-p", str(self.port), "-n", "1000", "-q",
                 *args, "ping"], capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode, status, done)


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
