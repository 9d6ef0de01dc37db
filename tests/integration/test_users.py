"""Users that ACL makes: kept over faults and starts, or as they were."""
import concurrent.futures
import hashlib
import os
import socket
import sys
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402


class UsersTest(harness.TestCase):
    def owner(self):
        """Over the UNIX socket, where root may everything."""
        return self.client(unix_socket_path=str(self.saker.socket))

    def acl(self, *words):
        return self.owner().execute_command("ACL", *words)

    def come_back(self):
        """The node is killed and another one is there."""
        self.saker.kill_node()
        self.saker.wait_for_ping()

    def restart(self):
        self.assertEqual(self.saker.stop(), 0)
        self.saker.start()

    def who(self, user, password):
        """The name under which these are let in; None: they are not."""
        try:
            client = self.client(username=user, password=password)
            return client.execute_command("ACL", "WHOAMI")
        except redis.ResponseError as e:
            self.assertTrue(str(e).startswith("WRONGPASS "), e)
            return None

    @property
    def file(self):
        return self.saker.state_dir / "users.acl"


class Kept(UsersTest):
    def test_a_fault_of_the_node_loses_no_user_a_start_does(self):
        self.start(toml='[users.eve]\nrights = ["status"]\n'
                        'rules = [">eves"]\n')
        self.acl("SETUSER", "bob", "on", ">bobs", "+@basic")
        self.acl("SETUSER", "default", ">first", "-echo")
        self.acl("SETUSER", "zoe", "on", ">zoes", "+@basic")
        self.acl("DELUSER", "eve", "zoe")
        before = sorted(self.acl("LIST"))
        self.come_back()
        after = sorted(x for x in self.acl("LIST")
                       if not x.startswith("user eve off "))
        self.assertEqual(after, before)
        self.assertEqual(self.who("bob", "bobs"), "bob")
        self.assertEqual(self.who("default", "first"), "default")
        self.assertIsNone(self.who("default", "x"))
        self.assertIsNone(self.who("eve", "eves"))
        self.assertFalse(self.file.exists())
        self.restart()
        self.assertIsNone(self.who("bob", "bobs"))
        self.assertEqual(self.who("eve", "eves"), "eve")
        self.assertTrue(self.client().ping())

    def test_what_is_saved_stays(self):
        self.start()
        self.acl("SETUSER", "bob", "on", ">bobs", "+@basic", "&news")
        self.acl("SETUSER", "guest", "off")
        self.assertEqual(self.acl("SAVE"), "OK")
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        saved = sorted(self.acl("LIST"))
        self.acl("SETUSER", "bob", "off", "resetpass")
        self.acl("SETUSER", "late", "on", ">x", "+@basic")
        self.restart()
        self.assertEqual(sorted(self.acl("LIST")), saved)
        self.assertEqual(self.who("bob", "bobs"), "bob")
        # What counts now is what a fault comes back to, saved or not.
        self.acl("SETUSER", "bob", "resetpass", ">new")
        self.come_back()
        self.assertEqual(self.who("bob", "new"), "bob")
        self.acl("DELUSER", "bob")
        self.acl("SETUSER", "guest", "on")
        self.assertEqual(self.acl("SAVE"), "OK")
        self.restart()
        self.assertIsNone(self.who("bob", "bobs"))

    def test_load_goes_back_to_what_was_saved(self):
        self.start()
        self.acl("SETUSER", "bob", "on", ">bobs", "+@basic")
        self.acl("SETUSER", "eve", "on", ">eves", "+@basic")
        self.acl("SAVE")
        saved = self.acl("LIST")
        stays = self.client(username="eve", password="eves")
        number = stays.client_id()
        self.acl("SETUSER", "bob", "resetpass", ">new")
        self.acl("SETUSER", "late", "on", ">x", "+@basic")
        late = self.client(username="late", password="x")
        late.ping()
        self.assertEqual(self.acl("LOAD"), "OK")
        self.assertEqual(self.acl("LIST"), saved)
        self.assertEqual(self.who("bob", "bobs"), "bob")
        self.assertEqual(stays.client_id(), number)
        self.assertIsNone(self.who("late", "x"))
        self.come_back()
        self.assertEqual(self.who("bob", "bobs"), "bob")

    def test_a_broken_file_changes_nothing(self):
        self.start()
        self.acl("SETUSER", "bob", "on", ">bobs", "+@basic")
        self.acl("SAVE")
        before = self.acl("LIST")
        whole = self.file.read_text()
        for broken in ("user eve on nopass +@all\nuser bob on +nosuch\n",
                       "nonsense\n", whole + whole,
                       "user eve on (+ping\n" + whole):
            self.file.write_text(broken)
            with self.assertRaisesRegex(redis.ResponseError,
                                        "users.acl:.*no change to the "
                                        "previously active ACL rules"):
                self.acl("LOAD")
            self.assertEqual(self.acl("LIST"), before)
        self.file.write_text(whole)
        self.file.chmod(0o666)  # others may have written it
        with self.assertRaises(redis.ResponseError):
            self.acl("LOAD")
        self.assertEqual(self.acl("LIST"), before)

    def test_words_of_a_line_may_stand_far_apart(self):
        self.start()
        self.assertEqual(self.saker.stop(), 0)
        self.file.write_text("user  default\ton  >f4rw0rd\t~*  &*  +@all\n")
        self.file.chmod(0o600)
        self.saker.start()
        self.assertIsNone(self.who("default", "x"))
        self.assertEqual(self.who("default", "f4rw0rd"), "default")
        self.assertNotIn("f4rw0rd", self.saker.log())

    def test_a_start_by_hand_takes_no_broken_file(self):
        self.start()
        self.file.write_text("user bob on +nosuch\n")
        self.file.chmod(0o600)
        self.assertEqual(self.saker.stop(), 0)
        self.saker.launch()
        self.assertEqual(self.saker.wait_for_exit(), 78)
        self.assertIn("users.acl:1: ", self.saker.log())
        self.assertIn("correct or remove the file", self.saker.log())


