"""Users of some services only: with rules, in settings, over starts, nodes."""
import os
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from cluster_harness import ClusterCase, as_dict  # noqa: E402

SERVICES = "".join(f'service "{x}" {{exec = {{"sleep", "1000"}}}}\n'
                   for x in ("web", "db", "mail"))
ANN = """[users.ann]
services = ["web"]
rules = [">anns", "%R~service:db"]
"""


class ServiceUsersTest(harness.TestCase):
    def serve(self, **options):
        self.start(services=SERVICES, **options)
        self.owner = self.client(unix_socket_path=str(self.saker.socket))
        self.wait_until(lambda: self.owner.execute_command(
            "SVWAIT", "*", "running", "5000") == 3)

    def ann(self):
        return self.client(username="ann", password="anns")

    def names(self, *command):
        return [as_dict(x)["name"]
                for x in self.ann().execute_command(*command)]

    def refused(self, word, *command):
        with self.assertRaises(redis.RedisError) as e:
            self.ann().execute_command(*command)
        text = str(e.exception)
        self.assertTrue(word in text or (
            word == "NOPERM" and isinstance(
                e.exception, redis.exceptions.NoPermissionError)), text)
        return text

    def check(self):
        self.assertEqual(self.names("SVSTATUS"), ["db", "web"])
        self.assertEqual(self.names("SVRESTART", "web"), ["web"])
        self.assertIn("control db", self.refused("NOPERM", "SVSTOP", "db"))
        self.assertIn("control db", self.refused("NOPERM", "SVSTOP", "*"))
        self.refused("NOPERM", "SVSTOP", "web", "mail")
        self.refused("NOSERVICE", "SVWHY", "mail")
        states = {x["name"]: x["state"] for x in map(
            as_dict, self.owner.execute_command("SVSTATUS"))}
        self.assertEqual(states["db"], "running")
        self.assertEqual(states["mail"], "running")

    def test_settings_say_it(self):
        self.serve(toml=ANN)
        self.check()
        listed = self.owner.execute_command("ACL", "GETUSER", "ann")
        self.assertIn("~service:web %R~service:db", listed)

    def test_what_was_refused_can_be_read(self):
        self.serve(toml=ANN)
        self.refused("NOPERM", "SVSTOP", "db")
        self.refused("NOPERM", "SVSTOP", "db")
        self.refused("NOPERM", "SVAPPLY")
        plans, stops = [as_dict(x) for x in self.owner.execute_command(
            "ACL", "LOG")]
        self.assertEqual(
            [str(stops[x]) for x in ("count", "reason", "context", "object",
                                     "username")],
            ["2", "key", "toplevel", "service:db", "ann"])
        self.assertEqual(plans["object"], "service:*")
        for mask, says in (("web", "OK"), ("db", "This user has no permissions"
                                           " to access the 'service:db' "
                                           "service")):
            self.assertEqual(self.owner.execute_command(
                "ACL", "DRYRUN", "ann", "SVSTOP", mask), says)

    def test_a_dry_run_knows_who_is_in_a_group(self):
        self.start(services="".join(
            f'service "{x}" {{exec = {{"sleep", "1000"}}, '
            f'groups = {{"{group}"}}}}\n'
            for x, group in (("web", "front"), ("db", "back"))),
            toml='[users.ann]\nservices = ["web"]\n')
        owner = self.client(unix_socket_path=str(self.saker.socket))

        def says(*words):
            return owner.execute_command("ACL", "DRYRUN", "ann", *words)
        self.assertEqual(says("SVSTOP", "%front"), "OK")
        self.assertEqual(says("SVGSTOP", "front"), "OK")
        self.assertIn("'service:db'", says("SVSTOP", "%back"))
        self.assertIn("'service:db'", says("SVSTOP", "web", "*b"))
        self.assertIn("is known on that node only",
                      says("SVSTOP", "%front@other"))
        self.wait_for_state("web", "running")  # nothing stopped it

    def test_rules_say_it_and_are_kept(self):
        self.serve()
        self.owner.execute_command(
            "ACL", "SETUSER", "ann", "on", ">anns", "+@all", "~service:web",
            "%R~service:db")
        self.check()
        self.owner.execute_command("ACL", "SAVE")
        self.owner.execute_command("ACL", "SETUSER", "ann", "allkeys")
        self.assertEqual(len(self.names("SVSTATUS")), 3)
        self.owner.execute_command("ACL", "LOAD")
        self.check()
        self.saker.kill_node()
        self.saker.wait_for_ping()
        self.owner = self.client(unix_socket_path=str(self.saker.socket))
        self.owner.execute_command("SVWAIT", "*", "running", "5000")
        self.check()

    def test_events_and_output(self):
        self.serve(toml=ANN)
        listener = self.ann().pubsub()
        listener.psubscribe("saker:*:web:*")
        self.assertEqual(listener.get_message(timeout=10)["type"],
                         "psubscribe")
        self.owner.execute_command("SVRESTART", "db", "WAIT", "5000")
        self.owner.execute_command("SVRESTART", "web", "WAIT", "5000")
        first = listener.get_message(timeout=10)
        self.assertIn(":web:", first["channel"])
        for pattern in ("saker:*", "log:*", "log:*:db"):
            other = self.ann().pubsub()
            other.psubscribe(pattern)
            with self.assertRaises(redis.ResponseError, msg=pattern):
                other.get_message(timeout=10)
        listener.close()

    def test_what_is_wrong_is_told_at_the_start(self):
        saker = self.make(toml='[users.ann]\nservices = ["web:"]\n')
        done = harness.subprocess.run(
            [harness.BIN / "saker", *saker.command()[1:]],
            stdin=harness.subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30)
        self.assertEqual(done.returncode, 78)
        self.assertIn('users.ann.services: "web:" names no service',
                      done.stderr)


class FarServices(ClusterCase):
    def test_other_nodes_know_what_a_user_may_reach(self):
        a, b = self.pair()
        self.wait_until(
            lambda: b.rows("on-b")["on-b", "b"]["state"] == "running")
        a.via_socket().execute_command(
            "ACL", "SETUSER", "ann", "on", ">anns", "+@all", "~service:web",
            "%R~service:on-b@b")
        ann = a.client(unix_socket_path=str(a.socket), username="ann",
                       password="anns")
        rows = [(x["name"], x["node"]) for x in map(
            as_dict, ann.execute_command("SVSTATUS", "*@*"))]
        self.assertEqual(sorted(rows),
                         [("on-b", "b"), ("web", "a"), ("web", "b")])
        with self.assertRaisesRegex(redis.RedisError, "control on-b"):
            ann.execute_command("SVSTOP", "on-b@b")
        rows = [as_dict(x) for x in ann.execute_command(
            "SVENABLE", "web@a", "on-b@b")]
        self.assertEqual([x["name"] for x in rows], ["web", "*@b"])
        denied, = [as_dict(x) for x in a.via_socket().execute_command(
            "ACL", "LOG")]
        self.assertEqual((denied["object"], denied["count"]),
                         ("service:on-b@b", 2))
        self.assertEqual(b.rows("on-b")["on-b", "b"]["state"], "running")
        ann.execute_command("SVSTOP", "web@b")
        self.assertIn(b.rows("web")["web", "b"]["state"],
                      ("stopping", "stopped"))
        self.assertIn("ann@", b.rows("web")["web", "b"]["intent_by"])
        self.assertEqual(a.rows("web")["web", "a"]["state"], "running")


if __name__ == "__main__":
    unittest.main()
