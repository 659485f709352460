//! Input that nobody would write: it is read in one pass, loses nothing and panics nowhere.

use proptest::prelude::*;

use super::super::{ParsedDocstring, parse};
use super::claiming::claims_of_text;

/// All the words that a parsed docstring holds.
fn words(parsed: &ParsedDocstring) -> String {
    let mut out = String::new();
    for passage in parsed.summary.iter().chain(&parsed.description) {
        out.push_str(&passage.text);
    }
    for section in &parsed.sections {
        out.push_str(&section.title);
        out.push_str(&section.text);
        for item in &section.items {
            out.push_str(&item.names.concat());
            out.push_str(&item.text);
            out.push_str(item.type_text.as_deref().unwrap_or_default());
        }
    }
    out
}

/// Were any of it quadratic, this test would not end.
#[test]
fn long_docstrings_of_anything_become_claims() {
    let pieces = [
        "x",
        " ",
        "\n",
        "\t",
        "`",
        ":",
        "(",
        "[",
        "'",
        "x, ",
        "x: y\n",
        ">>> \n",
        "```\n",
        "@param x: y\n",
        ":param x: y\n",
        ":type x: y\n",
        ":raises X: y\n",
        "Args:\n    x (int): y\n",
        "Args:\n",
        "    x (\n",
        "a: b\n\n",
        "Returns\n-------\n",
        "x : int\n    y\n",
        ".. deprecated:: 1\n",
        "default ",
        "Defaults to 3. ",
        ":class:`x` ",
        "e.g. A. ",
        "\n\n    ",
        "–",
        "\u{202e}",
        "\0",
        "\u{1}\n---\n",
        "\u{1}\n---\n",
    ];
    for piece in pieces {
        for start in [
            "",
            "S.\n\nArgs:\n    ",
            "S.\n\nParameters\n----------\n",
            "S.\n\n:param ",
        ] {
            let text = start.to_owned() + &piece.repeat(200_000 / piece.len());
            claims_of_text(&text);
        }
    }
    claims_of_text(&"x : int\n    Defaults to `3`. See :func:`pkg.x`.\n".repeat(25_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_panics(text in "\\PC{0,200}") {
        claims_of_text(&text);
    }

    #[test]
    fn pieces_of_docstrings_in_any_order_lose_no_word(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "word", " ", "  ", "\n", "\n\n", "    ", "\t", "Args:", "Returns:", "Raises:", "Parameters", "----------",
                "====", "x", "int", ": ", " : ", ":", "(", ")", ", ", ":param x: ", ":type x: ", "@return: ", "*", "`",
                "é", "–", "\u{3000}", "- ", ">>> ", "```", "optional", "default=3", ".. deprecated:: ",
            ]),
            0..60,
        )
    ) {
        let text = pieces.concat();
        claims_of_text(&text);
        let kept = words(&parse(&text));
        let count = |text: &str| text.matches("word").count();
        // A type that two fields give to one entry is kept once.
        if !text.contains(":type") {
            prop_assert!(count(&kept) >= count(&text), "{text:?} became {kept:?}");
        }
    }
}
