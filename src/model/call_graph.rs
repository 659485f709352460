//! The call graph: who calls whom, from where, and how sure that is.
//!
//! [`CallGraph`] joins components of the repository. Calls that leave it (packages, built-ins) are kept apart, and
//! sites that may reach more than their edges say are kept as [`OpenSite`]s, because an answer may only be "no" where
//! none of them could make it "yes".

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::component::{ComponentIndex, Name};

/// How a call depends on the control flow around it; an edge takes the first of its sites' in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallType {
    /// Runs whenever the component runs that far.
    Direct,
    /// Under `if`, ternary, `match`, `except`, or right of `and`/`or`.
    Conditional,
    /// Inside a loop body or comprehension.
    Loop,
}

impl fmt::Display for CallType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Conditional => "conditional",
            Self::Loop => "loop",
        })
    }
}

/// What in the source makes the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// A call expression.
    Call,
    /// A call expression that makes an instance.
    Constructor,
    /// Reading, writing or deleting a property or another descriptor.
    Property,
    /// An operator, comparison or subscript.
    Operator,
    /// `for`, a comprehension, unpacking, `in`.
    Iteration,
    /// `with`.
    ContextManager,
    /// Applying a decorator.
    Decorator,
    /// Any other call the language makes by itself (`__init_subclass__`, `__missing__`, `__repr__` in f-strings, …).
    Implicit,
}

impl fmt::Display for EdgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "call",
            Self::Constructor => "constructor",
            Self::Property => "property",
            Self::Operator => "operator",
            Self::Iteration => "iteration",
            Self::ContextManager => "context_manager",
            Self::Decorator => "decorator",
            Self::Implicit => "implicit",
        })
    }
}

/// A place in the source that makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// Line, counted from 1.
    pub line: u32,
    /// Column in bytes, counted from 0.
    pub column: u32,
    /// Its control flow.
    pub call_type: CallType,
}

/// A call from one component to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Who calls.
    pub caller: ComponentIndex,
    /// Who is called.
    pub callee: ComponentIndex,
    /// What makes the call (that of the first site).
    pub kind: EdgeKind,
    /// The first of direct, conditional, loop among the sites.
    pub call_type: CallType,
    /// Whether some site can only go there, rather than there or elsewhere.
    pub certain: bool,
    /// Whether the evidence is weak: the receiver's class is guessed from the attributes it is asked for, or this is
    /// one of very many overrides of the method that the site names. It says where to look, and confirms nothing.
    pub weak: bool,
    /// Where, in source order, never empty.
    pub sites: Vec<Site>,
}

/// A call that leaves the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalEdge {
    /// Who calls.
    pub caller: ComponentIndex,
    /// Dotted import path (`json.dumps`) or built-in (`builtins.len`, `builtins.str.join`).
    pub target: Name,
    /// Lines of the sites, ascending, without repeats.
    pub lines: Vec<u32>,
}

/// Why a site's targets are not all known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenReason {
    /// The value comes in through a parameter that callers outside may set.
    Parameter,
    /// The value comes from a package that was not analysed.
    ExternalValue,
    /// An attribute of a value whose type is not known.
    UnknownReceiver,
    /// An element of a container whose contents are not known.
    ContainerElement,
    /// `getattr`, `eval`, `globals()` and their like.
    Dynamic,
    /// A name that nothing in the repository binds.
    UnboundName,
    /// A value from a part of the file that could not be parsed.
    Damaged,
    /// More possibilities than the analysis follows.
    TooMany,
    /// Code that no value reaches (its function is never called with anything known).
    NoValue,
}

impl fmt::Display for OpenReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parameter => "value of a parameter",
            Self::ExternalValue => "value from outside the repository",
            Self::UnknownReceiver => "receiver of unknown type",
            Self::ContainerElement => "element of a container",
            Self::Dynamic => "dynamic code",
            Self::UnboundName => "unbound name",
            Self::Damaged => "code that does not parse",
            Self::TooMany => "too many possibilities",
            Self::NoValue => "no value reaches it",
        })
    }
}

/// What a site whose targets are not all known might still reach.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// Any function or class whose value is passed around.
    AnyValue,
    /// An attribute of this name on a value of unknown type: methods and properties so named, or a value stored
    /// under that name.
    Attribute(Name),
    /// Reading or writing an attribute of this name of a value of unknown type: properties and descriptors so named.
    Property(Name),
    /// An attribute whose name is not known: any property or descriptor.
    AnyAttribute,
    /// A special method such as `__add__` on a value of unknown type.
    Special(Name),
    /// Code outside the repository that was handed values and may call them or their methods.
    Callback,
}

/// A site that may call more than its edges say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenSite {
    /// The component it is in.
    pub component: ComponentIndex,
    /// Line, counted from 1.
    pub line: u32,
    /// What it might reach.
    pub reach: Reach,
    /// Number of arguments, where it is known, to exclude targets that cannot take them.
    pub arguments: Option<u16>,
    /// Why it is open.
    pub reason: OpenReason,
}

/// A site whose receiver has a declared type. Declarations bind nobody: a method of this name of another class may be
/// what is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PosedSite {
    /// The component it is in.
    pub component: ComponentIndex,
    /// Of the method or attribute.
    pub name: Name,
    /// Line, counted from 1.
    pub line: u32,
}

