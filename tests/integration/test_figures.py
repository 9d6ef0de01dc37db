"""What INFO and CLIENT LIST tell is so: compared with what the kernel and other
commands say."""
import os
import re
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402


class FiguresTest(harness.TestCase):
    def open(self, *lines):
        """A client that has said `lines` and got the answers."""
        wire = socket.create_connection(("127.0.0.1", self.saker.port), 10)
        self.addCleanup(wire.close)
        wire.settimeout(10)
        wire.sendall(b"".join(x.encode() + b"\r\n" for x in lines)
                     + b"PING end-of-it\r\n")
        got = b""
        while b"end-of-it" not in got:
            got += wire.recv(65536)
        return wire

    def row(self, name):
        [found] = [x for x in self.client().client_list()
                   if x["name"] == name]
        return found

    def test_memory_of_clients_is_what_client_list_tells(self):
        self.start()
        client = self.client()
        before = client.info("memory")["mem_clients_normal"]
        for _ in range(50):
            self.open("PING")
        told = client.info("memory")["mem_clients_normal"]
        listed = sum(int(x["tot-mem"]) for x in client.client_list())
        self.assertGreater(told - before, 50 * 500)
        self.assertAlmostEqual(told, listed, delta=listed // 5)
        # What somebody does not read is told too.
        self.open("CLIENT SETNAME slow", "SUBSCRIBE c")
        for _ in range(200):
            client.publish("c", "x" * 65536)
        self.wait_until(lambda: int(self.row("slow")["omem"]) > 1 << 20)
        told = client.info("memory")["mem_clients_normal"]
        self.assertGreater(told, int(self.row("slow")["omem"]))

    def test_half_a_command_is_in_the_query_buffer(self):
        self.start()
        wire = self.open("CLIENT SETNAME half")
        wire.sendall(b"*2\r\n$4\r\nECHO\r\n$5000\r\n" + b"x" * 1000)
        self.wait_until(lambda: int(self.row("half")["qbuf"]) >= 1000)
        self.assertLess(int(self.row("half")["qbuf"]), 1100)

    def test_process_is_as_the_kernel_tells(self):
        self.start()
        info = self.client().info("everything")
        node = info["process_id"]
        self.assertEqual(os.readlink(f"/proc/{node}/exe"), info["executable"])
        with open(f"/proc/{node}/status", encoding="ascii") as f:
            rss = int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) << 10
        self.assertAlmostEqual(info["used_memory_rss"], rss, delta=rss // 4)
        with open(f"/proc/{node}/stat", encoding="ascii") as f:
            ticks = f.read().rsplit(")", 1)[1].split()[11:13]
        used = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        self.assertAlmostEqual(info["used_cpu_user"] + info["used_cpu_sys"],
                               used, delta=0.5)
        self.assertEqual(info["tcp_port"], self.saker.port)

    def test_counts_are_exact(self):
        self.start()
        client = self.client()
        client.ping()
        pings = client.info("commandstats")["cmdstat_ping"]["calls"]
        before = client.info("stats")
        for _ in range(100):
            client.ping()
        after = client.info("stats")
        self.assertEqual(after["total_commands_processed"]
                         - before["total_commands_processed"], 101)
        # 100 times *1 $4 PING, and INFO with its word.
        self.assertEqual(after["total_net_input_bytes"]
                         - before["total_net_input_bytes"],
                         100 * len(b"*1\r\n$4\r\nPING\r\n")
                         + len(b"*2\r\n$4\r\nINFO\r\n$5\r\nstats\r\n"))
        self.assertEqual(client.info("commandstats")["cmdstat_ping"]["calls"],
                         pings + 100)
        self.open("SUBSCRIBE a b", "PSUBSCRIBE c*", "SSUBSCRIBE d")
        stats = client.info("stats")
        self.assertEqual([stats[x] for x in ("pubsub_channels",
                                             "pubsub_patterns")], [2, 1])
        self.assertEqual(client.info("clients")["connected_clients"],
                         len(client.client_list()))


if __name__ == "__main__":
    unittest.main()
