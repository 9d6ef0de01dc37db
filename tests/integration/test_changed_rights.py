"""Clients whose rights change, or who change into others, while they are
connected: what they listen to, wait for and have collected."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from observers import Raw  # noqa: E402

SERVICES = "".join(f'service "{x}" {{exec = {{"sleep", "1000"}}}}\n'
                   for x in ("web", "db"))
CONTROL = ("+@basic", "+@status", "+@events", "+@control")


class ChangedRights(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.start(services=SERVICES)
        self.owner = self.client(unix_socket_path=str(self.saker.socket))
        self.wait_until(lambda: self.owner.execute_command(
            "SVWAIT", "*", "running", "5000") == 2)
        self.set_user("bob", "&*", "~service:web", *CONTROL)
        self.set_user("ann", "&*", "~service:db", *CONTROL)
        self.set_user("low", "&none", "+@basic", "+@status", "+subscribe")

    def set_user(self, name, *rules):
        self.owner.execute_command("ACL", "SETUSER", name, "reset", "on", ">x",
                                   *rules)

    def change(self, *words):
        self.owner.execute_command("ACL", *words)

    def enter(self, name="bob"):
        one = Raw(self.port)
        self.addCleanup(one.__exit__)
        self.assertTrue(one.ask("HELLO", 3, "AUTH", name, "x")
                        .startswith(b"%"))
        return one

    def of_bob(self):
        return next(x for x in self.owner.client_list() if x["user"] == "bob")

    def ended(self, one):
        """It is cut off, and gets nothing before."""
        try:
            self.fail(one.reply())
        except TimeoutError:
            raise AssertionError("it is still connected") from None
        except ConnectionError:
            pass

    # -- what it listens to

    def test_a_login_takes_no_output_along(self):
        """Of two users one is deleted: the other must not go on hearing what
        only the first one might."""
        self.set_user("mon", "~*", "&*", "+@all")
        for name, what in (("bob", ("PSUBSCRIBE", "log:*:web")),
                           ("bob", ("SUBSCRIBE", "saker:test:web:exit")),
                           ("bob", ("SSUBSCRIBE", "other")),
                           ("mon", ("SUBSCRIBE", "audit:test:bob")),
                           ("mon", ("MONITOR",))):
            listener = self.enter(name)
            listener.ask(*what)
            for login in (("AUTH", "low", "x"),
                          ("HELLO", 3, "AUTH", "low", "x")):
                reply = listener.ask(*login)
                while reply.startswith(b"+") and b'"' in reply:
                    reply = listener.reply()  # it is shown before
                self.assertTrue(reply.startswith(
                    b"-ERR a client that listens cannot become another user"),
                    (what, reply))
            self.change("DELUSER", name)
            with self.assertRaises(ConnectionError):
                while True:  # MONITOR shows that too
                    listener.reply()
            self.set_user("bob", "&*", "~service:web", *CONTROL)
            self.set_user("mon", "~*", "&*", "+@all")

    def test_a_login_after_reset_is_free(self):
        listener = self.enter()
        listener.ask("PSUBSCRIBE", "log:*:web")
        self.assertEqual(listener.ask("RESET"), b"+RESET\r\n")
        self.assertEqual(listener.ask("AUTH", "low", "x"), b"+OK\r\n")

    def test_who_may_not_subscribe_hears_no_services(self):
        for rule in "-@all", "-@events", "-psubscribe":
            self.set_user("bob", "&*", "~service:web", *CONTROL)
            listener = self.enter()
            listener.ask("PSUBSCRIBE", "saker:*:web:*")
            self.change("SETUSER", "bob", rule)
            self.ended(listener)

    def test_who_loses_its_service_is_cut_off(self):
        for what in (("SUBSCRIBE", "log:test:web"),
                     ("PSUBSCRIBE", "saker:*:web:*"),
                     ("SSUBSCRIBE", "saker:test:web:exit")):
            self.set_user("bob", "&*", "~service:web", *CONTROL)
            listener = self.enter()
            self.assertTrue(listener.ask(*what).startswith(b">3"), what)
            self.change("SETUSER", "bob", "resetkeys", "~service:db")
            self.ended(listener)

    # -- what it has collected, waits for, or is held with

    def test_between_multi_and_exec(self):
        for rules, word in ((("-@control",), b"ACLs rules changed"),
                            (("resetkeys",), b"it may control nothing")):
            self.set_user("bob", "&*", "~service:web", *CONTROL)
            one = self.enter()
            one.ask("MULTI")
            self.assertEqual(one.ask("SVSTOP", "web"), b"+QUEUED\r\n")
            self.change("SETUSER", "bob", *rules)
            reply = one.ask("EXEC")
            self.assertIn(b"-NOPERM ", reply)
            self.assertIn(word, reply)
        self.assertEqual(self.state("web"), "running")

    def test_a_login_between_multi_and_exec(self):
        one = self.enter()
        one.ask("MULTI")
        for words in (("AUTH", "ann", "x"), ("SVSIGNAL", "URG", "web"),
                      ("AUTH", "bob", "wrong"), ("ACL", "WHOAMI"),
                      ("HELLO", 3, "AUTH", "bob", "x"),
                      ("SVSIGNAL", "URG", "db")):
            self.assertEqual(one.ask(*words), b"+QUEUED\r\n")
        reply = one.ask("EXEC")
        self.assertIn(b"control web, so nothing was done; it may control db",
                      reply)
        self.assertIn(b"-WRONGPASS", reply)
        self.assertIn(b"$3\r\nann\r\n", reply)
        self.assertIn(b"control db, so nothing was done; it may control web",
                      reply)

    def test_while_it_waits(self):
        one = self.enter()
        one.send("SVWAIT", "web", "failed", 600_000)
        self.wait_until(lambda: self.of_bob()["cmd"] == "svwait")
        self.change("DELUSER", "bob")
        self.ended(one)

    def test_while_all_are_held(self):
        one = self.enter()
        self.owner.execute_command("CLIENT", "PAUSE", "60000", "WRITE")
        one.send("SVSTOP", "web")
        self.wait_until(lambda: int(self.of_bob()["qbuf"]) > 0)
        self.change("SETUSER", "bob", "-@control")
        self.owner.execute_command("CLIENT", "UNPAUSE")
        self.assertTrue(one.reply().startswith(b"-NOPERM "))
        self.assertEqual(self.state("web"), "running")

    def test_another_user_of_the_same_name(self):
        one = self.enter()
        self.change("DELUSER", "bob")
        self.set_user("bob", "~*", "&*", "+@all")
        self.ended(one)


if __name__ == "__main__":
    unittest.main()
