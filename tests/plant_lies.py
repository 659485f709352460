#!/usr/bin/env python3
"""Reads a real repository with `ast` alone and prints falsehoods about it, one JSON line each, for a lying stream.

    tests/plant_lies.py REPO [--seed 1] [--per-kind 150] [--at-least 2000]

A line: {"plant": n, "streams": "a" | "b" | "both", "kind", "component": id, "subject", "value", "truth", "decidable",
"why"}. `subject`, `value` and `truth` have the form of the program's claims; `value` is null where something true is
left unsaid. The same repository and seed give the same lines.

Whether the code decides a plant is fixed here and only on the safe side, from syntax that leaves no doubt:

* a plain call is one of a name that is bound once in its module, by an undecorated `def` of the module's body or by
  an import of such, and is not shadowed; it is certain wherever it is not dead code;
* a function's value never travels if its name occurs in the whole repository only where it is called, imported as
  it is, defined, or listed in `__all__`; then nobody in the repository can call it who does not name it;
* code outside may import a public function and hand it to whoever calls a value, asks an object for an attribute or
  applies an operator: such a caller decides nothing about it;
* `close` of a class with foreign bases runs when an object is finalized, which may be anywhere;
* signatures decide under neutral decorators only, and not where there are `@overload` stubs;
* extra parameters are decided only where no `*args` or `**kwargs` takes them;
* what is returned, yielded and raised decides where the statement itself stands in the function, not dead, and where
  the absence of it is total.

Everything else is planted too and marked undecidable, with the reason.
"""
import argparse
import ast
import builtins
import collections
import json
import os
import random
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from ast_oracle import FUNCTIONS, is_generator, last_name, own_expressions, parameters  # noqa: E402
from plant_source import ORDER, Repository, Sites, local_names  # noqa: E402

NEUTRAL = {"staticmethod", "classmethod", "override", "final"}
DYNAMIC = {
    "getattr", "eval", "exec", "globals", "locals", "vars", "__import__", "import_module", "compile", "attrgetter",
    "methodcaller", "__dict__", "__globals__", "modules", "run_module", "run_path", "f_globals", "f_locals",
}
NUMBERS, WORDS = ("int", "float", "bool", "complex"), ("str", "bytes")
CONTAINERS = ("dict", "list", "set", "tuple", "frozenset")
INVENTED = ["flush_everything_twice", "validate_all_of_it", "never_written_here", "retry_until_tired",
            "normalise_the_rest", "collect_lost_pieces", "announce_the_end"]
EXTRA = ["strictness", "fallback_mode", "retry_budget", "dry_runs", "locale_hint", "cache_seconds"]


