#!/usr/bin/env python3
"""Asks, of calls that six packages were seen to make under their own tests, what the analysis says of all the others.

    benches/unobserved.py --measure DIR [--sources DIR] [--program PATH] sample|draw|sites|pairs

DIR is the measure of observed calls: `recall.py`, `run.py` and `traces/`, one a package. The sources are downloaded once.

`sample` draws, by seed, 50 of the analysis's edges that no test made, from all packages in proportion, and counts the marks
that unobserved.jsonl has for them: a line each with package, caller, callee, seed and index of the draw, verdict (can or cannot
happen), class and sentence, from reading the source. Below the table: what is drawn and not marked, and the marked edges that
cannot happen, with whether they are still made and confirmed. `draw` prints the draw alone.
`sites` takes the call expressions that were seen to call into their package, and counts how the analysis labels them.
`pairs` asks for verdicts on pairs that were never seen and are hard to refute: methods that share the name of an attribute
that the caller calls, of classes unrelated to any it was seen to call, and functions imported in the caller's module.
"""
import argparse
import ast
import collections
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
MARKS = HERE / "unobserved.jsonl"
SEED, SIZE, PAIRS = 0, 50, 600
# How the trace says that a callee is the one that the call expression names.
NAMED = {"name", "ctor", "callable-object"}


def drawn(items, seed=SEED):
    """In the order of a draw that stays the same for those that stay when some come and go."""
    return sorted(items, key=lambda item: hashlib.sha256(("%d %s" % (seed, " ".join(item))).encode()).digest())


class Package:
    """A package's trace, and what the analysis says of its source."""

    def __init__(self, path, options):
        self.trace = recall.load(str(path))
        self.name = self.trace["package"]
        self.root = run.source(self.trace["root"], self.trace["version"], options.sources)
        self.program = options.program
        self.named = recall.pairs(self.trace)[0]
        self.functions = {f["name"] for f in self.trace["functions"] if f["type"] == "function"}
        self.ran = {x["name"] for x in self.trace["executed"]}

    def ask(self, *arguments):
        return subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, check=True, text=True).stdout

    def unobserved(self):
        """The edges from code that ran to functions, and those of them that no test made, as recall.py counts them."""
        graph = recall.Static(json.loads(self.ask("analyze", str(self.root), "--format", "pycg", "-q")), self.trace)
        seen = set(self.named) | {
            (i["e"]["caller"].rpartition(".")[0], b) for (_, b), i in self.named.items() if i["e"]["caller_type"] == "class"
        }
        scopes = self.ran & (self.functions | graph.mods | graph.classes)
        edges = {(a, graph.inh.get(b, b) if b not in graph.known else b) for a, b in graph.edges}
        edges = {(a, b) for a, b in edges if a in scopes and b in self.functions}
        return edges, edges - seen

    def verdicts(self, pairs):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as claims:
            claims.writelines(json.dumps({"caller": a, "callee": b}) + "\n" for a, b in pairs)
            claims.flush()
            lines = self.ask("analyze", str(self.root), "--verify", claims.name, "--format", "json-lines").splitlines()
        answers = [json.loads(line) for line in lines]
        assert len(answers) == len(pairs), "%s: %d answers for %d claims" % (self.name, len(answers), len(pairs))
        return answers


def shares(packages):
    """How many of the sample each package has: in proportion, what is left over to the largest remainders."""
    counts = {p.name: len(p.unobserved()[1]) for p in packages}
    exact = {name: SIZE * n / max(sum(counts.values()), 1) for name, n in counts.items()}
    least = {name: int(x) for name, x in exact.items()}
    for name in sorted(exact, key=lambda name: least[name] - exact[name])[: SIZE - sum(least.values())]:
        least[name] += 1
    return least


def the_sample(packages):
    share = shares(packages)
    for package in packages:
        yield from ((package.name, a, b, i) for i, (a, b) in enumerate(drawn(package.unobserved()[1])[: share[package.name]]))


def draw(packages):
    for name, caller, callee, index in the_sample(packages):
        print(json.dumps({"package": name, "caller": caller, "callee": callee, "seed": SEED, "index": index}))


def share(n, of):
    return "%d (%.1f %%)" % (n, 100 * n / max(of, 1))


