//! Types as text: whether the type an author writes can be the type that the code shows.
//!
//! The author may write Python (`Optional[str]`, `str | None`) or prose (`str or None`, `list of int, optional`).
//! Two types are [`Relation::Different`] only where no value is of both; whatever is not understood is incomparable.

mod known;
mod read;
mod scan;

use super::language::python::last_part;
use super::{Oracle, Relation};
use crate::model::component::ComponentIndex;
use read::{Atom, Member, Reader, Shape};
use scan::squeeze;

/// How a claimed type stands to an annotation, without knowledge of any repository.
pub fn relate(claimed: &str, annotation: &str) -> Relation {
    if squeeze(claimed) == squeeze(annotation) {
        return Relation::Same;
    }
    let reader = Reader::default();
    relate_shapes(None, &reader.prose(claimed), &reader.annotation(annotation))
}

/// How two type texts, each an author's or an annotation, stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// They mean the same.
    Same,
    /// The first is the second with more said (`list[int]` and `list`).
    FirstSaysMore,
    /// The second is the first with more said.
    SecondSaysMore,
    /// No value has both types.
    Contradiction,
    /// It cannot be told from their spelling.
    Incomparable,
}

/// Compares two type texts of which neither is known to be right, by their spelling alone.
pub fn compare(first: &str, second: &str) -> Comparison {
    if squeeze(first) == squeeze(second) {
        return Comparison::Same;
    }
    let reader = Reader::default();
    let (a, b) = (reader.prose(unquoted(first)), reader.prose(unquoted(second)));
    match (says_nothing(first), says_nothing(second)) {
        (true, true) => return Comparison::Same,
        (true, false) => return Comparison::SecondSaysMore,
        (false, true) => return Comparison::FirstSaysMore,
        (false, false) => {}
    }
    // `list` relates to `list[int]` as the same with less said, and not the other way round.
    match (relate_shapes(None, &a, &b), relate_shapes(None, &b, &a)) {
        (Relation::Same, Relation::Same) => Comparison::Same,
        (Relation::Same, Relation::Incomparable) => Comparison::SecondSaysMore,
        (Relation::Incomparable, Relation::Same) => Comparison::FirstSaysMore,
        (Relation::Different, Relation::Different) => Comparison::Contradiction,
        _ => Comparison::Incomparable,
    }
}

/// A forward reference without its quotes.
fn unquoted(text: &str) -> &str {
    let is_name = |inner: &&str| inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    scan::quoted(text.trim()).filter(is_name).unwrap_or(text)
}

fn says_nothing(text: &str) -> bool {
    matches!(last_part(text.trim()), "Any" | "any" | "object")
}

/// The type of the values that a generator annotated so yields, as written.
pub fn yielded(annotation: &str) -> Option<&str> {
    let annotation = annotation.trim().trim_matches(['"', '\'']);
    let (head, rest) = annotation.split_once('[')?;
    let iterates = matches!(
        last_part(head.trim()),
        "Iterator" | "Iterable" | "Generator" | "AsyncIterator" | "AsyncIterable" | "AsyncGenerator"
    );
    let inner = rest.strip_suffix(']').filter(|_| iterates)?;
    let first = scan::split_commas(inner).into_iter().next()?.trim();
    (!first.is_empty()).then_some(first)
}

/// Whether text is, or may well be, the type of something that can be iterated over once.
pub(super) fn may_be_iterator(annotation: &str) -> bool {
    relate("iterator", annotation) != Relation::Different || relate("generator", annotation) != Relation::Different
}

/// Whether text says `None` and nothing else.
pub fn is_none(text: &str) -> bool {
    let shape = Reader::default().prose(text);
    !shape.members.is_empty() && shape.members.iter().all(|m| m.atom == Atom::None)
}

/// Whether an author's text gives several types in a row, without saying that any one of them will do: `int, str`.
pub(super) fn lists_several(text: &str) -> bool {
    let parts = scan::split_commas(text);
    let types = parts.iter().filter(|p| !p.is_empty() && scan::qualifier(p).is_none());
    types.count() > 1 && scan::split_union(text, false).len() == 1 && !text.contains(" or ")
}

