use super::*;
use crate::model::component::ParameterKind;
use crate::model::oracle::FactKind;
use Verdict::{Confirmed, Refuted, Unknown};

/// A module with one function.
fn function(signature: &str) -> (Repository, ComponentIndex) {
    let mut r = Repository::default();
    r.module("m");
    let f = r.function("m.f", signature);
    (r, f)
}

fn parameter(name: &str) -> Subject {
    Subject::Parameter(name.into())
}

#[track_caller]
fn check_parameter(signature: &str, name: &str, expected: Verdict) {
    let (r, f) = function(signature);
    check_present(&r.build(), f, parameter(name), expected);
}

#[track_caller]
fn check_type(signature: &str, claimed: &str, expected: Verdict) {
    let (r, f) = function(signature);
    check_text(&r.build(), f, Subject::ParameterType("x".into()), claimed, expected);
}

#[track_caller]
fn check_default(signature: &str, claimed: &str, expected: Verdict) -> Answer {
    let (r, f) = function(signature);
    check_text(&r.build(), f, Subject::ParameterDefault("x".into()), claimed, expected)
}

#[test]
fn parameters_are_those_of_the_signature() {
    check_parameter("(x, y)", "x", Confirmed);
    check_parameter("(x, y)", "z", Refuted);
    check_parameter("(*names, **options)", "*names", Confirmed);
    check_parameter("(*names, **options)", "\\*\\*options", Confirmed);
    check_parameter("()", "x", Refuted);
}

#[test]
fn keywords_and_generic_stars_may_take_any_name() {
    check_parameter("(x, **kwargs)", "z", Unknown);
    check_parameter("(*args)", "z", Unknown);
    check_parameter("(*xi)", "x1", Unknown);
    check_parameter("(*arrays)", "array", Unknown);
    check_parameter("(*arrays)", "timeout", Refuted);
}

#[test]
fn unknown_decorators_may_add_parameters_but_known_ones_do_not() {
    for (decorator, expected) in [
        ("functools.lru_cache(maxsize=None)", Refuted),
        ("staticmethod", Refuted),
        ("app.route('/')", Unknown),
        ("inject", Unknown),
    ] {
        let (mut r, f) = function("(x)");
        r.decorate(f, decorator);
        let oracle = r.build();
        check_present(&oracle, f, parameter("z"), expected);
        check_present(&oracle, f, parameter("x"), Confirmed);
    }
}

#[test]
fn the_repositorys_own_wrapping_decorators_keep_parameters() {
    let mut r = Repository::default();
    r.module("m");
    r.function("m.logged", "(function)");
    let wrapper = r.function("m.logged.wrapper", "(*args, **kwargs)");
    r.decorate(wrapper, "functools.wraps(function)");
    let f = r.function("m.f", "(x)");
    r.decorate(f, "logged");
    check_present(&r.build(), f, parameter("z"), Refuted);
}

#[test]
fn kinds_are_those_of_the_signature() {
    let (r, f) = function("(a, /, b, *, c)");
    let oracle = r.build();
    let ask = |name: &str, kind, expected| {
        let subject = Subject::ParameterKind(name.into());
        check(&oracle, f, subject, Value::Kind(kind), expected)
    };
    ask("a", ParameterKind::PositionalOnly, Confirmed);
    ask("b", ParameterKind::PositionalOrKeyword, Confirmed);
    let answer = ask("c", ParameterKind::PositionalOrKeyword, Refuted);
    assert_eq!(answer.truth, Some(Value::Kind(ParameterKind::KeywordOnly)));
}

#[test]
fn types_are_held_against_annotations() {
    check_type("(x: int)", "int", Confirmed);
    check_type("(x: int)", "str", Refuted);
    check_type("(x: Optional[str])", "str or None", Confirmed);
    check_type("(x: str = None)", "str or None", Confirmed);
    check_type("(x: str = None)", "str", Confirmed);
    check_type("(x: str | None)", "str", Unknown);
    check_type("(x: Foo)", "str", Unknown);
    check_type("(*x: int)", "tuple", Unknown);
    check_type("(x)", "str", Unknown);
}

