"""Several Sakers on one machine that know of each other (T-N1, T-N3)."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from cluster_harness import (  # noqa: E402
    ClusterCase, DEATH_NOTICED, SOON, as_dict)


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


if __name__ == "__main__":
    unittest.main()
