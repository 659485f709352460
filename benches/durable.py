#!/usr/bin/env python3
"""What saving costs, and what a second run costs: the figures of RESULTS.md's section "Durable runs".

    benches/durable.py [--program target/release/twinscribe] [--cache DIR] [journal] [overhead] [leaf] [incremental]

journal: 100,000 records appended to one journal, twenty at a time, each batch awaited until it is on disk.
overhead: a run of scripted streams of 50 ms a call on click, with and without saving.
leaf: django is described by two scripted streams that read their dependencies, the body of one function that depends
on nothing is edited, and it is described again, once where the edit changes no fact and once where it makes the function
raise; who is asked again is held against who has to be, found out by describing the edited django from nothing.
incremental: django is documented, one function is edited, and it is documented again; CPU seconds of the second run
against those of `analyze`, as the kernel counts them, the best of three.

All but the last are tests of the suite, run in release; they print their figures.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import fetch
import table

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNS = 3
MOST_MORE = 1.5
LEAF = "django.utils.text.capfirst"
STEPS = ["journal", "overhead", "leaf", "incremental"]


def suite(test, **variables):
    """Runs one test of the suite in release and prints what it says."""
    environment = dict(os.environ, **variables)
    command = ["cargo", "test", "--release", "--test", "suite", "--", test, "--nocapture", "--test-threads", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    said = [line for line in (done.stdout + done.stderr).splitlines() if re.search(r"µs per append|% more|described anew", line)]
    print("\n".join(said) if done.returncode == 0 and said else done.stdout + done.stderr)
    return done.returncode == 0


def edit(repository):
    """Edits the body of one function that is called from elsewhere and calls nothing itself."""
    path = repository / "django" / "utils" / "text.py"
    text = path.read_text()
    new = text.replace("def capfirst(x):\n", "def capfirst(x):\n    x = x or x\n", 1)
    if new == text:
        sys.exit("%s has no capfirst" % path)
    path.write_text(new)


def incremental(program, cache):
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        repository = scratch / "django"
        shutil.copytree(fetch.fetch("django", cache), repository)
        document = [program, "document", str(repository), "--output", str(scratch / "out"), "--checkpoint-dir",
                    str(scratch / "checkpoints"), "--exit-zero", "--progress", "never"]
        with open(scratch / "log", "wb") as log:
            first = table.measured(document, log)
            edit(repository)
            seconds = lambda command: min(table.measured(command, log)[1] for _ in range(RUNS))
            again = seconds(document)
            analyze = seconds([program, "analyze", str(repository), "--format", "json", "--progress", "never"])
    more = again - analyze
    print("django: document %.2f CPU s; after one edit %.2f; analyze %.2f; %.2f more, at most %.1f wanted"
          % (first[1], again, analyze, more, MOST_MORE))
    return first[0] == 0 and more <= MOST_MORE


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", nargs="*", choices=[*STEPS, []])
    options.add_argument("--program", default=str(ROOT / "target" / "release" / "twinscribe"))
    options.add_argument("--cache", type=pathlib.Path, default=fetch.default_cache())
    chosen = options.parse_args()
    what = chosen.what or STEPS
    good = True
    if "journal" in what:
        good &= suite("durable::appending", TWINSCRIBE_TEST_RECORDS="100000")
    if "overhead" in what:
        good &= suite("durable::saving", TWINSCRIBE_TEST_REPO=str(fetch.fetch("click", chosen.cache)))
    if "leaf" in what:
        django = str(fetch.fetch("django", chosen.cache))
        good &= suite("leaf::edit_that", TWINSCRIBE_TEST_REPO=django)
        good &= suite("leaf::edit_that", TWINSCRIBE_TEST_REPO=django, TWINSCRIBE_TEST_LEAF=LEAF)
    if "incremental" in what:
        good &= incremental(chosen.program, chosen.cache)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
