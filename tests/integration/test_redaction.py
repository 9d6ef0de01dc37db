"""Secrets that are given to Saker in every way, and all that can be read."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402

# Stands in every secret below, and nowhere else.
MARK = "pl4nted"

SERVICES = f"""
service "web" {{
  exec = {{"sleep", "1000"}},
  env = {{DB_PASSWORD = "{MARK}-env", DATABASE_URL = "pg://u:{MARK}-url@h/d",
         MORE = [[{{"db": {{"password": "{MARK}-json"}}}}]]}},
  stop = {{"sh", "-c", "TOKEN={MARK}-stop true"}},
}}
service "bad" {{
  exec = {{"sh", "-c", "API_KEY={MARK}-exec; exit 3"}},
  env = {{MY_SECRET = "{MARK}-bad"}},
  before = {{"true", "--password", "{MARK}-before"}},
}}
"""

SCRIPTS = f"""
local function leak()
  local reply, why = saker.call("AUHT", "ann", "{MARK}-script")
  error(why)
end
local function modifier()
  local reply, why = saker.call("ACL", "SETUSER", "ann", "#{MARK}-modifier")
  error(why)
end
saker.register("leak", leak, PROP_PASSIVITY)
saker.register("modifier", modifier, PROP_PASSIVITY)
"""


class RedactionTest(harness.TestCase):
    def owner(self):
        return self.client(unix_socket_path=str(self.saker.socket))

    def no_secret(self, text, where):
        text = text if isinstance(text, str) else json.dumps(text, default=str)
        at = text.find(MARK)
        self.assertEqual(at, -1, f"{where}: …{text[max(0, at - 300):at + 60]}")

    def run_saker(self, *words, **options):
        done = subprocess.run([harness.BIN / "saker", *map(str, words)],
                              capture_output=True, text=True, timeout=30,
                              **{"stdin": subprocess.DEVNULL, **options})
        return done.returncode, done.stdout + done.stderr


class Starts(RedactionTest):
    """Errors in what is read at a start."""

    def refused(self, toml, arguments=(), users=None):
        saker = self.make(toml=toml)
        saker.arguments = list(arguments)
        if users:
            saker.state_dir.mkdir(mode=0o700, exist_ok=True)
            path = saker.state_dir / "users.acl"
            path.write_text(users)
            path.chmod(0o600)
        saker.launch()
        self.assertEqual(saker.wait_for_exit(), 78, saker.log())
        self.no_secret(saker.log(), toml or users or arguments)
        status, out = self.run_saker(
            "check", "--config", saker.dir / "saker.toml")
        self.no_secret(out, f"check {toml}")
        return saker.log()

    def test_settings(self):
        for line in (f'password-hash = "{MARK}"', f"password-hash = {MARK}",
                     f'password-hash = "{MARK}', f"password-hash '{MARK}'",
                     f'pasword-hash = "{MARK}"', f'password = "{MARK}"',
                     f'password-hash = ["{MARK}"]',
                     f'rules = [">{MARK}", "+nosuch"]',
                     f'rules = ["#{MARK}"]', f'rules = ["<{MARK}"]',
                     f'rules = ["(+get >{MARK})"]', f'rules = ["{MARK}"]',
                     f'rules = ["(>{MARK}"]',
                     f'rules = [">{MARK}", 5]'):
            log = self.refused(f"[users.ann]\n{line}\n")
            self.assertRegex(log, r"saker\.toml:2: ")
        self.refused(f'[redis]\nrequirepass = "{MARK}"\nmaxclients = "x"\n')
        self.refused(f'[redis]\nrequirepass = ["{MARK}"]\n')

    def test_command_line(self):
        for setting in (f"users.default.password-hash={MARK}",
                        f'users.ann.rules=[">{MARK}", "+nosuch"]',
                        f"users.ann.pasword-hash={MARK}"):
            self.refused("", ["--set", setting])

    def test_file_of_users(self):
        for line in (f"user ann on >{MARK} +nosuch", f"user ann on #{MARK}",
                     f"user ann on <{MARK}", f"user ann on (+get >{MARK})",
                     f"user ann on {MARK}",
                     f"user ann on (>{MARK}"):
            self.assertIn("users.acl:1: ", self.refused("", users=line + "\n"))


class Commands(RedactionTest):
    """What is typed and what is defined, and all that others can read."""

    def test_nothing_shows_a_secret(self):
        self.start(services=SERVICES, scripts=SCRIPTS,
                   toml=f'[redis]\nrequirepass = "{MARK}-start"\n'
                        f'[users.bob]\nrules = [">{MARK}-bob", "+@all"]\n')
        owner = self.owner()
        owner.config_set("slowlog-log-slower-than", 0)
        owner.config_set("slowlog-max-len", 1000)
        for name, rights in (("looker", ()), ("ctl", ("+@control",))):
            owner.execute_command(
                "ACL", "SETUSER", name, "on", f">{MARK}-{name}", "~*", "&*",
                "+@basic", "+@status", "+@events", *rights)
        looker = self.client(username="looker", password=f"{MARK}-looker")
        ctl = self.client(username="ctl", password=f"{MARK}-ctl")
        self.assertEqual(looker.execute_command("ACL", "WHOAMI"), "looker")
        monitor = self.monitor()
        events = looker.pubsub()
        events.psubscribe("saker:*")
        self.wait_until(lambda: owner.execute_command(
            "SVWAIT", "web", "running", "5000") == 1)
        self.type_secrets(owner)
        owner.execute_command("SVRESTART", "web", "WAIT", "5000")
        self.failing_clients()
        owner.execute_command("ACL", "SAVE")
        owner.config_rewrite()
        shown = self.shown_to(looker, "looker")
        shown.update(self.shown_to(ctl, "ctl"))
        shown.update({
            "SLOWLOG": owner.execute_command("SLOWLOG", "GET", "-1"),
            "SVAUDIT": owner.execute_command("SVAUDIT", "COUNT", "1000"),
            "ACL LOG": owner.execute_command("ACL", "LOG", "100"),
            "CLIENT LIST": owner.execute_command("CLIENT LIST"),
            "INFO": str(owner.info("everything")),
            "LATENCY": owner.execute_command("LATENCY", "LATEST"),
            "TASKS": owner.execute_command("TASKS"),
            "MONITOR": self.end_of(monitor, owner),
            "events": self.heard(events),
            "log": self.saker.log(),
        })
        for pid in (self.saker.keeper_pid(), self.saker.node_pid()):
            shown[f"words of {pid}"] = pathlib.Path(
                f"/proc/{pid}/cmdline").read_bytes().decode()
        for where, text in shown.items():
            self.no_secret(text, where)
        # They would have been there.
        for where, word in (("SLOWLOG", "(redacted)"), ("MONITOR", "AUTH"),
                            ("MONITOR", "redis://u:***@h"), ("TASKS", "leak"),
                            ("SVAUDIT", "svrun"), ("SVAUDIT", "api_key"),
                            ("ACL LOG", "auth"), ("SVCONFIG web looker", "***"),
                            ("SVCONFIG job ctl", "***")):
            self.assertIn(word, str(shown[where]), where)
        self.assertIn(f"{MARK}-env", str(
            owner.execute_command("SVCONFIG", "web")))
        self.files_are_private()

    def type_secrets(self, owner):
        ask = self.client(unix_socket_path=str(self.saker.socket))
        for words in (
                ("AUTH", "ann", f"{MARK}-1"), ("AUTH", f"{MARK}-2"),
                ("AUHT", "ann", f"{MARK}-3"),
                ("HELLO", "3", "AUTH", "ann", f"{MARK}-4"),
                ("HELLO", "AUTH", "ann", f"{MARK}-5"),
                ("ACL", "SETUSER", "ann", "on", f">{MARK}-6"),
                ("ACL", "SETUSER", "ann", f"<{MARK}-7"),
                ("ACL", "SETUSER", "ann", f"(+get >{MARK}-8)"),
                ("ACL", "SETUSER", "ann", "on", f"{MARK}-8b"),
                ("ACL", "DRYRUN", "bob", "AUTH", f"{MARK}-9"),
                ("ACL", "DRYRUN", "bob", "ACL", "SETUSER", "x", f">{MARK}-10"),
                ("COMMAND GETKEYS", "AUTH", f"{MARK}-11"),
                ("CONFIG", "SET", "timeout", "0", "requirepass", f"{MARK}-12"),
                ("CONFIG", "SET", "requirepas", f"{MARK}-13"),
                ("CONFIG", "SET", "timeout", "requirepass", f"{MARK}-14"),
                ("CALL", "AUTH", f"{MARK}-15"),
                ("CALL", "leak", f"--token={MARK}-16"), ("leak",),
                ("modifier",),
                ("CALL", "leak@nowhere", "--token", f"{MARK}-17"),
                ("ECHO", f"redis://u:{MARK}-18@h"),
                ("SVRUN", "job", "sh", "-c", f"PASSWORD={MARK}-19 sleep 1000",
                 "--password", f"{MARK}-20", f"pg://u:{MARK}-21@h",
                 json.dumps({"user": "ann", "api_key": f"{MARK}-22"}),
                 json.dumps({"of": json.dumps({"token": f"{MARK}-23"})}))):
            for transaction in (False, True):
                if transaction and words[0] in ("AUTH", "HELLO", "SVRUN"):
                    continue
                try:
                    if transaction:
                        ask.execute_command("MULTI")
                    ask.execute_command(*words)
                    if transaction:
                        ask.execute_command("EXEC")
                except redis.RedisError as e:
                    if words[:2] == ("ACL", "SETUSER"):
                        self.no_secret(str(e), words)
                    ask.connection_pool.disconnect()  # ends MULTI
        self.assertEqual(len(owner.execute_command("SVSTATUS", "job")), 1)

    def failing_clients(self):
        for url in (f"redis://default:{MARK}@127.0.0.1:{self.port}",
                    f"redis://default:{MARK}@127.0.0.1:1",
                    f"redis:/default:{MARK}@127.0.0.1:1",
                    f"default:{MARK}@127.0.0.1:1",
                    f"rediss://default:{MARK}@127.0.0.1:{self.port}"):
            status, out = self.run_saker(
                "status", env={**os.environ, "SAKER_URL": url})
            self.assertNotEqual(status, 0, url)
            self.no_secret(out, url)
            status, out = self.run_saker("--address", url, "status")
            self.no_secret(out, url)
        status, out = self.run_saker("passwd", input=f"{MARK}\n", stdin=None)
        self.assertEqual(status, 0, out)
        self.no_secret(out, "saker passwd")

    def shown_to(self, who, name):
        """What somebody who is no admin can read."""
        shown = {}
        for words in (("SVSTATUS",), ("SVSTATUS", "TEXT"), ("SVSTATUS", "JSON"),
                      ("SVWHY", "bad"), ("SVWHY", "bad", "TEXT"),
                      ("SVLIFE", "*"), ("INFO", "everything"),
                      *(("SVCONFIG", x, *form) for x in ("web", "bad", "job")
                        for form in ((), ("TEXT",)))):
            shown[" ".join([*words, name])] = who.execute_command(*words)
        job = self.saker.children()["job#0"].pid
        shown[f"SYSINFO {name}"] = who.execute_command(
            "SYSINFO", "system.proc.all", job)
        for words in (("CONFIG", "GET", "requirepass"), ("ACL", "LIST"),
                      ("SLOWLOG", "GET"), ("MONITOR",)):
            with self.assertRaises(redis.exceptions.NoPermissionError):
                who.execute_command(*words)
        return shown

    def monitor(self):
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.settimeout(10)
        s.connect(str(self.saker.socket))
        s.sendall(b"MONITOR\r\n")
        self.assertEqual(s.recv(5), b"+OK\r\n")
        return s

    def end_of(self, monitor, owner):
        owner.echo("that is all")
        got = b""
        while b"that is all" not in got:
            got += monitor.recv(65536)
        return got.decode()

    def heard(self, events):
        heard = []
        while message := events.get_message(timeout=0):
            heard.append(message)
        return heard

    def files_are_private(self):
        found = 0
        for top in (self.saker.state_dir, self.saker.runtime_dir):
            for path in [top, *top.rglob("*")]:
                if not path.is_file():
                    continue
                if MARK.encode() in path.read_bytes():
                    found += 1
                    private = path.stat().st_mode & 0o077 == 0 or (
                        top.stat().st_mode & 0o077 == 0)
                    self.assertTrue(private, path)
        self.assertGreater(found, 0)
        self.assertEqual(self.saker.state_dir.stat().st_mode & 0o077, 0)
        for name in ("users.acl", "overrides.toml"):
            mode = (self.saker.state_dir / name).stat().st_mode
            self.assertEqual(mode & 0o077, 0, name)


if __name__ == "__main__":
    unittest.main()
