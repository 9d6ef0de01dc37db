"""Saker and strangers: other users of this machine."""
import os
import pwd
import subprocess
import textwrap
import unittest

import saker_harness

# What a stranger runs: `send` gives back the first line of the reply.
PRELUDE = """
    import os, select, socket, struct, sys, time
    PORT, PATH = int(sys.argv[1]), sys.argv[2]
    def connect(unix=False):
        if unix:
            s = socket.socket(socket.AF_UNIX)
            s.connect(PATH)
        else:
            s = socket.create_connection(("127.0.0.1", PORT), 10)
        s.settimeout(10)
        return s
    def send(s, line):
        s.sendall(line.encode() + b"\\r\\n")
        return s.makefile("rb", buffering=0).readline().decode().strip()
"""


@unittest.skipUnless(os.geteuid() == 0, "only root can become others")
class SecurityTest(saker_harness.TestCase):
    def make(self, **options):
        """One whose sockets strangers can reach."""
        toml = 'socket-mode = "0666"\n' + options.pop("toml", "")
        saker = super().make(toml=toml, **options)
        saker.dir.chmod(0o755)
        return saker

    def stranger(self, code, user="www-data", saker=None, wait=True):
        """Runs Python as somebody else; returns what it prints, or with
        `wait=False` the process."""
        saker = saker or self.saker
        entry = pwd.getpwnam(user)
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c",
             textwrap.dedent(PRELUDE) + textwrap.dedent(code),
             str(saker.port), str(saker.socket)],
            user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        if not wait:
            return process
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        return out

    def replies(self, lines, **options):
        """{line: first line of the reply} of what a stranger sends, each on
        a connection of its own; the same over TCP and UNIX socket."""
        lines = list(lines)
        got = []
        for unix in (False, True):
            out = self.stranger(f"""
                for line in {lines!r}:
                    with connect({unix}) as s:
                        print(send(s, line))
                """, **options)
            # Lengths differ by the digits of figures.
            rows = [x[0] if x.startswith("$") else x for x in out.splitlines()]
            got.append(dict(zip(lines, rows)))
        self.assertEqual(got[0], got[1])
        return got[0]

    def assert_untouched(self, saker=None):
        """Nobody has said anything about the service `web`."""
        row = (saker or self.saker).status("web")["web"]
        self.assertEqual(
            [row[x] for x in ("state", "intent", "intent_by", "restarts")],
            ["running", "up", None, 0])
        return row["pid"]
