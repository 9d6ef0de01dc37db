"""Many clients at once, and many services that cannot stay up."""
import os
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402

SEED = int(os.environ.get("SOAK_SEED", random.randrange(1_000_000)))


class LoadTest(saker_harness.TestCase):
    def test_t_c15_random_commands_of_50_clients_on_one_service(self):
        """Never two instances, one reply each, the last wish counts."""
        saker = self.make()
        double = saker.dir / "double"
        lock = saker.dir / "lock"
        saker.write_services(f"""service "one" {{
            exec = {{"sh", "-c", "exec 9>{lock}; flock -n 9 || "
                     .. "echo $$ >> {double}; exec sleep 1000"}},
            budget = false, backoff = {{"1ms", "5ms"}}, log = false}}""")
        saker.start()
        saker.wait_for_state("one", "running")
        failures = []

        def work(number):
            dice = random.Random(SEED + number)
            client = saker.client()
            try:
                for _ in range(20):
                    verb = dice.choice(["SVSTART", "SVSTOP", "SVRESTART",
                                        "SVSTATUS", "SVSIGNAL"])
                    words = ["KILL", "one"] if verb == "SVSIGNAL" else ["one"]
                    rows = client.execute_command(verb, *words)
                    if len(rows) != 1:
                        failures.append((verb, rows))
            except Exception as e:  # told by the main thread
                failures.append(repr(e))

        threads = [threading.Thread(target=work, args=(i,)) for i in range(50)]
        for x in threads:
            x.start()
        for x in threads:
            x.join(60)
        self.assertEqual(failures, [], f"seed {SEED}")
        self.redis_cli("svstart", "one", "wait", "10000")
        self.assertEqual(saker.state("one"), "running")
        self.redis_cli("svstop", "one", "wait", "10000")
        self.assertEqual(saker.state("one"), "stopped")
        self.assertFalse(double.exists(), f"seed {SEED}")
        self.assertEqual(saker.children(), {})

    def test_t_c10_crash_looping_services_starve_nobody(self):
        """Restarts are limited and spread; PING and a healthy one go on."""
        count = int(os.environ.get("SOAK_CRASHING", 100))
        saker = self.make(services=f"""
            service "bad" {{exec = {{"sh", "-c", "exit 1"}}, count = {count},
                            budget = false, backoff = {{"1ms", "1ms"}},
                            log = false}}
            service "good" {{exec = {{"sleep", "1000"}}}}""")
        saker.start()
        client = saker.client()
        longest = restarts = 0
        begin = time.monotonic()
        # A slow machine needs more than five seconds to see the limit.
        for seconds in range(5, 100):
            while time.monotonic() < begin + seconds:
                before = time.monotonic()
                client.ping()
                longest = max(longest, time.monotonic() - before)
            restarts = sum(int(x["restarts"]) for x in
                           saker.status("bad:*").values())
            if restarts > 150:
                break
        took = time.monotonic() - begin
        print(f"{count} crash-looping for {took:.0f} s: {restarts} restarts, "
              f"longest PING {longest * 1000:.1f} ms", file=sys.stderr)
        # A burst of 200, then 50 a second; the first starts are free.
        self.assertGreater(restarts, 150)
        self.assertLess(restarts, 200 + 50 * (took + 10))
        self.assertLess(longest, 1)
        os.kill(saker.pid("good"), 9)
        saker.wait_for_state("good", "running", 20)


if __name__ == "__main__":
    unittest.main()