class Function:
    """A function, method or accessor that may be lied about."""

    def __init__(self, repository, module, definition):
        node = definition.node
        self.repository, self.module, self.definition, self.node = repository, module, definition, node
        self.id = module.id(definition)
        self.is_public = not self.node.name.startswith("_")
        self.in_class = definition.parent.kind == "class"
        self.generator = is_generator(node)
        self.sites = Sites(node)
        self.words = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        self.words |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
        self.words |= {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        self.words |= {n.name for n in ast.walk(node) if isinstance(n, FUNCTIONS)}
        names = [last_name(d) for d in node.decorator_list]
        self.abstract = any((n or "").startswith("abstract") for n in names)
        self.neutral = all(
            n in NEUTRAL and not isinstance(d, ast.Call) for n, d in zip(names, node.decorator_list)
        )
        self.overloaded = definition.overloaded
        self.parameters = parameters(node)
        bound = self.in_class and "staticmethod" not in names
        if bound and self.parameters and self.parameters[0][1].startswith("positional"):
            self.parameters = self.parameters[1:]
        body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        self.stub = "NotImplementedError" in self.words or not [
            s for s in body if not isinstance(s, (ast.Pass, ast.Raise))]
        self.returned = [n.value for n in own_expressions(node) if isinstance(n, ast.Return) and n.value is not None
                         and not (isinstance(n.value, ast.Constant) and n.value.value is None)]

    def signature_doubt(self):
        if not self.neutral:
            return "a decorator may change the signature"
        if self.overloaded:
            return "overload stubs have other signatures"
        return None

    def behaviour_doubt(self):
        if not self.neutral:
            return "a decorator may change what it does"
        if self.abstract or self.stub or self.overloaded:
            return "its body is not what will run"
        if self.definition.kind == "property" or self.node.name in ("__init__", "__new__"):
            return "not documented by its body"
        return None

    def source_of(self, node):
        return ast.get_source_segment(self.module.source.decode("utf-8"), node)


class Planter:
    """Candidates of every kind."""

    def __init__(self, repository, rng):
        self.repository, self.rng = repository, rng
        self.functions, self.scopes = [], []
        for name in sorted(repository.modules):
            module = repository.modules[name]
            try:
                module.source.decode("utf-8")
            except UnicodeDecodeError:
                continue
            for definition in module.components:
                if isinstance(definition.node, FUNCTIONS):
                    self.functions.append(Function(repository, module, definition))
                else:
                    self.scopes.append((module, definition))
        self.targets = [f for f in self.functions if f.definition.kind in ("function", "method")
                        and not f.node.name.startswith("__")]
        self.exceptions = sorted({
            (m.id(d), d.node.name) for m, d in self.scopes if d.kind == "class" and d.parent.kind == "module"
            and any((last_name(b) or "").endswith(("Error", "Exception")) for b in d.node.bases)
            and d.node.name.endswith(("Error", "Exception")) and not hasattr(builtins, d.node.name)
        })
        self.candidates = collections.defaultdict(list)

    def add(self, kind, component, subject, value, truth, doubt, why):
        self.candidates[kind].append({
            "kind": kind, "component": component, "subject": subject, "value": value, "truth": truth,
            "decidable": doubt is None, "why": doubt or why,
        })

    def collect(self):
        for function in self.functions:
            self.plant_calls(function)
            self.plant_parameters(function)
            self.plant_results(function)
            self.plant_raises(function)
        for module, definition in self.scopes:
            self.plant_members(module, definition)

    # calls

    def plant_calls(self, function):
        if function.definition.kind != "property" and self.targets:
            self.plant_false_callee(function, self.rng.choice(self.targets))
            self.plant_invented_callee(function)
        by_name = collections.defaultdict(list)
        for call, flow, doubt in function.sites.calls:
            if isinstance(call.func, ast.Name):
                by_name[call.func.id].append((call, flow, doubt))
        for name, sites in sorted(by_name.items()):
            resolved = self.repository.resolve(function.module, function.definition, name)
            if resolved is None:
                continue
            module, node = resolved
            if node is function.node:
                continue
            callee = module.id(module.component_of[id(node)])
            self.plant_about_edge(function, name, callee, sites)
        self.plant_missing_own_method(function)

    def plant_false_callee(self, function, target):
        if target is function:
            return
        name, doubt = target.node.name, None
        in_module = target.definition.parent.kind == "module"
        dynamic = sorted(DYNAMIC & function.words)
        if name in function.words:
            doubt = "the caller names something so called"
        elif dynamic:
            doubt = "the caller looks names up (%s)" % dynamic[0]
        elif target.node.decorator_list:
            doubt = "a decorator has the callee's value"
        elif target.generator or isinstance(target.node, ast.AsyncFunctionDef):
            doubt = "the callee runs wherever its values are asked for"
        elif in_module:
            if not self.repository.never_travels(name):
                doubt = "the callee's name is used other than in calls"
            elif target.is_public and not self.names_all_it_calls(function):
                doubt = "code outside may hand the callee to the caller"
        elif name == "close" and getattr(target.definition.parent.node, "bases", None):
            doubt = "the callee may run when an object is finalized"
        elif not self.calls_are_plain(function):
            doubt = "the caller makes calls that may reach a method"
        elif target.definition.parent.kind != "class":
            doubt = "a nested function"
        self.add("false_callee", function.id, {"callee": target.id}, "present", None, doubt,
                 "nothing in the caller names it and its value never travels" if in_module
                 else "the caller only calls functions that it names")

    def calls_are_plain(self, function):
        return all(
            isinstance(call.func, ast.Name)
            and self.repository.resolve(function.module, function.definition, call.func.id) is not None
            for call, _, _ in function.sites.calls
        )

    def names_all_it_calls(self, function):
        """Whether all that it calls are names bound in modules or built in, and nothing that it does to an object
        could call what the object holds."""
        local = set()
        scope = function.definition
        while scope is not None and scope.kind != "module":
            local |= local_names(scope.node)
            scope = scope.parent
        for node in own_expressions(function.node):
            if isinstance(node, (ast.Subscript, ast.BinOp, ast.UnaryOp, ast.Compare, ast.AugAssign, ast.With, ast.For,
                                 ast.AsyncWith, ast.AsyncFor, ast.comprehension, ast.Await, ast.YieldFrom)):
                return False
            if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id not in local):
                return False
        return True

    def plant_invented_callee(self, function):
        name = self.rng.choice(INVENTED)
        module = self.repository.modules[self.rng.choice(sorted(self.repository.modules))]
        doubt = None
        if name in self.repository.mentions or module.star or "__getattr__" in module.functions:
            doubt = "the name may exist"
        self.add("nonexistent_component", function.id, {"callee": module.name + "." + name}, "present", None, doubt,
                 "the module binds no such name")

    def plant_about_edge(self, function, name, callee, sites):
        certain = [s for s in sites if not s[2]]
        doubt = None if certain else "the call may be dead code"
        self.add("missing_callee", function.id, {"callee": callee}, None, "present", doubt,
                 "called by a name that is bound once")
        uses = [n for n in ast.walk(function.node) if isinstance(n, ast.Name) and n.id == name
                or isinstance(n, ast.Attribute) and n.attr == name]
        if len(uses) != len(sites) or DYNAMIC & function.words:
            doubt = "the name is used in other ways too"
        elif len(certain) != len(sites):
            doubt = "the control flow around a call is open to reading"
        elif not self.repository.never_travels(name):
            doubt = "the callee may be reached by its value"
        lines = sorted({call.lineno for call, _, _ in sites})
        calls = [c for c, _, _ in function.sites.calls]
        free = [n for n in range(function.node.lineno, function.node.end_lineno + 1)
                if not any(c.lineno <= n <= c.end_lineno for c in calls)]
        wrong = sorted(set(lines[1:] + [self.rng.choice(free or [function.node.lineno])]))
        if wrong != lines:
            self.add("wrong_line", function.id, {"callee_lines": callee}, {"lines": wrong}, {"lines": lines}, doubt,
                     "no call stands on that line")
        true = min((flow for _, flow, _ in sites), key=ORDER.get)
        false = self.rng.choice(sorted(set(ORDER) - {true}))
        self.add("wrong_call_type", function.id, {"callee_type": callee}, {"call_type": false}, {"call_type": true},
                 doubt, "every call is plain and its place is clear")

    def plant_missing_own_method(self, function):
        if not function.in_class:
            return
        own = function.module.members[id(function.definition.parent)]
        for call, _, _ in function.sites.calls:
            target = call.func
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
                definition = own.get(target.attr)
                if definition is not None and definition.kind == "method" and definition is not function.definition:
                    self.add("missing_callee", function.id, {"callee": function.module.id(definition)}, None, "present",
                             "a method of `self` may be overridden", "")

    # signatures

    def plant_parameters(self, function):
        if function.definition.kind == "property":
            return
        doubt = function.signature_doubt()
        names = {p[0] for p in parameters(function.node)}
        open_ended = any(p[1].startswith("var") for p in function.parameters)
        extra_doubt = doubt or ("it takes any arguments" if open_ended else None)
        extra = self.rng.choice([n for n in EXTRA if n not in names])
        self.add("extra_parameter", function.id, {"parameter": extra}, "present", None, extra_doubt,
                 "the signature has no such parameter")
        plain = [p for p in function.parameters if not p[1].startswith("var")]
        if not plain:
            return
        name, kind, annotation, default = self.rng.choice(plain)
        self.add("missing_parameter", function.id, {"parameter": name}, None, "present", doubt,
                 "the signature has it")
        renamed = self.rng.choice([n for n in EXTRA if n not in names])
        self.add("renamed_parameter", function.id, {"parameter": name}, {"text": renamed}, "present", extra_doubt,
                 "the signature has the one and not the other")
        others = ["positional_only", "positional_or_keyword", "keyword_only", "var_positional", "var_keyword"]
        wrong = self.rng.choice([k for k in others if k != kind])
        self.add("wrong_kind", function.id, {"parameter_kind": name}, {"kind": wrong}, {"kind": kind}, doubt,
                 "the signature shows how it is passed")
        self.plant_default(function, name, default, doubt)
        self.plant_type(function, {"parameter_type": name}, annotation, doubt)

    def plant_default(self, function, name, default, doubt):
        if default is None:
            self.add("wrong_default", function.id, {"parameter_default": name}, {"text": "42"}, None, doubt,
                     "it has no default")
            return
        truth = {"text": function.source_of(default)}
        if not isinstance(default, ast.Constant) or default.value in (None, Ellipsis):
            self.add("wrong_default", function.id, {"parameter_default": name}, {"text": "42"}, truth,
                     doubt or "the default may stand for another value", "")
            return
        value = default.value
        if isinstance(value, bool):
            wrong = str(not value)
        elif isinstance(value, (int, float)):
            wrong = str(int(value) + 7)
        elif isinstance(value, str):
            wrong = repr(value + "_other")
        else:
            wrong = "'other'"
        self.add("wrong_default", function.id, {"parameter_default": name}, {"text": wrong}, truth, doubt,
                 "the default is another literal")

    def plant_type(self, function, subject, annotation, doubt):
        if annotation is None:
            self.add("wrong_type", function.id, subject, {"text": "memoryview"}, None,
                     "nothing in the code says the type", "")
            return
        members = union_members(annotation)
        known = members is not None and all(
            m == "None" or m in NUMBERS + WORDS + CONTAINERS and not function.module.bound[m] for m in members
        ) and not function.module.star
        real = set(members or []) - {"None"}
        choices = [t for group in (("int",), ("str",), ("dict",)) for t in group
                   if not real & set(next(g for g in (NUMBERS, WORDS, CONTAINERS) if t in g))]
        if not known or not real or not choices:
            self.add("wrong_type", function.id, subject, {"text": "memoryview"},
                     {"text": function.source_of(annotation)}, doubt or "the annotation is no plain built-in type", "")
            return
        self.add("wrong_type", function.id, subject, {"text": self.rng.choice(choices)},
                 {"text": function.source_of(annotation)}, doubt, "the annotation is a type that has nothing in common")

    # results

    def plant_results(self, function):
        doubt = function.behaviour_doubt()
        if function.definition.kind == "property":
            return
        absence = doubt or self.absence_doubt(function)
        returns = function.node.returns
        silent = returns is None or isinstance(returns, ast.Constant) and returns.value is None
        if function.returned and not function.generator:
            sure = any(surely_something(v) and not dead for v, dead in function.sites.returns)
            self.add("missing_return", function.id, "return", None, "present",
                     doubt or (None if sure else "what is returned may be None"), "a literal is returned")
            if not silent:
                self.plant_type(function, "return_type", returns, doubt)
        elif not function.generator:
            self.add("extra_return", function.id, "return", "present", None,
                     absence or (None if silent else "the annotation says otherwise"), "no statement returns a value")
        if function.generator:
            self.add("missing_yield", function.id, "yield", None, "present", doubt, "it has a yield of its own")
        else:
            plain = silent and all(surely_something(v) for v in function.returned)
            self.add("extra_yield", function.id, "yield", "present", None,
                     absence or (None if plain else "it may return an iterator"), "it has no yield and returns none")

    def absence_doubt(self, function):
        """Why what a body does not do may be documented all the same."""
        if isinstance(function.node.body[-1], ast.Raise):
            return "it only raises"
        if function.in_class and self.repository.methods[function.node.name] > 1:
            return "its documentation may speak for methods that override it"
        return None

    # exceptions

    def plant_raises(self, function):
        seen = set()
        doubt = function.behaviour_doubt()
        if function.definition.kind == "property":
            return
        for node, open_to_doubt in function.sites.raises:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = last_name(raised) if raised is not None else None
            if name is None or name in seen or not name[:1].isupper():
                continue
            seen.add(name)
            why = doubt
            if not isinstance(raised, ast.Name) or not self.repository.resolve_class(
                    function.module, function.definition, name):
                why = why or "what is raised is not plain"
            elif open_to_doubt:
                why = why or "it may be caught or never reached"
            elif function.generator or name in ("NotImplementedError", "StopIteration", "StopAsyncIteration"):
                why = why or "not an exception that callers see"
            self.add("missing_raise", function.id, {"raise": name}, None, "present", why, "raised in plain sight")
        if self.exceptions:
            _, name = self.rng.choice(self.exceptions)
            if name not in function.words:
                if function.generator or not cannot_raise(function.node, self.fields(function)):
                    doubt = doubt or "something in it might raise it"
                doubt = doubt or self.absence_doubt(function)
                self.add("extra_raise", function.id, {"raise": name}, "present", None, doubt,
                         "nothing in it calls, looks up or raises anything")

    def fields(self, function):
        return self.repository.plain_fields(function.definition.parent) if function.in_class else set()

    # members

    def plant_members(self, module, definition):
        name = self.rng.choice(INVENTED)
        taken = name in self.repository.mentions
        self.add("nonexistent_component", module.id(definition), {"member": module.id(definition) + "." + name},
                 "present", None, "the name may exist" if taken else None, "nothing so called is defined in it")


