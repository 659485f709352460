//! `match` statements and their patterns.

use super::{Lower, Step};
use crate::analysis::parse::ir::{Compare, NO_REG, Narrowing, Op, Reg};
use crate::analysis::parse::literal;
use crate::analysis::parse::tree::{Field, Kind, Node};

impl<'a> Lower<'a> {
    pub(super) fn match_statement(&mut self, node: Node) {
        let tree = self.tree;
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        for subject in tree.children(node).filter(|&c| tree.field(c) == Field::Subject) {
            steps.push((Self::visit, subject, 0));
        }
        steps.push((Self::enter_conditional, node, 0));
        steps.push((Self::emit_branch, node, 0));
        let clauses = tree.child(node, Field::Body).unwrap_or(node);
        for (i, clause) in tree
            .children(clauses)
            .filter(|&c| tree.kind(c) == Kind::CaseClause)
            .enumerate()
        {
            if i > 0 {
                steps.push((Self::emit_arm, clause, 0));
            }
            for pattern in tree.children(clause).filter(|&c| tree.kind(c) == Kind::CasePattern) {
                steps.push((Self::case_pattern, pattern, node));
            }
            if let Some(guard) = tree.child(clause, Field::Guard) {
                steps.push((Self::visit_guard, guard, 0));
            }
            if let Some(body) = tree.child(clause, Field::Consequence) {
                steps.push((Self::block, body, 0));
            }
        }
        steps.push((Self::emit_arm, node, 0));
        steps.push((Self::emit_join, node, 0));
        steps.push((Self::leave_conditional, node, 0));
        self.plan(&steps);
    }

    /// Binds the names of one case's pattern; `statement` is the `match`.
    fn case_pattern(&mut self, pattern: Node, statement: u32) {
        let tree = self.tree;
        let subjects: Vec<Reg> = tree
            .children(statement)
            .filter(|&c| tree.field(c) == Field::Subject)
            .map(|c| self.result(c))
            .filter(|&r| r != NO_REG)
            .collect();
        let subject = match subjects.as_slice() {
            [] => None,
            [one] => Some(*one),
            several => {
                let list = self.list(several);
                Some(self.emit(Op::Tuple(list), pattern))
            }
        };
        // (pattern, value it is matched with where that is known)
        let mut open: Vec<(Node, Option<Reg>)> = vec![(pattern, subject)];
        while let Some((next, value)) = open.pop() {
            match tree.kind(next) {
                Kind::CasePattern => open.extend(tree.children(next).map(|c| (c, value))),
                Kind::DottedName => self.capture(next, value),
                Kind::AsPattern => {
                    let parts: Vec<Node> = tree.children(next).collect();
                    if let Some((&name, inner)) = parts.split_last() {
                        let class = inner.first().and_then(|&p| self.class_of_pattern(p));
                        let value = class.or(value).unwrap_or_else(|| self.emit(Op::Damaged, next));
                        let sym = self.sym_of(name);
                        self.store_name(sym, value, name);
                        open.extend(inner.iter().map(|&p| (p, Some(value))));
                    }
                }
                Kind::ClassPattern => {
                    let made = self.class_of_pattern(next);
                    if value.is_some() && value == subject {
                        self.narrow_subject(statement, made);
                    }
                    self.class_arguments(next, made, &mut open);
                }
                Kind::ListPattern | Kind::TuplePattern => self.sequence_parts(next, value, &mut open),
                Kind::DictPattern => self.mapping_parts(next, value, &mut open),
                Kind::SplatPattern => {
                    for name in tree.children(next).filter(|&c| tree.kind(c) == Kind::Identifier) {
                        let value = value.unwrap_or_else(|| self.emit(Op::Damaged, name));
                        let sym = self.sym_of(name);
                        self.store_name(sym, value, name);
                    }
                }
                Kind::UnionPattern => open.extend(tree.children(next).map(|c| (c, value))),
                Kind::String | Kind::ConcatenatedString => self.visit(next, 0),
                _ => open.extend(tree.children(next).map(|c| (c, None))),
            }
        }
    }

