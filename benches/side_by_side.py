#!/usr/bin/env python3
"""Holds a profile's findings on real code against those of the tool whose profile it is.

side_by_side.py PROFILE FOLDER [--tool PATH] [--twinscribe PATH] [--options KEY=VALUE ...] [--show ours|theirs]

Both are given the same files. A finding counts per (file, line of the definition, rule), for pydoclint per rule code.
The tool has to be installed (`pip install pydoclint ruff numpydoc docsig darglint`); nothing of it is kept. Prints how many findings both have, only one
has, the Jaccard index, and the CPU seconds of each.
"""
import argparse, ast, collections, json, pathlib, re, resource, shutil, subprocess, sys, tempfile


def cpu(command, **more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pydoclint(tool, root, options):
    done, seconds = cpu([tool, '--quiet', '--show-filenames-in-every-violation-message=True', '.'], cwd=root)
    found = collections.Counter()
    for line in (done.stdout + done.stderr).splitlines():
        match = re.match(r'(.+\.py):(\d+): (DOC\d+): ', line.strip())
        if match:
            path = pathlib.Path(match[1])
            path = path.resolve().relative_to(root.resolve()) if path.is_absolute() else path
            found[str(path), int(match[2]), match[3]] += 1
    if done.returncode not in (0, 1) or 'Traceback (most recent' in done.stderr: sys.exit(done.stderr[-2000:])
    return set(found), seconds


def ruff(tool, root, options):
    done, seconds = cpu([tool, 'check', '--no-cache', '--output-format', 'json', '--preview', '--exit-zero', str(root)], cwd=root)
    found = set()
    for row in json.loads(done.stdout or '[]'):
        path = pathlib.Path(row['filename']).resolve().relative_to(root.resolve())
        if row['code'] and re.match(r'D(OC)?\d', row['code']): found.add((str(path), row['location']['row'], row['code']))
    return placed(root, found), seconds


def placed(root, found):
    """Findings, each at the innermost definition around the place that is pointed at."""
    places = {}
    for path in {f[0] for f in found}:
        tree = ast.parse((root / path).read_text())
        kinds = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
        places[path] = sorted((min(d.lineno for d in [n, *n.decorator_list]), n.end_lineno, n.lineno) for n in ast.walk(tree) if isinstance(n, kinds))
    inner = lambda path, row: max((c for a, b, c in places[path] if a <= row <= b), default=1)
    return {(path, inner(path, row), code) for path, row, code in found}


def numpydoc(tool, root, options):
    done, seconds = cpu([tool, 'lint', *sorted(str(p) for p in root.rglob('*.py'))], cwd=root)
    known = {'GL07', 'GL08', 'PR01', 'PR02', 'PR03', 'RT01', 'YD01'}
    rows = (re.match(r'(.+\.py):(\d+): ([A-Z]+\d+) ', line.strip()) for line in (done.stdout + done.stderr).splitlines())
    return {(str(pathlib.Path(m[1]).relative_to(root)), int(m[2]), m[3]) for m in rows if m and m[3] in known}, seconds


def darglint(tool, root, options):
    style = next((o.split('=')[1].strip('"') for o in options if o.startswith('docstring_style')), 'google')
    (root / '.darglint').write_text(f'[darglint]\ndocstring_style = {style}\n')
    done, seconds = cpu([tool, '--message-template', '{path}:{line}: {msg_id}', *sorted(str(p) for p in root.rglob('*.py'))], cwd=root)
    rows = (re.match(r'(.+\.py):(\d+): (DAR\d+)', line.strip()) for line in done.stdout.splitlines())
    found = {(str(pathlib.Path(m[1]).relative_to(root)), int(m[2]), m[3]) for m in rows if m and m[3][3] in '1234'}
    return placed(root, found), seconds


def docsig(tool, root, options):
    done, seconds = cpu([tool, '-n', *sorted(str(p.relative_to(root)) for p in root.rglob('*.py'))], cwd=root)
    known = {'SIG101', 'SIG201', 'SIG202', 'SIG203', 'SIG402', 'SIG404', 'SIG501', 'SIG502', 'SIG503', 'SIG504', 'SIG505'}
    found, place = set(), None
    for line in done.stdout.splitlines():
        if at := re.match(r'(\S+\.py):(\d+)', line): place = at[1], int(at[2])
        elif (code := line.strip().split(':')[0]) in known: found.add((*place, code))
    return placed(root, found), seconds


TABLE = {'docsig': '[tool.docsig]', 'numpydoc': '[tool.numpydoc_validation]', 'darglint': '[tool.darglint]', 'pydoclint': '[tool.pydoclint]', 'ruff': '[tool.ruff.lint]'}
# Codes that only say once more what another code says name by name.
REPEATING = {'DOC101', 'DOC102', 'DOC601', 'DOC602'}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('profile', choices=sorted(TABLE)); ap.add_argument('folder', type=pathlib.Path)
    ap.add_argument('--tool'); ap.add_argument('--twinscribe', default='target/release/twinscribe')
    ap.add_argument('--options', nargs='*', default=[]); ap.add_argument('--show', choices=('ours', 'theirs')); ap.add_argument('--code')
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as d:
        root = pathlib.Path(d) / 'code'
        keep = shutil.ignore_patterns('test*', '*.pyi', '.git', 'node_modules', 'docs', 'doc', 'examples', 'build', '_build', 'vendor*', '_vendor', 'externals')
        shutil.copytree(a.folder, root, ignore=keep)
        for p in root.rglob('*'):
            if p.is_file() and p.suffix != '.py': p.unlink()
        (root / 'pyproject.toml').write_text(TABLE[a.profile] + '\n' + ''.join(o.replace('=', ' = ', 1) + '\n' for o in a.options))
        theirs, their_seconds = globals()[a.profile](a.tool or a.profile, root, a.options)
        done, our_seconds = cpu([str(pathlib.Path(a.twinscribe).resolve()), 'check', str(root), '--profile', a.profile, '--format', 'json-lines'])
        ours = set()
        for line in done.stdout.splitlines():
            row = json.loads(line)
            ours.add((row['source_file'], row['line'], re.search(r'\(([A-Z]+\d+)\)$', row['message'])[1]))
        theirs = {f for f in theirs if f[2] not in REPEATING}
        files = {f[0] for f in ours | theirs}
        both = ours & theirs
        print(f'{a.profile} on {a.folder.name}: both {len(both)}, only ours {len(ours - theirs)}, only theirs {len(theirs - ours)}, '
              f'alike {len(both) / max(1, len(ours | theirs)):.1%} in {len(files)} files; CPU {our_seconds:.2f} s, theirs {their_seconds:.2f} s')
        codes = collections.Counter(f[2] for f in ours - theirs), collections.Counter(f[2] for f in theirs - ours)
        print('  only ours  ', dict(codes[0].most_common(12))); print('  only theirs', dict(codes[1].most_common(12)))
        if a.show:
            for path, line, code in sorted(ours - theirs if a.show == 'ours' else theirs - ours):
                if not a.code or a.code == code: print(f'{path}:{line} {code}')
        if done.returncode not in (0, 1): print(done.stderr, file=sys.stderr); sys.exit(1)


if __name__ == '__main__': main()
