"""What `plant_lies.py` knows of a repository's source: modules, how names are bound and used, and the calls, raises
and returns of each function with the control flow around them. Read with `ast` alone; in doubt it says so.
"""
import ast
import builtins
import collections
import os

from ast_oracle import FUNCTIONS, definitions, last_name, own_expressions, parameters, parse

OUT = {"tests", "docs", "doc", "examples", "build", "dist", "vendor", "_vendor", "vendored", "third_party",
       "node_modules", "site-packages", "__pycache__", "extern"}
ORDER = {"direct": 0, "conditional": 1, "loop": 2}


class Module:
    """A file: its tree, its components, and how its own names are bound."""

    def __init__(self, name, path, tree, source):
        self.name, self.path, self.tree, self.source = name, path, tree, source
        self.components = definitions(tree)
        self.bound, self.star = bindings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):
                self.bound.update(node.names)
        self.functions = {}
        self.classes = {}
        self.imports = {}
        for node in tree.body:
            if isinstance(node, FUNCTIONS):
                self.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.asname is None:
                        self.imports[alias.name] = self.absolute(node)
        self.component_of = {id(d.node): d for d in self.components}
        self.members = collections.defaultdict(dict)
        for definition in self.components[1:]:
            self.members[id(definition.parent)][definition.node.name] = definition

    @property
    def is_package(self):
        return os.path.basename(self.path) == "__init__.py"

    def absolute(self, node):
        if not node.level:
            return node.module
        parts = self.name.split(".")
        parts = parts[: len(parts) - node.level + (1 if self.is_package else 0)]
        return ".".join(parts + ([node.module] if node.module else [])) if parts else None

    def id(self, definition):
        return self.name + ("." + definition.qualname if definition.qualname else "")

    def once(self, name):
        """Whether a name of the module has exactly one binding, which nothing can hide."""
        return not self.star and self.bound[name] == 1

    def plain_function(self, name):
        """The undecorated function that a name of this module stands for, without doubt."""
        node = self.functions.get(name)
        return node if node is not None and self.once(name) and not node.decorator_list else None


def bindings(scope):
    """How often each name is bound in a scope of its own (inner functions and classes apart); any star import."""
    count, star = collections.Counter(), False
    for node in own_expressions(scope):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            count[node.id] += 1
        elif isinstance(node, FUNCTIONS + (ast.ClassDef,)):
            count[node.name] += 1
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                star = star or alias.name == "*"
                count[alias.asname or alias.name.split(".")[0]] += 1
        elif isinstance(node, ast.ExceptHandler) and node.name:
            count[node.name] += 1
        elif type(node).__name__ in ("MatchAs", "MatchStar") and node.name:
            count[node.name] += 1
        elif type(node).__name__ == "MatchMapping" and node.rest:
            count[node.rest] += 1
    return count, star


