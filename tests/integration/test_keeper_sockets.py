"""Listening sockets that the keeper holds from one node to the next."""
import os
import socket
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper_harness import Keeper, eventually  # noqa: E402


class SocketsTest(unittest.TestCase):
    def next_node(self):
        node = self.keeper.node()
        self.addCleanup(node.close)
        node.greet()
        return node

    def listen(self, node, address="127.0.0.1:0"):
        """Returns (host, port)."""
        _, actual, fd = node.call("LISTEN", address, 511, 0, "")
        os.close(fd)
        host, port = actual.decode().split(":")
        return host, int(port)

    def lets_in(self, where):
        try:
            socket.create_connection(where, 10).close()
            return True
        except ConnectionRefusedError:
            return False

    def test_what_the_next_node_does_not_want_is_closed(self):
        """A node that dies between the two halves of CONFIG SET port leaves
        both sockets. Clients of the wrong one must not wait for ever."""
        self.keeper = Keeper(self)
        node = self.next_node()
        kept = self.listen(node)
        moved = self.listen(node, "127.0.0.2:0")
        node.call("READY")
        self.assertTrue(self.lets_in(moved))
        node.kill()
        node = self.next_node()
        self.assertEqual(self.listen(node), kept)
        self.assertTrue(self.lets_in(moved))  # it may still be asked for
        node.call("READY")
        self.assertFalse(self.lets_in(moved))
        self.assertTrue(self.lets_in(kept))
        eventually(lambda: node.expect("LOG")[0][1].startswith(
            b"closed 127.0.0.2:0: "), "the log tells of it")

    def test_sockets_of_children_stay_open(self):
        self.keeper = Keeper(self)
        node = self.next_node()
        where = self.listen(node)
        node.start("web#0", 1, ["sleep", "1000"], sockets=["127.0.0.1:0"],
                   env=[f"TEST_FOLDER={self.keeper.folder}"])
        node.call("SIGNAL", "web#0", 9, "leader")
        node.exited("web#0")
        node.kill()  # before it starts the child again
        node = self.next_node()
        node.call("READY")
        self.assertTrue(self.lets_in(where))
        self.assertEqual(self.listen(node), where)


if __name__ == "__main__":
    unittest.main()
