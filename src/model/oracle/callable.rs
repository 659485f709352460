//! Callables: what a component can be called with, a class through its constructor.
//!
//! [`Parameters`] also says why the list may not be all there is, because only a complete one can refute.

use super::Oracle;
use super::index::plain_name;
use super::language::python::{decorator_name, keeps_parameters, last_part};
use super::names::Meaning;
use crate::model::component::{Component, ComponentIndex, ComponentKind, Decorator, Name, Parameter, ParameterKind};

/// One parameter, as the answers need it.
pub(super) struct Known<'a> {
    pub(super) name: &'a Name,
    /// None for a record's fields, whose decorator may say more than is known.
    pub(super) kind: Option<ParameterKind>,
    pub(super) annotation: Option<&'a Name>,
    pub(super) default: Default<'a>,
    /// None where it stands in another file.
    pub(super) line: Option<u32>,
    /// `self` or `cls`, which no caller passes.
    pub(super) bound: bool,
}

/// A parameter's default.
#[derive(Clone, Copy)]
pub(super) enum Default<'a> {
    /// It has none.
    Required,
    /// As written.
    Written(&'a Name),
    /// It may have one.
    Unsure,
}

/// What a component can be called with.
pub(super) struct Parameters<'a> {
    pub(super) known: Vec<Known<'a>>,
    /// The `*args` that takes whatever is left, where there is one.
    pub(super) star: Option<&'a Name>,
    /// Why a name that is not among them may be one all the same.
    pub(super) open: Option<String>,
    /// Why the callers see something else than the `def` says, if they may.
    pub(super) disguised: Option<String>,
}

impl<'a> Parameters<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&Known<'a>> {
        let name = bare(name);
        self.known.iter().find(|p| **p.name == *name)
    }

    /// The parameters a caller passes.
    pub(super) fn passed(&self) -> impl Iterator<Item = &Known<'a>> {
        self.known.iter().filter(|p| !p.bound)
    }
}

/// A parameter's name without the stars and backslashes that authors write before it.
pub(super) fn bare(name: &str) -> &str {
    name.trim_start_matches(['*', '\\'])
}

