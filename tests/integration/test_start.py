"""What clients see while Saker starts."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from observers import Raw  # noqa: E402

COUNT = 200


class StartTest(harness.TestCase):
    def test_services_are_known_whole_or_not_at_all(self):
        """By clients that are there as soon as somebody listens."""
        saker = self.make(services="".join(
            f'service "s{i}" {{exec = {{"sleep", "1000"}}}}\n'
            for i in range(COUNT)))
        saker.launch()
        heard = []

        def ask():
            with Raw(saker.port) as raw:
                for word in "PING", "SVSTATUS", "INFO":
                    raw.send(word)
                heard.append([raw.reply() for _ in range(3)])
            return b"loading:0" in heard[-1][2]
        self.wait_until(ask, 20)
        saker.note_processes()
        for pong, status, _ in heard:
            self.assertEqual(pong, b"+PONG\r\n")
            self.assertRegex(status, rb"\A(-LOADING |\*%d\r\n)" % COUNT)
        self.wait_until(lambda: all(x["state"] == "running" for x
                                    in saker.status().values()))


if __name__ == "__main__":
    unittest.main()
