"""Daemons: programs that go into the background, with and without a pidfile of
their own."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from saker_harness import (  # noqa: E402
    BIN, children_of, free_port, process, wait_until)
from services_harness import (  # noqa: E402
    ProgramTest, nginx_config, says_hello)

# Goes into the background and says who it is there, if it is asked to.
SCRIPT = """#!/bin/sh
# legacyd [PIDFILE]
if [ "$LEGACYD_STAGE" != 2 ]; then
  LEGACYD_STAGE=2 setsid "$0" "$@" < /dev/null > /dev/null 2>&1 &
  exit 0
fi
[ -z "$1" ] || echo $$ > "$1"
trap 'exit 0' TERM
while :; do sleep 0.1; done
"""


def read_pid(path):
    return int(pathlib.Path(path).read_text().split()[0])


class DaemonTest(ProgramTest):
    def file(self, name, text, mode=0o644):
        path = self.saker.dir / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def legacyd(self, **more):
        """A Saker that is not started yet, and the path of the daemon."""
        saker = self.make(**more)
        return saker, self.file("legacyd", SCRIPT, 0o755)

    def spawn_elsewhere(self, *argv, pidfile=None):
        """A daemon that Saker did not start. Ends with the test."""
        child = subprocess.Popen(
            [str(x) for x in argv], stdin=subprocess.DEVNULL,
            start_new_session=True, env={"LEGACYD_STAGE": "2",
                                         "PATH": os.environ["PATH"]})
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        if pidfile:
            wait_until(lambda: read_pid(pidfile) == child.pid)
        return child

    def pids_of(self, path):
        """All that run that script in the background, less what they fork."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                stage = (entry / "environ").read_bytes()
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if (os.fsencode(path) in words
                    and b"LEGACYD_STAGE=2" in stage.split(b"\0")):
                found[int(entry.name)] = stat.rpartition(")")[2].split()[1]
        return [x for x, parent in found.items() if int(parent) not in found]

    def reason(self, name):
        return self.saker.status(name)[name]["reason"]


class RealDaemons(DaemonTest):
    def nginx(self, port):
        saker = self.make()
        config = self.file("nginx.conf", f"error_log {saker.dir}/error.log;"
                           + nginx_config(saker.dir, port))
        saker.write_services(f"""
            service "web" {{
              exec = {{"/usr/sbin/nginx", "-c", "{config}"}},
              daemon = {{pidfile = "{saker.dir}/nginx.pid"}},
              match = "^nginx: master", stop = "QUIT 5s TERM 2s KILL",
            }}""")
        saker.start()
        return saker, lambda: says_hello(port)

    def test_q11a_t_c2_nginx(self):
        port = free_port()
        saker, works = self.nginx(port)
        self.live_through_all("web", works, lambda: self.refused(port),
                              saker.dir / "nginx.pid")
        self.assertEqual(self.pid("web"), read_pid(saker.dir / "nginx.pid"))
        # The workers of a dead master hold the port: they must go with it.
        master = self.pid("web")
        workers = [process(x) for x in children_of(master)]
        os.kill(master, signal.SIGKILL)
        self.wait_for_pid("web", other_than=master)
        self.assertFalse([x for x in workers if x.alive()])

    def test_q11a_an_upgrade_of_nginx_is_followed_without_a_restart(self):
        port = free_port()
        saker, works = self.nginx(port)
        old = self.wait_for_pid("web")
        events = self.events("saker:test:web:*")
        self.done("SVSIGNAL", "USR2", "web")
        pidfile = saker.dir / "nginx.pid"
        new = self.wait_until(
            lambda: read_pid(pidfile) != old and read_pid(pidfile),
            what="a new master")
        self.wait_until(lambda: children_of(new), what="its workers")
        saker.note_processes()
        self.done("SVSIGNAL", "QUIT", "web")
        told = events.wait_for("web", "adopted")
        self.assertEqual((told["pid"], told["to"]), (new, "running"))
        row = self.status("web")["web"]
        self.assertEqual((row["state"], row["pid"], row["restarts"]),
                         ("running", new, 0))
        self.assertEqual(events.names("web"), ["adopted"])
        self.assertTrue(works())
        saker.wait_for_log(f"goes on as pid {new}")
        # It is the child now: its end is an end.
        os.kill(new, signal.SIGKILL)
        self.assertEqual(events.wait_for("web", "exit")["signal"], "SIGKILL")
        self.wait_until(works, what="serves after kill -9")
        self.done("SVSTOP", "web", "WAIT", "10000")
        self.assertTrue(self.refused(port))

    def test_q11a_t_c2_redis_server(self):
        port = free_port()
        saker = self.make()
        saker.write_services(f"""
            service "cache" {{
              exec = {{"redis-server", "--port", "{port}", "--bind",
                       "127.0.0.1", "--save", "", "--daemonize", "yes",
                       "--pidfile", "{saker.dir}/redis.pid"}},
              daemon = {{pidfile = "{saker.dir}/redis.pid"}},
              dir = "{saker.dir}",
            }}""")
        saker.start()

        def works():
            client = redis.Redis(host="127.0.0.1", port=port, socket_timeout=5)
            try:
                return client.ping()
            finally:
                client.close()

        self.live_through_all("cache", works, lambda: self.refused(port),
                              saker.dir / "redis.pid")

    def test_q11a_t_c2_memcached(self):
        port = free_port()
        saker = self.make()
        home = saker.dir / "mem"
        home.mkdir()
        user = ""
        if os.geteuid() == 0:
            # A directory of the daemon's own user, as in /run.
            os.chown(home, 65534, -1)
            user = 'user = "nobody",'
            saker.dir.chmod(0o755)
        saker.write_services(f"""
            service "mem" {{
              exec = {{"memcached", "-d", "-P", "{home}/mem.pid",
                       "-l", "127.0.0.1", "-p", "{port}"}},
              daemon = {{pidfile = "{home}/mem.pid"}}, {user}
            }}""")
        saker.start()

        def works():
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.sendall(b"version\r\n")
                return s.recv(100).startswith(b"VERSION")

        self.live_through_all("mem", works, lambda: self.refused(port),
                              home / "mem.pid")

    def test_q11a_t_c2_sshd(self):
        port = free_port()
        saker = self.make()
        key = saker.dir / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                        "-f", str(key)], check=True)
        folder = pathlib.Path("/run/sshd")
        if os.geteuid() == 0 and not folder.exists():
            folder.mkdir(0o755)  # sshd will not start without it
            self.addCleanup(folder.rmdir)
        config = self.file("sshd_config", f"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {key}
            PidFile {saker.dir}/sshd.pid
            UsePAM no
            StrictModes no
            """)
        saker.write_services(f"""
            service "ssh" {{
              exec = {{"/usr/sbin/sshd", "-f", "{config}"}},
              daemon = {{pidfile = "{saker.dir}/sshd.pid"}},
              match = "^sshd: /usr/sbin/sshd",
            }}""")
        saker.start()

        def works():
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.settimeout(5)
                return s.recv(100).startswith(b"SSH-2.0")

        self.live_through_all("ssh", works, lambda: self.refused(port),
                              saker.dir / "sshd.pid")


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