impl Oracle {
    /// What a component can be called with.
    pub(super) fn parameters(&self, component: ComponentIndex) -> Parameters<'_> {
        let target = self.component(component);
        match target.kind {
            ComponentKind::Module => open_list("a module takes no parameters of its own"),
            ComponentKind::Class => self.constructor_parameters(component),
            ComponentKind::Property if self.has_setter(target) => Parameters {
                open: Some("its setter takes a value".into()),
                ..self.own_parameters(component, component)
            },
            _ => self.own_parameters(component, component),
        }
    }

    fn has_setter(&self, property: &Component) -> bool {
        let name = plain_name(&property.id);
        self.find(&format!("{name}#setter")).is_some() || self.index.named(&name).len() > 1
    }

    /// The parameters of one `def`, as seen from a component that may be in another file.
    fn own_parameters(&self, def: ComponentIndex, seen_from: ComponentIndex) -> Parameters<'_> {
        let component = self.component(def);
        let Some(signature) = &component.signature else {
            return open_list("it has no signature");
        };
        let same_file = component.path == self.component(seen_from).path;
        let bound = signature.parameters.len() - signature.documented().len();
        let known: Vec<Known<'_>> = (0..)
            .zip(&signature.parameters)
            .map(|(n, p): (usize, &Parameter)| Known {
                name: &p.name,
                kind: Some(p.kind),
                annotation: p.annotation.as_ref(),
                default: p.default.as_ref().map_or(Default::Required, Default::Written),
                line: same_file.then_some(p.line),
                bound: n < bound,
            })
            .collect();
        let disguised = self.disguise(def);
        let star = signature
            .parameters
            .iter()
            .find(|p| p.kind == ParameterKind::VarPositional)
            .map(|p| &p.name);
        let keywords = known.iter().find(|p| p.kind == Some(ParameterKind::VarKeyword));
        let open = match keywords {
            Some(p) => Some(format!("it may be one of `**{}`", p.name)),
            None if component.traits.has_overloads => Some("its overloads may name it".to_owned()),
            None => disguised.clone(),
        };
        Parameters {
            known,
            star,
            open,
            disguised,
        }
    }

    /// Why callers may see other parameters than a definition has: a decorator that is not known to keep them.
    pub(super) fn disguise(&self, component: ComponentIndex) -> Option<String> {
        self.component(component)
            .decorators
            .iter()
            .find(|d| !self.keeps_parameters(component, d))
            .map(|d| {
                let name = decorator_name(&d.text);
                format!("the decorator `{name}` may change what callers see")
            })
    }

    /// Whether a decorator keeps the parameters: it is known to, or the repository's own wraps with `functools.wraps`.
    fn keeps_parameters(&self, component: ComponentIndex, decorator: &Decorator) -> bool {
        if keeps_parameters(&decorator.text) {
            return true;
        }
        let scope = self.component(component).parent.unwrap_or(component);
        let name = decorator_name(&decorator.text);
        let Meaning::Components(found) = self.meaning_in(scope, name) else {
            return false;
        };
        found.iter().all(|&d| {
            self.component(d).kind == ComponentKind::Function && self.members(d).any(|inner| self.wraps(inner, 1))
        })
    }

    /// Whether a nested function, or one `depth` levels further in, is decorated with `wraps`.
    fn wraps(&self, function: ComponentIndex, depth: u32) -> bool {
        let wraps = self
            .component(function)
            .decorators
            .iter()
            .any(|d| matches!(last_part(decorator_name(&d.text)), "wraps" | "update_wrapper"));
        wraps || depth > 0 && self.members(function).any(|inner| self.wraps(inner, depth - 1))
    }

    fn constructor_parameters(&self, class: ComponentIndex) -> Parameters<'_> {
        let own_decorator = self.disguise(class);
        let lineage: Vec<ComponentIndex> = std::iter::once(class)
            .chain(self.facts(class).ancestors.iter().copied())
            .collect();
        let mut found: Vec<Parameters<'_>> = Vec::new();
        let mut inherited = false;
        for (n, &owner) in lineage.iter().enumerate() {
            for name in ["__init__", "__new__"] {
                let path = format!("{}.{name}", plain_name(&self.component(owner).id));
                for &def in self.index.named(&path) {
                    found.push(self.own_parameters(def, class));
                }
            }
            if found.is_empty() && self.component(owner).traits.is_record {
                found.push(self.record_parameters(owner, class));
            }
            if !found.is_empty() {
                inherited = n > 0;
                break;
            }
        }
        if found.is_empty() {
            let known = self.class_is_known(class) && !self.component(class).traits.is_protocol;
            return if known {
                Parameters {
                    known: Vec::new(),
                    star: None,
                    open: own_decorator,
                    disguised: None,
                }
            } else {
                open_list("its constructor is not known")
            };
        }
        let mut merged = merge(found);
        if inherited && !self.class_has_known_bases(class) {
            merged.open = Some("another base class may have the constructor".into());
        }
        merged.open = merged.open.or_else(|| own_decorator.clone());
        merged.disguised = merged.disguised.or(own_decorator);
        merged
    }

    fn class_has_known_bases(&self, class: ComponentIndex) -> bool {
        self.facts(class).ancestors_complete && self.has_only_known_bases(class, self.component(class))
    }

    /// A record's fields, those of the records it extends included.
    fn record_parameters(&self, record: ComponentIndex, seen_from: ComponentIndex) -> Parameters<'_> {
        let path = &self.component(seen_from).path;
        let mut known: Vec<Known<'_>> = Vec::new();
        let ancestors = self.facts(record).ancestors.iter().rev();
        for &owner in ancestors.chain(std::iter::once(&record)) {
            if !self.component(owner).traits.is_record {
                continue;
            }
            let same_file = self.component(owner).path == *path;
            for field in &self.facts(owner).attributes {
                let of_class = field
                    .annotation
                    .as_ref()
                    .is_some_and(|a| last_part(a.split('[').next().unwrap_or(a)) == "ClassVar");
                if field.on_instance || field.annotation.is_none() || of_class {
                    continue;
                }
                known.retain(|k| k.name != &field.name);
                known.push(Known {
                    name: &field.name,
                    kind: None,
                    annotation: field.annotation.as_ref(),
                    default: field.value.as_ref().map_or(Default::Unsure, Default::Written),
                    line: same_file.then_some(field.line),
                    bound: false,
                });
            }
        }
        let complete = self.facts(record).ancestors_complete && !self.facts(record).attributes_open;
        let fields_without_annotation = self
            .facts(record)
            .attributes
            .iter()
            .any(|a| !a.on_instance && a.annotation.is_none());
        let open = (!complete || fields_without_annotation).then(|| "not all fields are known".to_owned());
        Parameters {
            known,
            star: None,
            open,
            disguised: None,
        }
    }
}

fn open_list<'a>(reason: &str) -> Parameters<'a> {
    Parameters {
        known: Vec::new(),
        star: None,
        open: Some(reason.to_owned()),
        disguised: Some(reason.to_owned()),
    }
}

/// The parameters of several definitions that may each be the one called: a name has to be refused by one of them.
fn merge(lists: Vec<Parameters<'_>>) -> Parameters<'_> {
    let mut lists = lists.into_iter();
    let Some(mut merged) = lists.next() else {
        return open_list("it has no signature");
    };
    for list in lists {
        for parameter in list.known {
            if !merged.known.iter().any(|k| k.name == parameter.name) {
                merged.known.push(parameter);
            }
        }
        merged.star = merged.star.and(list.star);
        merged.open = merged.open.and(list.open);
        merged.disguised = merged.disguised.or(list.disguised);
    }
    merged
}
