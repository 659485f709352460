#!/usr/bin/env python3
"""Runs the programs of the language corpus and holds its comments to what happens.

    tests/run_corpus.py [FOLDER or FILE…] [--show]

Every fenced Python block of fixtures/analysis/**/*.md (the format: fixtures/analysis/README.md) is run under a profile
function, which sees each function start and which line of the program made it start. Fails (exit code 1) where a call
happens that no comment lists, where a listed one does not happen, and where a pair called refuted was seen. It knows
nothing of the analysis. --show prints what was seen. Python 3.11 or later: before, a decorator's call stood on the
line of the `def`.
"""
import argparse
import ast
import contextlib
import functools
import gc
import importlib
import importlib.abc
import importlib.util
import io
import os
import pathlib
import re
import sys
import tempfile
import threading
import traceback

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "analysis"
CALLS = ("calls", "surely calls", "calls one of")
VERDICTS = ("refuted", "unknown", "confirmed")
EXPECTATION = re.compile(r"# ((?:%s): .*)$" % "|".join(CALLS + ("invented",)))
VERDICT = re.compile(r"\s*# (%s): (\S+) -> ([^\s;]+)" % "|".join(VERDICTS))
FILE = re.compile(r"# (file|outside): (\S+)$")
VERSION = re.compile(r"3\.(\d+)$")
SUSPENDS = 0x20 | 0x80 | 0x200  # generator, coroutine, asynchronous generator


class Case:
    """One fenced block."""

    def __init__(self, page, line, words):
        self.page, self.line, self.words = page, line, words
        self.files, self.outside, self.verdicts = {}, set(), []
        # (file, line in it) -> names listed there; (file, line in it) -> line of the page
        self.listed, self.place = {}, {}

    def name(self):
        return "%s:%d" % (self.page, self.line)

    def modules(self):
        return {module_of(f): f for f in self.files if f not in self.outside}

    def full(self, name, file):
        """The whole name of what a comment in a file calls by a short one."""
        for module in self.modules():
            if (name + ".").startswith(module + "."):
                return name
        return module_of(file) + "." + name

    def add_text(self, lines):
        file = "main.py"
        if lines and not FILE.match(lines[0][1]):
            self.files[file] = []
        for number, text in lines:
            begins = FILE.match(text)
            if begins:
                file = begins.group(2)
                self.files[file] = []
                if begins.group(1) == "outside":
                    self.outside.add(file)
                continue
            self.files[file].append(text)
            key = (file, len(self.files[file]))
            self.place[key] = number
            verdict = VERDICT.match(text)
            expectation = EXPECTATION.search(text)
            if verdict:
                self.verdicts.append((number, file) + verdict.groups())
            elif expectation:
                names = []
                for clause in expectation.group(1).split(";"):
                    kind, _, listed = clause.strip().partition(": ")
                    if kind in CALLS:
                        names += [n.strip() for n in listed.split(",")]
                self.listed[key] = names


def module_of(file):
    name = file[:-3].replace("/", ".")
    return name[:-len(".__init__")] if name.endswith(".__init__") else name


def cases_of(page, shown):
    """The cases of a page, in order."""
    found, block, case = [], None, None
    for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if block is None and text.startswith("```python"):
            case, block = Case(shown, number, text[len("```python"):].split()), []
        elif block is not None and text == "```":
            case.add_text(block)
            found.append(case)
            block = None
        elif block is not None:
            block.append((number, text))
    return found


