"""Who did what: told to those who may know, without secrets, never too much."""
import concurrent.futures
import json
import os
import pwd
import socket
import subprocess
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from audit_harness import AuditCase, REDACTED, WEB  # noqa: E402
from cluster_harness import ClusterCase  # noqa: E402
from security_harness import SecurityTest  # noqa: E402


class Audit(AuditCase):
    def test_a_command_is_told_with_user_address_and_services(self):
        self.serve()
        ops = self.client(username="ops", password="opss")
        ops.execute_command("SVRESTART", "web", "WAIT", "5000")
        login = self.one(user="ops", command="auth")
        self.assertEqual(login["args"], [REDACTED, REDACTED])
        self.assertEqual(login["outcome"], "done")
        x = self.one(command="svrestart")
        listed = {c["id"]: c for c in self.owner.client_list()}
        mine = listed[str(x["client"])]
        self.assertEqual(x["address"], mine["addr"])
        self.assertEqual(mine["user"], "ops")
        self.assertEqual(
            {k: x[k] for k in ("node", "user", "uid", "args", "services",
                               "outcome", "error")},
            {"node": "test", "user": "ops", "uid": os.geteuid(),
             "args": ["web", "WAIT", "5000"], "services": ["web"],
             "outcome": "done", "error": None})
        self.logged("audit: ops from " + x["address"])
        self.logged('svrestart "web" "WAIT" "5000": done')
        text = self.refused(ops, "SVSTOP", "nosuch")
        self.assertIn("nosuch", text)
        x = self.one(command="svstop")
        self.assertEqual((x["outcome"], x["error"]), ("failed", "NOSERVICE"))

    def test_the_channel_names_node_and_user(self):
        self.serve()
        listener = self.owner.pubsub()
        listener.subscribe("audit:test:ops")
        self.assertEqual(listener.get_message(timeout=10)["type"],
                         "subscribe")
        self.client(username="ann", password="anns").ping()
        self.client(username="ops", password="opss").ping()
        got = listener.get_message(timeout=10)
        self.assertEqual(json.loads(got["data"])["user"], "ops")

    def test_from_a_script_a_transaction_and_the_command_line(self):
        self.serve(scripts="""
            saker.register("again", function()
              saker.call("SVRESET", "web") return "ok" end, PROP_PASSIVITY,
              {right = "control"})
            saker.register("greet", function() return "hi" end,
                           PROP_PASSIVITY)""")
        self.owner.execute_command("greet")
        self.owner.execute_command("again")
        x = self.one(command="svreset")
        self.assertEqual((x["user"], x["address"], x["client"]),
                         ("script:main.lua", "lua", None))
        self.assertEqual(self.one(command="again")["outcome"], "done")
        for there in ("again@test", "again@*"):
            self.owner.execute_command("CALL", there, there)
            self.assertEqual(self.told(1, command="again",
                                       args=[there])[0]["outcome"], "done")
        pipe = self.owner.pipeline(transaction=True)
        pipe.execute_command("SVPAUSE", "web")
        pipe.execute_command("PING")
        pipe.execute_command("SVCONT", "web")
        pipe.execute()
        self.one(command="svpause", outcome="done")
        self.one(command="svcont", outcome="done")
        done = subprocess.run(
            [str(harness.BIN / "saker"), "stop", "web", "--address",
             f"unix:{self.saker.socket}"], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        x = self.one(command="svstop")
        self.assertEqual((x["uid"], x["services"]), (os.geteuid(), ["web"]))
        self.assertNotEqual(x["user"], "default")
        self.assertEqual([x for x in self.heard.poll()
                          if x["command"] in ("greet", "ping", "exec",
                                              "svstatus")], [])

    def test_refused_ones_are_told_too(self):
        self.serve()
        ann = self.client(username="ann", password="anns")
        self.assertIn("permissions", self.refused(ann, "SVSTOP", "web"))
        x = self.one(command="svstop")
        self.assertEqual((x["user"], x["outcome"], x["error"],
                          x["services"]),
                         ("ann", "refused", "NOPERM", ["web"]))
        for user, told in (("ops", "ops"), ("opps", None)):
            with self.assertRaises(redis.RedisError):
                self.client(username=user, password="wrong").ping()
            x = self.one(error="WRONGPASS", user=told)
            self.assertEqual((x["command"], x["outcome"]),
                             ("auth", "refused"))

    def test_who_was_refused_before_it_said_who_it_is(self):
        self.serve()
        self.owner.execute_command("ACL", "SETUSER", "default", ">first")
        with socket.create_connection(("127.0.0.1", self.saker.port),
                                      10) as s:
            s.sendall(b"SVSTOP web\r\n")
            self.assertTrue(s.recv(100).startswith(b"-NOAUTH"))
        x = self.one(error="NOAUTH")
        self.assertEqual((x["user"], x["command"]), (None, "svstop"))

    def test_only_admins_hear_it_and_nobody_forges_it(self):
        self.serve()
        ops = self.client(username="ops", password="opss")
        for channel in ("SUBSCRIBE audit:test:ops", "PSUBSCRIBE audit:*",
                        "PSUBSCRIBE *", "PSUBSCRIBE a*", "PSUBSCRIBE ?udit:*",
                        "SSUBSCRIBE audit:test:ops"):
            self.assertIn("permission", self.refused(ops, *channel.split()))
        for client in (ops, self.owner):
            for verb in ("PUBLISH", "SPUBLISH"):
                self.assertIn("permission", self.refused(
                    client, verb, "audit:test:ops", "forged"))
        sub = ops.pubsub()
        sub.psubscribe("saker:*", "log:*")
        self.assertEqual(sub.get_message(timeout=10)["type"], "psubscribe")

    def test_who_loses_the_right_hears_no_more(self):
        self.serve()
        self.owner.execute_command("ACL", "SETUSER", "eve", "on", ">eves",
                                   "allchannels", "+@all")
        sub = self.client(username="eve", password="eves").pubsub()
        sub.psubscribe("audit:*")
        self.assertEqual(sub.get_message(timeout=10)["type"], "psubscribe")
        # The event of what comes next is one that it may still hear.
        self.owner.execute_command("ACL", "SETUSER", "eve", "-@admin")
        with self.assertRaises(redis.RedisError):
            for _ in range(10):
                sub.get_message(timeout=1)

    def test_secrets_never_appear(self):
        self.serve()
        secret = "s3cr3tword"
        owner = self.owner
        owner.execute_command("ACL", "SETUSER", "eve", "on", ">" + secret,
                              "+@all")
        owner.execute_command("CONFIG", "SET", "requirepass", secret)
        owner.execute_command("SVRUN", "job", "sh", "-c", "exec sleep 1000",
                              "sh", "--password", secret)
        with socket.create_connection(("127.0.0.1", self.saker.port),
                                      10) as s:
            s.sendall(f"HELLO 3 AUTH eve {secret}\r\n".encode())
            self.assertTrue(s.recv(100).startswith(b"%7"))
        with self.assertRaises(redis.RedisError):
            self.client(username=secret, password="eve").ping()
        self.one(command="svrun", outcome="done")
        self.one(command="config|set", outcome="done")
        self.assertEqual(self.one(command="acl|setuser")["args"],
                         ["eve", REDACTED, REDACTED, REDACTED])
        self.one(user="eve", command="hello", outcome="done")
        self.told(1, error="WRONGPASS")
        self.assertNotIn(secret, json.dumps(self.heard.poll()))
        self.logged(": refused, WRONGPASS")
        self.assertNotIn(secret, self.saker.log())

    def test_a_flood_is_counted_and_holds_nobody_up(self):
        self.serve()
        ann = self.client(username="ann", password="anns")
        other = self.client()
        count = 20000
        flood = ann.pipeline(transaction=False)
        for _ in range(count):
            flood.execute_command("SVSTOP", "web")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            done = pool.submit(flood.execute, raise_on_error=False)
            for _ in range(20):
                self.assertTrue(other.ping())
            self.assertEqual(len(done.result(60)), count)
        # All are accounted for, and few of them one by one.
        def all_told():
            events = self.heard.poll()
            single = [x for x in events if x["error"] == "NOPERM"]
            more = sum(x["more"] for x in events if "more" in x)
            return (single if len(single) + more == count else None)
        single = self.wait_until(all_told, what="all are counted")
        self.assertLess(len(single), count / 20)
        self.owner.execute_command("SVSTOP", "web")
        self.one(command="svstop", outcome="done")

    def test_a_shutdown_is_in_the_log(self):
        self.serve()
        ops = self.client(unix_socket_path=str(self.saker.socket))
        with self.assertRaises(redis.RedisError):
            ops.execute_command("SHUTDOWN")
        self.saker.wait_for_exit()
        self.assertIn(": shutdown: begun", self.saker.log())


class Guests(SecurityTest):
    def test_guests_hear_nothing_and_what_they_try_is_told(self):
        self.start(services=WEB)
        self.wait_for_state("web", "running")
        owner = self.client(unix_socket_path=str(self.saker.socket))
        heard = harness.Events(owner, "audit:*")
        got = self.replies(["PSUBSCRIBE *", "PSUBSCRIBE audit:*",
                            "SUBSCRIBE audit:test:root",
                            "PUBLISH audit:test:root forged",
                            "SVSTOP web"])
        for line, reply in got.items():
            self.assertTrue(reply.startswith("-NOPERM "), (line, reply))
        uid = pwd.getpwnam("www-data").pw_uid
        # Each over TCP and over the UNIX socket; ten of them in a second.
        found = self.wait_until(
            lambda: [x for x in heard.poll() if x["error"] == "NOPERM"])
        self.assertEqual({(x["user"], x["outcome"], x["uid"])
                          for x in found}, {("guest", "refused", uid)})


class Nodes(ClusterCase):
    def test_both_nodes_tell_of_a_command_for_the_other(self):
        a, b = self.pair()
        self.wait_until(
            lambda: b.rows("on-b")["on-b", "b"]["state"] == "running")
        heard = harness.Events(a.via_socket(), "audit:*")
        # Node b knows of the listener once its events come.
        def reaches():
            b.via_socket().execute_command("SVRESET", "web")
            return [x for x in heard.poll() if x["node"] == "b"]
        self.wait_until(reaches)
        ops = a.client(unix_socket_path=str(a.socket))
        ops.execute_command("SVSTOP", "on-b@b")
        def both():
            found = {x["node"]: x for x in heard.poll()
                     if x["command"] == "svstop"}
            return found if len(found) == 2 else None
        found = self.wait_until(both)
        self.assertEqual(found["a"]["services"], ["on-b@b"])
        self.assertEqual(found["b"]["services"], ["on-b"])
        self.assertEqual(found["b"]["user"], found["a"]["user"])
        self.assertEqual(found["b"]["address"], "unix via a")
        self.assertEqual({x["outcome"] for x in found.values()}, {"done"})
        self.wait_until(lambda: "via a: svstop" in b.log())


if __name__ == "__main__":
    unittest.main()
