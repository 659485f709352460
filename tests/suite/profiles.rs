//! Profiles: small files with a tool's own table beside them, and what `check --profile` finds, as `code place name`.

use std::path::Path;

use twinscribe::analysis;
use twinscribe::analysis::discover::{Options, discover};
use twinscribe::config::Profile;
use twinscribe::profiles::{check, tables::Tables};

/// The findings as `CODE qualname name`, sorted.
fn found(profile: Profile, table: (&'static str, &str), source: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("case.py"), source).unwrap();
    let options = Options {
        include: Vec::new(),
        exclude: Vec::new(),
        max_file_bytes: 1_000_000,
    };
    let sources = discover(Path::new(folder.path()), &options).unwrap();
    let outlines = analysis::outlines(&sources, Some(1));
    let mut tables = Tables::default();
    tables.add(table.0, table.1.to_owned());
    let findings = check(profile, &outlines, &tables).unwrap();
    let mut lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            let code = finding.message.rsplit('(').next().unwrap().trim_end_matches(')');
            let place = finding.qualname.as_deref().unwrap_or("-");
            let name = finding.name.as_deref().map_or(String::new(), |n| format!(" {n}"));
            format!("{code} {place}{name}")
        })
        .collect();
    lines.sort();
    lines
}

fn pydoclint(options: &str, source: &str, expected: &[&str]) {
    let table = format!("[tool.pydoclint]\n{options}");
    let found = found(Profile::Pydoclint, ("pyproject.toml", &table), source);
    assert_eq!(found, expected, "{source}");
}

const GOOGLE: &str = "style = \"google\"\narg-type-hints-in-docstring = false\ncheck-return-types = false\n";

#[test]
fn pydoclint_holds_names_against_the_signature_to_the_letter() {
    let source = "def f(a: int, *rest: int) -> None:\n    \"\"\"Do.\n\n    Args:\n        b: one\n        rest: more\n    \"\"\"\n";
    let expected = ["DOC103 f *rest", "DOC103 f a", "DOC103 f b", "DOC103 f rest"];
    pydoclint(GOOGLE, source, &expected);
    let options = format!("{GOOGLE}omit-stars-when-documenting-varargs = true\n");
    pydoclint(&options, source, &["DOC103 f a", "DOC103 f b"]);
}

#[test]
fn pydoclint_skips_short_docstrings_unless_told_otherwise() {
    let source = "def f(a: int) -> int:\n    \"\"\"Do.\"\"\"\n    return a\n";
    pydoclint(GOOGLE, source, &[]);
    let options = format!("{GOOGLE}skip-checking-short-docstrings = false\n");
    pydoclint(&options, source, &["DOC103 f a", "DOC201 f"]);
}

#[test]
fn pydoclint_sees_the_exceptions_of_handlers_that_raise_again() {
    let source = "def f() -> None:\n    \"\"\"Do.\n\n    Raises:\n        KeyError: never\n    \"\"\"\n    \
                  try:\n        g()\n    except (OSError, ValueError) as error:\n        raise error\n";
    let expected = ["DOC503 f KeyError", "DOC503 f OSError", "DOC503 f ValueError"];
    pydoclint(GOOGLE, source, &expected);
}

#[test]
fn pydoclint_reads_the_yielded_type_out_of_the_annotation() {
    let source = "def f() -> Generator[int, None, str]:\n    \"\"\"Do.\n\n    Yields\n    ------\n    str\n        x\n\n    \
                  Returns\n    -------\n    str\n        y\n    \"\"\"\n    yield 1\n    return ''\n";
    pydoclint("", source, &["DOC404 f"]);
}

#[test]
fn pydoclint_describes_constructors_in_the_class() {
    let source = "class A:\n    \"\"\"One.\n\n    Args:\n        x: it\n    \"\"\"\n\n    def __init__(self, y: int):\n        \
                  \"\"\"Make.\"\"\"\n";
    let expected = ["DOC103 A.__init__ x", "DOC103 A.__init__ y", "DOC301 A.__init__"];
    pydoclint(GOOGLE, source, &expected);
}

#[test]
fn an_option_with_a_senseless_value_is_an_error() {
    let mut tables = Tables::default();
    tables.add("pyproject.toml", "[tool.pydoclint]\nstyle = \"rst\"\n".to_owned());
    let error = check(Profile::Pydoclint, &[], &tables).unwrap_err();
    assert!(error.to_string().contains("`style` in pyproject.toml"), "{error}");
}

fn ruff(lint: &str, source: &str, expected: &[&str]) {
    let table = format!("[tool.ruff.lint]\n{lint}");
    let found = found(Profile::Ruff, ("pyproject.toml", &table), source);
    assert_eq!(found, expected, "{source}");
}

#[test]
fn ruff_wants_docstrings_of_what_is_public_and_no_overload() {
    let source = "__all__ = [\"A\", \"f\"]\n\nclass A:\n    def __init__(self): ...\n    def m(self): ...\n    def _p(self): ...\n    \
                  @x.setter\n    def x(self, v): ...\n    def __len__(self): ...\n\n@overload\ndef f(): ...\ndef f(): ...\ndef g(): ...\n";
    let expected = [
        "D100 -",
        "D101 A",
        "D102 A.m",
        "D103 f",
        "D105 A.__len__",
        "D107 A.__init__",
    ];
    ruff("select = [\"D1\"]\n", source, &expected);
    ruff("select = [\"D1\"]\nignore = [\"D10\"]\n", source, &[]);
    ruff("select = [\"D105\", \"E\"]\n", source, &["D105 A.__len__"]);
}

