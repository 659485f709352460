//! From what each site goes to, to the call graph: edges between components, calls out of the repository, open sites.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::components::Components;
use super::parse::ir::{Op, Passing, Reg, ScopeKind};
use super::points_to::{Engine, How, Record, Target};
use super::program::{Program, ScopeId};
use crate::model::call_graph::{
    CallGraph, Edge, EdgeKind, ExternalEdge, OpenReason, OpenSite, PosedSite, Reach, Site, SiteCounts,
};
use crate::model::component::{ComponentIndex, Name};

/// A certain call with its place, for what follows calls through `try` statements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedCall {
    pub(crate) scope: ScopeId,
    pub(crate) op: Reg,
    pub(crate) callee: ComponentIndex,
}

/// The call graph, and its certain calls with their places.
pub(crate) struct Graph {
    pub(crate) calls: CallGraph,
    pub(crate) placed: Vec<PlacedCall>,
}

/// Builds the call graph.
pub(crate) fn graph(engine: &Engine, records: &[Record], components: &Components) -> Graph {
    let mut builder = Builder {
        engine,
        components,
        edges: Vec::new(),
        external: Vec::new(),
        open: Vec::new(),
        posed: Vec::new(),
        placed: Vec::new(),
        names: FxHashMap::default(),
    };
    for site in sites(records) {
        builder.site(&records[site]);
    }
    let (counts, sites_of) = count(engine, records, components);
    let calls =
        CallGraph::new(builder.edges, builder.external, builder.open, counts, sites_of).with_posed(builder.posed);
    Graph {
        calls,
        placed: builder.placed,
    }
}

/// Ranges of records with one scope and operation.
fn sites(records: &[Record]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = records.get(start)?;
        let len = records[start..]
            .iter()
            .take_while(|r| (r.scope, r.op) == (first.scope, first.op))
            .count();
        let range = start..start + len;
        start += len;
        Some(range)
    })
}

struct Builder<'a> {
    engine: &'a Engine,
    components: &'a Components,
    edges: Vec<Edge>,
    external: Vec<ExternalEdge>,
    open: Vec<OpenSite>,
    posed: Vec<PosedSite>,
    placed: Vec<PlacedCall>,
    names: FxHashMap<Target, Name>,
}

impl Builder<'_> {
    fn site(&mut self, records: &[Record]) {
        let (scope, op) = (records[0].scope, records[0].op);
        let unit = self.engine.program.unit_of(scope);
        let place = unit.ir.places[op as usize];
        let caller = self.components.of_scope[scope as usize];
        let site = Site {
            line: place.line,
            column: place.column,
            call_type: place.call_type,
        };
        for record in records {
            match &record.target {
                Target::Function(callee) => {
                    if let Some(callee) = self.components.is_scope[*callee as usize] {
                        let certain = is_certain(records, record, true);
                        self.edge((caller, callee), record, certain, site);
                        if certain {
                            self.placed.push(PlacedCall { scope, op, callee });
                        }
                    }
                }
                Target::Class(class) => {
                    if let Some(callee) = self.components.is_scope[*class as usize] {
                        let certain = is_certain(records, record, false);
                        self.edge((caller, callee), record, certain, site);
                    }
                }
                Target::External(_) | Target::Builtin(_) | Target::BuiltinMethod(..) => {
                    let target = self.external_name(&record.target);
                    self.external.push(ExternalEdge {
                        caller,
                        target,
                        lines: vec![place.line],
                    });
                }
                Target::Posed(name) => self.posed.push(PosedSite {
                    component: caller,
                    name: self.engine.program.names.text(*name).clone(),
                    line: place.line,
                }),
                Target::Open(reason, reach) => {
                    let arguments = match reach {
                        // What the site itself passes is not what is passed on.
                        _ if record.kind == EdgeKind::Implicit => None,
                        Reach::AnyValue | Reach::Attribute(_) => arguments(unit.ir.ops[op as usize], &unit.ir.args),
                        Reach::Property(_) | Reach::AnyAttribute | Reach::Special(_) | Reach::Callback => None,
                    };
                    self.open.push(OpenSite {
                        component: caller,
                        line: place.line,
                        reach: reach.clone(),
                        arguments,
                        reason: *reason,
                    });
                }
            }
        }
    }

    fn edge(&mut self, (caller, callee): (ComponentIndex, ComponentIndex), record: &Record, certain: bool, site: Site) {
        self.edges.push(Edge {
            caller,
            callee,
            kind: record.kind,
            weak: matches!(record.how, How::Guessed | How::Wide),
            call_type: site.call_type,
            certain,
            sites: vec![site],
        });
    }

    fn external_name(&mut self, target: &Target) -> Name {
        if let Some(name) = self.names.get(target) {
            return name.clone();
        }
        let names = &self.engine.program.names;
        let name: Name = match target {
            Target::Builtin(name) => format!("builtins.{}", names.text(*name)).into(),
            Target::BuiltinMethod(class, name) => {
                format!("builtins.{}.{}", names.text(*class), names.text(*name)).into()
            }
            Target::External(path) => names.text(*path).clone(),
            _ => "".into(),
        };
        self.names.insert(target.clone(), name.clone());
        name
    }
}

