//! The intermediate form: a file as scopes of straight-line operations with markers for control flow.
//!
//! Every operation's result is named by its position ([`Reg`]), and operands come before what uses them, so that a
//! scope is evaluated in one pass over an array, however deeply its source nests. Comprehensions run in the scope they
//! stand in; lambdas, functions and classes are scopes of their own.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::call_graph::CallType;
use crate::model::component::{Docstring, Name, ParameterKind};

/// The result of the operation at this position in [`ModuleIr::ops`].
pub(crate) type Reg = u32;

/// An interned name: of the file until the files are joined, of the repository afterwards.
pub(crate) type Sym = u32;

/// Position of a scope in its module.
pub(crate) type ScopeIndex = u32;

/// A range of [`ModuleIr::lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// What a name in the source means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Var {
    /// Not yet bound to anything (only while a file is being lowered).
    Name(Sym),
    /// A local of this scope.
    Local(u32),
    /// A local of an enclosing function, or of the module for names declared so.
    Outer { scope: ScopeIndex, slot: u32 },
    /// A module variable or a built-in.
    Global(Sym),
}

/// A literal without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Const {
    None,
    Bool(bool),
    Int(i32),
    BigInt,
    Float,
    Complex,
    Bytes,
    /// A string whose value does not matter.
    String,
    Ellipsis,
    Slice,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Const(Const),
    /// A short literal string.
    Str(Sym),
    /// An f-string of these values; the text it begins with, where that is plain.
    Format(List, Option<Sym>),
    /// A value that the parser could not read.
    Damaged,
    Load(Var),
    Store(Var, Reg),
    Delete(Var),
    Attribute(Reg, Sym),
    StoreAttribute(Reg, Sym, Reg),
    DeleteAttribute(Reg, Sym),
    Index(Reg, Reg),
    /// `lower:upper:step` with bounds that are written out.
    Slice {
        lower: Option<i16>,
        upper: Option<i16>,
        step: Option<i16>,
    },
    StoreIndex(Reg, Reg, Reg),
    DeleteIndex(Reg, Reg),
    /// Arguments are `args[start..start + len]`.
    Call {
        function: Reg,
        start: u32,
        len: u32,
    },
    Unary(Unary, Reg),
    Binary(Binary, Reg, Reg),
    InPlace(Binary, Reg, Reg),
    Compare(Compare, Reg, Reg),
    Not(Reg),
    /// One value or the other.
    Choice(Reg, Reg),
    Tuple(List),
    ListOf(List),
    SetOf(List),
    /// Keys and values alternate; a `**` value has `NO_REG` as its key.
    Dict(List),
    /// The result of a generator expression that gives these values.
    Generator(Reg),
    /// Makes a function or lambda.
    Function(ScopeIndex),
    /// Makes a class.
    Class(ScopeIndex),
    /// Applies a decorator to what a definition, or the decorator below, gave.
    Decorate {
        decorator: Reg,
        value: Reg,
    },
    /// The next element of an iteration.
    Next(Reg),
    AsyncNext(Reg),
    /// `*x` in a display or an argument.
    Splat(Reg),
    /// Element `index` of an unpacking; `after` elements follow a starred one.
    Unpack {
        value: Reg,
        index: u16,
        starred: bool,
        after: u16,
    },
    Yield(Reg),
    YieldFrom(Reg),
    Await(Reg),
    Return(Reg),
    /// `raise exception from cause`; a bare one has `NO_REG`.
    Raise(Reg, Reg),
    Enter(Reg),
    AsyncEnter(Reg),
    /// What `except <classes> as name` binds.
    Caught(Reg),
    /// An instance of this class, as a `case` establishes it.
    InstanceOf(Reg),
    /// What the pattern at this place among the arguments of a class pattern is matched with.
    MatchArgument(Reg, u16),
    /// `import a.b.c`: the first part, or with `leaf` the last.
    Import {
        path: Sym,
        leaf: bool,
    },
    /// `from module import name`.
    ImportFrom {
        module: Sym,
        level: u32,
        name: Sym,
    },
    /// `from module import *`.
    ImportStar {
        module: Sym,
        level: u32,
    },
    /// Control flow divides; `Arm` ends one way and begins the next; `Join` brings all ways together. A last arm that
    /// need not be taken is written as an empty arm.
    Branch,
    Arm,
    Join,
    /// A loop's body; `endless` for `while True`.
    LoopStart {
        endless: bool,
    },
    LoopEnd,
    Break,
    Continue,
    /// Operations of a `try` body that handlers may follow, by position in [`ModuleIr::tries`].
    TryStart(u32),
    TryEnd(u32),
    Assert(Reg),
    /// A value is tested for its truth.
    Truth(Reg),
    /// What a test has said of a variable; `by` is the class of `isinstance`.
    Narrow {
        var: Var,
        by: Reg,
        how: Narrowing,
    },
    /// Ends so many narrowings, the latest.
    Widen(u32),
    /// A value with the type it is declared to have; a bare declaration has no value (`NO_REG`).
    Typed {
        value: Reg,
        annotation: Reg,
    },
    /// `name: annotation` in a class body or module.
    Declare {
        name: Sym,
        annotation: Reg,
    },
}

