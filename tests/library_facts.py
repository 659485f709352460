#!/usr/bin/env python3
"""Checks `grammars/python/library/` against the Python that runs this, and runs what it says of results.

    tests/library_facts.py [--shown N]

1. Everything the hand-written files name exists here, or in another version that `names.txt` was asked of; parameters
   written by hand are those that `inspect.signature` knows; bases are the real ones.
2. What `names.txt` lists of a class or module is all there is: whatever this interpreter has is in the list, if the
   list was made with this very version; a few names may be missing if it was made with another patch of it.
3. Every line of `library_samples.txt` is Python. From the data alone a type is worked out for it; then it is run, and
   the value has to be of that type, down to the elements of containers.

The data is read here by other code than the product's, so that a mistake of its reader does not hide. Exit code 0: all
holds; 1: it does not.
"""
import argparse
import ast
import builtins
import collections
import importlib
import inspect
import io
import itertools
import os
import re
import sys
import tempfile
import types
import typing
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), "grammars", "python", "library")
sys.path.insert(0, HERE)
import library_names  # noqa: E402

# Modules and classes of another patch of a version that may have names that are not listed.
MOST_MORE = 40

ANY, NONE, NEVER = ("any",), ("none",), ("never",)
WRAPPERS = {"Element": "element", "Result": "result", "Awaited": "awaited", "New": "new", "Text": "text",
            "Function": "function", "type": "class"}
MARKS = re.compile(r"[(:=%!]")


def split_top(text, separator):
    parts, depth, start = [], 0, 0
    for at, c in enumerate(text):
        depth += (c in "[(") - (c in "])")
        if c == separator and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


class Names:
    def __init__(self, path):
        self.modules, self.classes, self.bases = {}, {}, {}
        with open(path, encoding="utf-8") as file:
            for line in file:
                line = line.rstrip("\n")
                if line.startswith("module "):
                    head, _, names = line[7:].partition(":")
                    self.modules[head] = self.read(names)
                elif line.startswith("class "):
                    head, _, names = line[6:].partition("):")
                    path_, _, bases = head.partition("(")
                    self.classes[path_] = self.read(names)
                    self.bases[path_] = [b for b in bases.split(", ") if b]

    @staticmethod
    def read(text):
        names = {}
        for word in text.split():
            found = MARKS.search(word)
            at = found.start() if found else len(word)
            names[word[:at]] = word[at:]
        return names


