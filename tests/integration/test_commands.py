"""The commands that act on services, on real processes, by real clients."""
import os
import re
import shlex
import shutil
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from saker_harness import ROOT, children_of, process  # noqa: E402
from services_harness import ServiceTest, shell  # noqa: E402

SLEEP = '{"sleep", "1000"}'


def service(name, keys="", exec_=SLEEP):
    return f'service "{name}" {{exec = {exec_}, {keys}}}\n'


class CommandTest(ServiceTest):
    def row(self, name):
        return self.saker.status(name)[name]

    def running(self, name, other_than=0):
        """Waits; the pid."""
        def pid():
            row = self.row(name)
            return (row["state"] == "running"
                    and row["pid"] not in (0, other_than) and row["pid"])
        return self.wait_until(pid, what=f"{name} running")

    def wait_for_file(self, path, text):
        def there():
            return path.exists() and path.read_text() == text
        self.wait_until(there, what=f"{path.name} says {text!r}")


class Orders(CommandTest):
    def test_pause_holds_the_tree_and_a_stop_still_works(self):
        # One in the group, one that has left it, one whose parent has ended.
        saker = self.make()
        saker.write_services(service("tree", exec_=shell(f"""
            note() {{
              setsid sh -c "echo \\$\\$ > {saker.dir}/$1.tmp
                            mv {saker.dir}/$1.tmp {saker.dir}/$1
                            exec sleep 1000"
            }}
            sleep 1000 & note away & (note lost &) ; wait""")))
        saker.start()
        pid = self.running("tree")
        others = [saker.dir / x for x in ("away", "lost")]
        self.wait_until(lambda: all(x.exists() for x in others),
                        what="those that have left")
        everybody = {pid, *children_of(pid)}
        everybody |= {int(x.read_text()) for x in others}
        everybody = [process(x) for x in everybody]
        self.assertGreaterEqual(len(everybody), 4)
        self.done("SVPAUSE", "tree")
        self.wait_until(lambda: {x.state() for x in everybody} == {"T"},
                        what="all are stopped by the signal")
        row = self.row("tree")
        self.assertEqual((row["state"], row["ready"]), ("running", 0))
        self.assertIn("paused by", row["reason"])
        self.kill_node()
        self.wait_until(lambda: "paused by" in self.row("tree")["reason"])
        self.done("SVCONT", "tree")
        self.wait_until(lambda: "T" not in [x.state() for x in everybody])
        self.assertEqual(self.row("tree")["ready"], 1)
        self.done("SVPAUSE", "tree")
        self.done("SVSTOP", "tree", "WAIT", "9000")  # TERM, not KILL after 10 s
        self.wait_until(lambda: not any(x.alive() for x in everybody))

    def test_reload_by_signal_and_by_command(self):
        saker = self.make()
        saker.write_services(
            service("hup", 'reload = "HUP"',
                    shell(f"trap 'echo hup > {saker.dir}/hup' HUP; echo up > "
                          f"{saker.dir}/up; while :; do sleep 0.05; done"))
            + service("cmd", "reload = "
                      + shell(f"echo $MAINPID > {saker.dir}/cmd"))
            + service("bad", 'reload = {"false"}') + service("none"))
        saker.start()
        self.wait_for_file(saker.dir / "up", "up\n")
        pids = {x: self.running(x) for x in ("hup", "cmd", "bad", "none")}
        self.done("SVRELOAD", "hup")
        self.wait_for_file(saker.dir / "hup", "hup\n")
        self.assertEqual(self.sv("SVRELOAD", "cmd"), {"cmd": (0, "reloaded")})
        self.wait_for_file(saker.dir / "cmd", f"{pids['cmd']}\n")
        self.assertEqual(self.sv("SVRELOAD", "bad"), {
            "bad": (1, "its reload command ended with exit 1")})
        code, text = self.sv("SVRELOAD", "none")["none"]
        self.assertEqual(code, 3)
        self.assertIn("reload = ", text)
        for name, pid in pids.items():
            self.assertEqual(self.row(name)["pid"], pid)

    def test_a_dropped_one_is_left_alone_until_it_is_started(self):
        self.start(services=service("web") + service("other"))
        first = self.running("web")
        self.done("SVDROP", "web")
        self.assertEqual(self.row("web")["intent"], "dropped")
        self.assertTrue(process(first).alive())
        self.kill_node()
        self.wait_until(lambda: self.row("web")["intent"] == "dropped")
        self.assertEqual(self.row("web")["pid"], first)
        os.kill(first, signal.SIGKILL)
        self.wait_for_state("web", "stopped")
        other = self.running("other")
        os.kill(other, signal.SIGKILL)
        self.running("other", other_than=other)
        self.assertEqual(self.state("web"), "stopped")
        self.saker.stop()
        self.saker.start()
        self.running("other")
        self.assertEqual(self.row("web")["intent"], "dropped")
        self.assertEqual(self.state("web"), "stopped")
        self.done("SVSTART", "web")
        self.assertEqual(self.row("web")["intent"], "up")

    def test_try_restart_and_reset_start_nothing(self):
        self.start(services=service("up") + service("down", "autostart = false")
                   + service("broken", exec_='{"/no/such/program"}'))
        pid = self.running("up")
        self.wait_for_state("broken", "failed")
        reply = self.done("SVTRYRESTART", "*", "WAIT", "9000")
        self.running("up", other_than=pid)
        self.assertEqual(reply["down"], (0, "not running: nothing done"))
        self.assertEqual(self.state("down"), "stopped")
        self.assertEqual(self.state("broken"), "failed")
        self.done("SVRESET", "broken")
        self.assertEqual(self.state("broken"), "stopped")
        self.assertEqual(self.row("broken")["intent"], "up")

    def test_reset_ends_the_wait_for_the_next_try(self):
        saker = self.make()
        starts = saker.dir / "starts"
        saker.write_services(service(
            "web", 'backoff = {"1h", "1h"}, budget = "100/1s"',
            shell(f"echo x >> {starts}; exit 3")))
        saker.start()
        self.wait_for_state("web", "backoff")
        tries = len(starts.read_text().split())
        self.done("SVRESET", "web")
        self.wait_until(
            lambda: len(starts.read_text().split()) > tries,
            what="another start")
        self.wait_for_state("web", "backoff")  # the wait begins anew

    def test_enable_and_disable_count_at_the_next_start(self):
        self.start(services=service("on", "autostart = false") + service("off")
                   + service("stopped"))
        self.done("SVENABLE", "on")
        self.done("SVDISABLE", "off")
        self.done("SVSTOP", "stopped", "WAIT", "9000")
        self.assertIn("stopped it", self.sv("SVENABLE", "stopped")["stopped"][1])
        self.assertEqual(self.state("on"), "stopped")
        self.running("off")
        self.saker.stop()
        self.saker.start()
        self.running("on")
        self.assertEqual(self.state("off"), "stopped")
        self.assertEqual(self.state("stopped"), "stopped")

    def test_check_tells_what_is_not_as_wanted(self):
        self.start(services=service("good")
                   + service("broken", exec_='{"/no/such/program"}'))
        self.running("good")
        self.wait_for_state("broken", "failed")
        reply = self.sv("SVCHECK")
        self.assertEqual(reply["good"][0], 0)
        self.assertEqual(reply["broken"][0], 1)
        self.assertIn("/no/such/program", reply["broken"][1])

    def test_nothing_is_done_if_one_mask_means_nothing(self):
        self.start(services=service("web"))
        pid = self.running("web")
        out = self.redis_cli("svpause", "web", "wbe", check=False)
        self.assertIn('NOSERVICE', out)
        self.assertIn('did you mean "web"', out)
        self.assertNotEqual(process(pid).state(), "T")
        self.assertIn("NONODE", self.redis_cli("svpause", "web@elsewhere",
                                               check=False))
        self.done("SVPAUSE", "web@test")
        self.wait_until(lambda: process(pid).state() == "T")
        self.done("SVCONT", "@test")


