"""Who may do what: the kernel tells who a client is."""
import hashlib
import os
import signal
import socket
import sys
import textwrap
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402
from saker_harness import free_port  # noqa: E402
from security_harness import SecurityTest  # noqa: E402

PASSWORD = "correct horse"
HASH = hashlib.sha256(PASSWORD.encode()).hexdigest()
WEB = 'service "web" {exec = {"sleep", "1000"}}\n'
GREET = """
    saker.register("greet", function() return "hi" end, PROP_PASSIVITY)
    saker.register("look", function() return "seen" end, PROP_PASSIVITY,
                   {right = "status"})"""


class Strangers(SecurityTest):
    def test_they_may_look_and_listen_but_not_touch(self):
        self.start(services=WEB, scripts=GREET)
        self.wait_for_state("web", "running")
        pid = self.assert_untouched()
        allowed = {"PING": "+PONG", "SVSTATUS": "*1", "SVSTATUS web": "*1",
                   "SVWAIT web running 100": ":1", "INFO": "$",
                   "PUBLISH news text": ":0", "SUBSCRIBE news": "*3",
                   "PSUBSCRIBE saker:*": "*3", "PUBSUB CHANNELS": "*0",
                   "HELLO 3": "%7", "HELP": "*", "COMMAND COUNT": ":",
                   "TASKS": "*", "look": "$", "CALL look": "$",
                   "CLIENT LIST": "$"}
        refused = ["SVSTOP web", "SVSTART web", "SVRESTART web",
                   "SVSIGNAL KILL web", "SVAPPLY", "SVAPPLY FORCE",
                   "LOAD main", "UNLOAD main", "SHUTDOWN", "SHUTDOWN KEEP",
                   "greet", "CALL greet", "GREET",
                   "PUBLISH saker:test:web:exit forged",
                   "PUBLISH saker: forged", "PUBLISH log:test:web forged",
                   "SUBSCRIBE log:test:web", "SUBSCRIBE news log:test:web",
                   "PSUBSCRIBE log:*", "PSUBSCRIBE *", "PSUBSCRIBE l[o]g:*",
                   "PSUBSCRIBE ?og:*", "SVSTOP nosuch"]
        got = self.replies([*allowed, *refused])
        for line, start in allowed.items():
            self.assertTrue(got[line].startswith(start), (line, got[line]))
        for line in refused:
            self.assertTrue(got[line].startswith("-NOPERM "),
                            (line, got[line]))
        self.assertEqual(self.assert_untouched(), pid)
        self.assertEqual(self.client().execute_command("greet"), "hi")

    def test_nothing_makes_them_somebody(self):
        self.start(services=WEB)
        self.wait_for_state("web", "running")
        for unix in (False, True):
            out = self.stranger(f"""
                for before in ("AUTH default x", "AUTH default \\"\\"",
                               "AUTH root x", "AUTH guest x", "AUTH x",
                               "HELLO 3 AUTH default x",
                               "HELLO 3 SETNAME default", "RESET",
                               "CLIENT SETNAME root", "SELECT 1",
                               "QUIT\\r\\nPING"):
                    with connect({unix}) as s:
                        first = send(s, before)
                        try:
                            s.sendall(b"SVSTOP web\\r\\n")
                            got = b""
                            while part := s.recv(65536):
                                got += part
                                if b"-NOPERM" in got: break
                        except ConnectionError:
                            pass
                        print(first, b"-NOPERM" in got or
                              before.startswith("QUIT"))
                """).splitlines()
            self.assertEqual(len(out), 11)
            for line in out:
                self.assertTrue(line.endswith(" True"), line)
            self.assertRegex(out[0], "^-WRONGPASS ")
            self.assertRegex(out[5], "^-WRONGPASS ")
        self.assert_untouched()

    def test_they_hear_events(self):
        self.start(services=WEB)
        self.wait_for_state("web", "running")
        for unix in (False, True):
            listener = self.stranger(f"""
                s = connect({unix})
                print(send(s, "PSUBSCRIBE saker:*"), flush=True)
                got = b""
                while b":stopped" not in got:
                    got += s.recv(65536)
                print("heard", flush=True)
                """, wait=False)
            self.assertEqual(listener.stdout.readline(), "*3\n")
            self.client().execute_command("SVSTOP", "web", "WAIT", "5000")
            self.assertEqual(listener.stdout.readline(), "heard\n")
            self.client().execute_command("SVSTART", "web")

    def test_the_mode_of_the_socket_keeps_them_out(self):
        saker = saker_harness.Saker(services=WEB)  # the default is 0660
        self._sakers.append(saker)
        saker.dir.chmod(0o755)
        saker.start()
        out = self.stranger("""
            try:
                connect(True)
            except PermissionError:
                print("refused")
            """, saker=saker)
        self.assertEqual(out, "refused\n")

    def test_root_may_everything_but_forge(self):
        self.start(services=WEB, scripts=GREET)
        self.wait_for_state("web", "running")
        for options in ({}, {"unix_socket_path": str(self.saker.socket)}):
            call = self.client(**options).execute_command
            self.assertEqual(call("greet"), "hi")
            self.assertEqual(call("LOAD", "main"), "OK")
            self.assertEqual(call("SVRESTART", "web")[0][3], 0)
            self.assertEqual(call("SVAPPLY")[0], "add")
            call("SVSTOP", "web")
            self.assertEqual(call("SVSTART", "web")[0][3], 0)
            for channel in ("saker:test:web:exit", "saker:x", "log:test:web"):
                with self.assertRaisesRegex(redis.exceptions.NoPermissionError,
                                            "no permissions"):
                    call("PUBLISH", channel, "forged")
            by = self.saker.status("web")["web"]["intent_by"]
            # Over TCP many may be `default`; the UNIX socket knows better.
            self.assertRegex(by, r"^root@unix$" if options
                             else r"^default@127\.0\.0\.1:")


