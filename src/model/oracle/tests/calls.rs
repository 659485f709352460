use super::*;
use crate::model::call_graph::{CallType, EdgeKind, OpenReason, Reach, Site};
use Verdict::{Confirmed, Refuted, Unknown};

/// Two classes and three functions; `caller` is `m.caller`.
struct Scene {
    repository: Repository,
    caller: ComponentIndex,
    helper: ComponentIndex,
    class: ComponentIndex,
    init: ComponentIndex,
    method: ComponentIndex,
}

fn scene() -> Scene {
    let mut r = Repository::default();
    r.module("m");
    let caller = r.function("m.caller", "()");
    let helper = r.function("m.helper", "(a, b=1)");
    let class = r.class("m.C", &[]);
    let init = r.function("m.C.__init__", "(self, x)");
    let method = r.function("m.C.run", "(self, x)");
    Scene {
        repository: r,
        caller,
        helper,
        class,
        init,
        method,
    }
}

#[track_caller]
fn check_edge(oracle: &Oracle, caller: &str, callee: &str, expected: Verdict) -> Answer {
    let answer = oracle.verify_edge(caller, callee);
    assert_eq!(answer.verdict, expected, "{caller} -> {callee}: {}", answer.reason);
    answer
}

#[test]
fn an_edge_confirms_and_its_absence_refutes() {
    let mut s = scene();
    s.repository.calls(s.caller, s.helper);
    let oracle = s.repository.build();
    let answer = check_edge(&oracle, "m.caller", "m.helper", Confirmed);
    assert_eq!(answer.line, Some(15));
    check_edge(&oracle, "m.helper", "m.caller", Refuted);
    check_edge(&oracle, "m.caller", "m.C.run", Refuted);
    check_edge(&oracle, "m.caller", "m", Refuted);
}

#[test]
fn one_of_several_possible_callees_is_confirmed() {
    let mut s = scene();
    s.repository.calls(s.caller, s.method).certain = false;
    let oracle = s.repository.build();
    let answer = check_edge(&oracle, "m.caller", "m.C.run", Confirmed);
    assert!(answer.reason.contains("several"), "{}", answer.reason);
}

#[test]
fn open_attribute_reaches_only_its_name() {
    let mut s = scene();
    s.repository.open(s.caller, Reach::Attribute("run".into()));
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.C.run", Unknown);
    check_edge(&oracle, "m.caller", "m.helper", Refuted);
    check_edge(&oracle, "m.caller", "m.C.__init__", Refuted);
}

#[test]
fn number_of_arguments_excludes() {
    for (arguments, expected) in [
        (None, Unknown),
        (Some(0), Refuted),
        (Some(1), Unknown),
        // The instance may be passed by hand.
        (Some(2), Unknown),
        (Some(3), Refuted),
    ] {
        let mut s = scene();
        s.repository.open(s.caller, Reach::Attribute("run".into())).arguments = arguments;
        let oracle = s.repository.build();
        check_edge(&oracle, "m.caller", "m.C.run", expected);
    }
}

#[test]
fn number_of_arguments_says_nothing_behind_a_decorator() {
    let mut s = scene();
    s.repository.open(s.caller, Reach::Attribute("run".into())).arguments = Some(7);
    s.repository.decorate(s.method, "inject");
    check_edge(&s.repository.build(), "m.caller", "m.C.run", Unknown);
}

#[test]
fn any_value_reaches_what_escapes() {
    let mut s = scene();
    s.repository.open(s.caller, Reach::AnyValue).reason = OpenReason::Parameter;
    s.repository.escapes(s.helper);
    s.repository.escapes(s.class);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.helper", Unknown);
    check_edge(&oracle, "m.caller", "m.C", Unknown);
    check_edge(&oracle, "m.caller", "m.C.__init__", Unknown);
    check_edge(&oracle, "m.caller", "m.C.run", Refuted);
}

#[test]
fn partial_application_is_allowed_for() {
    // `partial(helper, 1)` is called without arguments and calls `helper`; with three it could not be.
    for (arguments, expected) in [(0, Unknown), (2, Unknown), (3, Refuted)] {
        let mut s = scene();
        s.repository.open(s.caller, Reach::AnyValue).arguments = Some(arguments);
        s.repository.escapes(s.helper);
        check_edge(&s.repository.build(), "m.caller", "m.helper", expected);
    }
}

#[test]
fn dynamic_code_may_call_anything() {
    let mut s = scene();
    s.repository.open(s.caller, Reach::AnyValue).reason = OpenReason::Dynamic;
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.helper", Unknown);
    check_edge(&oracle, "m.caller", "m.C.run", Unknown);
}

