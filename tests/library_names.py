#!/usr/bin/env python3
"""Writes `grammars/python/library/names.txt`: what modules and classes of the standard library have, by introspection.

    tests/library_names.py --with PYTHON [--with PYTHON…] > grammars/python/library/names.txt
    tests/library_names.py --look                       what this interpreter has, as JSON

Every interpreter is asked; the union is written, so that a name that is missing is missing in all of them. Signatures,
bases and the types of constants are those of the first interpreter that has them. The lines are explained at the head
of the file that is written.
"""
import argparse
import ast
import builtins
import csv
import enum
import hashlib
import importlib
import inspect
import io
import json
import os
import pkgutil
import subprocess
import sys
import types
import warnings
import zlib

MODULES = """
builtins typing collections.abc collections types abc re os os.path sys io json json.decoder json.encoder functools
itertools operator pathlib datetime time logging logging.handlers logging.config threading subprocess contextlib copy
string math cmath random decimal fractions enum dataclasses inspect warnings traceback tempfile shutil glob fnmatch
urllib urllib.parse urllib.error urllib.response urllib.request urllib.robotparser http http.client http.server
http.cookies http.cookiejar socketserver socket ssl struct hashlib hmac base64 binascii uuid textwrap argparse
configparser csv sqlite3 weakref queue asyncio concurrent.futures
concurrent.futures._base concurrent.futures.thread concurrent.futures.process multiprocessing multiprocessing.process
multiprocessing.context multiprocessing.pool
multiprocessing.queues multiprocessing.connection multiprocessing.shared_memory multiprocessing.managers select
selectors signal gc ast tokenize token keyword importlib importlib.abc importlib.machinery importlib.util
importlib.metadata importlib.resources pkgutil platform getpass getopt gettext locale codecs unicodedata difflib heapq
bisect array pickle marshal zlib gzip bz2 lzma zipfile tarfile email email.message email.header email.utils
email.mime.base email.mime.multipart email.mime.text email.policy email.parser email.charset email.errors
email.generator html html.parser html.entities xml xml.etree xml.etree.ElementTree xml.dom xml.dom.minidom xml.sax
xml.sax.handler xml.sax.saxutils xml.sax.xmlreader xml.parsers.expat mimetypes calendar numbers statistics secrets
errno stat shlex ctypes ctypes.util asyncio.subprocess unittest unittest.mock pprint dis opcode contextvars atexit linecache code codeop
optparse ipaddress smtplib ftplib imaplib poplib shelve dbm zipimport runpy site sysconfig cmd reprlib graphlib
zoneinfo timeit cProfile profile pstats pdb bdb trace tracemalloc faulthandler doctest pydoc symtable compileall
py_compile copyreg plistlib tomllib netrc quopri wave colorsys turtle sched fileinput filecmp getopt curses readline
rlcompleter resource pwd grp fcntl termios tty pty syslog posix mmap webbrowser wsgiref wsgiref.simple_server
wsgiref.util wsgiref.headers wsgiref.handlers xmlrpc xmlrpc.client xmlrpc.server venv ensurepip modulefinder
encodings ntpath nt winreg msvcrt winsound this __future__
""".split()

# Windows-only modules are absent here, and turtle and curses need a screen: what cannot be imported is left out.
LEFT_OUT = {"this", "turtle", "nt", "winreg", "msvcrt", "winsound", "curses", "posix"}


# Types that have no importable name, under the names that their `__name__` gives.
def nameless():
    async def asynchronous():
        yield

    def generator():
        yield

    made = [None, NotImplemented, ..., {}.keys(), {}.values(), {}.items(), iter({}), iter({}.values()),
            iter({}.items()), iter([]), iter(()), iter(""), iter(b""), iter(bytearray()), iter(set()), iter(range(0)),
            reversed([]), reversed({}), iter(int, 0), generator(), asynchronous(), lambda: 0, sys, len, "".join,
            str.join, object().__str__, object.__str__, type.__dict__["__dict__"], int.real, [].__class__.mro,
            types.MethodType(len, 0), types.MappingProxyType({}), (lambda: 0).__code__,
            types.CodeType, types.FrameType, types.TracebackType, types.CoroutineType]
    if sys.version_info >= (3, 8):
        made += [reversed({}.values()), reversed({}.items())]
    found = {}
    for item in made:
        kind = item if isinstance(item, type) else type(item)
        # Where a module has the same name, the type goes by the name it has in `types`.
        found[kind] = {"code": "types.CodeType", "traceback": "types.TracebackType", "frame": "types.FrameType"}.get(
            kind.__name__, kind.__name__)
    with os.scandir(".") as entries:
        found[type(entries)] = "os.ScandirIterator"
    found[type(hashlib.md5())] = "_hashlib.HASH"
    found[type(csv.reader([]))] = "_csv.reader"
    found[type(csv.writer(io.StringIO()))] = "_csv.writer"
    found[type(zlib.compressobj())] = "zlib.Compress"
    found[type(zlib.decompressobj())] = "zlib.Decompress"
    return found


