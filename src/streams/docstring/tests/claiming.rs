//! The claims that come of docstrings, and what corrections make of them.

use std::sync::Arc;

use futures_util::FutureExt;

use super::super::Docstring as Stream;
use crate::model::claim::{Subject, Value};
use crate::model::component::{
    Component, ComponentIndex, ComponentKind, Docstring, Parameter, ParameterKind, Signature, Traits,
};
use crate::model::documentation::{Correction, Draft};
use crate::model::facts::{Attribute, Facts};
use crate::model::oracle::Oracle;
use crate::streams::{Documenter, Request};

/// A repository of one package, `pkg`.
#[derive(Default)]
struct Sample {
    oracle: Oracle,
}

impl Sample {
    fn new() -> Self {
        let mut sample = Self::default();
        sample.oracle.roots = vec!["pkg".into()];
        sample.add("pkg", ComponentKind::Module, None, None, "");
        sample
    }

    /// Adds a component; `parameters` is a list as in Python, without annotations.
    fn add(
        &mut self,
        id: &str,
        kind: ComponentKind,
        parent: Option<u32>,
        docstring: Option<&str>,
        parameters: &str,
    ) -> u32 {
        let is_called = matches!(kind, ComponentKind::Function | ComponentKind::Method);
        self.oracle.components.push(Component {
            id: id.into(),
            qualname: id.strip_prefix("pkg").unwrap_or(id).trim_start_matches('.').into(),
            module: "pkg".into(),
            path: "pkg.py".into(),
            kind,
            first_line: 10,
            last_line: 20,
            parent: parent.map(ComponentIndex),
            public: true,
            signature: is_called.then(|| signature(parameters)),
            decorators: Vec::new(),
            bases: Vec::new(),
            docstring: docstring.map(|text| Docstring {
                text: text.into(),
                line: 11,
                lines_match_source: true,
            }),
            traits: Traits::default(),
            source_hash: 0,
            own_hash: 0,
        });
        self.oracle.facts.push(Facts::default());
        u32::try_from(self.oracle.components.len() - 1).unwrap()
    }

    fn draft(self, index: u32, corrections: Vec<Correction>) -> Draft {
        let request = Request {
            oracle: Arc::new(self.oracle.indexed()),
            component: ComponentIndex(index),
            iteration: 1,
            corrections,
            previous: None,
            dependencies: Vec::new(),
        };
        Stream.document(&request).now_or_never().unwrap().unwrap().draft
    }
}

fn signature(parameters: &str) -> Signature {
    let parameter = |text: &str| {
        let (name, default) = match text.split_once('=') {
            Some((name, default)) => (name, Some(default.into())),
            None => (text, None),
        };
        let kind = match name.matches('*').count() {
            0 => ParameterKind::PositionalOrKeyword,
            1 => ParameterKind::VarPositional,
            _ => ParameterKind::VarKeyword,
        };
        Parameter {
            name: name.trim_start_matches('*').into(),
            kind,
            annotation: None,
            default,
            line: 10,
        }
    };
    Signature {
        parameters: parameters
            .split(", ")
            .filter(|p| !p.is_empty())
            .map(parameter)
            .collect(),
        returns: None,
        binds_first: parameters.starts_with("self"),
    }
}

fn shown(draft: &Draft) -> Vec<String> {
    let line = |line: Option<u32>| line.map(|l| format!("@{l}")).unwrap_or_default();
    let claims = draft.claims.iter();
    let mut out: Vec<String> = claims
        .map(|c| format!("{} = {}{}", c.subject, c.value, line(c.line)))
        .collect();
    out.extend(
        draft
            .repeated
            .iter()
            .map(|c| format!("again {}{}", c.subject, line(c.line))),
    );
    out
}

/// Checks the claims of a function `pkg.f` with these parameters and this docstring.
#[track_caller]
fn check(parameters: &str, docstring: &str, expected: &[&str]) {
    let mut sample = Sample::new();
    let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(docstring), parameters);
    assert_eq!(shown(&sample.draft(f, Vec::new())), expected);
}