def union_members(annotation):
    """Names of the members of a plain union, or none."""
    if isinstance(annotation, ast.Name):
        return [annotation.id]
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return ["None"]
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        left, right = union_members(annotation.left), union_members(annotation.right)
        return None if left is None or right is None else left + right
    return None


def surely_something(value):
    """Whether an expression is a value other than None, and no iterator, whatever happens."""
    if isinstance(value, ast.Constant):
        return value.value is not None and value.value is not Ellipsis
    return isinstance(value, (ast.JoinedStr, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp,
                              ast.DictComp)) or isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)


def cannot_raise(function, fields):
    """Whether a body holds nothing but names, literals, plain fields of `self`, assignments and tests with `is`."""
    harmless = (ast.Pass, ast.Expr, ast.Return, ast.Assign, ast.If, ast.IfExp, ast.Constant, ast.Name, ast.Tuple,
                ast.List, ast.expr_context, ast.Compare, ast.Is, ast.IsNot, ast.Attribute)
    for statement in function.body:
        for node in ast.walk(statement):
            if not isinstance(node, harmless):
                return False
            if isinstance(node, ast.Assign) and any(isinstance(t, (ast.Tuple, ast.List)) for t in node.targets):
                return False
            if isinstance(node, (ast.If, ast.IfExp)) and not isinstance(node.test, ast.Compare):
                return False
            if isinstance(node, ast.Attribute):
                of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
                if not of_self or node.attr not in fields:
                    return False
    return True


