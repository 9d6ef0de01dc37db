"""Those who try to come in over TLS otherwise. Each attack is a test of its
own."""
import json
import os
import socket
import ssl
import subprocess
import threading
import time
import unittest
import warnings

from tls_harness import PASSWORD, TlsTest


class Attacks(TlsTest):
    """Those who are not welcome."""

    def test_certificate_of_another_authority(self):
        other = self.make_certs("ann", folder=self.saker.dir / "other")
        self.serve('client-certificate = "required"')
        self.refused(self.context("ann", other),
                     "its certificate is refused: ")

    def test_certificate_of_another_authority_where_none_is_needed(self):
        other = self.make_certs("ann", folder=self.saker.dir / "other")
        self.serve('client-certificate = "optional"')
        self.refused(self.context("ann", other),
                     "its certificate is refused: ")

    def test_expired_certificate(self):
        self.make_certs("old", days=-1)
        self.serve('client-certificate = "required"')
        self.refused(self.context("old"),
                     "its certificate is refused: certificate has expired")

    def test_no_certificate(self):
        self.serve('client-certificate = "required"')
        self.refused(self.context(), "it shows no certificate")

    def test_client_that_does_not_believe_us(self):
        self.serve()
        x = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no authority at all
        self.refused(x, "it refuses our certificate: ")

    def test_identity_of_a_closed_socket(self):
        """The kernel calls the owner of a closed socket uid 0. Nobody asks it
        who a TLS client is, gone or not."""
        self.serve()
        self.wait_until(lambda: self.web()[1] == "running", what="running")
        before = self.web()
        for i in range(30):
            s = self.enter()
            s.sendall(b"SVSTOP web\r\nSVSIGNAL KILL web\r\n")
            if i % 3 == 1:
                s.shutdown(socket.SHUT_WR)
            elif i % 3 == 2:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b"\1\0\0\0\0\0\0\0")
            s.close()
        self.assertGreaterEqual(
            self.client().info("stats")["total_connections_received"], 30)
        self.assertEqual(self.web(), before)

    def web(self):
        words = self.client().execute_command("SVSTATUS", "web")
        while len(words) == 1:  # a list of one service
            words = words[0]
        web = dict(zip(words[::2], words[1::2]))
        return web["pid"], web["state"]

    def test_oversized_hello_before_auth(self):
        self.serve(password=True)
        for request, why in [
                (b"*2\r\n$5\r\nHELLO\r\n$20000\r\n", b"bulk length"),
                (b"*11\r\n$5\r\nHELLO\r\n", b"multibulk length"),
                (b"HELLO 3 AUTH default " + b"x" * 70000, b"inline request")]:
            s = self.enter()
            s.sendall(request)
            got = b"".join(iter(lambda: s.recv(4096), b""))
            self.assertTrue(got.startswith(b"-ERR Protocol error: "), got)
            self.assertIn(why, got)
        self.assertTrue(self.tls_client(password=PASSWORD).ping())

    def test_plain_text_on_the_tls_port(self):
        self.serve()
        s = self.knock()
        s.sendall(b"*1\r\n$4\r\nPING\r\n")
        got = b"".join(iter(lambda: s.recv(4096), b""))
        self.assertTrue(got.startswith(b"-ERR this port speaks TLS"), got)
        self.logged(f"TLS on 127.0.0.1:{self.tls_port}: client "
                    "%s:%d is refused: it speaks no TLS" % s.getsockname())
        self.still_there()

    def test_tls_on_the_plain_port(self):
        self.serve()
        s = socket.create_connection(("127.0.0.1", self.port), 10)
        self.addCleanup(s.close)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        x = self.context().wrap_bio(incoming, outgoing,
                                    server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            x.do_handshake()
        s.sendall(outgoing.read())
        got = b"".join(iter(lambda: s.recv(4096), b""))
        self.assertTrue(got.startswith(
            b"-ERR Protocol error: this port speaks no TLS"), got)
        self.logged("client %s:%d speaks TLS on 127.0.0.1:%d"
                    % (*s.getsockname(), self.port))
        self.still_there()

    def test_downgrade(self):
        self.serve()
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            x = self.context(believe=False)
            x.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                x.minimum_version = ssl.TLSVersion.TLSv1
                x.maximum_version = version
            with self.assertRaises(ssl.SSLError):
                self.enter(x)
        self.logged("it speaks no TLS newer than 1.1")
        weak = self.context(believe=False)
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("AES128-SHA")  # without forward secrecy
        with self.assertRaises(ssl.SSLError):
            self.enter(weak)
        self.still_there()

    def test_handshake_that_stalls(self):
        self.serve('handshake = "300ms"')
        for beginning in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01"):
            s = self.knock()
            s.sendall(beginning)
            self.assertEqual(s.recv(10), b"", beginning)
        self.logged("no handshake within ")
        self.assertEqual(self.ask(self.enter(), b"PING\r\n"), b"+PONG\r\n")

    def test_handshake_of_one_byte_at_a_time(self):
        """Slow loris: each byte comes in time, the whole does not."""
        self.serve('handshake = "500ms"')
        s = self.knock()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        x = self.context().wrap_bio(incoming, outgoing,
                                    server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            x.do_handshake()
        began = time.monotonic()
        with self.assertRaises(OSError):
            for byte in outgoing.read():
                s.sendall(bytes([byte]))
                time.sleep(0.01)
            while True:  # it may have been shorter than that
                s.sendall(b"\0")
                time.sleep(0.01)
        self.assertLess(time.monotonic() - began, 8)

    def test_more_handshakes_than_places(self):
        """Idle ones give way: whoever goes on comes in."""
        self.serve("handshakes = 10\nhandshake = \"60s\"")
        idle = [self.knock() for _ in range(40)]
        s = self.enter()
        self.assertEqual(self.ask(s, b"PING\r\n"), b"+PONG\r\n")
        closed = 0
        for x in idle:
            x.settimeout(0.05)
            try:
                closed += x.recv(1) == b""
            except TimeoutError:
                pass
        self.assertGreaterEqual(closed, 30)
        self.assertLess(closed, 40)

    def test_closed_while_handshaking(self):
        self.serve()
        for size in (0, 1, 5, 50, 200):
            s = self.knock()
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            x = self.context().wrap_bio(incoming, outgoing,
                                        server_hostname="localhost")
            with self.assertRaises(ssl.SSLWantReadError):
                x.do_handshake()
            s.sendall(outgoing.read()[:size])
            if size % 2:  # a reset
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b"\1\0\0\0\0\0\0\0")
            s.close()
        self.assertEqual(self.ask(self.enter(), b"PING\r\n"), b"+PONG\r\n")
        self.still_there()

    def test_garbage_in_place_of_records(self):
        self.serve()
        s = self.enter()
        self.assertEqual(self.ask(s, b"PING\r\n"), b"+PONG\r\n")
        raw = socket.socket(fileno=os.dup(s.fileno()))
        self.addCleanup(raw.close)
        raw.sendall(b"\x17\x03\x03\x00\x20" + os.urandom(32))
        with self.assertRaises(OSError):
            while s.recv(100):
                pass
            raise OSError  # or it was just closed
        self.still_there()

    def test_renegotiation(self):
        self.serve()
        x = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.tls_port}",
             "-tls1_2", "-CAfile", str(self.certs / "ca.pem")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(x.wait, 20)
        self.addCleanup(x.stdout.close)
        self.addCleanup(x.kill)
        x.stdin.write("PING\n")
        x.stdin.flush()
        self.assertIn("+PONG\n", iter(x.stdout.readline, ""))
        x.stdin.write("R\n")  # in s_client's words: ask for it
        x.stdin.close()
        self.assertIn("no renegotiation", x.stdout.read())
        self.still_there()

    def test_failing_handshakes_keep_nobody_waiting(self):
        """200 a second, while somebody else's PING stays quick."""
        self.serve('client-certificate = "required"')
        times = self.pings(2)
        stop = threading.Event()
        failed = [0]

        def attack():
            context = self.context(believe=False)
            while not stop.is_set():
                began = time.monotonic()
                try:
                    with socket.create_connection(
                            ("127.0.0.1", self.tls_port), 5) as s, \
                            context.wrap_socket(s) as x:
                        x.recv(1)
                except OSError:
                    failed[0] += 1
                stop.wait(max(0, 0.02 - (time.monotonic() - began)))

        threads = [threading.Thread(target=attack) for _ in range(4)]
        for x in threads:
            x.start()
        try:
            began = time.monotonic()
            under_attack = self.pings(5)
            took = time.monotonic() - began
        finally:
            stop.set()
            for x in threads:
                x.join()
        whole = time.monotonic() - began
        rate = failed[0] / took
        at = lambda x, part: sorted(x)[int(len(x) * part)] * 1000
        print(f"\n{rate:.0f} failing handshakes/s: PING p50 "
              f"{at(times, .5):.2f} -> {at(under_attack, .5):.2f} ms, p99 "
              f"{at(times, .99):.2f} -> {at(under_attack, .99):.2f} ms")
        self.assertGreater(rate, 5)  # whatever this machine does
        self.assertLess(at(under_attack, .5), 50 + 20 * at(times, .5))
        lines = self.saker.log().count(" is refused: ")
        self.assertLess(lines, whole + 5)  # one a second

    def pings(self, seconds):
        """How long each took, by a process of its own: threads of this one
        would wait for each other."""
        script = """
import json, socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
end = time.monotonic() + float(sys.argv[2])
all = []
while time.monotonic() < end:
    t = time.monotonic()
    s.sendall(b"PING\\r\\n")
    assert s.recv(100) == b"+PONG\\r\\n"
    all.append(time.monotonic() - t)
    time.sleep(0.002)
print(json.dumps(all))
"""
        done = subprocess.run(
            ["/usr/bin/python3", "-c", script, str(self.port), str(seconds)],
            capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)


if __name__ == "__main__":
    unittest.main()
