//! The oracle: the read-only facts of the analysis, and its answers in three values.
//!
//! [`Oracle`] is built by `analysis` and never changes. It says "refuted" only where the analysis can exclude a
//! claim; what it cannot tell is `unknown`. The answers live in the files beside this one, one per group of subjects;
//! all of them are look-ups in tables made once by [`Oracle::indexed`].

mod ask;
mod attributes;
mod callable;
mod calls;
pub mod default_text;
mod diff;
mod index;
mod known;
pub(crate) mod language;
mod names;
mod parameters;
mod raises;
mod returns;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod type_text;
mod verify;
mod vocabulary;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::call_graph::CallGraph;
use super::component::{Component, ComponentIndex, Name};
use super::facts::{Facts, Problem};

pub use diff::{ClaimedEdge, GraphDiff};
pub use index::plain_name;
pub use verify::{FactKind, UnknownFact};

/// How two texts about the same thing (two types, two defaults) stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// They mean the same.
    Same,
    /// They exclude each other.
    Different,
    /// It cannot be told, or one says more than the other.
    Incomparable,
}

/// Everything that static analysis found out about a repository.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    /// All components, sorted by module name, then source order; a component comes after the one it is defined in.
    pub components: Vec<Component>,
    /// The behaviour of each component, at the same positions.
    pub facts: Vec<Facts>,
    /// Who calls whom.
    pub call_graph: CallGraph,
    /// In which order to document.
    pub order: Order,
    /// What could not be read, sorted.
    pub problems: Vec<Problem>,
    /// Every file found, skipped ones included, sorted by path.
    pub files: Vec<SourceFile>,
    /// What the sites that may reach more than their edges could reach.
    pub reachable: Reachable,
    /// Names of the repository's own top-level packages and modules, sorted.
    pub roots: Vec<Name>,
    /// Names that modules and classes make available besides their members: id of the module or class + `.` +
    /// name → id of what it is, or none where that is not a component (a variable, an external name).
    pub exports: FxHashMap<Name, Option<Name>>,
    pub(crate) vocabulary: Option<vocabulary::Vocabulary>,
    pub(crate) index: index::Index,
}

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// POSIX path relative to the repository.
    pub path: Name,
    /// Its module's name.
    pub module: Name,
    /// Lines.
    pub lines: u32,
    /// Bytes.
    pub bytes: u64,
    /// Call expressions in it.
    pub call_expressions: u32,
    /// Whether it was analysed (false: skipped with a problem).
    pub analyzed: bool,
    /// Hash of its content.
    pub hash: u64,
}

/// The order in which to document, dependencies first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// All components.
    pub sequence: Vec<ComponentIndex>,
    /// Per component: what has to be documented before it, sorted; within a cycle only what comes earlier in the
    /// source, so this relation has no cycles.
    pub dependencies: Vec<Vec<ComponentIndex>>,
    /// Per component: length of the longest chain of components that wait for it, itself included.
    pub height: Vec<u32>,
    /// Cycles of more than one component, each in source order, sorted by their first.
    pub cycles: Vec<Vec<ComponentIndex>>,
}

/// What open sites could reach, repository-wide.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    /// Components whose value is used other than by calling it on the spot, so that it may be called from anywhere
    /// (sorted).
    pub escaping: Vec<ComponentIndex>,
    /// Attribute names under which a function or class is stored by assignment, with the components that may be
    /// stored there; none means: anything that escapes.
    pub stored: BTreeMap<Name, Option<Vec<ComponentIndex>>>,
    /// Functions that iterators call when they are stepped through: handed to `map`, `filter` and their like (sorted).
    pub lazy: Vec<ComponentIndex>,
    /// Functions that reading an attribute calls though they are not defined as properties: handed to `property`
    /// (sorted).
    pub accessors: Vec<ComponentIndex>,
    /// Names of attributes that are set on values of unknown class, sorted: any class may have them.
    pub assigned: Vec<Name>,
    /// Whether attributes of computed names are set on values of unknown class.
    pub assigns_anything: bool,
}

impl Oracle {
    /// Completes the facts with their look-up tables.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.index = index::Index::of(&self);
        self
    }

    /// The component at a position.
    pub fn component(&self, index: ComponentIndex) -> &Component {
        &self.components[index.as_usize()]
    }

    /// The behaviour of the component at a position.
    pub fn facts(&self, index: ComponentIndex) -> &Facts {
        &self.facts[index.as_usize()]
    }

    /// The position of the component with this id.
    pub fn find(&self, id: &str) -> Option<ComponentIndex> {
        self.index.find(id)
    }

    /// All positions, in the order of `components`.
    pub fn indices(&self) -> impl Iterator<Item = ComponentIndex> + use<> {
        (0..u32::try_from(self.components.len()).expect("fewer than 2^32 components")).map(ComponentIndex)
    }

    /// The components defined directly in a module, class or function, in source order.
    pub fn members(&self, index: ComponentIndex) -> impl Iterator<Item = ComponentIndex> + '_ {
        // Components are sorted by module and source order, and definitions nest: what is defined in a component
        // follows it without a gap.
        let depth_end = self.components[index.as_usize() + 1..]
            .iter()
            .position(|c| !self.is_inside(c, index))
            .map_or(self.components.len(), |n| index.as_usize() + 1 + n);
        (index.as_usize() + 1..depth_end)
            .map(|i| ComponentIndex(u32::try_from(i).expect("fewer than 2^32 components")))
            .filter(move |&i| self.component(i).parent == Some(index))
    }

    fn is_inside(&self, component: &Component, outer: ComponentIndex) -> bool {
        let outer = self.component(outer);
        component.module == outer.module && component.path == outer.path && component.last_line <= outer.last_line
    }
}
