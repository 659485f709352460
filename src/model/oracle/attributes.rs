//! Answers about what a component has and mentions: attributes, members, references, effects.

use super::index::plain_name;
use super::language::python::last_part;
use super::names::Meaning;
use super::{Oracle, Relation};
use crate::model::claim::{Answer, Value};
use crate::model::component::{ComponentIndex, ComponentKind, Name};
use crate::model::facts::{Attribute, EffectKind};

impl Oracle {
    /// Whether a class or module has an attribute.
    pub(super) fn attribute(&self, owner: ComponentIndex, name: &str) -> Answer {
        let kind = self.component(owner).kind;
        if !matches!(kind, ComponentKind::Class | ComponentKind::Module) {
            return Answer::unknown(format!("attributes of a {kind} are not followed"));
        }
        let first = name.split('.').next().unwrap_or(name);
        if let Some(attribute) = self.own_attribute(owner, first) {
            return Answer::confirmed("it is set here", Some(attribute.line));
        }
        match self.step(owner, first) {
            Meaning::Components(found) => {
                let line = found
                    .iter()
                    .map(|&c| self.component(c))
                    .find(|c| c.path == self.component(owner).path)
                    .map(|c| c.first_line);
                Answer::confirmed("it is defined", line)
            }
            Meaning::Thing => Answer::confirmed("it is inherited, imported or set from outside", None),
            Meaning::Unknown => Answer::unknown("it may have attributes that are not known"),
            Meaning::Missing(..) => {
                let somebody = self
                    .index
                    .descendants(owner)
                    .iter()
                    .any(|&d| !matches!(self.step(d, first), Meaning::Missing(..)));
                if somebody {
                    Answer::unknown("a subclass may set it")
                } else if self.reachable.assigns_anything && kind == ComponentKind::Class {
                    Answer::unknown("attributes are set under computed names")
                } else {
                    Answer::refuted(format!("nothing sets or defines `{first}`"), self.line_of(owner), None)
                }
            }
        }
    }

    fn own_attribute(&self, owner: ComponentIndex, name: &str) -> Option<&Attribute> {
        let position = self.index.attribute(owner, &Name::from(name))?;
        self.facts(owner).attributes.get(position)
    }

    pub(super) fn is_attribute(&self, owner: ComponentIndex, name: &str) -> bool {
        self.own_attribute(owner, name).is_some()
    }

    /// The literal that an attribute is first set to.
    pub(super) fn attribute_value(&self, owner: ComponentIndex, name: &str) -> Option<&Name> {
        self.own_attribute(owner, name)?.value.as_ref()
    }

    pub(super) fn attribute_type(&self, owner: ComponentIndex, name: &str, claimed: &str) -> Answer {
        let lineage = std::iter::once(&owner).chain(&self.facts(owner).ancestors);
        let found = lineage
            .copied()
            .find_map(|c| self.own_attribute(c, name).map(|a| (c, a)));
        let Some((holder, attribute)) = found else {
            let exists = self.attribute(owner, name);
            return match exists.verdict {
                crate::model::claim::Verdict::Refuted => exists,
                _ => Answer::unknown("its type is not known"),
            };
        };
        let line = (self.component(holder).path == self.component(owner).path).then_some(attribute.line);
        let (truth, written) = match (&attribute.annotation, &attribute.inferred) {
            (Some(annotation), _) => (annotation, true),
            (None, Some(inferred)) => (inferred, false),
            (None, None) => return Answer::unknown("its type is not known"),
        };
        match self.relate_types(holder, claimed, truth) {
            Relation::Same => Answer::confirmed(
                if written {
                    format!("it is annotated `{truth}`")
                } else {
                    format!("it is set to a `{truth}`")
                },
                line,
            ),
            // An attribute that is only known to start as `None` is there to become something else.
            Relation::Different if written || !super::type_text::is_none(truth) => {
                let open = !written && self.facts(owner).attributes_open;
                if open || !written && !self.index.descendants(holder).is_empty() {
                    Answer::unknown("it may be set elsewhere")
                } else {
                    Answer::refuted(format!("it is `{truth}`"), line, Some(Value::Text(truth.clone())))
                }
            }
            _ => Answer::unknown(format!("`{truth}`, which it is, does not exclude it")),
        }
    }

