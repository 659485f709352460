use proptest::prelude::*;

use super::*;
use crate::model::call_graph::{CallType, EdgeKind, OpenReason, Reach};
use crate::model::component::ComponentKind;
use crate::model::facts::EffectKind;

const SIGNATURES: &[&str] = &[
    "()",
    "(self)",
    "(a, b=1, *args, c: int = 2, **kw) -> str",
    "(x: Optional[str] = None) -> Iterator[int]",
    "(x: 'C0', y: Foo[Bar] = _unset, z=(1, 2)) -> 'C0 | None'",
    "(a, /, b, *, c='q') -> None",
    "(f: Callable[[int], str] = print) -> NoReturn",
    "(x: float = 1e-3) -> list[tuple[int, ...]]",
];

const DECORATORS: &[&str] = &["staticmethod", "inject", "contextmanager", "property"];

/// One step in building a repository: what to add, and four numbers that say how.
type Step = (u8, [u8; 4]);

fn pick(indices: &[ComponentIndex], n: u8) -> ComponentIndex {
    indices[usize::from(n) % indices.len()]
}

/// A repository of a few modules with whatever the steps put in.
fn repository(steps: &[Step]) -> Oracle {
    unfinished(steps).0.build()
}

fn unfinished(steps: &[Step]) -> (Repository, Vec<ComponentIndex>) {
    let mut r = Repository::default();
    let mut all = vec![r.module("m")];
    let mut classes: Vec<String> = Vec::new();
    for (n, (what, how)) in steps.iter().enumerate() {
        match what % 4 {
            0 => {
                let base = classes.get(usize::from(how[0])).cloned();
                let bases: Vec<&str> = base.iter().map(String::as_str).collect();
                let id = format!("m.C{n}");
                all.push(r.class(
                    &id,
                    if how[1].is_multiple_of(3) {
                        &["ValueError"]
                    } else {
                        &bases
                    },
                ));
                classes.push(id);
            }
            1 if !classes.is_empty() => {
                let class = classes.last().unwrap();
                let name = ["__init__", "run", "__add__", "size"][usize::from(how[0] % 4)];
                let id = format!("{class}.{name}{}", if how[0] > 128 { "" } else { "_x" });
                let taken = all.iter().any(|&c| *r.of(c).id == *id);
                let id = if taken { format!("{id}#{n}") } else { id };
                all.push(r.function(&id, SIGNATURES[usize::from(how[1]) % SIGNATURES.len()]));
            }
            _ => {
                let id = format!("m.f{n}");
                let f = r.function(&id, SIGNATURES[usize::from(how[1]) % SIGNATURES.len()]);
                classes.clear();
                all.push(f);
            }
        }
    }
    for (what, how) in steps {
        decorate(&mut r, &all, *what, *how);
    }
    (r, all)
}

