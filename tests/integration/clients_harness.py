"""A Saker for clients that come back after the node was killed."""
import hashlib
import os
import signal

import saker_harness

PASSWORD = "correct horse"
DIGEST = hashlib.sha256(PASSWORD.encode()).hexdigest()

SERVICES = """
    service "web" {exec = {"sleep", "1000"}}
    service "off" {exec = {"sleep", "1000"}, autostart = false}"""
SCRIPTS = """
    saker.register("greet", function(args)
      return "hello " .. (args[1] or "you")
    end, PROP_PASSIVITY, {help = "greet [NAME]: says hello", arity = -1})"""


class ClientTest(saker_harness.TestCase):
    password = None

    def setUp(self):
        super().setUp()
        saker = self.make(
            services=SERVICES, scripts=SCRIPTS,
            toml=f'[users.default]\npassword-hash = "{DIGEST}"\n'
            if self.password else "")
        connect = saker.client
        saker.client = lambda **options: connect(
            **{"password": self.password, **options})
        saker.start()
        self.wait_for_state("web", "running")
        self.web = self.pid("web")

    def tearDown(self):
        # Whatever clients did, the child did not notice.
        self.assertEqual(self.pid("web"), self.web)

    def kill_node_by_info(self, client):
        """As somebody would who has nothing but a client."""
        pid = client.info("server")["process_id"]
        self.assertEqual(pid, self.node_pid())
        os.kill(pid, signal.SIGKILL)
