"""Real programs as services: how they are kept, stopped and changed."""
import fcntl
import json
import os
import pathlib
import signal
import socket
import struct
import sys
import time
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from saker_harness import (  # noqa: E402
    children_of, environment_of, free_port, process, process_or_none)
from services_harness import (  # noqa: E402
    ProgramTest, ServiceTest, descendants_of, nginx_config, proc_status,
    says_hello, shell, table)

SLEEP = '{"sleep", "1000"}'


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

        def works():
            client = redis.Redis(host="127.0.0.1", port=port, socket_timeout=5)
            try:
                return client.ping()
            finally:
                client.close()

        self.live_through_all("cache", works, lambda: self.refused(port))
        log = (saker.state_dir / "log/cache.log").read_text()
        self.assertIn("Ready to accept connections", log)

    def test_memcached(self):
        port = free_port()
        saker = self.start(services=f"""
            service "mem" {{
              exec = {{"memcached", "-l", "127.0.0.1", "-p", "{port}"}},
              user = "nobody",
            }}""")

        def works():
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.sendall(b"version\r\n")
                return s.recv(100).startswith(b"VERSION")

        self.live_through_all("mem", works, lambda: self.refused(port))
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


class Ends(ServiceTest):
    """What follows an end: exit table, backoff, budget."""

    def test_the_exit_table_decides(self):
        table_ = '{[0] = "done", [78] = "fatal", SIGUSR1 = "done",' \
            ' ["*"] = {"restart", after = "300ms"}}'
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(
            "".join(f"""
            service "{name}" {{exec = {shell(f'''
                while [ ! -e {go} ]; do sleep 0.02; done; {end}''')},
              exit = {table_}, budget = false}}"""
                    for name, end in [("good", "exit 0"), ("bad", "exit 78"),
                                      ("odd", "exit 3"),
                                      ("usr1", "kill -USR1 $$")]))
        saker.start()
        self.wait_until(lambda: all(x["state"] == "running"
                                    for x in saker.status().values()))
        events = self.events()
        go.touch()
        for name, state, cause in [("good", "done", "exit 0"),
                                   ("bad", "failed", "exit 78"),
                                   ("usr1", "done", "SIGUSR1")]:
            self.wait_for_state(name, state)
            told = events.wait_for(name, "exit")
            self.assertEqual((told["cause"], told["to"]), (cause, state))
            row = saker.status(name)[name]
            self.assertEqual((row["pid"], row["last_exit"]), (0, cause))
            events.wait_for(name, state)
            self.assertEqual(events.names(name), ["exit", state])
        backoff = events.wait_for("odd", "backoff")
        self.assertEqual(events.of("odd", "exit")[0]["row"], "*")
        self.assertEqual(events.of("bad", "exit")[0]["row"], "78")
        self.assert_wait(backoff, 300)
        started = events.wait_for("odd", "starting")
        self.assertGreaterEqual(started["ts"] - backoff["ts"], 150)
        self.assertLess(started["ts"] - backoff["ts"], 3000)
        # What is done or failed is started again by a person, not by itself.
        go.unlink()
        self.done("SVSTART", "good", "bad")
        self.assertEqual(self.state("bad"), "running")

    def test_restart_is_short_for_a_table(self):
        self.start(services=f"""
            service "ok" {{exec = {{"true"}}, restart = "transient"}}
            service "no" {{exec = {{"false"}}, restart = "temporary"}}
            service "tr" {{exec = {{"false"}}, restart = "transient",
                          budget = "1/30s", backoff = "10ms",
                          spent = "fatal"}}""")
        self.wait_for_state("ok", "done")
        self.wait_for_state("no", "done")
        self.wait_for_state("tr", "failed")
        self.assertEqual(self.status("tr")["tr"]["restarts"], 1)

    def test_shutdown_ends_all_with_the_status_of_the_child(self):
        saker = self.start(services=f"""
            service "job" {{exec = {shell("exit 42")},
                           exit = {{["*"] = "shutdown"}},
                           autostart = false}}
            service "other" {{exec = {SLEEP}}}""")
        other = process(self.wait_for_pid("other"))
        self.sv("SVSTART", "job")
        self.assertEqual(saker.wait_for_exit(), 42)
        self.assertFalse(other.alive())

    def test_backoff_grows_to_its_cap(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(f"""
            service "x" {{
              exec = {shell(f'while [ ! -e {go} ]; do sleep 0.02; done')},
              backoff = {{"100ms", "400ms", x = 2, jitter = 0}},
              budget = "100/60s"}}""")
        saker.start()
        self.wait_for_pid("x")
        events = self.events()
        go.touch()
        events.wait_for("x", "backoff", 4)
        told = events.of("x")
        # The first restart is at once.
        self.assertEqual([x["event"] for x in told[:6]],
                         ["exit", "starting", "running", "ready", "exit",
                          "backoff"])
        waits = [x for x in told if x["event"] == "backoff"]
        for wait, wanted in zip(waits, [100, 200, 400, 400]):
            self.assert_wait(wait, wanted)
        row = saker.status("x")["x"]
        self.assertGreaterEqual(row["restarts"], 4)
        self.assertEqual(row["restarts"], row["restarts_1h"])

    def test_a_spent_budget_rests_then_one_try(self):
        self.start(services="""
            service "x" {exec = {"false"}, autostart = false,
                         budget = "2/1h", backoff = "10ms",
                         spent = {"rest", "3s"}}""")
        events = self.events()
        code, desc = self.sv("SVSTART", "x")["x"]
        self.assertEqual(code, 1)
        self.assertIn("exit 1", desc)
        told = events.wait_for("x", "resting")
        self.assertEqual(len(events.of("x", "exit")), 3)
        self.assert_wait(told, 3000)
        self.assertIn("more than 2 unexpected ends in 1h", told["reason"])
        row = self.status("x")["x"]
        self.assertEqual((row["state"], row["pid"]), ("resting", 0))
        self.assertRegex(row["next"], "one more try in")
        # One try; it fails, so the next rest begins at once.
        told = events.wait_for("x", "resting", 2)
        self.assertEqual(len(events.of("x", "exit")), 4)
        self.assertIn("again soon after a rest", told["reason"])
        # A person may try at once, with a new budget.
        self.sv("SVSTART", "x")
        events.wait_for("x", "resting", 3)
        self.assertEqual(len(events.of("x", "exit")), 7)
        self.done("SVSTOP", "x")
        self.wait_for_state("x", "stopped")


class Stopping(ServiceTest):
    STUBBORN = shell("""
        exec 2> /dev/null
        trap 'echo TERM' TERM; trap 'echo QUIT' QUIT; echo up
        while :; do sleep 0.05 & wait $!; done""")

    def test_t_c3_the_ladder_against_a_child_that_does_not_listen(self):
        # It gets to hear TERM before QUIT comes, on a busy machine too.
        saker = self.start(services=f"""
            service "x" {{exec = {self.STUBBORN},
                         stop = "TERM 2s QUIT 1s KILL"}}""")
        log = self.trapped("x")
        events = self.events()
        self.done("SVSTOP", "x")  # the first signal only
        row = saker.status("x")["x"]
        self.assertEqual((row["state"], row["intent"]), ("stopping", "down"))
        self.assertRegex(row["next"], "QUIT in")
        told = events.wait_for("x", "exit")
        self.assertEqual(told["cause"], "SIGKILL")
        stopping = events.of("x", "stopping")[0]
        self.assertGreaterEqual(told["ts"] - stopping["ts"], 2980)
        self.assertLess(told["ts"] - stopping["ts"], 15_000)
        events.wait_for("x", "stopped")
        self.wait_until(lambda: log.read_text() == "up\nTERM\nQUIT\n")
        self.assertEqual(events.names("x"), ["stopping", "exit", "stopped"])

    def trapped(self, name):
        """The log of a STUBBORN that no longer dies of the first signal."""
        log = self.saker.state_dir / f"log/{name}.log"
        self.wait_until(lambda: log.read_text() == "up\n", what="traps are set")
        return log

    def test_one_that_is_frozen_is_continued(self):
        self.start(services=f'service "x" {{exec = {SLEEP}}}')
        pid = self.wait_for_pid("x")
        os.kill(pid, signal.SIGSTOP)
        self.wait_until(lambda: process(pid).state() == "T")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertEqual(self.status("x")["x"]["last_exit"], "SIGTERM")

    def test_wait_tells_when_time_is_over(self):
        self.start(services=f"""
            service "x" {{exec = {self.STUBBORN},
                         stop = "TERM 2s KILL"}}""")
        self.trapped("x")
        code, desc = self.sv("SVSTOP", "x", "WAIT", "100")["x"]
        self.assertEqual(code, 2, desc)
        self.assertIn("stopping", desc)
        self.assertEqual(self.sv("SVSTOP", "x", "WAIT", "9000")["x"][0], 0)

    def test_a_command_in_the_place_of_signals(self):
        saker = self.make()
        saker.write_services(f"""
            service "x" {{exec = {SLEEP}, stop = {{"/bin/sh", "-c",
              "echo $MAINPID > {saker.dir}/stopped; kill -INT $MAINPID"}}}}""")
        saker.start()
        pid = self.wait_for_pid("x")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertEqual((saker.dir / "stopped").read_text(), f"{pid}\n")
        self.assertEqual(self.status("x")["x"]["last_exit"], "SIGINT")

    FAMILY = shell("sleep 1001 & setsid sh -c 'sleep 1002 & sleep 1003' & "
                   "wait")

    def family(self, name):
        """All of the tree of a FAMILY, once it is complete."""
        pid = self.wait_for_pid(name)
        pids = self.wait_until(
            lambda: len(descendants_of(pid)) == 4 and descendants_of(pid),
            what="four descendants")
        family = [process(pid)] + [process(x) for x in pids]
        self.saker.ours |= set(family)  # none may survive the test
        return family

    def test_t_c4_the_whole_tree_goes_before_the_restart(self):
        self.start(services=f'service "x" {{exec = {self.FAMILY}}}')
        family = self.family("x")
        events = self.events()
        os.kill(family[0].pid, signal.SIGKILL)
        events.wait_for("x", "starting")
        self.assertFalse([x for x in family if x.alive()])
        # Its process group goes as a group; what had left it is counted.
        told = events.of("x", "exit")[0]
        self.assertGreaterEqual(told["orphans_killed"], 1)
        self.assert_no_zombie()

        family = self.family("x")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertFalse([x for x in family if x.alive()])
        self.assert_no_zombie()

    def test_kill_leader_leaves_the_rest(self):
        self.start(services=f"""
            service "x" {{exec = {self.FAMILY}, kill = "leader"}}""")
        family = self.family("x")
        self.done("SVSTOP", "x", "WAIT", "5000")
        self.assertFalse(family[0].alive())
        left = [x for x in family[1:] if x.alive()]
        for x in left:
            os.kill(x.pid, signal.SIGKILL)
        self.assertEqual(left, family[1:])
        self.assert_no_zombie()


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


class Waiting(ServiceTest):
    def test_svwait_counts_those_that_got_there(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(f"""
            service "a" {{exec = {SLEEP}, count = 2}}
            service "b" {{exec = {shell(f'''
                while [ ! -e {go} ]; do sleep 0.02; done''')},
                         restart = "transient"}}""")
        saker.start()
        call = self.client().execute_command
        self.assertEqual(call("SVWAIT", "*", "running", "5000"), 3)
        self.assertEqual(call("SVWAIT", "a", "stopped", "0"), 0)
        began = time.monotonic()
        self.assertEqual(call("SVWAIT", "*", "done", "200"), 0)
        self.assertGreaterEqual(time.monotonic() - began, 0.19)
        # Others are served meanwhile; the answer comes with the state.
        other = redis.connection.Connection(port=saker.port, socket_timeout=9)
        other.send_command("SVWAIT", "b", "done", "8000")
        self.assertEqual(call("PING"), True)
        go.touch()
        self.assertEqual(other.read_response(), 1)
        other.disconnect()
        self.assertEqual(call("SVWAIT", "*", "running", "50"), 2)
        for words, error in [
                (("nosuch", "done", "5"), "^NOSERVICE "),
                (("a", "dead", "5"), "is no state; states are stopped"),
                (("a", "done", "-1"), "milliseconds"),
                (("a", "done"), "wrong number of arguments for 'svwait'")]:
            with self.assertRaisesRegex(redis.ResponseError, error):
                call("SVWAIT", *words)

    def test_svwait_does_not_wait_for_what_has_failed(self):
        saker = self.make()
        go = saker.dir / "go"
        saker.write_services(f"""
            service "a" {{exec = {shell(f"while [ ! -e {go} ]; do sleep 0.02;"
                                        " done; exit 3")},
                         exit = {{["*"] = "fatal"}}}}
            service "b" {{exec = {SLEEP}}}""")
        saker.start()
        call = self.client().execute_command
        self.assertEqual(call("SVWAIT", "*", "running", "5000"), 2)
        waiter = redis.connection.Connection(port=saker.port, socket_timeout=9)
        waiter.send_command("SVWAIT", "a", "stopped", "60000")
        self.assertEqual(call("PING"), True)
        go.touch()
        self.assertEqual(waiter.read_response(), 0)
        waiter.disconnect()
        self.assertEqual(call("SVWAIT", "*", "running", "60000"), 1)
        self.assertEqual(call("SVWAIT", "a", "failed", "60000"), 1)

    def test_svstart_tells_what_became_of_it(self):
        self.start(services=f"""
            service "ok" {{exec = {SLEEP}, autostart = false}}
            service "early" {{exec = {shell('echo oops; exit 9')},
                             autostart = false, backoff = "20s"}}
            service "quick" {{exec = {{"true"}}, autostart = false,
                             restart = "transient"}}""")
        began = time.monotonic()
        reply = self.sv("SVSTART", "ok", "early", "quick")
        self.assertGreaterEqual(time.monotonic() - began, 0.1)
        self.assertEqual(reply["ok"],
                         (0, f"running, pid {self.pid('ok')}"))
        self.assertEqual(reply["early"][0], 1)
        self.assertRegex(reply["early"][1], "exit 9 after .*oops")
        self.assertEqual(reply["quick"][0], 0)
        self.assertIn("done", reply["quick"][1])
        again = self.sv("SVSTART", "ok")
        self.assertEqual(again["ok"], reply["ok"])
        for words, error in [((), "wrong number of arguments"),
                             (("ok", "WAIT", "soon"), "WAIT needs"),
                             (("ok", "ROLLING", "1"), "for restarts only"),
                             (("nosuch",), "^NOSERVICE ")]:
            with self.assertRaisesRegex(redis.ResponseError, error):
                self.client().execute_command("SVSTART", *words)

    def test_svsignal(self):
        self.start(services=f"""
            service "x" {{exec = {SLEEP}, exit = {{SIGUSR2 = "done"}}}}
            service "off" {{exec = {SLEEP}, autostart = false}}""")
        self.wait_for_pid("x")
        self.assertEqual(self.sv("SVSIGNAL", "15", "off")["off"][0], 3)
        reply = self.sv("SVSIGNAL", "usr2", "x", "off")
        self.assertEqual((reply["x"][0], reply["off"][0]), (0, 3))
        self.assertIn("stopped", reply["off"][1])
        self.wait_for_state("x", "done")
        with self.assertRaisesRegex(redis.ResponseError, '"BOOM" is no sig'):
            self.client().execute_command("SVSIGNAL", "BOOM", "x")


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
            service "x" {{exec = {Stopping.STUBBORN},
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


class Status(ServiceTest):
    FIELDS = ["name", "node", "state", "ready", "intent", "intent_by",
              "intent_since", "pid", "since", "uptime", "restarts",
              "restarts_1h", "last_exit", "next", "reason", "cpu", "rss",
              "where"]

    def setUp(self):
        super().setUp()
        self.start(services=f"""
            service "up" {{exec = {SLEEP}}}
            service "late" {{exec = {{"false"}}, backoff = "20s"}}
            service "off" {{exec = {SLEEP}, autostart = false}}""")
        self.wait_for_pid("up")
        self.wait_for_state("late", "backoff")
        self.wait_until(lambda: self.measured(
            self.client().execute_command("SVSTATUS", "JSON")),
            what="figures of what runs")

    @staticmethod
    def measured(text):
        """The rows, once everything that runs has figures: on a machine that
        has much to do a reply may come before them, and a program that has
        just been executed has no memory yet: what was measured then is told
        for a while."""
        rows = json.loads(text)
        late = [x for x in rows if x["pid"] and (x["rss"] or 0) <= 50_000]
        return None if late else rows

    def raw(self, text, size=1):
        """What the bytes are answered with, until it is quiet after `size`
        bytes."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as s:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            got = b""
            while part := s.recv(65536):
                got += part
        return got

    def check(self, rows):
        up, late, off = (rows[x] for x in ("up", "late", "off"))
        now = time.time() * 1000
        for row in rows.values():
            self.assertEqual(list(row), self.FIELDS)
            self.assertEqual(row["node"], "test")
            self.assertLess(abs(now - row["since"]), 60_000)
            if row["pid"]:
                self.assertGreaterEqual(float(row["cpu"]), 0)
                self.assertGreater(row["rss"], 50_000)
            else:
                self.assertIsNone(row["cpu"])
                self.assertIsNone(row["rss"])
            self.assertRegex(row["where"], r"/services/main\.lua:\d$")
        self.assertEqual(
            [up[x] for x in ("state", "intent", "restarts", "last_exit",
                             "next", "reason")],
            ["running", "up", 0, None, None, None])
        self.assertEqual(process(up["pid"]).alive(), True)
        self.assertGreater(up["uptime"], 0)
        self.assertEqual(
            [late[x] for x in ("state", "pid", "uptime", "restarts",
                               "last_exit")],
            ["backoff", 0, 0, 1, "exit 1"])
        self.assertRegex(late["next"], "^restart in 1[0-9]|2[0-9]")
        self.assertRegex(late["reason"], "^exit 1 after ")
        self.assertEqual(
            [off[x] for x in ("state", "intent", "pid", "since", "last_exit")],
            ["stopped", "down", 0, off["since"], None])

    def test_resp2(self):
        rows = self.status()
        self.check(rows)
        self.assertEqual([rows[x]["ready"] for x in ("up", "late", "off")],
                         [1, 0, 0])
        got = self.raw(b"SVSTATUS off\r\n")
        self.assertTrue(got.startswith(b"*1\r\n*36\r\n$4\r\nname\r\n"
                                       b"$3\r\noff\r\n"), got)
        self.assertIn(b"$5\r\nready\r\n:0\r\n", got)
        self.assertIn(b"$3\r\ncpu\r\n$-1\r\n", got)

    def test_resp3(self):
        got = self.raw(b"HELLO 3\r\nSVSTATUS up\r\n")
        got = got[got.index(b"*1\r\n%18\r\n"):]
        self.assertIn(b"$5\r\nready\r\n#t\r\n", got)
        self.assertIn(b"$3\r\npid\r\n:%d\r\n" % self.pid("up"), got)
        self.assertRegex(got, rb"\$3\r\ncpu\r\n,[0-9.]+\r\n")
        self.assertRegex(got, rb"\$3\r\nrss\r\n:[0-9]+\r\n")
        self.assertIn(b"$9\r\nlast_exit\r\n_\r\n", got)

    def test_json(self):
        rows = json.loads(self.client().execute_command("SVSTATUS", "JSON"))
        self.assertEqual([x["name"] for x in rows], ["late", "off", "up"])
        self.check({x["name"]: x for x in rows})
        self.assertEqual([x["ready"] for x in rows], [False, False, True])
        one = self.client().execute_command("SVSTATUS", "up", "json")
        self.assertEqual(len(json.loads(one)), 1)

    def test_text(self):
        text = self.redis_cli("-3", "svstatus", "text")
        self.assertTrue(text.isascii())
        lines = text.splitlines()
        self.assertEqual(lines[0].split(),
                         ["NAME", "STATE", "READY", "SINCE", "PID", "RST",
                          "1h/all", "LAST", "EXIT", "NEXT", "CPU", "MEM"])
        self.assertRegex(lines[1], r"^late +backoff +- +00:00:\d\d +- +1/1 +"
                         r"exit 1 .*ago +restart in")
        self.assertRegex(lines[2], r"^  why  exit 1 after ")
        # It wrote nothing, so there is no log to look into.
        self.assertRegex(lines[3], r"^off +stopped +- +00:00:\d\d +- +0/0")
        self.assertRegex(lines[4], r"^up +running +yes +00:00:\d\d +"
                         f"{self.pid('up')} +0/0")
        # RESP2 sends the same as simple strings.
        got = self.raw(b"SVSTATUS TEXT\r\n")
        self.assertTrue(got.startswith(b"*5\r\n+NAME "), got)
        got = self.raw(b"HELLO 3\r\nSVSTATUS TEXT\r\n")
        self.assertIn(b"\r\ntxt:NAME ", got)

    def test_nothing_defined_is_no_error(self):
        empty = self.start()
        self.assertEqual(empty.status(), {})
        self.assertEqual(empty.status("*"), {})
        self.assertIn("no services", empty.redis_cli("svstatus", "text"))
        with self.assertRaisesRegex(redis.ResponseError, "^NOSERVICE "):
            empty.status("web")


if __name__ == "__main__":
    unittest.main()
