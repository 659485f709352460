#!/usr/bin/env python3
"""Documents the real repositories and prints the table of RESULTS.md: one row each, read from the package.

    benches/table.py [--program target/release/twinscribe] [--cache DIR] [--check] [NAME…]

CPU seconds and peak memory are those of the whole `document` run, as the kernel counts them (wait4). --check fails
(exit code 1) where a run does not end well or a limit of LIMITS is passed.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import fetch

# Most CPU seconds and MB of `document`.
LIMITS = {"django": (6.0, 600), "sympy": (60.0, 3000)}
MOST_ITERATIONS = 2
# Components per ticket, at least.
COMPONENTS_PER_TICKET = 100

COLUMNS = ["repository", "lines", "components", "edges", "call sites", "resolved", "partly", "external", "built-in",
           "unresolved", "contradictions", "omissions", "tickets", "iterations", "CPU s", "MB", "wall s"]


STARTER = """
import os, subprocess, sys
began = os.times().elapsed
process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.times().elapsed - began)
"""


def measured(command, log):
    """Runs a command to its end: (exit code, CPU seconds, peak MB, wall seconds)."""
    # A child's peak begins at the size of the process that made it, so a small one does.
    process = subprocess.run([sys.executable, "-c", STARTER] + command, stdout=subprocess.PIPE, stderr=log,
                             stdin=subprocess.DEVNULL, check=True)
    code, cpu, peak, wall = process.stdout.decode().split()[-4:]
    return int(code), float(cpu), float(peak) / (1024 if sys.platform != "darwin" else 1024 * 1024), float(wall)


def row(name, repository, program, extra):
    """The cells of one repository, and what is wrong with its run."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        command = [program, "document", str(repository), "--output", str(scratch / "out"), "--checkpoint-dir",
                   str(scratch / "checkpoints"), "--exit-zero", "--progress", "never"] + extra
        with open(scratch / "log", "wb") as log:
            code, cpu, peak, wall = measured(command, log)
        if code != 0:
            tail = (scratch / "log").read_text(errors="replace").splitlines()[-5:]
            return None, ["%s: exit code %d\n%s" % (name, code, "\n".join(tail))]
        report = json.loads((scratch / "out" / "convergence_report.json").read_text())
        documentation = json.loads((scratch / "out" / "documentation.json").read_text())
        graph = json.loads((scratch / "out" / "call_graph.json").read_text())
    wrong = []
    ids = {c["id"] for c in documentation["components"]}
    loose = [e for e in graph["edges"] if e["caller"] not in ids or e["callee"] not in ids]
    sites, size, findings = report["call_sites"], report["repository"], report["findings"]
    unresolved = sum(sites["unresolved"].values())
    parts = sites["resolved"] + sites["partly_resolved"] + sites["external"] + sites["builtin"] + unresolved
    tickets = len(report["tickets"]["open"])
    most_cpu, most_mb = LIMITS.get(name, (float("inf"), float("inf")))
    for broken, message in [
        (not report["converged"], "did not converge (%s)" % "; ".join(report["unmet"])),
        (report["iterations"] > MOST_ITERATIONS, "%d iterations" % report["iterations"]),
        (tickets * COMPONENTS_PER_TICKET > size["components"], "%d tickets" % tickets),
        (report["failed"], "%d components failed" % len(report["failed"])),
        (size["components"] != len(ids), "%d components documented" % len(ids)),
        (loose, "%d edges join no components" % len(loose)),
        (parts != sites["total"], "%d call sites are not accounted for" % (sites["total"] - parts)),
        (cpu > most_cpu, "%.1f CPU seconds, at most %.0f" % (cpu, most_cpu)),
        (peak > most_mb, "%.0f MB, at most %.0f" % (peak, most_mb)),
    ]:
        if broken:
            wrong.append("%s: %s" % (name, message))

    def share(count):
        return "%d (%.1f %%)" % (count, 100.0 * count / max(sites["total"], 1))

    cells = [repository.name, size["lines"], size["components"], size["edges"], sites["total"],
             share(sites["resolved"]), share(sites["partly_resolved"]), share(sites["external"]),
             share(sites["builtin"]), share(unresolved), findings["contradictions"], findings["omissions"], tickets,
             report["iterations"], "%.1f" % cpu, "%.0f" % peak, "%.1f" % wall]
    return [str(c) for c in cells], wrong


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME")
    options.add_argument("--program", default=str(fetch.HERE.parent / "target/release/twinscribe"))
    options.add_argument("--cache", type=pathlib.Path, default=fetch.default_cache())
    options.add_argument("--check", action="store_true")
    options.add_argument("--option", action="append", default=[], help="passed on to `document`; repeatable")
    chosen = options.parse_args()
    if not os.access(chosen.program, os.X_OK):
        sys.exit("no program at %s: cargo build --release" % chosen.program)
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" + "|--:" * (len(COLUMNS) - 1) + "|")
    wrong = []
    for name in chosen.names or fetch.PINNED:
        cells, found = row(name, fetch.fetch(name, chosen.cache), chosen.program, chosen.option)
        wrong += found
        if cells:
            print("| " + " | ".join(cells) + " |", flush=True)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