#[test]
fn ruff_finds_what_a_docstring_says_and_the_body_does_not_do() {
    let source = "import json\n\ndef f(a, *, b):\n    \"\"\"Do.\n\n    Args:\n        a: one\n        c: none\n\n    Yields:\n        it\n\n    \
                  Raises:\n        KeyError: never\n    \"\"\"\n    if a:\n        raise json.JSONDecodeError('', '', 0)\n    return a\n";
    let expected = [
        "DOC102 f c",
        "DOC201 f",
        "DOC403 f",
        "DOC501 f JSONDecodeError",
        "DOC502 f KeyError",
    ];
    ruff("select = [\"DOC\"]\n", source, &expected);
    ruff("select = [\"D417\"]\n", source, &["D417 f b"]);
    ruff(
        "select = [\"D\"]\npydocstyle.convention = \"numpy\"\nignore = [\"D1\", \"D2\", \"D4\"]\n",
        source,
        &[],
    );
}

#[test]
fn ruff_reads_sections_in_the_manner_of_the_convention() {
    let source = "def f():\n    \"\"\"Do.\n\n    Raises\n    ------\n    KeyError\n        If.\n\n    Returns\n    -------\n    \"\"\"\n    \
                  raise KeyError\n";
    ruff(
        "select = [\"D414\", \"D420\"]\n",
        source,
        &["D414 f Returns", "D420 f Returns"],
    );
    ruff("select = [\"DOC501\"]\n", source, &[]);
}

#[test]
fn a_comment_lets_a_rule_pass_where_it_stands() {
    let source = "def f():  # noqa: D103\n    ...\n\ndef g():\n    \"\"\"g(x) it.\"\"\"  # noqa\n    return 1\n\ndef h():  # noqa: E501\n    ...\n";
    ruff("select = [\"D103\", \"D402\"]\n", source, &["D103 h"]);
}

#[test]
fn numpydoc_holds_the_class_against_its_constructor() {
    let source = "\"\"\"M.\"\"\"\n\nclass A:\n    \"\"\"One.\n\n    Examples\n    --------\n    x\n\n    Parameters\n    ----------\n    b : int\n        B.\n    a : int\n        A.\n    \"\"\"\n\n    \
                  def __init__(self, a, b): ...\n    def _m(self): ...  # numpydoc ignore=GL08\n    def n(self): ...\n";
    let table = (
        "pyproject.toml",
        "[tool.numpydoc_validation]\nchecks = [\"all\", \"EX01\"]\n",
    );
    assert_eq!(
        found(Profile::Numpydoc, table, source),
        ["GL07 A", "GL08 A.__init__", "GL08 A.n", "PR03 A"]
    );
    let table = (
        "setup.cfg",
        "[tool:numpydoc_validation]\nchecks =\n    PR03\n    GL07\n",
    );
    assert_eq!(found(Profile::Numpydoc, table, source), ["GL07 A", "PR03 A"]);
}

#[test]
fn darglint_reads_its_own_file() {
    let source = "def f(a: int, _b, *c):\n    \"\"\"Do.\n\n    Args:\n        a (str): one\n        d: none\n\n    Returns:\n        it\n\n    Raises:\n        KeyError: never\n    \
                  \"\"\"\n    raise ValueError\n\ndef g(a):\n    \"\"\"Do.\"\"\"\n    return a\n";
    let all = [
        "DAR101 f *c",
        "DAR101 g a",
        "DAR102 f d",
        "DAR103 f a",
        "DAR201 g",
        "DAR202 f",
        "DAR401 f ValueError",
        "DAR402 f KeyError",
    ];
    assert_eq!(found(Profile::Darglint, (".darglint", ""), source), all);
    let table = (
        ".darglint",
        "[darglint]\nstrictness = short\nignore = DAR103, DAR402\nignore_raise=ValueError\n",
    );
    assert_eq!(
        found(Profile::Darglint, table, source),
        ["DAR101 f *c", "DAR102 f d", "DAR202 f"]
    );
}

#[test]
fn docsig_counts_parameters_before_it_compares_them() {
    let source = "def f(a, _b, *c) -> int:\n    \"\"\"Do.\n\n    :param d: it\n    \"\"\"\n\ndef g(a) -> None:\n    \"\"\"Do.\n\n    :param b: it\n    :return: it\n    \"\"\"\n\n\
                  class A:\n    def __init__(self, x):\n        \"\"\"Make.\"\"\"\n    def _p(self, x) -> None:\n        \"\"\"Do.\"\"\"\n\n\
                  class B(A):\n    def m(self, x, y) -> None:\n        \"\"\"Do.\n\n        :param y: it\n        :param x: it\n        \"\"\"\n";
    let table = |options: &str| format!("[tool.docsig]\n{options}");
    let all = [
        "SIG203 f a",
        "SIG203 f c",
        "SIG402 B.m",
        "SIG404 g a",
        "SIG404 g b",
        "SIG502 g",
        "SIG503 f",
    ];
    assert_eq!(found(Profile::Docsig, ("pyproject.toml", &table("")), source), all);
    let options =
        table("check-class-constructor = true\ncheck-protected = true\nignore-args = true\ntarget = [\"SIG203\"]\n");
    let found = found(Profile::Docsig, ("pyproject.toml", &options), source);
    assert_eq!(found, ["SIG203 A.__init__ x", "SIG203 A._p x"]);
}
