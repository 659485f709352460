//! What the analysis says of small repositories, one property of the facts at a time.

use tempfile::TempDir;

use crate::analysis::{analyze, discover};
use crate::model::claim::{Subject, Value, Verdict};
use crate::model::component::Component;
use crate::model::facts::{Facts, ProblemKind};
use crate::model::oracle::Oracle;

/// The facts of a repository of these files: path and text.
fn oracle(files: &[(&str, &str)]) -> Oracle {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
    let options = discover::Options {
        include: Vec::new(),
        exclude: Vec::new(),
        max_file_bytes: 100_000,
    };
    analyze(&discover::discover(folder.path(), &options).unwrap(), Some(1))
}

fn component<'a>(oracle: &'a Oracle, id: &str) -> &'a Component {
    oracle.component(oracle.find(id).unwrap_or_else(|| panic!("no component {id}")))
}

fn facts<'a>(oracle: &'a Oracle, id: &str) -> &'a Facts {
    oracle.facts(oracle.find(id).unwrap_or_else(|| panic!("no component {id}")))
}

/// Which components of a repository are public.
#[track_caller]
fn check_public(files: &[(&str, &str)], expected: &[&str]) {
    let oracle = oracle(files);
    let public: Vec<&str> = oracle.components.iter().filter(|c| c.public).map(|c| &*c.id).collect();
    assert_eq!(public, expected);
}

#[test]
fn listed_name_is_public_wherever_it_is_defined() {
    check_public(
        &[
            (
                "p/__init__.py",
                "from ._impl import Client, _get as get\n__all__ = ['Client', 'get']\n",
            ),
            (
                "p/_impl.py",
                "class Client:\n    def send(self): pass\n    def _retry(self): pass\n\ndef _get(): pass\n\ndef other(): pass\n",
            ),
        ],
        &["p", "p._impl.Client", "p._impl.Client.send", "p._impl._get"],
    );
}

#[test]
fn listed_name_is_followed_through_stars_and_chains() {
    check_public(
        &[
            (
                "p/__init__.py",
                "from ._a import *\nfrom . import _tools as tools\n__all__ = ['f', 'tools']\n",
            ),
            ("p/_a/__init__.py", "from ._b import *\n"),
            ("p/_a/_b.py", "__all__ = ['f']\ndef f(): pass\ndef g(): pass\n"),
            ("p/_tools.py", "def used(): pass\ndef _inner(): pass\n"),
        ],
        &["p", "p._a._b.f", "p._tools", "p._tools.used"],
    );
}

#[test]
fn list_of_a_private_module_makes_nothing_public() {
    check_public(
        &[("p/__init__.py", ""), ("p/_q.py", "__all__ = ['f']\ndef f(): pass\n")],
        &["p"],
    );
}

#[test]
fn name_that_its_own_module_does_not_list_is_public_through_its_package() {
    check_public(
        &[
            ("p/__init__.py", "from .m import g\n__all__ = ['g']\n"),
            (
                "p/m.py",
                "__all__ = ['f']\ndef f(): pass\ndef g(): pass\ndef h(): pass\n",
            ),
        ],
        &["p", "p.m", "p.m.f", "p.m.g"],
    );
}

/// Whether the end of a function's body can be reached.
#[track_caller]
fn check_falls_off(body: &str, expected: bool) {
    let indented: String = body.lines().map(|l| format!("    {l}\n")).collect();
    let text = format!("import sys\n\n\ndef stop():\n    raise SystemExit\n\n\ndef f(x, y):\n{indented}");
    let oracle = oracle(&[("m.py", &text)]);
    assert_eq!(facts(&oracle, "m.f").returns.falls_off, expected, "{body}");
}