/// How many claims a function's docstring makes, all corrections that a reference can bring included.
pub(super) fn claims_of_text(text: &str) -> usize {
    let mut sample = Sample::new();
    let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(text), "x, y=3");
    let gone = correction(Subject::Reference("pkg.x".into()), None);
    let draft = sample.draft(f, vec![gone]);
    for claim in draft.claims.iter().chain(&draft.repeated) {
        let fits = |name: &str| !name.trim().is_empty() && !name.contains(char::is_control);
        assert!(claim.subject.name().is_none_or(fits), "{:?}", claim.subject);
        let base = claim.subject.presupposes();
        assert!(
            base.is_none_or(|base| draft.get(&base).is_some()),
            "{:?}",
            claim.subject
        );
    }
    draft.claims.len()
}

#[test]
fn every_part_becomes_a_claim_on_its_line() {
    check(
        "x, y=3",
        "Does it. And more.\n\nEven more.\n\nArgs:\n    x (int): The x.\n    y (str): The y. Defaults to 3.\n\nReturns:\n    bool: It.\n\nRaises:\n    pkg.Bad: If so.\n\nExample:\n    >>> f()\n\nNote:\n    Mind it.",
        &[
            "summary = Does it.@11",
            "description = And more.\n\nEven more.@11",
            "parameter x = yes@16",
            "parameter y = yes@17",
            "parameter_type x = int@16",
            "parameter_type y = str@17",
            "parameter_default y = 3@17",
            "parameter_text x = The x.@16",
            "parameter_text y = The y. Defaults to 3.@17",
            "parameter_order = x, y",
            "return = yes@20",
            "return_type = bool@20",
            "return_text = It.@20",
            "raise Bad = yes@23",
            "raise_text Bad = If so.@23",
            "example 1 = >>> f()@26",
            "section Note = Mind it.@28",
        ],
    );
}

#[test]
fn returning_none_is_no_claim() {
    check("", "S.\n\nReturns:\n    None", &["summary = S.@11"]);
    check("", "S.\n\n:returns: Nothing.", &["summary = S.@11"]);
}

#[test]
fn default_is_a_claim_only_about_the_signature() {
    let claimed = |parameters: &str, text: &str| {
        let mut sample = Sample::new();
        let docstring = format!("S.\n\n:param x: {text}");
        let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(&docstring), parameters);
        let draft = sample.draft(f, Vec::new());
        let claim = draft.get(&Subject::ParameterDefault("x".into()));
        claim.map(|c| c.value.to_string())
    };
    let default = |value: &str| Some(value.to_owned());
    assert_eq!(claimed("x=3", "Defaults to 4."), default("4"));
    assert_eq!(claimed("x=3", "How many (default: 4)."), default("4"));
    assert_eq!(claimed("x='a'", "Defaults to ``\"a\"``."), default("'a'"));
    assert_eq!(claimed("x=0.001", "The default is 1e-3"), default("0.001"));
    assert_eq!(claimed("x", "Defaults to 4."), default("4"));
    // What takes effect later, under a condition, or is no value.
    assert_eq!(claimed("x=None", "Defaults to 4."), None);
    assert_eq!(claimed("x=MISSING", "Defaults to 4."), None);
    assert_eq!(claimed("x=3", "If true, defaults to 4."), None);
    assert_eq!(
        claimed("x", "Looked at only if `check` is not `None` (default is None)."),
        None
    );
    assert_eq!(claimed("x=3", "If `True`, is added (default: 4)."), default("4"));
    assert_eq!(claimed("x=3", "Is added if `True` (default: 4)."), default("4"));
    assert_eq!(claimed("x=3", "Defaults to 4 if it rains."), None);
    assert_eq!(claimed("x=3", "Defaults to the number of lines."), None);
    assert_eq!(claimed("x=3", "Defaults to 4 times the number."), None);
}

#[test]
fn repeated_parameter_is_kept_apart() {
    check(
        "x",
        "S.\n\n:param x: One.\n:param x: Two.",
        &[
            "summary = S.@11",
            "parameter x = yes@13",
            "parameter_text x = One.@13",
            "again parameter x@14",
        ],
    );
}

#[test]
fn parameter_in_two_sections_is_documented_once() {
    let docstring = "S.\n\nArgs:\n    x: One.\n\nKeyword Args:\n    x: Two.\n    y: Three.";
    let expected = [
        "summary = S.@11",
        "parameter x = yes@14",
        "parameter y = yes@18",
        "parameter_text x = One.@14",
        "parameter_text y = Three.@18",
        "parameter_order = x, y",
    ];
    check("x, y", docstring, &expected);
}

