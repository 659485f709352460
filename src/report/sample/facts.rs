//! The facts of the hand-built repository: one module with a class, a method and a function.

use std::collections::BTreeMap;

use crate::model::call_graph::{
    CallGraph, CallType, Edge, EdgeKind, ExternalEdge, OpenReason, OpenSite, Reach, Site, SiteCounts,
};
use crate::model::component::{
    Component, ComponentIndex, ComponentKind, Decorator, Docstring, Parameter, ParameterKind, Signature, Traits,
};
use crate::model::facts::{Facts, Problem, ProblemKind, Raise, RaiseOrigin};
use crate::model::oracle::{Oracle, Order, SourceFile};

pub(super) const MODULE: ComponentIndex = ComponentIndex(0);
pub(super) const BOX: ComponentIndex = ComponentIndex(1);
pub(super) const OPEN: ComponentIndex = ComponentIndex(2);
pub(super) const PACK: ComponentIndex = ComponentIndex(3);

fn component(id: &str, kind: ComponentKind, lines: (u32, u32), parent: Option<ComponentIndex>) -> Component {
    Component {
        id: id.into(),
        qualname: id
            .strip_prefix("shop.crate")
            .map_or("", |rest| rest.trim_start_matches('.'))
            .into(),
        module: "shop.crate".into(),
        path: "shop/crate.py".into(),
        kind,
        first_line: lines.0,
        last_line: lines.1,
        parent,
        public: true,
        signature: None,
        decorators: Vec::new(),
        bases: Vec::new(),
        docstring: None,
        traits: Traits::default(),
        source_hash: 1,
        own_hash: 1,
    }
}

fn parameter(name: &str, annotation: Option<&str>, default: Option<&str>) -> Parameter {
    Parameter {
        name: name.into(),
        kind: ParameterKind::PositionalOrKeyword,
        annotation: annotation.map(Into::into),
        default: default.map(Into::into),
        line: 12,
    }
}

fn docstring(text: &str, line: u32) -> Option<Docstring> {
    Some(Docstring {
        text: text.into(),
        line,
        lines_match_source: true,
    })
}

fn components() -> Vec<Component> {
    let mut module = component("shop.crate", ComponentKind::Module, (1, 40), None);
    module.docstring = docstring("Boxes.", 1);
    let mut class = component("shop.crate.Box", ComponentKind::Class, (5, 25), Some(MODULE));
    class.bases = vec!["Crate".into()];
    let mut open = component("shop.crate.Box.open", ComponentKind::Method, (12, 20), Some(BOX));
    open.docstring = docstring("Opens <b>it</b>.", 13);
    open.decorators = vec![Decorator {
        text: "traced".into(),
        line: 11,
    }];
    open.signature = Some(Signature {
        parameters: vec![
            parameter("self", None, None),
            parameter("key", Some("str | None"), Some("None")),
        ],
        returns: Some("bool".into()),
        binds_first: true,
    });
    let mut pack = component("shop.crate.pack", ComponentKind::Function, (28, 40), Some(MODULE));
    pack.traits.is_generator = true;
    pack.signature = Some(Signature::default());
    vec![module, class, open, pack]
}

fn call_graph() -> CallGraph {
    let site = |line| Site {
        line,
        column: 4,
        call_type: CallType::Loop,
    };
    let edges = vec![Edge {
        caller: PACK,
        callee: OPEN,
        kind: EdgeKind::Call,
        call_type: CallType::Loop,
        certain: true,
        weak: false,
        sites: vec![site(30), site(30), site(33)],
    }];
    let external = vec![ExternalEdge {
        caller: OPEN,
        target: "subprocess.run".into(),
        lines: vec![15],
    }];
    let open = vec![OpenSite {
        component: PACK,
        line: 35,
        reach: Reach::AnyValue,
        arguments: Some(1),
        reason: OpenReason::Parameter,
    }];
    let counts = SiteCounts {
        resolved: 3,
        partly_resolved: 0,
        external: 1,
        builtin: 2,
        unresolved: BTreeMap::from([(OpenReason::Parameter, 1)]),
    };
    CallGraph::new(edges, external, open, counts, vec![(0, 0), (0, 0), (2, 2), (5, 4)])
}

#[expect(clippy::field_reassign_with_default, reason = "field by field reads better here")]
pub(super) fn oracle() -> Oracle {
    let mut facts = vec![Facts::default(); 4];
    facts[OPEN.as_usize()].raises = vec![Raise {
        exception: "KeyError".into(),
        class: None,
        line: 17,
        condition: Some("key is None".into()),
        message: Some("no key".into()),
        origin: RaiseOrigin::Direct,
    }];
    facts[PACK.as_usize()].raises = vec![Raise {
        exception: "KeyError".into(),
        class: None,
        line: 30,
        condition: None,
        message: None,
        origin: RaiseOrigin::Callee(OPEN),
    }];
    let mut oracle = Oracle::default();
    oracle.components = components();
    oracle.facts = facts;
    oracle.call_graph = call_graph();
    oracle.order = Order {
        sequence: vec![OPEN, PACK, BOX, MODULE],
        dependencies: vec![vec![BOX, PACK], vec![OPEN], vec![], vec![OPEN]],
        height: vec![1, 2, 3, 2],
        cycles: Vec::new(),
    };
    oracle.problems = vec![Problem {
        path: "shop/old.py".into(),
        line: Some(3),
        kind: ProblemKind::Syntax,
        message: "Python 2 `print`; the rest of the file was analysed".to_owned(),
    }];
    oracle.files = vec![SourceFile {
        path: "shop/crate.py".into(),
        module: "shop.crate".into(),
        lines: 40,
        bytes: 900,
        call_expressions: 7,
        analyzed: true,
        hash: 2,
    }];
    oracle.roots = vec!["shop".into()];
    oracle.indexed()
}