class Groups(CommandTest):
    def test_services_of_a_group_are_started_and_stopped_together(self):
        self.start(services=service("a", 'groups = {"front"}')
                   + service("b", 'groups = {"front", "slow"}, count = 2')
                   + service("c"))
        pid = self.running("c")
        self.assertEqual(
            self.client().execute_command("SVGMEMBER", "front"), ["a", "b"])
        self.done("SVGSTOP", "front", "WAIT", "9000")
        states = {name: row["state"] for name, row in
                  self.saker.status().items()}
        self.assertEqual(states, {"a": "stopped", "b:0": "stopped",
                                  "b:1": "stopped", "c": "running"})
        self.done("SVSTART", "%slow", "WAIT", "9000")
        self.assertEqual(set(self.saker.status("%slow")), {"b:0", "b:1"})
        self.assertEqual(self.state("a"), "stopped")
        self.done("SVGSTART", "front", "WAIT", "9000")
        self.assertEqual(self.row("c")["pid"], pid)
        self.assertIn('did you mean "%front"',
                      self.redis_cli("svgstop", "frnt", check=False))


class Scale(CommandTest):
    def test_touches_only_those_that_come_and_go(self):
        self.start(services=service("web", "count = 1"))
        events = self.events("saker:test:web:scaled")
        first = self.running("web:0")
        reply = self.done("SVSCALE", "web", "3", "WAIT", "9000")
        self.assertEqual(set(reply), {"web", "web:1", "web:2"})
        told = events.wait_for("web", "scaled")
        self.assertEqual((told["count"], told["count_before"]), (3, 1))
        self.kill_node()
        self.wait_until(lambda: len(self.saker.status("web")) == 3)
        self.done("SVSCALE", "web", "2", "WAIT", "9000")
        self.wait_until(lambda: set(self.saker.status("web"))
                        == {"web:0", "web:1"})
        self.assertEqual(self.row("web:0")["pid"], first)
        self.saker.stop()
        self.saker.start()
        self.assertEqual(set(self.saker.status("web")), {"web:0", "web:1"})
        self.saker.write_services(service("web", "count = 4"))
        self.client().execute_command("SVAPPLY")
        self.wait_until(lambda: len(self.saker.status("web")) == 4)

    def test_a_rolling_restart_keeps_the_others_running(self):
        self.start(services=service("web", "count = 3"))
        before = {name: self.running(name)
                  for name in ("web:0", "web:1", "web:2")}
        events = self.events("saker:test:web:*")
        reply = self.done("SVRESTART", "web", "ROLLING", "1")
        self.assertEqual(set(reply), set(before))
        for name, pid in before.items():
            self.assertNotEqual(self.row(name)["pid"], pid)
        self.wait_until(lambda: events.names("web:2").count("running") == 1)
        down = set()
        for x in events.poll():
            if x["event"] == "stopping":
                down.add(x["service"])
            elif x["event"] == "running":
                down.discard(x["service"])
            self.assertLessEqual(len(down), 1, events.poll())

    def test_a_rolling_restart_ends_where_one_does_not_come_back(self):
        saker = self.make()
        program = saker.dir / "program"
        shutil.copy("/bin/sleep", program)  # a shell would read it later
        saker.write_services(service("web", "count = 3",
                                     f'{{"{program}", "1000"}}'))
        saker.start()
        before = {name: self.running(name)
                  for name in ("web:0", "web:1", "web:2")}
        program.unlink()
        reply = self.sv("SVRESTART", "web", "ROLLING", "1")
        self.assertEqual([reply[x][0] for x in sorted(reply)], [1, 3, 3])
        self.assertIn("web:0 did not come back", reply["web:2"][1])
        self.assertEqual(self.row("web:1")["pid"], before["web:1"])
        self.assertEqual(self.row("web:2")["pid"], before["web:2"])


