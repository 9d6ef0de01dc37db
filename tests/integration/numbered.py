"""Children that write numbered lines all the time, and the check that every
line is in their log exactly once and in order.

A line is `pid number` and, when the child is asked to end, a last one
`pid end count`. No line crosses a write, so each is whole in the pipe."""
import re

WRITER = r"""
import os, signal, sys, time
burst, pause = int(sys.argv[1]), float(sys.argv[2])
ended = []
signal.signal(signal.SIGTERM, lambda *unused: ended.append(1))
pid, count = os.getpid(), 0
while not ended:
    text = b""
    for _ in range(burst):
        text += b"%d %d\n" % (pid, count)
        count += 1
        if len(text) > 3000:
            os.write(1, text)
            text = b""
    if text:
        os.write(1, text)
    time.sleep(pause)
os.write(1, b"%d end %d\n" % (pid, count))
"""


def definition(name, burst=1, pause=0.01, log='{size = "1G"}', more=""):
    """A service that writes `burst` lines, waits `pause` seconds, and so on.
    A burst of 10 000 lines is more than its pipe holds."""
    return (f'service "{name}" {{exec = {{"/usr/bin/python3", "-S", "-E", '
            f'"-c", [=[{WRITER}]=], "{burst}", "{pause}"}}, log = {log}, '
            f'{more}}}\n')


def log_files(folder, name):
    """The files of one service, the oldest first."""
    def age(path):
        number = path.name.removeprefix(f"{name}.log").removeprefix(".")
        return -int(number or 0)
    return sorted((x for x in folder.glob(f"{name}.log*")
                   if re.fullmatch(re.escape(name) + r"\.log(\.\d+)?",
                                   x.name)), key=age)


def check(folder, name):
    """{pid: how many lines} of all children of the service, in their order.
    Fails where one is missing, doubled, cut or misplaced; a child that said
    how many lines it wrote must have that many."""
    counts, ended = {}, set()
    for path in log_files(folder, name):
        with open(path, "rb") as lines:
            for at, line in enumerate(lines, 1):
                where = f"{path}:{at}"
                words = line.split()
                if not line.endswith(b"\n") or len(words) not in (2, 3):
                    raise AssertionError(f"{where}: {line!r} is no line")
                pid, number = int(words[0]), int(words[-1])
                expected = counts.setdefault(pid, 0)
                if pid in ended:
                    raise AssertionError(f"{where}: {line!r} after the end")
                if number != expected:
                    raise AssertionError(
                        f"{where}: {line!r}, not number {expected}")
                if len(words) == 3:
                    ended.add(pid)
                else:
                    counts[pid] += 1
    return counts
