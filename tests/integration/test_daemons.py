"""Daemons: programs that go into the background, with and without a pidfile of
their own."""
import os
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemons_harness import DaemonTest, read_pid  # noqa: E402
from saker_harness import BIN, wait_until  # noqa: E402


class Looks(DaemonTest):
    """Q11c: known by an expression alone."""

    def start_by_match(self, more=""):
        saker, path = self.legacyd()
        saker.write_services(f"""
            service "old" {{
              exec = {{"{path}"}}, daemon = {{match = "{path}$"}}, {more}
            }}""")
        saker.start()
        return saker, path

    def test_q11c_is_found_kept_and_stopped(self):
        saker, path = self.start_by_match()
        self.live_through_all("old", lambda: self.state("old") == "running",
                              lambda: not self.pids_of(path))
        self.assertEqual(self.pids_of(path), [self.pid("old")])

    def test_q11c_several_are_named_and_none_is_touched(self):
        saker, path = self.legacyd()
        two = [self.spawn_elsewhere(path) for _ in range(2)]
        wait_until(lambda: len(self.pids_of(path)) == 2)
        saker.write_services(f"""
            service "old" {{
              exec = {{"{path}"}}, daemon = {{match = "{path}$"}},
            }}""")
        saker.start()
        self.wait_for_state("old", "failed")
        for child in two:
            self.assertIn(f"pid {child.pid} (", self.reason("old"))
            self.assertIsNone(child.poll())
        self.assertIn("fits 2 processes", self.reason("old"))
        self.assertEqual(sorted(self.pids_of(path)),
                         sorted(x.pid for x in two))
        two[0].kill()
        two[0].wait()
        self.done("SVSTART", "old")
        self.assertEqual(self.pid("old"), two[1].pid)

    def test_q11c_candidates_with_long_command_lines_are_all_named(self):
        saker, path = self.legacyd()
        long = ["", "x" * 300 + ' "quoted"']
        four = [self.spawn_elsewhere(path, *long) for _ in range(4)]
        wait_until(lambda: len(self.pids_of(path)) == 4)
        saker.write_services(f"""
            service "old" {{ autostart = false,
              exec = {{"{path}"}}, daemon = {{match = "{path}"}},
            }}""")
        saker.start()
        [(code, text)] = self.sv("SVSTART", "old").values()
        self.assertEqual(code, 1)
        for child in four:
            self.assertIn(f"pid {child.pid} (", text)
        self.assertNotIn("\\", text)

    def test_what_a_start_waits_for_is_told(self):
        saker = self.make()
        saker.write_services(f"""
            service "old" {{
              exec = {{"/bin/true"}}, daemon = {{pidfile = "{saker.dir}/pid"}},
            }}""")
        saker.start()

        def why():
            return "\n".join(
                saker.client().execute_command("SVWHY", "old", "TEXT"))
        self.wait_until(lambda: "its daemon has not been found: " in why(),
                        what="the reason")
        self.assertIn(f"{saker.dir}/pid", why())

    def test_a_stop_command_stops_it(self):
        saker, path = self.legacyd()
        stop = self.file("stop", f"""#!/bin/sh
            echo $MAINPID > {saker.dir}/stopped; kill -INT $MAINPID
            kill -TERM $MAINPID\n""", 0o755)
        saker.write_services(f"""
            service "old" {{
              exec = {{"{path}"}}, daemon = {{match = "{path}$"}},
              stop = {{"{stop}"}},
            }}""")
        saker.start()
        pid = self.wait_for_pid("old")
        self.done("SVSTOP", "old", "WAIT", "5000")
        self.assertEqual(read_pid(saker.dir / "stopped"), pid)
        self.assertEqual(self.pids_of(path), [])


