"""Real clients: they connect, command, subscribe, and come back after the
node was killed (Q8, T-R6)."""
import json
import os
import subprocess
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402

SERVICES = """
    service "web" {exec = {"sleep", "1000"}}
    service "off" {exec = {"sleep", "1000"}, autostart = false}"""
SCRIPTS = """
    saker.register("greet", function(args)
      return "hello " .. (args[1] or "you")
    end, PROP_PASSIVITY, {help = "greet [NAME]: says hello", arity = -1})"""


class ClientTest(saker_harness.TestCase):
    def setUp(self):
        super().setUp()
        self.start(services=SERVICES, scripts=SCRIPTS)
        self.wait_for_state("web", "running")
        self.web = self.pid("web")

    def tearDown(self):
        # Whatever clients did, the child did not notice.
        self.assertEqual(self.pid("web"), self.web)


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

    def test_it_comes_back_by_itself(self):
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

    def test_benchmark(self):
        for words in (["-t", "ping"], ["publish", "c", "x"],
                      ["-3", "greet", "x"]):
            done = subprocess.run(
                ["redis-benchmark", "-p", str(self.port), "-n", "2000", "-c",
                 "20", "-P", "16", "-q", *words], capture_output=True,
                text=True, stdin=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("requests per second", done.stdout)
            self.assertNotIn("Error", done.stdout)


class RedisPy(ClientTest):
    def test_commands_and_pipelines(self):
        client = self.client(client_name="me")
        self.assertTrue(client.ping())
        self.assertEqual(client.echo("x\0y"), "x\0y")
        self.assertEqual(client.client_getname(), "me")
        self.assertEqual(client.execute_command("greet", "Ann"), "hello Ann")
        self.assertEqual(client.info("server")["saker_version"], "0.1.0")
        self.assertIn("me", [x["name"] for x in client.client_list()])
        with client.pipeline(transaction=False) as pipe:
            for i in range(1000):
                pipe.echo(str(i))
                pipe.publish("nobody", "x")
            got = pipe.execute()
        self.assertEqual(got, [y for i in range(1000) for y in (str(i), 0)])
        with client.pipeline(transaction=False) as pipe:
            pipe.ping().execute_command("svstop", "nosuch").ping()
            got = pipe.execute(raise_on_error=False)
        self.assertEqual((got[0], got[2]), (True, True))
        self.assertRegex(str(got[1]), "^NOSERVICE ")
        unix = self.client(unix_socket_path=str(self.saker.socket))
        self.assertTrue(unix.ping())

    def test_subscriptions(self):
        client = self.client()
        with client.pubsub() as pubsub:
            pubsub.subscribe("a", "b")
            pubsub.psubscribe("saker:*:off:*")
            self.assertEqual([pubsub.get_message(timeout=5)["data"]
                              for _ in range(3)], [1, 2, 3])
            self.assertEqual(client.publish("a", b"\xff\0"), 1)
            with self.assertRaises(UnicodeDecodeError):
                pubsub.get_message(timeout=5)
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

    def test_it_comes_back_by_itself(self):
        client = self.client()
        pubsub = client.pubsub()
        pubsub.subscribe("news")
        self.addCleanup(pubsub.close)
        for round_ in range(3):
            self.assertTrue(client.ping())
            self.saker.kill_node()
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
            def heard():
                message = pubsub.get_message(timeout=0.05)
                client.publish("news", round_)
                return message and message["type"] == "message" \
                    and message["data"] == str(round_)
            self.wait_until(heard, what="a message after kill -9")


class Ioredis(ClientTest):
    """The version in tests/integration/node/package.json."""

    SCRIPT = """
const Redis = require("ioredis"), assert = require("assert");
const port = Number(process.env.PORT), errors = [];
const connect = (options) => {
  const x = new Redis({port, host: "127.0.0.1", ...options});
  x.on("error", (e) => errors.push(e.code || e.message));
  return x;
};
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const until = async (what, condition) => {
  for (const end = Date.now() + 10000; Date.now() < end; await sleep(10))
    if (await condition()) return;
  throw new Error("not in time: " + what);
};
(async () => {
  const r = connect({connectionName: "me"}), s = connect({}), got = [];
  s.on("message", (channel, text) => got.push([channel, text]));
  s.on("pmessage", (pattern, channel, text) => got.push([channel, text]));
  assert.equal(await r.ping(), "PONG");
  assert.equal(await r.client("GETNAME"), "me");
  assert.equal(await r.call("greet", "Ann"), "hello Ann");
  await assert.rejects(r.call("svstop", "nosuch"), /^ReplyError: NOSERVICE /);
  const pipeline = r.pipeline();
  for (let i = 0; i < 1000; ++i) pipeline.echo(String(i));
  assert.deepEqual((await pipeline.exec()).map((x) => x[1]),
                   [...Array(1000).keys()].map(String));
  assert.equal(await s.subscribe("news", "more"), 2);
  assert.equal(await s.psubscribe("saker:*:off:*"), 3);
  assert.equal(await r.publish("news", "0"), 1);
  await until("a message", () => got.length == 1);
  await r.call("svstart", "off");
  await until("events", () => got.length == 4);
  assert.equal(got[1][0], "saker:test:off:starting");

  for (let round = 1; round <= 3; ++round) {
    const node = Number(/process_id:(\\d+)/.exec(await r.info())[1]);
    process.kill(node, "SIGKILL");
    await until("another node", async () => {
      const info = await r.info().catch(() => "");
      const found = /process_id:(\\d+)/.exec(info);
      return found && Number(found[1]) != node;
    });
    await until("a message again", async () => {
      await r.publish("news", String(round));
      return got.some((x) => x[1] == String(round));
    });
    // The pattern too: both are subscribed to again.
    assert.equal(await r.pubsub("NUMPAT"), 1);
  }
  assert.ok(!errors.includes("ECONNREFUSED"), errors.join());
  const rows = JSON.parse(await r.call("svstatus", "web", "json"));
  console.log(rows[0].pid);
  await r.quit();
  s.disconnect();
})().catch((e) => { console.error(e, errors); process.exit(1); });
"""

    def test_commands_subscriptions_and_coming_back(self):
        self.assertTrue((saker_harness.NODE_MODULES / "ioredis").is_dir(),
                        "tools/deps --test installs it")
        self.assertEqual(self.node_js(self.SCRIPT).split(), [str(self.web)])


if __name__ == "__main__":
    unittest.main()
