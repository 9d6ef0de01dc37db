"""SVAPPLY with real children, and what is remembered of their services."""
import os
import signal
import sys
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from saker_harness import process_or_none  # noqa: E402
from services_harness import (  # noqa: E402
    SLEEP, STUBBORN, ServiceTest, proc_status, table)


class Apply(ServiceTest):
    def test_add_live_restart_remove(self):
        saker = self.start(services={
            "a.lua": f'service "same" {{exec = {SLEEP}}}'
                     f'service "live" {{exec = {SLEEP}}}'
                     f'service "rest" {{exec = {SLEEP}}}',
            "b.lua": f'service "gone" {{exec = {SLEEP}}}'
                     f'service "many" {{exec = {SLEEP}, count = 3}}'})
        self.wait_until(lambda: len(saker.children()) == 7)
        before = saker.children()
        self.assertEqual(self.apply()["unchanged"], 5)
        saker.write_services({
            "a.lua": f'service "same" {{exec = {SLEEP}}}'
                     f'service "live" {{exec = {SLEEP}, stop = "INT 1s KILL"}}'
                     f'service "rest" {{exec = {SLEEP}, umask = "077"}}',
            "b.lua": f'service "new" {{exec = {SLEEP}}}'
                     f'service "many" {{exec = {SLEEP}, count = 2}}'})
        # Nothing happens before somebody says so.
        self.assertEqual(saker.status().keys(),
                         {"same", "live", "rest", "gone", "many:0", "many:1",
                          "many:2"})
        reply = self.apply()
        self.assertEqual(reply, {
            "add": ["new"], "live": ["live live (stop)",
                                     "live many (count 3 to 2)"],
            "restart": ["restart rest (umask)"], "remove": ["gone"],
            "unchanged": 1, "errors": [], "warnings": [],
            "running": 7, "ends": 3, "needs_force": 0})
        self.wait_until(lambda: saker.status().keys() == {
            "same", "live", "rest", "new", "many:0", "many:1"})
        rest = self.wait_for_pid("rest",
                                 other_than=before["rest#0"].pid)
        self.assertEqual(proc_status(rest)["Umask"], "0077")
        for key in ("same#0", "live#0", "many#0", "many#1"):
            self.assertTrue(before[key].alive(), key)
        for key in ("gone#0", "many#2", "rest#0"):
            self.assertFalse(before[key].alive(), key)
        # The new ladder counts for the child of before.
        self.done("SVSTOP", "live", "WAIT", "5000")
        self.assertEqual(saker.status("live")["live"]["last_exit"], "SIGINT")

    def test_a_bad_file_changes_nothing_of_its_own(self):
        saker = self.start(services={
            "a.lua": f'service "a" {{exec = {SLEEP}}}',
            "b.lua": f'service "b" {{exec = {SLEEP}}}'})
        a = self.wait_for_pid("a")
        b = self.wait_for_pid("b")
        saker.write_services({
            "a.lua": f'service "a" {{exec = {SLEEP}}}\n'
                     f'service "a2" {{exec = {SLEEP}}}\n'
                     f'service "a3" {{exec = {SLEEP}, umsk = "1"}}\n',
            "b.lua": f'service "b" {{exec = {SLEEP}, umask = "077"}}',
            "c.lua": f'service "c" {{exec = {SLEEP}'})
        reply = self.apply()
        self.assertEqual((reply["add"], reply["restart"], reply["remove"]),
                         ([], ["restart b (umask)"], []))
        errors = "\n".join(reply["errors"])
        self.assertRegex(errors, r"a\.lua:3: .*umsk.*did you mean \"umask\"")
        self.assertRegex(errors, r"c\.lua:1: ")
        self.assertEqual(len(reply["errors"]), 2)
        self.assertEqual(saker.status().keys(), {"a", "b"})
        self.assertEqual(self.pid("a"), a)
        self.wait_for_pid("b", other_than=b)
        # The node that comes after a crash knows what was applied, not what
        # lies in the directory.
        b = self.pid("b")
        saker.kill_node()
        saker.wait_for_ping()
        self.assertEqual(saker.status().keys(), {"a", "b"})
        self.assertEqual((self.pid("a"), self.pid("b")), (a, b))

    def test_what_clashes_with_the_past_of_a_bad_file_gives_way(self):
        saker = self.start(services={
            "a.lua": f'service "x" {{exec = {SLEEP}}}'
                     f'service "y" {{exec = {SLEEP}}}',
            "b.lua": f'service "z" {{exec = {SLEEP}}}'})
        self.wait_until(lambda: len(saker.children()) == 3)
        before = saker.children()
        # x moves to the other file, but its own cannot be read without it.
        saker.write_services({
            "a.lua": 'service "y" {exec =',
            "b.lua": f'service "z" {{exec = {SLEEP}, umask = "077"}}'
                     f'service "x" {{exec = {SLEEP}}}'})
        reply = self.apply()
        self.assertEqual((reply["unchanged"], len(reply["errors"])), (3, 2))
        self.assertRegex(reply["errors"][1], '"x" is defined twice')
        saker.kill_node()
        saker.wait_for_ping()
        self.assertEqual(saker.status().keys(), {"x", "y", "z"})
        self.assertEqual(saker.children(), before)
        saker.write_services({"a.lua": f'service "y" {{exec = {SLEEP}}}'})
        self.assertEqual(self.apply()["restart"], ["restart z (umask)"])
        self.assertEqual(saker.children()["x#0"], before["x#0"])

    def test_only_the_files_named(self):
        saker = self.start(services={
            "a.lua": f'service "a" {{exec = {SLEEP}}}'})
        saker.write_services({"b.lua": f'service "b" {{exec = {SLEEP}}}',
                              "c.lua": f'service "c" {{exec = {SLEEP}}}'})
        self.assertEqual(self.apply("b.lua")["add"], ["b"])
        self.assertEqual(saker.status().keys(), {"a", "b"})
        reply = self.apply("nosuch.lua")
        self.assertEqual(len(reply["errors"]), 1)
        self.assertIn("nosuch.lua", reply["errors"][0])
        self.assertEqual(saker.status().keys(), {"a", "b"})
        (saker.services_dir / "a.lua").unlink()
        self.assertEqual(self.apply("c")["add"], ["c"])
        self.assertEqual(saker.status().keys(), {"a", "b", "c"})
        self.assertEqual(self.apply()["remove"], ["a"])
        self.wait_until(lambda: saker.status().keys() == {"b", "c"})

    def test_ending_most_of_what_runs_needs_force(self):
        many = "".join(f'service "s{i}" {{exec = {SLEEP}}}\n'
                       for i in range(7))
        saker = self.start(services={"a.lua": many})
        self.wait_until(lambda: len(saker.children()) == 7)
        before = saker.children()
        saker.write_services({"a.lua": many.replace("}\n",
                                                    ', umask = "077"}\n')})
        with self.assertRaisesRegex(redis.ResponseError,
                                    "end 7 of 7 .*nothing was done.*FORCE"):
            self.client().execute_command("SVAPPLY")
        saker.write_services({"a.lua": ""})
        with self.assertRaisesRegex(redis.ResponseError, "FORCE"):
            self.client().execute_command("SVAPPLY")
        self.assertEqual(saker.children(), before)
        # Half of them is no reason to ask.
        saker.write_services({"a.lua": "\n".join(many.split("\n")[:4])})
        self.assertEqual(self.apply()["remove"], ["s4", "s5", "s6"])
        self.wait_until(lambda: len(saker.children()) == 4)
        saker.write_services({"a.lua": ""})
        self.assertEqual(len(self.apply("FORCE")["remove"]), 4)
        self.wait_until(lambda: not saker.children())
        self.wait_until(lambda: saker.status() == {})

    def test_one_at_a_time(self):
        saker = self.start(services=f'service "s" {{exec = {SLEEP}}}')
        lines = [redis.connection.Connection(port=saker.port,
                                             socket_timeout=20)
                 for _ in range(8)]
        for i, line in enumerate(lines):
            saker.write_services({f"n{i}.lua":
                                  f'service "n{i}" {{exec = {SLEEP}}}'})
            line.send_command("SVAPPLY")
        added = []
        for line in lines:
            reply = table([x.decode() if isinstance(x, bytes) else x
                           for x in line.read_response()])
            self.assertEqual(reply["errors"], [])
            added += [x.decode() for x in reply["add"]]
            line.disconnect()
        # Each is added by exactly one of them.
        self.assertEqual(sorted(added), sorted(set(added)))
        self.apply()
        self.wait_until(lambda: len(saker.children()) == 9)

    def test_hangup_applies_too(self):
        saker = self.start(services=f'service "a" {{exec = {SLEEP}}}')
        saker.write_services({"b.lua": f'service "b" {{exec = {SLEEP}}}'})
        os.kill(saker.keeper_pid(), signal.SIGHUP)
        self.wait_until(lambda: saker.status().keys() == {"a", "b"})

    def test_removed_and_back_while_it_stops(self):
        saker = self.start(services=f"""
            service "x" {{exec = {STUBBORN},
                         stop = "TERM 500ms KILL"}}""")
        old = self.wait_for_pid("x")
        text = (saker.services_dir / "main.lua").read_text()
        saker.write_services("")
        self.assertEqual(self.apply()["remove"], ["x"])
        saker.write_services(text)
        self.assertEqual(self.apply()["add"], ["x"])
        self.wait_for_pid("x", other_than=old)
        self.assertIsNone(process_or_none(old))
        self.assertEqual(len(saker.children()), 1)