class Owner(SecurityTest):
    """A Saker of somebody who is not root."""

    def test_its_user_and_root_may_control_it_others_look(self):
        class Theirs(saker_harness.Saker):
            def command(self):
                return ["setpriv", "--reuid=www-data", "--regid=www-data",
                        "--clear-groups", *super().command(
                            saker_harness.programs_for_everybody())]

        saker = Theirs(services=WEB, toml='socket-mode = "0666"\n',
                       env={"PATH": os.environ["PATH"], "HOME": "/tmp"})
        self._sakers.append(saker)
        saker.dir.chmod(0o755)
        os.chown(saker.dir, 33, 33)
        # Private to its user; the socket is put where others find it.
        saker.arguments = ["--listen", f"unix:{saker.dir}/open.sock"]
        saker.start()
        saker.socket = saker.dir / "open.sock"
        self.saker = saker
        self.wait_for_state("web", "running")
        self.assertEqual(
            self.replies(["SVSTOP web", "SVSTATUS"], user="nobody"),
            {"SVSTOP web": "-NOPERM this user has no permissions to run the "
                           "'svstop' command; you are guest, as all who "
                           "connect from here but root and Saker's own user: "
                           "be one of these, or AUTH default PASSWORD "
                           "(`saker passwd` makes one)", "SVSTATUS": "*1"})
        self.assert_untouched()
        for user in ("www-data", "root"):
            self.assertEqual(self.replies(["SVRESTART web"], user=user),
                             {"SVRESTART web": "*1"})


