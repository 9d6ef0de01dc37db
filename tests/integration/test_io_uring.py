"""What several clients are sent at once leaves in one system call."""
import ctypes
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402

SUBSCRIBERS = 20
IO_URING_SETUP = 425  # its number on every architecture


def kernel_lets_us():
    """Whether a ring may be made here: containers often forbid it."""
    libc = ctypes.CDLL(None, use_errno=True)
    ring = libc.syscall(IO_URING_SETUP, 1, ctypes.create_string_buffer(120))
    if ring >= 0:
        os.close(ring)
    return ring >= 0


class IoUringTest(harness.TestCase):
    def has_ring(self, saker):
        folder = pathlib.Path(f"/proc/{saker.node_pid()}/fd")
        return any("io_uring" in os.readlink(x) for x in folder.iterdir()
                   if x.is_symlink())

    def publish_to_many(self, saker):
        """All hear all, in order, also by patterns and over a slow reader."""
        listeners = [saker.client().pubsub() for _ in range(SUBSCRIBERS)]
        for i, x in enumerate(listeners):
            x.psubscribe("n*") if i % 2 else x.subscribe("news")
            self.assertIsNotNone(x.get_message(timeout=5))
        speaker = saker.client()
        for i in range(200):
            self.assertEqual(speaker.publish("news", f"{i}" * 100), SUBSCRIBERS)
        for x in listeners:
            for i in range(200):
                self.assertEqual(x.get_message(timeout=5)["data"], f"{i}" * 100)
            x.close()

    def test_many_are_served_with_a_ring_where_the_kernel_has_one(self):
        saker = self.start()
        self.publish_to_many(saker)
        self.assertEqual(saker.client().info("server")["io_uring"],
                         int(kernel_lets_us()))
        self.assertEqual(self.has_ring(saker), kernel_lets_us())

    def test_many_are_served_without_it(self):
        saker = self.start(toml="io-uring = false\n")
        self.publish_to_many(saker)
        self.assertEqual(saker.client().info("server")["io_uring"], 0)
        self.assertFalse(self.has_ring(saker))


if __name__ == "__main__":
    unittest.main()
