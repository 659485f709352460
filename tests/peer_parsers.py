#!/usr/bin/env python3
"""Holds the docstring parser against the parser tests of griffe and docstring_parser.

peer_parsers.py --twinscribe PATH [--work DIR] [--show N] [--peer griffe|docstring_parser]

Downloads both projects' source distributions from PyPI into DIR (nothing of them is kept here), runs their own parser tests
and records every docstring that they parse, with what comes of it. The same docstrings are then taken apart by
`twinscribe analyze --docstrings`, and the entries (section, name, type, text) and the prose are compared, white space aside.
A case is the same when all of these are; what a case says on purpose otherwise is told by a reason in REASONS.
"""
import argparse, json, os, pathlib, re, subprocess, sys, tarfile, tempfile, textwrap
from collections import Counter

PEERS = {'griffe': ('griffelib', '2.4.1', 'tests/test_docstrings'), 'docstring_parser': ('docstring_parser', '0.18.0', 'docstring_parser/tests')}

RECORDER = r'''
import inspect, json, os
OUT = open(os.environ["RECORD"], "a")

def note(row): OUT.write(json.dumps(row) + "\n"); OUT.flush()

def text_of(x): return None if x is None else str(x)

def of_griffe(sections):
    rows = []
    for s in sections:
        kind, value = s.kind.value, s.value
        if kind == "text": rows.append(["prose", None, None, value])
        elif kind == "admonition": rows.append(["admonition", value.kind, s.title, value.contents])
        elif kind == "deprecated": rows.append(["deprecated", value.version, None, value.description])
        elif kind == "examples": rows.extend(["examples", None, None, v] for _, v in value)
        elif kind in ("raises", "warns"): rows.extend([kind, text_of(v.annotation), None, v.description] for v in value)
        else: rows.extend([kind, getattr(v, "name", None), text_of(v.annotation), v.description] for v in value)
    return rows

def of_docstring_parser(doc):
    from docstring_parser import common as c
    rows = [["prose", None, None, "\n\n".join(t for t in (doc.short_description, doc.long_description) if t)]]
    for m in doc.meta:
        if isinstance(m, c.DocstringParam):
            kind = "attributes" if m.args and m.args[0] in ("attribute", "var", "ivar", "cvar") else m.args[0] if m.args and m.args[0] in ("other_param", "receives", "key", "keyword") else "parameters"
            rows.append([kind, m.arg_name, m.type_name, m.description])
        elif isinstance(m, c.DocstringReturns):
            rows.append(["yields" if m.is_generator else "returns", m.return_name, m.type_name, m.description])
        elif isinstance(m, c.DocstringRaises): rows.append([m.args[0] if m.args and m.args[0] == "warns" else "raises", m.type_name, None, m.description])
        elif isinstance(m, c.DocstringDeprecated): rows.append(["deprecated", m.version, None, m.description])
        elif isinstance(m, c.DocstringExample): rows.append(["examples", None, None, "\n".join(t for t in (m.snippet, m.description) if t)])
        else: rows.append(["other", " ".join(m.args), None, m.description])
    return rows

def pytest_configure(config):
    test = lambda: os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0].split("::")[-1]
    if os.environ["PEER"] == "griffe":
        from griffe._internal.docstrings import google, numpy, sphinx
        for style, module in (("google", google), ("numpy", numpy), ("sphinx", sphinx)):
            name = "parse_" + style
            def wrapped(docstring, *a, original=getattr(module, name), style=style, **options):
                result = original(docstring, *a, **options)
                parent = docstring.parent
                if type(docstring.value) is str: note(dict(style=style, text=docstring.value, options=sorted(k for k, v in options.items() if k not in ("warnings", "warn_unknown_params", "warn_missing_types")), parent=type(parent).__name__, test=test(), rows=of_griffe(result)))
                return result
            setattr(module, name, wrapped)
    else:
        import docstring_parser
        from docstring_parser import google, numpydoc, rest, epydoc, parser
        for style, module in (("google", google), ("numpy", numpydoc), ("sphinx", rest), ("epydoc", epydoc)):
            def wrapped(text, original=module.parse, style=style):
                result = original(text)
                if text: note(dict(style=style, text=inspect.cleandoc(text), options=[], parent="NoneType", test=test(), rows=of_docstring_parser(result)))
                return result
            module.parse = wrapped
'''


def record(peer, work, python):
    name, version, tests = PEERS[peer]
    root = work / f'{name}-{version}'
    if not root.exists():
        subprocess.run([python, '-m', 'pip', 'download', '-q', '--no-deps', '--no-binary', ':all:', '-d', work, f'{name}=={version}'], check=True)
        with tarfile.open(next(work.glob(f'{name}-{version}.tar.gz'))) as t: t.extractall(work, filter='data')
    out = work / f'{peer}.jsonl'; out.unlink(missing_ok=True)
    (work / 'recorder.py').write_text(RECORDER)
    env = dict(os.environ, RECORD=str(out), PEER=peer, PYTHONPATH=f'{work}:{root / "src" if (root / "src").exists() else root}')
    done = subprocess.run([python, '-m', 'pytest', '-q', '-p', 'recorder', '-p', 'no:cacheprovider', tests], cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f'{peer}: {done.stdout.strip().splitlines()[-1]}')
    rows = {}
    for line in open(out):
        row = json.loads(line)
        if not row['text'].strip(): continue
        # Where a docstring is tried in all styles, the reading that finds most in it counts, as it does for the peer.
        key = (row['text'], *([] if peer == 'docstring_parser' else [row['style'], *row['options']]))
        weight = lambda r: sum(x[0] != 'prose' for x in r['rows'])
        if key not in rows or weight(row) > weight(rows[key]): rows[key] = row
    return list(rows.values())