# Names that are there at times only, or on other systems than the one this is run on. `*`: any.
ALSO = {
    "os": "startfile add_dll_directory O_BINARY O_TEXT O_NOINHERIT O_SHORT_LIVED O_TEMPORARY O_RANDOM O_SEQUENTIAL "
          "P_DETACH P_OVERLAY chflags lchflags lchmod plock O_EXLOCK O_SHLOCK listdrives listmounts listvolumes",
    "os.path": "isdevdrive isreserved",
    "sys": "last_type last_value last_traceback last_exc ps1 ps2 tracebacklimit winver getwindowsversion dllhandle "
           "_enablelegacywindowsfsencoding setdefaultencoding frozen _MEIPASS real_prefix getandroidapilevel",
    "signal": "CTRL_C_EVENT CTRL_BREAK_EVENT SIGBREAK SIGEMT SIGINFO",
    "subprocess": "STARTUPINFO STARTF_USESTDHANDLES STARTF_USESHOWWINDOW SW_HIDE CREATE_NEW_CONSOLE "
                  "CREATE_NEW_PROCESS_GROUP CREATE_NO_WINDOW DETACHED_PROCESS CREATE_DEFAULT_ERROR_MODE "
                  "CREATE_BREAKAWAY_FROM_JOB HIGH_PRIORITY_CLASS IDLE_PRIORITY_CLASS NORMAL_PRIORITY_CLASS "
                  "REALTIME_PRIORITY_CLASS ABOVE_NORMAL_PRIORITY_CLASS BELOW_NORMAL_PRIORITY_CLASS STD_INPUT_HANDLE "
                  "STD_OUTPUT_HANDLE STD_ERROR_HANDLE Handle list2cmdline mswindows",
    "asyncio": "ProactorEventLoop IocpProactor WindowsSelectorEventLoopPolicy WindowsProactorEventLoopPolicy",
    "ctypes": "windll oledll WinDLL OleDLL WinError FormatError GetLastError get_last_error set_last_error HRESULT "
              "WINFUNCTYPE DllCanUnloadNow DllGetClassObject",
    "select": "kqueue kevent devpoll",
    "ssl": "enum_certificates enum_crls",
    "socket": "SIO_RCVALL SIO_KEEPALIVE_VALS SIO_LOOPBACK_FAST_PATH RCVALL_ON RCVALL_OFF RCVALL_SOCKETLEVELONLY "
              "SO_EXCLUSIVEADDRUSE fromshare AF_SYSTEM LOCAL_PEERCRED SO_USELOOPBACK AF_LINK MSG_EOF",
    "time": "clock",
    "selectors": "KqueueSelector DevpollSelector",
    "multiprocessing": "*",
    "gettext": "_",
    "builtins": "_ WindowsError reveal_type unicode long xrange raw_input basestring unichr reduce cmp execfile file",
    "xml.etree.ElementTree.ParseError": "code position", "ssl.SSLError": "library reason",
    "io.FileIO": "name", "io.BufferedReader": "name", "io.TextIOWrapper": "mode", "typing.IO": "__iter__ __next__",
    "BaseException": "__notes__", "module": "*", "function": "*", "types.SimpleNamespace": "*", "threading.local": "*",
    "ctypes.Structure": "*", "ctypes.Union": "*", "ctypes.CDLL": "*", "ctypes._CData": "*", "_ctypes._CData": "*",
    "functools._lru_cache_wrapper": "*", "typing.NamedTuple": "*", "typing.TypedDict": "*",
}


