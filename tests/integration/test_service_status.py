"""What clients are told of services, and how they wait for them."""
import json
import os
import socket
import sys
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from saker_harness import process  # noqa: E402
from services_harness import SLEEP, ServiceTest, shell  # noqa: E402


class Waiting(ServiceTest):
    def test_svwait_counts_those_that_got_there(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(f"""
            service "a" {{exec = {SLEEP}, count = 2}}
            service "b" {{exec = {shell(f'''
                while [ ! -e {go} ]; do sleep 0.02; done''')},
                         restart = "transient"}}""")
        saker.start()
        call = self.client().execute_command
        self.assertEqual(call("SVWAIT", "*", "running", "5000"), 3)
        self.assertEqual(call("SVWAIT", "a", "stopped", "0"), 0)
        began = time.monotonic()
        self.assertEqual(call("SVWAIT", "*", "done", "200"), 0)
        self.assertGreaterEqual(time.monotonic() - began, 0.19)
        # Others are served meanwhile; the answer comes with the state.
        other = redis.connection.Connection(port=saker.port, socket_timeout=9)
        other.send_command("SVWAIT", "b", "done", "8000")
        self.assertEqual(call("PING"), True)
        go.touch()
        self.assertEqual(other.read_response(), 1)
        other.disconnect()
        self.assertEqual(call("SVWAIT", "*", "running", "50"), 2)
        for words, error in [
                (("nosuch", "done", "5"), "^NOSERVICE "),
                (("a", "dead", "5"), "is no state; states are stopped"),
                (("a", "done", "-1"), "milliseconds"),
                (("a", "done"), "wrong number of arguments for 'svwait'")]:
            with self.assertRaisesRegex(redis.ResponseError, error):
                call("SVWAIT", *words)

    def test_svwait_does_not_wait_for_what_has_failed(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(f"""
            service "a" {{exec = {shell(f"while [ ! -e {go} ]; do sleep 0.02;"
                                        " done; exit 3")},
                         exit = {{["*"] = "fatal"}}}}
            service "b" {{exec = {SLEEP}}}""")
        saker.start()
        call = self.client().execute_command
        self.assertEqual(call("SVWAIT", "*", "running", "5000"), 2)
        waiter = redis.connection.Connection(port=saker.port, socket_timeout=9)
        waiter.send_command("SVWAIT", "a", "stopped", "60000")
        self.assertEqual(call("PING"), True)
        go.touch()
        self.assertEqual(waiter.read_response(), 0)
        waiter.disconnect()
        self.assertEqual(call("SVWAIT", "*", "running", "60000"), 1)
        self.assertEqual(call("SVWAIT", "a", "failed", "60000"), 1)

    def test_svstart_tells_what_became_of_it(self):
        self.start(services=f"""
            service "ok" {{exec = {SLEEP}, autostart = false}}
            service "early" {{exec = {shell('echo oops; exit 9')},
                             autostart = false, backoff = "20s"}}
            service "quick" {{exec = {{"true"}}, autostart = false,
                             restart = "transient"}}""")
        began = time.monotonic()
        reply = self.sv("SVSTART", "ok", "early", "quick")
        self.assertGreaterEqual(time.monotonic() - began, 0.1)
        self.assertEqual(reply["ok"],
                         (0, f"running, pid {self.pid('ok')}"))
        self.assertEqual(reply["early"][0], 1)
        self.assertRegex(reply["early"][1], "exit 9 after .*oops")
        self.assertEqual(reply["quick"][0], 0)
        self.assertIn("done", reply["quick"][1])
        again = self.sv("SVSTART", "ok")
        self.assertEqual(again["ok"], reply["ok"])
        for words, error in [((), "wrong number of arguments"),
                             (("ok", "WAIT", "soon"), "WAIT needs"),
                             (("ok", "ROLLING", "1"), "for restarts only"),
                             (("nosuch",), "^NOSERVICE ")]:
            with self.assertRaisesRegex(redis.ResponseError, error):
                self.client().execute_command("SVSTART", *words)

    def test_svsignal(self):
        self.start(services=f"""
            service "x" {{exec = {SLEEP}, exit = {{SIGUSR2 = "done"}}}}
            service "off" {{exec = {SLEEP}, autostart = false}}""")
        self.wait_for_pid("x")
        self.assertEqual(self.sv("SVSIGNAL", "15", "off")["off"][0], 3)
        reply = self.sv("SVSIGNAL", "usr2", "x", "off")
        self.assertEqual((reply["x"][0], reply["off"][0]), (0, 3))
        self.assertIn("stopped", reply["off"][1])
        self.wait_for_state("x", "done")
        with self.assertRaisesRegex(redis.ResponseError, '"BOOM" is no sig'):
            self.client().execute_command("SVSIGNAL", "BOOM", "x")


class Status(ServiceTest):
    FIELDS = ["name", "node", "state", "ready", "intent", "intent_by",
              "intent_since", "pid", "since", "uptime", "restarts",
              "restarts_1h", "last_exit", "next", "reason", "cpu", "rss",
              "where"]

    def setUp(self):
        super().setUp()
        self.start(services=f"""
            service "up" {{exec = {SLEEP}}}
            service "late" {{exec = {{"false"}}, backoff = "20s"}}
            service "off" {{exec = {SLEEP}, autostart = false}}""")
        self.wait_for_pid("up")
        self.wait_for_state("late", "backoff")
        self.wait_until(lambda: self.measured(
            self.client().execute_command("SVSTATUS", "JSON")),
            what="figures of what runs")

    @staticmethod
    def measured(text):
        """The rows, once everything that runs has figures: on a machine that
        has much to do a reply may come before them, and a program that has
        just been executed has no memory yet: what was measured then is told
        for a while."""
        rows = json.loads(text)
        late = [x for x in rows if x["pid"] and (x["rss"] or 0) <= 50_000]
        return None if late else rows

    def raw(self, text, size=1):
        """What the bytes are answered with, until it is quiet after `size`
        bytes."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as s:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            got = b""
            while part := s.recv(65536):
                got += part
        return got

    def check(self, rows):
        up, late, off = (rows[x] for x in ("up", "late", "off"))
        now = time.time() * 1000
        for row in rows.values():
            self.assertEqual(list(row), self.FIELDS)
            self.assertEqual(row["node"], "test")
            self.assertLess(abs(now - row["since"]), 60_000)
            if row["pid"]:
                self.assertGreaterEqual(float(row["cpu"]), 0)
                self.assertGreater(row["rss"], 50_000)
            else:
                self.assertIsNone(row["cpu"])
                self.assertIsNone(row["rss"])
            self.assertRegex(row["where"], r"/services/main\.lua:\d$")
        self.assertEqual(
            [up[x] for x in ("state", "intent", "restarts", "last_exit",
                             "next", "reason")],
            ["running", "up", 0, None, None, None])
        self.assertEqual(process(up["pid"]).alive(), True)
        self.assertGreater(up["uptime"], 0)
        self.assertEqual(
            [late[x] for x in ("state", "pid", "uptime", "restarts",
                               "last_exit")],
            ["backoff", 0, 0, 1, "exit 1"])
        self.assertRegex(late["next"], "^restart in 1[0-9]|2[0-9]")
        self.assertRegex(late["reason"], "^exit 1 after ")
        self.assertEqual(
            [off[x] for x in ("state", "intent", "pid", "since", "last_exit")],
            ["stopped", "down", 0, off["since"], None])

    def test_resp2(self):
        rows = self.status()
        self.check(rows)
        self.assertEqual([rows[x]["ready"] for x in ("up", "late", "off")],
                         [1, 0, 0])
        got = self.raw(b"SVSTATUS off\r\n")
        self.assertTrue(got.startswith(b"*1\r\n*36\r\n$4\r\nname\r\n"
                                       b"$3\r\noff\r\n"), got)
        self.assertIn(b"$5\r\nready\r\n:0\r\n", got)
        self.assertIn(b"$3\r\ncpu\r\n$-1\r\n", got)

    def test_resp3(self):
        got = self.raw(b"HELLO 3\r\nSVSTATUS up\r\n")
        got = got[got.index(b"*1\r\n%18\r\n"):]
        self.assertIn(b"$5\r\nready\r\n#t\r\n", got)
        self.assertIn(b"$3\r\npid\r\n:%d\r\n" % self.pid("up"), got)
        self.assertRegex(got, rb"\$3\r\ncpu\r\n,[0-9.]+\r\n")
        self.assertRegex(got, rb"\$3\r\nrss\r\n:[0-9]+\r\n")
        self.assertIn(b"$9\r\nlast_exit\r\n_\r\n", got)

    def test_json(self):
        rows = json.loads(self.client().execute_command("SVSTATUS", "JSON"))
        self.assertEqual([x["name"] for x in rows], ["late", "off", "up"])
        self.check({x["name"]: x for x in rows})
        self.assertEqual([x["ready"] for x in rows], [False, False, True])
        one = self.client().execute_command("SVSTATUS", "up", "json")
        self.assertEqual(len(json.loads(one)), 1)

    def test_text(self):
        text = self.redis_cli("-3", "svstatus", "text")
        self.assertTrue(text.isascii())
        lines = text.splitlines()
        self.assertEqual(lines[0].split(),
                         ["NAME", "STATE", "READY", "SINCE", "PID", "RST",
                          "1h/all", "LAST", "EXIT", "NEXT", "CPU", "MEM"])
        self.assertRegex(lines[1], r"^late +backoff +- +00:00:\d\d +- +1/1 +"
                         r"exit 1 .*ago +restart in")
        self.assertRegex(lines[2], r"^  why  exit 1 after ")
        # It wrote nothing, so there is no log to look into.
        self.assertRegex(lines[3], r"^off +stopped +- +00:00:\d\d +- +0/0")
        self.assertRegex(lines[4], r"^up +running +yes +00:00:\d\d +"
                         f"{self.pid('up')} +0/0")
        # RESP2 sends the same as simple strings.
        got = self.raw(b"SVSTATUS TEXT\r\n")
        self.assertTrue(got.startswith(b"*5\r\n+NAME "), got)
        got = self.raw(b"HELLO 3\r\nSVSTATUS TEXT\r\n")
        self.assertIn(b"\r\ntxt:NAME ", got)

    def test_nothing_defined_is_no_error(self):
        empty = self.start()
        self.assertEqual(empty.status(), {})
        self.assertEqual(empty.status("*"), {})
        self.assertIn("no services", empty.redis_cli("svstatus", "text"))
        with self.assertRaisesRegex(redis.ResponseError, "^NOSERVICE "):
            empty.status("web")


if __name__ == "__main__":
    unittest.main()
