//! Look-up tables over the facts, made once, so that an answer costs no more than a few look-ups.
//!
//! [`Index`] holds nothing that cannot be computed from the oracle's public fields.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Oracle;
use super::language::library::calls_known_names;
use super::language::python::{CONSTRUCTORS, last_part};
use crate::model::call_graph::{OpenSite, Reach};
use crate::model::component::{ComponentIndex, ComponentKind, Name};

/// The tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    by_id: FxHashMap<Name, ComponentIndex>,
    /// Plain names that some second definition shares.
    shared: FxHashMap<Name, Vec<ComponentIndex>>,
    attributes: FxHashMap<(ComponentIndex, Name), u32>,
    /// Per class, the classes that have it among their ancestors.
    descendants: FxHashMap<ComponentIndex, Vec<ComponentIndex>>,
    /// Per constructor method, the classes whose instances it helps to make, sorted.
    constructs: FxHashMap<ComponentIndex, Vec<ComponentIndex>>,
    overridden_by: FxHashMap<ComponentIndex, Vec<ComponentIndex>>,
    /// Methods and properties by their last name, sorted.
    methods: FxHashMap<Name, Vec<ComponentIndex>>,
    /// Positions in the call graph's open sites, sorted by component and reach, without those that repeat another.
    reaches: Vec<u32>,
    reach_starts: Vec<u32>,
    /// Names of attributes, sorted, under which a component may be found besides its own.
    also_under: FxHashMap<ComponentIndex, Vec<Name>>,
    /// Attribute names that may hold any value that escapes.
    loose: FxHashSet<Name>,
    any_name_is_loose: bool,
    sealed: Vec<bool>,
    /// Classes of which some object may be handed to foreign code as one of its own kind, sorted.
    foreign: FxHashSet<ComponentIndex>,
    /// Components that hand values to code that may call methods by any name.
    calls_back_freely: FxHashSet<ComponentIndex>,
    not_analyzed: FxHashSet<Name>,
    namespaces: FxHashSet<Name>,
}

/// A component's plain name: its id without the marks of second definitions (`pkg.f#2.g` is `pkg.f.g`).
pub fn plain_name(id: &str) -> Cow<'_, str> {
    if !id.contains('#') {
        return Cow::Borrowed(id);
    }
    let segments: Vec<&str> = id.split('.').map(|s| s.split('#').next().unwrap_or(s)).collect();
    Cow::Owned(segments.join("."))
}

impl Index {
    pub(super) fn of(oracle: &Oracle) -> Self {
        let mut index = Self {
            by_id: oracle.indices().map(|i| (oracle.component(i).id.clone(), i)).collect(),
            ..Self::default()
        };
        index.name(oracle);
        index.relate_classes(oracle);
        index.collect_reaches(oracle);
        index.collect_stored(oracle);
        index.collect_not_analyzed(oracle);
        index.sealed = sealed(oracle);
        index.collect_callbacks(oracle);
        index
    }

    fn name(&mut self, oracle: &Oracle) {
        for i in oracle.indices() {
            let component = oracle.component(i);
            if let Cow::Owned(name) = plain_name(&component.id) {
                let first = self.by_id.get(name.as_str()).copied();
                self.shared
                    .entry(name.into())
                    .or_insert_with(|| first.into_iter().collect())
                    .push(i);
            }
            for (n, attribute) in (0u32..).zip(&oracle.facts(i).attributes) {
                self.attributes.entry((i, attribute.name.clone())).or_insert(n);
            }
            if component.kind == ComponentKind::Module {
                for (end, _) in component.id.match_indices('.') {
                    self.namespaces.insert(component.id[..end].into());
                }
            }
            if matches!(component.kind, ComponentKind::Method | ComponentKind::Property) {
                let last = last_part(&plain_name(&component.id)).into();
                self.methods.entry(last).or_default().push(i);
            }
            for &overridden in &oracle.facts(i).overrides {
                self.overridden_by.entry(overridden).or_default().push(i);
            }
        }
    }

    fn relate_classes(&mut self, oracle: &Oracle) {
        let classes = oracle
            .indices()
            .filter(|&i| oracle.component(i).kind == ComponentKind::Class);
        for class in classes {
            let ancestors = &oracle.facts(class).ancestors;
            for &ancestor in ancestors {
                self.descendants.entry(ancestor).or_default().push(class);
            }
            for name in CONSTRUCTORS {
                let nearest = std::iter::once(&class).chain(ancestors).find_map(|&c| {
                    let found = self.named(&format!("{}.{name}", plain_name(&oracle.component(c).id)));
                    (!found.is_empty()).then(|| found.to_vec())
                });
                for constructor in nearest.into_iter().flatten() {
                    self.constructs.entry(constructor).or_default().push(class);
                }
            }
        }
    }

