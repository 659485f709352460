//! Components: which scopes get documentation, under which names, with what their definitions say.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::discover::Sources;
use super::parse::ir::{Scope, ScopeKind, Span, Sym};
use super::program::{ModuleId, Program, ScopeId, Unit};
use crate::model::component::{
    Component, ComponentIndex, ComponentKind, Decorator, Name, Parameter, ParameterKind, Signature, Traits,
    is_public_name,
};

/// Components with the scopes they are.
pub(crate) struct Components {
    pub(crate) list: Vec<Component>,
    /// The scope of each component.
    pub(crate) scopes: Vec<ScopeId>,
    /// The component that a scope's operations belong to: its own, or that of the scope around it.
    pub(crate) of_scope: Vec<ComponentIndex>,
    /// The component that a scope is, where it is one; overload stubs are their implementation.
    pub(crate) is_scope: Vec<Option<ComponentIndex>>,
}

/// Builds the components of all modules, sorted by module, then source order.
pub(crate) fn components(program: &Program, sources: &Sources) -> Components {
    let count = program.scope_count() as usize;
    let mut built = Components {
        list: Vec::new(),
        scopes: Vec::new(),
        of_scope: vec![ComponentIndex(0); count],
        is_scope: vec![None; count],
    };
    for module in 0..program.modules.len() {
        let module = ModuleId::try_from(module).expect("repositories are far below 2^32 files");
        add_module(program, sources, module, &mut built);
    }
    built
}

fn add_module(program: &Program, sources: &Sources, module: ModuleId, built: &mut Components) {
    let unit = &program.modules[module as usize];
    let source = &sources.files[unit.source];
    let text = source.text.as_deref().unwrap_or_default();
    let mut order: Vec<usize> = (0..unit.ir.scopes.len()).collect();
    order.sort_by_key(|&i| (unit.ir.scopes[i].span.0, std::cmp::Reverse(unit.ir.scopes[i].span.1), i));
    let stubs = overload_stubs(unit, text);
    let mut counts: FxHashMap<(Option<ComponentIndex>, Name), u32> = FxHashMap::default();
    let context = Context {
        program,
        unit,
        text,
        path: source.path.clone(),
        module: source.module.clone(),
        hash: source.hash,
    };
    for i in order {
        let scope = &unit.ir.scopes[i];
        let id = unit.first_scope + ScopeId::try_from(i).expect("files are far below 2^32 scopes");
        let parent = scope.parent.map(|p| built.of_scope[(unit.first_scope + p) as usize]);
        if scope.kind == ScopeKind::Lambda || stubs.get(&i).is_some_and(Option::is_some) {
            built.of_scope[id as usize] = parent.unwrap_or(ComponentIndex(0));
            continue;
        }
        let index = ComponentIndex(u32::try_from(built.list.len()).expect("fewer than 2^32 components"));
        built.of_scope[id as usize] = index;
        built.is_scope[id as usize] = Some(index);
        let parent_component = parent.map(|p| &built.list[p.as_usize()]);
        let component = context.component(scope, parent, parent_component, &mut counts);
        built.list.push(component);
        built.scopes.push(id);
    }
    context.hash_own_source(built);
    for (stub, implementation) in stubs {
        if let Some(implementation) = implementation {
            let stub = unit.first_scope + ScopeId::try_from(stub).expect("files are far below 2^32 scopes");
            let of = unit.first_scope + ScopeId::try_from(implementation).expect("files are far below 2^32 scopes");
            if let Some(index) = built.is_scope[of as usize] {
                built.is_scope[stub as usize] = Some(index);
                built.of_scope[stub as usize] = index;
                built.list[index.as_usize()].traits.has_overloads = true;
            }
        }
    }
}

/// Overload stubs: each with the definition it belongs to, or none where it stands for itself.
fn overload_stubs(unit: &Unit, text: &str) -> BTreeMap<usize, Option<usize>> {
    let scopes = &unit.ir.scopes;
    let is_stub = |s: &Scope| {
        s.kind == ScopeKind::Function
            && s.decorators.iter().any(|d| {
                let text = piece(text, d.span);
                text.rsplit('.').next().map(str::trim) == Some("overload")
            })
    };
    // Definitions of one name in one scope, in source order.
    let mut groups: FxHashMap<(u32, Sym), Vec<usize>> = FxHashMap::default();
    for (i, scope) in scopes.iter().enumerate() {
        if let (Some(parent), ScopeKind::Function | ScopeKind::Class) = (scope.parent, scope.kind) {
            groups.entry((parent, scope.name)).or_default().push(i);
        }
    }
    let mut stubs = BTreeMap::new();
    let mut lists: Vec<Vec<usize>> = groups.into_values().collect();
    lists.sort();
    for mut list in lists {
        list.sort_by_key(|&i| scopes[i].span.0);
        let marks: Vec<bool> = list.iter().map(|&i| is_stub(&scopes[i])).collect();
        for (at, &i) in list.iter().enumerate() {
            if !marks[at] {
                continue;
            }
            let later = &list[at + 1..];
            let implementation = later
                .iter()
                .zip(&marks[at + 1..])
                .find(|(_, stub)| !**stub)
                .map(|(&i, _)| i)
                .or(later.last().copied());
            stubs.insert(i, implementation);
        }
    }
    stubs
}

