//! Oracles made by hand, for tests: components in source order, ten lines each, with edges and facts as told.

use super::{Oracle, SourceFile};
use crate::model::call_graph::{
    CallGraph, CallType, Edge, EdgeKind, ExternalEdge, OpenReason, OpenSite, Reach, Site, SiteCounts,
};
use crate::model::component::{
    Component, ComponentIndex, ComponentKind, Decorator, Name, Parameter, ParameterKind, Signature, Traits,
};
use crate::model::facts::{Attribute, Effect, EffectKind, Facts, Raise, RaiseOrigin};

/// Lines that each definition takes, its members not counted.
const LINES: u32 = 10;

/// A repository in the making. Components are added in source order, each module whole before the next.
#[derive(Default)]
pub(crate) struct Repository {
    oracle: Oracle,
    edges: Vec<Edge>,
    external: Vec<ExternalEdge>,
    open: Vec<OpenSite>,
}

impl Repository {
    pub(crate) fn module(&mut self, id: &str) -> ComponentIndex {
        let path = format!("{}.py", id.replace('.', "/"));
        self.oracle.files.push(SourceFile {
            path: path.as_str().into(),
            module: id.into(),
            lines: 100,
            bytes: 1000,
            call_expressions: 0,
            analyzed: true,
            hash: 0,
        });
        let root: Name = id.split('.').next().unwrap().into();
        if !self.oracle.roots.contains(&root) {
            self.oracle.roots.push(root);
            self.oracle.roots.sort();
        }
        self.add(id, id, ComponentKind::Module, None)
    }

    /// A package's `__init__.py`.
    pub(crate) fn package(&mut self, id: &str) -> ComponentIndex {
        let index = self.module(id);
        self.of(index).path = format!("{}/__init__.py", id.replace('.', "/")).as_str().into();
        index
    }

    pub(crate) fn class(&mut self, id: &str, bases: &[&str]) -> ComponentIndex {
        let index = self.define(id, ComponentKind::Class);
        self.of(index).bases = bases.iter().map(|&b| b.into()).collect();
        let ancestors: Vec<ComponentIndex> = bases
            .iter()
            .filter_map(|b| self.named(b))
            .flat_map(|b| {
                let facts = &self.oracle.facts[b.as_usize()];
                std::iter::once(b).chain(facts.ancestors.clone())
            })
            .collect();
        self.facts(index).ancestors = ancestors;
        self.facts(index).ancestors_complete = true;
        index
    }

    /// `signature` is Python's: `(self, a, /, b: int = 1, *, c) -> str`. A method where its parent is a class.
    pub(crate) fn function(&mut self, id: &str, signature: &str) -> ComponentIndex {
        let index = self.define(id, ComponentKind::Function);
        let parent = self.of(index).parent.unwrap();
        let is_method = self.oracle.component(parent).kind == ComponentKind::Class;
        if is_method {
            self.of(index).kind = ComponentKind::Method;
        }
        let line = self.of(index).first_line;
        self.of(index).signature = Some(parse(signature, is_method, line));
        index
    }

    pub(crate) fn property(&mut self, id: &str, signature: &str) -> ComponentIndex {
        let index = self.function(id, signature);
        self.of(index).kind = ComponentKind::Property;
        self.decorate(index, "property");
        index
    }

    fn define(&mut self, id: &str, kind: ComponentKind) -> ComponentIndex {
        let (parent, _) = id.rsplit_once('.').unwrap();
        let parent = self.named(parent).expect("the parent is defined first");
        let module = self.oracle.component(parent).module.clone();
        self.add(id, &module, kind, Some(parent))
    }

    fn add(&mut self, id: &str, module: &str, kind: ComponentKind, parent: Option<ComponentIndex>) -> ComponentIndex {
        let index = ComponentIndex(u32::try_from(self.oracle.components.len()).unwrap());
        let last = self
            .oracle
            .components
            .iter()
            .filter(|c| *c.module == *module)
            .map(|c| c.last_line)
            .max()
            .unwrap_or(0);
        let qualname = id.strip_prefix(module).unwrap().trim_start_matches('.');
        self.oracle.components.push(Component {
            id: id.into(),
            qualname: qualname.into(),
            module: module.into(),
            path: format!("{}.py", module.replace('.', "/")).as_str().into(),
            kind,
            first_line: last + 1,
            last_line: last + LINES,
            parent,
            public: !id.split('.').any(|s| s.starts_with('_') && !s.starts_with("__")),
            signature: None,
            decorators: Vec::new(),
            bases: Vec::new(),
            docstring: None,
            traits: Traits::default(),
            source_hash: 0,
            own_hash: 0,
        });
        self.oracle.facts.push(Facts {
            raises_complete: true,
            ..Facts::default()
        });
        let mut outer = parent;
        while let Some(p) = outer {
            self.of(p).last_line = last + LINES;
            outer = self.of(p).parent;
        }
        index
    }

    fn named(&self, id: &str) -> Option<ComponentIndex> {
        let position = self.oracle.components.iter().position(|c| *c.id == *id)?;
        Some(ComponentIndex(u32::try_from(position).unwrap()))
    }

    pub(crate) fn of(&mut self, index: ComponentIndex) -> &mut Component {
        &mut self.oracle.components[index.as_usize()]
    }

    pub(crate) fn facts(&mut self, index: ComponentIndex) -> &mut Facts {
        &mut self.oracle.facts[index.as_usize()]
    }

    pub(crate) fn oracle(&mut self) -> &mut Oracle {
        &mut self.oracle
    }

