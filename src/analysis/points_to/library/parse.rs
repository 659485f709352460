//! Reads what is written by hand: entries of an owner, types, and the clauses after them.
//!
//! A line that cannot be read is left out and reported among the problems, which a test shows to be none; so a mistake
//! in the data makes a result unknown, never a wrong one.

use rustc_hash::FxHashMap;

use super::form::{Binding, Callable, Callback, Depth, Form, Kind, Parameter, Subject, Use, When};
use super::{Class, Library, Member, Type};

/// What names mean at a place of the data.
pub(super) struct Scope<'a> {
    library: &'static Library,
    module: &'static str,
    class: Option<&'static Class>,
    parameters: &'a [Parameter],
}

type Parsed<T> = Result<T, String>;

impl Scope<'static> {
    pub(super) fn of_class(library: &'static Library, module: &'static str, class: &'static Class) -> Self {
        Self {
            library,
            module,
            class: Some(class),
            parameters: &[],
        }
    }
}

/// The entries of an owner, and the lines that could not be read.
pub(super) fn members(
    library: &'static Library,
    owner: &'static str,
    lines: &[&'static str],
) -> (FxHashMap<&'static str, Member>, Vec<String>) {
    let class = library.classes.get(owner);
    let scope = Scope {
        library,
        module: class.map_or(owner, |c| c.module()),
        class,
        parameters: &[],
    };
    let mut found: FxHashMap<&'static str, Member> = FxHashMap::default();
    let mut problems = Vec::new();
    for line in lines {
        if let Err(problem) = entry(&scope, owner, line, &mut found) {
            problems.push(format!("{owner}: {line}: {problem}"));
        }
    }
    (found, problems)
}

fn entry(
    scope: &Scope<'_>,
    owner: &'static str,
    line: &'static str,
    found: &mut FxHashMap<&'static str, Member>,
) -> Parsed<()> {
    let constructor = line.strip_prefix("new").filter(|l| l.starts_with(['(', ' ']));
    let Some(definition) = line.strip_prefix("def ").or(constructor) else {
        let (names, kind) = line.split_once(": ").ok_or("neither `def` nor `name: type`")?;
        let kind = one_type(scope, kind)?;
        for name in names.split(", ") {
            found.insert(name, Member::Attribute(kind.clone()));
        }
        return Ok(());
    };
    let mut clauses = definition.split(" ; ");
    let head = clauses.next().unwrap_or("");
    let (head, result) = match head.rsplit_once("-> ") {
        Some((head, result)) => (head.trim_end(), Some(result)),
        None => (head, None),
    };
    let (names, written) = match head.split_once('(') {
        Some((names, parameters)) => (
            names,
            Some(parameters.strip_suffix(')').ok_or("no closing parenthesis")?),
        ),
        None => (head, None),
    };
    let clauses: Vec<&'static str> = clauses.collect();
    let names = if constructor.is_some() { "new" } else { names };
    for name in names.split(", ") {
        let said = said_of(scope, owner, if name == "new" { "" } else { name });
        let (binding, introspected) = binding_of(scope, name, said);
        let parameters = match written.or(introspected) {
            Some(text) => Some(parameters(text)?),
            None => None,
        };
        let inner = Scope {
            parameters: parameters.as_deref().unwrap_or_default(),
            ..*scope
        };
        let mut form = Form::giving(match result {
            Some(result) => one_type(&inner, result)?,
            None if constructor.is_some() => own_instance(scope),
            None => Type::Any,
        });
        for text in &clauses {
            clause(&inner, &mut form, text)?;
        }
        form.parameters = parameters;
        match found.get_mut(name) {
            Some(Member::Callable(known)) => {
                known.forms = known.forms.iter().cloned().chain([form]).collect();
            }
            _ => {
                let forms = Box::new([form]);
                found.insert(name, Member::Callable(Callable { binding, forms }));
            }
        }
    }
    Ok(())
}

/// What introspection says after a name of an owner; the empty name is the class itself.
fn said_of(scope: &Scope<'_>, owner: &'static str, name: &str) -> Option<&'static str> {
    match scope.class {
        Some(class) => class.said(name),
        None => scope.library.names.module(owner)?.said(name),
    }
}

fn binding_of(scope: &Scope<'_>, name: &str, said: Option<&'static str>) -> (Binding, Option<&'static str>) {
    let said = said.unwrap_or("");
    let inside = |text: &'static str| text.strip_prefix('(')?.strip_suffix(')');
    match (scope.class, said.split_at_checked(1)) {
        (None, _) => (Binding::Function, inside(said)),
        (Some(_), _) if name == "new" => (Binding::Constructor, inside(said)),
        (Some(_), Some(("%", rest))) => (Binding::ClassMethod, inside(rest)),
        (Some(_), Some(("!", rest))) => (Binding::StaticMethod, inside(rest)),
        _ => (Binding::Method, inside(said)),
    }
}

