use std::sync::Arc;

use super::*;
use crate::model::call_graph::EdgeKind;
use crate::model::facts::EffectKind;
use crate::model::oracle::testing::Repository;
use crate::streams::validator::judge;

/// Runs the documenter on one component.
fn draft(oracle: Oracle, component: ComponentIndex, corrections: Vec<Correction>) -> Draft {
    let request = Request {
        oracle: Arc::new(oracle),
        component,
        iteration: 1,
        corrections,
        previous: None,
        dependencies: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let draft = runtime.block_on(Code.document(&request)).unwrap().draft;
    let judged = judge(&request.oracle, component, draft).unwrap();
    assert_eq!(judged.refuted().count(), 0);
    judged.draft
}

/// Summary and description of one component.
fn prose(draft: &Draft) -> String {
    let text = |subject| draft.get(&subject).and_then(|c| c.value.as_text().map(str::to_owned));
    [text(Subject::Summary), text(Subject::Description)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
}

#[track_caller]
fn check(build: impl FnOnce(&mut Repository) -> ComponentIndex, expected: &str) {
    let mut repository = Repository::default();
    repository.module("m");
    let component = build(&mut repository);
    let draft = draft(repository.build(), component, Vec::new());
    assert_eq!(prose(&draft), expected);
    assert!(draft.repeated.is_empty(), "{:?}", draft.repeated);
}

#[test]
fn functions_say_what_comes_out_of_them() {
    check(
        |r| {
            let g = r.function("m.g", "()");
            let f = r.function("m.f", "(x, y=1) -> str");
            r.returns(f, None);
            r.raises(f, "ValueError", Some("x < 0"), None);
            r.raises(f, "KeyError", None, Some(g));
            r.effect(f, EffectKind::Process, "subprocess.run");
            r.calls(f, g);
            f
        },
        "Returns `str`.\nRaises `ValueError` if `x < 0`. `KeyError` may escape from `g`. \
         Starts processes (`subprocess.run`). Calls `g`.",
    );
    check(
        |r| {
            let f = r.function("m.f", "(a, b)");
            r.returns(f, None);
            r.falls_off(f);
            f
        },
        "Takes `a` and `b` and returns a value or `None`.",
    );
    check(|r| r.function("m.f", "(a)"), "Takes `a` and returns nothing.");
    check(
        |r| {
            let f = r.function("m.f", "() -> Iterator[int]");
            r.yields(f);
            f
        },
        "Yields `int`.",
    );
}

#[test]
fn exceptions_that_come_the_same_way_are_told_together() {
    check(
        |r| {
            let g = r.function("m.g", "()");
            let f = r.function("m.f", "(*names, **options)");
            r.raises(f, "KeyError", None, Some(g));
            r.raises(f, "ValueError", None, Some(g));
            r.returns(f, None);
            f
        },
        "Takes `*names` and `**options` and returns a value.\n`KeyError` and `ValueError` may escape from `g`.",
    );
}

#[test]
fn calls_name_what_is_called_and_created() {
    check(
        |r| {
            let class = r.class("m.C", &[]);
            let g = r.function("m.g", "()");
            let f = r.function("m.f", "()");
            r.calls(f, class).kind = EdgeKind::Constructor;
            r.calls(f, g);
            r.calls(f, f);
            f
        },
        "Calls itself and `g` and creates `C`.",
    );
}

#[test]
fn methods_say_what_they_set_and_override() {
    check(
        |r| {
            let class = r.class("m.C", &[]);
            let init = r.function("m.C.__init__", "(self, name)");
            let line = r.of(init).first_line;
            for name in ["name", "_size"] {
                let attribute = r.attribute(class, name, None, None);
                attribute.line = line;
                attribute.on_instance = true;
            }
            init
        },
        "Sets `self._size` and `self.name`.",
    );
    check(
        |r| {
            r.class("m.A", &[]);
            let base = r.function("m.A.run", "(self)");
            r.class("m.B", &["m.A"]);
            let run = r.function("m.B.run", "(self) -> int");
            r.of(run).traits.is_abstract = true;
            r.facts(run).overrides.push(base);
            run
        },
        "Left to subclasses to implement. It is declared to return `int`.\nOverrides `A.run`.",
    );
}

#[test]
fn classes_and_modules_list_what_they_have() {
    check(
        |r| {
            let class = r.class("m.C", &["Base"]);
            r.attribute(class, "size", None, Some("3"));
            r.function("m.C.__init__", "(self, x, **options)");
            r.function("m.C.run", "(self)");
            r.function("m.C._hidden", "(self)");
            class
        },
        "Extends `Base`.\nHas the attribute `size` and the method `run`. Made from `x` and `**options`.",
    );
    check(
        |r| {
            r.class("m.C", &[]);
            r.function("m.f", "()");
            ComponentIndex(0)
        },
        "Defines the class `C` and the function `f`.",
    );
    check(|_| ComponentIndex(0), "Defines no classes, functions or variables.");
    check(|r| r.class("m.Empty", &[]), "An empty class.");
    check(
        |r| r.class("m.E", &["ValueError"]),
        "An exception derived from `ValueError`.",
    );
}

#[test]
fn texts_are_derived_where_something_is_known() {
    let mut r = Repository::default();
    r.module("m");
    let f = r.function("m.f", "(items, name, *rest)");
    r.effect(f, EffectKind::ArgumentMutation, "items");
    r.raises(f, "ValueError", Some("not name"), None);
    let draft = draft(r.build(), f, Vec::new());
    let text = |subject| draft.get(&subject).map(|c| c.value.to_string());
    let parameter = |name: &str| text(Subject::ParameterText(name.into()));
    assert_eq!(parameter("items").as_deref(), Some("Changed in place."));
    assert_eq!(
        parameter("name").as_deref(),
        Some("`ValueError` is raised if `not name`.")
    );
    assert_eq!(parameter("rest").as_deref(), Some("Further positional arguments."));
    assert_eq!(
        text(Subject::RaiseText("ValueError".into())).as_deref(),
        Some("if `not name`")
    );
    assert!(draft.claims.iter().all(|c| c.derived));
}

#[test]
fn corrections_are_applied() {
    let mut r = Repository::default();
    r.module("m");
    let f = r.function("m.f", "(x: int)");
    let correction = |subject, truth| Correction {
        subject,
        said: None,
        truth,
        reason: String::new(),
    };
    let draft = draft(
        r.build(),
        f,
        vec![
            correction(Subject::Parameter("x".into()), None),
            correction(Subject::Summary, Some(Value::text("Better."))),
            correction(Subject::Effect(EffectKind::Output), Some(Value::text("print"))),
        ],
    );
    assert!(draft.get(&Subject::Parameter("x".into())).is_none());
    assert!(draft.get(&Subject::ParameterType("x".into())).is_none());
    assert_eq!(draft.get(&Subject::Summary).unwrap().value, Value::text("Better."));
    assert!(draft.get(&Subject::Effect(EffectKind::Output)).is_some());
}