#[test]
fn values_stored_under_a_name_are_reached_by_it() {
    let mut s = scene();
    s.repository.open(s.caller, Reach::Attribute("handler".into()));
    s.repository.open(s.caller, Reach::Attribute("factory".into()));
    let stored = &mut s.repository.oracle().reachable.stored;
    stored.insert("handler".into(), Some(vec![s.helper]));
    stored.insert("factory".into(), Some(vec![s.class]));
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.helper", Unknown);
    check_edge(&oracle, "m.caller", "m.C", Unknown);
    check_edge(&oracle, "m.caller", "m.C.__init__", Unknown);
    check_edge(&oracle, "m.caller", "m.C.run", Refuted);
}

#[test]
fn an_attribute_that_holds_anything_reaches_what_escapes() {
    let mut s = scene();
    s.repository.open(s.caller, Reach::Attribute("callback".into()));
    s.repository.oracle().reachable.stored.insert("callback".into(), None);
    s.repository.escapes(s.helper);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.helper", Unknown);
    check_edge(&oracle, "m.caller", "m.C.run", Refuted);
}

#[test]
fn what_a_property_returns_may_be_called() {
    let mut s = scene();
    s.repository.property("m.C.callback", "(self)");
    s.repository.open(s.caller, Reach::Attribute("callback".into()));
    s.repository.escapes(s.helper);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.helper", Unknown);
    check_edge(&oracle, "m.caller", "m.C.callback", Unknown);
}

#[test]
fn special_methods_reach_those_that_stand_in_for_them() {
    let mut s = scene();
    let add = s.repository.function("m.C.__radd__", "(self, other)");
    let repr = s.repository.function("m.C.__repr__", "(self)");
    s.repository.open(s.caller, Reach::Special("__add__".into()));
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", &oracle.component(add).id, Unknown);
    check_edge(&oracle, "m.caller", &oracle.component(repr).id, Refuted);
}

#[test]
fn stepping_through_an_unknown_iterable_may_resume_generators() {
    let mut s = scene();
    s.repository.yields(s.helper);
    s.repository.open(s.caller, Reach::Special("__next__".into()));
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.helper", Unknown);
    check_edge(&oracle, "m.caller", "m.C.run", Refuted);
}

#[test]
fn callbacks_reach_methods_and_what_escapes() {
    let mut s = scene();
    let escaping = s.repository.function("m.escaping", "()");
    s.repository.escapes(escaping);
    s.repository.open(s.caller, Reach::Callback);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.C.run", Unknown);
    check_edge(&oracle, "m.caller", "m.escaping", Unknown);
    check_edge(&oracle, "m.caller", "m.helper", Refuted);
}

#[test]
fn the_standard_library_calls_back_only_by_names_that_it_knows() {
    let check = |target: &str, callee: &str, expected| {
        let mut s = scene();
        s.repository.function("m.C.turn", "(self)");
        s.repository.function("m.C.write", "(self, text)");
        s.repository.function("m.C.__repr__", "(self)");
        s.repository.class("m.Handler", &["logging.Handler"]);
        s.repository.function("m.Handler.turn", "(self)");
        s.repository.calls_outside(s.caller, target);
        let line = s.repository.of(s.caller).first_line + 5;
        s.repository.open(s.caller, Reach::Callback).line = line;
        check_edge(&s.repository.build(), "m.caller", callee, expected);
    };
    check("json.dumps", "m.C.turn", Refuted);
    check("json.dumps", "m.C.write", Unknown);
    check("json.dumps", "m.C.__repr__", Unknown);
    check("json.dumps", "m.Handler.turn", Unknown);
    check("operator.attrgetter", "m.C.turn", Unknown);
    check("jinja2.Template.render", "m.C.turn", Unknown);
}

#[test]
fn dynamic_attributes_and_calls_of_instances_answer_any_name() {
    let mut s = scene();
    s.repository.function("m.C.__getattr__", "(self, name)");
    s.repository.function("m.C.__call__", "(self)");
    s.repository.open(s.caller, Reach::Attribute("whatever".into()));
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.C.__getattr__", Unknown);
    check_edge(&oracle, "m.caller", "m.C.__call__", Unknown);
    check_edge(&oracle, "m.caller", "m.C.run", Refuted);
}

#[test]
fn finalizers_are_never_refuted() {
    let mut s = scene();
    s.repository.function("m.C.__del__", "(self)");
    check_edge(&s.repository.build(), "m.caller", "m.C.__del__", Unknown);
}

