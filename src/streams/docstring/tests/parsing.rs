//! Docstrings taken apart, shown in a compact form.

use std::fmt::Write;

use super::super::{ParsedDocstring, parse};

/// `style`, then prose, then each section with its entries: `name: type = default? | text`.
fn shown(parsed: &ParsedDocstring) -> String {
    let one_line = |text: &str| text.replace('\n', "⏎");
    let mut out = parsed.style.name().to_owned();
    if let Some(summary) = &parsed.summary {
        write!(out, "\n{}", one_line(&summary.text)).unwrap();
    }
    if let Some(description) = &parsed.description {
        write!(out, "\n.. {}", one_line(&description.text)).unwrap();
    }
    for section in &parsed.sections {
        write!(out, "\n[{}] {}", section.kind.name(), section.title).unwrap();
        if section.items.is_empty() {
            write!(out, "\n.. {}", one_line(&section.text)).unwrap();
        }
        for item in &section.items {
            write!(out, "\n{} {}", item.line, item.name().unwrap_or_default()).unwrap();
            if let Some(type_text) = &item.type_text {
                write!(out, ": {type_text}").unwrap();
            }
            if let Some(default) = &item.default {
                write!(out, " = {default}").unwrap();
            }
            write!(
                out,
                "{} | {}",
                if item.optional { "?" } else { "" },
                one_line(&item.text)
            )
            .unwrap();
        }
    }
    out
}

#[track_caller]
fn check(docstring: &str, expected: &str) {
    assert_eq!(shown(&parse(docstring)), expected);
}

#[test]
fn prose_is_plain() {
    check("Does it.", "plain\nDoes it.");
    check(
        "Does it\nwell.\n\nAnd more.\n\nStill.",
        "plain\nDoes it⏎well.\n.. And more.⏎⏎Still.",
    );
    check("", "plain");
    check("\n  \n", "plain");
}

#[test]
fn title_of_a_document_is_no_summary() {
    check("pkg.mod\n~~~~~~~\n\nDoes it.\n\nMore.", "plain\nDoes it.\n.. More.");
    check("====\nName\n====\nDoes it\nwell.", "plain\nDoes it⏎well.");
    check("Name\n^^^^^^^^^\n", "plain\nName");
    check("====\nName\n====\n", "plain\nName");
    check(
        "Name\n----\n\nDoes it.\n\nParameters\n----------\nx : int\n    One.",
        "numpy\nDoes it.\n[parameters] Parameters\n7 x: int | One.",
    );
    for plain in [
        "Does it.\n...",
        "Does it:\n```\nx\n```",
        "-----\nDoes it.",
        "Does it and a good deal more.\n---",
    ] {
        check(plain, &format!("plain\n{}", plain.replace('\n', "⏎")));
    }
}

#[test]
fn google_sections_are_read_with_all_their_forms() {
    check(
        "Sums.\n\nArgs:\n    x (int): The first.\n        Goes on.\n    y (Callable[[int], str], optional): Second.\n    *args: Rest.\n    **kwargs (Any): Keys.\n    a, b (str): Two.\n\nReturns:\n    int: The sum.\n\nRaises:\n    ValueError: If bad.\n    pkg.Other, KeyError: If worse.\n",
        "google\nSums.\n[parameters] Args\n3 x: int | The first.⏎Goes on.\n5 y: Callable[[int], str]? | Second.\n6 *args | Rest.\n7 **kwargs: Any | Keys.\n8 a, b: str | Two.\n[returns] Returns\n11 : int | The sum.\n[raises] Raises\n14 ValueError | If bad.\n15 pkg.Other, KeyError | If worse.",
    );
}

#[test]
fn google_indentation_may_be_anything() {
    check(
        "S.\n\nArgs:\n  x: One.\n  y: Two.",
        "google\nS.\n[parameters] Args\n3 x | One.\n4 y | Two.",
    );
    check(
        "S.\n\nArgs:\n\tx: One.\n\t\tMore.",
        "google\nS.\n[parameters] Args\n3 x | One.⏎More.",
    );
    check(
        "S.\n\nArgs:\nx: One.\ny (int): Two.\n\nEnd.",
        "google\nS.\n[parameters] Args\n3 x | One.\n4 y: int | Two.\n[text] \n.. End.",
    );
    check(
        "S.\n\n    Args:\n        x: One.\n\n    Returns:\n        Two.",
        "google\nS.\n[parameters] Args\n3 x | One.\n[returns] Returns\n6  | Two.",
    );
}

#[test]
fn google_type_may_go_on_over_lines() {
    check(
        "S.\n\nArgs:\n    x (Union[int,\n        str], optional): One.\n    y: Two.",
        "google\nS.\n[parameters] Args\n3 x: Union[int, str]? | One.\n5 y | Two.",
    );
}

