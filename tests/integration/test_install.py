"""An installed Saker finds its parts, wherever that is."""
import subprocess
import unittest

from saker_harness import BIN, ROOT, TestCase


class InstallTest(TestCase):
    def test_what_is_installed_runs_the_demo(self):
        saker = self.make()
        prefix = saker.dir / "usr"
        subprocess.run(
            ["cmake", "--install", str(BIN.parent), "--prefix", str(prefix)],
            check=True, stdin=subprocess.DEVNULL, capture_output=True)
        self.assertEqual(
            {str(x.relative_to(prefix)) for x in prefix.rglob("*")
             if x.is_file()},
            {"bin/saker", "libexec/saker/saker-keeper",
             "libexec/saker/saker-node", "share/saker/saker.toml",
             "share/saker/scripts/demo.lua", "share/saker/services/demo.lua",
             "lib/systemd/system/saker.service",
             *(f"share/saker/scripts/examples/{x.name}"
               for x in (ROOT / "scripts/examples").glob("*.lua"))})
        saker.command = lambda: [
            str(prefix / "bin/saker"), "run", "--demo",
            "--runtime-dir", str(saker.runtime_dir),
            "--state-dir", str(saker.state_dir),
            "--listen", f"127.0.0.1:{saker.port}"]
        saker.start()
        saker.wait_for_state("clock", "running")
        self.assertEqual(saker.redis_cli("greet", "Ann").strip(),
                         "Hello, Ann!")

    def test_the_unit_names_a_program_that_is_installed(self):
        unit = (BIN.parent / "packaging/saker.service").read_text()
        line = next(x for x in unit.splitlines() if x.startswith("ExecStart="))
        self.assertRegex(line, r"^ExecStart=/.*/bin/saker run$")


if __name__ == "__main__":
    unittest.main()
