//! What is a finding, and above all what is none.

use super::sample::{CLASS, MODULE, Sample, component, named, parameter};
use crate::model::claim::{Answer, Claim, Subject, Value};
use crate::model::component::{Component, ComponentIndex, ComponentKind, Decorator, Docstring, Signature};
use crate::model::facts::{Attribute, Facts, Raise, RaiseOrigin};

#[test]
fn documented_parameter_that_does_not_exist_is_extra() {
    Sample::function("f", "x")
        .documents(&["x", "gone"])
        .check(&["extra_param gone"]);
}

#[test]
fn key_of_keyword_arguments_is_not_extra() {
    Sample::function("f", "x, **kwargs")
        .documents(&["x", "colour"])
        .check(&[]);
}

#[test]
fn name_of_positional_arguments_is_not_extra() {
    Sample::function("f", "*points").documents(&["start", "end"]).check(&[]);
    Sample::function("f", "*points")
        .documents(&["points", "kwargs"])
        .check(&["extra_param kwargs"]);
}

#[test]
fn type_in_the_place_of_the_name_is_not_extra() {
    Sample::function("f", "x")
        .documents(&["x", "int", "None", "x.shape", "Point3D"])
        .check(&[]);
}

#[test]
fn unknown_parameter_is_not_extra() {
    let decorator = Decorator {
        text: "adds_parameters".into(),
        line: 1,
    };
    Sample::function("f", "x")
        .with(|c, _| c.decorators.push(decorator))
        .fine(named(Subject::Parameter, "x"))
        .fine(named(Subject::Parameter, "injected"))
        .check(&[]);
}

#[test]
fn close_or_aligned_name_is_misnamed() {
    Sample::function("f", "color")
        .documents(&["colour"])
        .check(&["misnamed_param colour"]);
    Sample::function("f", "type_")
        .documents(&["type"])
        .check(&["misnamed_param type"]);
    Sample::function("f", "a, file, z")
        .documents(&["a", "path", "z"])
        .check(&["misnamed_param path"]);
    // Neither close nor in its place.
    Sample::function("f", "a, file, z")
        .documents(&["a", "z", "path"])
        .check(&["missing_param file", "extra_param path"]);
}

#[test]
fn doubtful_name_is_not_extra() {
    let part = Claim::said(named(Subject::Parameter, "part"), Value::Present, 0.5, Some(9));
    let mut sample = Sample::function("f", "x").documents(&["x"]);
    sample
        .claims
        .push((part, Answer::refuted("no such parameter", None, None)));
    sample.check(&[]);
}

#[test]
fn each_name_is_misnamed_for_one_parameter() {
    Sample::function("f", "value1, value2")
        .documents(&["valu1", "valu2"])
        .check(&["misnamed_param valu1", "misnamed_param valu2"]);
}

#[test]
fn parameter_is_missing_only_where_others_are_documented() {
    Sample::function("f", "x, y")
        .documents(&["x"])
        .check(&["missing_param y"]);
    Sample::function("f", "x, y").check(&[]);
    Sample::function("f", "x, _y, **kwargs")
        .documents(&["x", "colour"])
        .check(&[]);
    Sample::function("f", "x, **kwargs")
        .documents(&["x"])
        .check(&["missing_param kwargs"]);
}

#[test]
fn inherited_words_are_no_findings() {
    Sample::function("f", "x, y")
        .documents(&["x", "gone"])
        .fine(Subject::Summary)
        .with(|c, _| c.docstring = None)
        .check(&[]);
}

#[test]
fn parameter_documented_twice_is_a_duplicate() {
    let twice = || {
        let mut sample = Sample::function("f", "x").documents(&["x"]);
        let again = Claim::said(named(Subject::Parameter, "x"), Value::Present, 0.8, Some(9));
        sample.repeated = vec![again.clone(), again];
        sample
    };
    twice().check(&["duplicate_param x"]);
    // Whoever inherits the words has nothing to mend.
    twice().with(|c, _| c.docstring = None).check(&["missing_docstring -"]);
}

#[test]
fn order_is_a_matter_of_what_is_passed_by_position() {
    Sample::function("f", "x, y, z")
        .documents(&["z", "x", "y"])
        .check(&["param_order -"]);
    Sample::function("f", "x, y, *z").documents(&["x", "z", "y"]).check(&[]);
}

