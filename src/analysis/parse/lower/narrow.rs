//! What a test says of the variables in it, where it has held or failed: `isinstance`, `is None`, plain truth.

use super::Lower;
use crate::analysis::parse::ir::{NO_REG, Narrowing, Op, Var};
use crate::analysis::parse::tree::{Field, Kind, Node};

/// Parts of one test that are looked at.
const MOST_PARTS: usize = 16;

/// Earlier tests of an `elif` chain that later arms are told of.
pub(super) const MOST_EARLIER: usize = 4;

/// Data of [`Lower::narrow`]: the test has held.
pub(super) const HELD: u32 = 1;

/// Data of [`Lower::narrow`]: the test has failed.
pub(super) const FAILED: u32 = 0;

impl Lower<'_> {
    /// Emits what follows from a test for the rest of the arm that begins.
    pub(super) fn narrow(&mut self, test: Node, held: u32) {
        self.narrow_by(test, held == HELD);
    }

    /// Emits what follows from a test for the operand that comes next; [`Op::Widen`] must end it.
    pub(super) fn narrow_operand(&mut self, test: Node, held: u32) {
        let count = self.narrow_by(test, held == HELD);
        self.narrowed.push(count);
    }

    pub(super) fn widen_operand(&mut self, node: Node, _: u32) {
        let count = self.narrowed.pop().unwrap_or(0);
        if count > 0 {
            self.emit(Op::Widen(count), node);
        }
    }

    /// A plain value that stands as a test is asked for its truth; comparisons and the like give truth values.
    pub(super) fn test_truth(&mut self, test: Node, _: u32) {
        let tree = self.tree;
        let mut plain = test;
        while tree.kind(plain) == Kind::Parenthesized
            && let Some(inner) = tree.children(plain).next()
        {
            plain = inner;
        }
        let asks = matches!(
            tree.kind(plain),
            Kind::Identifier | Kind::Attribute | Kind::Call | Kind::Subscript | Kind::NamedExpression | Kind::Await
        );
        let value = self.result(plain);
        if asks && value != NO_REG {
            self.emit(Op::Truth(value), plain);
        }
    }

    fn narrow_by(&mut self, test: Node, held: bool) -> u32 {
        let tree = self.tree;
        let mut count = 0;
        let mut seen = 0;
        let mut open = vec![(test, held)];
        while let Some((next, held)) = open.pop() {
            seen += 1;
            if seen > MOST_PARTS {
                break;
            }
            match tree.kind(next) {
                Kind::Parenthesized => open.extend(tree.children(next).next().map(|c| (c, held))),
                Kind::Not => open.extend(tree.child(next, Field::Argument).map(|c| (c, !held))),
                Kind::BooleanOperator => {
                    let operator = tree.child(next, Field::Operator).map_or("", |o| tree.text(o));
                    // Both parts are known only of an `and` that held and an `or` that failed.
                    if (operator == "and") == held {
                        let parts = [tree.child(next, Field::Right), tree.child(next, Field::Left)];
                        open.extend(parts.into_iter().flatten().map(|c| (c, held)));
                    }
                }
                Kind::Identifier | Kind::NamedExpression if held => {
                    count += self.narrow_name(next, NO_REG, Narrowing::Truthy);
                }
                Kind::Comparison => count += self.narrow_comparison(next, held),
                Kind::Call => count += self.narrow_call(next, held),
                _ => {}
            }
        }
        count
    }

    fn narrow_comparison(&mut self, node: Node, held: bool) -> u32 {
        let tree = self.tree;
        let children: Vec<Node> = tree.children(node).collect();
        let &[left, operator, right] = children.as_slice() else {
            return 0;
        };
        if tree.kind(operator) != Kind::Operator || tree.kind(right) != Kind::NoneLiteral {
            return 0;
        }
        let is_none = match tree.text(operator).split_whitespace().collect::<Vec<_>>().as_slice() {
            ["is"] | ["=="] => held,
            ["is", "not"] | ["!="] => !held,
            _ => return 0,
        };
        let how = if is_none { Narrowing::None } else { Narrowing::NotNone };
        self.narrow_name(left, NO_REG, how)
    }

    fn narrow_call(&mut self, node: Node, held: bool) -> u32 {
        let tree = self.tree;
        let function = tree.child(node, Field::Function).map_or("", |f| tree.text(f));
        let Some(arguments) = tree.child(node, Field::Arguments) else {
            return 0;
        };
        let arguments: Vec<Node> = tree.children(arguments).collect();
        match (function, arguments.as_slice()) {
            ("isinstance", &[object, class]) if self.result(class) != NO_REG => {
                let how = if held { Narrowing::IsA } else { Narrowing::IsNotA };
                self.narrow_name(object, self.result(class), how)
            }
            _ => 0,
        }
    }

    /// Narrows a variable; how many operations that took.
    pub(super) fn narrow_name(&mut self, mut node: Node, by: u32, how: Narrowing) -> u32 {
        let tree = self.tree;
        if tree.kind(node) == Kind::NamedExpression
            && let Some(name) = tree.child(node, Field::Name)
        {
            node = name;
        }
        if tree.kind(node) != Kind::Identifier {
            return 0;
        }
        let name = self.sym_of(node);
        let var: Var = self.variable(name);
        self.emit(Op::Narrow { var, by, how }, node);
        1
    }
}