    fn collect_reaches(&mut self, oracle: &Oracle) {
        let open = &oracle.call_graph.open;
        let count = u32::try_from(open.len()).expect("fewer than 2^32 open sites");
        let mut all: Vec<u32> = (0..count).collect();
        let key = |&i: &u32| {
            let site = &open[i as usize];
            (site.component, &site.reach, site.arguments, site.reason, site.line)
        };
        all.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        // Sites that differ only in their line, or in a reason that weighs no more, exclude the same callees.
        all.dedup_by_key(|i| {
            let site = &open[*i as usize];
            (site.component, &site.reach, site.arguments, site.reason)
        });
        self.reach_starts = (0..=oracle.components.len())
            .map(|c| all.partition_point(|&i| open[i as usize].component.as_usize() < c))
            .map(|n| u32::try_from(n).expect("fewer than 2^32 open sites"))
            .collect();
        self.reaches = all;
    }

    fn collect_stored(&mut self, oracle: &Oracle) {
        for (name, stored) in &oracle.reachable.stored {
            match stored {
                None => {
                    self.loose.insert(name.clone());
                }
                Some(components) => {
                    for &component in components {
                        self.also_under.entry(component).or_default().push(name.clone());
                    }
                }
            }
        }
        for i in oracle.indices() {
            let component = oracle.component(i);
            let last = last_part(&component.id);
            // What a property or `__getattr__` gives back may be any value that is passed around.
            if component.kind == ComponentKind::Property {
                self.loose.insert(last.into());
            } else if matches!(last, "__getattr__" | "__getattribute__") && component.kind == ComponentKind::Method {
                self.any_name_is_loose = true;
            }
            // Making an instance runs the constructor: whoever finds the class by a name finds that too.
            if let Some(classes) = self.constructs.get(&i) {
                let mut names: Vec<Name> = Vec::new();
                for class in classes {
                    names.push(last_part(&plain_name(&oracle.component(*class).id)).into());
                    names.extend(self.also_under.get(class).into_iter().flatten().cloned());
                }
                self.also_under.entry(i).or_default().append(&mut names);
            }
        }
        for i in oracle.indices() {
            if let Some(names) = self.also_under.get_mut(&i) {
                names.sort_unstable();
                names.dedup();
            }
        }
    }

    /// Names below the repository's own packages that the code uses and discovery did not give: compiled modules,
    /// files that were left out or could not be read.
    fn collect_not_analyzed(&mut self, oracle: &Oracle) {
        for file in oracle.files.iter().filter(|f| !f.analyzed) {
            self.not_analyzed.insert(file.module.clone());
        }
        for edge in &oracle.call_graph.external {
            let root = edge.target.split('.').next().unwrap_or_default();
            if oracle.roots.binary_search_by(|r| (**r).cmp(root)).is_err() {
                continue;
            }
            let ends = edge.target.match_indices('.').map(|(end, _)| end);
            for end in ends.chain([edge.target.len()]) {
                let prefix = &edge.target[..end];
                if self.find(prefix).is_none() && !self.namespaces.contains(prefix) {
                    self.not_analyzed.insert(prefix.into());
                }
            }
        }
    }

    fn collect_callbacks(&mut self, oracle: &Oracle) {
        for class in oracle.indices() {
            let is_class = oracle.component(class).kind == ComponentKind::Class;
            if is_class && !oracle.lineage_is_known(class) {
                self.foreign.insert(class);
                self.foreign.extend(&oracle.facts(class).ancestors);
            }
        }
        for site in &oracle.call_graph.open {
            if site.reach != Reach::Callback {
                continue;
            }
            let mut on_line = oracle
                .call_graph
                .external_callees(site.component)
                .iter()
                .filter(|e| e.lines.binary_search(&site.line).is_ok())
                .peekable();
            // Where the foreign code is not known by name, nothing is known of what it calls.
            if on_line.peek().is_none() || on_line.any(|e| !calls_known_names(&e.target)) {
                self.calls_back_freely.insert(site.component);
            }
        }
    }

    pub(super) fn find(&self, id: &str) -> Option<ComponentIndex> {
        self.by_id.get(id).copied()
    }

    /// All definitions of a plain name; of an id with a mark (`f#2`), that definition alone.
    pub(super) fn named(&self, name: &str) -> &[ComponentIndex] {
        if let Some(all) = self.shared.get(name) {
            return all;
        }
        self.by_id.get(name).map_or(&[], std::slice::from_ref)
    }

    /// The position of an attribute among its owner's.
    pub(super) fn attribute(&self, owner: ComponentIndex, name: &Name) -> Option<usize> {
        self.attributes.get(&(owner, name.clone())).map(|&n| n as usize)
    }

    pub(super) fn descendants(&self, class: ComponentIndex) -> &[ComponentIndex] {
        self.descendants.get(&class).map_or(&[], Vec::as_slice)
    }

    /// The classes whose instances a constructor helps to make, sorted.
    pub(super) fn constructs(&self, constructor: ComponentIndex) -> &[ComponentIndex] {
        self.constructs.get(&constructor).map_or(&[], Vec::as_slice)
    }

