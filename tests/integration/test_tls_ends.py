"""How connections over TLS end, and certificates of rarer kinds."""
import os
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tls_harness import TlsTest  # noqa: E402


class Ends(TlsTest):
    """An end that is meant is said in TLS: without close_notify a client cannot
    tell it from an attack."""

    def enter_strict(self):
        s = self.context().wrap_socket(
            self.knock(), server_hostname="localhost",
            suppress_ragged_eofs=False)
        self.addCleanup(s.close)
        self.assertEqual(self.ask(s, b"PING\r\n"), b"+PONG\r\n")
        return s

    def ended(self, s):
        """What still comes; fails unless the end is said."""
        return b"".join(iter(lambda: s.recv(65536), b""))

    def test_by_the_client_itself(self):
        self.serve()
        s = self.enter_strict()
        s.sendall(b"QUIT\r\n")
        self.assertEqual(self.ended(s), b"+OK\r\n")

    def test_by_somebody_else(self):
        self.serve()
        s = self.enter_strict()
        owner = self.client()
        rows = [x for x in owner.client_list() if x["user"] == "guest"]
        self.assertEqual(owner.execute_command(
            "CLIENT", "KILL", "ID", rows[0]["id"]), 1)
        self.assertEqual(self.ended(s), b"")

    def test_by_a_user_that_is_deleted(self):
        self.serve()
        owner = self.client()
        owner.execute_command("ACL", "SETUSER", "ann", "on", ">anns", "+@all")
        s = self.enter_strict()
        self.assertEqual(self.ask(s, b"AUTH ann anns\r\n"), b"+OK\r\n")
        owner.execute_command("ACL", "DELUSER", "ann")
        self.assertEqual(self.ended(s), b"")

    def test_by_a_shutdown(self):
        self.serve()
        s = self.enter_strict()
        self.assertEqual(self.saker.stop(), 0)
        self.assertEqual(self.ended(s), b"")


class Kinds(TlsTest):
    """Certificates of clients that are not of P-256."""

    KINDS = {"ed25519": ["-algorithm", "ED25519"],
             "p384": ["-algorithm", "EC", "-pkeyopt",
                      "ec_paramgen_curve:P-384"],
             "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]}

    def make_kind(self, name):
        def openssl(*words, **more):
            return subprocess.run(["openssl", *map(str, words)], check=True,
                                  capture_output=True, **more).stdout
        key = self.certs / f"{name}.key"
        openssl("genpkey", *self.KINDS[name], "-out", key)
        key.chmod(0o600)
        request = openssl("req", "-new", "-key", key, "-subj", f"/CN={name}",
                          "-addext", "subjectAltName=DNS:localhost")
        openssl("x509", "-req", "-days", 2, "-CA", self.certs / "ca.pem",
                "-CAkey", self.certs / "ca.key", "-CAcreateserial",
                "-copy_extensions", "copy",
                "-out", self.certs / f"{name}.pem", input=request)

    def shows(self, name, version):
        context = self.context(name)
        context.minimum_version = context.maximum_version = version
        return self.whoami(self.enter(context))

    def test_of_clients(self):
        for name in self.KINDS:
            self.make_kind(name)
        self.serve('client-certificate = "required"\ncertificate-user = true')
        owner = self.client()
        for name in self.KINDS:
            owner.execute_command("ACL", "SETUSER", name, "on", "+@all")
            expected = f"${len(name)}\r\n{name}\r\n".encode()
            self.assertEqual(self.shows(name, ssl.TLSVersion.TLSv1_3),
                             expected)
            if name != "p384":
                self.assertEqual(self.shows(name, ssl.TLSVersion.TLSv1_2),
                                 expected)
        old = self.context("p384")
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        self.refused(old, "another curve than P-256; it needs TLS 1.3")

    def test_of_the_server(self):
        for name in self.KINDS:
            self.make_kind(name)
        self.serve(cert="p384")
        self.assertEqual(self.ask(self.enter(), b"PING\r\n"), b"+PONG\r\n")
        for name in ("ed25519", "rsa", "p384"):
            self.client().execute_command(
                "CONFIG", "SET", "tls-cert-file",
                str(self.certs / f"{name}.pem"), "tls-key-file",
                str(self.certs / f"{name}.key"))
            s = self.enter()
            subject = dict(x[0] for x in s.getpeercert()["subject"])
            self.assertEqual(subject["commonName"], name)


if __name__ == "__main__":
    unittest.main()