class Data:
    """The files written by hand, and the list of names."""

    def __init__(self):
        self.names = Names(os.path.join(DATA, "names.txt"))
        self.aliases, self.owners, self.classes = {}, {}, {}
        self.lines = 0
        for name in sorted(os.listdir(DATA)):
            if name != "names.txt":
                with open(os.path.join(DATA, name), encoding="utf-8") as file:
                    self.read(file)

    def read(self, file):
        module = owner = None
        for line in file:
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            if line.startswith("module "):
                module = owner = line[7:]
                self.owners.setdefault(("module", module), [])
            elif line.startswith("alias "):
                left, _, right = line[6:].partition(" = ")
                self.aliases[left] = right
            elif line.startswith("class "):
                head, _, like = line[6:].partition(" like ")
                head, _, bases = head.partition("(")
                head, _, parameters = head.partition("[")
                path = head if module == "builtins" else f"{module}.{head}"
                self.classes[path] = (module, split_top(parameters.rstrip("]"), ","),
                                      split_top(bases[:-1], ","), split_top(like, ","))
                owner = path
                self.owners.setdefault(("class", path), [])
            else:
                self.lines += 1
                key = ("class", owner) if line.startswith("  ") else ("module", module)
                self.owners[key].append(line.strip())

    def canonical(self, path):
        if path.startswith("builtins."):
            path = path[9:]
        for _ in range(4):
            end = len(path)
            while end > 0:
                head = path[:end]
                target = self.aliases.get(head)
                if target is None and "." in head:
                    module, _, name = head.rpartition(".")
                    said = self.names.modules.get(module, {}).get(name, "")
                    target = said[1:] if said.startswith("=") else None
                if target is not None and target != head:
                    path = target + path[end:]
                    break
                end = head.rfind(".")
            else:
                return path
        return path

    def is_class(self, path):
        return path in self.classes or path in self.names.classes

    def class_named(self, module, name):
        for path in (f"{module}.{name}", name, f"collections.abc.{name}"):
            path = self.canonical(path)
            if self.is_class(path):
                return path
        raise ValueError(f"no class {name}")

    def entries(self, kind, owner):
        """name → list of (parameters, result text, clauses) or ("attribute", text)."""
        found = {}
        for line in self.owners.get((kind, owner), []):
            if line.startswith("def ") or line.startswith("new(") or line.startswith("new "):
                head, *clauses = line[4:].split(" ; ") if line.startswith("def ") else line.split(" ; ")
                head, arrow, result = head.rpartition("-> ")
                if not arrow:
                    head, result = result, None
                names, paren, parameters = head.strip().partition("(")
                parameters = parameters[:-1] if paren else None
                if not line.startswith("def "):
                    names = "new"
                for name in names.split(", "):
                    found.setdefault(name.strip(), []).append((parameters, result, clauses))
            else:
                names, _, kind_text = line.partition(": ")
                for name in names.split(", "):
                    found.setdefault(name, []).append(("attribute", kind_text, []))
        return found

    def module_of(self, kind, owner):
        return self.classes[owner][0] if kind == "class" and owner in self.classes else owner

    def said(self, kind, owner, name):
        names = (self.names.classes if kind == "class" else self.names.modules).get(owner, {})
        return names.get("" if name == "new" else name)

    def parameters(self, kind, owner, name, written):
        """[(name, kind, accepts)] or None."""
        if written is None:
            said = (self.said(kind, owner, name) or "").lstrip("%!")
            if not said.startswith("("):
                return None
            written = said[1:-1]
        out, how = [], "either"
        for part in split_top(written, ","):
            part, _, accepts = part.partition(": ")
            if part == "/":
                out = [(n, "positional" if k == "either" else k, a) for n, k, a in out]
            elif part == "*":
                how = "keyword"
            elif part.startswith("**"):
                out.append((part[2:], "keywords", None))
            elif part.startswith("*"):
                out.append((part[1:], "rest", None))
                how = "keyword"
            else:
                out.append((part, how, accepts or None))
        return out

    def type(self, text, module, class_parameters, parameters):
        if text.startswith("*"):
            return ("each", self.type(text[1:], module, class_parameters, parameters))
        parts = [self.single(p, module, class_parameters, parameters) for p in split_top(text, "|")]
        return parts[0] if len(parts) == 1 else ("union", parts)

    def single(self, text, module, own, parameters):
        def again(inner):
            return self.type(inner, module, own, parameters)

        if text.startswith("@"):
            if text == "@self":
                return ("receiver",)
            if text[1:] not in [p[0] for p in parameters or []]:
                raise ValueError(f"no parameter {text}")
            return ("argument", text[1:])
        if text in ("Any", "None", "Never", "Self", "Identity"):
            return (text.lower(),)
        head, bracket, inner = text.partition("[")
        inner = inner[:-1]
        if bracket and head in WRAPPERS:
            return (WRAPPERS[head], again(inner))
        if bracket and head == "Method":
            kind, _, name = inner.rpartition(", ")
            return ("method", again(kind), name)
        if bracket and head == "tuple":
            if inner.endswith(", ..."):
                return ("instance", "tuple", [again(inner[:-5])])
            return ("tuple", [again(p) for p in split_top(inner, ",")])
        if not bracket and head in own:
            return ("parameter", own.index(head))
        return ("instance", self.class_named(module, head), [again(p) for p in split_top(inner, ",")] if bracket else [])

    def bases(self, path):
        if path not in self.classes:
            return [(("instance", b, []), True) for b in self.names.bases.get(path, [])]
        module, own, bases, like = self.classes[path]
        written = [self.type(b, module, own, []) for b in bases]
        real = [next((w for w in written if w[1] == b), ("instance", b, [])) for b in self.names.bases.get(path, [])]
        if path not in self.names.classes:
            real = written
        return [(t, True) for t in real] + [(self.type(b, module, own, []), False) for b in like]

    def order(self, path):
        """The class and what it inherits from, registered classes last, `object` at the very end."""
        found, open_, later = [], [(path, [("parameter", i) for i in range(9)])], []
        while open_:
            this, given = open_.pop(0)
            if any(p == this for p, _ in found):
                continue
            found.append((this, given))
            for base, real in self.bases(this):
                (open_ if real else later).append((base[1], [substitute(t, given) for t in base[2]]))
        while later:
            this, given = later.pop(0)
            if not any(p == this for p, _ in found):
                found.append((this, given))
                later.extend((b[1], [substitute(t, given) for t in b[2]]) for b, _ in self.bases(this))
        return [f for f in found if f[0] != "object"] + [f for f in found if f[0] == "object"]

    def member(self, path, name):
        """(owner, its type arguments in terms of the class, entries)."""
        for owner, given in self.order(path):
            entries = self.entries("class", owner).get(name)
            if entries:
                return owner, given, entries
        return None


