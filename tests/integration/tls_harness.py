"""One Saker with an address for TLS, certificates, and clients that use both."""
import hashlib
import socket
import ssl
import subprocess

import saker_harness

PASSWORD = "correct horse"
HASH = hashlib.sha256(PASSWORD.encode()).hexdigest()
SERVICE = 'service "web" {exec = {"sleep", "100"}}'


class TlsTest(saker_harness.TestCase):
    """One Saker with an address for TLS beside the plain one."""

    def setUp(self):
        super().setUp()
        self.tls_port = saker_harness.free_port()
        self.saker = self.make(services=SERVICE)
        self.certs = self.saker.dir / "certs"
        self.make_certs("server", "ann", "default")

    def make_certs(self, *names, folder=None, days=None):
        folder = folder or self.certs
        options = ["--days", str(days)] if days is not None else []
        subprocess.run([str(saker_harness.ROOT / "tools/certs"), *options,
                        str(folder), *names], check=True, capture_output=True)
        return folder

    def serve(self, more="", password=False, cert="server"):
        self.saker.write_toml(
            f'[tls]\nlisten = ["127.0.0.1:{self.tls_port}"]\n'
            f'cert = "certs/{cert}.pem"\nkey = "certs/{cert}.key"\n'
            f'ca = "certs/ca.pem"\n{more}\n'
            + (f'[users.default]\npassword-hash = "{HASH}"\n'
               if password else ""))
        return self.saker.start()

    def context(self, cert=None, folder=None, believe=True):
        x = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if believe:
            x.load_verify_locations(self.certs / "ca.pem")
        else:
            x.check_hostname = False
            x.verify_mode = ssl.CERT_NONE
        if cert:
            folder = folder or self.certs
            x.load_cert_chain(folder / f"{cert}.pem", folder / f"{cert}.key")
        return x

    def knock(self):
        s = socket.create_connection(("127.0.0.1", self.tls_port), 10)
        self.addCleanup(s.close)
        return s

    def enter(self, context=None):
        context = context or self.context()
        s = context.wrap_socket(self.knock(), server_hostname="localhost")
        self.addCleanup(s.close)
        return s

    def tls_client(self, **options):
        return self.client(port=self.tls_port, ssl=True,
                           ssl_ca_certs=str(self.certs / "ca.pem"), **options)

    def whoami(self, connection):
        return self.ask(connection, b"ACL WHOAMI\r\n")

    @staticmethod
    def ask(connection, request):
        connection.sendall(request)
        got = b""
        while not got.endswith(b"\r\n"):
            more = connection.recv(65536)
            if not more:
                break
            got += more
        return got

    def refused(self, context, line):
        """Such a client gets no answer, and the log says why."""
        try:
            with context.wrap_socket(self.knock(),
                                     server_hostname="localhost") as s:
                # With TLS 1.3 it believes at first that all is well.
                s.sendall(b"PING\r\n")
                got = s.recv(100)
        except OSError:
            got = b""
        self.assertEqual(got, b"")
        self.logged(line)
        self.still_there()

    def logged(self, text):
        self.wait_until(lambda: text in self.saker.log(), what=text)

    def still_there(self):
        self.assertTrue(self.client().ping())
