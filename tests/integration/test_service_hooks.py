"""Commands beside a service, and when it runs."""
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402
from definitions_harness import DefinitionsTest  # noqa: E402
from saker_harness import BIN, free_port  # noqa: E402
from services_harness import shell  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