def sample(packages):
    """How the drawn edges are marked, whether they are still made, and as how sure the analysis gives them."""
    marks = {(m["package"], m["caller"], m["callee"]): m for m in map(json.loads, MARKS.read_text().splitlines())}
    print("| package | edges | unobserved | marked: can happen | cannot | of these confirmed |")
    print("|---|--:|--:|--:|--:|--:|")
    totals, told = collections.Counter(), []
    for package in packages:
        edges, unobserved = package.unobserved()
        mine = [(edge[1:], mark) for edge, mark in marks.items() if edge[0] == package.name]
        row = collections.Counter(edges=len(edges), unobserved=len(unobserved))
        for (edge, mark), answer in zip(mine, package.verdicts([edge for edge, _ in mine]) if mine else ()):
            row[mark["verdict"]] += 1
            if mark["verdict"] == "cannot":
                row["confirmed"] += answer["verdict"] == "confirmed"
                made = "made, %s" % answer["verdict"] if edge in unobserved else "no longer made"
                told.append("cannot happen, %s: %s: %s -> %s: %s" % (made, package.name, *edge, mark["why"]))
        totals += row
        print_row(package.name, row)
    print_row("all", totals)
    told += ["not marked: %s: %s -> %s" % edge[:3] for edge in the_sample(packages) if edge[:3] not in marks]
    print("\n| | why | edges |\n|---|---|--:|")
    classes = collections.Counter((m["verdict"], m["why"]) for m in marks.values())
    for (verdict, why), n in sorted(classes.items(), key=lambda c: (c[0][0], -c[1], c[0])):
        print("| %s | %s | %d |" % (verdict, why, n))
    for line in told:
        print(line, file=sys.stderr)


def print_row(name, row):
    columns = (row["edges"], share(row["unobserved"], row["edges"]), row["can"], row["cannot"], row["confirmed"])
    print("| %s | %s |" % (name, " | ".join(map(str, columns))))


def last(name):
    return name.rpartition(".")[2]


def call_graph(package):
    with tempfile.TemporaryDirectory() as scratch:
        package.ask("document", str(package.root), "--output", scratch + "/out", "--checkpoint-dir", scratch + "/checkpoints", "-q")
        return json.loads(pathlib.Path(scratch, "out/call_graph.json").read_text())


def labels(package):
    """By (file, line): callees in the package, targets outside it, and whether something is open there."""
    inside, outside, open_ = collections.defaultdict(set), collections.defaultdict(set), set()
    graph = call_graph(package)
    files = {f["name"]: f["file"] for f in package.trace["functions"]}
    modules = {f[:-3].replace("/", ".").removesuffix(".__init__"): f for f in package.trace["files"]}

    def file_of(component):
        name = component
        while name not in modules and "." in name:
            if name in files:
                return files[name]
            name = name.rpartition(".")[0]
        return modules.get(name)

    for kind, ends in (("edges", "callee"), ("external", "target")):
        for edge in graph[kind]:
            for line in edge["lines"]:
                (inside if kind == "edges" else outside)[file_of(edge["caller"]), line].add(edge[ends].replace(".<locals>", ""))
    for site in graph["open"]:
        open_.add((file_of(site["component"]), site["line"]))
    return inside, outside, open_


def label(site, callees, inside, outside, open_):
    """What the analysis takes a call expression for, by its line and the name it calls."""
    place, name = site[:2], site[2] or ""
    found = inside[place]
    classes = {c.rpartition(".")[0] for c in callees}
    if found & (callees | classes):
        return "into the package"
    if any(last(t) == name for t in outside[place]) and not any(last(c) == name for c in found):
        return "external or built-in"
    if place in open_:
        return "unresolved"
    if found:
        return "into the package, elsewhere"
    return "external or built-in" if outside[place] else "unresolved"


def sites(packages):
    """Labels of the call expressions that were seen to call into their package."""
    counts, told = collections.Counter(), []
    for package in packages:
        callees, hows, known = collections.defaultdict(set), collections.defaultdict(set), labels(package)
        for e in package.trace["edges"]:
            if e["kind"] == "call" and e["form"] not in ("decorator", "class-statement"):
                site = e["caller_file"], e["line"], e["site"]
                callees[site].add(e["callee"])
                hows[site].add(e["match"])
        for site in sorted(callees, key=str):
            how = "what its name says" if hows[site] & NAMED else "a built-in's callee" if hows[site] == {"builtin"} else "another"
            end = label(site, callees[site], *known)
            counts[how, end] += 1
            if end == "external or built-in":
                told.append("%s: %s:%s %s: %s -> %s" % (package.name, *site, how, ", ".join(sorted(callees[site])[:2])))
    ends = ("into the package", "into the package, elsewhere", "unresolved", "external or built-in")
    print("| seen to call | sites | %s |\n|---|--:|--:|--:|--:|--:|" % " | ".join(ends))
    for how in ("what its name says", "another", "a built-in's callee", "all"):
        row = [sum(n for (h, e), n in counts.items() if e == end and how in (h, "all")) for end in ends]
        print("| %s | %d | %s |" % (how, sum(row), " | ".join([*map(str, row[:-1]), share(row[-1], sum(row))])))
    for line in told:
        print(line, file=sys.stderr)