impl Oracle {
    /// How a claimed type stands to an annotation, both as used in a component.
    pub fn relate_types(&self, component: ComponentIndex, claimed: &str, annotation: &str) -> Relation {
        if squeeze(claimed) == squeeze(annotation) {
            return Relation::Same;
        }
        let reader = Reader {
            scope: Some((self, component)),
        };
        relate_shapes(Some(self), &reader.prose(claimed), &reader.annotation(annotation))
    }
}

/// Compares two unions. Shapes nest no deeper than the reader lets them, so neither does this.
fn relate_shapes(oracle: Option<&Oracle>, claimed: &Shape, actual: &Shape) -> Relation {
    if claimed.members.is_empty() || actual.members.is_empty() {
        return Relation::Incomparable;
    }
    let relate = |a: &Member, b: &Member| relate_members(oracle, a, b);
    let same = |a: &[Member], b: &[Member], swap: bool| {
        a.iter().all(|x| {
            (claimed.optional && x.atom == Atom::None)
                || b.iter().any(|y| {
                    let (left, right) = if swap { (y, x) } else { (x, y) };
                    relate(left, right) == Relation::Same
                })
        })
    };
    if same(&claimed.members, &actual.members, false) && same(&actual.members, &claimed.members, true) {
        return Relation::Same;
    }
    let open = |shape: &Shape| shape.members.iter().any(|m| matches!(m.atom, Atom::Opaque(_)));
    if open(claimed) || open(actual) {
        return Relation::Incomparable;
    }
    let has_none = |shape: &Shape| shape.members.iter().any(|m| m.atom == Atom::None);
    let values =
        |shape: &Shape| -> Vec<Member> { shape.members.iter().filter(|m| m.atom != Atom::None).cloned().collect() };
    let (claimed_values, actual_values) = (values(claimed), values(actual));
    if claimed_values.is_empty() || actual_values.is_empty() {
        let both_none = (has_none(claimed) || claimed.optional) && has_none(actual);
        return if both_none {
            Relation::Incomparable
        } else {
            Relation::Different
        };
    }
    // That both allow `None` does not reconcile `str or None` with `int | None`.
    let apart = claimed_values
        .iter()
        .all(|a| actual_values.iter().all(|b| relate(a, b) == Relation::Different));
    if apart {
        Relation::Different
    } else {
        Relation::Incomparable
    }
}

fn relate_members(oracle: Option<&Oracle>, claimed: &Member, actual: &Member) -> Relation {
    match (&claimed.atom, &actual.atom) {
        (Atom::None, Atom::None) => Relation::Same,
        (Atom::Opaque(a), Atom::Opaque(b)) => relate_opaque(a, b),
        (Atom::Opaque(_), _) | (_, Atom::Opaque(_)) => Relation::Incomparable,
        (Atom::None, _) | (_, Atom::None) => Relation::Different,
        (Atom::Literal(a, of_a), Atom::Literal(b, of_b)) => {
            if a == b && of_a == of_b {
                Relation::Same
            } else {
                Relation::Different
            }
        }
        (Atom::Literal(_, of), Atom::Known(known)) | (Atom::Known(known), Atom::Literal(_, of)) => {
            match known::relate(of, known) {
                Relation::Same => Relation::Incomparable,
                other => other,
            }
        }
        (Atom::Known(a), Atom::Known(b)) if a == b => relate_arguments(oracle, claimed, actual),
        (Atom::Known(a), Atom::Known(b)) => known::relate(a, b),
        (Atom::Class(a), Atom::Class(b)) => oracle.map_or(Relation::Incomparable, |o| o.relate_classes(a, b)),
        (Atom::Class(class), Atom::Known(known) | Atom::Literal(_, known))
        | (Atom::Known(known) | Atom::Literal(_, known), Atom::Class(class)) => {
            let apart =
                known::is_concrete(known) && oracle.is_some_and(|o| class.iter().all(|&c| o.lineage_is_known(c)));
            if apart {
                Relation::Different
            } else {
                Relation::Incomparable
            }
        }
    }
}

/// Compares the arguments of one generic type.
fn relate_arguments(oracle: Option<&Oracle>, claimed: &Member, actual: &Member) -> Relation {
    let (Some(a), Some(b)) = (&claimed.arguments, &actual.arguments) else {
        // `list` for `list[int]` says less, and nothing false.
        return if claimed.arguments.is_none() {
            Relation::Same
        } else {
            Relation::Incomparable
        };
    };
    if a.len() != b.len() {
        return Relation::Incomparable;
    }
    let relations: Vec<Relation> = a.iter().zip(b).map(|(x, y)| relate_shapes(oracle, x, y)).collect();
    if relations.contains(&Relation::Different) {
        Relation::Different
    } else if relations.iter().all(|r| *r == Relation::Same) {
        Relation::Same
    } else {
        Relation::Incomparable
    }
}

