"""Real programs as services: how they are kept, stopped and changed."""
import fcntl
import os
import pathlib
import signal
import struct
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from saker_harness import (  # noqa: E402
    children_of, environment_of, free_port, process)
from services_harness import (  # noqa: E402
    ProgramTest, SLEEP, ServiceTest, answers_ping, is_memcached, nginx_config,
    proc_status, says_hello, shell)


class RealPrograms(ProgramTest):
    def test_nginx(self):
        port = free_port()
        saker = self.make()
        config = saker.dir / "nginx.conf"
        config.write_text("daemon off; error_log stderr;"
                          + nginx_config(saker.dir, port))
        saker.write_services(f"""
            service "web" {{
              exec = {{"nginx", "-c", "{config}"}},
              stop = "QUIT 5s TERM 2s KILL",
            }}""")
        saker.start()

        def works():
            return says_hello(port)

        self.live_through_all("web", works, lambda: self.refused(port))

        # HUP reaches the master alone, which replaces its workers.
        master = self.pid("web")
        workers = set(self.wait_until(
            lambda: len(children_of(master)) == 2 and children_of(master)))
        self.done("SVSIGNAL", "HUP", "web")
        self.wait_until(lambda: len(children_of(master)) == 2
                        and not workers & set(children_of(master)),
                        what="other workers")
        self.assertEqual(self.pid("web"), master)
        self.wait_until(works, what="serves after HUP")

        # The workers of a dead master hold the port: they must go with it.
        workers = [process(x) for x in children_of(master)]
        os.kill(master, signal.SIGKILL)
        self.wait_for_pid("web", other_than=master)
        self.assertFalse([x for x in workers if x.alive()])
        self.wait_until(works, what="serves after the master was killed")

    def test_redis_server(self):
        port = free_port()
        saker = self.make()
        saker.write_services(f"""
            service "cache" {{
              exec = {{"redis-server", "--port", "{port}", "--bind",
                       "127.0.0.1", "--save", "", "--daemonize", "no"}},
              dir = "{saker.dir}",
            }}""")
        saker.start()

        self.live_through_all("cache", lambda: answers_ping(port),
                              lambda: self.refused(port))
        log = (saker.state_dir / "log/cache.log").read_text()
        self.assertIn("Ready to accept connections", log)

    def test_memcached(self):
        port = free_port()
        saker = self.start(services=f"""
            service "mem" {{
              exec = {{"memcached", "-l", "127.0.0.1", "-p", "{port}"}},
              user = "nobody",
            }}""")

        self.live_through_all("mem", lambda: is_memcached(port),
                              lambda: self.refused(port))
        self.assertEqual(proc_status(saker.pid("mem"))["Uid"].split(),
                         ["65534"] * 4)


class Instances(ServiceTest):
    def test_each_instance_lives_its_own_life(self):
        self.start(services=f"""
            service "w" {{exec = {shell('echo $0-$N; exec sleep 1000')},
                         count = 2, env = {{N = "n{{i}}"}}}}
            service "one" {{exec = {SLEEP}, count = 1}}""")
        self.wait_for_pid("w:0")
        other = self.wait_for_pid("w:1")
        self.assertEqual(list(self.status("*")), ["one:0", "w:0", "w:1"])
        events = self.events()
        self.kill_and_expect_one_exit("w:0", events)
        self.assertEqual(self.pid("w:1"), other)
        self.assertEqual(events.of("w:1"), [])
        for i in (0, 1):
            log = self.saker.state_dir / f"log/w:{i}.log"
            self.wait_until(lambda: set(log.read_text().split())
                            == {f"/bin/sh-n{i}"}, what=f"lines of w:{i}")

        self.assertEqual(list(self.done("SVSTOP", "w:1")), ["w:1"])
        self.wait_for_state("w:1", "stopped")
        self.assertEqual(self.state("w:0"), "running")
        self.assertEqual(list(self.done("SVSTOP", "w")), ["w:0", "w:1"])
        self.wait_for_state("w:0", "stopped")
        self.assertEqual(list(self.done("SVSTART", "w:*")), ["w:0", "w:1"])
        self.assertEqual(set(self.done("SVRESTART", "*")),
                         {"one:0", "w:0", "w:1"})

    def test_masks_are_resolved_before_anything_is_done(self):
        self.start(services=f"""
            service "a" {{exec = {SLEEP}}}
            service "ab" {{exec = {SLEEP}}}""")
        a = self.wait_for_pid("a")
        client = self.client()
        with self.assertRaisesRegex(redis.ResponseError, "^NOSERVICE .*ac"):
            client.execute_command("SVSTOP", "a", "ac")
        self.assertEqual(self.pid("a"), a)
        self.assertEqual(list(self.sv("SVSTOP", "a*", "ab")), ["a", "ab"])
        self.assertEqual(list(self.status("@test")), ["a", "ab"])
        with self.assertRaisesRegex(redis.ResponseError, "^NONODE .*else"):
            client.execute_command("SVSTATUS", "*@elsewhere")


