#!/usr/bin/env python3
"""Holds the truths of two published call-graph suites to what Python does, and the analysis to the truths that are true.

    tests/published_suites.py [--program target/release/twinscribe] [--cache DIR] [--show CASE] [--markdown]

The suites come with PyCG 0.0.8 (118 cases) and Jarvis 0.1.0rc7 (138), downloaded from the package index into the cache
and never kept in this repository. Each case is run under a profile function. Its truth contradicts the run where

- a call between functions of the case happens that the truth does not have, or
- the truth has a call, to a function of the case or a built-in one, that does not happen though every line of the
  caller was run, or though the case ended with an error of its own or does not end at all.

A call that fails because of its arguments counts as made. What a case does not run (dead functions, branches not taken)
and calls of other packages are not judged.
WRONG lists the cases that contradict, each with its reason; the script fails (exit code 1) where the runs say otherwise,
and, with --program, where the analysis is not exact on a case that is not listed and not in OPEN, or is exact on one
that is.
"""
import argparse
import ast
import builtins
import json
import pathlib
import re
import signal
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "benches")]
import fetch  # noqa: E402
import run_corpus  # noqa: E402

SUITES = {
    "PyCG": ("pycg", "0.0.8", "micro-benchmark/snippets", None),
    "Jarvis": ("jarviscg", "0.1.0rc7", "evaluation/dataset/micro_benchmark", "ground_truth"),
}
# Seconds after which a case that goes on for ever is cut off.
PATIENCE = 3

# Truths that are not what Python does, and why.
WRONG = {
    "PyCG": {
        "builtins/map": "`map` is given its arguments the wrong way round: a TypeError ends it before any of them is called",
        "classes/static_method_call": "the class body calls `staticmethod`, as Jarvis's truth has it and this one lacks",
        "decorators/nested_decorators": "the outer wrapper is called, which calls the inner one; `main` never calls `func`",
        "dicts/update": "`main` calls `dict.update`, as Jarvis's truth has it and this one lacks",
        "dynamic/eval": "`main` calls `eval`, which calls `func`; `func` calls nothing",
        "kwargs/chained_call": "`func2` is called with `func3`, so it never calls itself, its default being unused",
        "mro/self_assignment": "the instance is an `A`, which overrides `func`: `B.func` never runs",
        "returns/return_complex": "`func4()` lacks its argument: a TypeError ends the program before the other calls",
    },
    "Jarvis": {
        "builtins/map": "as in PyCG's suite",
        "classes/super_class_return": "`super().__init__()` in `B` calls `A.__init__`, which the truth lacks",
        "decorators/nested_decorators": "as in PyCG's suite, and the outer wrapper that is called is lacking",
        "decorators/return_different_func": "the decorated name holds the wrapper, so `func2` calls `dec.inner`",
        "dicts/assign": "the value under the key was replaced before the call: `func1` never runs",
        "dicts/nested": "the value under the key was replaced before the call: `func1` never runs",
        "dicts/update": "`update` replaced the value before the call: `func1` never runs",
        "lists/ext_index": "the imported `key` hides the one assigned before, so the element is the other one",
        "mro/basic": "`super().__init__()` in `B` calls `A.__init__`, which the truth lacks",
        "mro/basic_init": "`super().__init__()` in `B` calls `A.__init__`, which the truth lacks",
        "mro/self_assignment": "as in PyCG's suite",
        "mro/super_call": "each `super().__init__()` calls the next constructor, and the truth lacks them",
        "mro/two_parents": "`A` has no constructor, so `C()` runs that of `B`, which the truth lacks",
        "new_control_flow/elseif": "the branches under the `else` of `if True` never run",
        "new_control_flow/while": "addresses are even, so the loop never ends and nothing after it happens",
        "returns/return_complex": "as in PyCG's suite",
    },
}
# Cases with a true truth on which the analysis is not exact yet.
OPEN = {"PyCG": [], "Jarvis": []}

SPELLINGS = {"<**PyStr**>": "<str>", "<**PyDict**>": "<dict>", "<map>": "<dict>", "<**PyList**>": "<list>"}


def downloaded(package, version, cache):
    """The unpacked source distribution."""
    folder = cache / ("%s-%s" % (package, version))
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            archive = pathlib.Path(scratch) / "archive.tar.gz"
            archive.write_bytes(fetch.get(fetch.file_url(package, version)))
            with tarfile.open(archive) as tar:
                tar.extractall(scratch, filter="data")
            (top,) = [p for p in pathlib.Path(scratch).iterdir() if p.is_dir()]
            top.rename(folder)
    return folder