class Password(UsersTest):
    """Of `default`: by saker.toml, by CONFIG SET or by ACL."""

    def test_the_newest_one_counts_after_a_fault(self):
        self.start()
        self.acl("SETUSER", "default", "-echo")
        for now, before in ("a", "x"), ("b", "a"), ("c", "b"):
            if now == "c":
                self.acl("SETUSER", "default", "resetpass", ">c")
            else:
                self.owner().config_set("requirepass", now)
            self.come_back()
            self.assertEqual(self.who("default", now), "default")
            self.assertIsNone(self.who("default", before))
            self.assertIn("-echo", self.acl("GETUSER", "default")[5])

    def test_rules_that_set_one_stay(self):
        self.start(toml='[users.default]\nrules = [">rule"]\n')
        self.assertEqual(self.acl("LOAD"), "OK")
        self.assertIsNone(self.who("default", "x"))
        self.acl("SETUSER", "bob", "on")
        self.come_back()
        self.assertEqual(self.who("default", "rule"), "default")
        self.assertIsNone(self.who("default", "x"))

    def test_nothing_counts_that_is_not_kept(self):
        saker = self.start()
        drafts = [saker.runtime_dir / name
                  for name in ("live.toml.new", "users.acl.new")]
        for x in drafts:
            x.mkdir()  # in the way of a file
        with self.assertRaisesRegex(redis.ResponseError, "File exists"):
            self.owner().config_set("requirepass", "secret")
        with self.assertRaisesRegex(redis.ResponseError, "File exists"):
            self.owner().config_set("port", harness.free_port())
        for words in ("SETUSER", "bob", "on", ">bobs"), ("LOAD",):
            if words == ("LOAD",):
                saker.state_dir.joinpath("users.acl").write_text(
                    "user bob on nopass\n")
                saker.state_dir.joinpath("users.acl").chmod(0o600)
            with self.assertRaisesRegex(redis.ResponseError,
                                        "Nothing is changed.*File exists"):
                self.acl(*words)
        self.assertTrue(self.client().ping())
        self.assertIsNone(self.who("bob", "bobs"))
        self.owner().config_set("timeout", 1000)  # locks nobody out
        saker.wait_for_log("should the node end by a fault")
        for x in drafts:
            x.rmdir()
        self.owner().config_set("requirepass", "secret")
        self.come_back()
        self.assertEqual(self.who("default", "secret"), "default")

    def test_half_a_file_lets_nobody_in(self):
        saker = self.start()
        self.owner().config_set("timeout", 1000)
        self.owner().config_set("requirepass", "secret")
        live = saker.runtime_dir / "live.toml"
        text = live.read_text()
        live.write_text(text[:text.index("requirepass")])
        self.come_back()
        saker.wait_for_log(f"{live}: its last line is missing")
        self.assertIsNone(self.who("default", "secret"))
        self.owner().config_set("requirepass", "new")
        self.assertEqual(self.who("default", "new"), "default")

    def reachable(self):
        """One that other machines reach, with the password `far`."""
        saker = self.make()
        digest = hashlib.sha256(b"far").hexdigest()
        saker.write_toml(
            f'listen = ["0.0.0.0:{saker.port}", "unix:saker.sock"]\n'
            f'[users.default]\npassword-hash = "{digest}"\n')
        full = saker.command()
        saker.command = lambda: full[:full.index("--listen")]
        saker.start()
        return saker

    def test_none_is_needed_once_nobody_comes_from_outside(self):
        saker = self.reachable()
        with self.assertRaisesRegex(redis.ResponseError, "can be reached"):
            self.owner().config_set("requirepass", "")
        with self.assertRaisesRegex(redis.ResponseError, "user bob has no"):
            self.acl("SETUSER", "bob", "on", "nopass")
        self.owner().execute_command("CONFIG SET", "bind", "127.0.0.1",
                                     "requirepass", "")
        self.acl("SETUSER", "bob", "on", "nopass")
        with self.assertRaisesRegex(redis.ResponseError, "user bob has no"):
            self.owner().execute_command("CONFIG SET", "bind", "*",
                                         "requirepass", "far")
        self.owner().config_rewrite()
        self.come_back()
        self.assertTrue(self.client().ping())
        self.restart()
        self.assertTrue(self.client().ping())
        # It would be open if the line of the addresses were not there.
        kept = saker.state_dir / "overrides.toml"
        whole = kept.read_text()
        kept.write_text(whole.replace("bind =", "# bind ="))
        self.assertEqual(saker.stop(), 0)
        saker.launch()
        self.assertEqual(saker.wait_for_exit(), 78)
        self.assertIn("user default has no password", saker.log())

    def test_a_lost_line_opens_nothing(self):
        saker = self.reachable()
        self.acl("SETUSER", "bob", "on", ">bobs")
        self.owner().execute_command("CONFIG SET", "bind", "127.0.0.1", "port",
                                     harness.free_port(), "requirepass", "")
        live = saker.runtime_dir / "live.toml"
        live.write_text("".join(
            x for x in live.read_text().splitlines(True)
            if not x.startswith(("bind", "port"))))
        self.come_back()
        saker.wait_for_log("user default has no password")
        self.assertIsNone(self.who("default", "far"))
        self.assertIsNone(self.who("default", "x"))
        self.assertIsNone(self.who("bob", "bobs"))
        self.owner().config_set("requirepass", "new")
        self.assertEqual(self.who("default", "new"), "default")


