//! Small repositories made by hand, for the tests of settlement and of runs.
//!
//! The main type is [`Sample`]. Components are functions of one module, in the order they are added; a call to an
//! earlier one is a dependency, a call to a later one closes a cycle.

use std::sync::Arc;

use crate::model::call_graph::{CallGraph, CallType, Edge, EdgeKind, Site, SiteCounts};
use crate::model::component::{
    Component, ComponentIndex, ComponentKind, Name, Parameter, ParameterKind, Signature, Traits,
};
use crate::model::facts::{Effect, EffectKind, Facts, Raise, RaiseOrigin};
use crate::model::oracle::{Oracle, Order};

/// A repository in the making.
#[derive(Default)]
pub(crate) struct Sample {
    components: Vec<Component>,
    facts: Vec<Facts>,
    edges: Vec<(u32, u32)>,
}

impl Sample {
    /// Adds a function; what follows is about it.
    pub(crate) fn function(mut self, id: &str) -> Self {
        let line = u32::try_from(self.components.len() * 10 + 1).unwrap();
        let name = id.rsplit('.').next().unwrap();
        self.components.push(Component {
            id: id.into(),
            qualname: name.into(),
            module: "m".into(),
            path: "m.py".into(),
            kind: ComponentKind::Function,
            first_line: line,
            last_line: line + 8,
            parent: None,
            public: !name.starts_with('_'),
            signature: Some(Signature::default()),
            decorators: Vec::new(),
            bases: Vec::new(),
            docstring: None,
            traits: Traits::default(),
            source_hash: u64::from(line),
            own_hash: 0,
        });
        self.facts.push(Facts {
            raises_complete: true,
            ..Facts::default()
        });
        self
    }

    /// Adds a parameter.
    pub(crate) fn parameter(mut self, name: &str, annotation: Option<&str>, default: Option<&str>) -> Self {
        let component = self.components.last_mut().unwrap();
        let line = component.first_line;
        let signature = component.signature.as_mut().unwrap();
        signature.parameters.push(Parameter {
            name: name.into(),
            kind: ParameterKind::PositionalOrKeyword,
            annotation: annotation.map(Name::from),
            default: default.map(Name::from),
            line,
        });
        self
    }

    /// Makes it return a value.
    pub(crate) fn returns(mut self) -> Self {
        let line = self.line() + 1;
        self.facts.last_mut().unwrap().returns.value_lines.push(line);
        self
    }

    /// Makes it raise.
    pub(crate) fn raises(mut self, exception: &str) -> Self {
        let line = self.line() + 2;
        self.facts.last_mut().unwrap().raises.push(Raise {
            exception: exception.into(),
            class: None,
            line,
            condition: None,
            message: None,
            origin: RaiseOrigin::Direct,
        });
        self
    }

    /// Makes it do something to the world.
    pub(crate) fn effect(mut self, kind: EffectKind, detail: &str) -> Self {
        let line = self.line() + 3;
        self.facts.last_mut().unwrap().effects.push(Effect {
            kind,
            detail: detail.into(),
            line,
        });
        self
    }

    /// Makes it call the component at a position.
    pub(crate) fn calls(mut self, callee: usize) -> Self {
        let caller = u32::try_from(self.components.len() - 1).unwrap();
        self.edges.push((caller, u32::try_from(callee).unwrap()));
        self
    }

    /// Marks it as part of a file that could not be parsed whole.
    pub(crate) fn damaged(mut self) -> Self {
        self.components.last_mut().unwrap().traits.in_damaged_file = true;
        self
    }

    fn line(&self) -> u32 {
        self.components.last().unwrap().first_line
    }

    /// The facts of it all.
    pub(crate) fn oracle(self) -> Arc<Oracle> {
        let count = self.components.len();
        let mut dependencies = vec![Vec::new(); count];
        let mut height = vec![1u32; count];
        for &(caller, callee) in self.edges.iter().filter(|(caller, callee)| callee < caller) {
            dependencies[caller as usize].push(ComponentIndex(callee));
        }
        for caller in (0..count).rev() {
            dependencies[caller].sort_unstable();
            for callee in &dependencies[caller] {
                let waiting = height[caller] + 1;
                let own = &mut height[callee.as_usize()];
                *own = waiting.max(*own);
            }
        }
        let edge = |&(caller, callee): &(u32, u32)| Edge {
            caller: ComponentIndex(caller),
            callee: ComponentIndex(callee),
            kind: EdgeKind::Call,
            call_type: CallType::Direct,
            certain: true,
            weak: false,
            sites: vec![Site {
                line: caller * 10 + 5,
                column: 4,
                call_type: CallType::Direct,
            }],
        };
        let edges = self.edges.iter().map(edge).collect();
        let sites = vec![(0, 0); count];
        Arc::new(
            Oracle {
                components: self.components,
                facts: self.facts,
                call_graph: CallGraph::new(edges, vec![], vec![], SiteCounts::default(), sites),
                order: Order {
                    sequence: (0..u32::try_from(count).unwrap()).map(ComponentIndex).collect(),
                    dependencies,
                    height,
                    cycles: Vec::new(),
                },
                ..Oracle::default()
            }
            .indexed(),
        )
    }
}