/// The constructor of a class of which nothing is written: `own`, itself or a base, has its signature.
pub(super) fn plain_constructor(class: &'static Class, own: &'static Class) -> Callable {
    let scope = Scope::of_class(&super::LIBRARY, class.module(), class);
    let mut form = Form::giving(own_instance(&scope));
    form.opaque = true;
    form.parameters = binding_of(&scope, "new", own.said(""))
        .1
        .and_then(|text| parameters(text).ok());
    Callable {
        binding: Binding::Constructor,
        forms: Box::new([form]),
    }
}

/// An instance of the class of a scope, of whose arguments nothing is known.
fn own_instance(scope: &Scope<'_>) -> Type {
    match scope.class {
        Some(class) => Type::Instance(class.path, class.parameters.iter().map(|_| Type::Any).collect()),
        None => Type::Any,
    }
}

fn parameters(text: &'static str) -> Parsed<Box<[Parameter]>> {
    let mut list: Vec<Parameter> = Vec::new();
    let mut kind = Kind::PositionalOrKeyword;
    for part in split_top(text, ',') {
        let part = part.trim();
        // What an operator takes is for the check of the data; here only the name matters.
        let name = part.split_once(": ").map_or(part, |(name, _)| name);
        let this = match name {
            "" => continue,
            "/" => {
                list.iter_mut().for_each(|p| p.kind = Kind::Positional);
                continue;
            }
            "*" => {
                kind = Kind::Keyword;
                continue;
            }
            _ if name.starts_with("**") => Kind::KeywordRest,
            _ if name.starts_with('*') => {
                kind = Kind::Keyword;
                Kind::Rest
            }
            _ => kind,
        };
        let name = name.trim_start_matches('*');
        list.push(Parameter { name, kind: this });
    }
    Ok(list.into_boxed_slice())
}

fn clause(scope: &Scope<'_>, form: &mut Form, text: &'static str) -> Parsed<()> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        "iterates" | "hashes" | "compares" | "orders" | "shows" | "paths" | "numbers" => {
            for name in rest.split(", ") {
                let (subject, depth) = subject(scope, name)?;
                // What a thing looks like depends on all that it holds.
                let depth = if word == "shows" { Depth::All } else { depth };
                let methods = family(word).into();
                form.implies = extended(
                    &form.implies,
                    vec![Use {
                        subject,
                        depth,
                        methods,
                    }],
                );
            }
        }
        "opaque" => form.opaque = true,
        "runs" => form.runs_kept = true,
        "calls" => form.calls = extended(&form.calls, callbacks(scope, rest)?),
        "keeps" => form.keeps = extended(&form.keeps, callbacks(scope, rest)?),
        "uses" => form.uses = extended(&form.uses, listed(scope, rest)?),
        "implies" => form.implies = extended(&form.implies, listed(scope, rest)?),
        "when" => {
            let (name, patterns) = rest.split_once(": ").ok_or("no `: ` after the parameter")?;
            let Subject::Argument(parameter) = subject(scope, name)?.0 else {
                return Err("no parameter".into());
            };
            let patterns = patterns.split(" | ").collect();
            form.set_condition(When { parameter, patterns });
        }
        _ => return Err(format!("no clause `{word}`")),
    }
    Ok(())
}

/// The special methods that one word stands for.
fn family(word: &str) -> &'static [&'static str] {
    match word {
        "iterates" => &["__iter__", "__next__", "__getitem__", "__len__", "__length_hint__"],
        "hashes" => &["__hash__", "__eq__"],
        "compares" => &["__eq__", "__ne__"],
        "orders" => &["__lt__", "__gt__", "__le__", "__ge__", "__eq__"],
        "shows" => &["__str__", "__repr__", "__format__"],
        "paths" => &["__fspath__"],
        _ => &["__index__", "__int__", "__float__", "__trunc__"],
    }
}

fn extended<T: Clone>(list: &[T], more: Vec<T>) -> Box<[T]> {
    list.iter().cloned().chain(more).collect()
}

/// `f(type, type), g`
fn callbacks(scope: &Scope<'_>, text: &'static str) -> Parsed<Vec<Callback>> {
    let mut list = Vec::new();
    for part in split_top(text, ',') {
        let (name, arguments) = match part.trim().split_once('(') {
            Some((name, inner)) => {
                let inner = inner.strip_suffix(')').ok_or("no closing parenthesis")?;
                (name, Some(type_list(scope, inner)?))
            }
            None => (part.trim(), None),
        };
        let (subject, depth) = subject(scope, name)?;
        list.push(Callback {
            subject,
            depth,
            arguments,
        });
    }
    Ok(list)
}

/// `x: name name, y[]: name`
fn listed(scope: &Scope<'_>, text: &'static str) -> Parsed<Vec<Use>> {
    let mut list = Vec::new();
    for part in text.split(", ") {
        let (name, methods) = part.split_once(": ").ok_or("no `: ` after the parameter")?;
        let (subject, depth) = subject(scope, name)?;
        list.push(Use {
            subject,
            depth,
            methods: methods.split(' ').collect(),
        });
    }
    Ok(list)
}