class Surroundings(ServiceTest):
    """What a child is born into."""

    def test_user_dir_umask_and_environment(self):
        saker = self.make(env=dict(os.environ, SECRET_OF_ROOT="x", LANG="C",
                                   LD_LIBRARY_PATH="/none"))
        saker.dir.chmod(0o755)
        home = saker.dir / "home"
        home.mkdir()
        saker.write_services(f"""
            service "x" {{exec = {SLEEP}, user = "www-data", dir = "{home}",
                         umask = "027",
                         env = {{A = "1 2", EMPTY = "", N = 5}}}}
            service "none" {{exec = {SLEEP}, inherit_env = false}}
            service "all" {{exec = {SLEEP}, inherit_env = true,
                           supplementary_groups = {{"daemon", "mail"}}}}""")
        saker.start()
        pid = self.wait_for_pid("x")
        about = proc_status(pid)
        self.assertEqual(about["Uid"].split(), ["33"] * 4)
        self.assertEqual(about["Gid"].split(), ["33"] * 4)
        self.assertEqual(about["Groups"].split(), ["33"])
        self.assertEqual(about["Umask"], "0027")
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), str(home))
        env = environment_of(pid)
        self.assertEqual(
            {x: env.get(x) for x in ("A", "EMPTY", "N", "HOME", "USER",
                                     "LOGNAME", "SHELL", "LANG",
                                     "SECRET_OF_ROOT", "LD_LIBRARY_PATH")},
            {"A": "1 2", "EMPTY": "", "N": "5", "HOME": "/var/www",
             "USER": "www-data", "LOGNAME": "www-data",
             "SHELL": "/usr/sbin/nologin", "LANG": "C",
             "SECRET_OF_ROOT": None, "LD_LIBRARY_PATH": None})
        self.assertIn("/usr/bin", env["PATH"])
        env = environment_of(self.wait_for_pid("none"))
        self.assertEqual([x for x in env if not x.startswith("SAKER_")], [])
        pid = self.wait_for_pid("all")
        self.assertEqual(environment_of(pid)["SECRET_OF_ROOT"], "x")
        self.assertEqual(proc_status(pid)["Groups"].split(), ["1", "8"])
        self.assertEqual(proc_status(pid)["Umask"], "0022")

    def test_t_c9_a_child_has_its_descriptors_and_no_others(self):
        self.start(services=f'service "x" {{exec = {SLEEP}}}')
        pid = self.wait_for_pid("x")

        def descriptors():
            return {int(x.name): os.readlink(x)
                    for x in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
        # A program that has just been executed still opens libraries.
        fds = self.wait_until(lambda: (x := descriptors()).keys() == {0, 1, 2}
                              and x, what="descriptors 0, 1, 2 and no others")
        self.assertEqual(fds[0], "/dev/null")
        self.assertEqual(fds[1], fds[2])
        self.assertEqual(os.getsid(pid), pid)
        about = proc_status(pid)
        self.assertEqual(int(about["SigBlk"], 16), 0)
        self.assertEqual(int(about["SigIgn"], 16), 0)

    def test_q11b_match_is_compared_with_what_runs(self):
        saker = self.start(services=f"""
            service "good" {{exec = {shell('exec sleep 1000')},
                            match = "^sleep 10+$"}}
            service "odd" {{exec = {shell('sleep 1000 & wait')}, count = 2,
                           match = "^sleep 1.{{i}}"}}""")
        for i in (0, 1):
            self.wait_until(lambda: f'odd:{i}: pid {self.pid(f"odd:{i}")} '
                            "(/bin/sh -c sleep 1000 & wait) is not what match "
                            f"describes: ^sleep 1.{i}\n" in saker.log())
        self.assertNotIn("good", saker.log())
        self.assertEqual(self.state("odd:0"), "running")

    def test_q11b_the_pidfile_is_written_and_locked(self):
        saker = self.make()
        pidfile = saker.dir / "x.pid"
        saker.write_services(f"""
            service "x" {{exec = {SLEEP}, pidfile = "{pidfile}",
                         match = "^sleep 1000"}}
            service "y" {{exec = {SLEEP}, pidfile = "{saker.dir}/y.pid",
                         autostart = false}}""")
        saker.start()
        pid = self.wait_for_pid("x")
        self.assertEqual(pidfile.read_text().strip(), str(pid))
        self.assertEqual(pidfile.stat().st_mode & 0o777, 0o644)
        with open(pidfile) as f:
            lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            told = struct.unpack("hhqqi4x",
                                 fcntl.fcntl(f, fcntl.F_GETLK, lock))
        self.assertEqual((told[0], told[4]), (fcntl.F_WRLCK, pid))
        # One that somebody else has locked.
        with open(saker.dir / "y.pid", "w") as f:
            fcntl.lockf(f, fcntl.LOCK_EX)
            code, desc = self.sv("SVSTART", "y")["y"]
            self.assertEqual(code, 1)
            self.assertRegex(desc, f"pidfile.* {saker.dir}/y.pid: .*EAGAIN")
        self.done("SVSTART", "y")
        # The lock goes with the child, and the next one takes it.
        os.kill(pid, signal.SIGKILL)
        new = self.wait_for_pid("x", other_than=pid)
        self.assertEqual(pidfile.read_text().strip(), str(new))


class Logs(ServiceTest):
    def test_lines_in_order_rotation_and_where_they_go(self):
        saker = self.make()
        mine = saker.dir / "mine"
        mine.mkdir(mode=0o755)
        # 60 000 bytes; a rotated file stays below size and a pipe full.
        numbers = 'i=0; while [ $i -lt 3000 ]; do printf "%019d\\n" $i; ' \
            "i=$((i+1)); done; exec sleep 1000"
        saker.write_services(f"""
            service "many" {{exec = {shell(numbers)},
                            log = {{size = "8K", keep = 20}}}}
            service "few" {{exec = {shell(numbers)},
                           log = {{size = "8K", keep = 2}}}}
            service "split" {{exec = {shell('echo out; echo err >&2; '
                                            'exec sleep 1000')},
                             log = {{split = true,
                                     file = "{mine}/split.log"}}}}
            service "none" {{exec = {shell('echo out; exec sleep 1000')},
                            log = false}}
            service "usual" {{exec = {shell('echo out; echo err >&2; '
                                            'exec sleep 1000')}}}""")
        saker.start()
        logs = saker.state_dir / "log"

        def lines(name):
            rotated = sorted(logs.glob(f"{name}.log.*"),
                             key=lambda x: -int(x.name.rpartition(".")[2]))
            return [int(line) for x in rotated + [logs / f"{name}.log"]
                    for line in x.read_text().splitlines()]

        self.wait_until(lambda: lines("many")[-1] == 2999)
        self.assertEqual(lines("many"), list(range(3000)))
        self.wait_until(lambda: lines("few")[-1] == 2999)
        self.assertEqual(sorted(x.name for x in logs.glob("few.log*")),
                         ["few.log", "few.log.1", "few.log.2"])
        kept = lines("few")
        self.assertEqual(kept, list(range(kept[0], 3000)))
        self.assertLess(len(kept), 3000)

        self.wait_until(lambda: (mine / "split.err.log").exists()
                        and (mine / "split.err.log").read_text() == "err\n")
        self.wait_until(lambda: (mine / "split.log").read_text() == "out\n")
        self.wait_until(
            lambda: (logs / "usual.log").read_text() == "out\nerr\n")
        self.assertEqual((logs / "usual.log").stat().st_mode & 0o007, 0)
        self.assertFalse((logs / "none.log").exists())
        self.assertEqual(
            os.readlink(f"/proc/{self.wait_for_pid('none')}/fd/1"),
            "/dev/null")

    def test_a_failed_one_shows_its_last_line(self):
        saker = self.start(services=f"""
            service "x" {{exec = {shell('echo first; echo no database >&2; '
                                        'exit 1')}, autostart = false,
                         exit = {{["*"] = "fatal"}}}}""")
        code, desc = self.sv("SVSTART", "x")["x"]
        self.assertEqual(code, 1)
        self.assertIn("exit 1", desc)
        self.assertIn("no database", desc)
        text = saker.redis_cli("-3", "svstatus", "text")
        self.assertRegex(text, r"(?m)^x +failed .*exit 1")
        self.assertIn("  out  no database\n", text)
        self.assertIn(f"  log  {saker.state_dir}/log/x.log\n", text)


if __name__ == "__main__":
    unittest.main()