/// What a test says of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Narrowing {
    IsA,
    IsNotA,
    None,
    NotNone,
    Truthy,
}

/// "No operand".
pub(crate) const NO_REG: Reg = u32::MAX;

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Plus,
    Minus,
    Invert,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    MatrixMultiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    LeftShift,
    RightShift,
    And,
    Or,
    Xor,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    Positional,
    Starred,
    Keyword(Sym),
    DoubleStarred,
}

/// One argument of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arg {
    pub(crate) passing: Passing,
    pub(crate) value: Reg,
}

/// Where an operation stands, and how control reaches it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Counted from 1.
    pub(crate) line: u32,
    /// In bytes, counted from 0, at most 2^24.
    pub(crate) column: u32,
    pub(crate) call_type: CallType,
}

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
}

/// A piece of source text: byte offsets.
pub(crate) type Span = (u32, u32);

/// A parameter as declared.
#[derive(Clone, Debug)]
pub(crate) struct ParamIr {
    pub(crate) name: Sym,
    pub(crate) kind: ParameterKind,
    pub(crate) annotation: Option<(Reg, Span)>,
    pub(crate) default: Option<(Reg, Span)>,
    pub(crate) line: u32,
}

/// A decorator as applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecoratorIr {
    pub(crate) value: Reg,
    pub(crate) span: Span,
    pub(crate) line: u32,
}

/// An annotated or literal assignment in a class or module body, for the documentation of attributes.
#[derive(Clone, Debug)]
pub(crate) struct AttributeIr {
    pub(crate) name: Sym,
    pub(crate) annotation: Option<(Reg, Span)>,
    pub(crate) value: Option<(Reg, Span)>,
    pub(crate) line: u32,
    /// Whether it is `self.name` in a method.
    pub(crate) on_self: bool,
    pub(crate) doc: Option<Name>,
}

/// A function, class, lambda or module.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    pub(crate) name: Sym,
    pub(crate) parent: Option<ScopeIndex>,
    /// From `def`, `class` or `lambda` to the end.
    pub(crate) span: Span,
    pub(crate) first_line: u32,
    pub(crate) last_line: u32,
    pub(crate) params: Vec<ParamIr>,
    pub(crate) decorators: Vec<DecoratorIr>,
    pub(crate) returns: Option<(Reg, Span)>,
    /// Base classes and class keywords, as call arguments, with their text.
    pub(crate) bases: Vec<(Arg, Span)>,
    pub(crate) ops: Range<u32>,
    /// Names of the locals, by slot. Comprehension variables have slots without being in `bound`.
    pub(crate) locals: Vec<Sym>,
    pub(crate) bound: FxHashMap<Sym, u32>,
    pub(crate) globals: FxHashSet<Sym>,
    pub(crate) nonlocals: FxHashSet<Sym>,
    /// Slots that inner scopes use.
    pub(crate) captured: FxHashSet<u32>,
    pub(crate) docstring: Option<Docstring>,
    pub(crate) is_async: bool,
    pub(crate) is_generator: bool,
    /// Body is only a docstring, `...`, `pass` or `raise NotImplementedError`.
    pub(crate) is_stub: bool,
    /// Comprehension variables visible where the scope was made: name and slot in the parent's frame.
    pub(crate) comprehension: Vec<(Sym, u32)>,
    pub(crate) attributes: Vec<AttributeIr>,
    /// Tests that guard `raise` statements: operation, text of the test, whether its negation.
    pub(crate) guards: Vec<(Reg, Span, bool)>,
}

/// A `try` statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct TryIr {
    /// Operations of the body.
    pub(crate) body: Range<u32>,
    /// Per handler: the classes (none for a bare one), and the operations of its body.
    pub(crate) handlers: Vec<(Option<Reg>, Range<u32>)>,
}

/// A file in intermediate form.
#[derive(Clone, Debug)]
pub(crate) struct ModuleIr {
    /// Scope 0 is the module.
    pub(crate) scopes: Vec<Scope>,
    pub(crate) ops: Vec<Op>,
    pub(crate) places: Vec<Place>,
    pub(crate) lists: Vec<Reg>,
    pub(crate) args: Vec<Arg>,
    pub(crate) tries: Vec<TryIr>,
    pub(crate) names: Vec<Name>,
    /// `__all__`, where it is a literal.
    pub(crate) all: Option<Vec<Name>>,
    /// Whether `__all__` is put together in a way that only running it shows.
    pub(crate) all_is_open: bool,
    pub(crate) call_expressions: u32,
    /// Line of the first place that does not parse, counted from 1.
    pub(crate) first_error: Option<u32>,
    pub(crate) lines: u32,
}

impl ModuleIr {
    pub(crate) fn list(&self, list: List) -> &[Reg] {
        &self.lists[list.start as usize..(list.start + list.len) as usize]
    }

    pub(crate) fn call_args(&self, start: u32, len: u32) -> &[Arg] {
        &self.args[start as usize..(start + len) as usize]
    }
}