#[test]
fn class_documentation_may_speak_of_other_methods() {
    let constructor = || Sample::function("__init__", "x").documents(&["x", "copy"]);
    constructor().check(&["extra_param copy"]);
    let mut sample = constructor().with(|c, _| c.docstring = None);
    sample.oracle.components[CLASS].docstring = sample.oracle.components[MODULE].docstring.clone();
    let mut method = component("m.C.set", ComponentKind::Method, Some(1));
    method.signature = Some(Signature {
        parameters: vec![parameter("copy")],
        returns: None,
        binds_first: false,
    });
    sample.oracle.components.push(method);
    sample.oracle.facts.push(Facts::default());
    sample.check(&[]);
}

#[test]
fn wrong_type_and_default_name_the_truth() {
    let truth = || Answer::refuted("the annotation says otherwise", Some(1), Some(Value::text("str")));
    let found = Sample::function("f", "x")
        .fine(named(Subject::Parameter, "x"))
        .said(named(Subject::ParameterType, "x"), Value::text("int"), truth())
        .findings();
    assert_eq!(found[0].message, "`x` is documented as `int`, but it is `str`");
    assert_eq!(
        (found[0].path.as_ref(), found[0].qualname.as_deref()),
        ("m.py", Some("C.f"))
    );
    assert_eq!(found[0].line, 4);
    Sample::function("f", "x")
        .fine(named(Subject::Parameter, "x"))
        .said(named(Subject::ParameterDefault, "x"), Value::text("3"), truth())
        .check(&["param_default_mismatch x"]);
}

#[test]
fn type_of_a_false_or_collecting_parameter_is_not_wrong() {
    let truth = || Answer::refuted("so", Some(1), Some(Value::text("str")));
    let wrong = |name| (named(Subject::ParameterType, name), Value::text("int"));
    let (subject, value) = wrong("gone");
    Sample::function("f", "")
        .documents(&["gone"])
        .said(subject, value, truth())
        .check(&["extra_param gone"]);
    let (subject, value) = wrong("args");
    Sample::function("f", "*args")
        .documents(&["args"])
        .said(subject, value, truth())
        .check(&[]);
}

#[test]
fn false_return_is_a_finding_where_the_body_is_the_last_word() {
    let sample = || Sample::function("f", "").refuted(Subject::Return);
    sample().check(&["extra_return -"]);
    sample().with(|c, _| c.traits.is_abstract = true).check(&[]);
    sample().with(|c, _| c.traits.is_stub = true).check(&[]);
    sample().with(|c, _| c.traits.is_protocol = true).check(&[]);
    sample().with(|_, f| f.yields = vec![5]).check(&[]);
    let mut overridden = sample();
    overridden
        .oracle
        .components
        .push(component("m.D.f", ComponentKind::Method, Some(0)));
    let overrides = vec![ComponentIndex(2)];
    overridden.oracle.facts.push(Facts {
        overrides,
        ..Facts::default()
    });
    overridden.check(&[]);
}

#[test]
fn function_that_returns_an_iterator_may_say_that_it_yields() {
    Sample::function("f", "")
        .refuted(Subject::Yield)
        .check(&["extra_yield -"]);
    Sample::function("f", "")
        .refuted(Subject::Yield)
        .with(|_, f| f.returns.value_lines = vec![5])
        .check(&[]);
}

#[test]
fn false_exception_is_a_finding_only_where_refuted() {
    let raise = named(Subject::Raise, "KeyError");
    Sample::function("f", "")
        .refuted(raise.clone())
        .check(&["extra_raise KeyError"]);
    Sample::function("f", "").fine(raise.clone()).check(&[]);
    Sample::function("f", "")
        .refuted(raise)
        .with(|c, _| c.traits.is_abstract = true)
        .check(&[]);
}

fn attribute(name: &str) -> Attribute {
    Attribute {
        name: name.into(),
        annotation: None,
        value: None,
        line: 5,
        is_set: true,
        on_instance: true,
        doc: None,
        inferred: None,
    }
}

#[test]
fn attribute_is_extra_in_a_record_or_where_it_is_misspelt() {
    let claim = || {
        Sample::function("f", "")
            .about(CLASS)
            .refuted(named(Subject::Attribute, "transisitons"))
    };
    let words = |c: &mut Component, _: &mut Facts| {
        c.docstring = Some(Docstring {
            text: "S.".into(),
            line: 2,
            lines_match_source: true,
        })
    };
    claim().with(words).check(&[]);
    claim()
        .with(words)
        .with(|c, _| c.traits.is_record = true)
        .check(&["extra_attr transisitons"]);
    let misspelt = |_: &mut Component, f: &mut Facts| f.attributes = vec![attribute("transitions")];
    claim()
        .with(words)
        .with(misspelt)
        .check(&["missing_attr transitions", "extra_attr transisitons"]);
    claim()
        .with(words)
        .with(misspelt)
        .with(|_, f| f.attributes_open = true)
        .check(&["missing_attr transitions"]);
}

