"""Sakers in network namespaces, whose network is cut (T-N1)."""
import os
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cluster_harness import (  # noqa: E402
    ClusterCase, DEAD_AFTER, DEATH_NOTICED, SOON, as_dict)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("nsenter")
                     and shutil.which("ip"),
                     "needs root, nsenter and ip: makes network namespaces")
class NetworkTest(ClusterCase):
    """Three nodes, each in a network namespace of its own, at one bridge:
    what is cut here is cut as by a broken cable, without a word to anybody."""

    NAMES = ("n1", "n2", "n3")

    def setUp(self):
        super().setUp()
        self.enter = {}
        self.inside("hub", "ip", "link", "add", "name", "hub", "type",
                    "bridge")
        self.inside("hub", "ip", "link", "set", "hub", "up")

    def inside(self, place, *command, check=True):
        """Runs a command in the namespace of that name."""
        if place not in self.enter:
            self.enter[place] = self.namespace()
        done = subprocess.run([*self.enter[place], *command],
                              capture_output=True, text=True, timeout=20)
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.stderr}")
        return done

    def namespace(self):
        """A new one, as the beginning of commands that run in it."""
        holder = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        path = f"/proc/{holder.pid}/ns/net"
        own = os.readlink("/proc/self/ns/net")
        self.wait_until(lambda: os.readlink(path) != own)
        return ["nsenter", f"--net={path}"]

    @staticmethod
    def address(name):
        return "10.77.0." + name[1:]

    def connect(self, name):
        self.inside(name, "ip", "link", "set", "lo", "up")
        path = self.enter[name][1].partition("=")[2]
        self.inside("hub", "ip", "link", "add", "name", name, "type", "veth",
                    "peer", "name", "eth0", "netns", path.split("/")[2])
        self.inside(name, "ip", "address", "add", self.address(name) + "/24",
                    "dev", "eth0")
        self.inside(name, "ip", "link", "set", "eth0", "up")
        self.inside("hub", "ip", "link", "set", name, "up")
        self.plug_in(name)

    def plug_in(self, name):
        self.inside("hub", "ip", "link", "set", name, "master", "hub")

    def unplug(self, name):
        self.inside("hub", "ip", "link", "set", name, "nomaster")

    def trio(self):
        folder = self.make_certs("ours", *self.NAMES)
        join = [self.address(x) + ":12107" for x in self.NAMES]
        all_ = []
        for name in self.NAMES:
            self.connect(name)
            all_.append(self.node(name, 12107, join, self.tls(folder, name),
                                  host=self.address(name),
                                  prefix=self.enter[name]))
            all_[-1].start()
        self.meet(all_)
        return all_

    def wait_for_deaths(self, pairs):
        began = time.monotonic()
        for who, of in pairs:
            self.wait_until(lambda: who.sees(of.name, "dead"), SOON,
                            f"{who.name} sees that {of.name} is dead")
        self.assertLess(time.monotonic() - began, DEATH_NOTICED)

    def test_t_n1_one_of_three_is_cut_off_and_comes_back(self):
        n1, n2, n3 = self.trio()
        self.unplug("n3")
        self.wait_for_deaths([(n1, n3), (n2, n3), (n3, n1), (n3, n2)])
        self.assertTrue(n1.sees("n2", "up") and n2.sees("n1", "up"))
        n1.wait_for_log("node n3 is lost: hear .*: nothing for")
        # The one alone goes on with what is its own.
        done = n3.via_socket().execute_command("SVRESTART", "web", "WAIT",
                                               "5000")
        self.assertEqual(int(as_dict(done[0])["code"]), 0)
        rows = n3.rows("*@*")
        self.assertEqual(rows["web", "n3"]["state"], "running")
        self.assertEqual({x for x, row in rows.items()
                          if row["state"] == "lost"},
                         {("*", "n1"), ("*", "n2")})
        rows = n1.rows("web@*")
        self.assertEqual({x: row["state"] for x, row in rows.items()},
                         {("web", "n1"): "running", ("web", "n2"): "running",
                          ("*", "n3"): "lost"})
        self.plug_in("n3")
        self.meet([n1, n2, n3])
        self.assertEqual(n3.rows("web@n1")["web", "n1"]["state"], "running")

    def test_t_n1_a_cut_in_one_direction_is_a_cut(self):
        n1, n2, n3 = self.trio()
        # n2 still reaches n1, but gets no answer.
        self.inside("n1", "ip", "route", "add", "blackhole",
                    self.address("n2"))
        self.wait_for_deaths([(n1, n2), (n2, n1)])
        self.assertTrue(n3.sees("n1", "up") and n3.sees("n2", "up"))
        self.assertIn(("web", "n3"), n2.rows("web@n3"))
        self.inside("n1", "ip", "route", "del", "blackhole",
                    self.address("n2"))
        self.meet([n1, n2, n3])

    def test_t_n1_a_slow_link_is_not_a_dead_one(self):
        n1, n2, _ = self.trio()
        there = n2.via_socket().pubsub()
        there.subscribe("bulk")
        client = n1.via_socket()
        self.wait_until(lambda: client.publish("bulk", "probe") == 1, SOON)
        since = n1.nodes()["n2"]["since"], n2.nodes()["n1"]["since"]
        # A queue that holds longer than DEAD_AFTER would be a dead link.
        done = self.inside("n1", "tc", "qdisc", "add", "dev", "eth0", "root",
                           "tbf", "rate", "1mbit", "burst", "16kb",
                           "latency", "200ms", check=False)
        if done.returncode != 0:
            self.skipTest("needs tc with tbf: " + done.stderr)
        began = time.monotonic()
        count = 100
        for i in range(count):
            client.publish("bulk", f"{i} " + os.urandom(5000).hex())
        for i in range(count):
            while True:
                message = there.get_message(timeout=SOON)
                self.assertIsNotNone(message, f"message {i}")
                if message["type"] == "message" \
                        and message["data"] != "probe":
                    break
            self.assertEqual(message["data"].split()[0], str(i))
        self.assertGreater(time.monotonic() - began, 2 * DEAD_AFTER,
                           "it was slow")
        self.assertEqual((n1.nodes()["n2"]["since"],
                          n2.nodes()["n1"]["since"]), since)


if __name__ == "__main__":
    unittest.main()
