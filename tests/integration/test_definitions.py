"""The keys of a service, each with real children."""
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402
from saker_harness import BIN, environment_of, free_port  # noqa: E402
from services_harness import proc_status, shell, table  # noqa: E402

# Serves one line per connection from the sockets it is given, and finishes
# what it has begun when it is asked to end.
SERVER = """
import os, select, signal, socket, sys
assert os.environ["LISTEN_PID"] == str(os.getpid())
n = int(os.environ["LISTEN_FDS"])
sockets = [socket.socket(fileno=3 + i) for i in range(n)]
names = os.environ["LISTEN_FDNAMES"].split(":")
ending = []
signal.signal(signal.SIGTERM, lambda *_: ending.append(1))
while not ending:
    for s in select.select(sockets, [], [], 0.05)[0]:
        c, _ = s.accept()
        name = names[sockets.index(s)]
        c.sendall(f"{name} {os.getpid()}\\n".encode())
        c.close()
"""


def proc_limit(pid, name):
    """(soft, hard) of a line of /proc/PID/limits."""
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith(name):
            return tuple(line[len(name):].split()[:2])
    raise AssertionError(f"no limit {name}")


class DefinitionsTest(saker_harness.TestCase):
    def run_service(self, keys, name="a", exec_='{"sleep", "1000"}', **options):
        return self.start(services=f'service "{name}" {{exec = {exec_}, '
                                   f'{keys}}}', **options)

    def running(self, name="a", other_than=0):
        """The pid of a running instance."""
        def pid():
            row = self.saker.status(name)[name]
            new = int(row["pid"]) not in (0, other_than)
            return row["state"] == "running" and new and int(row["pid"])
        return self.wait_until(pid, what=f"{name} running anew")

    def sv(self, *words):
        """An SV command about one instance: (code, desc)."""
        row = table(self.saker.client().execute_command(*words)[0])
        return int(row["code"]), row["desc"]

    def apply(self, text=None):
        if text is not None:
            self.saker.write_services(text)
        return table(self.saker.client().execute_command("SVAPPLY"))

    def text_of(self, name):
        """What stands in a file of the Saker's directory; "" if it is not
        there."""
        try:
            return (self.saker.dir / name).read_text()
        except OSError:
            return ""


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


