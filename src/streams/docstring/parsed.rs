//! What a docstring says, part by part: the result of the parser.
//!
//! [`ParsedDocstring`] keeps the author's words and where they stand. It says nothing about whether they are true, and
//! nothing about which claims they make.

/// The convention a docstring is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// `Args:` and an indented block.
    Google,
    /// `Parameters` underlined with dashes.
    Numpy,
    /// `:param x:` field lists.
    Sphinx,
    /// `@param x:` field lists.
    Epydoc,
    /// Prose without any of these.
    Plain,
}

impl Style {
    /// Its name in the JSON form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Numpy => "numpy",
            Self::Sphinx => "sphinx",
            Self::Epydoc => "epydoc",
            Self::Plain => "plain",
        }
    }
}

/// What a section is about, whatever its heading is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SectionKind {
    /// Prose between sections.
    Text,
    /// Parameters.
    Parameters,
    /// Parameters of lesser interest: other, keyword.
    OtherParameters,
    /// Type parameters.
    TypeParameters,
    /// Type aliases.
    TypeAliases,
    /// Attributes.
    Attributes,
    /// What is returned.
    Returns,
    /// What is yielded.
    Yields,
    /// What a generator is sent.
    Receives,
    /// Exceptions.
    Raises,
    /// Warnings that are issued.
    Warns,
    /// Examples.
    Examples,
    /// Related things.
    SeeAlso,
    /// Notes.
    Notes,
    /// Literature and links.
    References,
    /// Since when it is deprecated, and what to use instead.
    Deprecated,
    /// Functions or methods listed by name.
    Functions,
    /// Classes listed by name.
    Classes,
    /// Modules listed by name.
    Modules,
    /// A remark set apart: tip, warning, to do, …
    Admonition,
    /// Any other section; its title says what it is.
    Other,
}

impl SectionKind {
    /// Its name in the JSON form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Parameters => "parameters",
            Self::OtherParameters => "other_parameters",
            Self::TypeParameters => "type_parameters",
            Self::TypeAliases => "type_aliases",
            Self::Attributes => "attributes",
            Self::Returns => "returns",
            Self::Yields => "yields",
            Self::Receives => "receives",
            Self::Raises => "raises",
            Self::Warns => "warns",
            Self::Examples => "examples",
            Self::SeeAlso => "see_also",
            Self::Notes => "notes",
            Self::References => "references",
            Self::Deprecated => "deprecated",
            Self::Functions => "functions",
            Self::Classes => "classes",
            Self::Modules => "modules",
            Self::Admonition => "admonition",
            Self::Other => "other",
        }
    }

    /// Whether its entries are named things with types: parameters or attributes.
    pub(crate) fn names_variables(self) -> bool {
        matches!(
            self,
            Self::Parameters | Self::OtherParameters | Self::TypeParameters | Self::TypeAliases | Self::Attributes
        )
    }

    /// Whether its entries are values that pass in or out without needing a name.
    pub(crate) fn lists_values(self) -> bool {
        matches!(self, Self::Returns | Self::Yields | Self::Receives)
    }

    /// Whether its entries are classes that are raised or issued.
    pub(crate) fn lists_exceptions(self) -> bool {
        matches!(self, Self::Raises | Self::Warns)
    }

    /// Whether there are claims for its entries rather than for its text.
    pub(crate) fn is_claimed(self) -> bool {
        matches!(
            self,
            Self::Parameters | Self::OtherParameters | Self::Attributes | Self::Returns | Self::Yields | Self::Raises
        )
    }

    /// Whether it says how to call and what comes back, and not only something worth knowing.
    pub(crate) fn is_interface(self) -> bool {
        self.names_variables() || self.lists_values() || self.lists_exceptions()
    }
}

/// Words and where they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The words, without the indentation they share.
    pub text: String,
    /// The line of the docstring they begin on, counted from 0.
    pub line: u32,
}

/// One entry of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The names it is about, stars included (`*args`), markup left out; empty where it has none.
    pub names: Vec<String>,
    /// Its type as written, without `optional` and the default.
    pub type_text: Option<String>,
    /// Its default as written.
    pub default: Option<String>,
    /// Whether it is marked as optional.
    pub optional: bool,
    /// What is said about it.
    pub text: String,
    /// The line of the docstring it begins on, counted from 0.
    pub line: u32,
}

impl Item {
    /// All names as one: `x, y`.
    pub fn name(&self) -> Option<String> {
        (!self.names.is_empty()).then(|| self.names.join(", "))
    }
}

/// One section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub kind: SectionKind,
    /// Its heading as written, without colon; empty for prose.
    pub title: String,
    /// Its entries; empty where it is prose.
    pub items: Vec<Item>,
    /// Its content as written, without the indentation it shares; for field lists only where it is prose.
    pub text: String,
    /// The line of the docstring it begins on, counted from 0.
    pub line: u32,
}

/// A docstring, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedDocstring {
    /// The convention it is written in.
    pub style: Style,
    /// The first paragraph.
    pub summary: Option<Passage>,
    /// The prose after the first paragraph and before the first section.
    pub description: Option<Passage>,
    /// The sections in order, prose between them included.
    pub sections: Vec<Section>,
}

impl ParsedDocstring {
    /// The sections of a kind.
    pub fn of_kind(&self, kind: SectionKind) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(move |s| s.kind == kind)
    }
}
