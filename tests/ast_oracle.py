#!/usr/bin/env python3
"""Compares what `twinscribe analyze` says of a folder's definitions with CPython's own parser.

    twinscribe analyze REPO --format json-lines | tests/ast_oracle.py - REPO [--complete] [--shown N]

For every file that this interpreter's `ast` parses: the same components (qualified name, kind, first line), the same
parameters (name, kind, default, annotation), return annotations, base classes, decorators, async, generator, and the
same number of call expressions. Texts are compared as syntax trees, so white space and quotes do not matter.

Names are decided here, never taken from the product:

* a qualified name is the path of names inside the module, without `<locals>`;
* what is defined under `if`, `try`, `for`, `with`, `while` or `match` belongs to the scope around it;
* a second definition of a name in one scope is `name#2`, a third `name#3`, in source order;
* a method behind `@….setter` or `@….deleter` is `name#setter` or `name#deleter`, numbered among its like;
* a run of `@overload` stubs belongs to the next definition of that name in the scope that is not a stub; where there
  is none, the last stub stands for it. What belongs to another has no component of its own;
* a stub (`.pyi`) beside its module is no module: it is counted apart;
* a property is a method behind a decorator whose last name is `setter`, `deleter`, `getter` or ends in `property`.

A file that `ast` parses and of which the product reports that it cannot read it whole is a difference of its own, but
for the files of MISREAD, each pinned by the construct that its parser takes for an error. Those are told apart, with
the line and the number of differences, and have to hold their construct.

Nothing is skipped silently: files that `ast` does not parse and files that are not in the output are counted and
named. Exit code 0: no difference; 1: differences; 2: wrong usage or unreadable input.
"""
import argparse
import ast
import collections
import json
import os
import sys
import warnings

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = FUNCTIONS + (ast.ClassDef,)
ACCESSORS = ("setter", "deleter")
NESTED_CODE = FUNCTIONS + (ast.ClassDef, ast.Lambda)


class Definition:
    """One component: its syntax, and the names that this script gives it."""

    __slots__ = ("node", "qualname", "kind", "parent", "overloaded")

    def __init__(self, node, qualname, kind, parent, overloaded=False):
        self.node = node
        self.qualname = qualname
        self.kind = kind
        self.parent = parent
        self.overloaded = overloaded

    @property
    def line(self):
        return 1 if self.kind == "module" else self.node.lineno


def last_name(expression):
    """The last identifier of a decorator as written: `property` of `@abc.property`, none for anything else."""
    if isinstance(expression, ast.Call):
        expression = expression.func
    if isinstance(expression, ast.Attribute):
        return expression.attr
    if isinstance(expression, ast.Name):
        return expression.id
    return None


def is_overload(node):
    return any(last_name(d) == "overload" for d in node.decorator_list if not isinstance(d, ast.Call))