class HitAndRun(SecurityTest):
    """Who has closed before anybody asks the kernel is a stranger: a closed
    socket is reported as uid 0."""

    # FIN, RST, half closed; `stay` reads the replies, as honest clients do.
    CODE = """
        def hit(kind, unix):
            s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
            try:
                s.connect(PATH if unix else ("127.0.0.1", PORT))
                s.sendall(b"SVSTOP web\\r\\nSVSIGNAL KILL web\\r\\n"
                          b"*2\\r\\n$6\\r\\nSVSTOP\\r\\n$3\\r\\nweb\\r\\n")
                if kind == "rst":
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
                elif kind == "half":
                    s.shutdown(socket.SHUT_WR)
                    s.settimeout(5)
                    while s.recv(65536):
                        pass
                elif kind == "stay":
                    got = b""
                    while got.count(b"web") < 3:
                        got += s.recv(65536)
            except OSError:
                pass
            s.close()
    """

    def setUp(self):
        super().setUp()
        self.start(services=WEB)
        self.wait_for_state("web", "running")
        self.web = self.assert_untouched()

    def hits(self, body, **options):
        return self.stranger(textwrap.dedent(self.CODE)
                             + textwrap.dedent(body), **options)

    def test_hundreds_of_them_change_nothing(self):
        self.hits("""
            for i in range(250):
                for kind in ("fin", "rst", "half"):
                    for unix in (False, True):
                        hit(kind, unix)
            """)
        # One that is served now comes behind all of them.
        received = self.client().info("stats")["total_connections_received"]
        self.assertGreater(received, 1500)
        self.assertEqual(self.assert_untouched(), self.web)
        # The same bytes of somebody who may and who stays do what they say.
        self.hits('hit("stay", False)', user="root")
        self.wait_for_state("web", "stopped")

    def ownerless(self):
        """How many closed clients have lost their owner (uid and inode are 0
        then) by now."""
        with open("/proc/net/tcp") as table:
            rows = [x.split() for x in table][1:]
        return len([x for x in rows if x[2].endswith(f":{self.port:04X}")
                    and x[3] in ("05", "06") and x[9] == "0"])

    def test_nor_do_they_while_the_node_is_away(self):
        """Into the backlog of a frozen or dead node: all are closed long
        before they are accepted."""
        for unix in (False, True):
            for end in (signal.SIGCONT, signal.SIGKILL):
                node = self.saker.node_pid()
                before = self.ownerless()
                os.kill(node, signal.SIGSTOP)
                self.hits(f"""
                    for i in range(60):
                        hit(("fin", "rst")[i % 2], {unix})
                    """)
                if not unix:
                    self.wait_until(lambda: self.ownerless() - before >= 30,
                                    what="closed and without an owner")
                os.kill(node, end)
                self.saker.wait_for_ping()
                self.assertEqual(self.assert_untouched(), self.web)

    def test_t_r4_a_storm_of_them_waits_in_the_kernel(self):
        """Who connects faster than we serve takes no descriptors from others:
        without a bound there were thousands after 5 s."""
        attacker = self.hits("""
            while True:
                for kind in ("fin", "rst"):
                    for unix in (False, True):
                        hit(kind, unix)
            """, wait=False)
        client, most = self.client(), 0
        folder = f"/proc/{self.saker.node_pid()}/fd"

        def stormed():
            nonlocal most
            most = max(most, len(os.listdir(folder)))
            return client.info("stats")["total_connections_received"] > 5000
        self.wait_until(stormed, 60, "5 000 clients")
        attacker.kill()
        attacker.wait()
        self.assertLess(most, 1000)
        self.assertEqual(self.assert_untouched(), self.web)

    def test_nor_do_they_while_the_node_is_killed(self):
        attacker = self.hits("""
            print("begun", flush=True)
            while True:
                for kind in ("fin", "rst"):
                    for unix in (False, True):
                        hit(kind, unix)
            """, wait=False)
        self.assertEqual(attacker.stdout.readline(), "begun\n")
        for _ in range(8):
            self.saker.kill_node()
            self.saker.wait_for_ping()
            self.assertEqual(self.assert_untouched(), self.web)
        self.assertIsNone(attacker.poll())
        attacker.kill()
        attacker.wait()
        # The guard did not cost what it guards.
        self.client().execute_command("SVSTOP", "web", "WAIT", "5000")
        self.assertEqual(self.state("web"), "stopped")