struct Context<'a> {
    program: &'a Program,
    unit: &'a Unit,
    text: &'a str,
    path: Name,
    module: Name,
    hash: u64,
}

impl Context<'_> {
    fn name(&self, sym: Sym) -> &Name {
        self.program.names.text(sym)
    }

    fn component(
        &self,
        scope: &Scope,
        parent: Option<ComponentIndex>,
        parent_component: Option<&Component>,
        counts: &mut FxHashMap<(Option<ComponentIndex>, Name), u32>,
    ) -> Component {
        let in_class = parent_component.is_some_and(|p| p.kind == ComponentKind::Class);
        let decorators: Vec<Decorator> = scope
            .decorators
            .iter()
            .map(|d| Decorator {
                text: one_line(piece(self.text, d.span)),
                line: d.line,
            })
            .collect();
        let kind = match scope.kind {
            ScopeKind::Module => ComponentKind::Module,
            ScopeKind::Class => ComponentKind::Class,
            _ if in_class && decorators.iter().any(|d| makes_property(&d.text)) => ComponentKind::Property,
            _ if in_class => ComponentKind::Method,
            _ => ComponentKind::Function,
        };
        let qualname = self.qualname(scope, parent, parent_component, &decorators, in_class, counts);
        let id: Name = if qualname.is_empty() {
            self.module.clone()
        } else {
            format!("{}.{qualname}", self.module).into()
        };
        let signature = matches!(
            kind,
            ComponentKind::Function | ComponentKind::Method | ComponentKind::Property
        )
        .then(|| self.signature(scope, in_class, &decorators));
        let source_hash = match kind {
            ComponentKind::Module => self.hash,
            _ => hash(piece(self.text, self.whole_span(scope))),
        };
        Component {
            id,
            qualname,
            module: self.module.clone(),
            path: self.path.clone(),
            kind,
            first_line: scope.first_line,
            last_line: scope.last_line,
            parent,
            public: self.is_public(scope, parent_component),
            signature,
            bases: scope
                .bases
                .iter()
                .filter(|(a, _)| {
                    matches!(
                        a.passing,
                        super::parse::ir::Passing::Positional | super::parse::ir::Passing::Starred
                    )
                })
                .map(|(_, span)| one_line(piece(self.text, *span)))
                .collect(),
            docstring: scope.docstring.clone(),
            traits: self.traits(scope, parent_component, &decorators, in_class),
            decorators,
            source_hash,
            // Known once the members are.
            own_hash: 0,
        }
    }

    /// Hashes what is written in each definition of the module itself.
    fn hash_own_source(&self, built: &mut Components) {
        let first = built
            .list
            .iter()
            .rposition(|c| c.kind == ComponentKind::Module)
            .unwrap_or(0);
        let scope_of = |i: usize| &self.unit.ir.scopes[(built.scopes[i] - self.unit.first_scope) as usize];
        let mut members: FxHashMap<ComponentIndex, Vec<Span>> = FxHashMap::default();
        for i in first..built.list.len() {
            if let Some(parent) = built.list[i].parent {
                members.entry(parent).or_default().push(self.whole_span(scope_of(i)));
            }
        }
        let mut hashes = Vec::with_capacity(built.list.len() - first);
        for i in first..built.list.len() {
            let index = ComponentIndex(u32::try_from(i).expect("fewer than 2^32 components"));
            let scope = scope_of(i);
            let has_members = matches!(scope.kind, ScopeKind::Module | ScopeKind::Class);
            let mut out = if has_members {
                members.remove(&index).unwrap_or_default()
            } else {
                Vec::new()
            };
            let whole = match scope.kind {
                ScopeKind::Module => (0, u32::try_from(self.text.len()).unwrap_or(u32::MAX)),
                _ => {
                    out.extend(self.name_span(scope));
                    self.whole_span(scope)
                }
            };
            out.sort_unstable();
            hashes.push(own_hash(self.text, whole, &out));
        }
        for (component, hash) in built.list[first..].iter_mut().zip(hashes) {
            component.own_hash = hash;
        }
    }

    /// Where the name stands behind `def` or `class`.
    fn name_span(&self, scope: &Scope) -> Option<Span> {
        let text = piece(self.text, scope.span);
        let name = self.name(scope.name);
        let keyword = if scope.kind == ScopeKind::Class { "class" } else { "def" };
        let after = text.find(keyword)? + keyword.len();
        let start = after + text[after..].find(&**name)?;
        let place = |n: usize| Some(scope.span.0 + u32::try_from(n).ok()?);
        Some((place(start)?, place(start + name.len())?))
    }

    /// From the first decorator to the end.
    fn whole_span(&self, scope: &Scope) -> Span {
        let start = scope
            .decorators
            .first()
            .map_or(scope.span.0, |d| d.span.0.min(scope.span.0));
        (start, scope.span.1)
    }

    fn qualname(
        &self,
        scope: &Scope,
        parent: Option<ComponentIndex>,
        parent_component: Option<&Component>,
        decorators: &[Decorator],
        in_class: bool,
        counts: &mut FxHashMap<(Option<ComponentIndex>, Name), u32>,
    ) -> Name {
        if scope.kind == ScopeKind::Module {
            return "".into();
        }
        let accessor = decorators.iter().find_map(|d| {
            let last = d.text.rsplit_once('.')?.1;
            (in_class && scope.kind == ScopeKind::Function && matches!(last, "setter" | "deleter")).then_some(last)
        });
        let mut name = self.name(scope.name).to_string();
        if let Some(accessor) = accessor {
            name = format!("{name}#{accessor}");
        }
        let count = counts.entry((parent, name.as_str().into())).or_insert_with(|| {
            // A package's own definition that is called as one of its modules is: the module goes by the name.
            u32::from(parent_component.is_some_and(|p| p.kind == ComponentKind::Module) && self.has_module(&name))
        });
        *count += 1;
        if *count > 1 {
            name = format!("{name}#{count}");
        }
        match parent_component {
            Some(parent) if !parent.qualname.is_empty() => format!("{}.{name}", parent.qualname).into(),
            _ => name.into(),
        }
    }

    /// Whether the module, as a package, has another one of this name in it.
    fn has_module(&self, name: &str) -> bool {
        let path = format!("{}.{name}", self.module);
        let found = self.program.names.find(&path);
        found.is_some_and(|path| self.program.by_name.contains_key(&path))
    }

    fn is_public(&self, scope: &Scope, parent: Option<&Component>) -> bool {
        let Some(parent) = parent else {
            return self.module.split('.').all(is_public_name);
        };
        let name = self.name(scope.name);
        // What a function defines is out of reach from outside.
        let reachable = !matches!(
            parent.kind,
            ComponentKind::Function | ComponentKind::Method | ComponentKind::Property
        );
        let listed = parent.kind != ComponentKind::Module
            || self
                .unit
                .ir
                .all
                .as_ref()
                .is_none_or(|all| all.iter().any(|n| n == name));
        parent.public && reachable && listed && is_public_name(name)
    }

    fn signature(&self, scope: &Scope, in_class: bool, decorators: &[Decorator]) -> Signature {
        let parameters = scope
            .params
            .iter()
            .map(|p| Parameter {
                name: self.name(p.name).clone(),
                kind: p.kind,
                annotation: p.annotation.map(|(_, span)| one_line(piece(self.text, span))),
                default: p.default.map(|(_, span)| one_line(piece(self.text, span))),
                line: p.line,
            })
            .collect::<Vec<_>>();
        let is_static = decorators.iter().any(|d| last_part(&d.text) == "staticmethod");
        let first_is_plain = parameters.first().is_some_and(|p| {
            matches!(
                p.kind,
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword
            )
        });
        Signature {
            binds_first: in_class && !is_static && first_is_plain,
            parameters,
            returns: scope.returns.map(|(_, span)| one_line(piece(self.text, span))),
        }
    }

    fn traits(&self, scope: &Scope, parent: Option<&Component>, decorators: &[Decorator], in_class: bool) -> Traits {
        let has = |names: &[&str]| decorators.iter().any(|d| names.contains(&last_part(&d.text)));
        let name = self.name(scope.name);
        let bases = || scope.bases.iter().map(|(_, span)| piece(self.text, *span));
        let base_is = |names: &[&str]| {
            bases().any(|b| names.contains(&b.split('[').next().and_then(|b| b.rsplit('.').next()).unwrap_or("")))
        };
        let is_class = scope.kind == ScopeKind::Class;
        Traits {
            is_async: scope.is_async,
            is_generator: scope.is_generator,
            is_abstract: has(&[
                "abstractmethod",
                "abstractproperty",
                "abstractclassmethod",
                "abstractstaticmethod",
            ]),
            is_stub: scope.is_stub && scope.kind == ScopeKind::Function,
            is_static: in_class && has(&["staticmethod"]),
            is_class_method: in_class
                && (has(&["classmethod"]) || matches!(&**name, "__init_subclass__" | "__class_getitem__" | "__new__")),
            has_overloads: false,
            is_protocol: (is_class && base_is(&["Protocol"]))
                || (in_class && parent.is_some_and(|p| p.traits.is_protocol)),
            is_record: is_class
                && (has(&[
                    "dataclass",
                    "define",
                    "frozen",
                    "attrs",
                    "s",
                    "attributes",
                    "mutable",
                    "pydantic_dataclass",
                ]) || base_is(&["NamedTuple", "TypedDict"])),
            in_damaged_file: self.unit.ir.first_error.is_some(),
        }
    }
}