#[test]
fn body_that_always_returns_does_not_fall_off() {
    for body in [
        "return 1",
        "if x:\n    return 1\nelse:\n    return 2",
        "if x:\n    return 1\nelif y:\n    raise E\nelse:\n    return 2",
        "try:\n    return 1\nexcept E:\n    return 2",
        "try:\n    return 1\nexcept E:\n    raise\nfinally:\n    x()",
        "try:\n    return 1\nfinally:\n    x()",
        "try:\n    x()\nexcept E:\n    return 1\nelse:\n    return 2",
        "try:\n    x()\nfinally:\n    return 1",
        "while True:\n    if x():\n        return 1",
        "while True:\n    try:\n        return 1\n    except E:\n        continue",
        "while True:\n    for i in x:\n        if i:\n            break\n    y()",
        "while True:\n    if x:\n        continue\n    return 1",
        "with x:\n    return 1",
        "for i in x:\n    if i:\n        return i\nelse:\n    return 2",
        "for i in x:\n    return i\nraise E",
        "if x:\n    return 1\nstop()",
        "if x:\n    return 1\nsys.exit(2)",
        "assert x\nreturn 1",
        "if x:\n    while True:\n        y()\nreturn 1",
    ] {
        check_falls_off(body, false);
    }
}

#[test]
fn body_whose_end_is_reached_falls_off() {
    for body in [
        "pass",
        "if x:\n    return 1",
        "if x:\n    return 1\nelif y:\n    return 2",
        "try:\n    return 1\nexcept E:\n    pass",
        "try:\n    x()\nexcept E:\n    return 1",
        "while True:\n    if x:\n        break",
        "while x:\n    return 1",
        "for i in x:\n    return 1",
        "for i in x:\n    if i:\n        break\nelse:\n    return 2",
        "match x:\n    case 1:\n        return 1\n    case 2:\n        return 2",
        "match x:\n    case 1:\n        return 1\n    case _ if y:\n        return 2",
        "if x:\n    sys.exit(2)",
        "while True:\n    while True:\n        break\n    break",
    ] {
        check_falls_off(body, true);
    }
}

/// The exceptions that are listed of `m.f`, and whether that is all.
#[track_caller]
fn check_raises(text: &str, expected: &[&str]) {
    let oracle = oracle(&[("m.py", text)]);
    let raises: Vec<&str> = facts(&oracle, "m.f").raises.iter().map(|r| &*r.exception).collect();
    assert_eq!(raises, expected, "{text}");
}

#[test]
fn what_is_no_exception_is_not_raised() {
    check_raises("class C: pass\ndef f(): raise C\n", &[]);
    check_raises(
        "class C: pass\nclass E(Exception): pass\ndef f(x):\n    e = C() if x else E()\n    raise e\n",
        &["E"],
    );
    check_raises(
        "from lib import Base\nclass E(Base): pass\ndef f(): raise E()\n",
        &["E"],
    );
    check_raises("import lib\ndef f(): raise lib.Error('x')\n", &["Error"]);
}

/// What `m.f` does to the world.
#[track_caller]
fn check_effects(text: &str, expected: &[&str]) {
    let oracle = oracle(&[("m.py", text)]);
    let effects: Vec<String> = facts(&oracle, "m.f")
        .effects
        .iter()
        .map(|e| format!("{} ({})", e.kind, e.detail))
        .collect();
    assert_eq!(effects, expected, "{text}");
}

#[test]
fn environment_is_touched_where_it_is_read_or_changed() {
    for text in [
        "import os\ndef f(): return os.environ.get('X')\n",
        "from os import environ\ndef f(): return environ.get('X')\n",
    ] {
        check_effects(text, &["reads or changes the environment (os.environ.get)"]);
    }
    check_effects("import os\ndef f(): return os.environ.nothing()\n", &[]);
    check_effects("import os\ndef f(): return os.environ.x\n", &[]);
}

#[track_caller]
fn check_old(text: &str, line: Option<u32>) {
    let oracle = oracle(&[("m.py", text)]);
    let found = oracle.problems.iter().find(|p| p.kind == ProblemKind::Syntax);
    assert_eq!(found.and_then(|p| p.line), line, "{text}");
}

