"""What HELP and COMMAND DOCS show is there: every command, every option."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import saker_harness as harness  # noqa: E402
from observers import Raw  # noqa: E402

VALUES = {"integer": "1", "pattern": "nosuch*"}
# They end the connection or Saker, answer nothing, or want a real command.
SILENT = {"shutdown", "quit", "client|reply", "client|kill",
          "command|getkeys", "command|getkeysandflags"}


def words_of(argument):
    """One way to write an argument, its options included."""
    token = [argument["token"].upper()] if argument.get("token") else []
    kind = argument["type"]
    if kind == "pure-token":
        return token
    if kind == "oneof":
        return token + words_of(argument["arguments"][0])
    if kind == "block":
        return token + sum(map(words_of, argument["arguments"]), [])
    return token + [VALUES.get(kind, "nosuch")]


def tables(x):
    """RESP3 maps as dicts, whatever the client made of them."""
    if isinstance(x, dict):
        return {str(k): tables(v) for k, v in x.items()}
    if isinstance(x, list) and x and len(x) % 2 == 0 and all(
            isinstance(k, str) and k in ("name", "type", "token", "arguments",
                                         "flags", "display_text", "summary",
                                         "since", "group", "complexity",
                                         "subcommands", "doc_flags")
            for k in x[::2]):
        return {k: tables(v) for k, v in zip(x[::2], x[1::2])}
    if isinstance(x, list):
        return [tables(y) for y in x]
    return x


class HelpTest(harness.TestCase):
    def ways(self, arguments):
        """The arguments without options, and with each option alone."""
        needed = [words_of(x) for x in arguments
                  if "optional" not in x.get("flags", [])]
        yield sum(needed, [])
        for one in arguments:
            if "optional" not in one.get("flags", []):
                continue
            for part in (one["arguments"] if one["type"] == "oneof"
                         else [one]):
                token = [one["token"].upper()] if (
                    one.get("token") and part is not one) else []
                yield sum([token + words_of(part) if x is one
                           else words_of(x) for x in arguments
                           if x is one
                           or "optional" not in x.get("flags", [])], [])

    def test_everything_that_is_shown_is_available(self):
        self.start(services='service "a" {exec = {"sleep", "1000"}}')
        docs = self.client().execute_command("COMMAND DOCS")
        docs = dict(zip(docs[::2], docs[1::2]))
        asked = 0
        for name, x in docs.items():
            x = tables(x)
            parts = x.get("subcommands") or []
            parts = dict(zip(parts[::2], parts[1::2])) if isinstance(
                parts, list) else parts
            for full, about in {name: x, **parts}.items():
                about = tables(about)
                if full in SILENT or (full == name and parts):
                    continue
                for arguments in self.ways(about.get("arguments") or []):
                    words = full.upper().split("|") + arguments
                    with self.subTest(" ".join(words)), \
                            Raw(self.saker.port) as raw:
                        reply = raw.ask(*words).decode()
                        for text in ("not available", "unknown command",
                                     "unknown subcommand", "syntax error",
                                     "wrong number of arguments"):
                            self.assertNotIn(text, reply)
                        asked += 1
        print(f"asked {asked} commands and options")
        self.assertGreater(asked, 60)


if __name__ == "__main__":
    unittest.main()