def substitute(kind, given):
    if kind[0] == "parameter":
        return given[kind[1]] if kind[1] < len(given) else ANY
    return tuple(
        substitute(p, given) if isinstance(p, tuple) else [substitute(q, given) for q in p] if isinstance(p, list) else p
        for p in kind
    )


# ── What is there ────────────────────────────────────────────────────────────────────────────────────────────────────

NAMELESS = {name: kind for kind, name in library_names.nameless().items()}


def real(path):
    """The object at a path in this interpreter; LookupError where there is none."""
    if path in NAMELESS:
        return NAMELESS[path]
    if "." not in path:
        if hasattr(builtins, path):
            return getattr(builtins, path)
        raise LookupError(path)
    parts = path.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            try:
                found = getattr(found, part)
            except AttributeError:
                raise LookupError(path) from None
        return found
    raise LookupError(path)


def check_existence(data, problems):
    counts = collections.Counter()
    for kind, owner in data.owners:
        names = (data.names.classes if kind == "class" else data.names.modules).get(owner)
        try:
            here = real(owner) if kind == "class" else importlib.import_module(owner)
        except (LookupError, ImportError):
            here = None
        if here is None and names is None:
            problems.append(f"{owner}: no such {kind} here, and not in names.txt")
            continue
        if kind == "class" and owner in data.classes:
            for base in data.classes[owner][2]:
                path = data.type(base, data.classes[owner][0], data.classes[owner][1], [])[1]
                if names is not None and path not in data.names.bases[owner]:
                    problems.append(f"{owner}: {path} is no base of it")
        for name, entries in data.entries(kind, owner).items():
            counts["entries"] += 1
            if name == "new" or name in library_names.EVERY_CLASS:
                there = True
            else:
                there = here is not None and hasattr(here, name)
            if there:
                counts["here"] += 1
            elif kind == "class" and any(
                {name, "*", "__getattr__"} & set(data.names.classes.get(p, {})) for p, _ in data.order(owner)
            ):
                counts["set by code or elsewhere"] += 1
            elif kind == "module" and name in (names or {}):
                counts["in another version"] += 1
            else:
                problems.append(f"{owner}.{name}: does not exist")
            forms = [e for e in entries if e[0] != "attribute"]
            for parameters, result, _ in entries:
                counts["forms"] += 1
                own = data.classes[owner][1] if kind == "class" and owner in data.classes else []
                try:
                    names_of = data.parameters(kind, owner, name, None if parameters == "attribute" else parameters)
                    data.type(result or "Any", data.module_of(kind, owner), own, names_of)
                except ValueError as error:
                    problems.append(f"{owner}.{name}: {error}")
            if here is None or len(forms) != 1 or forms[0][0] is None:
                continue
            said = data.said(kind, owner, name)
            if said is not None and said.lstrip("%!").startswith("("):
                # Written by hand and introspected: they must agree on names.
                counts["parameters written and introspected"] += 1
                written = [p[0] for p in data.parameters(kind, owner, name, forms[0][0])]
                known = data.parameters(kind, owner, name, None)
                # Parameters that cannot be named may be called anything; a later version may have more.
                named = [n for n, how, _ in known if how in ("either", "keyword")]
                if [n for n in written if n in named] != named and not {"args", "kwargs", "kwds"} & {k[0] for k in known}:
                    problems.append(f"{owner}.{name}: parameters {written}, but it has {[k[0] for k in known]}")
    return counts


