"""Clients over TLS: redis-cli, redis-py, ioredis, and those who try to come in
otherwise. Each attack is a test of its own."""
import hashlib
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest
import warnings

import redis

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


class Clients(TlsTest):
    """Those who are welcome."""

    def test_redis_cli(self):
        self.serve()
        options = ["--tls", "--cacert", self.certs / "ca.pem"]
        done = subprocess.run(
            ["redis-cli", "-h", "localhost", "-p", str(self.tls_port),
             *map(str, options), "PING"],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stdout, "PONG\n", done.stderr)

    def test_redis_cli_with_a_certificate(self):
        self.serve('client-certificate = "required"')
        words = ["redis-cli", "-h", "localhost", "-p", str(self.tls_port),
                 "--tls", "--cacert", str(self.certs / "ca.pem")]
        mine = ["--cert", str(self.certs / "ann.pem"),
                "--key", str(self.certs / "ann.key")]
        run = lambda *more: subprocess.run(
            [*words, *more, "PING"], capture_output=True, text=True, timeout=20)
        self.assertEqual(run(*mine).stdout, "PONG\n")
        self.assertNotIn("PONG", run().stdout)

    def test_redis_py(self):
        self.serve(password=True)
        client = self.tls_client(password=PASSWORD)
        self.assertTrue(client.ping())
        big = os.urandom(1 << 20)
        raw = self.tls_client(password=PASSWORD, decode_responses=False)
        self.assertEqual(raw.echo(big), big)
        with client.pipeline(transaction=False) as p:
            for i in range(2000):
                p.echo(str(i))
            self.assertEqual(p.execute(), [str(i) for i in range(2000)])
        sub = client.pubsub()
        sub.subscribe("c")
        self.assertEqual(sub.get_message(timeout=10)["type"], "subscribe")
        for i in range(500):
            client.publish("c", f"{i} " + "x" * 1000)
        for i in range(500):
            got = sub.get_message(timeout=10)
            self.assertEqual(got["data"].split()[0], str(i))
        self.assertIn("web", [dict(zip(x[::2], x[1::2]))["name"]
                              for x in client.execute_command("SVSTATUS")])

    def saker_exec(self, *more, host="localhost"):
        return subprocess.run(
            [str(saker_harness.BIN / "saker"), "exec", "--address",
             f"rediss://:{PASSWORD.replace(' ', '%20')}@{host}:{self.tls_port}",
             *more, "acl", "whoami"],
            capture_output=True, text=True, timeout=20)

    def test_saker(self):
        self.serve(password=True)
        ca = ["--cacert", str(self.certs / "ca.pem")]
        for host in ("localhost", "127.0.0.1"):
            done = self.saker_exec(*ca, host=host)
            self.assertEqual(done.stdout, "default\n", done.stderr)
        done = self.saker_exec()  # an authority that nobody knows
        self.assertEqual(done.returncode, 3)
        self.assertIn("its certificate is not believed: ", done.stderr)
        self.assertIn("--cacert", done.stderr)

    def test_saker_with_a_certificate(self):
        self.serve('client-certificate = "required"', password=True)
        ca = ["--cacert", str(self.certs / "ca.pem")]
        done = self.saker_exec(*ca, "--cert", str(self.certs / "ann.pem"),
                               "--key", str(self.certs / "ann.key"))
        self.assertEqual(done.stdout, "default\n", done.stderr)
        self.assertEqual(self.saker_exec(*ca).returncode, 3)
        done = self.saker_exec(*ca, "--cert", "/none.pem")
        self.assertIn("read /none.pem: ", done.stderr)

    def test_saker_at_a_plain_port(self):
        self.serve()
        done = subprocess.run(
            [str(saker_harness.BIN / "saker"), "status", "--address",
             f"rediss://localhost:{self.port}"],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no TLS: ", done.stderr)

    def test_ioredis(self):
        package = saker_harness.NODE_MODULES / "ioredis5"
        self.assertTrue(package.is_dir(), "tools/deps --test installs it")
        self.serve('client-certificate = "required"', password=True)
        script = """
          const fs = require("fs"), Redis = require("ioredis5");
          const [port, dir, password] = process.argv.slice(1);
          const read = (x) => fs.readFileSync(dir + "/" + x);
          const r = new Redis({port, host: "localhost", password,
            tls: {ca: read("ca.pem"), cert: read("ann.pem"),
                  key: read("ann.key")}});
          r.echo("x".repeat(100000)).then((x) => {
            console.log(x.length);
            r.disconnect();
          });"""
        done = subprocess.run(
            ["node", "-e", script, str(self.tls_port), str(self.certs),
             PASSWORD], capture_output=True, text=True, timeout=60,
            env=dict(os.environ,
                     NODE_PATH=str(saker_harness.NODE_MODULES)))
        self.assertEqual(done.stdout, "100000\n", done.stderr)

    def test_both_versions(self):
        self.serve()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context()
            context.maximum_version = version
            s = self.enter(context)
            self.assertEqual(s.version(), version.name.replace("_", "."))
            self.assertEqual(self.ask(s, b"PING\r\n"), b"+PONG\r\n")

    def test_client_list_shows_where_it_came_in(self):
        self.serve()
        s = self.enter()
        line = self.ask(s, b"CLIENT INFO\r\n").decode()
        self.assertIn(f" laddr=127.0.0.1:{self.tls_port} ", line)
        self.assertIn(" user=guest ", line)
        self.assertIn("%s:%d" % s.getsockname(),
                      [x["addr"] for x in self.client().client_list()])

    def test_config_get_tells_the_certificates(self):
        self.serve('client-certificate = "optional"')
        found = self.client().config_get("tls-*")
        self.assertEqual(found["tls-port"], str(self.tls_port))
        self.assertEqual(found["tls-cert-file"], str(self.certs / "server.pem"))
        self.assertEqual(found["tls-auth-clients"], "optional")

    def test_the_last_reply_arrives_before_the_end(self):
        self.serve()
        s = self.enter()
        s.sendall(b"ECHO " + b"x" * 60000 + b"\r\nQUIT\r\n")
        got = b"".join(iter(lambda: s.recv(65536), b""))
        self.assertTrue(got.endswith(b"+OK\r\n"))
        self.assertEqual(len(got), len(b"$60000\r\n\r\n+OK\r\n") + 60000)


class Identity(TlsTest):
    """Who is who."""

    def test_nobody_is_whom_the_kernel_names(self):
        """These tests are run by root or Saker's own user, who over plain TCP
        are `default`."""
        self.serve()
        self.assertEqual(self.client().acl_whoami(), "default")
        s = self.enter()
        self.assertEqual(self.whoami(s), b"$5\r\nguest\r\n")
        self.assertTrue(self.ask(s, b"SVSTOP web\r\n").startswith(b"-NOPERM"))

    def test_a_password_works(self):
        self.serve(password=True)
        s = self.enter()
        self.assertTrue(self.ask(s, b"PING\r\n").startswith(b"-NOAUTH"))
        words = f'AUTH default "{PASSWORD}"\r\n'.encode()
        self.assertEqual(self.ask(s, words), b"+OK\r\n")
        self.assertEqual(self.whoami(s), b"$7\r\ndefault\r\n")

    def test_a_certificate_names_its_user(self):
        self.serve('client-certificate = "optional"\ncertificate-user = true',
                   password=True)
        s = self.enter(self.context("default"))
        self.assertEqual(self.whoami(s), b"$7\r\ndefault\r\n")
        for cert in (None, "ann"):  # none, and one whose user does not exist
            s = self.enter(self.context(cert))
            self.assertTrue(self.whoami(s).startswith(b"-NOAUTH"), cert)

    def test_a_certificate_names_nobody_unless_that_is_wanted(self):
        self.serve('client-certificate = "required"', password=True)
        s = self.enter(self.context("default"))
        self.assertTrue(self.whoami(s).startswith(b"-NOAUTH"))


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
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.tls_port}",
             "-tls1_2", "-CAfile", str(self.certs / "ca.pem")],
            input="PING\nR\n", capture_output=True, text=True, timeout=20)
        self.assertIn("no renegotiation", done.stdout + done.stderr)
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
        rate = failed[0] / took
        at = lambda x, part: sorted(x)[int(len(x) * part)] * 1000
        print(f"\n{rate:.0f} failing handshakes/s: PING p50 "
              f"{at(times, .5):.2f} -> {at(under_attack, .5):.2f} ms, p99 "
              f"{at(times, .99):.2f} -> {at(under_attack, .99):.2f} ms")
        self.assertGreater(rate, 20)  # whatever this machine does
        self.assertLess(at(under_attack, .5), 50)
        lines = self.saker.log().count(" is refused: ")
        self.assertLess(lines, took + 5)  # one a second

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


