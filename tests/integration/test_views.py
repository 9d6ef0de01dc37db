"""The commands that look: output, causes, history, definitions, plans."""
import os
import signal
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness  # noqa: E402
from saker_harness import BIN  # noqa: E402

SLEEP = '{"sleep", "1000"}'


class ViewTest(saker_harness.TestCase):
    def ask(self, *words, **options):
        return self.client(**options).execute_command(*words)

    def table(self, *words):
        """A map, which RESP2 sends as a flat array."""
        flat = self.ask(*words)
        return dict(zip(flat[::2], flat[1::2]))

    def tables(self, *words):
        return [dict(zip(x[::2], x[1::2])) for x in self.ask(*words)]

    def text(self, *words):
        return self.redis_cli("-3", *words)

    def kill(self, name):
        """SIGKILL to its process, once it has one; returns the pid."""
        pid = self.wait_until(lambda: self.pid(name))
        os.kill(pid, signal.SIGKILL)
        return pid

    def saker_cli(self, *words):
        done = subprocess.run(
            [BIN / "saker", *words, "--address", f"127.0.0.1:{self.port}"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            timeout=60, cwd="/")
        return done.returncode, done.stdout, done.stderr


class Output(ViewTest):
    def setUp(self):
        super().setUp()
        self.start(services=r"""
            service "web" {exec = {"sh", "-c",
              "printf 'one\\ntwo\\n\\001\\377\\000x\\n'; exec sleep 1000"}}
            service "split" {exec = {"sh", "-c",
              "echo good; echo bad >&2; exec sleep 1000"},
              log = {split = true}}
            service "quiet" {exec = {"sleep", "1000"}, log = false}
            service "pair" {exec = {"sh", "-c", "echo {i}; exec sleep 1000"},
              count = 2}""")
        for name in ("web", "split", "quiet", "pair:0", "pair:1"):
            self.wait_for_state(name, "running")

    def lines(self, *words):
        return self.ask("SVLOG", *words, decode_responses=False)

    def test_Q_svlog_is_binary_safe_and_counts_lines(self):
        self.wait_until(lambda: len(self.lines("web")) == 3)
        self.assertEqual(self.lines("web"), [b"one", b"two", b"\1\xff\0x"])
        self.assertEqual(self.lines("web", "COUNT", "2"),
                         [b"two", b"\1\xff\0x"])
        self.assertEqual(self.lines("web", "COUNT", "0"), [])
        self.assertEqual(self.text("svlog", "web", "text"),
                         "one\ntwo\n\\x01\\xff\\x00x\n\n")

    def test_svlog_knows_streams_and_instances(self):
        self.wait_until(lambda: len(self.lines("split")) == 2)
        self.assertEqual(self.lines("split"), [b"good", b"bad"])
        self.assertEqual(self.lines("split", "STREAM", "err"), [b"bad"])
        self.assertEqual(self.lines("split", "STREAM", "out"), [b"good"])
        self.wait_until(lambda: self.lines("pair:1") == [b"1"])
        self.assertIn("pair:0, pair:1", self.text("svlog", "pair"))
        self.assertIn("log = false", self.text("svlog", "quiet"))
        self.assertIn("NOSERVICE", self.text("svlog", "nope"))

    def test_svlog_reads_across_a_rotation_and_clears(self):
        self.wait_until(lambda: len(self.lines("web")) == 3)
        self.assertEqual(self.ask("SVLOG", "web", "ROTATE"), "OK")
        self.kill("web")
        self.wait_until(lambda: len(self.lines("web")) == 6)
        self.assertEqual(self.lines("web", "COUNT", "4"),
                         [b"\1\xff\0x", b"one", b"two", b"\1\xff\0x"])
        folder = self.saker.state_dir / "log"
        self.assertTrue((folder / "web.log.1").exists())
        self.assertEqual(self.ask("SVLOG", "web", "CLEAR"), "OK")
        self.assertEqual(self.lines("web"), [])
        self.assertFalse((folder / "web.log.1").exists())
        self.kill("web")
        self.wait_until(lambda: len(self.lines("web")) == 3)

    def test_saker_logs(self):
        for name in ("pair:0", "pair:1"):
            self.wait_until(lambda: len(self.lines(name)) == 1)
        self.assertEqual(self.saker_cli("logs", "pair"),
                         (0, "pair:0 | 0\npair:1 | 1\n", ""))
        self.assertEqual(self.saker_cli("logs", "pair:1", "-n", "0"),
                         (0, "", ""))

    def test_saker_logs_follows(self):
        self.wait_until(lambda: len(self.lines("web")) == 3)
        one = subprocess.Popen(
            [BIN / "saker", "logs", "web", "-f", "-n", "1", "--address",
             f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(one.stdout.close)
        self.addCleanup(one.wait)
        self.addCleanup(one.kill)
        self.assertEqual(one.stdout.readline(), b"\1\xff\0x\n")
        self.kill("web")
        self.assertEqual([one.stdout.readline() for _ in range(2)],
                         [b"one\n", b"two\n"])


class Why(ViewTest):
    def setUp(self):
        super().setUp()
        self.start(services=f"""
            service "up" {{exec = {SLEEP}}}
            service "late" {{exec = {{"sh", "-c", "echo no data base; exit 7"}},
                             backoff = "20s"}}
            service "bad" {{exec = {{"/no/such/program"}}}}
            service "off" {{exec = {SLEEP}, autostart = false}}""")
        self.wait_for_state("up", "running")
        self.wait_for_state("late", "backoff")
        self.wait_for_state("bad", "failed")

    def test_a_map_with_all_that_is_known(self):
        x = self.table("SVWHY", "late")
        self.assertEqual((x["state"], x["row"], x["intent"]),
                         ("backoff", "*", "up"))
        self.assertEqual(x["output"], ["no data base"] * 2)
        exits = [dict(zip(y[::2], y[1::2])) for y in x["exits"]]
        self.assertEqual([y["cause"] for y in exits], ["exit 7"] * 2)
        self.assertGreaterEqual(exits[0]["time"], exits[1]["time"])
        self.assertLess(0, x["next_ms"])
        self.assertLessEqual(x["next_ms"], 25_000)
        budget = dict(zip(x["budget"][::2], x["budget"][1::2]))
        self.assertEqual((budget["used"], budget["left"]), (2, 3))
        self.assertEqual(x["needs"], [])

    def test_sentences_for_eyes(self):
        text = self.text("svwhy", "late", "text")
        for part in ("late: backoff for ",
                     "It is down and waits before the next start: exit 7",
                     "It is wanted up, as its definition says (autostart).",
                     "row * of the exit table says restart.",
                     "It is restarted in ", "\n    no data base\n",
                     "Defined in "):
            self.assertIn(part, text)
        self.assertIn("It has been running for ", self.text("svwhy", "up",
                                                            "text"))
        bad = self.text("svwhy", "bad", "text")
        self.assertIn("/no/such/program", bad)
        self.assertIn("mend what is wrong. SVSTART bad starts it.", bad)
        self.ask("SVSTOP", "up")
        self.wait_for_state("up", "stopped")
        self.assertIn("stopped by default@127.0.0.1:",
                      self.text("svwhy", "up", "text"))

    def test_saker_why(self):
        status, out, err = self.saker_cli("why", "bad", "off")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("bad: failed for ", out)
        self.assertIn("\n\noff: stopped for ", out)


class Life(ViewTest):
    def start_one(self, keep="100000 events, 30 days"):
        self.start(services=f"""
            service "web" {{exec = {SLEEP}}}
            service "db" {{exec = {SLEEP}}}""",
                   toml=f'[journal]\nkeep = "{keep}"\n')
        self.wait_for_state("web", "running")

    def life(self, *words):
        return self.tables("SVLIFE", *words)

    def test_tells_what_happened_with_the_ids_of_the_events(self):
        self.start_one()
        events = self.events()
        pid = self.kill("web")
        told = events.wait_for("web", "exit")
        events.wait_for("web", "ready")
        life = self.life("web")
        self.assertEqual([x["event"] for x in life],
                         ["starting", "running", "ready", "exit", "starting",
                          "running", "ready"])
        end = life[3]
        self.assertEqual((end["id"], end["time"], end["name"]),
                         (told["id"], told["ts"], "web"))
        self.assertRegex(end["detail"],
                         rf"^SIGKILL after \d+m?s; pid {pid}; row \*$")
        ids = [tuple(map(int, x["id"].split("-"))) for x in life]
        self.assertEqual(ids, sorted(set(ids)))
        self.assertEqual([x["event"] for x in self.life("web", "COUNT", "2")],
                         ["running", "ready"])
        self.assertEqual({x["name"] for x in self.life("*")}, {"web", "db"})
        self.assertRegex(self.text("svlife", "web", "count", "1", "text"),
                         r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  web  ready"
                         r"  pid \d+\n")
        self.assertIn("NOSERVICE", self.text("svlife", "nope"))

    def test_survives_kill_of_the_node_and_a_restart(self):
        self.start_one()
        before = self.life("web")
        self.kill("web")
        self.wait_until(lambda: len(self.life("web")) == len(before) + 4)
        before = self.life("web")
        self.kill_node()
        self.wait_for_state("web", "running")
        after = self.life("web")
        self.assertEqual(after[:len(before)], before)
        self.assertEqual([x["event"] for x in after].count("exit"), 1)
        self.saker.stop()
        self.saker.start()
        self.wait_for_state("web", "running")
        after = self.life("web")
        self.assertEqual(after[:len(before)], before)
        self.assertEqual([x["event"] for x in after].count("exit"), 2)

    def test_no_end_is_lost_when_the_node_is_killed_at_once(self):
        """The keeper remembers the end that the journal did not hear of."""
        self.start_one()
        for n in range(1, 6):
            self.kill("web")
            self.kill_node()
            self.wait_for_state("web", "running", 20)
            self.wait_until(lambda: [x["event"] for x in self.life("web")]
                            .count("exit") == n, 10, f"{n} ends")

    def test_forgets_what_is_old_at_the_start(self):
        self.start_one("5 events")
        self.wait_for_state("db", "running")
        self.saker.stop()
        self.saker.start()
        self.wait_for_state("web", "running")
        self.wait_for_state("db", "running")
        self.wait_until(lambda: self.life("*"))
        # Once more than five, and pruned when the first of them came.
        self.assertLess(len(self.life("*")), 5 + 12)

    def test_a_full_journal_costs_no_restart(self):
        """Somebody holds the data base: events wait, services do not."""
        self.start_one()
        journal = sqlite3.connect(self.saker.state_dir / "journal.db",
                                  isolation_level=None)
        self.addCleanup(journal.close)
        journal.execute("BEGIN IMMEDIATE")
        events = self.events()
        for n in range(1, 4):
            self.kill("web")
            events.wait_for("web", "ready", n)
        journal.execute("ROLLBACK")
        self.kill("web")
        last = events.wait_for("web", "ready", 4)["id"]
        self.wait_until(lambda: self.life("web")[-1]["id"] == last, 20)
        # All of them, or how many are not there.
        life = self.life("web")
        gaps = [x for x in life if x["event"] == "gap"]
        if not gaps:
            self.assertEqual([x["event"] for x in life].count("exit"), 4)


class Definition(ViewTest):
    def test_svconfig_tells_what_counts_and_hides_secrets(self):
        self.start(services=f"""
            service "web" {{
              exec = {SLEEP}, count = 2,
              env = {{API_TOKEN = "abc", NUMBER = "n{{i}}"}}}}""")
        self.wait_for_state("web:1", "running")
        x = self.table("SVCONFIG", "web:1")
        env = dict(zip(x["env"][::2], x["env"][1::2]))
        self.assertEqual(env, {"API_TOKEN": "abc", "NUMBER": "n1"})
        self.assertEqual((x["stop"], x["budget"], x["kill"]),
                         ("TERM 10s KILL", "5/30s", "tree"))
        self.assertRegex(x["where"], r"/services/main\.lua:2$")
        self.assertIn('["NUMBER"] = "n{i}"',
                      self.text("svconfig", "web", "text"))

    def test_svplan_tells_what_svapply_does(self):
        self.start(services=f"""
            service "web" {{exec = {SLEEP}}}
            service "old" {{exec = {SLEEP}}}""")
        for name in ("web", "old"):  # one may run while the other starts
            self.wait_for_state(name, "running")
        before = self.pid("web")
        self.saker.write_services({
            "main.lua": 'service "web" {exec = {"sleep", "2000"}}\n'
                        f'service "new" {{exec = {SLEEP}}}',
            "bad.lua": f'service "x" {{exec = {SLEEP},\n  exek = 1}}'})
        plan = self.table("SVPLAN")
        self.assertEqual((plan["add"], plan["restart"], plan["remove"]),
                         (["new"], ["restart web (exec)"], ["old"]))
        self.assertEqual((plan["running"], plan["ends"]), (2, 2))
        self.assertRegex(plan["errors"][0], r"/bad\.lua:2: .*exek.*exec")
        self.assertEqual(self.pid("web"), before)
        text = self.text("svplan", "text")
        self.assertRegex(text, r"! restart web \(exec\)  /.*/main.lua:1\n")
        self.assertRegex(text, r"\+ add new  /.*/main.lua:2\n")
        self.assertRegex(text, r"- remove old\n")
        self.assertRegex(text, r"error: /.*/bad\.lua:2: ")
        status, out, err = self.saker_cli("plan")
        self.assertEqual(status, 1)
        self.assertIn("add new\nrestart web (exec)\nremove old\n", out)
        self.assertRegex(err, r"^saker: plan .*/bad\.lua:2: ")
        self.assertEqual(self.text("svapply", "text"), text)
        self.wait_for_state("new", "running")


if __name__ == "__main__":
    unittest.main()