def cases(suite, cache):
    """Per case: its name, the folder with its sources, and the truth's file."""
    package, version, below, truths = SUITES[suite]
    top = downloaded(package, version, cache) / below
    truth_top = top
    if truths:
        evaluation = top.parent.parent
        (truth_top,) = [p for p in evaluation.rglob("micro_benchmark") if truths in p.as_posix()]
    for truth in sorted(truth_top.rglob("callgraph.json")):
        name = truth.parent.relative_to(truth_top).as_posix()
        # One folder is spelled with a space among the sources and with an underscore among the truths.
        for folder in (top / name, top / name.replace("new_direct_calls", "new_direct calls")):
            if (folder / "main.py").is_file():
                yield name, folder, truth
                break


class Scopes(run_corpus.Names):
    """Names scopes as the suites do: plain names, numbered lambdas, class bodies as callers."""

    def __init__(self, module):
        super().__init__(module)
        self.lambdas, self.made = {}, []

    def visit_ClassDef(self, node):
        first = self.stands(node, node.name)
        name = ".".join(self.scope + [node.name])
        self.within[(first, node.name)] = name
        self.below(node, node.name, name)

    def visit_Lambda(self, node):
        scope = ".".join(self.scope)
        self.lambdas[scope] = self.lambdas.get(scope, 0) + 1
        name = "<lambda%d>" % self.lambdas[scope]
        self.of_start[(node.lineno, "<lambda>")] = scope + "." + name
        self.below(node, name, scope + "." + name)

    def visit_FunctionDef(self, node):
        for decorator in node.decorator_list:
            self.makes(decorator)
        super().visit_FunctionDef(node)

    def visit_Call(self, node):
        self.makes(node.func)
        self.generic_visit(node)

    def makes(self, callee):
        """Notes a call of a built-in class, which a profile function does not see; its line tells whether it runs."""
        if isinstance(callee, ast.Name) and isinstance(getattr(builtins, callee.id, None), type):
            self.made.append((callee.lineno, self.owner, "<builtin>." + callee.id))


class SuiteWatch(run_corpus.Watch):
    """Notes which lines run, beside who calls whom."""

    naming = Scopes

    def __init__(self):
        super().__init__()
        self.lines, self.codes, self.made = set(), {}, []

    def profile(self, frame, event, argument):
        if event == "c_call":
            holder = getattr(argument, "__self__", None)
            kind = "builtin" if holder is builtins else type(holder).__name__
            # A class statement is no call, though CPython makes it one.
            is_told = kind in ("builtin", "dict", "list", "str") and argument is not builtins.__build_class__
            if is_told and frame.f_code.co_filename in self.files:
                self.pairs.add((self.owner(frame.f_code), "<%s>.%s" % (kind, argument.__name__)))
        else:
            super().profile(frame, event, argument)

    def compiled(self, text, path, file, module):
        code, names = super().compiled(text, path, file, module)
        self.made += [(path,) + made for made in names.made]
        below = [code]
        while below:
            part = below.pop()
            self.codes.setdefault(self.owner(part).split("#")[0], set()).update(
                (path, line) for _, _, line in part.co_lines() if line)
            below += [c for c in part.co_consts if hasattr(c, "co_lines")]
        return code, names

    def trace(self, frame, event, _):
        if frame.f_code.co_filename not in self.files:
            return None
        self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self.trace


def run_here(folder):
    """Runs the case in this process and prints what was seen, as JSON."""
    case = run_corpus.Case(str(folder), 0, [])
    for path in sorted(folder.rglob("*.py")):
        case.files[path.relative_to(folder).as_posix()] = path.read_text().splitlines()
    watch = SuiteWatch()
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(PATIENCE)
    watch, wrong = run_corpus.run(case, watch)
    seen = {(caller.split("#")[0], callee.split("#")[0]) for caller, callee in watch.pairs}
    seen |= {(owner, made) for path, line, owner, made in watch.made if (path, line) in watch.lines}
    whole = [scope for scope, lines in watch.codes.items() if lines <= watch.lines]
    if wrong and "ModuleNotFoundError" not in wrong:
        whole.append("main")
    names = sorted({n.split("#")[0] for of_start in watch.names.values() for n in of_start.values()})
    json.dump({"seen": sorted(seen), "whole": whole, "names": names, "wrong": wrong}, sys.stdout)


