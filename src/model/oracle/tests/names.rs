use super::*;
use Verdict::{Confirmed, Refuted, Unknown};

/// A package with a class, its subclass, a re-export and a variable.
fn package() -> Repository {
    let mut r = Repository::default();
    r.package("pkg");
    let module = r.module("pkg.mod");
    r.class("pkg.mod.Base", &[]);
    r.function("pkg.mod.Base.run", "(self)");
    r.class("pkg.mod.Child", &["pkg.mod.Base"]);
    r.function("pkg.mod.f", "()");
    r.function("pkg.mod.f.inner", "()");
    r.attribute(module, "LIMIT", None, Some("3"));
    let oracle = r.oracle();
    oracle.exports.insert("pkg.f".into(), Some("pkg.mod.f".into()));
    oracle.exports.insert("pkg.json".into(), None);
    r
}

#[track_caller]
fn check_reference(oracle: &Oracle, from: &str, name: &str, expected: Verdict) {
    let from = oracle.find(from).unwrap();
    check_present(oracle, from, Subject::Reference(name.into()), expected);
}

#[test]
fn references_are_found_from_their_scope_outwards() {
    let oracle = package().build();
    for name in [
        "pkg.mod.Base.run",
        "~pkg.mod.Base",
        "Base.run()",
        "run",
        "self.run",
        "Child.run",
        "f",
        "LIMIT",
        "pkg.f",
        "pkg.json",
        "pkg.f.inner",
        "f.<locals>.inner",
    ] {
        check_reference(&oracle, "pkg.mod.Child", name, Confirmed);
    }
}

#[test]
fn references_are_broken_only_where_their_owner_is_known() {
    let oracle = package().build();
    for name in ["pkg.mod.g", "pkg.mod.Base.stop", "pkg.gone", "pkg.gone.f"] {
        check_reference(&oracle, "pkg.mod", name, Refuted);
    }
    for name in [
        "g",
        "json.dumps",
        "Base.stop",
        "pkg.json.dumps",
        "pkg.mod.LIMIT.real",
        "pkg.tests.helpers",
        "pkg.mod.f.attribute",
        "pkg.mod.Base.__doc__",
        "pkg..mod",
        "pkg.toml",
        "",
    ] {
        check_reference(&oracle, "pkg.mod", name, Unknown);
    }
}

#[test]
fn modules_that_were_not_analysed_are_not_missing() {
    let mut r = package();
    let f = ComponentIndex(5);
    r.calls_outside(f, "pkg._speedups.Encoder.encode");
    let mut oracle = r.build();
    oracle.files[0].analyzed = true;
    for name in ["pkg._speedups", "pkg._speedups.Encoder"] {
        check_reference(&oracle, "pkg.mod", name, Unknown);
    }
    check_reference(&oracle, "pkg.mod", "pkg._other", Refuted);
}

#[test]
fn open_modules_and_classes_lack_nothing() {
    let mut r = package();
    r.facts(ComponentIndex(1)).attributes_open = true;
    r.facts(ComponentIndex(2)).ancestors_complete = false;
    let oracle = r.build();
    for name in ["pkg.mod.g", "pkg.mod.Base.stop", "pkg.mod.Child.stop"] {
        check_reference(&oracle, "pkg", name, Unknown);
    }
}

#[test]
fn edges_with_names_that_do_not_exist_are_refuted_with_that_reason() {
    let oracle = package().build();
    for (caller, callee, expected) in [
        ("pkg.mod.f", "pkg.mod.g", Refuted),
        ("pkg.mod.g", "pkg.mod.f", Refuted),
        ("pkg.mod.f", "pkg.mod.f.none", Refuted),
        ("pkg.mod.f", "other.g", Unknown),
        ("other.g", "pkg.mod.f", Unknown),
        ("pkg.mod.f", "pkg.json.loads", Unknown),
    ] {
        let answer = oracle.verify_edge(caller, callee);
        assert_eq!(answer.verdict, expected, "{caller} -> {callee}: {}", answer.reason);
    }
    assert_eq!(
        oracle.verify_edge("pkg.mod.f", "pkg.mod.g").reason,
        "`pkg.mod` has no `g`"
    );
}

#[test]
fn re_exports_and_inherited_names_lead_to_the_definition() {
    let mut r = package();
    r.calls(ComponentIndex(5), ComponentIndex(3));
    let oracle = r.build();
    assert_eq!(oracle.verify_edge("pkg.f", "pkg.mod.Child.run").verdict, Confirmed);
}

#[test]
fn attributes_are_own_inherited_or_missing() {
    let mut r = package();
    let base = ComponentIndex(2);
    let child = ComponentIndex(4);
    r.attribute(base, "size", Some("int"), Some("0"));
    r.attribute(child, "extra", None, None).inferred = Some("str".into());
    let oracle = r.build();
    let attribute = |name: &str| Subject::Attribute(name.into());
    let kind = |name: &str| Subject::AttributeType(name.into());
    check_present(&oracle, child, attribute("size"), Confirmed);
    check_present(&oracle, child, attribute("run"), Confirmed);
    check_present(&oracle, child, attribute("gone"), Refuted);
    // A subclass sets it.
    check_present(&oracle, base, attribute("extra"), Unknown);
    check_text(&oracle, child, kind("size"), "integer", Confirmed);
    let answer = check_text(&oracle, child, kind("size"), "str", Refuted);
    assert_eq!(answer.truth, Some(Value::text("int")));
    check_text(&oracle, child, kind("extra"), "int", Refuted);
    check_text(&oracle, child, kind("extra"), "array-like", Unknown);
}

#[test]
fn attributes_of_open_classes_are_never_refuted() {
    let mut r = package();
    let base = ComponentIndex(2);
    r.facts(base).attributes_open = true;
    let oracle = r.build();
    let gone = Subject::Attribute("gone".into());
    check_present(&oracle, base, gone.clone(), Unknown);
    check_present(&oracle, ComponentIndex(4), gone, Unknown);
}

#[test]
fn members_are_defined_directly_in_their_owner() {
    let oracle = package().build();
    let module = ComponentIndex(1);
    let member = |name: &str| Subject::Member(name.into());
    check_present(&oracle, module, member("pkg.mod.Base"), Confirmed);
    check_present(&oracle, module, member("f"), Confirmed);
    check_present(&oracle, module, member("pkg.mod.Gone"), Refuted);
    check_present(&oracle, module, member("pkg.mod.Base.gone"), Refuted);
    check_present(&oracle, module, member("pkg.mod.Base.run"), Unknown);
    check_present(&oracle, ComponentIndex(4), member("run"), Unknown);
}