def check_completeness(data, problems):
    counts = collections.Counter()
    with open(os.path.join(DATA, "names.txt"), encoding="utf-8") as file:
        asked = re.findall(r"\d+\.\d+\.\d+", file.readline())
    exact = ".".join(map(str, sys.version_info[:3])) in asked
    if not exact and not any(v.startswith("{}.{}.".format(*sys.version_info)) for v in asked):
        counts["skipped, this version was not asked"] += 1
        return counts
    before = len(problems)
    here = library_names.look()
    for kind, listed in (("modules", data.names.modules), ("classes", data.names.classes)):
        for path, entry in here[kind].items():
            names = entry if kind == "modules" else entry["names"]
            names = {n if n != "()" else "" for n in names}
            if path not in listed:
                if kind == "classes" and any(p.startswith("_") for p in path.split(".")):
                    counts["private classes of this version"] += 1
                else:
                    problems.append(f"{path}: not listed")
                continue
            counts[kind] += 1
            counts["names"] += len(names)
            missing = sorted(n for n in names - set(listed[path]) if not n.startswith("_") or n.endswith("__"))
            if missing:
                problems.append(f"{path}: not listed: {' '.join(missing[:9])}")
            if kind == "classes" and data.names.bases[path] != entry["bases"]:
                counts["bases differ from the first version's"] += 1
    if not exact:
        # Another build or patch of a version that was asked may have a few names more.
        more = len(problems) - before
        counts["owners with more than is listed"] = more
        if more <= MOST_MORE:
            del problems[before:]
    return counts


# ── What it gives ────────────────────────────────────────────────────────────────────────────────────────────────────

OPERATORS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
             ast.Mod: "mod", ast.Pow: "pow", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
             ast.LShift: "lshift", ast.RShift: "rshift", ast.MatMult: "matmul"}
UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}


def union(kinds):
    flat = []
    for kind in kinds:
        for part in kind[1] if kind[0] == "union" else [kind]:
            if part not in flat:
                flat.append(part)
    if len(flat) == 1:
        return flat[0]
    return ANY if not flat else ("union", flat)


