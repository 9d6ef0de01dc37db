"""The keys of a service, each with real children."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from definitions_harness import DefinitionsTest  # noqa: E402
from saker_harness import BIN, environment_of  # noqa: E402
from services_harness import proc_status, shell, table  # noqa: E402


def proc_limit(pid, name):
    """(soft, hard) of a line of /proc/PID/limits."""
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith(name):
            return tuple(line[len(name):].split()[:2])
    raise AssertionError(f"no limit {name}")


class Children(DefinitionsTest):
    def test_limits_priority_and_cpus_reach_the_child(self):
        self.run_service('''
            limits = {nofile = "100:200", core = 0, cpu = "1h:unlimited"},
            nice = 5, oom = 321, cpus = {0}, no_new_privs = true''')
        pid = self.running()
        self.assertEqual(proc_limit(pid, "Max open files"), ("100", "200"))
        self.assertEqual(proc_limit(pid, "Max core file size"), ("0", "0"))
        self.assertEqual(proc_limit(pid, "Max cpu time"),
                         ("3600", "unlimited"))
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, pid), 5)
        self.assertEqual(
            pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text(), "321\n")
        status = proc_status(pid)
        self.assertEqual(status["Cpus_allowed_list"], "0")
        self.assertEqual(status["NoNewPrivs"], "1")

    def test_what_the_kernel_would_refuse_is_refused_at_load(self):
        self.run_service("nice = 1")
        pid = self.running()
        reply = self.apply('''service "a" {
            exec = {"sleep", "1000"},
            limits = {
              nofile = 2^52,
              nofiles = 1,
            },
            cpus = {1000},
        }''')
        errors = "\n".join(reply["errors"])
        self.assertRegex(errors, r"main\.lua:3: .*limits\.nofile: "
                                 r"\d+ is above the hard limit of Saker")
        self.assertRegex(errors, r'main\.lua:3: .*did you mean "nofile"')
        self.assertRegex(errors, r"main\.lua:7: .*none of these CPUs")
        self.assertEqual(self.running(), pid)

    def test_stdin_is_a_file(self):
        saker = self.make()
        (saker.dir / "input").write_text("from a file\n")
        saker.write_services(f'''service "a" {{
            exec = {shell(f"cat > {saker.dir}/out; exec sleep 1000")},
            stdin = "{saker.dir}/input"}}''')
        saker.start()
        self.wait_until(lambda: self.text_of("out") == "from a file\n")

    def test_a_missing_directory_or_user_is_a_warning(self):
        reply = self.run_service("nice = 1") and self.apply('''
            service "b" {
              exec = {"/nowhere/b"},
              dir = "/nowhere", autostart = false,
            }''')
        self.assertEqual(reply["errors"], [])
        warnings = "\n".join(reply["warnings"])
        self.assertRegex(warnings, r"main\.lua:3: .*no program /nowhere/b")
        self.assertRegex(warnings, r"main\.lua:4: .*no directory /nowhere")


class EnvFiles(DefinitionsTest):
    def setUp(self):
        super().setUp()
        saker = self.make()
        self.file = saker.dir / "a.env"
        self.file.write_text('# a comment\nA="one two"\nB=1\n')
        saker.write_services(f'''service "a" {{
            exec = {{"sleep", "1000"}}, env = {{B = "env", C = "env"}},
            env_file = {{"{self.file}", "-{saker.dir}/none"}}}}''')
        saker.start()

    def value(self, name, other_than=0):
        return environment_of(self.running(other_than=other_than)).get(name)

    def kill_child(self):
        pid = self.running()
        os.kill(pid, signal.SIGKILL)
        return pid

    def test_files_win_over_env_and_count_from_the_apply_on(self):
        self.assertEqual([self.value(x) for x in "ABC"],
                         ["one two", "1", "env"])
        self.file.write_text("A=2\n")
        self.assertEqual(self.value("A", other_than=self.kill_child()),
                         "one two")
        pid = self.running()
        self.assertEqual(self.apply()["restart"], ["restart a (env_file)"])
        self.assertEqual(self.value("A", other_than=pid), "2")

    def test_a_dead_node_changes_no_environment(self):
        self.file.write_text("A=2\n")
        before = self.running()
        node = self.kill_node()
        self.wait_until(lambda: self.node_pid() != node)
        self.saker.wait_for_ping()
        self.assertEqual(self.running(), before)
        self.assertEqual(self.value("A", other_than=self.kill_child()),
                         "one two")

    def test_a_file_with_an_error_changes_nothing(self):
        pid = self.running()
        self.file.write_text("A=2\nnonsense\n")
        reply = self.apply()
        self.assertRegex(reply["errors"][0],
                         r"main\.lua:\d+: .*a\.env:2: it is not NAME=value")
        self.assertEqual(self.running(), pid)

    def test_a_file_that_others_may_change_is_refused(self):
        self.file.chmod(0o666)
        self.assertRegex(self.apply()["errors"][0], r"a\.env")


class Ages(DefinitionsTest):
    def test_an_old_child_is_replaced_and_nobody_is_blamed(self):
        self.run_service('max_age = {"1s", jitter = 0}, budget = "1/1h"')
        pids = [self.running()]
        for _ in range(3):
            pids.append(self.running(other_than=pids[-1]))
        self.assertEqual(len(set(pids)), 4)
        row = self.status("a")["a"]
        self.assertEqual(row["restarts"], 0)


class BadFiles(DefinitionsTest):
    """T-C16: what is wrong is told in full and touches nothing that runs."""

    BAD = {
        "syntax.lua": 'service "s" { exec = {"x"} ',
        "runtime.lua": '\nerror("no luck")',
        "endless.lua": "\n\nwhile true do end",
        "gibibyte.lua": 'local s = string.rep("x", 2^30)',
        "nameless.lua": 'service {exec = {"x"}}',
        "unknown.lua": 'service "u" {\n exec = {"x"},\n dirr = "/",\n'
                       ' limits = {nofile = "x"},\n cron = "0 0 31 2 *",\n}',
    }
    EXPECTED = [
        r"endless\.lua:3: the file takes too long",
        r"gibibyte\.lua:1: .*too large",
        r"nameless\.lua:1: a service needs a name",
        r"runtime\.lua:2: no luck",
        r"syntax\.lua:1: '}' expected",
        r'unknown\.lua:3: .*no key "dirr" \(did you mean "dir"',
        r"unknown\.lua:4: .*limits\.nofile must be a limit",
        r"unknown\.lua:5: .*that day never comes",
    ]

    def test_t_c16_all_errors_are_told_and_nothing_is_touched(self):
        self.run_service("nice = 1")
        pid = self.running()
        self.saker.write_services(self.BAD)
        errors = self.apply()["errors"]
        for expected in self.EXPECTED:
            self.assertTrue(any(
                re.search(expected, x) for x in errors),
                f"{expected} is not in {errors}")
        self.assertEqual(self.running(), pid)
        self.assertEqual(set(self.status()), {"a"})

    def test_t_c16_check_says_the_same_and_fails(self):
        saker = self.make(services=self.BAD)
        done = subprocess.run(
            [str(BIN / "saker"), "check"]
            + sorted(map(str, saker.services_dir.iterdir())),
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        for expected in self.EXPECTED:
            self.assertRegex(done.stdout, expected)

    def test_check_takes_files_only(self):
        saker = self.make()
        os.mkfifo(saker.dir / "fifo.lua")
        for path, error in ((saker.dir / "fifo.lua", "not a file"),
                            ("/dev/zero", "not a file"),
                            (saker.dir, "not a file"),
                            (saker.dir / "no.lua", "there is no file")):
            done = subprocess.run([str(BIN / "saker"), "check", str(path)],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(error, done.stderr)
            self.assertIn(str(path), done.stderr)

    def check(self, *arguments):
        return subprocess.run([str(BIN / "saker"), "check", *arguments],
                              capture_output=True, text=True, timeout=60)

    def test_check_without_settings_to_read_fails(self):
        for arguments in (["--config", "/nonexistent.toml"],
                          ["/nonexistent.toml"]):
            done = self.check(*arguments)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn("saker: check: read /nonexistent.toml: No such file",
                          done.stderr)

    def test_q11c_check_tells_of_expressions_beside_other_errors(self):
        saker = self.make(services="""
            service "a" {exec = {"a"}, nice = "much"}
            service "b" {exec = {"sleep", "1"},
                         daemon = {match = "^nobody is called so"}}
            """)
        done = self.check(str(saker.services_dir / "main.lua"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("nice must be", done.stdout)
        self.assertRegex(done.stdout, r'main\.lua:3: service "b": daemon: no '
                         r'process fits match "\^nobody is called so"; that')

    def test_a_pidfile_that_others_may_write_is_told(self):
        self.run_service("nice = 1")
        open_to_all = self.saker.dir / "open"
        open_to_all.mkdir()
        open_to_all.chmod(0o777)
        text = f'''service "a" {{exec = {{"sleep", "1000"}}, nice = 1}}
            service "b" {{exec = {{"sleep", "1000"}}, autostart = false,
              pidfile = "{open_to_all}/b.pid"}}
            service "c" {{exec = {{"sleep", "1000"}}, autostart = false,
              daemon = {{pidfile = "{open_to_all}/c.pid"}}}}
            service "d" {{exec = {{"sleep", "1000"}}, autostart = false,
              daemon = {{pidfile = "{self.saker.dir}/none/d.pid"}}}}
            service "e" {{exec = {{"sleep", "1000"}}, autostart = false,
              daemon = {{pidfile = "{self.saker.dir}/e.pid"}}}}
            service "f" {{exec = {{"sleep", "1000"}}, autostart = false,
              daemon = {{match = "^nobody is called so"}}}}'''
        expected = [
            r'main\.lua:3: service "b": pidfile: directory .*/open may be '
            r"written by everybody \(mode 0777\); type: chmod o-w .*/open",
            r'main\.lua:5: service "c": daemon\.pidfile: .*chmod o-w .*/open',
            r'main\.lua:7: service "d": daemon\.pidfile: there is no '
            r"directory .*/none",
            r'main\.lua:10: service "f": daemon: no process fits match']
        warnings = self.apply(text)["warnings"]
        self.assertEqual(len(warnings), len(expected), warnings)
        done = subprocess.run(
            [str(BIN / "saker"), "check",
             str(self.saker.services_dir / "main.lua")],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0)
        for warning in expected:
            self.assertRegex("\n".join(warnings), warning)
            self.assertRegex(done.stdout, "warning: .*" + warning)

    def test_a_name_that_is_no_file_does_no_harm_to_the_log(self):
        self.run_service("nice = 1")
        name = "a\033]0;title\007" + "x" * 1_000_000
        errors = table(self.client().execute_command("SVAPPLY", name))["errors"]
        self.assertLess(len(errors[0]), 1000)
        self.wait_until(lambda: "not applied: a" in self.saker.log())
        self.assertNotIn("\033", self.saker.log())
        self.assertLess(len(self.saker.log()), 100_000)


if __name__ == "__main__":
    unittest.main()
