"""Commands to other nodes."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from cluster_harness import ClusterCase, SOON, as_dict  # noqa: E402


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
