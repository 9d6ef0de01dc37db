"""A Saker of which somebody hears who did what."""
import redis

import saker_harness as harness

WEB = 'service "web" {exec = {"sleep", "1000"}}\n'
USERS = """[users.ops]
rights = ["status", "events", "control"]
rules = [">opss"]
[users.ann]
rights = ["status"]
rules = [">anns"]
"""
REDACTED = "(redacted)"


class AuditCase(harness.TestCase):
    def serve(self, **options):
        options.setdefault("services", WEB)
        options["toml"] = options.get("toml", "") + USERS
        self.start(**options)
        self.wait_for_state("web", "running")
        self.owner = self.client(unix_socket_path=str(self.saker.socket))
        self.heard = harness.Events(self.owner, "audit:*")

    def told(self, count, **only):
        """The next `count` events with these values, at least."""
        def found():
            all = [x for x in self.heard.poll()
                   if all_of(x, only)]
            return all if len(all) >= count else None
        return self.wait_until(found, what=f"{count} events with {only}")

    def one(self, **only):
        """The only event with these values."""
        found = self.told(1, **only)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def logged(self, text):
        """The log is written a little later."""
        self.wait_until(lambda: text in self.saker.log(), what=text)

    def refused(self, client, *words):
        with self.assertRaises(redis.RedisError) as e:
            client.execute_command(*words)
        return str(e.exception)


def all_of(row, wanted):
    return all(row.get(key) == value for key, value in wanted.items())