    pub(super) fn overridden_by(&self, method: ComponentIndex) -> &[ComponentIndex] {
        self.overridden_by.get(&method).map_or(&[], Vec::as_slice)
    }

    /// All methods and properties of a last name, sorted.
    pub(super) fn methods_named(&self, last: &str) -> &[ComponentIndex] {
        self.methods.get(last).map_or(&[], Vec::as_slice)
    }

    /// The open sites of a component by reach, without repeats.
    pub(super) fn reaches<'a>(&'a self, open: &'a [OpenSite], component: ComponentIndex) -> Reaches<'a> {
        let range = self.reach_starts.get(component.as_usize()..component.as_usize() + 2);
        let sites = range.map_or(&[][..], |r| &self.reaches[r[0] as usize..r[1] as usize]);
        Reaches { open, sites }
    }

    /// Names of attributes, sorted, under which a component may be found besides its own.
    pub(super) fn also_under(&self, component: ComponentIndex) -> &[Name] {
        self.also_under.get(&component).map_or(&[], Vec::as_slice)
    }

    /// Whether an attribute of this name may hold any value that escapes.
    pub(super) fn is_loose(&self, attribute: &str) -> bool {
        self.any_name_is_loose || self.loose.contains(attribute)
    }

    /// Whether some object of a class, or of one that derives from it, is of a foreign kind too.
    pub(super) fn is_foreign(&self, class: ComponentIndex) -> bool {
        self.foreign.contains(&class)
    }

    /// Whether a component hands values to code that may call their methods by any name.
    pub(super) fn calls_back_freely(&self, component: ComponentIndex) -> bool {
        self.calls_back_freely.contains(&component)
    }

    /// Whether nothing outside the repository but built-in functions runs beneath a component.
    pub(super) fn is_sealed(&self, component: ComponentIndex) -> bool {
        self.sealed.get(component.as_usize()).copied().unwrap_or(false)
    }

    pub(super) fn is_not_analyzed(&self, name: &str) -> bool {
        self.not_analyzed.contains(name)
    }

    /// Whether a dotted name leads to a module without being one.
    pub(super) fn is_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }
}

/// The open sites of one component, sorted by reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reaches<'a> {
    open: &'a [OpenSite],
    sites: &'a [u32],
}

impl<'a> Reaches<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = &'a OpenSite> {
        self.sites.iter().map(move |&i| &self.open[i as usize])
    }

    /// Those that reach for an attribute, sorted by its name; the others come before and after.
    pub(super) fn attributes(self) -> Self {
        let reach = |i: u32| &self.open[i as usize].reach;
        let start = self.sites.partition_point(|&i| *reach(i) < Reach::Attribute("".into()));
        let rest = &self.sites[start..];
        let end = rest.partition_point(|&i| matches!(reach(i), Reach::Attribute(_)));
        Self {
            open: self.open,
            sites: &rest[..end],
        }
    }

    /// Those that reach for anything but an attribute.
    pub(super) fn others(self) -> impl Iterator<Item = &'a OpenSite> {
        let attributes = self.attributes().sites.len();
        let before = self
            .sites
            .iter()
            .take_while(|&&i| matches!(self.open[i as usize].reach, Reach::AnyValue))
            .count();
        let (head, tail) = (&self.sites[..before], &self.sites[before + attributes..]);
        head.iter().chain(tail).map(move |&i| &self.open[i as usize])
    }

    /// Those that reach for the attribute of this name.
    pub(super) fn of_attribute(self, name: &str) -> impl Iterator<Item = &'a OpenSite> {
        let reach = move |i: u32| match &self.open[i as usize].reach {
            Reach::Attribute(n) => &**n,
            _ => "",
        };
        let block = self.attributes().sites;
        let start = block.partition_point(|&i| reach(i) < name);
        let end = start + block[start..].partition_point(|&i| reach(i) == name);
        block[start..end].iter().map(move |&i| &self.open[i as usize])
    }

    pub(super) fn len(self) -> usize {
        self.sites.len()
    }
}

/// Which components run nothing but the repository's own code and built-ins: spreads "not so" from callee to caller.
fn sealed(oracle: &Oracle) -> Vec<bool> {
    let graph = &oracle.call_graph;
    let mut sealed = vec![true; oracle.components.len()];
    let outside = graph
        .external
        .iter()
        .filter(|e| !e.target.starts_with("builtins.") && !e.target.starts_with("<builtin>."))
        .map(|e| e.caller);
    let mut work: Vec<ComponentIndex> = outside.chain(graph.open.iter().map(|s| s.component)).collect();
    while let Some(component) = work.pop() {
        if std::mem::replace(&mut sealed[component.as_usize()], false) {
            work.extend(graph.callers(component).map(|e| e.caller));
        }
    }
    sealed
}