class Pidfiles(DaemonTest):
    """Whom a pidfile may name."""

    def write(self, saker, path, more=""):
        saker.write_services(f"""
            service "old" {{
              exec = {{"{path}", "{saker.dir}/old.pid"}},
              daemon = {{pidfile = "{saker.dir}/old.pid"}}, {more}
            }}""")
        return saker.dir / "old.pid"

    def test_one_that_runs_already_is_adopted(self):
        saker, path = self.legacyd()
        pidfile = self.write(saker, path)
        child = self.spawn_elsewhere(path, pidfile, pidfile=pidfile)
        saker.start()
        self.wait_for_state("old", "running")
        self.assertEqual(self.pid("old"), child.pid)
        self.assertEqual(self.pids_of(path), [child.pid])
        saker.wait_for_log(f"found running: pid {child.pid}")
        self.done("SVSTOP", "old")
        child.wait(10)
        self.wait_for_state("old", "stopped")
        # A stale file is no process.
        self.done("SVSTART", "old")
        self.assertNotIn(self.pid("old"), (0, child.pid))
        self.assertEqual(self.pids_of(path), [self.pid("old")])

    def test_t_c1_a_forged_one_never_gets_a_stranger_signalled(self):
        bystander = self.spawn_elsewhere("/bin/sleep", "1000")
        saker, path = self.legacyd()
        pidfile = self.write(saker, path)
        pidfile.write_text(f"{bystander.pid}\n")
        pidfile.chmod(0o666)  # anybody may have written that
        saker.start()
        pid = self.wait_for_pid("old")  # it has written its own
        self.assertNotEqual(pid, bystander.pid)
        saker.wait_for_log(rf"names pid {bystander.pid} \(")
        # Forged while it runs: it stays who it is.
        pidfile.write_text(f"{bystander.pid}\n")
        self.done("SVRESTART", "old", "WAIT", "10000")
        self.assertEqual(self.pids_of(path), [self.pid("old")])
        pidfile.write_text(f"{bystander.pid}\n")
        pid = self.pid("old")
        os.kill(pid, signal.SIGKILL)
        self.wait_for_pid("old", other_than=pid)
        pidfile.write_text(f"{bystander.pid}\n")
        self.done("SVSTOP", "old", "WAIT", "10000")
        self.assertIsNone(bystander.poll())

    def test_t_c1_a_file_of_root_may_name_a_stranger(self):
        bystander = self.spawn_elsewhere("/bin/sleep", "1000")
        saker, path = self.legacyd()
        pidfile = self.write(saker, path)
        pidfile.write_text(f"{bystander.pid}\n")
        saker.start()
        pid = self.wait_for_pid("old")  # it has written its own
        self.assertNotEqual(pid, bystander.pid)
        saker.wait_for_log(r"old: not adopted, and started: .* names pid "
                           fr"{bystander.pid} \(.*: /bin/sleep 1000\), whose "
                           r"command line .* match = ")
        # It ends, and the file names another one than itself.
        pidfile.write_text(f"{bystander.pid}\n")
        os.kill(pid, signal.SIGKILL)
        self.wait_for_pid("old", other_than=pid)
        saker.wait_for_log("old: has ended, and this is not followed: .* "
                           f"names pid {bystander.pid} ")
        pidfile.write_text(f"{bystander.pid}\n")
        self.done("SVSTOP", "old", "WAIT", "10000")
        self.assertIsNone(bystander.poll())

    def test_one_of_another_program_is_taken_by_match_only(self):
        saker, path = self.legacyd()
        pidfile = saker.dir / "old.pid"
        child = self.spawn_elsewhere(path, pidfile, pidfile=pidfile)
        script = self.file("legacy.sh", "#!/bin/sh\n"
                           "echo it runs already\n", 0o755)
        text = f"""
            service "old" {{
              exec = {{"{script}", "start"}}, start_timeout = "2s",
              daemon = {{pidfile = "{pidfile}"}}, exit = {{timeout = "fatal"}},
              %s
            }}"""
        saker.write_services(text % "")
        saker.start()
        self.wait_for_state("old", "failed")
        self.assertRegex(self.reason("old"),
                         f"^its daemon was not found: pid {child.pid} does not "
                         f"descend from what was started: {pidfile} names pid ")
        self.assertIn('match = "..."', self.reason("old"))
        self.done("SVSTOP", "old")
        self.assertIsNone(child.poll())
        saker.write_services(text % f'match = "{path}",')
        saker.client().execute_command("SVAPPLY")
        self.done("SVSTART", "old")
        self.wait_for_state("old", "running")
        self.assertEqual(self.pid("old"), child.pid)

    def test_a_link_is_not_followed(self):
        saker, path = self.legacyd()
        pidfile = self.write(saker, path, 'start_timeout = "2s", '
                             'restart = "temporary",')
        self.file("real.pid", "1\n")
        pidfile.symlink_to(saker.dir / "real.pid")
        saker.start()
        self.wait_for_state("old", "done")
        self.assertIn("is a symbolic link", self.reason("old"))
        self.assertEqual(self.pids_of(path), [])

    def test_one_that_never_comes_up_is_ended_and_named(self):
        saker, path = self.legacyd()
        saker.write_services(f"""
            service "old" {{
              exec = {{"{path}"}}, start_timeout = "2s",
              daemon = {{pidfile = "{saker.dir}/other.pid"}},
              exit = {{timeout = "fatal"}},
            }}""")
        saker.start()
        self.wait_for_state("old", "failed")
        self.assertEqual(self.reason("old"),
                         f"its daemon was not found: {saker.dir}/other.pid: "
                         "no such file")
        self.assertEqual(self.pids_of(path), [])

    def test_a_program_that_stays_in_the_foreground_is_the_daemon(self):
        saker, path = self.legacyd()
        pidfile = self.write(saker, path, 'env = {LEGACYD_STAGE = "2"},')
        saker.start()
        pid = self.wait_for_pid("old")
        self.assertEqual(read_pid(pidfile), pid)
        self.done("SVSTOP", "old", "WAIT", "5000")
        self.assertEqual(self.pids_of(path), [])

    def test_t_c5_node_and_keeper_may_die(self):
        saker, path = self.legacyd()
        self.write(saker, path)
        saker.start()
        pid = self.wait_for_pid("old")
        for _ in range(3):
            saker.kill_node()
            saker.wait_for_ping()
            self.wait_for_state("old", "running")
            self.assertEqual(self.pid("old"), pid)
        for _ in range(2):
            saker.kill_keeper()
            saker.start()
            self.wait_for_state("old", "running")
            self.assertEqual(self.pid("old"), pid)
            self.assertEqual(self.pids_of(path), [pid])
        self.assertEqual(self.status("old")["old"]["restarts"], 0)
        # Nobody's child any more, and its end is seen.
        os.kill(pid, signal.SIGKILL)
        after = self.wait_for_pid("old", other_than=pid)
        self.assertEqual(self.pids_of(path), [after])

    def test_one_that_ended_while_nobody_looked_is_started_again(self):
        saker, path = self.legacyd()
        pidfile = self.write(saker, path)
        saker.start()
        pid = self.wait_for_pid("old")
        saker.kill_keeper()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.pids_of(path))
        bystander = self.spawn_elsewhere("/bin/sleep", "1000")
        saker.start()
        after = self.wait_for_pid("old", other_than=pid)
        self.assertEqual(self.pids_of(path), [after])
        self.assertEqual(read_pid(pidfile), after)
        self.assertIsNone(bystander.poll())

    def test_one_that_is_followed_while_no_node_is_there_is_kept(self):
        saker, path = self.legacyd()
        pidfile = self.write(saker, path)
        saker.start()
        pid = self.wait_for_pid("old")
        saker.kill_keeper()
        child = self.spawn_elsewhere(path, pidfile, pidfile=pidfile)
        os.kill(pid, signal.SIGKILL)
        saker.start()
        self.wait_until(lambda: self.pid("old") == child.pid,
                        what="the one that followed")
        self.assertEqual(self.pids_of(path), [child.pid])


