"""Who did what: what is told of it, and how the log has it."""
import json
import os
import sys
import unittest

import redis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from audit_harness import AuditCase  # noqa: E402


class Settings(AuditCase):
    def test_it_can_be_switched_off(self):
        self.serve(toml='[audit]\ncommands = "none"\n')
        self.owner.execute_command("SVSTOP", "web")
        with self.assertRaises(redis.RedisError):
            self.client(username="ops", password="wrong").ping()
        self.owner.ping()
        self.assertEqual(self.heard.poll(), [])
        self.assertNotIn("audit: ", self.saker.log())

    def test_what_only_looks_is_told_if_asked_for(self):
        self.serve(toml='[audit]\ncommands = "all"\nscripts = true\n',
                   scripts='saker.register("greet", function() return "hi" '
                           'end, PROP_PASSIVITY)')
        self.owner.execute_command("CONFIG", "GET", "port")
        self.owner.execute_command("greet", "you")
        self.assertEqual(self.one(command="config|get")["args"], ["port"])
        self.assertEqual(self.one(command="greet")["args"], ["you"])

    def test_no_level_of_the_log_switches_it_off(self):
        self.serve()
        self.owner.execute_command("CONFIG", "SET", "loglevel", "warning")
        self.owner.execute_command("SVRESET", "web")
        self.logged('config|set "loglevel" "warning": done')
        self.logged('svreset "web": done')

    def test_the_log_in_json_has_its_fields(self):
        self.serve(toml='[log]\nformat = "json"\n')
        odd = "\x1b\x9b\xfc\n\"}"
        self.owner.execute_command("SVRESET", "web")
        self.refused(self.owner, "SVRESET", odd)
        events = self.told(2, command="svreset")
        def logged():
            # Half a line may be there, and what the programs say themselves.
            lines = [json.loads(x) for x in self.saker.log().splitlines(True)
                     if x.startswith("{") and x.endswith("\n")]
            found = [x for x in lines
                     if x.get("audit", {}).get("command") == "svreset"]
            return found if len(found) == 2 else None
        lines = self.wait_until(logged)
        self.assertEqual([x["audit"] for x in lines], events)
        self.assertEqual(lines[0]["audit"]["services"], ["web"])
        self.assertIn('svreset "web": done', lines[0]["text"])
        self.assertEqual(lines[0]["level"], "info")
        self.assertEqual(events[1]["args"], [odd])
        self.assertNotIn("\x9b", self.saker.log())


if __name__ == "__main__":
    unittest.main()
