//! Annotations in quotes: the type that a text names.

use super::{Engine, SetId, Sym, Val};
use crate::analysis::points_to::values::EMPTY;

/// Brackets within brackets that are followed; what lies deeper is left out.
const DEEPEST: u32 = 12;

/// Places of subscripts in a text are numbered from here, above those of the code around it.
const FIRST_PART: u32 = 910_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Quoted(&'a str),
    Mark(char),
    Ellipsis,
}

/// A text as tokens, with the place of the one that comes next.
struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let len = if first.is_alphanumeric() || first == '_' {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                let len = end.unwrap_or(rest.len());
                tokens.push(Token::Name(&rest[..len]));
                len
            } else if rest.starts_with("...") {
                tokens.push(Token::Ellipsis);
                3
            } else if matches!(first, '"' | '\'') {
                let end = rest[1..].find(first).map_or(rest.len(), |i| i + 1);
                tokens.push(Token::Quoted(&rest[1..end]));
                (end + 1).min(rest.len())
            } else {
                tokens.push(Token::Mark(first));
                first.len_utf8()
            };
            rest = rest[len..].trim_start();
        }
        Self { tokens, at: 0 }
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    fn accept(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(Token::Mark(mark));
        self.at += usize::from(found);
        found
    }
}

impl Engine {
    /// What an annotation in quotes evaluates to.
    pub(super) fn type_in_text(&mut self, text: Sym) -> SetId {
        let text = self.name_of(text);
        let mut reader = Reader::new(&text);
        let found = self.read_union(&mut reader, 0);
        // What is not read to its end is not a type.
        if reader.peek().is_some() { EMPTY } else { found }
    }

    fn read_union(&mut self, reader: &mut Reader<'_>, depth: u32) -> SetId {
        let mut result = self.read_type(reader, depth);
        while reader.accept('|') {
            let next = self.read_type(reader, depth);
            result = self.union(result, next);
        }
        result
    }

    fn read_type(&mut self, reader: &mut Reader<'_>, depth: u32) -> SetId {
        if depth > DEEPEST {
            reader.at = reader.tokens.len();
            return EMPTY;
        }
        let mut set = match reader.next() {
            Some(Token::Name("None")) => self.builtin_instance(self.known.none),
            Some(Token::Name(name)) => {
                let name = self.program.names.sym(name);
                self.load_global(name)
            }
            Some(Token::Quoted(text)) => {
                let text = self.program.names.sym(text);
                self.single(Val::Str(text))
            }
            Some(Token::Ellipsis) => {
                let ellipsis = self.program.names.sym("ellipsis");
                self.builtin_instance(ellipsis)
            }
            Some(Token::Mark('[')) => self.read_arguments(reader, depth),
            Some(Token::Mark('(')) => {
                let inner = self.read_union(reader, depth + 1);
                reader.accept(')');
                inner
            }
            _ => EMPTY,
        };
        loop {
            if reader.accept('.') {
                let Some(Token::Name(name)) = reader.next() else {
                    return EMPTY;
                };
                let name = self.program.names.sym(name);
                set = self.attribute(set, name);
            } else if reader.peek() == Some(Token::Mark('[')) {
                let part = FIRST_PART + u32::try_from(reader.at).unwrap_or(0);
                reader.at += 1;
                let arguments = self.read_arguments(reader, depth);
                let mut generic = EMPTY;
                for origin in self.values.list(set) {
                    let one = self.generic_at(part, origin, arguments);
                    generic = self.union(generic, one);
                }
                set = generic;
            } else {
                return set;
            }
        }
    }

    /// The arguments of a subscript up to its closing bracket; several are a tuple.
    fn read_arguments(&mut self, reader: &mut Reader<'_>, depth: u32) -> SetId {
        let place = u32::try_from(reader.at).unwrap_or(0);
        let mut arguments = Vec::new();
        while !reader.accept(']') {
            if reader.peek().is_none() {
                return EMPTY;
            }
            arguments.push(self.read_union(reader, depth + 1));
            reader.accept(',');
        }
        match arguments.as_slice() {
            [one] => *one,
            several => self.tuple_of(FIRST_PART + 1_000 + place, several),
        }
    }
}
