//! Depth and size: nesting of every shape, long cycles and long chains are analysed, checked and documented without a
//! crash and without end of memory.

use std::fmt::Write as _;

use crate::common::Scratch;

const DEEP: usize = 100_000;

/// Every shape that Python nests in, with how deep it goes.
fn nested_shapes() -> Vec<(&'static str, String)> {
    let around = |open: &str, middle: &str, close: &str| {
        format!(
            "def before(): pass\n\n\nx = {}{middle}{}\n",
            open.repeat(DEEP),
            close.repeat(DEEP)
        )
    };
    let mut shapes = vec![
        ("parentheses", around("(", "1", ")")),
        ("unary", around("-", "1", "")),
        ("not", around("not ", "1", "")),
        ("binary", around("1 + ", "1", "")),
        ("power", around("2 ** ", "1", "")),
        ("attribute", around("", "a", ".b")),
        ("call", around("f(", "1", ")")),
        ("call_chain", around("", "f", "()")),
        ("subscript", around("", "a", "[0]")),
        ("subscript_inside", around("a[", "0", "]")),
        ("ternary", around("1 if a else ", "2", "")),
        ("boolean", around("a and ", "b", "")),
        ("mixed_boolean", around("a and b or ", "c", "")),
        ("comparison", around("a < ", "b", "")),
        ("lambda", around("lambda: ", "1", "")),
        ("lambda_default", around("lambda x=", "1", ": 1")),
        ("list", around("[", "1", "]")),
        ("dict", around("{1: ", "2", "}")),
        ("set", around("{", "1", "}")),
        ("await", around("await ", "a", "")),
        ("starred", around("*", "a", "")),
        ("walrus", around("(a := ", "1", ")")),
        ("string_parts", around("'a' ", "'b'", "")),
    ];
    // Each level is a scope of its own, and CPython stops at two hundred.
    let comprehensions = format!("{}b{}", "[a for a in ".repeat(2_000), "]".repeat(2_000));
    shapes.push((
        "comprehension",
        format!("def before(): pass\n\n\nx = {comprehensions}\n"),
    ));
    let mut elif = String::from("def before(): pass\n\n\nif a: pass\n");
    elif.push_str(&"elif a: pass\n".repeat(DEEP));
    shapes.push(("elif", elif));
    let mut decorators = "@a\n".repeat(DEEP);
    decorators.push_str("def before(): pass\n");
    shapes.push(("decorators", decorators));
    shapes.push(("assignments", format!("def before(): pass\n{}1\n", "x = ".repeat(DEEP))));
    shapes.push(("union", format!("def before(a: {}int): pass\n", "int | ".repeat(DEEP))));
    for (name, depth, head) in [
        ("indentation", 2_000, "if a:"),
        ("functions", 2_000, "def f():"),
        ("classes", 2_000, "class C:"),
    ] {
        let mut text = String::from("def before(): pass\n\n\n");
        for level in 0..depth {
            _ = writeln!(text, "{}{head}", " ".repeat(level));
        }
        _ = writeln!(text, "{}pass", " ".repeat(depth));
        shapes.push((name, text));
    }
    let mut f_string = String::from("1");
    for _ in 0..1_000 {
        f_string = format!("f'{{{f_string}}}'");
    }
    shapes.push(("f_strings", format!("def before(): pass\n\n\nx = {f_string}\n")));
    shapes.push((
        "f_string_formats",
        format!(
            "def before(): pass\n\n\nx = f'{}1{}'\n",
            "{a:".repeat(1_000),
            "}".repeat(1_000)
        ),
    ));
    shapes
}

#[test]
fn deep_nesting_of_every_shape_is_analysed() {
    let shapes = nested_shapes();
    for (name, text) in &shapes {
        let scratch = Scratch::with(&[("deep.py", text.as_bytes())]);
        let run = scratch.run(&["analyze", "repo", "--format", "json-lines"]);
        assert_eq!(run.code, Some(0), "{name}: {:?} {}", run.code, run.stderr);
        assert!(
            run.records_of("component").iter().any(|c| c["qualname"] == "before"),
            "{name}: the function before it was not found"
        );
    }
}

#[test]
fn deep_nesting_of_every_shape_is_documented_and_checked() {
    let shapes = nested_shapes();
    let names: Vec<String> = shapes.iter().map(|(n, _)| format!("{n}.py")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .zip(&shapes)
        .map(|(n, (_, text))| (n.as_str(), text.as_bytes()))
        .collect();
    Scratch::with(&files).survives_everything();
}

#[test]
fn deep_nesting_in_docstrings_and_defaults_is_documented() {
    let brackets = "[".repeat(DEEP) + &"]".repeat(DEEP);
    let quoted = format!(
        "def f(a={brackets}, b: \"{brackets}\" = 1):\n    \"\"\"Says.\n\n    Args:\n        a ({brackets}): x\n    \"\"\"\n    return {brackets}\n"
    );
    Scratch::with(&[("deep.py", quoted.as_bytes())]).survives_everything();
}

#[test]
fn cycle_of_ten_thousand_functions_is_documented() {
    const SIZE: usize = 10_000;
    let mut text = String::new();
    for i in 0..SIZE {
        _ = writeln!(text, "def f{i}():\n    return f{}()\n", (i + 1) % SIZE);
    }
    let scratch = Scratch::with(&[("cycle.py", text.as_bytes())]);
    let run = scratch.run(&["analyze", "repo", "--format", "json-lines"]);
    run.expect_no_panic().expect_code(0);
    assert_eq!(run.records_of("component").len(), SIZE + 1);
    assert_eq!(run.records_of("edge").len(), SIZE);
    scratch.survives_everything();
}

#[test]
fn chain_of_subclasses_and_of_reexports_is_documented() {
    const SIZE: usize = 300;
    let mut classes = String::from("class C0:\n    def f(self):\n        raise ValueError\n\n");
    for i in 1..SIZE {
        _ = writeln!(
            classes,
            "class C{i}(C{}):\n    def f(self):\n        return super().f()\n",
            i - 1
        );
    }
    let mut files: Vec<(String, String)> = vec![("classes.py".into(), classes)];
    files.push(("m0.py".into(), "def f(): pass\n".into()));
    for i in 1..500 {
        files.push((format!("m{i}.py"), format!("from m{} import f\nf()\n", i - 1)));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (n.as_str(), t.as_bytes())).collect();
    let scratch = Scratch::with(&files);
    let run = scratch.run(&["analyze", "repo", "--format", "json-lines"]);
    run.expect_no_panic().expect_code(0);
    assert!(
        run.records_of("edge")
            .iter()
            .any(|e| e["caller"] == "m499" && e["callee"] == "m0.f")
    );
    scratch.survives_everything();
}
