"""Clients over TLS: redis-cli, redis-py, ioredis, node-redis and our own; who
they are, and what they are shown."""
import os
import signal
import socket
import ssl
import subprocess
import unittest

import redis

import saker_harness
from tls_harness import PASSWORD, TlsTest


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
          const r = new Redis({port, host: "127.0.0.1", password,
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

    def test_node_redis(self):
        package = saker_harness.NODE_MODULES / "redis5"
        self.assertTrue(package.is_dir(), "tools/deps --test installs it")
        self.serve('client-certificate = "required"', password=True)
        script = """
          const fs = require("fs"), {createClient} = require("redis5");
          const [port, dir, password] = process.argv.slice(1);
          const read = (x) => fs.readFileSync(dir + "/" + x);
          const client = createClient({password, socket: {
            host: "127.0.0.1", port: Number(port), tls: true,
            ca: read("ca.pem"), cert: read("ann.pem"), key: read("ann.key")}});
          (async () => {
            await client.connect();
            console.log((await client.echo("x".repeat(100000))).length);
            await client.close();
          })();"""
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

    def test_other_machines_need_a_password_or_a_certificate(self):
        self.serve('client-certificate = "required"', host="0.0.0.0")
        client = self.client()
        open_to_all = [("CONFIG", "SET", "tls-auth-clients", "optional"),
                       ("CONFIG", "SET", "tls-auth-clients", "no")]
        for words in open_to_all:
            with self.assertRaisesRegex(redis.ResponseError, "other machines"):
                client.execute_command(*words)
        client.config_set("requirepass", PASSWORD)
        client = self.client(password=PASSWORD)
        for words in open_to_all:
            client.execute_command(*words)
        for words in [("CONFIG", "SET", "requirepass", ""),
                      ("ACL", "SETUSER", "default", "nopass")]:
            with self.assertRaisesRegex(redis.ResponseError, "other machines"):
                client.execute_command(*words)
        client.config_set("tls-auth-clients", "yes")
        client.config_set("requirepass", "")

    def test_a_certificate_obeys_what_becomes_of_its_user(self):
        self.serve('client-certificate = "optional"\ncertificate-user = true',
                   password=True)
        admin = self.tls_client(password=PASSWORD)
        whoami = lambda: self.whoami(self.enter(self.context("ann")))
        self.assertTrue(whoami().startswith(b"-NOAUTH"))
        admin.execute_command("ACL", "SETUSER", "ann", "on", "+@all")
        self.assertEqual(whoami(), b"$3\r\nann\r\n")
        admin.execute_command("ACL", "SETUSER", "ann", "off")
        self.assertTrue(whoami().startswith(b"-NOAUTH"))
        admin.execute_command("ACL", "SETUSER", "ann", "on", "-acl|whoami")
        self.assertTrue(whoami().startswith(b"-NOPERM"))
        admin.execute_command("ACL", "DELUSER", "ann")
        self.assertTrue(whoami().startswith(b"-NOAUTH"))


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
        client.config_set("tls-key-file", str(self.certs / "server.key"))
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

    def test_an_expired_one_is_told_and_no_new_one(self):
        self.make_certs("old", days=-1)
        self.serve(cert="old")
        self.logged("the certificate has expired")
        client = self.client()
        for name in ("server", "old"):
            words = ("CONFIG", "SET",
                     "tls-cert-file", str(self.certs / f"{name}.pem"),
                     "tls-key-file", str(self.certs / f"{name}.key"))
            if name == "server":
                client.execute_command(*words)
            else:
                with self.assertRaisesRegex(redis.ResponseError,
                                            "old.pem: .* expired"):
                    client.execute_command(*words)
            self.assertEqual(self.shown(), "server")

    def test_what_is_not_obeyed_is_not_taken(self):
        self.serve()
        client = self.client()
        for name in ("tls-protocols", "tls-ciphers", "tls-ciphersuites"):
            with self.assertRaisesRegex(redis.ResponseError, "is not obeyed"):
                client.config_set(name, "TLSv1.3")
            self.assertEqual(client.config_get(name), {name: ""})
        with self.assertRaisesRegex(redis.ResponseError, "ca .* is missing"):
            client.execute_command("CONFIG", "SET", "tls-ca-cert-file", "",
                                   "tls-auth-clients", "yes")

    def test_a_fifo_instead_of_one_keeps_nobody_waiting(self):
        self.serve()
        fifo = self.certs / "fifo"
        os.mkfifo(fifo)
        with self.assertRaisesRegex(redis.ResponseError, "no ordinary file"):
            self.client().config_set("tls-cert-file", str(fifo))
        self.still_there()

    def test_a_change_that_fails_otherwise_shows_no_others(self):
        self.serve()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            with self.assertRaises(redis.ResponseError):
                self.client().execute_command(
                    "CONFIG", "SET", "port", taken.getsockname()[1],
                    "tls-cert-file", str(self.certs / "ann.pem"),
                    "tls-key-file", str(self.certs / "ann.key"))
        self.assertEqual(self.shown(), "server")


if __name__ == "__main__":
    unittest.main()