#[test]
fn syntax_of_python_2_alone_is_a_problem() {
    for old in [
        "try:\n    f()\nexcept A, e:\n    g(e)\n",
        "try:\n    f()\nexcept (A, B), e:\n    g(e)\n",
        "try:\n    f()\nexcept\\\n  A, e: g(e)\n",
    ] {
        check_old(old, Some(3));
    }
    for old in [
        "x = `y`\n",
        "raise E, 'x'\n",
        "raise E, 'x', tb\n",
        "exec 'code'\n",
        "print 'x'\n",
        "x = a <> b\n",
        "x = 0777\n",
        "x = ur'a'\n",
        "x = UR'''a'''\n",
        "x = 10L\n",
        "def f((a, b), c): pass\n",
    ] {
        check_old(old, Some(1));
        check_old(&format!("'''\n<> `x` 0777\n'''\n{old}"), Some(4));
    }
}

#[test]
fn what_only_looks_like_python_2_is_none() {
    for new in [
        "x = '`'  # `y` <> 0777 ur''\n",
        "s = '''\nexcept A, e:\n  raise E, 1\n'''\n",
        "x = 00 + 0_0 + 0.5 + 0e5 + 00.5 + 0777.5 + 0777e1 + 1e-08 + 1E+07 + 0777j + 0x0777 + 0o777 + 0b01\n",
        "x = f'{a!r:<>10}' + rf'<>{b}' + f\"{x:`^5}\"\n",
        "x = blur if 0 else your\n",
        "try:\n    f()\nexcept (A, B) as e:\n    g(e)\n",
        "from lib import A, B\ntry:\n    f()\nexcept A, B:\n    g()\n",
        "from lib import *\ntry:\n    f()\nexcept A, B:\n    g()\n",
        "try:\n    f()\nexcept ValueError, OSError:\n    g()\n",
        "try:\n    f()\nexcept* A:\n    g()\n",
        "from socket import error\ntry:\n    f()\nexcept OSError, error:\n    g()\n",
        "raise E('a', 'b')\n",
        "raise (E, 'x')[0]\n",
        "x = {'raise': 1, 'except': (A, e)}\n",
        "def f(a,\n      raised, b): pass\n",
        "def f(a: (int) = (1), *b) -> ((int), (str)): pass\n",
        "def f[T: (int, str)](a) -> (\n    (int)\n): pass\n",
    ] {
        check_old(new, None);
    }
}

/// What is said of the attribute `x` of `m.C`, whose body is empty but for a method `own`.
#[track_caller]
fn check_attribute(rest: &str, expected: Verdict) {
    let text = format!("class C:\n    \"\"\"A class.\"\"\"\n    def own(self): pass\n\n{rest}");
    let oracle = oracle(&[("m.py", &text), ("n.py", "import m\n\nm.C().own()\n")]);
    let class = oracle.find("m.C").unwrap();
    let answer = oracle.ask(class, &Subject::Attribute("x".into()), &Value::Present);
    assert_eq!(answer.verdict, expected, "{rest}: {}", answer.reason);
}

#[test]
fn attribute_that_nothing_can_set_is_refuted() {
    for rest in [
        "",
        "class D:\n    def __init__(self): self.x = 1\n",
        "class D: pass\n\nd = D()\nd.x = 1\n",
        "class D: pass\n\ndef f(d: D): d.x = 1\n\nf(D())\n",
        "def f(c): c.y = 1\n\nf(C())\n",
        "def f(c): setattr(c, 'y', 1)\n\nf(C())\n",
        "class D:\n    def put(self, name): setattr(self, name, 1)\n",
        "class D: pass\n\nsetattr(D, 'a' + 'b', 1)\n",
        "class D:\n    def __new__(cls, n):\n        made = object.__new__(cls)\n        setattr(made, n, 1)\n        return made\n",
        "class D:\n    def copy(self, d):\n        d.__dict__ = self.__dict__.copy()\n",
        "def f(c): return c.__dict__\n",
    ] {
        check_attribute(rest, Verdict::Refuted);
    }
}