def run_case(folder):
    ran = subprocess.run([sys.executable, __file__, "--run-here", str(folder)], capture_output=True, text=True,
                         timeout=20 * PATIENCE, stdin=subprocess.DEVNULL)
    return json.loads(ran.stdout)


def spelled(name, packages):
    """One spelling of names that the suites and the analysis spell differently."""
    if name.startswith("builtins."):
        return "<builtin>." + name[len("builtins."):]
    head, dot, rest = name.partition(".")
    if head in SPELLINGS:
        return SPELLINGS[head] + dot + rest
    for package in packages:
        inner = package + ".__init__"
        if (name + ".").startswith(inner + "."):
            return package + name[len(inner):]
    return name


def edges(graph, folder):
    packages = {".".join(p.parent.relative_to(folder).parts) for p in folder.rglob("__init__.py")} - {""}
    return {(spelled(a, packages), spelled(b, packages)) for a, callees in graph.items() for b in callees}


def contradictions(truth, ran):
    """The calls that happen and are not in the truth, and those of the truth that do not happen."""
    seen, whole = {tuple(p) for p in ran["seen"]}, set(ran["whole"])
    names = set(ran["names"])
    more = {(a, b) for a, b in seen - truth if b in names or b.startswith("<")}
    fewer = {(a, b) for a, b in truth - seen if a in whole and (b in names or b.startswith("<builtin>."))}
    # The frame of a call with wrong arguments never starts.
    refused = re.search(r"TypeError: \S*?([\w<>]+)\(\) (missing|takes|got)", ran["wrong"] or "")
    if refused:
        fewer = {(a, b) for a, b in fewer if re.sub(r"\d*>$", ">", b.split(".")[-1]) != refused.group(1)}
    return sorted(more), sorted(fewer)


def shown(pairs):
    return ", ".join("`%s` → `%s`" % pair for pair in pairs) or "–"


def judge(suite, chosen, found):
    """Runs a suite; fills `found` with what is wrong, and returns the counts."""
    count = dict.fromkeys(["cases", "true", "wrong", "not runnable", "exact of true", "as the run, of wrong"], 0)
    for name, folder, truth_file in cases(suite, chosen.cache):
        if chosen.show and chosen.show != name:
            continue
        truth = edges(json.loads(truth_file.read_text()), folder)
        ran = run_case(folder)
        more, fewer = contradictions(truth, ran)
        is_wrong = bool(more or fewer)
        count["cases"] += 1
        count["not runnable"] += bool(ran["wrong"])
        count["wrong" if is_wrong else "true"] += 1
        if is_wrong != (name in WRONG[suite]):
            found.append("%s %s: %s" % (suite, name, "the truth lacks %s and makes up %s" % (shown(more), shown(fewer))
                                        if is_wrong else "is listed as wrong, and no run shows it"))
        if chosen.show:
            print(suite, json.dumps(ran, indent=1), "truth:", sorted(truth))
        if is_wrong and chosen.markdown:
            print("| %s | %s | %s | %s | %s |" % (suite, name, WRONG[suite].get(name, "?"), shown(more), shown(fewer)))
        if not chosen.program:
            continue
        answer = subprocess.run([chosen.program, "analyze", str(folder), "--format", "pycg", "-q"], capture_output=True)
        ours = edges(json.loads(answer.stdout), folder)
        if is_wrong:
            names = set(ran["names"])
            count["as the run, of wrong"] += {e for e in ours if e[1] in names} == {tuple(e) for e in ran["seen"] if e[1] in names}
        else:
            count["exact of true"] += ours == truth
            if (ours != truth) != (name in OPEN[suite]):
                found.append("%s %s: %s" % (suite, name, "is exact: take it out of OPEN" if ours == truth else
                                            "not exact: + %s - %s" % (shown(sorted(ours - truth)),
                                                                      shown(sorted(truth - ours)))))
    return count


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program")
    options.add_argument("--cache", type=pathlib.Path, default=fetch.default_cache())
    options.add_argument("--show", metavar="CASE")
    options.add_argument("--markdown", action="store_true")
    options.add_argument("--run-here", type=pathlib.Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.run_here:
        run_here(chosen.run_here)
        return 0
    found = []
    for suite in SUITES:
        count = judge(suite, chosen, found)
        print("%s: %s" % (suite, ", ".join("%s %d" % (k, v) for k, v in count.items())))
    for line in found:
        print(line)
    return 1 if found and not chosen.show else 0


if __name__ == "__main__":
    sys.exit(main())