KINDS = {'other parameters': 'parameters', 'other_parameters': 'parameters', 'type parameters': 'type_parameters', 'type aliases': 'type_aliases', 'other_param': 'parameters', 'key': 'parameters', 'keyword': 'parameters'}
PROSE = {'text', 'notes', 'see_also', 'references', 'admonition', 'other', 'prose', 'examples', 'deprecated', 'functions', 'classes', 'modules'}


def plain(text): return re.sub(r'\W+', ' ', (text or '').replace('\\', '')).strip()


def squeezed(type_text):
    """A type without white space, backticks and brackets, and with one way to write a union."""
    return re.sub(r'\s+or\s+|[\s`(){}|]+', '', type_text or '')


def entries(rows):
    """Entries of the interface sections, and all other words as one bag."""
    named, words = [], []
    for kind, name, type_text, text in rows:
        kind = KINDS.get(kind, kind)
        if kind in PROSE: words += plain(text).split()
        elif kind in ('returns', 'yields', 'receives') and bool(name) != bool(type_text):
            # A lone word before the colon is a name to one and a type to the other; the words are the same.
            named.append((kind, '', squeezed(name or type_text), plain(text)))
        else: named.append((kind, (name or '').lstrip('*'), squeezed(type_text), plain(text)))
    return sorted(named), sorted(words)


def indented(text):
    """A docstring that Python cleans into this text: the first line counts like the others."""
    return '\n' + textwrap.indent(text, '    ')


def ours(cases, twinscribe):
    with tempfile.TemporaryDirectory() as d:
        file = pathlib.Path(d) / 'cases.py'
        file.write_text(''.join(f'def f{n}():\n    {indented(case["text"])!r}\n' for n, case in enumerate(cases)))
        done = subprocess.run([twinscribe, 'analyze', '--docstrings', str(file), '--format', 'json-lines'], stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        rows = []
        for s in row['sections']:
            if s['kind'] in PROSE or not s['items']: rows.append([s['kind'] if s['kind'] in PROSE else 'text', None, None, s['text']])
            else:
                for i in s['items']:
                    for name in (i['name'] or '').split(', ') if s['kind'] not in ('raises', 'warns') else [i['name']]:
                        rows.append([s['kind'], name, i['type'], i['text']])
        found[int(row['qualname'][1:])] = rows
    return [found.get(n, []) for n in range(len(cases))]


def reason(case, rows):
    """Why a case may differ, if there is a reason that holds for any such case; None where it is a fault of ours."""
    (their_entries, their_words), (our_entries, our_words) = entries(case['rows']), entries(rows)
    if case['options']: return 'an option of the peer changes what is read: ' + ', '.join(case['options'])
    text = set(re.findall(r'\w+', case['text']))
    values = ('returns', 'yields', 'receives')
    bare = lambda e: (e[0], '', e[1], e[3]) if e[0] in values else (*e[:2], '', e[3])
    if our_entries == sorted(e if set(re.findall(r'\w+', e[2])) <= text else bare(e) for e in their_entries): return "the peer's type is that of the code and not in the docstring"
    if our_entries == their_entries and not Counter(their_words) - Counter(our_words): return 'we keep words that the peer drops'
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--twinscribe', required=True); ap.add_argument('--work', type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / 'peer-parsers')
    ap.add_argument('--python', default=sys.executable, help='a Python with pytest'); ap.add_argument('--show', type=int, default=0); ap.add_argument('--peer', choices=sorted(PEERS))
    a = ap.parse_args(); a.work.mkdir(parents=True, exist_ok=True)
    failed = False
    for peer in [a.peer] if a.peer else sorted(PEERS):
        cases = record(peer, a.work, a.python)
        same, reasons, other = 0, Counter(), []
        for case, rows in zip(cases, ours(cases, a.twinscribe)):
            if entries(rows) == entries(case['rows']): same += 1
            elif why := reason(case, rows): reasons[why] += 1
            else: other.append((case, rows))
        for case, rows in other[:a.show]:
            t, o = entries(case['rows']), entries(rows)
            print('-' * 80, case['test'], case['style'], case['options'], case['parent']); print(case['text'])
            print('THEIRS', [e for e in t[0] if e not in o[0]], [w for w in t[1] if w not in o[1]]); print('OURS  ', [e for e in o[0] if e not in t[0]], [w for w in o[1] if w not in t[1]])
        print(f'{peer}: {same} of {len(cases)} docstrings are the same, {sum(reasons.values())} differ for a reason, {len(other)} differ; '
              f'alike or explained {1 - len(other) / len(cases):.1%}')
        for why, n in reasons.most_common(): print(f'  {n:4} {why}')


if __name__ == '__main__': main()