class Hooks(DefinitionsTest):
    def test_before_and_after_stand_around_each_child(self):
        saker = self.make()
        log = saker.dir / "order"
        saker.write_services(f'''service "a" {{
            exec = {shell(f"echo child >> {log}; exec sleep 1000")},
            dir = "{saker.dir}",
            before = {{{{"/bin/sh", "-c", "echo before $SAKER_NAME >> order"}},
                      "test -e order"}},
            after = "echo after $SAKER_CAUSE >> {log}",
        }}''')
        saker.start()
        self.wait_until(lambda: self.text_of("order")
                        == "before a\nchild\n")
        self.assertEqual(self.sv("SVRESTART", "a", "WAIT", "10000")[0], 0)
        self.wait_until(lambda: self.text_of("order")
                        == "before a\nchild\nafter SIGTERM\n"
                           "before a\nchild\n")
        self.sv("SVSTOP", "a", "WAIT", "10000")
        self.assertEqual(self.state("a"), "stopped")
        self.wait_until(lambda: self.text_of("order")
                        .endswith("child\nafter SIGTERM\n"))

    def test_the_end_of_saker_waits_for_after(self):
        saker = self.make()
        saker.write_services(f'''service "a" {{
            exec = {{"sleep", "1000"}},
            after = "sleep 0.3; echo clean > {saker.dir}/done"}}''')
        saker.start()
        self.running()
        self.assertEqual(saker.stop(), 0)
        self.assertEqual(self.text_of("done"), "clean\n")

    def test_a_before_that_fails_is_a_start_that_failed(self):
        self.run_service('''before = "echo no disk; exit 3", autostart = false,
                            exit = {[3] = "fatal"}''')
        code, text = self.sv("SVSTART", "a")
        self.assertEqual(code, 1)
        self.assertRegex(text, r"before /bin/sh: exit 3; last output: no disk")
        row = self.status("a")["a"]
        self.assertEqual((row["state"], row["last_exit"]),
                         ("failed", "exit 3"))

    def test_a_before_that_hangs_is_killed_at_its_limit_and_by_a_stop(self):
        self.run_service('''before = {"sleep", "1000", within = "300ms"},
                            exit = {timeout = "fatal"}, autostart = false''')
        self.sv("SVSTART", "a")
        self.wait_for_state("a", "failed")
        self.apply('''service "a" {exec = {"sleep", "1000"},
                      before = {"sleep", "1000"}}''')
        self.client().execute_command("SVSTART", "a", "WAIT", "100")
        self.assertEqual(self.state("a"), "starting")
        self.assertEqual(self.sv("SVSTOP", "a", "WAIT", "10000")[0], 0)
        self.assertEqual(self.state("a"), "stopped")

    def test_on_failed_is_told_what_happened(self):
        saker = self.make()
        saker.write_services(f'''service "a" {{
            exec = {shell("echo bye; exit 9")},
            exit = {{["*"] = "fatal"}},
            on_failed = "env | grep ^SAKER_ | sort > {saker.dir}/told",
        }}''')
        saker.start()
        self.wait_for_state("a", "failed")
        self.wait_until(lambda: "SAKER_REASON" in self.text_of("told"))
        told = dict(x.partition("=")[::2]
                    for x in self.text_of("told").splitlines())
        self.assertEqual(
            [told.get("SAKER_" + x) for x in
             ("NAME", "NODE", "HOOK", "CAUSE", "CODE", "LAST_LINE")],
            ["a", "test", "on_failed", "exit 9", "9", "bye"])

    def serve(self, *answers, tls=False, at="127.0.0.1"):
        """A web server that answers so, one after the other, and its port.
        What it was told: (path, type, body). With `tls` as localhost, and
        self.certs has the authority."""
        told, left = [], list(answers)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                told.append((self.path, self.headers["Content-Type"],
                             self.rfile.read(size)))
                status = left.pop(0)
                while status < 200:  # `100 Continue` and the like
                    self.send_response_only(status)
                    self.end_headers()
                    status = left.pop(0)
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer((at, 0), Handler)
        if tls:
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            self.certs = pathlib.Path(folder.name)
            subprocess.run([saker_harness.ROOT / "tools/certs", self.certs,
                            "localhost"], check=True, capture_output=True)
            server.handle_error = lambda *_: None  # who does not believe us
            how = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            how.load_cert_chain(self.certs / "localhost.pem",
                                self.certs / "localhost.key")
            server.socket = how.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return told, server.server_port

    def test_on_failed_tells_a_web_server(self):
        told, port = self.serve(100, 204, 100, 103, 500)
        saker = self.make()
        saker.write_services(f'''service "a" {{
            exec = {shell("exit 9")}, exit = {{["*"] = "fatal"}},
            on_failed = "http://localhost:{port}/failed?key=x",
        }}''')
        saker.start()
        self.wait_for_state("a", "failed")
        self.wait_until(lambda: told, what="a message")
        path, kind, body = told[0]
        self.assertEqual((path, kind), ("/failed?key=x", "application/json"))
        event = json.loads(body)
        self.assertEqual((event["service"], event["node"], event["event"],
                          event["to"], event["cause"]),
                         ("a", "test", "failed", "failed", "exit 9"))
        self.assertNotIn("on_failed", saker.log())
        self.sv("SVSTART", "a")
        self.wait_until(lambda: f"a: on_failed: localhost:{port} answers 500"
                        in saker.log())
        self.assertEqual(saker.log().count("on_failed"), 1)
        self.assertNotIn("key=x", saker.log())

    def test_on_failed_speaks_tls_and_looks_at_the_certificate(self):
        told, port = self.serve(204, tls=True)
        services = f'''service "a" {{
            exec = {shell("exit 9")}, exit = {{["*"] = "fatal"}},
            on_failed = "https://%s/failed" }}'''

        def trusting():
            return dict(os.environ, SSL_CERT_FILE=str(self.certs / "ca.pem"))
        saker = self.start(services=services % f"localhost:{port}",
                           env=trusting())
        self.wait_until(lambda: told, what="a message")
        self.assertEqual(told[0][:2], ("/failed", "application/json"))
        self.assertNotIn("on_failed", saker.log())
        # Another name than the certificate has; then another authority.
        other, elsewhere = self.serve(204, tls=True, at="127.0.0.2")
        for host, env, why in (
                (f"127.0.0.2:{elsewhere}", trusting(), "mismatch"),
                (f"localhost:{port}", None, "self-signed|issuer")):
            saker = self.start(services=services % host, env=env)
            self.wait_until(lambda: re.search(
                f"a: on_failed: {host}: its certificate is not believed: "
                f".*({why}).*; install the one of its authority",
                saker.log()), what=saker.log)
        self.assertEqual((len(told), len(other)), (1, 0))

    def test_a_web_server_that_does_not_answer_is_told(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        port = silent.getsockname()[1]
        saker = self.make()
        saker.write_services(f'''
            service "a" {{
              exec = {shell("exit 9")}, exit = {{["*"] = "fatal"}},
              on_failed = {{"http://127.0.0.1:{port}/", within = "300ms"}} }}
            service "b" {{
              exec = {shell("exit 9")}, exit = {{["*"] = "fatal"}},
              on_failed = "http://127.0.0.1:{free_port()}/" }}''')
        saker.start()
        self.wait_until(lambda: re.search(
            f"a: on_failed: read the answer of 127.0.0.1:{port}: no answer in "
            "time", saker.log()))
        self.wait_until(lambda: re.search(
            r"b: on_failed: connect to 127.0.0.1:\d+: Connection refused",
            saker.log()))
        self.assertEqual(saker.client().execute_command("PING"), True)


class Schedules(DefinitionsTest):
    def lines(self):
        return len(self.text_of("runs").splitlines())

    def begin(self, keys, text="echo run >> runs"):
        saker = self.make()
        saker.write_services(f'''service "a" {{
            exec = {shell(text)}, dir = "{saker.dir}", {keys}}}''')
        saker.start()

    def test_every_runs_it_again_and_again(self):
        self.begin('every = "1s"')
        self.wait_until(lambda: self.lines() >= 3)
        # In one look: the next run may begin at any moment.
        row = self.wait_until(lambda: (x := self.status("a")["a"])["state"]
                              == "waiting" and x)
        self.assertRegex(row["next"], "^run in ")
        self.assertEqual((row["restarts"], row["last_exit"]), (0, "exit 0"))

    def test_cron_waits_and_a_start_runs_it_now(self):
        self.begin('cron = "* * * * *"')
        row = self.status("a")["a"]
        if row["state"] == "waiting" and self.lines() == 0:
            self.assertRegex(row["next"], r"^run in ([1-5]?\d(\.\d+)?s|\d+ms|"
                                          r"\d+s\d+ms|1m|60s)$")
        before = self.lines()
        self.assertEqual(self.sv("SVSTART", "a")[0], 0)
        self.wait_until(lambda: self.lines() > before)
        self.wait_for_state("a", "waiting")

    def test_a_failing_run_follows_the_exit_table(self):
        self.begin('every = "1h", exit = {["*"] = "fatal"}', "exit 5")
        self.wait_for_state("a", "failed")

    def test_kill_makes_room_for_the_next_run(self):
        self.begin('every = "1s", overlap = "kill"',
                   "echo run >> runs; exec sleep 1000")
        self.wait_until(lambda: self.lines() >= 3)
        self.assertEqual(self.status("a")["a"]["restarts"], 0)

    def test_the_schedule_survives_the_node(self):
        self.begin('every = "1h"')
        self.wait_for_state("a", "waiting")
        node = self.kill_node()
        self.wait_until(lambda: self.node_pid() != node)
        self.saker.wait_for_ping()
        self.assertEqual(self.state("a"), "waiting")
        self.assertEqual(self.lines(), 1)

    def test_a_time_that_never_comes_is_an_error(self):
        saker = self.make(services='service "a" {exec = {"true"},\n'
                                   ' cron = "0 0 31 2 *"}')
        done = subprocess.run(
            [str(BIN / "saker"), "check", str(saker.services_dir / "main.lua")],
            capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"main\.lua:2: .*that day never comes")


class Sockets(DefinitionsTest):
    def serve(self, listen, keys=""):
        saker = self.make()
        (saker.dir / "server.py").write_text(SERVER)
        self.definition = f'''service "a" {{
            exec = {{"/usr/bin/python3", "-B", "{saker.dir}/server.py"}},
            {keys} listen = {listen}}}'''
        saker.write_services(self.definition)
        return saker.start()

    def ask(self, port, deadline=10):
        """(name of the socket, pid) as the server says."""
        with socket.create_connection(("127.0.0.1", port), deadline) as s:
            s.settimeout(deadline)
            text = b""
            while not text.endswith(b"\n"):
                more = s.recv(100)
                if not more:
                    raise ConnectionError("closed without an answer")
                text += more
        name, pid = text.decode().split()
        return name, int(pid)

    def refused(self, port):
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            return True
        return False

    def test_sockets_have_names_and_kinds(self):
        port = free_port()
        path = f"/tmp/saker-test-{os.getpid()}.sock"
        self.serve(f'''{{web = "127.0.0.1:{port}",
                        admin = {{"unix:{path}", mode = "0600"}}}}''')
        pid = self.running()
        self.assertEqual(self.ask(port), ("web", pid))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(path)
            self.assertEqual(s.recv(100).split()[0], b"admin")
        self.sv("SVSTOP", "a", "WAIT", "10000")
        self.wait_until(lambda: not os.path.exists(path))

    def test_no_connection_is_lost_while_the_child_restarts(self):
        port = free_port()
        self.serve(f'"127.0.0.1:{port}"')
        self.running()
        pids, failures, end = set(), [], threading.Event()

        def ask_again_and_again():
            while not end.is_set():
                try:
                    pids.add(self.ask(port)[1])
                except OSError as e:
                    failures.append(e)

        clients = [threading.Thread(target=ask_again_and_again)
                   for _ in range(4)]
        for x in clients:
            x.start()
        def restart_and_be_served():
            # A child that is asked to end before it serves would not show
            # much: the next restart waits for an answer of this one.
            self.assertEqual(self.sv("SVRESTART", "a", "WAIT", "10000")[0], 0)
            self.wait_until(lambda: self.pid("a") in pids)

        try:
            for _ in range(4):
                restart_and_be_served()
            node = self.kill_node()
            self.wait_until(lambda: self.node_pid() != node)
            self.saker.wait_for_ping()
            restart_and_be_served()
        finally:
            end.set()
            for x in clients:
                x.join()
        self.assertEqual(failures, [])
        self.assertGreaterEqual(len(pids), 5)

    def test_a_child_that_is_killed_loses_only_what_it_had(self):
        port = free_port()
        self.serve(f'"127.0.0.1:{port}"')
        before = self.running()
        self.assertEqual(self.ask(port)[1], before)
        os.kill(before, signal.SIGKILL)
        self.assertNotEqual(self.ask(port)[1], before)  # waited, not refused

    def test_who_is_stopped_refuses(self):
        port = free_port()
        self.serve(f'"127.0.0.1:{port}"')
        self.running()
        self.ask(port)
        self.sv("SVSTOP", "a", "WAIT", "10000")
        self.wait_until(lambda: self.refused(port))
        self.assertEqual(self.sv("SVSTART", "a", "WAIT", "10000")[0], 0)
        self.ask(port)
        self.apply('service "b" {exec = {"sleep", "1000"}}')
        self.wait_until(lambda: self.refused(port))

    def test_an_address_that_is_taken_is_told_with_its_holder(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            port = s.getsockname()[1]
            self.serve(f'"127.0.0.1:{port}"', keys="autostart = false,")
            code, text = self.sv("SVSTART", "a")
            self.assertEqual(code, 1)
            self.assertRegex(text, f"listen on 127.0.0.1:{port}: bind "
                                   "EADDRINUSE.*python3.*has it")
        self.assertEqual(self.sv("SVSTART", "a", "WAIT", "10000")[0], 0)
        self.ask(port)

    def test_instances_share_a_socket(self):
        port = free_port()
        self.serve(f'"127.0.0.1:{port}"', keys="count = 2,")
        self.running("a:0")
        self.running("a:1")
        self.sv("SVSTOP", "a:0", "WAIT", "10000")
        self.assertEqual(self.ask(port)[1], self.running("a:1"))

    def test_an_address_of_saker_itself_is_refused(self):
        self.run_service("nice = 1")
        reply = self.apply(f'''service "a" {{exec = {{"sleep", "1"}},
            listen = "127.0.0.1:{self.saker.port}"}}''')
        self.assertRegex(reply["errors"][0], "Saker itself listens on")


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
