#!/usr/bin/env python3
"""Holds the exceptions that the analysis says leave each function against those that left it while tests ran.

raises.py --twinscribe PATH [--work DIR] [--python PATH] [--misses N] [NAME ...]

Downloads packages with their tests from PyPI into DIR, runs the tests under a tracer, and notes of every exception the functions
of the package that it left and the line where it began. Counted are the pairs (function, exception) that began at a `raise`
statement of the package. Found: the function's facts have the class, or the nearest base that they have. Then the other way
round: of the facts whose `raise` statement ran, in functions that ran, how many were never seen to leave the function. DIR's
Python needs pytest and the packages' own dependencies.
"""
import argparse, ast, collections, json, os, pathlib, subprocess, sys, tarfile, tempfile

# name: version, folder of the source, folder of the tests, tests that need a network, a terminal or a time limit
PACKAGES = {
    'click': ('8.5.1', 'src', 'tests'), 'jinja2': ('3.1.6', 'src', 'tests'), 'itsdangerous': ('2.2.0', 'src', 'tests'),
    'attrs': ('26.1.0', 'src', 'tests'), 'tinydb': ('4.9.0', '.', 'tests'), 'pluggy': ('1.7.0', 'src', 'testing'), 'sqlparse': ('0.6.1', '.', 'tests'),
}

TRACER = r'''
import atexit, json, os, sys, threading
ROOT = os.environ["TRACE_ROOT"]
PAIRS, RAN = set(), set()

def local(frame, event, arg):
    if event == "exception":
        kind, value, tb = arg
        chain = []
        while tb is not None:
            chain.append((tb.tb_frame.f_code, tb.tb_lineno)); tb = tb.tb_next
        if len(chain) > 1:
            end, line = chain[-1]
            if end.co_filename.startswith(ROOT):
                for code, _ in chain[1:]:
                    if code.co_filename.startswith(ROOT):
                        PAIRS.add((code.co_filename, code.co_firstlineno, code.co_qualname, tuple(c.__name__ for c in type(value).__mro__), end.co_filename, line))
    return local

def trace(frame, event, arg):
    code = frame.f_code
    if code.co_filename.startswith(ROOT): RAN.add((code.co_filename, code.co_firstlineno))
    frame.f_trace_lines = False
    return local

def pytest_configure(config): sys.settrace(trace); threading.settrace(trace)

def pytest_unconfigure(config):
    sys.settrace(None)
    with open(os.environ["TRACE_OUT"], "w") as f: json.dump(dict(pairs=sorted(PAIRS), ran=sorted(RAN)), f)
'''


def trace(name, work, python):
    version, source, tests = PACKAGES[name]
    root = next(work.glob(f'{name}-{version}'), None)
    if not root:
        subprocess.run([python, '-m', 'pip', 'download', '-q', '--no-deps', '--no-binary', ':all:', '-d', work, f'{name}=={version}'], check=True)
        with tarfile.open(next(work.glob(f'{name}-{version}.tar.gz'))) as t: t.extractall(work, filter='data')
        root = work / f'{name}-{version}'
    (work / 'raises_tracer.py').write_text(TRACER)
    out = work / f'{name}.raises.json'
    src = (root / source).resolve()
    package = src / {'attrs': 'attr'}.get(name, name)
    env = dict(os.environ, TRACE_ROOT=str(package) if name != 'attrs' else str(src), TRACE_OUT=str(out), PYTHONPATH=f'{work}:{src}')
    done = subprocess.run([python, '-m', 'pytest', '-q', '-x', '--maxfail=200', '-p', 'raises_tracer', '-p', 'no:cacheprovider', '-o', 'addopts=', tests], cwd=root, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
    print(f'{name}: {done.stdout.strip().splitlines()[-1]}', flush=True)
    return src, json.load(open(out))


def raise_lines(path):
    """Every line of a `raise` statement, as the line it begins on."""
    return {line: n.lineno for n in ast.walk(ast.parse(pathlib.Path(path).read_text())) if isinstance(n, ast.Raise) for line in range(n.lineno, n.end_lineno + 1)}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('names', nargs='*'); ap.add_argument('--twinscribe', required=True); ap.add_argument('--python', default=sys.executable)
    ap.add_argument('--work', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'raises'); ap.add_argument('--misses', type=int, default=0)
    a = ap.parse_args(); a.work.mkdir(parents=True, exist_ok=True)
    total = collections.Counter()
    for name in a.names or PACKAGES:
        src, seen = trace(name, a.work, a.python)
        done = subprocess.run([a.twinscribe, 'analyze', str(src), '--format', 'json-lines'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        components = [r for r in map(json.loads, done.stdout.splitlines()) if r['record'] == 'component' and r['kind'] in ('function', 'method', 'property')]
        by_id = {c['id']: c for c in components}
        # A code object begins at its first decorator, a component at its `def`.
        place = collections.defaultdict(list)
        for c in components: place[str(src / c['path'])].append((c['line'], c['end_line'], c))
        def component(path, line):
            fits = [(l, c) for l, e, c in place.get(path, ()) if line <= l <= line + 30]
            return min(fits, key=lambda f: f[0], default=(None, None))[1]
        lines, pairs, raised = {}, {}, set()
        for path, first, qualname, mro, origin, line in seen['pairs']:
            if origin not in lines: lines[origin] = raise_lines(origin)
            if line not in lines[origin] or '<' in qualname.rsplit('.', 1)[-1]: continue
            raised.add((origin, lines[origin][line], mro[0]))
            c = component(path, first)
            if c and c['qualname'].split('.')[-1].split('#')[0] == qualname.split('.')[-1]: pairs[c['id'], tuple(mro)] = (origin, line)
        ran = {c['id'] for path, first in seen['ran'] if (c := component(path, first))}
        found, misses = 0, []
        for (id, mro), origin in sorted(pairs.items()):
            facts = {r['exception'] for r in by_id[id]['raises']}
            if facts & set(mro[:-2]) or 'Exception' in facts: found += 1
            else: misses.append((id, mro[0], origin))
        left = collections.defaultdict(set)
        for (id, mro) in pairs: left[id] |= set(mro)
        def begins(id, r, depth=0):
            """Where the exception of a fact begins: (path, line)."""
            while r and r['from'] and depth < 100:
                id, depth = r['from'], depth + 1
                r = next((x for x in by_id.get(id, {'raises': []})['raises'] if x['exception'] == r['exception']), None)
            return (str(src / by_id[id]['path']), r['line']) if r and id in by_id else None
        origins = {(p, l) for p, l, _ in raised}
        judged = unseen = 0; never = []
        for c in components:
            if c['id'] not in ran: continue
            for r in c['raises']:
                if begins(c['id'], r) in origins:
                    judged += 1
                    if r['exception'] not in left[c['id']]: unseen += 1; never.append((c['id'], r['exception'], r['from']))
        total.update(pairs=len(pairs), found=found, judged=judged, unseen=unseen)
        print(f'  pairs {len(pairs)}, found {found} ({found / max(1, len(pairs)):.1%}); facts whose raise ran {judged}, never seen to leave {unseen} ({unseen / max(1, judged):.1%})')
        for m in misses[:a.misses]: print('    missed', *m)
        for m in never[:a.misses]: print('    never seen', *m)
    print(f"all: found {total['found']} of {total['pairs']} ({total['found'] / max(1, total['pairs']):.1%}); never seen {total['unseen']} of {total['judged']} ({total['unseen'] / max(1, total['judged']):.1%})")


if __name__ == '__main__': main()