class Memory(ServiceTest):
    """What is wanted is remembered."""

    def reboot(self):
        """A full stop, the loss of all that a reboot takes, and a start."""
        saker = self.saker
        self.assertEqual(saker.stop(), 0)
        for x in sorted(saker.runtime_dir.rglob("*"), reverse=True):
            x.rmdir() if x.is_dir() else x.unlink()
        saker.runtime_dir.rmdir()
        saker.start()

    def test_what_was_stopped_and_started_over_a_reboot(self):
        saker = self.start(services=f"""
            service "stop" {{exec = {SLEEP}}}
            service "auto" {{exec = {SLEEP}}}
            service "hand" {{exec = {SLEEP}, autostart = false}}
            service "back" {{exec = {SLEEP}}}""")
        self.wait_for_pid("stop")
        self.assertIsNone(saker.status("stop")["stop"]["intent_by"])
        self.done("SVSTOP", "stop", "back", "WAIT", "5000")
        self.done("SVSTART", "hand", "back")
        row = saker.status("stop")["stop"]
        self.assertEqual((row["state"], row["intent"]), ("stopped", "down"))
        self.assertRegex(row["intent_by"], r"^default@127\.0\.0\.1:\d+$")
        self.assertLess(abs(time.time() - row["intent_since"] / 1000), 60)
        self.reboot()
        for name in ("auto", "hand", "back"):
            self.wait_for_pid(name)
        again = saker.status("stop")["stop"]
        self.assertEqual(again["state"], "stopped")
        for key in ("intent", "intent_by", "intent_since"):
            self.assertEqual(again[key], row[key])
        # Over kill -9 of everything too, and until the opposite.
        saker.kill_keeper()
        saker.start()
        self.assertEqual(self.state("stop"), "stopped")
        self.done("SVSTART", "stop")
        saker.kill_keeper()
        saker.start()
        self.wait_for_pid("stop")

    def test_a_removed_service_is_forgotten(self):
        saker = self.start(services=f'service "x" {{exec = {SLEEP}}}')
        self.done("SVSTOP", "x", "WAIT", "5000")
        saker.write_services("")
        self.apply()
        self.wait_until(lambda: not saker.status())
        saker.write_services(f'service "x" {{exec = {SLEEP}}}')
        self.apply()
        self.wait_for_pid("x")


if __name__ == "__main__":
    unittest.main()