# Names that every module, or every class, has.
EVERY_MODULE = {"__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__spec__"}
EVERY_CLASS = {"__doc__", "__module__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__",
               "__slots__", "__annotations__", "_abc_impl", "__orig_bases__", "__parameters__", "__match_args__",
               "__abstractmethods__", "__annotate__", "__annotations_cache__", "__type_params__"}

CONSTANTS = (int, str, bytes, float, bool, complex)


def is_class(value):
    return isinstance(value, type) and not isinstance(value, getattr(types, "GenericAlias", ()))


def home_of(value):
    """The module that says it defines a value, without the underscore of its part in C."""
    module = getattr(value, "__module__", None)
    return module.lstrip("_") if isinstance(module, str) else None


def belongs(path, home):
    """Whether a module may speak for what `home` defines: it is the same, or a package around it."""
    if home is None:
        return False
    special = {"pathlib": ("pathlib._local", "pathlib._abc"), "os": ("posix", "nt"), "os.path": ("posixpath", "genericpath"),
               "weakref": ("weakrefset",), "types": ("builtins",), "collections.abc": ("collections_abc",),
               "random": ("random",), "pickle": ("pickle", "compat_pickle"), "threading": ("thread", "threading_local"),
               "http.cookiejar": (), "functools": ("functools",), "xml.etree.ElementTree": ("elementtree",),
               "select": ("select",), "decimal": ("decimal", "pydecimal"), "datetime": ("pydatetime",),
               "hashlib": ("hashlib", "blake2", "sha2", "md5", "sha1", "sha3"), "asyncio": ("asyncio",),
               "importlib.machinery": ("frozen_importlib", "frozen_importlib_external", "importlib.bootstrap")}
    own = special.get(path, ())
    return home == path or home.startswith(path + ".") or home in own


def parameters(value, bound):
    """The parameters as `a,b,/,c,*rest,*,d,**more`, without a receiver; none where Python does not know them."""
    try:
        signature = inspect.signature(value)
    except Exception:
        return None
    shown, star, slash = [], False, False
    listed = list(signature.parameters.values())
    if bound:
        if not listed:
            return None
        if listed[0].kind in (listed[0].POSITIONAL_ONLY, listed[0].POSITIONAL_OR_KEYWORD):
            if listed[0].kind == listed[0].POSITIONAL_ONLY and not any(
                p.kind == p.POSITIONAL_ONLY for p in listed[1:]
            ):
                listed = listed[1:]
            else:
                listed = listed[1:]
    for parameter in listed:
        if slash and parameter.kind != parameter.POSITIONAL_ONLY:
            shown.append("/")
            slash = False
        if parameter.kind == parameter.POSITIONAL_ONLY:
            slash = True
        elif parameter.kind == parameter.VAR_POSITIONAL:
            shown.append("*" + parameter.name)
            star = True
            continue
        elif parameter.kind == parameter.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        elif parameter.kind == parameter.VAR_KEYWORD:
            shown.append("**" + parameter.name)
            continue
        shown.append(parameter.name)
    if slash:
        shown.append("/")
    return "(" + ",".join(shown) + ")"


def look():
    """Everything this interpreter says, as plain data."""
    warnings.simplefilter("ignore")
    modules = {}
    for name in MODULES:
        if name in LEFT_OUT or name in modules:
            continue
        try:
            modules[name] = importlib.import_module(name)
        except Exception:
            continue
        # Some names are there only once somebody asks.
        for listed in getattr(modules[name], "__all__", ()):
            getattr(modules[name], listed, None)
    paths = {kind: name for kind, name in nameless().items()}
    for name in dir(builtins):
        value = getattr(builtins, name)
        if is_class(value) and value.__name__ == name:
            paths[value] = name
    candidates = {}
    for path, module in modules.items():
        for name, value in vars(module).items():
            if is_class(value) and value not in paths and belongs(path, home_of(value)):
                candidates.setdefault(value, []).append(f"{path}.{name}")
    for value, found in candidates.items():
        if home_of(value) in ("collections_abc", "collections.abc"):
            found = [f for f in found if f.startswith("collections.abc.")] or found
        named = [f for f in found if f.rsplit(".", 1)[1] == value.__name__]
        paths[value] = min(named or found, key=lambda f: (f.count("."), len(f), f))
    functions = {}
    for path, module in modules.items():
        for name, value in vars(module).items():
            if callable(value) and not is_class(value) and not name.startswith("__") and hasattr(value, "__module__"):
                if belongs(path, home_of(value)):
                    try:
                        known = functions.setdefault(value, f"{path}.{name}")
                    except TypeError:
                        continue
                    better = f"{path}.{name}"
                    functions[value] = min(
                        known, better, key=lambda f: (f.rsplit(".", 1)[1].startswith("_"),
                                                      f.rsplit(".", 1)[1] != getattr(value, "__name__", None),
                                                      f.count(".")))
    out = {"modules": {}, "classes": {}}
    for path, module in modules.items():
        out["modules"][path] = module_names(path, module, paths, functions, modules)
    # Whatever is a base of a class that has a name is listed too.
    for value in list(paths):
        for base in value.__mro__:
            if base not in paths:
                paths[base] = f"{base.__module__}.{base.__qualname__}"
    for value, path in paths.items():
        out["classes"][path] = {
            "bases": [paths[base] for base in value.__bases__],
            "names": class_names(value, paths),
            "all": sorted(dir(value)),
        }
    return out


