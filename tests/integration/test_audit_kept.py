"""Who did what, afterwards: SVAUDIT."""
import os
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from audit_harness import AuditCase  # noqa: E402
from cluster_harness import as_dict  # noqa: E402


class Kept(AuditCase):
    def connect(self):
        self.owner = self.client(unix_socket_path=str(self.saker.socket))

    def kept(self, *words):
        return [as_dict(x) for x in self.owner.execute_command("SVAUDIT",
                                                               *words)]

    def commands(self, *words):
        return [x["command"] for x in self.kept(*words)]

    def test_it_survives_the_death_of_the_node(self):
        self.serve()
        ops = self.client(username="ops", password="opss")
        ops.execute_command("SVRESET", "web")
        with self.assertRaises(redis.RedisError):
            ops.execute_command("SVRUN", "job", "sleep", "1")
        wanted = ["svrun", "svreset", "auth"]
        self.wait_until(lambda: self.commands("USER", "ops") == wanted)
        self.saker.kill_node()
        self.saker.wait_for_ping()
        self.connect()
        self.assertEqual(self.commands("USER", "ops"), wanted)
        refused, done, login = self.kept("USER", "ops")
        self.assertEqual((refused["outcome"], refused["error"]),
                         ("refused", "NOPERM"))
        self.assertEqual((done["outcome"], done["error"], done["services"]),
                         ("done", None, ["web"]))
        self.assertEqual(login["uid"], os.geteuid())
        self.owner.execute_command("SVRESET", "web")
        self.wait_until(
            lambda: self.commands("COUNT", "2") == ["svreset", "svrun"])

    def test_a_shutdown_is_the_last_thing_that_is_kept(self):
        self.serve()
        with self.assertRaises(redis.RedisError):
            self.owner.execute_command("SHUTDOWN")
        self.saker.wait_for_exit()
        self.saker.start()
        self.connect()
        newest = self.kept("COUNT", "1")[0]
        self.assertEqual((newest["command"], newest["outcome"]),
                         ("shutdown", "begun"))

    def test_only_admins_read_it(self):
        self.serve()
        with self.assertRaises(redis.RedisError):
            self.client(username="ops", password="opss").execute_command(
                "SVAUDIT")

    def test_there_is_a_bound(self):
        self.serve(toml='[audit]\nkeep = "3 entries"\n')
        for _ in range(5):
            self.owner.execute_command("SVRESET", "web")
        self.wait_until(lambda: len(self.kept()) >= 5)
        self.saker.kill_node()
        self.saker.wait_for_ping()
        self.connect()
        # Old ones are looked for when the first event after a start comes; that
        # may be one of services.
        self.owner.execute_command("SVSTOP", "web")
        self.wait_until(lambda: self.commands()[0] == "svstop"
                        and len(self.kept()) <= 4)


if __name__ == "__main__":
    unittest.main()