class Certificates(TlsTest):
    """New ones, and wrong ones."""

    def shown(self):
        """The common name that a new client sees."""
        x = self.enter()
        return dict(y[0] for y in x.getpeercert()["subject"])["commonName"]

    def replace(self, name):
        for end in ("pem", "key"):
            new = self.certs / f"new.{end}"
            new.write_bytes((self.certs / f"{name}.{end}").read_bytes())
            new.chmod(0o600)
            new.rename(self.certs / f"server.{end}")

    def test_new_ones_drop_nobody(self):
        self.serve()
        old = self.enter()
        self.assertEqual(self.shown(), "server")
        self.replace("ann")
        self.assertEqual(self.shown(), "server")
        self.client().execute_command("SVAPPLY")
        self.wait_until(lambda: self.shown() == "ann")
        self.assertEqual(self.ask(old, b"PING\r\n"), b"+PONG\r\n")
        self.replace("default")
        os.kill(self.keeper_pid(), signal.SIGHUP)
        self.wait_until(lambda: self.shown() == "default")
        self.assertEqual(self.ask(old, b"PING\r\n"), b"+PONG\r\n")

    def test_config_set_takes_others(self):
        self.serve()
        client = self.client()
        client.config_set("tls-key-file", self.certs / "server.key")
        self.assertEqual(self.shown(), "server")
        client.execute_command(
            "CONFIG", "SET", "tls-cert-file", str(self.certs / "ann.pem"),
            "tls-key-file", str(self.certs / "ann.key"))
        self.assertEqual(self.shown(), "ann")
        with self.assertRaisesRegex(redis.ResponseError,
                                    "Unable to update TLS.*nosuch.pem"):
            client.config_set("tls-cert-file", "/nosuch.pem")
        self.assertEqual(client.config_get("tls-cert-file"),
                         {"tls-cert-file": str(self.certs / "ann.pem")})
        self.assertEqual(self.shown(), "ann")

    def test_wrong_ones_change_nothing(self):
        self.serve()
        (self.certs / "server.pem").write_text("nonsense")
        self.client().execute_command("SVAPPLY")
        self.logged("clients are shown what they were before")
        self.assertEqual(self.shown(), "server")

    def test_a_start_with_wrong_ones_is_refused(self):
        (self.certs / "server.key").chmod(0o644)
        with self.assertRaisesRegex(AssertionError, "chmod o="):
            self.serve()
        self.assertEqual(self.saker.wait_for_exit(), 78)

    def test_a_new_node_goes_on_with_them(self):
        self.serve()
        self.assertEqual(self.shown(), "server")
        self.kill_node()
        self.saker.wait_for_ping()
        self.assertEqual(self.shown(), "server")


if __name__ == "__main__":
    unittest.main()