#[test]
fn literal_defaults_exclude_types_only_where_nothing_else_is_possible() {
    check_type("(x=1)", "str", Refuted);
    check_type("(x=1)", "int", Unknown);
    check_type("(x=1)", "float", Unknown);
    check_type("(x=1)", "bool", Unknown);
    check_type("(x=1)", "int or None", Unknown);
    check_type("(x=None)", "str", Unknown);
    check_type("(x='auto')", "int", Unknown);
    check_type("(x=())", "list", Unknown);
    check_type("(x=False)", "str", Unknown);
    check_type("(x=DEFAULT)", "str", Unknown);
}

#[test]
fn types_know_the_repositorys_classes() {
    let mut r = Repository::default();
    r.module("m");
    r.class("m.A", &[]);
    r.class("m.B", &["m.A"]);
    r.class("m.C", &[]);
    r.class("m.E", &["Enum"]);
    let f = r.function("m.f", "(a: A, b: B, e: E)");
    let oracle = r.build();
    let ask = |name: &str, claimed, expected| {
        check_text(&oracle, f, Subject::ParameterType(name.into()), claimed, expected);
    };
    ask("a", "m.A", Confirmed);
    ask("a", "B", Unknown);
    ask("b", "A", Unknown);
    ask("a", "C", Refuted);
    ask("a", "str", Refuted);
    ask("a", "callable", Unknown);
    ask("e", "str", Unknown);
    ask("a", "Elsewhere", Unknown);
}

#[test]
fn a_repositorys_class_hides_the_librarys() {
    let mut r = Repository::default();
    r.module("m");
    r.class("m.List", &[]);
    let f = r.function("m.f", "(x: List)");
    let oracle = r.build();
    let subject = || Subject::ParameterType("x".into());
    check_text(&oracle, f, subject(), "List", Confirmed);
    check_text(&oracle, f, subject(), "list", Refuted);
}

#[test]
fn defaults_are_compared_as_values() {
    check_default("(x=0.001)", "1e-3", Confirmed);
    let answer = check_default("(x=3)", "4", Refuted);
    assert_eq!(answer.truth, Some(Value::text("3")));
    check_default("(x=None)", "10", Unknown);
    check_default("(x=_unset)", "10", Unknown);
    check_default("(x)", "10", Refuted);
    check_default("(*x)", "()", Unknown);
    check_default("(**kw)", "1", Unknown);
}

#[test]
fn a_module_constant_confirms_its_value_as_default() {
    let (mut r, f) = function("(x=LIMIT)");
    r.attribute(ComponentIndex(0), "LIMIT", None, Some("30"));
    let oracle = r.build();
    let subject = || Subject::ParameterDefault("x".into());
    check_text(&oracle, f, subject(), "30", Confirmed);
    check_text(&oracle, f, subject(), "LIMIT", Confirmed);
    check_text(&oracle, f, subject(), "31", Unknown);
}

#[test]
fn order_is_that_of_the_signature() {
    let (r, f) = function("(a, b, *, c)");
    let oracle = r.build();
    let ask = |names: &[&str], expected| {
        let names = Value::Names(names.iter().map(|&n| n.into()).collect());
        check(&oracle, f, Subject::ParameterOrder, names, expected)
    };
    ask(&["a", "b", "c"], Confirmed);
    ask(&["a", "c"], Confirmed);
    ask(&["a", "z", "c"], Unknown);
    let answer = ask(&["b", "a"], Refuted);
    assert_eq!(answer.truth.unwrap().to_string(), "a, b, c");
}