class Guessed(UsersTest):
    """Many who try passwords, on as many connections as they like."""

    def test_no_guess_delays_anybody_else(self):
        self.start()
        self.owner().config_set("requirepass", "secret")
        guessers = []
        for _ in range(100):
            s = socket.create_connection(("127.0.0.1", self.port), 10)
            self.addCleanup(s.close)
            guessers.append(s)
        client = self.client(password="secret")
        client.ping()
        # Ten for each: they go on for at least a second.
        began = time.monotonic()
        for s in guessers:
            s.sendall(b"AUTH wrong\r\n" * 10)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            refused = pool.submit(self.refused, guessers)
            times = []
            while not refused.done():
                at = time.monotonic()
                self.assertTrue(client.ping())
                times.append(time.monotonic() - at)
                time.sleep(0.002)
        self.assertEqual(refused.result(), 1000)
        # One after the other on its connection, and no connection behind
        # another: 100 seconds that would be.
        self.assertGreater(time.monotonic() - began, 0.9)
        self.assertLess(time.monotonic() - began, 60)
        times.sort()
        self.assertGreater(len(times), 50)
        # A second, if it came behind those of one connection.
        self.assertLess(times[len(times) * 99 // 100], 0.5)
        self.assertEqual(self.who("default", "secret"), "default")

    @staticmethod
    def refused(sockets):
        """How many guesses were answered as wrong."""
        count = 0
        for s in sockets:
            s.settimeout(30)
            got = b""
            while got.count(b"\r\n") < 10:
                part = s.recv(4096)
                if not part:
                    break
                got += part
            count += got.count(b"-WRONGPASS ")
        return count


if __name__ == "__main__":
    unittest.main()
