#!/usr/bin/env python3
"""Proves that arrows between folders point downwards only.

The layers and what they use stand in CMakeLists.txt (saker_layer,
saker_program); this script reads them there and checks every #include of
every source file against them. It also keeps foreign headers in the layers
that may see them: Lua in lua/, CAF in messages/ and above.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CALL = re.compile(r"saker_(layer|program)\(([^)]*)\)", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)

# header prefix -> folders that may include it
FOREIGN = {
    "lua": {"lua"},
    "caf/": {"messages", "io", "actors", "node"},
    "sqlite3": {"actors"},
    "toml++": {"config"},
    "spdlog/": {"actors", "node"},
    "CLI/": {"cli", "keeper", "node"},
    "boost/asio": {"process", "io", "actors", "keeper", "node"},
    "boost/beast": {"io"},
    "boost/process": {"process"},
    "re2/": {"process"},
    "nlohmann/": {"actors", "cli", "lua"},
}


def layers():
    """Returns {folder: set of folders it may include}."""
    uses = {}
    for kind, words in CALL.findall((ROOT / "CMakeLists.txt").read_text()):
        words = words.split()
        folder = words[0] if kind == "layer" else words[1]
        direct, section = set(), None
        for word in words[1 if kind == "layer" else 2:]:
            if word in ("USES", "LINK", "PCH"):
                section = word
            elif section == "USES":
                direct.add(word)
        unknown = direct - uses.keys()
        if unknown:
            sys.exit(f"CMakeLists.txt: {folder} uses {unknown}, which stand "
                     "below it: order the layers from the bottom up")
        allowed = {folder} | direct
        for below in direct:
            allowed |= uses[below]
        uses[folder] = allowed
    return uses


def offences(path, folder, uses):
    text = path.read_text()
    for quote, name in INCLUDE.findall(text):
        if quote == '"':
            target = name.split("/")[0]
            if target not in uses[folder] or "/" not in name:
                yield f'includes "{name}"'
        else:
            for prefix, homes in FOREIGN.items():
                hit = name == "lua.hpp" if prefix == "lua" \
                    else name.startswith(prefix)
                if hit and folder not in homes:
                    yield f"includes <{name}>"


def main():
    uses = layers()
    bad = count = 0
    for folder in uses:
        for path in sorted((ROOT / folder).glob("**/*.[ch]pp")):
            count += 1
            for what in offences(path, folder, uses):
                print(f"{path.relative_to(ROOT)}: {folder}/ must not: {what}")
                bad += 1
    print(f"{count} files in {len(uses)} layers, {bad} arrows point upwards")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
