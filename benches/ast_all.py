#!/usr/bin/env python3
"""Compares the analysis with CPython's own parser on all real repositories and this machine's standard library.

    benches/ast_all.py [--program target/release/twinscribe] [--cache DIR] [NAME…]

Every Python file takes part, tests and documentation too (`--include '**'`). A row per repository; differences are
listed below the table. Exit code 1 where there is any.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import warnings

sys.dont_write_bytecode = True
import fetch  # noqa: E402

sys.path.insert(0, str(fetch.HERE.parent / "tests"))
import ast_oracle  # noqa: E402

LIBRARY = "stdlib"


def compared(root, program, more):
    """The report of one folder, with the files that `ast` does not parse."""
    with tempfile.TemporaryDirectory() as scratch:
        facts = os.path.join(scratch, "facts.jsonl")
        command = [program, "analyze", str(root), "--format", "json-lines", "--include", "**",
                   "--max-file-bytes", "100000000"] + more
        with open(facts, "wb") as out:
            subprocess.run(command, stdout=out, stdin=subprocess.DEVNULL, check=True)
        with open(facts, encoding="utf-8") as source:
            records = ast_oracle.read_records(source)
    report = ast_oracle.Report(shown=60)
    unparsed, outside = ast_oracle.compare(str(root), records, not more, report)
    return report, unparsed, outside


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME", help="%s, %s" % (LIBRARY, ", ".join(fetch.PINNED)))
    options.add_argument("--program", default=str(fetch.HERE.parent / "target/release/twinscribe"))
    options.add_argument("--cache", type=pathlib.Path, default=fetch.default_cache())
    options.add_argument("--json", metavar="FILE", help="write all differences there")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    names = chosen.names or list(fetch.PINNED) + [LIBRARY]
    print("| source | files | components | parameters | call expressions | not parsed by ast | misread, and said so | differences |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    all_lines, total = [], 0
    for name in names:
        if name == LIBRARY:
            root, more = pathlib.Path(sysconfig.get_path("stdlib")), ["--exclude", "site-packages"]
            shown = "CPython %d.%d.%d's library" % sys.version_info[:3]
        else:
            root, more = fetch.fetch(name, chosen.cache), []
            shown = root.name
        report, unparsed, _ = compared(root, chosen.program, more)
        differences = sum(report.differences.values())
        total += differences
        counts = [report.totals[k] for k in ("files", "components", "parameters", "call expressions in all")]
        print("| %s | %s | %d | %d | %d |" % (shown, " | ".join(map(str, counts)), len(unparsed),
                                               len(report.misread), differences), flush=True)
        all_lines += ["%s: %s" % (name, line) for line in report.lines]
        all_lines += ["%s: misread: %s" % (name, line) for line in report.misread]
        all_lines += ["%s: not parsed by ast: %s" % (name, line) for line in unparsed]
    for line in all_lines:
        print(line, file=sys.stderr)
    if chosen.json:
        pathlib.Path(chosen.json).write_text(json.dumps(all_lines, indent=1))
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
