"""Several Sakers on one machine that know of each other."""
import pathlib
import shutil
import subprocess
import tempfile

import saker_harness as harness

HEARTBEAT = 0.2

# Long enough for a node that the machine does not let run for a moment.
DEAD_AFTER = 3.0

# Generous: the machine may be busy.
SOON = 20

# A silent node is dead by then.
DEATH_NOTICED = 1.25 * DEAD_AFTER + 4

SLEEPER = 'service "{0}" {{exec = {{"sleep", "1000"}}}}\n'


def as_dict(row):
    return row if isinstance(row, dict) else dict(zip(row[::2], row[1::2]))


class Node(harness.Saker):
    """A Saker that is a member: its clients may use the UNIX socket only, so
    that it can live in a network namespace."""

    def __init__(self, name, port, join, secrets="", prefix=(),
                 host="127.0.0.1", more="", **options):
        self.name, self.link_port, self.prefix = name, port, list(prefix)
        self._by_socket = None
        join = [x if isinstance(x, str) else f"127.0.0.1:{x}" for x in join]
        toml = f"""[cluster]
listen = "{host}:{port}"
join = {join}
heartbeat = "{int(HEARTBEAT * 1000)}ms"
dead-after = "{int(DEAD_AFTER * 1000)}ms"
{secrets}"""
        super().__init__(toml=toml, services=SLEEPER.format("on-" + name)
                         + SLEEPER.format("web") + more,
                         arguments=["--set", f"node={name}"], **options)

    def command(self):
        return self.prefix + super().command()

    def via_socket(self):
        if not self._by_socket:
            self._by_socket = self.client(unix_socket_path=str(self.socket))
        return self._by_socket

    def wait_for_ping(self, deadline=20):
        def serves():
            return not self.via_socket().info("persistence")["loading"]
        harness.wait_until(serves, deadline,
                           f"PING of {self.name}; its log:\n{self.log()}")
        self.note_processes()

    def nodes(self):
        """NODES as {name: row}."""
        rows = self.via_socket().execute_command("NODES")
        return {x["name"]: x for x in map(as_dict, rows)}

    def sees(self, name, state):
        return self.nodes().get(name, {}).get("state") == state

    def rows(self, *masks):
        """SVSTATUS as {(name, node): row}."""
        rows = self.via_socket().execute_command("SVSTATUS", *masks)
        return {(x["name"], x["node"]): x for x in map(as_dict, rows)}


class ClusterCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.common = pathlib.Path(tempfile.mkdtemp(prefix="saker-c-",
                                                    dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.common, ignore_errors=True)
        cookie = self.common / "cookie"
        cookie.write_text("a secret of the test\n")
        cookie.chmod(0o600)
        self.insecure = f'insecure = true\ncookie-file = "{cookie}"\n'
        self.prefix = ()

    def make_certs(self, folder, *names):
        folder = self.common / folder
        subprocess.run([str(harness.ROOT / "tools/certs"), str(folder),
                        *names], check=True, capture_output=True)
        return folder

    @staticmethod
    def tls(folder, name, ca=None):
        return (f'tls = {{cert = "{folder}/{name}.pem", '
                f'key = "{folder}/{name}.key", '
                f'ca = "{ca or folder}/ca.pem"}}\n')

    def node(self, name, port=None, join=(), secrets=None, **options):
        options.setdefault("prefix", self.prefix)
        one = Node(name, port or harness.free_port(), join,
                   self.insecure if secrets is None else secrets, **options)
        self._sakers.append(one)
        return one

    def trio(self, **options):
        """Three of them; the second and third know the first one only."""
        first = self.node("n1", **options)
        rest = [self.node(x, join=[first.link_port], **options)
                for x in ("n2", "n3")]
        all_ = [first] + rest
        for x in all_:
            x.start()
        self.meet(all_)
        return all_

    def pair(self, **options):
        a = self.node("a", **options)
        b = self.node("b", join=[a.link_port], **options)
        a.start()
        b.start()
        self.meet([a, b])
        return a, b

    def meet(self, all_, deadline=SOON):
        for x in all_:
            for y in all_:
                self.wait_until(lambda: x.sees(y.name, "up"), deadline,
                                f"{x.name} sees {y.name}: {x.nodes()}\n"
                                f"{x.log()}")
            self.wait_until(lambda: x.rows("web")["web", x.name]["state"]
                            == "running", deadline, f"web of {x.name} runs")