#[test]
fn class_parameters_are_those_of_its_constructor() {
    let mut r = Repository::default();
    r.module("m");
    let base = r.class("m.Base", &[]);
    r.function("m.Base.__init__", "(self, size: int = 3)");
    let child = r.class("m.Child", &["m.Base"]);
    let open = r.class("m.Open", &["m.Base", "External"]);
    r.facts(open).ancestors_complete = false;
    let bare = r.class("m.Bare", &[]);
    let error = r.class("m.Error", &["Exception"]);
    let oracle = r.build();
    for class in [base, child] {
        check_present(&oracle, class, parameter("size"), Confirmed);
        check_present(&oracle, class, parameter("gone"), Refuted);
        check_text(&oracle, class, Subject::ParameterDefault("size".into()), "4", Refuted);
    }
    check_present(&oracle, open, parameter("gone"), Unknown);
    check_present(&oracle, bare, parameter("gone"), Refuted);
    check_present(&oracle, error, parameter("message"), Unknown);
}

#[test]
fn a_records_fields_are_its_parameters() {
    let mut r = Repository::default();
    r.module("m");
    let base = r.class("m.Base", &[]);
    r.of(base).traits.is_record = true;
    r.decorate(base, "dataclass(frozen=True)");
    r.attribute(base, "id", Some("int"), None);
    let record = r.class("m.Record", &["m.Base"]);
    r.of(record).traits.is_record = true;
    r.decorate(record, "dataclass");
    r.attribute(record, "name", Some("str"), Some("'x'"));
    r.attribute(record, "registry", Some("ClassVar[dict]"), None);
    let oracle = r.build();
    check_present(&oracle, record, parameter("id"), Confirmed);
    check_present(&oracle, record, parameter("name"), Confirmed);
    check_present(&oracle, record, parameter("registry"), Refuted);
    check_present(&oracle, record, parameter("gone"), Refuted);
    let default = |name: &str| Subject::ParameterDefault(name.into());
    check_text(&oracle, record, default("name"), "'y'", Refuted);
    check_text(&oracle, record, default("id"), "0", Unknown);
}

#[test]
fn new_and_init_are_asked_together() {
    let mut r = Repository::default();
    r.module("m");
    let class = r.class("m.C", &[]);
    r.function("m.C.__new__", "(cls, *args, **kwargs)");
    r.function("m.C.__init__", "(self, x)");
    let oracle = r.build();
    check_present(&oracle, class, parameter("x"), Confirmed);
    check_present(&oracle, class, parameter("gone"), Refuted);
}

#[test]
fn modules_and_properties_with_setters_keep_their_parameters_open() {
    let mut r = Repository::default();
    let module = r.module("m");
    r.class("m.C", &[]);
    let plain = r.property("m.C.plain", "(self)");
    let size = r.property("m.C.size", "(self)");
    r.property("m.C.size#setter", "(self, value)");
    let oracle = r.build();
    check_present(&oracle, module, parameter("x"), Unknown);
    check_present(&oracle, plain, parameter("x"), Refuted);
    check_present(&oracle, size, parameter("value"), Unknown);
}

#[test]
fn return_is_shown_by_the_body() {
    let (mut r, f) = function("()");
    r.returns(f, Some("int"));
    let oracle = r.build();
    check_present(&oracle, f, Subject::Return, Confirmed);
    check_text(&oracle, f, Subject::ReturnType, "int", Confirmed);
    let answer = check_text(&oracle, f, Subject::ReturnType, "str", Refuted);
    assert_eq!(answer.truth, Some(Value::text("int")));
    check_text(&oracle, f, Subject::ReturnType, "Foo", Unknown);
}

#[test]
fn nothing_returned_is_refuted_but_for_interfaces_and_generators() {
    let claim = |change: fn(&mut Repository, ComponentIndex), expected| {
        let (mut r, f) = function("()");
        r.falls_off(f);
        change(&mut r, f);
        check_present(&r.build(), f, Subject::Return, expected);
    };
    claim(|_, _| {}, Refuted);
    claim(|r, f| r.of(f).traits.is_stub = true, Unknown);
    claim(|r, f| r.of(f).traits.is_abstract = true, Unknown);
    claim(|r, f| r.of(f).traits.is_protocol = true, Unknown);
    claim(|r, f| r.yields(f), Unknown);
    claim(|r, f| r.decorate(f, "fixture"), Unknown);
    claim(|r, f| r.of(f).traits.in_damaged_file = true, Unknown);
}