    /// Whether a component is defined directly in another.
    pub(super) fn member(&self, owner: ComponentIndex, name: &str) -> Answer {
        let id = &self.component(owner).id;
        let full = format!("{id}.{name}");
        let named = [name, full.as_str()];
        let found = named
            .iter()
            .flat_map(|n| self.find(n).into_iter().chain(self.index.named(n).iter().copied()))
            .find(|&c| self.component(c).parent == Some(owner));
        if let Some(member) = found {
            let line = self.component(member).first_line;
            return Answer::confirmed("it is defined here", Some(line));
        }
        let last = name
            .strip_prefix(&**id)
            .and_then(|rest| rest.strip_prefix('.'))
            .unwrap_or(name);
        if last.contains('.') {
            return match self.meaning(name) {
                Meaning::Missing(owner, name) => self.missing(owner, &name),
                _ => Answer::unknown("it is not defined directly here"),
            };
        }
        match self.step(owner, last) {
            _ if self.component(owner).traits.in_damaged_file => {
                Answer::unknown("the file it is in does not parse as a whole")
            }
            // What is defined in it is plain to see, whatever attributes it may get from elsewhere.
            Meaning::Unknown | Meaning::Missing(..) => {
                Answer::refuted("nothing so called is defined in it", None, None)
            }
            _ => Answer::unknown("it is there, but not defined here"),
        }
    }

    /// Whether something mentioned by name exists.
    pub(super) fn reference(&self, component: ComponentIndex, written: &str) -> Answer {
        let name = written
            .trim()
            .trim_start_matches(['~', '!', '.'])
            .trim_end_matches("()")
            .trim_end_matches('.');
        if name.is_empty() {
            return Answer::unknown("it names nothing");
        }
        match self.meaning_in(component, name) {
            Meaning::Components(found) => {
                let same_file = found
                    .iter()
                    .map(|&c| self.component(c))
                    .find(|c| c.path == self.component(component).path);
                Answer::confirmed("it exists", same_file.map(|c| c.first_line))
            }
            Meaning::Thing => Answer::confirmed("it exists", None),
            Meaning::Missing(owner, missing) => {
                let rooted = self.is_rooted(name);
                let kind = self.component(owner).kind;
                let certain = matches!(kind, ComponentKind::Class | ComponentKind::Module);
                let in_subclass = self
                    .index
                    .descendants(owner)
                    .iter()
                    .any(|&d| !matches!(self.step(d, &missing), Meaning::Missing(..)));
                if rooted && certain && !in_subclass && !looks_like_file_or_host(&missing) {
                    self.missing(owner, &missing)
                } else {
                    Answer::unknown(format!("`{name}` is not found from here"))
                }
            }
            Meaning::Unknown => Answer::unknown(format!("`{name}` is not found from here")),
        }
    }

    /// Whether a dotted name begins with one of the repository's own modules.
    fn is_rooted(&self, name: &str) -> bool {
        let root = name.split('.').next().unwrap_or(name);
        name.contains('.') && self.roots.binary_search_by(|r| (**r).cmp(root)).is_ok()
    }

    /// Whether a component does something to the world.
    pub(super) fn effect(&self, component: ComponentIndex, kind: EffectKind, claimed: &str) -> Answer {
        let effects = &self.facts(component).effects;
        let of_kind = || effects.iter().filter(|e| e.kind == kind);
        let Some(first) = of_kind().next() else {
            return Answer::unknown("it is not seen to do so itself");
        };
        let claimed = claimed.trim();
        let named = claimed.is_empty()
            || claimed
                .split(", ")
                .all(|detail| of_kind().any(|e| *e.detail == *detail || last_part(&e.detail) == last_part(detail)));
        if named {
            Answer::confirmed(format!("`{}` does", first.detail), Some(first.line))
        } else {
            Answer::unknown(format!("it does so with `{}`", first.detail))
        }
    }

    /// The attributes worth documenting: public, and not also members.
    pub(crate) fn public_attributes(&self, owner: ComponentIndex) -> impl Iterator<Item = &Attribute> {
        let id = plain_name(&self.component(owner).id).into_owned();
        self.facts(owner)
            .attributes
            .iter()
            .filter(move |a| !a.name.starts_with('_') && self.index.named(&format!("{id}.{}", a.name)).is_empty())
    }
}

/// Whether the end of a dotted name makes it a file (`black.toml`) or a host (`flask.pocoo.org`) in an author's text.
fn looks_like_file_or_host(last: &str) -> bool {
    const ENDS: &[&str] = &[
        "bat",
        "c",
        "cfg",
        "com",
        "conf",
        "css",
        "csv",
        "dev",
        "exe",
        "gz",
        "h",
        "html",
        "ini",
        "io",
        "ipynb",
        "js",
        "json",
        "lock",
        "log",
        "md",
        "mo",
        "net",
        "org",
        "pdf",
        "png",
        "po",
        "pocoo",
        "pot",
        "py",
        "pyc",
        "pyi",
        "pyx",
        "readthedocs",
        "rst",
        "sh",
        "so",
        "svg",
        "tar",
        "toml",
        "txt",
        "xml",
        "yaml",
        "yml",
        "zip",
    ];
    ENDS.binary_search(&last).is_ok()
}
