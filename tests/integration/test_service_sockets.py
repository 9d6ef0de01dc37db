"""Sockets that Saker holds for services."""
import os
import signal
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from definitions_harness import DefinitionsTest  # noqa: E402
from saker_harness import free_port  # noqa: E402

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


if __name__ == "__main__":
    unittest.main()