def touched(plant):
    """What a plant is about: two plants about one component must have nothing in common, lest one changes the other."""
    kind, subject = plant["kind"], plant["subject"]
    what, name = (subject, "") if isinstance(subject, str) else next(iter(subject.items()))
    if what in ("return", "yield", "return_type"):
        return {"result"}
    whole = {"parameter": ("exists", "kind", "default", "type"), "callee": ("exists", "lines", "type")}
    if what in whole:
        keys = {"%s %s %s" % (what, name, part) for part in whole[what]}
        return keys | ({"signature"} if what == "parameter" else set())
    what, _, part = what.partition("_")
    return {"%s %s %s" % (what, name, part or kind)}


def choose(candidates, rng, per_kind, at_least):
    """A seeded choice: up to `per_kind` of each kind, then more of any until there are enough."""
    taken, plants = collections.defaultdict(set), []

    def take(plant):
        keys = touched(plant)
        free = not taken[plant["component"]] & keys
        if free:
            taken[plant["component"]] |= keys
            plants.append(plant)
        return free

    # One of each kind in turn, so that no kind takes the components that another needs.
    pools = {kind: list(candidates[kind]) for kind in sorted(candidates)}
    for pool in pools.values():
        rng.shuffle(pool)
        # A tenth of each kind is decidable, where there are so many; they are taken from the end.
        sure = [plant for plant in pool if plant["decidable"]][: per_kind // 10]
        chosen = {id(plant) for plant in sure}
        pool[:] = [plant for plant in pool if id(plant) not in chosen] + sure
    for _ in range(per_kind):
        for pool in pools.values():
            while pool and not take(pool.pop()):
                pass
    rest = [plant for pool in pools.values() for plant in pool]
    rng.shuffle(rest)
    for plant in rest:
        if len(plants) < at_least:
            take(plant)
    return plants


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repository")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--per-kind", type=int, default=150)
    options.add_argument("--at-least", type=int, default=2000)
    options.add_argument("--table", action="store_true", help="print counts by kind instead of the plants")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    rng = random.Random(chosen.seed)
    repository = Repository(chosen.repository)
    planter = Planter(repository, rng)
    planter.collect()
    plants = choose(planter.candidates, rng, chosen.per_kind, chosen.at_least)
    if len(plants) < chosen.at_least:
        print("only %d plants in %s" % (len(plants), chosen.repository), file=sys.stderr)
        return 1
    if chosen.table:
        for kind in sorted(planter.candidates):
            mine = [p for p in plants if p["kind"] == kind]
            print("%-22s %5d planted %5d decidable" % (kind, len(mine), sum(p["decidable"] for p in mine)))
        print("%-22s %5d planted %5d decidable" % ("all", len(plants), sum(p["decidable"] for p in plants)))
        return 0
    counts = collections.Counter()
    for number, plant in enumerate(plants):
        key = plant["kind"], plant["decidable"]
        streams = ("a", "b", "both")[counts[key] % 3]
        counts[key] += 1
        print(json.dumps(dict({"plant": number, "streams": streams}, **plant)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