#[test]
fn an_override_that_returns_keeps_its_base_open() {
    let mut r = Repository::default();
    r.module("m");
    r.class("m.A", &[]);
    let base = r.function("m.A.run", "(self)");
    r.falls_off(base);
    r.class("m.B", &["m.A"]);
    let child = r.function("m.B.run", "(self)");
    r.returns(child, None);
    r.facts(child).overrides.push(base);
    check_present(&r.build(), base, Subject::Return, Unknown);
}

#[test]
fn declared_interfaces_return_what_they_declare() {
    let (mut r, f) = function("() -> int");
    r.of(f).traits.is_abstract = true;
    let oracle = r.build();
    check_present(&oracle, f, Subject::Return, Confirmed);
    check_text(&oracle, f, Subject::ReturnType, "int", Confirmed);
}

#[test]
fn returning_nothing_is_a_type_too() {
    let (mut r, f) = function("()");
    r.falls_off(f);
    let oracle = r.build();
    check_text(&oracle, f, Subject::ReturnType, "None", Confirmed);
    check_text(&oracle, f, Subject::ReturnType, "int", Refuted);
}

#[test]
fn method_that_returns_nothing_may_be_overridden_by_one_that_does() {
    let mut r = Repository::default();
    r.module("m");
    r.class("m.A", &[]);
    let base = r.function("m.A.parent", "(self)");
    r.falls_off(base);
    r.class("m.B", &["m.A"]);
    let child = r.function("m.B.parent", "(self)");
    r.returns(child, None);
    r.facts(child).overrides.push(base);
    check_text(&r.build(), base, Subject::ReturnType, "A", Unknown);
}

#[test]
fn parts_of_a_tuple_may_be_listed() {
    let (mut r, f) = function("()");
    r.returns(f, Some("tuple"));
    let oracle = r.build();
    check_text(&oracle, f, Subject::ReturnType, "int, bool", Unknown);
    check_text(&oracle, f, Subject::ReturnType, "int", Refuted);
    check_text(&oracle, f, Subject::ReturnType, "int or bool", Refuted);
}

#[test]
fn yields_are_shown_by_the_body() {
    let (mut r, f) = function("() -> Iterator[int]");
    r.yields(f);
    let oracle = r.build();
    check_present(&oracle, f, Subject::Yield, Confirmed);
    check_text(&oracle, f, Subject::YieldType, "int", Confirmed);
    check_text(&oracle, f, Subject::YieldType, "Iterator[int]", Confirmed);
    let answer = check_text(&oracle, f, Subject::YieldType, "str", Refuted);
    assert_eq!(answer.truth, Some(Value::text("int")));
    check_text(&oracle, f, Subject::YieldType, "generator", Unknown);
}

#[test]
fn what_returns_an_iterator_may_be_said_to_yield() {
    let claim = |signature: &str, inferred: Option<&str>, expected| {
        let (mut r, f) = function(signature);
        r.returns(f, inferred);
        check_present(&r.build(), f, Subject::Yield, expected);
    };
    claim("()", None, Refuted);
    claim("() -> int", None, Refuted);
    claim("() -> Iterator[int]", None, Unknown);
    claim("()", Some("Generator"), Unknown);
    claim("()", Some("list[int]"), Refuted);
}

#[test]
fn raises_are_direct_or_escaping_and_bases_count() {
    let mut r = Repository::default();
    r.module("m");
    r.class("m.Error", &["ValueError"]);
    r.class("m.Worse", &["m.Error"]);
    let g = r.function("m.g", "()");
    let f = r.function("m.f", "()");
    r.raises(f, "m.Error", None, Some(g));
    r.raises(f, "KeyError", Some("not x"), None);
    let oracle = r.build();
    let raise = |name: &str, expected| {
        check_present(&oracle, f, Subject::Raise(name.into()), expected);
    };
    raise("Error", Confirmed);
    raise("m.Error", Confirmed);
    raise("ValueError", Confirmed);
    raise("Exception", Confirmed);
    raise("LookupError", Confirmed);
    raise("Worse", Unknown);
    raise("TypeError", Unknown);
    raise("m.Gone", Refuted);
    raise("NotImplementedError", Refuted);
    raise("DeprecationWarning", Unknown);
}