/// A decorator's last name, arguments left out: `property` of `@abc.property`.
pub(crate) fn last_part(text: &str) -> &str {
    let head = text.split('(').next().unwrap_or(text);
    head.rsplit('.').next().unwrap_or(head).trim()
}

fn makes_property(decorator: &str) -> bool {
    let last = last_part(decorator);
    last.ends_with("property")
        || (matches!(last, "setter" | "deleter" | "getter") && decorator.contains('.') && !decorator.contains('('))
}

/// The source text of a span; empty where it is out of bounds.
pub(crate) fn piece(text: &str, span: Span) -> &str {
    text.get(span.0 as usize..span.1 as usize).unwrap_or("")
}

/// An expression on one line: comments and line breaks outside strings are dropped.
pub(crate) fn one_line(text: &str) -> Name {
    if !text.contains(['\n', '\r']) {
        return text.into();
    }
    let mut line = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '\'' | '"' => {
                let end = string_end(rest);
                line.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            '#' => rest = rest.find(['\n', '\r']).map_or("", |i| &rest[i..]),
            '\\' if rest[1..].starts_with(['\n', '\r']) => rest = &rest[1..],
            c if c.is_whitespace() => {
                let blank = rest.len() - rest.trim_start().len();
                let broken = rest[..blank].contains(['\n', '\r']);
                rest = &rest[blank..];
                if line.ends_with(' ') {
                    continue;
                }
                if !(broken && (line.ends_with(['(', '[', '{']) || rest.starts_with([')', ']', '}']))) {
                    line.push(' ');
                }
            }
            c => {
                line.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    line.trim().into()
}

/// Where the string literal at the start ends.
fn string_end(text: &str) -> usize {
    let triple = text.starts_with("\"\"\"") || text.starts_with("'''");
    let quote = if triple { &text[..3] } else { &text[..1] };
    let mut at = quote.len();
    while let Some(next) = text[at..].find(['\\', char::from(text.as_bytes()[0])]).map(|i| at + i) {
        if text[next..].starts_with('\\') {
            at = next + 1 + text[next + 1..].chars().next().map_or(0, char::len_utf8);
        } else if text[next..].starts_with(quote) {
            return next + quote.len();
        } else {
            at = next + 1;
        }
    }
    text.len()
}

/// The hash of a stretch of text without some parts of it. Blank space around what is left does not count, so that
/// a member more or less changes nothing else.
fn own_hash(text: &str, whole: Span, out: &[Span]) -> u64 {
    let mut left = String::new();
    let mut at = whole.0;
    for &(start, end) in out.iter().chain([&(whole.1, whole.1)]) {
        let rest = piece(text, (at.min(start), start)).trim();
        if !rest.is_empty() {
            left.push_str(rest);
            left.push('\n');
        }
        at = at.max(end);
    }
    hash(&left)
}

fn hash(text: &str) -> u64 {
    let digest = blake3::hash(text.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn expressions_over_several_lines_become_one() {
        assert_eq!(
            &*one_line("dict(\n    a=1,  # one\n    b='x  # y',\n)"),
            "dict(a=1, b='x  # y',)"
        );
        assert_eq!(&*one_line("a \\\n  + b"), "a + b");
        assert_eq!(&*one_line("f(\"\u{f8}\",\n  'x')"), "f(\"\u{f8}\", 'x')");
    }
}