class AdHoc(CommandTest):
    def test_a_command_is_a_service_until_it_is_stopped(self):
        self.start(services=service("web"))
        reply = self.done("SVRUN", "job", "/bin/sh", "-c",
                          "echo begun; exec sleep 1000")
        self.assertEqual(set(reply), {"job"})
        pid = self.running("job")
        self.kill_node()
        self.wait_until(lambda: self.row("job")["pid"] == pid)
        self.client().execute_command("SVAPPLY")
        self.assertEqual(self.row("job")["pid"], pid)
        self.done("SVSTOP", "job", "WAIT", "9000")
        self.wait_until(lambda: "job" not in self.saker.status())

    def test_its_end_can_be_seen_and_it_is_forgotten_at_the_next_start(self):
        self.start()
        self.done("SVRUN", "good", "true")
        self.wait_for_state("good", "done")
        code, text = self.sv("SVRUN", "bad", "/bin/sh", "-c",
                             "echo no such table; exit 3")["bad"]
        self.assertEqual(code, 1)
        self.assertIn("no such table", text)
        self.assertEqual(self.row("bad")["last_exit"], "exit 3")
        self.done("SVRUN", "lasts", "sleep", "1000")
        self.saker.stop()
        self.saker.start()
        self.assertEqual(self.saker.status(), {})

    def test_needs_the_right_of_an_administrator(self):
        self.start()
        # redis-cli has a HELP of its own.
        lines = self.client().execute_command("HELP", "svrun")
        self.assertIn("Needs the right: admin", lines)


class Manual(CommandTest):
    def test_every_example_works(self):
        text = (ROOT / "docs/commands.md").read_text()
        examples = re.findall(r"^> (.*)$", text, re.M)
        self.assertGreater(len(examples), 20)
        self.start(
            services=service("web", 'count = 2, groups = {"front"}')
            + service("db", "reload = " + '{"true"}') + service("old"),
            scripts='saker.register("greet", function(args) return "Hello, " '
                    '.. args[1] end, PROP_PASSIVITY)')
        for name in ("web:0", "web:1", "db", "old"):
            self.running(name)
        client = self.client(socket_timeout=60)
        self.wait_until(lambda: client.execute_command("CALL", "greet", "x"))
        for example in examples:
            with self.subTest(example):
                reply = client.execute_command(*shlex.split(example))
                if example == "SVPAUSE db":  # the next ones need it awake
                    client.execute_command("SVCONT", "db")
                for row in reply if isinstance(reply, list) else []:
                    if isinstance(row, list) and "desc" in row:
                        row = dict(zip(row[::2], row[1::2]))
                        self.assertEqual(row["code"], 0, row)


if __name__ == "__main__":
    unittest.main()