class Reader:
    """Works out types from the data alone."""

    def __init__(self, data):
        self.data = data
        self.variables = {}

    def each(self, kind, what):
        parts = kind[1] if kind[0] == "union" else [kind]
        return union([what(p) for p in parts])

    def instance(self, path, *given):
        return ("instance", path, list(given))

    def of(self, node):
        method = getattr(self, "of_" + type(node).__name__, None)
        return method(node) if method else ANY

    def of_Constant(self, node):
        return NONE if node.value is None else self.instance(
            "ellipsis" if node.value is ... else type(node.value).__name__)

    def of_JoinedStr(self, node):
        return self.instance("str")

    def of_List(self, node):
        return self.instance("list", union([self.of(e) for e in node.elts]))

    def of_Set(self, node):
        return self.instance("set", union([self.of(e) for e in node.elts]))

    def of_Tuple(self, node):
        return ("tuple", [self.of(e) for e in node.elts])

    def of_Dict(self, node):
        return self.instance("dict", union([self.of(k) for k in node.keys]), union([self.of(v) for v in node.values]))

    def of_Compare(self, node):
        return self.instance("bool")

    def of_Lambda(self, node):
        return ("lambda", node)

    def comprehended(self, node):
        before = dict(self.variables)
        for generator in node.generators:
            if isinstance(generator.target, ast.Name):
                self.variables[generator.target.id] = self.element(self.of(generator.iter))
        kind = self.of(node.elt)
        self.variables = before
        return kind

    def of_ListComp(self, node):
        return self.instance("list", self.comprehended(node))

    def of_GeneratorExp(self, node):
        return self.instance("generator", self.comprehended(node))

    def of_Name(self, node):
        if node.id in self.variables:
            return self.variables[node.id]
        return self.path(node.id)

    def path(self, path):
        path = self.data.canonical(path)
        module, _, name = path.rpartition(".")
        shadowed = self.data.entries("module", module).get(name)
        if self.data.is_class(path) and not shadowed:
            return ("class", self.instance(path))
        if path in self.data.names.modules:
            return ("module", path)
        module, _, name = path.rpartition(".")
        entries = self.data.entries("module", module or "builtins").get(name)
        if entries:
            if entries[0][0] == "attribute":
                return self.data.type(entries[0][1], module, [], [])
            return ("callable", "module", module or "builtins", name, entries, None, [])
        said = self.data.names.modules.get(module, {}).get(name, "")
        if said.startswith(":") and said != ":module":
            return self.instance(said[1:])
        if any(m.startswith(path + ".") for m in self.data.names.modules):
            return ("module", path)
        return ANY

    def of_Attribute(self, node):
        return self.each(self.of(node.value), lambda kind: self.attribute(kind, node.attr))

    def attribute(self, kind, name):
        if kind[0] == "module":
            return self.path(f"{kind[1]}.{name}")
        if kind[0] == "tuple":
            kind = self.instance("tuple", union(kind[1]))
        if kind[0] == "none":
            return ANY
        if kind[0] == "callable":
            kind = self.instance("function")
        of_class = kind[0] == "class"
        if of_class:
            kind = kind[1]
        if kind[0] != "instance":
            return ANY
        found = self.data.member(kind[1], name)
        if not found:
            for owner, _ in self.data.order(kind[1]):
                said = self.data.names.classes.get(owner, {}).get(name, "")
                if said.startswith(":"):
                    return self.instance(said[1:])
            return ANY
        owner, given, entries = found
        given = [substitute(t, kind[2]) for t in given]
        if entries[0][0] == "attribute":
            own = self.data.classes[owner][1]
            written = self.data.type(entries[0][1], self.data.classes[owner][0], own, [])
            return self.finish(substitute(written, given), {}, kind, [])
        said = self.data.said("class", owner, name) or ""
        if of_class and not said.startswith(("%", "!")):
            return ANY
        return ("callable", "class", owner, name, entries, kind, given)

    def of_Subscript(self, node):
        kind = self.of(node.value)
        return self.each(kind, lambda k: self.index(k, node.slice))

    def index(self, kind, at):
        if kind[0] == "tuple":
            if isinstance(at, ast.Constant) and isinstance(at.value, int) and at.value < len(kind[1]):
                return kind[1][at.value]
            kind = self.instance("tuple", union(kind[1]))
        if kind[0] == "class":
            return kind
        return self.call_method(kind, "__getitem__", [self.of(at)])

    def of_BinOp(self, node):
        left, right = self.of(node.left), self.of(node.right)
        name = OPERATORS[type(node.op)]
        if left[0] in ("union", "any") or right[0] in ("union", "any"):
            return ANY
        found = self.call_method(left, f"__{name}__", [right], reject=True)
        return found if found is not None else self.call_method(right, f"__r{name}__", [left])

    def of_UnaryOp(self, node):
        if isinstance(node.op, ast.Not):
            return self.instance("bool")
        return self.call_method(self.of(node.operand), UNARY[type(node.op)], [])

    def of_Await(self, node):
        return self.awaited(self.of(node.value))

    def of_Starred(self, node):
        return ANY

    def of_Call(self, node):
        arguments = [self.of(a) for a in node.args]
        keywords = {k.arg: self.of(k.value) for k in node.keywords if k.arg}
        literals = [self.literal(a) for a in node.args]
        named = {k.arg: self.literal(k.value) for k in node.keywords if k.arg}
        return self.each(self.of(node.func), lambda f: self.call(f, arguments, keywords, literals, named))

    @staticmethod
    def literal(node):
        return str(node.value) if isinstance(node, ast.Constant) else None

    def call_method(self, kind, name, arguments, reject=False):
        method = self.attribute(kind, name)
        if method[0] != "callable":
            return None if reject else ANY
        return self.call(method, arguments, {}, [None] * len(arguments), {}, reject)

    def call(self, function, arguments, keywords, literals=(), named=None, reject=False):
        kind = function[0]
        if kind == "class":
            if function[1][0] != "instance":
                return ANY
            path = function[1][1]
            found = self.data.member(path, "new")
            if not found:
                return self.instance(path)
            owner, given, entries = found
            made = self.call(("callable", "class", owner, "new", entries, self.instance(path), given), arguments,
                             keywords, literals, named)
            return made if owner == path else self.instance(path)
        if kind == "identity":
            return arguments[0] if arguments else ANY
        if kind == "function":
            return function[1]
        if kind == "lambda":
            return self.call_lambda(function[1], arguments)
        if kind == "instance":
            return self.call_method(function, "__call__", arguments)
        if kind != "callable":
            return ANY
        _, owner_kind, owner, name, entries, receiver, given = function
        for written, result, clauses in entries:
            if written == "attribute":
                return ANY
            parameters = self.data.parameters(owner_kind, owner, name, written)
            bound = self.bind(parameters, arguments, keywords, literals, named or {})
            if bound is None or not self.condition(clauses, bound):
                continue
            if reject and not all(self.accepted(owner_kind, owner, p, bound) for p in parameters or []):
                continue
            own = self.data.classes[owner][1] if owner_kind == "class" and owner in self.data.classes else []
            module = self.data.module_of(owner_kind, owner)
            if result is None:
                return receiver if name == "new" else ANY
            written_type = self.data.type(result, module, own, parameters)
            calls = {}
            for clause in clauses:
                if clause.startswith(("calls ", "keeps ")):
                    for part in split_top(clause[6:], ","):
                        target, paren, inner = part.partition("(")
                        if paren:
                            calls[target] = [substitute(self.data.type(t, module, own, parameters), given)
                                             for t in split_top(inner[:-1], ",")]
            return self.finish(substitute(written_type, given), bound, receiver, calls)
        return None if reject else ANY

    def accepted(self, kind, owner, parameter, bound):
        name, _, accepts = parameter
        if accepts is None or name not in bound:
            return True
        wanted = self.data.type(accepts, self.data.module_of(kind, owner), [], [])
        wanted = wanted[1] if wanted[0] == "union" else [wanted]
        given = bound[name][0]
        if given[0] == "tuple":
            given = self.instance("tuple")
        return given[0] == "instance" and any(
            p == w[1] for w in wanted for p, _ in self.data.order(given[1]))

    def bind(self, parameters, arguments, keywords, literals, named):
        """name → (type, literal, present); None where they do not fit."""
        if parameters is None:
            return {}
        bound, rest = {}, list(zip(arguments, list(literals) + [None] * len(arguments)))
        for name, how, _ in parameters:
            if how in ("positional", "either") and rest:
                kind, text = rest.pop(0)
                bound[name] = (kind, text, [kind])
            elif how in ("either", "keyword") and name in keywords:
                bound[name] = (keywords[name], named.get(name), [keywords[name]])
            elif how == "rest" and rest:
                bound[name] = (union([k for k, _ in rest]), None, [k for k, _ in rest])
                rest = []
        return None if rest else bound

    @staticmethod
    def condition(clauses, bound):
        for clause in clauses:
            if clause.startswith("when "):
                name, _, patterns = clause[5:].partition(": ")
                text = bound[name][1] if name in bound else "missing"
                if text is None or not any(
                    re.fullmatch(re.escape(p).replace(r"\*", ".*"), text) for p in patterns.split(" | ")
                ):
                    return False
        return True

    def call_lambda(self, node, arguments):
        before = dict(self.variables)
        names = [a.arg for a in node.args.args]
        for at, name in enumerate(names):
            self.variables[name] = arguments[at] if at < len(arguments) else ANY
        kind = self.of(node.body)
        self.variables = before
        return kind

    def finish(self, kind, bound, receiver, calls):
        """Puts arguments and receiver into a stated type."""
        def again(inner):
            return self.finish(inner, bound, receiver, calls)

        tag = kind[0]
        if tag == "argument":
            return bound[kind[1]][0] if kind[1] in bound else ("union", [])
        if tag == "receiver":
            return receiver or ANY
        if tag == "self":
            return self.instance(receiver[1], *receiver[2]) if receiver else ANY
        if tag == "union":
            return union([again(k) for k in kind[1]])
        if tag == "instance":
            return self.instance(kind[1], *[again(k) for k in kind[2]])
        if tag == "tuple":
            parts = []
            for part in kind[1]:
                if part[0] == "each":
                    parts.extend(self.spread(part[1], bound, receiver, calls))
                else:
                    parts.append(again(part))
            return ("tuple", parts)
        if tag == "class":
            inner = again(kind[1])
            return inner if inner[0] == "class" else ("class", inner)
        if tag == "element":
            return self.element(again(kind[1]))
        if tag == "result":
            inner = kind[1]
            given = calls.get(inner[1]) if inner[0] == "argument" and isinstance(calls, dict) else None
            flat = []
            for argument in given or []:
                if argument[0] == "each":
                    flat.extend(self.spread(argument[1], bound, receiver, calls))
                else:
                    # A callback that is handed its own result: once around is enough for a sample.
                    flat.append(ANY if "result" in repr(argument) else again(argument))
            function = again(inner)
            if function == ("union", []):
                return function
            return self.each(function, lambda f: self.call(f, flat, {}))
        if tag == "awaited":
            return self.awaited(again(kind[1]))
        if tag == "method":
            found = again(kind[1])
            if found == ("union", []):
                return found
            others = [b[0] for n, b in bound.items() if n != kind[1][1]]
            return self.each(found, lambda k: self.call_method(k, kind[2], others, reject=True) or ("union", []))
        if tag == "new":
            return self.each(again(kind[1]), lambda k: k[1] if k[0] == "class" else ANY)
        if tag == "text":
            return self.each(again(kind[1]) if again(kind[1]) != ("union", []) else NONE, self.text)
        if tag == "function":
            return ("function", again(kind[1]))
        return kind

    def text(self, kind):
        if kind[0] == "any":
            return ANY
        if kind[0] == "instance" and kind[1] in ("bytes", "bytearray", "memoryview"):
            return self.instance("bytes")
        if kind[0] == "instance" and kind[1] in ("re.Pattern", "os.DirEntry"):
            return kind[2][0] if kind[2] else ANY
        return self.instance("str")

    def spread(self, kind, bound, receiver, calls):
        rest = [name for name, (_, _, all_) in bound.items() if re.search(rf"'argument', '{name}'", repr(kind))]
        name = rest[0] if rest else None
        for value in bound[name][2] if name else []:
            one = dict(bound)
            one[name] = (value, None, [value])
            yield self.finish(kind, one, receiver, calls)

    def element(self, kind):
        if kind[0] == "union":
            return self.each(kind, self.element) if kind[1] else kind
        if kind[0] == "tuple":
            return union(kind[1])
        iterator = self.call_method(kind, "__iter__", []) if kind[0] == "instance" else ANY
        return self.call_method(iterator, "__next__", []) if iterator[0] == "instance" else ANY

    def awaited(self, kind):
        for path in ("collections.abc.Awaitable", "collections.abc.Coroutine"):
            for owner, given in self.data.order(kind[1]) if kind[0] == "instance" else []:
                if owner == path and given:
                    return substitute(given[0], kind[2])
        return ANY