#[test]
fn google_results_are_types_only_where_they_read_like_types() {
    check(
        "S.\n\nReturns:\n    The thing: or not.",
        "google\nS.\n[returns] Returns\n3  | The thing: or not.",
    );
    check(
        "S.\n\nReturns:\n    dict of str: It.",
        "google\nS.\n[returns] Returns\n3 : dict of str | It.",
    );
    check(
        "S.\n\nReturns:\n    A list\n    of things.",
        "google\nS.\n[returns] Returns\n3  | A list⏎of things.",
    );
    check(
        "S.\n\nYields:\n    name (int): It.",
        "google\nS.\n[yields] Yields\n3 name: int | It.",
    );
}

#[test]
fn google_remark_at_the_wrong_indentation_goes_on_with_the_entry() {
    check(
        "S.\n\nArgs:\n    x: One.\n    Note: mind it.",
        "google\nS.\n[parameters] Args\n3 x | One.⏎Note: mind it.",
    );
}

#[test]
fn unknown_google_headings_count_beside_known_ones() {
    check(
        "S.\n\nSide effects:\n    Writes.\n\nReturns:\n    It.",
        "google\nS.\n[other] Side effects\n.. Writes.\n[returns] Returns\n6  | It.",
    );
    check(
        "S.\n\nThe options:\n    all of them.",
        "plain\nS.\n.. The options:⏎    all of them.",
    );
}

#[test]
fn numpy_sections_are_read_with_all_their_forms() {
    check(
        "Sums.\n\nParameters\n----------\nx : int\n    First.\n\n    More.\ny, z : {'a', 'b'}, default='a'\n    Others.\n*args, **kwargs\n    Rest.\nw: float, optional\n    Loose.\n\nReturns\n-------\nint\n    The sum.\n\nSee Also\n--------\nother : Related.\nthis, that\n\nNotes\n-----\nA note.",
        "numpy\nSums.\n[parameters] Parameters\n4 x: int | First.⏎⏎More.\n8 y, z: {'a', 'b'} = 'a'? | Others.\n10 *args, **kwargs | Rest.\n12 w: float? | Loose.\n[returns] Returns\n17 : int | The sum.\n[see_also] See Also\n22 other | Related.\n23 this, that | \n[notes] Notes\n.. A note.",
    );
}

#[test]
fn numpy_results_have_names_types_both_or_neither() {
    let returns = |body: &str| format!("S.\n\nReturns\n-------\n{body}");
    let head = "numpy\nS.\n[returns] Returns\n";
    check(
        &returns("x : int\n    One.\ny : str\n    Two."),
        &format!("{head}4 x: int | One.\n6 y: str | Two."),
    );
    check(
        &returns("The sum of it all."),
        &format!("{head}4  | The sum of it all."),
    );
    check(&returns("bool"), &format!("{head}4 : bool | "));
    check(
        &returns("list of str\n    Names."),
        &format!("{head}4 : list of str | Names."),
    );
    check(&returns("out : ndarray"), &format!("{head}4 out: ndarray | "));
}

#[test]
fn numpy_text_may_stand_beside_the_name() {
    check(
        "S.\n\nParameters\n----------\nx - the first, default: 3.\ny : The second, which is long.\nz (int) : Third.\nNot an entry: no.",
        "numpy\nS.\n[parameters] Parameters\n4 x | the first, default: 3.\n5 y | The second, which is long.\n6 z: int | Third.⏎Not an entry: no.",
    );
}

#[test]
fn underlines_may_be_wrong() {
    check(
        "S.\n\nParameters\n---\nx : int\n",
        "numpy\nS.\n[parameters] Parameters\n4 x: int | ",
    );
    check(
        "S.\n\nParameters\n==============\n\nx : int\n",
        "numpy\nS.\n[parameters] Parameters\n5 x: int | ",
    );
    check(
        "S.\n\nParameters:\n-----------\nx : int\n",
        "numpy\nS.\n[parameters] Parameters\n4 x: int | ",
    );
    check("S.\n\nParameters\n--\nx : int\n", "plain\nS.\n.. Parameters⏎--⏎x : int");
}

#[test]
fn output_of_a_doctest_is_no_heading() {
    check(
        "S.\n\nExamples\n--------\n>>> f()\nParameters\n----------\n\nReturns\n-------\nint",
        "numpy\nS.\n[examples] Examples\n4  | >>> f()⏎Parameters⏎----------\n[returns] Returns\n10 : int | ",
    );
}