    /// The patterns in a class pattern, each with the attribute that it is matched with.
    fn class_arguments(&mut self, pattern: Node, made: Option<Reg>, open: &mut Vec<(Node, Option<Reg>)>) {
        let tree = self.tree;
        let mut place = 0;
        for argument in tree.children(pattern).skip(1) {
            let mut inner = argument;
            while tree.kind(inner) == Kind::CasePattern
                && let Some(child) = tree.children(inner).next()
            {
                inner = child;
            }
            if tree.kind(inner) == Kind::KeywordPattern {
                let mut parts = tree.children(inner);
                if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                    let name = self.sym_of(name);
                    let part = made.map(|m| self.emit(Op::Attribute(m, name), inner));
                    open.push((value, part));
                }
                continue;
            }
            let part = made.map(|m| self.emit(Op::MatchArgument(m, place), argument));
            open.push((argument, part));
            place = place.saturating_add(1);
        }
    }

    /// The patterns in `[a, *b, c]`, each with its element.
    fn sequence_parts(&mut self, pattern: Node, value: Option<Reg>, open: &mut Vec<(Node, Option<Reg>)>) {
        let tree = self.tree;
        let parts: Vec<Node> = tree.children(pattern).collect();
        let is_star = |&part: &Node| {
            tree.kind(part) == Kind::SplatPattern
                || tree.kind(part) == Kind::CasePattern && tree.child_of_kind(part, Kind::SplatPattern).is_some()
        };
        let star = parts.iter().position(is_star);
        for (i, &part) in parts.iter().enumerate() {
            let counted_from_end = star.is_some_and(|s| i > s);
            let index = if counted_from_end {
                u16::MAX
            } else {
                u16::try_from(i).unwrap_or(u16::MAX)
            };
            let element = value.map(|value| {
                let op = Op::Unpack {
                    value,
                    index,
                    starred: is_star(&part),
                    after: u16::try_from(parts.len() - i - 1).unwrap_or(u16::MAX),
                };
                self.emit(op, part)
            });
            open.push((part, element));
        }
    }

    /// The patterns in `{"key": a, **rest}`, each with its value.
    fn mapping_parts(&mut self, pattern: Node, value: Option<Reg>, open: &mut Vec<(Node, Option<Reg>)>) {
        let tree = self.tree;
        let mut key = None;
        for part in tree.children(pattern) {
            if tree.field(part) == Field::Key {
                key = match tree.kind(part) {
                    Kind::String => literal::text_of(tree.text(part)).map(|text| {
                        let text = self.sym(&text);
                        self.emit(Op::Str(text), part)
                    }),
                    _ => None,
                };
                if key.is_none() {
                    open.push((part, None));
                }
                continue;
            }
            let is_rest =
                tree.kind(part) == Kind::SplatPattern || tree.child_of_kind(part, Kind::SplatPattern).is_some();
            let element = match (value, key.take()) {
                (Some(value), _) if is_rest => Some(value),
                (Some(value), Some(key)) => Some(self.emit(Op::Index(value, key), part)),
                _ => None,
            };
            open.push((part, element));
        }
    }

    /// A class pattern says of the subject, where that is a variable, what it is an instance of.
    fn narrow_subject(&mut self, statement: Node, made: Option<Reg>) {
        let tree = self.tree;
        let subject = tree
            .children(statement)
            .find(|&c| tree.field(c) == Field::Subject && tree.kind(c) == Kind::Identifier);
        if let (Some(subject), Some(made)) = (subject, made)
            && let Some(Op::InstanceOf(class)) = self.module.ops.get(made as usize).copied()
        {
            self.narrow_name(subject, class, Narrowing::IsA);
        }
    }

    /// A single name captures; a dotted one is a value to compare with.
    fn capture(&mut self, node: Node, value: Option<Reg>) {
        let parts: Vec<Node> = self.tree.children(node).collect();
        if let [name] = parts.as_slice() {
            let sym = self.sym_of(*name);
            let value = value.unwrap_or_else(|| self.emit(Op::Damaged, node));
            self.store_name(sym, value, node);
        } else if let Some(wanted) = self.load_dotted(&parts, node) {
            let value = value.unwrap_or_else(|| self.emit(Op::Damaged, node));
            self.emit(Op::Compare(Compare::Equal, value, wanted), node);
        }
    }

    fn load_dotted(&mut self, parts: &[Node], node: Node) -> Option<Reg> {
        let (&first, rest) = parts.split_first()?;
        let sym = self.sym_of(first);
        let var = self.variable(sym);
        let mut value = self.emit(Op::Load(var), node);
        for &part in rest {
            let name = self.sym_of(part);
            value = self.emit(Op::Attribute(value, name), node);
        }
        Some(value)
    }

    /// The instance that a class pattern (perhaps within a `case_pattern`) establishes.
    fn class_of_pattern(&mut self, mut pattern: Node) -> Option<Reg> {
        let tree = self.tree;
        while tree.kind(pattern) == Kind::CasePattern {
            pattern = tree.children(pattern).next()?;
        }
        if tree.kind(pattern) != Kind::ClassPattern {
            return None;
        }
        let name = tree.children(pattern).next()?;
        let parts: Vec<Node> = match tree.kind(name) {
            Kind::DottedName => tree.children(name).collect(),
            _ => vec![name],
        };
        let class = self.load_dotted(&parts, pattern)?;
        Some(self.emit(Op::InstanceOf(class), pattern))
    }
}
