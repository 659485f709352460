//! Outlines: the definitions of one file and what their bodies do, statement by statement, as written.
//!
//! The main type is [`Outline`]. It is what somebody sees who reads one file and nothing else: no name is resolved, no
//! call followed. The facts that need the whole repository are in [`crate::model::facts`].

use super::component::{Docstring, Name, Parameter};

/// One file.
#[derive(Clone, Debug)]
pub struct Outline {
    /// POSIX path, relative to the repository.
    pub path: Name,
    /// Dotted name of the module.
    pub module: Name,
    /// The module itself first, then its definitions in source order.
    pub definitions: Vec<Definition>,
    /// Line of the first place that does not parse, counted from 1.
    pub first_error: Option<u32>,
    /// Comments that say what to let pass: line, counted from 1, and the comment without its `#`.
    pub comments: Vec<(u32, Name)>,
    /// What names are imported as: the local name and the dotted name it stands for, in source order.
    pub imports: Vec<(Name, Name)>,
    /// The names that `__all__` lists, where it is a literal.
    pub exports: Option<Vec<Name>>,
}

/// What a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionKind {
    /// The file.
    Module,
    /// A `class` statement.
    Class,
    /// A `def`, wherever it stands.
    Function,
}

/// A module, class or function as written; overload stubs and second definitions each by themselves.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What it is.
    pub kind: DefinitionKind,
    /// Its name; of a module the last part of the dotted one.
    pub name: Name,
    /// Its name with those of the definitions around it; empty for the module.
    pub qualname: Name,
    /// Position in the outline of the definition around it; none for the module.
    pub parent: Option<usize>,
    /// Line of the `def` or `class`, counted from 1.
    pub line: u32,
    /// Last line, counted from 1.
    pub last_line: u32,
    /// Decorators from top to bottom, without the `@`.
    pub decorators: Vec<Name>,
    /// Base classes as written.
    pub bases: Vec<Name>,
    /// All parameters in order, `self` and `cls` included.
    pub parameters: Vec<Parameter>,
    /// The return annotation as written.
    pub returns: Option<Name>,
    /// The docstring.
    pub docstring: Option<Literal>,
    /// Of a class: what its body assigns, in source order.
    pub attributes: Vec<Assigned>,
    /// Of a function: what its own body does.
    pub body: Body,
}

/// A docstring with the literal it is written as.
#[derive(Clone, Debug)]
pub struct Literal {
    /// Its value and place.
    pub docstring: Docstring,
    /// The literal with its quotes.
    pub source: Name,
    /// White space before the quotes on their line, or the text before them if that is something else.
    pub indent: Name,
    /// Whether something stands behind it on its last line.
    pub is_followed: bool,
    /// Blank lines right before and right after it.
    pub blank_around: (u32, u32),
}

/// An assignment in a class body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The targets as written.
    pub targets: Vec<Name>,
    /// The annotation as written.
    pub annotation: Option<Name>,
    /// The value as written.
    pub value: Option<Name>,
    /// Line, counted from 1.
    pub line: u32,
    /// Line and value of the string right below it.
    pub doc: Option<(u32, Name)>,
}

/// What a function's body does; that of functions and classes inside it is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// `return` statements.
    pub returns: Vec<Returned>,
    /// `yield` and `yield from`.
    pub yields: Vec<Yielded>,
    /// `raise` statements.
    pub raises: Vec<Raised>,
    /// Lines of `assert` statements.
    pub asserts: Vec<u32>,
    /// Whether it is only a docstring, `...`, `pass` or `raise NotImplementedError`.
    pub is_stub: bool,
}

/// A `return` statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Line, counted from 1.
    pub line: u32,
    /// Whether there is a value.
    pub has_value: bool,
    /// Whether the value is the literal `None`.
    pub is_none: bool,
}

/// A `yield`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Yielded {
    /// Line, counted from 1.
    pub line: u32,
    /// Whether it is a statement of its own, so that nothing takes what is sent.
    pub is_statement: bool,
    /// Whether it yields a value other than the literal `None`.
    pub has_value: bool,
}

/// A `raise` statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// Line, counted from 1.
    pub line: u32,
    /// The dotted name that is raised or called to make what is raised; none for a bare `raise` and for anything else.
    pub name: Option<Name>,
    /// Whether it is a bare `raise`.
    pub is_bare: bool,
    /// The `except` it stands in.
    pub handler: Option<Handler>,
}

/// An `except` clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handler {
    /// The name it binds.
    pub binds: Option<Name>,
    /// The classes it names, dotted.
    pub classes: Vec<Name>,
}

impl Raised {
    /// The exceptions it raises, by name: a bare `raise` and the name that the handler binds raise the handler's.
    pub fn names(&self) -> Vec<&Name> {
        match (&self.name, &self.handler) {
            (None, Some(handler)) if self.is_bare => handler.classes.iter().collect(),
            (Some(name), Some(handler)) if handler.binds.as_ref() == Some(name) => handler.classes.iter().collect(),
            (Some(name), _) => vec![name],
            _ => Vec::new(),
        }
    }
}

impl Definition {
    /// Whether a decorator has this name, with or without the module before it, called or not.
    pub fn is_decorated_with(&self, name: &str) -> bool {
        self.decorators.iter().any(|decorator| last_name(decorator) == name)
    }
}

/// The last part of the dotted name that a decorator or a call begins with.
pub fn last_name(expression: &str) -> &str {
    let called = expression.split(['(', '[']).next().unwrap_or(expression).trim();
    called.rsplit('.').next().unwrap_or(called)
}