def accessor(node):
    """`setter` or `deleter`, where a decorator says so."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Attribute) and decorator.attr in ACCESSORS:
            return decorator.attr
    return None


def is_property(node):
    for decorator in node.decorator_list:
        name = last_name(decorator) or ""
        if name.endswith("property"):
            return True
        if isinstance(decorator, ast.Attribute) and name in ACCESSORS + ("getter",):
            return True
    return False


def own_definitions(body):
    """Definitions of one scope in source order, those inside its compound statements included."""
    stack = [iter(body)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif isinstance(node, DEFINITIONS):
            yield node
        else:
            inner = []
            for _, value in ast.iter_fields(node):
                if isinstance(value, list):
                    inner += [v for v in value if isinstance(v, (ast.stmt, ast.excepthandler)) or is_case(v)]
            if inner:
                stack.append(iter(inner))


def is_case(node):
    return type(node).__name__ == "match_case"


def definitions(tree):
    """All components of a module, the module first, in source order."""
    module = Definition(tree, "", "module", None)
    found = [module]
    work = collections.deque([module])
    while work:
        scope = work.popleft()
        counts = collections.Counter()
        in_class = scope.kind == "class"
        here = list(own_definitions(scope.node.body))
        stubs = [isinstance(d, FUNCTIONS) and is_overload(d) for d in here]
        waiting = collections.Counter()
        for position, node in enumerate(here):
            if stubs[position]:
                later = any(d.name == node.name for d in here[position + 1:])
                waiting[node.name] += 1
                if later:
                    continue
            suffix = accessor(node) if in_class and isinstance(node, FUNCTIONS) else None
            name = node.name + ("#" + suffix if suffix else "")
            counts[name] += 1
            if counts[name] > 1:
                name += "#%d" % counts[name]
            if isinstance(node, ast.ClassDef):
                kind = "class"
            elif in_class:
                kind = "property" if is_property(node) else "method"
            else:
                kind = "function"
            qualname = scope.qualname + "." + name if scope.qualname else name
            definition = Definition(node, qualname, kind, scope, waiting.pop(node.name, 0) > 0)
            found.append(definition)
            work.append(definition)
    return found


def own_expressions(node):
    """Every node that runs in a function's own scope: not the bodies of functions, classes and lambdas inside it."""
    stack = list(reversed(node.body)) if isinstance(node.body, list) else [node.body]
    while stack:
        here = stack.pop()
        yield here
        if isinstance(here, NESTED_CODE):
            outside = list(getattr(here, "decorator_list", []))
            if isinstance(here, ast.ClassDef):
                outside += here.bases + [k.value for k in here.keywords]
            else:
                outside += here.args.defaults + [d for d in here.args.kw_defaults if d is not None]
            stack.extend(reversed(outside))
        else:
            stack.extend(reversed(list(ast.iter_child_nodes(here))))


def is_generator(node):
    return isinstance(node, FUNCTIONS) and any(
        isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_expressions(node)
    )


def parameters(node):
    """(name, kind, annotation, default) of each parameter, in order."""
    args = node.args
    positional = args.posonlyargs + args.args
    defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    out = []
    for position, (arg, default) in enumerate(zip(positional, defaults)):
        kind = "positional_only" if position < len(args.posonlyargs) else "positional_or_keyword"
        out.append((arg.arg, kind, arg.annotation, default))
    if args.vararg:
        out.append((args.vararg.arg, "var_positional", args.vararg.annotation, None))
    for arg, default in zip(args.kwonlyargs, args.kw_defaults):
        out.append((arg.arg, "keyword_only", arg.annotation, default))
    if args.kwarg:
        out.append((args.kwarg.arg, "var_keyword", args.kwarg.annotation, None))
    return out


def dumped(node):
    return None if node is None else ast.dump(node)


def dumped_text(text):
    """The syntax tree of an expression as the product wrote it; the text itself, marked, where it is none."""
    if text is None:
        return None
    try:
        # In brackets a text may span lines; the comma admits `*Ts`, which stands alone in `*args: *Ts`.
        starred = text.lstrip().startswith("*")
        tree = ast.parse("(%s\n%s)" % (text, "," if starred else ""), mode="eval").body
        return ast.dump(tree.elts[0] if starred else tree)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return "not an expression (%s): %r" % (error.__class__.__name__, text)


# Files that the product's parser cannot read whole though they are good Python: how the path ends, and the construct.
MISREAD = {
    # A type comment's neighbour over several lines: `x = (…) + set(…)`.
    "tests/data/cases/expression.py": "what_is_up_with_those_new_coord_names = (coord_names",
    # A starred parenthesis as a target.
    "tests/data/cases/preview_unpacking_parens.py": "*(a), (b) = 1, 2",
    # An attribute at the margin, on the line after its dot.
    "test/test_compile.py": "(bar.\n        baz)",
    # Python 2's statement, which is an expression to Python 3.
    "test/test_print.py": "print >> sys.stderr, ",
    # What only the compiler refuses, after the parser.
    "test/test_future_stmt/badsyntax_future8.py": "from __future__ import *",
    "test/badsyntax_future8.py": "from __future__ import *",
    # Defaults of type parameters (Python 3.13), which the grammar does not have.
    "modern/type_defaults.py": "class Wide[T: object = list[int], *Ts",
}