def module_names(path, module, paths, functions, modules):
    names = {sub.name: ":module" for sub in pkgutil.iter_modules(getattr(module, "__path__", ()))}
    for name in sorted(set(vars(module)) | set(dir(module))):
        if not name.isidentifier() or name in EVERY_MODULE:
            continue
        try:
            value = getattr(module, name)
        except AttributeError:
            continue
        own = f"{path}.{name}" if path != "builtins" else name
        if is_class(value) and value in paths:
            names[name] = "" if paths[value] == own else "=" + paths[value]
        elif isinstance(value, types.ModuleType):
            names[name] = ":module"
        elif type(value) in CONSTANTS:
            names[name] = ":" + type(value).__name__
        elif callable(value) and not is_class(value):
            try:
                home = functions.get(value, own)
            except TypeError:
                home = own
            plain = isinstance(value, (types.FunctionType, types.BuiltinFunctionType)) or hasattr(value, "__wrapped__")
            if home != own and path != "builtins":
                names[name] = "=" + home
            else:
                names[name] = (parameters(value, False) or "") if plain else ""
        elif type(value) in paths and not path == "builtins" and paths[type(value)] not in ("function", "type", "object"):
            names[name] = ":" + paths[type(value)]
        else:
            names[name] = ""
    return names


SOURCES = {}


def stores(module):
    """Per class of a source file the attributes its methods set on the receiver; under None what is set on
    anything else; and the classes whose receivers may have any attribute."""
    if module in SOURCES:
        return SOURCES[module]
    found, any_name = {None: set()}, set()
    if module.startswith("<frozen "):
        module = os.path.join(os.path.dirname(os.__file__), *module[8:-1].split(".")) + ".py"
    try:
        with open(module, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except Exception:
        tree = ast.Module([], [])
    open_nodes = [(tree, "", None)]
    while open_nodes:
        node, path, receiver = open_nodes.pop()
        for child in ast.iter_child_nodes(node):
            child_path, child_receiver = path, receiver
            if isinstance(child, ast.ClassDef):
                child_path, child_receiver = f"{path}.{child.name}".lstrip("."), None
                found.setdefault(child_path, set())
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if isinstance(node, ast.ClassDef) and child.args.args:
                    child_receiver = child.args.args[0].arg
            elif isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Store):
                own = isinstance(child.value, ast.Name) and child.value.id == receiver and receiver is not None
                found[path if own else None].add(child.attr)
            elif isinstance(child, ast.Attribute) and child.attr == "__dict__":
                any_name.add(path)
            elif isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "setattr":
                any_name.add(path)
            open_nodes.append((child, child_path, child_receiver))
    SOURCES[module] = found, any_name
    return SOURCES[module]


