//! Components: the things that get documentation, with what their definition says.
//!
//! The main type is [`Component`]. Everything in it can be read off one definition; what needs the whole repository
//! (calls, escaping exceptions) is in [`crate::model::facts`] and [`crate::model::call_graph`].

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A name shared by many claims, edges and facts; cloning it is cheap.
pub type Name = Arc<str>;

/// The position of a component in [`crate::model::oracle::Oracle::components`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentIndex(pub u32);

impl ComponentIndex {
    /// The position as an index into a slice.
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }
}

/// What sort of definition a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// A source file.
    Module,
    /// A `class` statement.
    Class,
    /// A `def` outside a class body (nested functions included).
    Function,
    /// A `def` directly in a class body.
    Method,
    /// A method behind `@property` or one of its relatives.
    Property,
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Module => "module",
            Self::Class => "class",
            Self::Function => "function",
            Self::Method => "method",
            Self::Property => "property",
        })
    }
}

/// One documented thing: a module, class, function, method or property.
#[derive(Clone, Debug)]
pub struct Component {
    /// Dotted qualified name, unique in the repository: `pkg.mod.Class.method`, `…#2` for a second definition.
    pub id: Name,
    /// The id without the module's name; empty for the module itself.
    pub qualname: Name,
    /// Dotted name of the module it is defined in.
    pub module: Name,
    /// POSIX path of the file, relative to the repository.
    pub path: Name,
    /// What it is.
    pub kind: ComponentKind,
    /// First line of the definition (the `def` or `class` line, decorators excluded), counted from 1.
    pub first_line: u32,
    /// Last line of the definition, counted from 1.
    pub last_line: u32,
    /// The class, function or module it is defined in; none for a module.
    pub parent: Option<ComponentIndex>,
    /// Whether it belongs to the public interface: no name on its path is private, or a public `__all__` lists it.
    pub public: bool,
    /// Parameters and return annotation; none for modules and classes.
    pub signature: Option<Signature>,
    /// Decorators from top to bottom.
    pub decorators: Vec<Decorator>,
    /// Base classes as written, keywords excluded; empty for anything but a class.
    pub bases: Vec<Name>,
    /// The docstring, if the author wrote one.
    pub docstring: Option<Docstring>,
    /// The other properties of the definition.
    pub traits: Traits,
    /// Hash of the definition's source text (for a module: of the file).
    pub source_hash: u64,
    /// Hash of what is written in the definition itself: without its own name, for modules and classes also without
    /// the definitions of their members. It stays when the definition is moved or renamed, or a member changes.
    pub own_hash: u64,
}

/// Yes-or-no properties of a definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// `async def`.
    pub is_async: bool,
    /// Has a `yield` of its own.
    pub is_generator: bool,
    /// Marked `@abstractmethod` or the like.
    pub is_abstract: bool,
    /// Body is only a docstring, `...`, `pass` or `raise NotImplementedError`.
    pub is_stub: bool,
    /// `@staticmethod`.
    pub is_static: bool,
    /// `@classmethod`, or one of the implicit class methods.
    pub is_class_method: bool,
    /// Has `@overload` stubs, which belong to it.
    pub has_overloads: bool,
    /// A `typing.Protocol` class, or a member of one.
    pub is_protocol: bool,
    /// Its fields are its constructor's parameters (dataclass, named tuple, attrs).
    pub is_record: bool,
    /// The file it is in could not be parsed without errors.
    pub in_damaged_file: bool,
}

/// A decorator as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decorator {
    /// Source text without the `@`.
    pub text: Name,
    /// Line, counted from 1.
    pub line: u32,
}

/// A docstring: its value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Docstring {
    /// The string's value after escapes and concatenation, cleaned of indentation like `inspect.cleandoc`.
    pub text: Name,
    /// Line of the opening quotes, counted from 1.
    pub line: u32,
    /// Whether `text`'s line *n* stands on source line `line + n` (false with escapes, concatenation or leading
    /// blank lines, which move lines).
    pub lines_match_source: bool,
}

/// Parameters and return annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// All parameters in order, `self` and `cls` included.
    pub parameters: Vec<Parameter>,
    /// The return annotation as written.
    pub returns: Option<Name>,
    /// Whether the first parameter is bound by the call (`self`, `cls`) and so not documented.
    pub binds_first: bool,
}

impl Signature {
    /// The parameters a caller passes: all but a bound `self` or `cls`.
    pub fn documented(&self) -> &[Parameter] {
        let skip = usize::from(self.binds_first && !self.parameters.is_empty());
        &self.parameters[skip..]
    }
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name without stars.
    pub name: Name,
    /// How it is passed.
    pub kind: ParameterKind,
    /// Annotation as written.
    pub annotation: Option<Name>,
    /// Default as written.
    pub default: Option<Name>,
    /// Line, counted from 1.
    pub line: u32,
}

/// How a parameter is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// By position or by name.
    PositionalOrKeyword,
    /// `*args`.
    VarPositional,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`.
    VarKeyword,
}

impl ParameterKind {
    /// All of them, in the order in which a signature has them.
    pub const ALL: [Self; 5] = [
        Self::PositionalOnly,
        Self::PositionalOrKeyword,
        Self::VarPositional,
        Self::KeywordOnly,
        Self::VarKeyword,
    ];

    /// The stars before the name in a signature.
    pub fn stars(self) -> &'static str {
        match self {
            Self::VarPositional => "*",
            Self::VarKeyword => "**",
            _ => "",
        }
    }
}

impl fmt::Display for ParameterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PositionalOnly => "positional_only",
            Self::PositionalOrKeyword => "positional_or_keyword",
            Self::VarPositional => "var_positional",
            Self::KeywordOnly => "keyword_only",
            Self::VarKeyword => "var_keyword",
        })
    }
}

/// Whether a name is one of the language's special names.
pub(crate) fn is_dunder(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

/// Whether a name by itself is for others to use.
pub(crate) fn is_public_name(name: &str) -> bool {
    !name.starts_with('_') || is_dunder(name)
}
