"""Bad input: every refusal says what, where and why, and breaks nothing."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402
from saker_harness import (BIN, free_port, process_or_none,  # noqa: E402
                           programs_for_everybody, wait_until)

SLEEP = '{"sleep", "1000"}'
WEB = f'service "web" {{exec = {SLEEP}}}\n'


class BadInputTest(saker_harness.TestCase):
    def ends(self, saker, deadline=20):
        """Starts it, expects that it ends by itself: (status, output)."""
        before = len(saker.log())
        saker.launch()
        return saker.wait_for_exit(deadline), saker.log()[before:]

    def refused(self, status, *lines, **options):
        """A start that ends with `status`, and regular expressions for lines
        of what it says."""
        saker = self.make(**options)
        got, text = self.ends(saker)
        self.assertEqual(got, status, text)
        for line in lines:
            self.assertRegex(text, f"(?m){line}")
        return text

    def fails(self, error, *words):
        """A command of the first Saker that is refused."""
        with self.assertRaisesRegex(redis.ResponseError, error):
            self.saker.client().execute_command(*words)


class Configuration(BadInputTest):
    def test_every_mistake_has_a_line_a_reason_and_a_hint(self):
        text = self.refused(
            78,
            r"^saker: check configuration: 5 errors$",
            r"/saker\.toml:1: listn: unknown key "
            r'\(did you mean "listen"\?\)$',
            r"/saker\.toml:2: max-clients: must be a whole number, not text$",
            r'/saker\.toml:4: limits\.bulk: .*"lots"',
            r"/saker\.toml:6: web\.listen: not available yet$",
            r"/saker\.toml:7: scrpts: unknown key "
            r'\(did you mean "scripts"\?\)$',
            toml='listn = []\nmax-clients = "many"\n[limits]\n'
                 'bulk = "lots"\n[web]\nlisten = "127.0.0.1:1"\n[scrpts]\n')
        self.assertNotIn("ready on", text)

    def test_what_is_no_toml(self):
        self.refused(78, r"/saker\.toml:2: not TOML: ", toml="\nlisten = [\n")

    def test_wrong_options(self):
        saker = self.make()
        for words, status, error in [
                (["--bogus"], 2, "--bogus"),
                (["--set", "nod=x"], 78, 'nod.*did you mean "node"'),
                (["--listen", "localhost"], 78, "localhost.*write for example"),
                (["--listen", "127.0.0.1:70000"], 78, "1 to 65535"),
                (["--listen", "unix:" + "x" * 108], 78, "107")]:
            saker.arguments = words
            status_, text = self.ends(saker)
            self.assertEqual(status_, status, text)
            self.assertRegex(text, error)
        for words, error in [([], "no command"),
                             (["rnu"], 'did you mean "run"'),
                             (["run", "--config", "/none/x.toml"],
                              "/none/x.toml")]:
            done = subprocess.run([BIN / "saker"] + words, text=True,
                                  stdin=subprocess.DEVNULL, timeout=20,
                                  capture_output=True)
            self.assertIn(done.returncode, (2, 78))
            self.assertRegex(done.stderr, f"^saker: (?s:.*){error}")

    def test_files_that_others_may_write(self):
        saker = self.make(services=WEB)
        (saker.dir / "saker.toml").chmod(0o666)
        status, text = self.ends(saker)
        self.assertEqual(status, 78)
        self.assertRegex(text, r"saker\.toml.*chmod o-w .*/saker\.toml")
        (saker.dir / "saker.toml").chmod(0o644)
        (saker.services_dir / "main.lua").chmod(0o666)
        status, text = self.ends(saker)
        self.assertEqual(status, 78)
        self.assertRegex(text, r"main\.lua.*chmod o-w .*/main\.lua")

    def test_directories_that_cannot_be_used(self):
        for prepare, error in [
                (lambda x: x.mkdir(mode=0o755) or x.chmod(0o777),
                 r"/state: others may write it; type: chmod go-w /"),
                (lambda x: x.write_text(""), r"/state: Not a directory"),
                (lambda x: x.symlink_to("/nowhere"), "/state: ")]:
            for name in ("state_dir", "runtime_dir"):
                saker = self.make()
                folder = saker.dir / "state"
                setattr(saker, name, folder)
                prepare(folder)
                status, text = self.ends(saker)
                self.assertIn(status, (1, 78), text)
                self.assertRegex(text, error)

    def test_t_r7_a_state_directory_that_may_not_be_written(self):
        """As somebody else than root, whom nothing stops."""
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            os.chmod(folder, 0o755)
            home = pathlib.Path(folder, "home")
            home.mkdir()
            os.chown(home, 33, 33)
            done = subprocess.run(
                ["setpriv", "--reuid=www-data", "--regid=www-data",
                 "--clear-groups", programs_for_everybody() / "saker", "run",
                 "--state-dir", f"{folder}/state",
                 "--runtime-dir", f"{home}/run",
                 "--listen", f"127.0.0.1:{free_port()}"],
                env={"HOME": str(home), "PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=20)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertRegex(done.stderr, f"^saker: .*{folder}/state: "
                                          "Permission denied")


class Second(BadInputTest):
    """What is there already wins."""

    def setUp(self):
        super().setUp()
        self.first = self.start(services=WEB)
        self.wait_until(lambda: self.first.state("web") == "running")
        self.child = self.first.children()

    def tearDown(self):
        self.assertEqual(self.first.children(), self.child)
        self.assertEqual(self.first.state("web"), "running")
        self.assertEqual(self.first.status("web")["web"]["restarts"], 0)

    def test_q1_t_r7_an_instance_in_the_same_directories(self):
        for shared in (["runtime_dir", "state_dir"], ["state_dir"]):
            second = self.make(services=WEB)
            for name in shared:
                setattr(second, name, getattr(self.first, name))
            status, text = self.ends(second)
            self.assertEqual(status, 3, text)
            self.assertRegex(
                text, r"another Saker runs here: .*held by pid "
                f"{self.first.keeper_pid()} since "
                r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")

    def test_q1_t_r7_a_port_of_another_instance(self):
        second = self.make(port=self.first.port)
        status, text = self.ends(second)
        self.assertEqual(status, 3, text)
        self.assertRegex(text, f"listen on 127.0.0.1:{self.first.port}: .*"
                               r"saker-keeper \(pid "
                               f"{self.first.keeper_pid()}, since "
                               r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\) has it")

    def test_t_r7_a_port_of_a_foreign_program(self):
        """Named, also where it is a UNIX socket."""
        with socket.socket() as tcp, \
                socket.socket(socket.AF_UNIX) as local:
            tcp.bind(("127.0.0.1", 0))
            tcp.listen()
            second = self.make(services=WEB, port=tcp.getsockname()[1])
            local.bind(str(second.dir / "taken.sock"))
            local.listen()
            me = rf"python3 \(pid {os.getpid()}, since .*Z\) has it"
            status, text = self.ends(second)
            self.assertEqual(status, 3, text)
            self.assertRegex(text, rf"listen on 127\.0\.0\.1:{second.port}: "
                                   f".*EADDRINUSE.*{me}")
            second.port = free_port()
            second.socket = second.dir / "taken.sock"
            status, text = self.ends(second)
            self.assertEqual(status, 3, text)
            self.assertRegex(text, rf"listen on unix:{second.socket}: .*{me}")
            # One that may be missing is no reason.
            second.socket = second.runtime_dir / "saker.sock"
            second.arguments = [
                "--listen", f"-127.0.0.1:{tcp.getsockname()[1]}"]
            second.start()
            self.wait_until(  # the log is written behind
                lambda: "optional, so Saker goes on" in second.log())
            self.wait_until(lambda: second.state("web") == "running")

    def test_a_port_that_is_lost_while_children_live(self):
        """No reason to leave them alone: it goes on and tries again."""
        saker = self.make(services=WEB).start()
        self.wait_until(lambda: saker.state("web") == "running")
        before = saker.children()
        saker.kill_keeper()
        # The node needs a moment to follow its keeper.
        with self.wait_until(
                lambda: socket.create_server(("127.0.0.1", saker.port))):
            saker.launch()
            unix = saker.client(unix_socket_path=str(saker.socket))
            self.wait_until(unix.ping)
            self.assertEqual(saker.children(), before)
            os.kill(before["web#0"].pid, signal.SIGKILL)
            self.assertEqual(unix.execute_command(
                "SVWAIT", "web", "running", "9000"), 1)
            self.wait_until(lambda: saker.children() not in ({}, before))
            saker.wait_for_log(rf"{saker.port}: .*EADDRINUSE.* has it; "
                               ".*services live")
        saker.wait_for_ping()
        saker.wait_for_log(f"ready on 127.0.0.1:{saker.port} too")


class Definitions(BadInputTest):
    MISTAKES = {
        "a.lua": ('service "a" {exec = {"sleep"}, cuont = 2}',
                  r'a\.lua:1: service "a": there is no key "cuont" '
                  r'\(did you mean "count"\?\)'),
        "b.lua": ('\nservice "b" {exec = {"sleep", "1"},\n stop = "TREM"}',
                  r'b\.lua:[23]: service "b": stop: .*TREM.*did you mean '
                  r'"TERM"'),
        "c.lua": ('service "c" {exec = {"sleep"},\n',
                  r"c\.lua:2: .*expected"),
        "d.lua": ('service "d" {exec = {"sleep"}, needs = {}}',
                  r'd\.lua:1: service "d": needs is not available yet'),
        "e.lua": ('service "e" {}', r'e\.lua:1: service "e": exec is missing'),
        "f.lua": ('service "no space" {exec = {"sleep"}}',
                  r"f\.lua:1: .*no space"),
        "g.lua": ('srvice "g" {exec = {"sleep"}}',
                  r'g\.lua:1: .*srvice.*'),
        "h.lua": ("while true do end", r"h\.lua:1: "),
        "i.lua": ('local x = ("x"):rep(2^30)', r"i\.lua:1: "),
        "j.lua": ('service "web" {exec = {"sleep"}}',
                  r'main\.lua:1: service "web" is defined twice: .*j\.lua:1'),
        "k.lua": ('service "k" {exec = {"sleep"}, exit = {SEGV = "done"}}',
                  r'k\.lua:1: .*"SEGV".*did you mean "SIGSEGV"'),
        "l.lua": ('service "l" {exec = {"sleep"}, budget = "often"}',
                  r'l\.lua:1: .*budget: '),
        "m.lua": ('os.execute("true")', r"m\.lua:1: "),
        "n.lua": ("\0\x1bLua", r"n\.lua"),
    }

    def test_a_first_start_with_errors_only(self):
        files = {k: v for k, (v, _) in self.MISTAKES.items() if k != "j.lua"}
        lines = [error for k, (_, error) in self.MISTAKES.items()
                 if k != "j.lua"]
        self.refused(78, "^saker: start: no definition could be used:$",
                     *lines, services=files)

    def test_a_first_start_with_a_good_file_goes_on(self):
        self.start(services={"main.lua": WEB,
                             "a.lua": self.MISTAKES["a.lua"][0]})
        self.wait_for_state("web", "running")
        self.assertEqual(list(self.status()), ["web"])
        self.saker.wait_for_log(self.MISTAKES["a.lua"][1])

    def test_a_warning_in_the_log_is_one_by_its_level(self):
        self.start(services='service "a" {exec = {"nowhere"}, '
                            "autostart = false}")
        self.saker.wait_for_log(r" W \S*main\.lua:1: .*\"nowhere\"")
        self.assertNotIn("warning:", self.log())

    def test_t_c16_what_runs_is_untouched(self):
        saker = self.start(services=WEB)
        self.wait_for_state("web", "running")
        before = saker.children()
        saker.write_services({k: v for k, (v, _) in self.MISTAKES.items()})
        reply = saker.client().execute_command("SVAPPLY")
        reply = dict(zip(reply[::2], reply[1::2]))
        for key in ("add", "live", "restart", "remove"):
            self.assertEqual(reply[key], [])
        for _, error in self.MISTAKES.values():
            self.assertTrue([x for x in reply["errors"]
                             if re.search(error, x)],
                            f"{error}:\n" + "\n".join(reply["errors"]))
        self.assertEqual(list(saker.status()), ["web"])
        self.assertEqual(saker.children(), before)

    def test_a_restart_of_saker_over_living_children_goes_on(self):
        """78 is for a first start: with children the last applied text
        counts."""
        saker = self.start(services=WEB)
        self.wait_for_state("web", "running")
        before = saker.children()
        saker.kill_keeper()
        saker.write_services({"main.lua": "this is no Lua"})
        saker.write_toml('nonsense = 1\n[services]\ndir = "defs"\n')
        saker.start()
        self.assertEqual(saker.children(), before)
        self.wait_for_state("web", "running")
        saker.wait_for_log(r"saker\.toml:1: nonsense: unknown key")
        saker.wait_for_log(r"saker\.toml:3: services\.dir: there is no "
                           "directory")
        # The node alone, too.
        saker.kill_node()
        saker.wait_for_ping()
        self.assertEqual(saker.children(), before)
        # Without children it is a first start again.
        self.assertEqual(saker.stop(), 0)
        status, text = self.ends(saker)
        self.assertEqual(status, 78, text)
        self.assertNotIn("may still run", text)
        self.assertEqual(text.count("nonsense"), 1, text)

    def test_what_is_too_long_for_linux_harms_nobody(self):
        saker = self.start(
            services=WEB,
            scripts="""
                function big(a)
                  local x, why = saker.exec({"echo", a[1]})
                  return x and #x.out or why
                end
                saker.register("big", big, PROP_ONCE)""")
        self.wait_for_state("web", "running")
        node, before = saker.node_pid(), saker.children()
        saker.write_services({
            "main.lua": WEB,
            "big.lua": 'service "big" {\n  exec = {"true",\n'
                       '    string.rep("x", 5000000)}\n}'})
        client = saker.client()
        reply = client.execute_command("SVAPPLY")
        errors = dict(zip(reply[::2], reply[1::2]))["errors"]
        self.assertEqual(len(errors), 1, errors)
        self.assertRegex(errors[0], r"big\.lua:2: .*argument 2 has 5000000")
        self.assertEqual(client.execute_command("big", "x" * 100_000),
                         100_001)
        for size in (200_000, 1_100_000):
            self.assertIn("Argument list too long",
                          client.execute_command("big", "x" * size))
        self.assertEqual(saker.node_pid(), node)
        self.assertEqual(saker.children(), before)

    def test_only_root_may_start_services_as_somebody_else(self):
        if os.geteuid() != 0:
            self.skipTest("asks as root and as somebody else")
        saker = self.make()
        path = saker.services_dir / "main.lua"
        path.write_text(f'service "web" {{\n  exec = {SLEEP},\n'
                        '  user = "www-data",\n}')
        saker.dir.chmod(0o755)

        def check(**more):
            return subprocess.run(
                [programs_for_everybody() / "saker", "check", path],
                stdin=subprocess.DEVNULL,
                timeout=30, capture_output=True, text=True, **more)
        self.assertEqual(check().returncode, 0)
        done = check(user="nobody", extra_groups=[])
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stdout, r"main\.lua:3: .*only root may start "
                                      "services as somebody else")
        self.assertEqual(check(user="www-data", extra_groups=[]).returncode, 0)

    def test_check_names_the_same(self):
        saker = self.make()
        saker.write_services({k: v for k, (v, _) in self.MISTAKES.items()
                              if k != "j.lua"})
        files = sorted(saker.services_dir.glob("*.lua"))
        done = subprocess.run([BIN / "saker", "check", *files],
                              stdin=subprocess.DEVNULL, timeout=30,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        for name, (_, error) in self.MISTAKES.items():
            if name != "j.lua":
                self.assertRegex(done.stdout, error)
        good = saker.dir / "good.lua"
        good.write_text(WEB)
        done = subprocess.run([BIN / "saker", "check", good], timeout=30,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "1 service, 0 errors\n"))

    def test_check_finds_what_is_to_be_checked(self):
        saker = self.make(services={
            "a.lua": WEB, "b.lua": 'service "b" {exec = {"sleep", "1"}, '
                                   'after = {"nosuch"}}'})
        for path in (saker.dir, saker.services_dir):
            path.chmod(0o755)
        config = saker.dir / "check.toml"
        config.write_text(f'[services]\ndir = "{saker.services_dir}"\n')
        config.chmod(0o644)

        def check(*args):
            done = subprocess.run(
                [BIN / "saker", "check", *args], stdin=subprocess.DEVNULL,
                timeout=30, capture_output=True, text=True)
            return done.returncode, done.stdout, done.stderr
        for args in ([saker.services_dir], ["--config", config]):
            status, out, err = check(*args)
            self.assertEqual((status, err), (0, ""), out)
            self.assertIn(f"checked {saker.services_dir}\n", out)
            self.assertIn('after: there is no program "nosuch"; after is a '
                          "command run after each end, not an order of "
                          "services (needs, not available yet)\n", out)
            self.assertTrue(out.endswith("\n2 services, 0 errors\n"), out)
        self.assertIn(f"checked {config}\n", out)
        self.assertEqual(check(config),
                         (0, f"checked {config}\n0 services, 0 errors\n", ""))
        config.write_text("listne = 1\n")
        for args in ([config], ["--config", config]):
            status, out, err = check(*args)
            self.assertEqual((status, err), (1, ""), out)
            self.assertRegex(out, r'check\.toml:1: .*did you mean "listen"')
            self.assertTrue(out.endswith("0 services, 1 error\n"), out)
        config.write_text('[services]\ndir = "defs"\n')
        status, out, err = check("--config", config)
        self.assertEqual((status, err), (1, ""), out)
        self.assertIn(f"{config}:2: services.dir: there is no directory "
                      f"{saker.dir}/defs; make it, or correct the path\n", out)
        empty = saker.dir / "empty"
        empty.mkdir()
        self.assertIn("there are no *.lua files in it", check(empty)[1])


class Scripts(BadInputTest):
    def test_a_wrong_script_is_named_and_changes_nothing(self):
        saker = self.start(services=WEB, scripts={
            "good.lua": 'saker.register("up", function() return "v1" end, '
                        "PROP_PASSIVITY)",
            "broken.lua": 'saker.register("x", function(\nend'})
        self.wait_for_state("web", "running")
        before = saker.children()
        call = saker.client().execute_command
        self.assertEqual(call("up"), "v1")
        saker.wait_for_log(r"broken\.lua:2: .*expected near 'end'")
        saker.write_scripts({
            "good.lua": "this is no Lua",
            "call.lua": '\nsaker.registr("y", function() end)',
            "mine.lua": 'saker.register("up", function() end, PROP_PASSIVITY)',
            "args.lua": '\n\nsaker.register("y", 5, PROP_PASSIVITY)',
            "ping.lua": 'saker.register("ping", print, PROP_PASSIVITY)'})
        for name, error in [
                ("good", r"good\.lua:1: syntax error"),
                ("call", r"call\.lua:2: attempt to call field 'registr' "
                 r'\(a nil value\) \(did you mean "register" or '),
                ("mine", r'mine\.lua: the alias "up" is refused, .*: good\.lua '
                 "has it already"),
                ("god", r'no god\.lua in .*did you mean "good\.lua"'),
                ("../main", "give its name only"),
                ("/etc/passwd", "give its name only")]:
            self.fails(error, "LOAD", name)
        self.assertEqual(call("up"), "v1")
        # Wrong arguments are no error of the file, but said.
        for name, text in [
                ("args", r"args\.lua:3: saker\.register: the second argument "
                 "must be"),
                ("ping", r'ping\.lua:1: saker\.register: "ping" is a built-in '
                 "command")]:
            self.assertEqual(call("LOAD", name), "OK")
            self.wait_until(lambda: re.search(text, saker.log()))
        self.assertEqual(saker.children(), before)
        self.fails("NOSCRIPT|no script has registered", "CALL", "nosuch")
        self.fails("is neither a loaded file nor an alias", "UNLOAD", "nosuch")

    def test_q9_errors_of_commands_have_a_place(self):
        self.start(scripts="""
            saker.register("dot", function() return saker.nosuch() end,
                           PROP_PASSIVITY)
            saker.register("say", function() error("boom\\r\\nfake") end,
                           PROP_PASSIVITY)
            saker.register("own", function() return {err = "SAD day"} end,
                           PROP_PASSIVITY)
            saker.register("odd", function() return print end, PROP_PASSIVITY)
            """)
        for name, error in [("dot", r"^main\.lua:2: attempt to call field "
                                    "'nosuch'"),
                            ("say", r"^main\.lua:4: boom +fake"),
                            ("own", "^SAD day$"),
                            ("odd", "cannot reply with a function")]:
            self.fails(error, name)


class Starts(BadInputTest):
    """T-C12, Q5: step, errno and path are in the reply."""

    def test_q5_t_c12_the_reply_names_step_errno_and_path(self):
        saker = self.make()
        here = saker.dir
        for name, text, mode in [("plain", "#!/bin/sh\n", 0o644),
                                 ("garbage", "\x01\x02", 0o755),
                                 ("windows", "#!/bin/sh\r\n", 0o755),
                                 ("orphan", "#!/none/python\n", 0o755)]:
            (here / name).write_bytes(text.encode())
            (here / name).chmod(mode)
        bad = {
            "missing": ('{"/none/prog"}', "", "exec /none/prog", "ENOENT"),
            "inpath": ('{"no-such-program"}', "", "exec no-such-program",
                       "ENOENT.*not in PATH, which is /"),
            "plain": (f'{{"{here}/plain"}}', "", f"exec {here}/plain",
                      "EACCES"),
            "folder": ('{"/etc"}', "", "exec /etc", "EACCES"),
            "garbage": (f'{{"{here}/garbage"}}', "", f"exec {here}/garbage",
                        "ENOEXEC"),
            "interpreter": (f'{{"{here}/orphan"}}', "", f"exec {here}/orphan",
                            "ENOENT"),
            "windows": (f'{{"{here}/windows"}}', "", f"exec {here}/windows",
                        r'ENOENT.*interpreter "/bin/sh\\r" is missing \(line '
                        r'ends of Windows\?\)'),
            "words": ('{"sleep 1000"}', "", 'no program "sleep 1000"',
                      r'write \{"sleep", "1000"\}'),
            "nodir": (SLEEP, 'dir = "/none"', "/none", "ENOENT"),
            "filedir": (SLEEP, 'dir = "/etc/passwd"', "/etc/passwd",
                        "ENOTDIR"),
            "nouser": (SLEEP, 'user = "rooot"', 'there is no user "rooot"',
                       r'did you mean "root"\?'),
            "nogroup": (SLEEP, 'supplementary_groups = {"no-such-group"}', "no-such-group",
                        'there is no group "no-such-group"'),
            "nopidfile": (SLEEP, 'pidfile = "/none/x.pid"', "/none/x.pid",
                          "ENOENT"),
        }
        saker.write_services(WEB + "".join(
            f'service "{name}" {{exec = {exec_}, autostart = false'
            f'{", " + more if more else ""}}}\n'
            for name, (exec_, more, _, _) in bad.items()))
        saker.start()
        self.wait_for_state("web", "running")
        events = saker.events()
        rows = saker.client().execute_command("SVSTART", *bad)
        rows = {x[1]: (x[3], x[5]) for x in rows}
        self.assertEqual(rows.keys(), bad.keys())
        for name, (_, _, what, errno) in bad.items():
            code, desc = rows[name]
            self.assertEqual(code, 1, (name, desc))
            self.assertIn(what, desc)
            self.assertRegex(desc, errno)
            row = saker.status(name)[name]
            # What only a person can mend is not tried again.
            self.assertEqual((row["state"], row["pid"], row["last_exit"],
                              row["restarts"]), ("failed", 0, "exec", 0))
            self.assertIn(what, row["reason"])
            events.wait_for(name, "failed")
            self.assertNotIn("running", events.names(name))
        text = saker.redis_cli("-3", "svstatus", "missing", "text")
        self.assertIn("exec /none/prog", text)
        # Put right and started again, it runs.
        (here / "plain").write_text("#!/bin/sh\nexec sleep 1000\n")
        (here / "plain").chmod(0o755)
        self.assertEqual(
            saker.client().execute_command("SVSTART", "plain")[0][3], 0)

        def zombies():
            return [x for parent in (saker.keeper_pid(), saker.node_pid())
                    for x in map(process_or_none,
                                 saker_harness.children_of(parent))
                    if x and x.state() == "Z"]
        self.wait_until(lambda: not zombies(), what="no zombie")


class Names(BadInputTest):
    def test_an_unknown_service_has_near_names(self):
        self.start(services=WEB + f"""
            service "web-api" {{exec = {SLEEP}}}
            service "db" {{exec = {SLEEP}, count = 2}}""")
        for words, error in [
                (["SVSTATUS", "wbe"], '"wbe".*did you mean "web"'),
                (["SVSTOP", "web-ap"], '"web-ap".*did you mean "web-api"'),
                (["SVSTART", "dbx"], '"dbx".*did you mean "db'),
                (["SVRESTART", "web", "zzz"], '"zzz"; SVSTATUS lists all'),
                (["SVSIGNAL", "HUP", "db:7"], '"db:7"'),
                (["SVWAIT", "x*", "running", "10"], r'"x\*"'),
                (["SVSTOP", ""], "empty")]:
            self.fails(error, *words)
        got = self.redis_cli("svstop", "wbe", check=False)
        self.assertTrue(got.startswith("NOSERVICE "), got)
        self.wait_until(lambda: all(x["state"] == "running"
                                    for x in self.status().values()))


MARK = b"~the mark~"


def words(*args):
    """A command as clients send it."""
    return b"*%d\r\n" % len(args) + b"".join(
        b"$%d\r\n%s\r\n" % (len(x), x) for x in args)


class AsRedis(BadInputTest):
    """The same bytes to a redis-server and to Saker."""

    # Commands are separated by "|" here.
    TYPED = r"""
        PING
        ping
        PiNg x
        PING x y
        ECHO
        ECHO x
        ECHO a b
        HELLO
        HELLO 2
        HELLO 3
        HELLO 1
        HELLO 4
        HELLO -3
        HELLO abc
        HELLO 3.0
        HELLO 3 FOO
        HELLO 3 AUTH default
        HELLO 3 AUTH default x
        HELLO 3 AUTH nobody x
        HELLO 3 AUTH nobody x SETNAME me | CLIENT GETNAME
        HELLO 3 SETNAME
        HELLO 3 SETNAME "a b" | CLIENT GETNAME
        HELLO 3 SETNAME me | CLIENT GETNAME
        HELLO 2 SETNAME me AUTH default x | CLIENT GETNAME
        AUTH
        AUTH x
        AUTH default x
        AUTH nobody x
        AUTH a b c
        CLIENT
        CLIENT FOO
        CLIENT GETNAME
        CLIENT GETNAME x
        client|getname
        CLIENT SETNAME me | CLIENT GETNAME
        CLIENT SETNAME me | CLIENT SETNAME "" | CLIENT GETNAME
        CLIENT SETNAME "a b"
        CLIENT SETNAME "a\nb"
        CLIENT SETNAME
        CLIENT ID
        CLIENT ID x
        CLIENT LIST TYPE foo
        CLIENT LIST TYPE master
        CLIENT LIST ID abc
        CLIENT LIST ID
        CLIENT LIST ID 99999
        CLIENT LIST FOO
        CLIENT LIST FOO BAR
        CLIENT HELP
        CLIENT HELP x
        CLIENT SETINFO LIB-NAME x
        SELECT
        SELECT 0
        SELECT 15
        SELECT 16
        SELECT -1
        SELECT abc
        SELECT 1.0
        SELECT 99999999999
        SELECT 99999999999999999999999
        SELECT 1 2
        QUIT
        QUIT | PING
        QUIT now
        RESET
        RESET x
        SUBSCRIBE a | RESET | PUBSUB CHANNELS | CLIENT GETNAME
        HELLO 3 SETNAME me | RESET | CLIENT GETNAME
        SUBSCRIBE a b a | PING | PING x
        SUBSCRIBE
        SUBSCRIBE ""
        PSUBSCRIBE
        PSUBSCRIBE p* q* p* | SUBSCRIBE c | UNSUBSCRIBE | PUNSUBSCRIBE p* q*
        UNSUBSCRIBE
        UNSUBSCRIBE zzz yyy
        PUNSUBSCRIBE
        PUNSUBSCRIBE zzz
        SUBSCRIBE a | UNSUBSCRIBE b a a
        SUBSCRIBE a | PUNSUBSCRIBE
        SUBSCRIBE a | UNSUBSCRIBE | UNSUBSCRIBE
        SUBSCRIBE a | ECHO x | NOSUCH | CLIENT GETNAME | FOO | ECHO | SELECT 1
        SUBSCRIBE a | HELLO 3
        SUBSCRIBE a | HELLO 2
        SUBSCRIBE a | CLIENT FOO | PUBSUB NUMPAT | TIME x | COMMAND COUNT x
        SUBSCRIBE a | PUBLISH a b
        SUBSCRIBE a | QUIT
        SUBSCRIBE a | UNSUBSCRIBE a | ECHO x
        SUBSCRIBE a | PING a b
        PUBLISH
        PUBLISH a
        PUBLISH a b
        PUBLISH a b c
        PUBLISH "" ""
        PUBSUB
        PUBSUB FOO
        PUBSUB CHANNELS
        PUBSUB CHANNELS zzz*
        PUBSUB CHANNELS a b
        PUBSUB NUMSUB
        PUBSUB NUMSUB a b a
        PUBSUB NUMPAT
        PUBSUB NUMPAT x
        PUBSUB HELP
        COMMAND COUNT
        COMMAND COUNT x
        COMMAND FOO
        COMMAND INFO nosuch
        COMMAND INFO ping
        COMMAND INFO subscribe publish echo
        COMMAND INFO client|id
        COMMAND DOCS nosuch
        COMMAND DOCS ping
        COMMAND GETKEYS
        COMMAND GETKEYS ping x
        COMMAND GETKEYS nosuch x
        COMMAND LIST FILTERBY
        COMMAND LIST FILTERBY FOO x
        COMMAND LIST FILTERBY PATTERN ech*
        COMMAND LIST FILTERBY MODULE x
        COMMAND HELP
        TIME
        TIME x
        INFO nosuch
        foo
        foo a b c
        FOO "a b" 'c d' "\x41\n\"" 'it\'s'
        ECHO "unbalanced
        ECHO 'unbalanced
        ECHO "a"b
        ECHO "\"q\"\x00\t"
        ECHO ""
        POST / HTTP/1.1
        Host: x
        host: x
        HEAD / HTTP/1.1
    """

    SENT = {
        "blank lines": b"\n\r\n   \r\n\t\r\n",
        "LF alone": b"PING\nECHO y\n",
        "binary": words(b"PING", b"\0\r\n\xff"),
        "empty argument": words(b"ECHO", b""),
        "empty name": words(b"") + words(b"", b"x"),
        "CR LF in a name": words(b"fo\r\no", b"b\r\na\0r"),
        "long words": words(b"x" * 200, b"y" * 200, b"z" * 200),
        "many words": words(b"foo", *[b"arg%d" % i for i in range(100)]),
        "no arguments": b"*0\r\n*-1\r\n*-10\r\n",
        "count is no number": b"*abc\r\n",
        "count has a sign": b"*+1\r\n$4\r\nPING\r\n",
        "count has a blank": b"* 1\r\n$4\r\nPING\r\n",
        "count has a zero": b"*01\r\n$4\r\nPING\r\n",
        "no count": b"*\r\n",
        "count and a blank": b"*1 \r\n",
        "count too large": b"*2147483648\r\n",
        "count with LF alone": b"*1\n$4\r\nPING\r\n",
        "count too long": b"*" + b"1" * 70_000,
        "no dollar": b"*1\r\n!3\r\nabc\r\n",
        "a status for a bulk": b"*1\r\n+PING\r\n",
        "an empty line for a bulk": b"*1\r\n\r\n",
        "length is no number": b"*1\r\n$abc\r\n",
        "length of null": b"*1\r\n$-1\r\n",
        "length below null": b"*2\r\n$4\r\nPING\r\n$-5\r\n",
        "length has a blank": b"*1\r\n$ 4\r\nPING\r\n",
        "length has a zero": b"*1\r\n$04\r\nPING\r\n",
        "length too large": b"*1\r\n$999999999999\r\n",
        "length with LF alone": b"*1\r\n$4\nPING\r\n",
        "length too long": b"*1\r\n$" + b"1" * 70_000,
        "no CR LF behind a bulk": b"*1\r\n$4\r\nPINGxx",
        "a line too long": b"x" * 70_000,
        "a bulk as a command": b"$4\r\nPING\r\n",
        "a status as a command": b"+PING\r\n",
        "half of it was good": b"PING\r\n*1\r\n$x\r\nPING\r\n",
    }

    # What differs and why; True for both protocols, else the one.
    DIFFERENT = {
        "CLIENT HELP": (True, "lists the subcommands that there are"),
        "PUBSUB HELP": (True, "lists the subcommands that there are"),
        "COMMAND HELP": (True, "lists the subcommands that there are"),
        "COMMAND COUNT": (True, "other commands"),
        "COMMAND DOCS ping": (True, "own words"),
        "CLIENT SETINFO LIB-NAME x": (True, "as Redis 7.2: clients send it"),
        "SUBSCRIBE a | PUBLISH a b": (3, "as Redis 7.2: a push comes behind "
                                         "the replies, not before its own"),
    }

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="saker-redis-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.port = free_port()
        cls.server = subprocess.Popen(
            ["redis-server", "--port", str(cls.port), "--bind", "127.0.0.1",
             "--save", "", "--dir", cls.folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.kill)
        with redis.Redis(host="127.0.0.1", port=cls.port) as client:
            wait_until(client.ping, what="redis-server")

    @staticmethod
    def talk(port, sent, resp3, marked=True):
        """All that comes back until the answer to a last PING, or until the
        server hangs up."""
        got = b""
        with socket.create_connection(("127.0.0.1", port), 10) as s:
            if resp3:
                s.sendall(b"HELLO 3\r\nECHO start\r\n")
                while not got.endswith(b"start\r\n"):
                    got += s.recv(65536)
                got = b""
            try:
                s.sendall(sent)
                if marked:
                    s.sendall(b"\r\n" + words(b"PING", MARK))
                while MARK + b"\r\n" not in got:
                    part = s.recv(65536)
                    if not part:
                        return got + b"<close>"
                    got += part
            except (ConnectionResetError, BrokenPipeError):
                return got + b"<close>"
        # A push may come behind it.
        head, _, tail = got.partition(MARK + b"\r\n")
        return head + tail

    @staticmethod
    def masked(text):
        for pattern in (rb"(\$7\r\nversion\r\n)\$\d+\r\n[^\r]*",
                        rb"(\$6\r\nserver\r\n)\$\d+\r\n[^\r]*",
                        rb"(\$2\r\nid\r\n):\d+",
                        rb"^(\*2\r\n)\$10\r\n\d+\r\n\$\d\r\n\d+"):
            text = re.sub(pattern, rb"\1...", text)
        return text

    def compare(self, name, sent, marked=True):
        for resp3 in (False, True):
            protocol = 3 if resp3 else 2
            theirs, ours = (
                self.masked(self.talk(port, sent, resp3, marked))
                for port in (self.port, self.saker.port))
            if name == "CLIENT ID":
                theirs, ours = (re.sub(rb"\d+", b"N", x, count=1)
                                for x in (theirs, ours))
            with self.subTest(name, protocol=protocol):
                differs, _ = self.DIFFERENT.get(name, (None, ""))
                if differs in (True, protocol):
                    self.assertNotEqual(ours, theirs, "no longer different")
                else:
                    self.assertEqual(ours, theirs)

    def test_what_is_typed(self):
        self.start()
        cases = [x.strip() for x in self.TYPED.strip().splitlines()]
        self.assertLessEqual(self.DIFFERENT.keys(), set(cases))
        for case in cases:
            sent = b"\r\n".join(x.strip().encode() for x in case.split(" | "))
            self.compare(case, sent)

    def test_what_is_sent(self):
        self.start()
        for name, sent in self.SENT.items():
            # What is too long ends the connection with input unread, and so
            # with a reset that may overtake the error, if more was sent.
            self.compare(name, sent, marked=len(sent) < 60_000)

    def test_what_others_publish(self):
        """Frames of two clients, in both protocols."""
        self.start()

        def heard(port, resp3):
            with socket.create_connection(("127.0.0.1", port), 10) as s, \
                    socket.create_connection(("127.0.0.1", port), 10) as p:
                hello = b"HELLO 3\r\n" if resp3 else b""
                s.sendall(hello + b"SUBSCRIBE a b\r\nPSUBSCRIBE a* [bc]\r\n"
                          + words(b"PING", MARK))
                got = b""
                while MARK + b"\r\n" not in got:
                    got += s.recv(65536)
                p.sendall(hello + b"PUBLISH a 1\r\nPUBLISH ab 2\r\n"
                          + words(b"PUBLISH", b"b", b"\0\r\n")
                          + b"PUBLISH c 3\r\nPUBLISH none 4\r\n"
                          b"PUBSUB CHANNELS a\r\nPUBSUB NUMSUB a b c\r\n"
                          b"PUBSUB NUMPAT\r\nPUBLISH b end\r\nECHO end\r\n")
                told = b""
                while not told.endswith(b"$3\r\nend\r\n"):
                    told += p.recv(65536)
                while got.count(b"$3\r\nend\r\n") < 2:
                    got += s.recv(65536)
                return self.masked(got), self.masked(told)

        for resp3 in (False, True):
            self.assertEqual(heard(self.saker.port, resp3),
                             heard(self.port, resp3))

    def test_it_outlives_noise(self):
        """Garbage of many clients at once harms nobody."""
        saker = self.start(services=WEB)
        self.wait_for_state("web", "running")
        node = saker.node_pid()
        client = saker.client()
        before = client.info("clients")["connected_clients"]
        lines = []
        for i in range(200):
            s = socket.create_connection(("127.0.0.1", saker.port), 10)
            s.sendall(list(self.SENT.values())[i % len(self.SENT)])
            lines.append(s)
        self.assertTrue(client.ping())
        for s in lines:
            s.close()
        self.wait_until(
            lambda: client.info("clients")["connected_clients"] <= before)
        self.assertEqual(saker.node_pid(), node)


if __name__ == "__main__":
    unittest.main()