#[test]
fn examples_are_split_at_prose_that_follows_code() {
    check(
        "S.\n\nExample:\n    First:\n\n    >>> f()\n    1\n\n    >>> g()\n    2\n\n    Second:\n\n    >>> h()",
        "google\nS.\n[examples] Example\n3  | First:⏎⏎>>> f()⏎1⏎⏎>>> g()⏎2\n11  | Second:⏎⏎>>> h()",
    );
}

#[test]
fn sphinx_fields_are_read_with_all_their_forms() {
    check(
        "S.\n\n:param x: One.\n:type x: int, optional\n:param str y: Two,\n    goes on\nand on.\n:param dict[str, int] z: Three.\n:param \\*args: Rest.\n:param class\\_: Escaped.\n:returns: It.\n:rtype: bool\n:raises ValueError, ~pkg.Other: Bad.\n:raises :exc:`KeyError`: Worse.\n:raises: TypeError",
        "sphinx\nS.\n[parameters] param\n2 x: int? | One.\n4 y: str | Two,⏎    goes on⏎and on.\n7 z: dict[str, int] | Three.\n8 *args | Rest.\n9 class_ | Escaped.\n[returns] returns\n10 : bool | It.\n[raises] raises\n12 ValueError, pkg.Other | Bad.\n13 KeyError | Worse.\n14 TypeError | ",
    );
}

#[test]
fn sphinx_types_come_before_after_or_without_their_entries() {
    check(
        "S.\n\n:type x: int\n:param x: One.\n:rtype: str\n:vartype a: bool\n:ivar a: Attr.",
        "sphinx\nS.\n[parameters] param\n3 x: int | One.\n[attributes] ivar\n6 a: bool | Attr.\n[returns] \n4 : str | ",
    );
}

#[test]
fn prose_after_fields_is_kept() {
    check(
        "S.\n\n:param x: One.\n\n    More of it.\n\nBack to prose.\n\n.. deprecated:: 1.2\n    Use y.",
        "sphinx\nS.\n[parameters] param\n2 x | One.⏎⏎More of it.\n[text] \n.. Back to prose.\n[deprecated] Deprecated\n8 1.2 | Use y.",
    );
}

#[test]
fn roles_at_the_start_of_a_line_are_no_fields() {
    check(
        "S.\n\n:attr:`x` is\n:param is what?",
        "plain\nS.\n.. :attr:`x` is⏎:param is what?",
    );
}

#[test]
fn epydoc_fields_are_read() {
    check(
        "S.\n\n@param x: One.\n@type x: int\n@return: It.\n@raise ValueError: Bad.\n@see: other",
        "epydoc\nS.\n[parameters] param\n2 x: int | One.\n[returns] return\n4  | It.\n[raises] raise\n5 ValueError | Bad.\n[see_also] see\n.. other",
    );
    check("S.\n\n@property\n@param\n", "plain\nS.\n.. @property⏎@param");
}

#[test]
fn a_list_under_one_field_is_a_section() {
    check(
        "S.\n\n:Parameters:\n  - `x` (int): One.\n  - `y`: Two.",
        "sphinx\nS.\n[parameters] Parameters\n3 x: int | One.\n4 y | Two.",
    );
}

#[test]
fn conventions_may_be_mixed_in_one_docstring() {
    check(
        "S.\n\nArgs:\n    x: One.\n\n:rtype: int",
        "google\nS.\n[parameters] Args\n3 x | One.\n[returns] \n5 : int | ",
    );
    check(
        "S.\n\n:param x: One.\n:param y: Two.\n\nReturns:\n    It.",
        "google\nS.\n[parameters] param\n2 x | One.\n3 y | Two.\n[returns] Returns\n6  | It.",
    );
}

#[test]
fn defaults_and_optional_are_found_in_types() {
    let x = |spec: &str| format!("S.\n\nParameters\n----------\nx : {spec}\n    T.");
    let is = |shown: &str| format!("numpy\nS.\n[parameters] Parameters\n4 x{shown} | T.");
    check(&x("int, optional, default: 3"), &is(": int = 3?"));
    check(&x("int, default 3"), &is(": int = 3?"));
    check(&x("int, by default 3"), &is(": int = 3?"));
    check(&x("int (default=3)"), &is(": int = 3?"));
    check(&x("int (optional)"), &is(": int?"));
    check(&x("bool, optional (default is ``True``)"), &is(": bool = True?"));
    check(&x("{'a, b', 'c'}, default=(1, 2)"), &is(": {'a, b', 'c'} = (1, 2)?"));
    check(&x("array-like of shape (n, m)"), &is(": array-like of shape (n, m)"));
    check(&x("optional"), &is("?"));
}
