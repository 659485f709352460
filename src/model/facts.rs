//! Facts: what is true of one component's behaviour, with the lines that show it.
//!
//! The main type is [`Facts`]. A fact is something the code does; what the author says of it is a claim.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::component::{ComponentIndex, Name};

/// The behaviour of one component.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What it returns.
    pub returns: Returns,
    /// Lines with `yield` or `yield from`, ascending.
    pub yields: Vec<u32>,
    /// Exceptions that may leave it, the direct ones first, then by name.
    pub raises: Vec<Raise>,
    /// Whether [`Facts::raises`] is all there is: nothing called, raised or evaluated could raise anything else
    /// that the repository defines.
    pub raises_complete: bool,
    /// Attributes: of a class, those of its body and its methods' `self.x = …`; of a module, its variables.
    pub attributes: Vec<Attribute>,
    /// Whether more attributes may exist than [`Facts::attributes`] (`setattr`, unknown bases, `__getattr__`).
    pub attributes_open: bool,
    /// Of a class: names of attributes that code outside it sets on its instances, sorted.
    pub set_elsewhere: Vec<Name>,
    /// What it does besides returning, sorted by kind, then line.
    pub effects: Vec<Effect>,
    /// The methods of base classes that it overrides, nearest first.
    pub overrides: Vec<ComponentIndex>,
    /// Resolved base classes in the repository, in C3 order without itself; empty for anything but a class.
    pub ancestors: Vec<ComponentIndex>,
    /// Whether every base class is in the repository (or built in and listed), so `ancestors` is complete.
    pub ancestors_complete: bool,
}

/// What a function gives back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returns {
    /// Lines of `return <value>` where the value is not literally `None`, ascending.
    pub value_lines: Vec<u32>,
    /// Lines of a bare `return` or `return None`, ascending.
    pub none_lines: Vec<u32>,
    /// Whether the end of the body can be reached.
    pub falls_off: bool,
    /// The type, as Python would write it, where the code shows it and no annotation does.
    pub inferred: Option<Name>,
}

/// An exception that may leave a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raise {
    /// Name of the class without its module: `ValueError`.
    pub exception: Name,
    /// The class, where it is a component.
    pub class: Option<ComponentIndex>,
    /// Line in this component: of the `raise`, or of the call it escapes from.
    pub line: u32,
    /// The test that guards it, as written.
    pub condition: Option<Name>,
    /// The message, where it is one literal.
    pub message: Option<Name>,
    /// Where it comes from.
    pub origin: RaiseOrigin,
}

/// Where an exception comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RaiseOrigin {
    /// A `raise` statement of the component itself.
    Direct,
    /// It escapes from a callee, whose own fact has the next step.
    Callee(ComponentIndex),
}

/// An attribute of a class or a variable of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// Annotation as written.
    pub annotation: Option<Name>,
    /// Value as written, where it is short and literal.
    pub value: Option<Name>,
    /// Where it is first set.
    pub line: u32,
    /// Whether it is given a value there, not only an annotation.
    pub is_set: bool,
    /// Whether it belongs to each instance (`self.x = …`) rather than to the class.
    pub on_instance: bool,
    /// The string below it or the `#:` comment beside it.
    pub doc: Option<Name>,
    /// The type, as Python would write it, where the code shows it.
    pub inferred: Option<Name>,
}

/// What sort of thing a component does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// Runs code made at run time.
    CodeExecution,
    /// Starts processes.
    Process,
    /// Reads data that can carry code (pickle and its like).
    Deserialization,
    /// Uses cryptography.
    Cryptography,
    /// Talks to the network.
    Network,
    /// Deletes files.
    FileDeletion,
    /// Writes files.
    FileWrite,
    /// Reads files.
    FileRead,
    /// Reads or changes the environment.
    Environment,
    /// Writes to standard output or a log.
    Output,
    /// Assigns module variables.
    GlobalState,
    /// Changes an object it was given.
    ArgumentMutation,
}

impl EffectKind {
    /// Whether documentation that is silent about it has a security-relevant gap.
    pub fn is_security_relevant(self) -> bool {
        self <= Self::FileDeletion
    }
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeExecution => "runs code made at run time",
            Self::Process => "starts processes",
            Self::Deserialization => "deserialises data that can carry code",
            Self::Cryptography => "uses cryptography",
            Self::Network => "talks to the network",
            Self::FileDeletion => "deletes files",
            Self::FileWrite => "writes files",
            Self::FileRead => "reads files",
            Self::Environment => "reads or changes the environment",
            Self::Output => "writes output or logs",
            Self::GlobalState => "changes module variables",
            Self::ArgumentMutation => "changes its arguments",
        })
    }
}

/// Something a component does besides returning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What sort.
    pub kind: EffectKind,
    /// The function or argument concerned: `subprocess.run`, `items`.
    pub detail: Name,
    /// Line in this component.
    pub line: u32,
}

/// Something the analysis could not read or had to decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// POSIX path of the file or folder, relative to the repository.
    pub path: Name,
    /// Line, counted from 1, where there is one.
    pub line: Option<u32>,
    /// What kind.
    pub kind: ProblemKind,
    /// What was wrong, and what was done about it.
    pub message: String,
}

/// Kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Python that does not parse; what does is analysed.
    Syntax,
    /// Not text in its declared encoding, or holds NUL bytes; skipped.
    Encoding,
    /// Larger than `max_file_bytes`; skipped.
    TooLarge,
    /// Could not be read; skipped.
    Unreadable,
    /// A link that leaves the repository or runs in a circle; not followed.
    Link,
    /// A module's name is taken by another file, which wins.
    NameTaken,
}

impl ProblemKind {
    /// Whether the file was left out whole.
    pub fn skips_file(self) -> bool {
        matches!(self, Self::Encoding | Self::TooLarge | Self::Unreadable | Self::Link)
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax",
            Self::Encoding => "encoding",
            Self::TooLarge => "too_large",
            Self::Unreadable => "unreadable",
            Self::Link => "link",
            Self::NameTaken => "name_taken",
        })
    }
}