/// Whether a site's call can go nowhere else: one function (or class), and nothing open, external or built in.
fn is_certain(records: &[Record], record: &Record, function: bool) -> bool {
    if record.how != How::Known {
        return false;
    }
    let kind = record.kind;
    let alike = |k: EdgeKind| {
        k == kind
            || matches!(
                (k, kind),
                (
                    EdgeKind::Call | EdgeKind::Constructor,
                    EdgeKind::Call | EdgeKind::Constructor
                )
            )
    };
    let mut targets = 0;
    for record in records.iter().filter(|r| alike(r.kind)) {
        match record.target {
            Target::Function(_) => targets += u32::from(function),
            Target::Class(_) => targets += u32::from(!function),
            Target::Posed(_) => {}
            Target::Open(..) | Target::External(_) | Target::Builtin(_) | Target::BuiltinMethod(..) => return false,
        }
    }
    targets == 1
}

fn arguments(op: Op, args: &[super::parse::ir::Arg]) -> Option<u16> {
    let Op::Call { start, len, .. } = op else {
        return None;
    };
    let args = &args[start as usize..(start + len) as usize];
    let plain = args
        .iter()
        .all(|a| matches!(a.passing, Passing::Positional | Passing::Keyword(_)));
    plain.then(|| u16::try_from(args.len()).ok()).flatten()
}

/// What became of every call expression, for the repository and per component.
fn count(engine: &Engine, records: &[Record], components: &Components) -> (SiteCounts, Vec<(u32, u32)>) {
    let mut ends: FxHashMap<(u32, Reg), End> = FxHashMap::default();
    for range in sites(records) {
        let list = &records[range];
        let module = engine.program.module_of[list[0].scope as usize];
        ends.insert((module, list[0].op), End::of(list));
    }
    let mut counts = SiteCounts {
        unresolved: BTreeMap::new(),
        ..SiteCounts::default()
    };
    let mut sites_of = vec![(0, 0); components.list.len()];
    for scope in 0..engine.program.scope_count() {
        let unit = engine.program.unit_of(scope);
        let module = engine.program.module_of[scope as usize];
        for op in engine.program.scope(scope).ops.clone() {
            if !matches!(unit.ir.ops[op as usize], Op::Call { .. }) {
                continue;
            }
            let end = ends
                .get(&(module, op))
                .copied()
                .unwrap_or(End::Unresolved(OpenReason::NoValue));
            let slot = &mut sites_of[components.of_scope[scope as usize].as_usize()];
            slot.0 += 1;
            match end {
                End::Resolved => counts.resolved += 1,
                End::Partly => counts.partly_resolved += 1,
                End::External => counts.external += 1,
                End::Builtin => counts.builtin += 1,
                End::Unresolved(reason) => *counts.unresolved.entry(reason).or_default() += 1,
            }
            slot.1 += u32::from(matches!(end, End::Resolved | End::External | End::Builtin));
        }
    }
    (counts, sites_of)
}

/// What became of one call expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Resolved,
    Partly,
    External,
    Builtin,
    Unresolved(OpenReason),
}