def is_pinned(root, path):
    """Whether a file is one of those that are misread, and holds the construct that makes it so."""
    whole = (os.path.abspath(root) + "/" + path).replace(os.sep, "/")
    for ending, construct in MISREAD.items():
        if whole.endswith("/" + ending):
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as source:
                return construct in source.read()
    return False


class Report:
    """Counts and differences."""

    def __init__(self, shown):
        self.shown = shown
        self.totals = collections.Counter()
        self.differences = collections.Counter()
        self.lines = []
        self.misread = []

    def differ(self, kind, where, message):
        self.differences[kind] += 1
        if len(self.lines) < self.shown:
            self.lines.append("%s: %s: %s" % (kind, where, message))

    def same(self, kind, where, ours, theirs):
        self.totals[kind] += 1
        if ours != theirs:
            self.differ(kind, where, "ast has %s, the product %s" % (short(ours), short(theirs)))


def short(value, limit=160):
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= limit else text[:limit] + "…"


def parse(path):
    """(tree, none) or (none, reason)."""
    try:
        with open(path, "rb") as file:
            source = file.read()
        return ast.parse(source, filename=path), None
    except (SyntaxError, ValueError, LookupError, UnicodeError, MemoryError, RecursionError, OSError) as error:
        return None, "%s: %s" % (error.__class__.__name__, str(error).split("\n")[0])


def compare_file(report, path, tree, record, components):
    ours = {d.qualname: d for d in definitions(tree)}
    theirs = {}
    for component in components:
        if component["qualname"] in theirs:
            report.differ("name twice", path, component["id"])
        theirs[component["qualname"]] = component
    for name in sorted(set(ours) | set(theirs)):
        where = "%s %s" % (path, name or "(module)")
        report.totals["components"] += 1
        if name not in theirs:
            report.differ("component missing", where, "%s at line %d" % (ours[name].kind, ours[name].line))
        elif name not in ours:
            got = theirs[name]
            report.differ("component extra", where, "%s at line %s" % (got["kind"], got["line"]))
        else:
            compare_component(report, where, ours[name], theirs[name], record)
    calls = sum(isinstance(n, ast.Call) for n in ast.walk(tree))
    report.totals["call expressions in all"] += calls
    report.same("call expressions per file", path, calls, record["call_expressions"])


def compare_component(report, where, ours, theirs, record):
    module = record["module"]
    report.same("id", where, ".".join(p for p in (module, ours.qualname) if p), theirs["id"])
    report.same("module", where, module, theirs["module"])
    report.same("kind", where, ours.kind, theirs["kind"])
    report.same("first line", where, ours.line, theirs["line"])
    if ours.kind == "module":
        return
    node = ours.node
    report.same("decorators", where, [dumped(d) for d in node.decorator_list],
                [dumped_text(t) for t in theirs["decorators"]])
    if ours.kind == "class":
        report.same("bases", where, [dumped(b) for b in node.bases], [dumped_text(t) for t in theirs["bases"]])
        return
    report.same("async", where, isinstance(node, ast.AsyncFunctionDef), theirs["async"])
    report.same("generator", where, is_generator(node), theirs["generator"])
    report.same("return annotation", where, dumped(node.returns), dumped_text(theirs["returns"]))
    wanted, got = parameters(node), theirs["parameters"]
    report.same("parameter names", where, [p[0] for p in wanted], [p["name"] for p in got])
    by_name = {p["name"]: p for p in got}
    for name, kind, annotation, default in wanted:
        report.totals["parameters"] += 1
        if name in by_name:
            parameter, at = by_name[name], "%s(%s)" % (where, name)
            report.same("parameter kind", at, kind, parameter["kind"])
            report.same("annotation", at, dumped(annotation), dumped_text(parameter["annotation"]))
            report.same("default", at, dumped(default), dumped_text(parameter["default"]))