class Repository:
    """All modules of the regular packages of a repository, and how names are used in every Python file of it."""

    def __init__(self, root):
        roots = [os.path.join(root, name) for name in ("src", "lib")]
        self.base = next((r for r in roots if os.path.isdir(r) and not os.path.exists(os.path.join(r, "__init__.py"))),
                         root)
        self.modules = {}
        self.travels = set()
        self.mentions = set()
        self.stored = set()
        self.inherited = set()
        self.methods = collections.Counter()
        for path in sorted(python_files(root)):
            tree, _ = parse(path)
            if tree is None:
                # What cannot be read might use anything.
                with open(path, "rb") as file:
                    words = "".join(chr(b) if chr(b).isalnum() or b == 95 else " " for b in file.read()).split()
                self.travels.update(words)
                self.mentions.update(words)
                continue
            self.note_uses(tree)
            name = self.module_name(path)
            if name and name not in self.modules:
                with open(path, "rb") as file:
                    source = file.read()
                self.modules[name] = Module(name, path, tree, source)

    def module_name(self, path):
        """Dotted name of a file of a regular package that is product code; none for anything else."""
        parts = os.path.relpath(path, self.base).split(os.sep)
        if parts[0] == ".." or len(parts) < 2 or any(p in OUT or p.startswith(".") for p in parts[:-1]):
            return None
        stem = parts[-1][:-3]
        if stem.startswith("test_") or stem.endswith("_test") or stem == "conftest" or "test" in parts[:-1]:
            return None
        for depth in range(1, len(parts)):
            if not os.path.exists(os.path.join(self.base, *parts[:depth], "__init__.py")):
                return None
        names = parts[:-1] + ([] if stem == "__init__" else [stem])
        package_beside = os.path.isdir(os.path.join(os.path.dirname(path), stem))
        return ".".join(names) if all(n.isidentifier() for n in names) and not package_beside else None

    def note_uses(self, tree):
        called, listed = set(), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called.add(id(node.func))
            elif isinstance(node, (ast.Assign, ast.AugAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
                    listed.update(id(n) for n in ast.walk(node.value))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                self.mentions.add(node.id)
                if isinstance(node.ctx, ast.Load) and id(node) not in called:
                    self.travels.add(node.id)
            elif isinstance(node, ast.Attribute):
                self.mentions.add(node.attr)
                if isinstance(node.ctx, ast.Load):
                    if id(node) not in called:
                        self.travels.add(node.attr)
                else:
                    self.stored.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in listed:
                if node.value.isidentifier():
                    self.travels.add(node.value)
                    self.mentions.add(node.value)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self.travels.update(a.name for a in node.names if a.asname)
            elif isinstance(node, ast.arg):
                self.mentions.add(node.arg)
            elif isinstance(node, FUNCTIONS + (ast.ClassDef,)):
                self.mentions.add(node.name)
                self.inherited.update(last_name(b) for b in getattr(node, "bases", []))
                self.methods.update(getattr(d, "name", None) for d in getattr(node, "body", [])
                                    if isinstance(node, ast.ClassDef))

    def plain_fields(self, definition):
        """Attributes of `self` that are certainly plain values: of a class that neither inherits, nor is inherited
        from, nor interferes with looking attributes up."""
        node = definition.node
        known = all(last_name(d) == "dataclass" for d in node.decorator_list)
        if node.bases or node.keywords or not known or node.name in self.inherited:
            return set()
        fields = set()
        for inner in ast.walk(node):
            if isinstance(inner, FUNCTIONS) and inner.name in ("__getattr__", "__getattribute__", "__setattr__"):
                return set()
            if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                if isinstance(inner.value, ast.Name) and inner.value.id == "self":
                    fields.add(inner.attr)
        return fields - set(bindings(node)[0])

    def never_travels(self, name):
        return name not in self.travels and name not in self.stored and not name.startswith("__")

    def resolve(self, module, component, name):
        """(module, function) that a plain call of a name means, or none where there is any doubt."""
        scope = component
        while scope is not None and scope.kind != "module":
            if scope.kind != "class" and name in local_names(scope.node):
                return None
            scope = scope.parent
        if name in self.stored or not module.once(name):
            return None
        node = module.plain_function(name)
        if node is not None:
            return module, node
        origin = module.imports.get(name)
        target = self.modules.get(origin) if origin else None
        if target is None or (origin + "." + name) in self.modules:
            return None
        node = target.plain_function(name)
        return (target, node) if node is not None else None

    def resolve_class(self, module, component, name):
        """Whether a name certainly means an exception class: a built-in one, or one of a module of the repository."""
        scope = component
        while scope is not None and scope.kind != "module":
            if scope.kind != "class" and name in local_names(scope.node):
                return False
            scope = scope.parent
        if module.star:
            return False
        if module.bound[name] == 0:
            built_in = getattr(builtins, name, None)
            return isinstance(built_in, type) and issubclass(built_in, Exception)
        if not module.once(name):
            return False
        if name in module.classes:
            return True
        target = self.modules.get(module.imports.get(name) or "")
        return target is not None and name in target.classes and target.once(name)


def python_files(root):
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(s for s in subfolders if not s.startswith(".") and s != "__pycache__")
        for name in names:
            if name.endswith(".py"):
                yield os.path.join(folder, name)


LOCALS = {}


def local_names(node):
    """Names that are local to a function, for sure or perhaps."""
    if id(node) not in LOCALS:
        names = {p[0] for p in parameters(node)} if isinstance(node, FUNCTIONS) else set()
        count, _ = bindings(node)
        LOCALS[id(node)] = names | set(count)
    return LOCALS[id(node)]


class Sites(ast.NodeVisitor):
    """Calls and raises of one function's own scope, with the control flow around each."""

    def __init__(self, function):
        self.calls, self.raises, self.returns = [], [], []
        self.flow, self.doubt, self.guarded = "direct", False, False
        self.block(function.body)

    def within(self, nodes, flow=None, doubt=False, guarded=False):
        saved = self.flow, self.doubt, self.guarded
        if flow and ORDER[flow] > ORDER[self.flow]:
            self.flow = flow
        self.doubt |= doubt
        self.guarded |= guarded
        if nodes and isinstance(nodes[0], ast.stmt):
            self.block(nodes)
        else:
            for node in nodes:
                self.visit(node)
        self.flow, self.doubt, self.guarded = saved

    def block(self, statements):
        saved = self.doubt
        for statement in statements:
            self.visit(statement)
            # What follows a jump in its block is dead code.
            if isinstance(statement, (ast.Return, ast.Raise, ast.Break, ast.Continue)):
                self.doubt = True
        self.doubt = saved

    def visit_Call(self, node):
        self.calls.append((node, self.flow, self.doubt))
        self.generic_visit(node)

    def visit_Raise(self, node):
        self.raises.append((node, self.doubt or self.guarded))
        self.generic_visit(node)

    def visit_Return(self, node):
        self.returns.append((node.value, self.doubt))
        self.generic_visit(node)

    def visit_If(self, node):
        self.visit(node.test)
        fixed = fixed_test(node.test)
        self.within(node.body, "conditional", doubt=fixed)
        self.within(node.orelse, "conditional", doubt=fixed)

    def visit_IfExp(self, node):
        self.visit(node.test)
        self.within([node.body, node.orelse], "conditional", doubt=fixed_test(node.test))

    def visit_BoolOp(self, node):
        self.visit(node.values[0])
        self.within(node.values[1:], "conditional", doubt=any(fixed_test(v) for v in node.values))

    def visit_Compare(self, node):
        self.within([node.left, node.comparators[0]])
        self.within(node.comparators[1:], doubt=True)

    def visit_For(self, node):
        self.visit(node.iter)
        self.within([node.target], doubt=True)
        self.within(node.body, "loop")
        self.within(node.orelse, doubt=True)

    visit_AsyncFor = visit_For

    def visit_While(self, node):
        self.within([node.test], doubt=True)
        self.within(node.body, "loop", doubt=fixed_test(node.test) and not getattr(node.test, "value", False))
        self.within(node.orelse, doubt=True)

    def comprehension(self, node):
        first = node.generators[0]
        self.within([first.iter], "loop", doubt=True)
        inner = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for generator in node.generators:
            inner += generator.ifs + ([generator.iter] if generator is not first else [])
        self.within(inner, "loop")

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def visit_Try(self, node):
        self.within(node.body, guarded=True)
        for handler in node.handlers:
            self.within([handler.type] if handler.type else [], doubt=True)
            self.within(handler.body, "conditional", guarded=True)
        self.within(node.orelse, doubt=True, guarded=True)
        self.within(node.finalbody, guarded=True)

    visit_TryStar = visit_Try

    def visit_With(self, node):
        self.within(node.items)
        self.within(node.body, guarded=True)

    visit_AsyncWith = visit_With

    def visit_Match(self, node):
        self.visit(node.subject)
        for case in node.cases:
            self.within([case.pattern] + ([case.guard] if case.guard else []), doubt=True)
            self.within(case.body, "conditional")

    def visit_Assert(self, node):
        self.visit(node.test)
        self.within([node.msg] if node.msg else [], doubt=True)

    def visit_AnnAssign(self, node):
        self.within([node.target, node.annotation], doubt=True)
        if node.value:
            self.visit(node.value)

    def visit_Lambda(self, node):
        self.within([node.args, node.body], doubt=True)

    def visit_FunctionDef(self, node):
        self.within(node.decorator_list + [node.args] + ([node.returns] if node.returns else []), doubt=True)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.within(node.decorator_list + node.bases + [k.value for k in node.keywords], doubt=True)


def fixed_test(test):
    """Whether a test may be decided before the program runs, so that what it guards may be dead."""
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, (bool, int, type(None))) and n is test
        or isinstance(n, ast.Name) and n.id in ("TYPE_CHECKING", "__debug__")
        or isinstance(n, ast.Attribute) and n.attr in ("TYPE_CHECKING", "version_info", "platform")
        for n in ast.walk(test)
    )