impl End {
    fn of(records: &[Record]) -> Self {
        let (mut inside, mut external, mut builtin, mut open) = (false, false, false, None);
        for record in records {
            match &record.target {
                Target::Function(_) | Target::Class(_) => inside = true,
                Target::External(_) => external = true,
                Target::Builtin(_) | Target::BuiltinMethod(..) => builtin = true,
                Target::Posed(_) | Target::Open(_, Reach::AnyAttribute | Reach::Callback | Reach::Special(_)) => {}
                Target::Open(reason, _) => open = open.or(Some(*reason)),
            }
        }
        match (inside, external, builtin, open) {
            (true, _, _, None) => Self::Resolved,
            (false, true, _, None) => Self::External,
            (false, false, true, None) => Self::Builtin,
            (false, false, false, Some(reason)) => Self::Unresolved(reason),
            (false, false, false, None) => Self::Unresolved(OpenReason::NoValue),
            (_, _, _, Some(_)) => Self::Partly,
        }
    }
}

/// The graph in PyCG's form: caller → callees, by plain names, lambdas and class bodies as nodes of their own.
pub(crate) fn adjacency(engine: &Engine, records: &[Record]) -> BTreeMap<String, Vec<String>> {
    let mut names = PlainNames::new(&engine.program);
    let mut graph: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in records.iter().filter(|r| r.how != How::Wide) {
        let text = |sym: u32| engine.program.names.text(sym);
        let callee = match &record.target {
            Target::Function(scope) => names.of(*scope),
            Target::External(path) => text(*path).to_string(),
            Target::Builtin(name) => format!("<builtin>.{}", text(*name)),
            Target::BuiltinMethod(class, name) => match &**text(*class) {
                "str" => format!("<**PyStr**>.{}", text(*name)),
                "dict" => format!("<**PyDict**>.{}", text(*name)),
                "list" => format!("<**PyList**>.{}", text(*name)),
                _ => continue,
            },
            Target::Class(_) | Target::Posed(_) | Target::Open(..) => continue,
        };
        graph.entry(names.of(record.scope)).or_default().push(callee);
    }
    for callees in graph.values_mut() {
        callees.sort();
        callees.dedup();
    }
    graph
}

/// Plain dotted names of scopes, made when they are asked for: where lambdas nest deeply, all names together would be
/// far larger than the source.
struct PlainNames<'a> {
    program: &'a Program,
    /// The number of each lambda in the scope around it, in source order.
    lambdas: Vec<u32>,
    known: FxHashMap<ScopeId, String>,
}

impl<'a> PlainNames<'a> {
    fn new(program: &'a Program) -> Self {
        let mut lambdas = vec![0u32; program.scope_count() as usize];
        for unit in &program.modules {
            let mut order: Vec<usize> = (0..unit.ir.scopes.len()).collect();
            order.sort_by_key(|&i| (unit.ir.scopes[i].span.0, std::cmp::Reverse(unit.ir.scopes[i].span.1), i));
            let mut counts = vec![0u32; unit.ir.scopes.len()];
            for i in order {
                let scope = &unit.ir.scopes[i];
                if let (ScopeKind::Lambda, Some(parent)) = (scope.kind, scope.parent) {
                    counts[parent as usize] += 1;
                    lambdas[unit.first_scope as usize + i] = counts[parent as usize];
                }
            }
        }
        Self {
            program,
            lambdas,
            known: FxHashMap::default(),
        }
    }

    fn of(&mut self, scope: ScopeId) -> String {
        if let Some(name) = self.known.get(&scope) {
            return name.clone();
        }
        let mut parts: Vec<String> = Vec::new();
        let mut next = Some(scope);
        while let Some(current) = next {
            let this = self.program.scope(current);
            next = self.program.parent(current);
            parts.push(match this.kind {
                ScopeKind::Module => self.program.names.text(self.program.unit_of(current).name).to_string(),
                ScopeKind::Lambda => format!("<lambda{}>", self.lambdas[current as usize]),
                _ => self.program.names.text(this.name).to_string(),
            });
        }
        parts.reverse();
        let name = parts.join(".");
        self.known.insert(scope, name.clone());
        name
    }
}