#[test]
fn entry_below_prose_may_be_a_part_of_a_parameter() {
    let mut sample = Sample::new();
    let text = "S.\n\nParameters\n----------\nThe point is a tuple, where\n\nlabel : str\n    One.\nx : int\n    Two.";
    let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(text), "x");
    let draft = sample.draft(f, Vec::new());
    let confidence = |name: &str| draft.get(&Subject::Parameter(name.into())).unwrap().confidence;
    assert!(confidence("label") < confidence("x"));
}

#[test]
fn selection_in_the_right_order_says_nothing_about_order() {
    let order = |docstring: &str| {
        let mut sample = Sample::new();
        let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(docstring), "x, y, z");
        let draft = sample.draft(f, Vec::new());
        draft.get(&Subject::ParameterOrder).map(|c| c.value.to_string())
    };
    assert_eq!(order("S.\n\n:param x:\n:param z:"), None);
    assert_eq!(order("S.\n\n:param z:\n:param x:"), Some("z, x".to_owned()));
    assert_eq!(
        order("S.\n\n:param x:\n:param w:\n:param z:"),
        Some("x, w, z".to_owned())
    );
}

#[test]
fn signature_in_the_first_line_is_no_summary() {
    check("x", "f(x) -> int\n\nDoes it.", &["summary = Does it.@13"]);
}

/// A class with a constructor, and their docstrings.
fn class(on_class: &str, on_constructor: Option<&str>) -> (Sample, u32, u32) {
    let mut sample = Sample::new();
    let class = sample.add("pkg.C", ComponentKind::Class, Some(0), Some(on_class), "");
    let init = sample.add(
        "pkg.C.__init__",
        ComponentKind::Method,
        Some(class),
        on_constructor,
        "self, x, y",
    );
    (sample, class, init)
}

#[test]
fn constructor_has_the_parameters_that_the_class_documents() {
    let text = "S.\n\nArgs:\n    x: One.\n\nAttributes:\n    a: Attr.\n\nRaises:\n    Bad: So.";
    let (sample, c, _) = class(text, None);
    let claims = shown(&sample.draft(c, Vec::new()));
    assert_eq!(
        claims,
        ["summary = S.@11", "attribute a = yes@17", "attribute_text a = Attr.@17"]
    );
    let (sample, _, init) = class(text, None);
    let claims = shown(&sample.draft(init, Vec::new()));
    let expected = [
        "parameter x = yes@14",
        "parameter_text x = One.@14",
        "raise Bad = yes@20",
        "raise_text Bad = So.@20",
    ];
    assert_eq!(claims, expected);
}

#[test]
fn constructor_speaks_first_of_its_parameters_and_for_the_class_of_its_attributes() {
    let (on_class, on_init) = (
        "S.\n\n:param x: Class.\n:param y: Too.",
        "I.\n\n:param x: Own.\n:ivar a: Attr.",
    );
    let (sample, _, init) = class(on_class, Some(on_init));
    let draft = sample.draft(init, Vec::new());
    let text = |name: &str| {
        draft
            .get(&Subject::ParameterText(name.into()))
            .unwrap()
            .value
            .to_string()
    };
    assert_eq!((text("x"), text("y")), ("Own.".to_owned(), "Too.".to_owned()));
    assert!(draft.repeated.is_empty());
    let (sample, c, _) = class(on_class, Some(on_init));
    assert!(
        sample
            .draft(c, Vec::new())
            .get(&Subject::Attribute("a".into()))
            .is_some()
    );
}

#[test]
fn parameters_of_a_record_are_its_attributes() {
    let mut sample = Sample::new();
    let c = sample.add(
        "pkg.C",
        ComponentKind::Class,
        Some(0),
        Some("S.\n\nArgs:\n    x (int): One."),
        "",
    );
    sample.oracle.components[c as usize].traits.is_record = true;
    let claims = shown(&sample.draft(c, Vec::new()));
    let expected = [
        "summary = S.@11",
        "attribute x = yes@14",
        "attribute_type x = int@14",
        "attribute_text x = One.@14",
    ];
    assert_eq!(claims, expected);
}

#[test]
fn text_beside_an_attribute_documents_it() {
    let mut sample = Sample::new();
    sample.oracle.facts[0].attributes.push(Attribute {
        name: "LIMIT".into(),
        annotation: None,
        value: None,
        line: 3,
        is_set: true,
        on_instance: false,
        doc: Some("How many.".into()),
        inferred: None,
    });
    let claims = shown(&sample.draft(0, Vec::new()));
    assert_eq!(
        claims,
        ["attribute LIMIT = yes@3", "attribute_text LIMIT = How many.@3"]
    );
}

