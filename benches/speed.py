#!/usr/bin/env python3
"""Measures `analyze` against the floor (benches/floor) on real repositories, and prints the table of RESULTS.md.

    benches/speed.py [--program target/release/twinscribe] [--cache DIR] [--runs N] [--peers] [--check] [NAME…]

The floor reads, parses and walks once, on one thread, the very files that `analyze` lists as analysed. Floor and
`analyze` take turns, so that other work on the machine burdens both; of each the run of least CPU counts, and of its
wall times the least. CPU seconds and peak memory are the kernel's (wait4). --check fails (exit code 1) where a limit
of LIMITS is passed. --peers also runs pyan3 and PyCG, from the package index, on the same files, and gives each
PATIENCE seconds a repository.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import fetch
from table import measured

NAMES = ["django", "sqlalchemy", "scikit-learn", "sympy"]
CORES = 2
# Most CPU and, on CORES cores, wall time of `analyze`, as multiples of the floor's on one.
MOST_CPU, MOST_WALL = 4.0, 2.2
# Peak memory in MB at most.
MOST_MB = {"django": 300, "sympy": 1500}
# CPU per line of one repository against that of another, at most.
EVEN = ("sympy", "django", 1.5)
PATIENCE = 120
PEERS = {"pyan3": "pyan3==2.9.0", "PyCG": "pycg==0.0.8"}

COLUMNS = ["repository", "lines", "floor CPU s", "analyze CPU s", "CPU ratio", "floor wall s", "analyze wall s",
           "wall ratio", "MB", "µs CPU per line"]


def built_floor():
    """The floor program, built from this checkout."""
    root = fetch.HERE.parent
    target = root / "target" / "floor"
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path",
                    str(fetch.HERE / "floor" / "Cargo.toml"), "--target-dir", str(target)], check=True)
    return target / "release" / "floor"


def analysed(program, repository):
    """Paths of the files that `analyze` says it analysed, and their lines."""
    facts = subprocess.run([program, "analyze", str(repository), "--format", "json", "-q"], check=True,
                           stdout=subprocess.PIPE).stdout
    facts = json.loads(facts)
    files = [f for f in facts["files"] if f["analyzed"]]
    return [str(repository / f["path"]) for f in files], sum(f["lines"] for f in files)


class Best:
    """The least of several runs, each quantity by itself."""

    def __init__(self):
        self.cpu, self.mb, self.wall = float("inf"), float("inf"), float("inf")

    def run(self, command, log):
        """One more run; its exit code."""
        code, cpu, mb, wall = measured(command, log)
        self.cpu, self.mb, self.wall = min(self.cpu, cpu), min(self.mb, mb), min(self.wall, wall)
        return code


def row(name, program, floor, cache, runs):
    """The cells of one repository, its CPU per line and what is wrong."""
    repository = fetch.fetch(name, cache)
    paths, lines = analysed(program, repository)
    with tempfile.TemporaryDirectory() as scratch:
        listing = pathlib.Path(scratch) / "files"
        listing.write_text("".join(p + "\n" for p in paths))
        ours, least = Best(), Best()
        with open(os.devnull, "wb") as nowhere:
            for _ in range(runs):
                codes = [
                    least.run(["sh", "-c", 'exec "$0" <"$1"', str(floor), str(listing)], nowhere),
                    ours.run([program, "analyze", str(repository), "--format", "json", "-q", "--jobs", str(CORES)],
                             nowhere)]
                if any(codes):
                    return None, 0.0, ["%s: exit codes %s" % (name, codes)]
    cpu, wall = ours.cpu / least.cpu, ours.wall / least.wall
    per_line = ours.cpu / lines
    wrong = ["%s: %s" % (name, message) for broken, message in [
        (cpu > MOST_CPU, "%.1f x the floor's CPU, at most %.1f" % (cpu, MOST_CPU)),
        (wall > MOST_WALL, "%.1f x the floor's wall time, at most %.1f" % (wall, MOST_WALL)),
        (ours.mb > MOST_MB.get(name, float("inf")), "%.0f MB, at most %d" % (ours.mb, MOST_MB.get(name, 0))),
    ] if broken]
    cells = [repository.name, str(lines), "%.2f" % least.cpu, "%.2f" % ours.cpu, "%.1f" % cpu, "%.2f" % least.wall,
             "%.2f" % ours.wall, "%.1f" % wall, "%.0f" % ours.mb, "%.1f" % (1e6 * per_line)]
    return cells, per_line, wrong


def installed_peers(folder):
    """Commands of the peers, from a virtual environment of their own; without those that cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"

    def pip(*arguments):
        return subprocess.run([str(python), "-m", "pip", "-q", *arguments], stdout=sys.stderr).returncode == 0

    had = {}
    if pip("install", PEERS["pyan3"]):
        had["pyan3"] = [str(folder / "bin" / "pyan3"), "--uses", "--no-defines", "--tgf"]
    # What PyCG installs goes under a name that cannot be imported here; its source distribution can be run as it is.
    if pip("install", "packaging") and pip("download", "--no-deps", "--no-binary", ":all:", "-d", str(folder), PEERS["PyCG"]):
        (archive,) = folder.glob("pycg-*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        had["PyCG"] = ["env", "PYTHONPATH=" + str(folder / archive.name[:-len(".tar.gz")]), str(python), "-m", "pycg"]
    for name in PEERS:
        if name not in had:
            print("SKIPPED %s: it cannot be installed" % name, file=sys.stderr)
    return had


def peer_cell(command, repository, paths, name):
    """CPU seconds and MB of a peer on the files, or how it ended instead."""
    arguments = ["--package", str(repository)] if name == "PyCG" else []
    with tempfile.TemporaryFile() as log:
        code, cpu, mb, wall = measured(["timeout", "-s", "KILL", str(PATIENCE)] + command + arguments + paths, log)
        if code == 0:
            return "%.1f s, %.0f MB" % (cpu, mb)
        if wall >= PATIENCE:
            return "does not end in %d s" % PATIENCE
        log.seek(0)
        last = log.read().decode(errors="replace").strip().splitlines()[-1:]
        return "fails: %s" % "".join(last)[:60].replace("|", "/")


def table_of_peers(program, cache, names):
    with tempfile.TemporaryDirectory() as folder:
        peers = installed_peers(pathlib.Path(folder))
        print("\n| repository | " + " | ".join(peers) + " |")
        print("|---" + "|---" * len(peers) + "|")
        for name in names:
            repository = fetch.fetch(name, cache)
            paths, _ = analysed(program, repository)
            cells = [peer_cell(command, repository, paths, peer) for peer, command in peers.items()]
            print("| " + " | ".join([repository.name] + cells) + " |", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", metavar="NAME")
    options.add_argument("--program", default=str(fetch.HERE.parent / "target/release/twinscribe"))
    options.add_argument("--cache", type=pathlib.Path, default=fetch.default_cache())
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--peers", action="store_true")
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    if not os.access(chosen.program, os.X_OK):
        sys.exit("no program at %s: cargo build --release" % chosen.program)
    names = chosen.names or NAMES
    floor = built_floor()
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" + "|--:" * (len(COLUMNS) - 1) + "|")
    wrong, per_line = [], {}
    for name in names:
        cells, per_line[name], found = row(name, chosen.program, floor, chosen.cache, chosen.runs)
        wrong += found
        if cells:
            print("| " + " | ".join(cells) + " |", flush=True)
    one, other, most = EVEN
    if per_line.get(one) and per_line.get(other):
        ratio = per_line[one] / per_line[other]
        print("\nCPU per line on %s: %.2f x that on %s." % (one, ratio, other))
        if ratio > most:
            wrong.append("%s: %.2f x the CPU per line of %s, at most %.1f" % (one, ratio, other, most))
    for line in wrong:
        print(line, file=sys.stderr)
    if chosen.peers:
        table_of_peers(chosen.program, chosen.cache, names)
    return 1 if wrong and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