/// How many call expressions ended how; together they are all the call expressions there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteCounts {
    /// All targets known and in the repository.
    pub resolved: u64,
    /// Some targets known, more possible.
    pub partly_resolved: u64,
    /// Into a package that was not analysed.
    pub external: u64,
    /// Into the language's built-ins.
    pub builtin: u64,
    /// No target known, by reason.
    pub unresolved: BTreeMap<OpenReason, u64>,
}

impl SiteCounts {
    /// All sites without a known target.
    pub fn unresolved_total(&self) -> u64 {
        self.unresolved.values().sum()
    }

    /// All sites.
    pub fn total(&self) -> u64 {
        self.resolved + self.partly_resolved + self.external + self.builtin + self.unresolved_total()
    }
}

/// Every call that the analysis found.
#[derive(Clone, Debug, Default)]
pub struct CallGraph {
    /// Calls between components, sorted by caller, then callee.
    pub edges: Vec<Edge>,
    /// Calls out of the repository, sorted by caller, then target.
    pub external: Vec<ExternalEdge>,
    /// Sites that may reach more, sorted by component.
    pub open: Vec<OpenSite>,
    /// Sites whose receivers are only declared to be of their types, sorted.
    pub posed: Vec<PosedSite>,
    /// What became of every call expression.
    pub counts: SiteCounts,
    /// The same, per component: (call expressions, those resolved, external or built-in).
    pub sites_of: Vec<(u32, u32)>,
    callers: Vec<u32>,
}

impl CallGraph {
    /// Builds the graph from unsorted parts; edges of one caller and callee are merged.
    pub fn new(
        mut edges: Vec<Edge>,
        mut external: Vec<ExternalEdge>,
        mut open: Vec<OpenSite>,
        counts: SiteCounts,
        sites_of: Vec<(u32, u32)>,
    ) -> Self {
        for edge in &mut edges {
            edge.sites.sort_unstable();
        }
        edges.sort_by(|a, b| (a.caller, a.callee, &a.sites).cmp(&(b.caller, b.callee, &b.sites)));
        edges.dedup_by(|next, kept| {
            let same = (kept.caller, kept.callee) == (next.caller, next.callee);
            if same {
                kept.certain |= next.certain;
                kept.weak &= next.weak;
                kept.call_type = kept.call_type.min(next.call_type);
                kept.sites.append(&mut next.sites);
                kept.sites.sort_unstable();
                kept.sites.dedup();
            }
            same
        });
        external.sort_by(|a, b| (a.caller, &a.target).cmp(&(b.caller, &b.target)));
        external.dedup_by(|next, kept| {
            let same = (kept.caller, &kept.target) == (next.caller, &next.target);
            if same {
                kept.lines.append(&mut next.lines);
            }
            same
        });
        for edge in &mut external {
            edge.lines.sort_unstable();
            edge.lines.dedup();
        }
        open.sort();
        open.dedup();
        let mut callers: Vec<u32> = (0..u32::try_from(edges.len()).expect("fewer than 2^32 edges")).collect();
        callers.sort_by_key(|&i| (edges[i as usize].callee, edges[i as usize].caller));
        Self {
            edges,
            external,
            open,
            posed: Vec::new(),
            counts,
            sites_of,
            callers,
        }
    }

    /// The same with sites whose receivers are only declared to be of their types.
    #[must_use]
    pub fn with_posed(mut self, mut posed: Vec<PosedSite>) -> Self {
        posed.sort_unstable();
        posed.dedup_by(|a, b| (a.component, &a.name) == (b.component, &b.name));
        self.posed = posed;
        self
    }

    /// The sites of a component whose receivers are only declared to be of their types, by name.
    pub fn posed_sites(&self, component: ComponentIndex) -> &[PosedSite] {
        let start = self.posed.partition_point(|s| s.component < component);
        let end = self.posed.partition_point(|s| s.component <= component);
        &self.posed[start..end]
    }

    /// The edges out of a component, by callee.
    pub fn callees(&self, caller: ComponentIndex) -> &[Edge] {
        let start = self.edges.partition_point(|e| e.caller < caller);
        let end = self.edges.partition_point(|e| e.caller <= caller);
        &self.edges[start..end]
    }

    /// The edges into a component, by caller.
    pub fn callers(&self, callee: ComponentIndex) -> impl Iterator<Item = &Edge> {
        let start = self
            .callers
            .partition_point(|&i| self.edges[i as usize].callee < callee);
        let end = self
            .callers
            .partition_point(|&i| self.edges[i as usize].callee <= callee);
        self.callers[start..end].iter().map(|&i| &self.edges[i as usize])
    }

    /// The edge between two components.
    pub fn edge(&self, caller: ComponentIndex, callee: ComponentIndex) -> Option<&Edge> {
        let edges = self.callees(caller);
        edges
            .binary_search_by_key(&callee, |e| e.callee)
            .ok()
            .map(|i| &edges[i])
    }

    /// The calls of a component that leave the repository.
    pub fn external_callees(&self, caller: ComponentIndex) -> &[ExternalEdge] {
        let start = self.external.partition_point(|e| e.caller < caller);
        let end = self.external.partition_point(|e| e.caller <= caller);
        &self.external[start..end]
    }

    /// The sites of a component that may reach more than its edges.
    pub fn open_sites(&self, component: ComponentIndex) -> &[OpenSite] {
        let start = self.open.partition_point(|s| s.component < component);
        let end = self.open.partition_point(|s| s.component <= component);
        &self.open[start..end]
    }
}