class Checked(DaemonTest):
    """What `saker check` says of daemons."""

    def warnings(self, *args):
        done = subprocess.run(
            [BIN / "saker", "check", *args,
             self.saker.services_dir / "main.lua"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30)
        self.assertEqual(done.returncode, 0, done)
        return re.findall("^warning: (.*)$", done.stdout, re.M)

    def test_what_a_running_saker_has_started_is_its_own(self):
        saker, path = self.legacyd()
        home = saker.dir / "home"
        home.mkdir()
        home.chmod(0o777)  # anybody may write there
        saker.write_services(f"""
            service "old" {{
              exec = {{"{path}", "{home}/old.pid"}},
              daemon = {{pidfile = "{home}/old.pid"}},
            }}""")
        ours = ("--runtime-dir", saker.runtime_dir)
        [warning] = self.warnings(*ours)
        self.assertIn("chmod o-w", warning)
        saker.start()
        self.wait_for_pid("old")
        self.assertEqual(self.warnings(*ours), [])
        # To another one it is a stranger.
        self.assertEqual(self.warnings("--runtime-dir", saker.dir), [warning])

    def test_so_is_one_that_runs_as_somebody_else(self):
        if os.geteuid() != 0:
            self.skipTest("needs root: it changes the user")
        saker, path = self.legacyd()
        saker.dir.chmod(0o755)
        saker.write_services(f"""
            service "old" {{
              exec = {{"setpriv", "--reuid=65534", "--regid=65534",
                       "--clear-groups", "{path}"}},
              daemon = {{match = "{path}$"}},
            }}""")
        saker.start()
        self.wait_for_pid("old")
        self.assertEqual(self.warnings("--runtime-dir", saker.runtime_dir), [])
        [warning] = self.warnings("--runtime-dir", saker.dir)
        self.assertIn("others than root could have started it", warning)


class Undeclared(DaemonTest):
    def test_t_c2_is_recognised_named_and_not_started_twice(self):
        for kill in ("tree", "leader"):
            with self.subTest(kill):
                saker, path = self.legacyd()
                self.saker = saker
                saker.write_services(f"""
                    service "old" {{exec = {{"{path}"}}, kill = "{kill}",
                                    autostart = false}}""")
                saker.start()
                events = saker.events("saker:test:old:*")
                self.sv("SVSTART", "old")
                told = events.wait_for("old", "failed")
                self.assertIn("daemonised", self.reason("old"))
                self.assertIn("declare daemon = {pidfile", self.reason("old"))
                self.assertEqual(saker.state("old"), "failed")
                ended = events.of("old", "exit")[0]
                self.assertLess(told["ts"] - ended["ts"], 10_000)
                # It may be between two programs, where it has no words.
                left = 0 if kill == "tree" else 1
                self.wait_until(lambda: len(self.pids_of(path)) == left)
                for pid in self.pids_of(path):
                    os.kill(pid, signal.SIGKILL)
                self.assertEqual(events.names("old"),
                                 ["starting", "running", "ready", "exit",
                                  "failed"])


if __name__ == "__main__":
    unittest.main()