    pub(crate) fn decorate(&mut self, index: ComponentIndex, text: &str) {
        let line = self.of(index).first_line;
        self.of(index).decorators.push(Decorator {
            text: text.into(),
            line,
        });
    }

    /// It returns values on these lines, counted from its first.
    pub(crate) fn returns(&mut self, index: ComponentIndex, inferred: Option<&str>) {
        let line = self.of(index).first_line + 1;
        self.facts(index).returns.value_lines.push(line);
        self.facts(index).returns.inferred = inferred.map(Into::into);
    }

    /// Its body ends without a value.
    pub(crate) fn falls_off(&mut self, index: ComponentIndex) {
        self.facts(index).returns.falls_off = true;
    }

    pub(crate) fn yields(&mut self, index: ComponentIndex) {
        let line = self.of(index).first_line + 1;
        self.of(index).traits.is_generator = true;
        self.facts(index).yields.push(line);
    }

    pub(crate) fn raises(
        &mut self,
        index: ComponentIndex,
        exception: &str,
        condition: Option<&str>,
        from: Option<ComponentIndex>,
    ) {
        let line = self.of(index).first_line + 2;
        let class = self.named(exception);
        let raise = Raise {
            exception: exception.rsplit('.').next().unwrap().into(),
            class,
            line,
            condition: condition.map(Into::into),
            message: None,
            origin: from.map_or(RaiseOrigin::Direct, RaiseOrigin::Callee),
        };
        self.facts(index).raises.push(raise);
    }

    pub(crate) fn attribute(
        &mut self,
        owner: ComponentIndex,
        name: &str,
        annotation: Option<&str>,
        value: Option<&str>,
    ) -> &mut Attribute {
        let line = self.of(owner).first_line + 1;
        self.facts(owner).attributes.push(Attribute {
            name: name.into(),
            annotation: annotation.map(Into::into),
            value: value.map(Into::into),
            line,
            is_set: true,
            on_instance: false,
            doc: None,
            inferred: None,
        });
        self.facts(owner).attributes.last_mut().unwrap()
    }

    pub(crate) fn effect(&mut self, index: ComponentIndex, kind: EffectKind, detail: &str) {
        let line = self.of(index).first_line + 3;
        self.facts(index).effects.push(Effect {
            kind,
            detail: detail.into(),
            line,
        });
    }

    pub(crate) fn calls(&mut self, caller: ComponentIndex, callee: ComponentIndex) -> &mut Edge {
        let line = self.of(caller).first_line + 4;
        self.edges.push(Edge {
            caller,
            callee,
            kind: EdgeKind::Call,
            call_type: CallType::Direct,
            certain: true,
            weak: false,
            sites: vec![Site {
                line,
                column: 4,
                call_type: CallType::Direct,
            }],
        });
        self.edges.last_mut().unwrap()
    }

    pub(crate) fn calls_outside(&mut self, caller: ComponentIndex, target: &str) {
        let line = self.of(caller).first_line + 5;
        self.external.push(ExternalEdge {
            caller,
            target: target.into(),
            lines: vec![line],
        });
    }

    pub(crate) fn open(&mut self, component: ComponentIndex, reach: Reach) -> &mut OpenSite {
        let line = self.of(component).first_line + 6;
        self.open.push(OpenSite {
            component,
            line,
            reach,
            arguments: None,
            reason: OpenReason::UnknownReceiver,
        });
        self.open.last_mut().unwrap()
    }

    pub(crate) fn escapes(&mut self, component: ComponentIndex) {
        self.oracle.reachable.escaping.push(component);
        self.oracle.reachable.escaping.sort();
    }

    pub(crate) fn build(mut self) -> Oracle {
        self.oracle.call_graph = CallGraph::new(
            self.edges,
            self.external,
            self.open,
            SiteCounts::default(),
            vec![(0, 0); self.oracle.components.len()],
        );
        self.oracle.indexed()
    }
}

/// Reads a signature without strings or nested parentheses in it.
fn parse(text: &str, binds_first: bool, line: u32) -> Signature {
    let (parameters, returns) = text.split_once("->").unwrap_or((text, ""));
    let inner = parameters.trim().trim_start_matches('(').trim_end_matches(')');
    let mut kind = ParameterKind::PositionalOrKeyword;
    let mut list: Vec<Parameter> = Vec::new();
    for item in split_outside_brackets(inner) {
        let item = item.trim();
        match item {
            "" => continue,
            "/" => {
                for parameter in &mut list {
                    parameter.kind = ParameterKind::PositionalOnly;
                }
                continue;
            }
            "*" => {
                kind = ParameterKind::KeywordOnly;
                continue;
            }
            _ => {}
        }
        let (declaration, default) = match item.split_once('=') {
            Some((d, v)) => (d.trim(), Some(v.trim().into())),
            None => (item, None),
        };
        let (name, annotation) = match declaration.split_once(':') {
            Some((n, a)) => (n.trim(), Some(a.trim().into())),
            None => (declaration, None),
        };
        let own_kind = if name.starts_with("**") {
            ParameterKind::VarKeyword
        } else if name.starts_with('*') {
            kind = ParameterKind::KeywordOnly;
            ParameterKind::VarPositional
        } else {
            kind
        };
        list.push(Parameter {
            name: name.trim_start_matches('*').into(),
            kind: own_kind,
            annotation,
            default,
            line,
        });
    }
    let returns = returns.trim();
    Signature {
        parameters: list,
        returns: (!returns.is_empty()).then(|| returns.into()),
        binds_first,
    }
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (i, c) in text.char_indices() {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