#[test]
fn an_edge_to_a_class_calls_the_constructor_it_inherits() {
    let mut s = scene();
    let child = s.repository.class("m.D", &["m.C"]);
    s.repository.calls(s.caller, child).kind = EdgeKind::Constructor;
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.D", Confirmed);
    check_edge(&oracle, "m.caller", "m.C.__init__", Confirmed);
    check_edge(&oracle, "m.caller", "m.D.__init__", Confirmed);
    check_edge(&oracle, "m.caller", "m.C", Refuted);
}

#[test]
fn a_metaclass_may_oversee_the_making_of_instances() {
    let mut s = scene();
    s.repository.class("m.Meta", &["type"]);
    s.repository.function("m.Meta.__call__", "(cls)");
    s.repository.calls(s.caller, s.class).kind = EdgeKind::Constructor;
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.Meta.__call__", Unknown);
    check_edge(&oracle, "m.helper", "m.Meta.__call__", Refuted);
}

#[test]
fn a_called_method_may_be_its_override_but_no_namesake() {
    let mut s = scene();
    s.repository.class("m.D", &["m.C"]);
    s.repository.function("m.D.run", "(self, x)");
    s.repository.class("m.Other", &[]);
    s.repository.function("m.Other.run", "(self, x)");
    s.repository.calls(s.caller, s.method);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.D.run", Unknown);
    check_edge(&oracle, "m.caller", "m.Other.run", Refuted);
}

#[test]
fn standard_streams_may_be_replaced() {
    let mut s = scene();
    s.repository.function("m.C.write", "(self, text)");
    s.repository.calls_outside(s.caller, "builtins.print");
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.C.write", Unknown);
    check_edge(&oracle, "m.helper", "m.C.write", Refuted);
}

#[test]
fn a_foreign_object_may_be_one_of_the_repositorys() {
    let mut s = scene();
    s.repository.calls_outside(s.caller, "typing.Mapping.run");
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.C.run", Unknown);
    check_edge(&oracle, "m.caller", "m.C.__init__", Refuted);
}

#[test]
fn where_no_value_was_followed_any_method_may_be_called() {
    let mut s = scene();
    s.repository.open(s.caller, Reach::AnyValue).reason = OpenReason::NoValue;
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.C.run", Unknown);
    check_edge(&oracle, "m.caller", "m.helper", Refuted);
}

#[test]
fn class_statements_run_hooks() {
    let mut s = scene();
    s.repository.class("m.Meta", &["type"]);
    s.repository.function("m.Meta.__new__", "(cls, name, bases, body)");
    let oracle = s.repository.build();
    check_edge(&oracle, "m", "m.Meta.__new__", Unknown);
    check_edge(&oracle, "m.caller", "m.Meta.__new__", Refuted);
}

#[test]
fn an_edge_to_a_constructor_makes_an_instance() {
    let mut s = scene();
    s.repository.class("m.D", &["m.C"]);
    s.repository.calls(s.caller, s.init).kind = EdgeKind::Constructor;
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.C", Confirmed);
    check_edge(&oracle, "m.caller", "m.D", Unknown);
}

#[test]
fn definitions_that_share_a_name_confirm_together_and_refute_only_together() {
    let mut s = scene();
    let second = s.repository.function("m.helper#2", "()");
    let third = s.repository.function("m.other", "()");
    s.repository.calls(s.caller, second);
    s.repository.calls(third, s.helper);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "m.helper", Confirmed);
    check_edge(&oracle, "m.other", "m.helper", Confirmed);
    check_edge(&oracle, "m.C.run", "m.helper", Refuted);
    check_edge(&oracle, "m.other", "m.helper#2", Refuted);
}

#[test]
fn lambdas_are_refuted_with_what_encloses_them() {
    let mut s = scene();
    s.repository.calls(s.caller, s.helper);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller.<lambda1>", "m.helper", Unknown);
    check_edge(&oracle, "m.caller.<lambda1>", "m.C.run", Refuted);
}

#[test]
fn class_bodies_call_through_what_encloses_them() {
    let mut s = scene();
    let module = s.repository.oracle().components[0].id.clone();
    assert_eq!(&*module, "m");
    let line = s.repository.of(s.class).first_line + 1;
    s.repository.calls(ComponentIndex(0), s.helper).sites[0].line = line;
    s.repository.calls(s.method, s.caller);
    let oracle = s.repository.build();
    check_edge(&oracle, "m.C", "m.helper", Confirmed);
    check_edge(&oracle, "m.C", "m.caller", Unknown);
    check_edge(&oracle, "m.C", "m.C.run", Refuted);
}