def read_records(source):
    files, components, problems = {}, collections.defaultdict(list), collections.defaultdict(list)
    for line in source:
        if not line.strip():
            continue
        record = json.loads(line)
        if record["record"] == "file":
            files[record["path"]] = record
        elif record["record"] == "component":
            components[record["path"]].append(record)
        elif record["record"] == "problem":
            problems[record.get("path")].append(record)
    return files, components, problems


def python_files(root):
    if os.path.isfile(root):
        yield os.path.basename(root)
        return
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        for name in sorted(names):
            if name.endswith((".py", ".pyi")):
                yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def compare(root, records, complete, report):
    files, components, problems = records
    base = os.path.dirname(root) if os.path.isfile(root) else root
    present = list(python_files(root))
    for path in sorted(set(files) - set(present)):
        report.differ("file extra", path, "not on disk")
    unparsed, outside = [], []
    for path in present:
        record = files.get(path)
        if path.endswith(".pyi") and path[:-1] in files:
            report.totals["stubs beside their module"] += 1
            continue
        if record is None:
            if complete:
                report.differ("file missing", path, "not in the output")
            outside.append(path)
            continue
        tree, reason = parse(os.path.join(base, path))
        if tree is None:
            unparsed.append("%s (%s)" % (path, reason))
        elif not record["analyzed"]:
            told = "; ".join(p.get("message", "") for p in problems[path]) or "no problem told"
            report.differ("file not analysed", path, told)
        else:
            report.totals["files"] += 1
            damage = [p for p in problems[path] if p["kind"] == "syntax"]
            if not damage:
                compare_file(report, path, tree, record, components[path])
            elif is_pinned(base, path):
                part = Report(0)
                compare_file(part, path, tree, record, components[path])
                report.totals.update(part.totals)
                report.misread.append("%s:%s: %d differences" % (path, damage[0].get("line"), sum(part.differences.values())))
            else:
                report.differ("syntax", path, "ast parses it, the product reports: %s" % damage[0].get("message"))
                compare_file(report, path, tree, record, components[path])
    return unparsed, outside


def main(argv=None):
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("facts", help="output of `analyze --format json-lines`; - for standard input")
    options.add_argument("root", help="the folder or file that was analysed")
    options.add_argument("--complete", action="store_true", help="a Python file that is not in the output is a difference")
    options.add_argument("--shown", type=int, default=40, help="differences printed at most (default 40)")
    options.add_argument("--brief", action="store_true", help="do not list files that ast does not parse")
    chosen = options.parse_args(argv)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    try:
        source = sys.stdin if chosen.facts == "-" else open(chosen.facts, encoding="utf-8")
        with source:
            records = read_records(source)
    except (OSError, ValueError, KeyError) as error:
        print("cannot read the facts: %s" % error, file=sys.stderr)
        return 2
    if not os.path.exists(chosen.root):
        print("no such folder: %s" % chosen.root, file=sys.stderr)
        return 2
    report = Report(chosen.shown)
    unparsed, outside = compare(chosen.root, records, chosen.complete, report)
    print("Python %d.%d, %s" % (sys.version_info[0], sys.version_info[1], os.path.basename(os.path.abspath(chosen.root))))
    for name, count in report.totals.items():
        print("  %-28s %9d" % (name, count))
    print("  %-28s %9d" % ("files ast does not parse", len(unparsed)))
    if not chosen.brief:
        for line in unparsed[: chosen.shown]:
            print("      " + line)
    print("  %-28s %9d" % ("files not in the output", len(outside)))
    for line in report.lines:
        print(line)
    total = sum(report.differences.values())
    for line in report.misread:
        print("  misread, and said so: %s" % line)
    for kind, count in report.differences.most_common():
        print("  differences in %-18s %6d" % (kind, count))
    print("differences: %d" % total)
    if not report.totals["files"]:
        print("no file was compared", file=sys.stderr)
        return 2
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