fn decorate(r: &mut Repository, all: &[ComponentIndex], what: u8, how: [u8; 4]) {
    let (a, b) = (pick(all, how[0]), pick(all, how[1]));
    let is_function = r.of(a).signature.is_some();
    match what % 13 {
        0 | 1 => {
            let edge = r.calls(a, b);
            edge.certain = !how[2].is_multiple_of(3);
            if how[3].is_multiple_of(2) {
                edge.kind = EdgeKind::Constructor;
                edge.call_type = CallType::Loop;
                edge.sites[0].call_type = CallType::Loop;
            }
        }
        2 => r.returns(a, (how[2].is_multiple_of(2)).then_some("int")),
        3 => r.falls_off(a),
        4 if is_function => r.yields(a),
        5 => r.raises(a, "KeyError", Some("not x"), None),
        6 => {
            let id = r.of(b).id.to_string();
            if r.of(b).kind == ComponentKind::Class {
                r.raises(a, &id, None, None);
            }
        }
        7 if !is_function => {
            let name = ["size", "name", "C0"][usize::from(how[2] % 3)];
            let annotation = [None, Some("int"), Some("'Foo'")][usize::from(how[3] % 3)];
            r.attribute(a, name, annotation, Some("3")).inferred = Some("str".into());
        }
        8 => r.effect(a, EffectKind::FileWrite, ["open", "os.remove"][usize::from(how[2] % 2)]),
        9 => {
            let traits = &mut r.of(a).traits;
            match how[2] % 6 {
                0 => traits.is_stub = true,
                1 => traits.is_abstract = true,
                2 => traits.is_protocol = true,
                3 => traits.in_damaged_file = true,
                4 => traits.has_overloads = true,
                _ => traits.is_async = true,
            }
        }
        10 => {
            let reach = match how[2] % 4 {
                0 => Reach::AnyValue,
                1 => Reach::Attribute("run".into()),
                2 => Reach::Special("__add__".into()),
                _ => Reach::Callback,
            };
            let site = r.open(a, reach);
            site.arguments = (how[3] < 200).then_some(u16::from(how[3] % 4));
            site.reason = OpenReason::Parameter;
        }
        11 if is_function => r.decorate(a, DECORATORS[usize::from(how[2]) % DECORATORS.len()]),
        12 => r.escapes(b),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_known_claim_is_confirmed(steps in proptest::collection::vec(any::<Step>(), 1..40)) {
        let oracle = repository(&steps);
        for index in oracle.indices() {
            for claim in oracle.known_claims(index) {
                let answer = oracle.ask(index, &claim.subject, &claim.value);
                prop_assert_eq!(
                    answer.verdict,
                    Verdict::Confirmed,
                    "{}: {} = {}: {}",
                    oracle.component(index).id,
                    claim.subject,
                    claim.value,
                    answer.reason
                );
            }
        }
    }

    #[test]
    fn no_edge_is_ever_refuted(steps in proptest::collection::vec(any::<Step>(), 1..40)) {
        let oracle = repository(&steps);
        for edge in &oracle.call_graph.edges {
            let (caller, callee) = (oracle.component(edge.caller), oracle.component(edge.callee));
            prop_assert_eq!(
                oracle.verify_edge(&caller.id, &callee.id).verdict,
                Verdict::Confirmed
            );
        }
    }

    #[test]
    fn an_open_site_never_turns_an_unknown_into_a_refutation(
        steps in proptest::collection::vec(any::<Step>(), 1..30),
        caller in any::<u8>(),
    ) {
        let before = repository(&steps);
        let (mut more, all) = unfinished(&steps);
        more.open(pick(&all, caller), Reach::Attribute("run".into()));
        let after = more.build();
        for a in before.indices() {
            for b in before.indices() {
                let (a, b) = (&before.component(a).id, &before.component(b).id);
                if before.verify_edge(a, b).verdict == Verdict::Unknown {
                    prop_assert_ne!(after.verify_edge(a, b).verdict, Verdict::Refuted);
                }
            }
        }
    }

    #[test]
    fn any_text_can_be_asked(text in "\\PC{0,40}", name in "[a-z_.*#<>~]{0,20}") {
        let oracle = repository(&[(0, [0, 1, 0, 0]), (1, [0, 2, 0, 0]), (2, [0, 4, 0, 0])]);
        for index in oracle.indices() {
            for subject in [
                Subject::ParameterType("x".into()),
                Subject::ParameterDefault("x".into()),
                Subject::ReturnType,
                Subject::YieldType,
                Subject::AttributeType("size".into()),
                Subject::Effect(EffectKind::Process),
            ] {
                oracle.ask(index, &subject, &Value::text(text.as_str()));
            }
            for subject in [
                Subject::Parameter(name.as_str().into()),
                Subject::Raise(name.as_str().into()),
                Subject::Attribute(name.as_str().into()),
                Subject::Member(name.as_str().into()),
                Subject::Callee(name.as_str().into()),
                Subject::Caller(name.as_str().into()),
                Subject::Reference(name.as_str().into()),
            ] {
                oracle.ask(index, &subject, &Value::Present);
            }
        }
    }
}