def conforms(value, kind, depth=0):
    """Whether a value is of a type."""
    tag = kind[0]
    if tag == "any":
        return True
    if tag == "none":
        return value is None
    if tag == "union":
        return any(conforms(value, k, depth) for k in kind[1])
    if tag == "class":
        return isinstance(value, type)
    if tag == "tuple":
        return (isinstance(value, tuple) and len(value) == len(kind[1])
                and all(conforms(v, k, depth + 1) for v, k in zip(value, kind[1])))
    if tag in ("function", "identity", "callable", "lambda"):
        return callable(value)
    if tag == "module":
        return isinstance(value, types.ModuleType)
    if tag != "instance":
        return False
    expected = real(kind[1])
    if expected is typing.TextIO or expected is typing.IO or expected is typing.BinaryIO:
        return isinstance(value, io.IOBase)
    if isinstance(expected, type) and not isinstance(value, expected):
        return False
    if isinstance(value, bool) and kind[1] == "int":
        return False
    given = kind[2]
    if not given or depth > 3:
        return True
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)) and len(given) == 1:
        return all(conforms(v, given[0], depth + 1) for v in itertools.islice(value, 50))
    if isinstance(value, collections.abc.Mapping) and len(given) == 2:
        return all(conforms(k, given[0], depth + 1) and conforms(v, given[1], depth + 1)
                   for k, v in itertools.islice(value.items(), 50))
    return True