#[test]
fn damaged_files_refute_nothing() {
    let mut s = scene();
    s.repository.of(s.caller).traits.in_damaged_file = true;
    check_edge(&s.repository.build(), "m.caller", "m.helper", Unknown);
}

#[test]
fn calls_out_of_the_repository_are_confirmed_or_unknown() {
    let mut s = scene();
    s.repository.calls_outside(s.caller, "builtins.len");
    s.repository.calls_outside(s.caller, "json.dumps");
    let oracle = s.repository.build();
    check_edge(&oracle, "m.caller", "<builtin>.len", Confirmed);
    check_edge(&oracle, "m.caller", "len", Confirmed);
    check_edge(&oracle, "m.caller", "json.dumps", Confirmed);
    check_edge(&oracle, "m.caller", "json.loads", Unknown);
}

#[test]
fn call_types_are_those_of_the_edge() {
    let mut s = scene();
    let edge = s.repository.calls(s.caller, s.helper);
    edge.call_type = CallType::Conditional;
    edge.sites[0].call_type = CallType::Conditional;
    let site = Site {
        line: 18,
        column: 0,
        call_type: CallType::Loop,
    };
    edge.sites.push(site);
    let caller = s.caller;
    let oracle = s.repository.build();
    let ask = |claimed, expected| {
        let subject = Subject::CalleeType("m.helper".into());
        check(&oracle, caller, subject, Value::CallType(claimed), expected)
    };
    ask(CallType::Conditional, Confirmed);
    let answer = ask(CallType::Direct, Refuted);
    assert_eq!(answer.truth, Some(Value::CallType(CallType::Conditional)));
    ask(CallType::Loop, Refuted);
}

#[test]
fn an_open_site_might_make_a_call_more_direct() {
    let mut s = scene();
    let edge = s.repository.calls(s.caller, s.method);
    edge.call_type = CallType::Conditional;
    edge.sites[0].call_type = CallType::Conditional;
    s.repository.open(s.caller, Reach::Attribute("run".into()));
    let oracle = s.repository.build();
    let ask = |claimed, expected| {
        let subject = Subject::CalleeType("m.C.run".into());
        check(&oracle, s.caller, subject, Value::CallType(claimed), expected);
    };
    ask(CallType::Direct, Unknown);
    ask(CallType::Loop, Refuted);
}

#[test]
fn lines_without_a_call_are_refuted_unless_something_open_stands_there() {
    let mut s = scene();
    s.repository.calls(s.caller, s.method);
    s.repository.open(s.caller, Reach::Attribute("run".into()));
    let caller = s.caller;
    let oracle = s.repository.build();
    let ask = |lines: &[u32], expected| {
        let subject = Subject::CalleeLines("m.C.run".into());
        check(&oracle, caller, subject, Value::Lines(lines.into()), expected)
    };
    ask(&[15], Confirmed);
    ask(&[15, 17], Unknown);
    let answer = ask(&[15, 16], Refuted);
    assert_eq!(answer.truth, Some(Value::Lines(vec![15])));
    ask(&[16, 17], Refuted);
}

#[test]
fn callers_are_edges_seen_from_the_callee() {
    let mut s = scene();
    s.repository.calls(s.caller, s.helper);
    let helper = s.helper;
    let oracle = s.repository.build();
    let caller = |name: &str| Subject::Caller(name.into());
    check_present(&oracle, helper, caller("m.caller"), Confirmed);
    check_present(&oracle, helper, caller("m.C.run"), Refuted);
    check_present(&oracle, helper, caller("m.nobody"), Refuted);
    check_present(&oracle, helper, caller("elsewhere.f"), Unknown);
}

#[test]
fn a_documented_graph_is_held_against_the_facts() {
    let mut s = scene();
    s.repository.calls(s.caller, s.helper);
    s.repository.calls(s.method, s.helper);
    s.repository.calls(s.helper, s.class).kind = EdgeKind::Constructor;
    let oracle = s.repository.build();
    let diff = oracle.diff_against([
        ("m.caller", "m.helper"),
        ("m.caller", "m.C.run"),
        ("m.caller", "json.dumps"),
        ("m.helper", "m.C.__init__"),
        ("m.caller", "m.helper"),
    ]);
    assert_eq!(diff.matching.len(), 2);
    assert_eq!(diff.missing, [("m.C.run".to_owned(), "m.helper".to_owned())]);
    assert_eq!(diff.extra.len(), 2);
    assert_eq!(diff.score.unknown, 1);
    assert_eq!(diff.precision(), Some(2.0 / 3.0));
    assert_eq!(diff.recall(), Some(2.0 / 3.0));
}