#[test]
fn attribute_that_code_outside_sets_is_confirmed() {
    for rest in [
        "c = C()\nc.x = 1\n",
        "def f(c: C): c.x = 1\n",
        "C.x = 1\n",
        "setattr(C, 'x', 1)\n",
        "def make():\n    c = C()\n    c.x = 1\n    return c\n",
    ] {
        check_attribute(rest, Verdict::Confirmed);
    }
}

#[test]
fn attribute_that_a_class_sets_on_what_it_makes_is_its_own() {
    let text = "from lib import Base\nclass C(Base):\n    def __new__(cls):\n        made = Base.__new__(cls)\n        made.x = 1\n        return made\n";
    let oracle = oracle(&[("m.py", text)]);
    assert_eq!(facts(&oracle, "m.C").set_elsewhere, ["x".into()]);
}

#[test]
fn attribute_that_code_outside_may_set_is_unknown() {
    for rest in [
        "def f(c): c.x = 1\n",
        "def f(c):\n    c.x: int = 1\n",
        "def f(c): c.x += 1\n",
        "def f(c): setattr(c, 'x', 1)\n",
        "def f(c, name): setattr(c, name, 1)\n",
        "def f(c, name): object.__setattr__(c, name, 1)\n",
        "def f(c, name): c.__dict__[name] = 1\n",
        "def f(c, names): c.__dict__.update(names)\n",
        "def f(c: C, d): c.__dict__ = d\n",
        "for name in 'xyz':\n    setattr(C, name, 1)\n",
        "import lib\n\ndef f(names):\n    for c in names:\n        c.x = 1\n",
        "class D(C):\n    def __init__(self): self.x = 1\n",
    ] {
        check_attribute(rest, Verdict::Unknown);
    }
}

#[test]
fn attribute_is_set_where_it_is_given_a_value() {
    let text = "class C:\n    def __init__(self):\n        self.x: int\n        self.y: int\n        self.begin()\n\n    def begin(self):\n        self.x = 1\n";
    let oracle = oracle(&[("m.py", text)]);
    let found = facts(&oracle, "m.C").attributes.iter();
    let found: Vec<_> = found.map(|a| (&*a.name, a.is_set, a.line)).collect();
    assert_eq!(found, [("x", true, 8), ("y", false, 4)]);
}

/// The type that `m.f` is found to return.
#[track_caller]
fn check_inferred(text: &str, expected: Option<&str>) {
    let oracle = oracle(&[("m.py", text)]);
    assert_eq!(facts(&oracle, "m.f").returns.inferred.as_deref(), expected, "{text}");
}

#[test]
fn instance_is_of_its_class_unless_the_class_may_make_something_else() {
    check_inferred("class C: pass\ndef f(): return C()\n", Some("C"));
    check_inferred(
        "class C:\n    def __new__(cls, n): return n\ndef f(): return C(1)\n",
        None,
    );
    check_inferred(
        "class B:\n    def __new__(cls, n): return n\nclass C(B): pass\ndef f(): return C(1)\n",
        None,
    );
    check_inferred(
        "class M(type):\n    def __call__(cls): return 1\nclass C(metaclass=M): pass\ndef f(): return C()\n",
        None,
    );
    check_inferred("def f(x):\n    if x:\n        return 1\n", Some("int | None"));
    check_inferred(
        "def f(x):\n    if x:\n        return 1\n    raise ValueError\n",
        Some("int"),
    );
}

#[test]
fn reexported_components_keep_their_own_names() {
    let oracle = oracle(&[
        ("p/__init__.py", "from ._m import f\n__all__ = ['f']\n"),
        ("p/_m.py", "def f(): pass\n"),
    ]);
    assert!(component(&oracle, "p._m.f").public);
    assert!(oracle.find("p.f").is_none());
}