/// `x`, `x[]`, `x[*]`, where `self` is the receiver.
fn subject(scope: &Scope<'_>, text: &str) -> Parsed<(Subject, Depth)> {
    let (name, depth) = match text.split_once('[') {
        Some((name, "]")) => (name, Depth::Elements),
        Some((name, "*]")) => (name, Depth::All),
        Some(_) => return Err(format!("no subject `{text}`")),
        None => (text, Depth::Itself),
    };
    if name == "self" {
        return Ok((Subject::Receiver, depth));
    }
    Ok((Subject::Argument(position(scope, name)?), depth))
}

fn position(scope: &Scope<'_>, name: &str) -> Parsed<u8> {
    let found = scope.parameters.iter().position(|p| p.name == name);
    found
        .and_then(|at| u8::try_from(at).ok())
        .ok_or_else(|| format!("no parameter `{name}`"))
}

/// Types separated by commas, as far as they can be read.
pub(super) fn types(scope: &Scope<'_>, text: &'static str) -> Vec<Type> {
    split_top(text, ',')
        .into_iter()
        .filter_map(|part| one_type(scope, part).ok())
        .collect()
}

fn type_list(scope: &Scope<'_>, text: &'static str) -> Parsed<Box<[Type]>> {
    split_top(text, ',')
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .map(|part| one_type(scope, part))
        .collect()
}

fn one_type(scope: &Scope<'_>, text: &'static str) -> Parsed<Type> {
    if let Some(inner) = text.trim_start().strip_prefix('*') {
        return Ok(Type::Each(Box::new(one_type(scope, inner)?)));
    }
    let mut parts = Vec::new();
    for part in split_top(text, '|') {
        parts.push(single_type(scope, part.trim())?);
    }
    if parts.len() == 1 {
        return parts.pop().ok_or_else(|| "no type".to_owned());
    }
    Ok(Type::Union(parts.into_boxed_slice()))
}

fn single_type(scope: &Scope<'_>, text: &'static str) -> Parsed<Type> {
    if let Some(name) = text.strip_prefix('@') {
        return match name {
            "self" => Ok(Type::Receiver),
            _ => position(scope, name).map(Type::Argument),
        };
    }
    match text {
        "Any" => return Ok(Type::Any),
        "None" => return Ok(Type::None),
        "Never" => return Ok(Type::Never),
        "Self" => return Ok(Type::SelfType),
        "Identity" => return Ok(Type::Identity),
        "" => return Err("no type".into()),
        _ => {}
    }
    let (head, inner) = match text.split_once('[') {
        Some((head, inner)) => (head, Some(inner.strip_suffix(']').ok_or("no closing bracket")?)),
        None => (text, None),
    };
    if let Some(inner) = inner {
        let wrap: Option<fn(Box<Type>) -> Type> = match head {
            "Element" => Some(Type::Element),
            "Result" => Some(Type::Result),
            "Awaited" => Some(Type::Awaited),
            "New" => Some(Type::New),
            "Text" => Some(Type::Text),
            "Function" => Some(Type::Function),
            "type" => Some(Type::Class),
            _ => None,
        };
        if let Some(wrap) = wrap {
            return Ok(wrap(Box::new(one_type(scope, inner)?)));
        }
        if head == "Method" {
            let (kind, name) = inner.rsplit_once(", ").ok_or("no method")?;
            return Ok(Type::Method(Box::new(one_type(scope, kind)?), name));
        }
        if head == "tuple" {
            return match inner.strip_suffix(", ...") {
                Some(all) => Ok(Type::Instance("tuple", Box::new([one_type(scope, all)?]))),
                None => Ok(Type::Tuple(type_list(scope, inner)?)),
            };
        }
    }
    if inner.is_none()
        && let Some(at) = scope.class.and_then(|c| c.parameters.iter().position(|p| *p == head))
    {
        return u8::try_from(at).map(Type::Parameter).map_err(|e| e.to_string());
    }
    let arguments = match inner {
        Some(inner) => type_list(scope, inner)?,
        None => Box::default(),
    };
    class_named(scope, head).map(|path| Type::Instance(path, arguments))
}

/// The class that a name means: of the module, built in or by its full path, or one of the abstract collections.
fn class_named(scope: &Scope<'_>, name: &str) -> Parsed<&'static str> {
    let own = format!("{}.{name}", scope.module);
    let collection = format!("collections.abc.{name}");
    for path in [&own, name, &collection] {
        let path = scope.library.canonical(path);
        if let Some((path, _)) = scope.library.classes.get_key_value(&*path) {
            return Ok(path);
        }
    }
    Err(format!("no class `{name}`"))
}

/// Splits at a separator that stands in no brackets.
fn split_top(text: &'static str, separator: char) -> Vec<&'static str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            _ if c == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    if start < text.len() {
        parts.push(&text[start..]);
    }
    parts
}
