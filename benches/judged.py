#!/usr/bin/env python3
"""Compares the contradictions that `check` finds in real repositories with the marks of judged.jsonl.

    benches/judged.py [--program target/release/twinscribe] [--cache DIR] [NAME…]

judged.jsonl holds, a line each, findings whose source somebody has read: repository, fingerprint, kind, component, name,
mark (right or wrong), and why. A row per repository; below the table, the wrong findings that are made, the right ones
that are not, and those that nobody has marked. Exit code 1 where a wrong finding is made.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import fetch  # noqa: E402

MARKS = fetch.HERE / "judged.jsonl"


def found(root, program):
    """The contradictions of a repository by fingerprint."""
    command = [program, "check", str(root), "--format", "json-lines", "--exit-zero", "--quiet"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    findings = map(json.loads, lines)
    return {f["fingerprint"]: f for f in findings if f["class"] == "contradiction"}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    marks = collections.defaultdict(dict)
    for line in MARKS.read_text().splitlines():
        row = json.loads(line)
        marks[row["repository"]][row["fingerprint"]] = row
    options.add_argument("names", nargs="*", metavar="NAME", help="all by default: " + ", ".join(marks))
    options.add_argument("--program", default=str(fetch.HERE.parent / "target/release/twinscribe"))
    options.add_argument("--cache", type=pathlib.Path, default=fetch.default_cache())
    chosen = options.parse_args()
    print("| repository | contradictions | marked | right | wrong | right of the marked |")
    print("|---|--:|--:|--:|--:|--:|")
    told, wrong_in_all = [], 0
    for name in chosen.names or marks:
        made, marked = found(fetch.fetch(name, chosen.cache), chosen.program), marks[name]
        by_mark = collections.Counter(marked[f]["mark"] for f in made if f in marked)
        right, wrong = by_mark["right"], by_mark["wrong"]
        wrong_in_all += wrong
        share = "%.0f %%" % (100 * right / (right + wrong)) if right + wrong else "–"
        print("| %s | %d | %d | %d | %d | %s |" % (name, len(made), right + wrong, right, wrong, share), flush=True)
        for fingerprint, finding in made.items():
            if marked.get(fingerprint, {}).get("mark") == "wrong":
                told.append("%s: wrong: %s: %s" % (name, finding["component"], marked[fingerprint]["why"]))
            elif fingerprint not in marked:
                told.append("%s: not marked: %s: %s" % (name, finding["component"], finding["message"]))
        for fingerprint, row in marked.items():
            if row["mark"] == "right" and fingerprint not in made:
                told.append("%s: no longer made: %s: %s" % (name, row["component"], row["why"]))
    for line in told:
        print(line, file=sys.stderr)
    return 1 if wrong_in_all else 0


if __name__ == "__main__":
    sys.exit(main())
