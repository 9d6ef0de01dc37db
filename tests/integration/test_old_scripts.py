"""Each file of scripts/examples, in a real Saker."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from services_harness import table  # noqa: E402

EXAMPLES = harness.ROOT / "scripts" / "examples"

# What there has been from the beginning, under these names; `sysinfo` was
# sysinfo_proc. A file that is gone, or new, has to be told here.
KNOWN = set("""adopt angell args db defer errlog exec fileinfo json listdir md5 pidof
    procinfo publish redis remotecall sqlite3 sysinfo tailf test_mem uuid walk
    module watch""".split())


class OldScriptsTest(harness.TestCase):
    def begin(self, *names, **more):
        scripts = {f"{x}.lua": (EXAMPLES / f"{x}.lua").read_text()
                   for x in names}
        self.start(scripts=scripts, **more)
        self.ask = self.client().execute_command
        for name in names:
            self.assertNotIn("failed", [
                table(x)["state"] for x in self.ask("TASKS")], name)

    def listen(self, *channels):
        subscriber = self.client().pubsub()
        subscriber.subscribe(*channels)
        for _ in channels:
            subscriber.get_message(timeout=5)
        return subscriber

    def next_message(self, subscriber, deadline=10):
        message = subscriber.get_message(timeout=deadline)
        self.assertIsNotNone(message, "no message")
        return message["channel"], message["data"]

    def test_all_of_them_are_here(self):
        tested = {name.removeprefix("test_")
                  for name in dir(self) if name.startswith("test_")}
        there = {file.stem for file in EXAMPLES.glob("*.lua")}
        self.assertEqual(there, KNOWN)
        self.assertLessEqual(KNOWN, tested)
        table = (EXAMPLES / "README.md").read_text()
        for name in KNOWN:
            self.assertIn(f"| `{name}.lua` |", table)
        for file in EXAMPLES.glob("*.svr"):
            self.assertIn(f"`{file.name}`", table)

    def test_adopt(self):
        self.begin("adopt")
        one, two = (str(self.saker.runtime_dir / x)
                    for x in ("one.pid", "two.pid"))
        first = harness.process(self.ask("adopt", one, "sleep 777"))
        second = harness.process(self.ask("adopt", two, "sleep '779'"))
        self.assertEqual(sorted(self.saker.status()), ["one", "two"])
        self.assertEqual(pathlib.Path(two).read_text().strip(),
                         str(second.pid))
        with self.assertRaisesRegex(Exception, "has not ended yet"):
            self.ask("adopt", one, "sleep 777")
        self.ask("UNLOAD", "adopt.lua")
        self.wait_until(lambda: not second.alive(), what="its last one ended")
        self.assertTrue(first.alive())

    def load_svr(self, name, *edits):
        """A sample file, with paths of this Saker; how many services."""
        text = (EXAMPLES / name).read_text()
        for old, new in (("/run/", f"{self.saker.runtime_dir}/"), *edits):
            self.assertIn(old, text)
            text = text.replace(old, new)
        folder = self.saker.dir / "svr"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)
        return self.ask("angell-load", str(folder))

    def angell(self, *words):
        """The answer for each service: 0 or 1, and a text."""
        reply = table(self.ask(*words))
        return {name: (table(x)["code"], table(x)["desc"])
                for name, x in reply.items()}

    def define(self, name):
        self.saker.write_services(
            {f"{name}.lua": self.ask("angell-definition", name)})
        self.assertEqual(table(self.ask("SVAPPLY"))["errors"], [])

    def test_angell(self):
        self.begin("angell")
        self.assertEqual(self.load_svr("full.svr"), 2)

        def nap():
            code, text = self.angell("angell-status", "nap")["nap"]
            return code == 0 and int(text.removeprefix("Running, pid "))
        first = harness.process(self.wait_until(nap, what="it is started"))
        os.kill(first.pid, 9)
        self.wait_until(lambda: nap() not in (False, first.pid),
                        what="it is started again")
        code, text = self.angell("angell-start", "doze")["doze"]
        self.assertEqual(code, 1)
        self.assertIn("into services/doze.lua", text)
        self.define("doze")
        code, text = self.angell("angell-start", "doze")["doze"]
        self.assertEqual(code, 0, text)
        self.assertIn("started with", text)
        self.assertEqual(self.angell("angell-stop", "%night"),
                         {"nap": (0, "ok"), "doze": (0, "ok")})
        self.assertEqual(self.angell("angell-status"),
                         {"nap": (0, "Stopped"), "doze": (0, "Stopped")})
        self.assertTrue(any("started with" in x
                            for x in self.ask("angell-life", "nap")))
        with self.assertRaisesRegex(Exception, 'no service or group "nup"'):
            self.ask("angell-start", "nap", "nup")
        (self.saker.dir / "svr/bad.svr").write_text('{"x": {}}')
        with self.assertRaisesRegex(Exception, "x: pidfile is missing"):
            self.ask("angell-load", str(self.saker.dir / "svr"))
        self.assertEqual(len(self.angell("angell-status")), 2)

    def test_angell_with_the_small_sample(self):
        self.begin("angell")
        config = self.saker.dir / "nginx.conf"
        config.write_text(f"""
            pid {self.saker.runtime_dir}/nginx.pid;
            error_log {self.saker.dir}/error.log;
            events {{}}
            http {{ access_log off;
                    server {{ listen 127.0.0.1:{harness.free_port()}; }} }}""")
        self.assertEqual(self.load_svr(
            "mini.svr", ('"scmd": "nginx"', f'"scmd": "nginx -c {config}"')), 1)
        self.define("nginx")
        code, text = self.angell("angell-start", "nginx")["nginx"]
        self.assertEqual(code, 0, text)
        self.assertEqual(self.angell("angell-stop", "nginx")["nginx"],
                         (0, "ok"))

    def test_exec(self):
        self.begin("exec")
        self.assertEqual(self.ask("exec-wait", "sh", "-c", "echo a; exit 3"),
                         [3, "a\n"])
        with self.assertRaisesRegex(Exception, "took too long"):
            self.ask("exec-wait", "sleep", "1000")
        app = str(EXAMPLES / "app.sh")
        first = harness.process(self.ask("exec-begin", app))
        self.assertTrue(first.alive())
        with self.assertRaisesRegex(Exception, "runs already"):
            self.ask("exec-begin", app)
        self.assertEqual(self.ask("exec-end"), 1)
        self.wait_until(lambda: not first.alive())
        self.assertIsNone(self.ask("exec-end"))
        second = harness.process(self.ask("exec-begin", app))
        self.ask("UNLOAD", "exec.lua")
        self.wait_until(lambda: not second.alive(), what="it ends with it")
        self.saker.wait_for_log("what was begun has been ended")

    def test_args(self):
        self.begin("args")
        self.assertEqual(self.ask("args", "a", "b c", ""), ["a", "b c", ""])
        self.assertEqual(self.ask("args"), [])

    def test_db(self):
        self.begin("db")
        self.assertEqual(self.ask("db-set", "k", "v"), "OK")
        self.assertEqual(self.ask("db-get", "k"), "v")
        self.assertIsNone(self.ask("db-get", "none"))
        self.ask("db-set", "a", "1")
        self.assertEqual(self.ask("db-keys"), ["a", "k"])
        self.assertEqual(self.ask("db-size"), 2)
        self.assertEqual(self.ask("db-select", "3"), "OK")
        self.assertEqual(self.ask("db-size"), 0)
        with self.assertRaisesRegex(Exception, "0 to 15"):
            self.ask("db-select", "16")
        with self.assertRaisesRegex(Exception, "wrong number of arguments"):
            self.ask("db-get")

    def test_defer(self):
        self.begin("defer")
        self.assertNotIn("good night", self.saker.log())
        self.assertEqual(self.saker.stop(), 0)
        self.assertIn("good night", self.saker.log())

    def test_errlog(self):
        self.begin("errlog")
        self.assertEqual(self.ask("errlog"), "see the log")
        self.saker.wait_for_log("stack traceback")
        self.saker.wait_for_log("errlog.lua:3 in deeper")

    def test_fileinfo(self):
        self.begin("fileinfo")
        info = table(self.ask("fileinfo", "/etc/passwd"))
        self.assertEqual(info["SIZE"], os.stat("/etc/passwd").st_size)
        with self.assertRaisesRegex(Exception, "No such file"):
            self.ask("fileinfo", "/none")

    def test_json(self):
        self.begin("json")
        text = '{"b": [1, {"x": null}], "a": {}, "c": []}'
        pretty = self.ask("json-pretty", text)
        self.assertEqual(json.loads(pretty), json.loads(text))
        self.assertEqual(pretty.splitlines()[1], '  "a": {},')
        with self.assertRaisesRegex(Exception, "no JSON"):
            self.ask("json-pretty", "{")

    def test_listdir(self):
        self.begin("listdir")
        (self.saker.dir / "list").mkdir()
        for name in ("b.txt", "a", "c.txt"):
            (self.saker.dir / "list" / name).touch()
        path = str(self.saker.dir / "list")
        self.assertEqual(self.ask("listdir", path), ["a", "b.txt", "c.txt"])
        self.assertEqual(self.ask("listdir", path, "*.txt"),
                         ["b.txt", "c.txt"])

    def test_md5(self):
        self.begin("md5")
        self.assertEqual(self.ask("md5", "abc"),
                         "900150983cd24fb0d6963f7d28e17f72")

    def test_module(self):
        harness.need_lua_modules(self, "lpeg", "socket")
        self.begin("module")
        self.assertEqual(self.ask("sum", "1+2+39"), 42)
        with self.assertRaisesRegex(Exception, "write numbers"):
            self.ask("sum", "1+")
        self.assertEqual(self.ask("base64", "abc"), "YWJj")

    def test_pidof(self):
        self.begin("pidof")
        child = subprocess.Popen(["sleep", "12345"])
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        file = self.saker.dir / "a.pid"
        file.write_text(str(child.pid))
        self.assertEqual(self.ask("pidof", str(file), "^sleep 12345"),
                         child.pid)
        with self.assertRaisesRegex(Exception, "no process matches"):
            self.ask("pidof-match", f"no-such-{os.getpid()}-name")

    def test_procinfo(self):
        self.begin("procinfo")
        rows = [table(x) for x in self.ask("procinfo", "saker-node")]
        self.assertIn(self.saker.node_pid(), [x["PID"] for x in rows])
        with self.assertRaisesRegex(Exception, "no process is called"):
            self.ask("procinfo", "nobody-is-called-so")

    def test_publish(self):
        self.begin("publish")
        channel, text = self.next_message(self.listen("foo"))
        self.assertEqual(channel, "foo")
        self.assertRegex(text, r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")

    def test_redis(self):
        self.begin("redis")
        self.assertEqual(self.ask("redis", "127.0.0.1", self.saker.port,
                                  "ECHO", "a b; echo c"), "a b; echo c")
        with self.assertRaisesRegex(Exception, "Could not connect"):
            self.ask("redis", "127.0.0.1", 1, "PING")

    def test_remotecall(self):
        self.begin("remotecall")
        self.assertEqual(self.ask("system", "echo", "$((1+1));", "exit", "3"),
                         ["2\n", 3])

    def test_sqlite3(self):
        harness.need_lua_modules(self, "luasql/sqlite3")
        self.begin("sqlite3")
        self.wait_until(lambda: self.ask("sqlite-count") >= 1)

    def test_sysinfo(self):
        self.begin("sysinfo")
        info = table(self.ask("sysinfo-all"))
        self.assertGreater(info["uptime"], 0)
        self.assertGreater(info["memory-available"], 0)

    def test_tailf(self):
        self.begin("tailf")
        file = self.saker.dir / "a.log"
        file.write_text("old\n")
        heard = self.listen("log", "log-errors")
        self.assertEqual(self.ask("tailf", str(file)), f"following {file}")
        with open(file, "a") as log:
            log.write("one\nan ERROR\nhal")
        self.assertEqual(self.next_message(heard), ("log", "one"))
        self.assertEqual(self.next_message(heard), ("log", "an ERROR"))
        self.assertEqual(self.next_message(heard), ("log-errors", "an ERROR"))
        with open(file, "a") as log:
            log.write("f\n")
        self.assertEqual(self.next_message(heard), ("log", "half"))
        file.write_text("new\n")  # rotated
        self.assertEqual(self.next_message(heard), ("log", "new"))

    def test_test_mem(self):
        self.begin("test_mem")
        self.wait_until(lambda: self.ask("test-mem")[0] >= 20)
        before = self.ask("test-mem")
        self.wait_until(lambda: self.ask("test-mem")[0] >= before[0] + 50)
        self.assertLess(self.ask("test-mem")[1], before[1] + 100)

    def test_uuid(self):
        self.begin("uuid")
        self.assertNotEqual(self.ask("uuid"), self.ask("uuid"))

    def test_walk(self):
        self.begin("walk")
        (self.saker.dir / "w/deep").mkdir(parents=True)
        (self.saker.dir / "w/deep/x.txt").touch()
        path = str(self.saker.dir / "w")
        self.assertEqual(self.ask("walk", path), [path + "/deep/x.txt"])
        self.assertEqual(self.ask("walk", path, "*.lua"), [])

    def test_watch(self):
        self.begin("watch", services="""
            service "bad" {exec = {"sh", "-c", "exit 78"}, autostart = false,
                           exit = {[78] = "fatal"}}""")
        chance = self.client().pubsub()
        chance.psubscribe("saker:*:second-chance")
        chance.get_message(timeout=5)
        self.ask("SVSTART", "bad")
        channel, text = self.next_message(chance)
        self.assertEqual(channel, "saker:test:script/watch:second-chance")
        self.assertEqual(json.loads(text)["data"], {"service": "bad"})
        self.wait_until(lambda: any(x.endswith("bad:failed")
                                    for x in self.ask("last-events")))


if __name__ == "__main__":
    unittest.main()
