"""`saker check` says of what commands kept what a start would say."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402


class Kept(harness.TestCase):
    """overrides.toml and users.acl in the state directory."""

    def setUp(self):
        super().setUp()
        self.saker = self.make()
        self.settings = self.saker.dir / "saker.toml"
        self.saker.state_dir.mkdir(mode=0o700)
        self.overrides = self.saker.state_dir / "overrides.toml"
        self.users = self.saker.state_dir / "users.acl"
        self.saker.write_toml(f'state-dir = "{self.saker.state_dir}"\n')

    def keep(self, path, text):
        path.write_text(text)
        path.chmod(0o600)

    def check(self, *arguments, programs=harness.BIN, **more):
        done = subprocess.run(
            [programs / "saker", "check", *arguments], timeout=30,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def both(self, *expected):
        """By name, and as what a start would read; and the start."""
        for arguments in ([self.settings], ["--config", self.settings]):
            status, out = self.check(*arguments)
            self.assertEqual(status, 1, out)
            for x in expected:
                self.assertIn(x + "\n", out)
            self.assertRegex(out, rf"services?, {len(expected)} errors?\n$")
        self.saker.launch()
        self.assertEqual(self.saker.wait_for_exit(), 78)
        for x in expected:
            self.assertIn(x + "\n", self.saker.log())

    def test_what_is_well(self):
        self.keep(self.overrides, '[redis]\ntimeout = "5"\n')
        self.keep(self.users, "user bob on >bobs +@basic\n")
        self.assertEqual(
            self.check(self.settings),
            (0, f"checked {self.settings}\nchecked {self.overrides}\n"
                f"checked {self.users}\n0 services, 0 errors\n"))

    def test_what_cannot_be_read(self):
        self.keep(self.overrides, "[redis]\nhz = 10\ntimeout = [1]\n")
        self.both(f"{self.overrides}:3: redis.timeout: must be text or a "
                  "whole number; correct or remove it there")

    def test_a_value_that_is_not_taken(self):
        self.keep(self.overrides, '[redis]\ntimeout = "soon"\n')
        status, out = self.check(self.settings)
        self.assertEqual(status, 1, out)
        line = next(x for x in out.splitlines()
                    if x.startswith(f"{self.overrides}:2: redis.timeout: "))
        self.assertTrue(line.endswith("; correct or remove it there"), line)
        self.both(line)

    def test_a_file_that_others_could_write(self):
        self.keep(self.users, "user bob on nopass\n")
        self.users.chmod(0o666)
        status, out = self.check(self.settings)
        self.assertEqual(status, 1, out)
        self.assertIn(f"type: chmod o-w {self.users}", out)

    def test_users_with_faults(self):
        self.keep(self.users, "user bob on +nosuch\nuser ann on >anns\n"
                              "nonsense\n")
        self.both(f"{self.users}:1: '+nosuch': Unknown command or category "
                  "name in ACL; correct or remove the file",
                  f"{self.users}:3: should start with user keyword followed "
                  "by the username; correct or remove the file")

    def test_users_who_let_in_everybody(self):
        with_password = "0" * 64
        self.saker.write_toml(
            f'state-dir = "{self.saker.state_dir}"\n'
            f'listen = ["0.0.0.0:{self.saker.port}"]\n[users.default]\n'
            f'password-hash = "{with_password}"\n'
            '[users.guest]\nrules = ["off"]\n')
        self.assertEqual(self.check(self.settings)[0], 0)
        self.keep(self.users, "user default on nopass +@all\n")
        status, out = self.check(self.settings)
        self.assertEqual(status, 1, out)
        self.assertIn("can be reached from other machines, but user default "
                      "has no password", out)

    def test_where_an_option_puts_them(self):
        self.saker.write_toml("")
        self.keep(self.users, "nonsense\n")
        self.assertEqual(self.check(self.settings)[0], 0)
        status, out = self.check("--state-dir", self.saker.state_dir,
                                 self.settings)
        self.assertEqual(status, 1, out)
        self.assertIn(f"{self.users}:1: ", out)

    def test_whoever_may_not_look_is_told_so(self):
        self.keep(self.users, "nonsense\n")
        for path in (self.saker.dir, self.settings):
            path.chmod(0o755)
        status, out = self.check(
            self.settings, programs=harness.programs_for_everybody(),
            user="nobody", extra_groups=[])
        self.assertEqual(status, 0, out)
        for path in (self.overrides, self.users):
            self.assertIn(f"warning: read {path}: Permission denied, so it "
                          "was not checked", out)


if __name__ == "__main__":
    unittest.main()
