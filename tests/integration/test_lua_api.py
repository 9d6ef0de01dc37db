"""What scripts can ask for, against a real Saker: timers, messages, events,
files, processes, services, figures of the machine, modules."""
import json
import os
import pathlib
import pwd
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402

SERVICES = """
service "web" {exec = {"sleep", "1000"}, count = 2, stop = "KILL"}
service "off" {exec = {"sleep", "1000"}, autostart = false, stop = "KILL"}
"""


class LuaApiTest(harness.TestCase):
    def begin(self, script, **more):
        self.start(scripts=script, **more)
        self.ask = self.client().execute_command

    def command(self, body, name="test"):
        """The text of a script with one command."""
        return (f"saker.register('{name}', function(args) {body}\nend, "
                "PROP_PASSIVITY)\n")

    # -- time and messages -------------------------------------------------------

    def test_timers_run_and_end(self):
        self.begin("""
            count, once = 0, 0
            local handle
            handle = saker.every("20ms", function()
              count = count + 1
              if count == 3 then handle:close() end
            end)
            saker.after(10, function() once = once + 1 end)
            saker.every(10, function() error("oops") end)
            """ + self.command("return {count, once}"))
        self.wait_until(lambda: self.ask("test") == [3, 1])
        harness.never(lambda: self.ask("test") != [3, 1], 0.1,
                      "a timer that is over rings")
        rows = str(self.ask("TASKS"))
        self.assertIn("every 10ms at main.lua:9", rows)
        self.assertNotIn("every 20ms", rows)
        self.saker.wait_for_log("oops")

    def test_scripts_hear_each_other_and_the_events_of_services(self):
        self.begin({
            "a.lua": """
                heard = {}
                saker.subscribe("saker:*:off:*", function(channel)
                  heard[#heard + 1] = channel:match("[^:]*$")
                end)
                saker.subscribe("news", function(channel, text)
                  heard[#heard + 1] = text
                end)
                """ + self.command("return heard", "heard"),
            "b.lua": self.command(
                "return saker.publish('news', args[1])", "say"),
        }, services=SERVICES)
        self.assertEqual(self.ask("say", "hello"), 1)
        self.wait_until(lambda: "hello" in self.ask("heard"))
        self.ask("SVSTART", "off")
        self.wait_until(lambda: "running" in self.ask("heard"))
        self.ask("SVSTOP", "off")
        self.wait_until(lambda: "stopped" in self.ask("heard"))

    def test_a_script_that_is_unloaded_hears_nothing_any_more(self):
        self.begin("saker.subscribe('news*', print)")
        client = self.client()
        self.assertEqual(client.publish("news", "x"), 1)
        self.assertEqual(self.ask("UNLOAD", "main.lua"), "OK")
        self.wait_until(lambda: client.publish("news", "x") == 0)

    def test_q4_a_flood_of_messages_is_bounded_and_counted(self):
        self.begin("""
            seen, missed = 0, 0
            saker.subscribe("flood", function(_, text, lost)
              seen, missed = seen + 1, missed + lost
              saker.sleep(1)
            end)
            """ + self.command("return {seen, missed}"),
                   toml="[scripts]\nmessages = 10\n")
        pipe = self.client().pipeline(transaction=False)
        for i in range(5000):
            pipe.publish("flood", i)
        pipe.execute()
        other = self.client()

        def all_there():
            other.publish("flood", "last")
            seen, missed = self.ask("test")
            return missed > 4000 and seen >= 10
        self.wait_until(all_there)
        self.saker.wait_for_log("messages come faster")
        self.assertEqual(self.saker.log().count("messages come faster"), 1)

    def test_an_event_of_a_script_has_its_own_channel(self):
        self.begin(self.command(
            "return (saker.event('backup.done', {files = 3}))"))
        events = self.client().pubsub()
        events.psubscribe("saker:*")
        events.get_message(timeout=5)
        id_ = self.ask("test")
        self.assertRegex(id_, r"^\d+-\d+$")
        message = events.get_message(timeout=5)
        self.assertEqual(message["channel"],
                         "saker:test:script/main:backup.done")
        payload = json.loads(message["data"])
        ts = payload.pop("ts")
        self.assertLess(abs(ts / 1000 - time.time()), 60)
        self.assertEqual(payload, {
            "id": id_, "node": "test", "script": "main.lua",
            "event": "backup.done", "data": {"files": 3}})
        self.assertLess(id_, self.ask("test"))

    # -- files -------------------------------------------------------------------

    def test_the_directory_is_that_of_one_script(self):
        one = self.command("saker.cd(args[1]) return {saker.pwd(), "
                           "(saker.popen('pwd')), saker.exec('pwd').out}")
        self.begin({"a.lua": one,
                    "b.lua": self.command("return saker.pwd()", "other")})
        self.assertEqual(self.ask("test", "/tmp"),
                         ["/tmp", "/tmp\n", "/tmp\n"])
        self.assertEqual(self.ask("other"), "/")

    def test_files_are_listed_walked_and_copied(self):
        self.begin(
            self.command("saker.cd(args[1]) return {saker.ls('.'), "
                         "saker.walk('.', '*.txt'), saker.cp('d', 'e'), "
                         "saker.walk('e'), saker.cp('none', 'x') == nil}"))
        base = self.saker.dir / "files"
        (base / "d/deep").mkdir(parents=True)
        (base / "d/a.txt").write_text("a")
        (base / "d/deep/b.txt").write_text("b")
        (base / "d/deep/c").write_text("c")
        ls, walk, cp, copied, failed = self.ask("test", str(base))
        self.assertEqual(ls, ["d"])
        self.assertEqual(walk, ["./d/a.txt", "./d/deep/b.txt"])
        self.assertEqual(cp, 1)
        self.assertEqual(copied, ["e/a.txt", "e/deep/b.txt", "e/deep/c"])
        self.assertEqual(failed, 1)
        self.assertEqual((base / "e/deep/c").read_text(), "c")

    def test_a_long_walk_keeps_nobody_waiting(self):
        self.begin(self.command("return #(saker.walk('/usr/share') or {0})",
                                "long") + self.command("return 'here'"))
        done = []
        other = self.client(socket_timeout=60)
        thread = threading.Thread(
            target=lambda: done.append(other.execute_command("long")))
        thread.start()
        for _ in range(20):
            self.assertEqual(self.ask("test"), "here")
        thread.join(60)
        self.assertGreater(done[0], 0)

    # -- processes ---------------------------------------------------------------

    def test_popen_gives_text_and_code(self):
        self.begin(self.command("return {saker.popen(args[1])}"))
        self.assertEqual(self.ask("test", "echo a; exit 3"), ["a\n", 3])
        self.assertEqual(self.ask("test", "kill -9 $$"), ["", 137])

    def test_pidof_and_kill_mean_one_process(self):
        self.begin(self.command("return saker.pidof(args[1], args[2])", "pidof")
                   + self.command("return saker.kill(tonumber(args[1]), "
                                  "args[2])", "kill"))
        child = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        file = self.saker.dir / "child.pid"
        file.write_text(f"{child.pid}\n")
        self.assertEqual(self.ask("pidof", str(file)), child.pid)
        self.assertEqual(self.ask("pidof", str(file), "^sleep 1000$"),
                         child.pid)
        with self.assertRaisesRegex(Exception, "does not match"):
            self.ask("pidof", str(file), "nginx")
        self.assertEqual(self.ask("kill", child.pid, "0"), 1)
        self.assertEqual(self.ask("kill", child.pid, "TERM"), 1)
        self.assertEqual(child.wait(10), -signal.SIGTERM)
        with self.assertRaisesRegex(Exception, "no such process"):
            self.ask("pidof", str(file))
        for pid in (1, self.saker.node_pid(), self.saker.keeper_pid()):
            with self.assertRaisesRegex(Exception, "Saker itself|never"):
                self.ask("kill", pid, "TERM")

    def test_kill_does_not_reach_strangers(self):
        self.begin(self.command("return saker.kill(tonumber(args[1]), "
                                "args[2])", "kill")
                   + """saker.register("kill-any", function(args)
                       return saker.kill(tonumber(args[1]), args[2])
                     end, PROP_PASSIVITY, {right = "admin"})""",
                   services=SERVICES)
        stranger = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        with self.assertRaisesRegex(Exception, "neither started by Saker"):
            self.ask("kill", stranger.pid, "TERM")
        self.assertEqual(self.ask("kill", stranger.pid, "0"), 1)  # only asks
        self.assertIsNone(stranger.poll())
        # What Saker started, and what was found, may be signalled.
        self.saker.wait_for_state("web:0", "running")
        before = self.saker.pid("web:0")
        self.assertEqual(self.ask("kill", before, "KILL"), 1)
        self.wait_until(lambda: self.saker.pid("web:0") not in (0, before))
        self.assertEqual(self.ask("kill-any", stranger.pid, "TERM"), 1)
        self.assertEqual(stranger.wait(10), -signal.SIGTERM)
        self.assertEqual(self.ask("PING"), True)

    def test_q11b_adopted_programs_outlive_script_and_node(self):
        self.begin(self.command("""
            local pid, pidfile = saker.adopt {
              cmd = "sleep", args = {"1000"}, name = "nap", umask = "027",
              dir = "/tmp", pidfile = args[1], stdout = args[2]}
            if not pid then return nil, pidfile end
            return {pid, pidfile}""")
                   + self.command("return saker.pidof(args[1])", "pidof"))
        file = str(self.saker.runtime_dir / "nap.pid")
        log = str(self.saker.state_dir / "nap.log")
        pid, shown = self.ask("test", file, log)
        self.assertEqual(shown, file)
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/tmp")
        self.assertIn("Umask:\t0027",
                      pathlib.Path(f"/proc/{pid}/status").read_text())
        self.assertEqual(self.ask("pidof", file), pid)
        self.assertEqual(self.saker.status("nap")["nap"]["pid"], pid)
        # Twice under one name is refused.
        with self.assertRaisesRegex(Exception, "not ended yet"):
            self.ask("test", file, log)
        self.ask("UNLOAD", "main.lua")
        self.saker.kill_node()
        self.saker.wait_for_ping()
        self.ask = self.client().execute_command
        self.wait_until(lambda: self.saker.pid("nap") == pid)
        self.ask("SVSTOP", "nap", "WAIT", "10000")
        self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_adopt_as_it_was_called_before(self):
        self.begin(self.command("return saker.adopt(nil, args[1])"))
        pid = self.ask("test", "sleep '1000'")
        self.assertEqual(
            pathlib.Path(f"/proc/{pid}/cmdline").read_bytes(),
            b"sleep\0001000\0")
        with self.assertRaisesRegex(Exception, "ENOENT|No such file"):
            self.ask("test", "/nowhere/program")
        # The same binary once more.
        other = self.ask("test", "sleep 1001")
        self.assertNotEqual(pid, other)
        rows = self.saker.status()
        self.assertEqual((rows["sleep"]["pid"], rows["sleep-2"]["pid"]),
                         (pid, other))
        self.ask("SVSTOP", "sleep*", "WAIT", "10000")

    def test_adopt_with_pidfile_and_user_as_it_was_called_before(self):
        self.begin(self.command(
            "local pid, file = saker.adopt(args[1], args[2], args[3]) "
            "if not pid then return nil, file end return {pid, file}"))
        user = pwd.getpwuid(os.geteuid()).pw_name
        found = {}
        for name in ("s", "s3"):
            file = str(self.saker.runtime_dir / f"{name}.pid")
            pid, shown = self.ask("test", file, "sleep 779", user)
            self.assertEqual(shown, file)
            self.assertEqual(int(pathlib.Path(file).read_text()), pid)
            found[name] = pid
        rows = self.saker.status()
        self.assertEqual({x: rows[x]["pid"] for x in rows}, found)
        with self.assertRaisesRegex(Exception, '"s" has not ended yet'):
            self.ask("test", str(self.saker.runtime_dir / "s.pid"),
                     "sleep 779")
        with self.assertRaisesRegex(Exception, "nobody-is-called-so"):
            self.ask("test", str(self.saker.runtime_dir / "s4.pid"),
                     "sleep 779", "nobody-is-called-so")

    # -- services ----------------------------------------------------------------

    def test_services_are_tables_with_methods(self):
        self.begin(
            self.command("local out = {} for _, x in ipairs(saker.services()) "
                         "do out[#out + 1] = x.name .. ' ' .. x.state end "
                         "return out", "list")
            + self.command("local x = assert(saker.service(args[1])) return "
                           "{x.name, x.state, #x.instances}", "one")
            + self.command("local x = assert(saker.service(args[1])) "
                           "local ok, why = x[args[2]](x, args[3]) "
                           "if not ok then return nil, why end "
                           "return x:status().state", "do"),
            services=SERVICES)
        for name in "web:0", "web:1":
            self.saker.wait_for_state(name, "running")
        self.assertEqual(self.ask("list"), ["off stopped", "web:0 running",
                                            "web:1 running"])
        self.assertEqual(self.ask("one", "web"), ["web", "running", 2])
        self.assertEqual(self.ask("one", "web:1"), ["web:1", "running", 1])
        with self.assertRaisesRegex(Exception, "NOSERVICE"):
            self.ask("one", "wbe")
        self.assertEqual(self.ask("do", "off", "start"), "running")
        pid = self.saker.pid("off")
        self.assertEqual(self.ask("do", "off", "restart") in
                         ("running", "starting", "stopping"), True)
        self.wait_until(lambda: self.saker.pid("off") not in (0, pid))
        self.ask("do", "off", "signal", "STOP")
        self.ask("do", "off", "stop")
        self.saker.wait_for_state("off", "stopped")
        with self.assertRaisesRegex(Exception, "off"):
            self.ask("do", "off", "signal", "HUP")  # no process

    # -- sysinfo -----------------------------------------------------------------

    def test_sysinfo_takes_a_unit_that_is_nil_as_none(self):
        self.begin(self.command(
            "local unit return (saker.sysinfo('system.mem.total', unit, nil))"))
        self.assertEqual(self.ask("test"),
                         self.ask("SYSINFO", "system.mem.total"))

    def test_sysinfo_is_a_command_and_a_function(self):
        self.begin(self.command(
            "return (saker.sysinfo(table.unpack(args)))"))
        total = self.ask("SYSINFO", "system.mem.total")
        self.assertEqual(total, self.ask("test", "system.mem.total"))
        self.assertEqual(total // 1024,
                         self.ask("sysinfo", "SYSTEM.mem.total", "kb"))
        self.assertEqual(self.ask("SYSINFO", "system.cpu.num.online"),
                         os.cpu_count())
        node = json.loads(self.ask("SYSINFO", "system.proc.all",
                                   self.saker.node_pid()))
        self.assertEqual(node["Name"], "saker-node")
        self.assertGreater(node["RES"], 1000)
        with self.assertRaisesRegex(Exception, "did you mean"):
            self.ask("SYSINFO", "system.mem.totl")
        with self.assertRaisesRegex(Exception, "wrong number of arguments"):
            self.ask("SYSINFO")
        self.assertIn("figure of the machine",
                      str(self.ask("COMMAND DOCS", "sysinfo")))

    def test_q7_a_listing_survives_processes_that_end(self):
        self.begin("")
        churn = subprocess.Popen(
            ["sh", "-c", "while :; do for i in 1 2 3 4 5 6 7 8; do /bin/true & "
             "done; wait; done"], start_new_session=True)

        def end():
            os.killpg(churn.pid, signal.SIGKILL)
            churn.wait()
        self.addCleanup(end)
        for _ in range(30):
            ids = json.loads(self.ask("SYSINFO", "system.proc.id", "all"))
            self.assertIn(os.getpid(), ids)
            self.assertIn(self.saker.node_pid(), ids)

    # -- modules -----------------------------------------------------------------

    def test_q10_compiled_modules_of_debian_work(self):
        harness.need_lua_modules(self, "cjson", "lpeg", "socket")
        self.begin("""
            local cjson, lpeg = require "cjson", require "lpeg"
            local socket, mime = require "socket", require "mime"
            """ + self.command("""
              local words = lpeg.C(lpeg.R "az" ^ 1) * (" "
                            * lpeg.C(lpeg.R "az" ^ 1)) ^ 0
              local ok, why = pcall(cjson.decode, "{")
              return {cjson.encode {1, 2}, words:match "one two",
                      mime.b64 "abc", socket.gettime() > 1.6e9,
                      ok == false and type(why) == "string",
                      json.encode(cjson.decode '{"a": [1]}')}"""))
        self.assertEqual(self.ask("test"), [
            "[1,2]", "one", "YWJj", 1, 1, '{"a":[1]}'])

    def test_q10_path_and_cpath_come_from_the_configuration(self):
        harness.need_lua_modules(self, "cjson")
        saker = self.make(
            scripts=self.command(
                "return {require('own').name, require('cjson').encode {1}}"),
            toml='[scripts]\npath = "lib/?.lua"\n'
                 'cpath = "/usr/lib/x86_64-linux-gnu/lua/5.2/?.so"\n')
        folder = saker.scripts_dir / "lib"
        folder.mkdir()
        (folder / "own.lua").write_text("return {name = 'mine'}")
        saker.start()
        self.assertEqual(self.client().execute_command("test"),
                         ["mine", "[1]"])

    # -- limits ------------------------------------------------------------------

    def test_limits_come_from_the_configuration(self):
        self.begin(self.command("""
            local out = {}
            for i = 1, 3 do
              out[i] = saker.after("1h", print) and 1 or 0
              out[i + 3] = saker.subscribe("x", print) and 1 or 0
            end
            return out"""),
            toml="[scripts]\ntimers = 2\nsubscriptions = 1\n")
        self.assertEqual(self.ask("test"), [1, 1, 0, 1, 0, 0])


if __name__ == "__main__":
    unittest.main()