def suspends(node):
    """Whether calling the function makes a generator or a coroutine instead of running it."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    below = list(node.body)
    while below:
        part = below.pop()
        if isinstance(part, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            below += ast.iter_child_nodes(part)
    return False


def said(decorator):
    """The last name of a decorator."""
    return decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")


class Names(ast.NodeVisitor):
    """Names the functions of a file as the comments do, and has those that suspend tell when they are called."""

    def __init__(self, module):
        self.scope, self.seen = [module], {}
        # By first line and name of the code: the function's name; the name of the function or module that it stands in.
        self.of_start, self.within = {}, {}
        self.owner = module

    def visit_ClassDef(self, node):
        self.stands(node, node.name)
        self.below(node, node.name, self.owner)

    def visit_FunctionDef(self, node):
        words = [said(d) for d in node.decorator_list]
        plain = ".".join(self.scope + [node.name])
        name = plain
        if "setter" in words or "deleter" in words:
            name += "#" + ("setter" if "setter" in words else "deleter")
        elif "overload" not in words and "register" not in words:
            self.seen[plain] = self.seen.get(plain, 0) + 1
            if self.seen[plain] > 1:
                name += "#%d" % self.seen[plain]
        self.of_start[(self.stands(node, node.name), node.name)] = name
        self.below(node, name.rsplit(".", 1)[-1], name)
        if suspends(node):
            told = ast.Call(ast.Name("__told__", ast.Load()), [ast.Constant(name)], [])
            node.decorator_list.append(ast.fix_missing_locations(ast.copy_location(told, node)))

    visit_AsyncFunctionDef = visit_FunctionDef

    def unnamed(self, node):
        self.stands(node, {"Lambda": "<lambda>", "ListComp": "<listcomp>", "SetComp": "<setcomp>",
                           "DictComp": "<dictcomp>", "GeneratorExp": "<genexpr>"}[type(node).__name__])
        self.generic_visit(node)

    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = unnamed

    def stands(self, node, name):
        """Notes where the code of a node stands, by its first line, which it returns."""
        first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
        self.within[(first, name)] = self.owner
        return first

    def below(self, node, name, owner):
        around, self.owner = self.owner, owner
        self.scope.append(name)
        self.generic_visit(node)
        self.scope.pop()
        self.owner = around


class Watch:
    """Who made which function start."""

    naming = Names

    def __init__(self):
        self.files, self.names, self.within, self.seen, self.pairs = {}, {}, {}, set(), set()
        self.modules = []

    def compiled(self, text, path, file, module):
        tree = ast.parse(text, path)
        names = self.naming(module)
        # A module goes by its name; a definition of its package that is called the same is the second.
        names.seen.update(dict.fromkeys(self.modules, 1))
        names.visit(tree)
        code = compile(tree, path, "exec", dont_inherit=True)
        self.files[path] = file
        self.names[path] = names.of_start
        self.within[path] = dict(names.within, module=module)
        return code, names

    def named(self, code):
        return self.names[code.co_filename].get((code.co_firstlineno, code.co_name))

    def owner(self, code):
        """The function or module that code belongs to."""
        within = self.within[code.co_filename]
        return self.named(code) or within.get((code.co_firstlineno, code.co_name), within["module"])

    def caller(self, frame):
        while frame is not None and frame.f_code.co_filename not in self.files:
            frame = frame.f_back
        return frame

    def started(self, name, frame):
        frame = self.caller(frame)
        if name is None or name.endswith(".__del__"):
            return
        if frame is not None:
            self.seen.add((self.files[frame.f_code.co_filename], frame.f_lineno, name))
            self.pairs.add((self.owner(frame.f_code), name))

    def profile(self, frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename in self.files and not code.co_flags & SUSPENDS:
            self.started(self.named(code), frame.f_back)

    def trace(self, frame, event, _):
        """Sees lines; a program of the corpus is not followed that closely."""
        return None

    def told(self, name):
        """Decorates a function that suspends: its frame starts late, so it tells itself when it is called."""
        def decorate(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                self.started(name, sys._getframe(1))
                return function(*args, **kwargs)
            if function.__code__.co_flags & 0x80:
                try:
                    from inspect import markcoroutinefunction
                    markcoroutinefunction(wrapper)
                except ImportError:
                    pass
            return wrapper
        return decorate


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules of one case from memory."""

    def __init__(self, case, watch, folder):
        self.case, self.watch, self.folder = case, watch, folder
        self.file_of = {module_of(f): f for f in case.files}
        watch.modules = list(self.file_of)

    def find_spec(self, name, path=None, target=None):
        file = self.file_of.get(name)
        if file is None:
            inner = any(m.startswith(name + ".") for m in self.file_of)
            return importlib.util.spec_from_loader(name, self, is_package=True) if inner else None
        return importlib.util.spec_from_loader(name, self, is_package=file.endswith("__init__.py"))

    def exec_module(self, module):
        file = self.file_of.get(module.__name__)
        if file is None:
            return
        path = str(self.folder / file)
        text = "\n".join(self.case.files[file]) + "\n"
        if file in self.case.outside:
            code = compile(text, path, "exec", dont_inherit=True)
        else:
            code, _ = self.watch.compiled(text, path, file, module.__name__)
        module.__file__ = path
        module.__dict__["__told__"] = self.watch.told
        exec(code, module.__dict__)