fn relate_opaque(a: &str, b: &str) -> Relation {
    let one_is_bare = !a.contains('.') || !b.contains('.');
    if a == b || one_is_bare && last_part(a) == last_part(b) {
        Relation::Same
    } else {
        Relation::Incomparable
    }
}

impl Oracle {
    fn relate_classes(&self, a: &[ComponentIndex], b: &[ComponentIndex]) -> Relation {
        let related = |x: ComponentIndex, y: ComponentIndex| {
            self.facts(x).ancestors.contains(&y)
                || self.facts(y).ancestors.contains(&x)
                || self.share_descendant(x, y)
                || !self.lineage_is_known(x)
                || !self.lineage_is_known(y)
        };
        let pairs = || a.iter().flat_map(|&x| b.iter().map(move |&y| (x, y)));
        if pairs().any(|(x, y)| x == y) {
            Relation::Same
        } else if pairs().any(|(x, y)| related(x, y)) {
            Relation::Incomparable
        } else {
            Relation::Different
        }
    }

    pub(super) fn share_descendant(&self, a: ComponentIndex, b: ComponentIndex) -> bool {
        let (a, b) = (self.index.descendants(a), self.index.descendants(b));
        let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        few.iter().any(|c| many.binary_search(c).is_ok())
    }

    /// Whether all classes that a class derives from are the repository's own, so that it is no `str` in disguise.
    pub(super) fn lineage_is_known(&self, class: ComponentIndex) -> bool {
        let ancestors = &self.facts(class).ancestors;
        std::iter::once(&class).chain(ancestors).all(|&c| {
            let component = self.component(c);
            self.facts(c).ancestors_complete
                && !component.traits.is_protocol
                && !component.traits.in_damaged_file
                && self.has_only_known_bases(class, component)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(claimed: &str, annotation: &str, expected: Relation) {
        assert_eq!(relate(claimed, annotation), expected, "{claimed} against {annotation}");
    }

    #[test]
    fn prose_and_python_mean_the_same() {
        for (claimed, annotation) in [
            ("str", "str"),
            ("string", "str"),
            ("an integer", "int"),
            ("str or None", "Optional[str]"),
            ("str | None", "typing.Optional[str]"),
            ("None or str", "Union[str, None]"),
            ("str, optional", "str"),
            ("str, optional", "str | None"),
            ("Optional[str]", "'str | None'"),
            ("list of int", "List[int]"),
            ("list[int]", "list[int]"),
            ("list", "list[int]"),
            ("dict of str to int", "Dict[str, int]"),
            ("bool, default=True", "bool"),
            ("int, str or None", "int | str | None"),
            ("int or float", "float"),
            (":class:`~foo.Bar`", "Bar"),
            ("ndarray", "numpy.ndarray"),
            ("callable", "Callable[[int], str]"),
            ("{'a', 'b'}", "Literal['a', 'b']"),
            ("(int, str)", "tuple[int, str]"),
            ("Sequence[str]", "collections.abc.Sequence[str]"),
            ("positive int", "int"),
            ("float in [0, 1]", "float"),
            ("T", "T"),
            ("str (optional)", "str"),
            ("bytes object", "bytes"),
            ("a set", "set[int]"),
            ("bytes", "Annotated[bytes, 'x']"),
        ] {
            check(claimed, annotation, Relation::Same);
        }
    }

    #[test]
    fn types_without_common_values_exclude_each_other() {
        for (claimed, annotation) in [
            ("str", "int"),
            ("int", "str | None"),
            ("str or None", "int | None"),
            ("list of str", "dict[str, int]"),
            ("list of str", "list[int]"),
            ("None", "int"),
            ("str", "None"),
            ("bytes", "str"),
            ("dict", "Sequence[int]"),
            ("int", "Iterable[int]"),
            ("str", "Callable[..., None]"),
            ("'a'", "Literal['b']"),
            ("{'a', 'b'}", "int"),
            ("str", "pathlib.Path"),
        ] {
            check(claimed, annotation, Relation::Different);
        }
    }

    #[test]
    fn what_overlaps_or_is_unknown_is_incomparable() {
        for (claimed, annotation) in [
            ("int", "float"),
            ("bool", "int"),
            ("str", "str | None"),
            ("str or int", "str"),
            ("str", "Sequence[str]"),
            ("list", "Iterable[int]"),
            ("str", "StrPath"),
            ("array-like", "list[float]"),
            ("array-like of shape (n, m)", "int"),
            ("list of int or str", "list[str]"),
            ("list of int", "list"),
            ("{'a', 'b'}", "str"),
            ("file object", "int"),
            ("object", "int"),
            ("int", "Any"),
            ("", "int"),
            ("np.ndarray", "numpy.ndarray"),
            ("datetime", "date"),
            ("'a' or int", "int"),
            ("the name of the user", "int"),
            ("Mapping", "Sequence"),
            ("str[]", "list[str]"),
            ("frozenset", "Set[str]"),
        ] {
            check(claimed, annotation, Relation::Incomparable);
        }
    }

    #[track_caller]
    fn check_compared(first: &str, second: &str, expected: Comparison) {
        assert_eq!(compare(first, second), expected, "{first} / {second}");
        let mirrored = match expected {
            Comparison::FirstSaysMore => Comparison::SecondSaysMore,
            Comparison::SecondSaysMore => Comparison::FirstSaysMore,
            other => other,
        };
        assert_eq!(compare(second, first), mirrored, "{second} / {first}");
    }

    #[test]
    fn texts_of_equal_rank_are_compared_both_ways() {
        for (first, second, expected) in [
            ("Optional[int]", "int | None", Comparison::Same),
            ("int or None", "typing.Union[int, None]", Comparison::Same),
            ("List[str]", "list[ str ]", Comparison::Same),
            ("list of str", "list[str]", Comparison::Same),
            ("string, optional", "str", Comparison::Same),
            ("'Foo'", "pkg.mod.Foo", Comparison::Same),
            ("array-like", "array-like", Comparison::Same),
            ("Callable[[int], str]", "typing.Callable[[int], str]", Comparison::Same),
            ("dict[str, int]", "dict", Comparison::FirstSaysMore),
            ("Any", "int", Comparison::SecondSaysMore),
            ("list[list[int]]", "list[list]", Comparison::FirstSaysMore),
            ("int", "str", Comparison::Contradiction),
            ("list[int]", "list[str]", Comparison::Contradiction),
            ("int | None", "str", Comparison::Contradiction),
            ("a list of things", "str", Comparison::Contradiction),
            ("int", "float", Comparison::Incomparable),
            ("Iterable[int]", "list[int]", Comparison::Incomparable),
            ("int", "int | None", Comparison::Incomparable),
            ("array-like of shape (n,)", "int", Comparison::Incomparable),
            ("list[", "int", Comparison::Incomparable),
            ("]", "[", Comparison::Incomparable),
            ("", "int", Comparison::Incomparable),
        ] {
            check_compared(first, second, expected);
        }
    }

    #[test]
    fn deep_nesting_is_cut_off() {
        let deep = format!("{}int{}", "list[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(relate(&deep, &deep), Relation::Same);
        assert_eq!(relate(&"(".repeat(50_000), "int"), Relation::Incomparable);
        assert_eq!(relate(&"list of ".repeat(400), "int"), Relation::Incomparable);
    }

    #[test]
    fn yielded_type_is_the_iterators_first_argument() {
        assert_eq!(yielded("Iterator[tuple[int, str]]"), Some("tuple[int, str]"));
        assert_eq!(yielded("t.Generator[int, None, str]"), Some("int"));
        assert_eq!(yielded("list[int]"), None);
        assert_eq!(yielded("Iterator"), None);
    }

    #[test]
    fn several_types_in_a_row_are_told_from_a_choice() {
        assert!(lists_several("int, int, int"));
        assert!(lists_several("(int, str), bool"));
        for one in [
            "int",
            "int, optional",
            "int, default=3",
            "int, str or None",
            "int | str",
            "(int, str)",
            "dict[str, int]",
        ] {
            assert!(!lists_several(one), "{one}");
        }
    }

    #[test]
    fn none_is_told_from_optional() {
        assert!(is_none("None"));
        assert!(is_none(" none "));
        assert!(!is_none("str or None"));
        assert!(!is_none(""));
    }
}