def class_names(value, paths):
    names = {}
    files = {m.__code__.co_filename for m in vars(value).values() if isinstance(m, types.FunctionType)}
    files.discard("<string>")
    for found, any_name in map(stores, sorted(files)):
        if value.__qualname__ not in found:
            continue
        for name in found[value.__qualname__] | found[None]:
            names[name.replace("__", f"_{value.__name__.lstrip('_')}__", 1)
                  if name.startswith("__") and not name.endswith("__") else name] = ""
        if value.__qualname__ in any_name:
            names["*"] = ""
    if issubclass(value, enum.Enum):
        names.update((name, ":" + paths[value]) for name in value.__members__)
    if issubclass(value, ast.AST):
        names.update((name, "") for name in value._fields + value._attributes)
    for name, member in vars(value).items():
        if not name.isidentifier() or name in EVERY_CLASS:
            continue
        shown = ""
        if issubclass(value, enum.Enum) and name in value.__members__:
            shown = ":" + paths[value]
        elif isinstance(member, (classmethod, types.ClassMethodDescriptorType)) and name != "__class_getitem__":
            shown = "%" + (parameters(getattr(value, name), False) or "")
        elif isinstance(member, staticmethod):
            shown = "!" + (parameters(getattr(value, name), False) or "")
        elif isinstance(member, types.FunctionType) or type(member) is types.MethodDescriptorType:
            shown = parameters(member, True) or ""
        elif type(member) is types.WrapperDescriptorType and name == "__init__":
            shown = ""
        elif type(member) in CONSTANTS and not name.startswith("__"):
            shown = ":" + type(member).__name__
        elif value in type(member).__mro__ and not name.startswith("__"):
            # Members of an enumeration and constants such as `date.min`.
            shown = ":" + paths[type(member)] if type(member) in paths else ""
        names[name] = shown
    # A class with a signature of its own tells what its constructor takes.
    own = parameters(value, False) if "__init__" in vars(value) or "__new__" in vars(value) else None
    if own is not None:
        names["()"] = own
    return names


HEAD = """\
# What modules and classes of the standard library have, by introspection of CPython {versions}.
# Written by tests/library_names.py; not edited by hand.
#
#   module PATH: NAMES              every name of the module, in any of these versions
#   class PATH(BASES): NAMES        every name that the class itself defines, in any of these versions
#
# After a name: `(a,b)` its parameters without the receiver, `%` before them a class method, `!` a static method;
# `:type` the type of a constant; `=path` another path of what is known by that one. `()` before the names: what the
# class is made with; `*` where its instances may be given any attribute.
"""


def merge(looks):
    merged = {"modules": {}, "classes": {}}
    for version, data in looks:
        for kind in merged:
            for path, entry in data[kind].items():
                if kind == "modules":
                    known = merged[kind].setdefault(path, {"names": {}})
                    names = entry
                else:
                    known = merged[kind].setdefault(path, {"names": {}, "bases": entry["bases"], "all": entry["all"]})
                    names = dict(entry["names"])
                    # What it inherits in this version from bases that it has not in the first one.
                    if entry["bases"] != known["bases"]:
                        for name in set(entry["all"]) - set(known["all"]) - EVERY_CLASS:
                            names.setdefault(name, "")
                for name, shown in names.items():
                    before = known["names"].get(name)
                    if before is None or (before == "" and shown.startswith(("(", "%", "!"))):
                        known["names"][name] = shown
                    elif before != shown and before.startswith(":"):
                        # A constant that is another type in another version has no one type.
                        if shown.startswith(":") or shown == "":
                            known["names"][name] = before if shown == ":" else ""
    for path, also in ALSO.items():
        entry = merged["modules"].get(path) or merged["classes"].get(path)
        for name in also.split() if entry else []:
            entry["names"].setdefault(name, "")
    return merged


def write(merged, versions):
    sys.stdout.write(HEAD.format(versions=", ".join(versions)))
    for path, entry in merged["modules"].items():
        print(f"module {path}: " + " ".join(n + s for n, s in sorted(entry["names"].items())))
    for path, entry in sorted(merged["classes"].items()):
        bases = ", ".join(entry["bases"])
        print(f"class {path}({bases}): " + " ".join((n + s) if n != "()" else s for n, s in sorted(entry["names"].items())))



def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--with", dest="pythons", action="append", default=[], metavar="PYTHON")
    parser.add_argument("--look", action="store_true")
    options = parser.parse_args()
    if options.look:
        json.dump(look(), sys.stdout)
        return
    looks = []
    for python in options.pythons or [sys.executable]:
        run = subprocess.run([python, "-E", __file__, "--look"], stdout=subprocess.PIPE, check=True)
        version = subprocess.run([python, "-c", "import platform; print(platform.python_version())"],
                                 stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
        looks.append((version, json.loads(run.stdout)))
    write(merge(looks), [version for version, _ in looks])


if __name__ == "__main__":
    main()