#[test]
fn own_exceptions_are_refuted_only_where_all_raises_are_known() {
    let mut r = Repository::default();
    r.module("m");
    r.class("m.Error", &["Exception"]);
    let f = r.function("m.f", "()");
    let g = r.function("m.g", "()");
    r.facts(g).raises_complete = false;
    let stub = r.function("m.stub", "()");
    r.of(stub).traits.is_stub = true;
    let oracle = r.build();
    let raise = Subject::Raise("Error".into());
    check_present(&oracle, f, raise.clone(), Refuted);
    check_present(&oracle, g, raise.clone(), Unknown);
    check_present(&oracle, stub, raise, Unknown);
}

#[test]
fn foreign_exceptions_are_refuted_only_where_nothing_foreign_runs() {
    let mut r = Repository::default();
    r.module("m");
    let f = r.function("m.f", "()");
    let g = r.function("m.g", "()");
    let h = r.function("m.h", "()");
    r.calls(h, g);
    r.calls_outside(g, "requests.get");
    r.calls_outside(f, "builtins.len");
    let oracle = r.build();
    let raise = Subject::Raise("HTTPError".into());
    check_present(&oracle, f, raise.clone(), Refuted);
    check_present(&oracle, g, raise.clone(), Unknown);
    check_present(&oracle, h, raise, Unknown);
}

#[test]
fn a_class_raises_what_its_constructor_raises() {
    let mut r = Repository::default();
    r.module("m");
    let class = r.class("m.C", &[]);
    let init = r.function("m.C.__init__", "(self)");
    r.raises(init, "ValueError", None, None);
    let oracle = r.build();
    check_present(&oracle, class, Subject::Raise("ValueError".into()), Confirmed);
    check_present(&oracle, class, Subject::Raise("KeyError".into()), Unknown);
}

#[test]
fn facts_are_verified_by_name() {
    let mut r = Repository::default();
    r.module("m");
    let f = r.function("m.f", "(x: int = 3)");
    r.returns(f, None);
    let second = r.function("m.f#2", "(y)");
    r.falls_off(second);
    let oracle = r.build();
    let ask = |fact, name, value, expected| {
        let answer = oracle.verify_fact("m.f", fact, name, value);
        assert_eq!(answer.verdict, expected, "{fact} {name:?} {value:?}: {}", answer.reason);
    };
    ask(FactKind::Param, Some("x"), None, Confirmed);
    ask(FactKind::Param, Some("y"), None, Confirmed);
    ask(FactKind::Param, Some("z"), None, Refuted);
    ask(FactKind::Param, Some("x"), Some("int"), Confirmed);
    ask(FactKind::Param, Some("x"), Some("keyword_only"), Refuted);
    ask(FactKind::Default, Some("x"), Some("3"), Confirmed);
    ask(FactKind::Default, Some("x"), None, Confirmed);
    ask(FactKind::Default, Some("y"), None, Refuted);
    ask(FactKind::Return, None, None, Confirmed);
    ask(FactKind::Return, None, Some("false"), Confirmed);
    ask(FactKind::Yield, None, Some("true"), Refuted);
    ask(FactKind::Raise, Some("ValueError"), None, Unknown);
    ask(FactKind::Param, None, None, Unknown);
    let gone = oracle.verify_fact("m.gone", FactKind::Return, None, None);
    assert_eq!(gone.verdict, Refuted);
    let error = "params".parse::<FactKind>().unwrap_err().to_string();
    assert!(error.contains("`params`"), "{error}");
}