def run_samples(data, problems, shown):
    counts = collections.Counter()
    reader, space = Reader(data), {}
    os.chdir(tempfile.mkdtemp())
    for module in data.names.modules:
        if module not in library_names.LEFT_OUT:
            try:
                space[module.split(".")[0]] = importlib.import_module(module.split(".")[0])
            except Exception:
                continue
    for module in data.names.modules:
        if "." in module and module != "os.path":
            try:
                importlib.import_module(module)
            except Exception:
                continue
    with open(os.path.join(HERE, "library_samples.txt"), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file]
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        source, _, oldest = line.partition("  # since 3.")
        if oldest and sys.version_info < (3, int(oldest)):
            counts["newer than this interpreter"] += 1
            continue
        tree = ast.parse(source.strip()).body[0]
        if not isinstance(tree, (ast.Expr, ast.Assign)):
            exec(source, space)
            continue
        kind = reader.of(tree.value)
        try:
            value = eval(compile(ast.Expression(tree.value), line, "eval"), space)
        except Exception as error:
            problems.append(f"samples {number}: {source}: {type(error).__name__}: {error}")
            continue
        if isinstance(tree, ast.Assign):
            name = tree.targets[0].id
            space[name] = value
            reader.variables[name] = kind
        if kind == ANY:
            counts["no type"] += 1
            if shown:
                print(f"no type: {source}  ({type(value).__name__})")
        elif conforms(value, kind):
            counts["run and right"] += 1
            iterator = kind[0] == "instance" and isinstance(value, collections.abc.Iterator)
            if iterator and not isinstance(tree, ast.Assign) and not isinstance(value, io.IOBase):
                element = reader.element(kind)
                for item in itertools.islice(value, 9):
                    if not conforms(item, element):
                        problems.append(f"samples {number}: {source}: element {item!r} is no {element}")
                        break
        else:
            problems.append(f"samples {number}: {source}: {type(value).__name__} {value!r:.80} is no {kind}")
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shown", action="store_true", help="also name the samples that the data has no type for")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    data, problems = Data(), []
    print(f"{data.lines} lines, {len(data.classes)} classes, "
          f"{sum(1 for k, _ in data.owners if k == 'module')} modules written by hand; "
          f"{len(data.names.classes)} classes, {len(data.names.modules)} modules listed")
    for title, counts in (
        ("existence", check_existence(data, problems)),
        ("completeness", check_completeness(data, problems)),
        ("samples", run_samples(data, problems, options.shown)),
    ):
        print(f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    for problem in problems:
        print(f"PROBLEM {problem}")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