#[test]
fn subclass_may_set_the_attribute_that_its_base_documents() {
    let mut sample = Sample::function("f", "")
        .about(CLASS)
        .refuted(named(Subject::Attribute, "result_"));
    sample = sample.with(|c, _| c.traits.is_record = true);
    sample
        .oracle
        .components
        .push(component("m.D", ComponentKind::Class, Some(0)));
    let facts = Facts {
        ancestors: vec![ComponentIndex(1)],
        attributes: vec![attribute("result_")],
        ..Facts::default()
    };
    sample.oracle.facts.push(facts);
    sample.with(|c, _| c.public = false).check(&[]);
}

#[test]
fn reference_is_broken_where_its_owner_is_known_and_lacks_it() {
    let mention = |name| Sample::function("f", "").refuted(named(Subject::Reference, name));
    mention("m.gone").check(&["broken_reference m.gone"]);
    mention("m.C.gone").check(&["broken_reference m.C.gone"]);
    // Broken at the first name that is not there.
    mention("m.gone.gone").check(&["broken_reference m.gone.gone"]);
    // What it belongs to may have anything.
    mention("m.C.f.gone").check(&[]);
    let mut open = mention("m.C.gone");
    open.oracle.facts[CLASS].attributes_open = true;
    open.check(&[]);
}

#[test]
fn result_is_missing_only_beside_other_sections() {
    let returns = |_: &mut Component, f: &mut Facts| f.returns.value_lines = vec![7];
    Sample::function("f", "x")
        .with(returns)
        .documents(&["x"])
        .check(&["missing_return -"]);
    Sample::function("f", "x").with(returns).check(&[]);
    Sample::function("f", "x")
        .with(returns)
        .documents(&["x"])
        .said(Subject::Summary, Value::text("Returns the sum."), Answer::unknown(""))
        .check(&[]);
    Sample::function("f", "x")
        .with(|_, f| f.yields = vec![7])
        .documents(&["x"])
        .check(&["missing_yield -"]);
    Sample::function("__eq__", "x")
        .with(returns)
        .documents(&["x"])
        .check(&[]);
}

#[test]
fn exception_is_missing_where_neither_it_nor_its_base_is_named() {
    let raises = |exception: &'static str| {
        move |_: &mut Component, f: &mut Facts| {
            f.raises = vec![Raise {
                exception: exception.into(),
                class: None,
                line: 8,
                condition: Some("x < 0".into()),
                message: None,
                origin: RaiseOrigin::Direct,
            }];
        }
    };
    let sample = || Sample::function("f", "x").documents(&["x"]);
    sample().with(raises("ValueError")).check(&["missing_raise ValueError"]);
    sample().with(raises("NotImplementedError")).check(&[]);
    sample().with(raises("error")).check(&[]);
    sample()
        .with(raises("ValueError"))
        .fine(named(Subject::Raise, "Exception"))
        .check(&[]);
    sample()
        .with(raises("KeyError"))
        .said(
            named(Subject::Raise, "LookupError"),
            Value::Present,
            Answer::confirmed("raised", Some(8)),
        )
        .check(&[]);
    let evidence = &sample().with(raises("ValueError")).findings()[0].evidence;
    assert_eq!(*evidence, [(8, "raises `ValueError` if x < 0".to_owned())]);
}

#[test]
fn docstring_is_missing_where_nobody_else_has_one_to_give() {
    let without = |name| Sample::function(name, "").with(|c, _| c.docstring = None);
    without("f").check(&["missing_docstring -"]);
    without("__len__").check(&[]);
    without("f").with(|c, _| c.public = false).check(&[]);
    without("f")
        .with(|_, f| f.overrides = vec![ComponentIndex(0)])
        .check(&[]);
    without("f#setter").check(&[]);
}

#[test]
fn fingerprint_does_not_move_with_lines() {
    let found = |line| {
        let sample = Sample::function("f", "x").documents(&["x", "gone"]);
        let mut found = sample.with(|c, _| c.first_line = line).findings();
        found.remove(0).fingerprint
    };
    assert_eq!(found(1), found(50));
    assert_eq!(found(1).len(), 16);
}
