//! `match` statements and their patterns.

use super::{Lower, Step};
use crate::analysis::parse::ir::{NO_REG, Narrowing, Op, Reg};
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
            [one] => Some(*one),
            _ => None,
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
                    open.extend(tree.children(next).skip(1).map(|c| (c, None)));
                }
                Kind::KeywordPattern => open.extend(tree.children(next).skip(1).map(|c| (c, None))),
                Kind::SplatPattern => {
                    for name in tree.children(next).filter(|&c| tree.kind(c) == Kind::Identifier) {
                        let unknown = self.emit(Op::Damaged, name);
                        let sym = self.sym_of(name);
                        self.store_name(sym, unknown, name);
                    }
                }
                Kind::UnionPattern => open.extend(tree.children(next).map(|c| (c, value))),
                Kind::String | Kind::ConcatenatedString => self.visit(next, 0),
                _ => open.extend(tree.children(next).map(|c| (c, None))),
            }
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
        } else {
            self.load_dotted(&parts, node);
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
