"""A daemon for tests, and those that Saker did not start."""
import os
import pathlib
import subprocess

from saker_harness import wait_until
from services_harness import ProgramTest

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
