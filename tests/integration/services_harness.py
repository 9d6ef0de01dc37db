"""What tests of services share: SV commands, what everybody does with a
service, and a real nginx."""
import http.client
import os
import pathlib
import signal
import socket
import subprocess

import redis

import saker_harness
from saker_harness import children_of, process_or_none


def shell(text):
    """exec of a shell with this text, as Lua."""
    return '{"/bin/sh", "-c", [==[' + text + "]==]}"


SLEEP = '{"sleep", "1000"}'

# It says TERM and QUIT to these signals, and goes on.
STUBBORN = shell("""
    exec 2> /dev/null
    trap 'echo TERM' TERM; trap 'echo QUIT' QUIT; echo up
    while :; do sleep 0.05 & wait $!; done""")


def table(reply):
    """A row of a reply as a dict: RESP2 sends maps as flat lists."""
    return dict(zip(reply[::2], reply[1::2]))


def proc_status(pid):
    """/proc/PID/status as a dict of strings."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {k: v.strip() for k, _, v in (x.partition(":") for x in lines)}


def descendants_of(pid):
    found = []
    for child in children_of(pid):
        found += [child] + descendants_of(child)
    return found


def nginx_config(folder, port):
    """An nginx with two workers that says hello; its files are in `folder`."""
    return f"""
        pid {folder}/nginx.pid;
        worker_processes 2; events {{ worker_connections 64; }}
        http {{ access_log off;
          client_body_temp_path {folder}/t1;
          proxy_temp_path {folder}/t2;
          fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4;
          scgi_temp_path {folder}/t5;
          server {{ listen 127.0.0.1:{port};
                    location / {{ return 200 "hello"; }} }} }}"""


def says_hello(port):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    client.request("GET", "/")
    text = client.getresponse().read()
    client.close()
    return text == b"hello"


def answers_ping(port):
    with redis.Redis(host="127.0.0.1", port=port, socket_timeout=5) as client:
        return client.ping()


def is_memcached(port):
    with socket.create_connection(("127.0.0.1", port), 5) as s:
        s.sendall(b"version\r\n")
        return s.recv(100).startswith(b"VERSION")


class ServiceTest(saker_harness.TestCase):
    def sv(self, *words):
        """An SV command: {name: (code, desc)}."""
        rows = map(table, self.saker.client().execute_command(*words))
        return {x["name"]: (x["code"], x["desc"]) for x in rows}

    def done(self, *words):
        """An SV command that succeeds for all it names."""
        reply = self.sv(*words)
        self.assertEqual({code for code, _ in reply.values()}, {0}, reply)
        return reply

    def apply(self, *words):
        return table(self.saker.client().execute_command("SVAPPLY", *words))

    def wait_for_pid(self, name, other_than=0):
        """The pid of a running instance."""
        def pid():
            row = self.saker.status(name)[name]
            new = row["pid"] not in (0, other_than)
            return row["state"] == "running" and new and int(row["pid"])
        return self.wait_until(pid, what=f"{name} running anew")

    def assert_wait(self, told, milliseconds):
        """What an event says of the time to wait. It is told a moment after
        it was decided: less is left by then."""
        left = told["next_at"] - told["ts"]
        self.assertLessEqual(left, milliseconds + 5)
        self.assertGreater(left, milliseconds / 2)

    def assert_no_zombie(self):
        """Of keeper and node; an orphan needs a moment to be reaped."""
        def zombies():
            keeper = self.saker.keeper_pid()
            all_ = [process_or_none(x) for x in descendants_of(keeper)]
            return [x for x in all_ if x and x.state() == "Z"]
        self.wait_until(lambda: not zombies(), what="no zombie")

    def kill_and_expect_one_exit(self, name, events):
        """kill -9 of a child: running again, told once, no zombie."""
        before = self.wait_for_pid(name)
        seen = len(events.of(name, "exit"))
        os.kill(before, signal.SIGKILL)
        after = self.wait_for_pid(name, other_than=before)
        told = events.wait_for(name, "exit", seen + 1)
        self.assertEqual((told["cause"], told["signal"], told["pid"]),
                         ("SIGKILL", "SIGKILL", before))
        events.wait_for(name, "running", len(events.of(name, "exit")))
        self.assertEqual(len(events.of(name, "exit")), seen + 1)
        self.assert_no_zombie()
        return after


class ProgramTest(ServiceTest):
    def live_through_all(self, name, works, refused, pidfile=None):
        """What everybody does with a service. `works()` is true if it serves,
        `refused()` if its port is closed. Somebody writes another pid into
        `pidfile` all the time."""
        forge = self.forger(pidfile)
        events = self.events(f"saker:test:{name}:*")
        self.wait_until(works, what=f"{name} serves")
        first = self.wait_for_pid(name)
        forge()
        self.done("SVCHECK", name)
        self.assertEqual(self.pid(name), first)
        self.kill_and_expect_one_exit(name, events)
        self.wait_until(works, what=f"{name} serves after kill -9")

        self.wait_for_state(name, "running")
        forge()
        self.done("SVSTOP", name, "WAIT", "10000")
        self.assertEqual(self.state(name), "stopped")
        self.assertTrue(refused())
        forge()
        self.done("SVSTART", name)
        self.wait_until(works, what=f"{name} serves after SVSTART")
        before = self.pid(name)
        forge()
        self.done("SVRESTART", name, "WAIT", "10000")
        self.wait_until(works, what=f"{name} serves after SVRESTART")
        self.assertNotIn(self.pid(name), (0, first, before))
        events.wait_for(name, "exit", 3)
        self.assertEqual(len(events.of(name, "exit")), 3)
        self.assertEqual(self.status(name)[name]["restarts"], 1)
        self.assert_no_zombie()

    def forger(self, pidfile):
        """A function that makes the pidfile name a stranger, who must never
        notice. (What root alone could have written is believed.)"""
        if not pidfile:
            return lambda: None
        stranger = subprocess.Popen(["/bin/sleep", "1000"],
                                    start_new_session=True)

        def unharmed():
            self.assertIsNone(stranger.poll(), "the stranger was signalled")
            stranger.kill()
            stranger.wait()
        self.addCleanup(unharmed)

        def forge():
            path = pathlib.Path(pidfile)
            path.write_text(f"{stranger.pid}\n")
            path.chmod(0o666)  # anybody may have written that
            self.assertIsNone(stranger.poll(), "the stranger was signalled")
        return forge

    @staticmethod
    def refused(port):
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            return True
        return False
