"""`saker check` says of certificates what a start would say."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from tls_harness import TlsTest  # noqa: E402


class Check(TlsTest):
    def describe(self, cert="server", more=""):
        self.saker.write_toml(
            f'[tls]\nlisten = ["127.0.0.1:{self.tls_port}"]\n'
            f'cert = "certs/{cert}.pem"\nkey = "certs/{cert}.key"\n{more}')

    def check(self, *arguments):
        done = subprocess.run(
            [harness.BIN / "saker", "check", *arguments], timeout=30,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def both(self, expected):
        """By its name, and as what a start would read; and the start."""
        settings = self.saker.dir / "saker.toml"
        for arguments in ([settings], ["--config", settings]):
            status, out = self.check(*arguments)
            self.assertEqual(status, 1, out)
            self.assertRegex(out, "(?m)^tls: .*" + expected)
        self.saker.launch()
        self.assertEqual(self.saker.wait_for_exit(), 78)
        self.assertRegex(self.saker.log(), "tls: .*" + expected)

    def test_what_is_well(self):
        self.describe(more='ca = "certs/ca.pem"\n'
                           'client-certificate = "optional"\n')
        settings = self.saker.dir / "saker.toml"
        status, out = self.check(settings)
        self.assertEqual((status, out), (
            0, f"checked {settings}\n0 services, 0 errors\n"))

    def test_a_missing_file(self):
        self.describe("nosuch")
        self.both(r"read .*nosuch\.pem: No such file")

    def test_a_key_that_others_can_read(self):
        self.describe()
        (self.certs / "server.key").chmod(0o644)
        self.both(r"chmod o= .*server\.key")

    def test_a_key_of_another_certificate(self):
        self.describe()
        (self.certs / "server.key").write_bytes(
            (self.certs / "ann.key").read_bytes())
        self.both("it is the key of another certificate")

    def test_no_certificate(self):
        self.describe()
        (self.certs / "server.pem").write_text("nonsense")
        self.both("no PEM text of that kind")

    def test_no_authority(self):
        self.describe(more='ca = "certs/none.pem"\n'
                           'client-certificate = "required"\n')
        self.both(r"none\.pem: No such file")

    def test_one_that_has_expired_is_a_warning(self):
        self.make_certs("old", days=-1)
        self.describe("old")
        status, out = self.check(self.saker.dir / "saker.toml")
        self.assertEqual(status, 0, out)
        self.assertRegex(out, r"(?m)^warning: TLS: .*old\.pem: the "
                              "certificate has expired")

    def test_what_a_cluster_needs(self):
        self.saker.write_toml(
            f'[cluster]\nlisten = "127.0.0.1:{self.tls_port}"\n'
            'tls = {cert = "certs/server.pem", key = "certs/none.key", '
            'ca = "certs/ca.pem"}\n')
        status, out = self.check(self.saker.dir / "saker.toml")
        self.assertEqual(status, 1, out)
        self.assertRegex(out, r"(?m)^cluster\.tls: .*none\.key")

    def test_values_of_redis(self):
        self.saker.write_toml('[redis]\nmaxclients = "many"\n')
        status, out = self.check(self.saker.dir / "saker.toml")
        self.assertEqual(status, 1, out)
        self.assertRegex(out, r"saker\.toml:\d+: redis\.maxclients: ")


if __name__ == "__main__":
    unittest.main()