def bodies(package):
    """By name of each function: the names it calls and the attributes it calls, without those of functions inside it."""
    found = {}
    for file in package.trace["files"]:
        first = {f["first"]: f["name"] for f in package.trace["functions"] if f["file"] == file and f["type"] == "function"}
        for node in ast.walk(ast.parse((package.root / file).read_text())):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            names, attributes, waiting = set(), set(), list(node.body)
            while waiting:
                inner = waiting.pop()
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
                    continue
                waiting.extend(ast.iter_child_nodes(inner))
                if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
                    attributes.add(inner.func.attr)
                elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
                    names.add(inner.func.id)
            if start in first:
                found[first[start]] = (file, names, attributes)
    return found


def imports(package):
    """By file: the package's functions that its module imports by name, under the names it gives them."""
    modules = {f[:-3].replace("/", ".").removesuffix(".__init__"): f for f in package.trace["files"]}
    by_module = {}
    for module, file in modules.items():
        names = by_module.setdefault(module, {})
        above = module if file.endswith("/__init__.py") else module.rpartition(".")[0]
        waiting = list(ast.parse((package.root / file).read_text()).body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.If, ast.Try)):
                waiting.extend(ast.iter_child_nodes(node))
            elif isinstance(node, ast.ImportFrom):
                base = ".".join(above.split(".")[: len(above.split(".")) - node.level + 1]) if node.level else ""
                source = ".".join(filter(None, (base, node.module)))
                names.update({alias.asname or alias.name: (source, alias.name) for alias in node.names})
    by_file = {}
    for module, file in modules.items():
        for name, (source, original) in by_module[module].items():
            for _ in range(5):  # through modules that pass it on
                source, original = by_module.get(source, {}).get(original, (source, original))
            if source + "." + original in package.functions:
                by_file.setdefault(file, {})[name] = source + "." + original
    return by_file


def unrelated(package, a, b):
    """Whether two classes share no class of the package, and no class has both for bases."""
    lines = {c: {c, *bases} for c, bases in package.trace["mro"].items()}
    return a in lines and b in lines and not lines[a] & lines[b] and not any({a, b} <= line for line in lines.values())


def hard(package):
    """The never-observed pairs of both kinds."""
    called, own = collections.defaultdict(set), collections.defaultdict(set)
    classes = set(package.trace["classes"])
    for caller, callee in package.named:
        called[caller].add(callee)
    for function in package.functions:
        if function.rpartition(".")[0] in classes:
            own[last(function)].add(function)
    imported = imports(package)
    for caller, (file, names, attributes) in bodies(package).items():
        if caller not in package.ran:
            continue
        for attribute in attributes:
            seen = {c.rpartition(".")[0] for c in called[caller] if last(c) == attribute} & classes
            for callee in own[attribute] - called[caller] - {caller}:
                if seen and all(unrelated(package, callee.rpartition(".")[0], other) for other in seen):
                    yield "same name", caller, callee
        for name, callee in imported.get(file, {}).items():
            if name not in names and callee not in called[caller] and callee != caller:
                yield "imported", caller, callee


def pairs(packages):
    """Verdicts on pairs that were never observed and are hard to refute."""
    there = {(kind, p.name, a, b) for p in packages for kind, a, b in hard(p)}
    print("| | pairs | drawn | refuted | unknown | confirmed |\n|---|--:|--:|--:|--:|--:|")
    for kind in ("same name", "imported"):
        of_kind = [item for item in there if item[0] == kind]
        chosen, counts = drawn(of_kind)[:PAIRS], collections.Counter()
        for package in packages:
            asked = [item[2:] for item in chosen if item[1] == package.name]
            for (caller, callee), answer in zip(asked, package.verdicts(asked) if asked else ()):
                counts[answer["verdict"]] += 1
                if answer["verdict"] != "refuted":
                    told = (kind, answer["verdict"], package.name, caller, callee, answer["reason"])
                    print("%s: %s: %s: %s -> %s: %s" % told, file=sys.stderr)
        row = [share(counts[v], len(chosen)) for v in ("refuted", "unknown", "confirmed")]
        print("| %s | %d | %d | %s |" % (kind, len(of_kind), len(chosen), " | ".join(row)))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=("sample", "draw", "sites", "pairs"))
    options.add_argument("--measure", type=pathlib.Path, required=True)
    options.add_argument("--sources", type=pathlib.Path)
    options.add_argument("--program", default=str(HERE.parent / "target/release/twinscribe"))
    options = options.parse_args()
    sys.path.insert(0, str(options.measure))
    import recall, run
    options.sources = options.sources or pathlib.Path(os.environ.get("TRACE_CACHE") or tempfile.gettempdir() + "/trace-sources")
    packages = [Package(path, options) for path in sorted((options.measure / "traces").glob("*.json.gz"))]
    globals()[options.what](packages)
