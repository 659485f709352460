//! Types as texts: whether two say the same, and what stands inside their brackets.

/// A type without what makes no difference: quotes around it, comments, white space, the sort of quotes in literals,
/// a comma before a closing bracket.
pub(super) fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = strip_backticks(text.trim()).chars().peekable();
    // Depth of brackets, and the depth at which a `Literal[` was opened.
    let mut depth = 0_usize;
    let mut literal: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut space = false;
    while let Some(c) = chars.next() {
        if let Some(open) = quote {
            if c == open {
                quote = None;
                out.push('\'');
            } else {
                out.push(c);
            }
            continue;
        }
        match c {
            '#' => {
                while chars.peek().is_some_and(|&c| c != '\n') {
                    chars.next();
                }
            }
            '\'' | '"' => {
                if literal.is_some() {
                    quote = Some(c);
                    out.push('\'');
                }
            }
            c if c.is_whitespace() => space = true,
            c => {
                let joins = |c: char| c.is_alphanumeric() || c == '_';
                if space && joins(c) && out.ends_with(joins) {
                    out.push(' ');
                }
                space = false;
                if matches!(c, '[' | '(' | '{') {
                    depth += 1;
                    if literal.is_none() && c == '[' && out.ends_with("Literal") {
                        literal = Some(depth);
                    }
                } else if matches!(c, ']' | ')' | '}') {
                    if literal == Some(depth) {
                        literal = None;
                    }
                    depth = depth.saturating_sub(1);
                    if out.ends_with(',') {
                        out.pop();
                    }
                }
                out.push(c);
            }
        }
    }
    out
}

fn strip_backticks(text: &str) -> &str {
    let inner = |ticks: &str| text.strip_prefix(ticks).and_then(|t| t.strip_suffix(ticks));
    inner("``").or_else(|| inner("`")).unwrap_or(text)
}

/// Whether two texts are one type.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || canonical(a) == canonical(b)
}

/// The arguments in the brackets of `head[…]`, in canonical form; none where it has no brackets.
pub(super) fn arguments<'a>(canonical: &'a str, heads: &[&str]) -> Option<Vec<&'a str>> {
    let (head, rest) = canonical.split_once('[')?;
    let inside = rest.strip_suffix(']')?;
    heads.contains(&head).then(|| split(inside))
}

/// The parts of a list between commas outside brackets.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let mut quoted = false;
    let parts = text.split(|c| {
        match c {
            '\'' => quoted = !quoted,
            '[' | '(' | '{' if !quoted => depth += 1,
            ']' | ')' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0 && !quoted
    });
    parts.map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_the_same_whatever_their_quotes_and_spaces() {
        for (a, b) in [
            ("Optional[ int ]", "Optional[int]"),
            ("\"Foo\"", "Foo"),
            ("Literal['a',  'b']", "Literal[\"a\", \"b\"]"),
            ("dict[\n  str,  # key\n  int,\n]", "dict[str, int]"),
            ("`int`", "int"),
            ("int|None", "int | None"),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        assert!(!same("list of str", "listofstr"));
        assert!(!same("Literal['a']", "Literal[a]"));
    }

    #[test]
    fn arguments_are_those_between_the_outer_brackets() {
        let text = canonical("Generator[tuple[int, str], None, dict[str, int]]");
        assert_eq!(
            arguments(&text, &["Generator"]).unwrap(),
            ["tuple[int,str]", "None", "dict[str,int]"]
        );
        assert_eq!(arguments("int", &["int"]), None);
    }
}
