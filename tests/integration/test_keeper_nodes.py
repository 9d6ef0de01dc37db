"""What the keeper has for the next node, with the test in the place of it."""
import os
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import (  # noqa: E402
    INVALID, IO, Keeper, KeeperTest, SLEEP, children_of, eventually, lives,
    state_of)


class NodeRestarts(KeeperTest):
    def test_exits_are_kept_until_they_are_acknowledged(self):
        keeper, node = self.served()
        node.start("a#0", 1, ["sh", "-c", "exit 1"])
        node.exited("a#0")
        node.call("SEEN", "a#0", 1)
        node.start("b#0", 2, SLEEP, **self.mark(keeper))
        node.call("NOTE", "b#0", b"state")
        node.kill()
        node = self.next_node(keeper)
        hello = node.hello()
        self.assertEqual((hello["restarts"], hello["last_spawn_id"]), (1, 2))
        rows = node.list()
        self.assertEqual((rows["a#0"]["state"], rows["a#0"]["kind"],
                          rows["a#0"]["number"], rows["a#0"]["spawn_id"]),
                         (b"exited", b"exited", 1, 1))
        self.assertEqual((rows["b#0"]["state"], rows["b#0"]["note"]),
                         (b"running", b"state"))
        node.call("ACK", "a#0", 1)
        node.kill()
        self.assertEqual(list(self.next_node(keeper).greet()), ["b#0"])

    def test_an_end_while_the_node_is_away_is_told_by_list(self):
        keeper, node = self.served()
        pid, _ = node.start("a#0", 1, SLEEP, **self.mark(keeper))
        node.kill()
        os.kill(pid, signal.SIGUSR1)
        eventually(lambda: state_of(pid) is None, "reaped")
        row = self.next_node(keeper).greet()["a#0"]
        self.assertEqual((row["state"], row["kind"], row["number"]),
                         (b"exited", b"signaled", signal.SIGUSR1))

    def test_jobs_die_with_the_node_services_do_not(self):
        keeper, node = self.served()
        service, _ = node.start("s#0", 1, SLEEP, **self.mark(keeper))
        job, _ = node.start("j#0", 2, ["sh", "-c", "sleep 1000; true"],
                            cls="job", **self.mark(keeper))
        _, fds = node.start("done#0", 3, ["true"], cls="job", output="merged")
        os.close(fds[0])
        node.exited("done#0")
        node.kill()
        eventually(lambda: state_of(job) is None, "end of the job")
        self.assertTrue(lives(service))
        node = self.next_node(keeper)
        self.assertEqual(list(node.greet()), ["s#0"])
        eventually(lambda: children_of(keeper.pid) == [service, node.pid]
                   or sorted(children_of(keeper.pid))
                   == sorted([service, node.pid]), "nothing of the job")
        eventually(lambda: os.listdir(keeper.runtime + "/out") == [],
                   "no FIFO")

    def test_what_the_node_said_last_counts(self):
        keeper, node = self.served()
        for i in range(100):
            node.send("NOTE", f"n{i}#0", b"last")
        node.kill()
        self.assertEqual(len(self.next_node(keeper).greet()), 100)

    def test_a_listening_socket_survives_and_no_client_is_refused(self):
        keeper, node = self.served()
        _, address, fd = node.call("LISTEN", "127.0.0.1:0", 511, 0, "")
        host, port = address.decode().split(":")
        first = os.fstat(fd).st_ino
        os.close(fd)
        node.kill()
        client = socket.create_connection((host, int(port)))  # queued
        node = self.next_node(keeper)
        node.greet()
        _, again, fd = node.call("LISTEN", "127.0.0.1:0", 511, 0, "")
        self.assertEqual((again, os.fstat(fd).st_ino), (address, first))
        server = socket.socket(fileno=fd)
        conn, _ = server.accept()
        conn.close()
        client.close()
        server.close()
        node.call("UNLISTEN", "127.0.0.1:0")
        self.assertRaises(ConnectionRefusedError, socket.create_connection,
                          (host, int(port)))

    def test_socket_files_have_mode_and_group_and_go_away(self):
        keeper, node = self.served()
        path = keeper.folder + "/s.sock"
        leftover = socket.socket(socket.AF_UNIX)
        leftover.bind(path)
        leftover.close()  # nobody listens there any more
        _, address, fd = node.call("LISTEN", f"unix:{path}", 16, 0o620, "tty")
        os.close(fd)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o620)
        self.assertEqual(address, f"unix:{path}".encode())
        text = self.refused(IO, node.call, "LISTEN", f"unix:{path}x/y", 1, 0,
                            "")
        self.assertTrue(text.startswith("bind ENOENT"), text)
        node.call("UNLISTEN", f"unix:{path}")
        self.assertFalse(os.path.exists(path))

    def test_addresses_that_cannot_be_had(self):
        keeper, node = self.served()
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        port = taken.getsockname()[1]
        text = self.refused(IO, node.call, "LISTEN", f"127.0.0.1:{port}", 1, 0,
                            "")
        self.assertTrue(text.startswith("bind EADDRINUSE"), text)
        for bad in ("localhost:80", "127.0.0.1", "127.0.0.1:x", "[::1]",
                    "127.0.0.1:70000", "unix:relative"):
            self.refused(INVALID, node.call, "LISTEN", bad, 1, 0, "")
        live = socket.socket(socket.AF_UNIX)
        self.addCleanup(live.close)
        live.bind(keeper.folder + "/live")
        live.listen(1)
        self.refused(IO, node.call, "LISTEN", f"unix:{keeper.folder}/live", 1,
                     0, "")
        self.assertTrue(os.path.exists(keeper.folder + "/live"))

    def test_a_node_that_does_not_see_an_end_is_aborted(self):
        keeper, node = self.served()
        node.start("a#0", 1, ["true"])
        node.exited("a#0")
        eventually(lambda: not lives(node.pid), "SIGABRT", 30)
        row = self.next_node(keeper).greet()["a#0"]
        self.assertEqual(row["state"], b"exited")
        self.assertIn("did not take note", keeper.log())

    def test_a_stopped_node_is_replaced_when_it_is_found_out(self):
        keeper, node = self.served()
        node.call("READY")
        node.start("a#0", 1, ["true"])
        begin = time.monotonic()
        os.kill(node.pid, signal.SIGSTOP)
        self.next_node(keeper).greet()
        # After 10 s without SEEN; not only when SIGABRT was in vain too.
        self.assertLess(time.monotonic() - begin, 18)

    def test_three_faults_mean_safe_mode(self):
        keeper, node = self.begin()
        self.assertEqual(node.hello()["safe_mode"], 0)
        node.exit(1)
        node = self.next_node(keeper)
        self.assertEqual(node.hello()["safe_mode"], 0)
        node.kill(signal.SIGSEGV)
        node = self.next_node(keeper)
        self.assertEqual(node.hello()["safe_mode"], 0)
        node.exit(0)
        self.assertEqual(self.next_node(keeper).hello()["safe_mode"], 1)

    def test_a_hopeless_first_start_ends_the_keeper(self):
        for code in (2, 3, 78):
            keeper, node = self.begin()
            node.exit(code)
            self.assertEqual(keeper.wait(), code)

    def test_a_hopeless_later_start_does_not(self):
        keeper, node = self.served()
        node.call("READY")
        node.exit(78)
        node = self.next_node(keeper)
        node.greet()
        node.start("a#0", 1, SLEEP, **self.mark(keeper))
        node.exit(78)
        self.assertIn("a#0", self.next_node(keeper).greet())

    def test_a_node_that_is_missing_ends_the_keeper_at_the_first_start(self):
        keeper = Keeper.__new__(Keeper)
        keeper.argv = lambda: [
            "/nonexistent/node" if x.endswith("fake_node.py") else x
            for x in Keeper.argv(keeper)]
        keeper.__init__(self)
        self.assertEqual(keeper.wait(), 1)
        self.assertIn("exec /nonexistent/node", keeper.log())


if __name__ == "__main__":
    unittest.main()
