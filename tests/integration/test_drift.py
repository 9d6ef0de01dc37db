"""Files that were edited and not applied: shown, and never applied by
accident."""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402


class DriftTest(harness.TestCase):
    SERVICE = 'service "a" {exec = {"sleep", "%d"}}'

    def heading(self):
        """The lines of SVSTATUS TEXT above its table."""
        lines = self.client().execute_command("SVSTATUS TEXT")
        return lines[:next(i for i, x in enumerate(lines)
                           if x.startswith("NAME"))]

    def test_an_edited_file_is_shown_and_counts_only_when_applied(self):
        saker = self.start(services=self.SERVICE % 1000)
        saker.wait_for_state("a", "running")
        pid = self.pid("a")
        self.assertEqual(self.heading(), [])
        self.assertEqual(self.client().info("server")["unapplied_files"], 0)
        saker.write_services(self.SERVICE % 2000)
        name = next(saker.services_dir.glob("*.lua")).name
        text = f"not applied: {name} (changed): SVAPPLY applies what is there"
        self.assertEqual(self.heading(), [text])
        info = self.client().info("server")
        self.assertEqual(info["unapplied_files"], 1)
        self.assertEqual(info["unapplied_services"], f"{name} (changed)")
        # Neither a node that starts again nor time applies it.
        self.assertNotIn(text, saker.log())
        node = saker.node_pid()
        os.kill(node, signal.SIGKILL)
        self.wait_until(lambda: saker.node_pid() not in (node, None))
        self.wait_until(lambda: text in saker.log())
        self.assertEqual(self.heading(), [text])
        self.assertEqual(self.pid("a"), pid)
        self.client().execute_command("SVAPPLY")
        self.assertEqual(self.heading(), [])
        self.wait_until(lambda: self.pid("a") not in (0, pid))

    def test_an_edited_configuration_counts_at_the_next_start(self):
        saker = self.start(services=self.SERVICE % 1000,
                           toml="max-clients = 100\n")
        self.assertEqual(self.heading(), [])
        file = self.client().info("server")["config_file"]
        with open(file, "a", encoding="utf-8") as f:
            f.write("# a comment\n")
        text = (f"not in force: {os.path.basename(file)} (changed): it counts "
                "when Saker starts anew")
        self.assertEqual(self.heading(), [text])
        os.kill(saker.node_pid(), signal.SIGKILL)
        self.wait_until(lambda: text in saker.log())
        self.assertEqual(saker.stop(), 0)
        saker.start()
        self.assertEqual(self.heading(), [])


if __name__ == "__main__":
    unittest.main()