def run(case, watch):
    """What happens when the case runs, noted by the watch; and the traceback where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        finder = Finder(case, watch, pathlib.Path(folder))
        before = set(sys.modules)
        sys.meta_path.insert(0, finder)
        here = os.getcwd()
        os.chdir(folder)
        wrong = None
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                threading.setprofile(watch.profile)
                sys.settrace(watch.trace)
                sys.setprofile(watch.profile)
                try:
                    importlib.import_module("main")
                finally:
                    sys.setprofile(None)
                    sys.settrace(None)
                    threading.setprofile(None)
        except BaseException:  # what a program of the corpus raises is a fault of the corpus
            wrong = traceback.format_exc(limit=-3)
        finally:
            os.chdir(here)
            sys.meta_path.remove(finder)
            for name in set(sys.modules) - before:
                if name in finder.file_of or any(m.startswith(name + ".") for m in finder.file_of):
                    del sys.modules[name]
            gc.collect()
    return watch, wrong


def faults(case, watch, wrong):
    """What the comments of a case say that is not so."""
    if wrong:
        return ["%s: fails: %s" % (case.name(), wrong)]
    found = []
    listed = {(file, line, case.full(name, file)) for (file, line), names in case.listed.items() for name in names}

    def tell(file, line, name, what):
        found.append("%s:%d: %s %s" % (case.page, case.place[(file, line)], name, what))

    for file, line, name in sorted(watch.seen - listed):
        tell(file, line, name, "is called and not listed")
    if "partly-run" not in case.words:
        for file, line, name in sorted(listed - watch.seen):
            tell(file, line, name, "is listed and not called")
    for number, file, verdict, caller, callee in case.verdicts:
        pair = (case.full(caller, file), case.full(callee, file))
        if verdict == "refuted" and pair in watch.pairs:
            found.append("%s:%d: %s -> %s is called refuted and happens" % ((case.page, number) + pair))
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("paths", nargs="*", type=pathlib.Path, default=[CORPUS])
    options.add_argument("--show", action="store_true")
    chosen = options.parse_args()
    pages = [p for path in chosen.paths for p in (sorted(path.rglob("*.md")) if path.is_dir() else [path])]
    wrong, count = [], dict.fromkeys(["cases", "run", "partly", "not run", "too new", "listed", "verdicts"], 0)
    for page in pages:
        page = page.resolve()
        shown = page.relative_to(CORPUS).as_posix() if CORPUS in page.parents else page.name
        for case in cases_of(page, shown):
            versions = [int(m.group(1)) for m in map(VERSION.match, case.words) if m]
            count["cases"] += 1
            count["listed"] += sum(len(n) for n in case.listed.values())
            count["verdicts"] += len(case.verdicts)
            if "not-run" in case.words:
                count["not run"] += 1
                continue
            if any(sys.version_info < (3, v) for v in versions):
                count["too new"] += 1
                continue
            watch, failure = run(case, Watch())
            count["partly" if "partly-run" in case.words else "run"] += 1
            wrong += faults(case, watch, failure)
            if chosen.show:
                for file, line, name in sorted(watch.seen):
                    print("%s:%d: %s" % (case.page, case.place[(file, line)], name))
    for line in wrong:
        print(line)
    print(" ".join("%s %d" % (key.replace(" ", "-"), value) for key, value in count.items()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