#[test]
fn overriding_method_inherits_prose_and_the_texts_of_parameters_it_has() {
    let mut sample = Sample::new();
    let base = "S.\n\n:param int x: One.\n:param gone: Two.\n:returns: It.\n:raises Bad: So.";
    let inherited = sample.add("pkg.A.m", ComponentKind::Method, Some(0), Some(base), "self, x, gone");
    let own = sample.add("pkg.B.m", ComponentKind::Method, Some(0), None, "self, x");
    sample.oracle.facts[own as usize].overrides = vec![ComponentIndex(inherited)];
    let claims = shown(&sample.draft(own, Vec::new()));
    assert_eq!(claims, ["summary = S.", "parameter x = yes", "parameter_text x = One."]);
}

#[test]
fn references_are_claims_where_they_can_be_told() {
    let mut sample = Sample::new();
    sample.add("pkg.g", ComponentKind::Function, Some(0), None, "");
    let text = "See :func:`g`, :func:`~pkg.h`, `pkg.i.j()`, :func:`!pkg.k`, :ref:`pkg.l`,\n:class:`Other`, `pkg.toml`, ``x.y``, :attr:`pkg.m`, :func:`text <pkg.n>`.";
    let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(text), "");
    let draft = sample.draft(f, Vec::new());
    let names: Vec<_> = draft
        .claims
        .iter()
        .filter(|c| matches!(c.subject, Subject::Reference(_)))
        .map(|c| format!("{}@{}", c.subject.name().unwrap(), c.line.unwrap()))
        .collect();
    assert_eq!(names, ["pkg.g@11", "pkg.h@11", "pkg.i.j@11", "pkg.n@12"]);
}

#[test]
fn several_values_have_no_single_type() {
    let returns = |text: &str| {
        let mut sample = Sample::new();
        let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(text), "");
        let draft = sample.draft(f, Vec::new());
        assert!(draft.get(&Subject::Return).is_some(), "{text}");
        draft.get(&Subject::ReturnType).is_some()
    };
    assert!(returns("S.\n\nReturns:\n    list: The first\n        and: so on."));
    assert!(!returns(
        "S.\n\nReturns:\n    list of int: The first.\n    rest: The others."
    ));
}

#[test]
fn what_is_said_to_be_gone_is_no_reference() {
    let mut sample = Sample::new();
    let text = "S.\n\nReplaces the previous `pkg.old`\nestimator. See `pkg.new`. Since `pkg.gone` was removed, none.";
    let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(text), "");
    let draft = sample.draft(f, Vec::new());
    let said = |name: &str| draft.get(&Subject::Reference(name.into())).is_some();
    assert_eq!(["pkg.old", "pkg.new", "pkg.gone"].map(said), [false, true, false]);
}

fn correction(subject: Subject, truth: Option<Value>) -> Correction {
    Correction {
        subject,
        said: None,
        truth,
        reason: "the code says otherwise".to_owned(),
    }
}

#[test]
fn corrected_claims_go_or_take_the_true_value() {
    let mut sample = Sample::new();
    let text = "S.\n\nArgs:\n    x (int): One.\n    y (int): Two.\n    z: Three.";
    let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(text), "x, z");
    let corrections = vec![
        correction(Subject::Parameter("y".into()), None),
        correction(Subject::ParameterType("x".into()), Some(Value::text("str"))),
    ];
    let claims = shown(&sample.draft(f, corrections));
    let expected = [
        "summary = S.@11",
        "parameter x = yes@14",
        "parameter z = yes@16",
        "parameter_type x = str@14",
        "parameter_text x = One.@14",
        "parameter_text z = Three.@16",
        "parameter_order = x, z",
    ];
    assert_eq!(claims, expected);
}

#[test]
fn refuted_reference_takes_its_sentence_with_it_and_no_other() {
    let mut sample = Sample::new();
    let text = "S.\n\nFirst, e.g. this. Then see :func:`pkg.gone`. Last one.\n\nAnother paragraph.";
    let f = sample.add("pkg.f", ComponentKind::Function, Some(0), Some(text), "");
    let gone = correction(Subject::Reference("pkg.gone".into()), None);
    let claims = shown(&sample.draft(f, vec![gone]));
    let expected = [
        "summary = S.@11",
        "description = First, e.g. this. Last one.\n\nAnother paragraph.@13",
    ];
    assert_eq!(claims, expected);
}