class Passwords(SecurityTest):
    TOML = f"""
        [users.default]
        password-hash = "{HASH}"
        """

    def setUp(self):
        super().setUp()
        self.start(services=WEB, toml=self.TOML)
        self.admin = self.client(unix_socket_path=str(self.saker.socket))
        self.wait_until(lambda: self.admin.execute_command(
            "SVWAIT", "web", "running", "5000") == 1)

    def test_everybody_on_tcp_needs_it(self):
        lines = ["PING", "SVSTATUS", "SVSTOP web", "SUBSCRIBE x",
                 "PUBLISH x y", "INFO", "COMMAND", "CLIENT ID", "HELLO",
                 "TIME"]
        for user in ("root", "www-data"):
            out = self.stranger(f"""
                for line in {lines!r}:
                    with connect() as s:
                        print(send(s, line))
                """, user=user)
            for line, reply in zip(lines, out.splitlines()):
                self.assertTrue(reply.startswith("-NOAUTH "), (line, reply))
        # As with Redis, a word that nobody knows is answered as such.
        with self.assertRaisesRegex(redis.ResponseError, "unknown command"):
            self.client().execute_command("nosuch")
        with self.assertRaises(redis.AuthenticationError):
            self.client().ping()

    def test_the_right_one_opens_and_a_wrong_one_takes_time(self):
        client = self.client(password=PASSWORD)
        self.assertEqual(client.execute_command("SVRESTART", "web")[0][3], 0)
        began = time.monotonic()
        for password in ("wrong", "", HASH):
            with self.assertRaises((redis.AuthenticationError,
                                    redis.ResponseError)):
                self.client(username="default", password=password or " ") \
                    .ping()
        self.assertGreaterEqual(time.monotonic() - began, 0.3)
        with socket.create_connection(("127.0.0.1", self.port), 10) as s:
            # A delay for one is no delay for others.
            s.sendall(b"AUTH wrong\r\n" * 100)
            began = time.monotonic()
            self.assertTrue(client.ping())
            self.assertLess(time.monotonic() - began, 5)  # of ten seconds
        out = self.stranger(f"""
            s = connect()
            print(send(s, "AUTH wrong")); print(send(s, "PING"))
            print(send(s, "HELLO 3 AUTH default wrong"))
            print(send(s, 'AUTH "{PASSWORD}"')); print(send(s, "SVSTOP web"))
            """).splitlines()
        self.assertRegex(out[0], "^-WRONGPASS ")
        self.assertRegex(out[1], "^-NOAUTH ")
        self.assertRegex(out[2], "^-WRONGPASS ")
        self.assertEqual(out[3:], ["+OK", "*1"])

    def test_root_on_the_unix_socket_keeps_all_others_look(self):
        self.assertEqual(
            self.admin.execute_command("SVRESTART", "web")[0][3], 0)
        out = self.stranger(f"""
            s = connect(True)
            print(send(s, "SVSTATUS web JSON")[0], flush=True)
            s = connect(True)
            print(send(s, "SVSTOP web"))
            print(send(s, 'AUTH "{PASSWORD}"'))
            print(send(s, "SVSTOP web"))
            """).splitlines()
        self.assertEqual(out[0], "$")
        self.assertRegex(out[1], "^-NOPERM ")
        self.assertEqual(out[2:], ["+OK", "*1"])

    def test_who_is_unknown_may_send_little(self):
        for sent, error in [
                (b"*11\r\n", b"unauthenticated multibulk length"),
                (b"*2\r\n$4\r\nPING\r\n$16385\r\n",
                 b"unauthenticated bulk length")]:
            with socket.create_connection(("127.0.0.1", self.port), 10) as s:
                s.sendall(sent)
                got = b""
                while part := s.recv(65536):
                    got += part
            self.assertEqual(got, b"-ERR Protocol error: " + error + b"\r\n")

    def test_the_password_is_nowhere_to_be_read(self):
        client = self.client(password=PASSWORD)
        client.ping()
        everything = str(self.admin.info("all")) \
            + str(self.admin.client_list()) + self.saker.log()
        self.assertNotIn(PASSWORD, everything)
        self.assertNotIn(HASH, everything)
        applied = [x for x in self.saker.state_dir.rglob("*") if x.is_file()]
        for path in applied:
            if HASH.encode() in path.read_bytes():
                self.assertEqual(path.stat().st_mode & 0o077, 0, path)
        self.assertEqual(self.saker.state_dir.stat().st_mode & 0o077, 0)


def other_address():
    """An address of this machine beside loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        return s.getsockname()[0]


class Addresses(SecurityTest):
    PUBLIC = ["0.0.0.0:{}", "[::]:{}", "192.0.2.1:{}", "[2001:db8::1]:{}"]

    def test_a_public_one_needs_a_user_with_a_password(self):
        for address in self.PUBLIC:
            address = address.format(free_port())
            saker = self.make(services=WEB)
            saker.arguments = ["--listen", address]
            saker.launch()
            self.assertEqual(saker.wait_for_exit(), 78)
            self.assertRegex(saker.log(), "can be reached from other machines,"
                             r" but no user has a password; set "
                             r"\[users\.default\] password-hash")
        # A user without a password is none.
        saker = self.make(services=WEB, toml="[users.default]\n"
                                             'rights = ["status"]\n')
        saker.arguments = ["--listen", f"0.0.0.0:{free_port()}"]
        saker.launch()
        self.assertEqual(saker.wait_for_exit(), 78)

    def test_with_one_it_is_open_and_asks_for_it(self):
        saker = self.make(services=WEB, toml=f"""
            [users.default]
            password-hash = "{HASH}"
            """)
        port = free_port()
        saker.arguments = ["--listen", f"0.0.0.0:{port}"]
        saker.start()
        host = other_address()
        if host is None:
            self.skipTest("this machine has no address beside loopback")
        client = self.client(host=host, port=port)
        with self.assertRaises(redis.AuthenticationError):
            client.execute_command("SVSTOP", "web")
        client = self.client(host=host, port=port, password=PASSWORD)
        self.assertEqual(client.execute_command("SVRESTART", "web")[0][3], 0)


if __name__ == "__main__":
    unittest.main()
