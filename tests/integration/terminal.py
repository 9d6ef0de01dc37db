"""Programs at a terminal, for tests of what a person sees."""
import errno
import os
import pty
import select
import signal
import subprocess
import termios
import time


class Terminal:
    """Runs one command line with bash at a terminal of its own, as wide as it
    needs; ended by `close()`, with all its processes."""

    def __init__(self, line, cwd, env=None):
        self._end, theirs = pty.openpty()
        try:
            # Newlines as they are written, and nothing echoed.
            modes = termios.tcgetattr(theirs)
            modes[1] &= ~termios.OPOST
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(theirs, termios.TCSANOW, modes)
            self._process = subprocess.Popen(
                ["bash", "-c", line], stdin=theirs, stdout=theirs,
                stderr=theirs, cwd=cwd, env=env, start_new_session=True,
                # Whoever runs the tests in the background ignores it.
                preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                 signal.SIG_DFL))
        finally:
            os.close(theirs)
        self._bytes = b""
        self._open = True

    def read(self, seconds=0.05):
        """All that was printed so far, after waiting that long for more."""
        if self._open and select.select([self._end], [], [], seconds)[0]:
            try:
                more = os.read(self._end, 1 << 16)
            except OSError as e:
                if e.errno != errno.EIO:  # nobody holds the other end
                    raise
                more = b""
            self._bytes += more
            self._open = bool(more)
        return self._bytes.decode(errors="replace")

    def ended(self):
        """True once its output is complete."""
        return not self._open

    def read_all(self, deadline=20):
        """All that it prints until it ends."""
        end = time.monotonic() + deadline
        while not self.ended():
            if time.monotonic() >= end:
                raise AssertionError(f"does not end within {deadline} s:\n"
                                     + self.read())
            self.read()
        return self.read()

    def interrupt(self):
        """Ctrl-C."""
        os.killpg(self._process.pid, signal.SIGINT)

    def close(self):
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()
        os.close(self._end)
