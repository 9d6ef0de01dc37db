"""A user of one service tries to reach others: each command, each way to write
a name. Nothing may happen to them, and nothing be told of them."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from observers import Raw  # noqa: E402

SERVICES = """
    service "web" {exec = {"sleep", "1000"}, groups = {"front"}}
    service "webapi" {exec = {"sleep", "1000"}, groups = {"front"}}
    service "Web" {exec = {"sleep", "1000"}}
    service "api" {exec = {"sleep", "1000"}, count = 2, groups = {"front"}}
    service "db" {exec = {"sh", "-c", "echo hidden line; exec sleep 1000"},
                  groups = {"rear"}, reload = "HUP", log = true,
                  env = {DB_PASSWORD = "hidden value"}}"""
SCRIPTS = """
    saker.register("restart-db", function(args)
      return saker.call("SVRESTART", "db")
    end, PROP_PASSIVITY, {right = "control"})"""

# All of them mean another service than web, some of them web too.
OTHERS = (
    "db", "db:0", "db:*", "db@test", "db@*", "db@t*", "*", "*@*", "@test",
    "@*", "*:*", "*:0", "d*", "?b", "[d]b", "[a-z]b", "[^a]b", "d\\b", "%rear",
    "%r*", "%front", "%*", "%front@test", "%[f]ront", "web*", "we*", "webapi",
    "Web", "[wW]eb", "api", "api:0", "api:1", "api:*", "api:?", "a*:[0-9]")
# And these mean nothing, or make no sense.
NOTHING = (
    "DB", "db ", " db", "db\n", "db\0", "\xffdb", "db#0", "db:", "db:00",
    "api:01", "api:+1", ":0", "db@", "@", "%", "%@test", "db@@test", "db,web",
    "{db,web}", "main/db", "../db", "-", "--all", "$all", "")
CHANGES = ("SVSTOP", "SVSTART", "SVRESTART", "SVTRYRESTART", "SVDROP",
           "SVENABLE", "SVDISABLE", "SVRESET", "SVPAUSE", "SVCONT", "SVRELOAD",
           "SVSIGNAL KILL", "SVSCALE", "SVLOG CLEAR", "SVLOG ROTATE")
GROUPS = ("SVGSTOP", "SVGSTART", "SVGRESTART")
LOOKS = ("SVSTATUS", "SVSTATUS JSON", "SVSTATUS TEXT", "SVWHY", "SVWHY TEXT",
         "SVCONFIG", "SVCONFIG TEXT", "SVLIFE", "SVLIFE JSON", "SVLOG",
         "SVCHECK", "SVGSTATUS", "SVGMEMBER", "SVWAIT")


def words_of(command, mask):
    """`SVLOG CLEAR` of db is SVLOG db CLEAR."""
    name, *rest = command.split()
    if name == "SVSIGNAL":
        return (name, *rest, mask)
    if name == "SVSCALE":
        rest = ["3"]
    if name == "SVWAIT":
        rest = ["running", "0"]
    return (name, mask, *rest)


class Spellings(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.start(services=SERVICES, scripts=SCRIPTS)
        self.owner = self.client(unix_socket_path=str(self.saker.socket))
        self.wait_until(lambda: self.owner.execute_command(
            "SVWAIT", "*", "running", "5000") == 6)
        self.wait_until(lambda: self.owner.execute_command("SVLOG", "db"))
        self.owner.execute_command(
            "ACL", "SETUSER", "ann", "on", ">x", "&*", "+@all", "-@admin",
            "~service:web")
        self.ann = Raw(self.port)
        self.addCleanup(self.ann.__exit__)
        self.ann.ask("HELLO", 3, "AUTH", "ann", "x")
        self.before = self.others()

    def others(self):
        """All that has ever happened to them, and their output."""
        return [self.owner.execute_command("SVLIFE", x)
                for x in ("db", "api", "webapi", "Web")] \
            + [self.owner.execute_command("SVLOG", "db"),
               self.owner.execute_command("SVCONFIG", "api")]

    def refused(self, *words, codes=(b"-NOPERM ", b"-NOSERVICE ", b"-ERR ",
                                     b"-NONODE ")):
        words = [x.encode("latin1") for x in words]
        reply = self.ann.ask(*words)
        self.assertTrue(reply.startswith(codes), (words, reply))
        return reply

    def test_nothing_is_changed(self):
        for mask in OTHERS:
            for command in CHANGES:
                self.refused(*words_of(command, mask))
            self.refused("SVSTOP", "web", mask)
            self.refused("SVSTOP", mask, "web", codes=(b"-NOPERM ",))
        for group in ("rear", "front", "%rear", "*", "r*", "[fr]*"):
            for command in GROUPS:
                self.refused(command, group, codes=(b"-NOPERM ",))
        for mask in NOTHING:
            for command in (*CHANGES, *GROUPS):
                self.refused(*words_of(command, mask))
        self.assertEqual(self.others(), self.before)

    def test_nothing_else_changes_them(self):
        for words in (("SVAPPLY",), ("SVAPPLY", "FORCE"), ("SVPLAN",),
                      ("SVAPPLY", "main.lua"), ("SVRUN", "db", "sleep", "1"),
                      ("restart-db",), ("RESTART-DB",),
                      ("CALL", "restart-db"), ("EXEC", "restart-db"),
                      ("CALL", "restart-db@test"), ("CALL", "restart-db@*"),
                      ("PUBLISH", "saker:test:web:exit", "{}"),
                      ("PUBLISH", "log:test:web", "x"),
                      ("SPUBLISH", "saker:test:db:exit", "{}")):
            self.refused(*words, codes=(b"-NOPERM ",))
        self.assertEqual(self.ann.ask("MULTI"), b"+OK\r\n")
        asked = [("SVSTOP", "db"), ("CALL", "restart-db"),
                 ("EXEC", "restart-db"), ("SVSTOP", "*")]
        for words in asked:
            self.assertEqual(self.ann.ask(*words), b"+QUEUED\r\n")
        self.assertEqual(self.ann.ask("EXEC").count(b"-NOPERM "), len(asked))
        self.assertEqual(self.others(), self.before)

    def test_nothing_is_told(self):
        for mask in OTHERS:
            for command in LOOKS:
                words = words_of(command, mask)
                reply = self.ann.ask(*words).replace(
                    str(self.saker.dir).encode(), b"")
                if reply.startswith(b"-"):  # it repeats what was asked for
                    reply = re.sub(rb'"[^"]*"', b"", reply, count=1)
                for hidden in (b"db", b"api", b"Web", b"hidden", b"rear"):
                    self.assertNotIn(hidden, reply, words)
        for what in ("log:test:db", "saker:test:db:exit", "saker:test:api:0:x",
                     "saker:test:webapi:exit"):
            self.refused("SUBSCRIBE", what, codes=(b"-NOPERM ",))
            self.refused("SSUBSCRIBE", what, codes=(b"-NOPERM ",))
        for what in ("*", "s*", "saker:*", "log:*", "?aker:*", "[s]aker:*",
                     "\\saker:*", "saker:*:*", "saker:*:web*:*", "saker:*:*:*",
                     "saker:*:web", "saker:t*:web:*", "*:web:*", "log:*:web*",
                     "log:*:d?", "saker:test:[dw]*:*", "**:web:*"):
            self.refused("PSUBSCRIBE", what, codes=(b"-NOPERM ",))

    def test_no_process_is_told_with_its_arguments(self):
        ask = "SYSINFO", "system.proc.all", str(self.pid("db"))
        self.assertIn("sleep 1000", self.owner.execute_command(*ask))
        told = self.ann.ask(*ask)
        self.assertIn(b'"Fullname":"sleep"', told)

    def test_nobody_is_told_of_listeners(self):
        with Raw(self.port) as root:
            names = ("saker:test:db:exit", "saker:test:web:exit",
                     "log:test:db", "log:test:web", "audit:test:ann", "free")
            root.send("SUBSCRIBE", *names)
            for _ in names:
                root.reply()
            told = self.ann.ask("PUBSUB", "CHANNELS")
            for name in names:
                self.assertEqual(name.encode() in told, name in (
                    "saker:test:web:exit", "log:test:web", "free"), name)
            self.assertIn(b":0\r\n", self.ann.ask("PUBSUB", "NUMSUB",
                                                  "audit:test:ann"))
            self.assertEqual(len(self.owner.pubsub_channels()), len(names))


class Floods(harness.TestCase):
    """What anybody may ask must not be answered at everybody's expense."""

    def test_a_million_names(self):
        self.start(services=SERVICES)
        self.owner = self.client()
        self.owner.execute_command("SVSTATUS")
        with Raw(self.port) as one:
            count = 300_000
            for words, name in ((("SVSTATUS",), b"web*"),
                                (("SVSTATUS",), b"web@*"),
                                (("SVLIFE",), b"*"),
                                (("PUBSUB", "NUMSUB"), b"c"),
                                (("LATENCY", "HISTOGRAM"), b"svstatus")):
                one.socket.sendall(
                    b"*%d\r\n" % (len(words) + count)
                    + b"".join(b"$%d\r\n%s\r\n" % (len(x), x.encode())
                               for x in words)
                    + b"$%d\r\n%s\r\n" % (len(name), name) * count)
                reply = one.reply()
                self.assertLess(len(reply), 10_000, words)
                if words[0] == "SVSTATUS":
                    self.assertIn(b"at most 1000 names", reply)
                if words[0] == "SVLIFE":  # takes one
                    self.assertIn(b"is no option of SVLIFE", reply)
            self.assertEqual(one.ask("PING"), b"+PONG\r\n")


if __name__ == "__main__":
    unittest.main()
