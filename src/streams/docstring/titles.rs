//! What sections and fields are called, in every convention.

use super::parsed::SectionKind;

/// The longest heading that is looked up, in bytes.
const LONGEST_TITLE: usize = 40;

/// The kind of section that a heading announces, whatever its case; none where the heading is not known.
pub(super) fn section_kind(title: &str) -> Option<SectionKind> {
    use SectionKind as K;
    if title.len() > LONGEST_TITLE {
        return None;
    }
    Some(match title.to_lowercase().as_str() {
        "args" | "arguments" | "arg" | "argument" | "params" | "parameters" | "param" | "parameter" => K::Parameters,
        "other args" | "other arguments" | "other params" | "other parameters" | "other parameter" | "keyword args"
        | "keyword arguments" | "keyword params" | "keyword parameters" | "kwargs" => K::OtherParameters,
        "type args" | "type arguments" | "type params" | "type parameters" => K::TypeParameters,
        "type aliases" => K::TypeAliases,
        "attributes" | "attribute" | "attrs" | "instance attributes" | "class attributes" => K::Attributes,
        "returns" | "return" => K::Returns,
        "yields" | "yield" => K::Yields,
        "receives" | "receive" => K::Receives,
        "raises" | "raise" | "exceptions" | "except" | "exception" => K::Raises,
        "warns" | "warn" => K::Warns,
        "examples" | "example" => K::Examples,
        "see also" | "seealso" => K::SeeAlso,
        "notes" | "note" => K::Notes,
        "references" | "reference" => K::References,
        "deprecated" => K::Deprecated,
        "methods" | "functions" => K::Functions,
        "classes" => K::Classes,
        "modules" => K::Modules,
        "attention" | "caution" | "danger" | "error" | "hint" | "important" | "tip" | "todo" | "warning"
        | "warnings" => K::Admonition,
        _ => return None,
    })
}

/// What a field of a field list (`:param x:`, `@param x:`) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// An entry of a section.
    Entry(SectionKind),
    /// The type of an entry with the same name.
    TypeOf(SectionKind),
    /// Prose under the field's own name.
    Prose(SectionKind),
    /// A whole section (`:Parameters:` and a list).
    Whole(SectionKind),
}

/// What a field's name says; none where it is not known.
pub(super) fn tag(name: &str) -> Option<Tag> {
    use SectionKind as K;
    Some(match name {
        "param" | "parameter" | "arg" | "argument" | "arguments" => Tag::Entry(K::Parameters),
        "key" | "keyword" | "kwarg" | "kwparam" => Tag::Entry(K::OtherParameters),
        "type" | "paramtype" | "kwtype" => Tag::TypeOf(K::Parameters),
        "attribute" | "attr" | "var" | "ivar" | "cvar" => Tag::Entry(K::Attributes),
        "vartype" => Tag::TypeOf(K::Attributes),
        "return" | "returns" => Tag::Entry(K::Returns),
        "rtype" | "returntype" => Tag::TypeOf(K::Returns),
        "yield" | "yields" => Tag::Entry(K::Yields),
        "ytype" | "yieldtype" => Tag::TypeOf(K::Yields),
        "raise" | "raises" | "except" | "exception" => Tag::Entry(K::Raises),
        "warns" => Tag::Entry(K::Warns),
        "deprecated" => Tag::Prose(K::Deprecated),
        "note" | "notes" => Tag::Prose(K::Notes),
        "see" | "seealso" => Tag::Prose(K::SeeAlso),
        "example" | "examples" => Tag::Prose(K::Examples),
        "Example" | "Examples" => Tag::Prose(K::Examples),
        "warning" | "todo" | "attention" | "bug" => Tag::Prose(K::Admonition),
        "since" | "version" | "author" | "authors" | "organization" | "copyright" | "license" | "contact" | "meta"
        | "requires" | "precondition" | "postcondition" | "invariant" | "status" | "change" | "permission"
        | "group" | "sort" | "undocumented" => Tag::Prose(K::Other),
        "Parameters" | "Arguments" => Tag::Whole(K::Parameters),
        "Returns" | "Return" => Tag::Entry(K::Returns),
        "Raises" | "Exceptions" => Tag::Whole(K::Raises),
        "Keywords" => Tag::Whole(K::OtherParameters),
        "IVariables" | "CVariables" | "Variables" => Tag::Whole(K::Attributes),
        _ => return None,
    })
}
