//! Expressions.

use super::narrow::{FAILED, HELD};
use super::{LONGEST_KEPT_STRING, Lower, Step};
use crate::analysis::parse::ir::{Arg, Binary, Compare, Const, NO_REG, Op, Passing, Reg, ScopeKind, Unary};
use crate::analysis::parse::literal;
use crate::analysis::parse::tree::{Field, Kind, Node};

impl<'a> Lower<'a> {
    /// Visits any node; afterwards its result is known, if it has one.
    pub(super) fn visit(&mut self, node: Node, _: u32) {
        match self.tree.kind(node) {
            Kind::Identifier => self.identifier(node),
            Kind::Attribute => self.operands_then(node, &[Field::Object], Self::finish_attribute),
            Kind::Call => self.call(node),
            Kind::String | Kind::ConcatenatedString => self.string(node),
            Kind::Integer => self.integer(node),
            Kind::Float => self.number(node),
            Kind::True => self.give(Op::Const(Const::Bool(true)), node),
            Kind::False => self.give(Op::Const(Const::Bool(false)), node),
            Kind::NoneLiteral => self.give(Op::Const(Const::None), node),
            Kind::Ellipsis => self.give(Op::Const(Const::Ellipsis), node),
            Kind::Parenthesized if self.type_calls.contains(&node) => {
                self.children_then(node, Self::finish_type_call);
            }
            Kind::Tuple if self.type_calls.contains(&node) => self.children_then(node, Self::finish_type_call),
            Kind::Parenthesized | Kind::Type | Kind::SplatType => self.children_then(node, Self::finish_alias),
            Kind::BinaryOperator => self.children_then(node, Self::finish_binary),
            Kind::UnionType => self.children_then(node, Self::finish_union),
            Kind::UnaryOperator => self.children_then(node, Self::finish_unary),
            Kind::Not => self.children_then(node, Self::finish_not),
            Kind::Comparison => self.children_then(node, Self::finish_comparison),
            Kind::BooleanOperator => self.boolean(node),
            Kind::Conditional => self.conditional_expression(node),
            Kind::NamedExpression => self.operands_then(node, &[Field::Value], Self::finish_named),
            Kind::Subscript | Kind::GenericType => self.children_then(node, Self::finish_subscript),
            Kind::MemberType => self.children_then(node, Self::finish_member_type),
            Kind::Slice => self.children_then(node, Self::finish_slice),
            Kind::Tuple | Kind::ExpressionList | Kind::TypeParameter | Kind::TuplePattern | Kind::PatternList => {
                self.children_then(node, Self::finish_tuple);
            }
            Kind::List | Kind::ListPattern => self.children_then(node, Self::finish_list),
            Kind::Set => self.children_then(node, Self::finish_set),
            Kind::Dictionary => self.children_then(node, Self::finish_dictionary),
            Kind::Pair => self.visit_children(node),
            Kind::ListSplat | Kind::ListSplatPattern | Kind::DictionarySplat | Kind::ParenthesizedListSplat => {
                self.children_then(node, Self::finish_splat);
            }
            Kind::Await => self.children_then(node, Self::finish_await),
            Kind::Yield => self.children_then(node, Self::finish_yield),
            Kind::Lambda => self.lambda(node),
            Kind::ListComprehension
            | Kind::SetComprehension
            | Kind::DictionaryComprehension
            | Kind::GeneratorExpression => self.comprehension(node),
            Kind::Interpolation | Kind::FormatExpression => self.children_then(node, Self::finish_alias),
            Kind::AsPattern => self.children_then(node, Self::finish_alias),
            Kind::Error | Kind::Other => self.children_then(node, |this, node, _| this.damaged(node)),
            _ => self.statement(node),
        }
    }

    /// Visits the children in these roles, then finishes.
    fn operands_then(&mut self, node: Node, fields: &[Field], finish: Step<'a>) {
        self.steps.push((finish, node, 0));
        for &field in fields.iter().rev() {
            if let Some(child) = self.field(node, field) {
                self.steps.push((Self::visit, child, 0));
            }
        }
    }

    /// Visits all children, then finishes.
    pub(super) fn children_then(&mut self, node: Node, finish: Step<'a>) {
        self.steps.push((finish, node, 0));
        self.visit_children(node);
    }

    /// Results of the children that have one.
    fn child_results(&self, node: Node) -> Vec<Reg> {
        self.tree
            .children(node)
            .map(|c| self.result(c))
            .filter(|&r| r != NO_REG)
            .collect()
    }

    fn identifier(&mut self, node: Node) {
        let name = self.sym_of(node);
        let var = self.variable(name);
        self.give(Op::Load(var), node);
    }

    fn finish_attribute(&mut self, node: Node, _: u32) {
        let object = self.field(node, Field::Object);
        let object = self.result_or_damaged(object, node);
        match self.field(node, Field::Attribute) {
            Some(name) => {
                let name = self.sym_of(name);
                self.give(Op::Attribute(object, name), node);
            }
            None => self.damaged(node),
        }
    }

    fn finish_member_type(&mut self, node: Node, _: u32) {
        let children: Vec<Node> = self.tree.children(node).collect();
        let object = self.result_or_damaged(children.first().copied(), node);
        match children.get(1) {
            Some(&name) => {
                let name = self.sym_of(name);
                self.give(Op::Attribute(object, name), node);
            }
            None => self.results[node as usize] = object,
        }
    }

    fn call(&mut self, node: Node) {
        self.module.call_expressions += 1;
        self.steps.push((Self::finish_call, node, 0));
        if let Some(arguments) = self.field(node, Field::Arguments) {
            match self.tree.kind(arguments) {
                Kind::GeneratorExpression => self.steps.push((Self::visit, arguments, 0)),
                _ => self.visit_arguments(arguments),
            }
        }
        if let Some(function) = self.field(node, Field::Function) {
            self.steps.push((Self::visit, function, 0));
        }
    }

    /// Schedules visits of the values of an argument list.
    pub(super) fn visit_arguments(&mut self, list: Node) {
        let tree = self.tree;
        let start = self.steps.len();
        self.steps.extend(tree.children(list).map(|argument| {
            let value = match tree.kind(argument) {
                Kind::KeywordArgument => tree.child(argument, Field::Value).unwrap_or(argument),
                _ => argument,
            };
            (Self::visit as Step<'a>, value, 0)
        }));
        self.steps[start..].reverse();
    }

    /// The arguments of a visited argument list, with the nodes of their values.
    pub(super) fn collect_arguments(&mut self, list: Node) -> Vec<(Arg, Node)> {
        let tree = self.tree;
        let mut collected = Vec::new();
        for argument in tree.children(list) {
            let (passing, value) = match tree.kind(argument) {
                Kind::KeywordArgument => {
                    let Some(name) = tree.child(argument, Field::Name) else {
                        continue;
                    };
                    let name = self.sym_of(name);
                    (
                        Passing::Keyword(name),
                        tree.child(argument, Field::Value).unwrap_or(argument),
                    )
                }
                Kind::ListSplat | Kind::ParenthesizedListSplat => (Passing::Starred, argument),
                Kind::DictionarySplat => (Passing::DoubleStarred, argument),
                Kind::Error => continue,
                _ => (Passing::Positional, argument),
            };
            let reg = self.result_or_damaged(Some(value), argument);
            collected.push((Arg { passing, value: reg }, value));
        }
        collected
    }

    fn finish_call(&mut self, node: Node, _: u32) {
        let function = self.field(node, Field::Function);
        let function = self.result_or_damaged(function, node);
        let args: Vec<Arg> = match self.field(node, Field::Arguments) {
            Some(list) if self.tree.kind(list) == Kind::GeneratorExpression => {
                let value = self.result_or_damaged(Some(list), list);
                vec![Arg {
                    passing: Passing::Positional,
                    value,
                }]
            }
            Some(list) => self.collect_arguments(list).into_iter().map(|(arg, _)| arg).collect(),
            None => Vec::new(),
        };
        let (start, len) = self.arguments(&args);
        self.give(Op::Call { function, start, len }, node);
    }

    /// `type(x)` that the parser took for the keyword `type` and a parenthesis.
    fn finish_type_call(&mut self, node: Node, _: u32) {
        self.module.call_expressions += 1;
        let args: Vec<Arg> = self
            .child_results(node)
            .into_iter()
            .map(|value| Arg {
                passing: Passing::Positional,
                value,
            })
            .collect();
        let name = self.sym("type");
        let var = self.variable(name);
        let function = self.emit(Op::Load(var), node);
        let (start, len) = self.arguments(&args);
        self.give(Op::Call { function, start, len }, node);
    }

    fn finish_alias(&mut self, node: Node, _: u32) {
        let value = self.tree.children(node).map(|c| self.result(c)).find(|&r| r != NO_REG);
        match value {
            Some(reg) => self.results[node as usize] = reg,
            None => self.damaged(node),
        }
    }

    fn string(&mut self, node: Node) {
        let tree = self.tree;
        // Interpolations are visited wherever they stand, also in the parts of a concatenation.
        let mut parts = Vec::new();
        let mut open = vec![node];
        while let Some(next) = open.pop() {
            for child in tree.children(next) {
                match tree.kind(child) {
                    Kind::String => open.push(child),
                    Kind::Interpolation => parts.push(child),
                    _ => {}
                }
            }
        }
        if parts.is_empty() {
            match literal::text_of(tree.text(node)) {
                Some(text) if text.len() <= LONGEST_KEPT_STRING => {
                    let sym = self.sym(&text);
                    self.give(Op::Str(sym), node);
                }
                Some(_) => self.give(Op::Const(Const::String), node),
                None => self.give(Op::Const(Const::Bytes), node),
            }
            return;
        }
        parts.sort_unstable();
        self.steps.push((Self::finish_format, node, 0));
        self.steps.extend(
            parts
                .into_iter()
                .rev()
                .map(|part| (Self::visit_interpolation as Step<'a>, part, 0)),
        );
    }

    fn visit_interpolation(&mut self, node: Node, _: u32) {
        let tree = self.tree;
        self.steps.push((Self::finish_alias, node, 0));
        let mut inner = Vec::new();
        for child in tree.children(node) {
            if tree.kind(child) == Kind::FormatSpecifier {
                inner.extend(tree.children(child));
            } else {
                inner.push(child);
            }
        }
        self.steps.extend(inner.into_iter().rev().map(|part| {
            let step: Step<'a> = match tree.kind(part) {
                Kind::FormatExpression | Kind::Interpolation => Self::visit_interpolation,
                _ => Self::visit,
            };
            (step, part, 0)
        }));
    }

    fn finish_format(&mut self, node: Node, _: u32) {
        let tree = self.tree;
        let mut values = Vec::new();
        let mut open = vec![node];
        while let Some(next) = open.pop() {
            for child in tree.children(next) {
                match tree.kind(child) {
                    Kind::String => open.push(child),
                    Kind::Interpolation => values.push(self.result(child)),
                    _ => {}
                }
            }
        }
        values.retain(|&r| r != NO_REG);
        values.sort_unstable();
        let list = self.list(&values);
        let prefix = self.leading_text(node);
        self.give(Op::Format(list, prefix), node);
    }

    /// The text before the first value of an f-string, where it could be the beginning of a name.
    fn leading_text(&mut self, node: Node) -> Option<crate::analysis::parse::ir::Sym> {
        let tree = self.tree;
        let content = tree
            .children(node)
            .find(|&c| tree.kind(c) != Kind::StringStart)
            .filter(|&c| tree.kind(c) == Kind::StringContent)?;
        let text = tree.text(content);
        literal::is_beginning_of_name(text).then(|| self.sym(text))
    }

    fn integer(&mut self, node: Node) {
        let text = self.tree.text(node);
        let value = text.replace('_', "").parse::<i32>().ok();
        let is_complex = text.ends_with(['j', 'J']) && !text.starts_with("0x") && !text.starts_with("0X");
        self.give(
            Op::Const(match value {
                Some(value) => Const::Int(value),
                None if is_complex => Const::Complex,
                None => Const::BigInt,
            }),
            node,
        );
    }

    fn number(&mut self, node: Node) {
        let is_complex = self.tree.text(node).ends_with(['j', 'J']);
        self.give(Op::Const(if is_complex { Const::Complex } else { Const::Float }), node);
    }

    fn finish_binary(&mut self, node: Node, _: u32) {
        let operator = self.field(node, Field::Operator).map_or("", |o| self.tree.text(o));
        let operator = binary(operator);
        let (left, right) = (self.field(node, Field::Left), self.field(node, Field::Right));
        let left = self.result_or_damaged(left, node);
        let right = self.result_or_damaged(right, node);
        self.give(Op::Binary(operator, left, right), node);
    }

    fn finish_union(&mut self, node: Node, _: u32) {
        let mut parts = self.child_results(node).into_iter();
        let Some(mut union) = parts.next() else {
            return self.damaged(node);
        };
        for part in parts {
            union = self.emit(Op::Binary(Binary::Or, union, part), node);
        }
        self.results[node as usize] = union;
    }

    fn finish_unary(&mut self, node: Node, _: u32) {
        let operator = match self.field(node, Field::Operator).map(|o| self.tree.text(o)) {
            Some("-") => Unary::Minus,
            Some("~") => Unary::Invert,
            _ => Unary::Plus,
        };
        let value = self.field(node, Field::Argument);
        let value = self.result_or_damaged(value, node);
        let folded = match (operator, self.module.ops.get(value as usize)) {
            (Unary::Minus, Some(Op::Const(Const::Int(n)))) => n.checked_neg(),
            _ => None,
        };
        match folded {
            Some(n) => self.give(Op::Const(Const::Int(n)), node),
            None => self.give(Op::Unary(operator, value), node),
        }
    }

    fn finish_not(&mut self, node: Node, _: u32) {
        let value = self.field(node, Field::Argument);
        let value = self.result_or_damaged(value, node);
        self.give(Op::Not(value), node);
    }

    fn finish_comparison(&mut self, node: Node, _: u32) {
        let tree = self.tree;
        let mut operands = Vec::new();
        let mut operators = Vec::new();
        for child in tree.children(node) {
            if tree.kind(child) == Kind::Operator {
                operators.push(compare(tree.text(child)));
            } else if self.result(child) != NO_REG {
                operands.push(self.result(child));
            }
        }
        let mut last = None;
        for (pair, operator) in operands.windows(2).zip(operators) {
            last = Some(self.emit(Op::Compare(operator, pair[0], pair[1]), node));
        }
        match last {
            Some(reg) => self.results[node as usize] = reg,
            None => self.damaged(node),
        }
    }

    fn boolean(&mut self, node: Node) {
        let (Some(left), Some(right)) = (self.field(node, Field::Left), self.field(node, Field::Right)) else {
            return self.children_then(node, |this, node, _| this.damaged(node));
        };
        let operator = self.field(node, Field::Operator).map_or("", |o| self.tree.text(o));
        let held = if operator == "and" { HELD } else { FAILED };
        self.plan(&[
            (Self::visit, left, 0),
            (Self::test_truth, left, 0),
            (Self::enter_conditional, node, 0),
            (Self::narrow_operand, left, held),
            (Self::visit, right, 0),
            (Self::widen_operand, node, 0),
            (Self::leave_conditional, node, 0),
            (Self::finish_boolean, node, 0),
        ]);
    }

    fn finish_boolean(&mut self, node: Node, _: u32) {
        let (left, right) = (self.field(node, Field::Left), self.field(node, Field::Right));
        let left = self.result_or_damaged(left, node);
        let right = self.result_or_damaged(right, node);
        self.give(Op::Choice(left, right), node);
    }

    fn conditional_expression(&mut self, node: Node) {
        let parts: Vec<Node> = self.tree.children(node).collect();
        let &[body, test, otherwise] = parts.as_slice() else {
            return self.children_then(node, |this, node, _| this.damaged(node));
        };
        self.plan(&[
            (Self::visit, test, 0),
            (Self::test_truth, test, 0),
            (Self::enter_conditional, node, 0),
            (Self::narrow_operand, test, HELD),
            (Self::visit, body, 0),
            (Self::widen_operand, node, 0),
            (Self::narrow_operand, test, FAILED),
            (Self::visit, otherwise, 0),
            (Self::widen_operand, node, 0),
            (Self::leave_conditional, node, 0),
            (Self::finish_conditional, node, 0),
        ]);
    }

    fn finish_conditional(&mut self, node: Node, _: u32) {
        let parts: Vec<Node> = self.tree.children(node).collect();
        let body = self.result_or_damaged(parts.first().copied(), node);
        let otherwise = self.result_or_damaged(parts.get(2).copied(), node);
        self.give(Op::Choice(body, otherwise), node);
    }

    fn finish_named(&mut self, node: Node, _: u32) {
        let value = self.field(node, Field::Value);
        let value = self.result_or_damaged(value, node);
        self.results[node as usize] = value;
        if let Some(name) = self.field(node, Field::Name) {
            let name = self.sym_of(name);
            self.store_name(name, value, node);
        }
    }

    fn finish_subscript(&mut self, node: Node, _: u32) {
        let results = self.child_results(node);
        let Some((&value, indices)) = results.split_first() else {
            return self.damaged(node);
        };
        let index = match indices {
            [] => self.emit(Op::Damaged, node),
            [one] => *one,
            several => {
                let list = self.list(several);
                self.emit(Op::Tuple(list), node)
            }
        };
        self.give(Op::Index(value, index), node);
    }

    fn finish_slice(&mut self, node: Node, _: u32) {
        let parts: Option<Vec<Option<i16>>> = self
            .tree
            .text(node)
            .split(':')
            .map(|part| match part.trim() {
                "" => Some(None),
                number => number.parse().ok().map(Some),
            })
            .collect();
        let op = match parts.as_deref() {
            Some(&[lower, upper]) => Op::Slice {
                lower,
                upper,
                step: None,
            },
            Some(&[lower, upper, step]) => Op::Slice { lower, upper, step },
            _ => Op::Const(Const::Slice),
        };
        self.give(op, node);
    }

    fn finish_tuple(&mut self, node: Node, _: u32) {
        let results = self.child_results(node);
        if self.tree.kind(node) == Kind::TypeParameter && results.len() == 1 {
            self.results[node as usize] = results[0];
            return;
        }
        let list = self.list(&results);
        self.give(Op::Tuple(list), node);
    }

    fn finish_list(&mut self, node: Node, _: u32) {
        let list = self.child_results(node);
        let list = self.list(&list);
        self.give(Op::ListOf(list), node);
    }

    fn finish_set(&mut self, node: Node, _: u32) {
        let list = self.child_results(node);
        let list = self.list(&list);
        self.give(Op::SetOf(list), node);
    }

    fn finish_dictionary(&mut self, node: Node, _: u32) {
        let tree = self.tree;
        let mut entries = Vec::new();
        for child in tree.children(node) {
            match tree.kind(child) {
                Kind::Pair => {
                    let (key, value) = (tree.child(child, Field::Key), tree.child(child, Field::Value));
                    entries.push(self.result_or_damaged(key, child));
                    entries.push(self.result_or_damaged(value, child));
                }
                Kind::DictionarySplat => {
                    entries.push(NO_REG);
                    entries.push(self.result_or_damaged(Some(child), child));
                }
                _ => {}
            }
        }
        let list = self.list(&entries);
        self.give(Op::Dict(list), node);
    }

    fn finish_splat(&mut self, node: Node, _: u32) {
        let value = self.child_results(node).first().copied();
        let value = value.unwrap_or_else(|| self.emit(Op::Damaged, node));
        self.give(Op::Splat(value), node);
    }

    fn finish_await(&mut self, node: Node, _: u32) {
        let value = self.child_results(node).first().copied();
        let value = value.unwrap_or_else(|| self.emit(Op::Damaged, node));
        self.give(Op::Await(value), node);
    }

    fn finish_yield(&mut self, node: Node, _: u32) {
        let value = self.child_results(node);
        let value = match value.as_slice() {
            [] => self.none(node),
            [one] => *one,
            several => {
                let list = self.list(several);
                self.emit(Op::Tuple(list), node)
            }
        };
        if self.here().kind != ScopeKind::Class {
            self.here_mut().is_generator = true;
        }
        let from = self.tree.text(node).strip_prefix("yield").is_some_and(|rest| {
            let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
            rest.strip_prefix("from")
                .is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        });
        self.give(if from { Op::YieldFrom(value) } else { Op::Yield(value) }, node);
    }

    fn comprehension(&mut self, node: Node) {
        let tree = self.tree;
        let depth = u32::try_from(self.comprehension.len()).expect("files are far below 2^32 names");
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        let (mut clauses, mut widened) = (0, 0);
        let mut body = None;
        for child in tree.children(node) {
            match tree.kind(child) {
                Kind::ForIn => {
                    if let Some(right) = tree.child(child, Field::Right) {
                        steps.push((Self::visit, right, 0));
                    }
                    steps.push((Self::enter_loop, node, 0));
                    steps.push((Self::emit_loop_start, node, 0));
                    steps.push((Self::comprehension_target, child, 0));
                    clauses += 1;
                }
                Kind::IfClause => {
                    steps.push((Self::visit_guard, child, 0));
                    steps.push((Self::enter_conditional, node, 0));
                    if let Some(test) = tree.children(child).next() {
                        steps.push((Self::test_truth, test, 0));
                        steps.push((Self::narrow_operand, test, HELD));
                        widened += 1;
                    }
                }
                _ if body.is_none() => body = Some(child),
                _ => steps.push((Self::visit, child, 0)),
            }
        }
        let guards = tree.children(node).filter(|&c| tree.kind(c) == Kind::IfClause).count();
        if let Some(body) = body {
            steps.push((Self::visit, body, 0));
        }
        steps.extend(std::iter::repeat_n((Self::widen_operand as Step<'a>, node, 0), widened));
        steps.push((Self::finish_comprehension, node, depth));
        steps.extend(std::iter::repeat_n(
            (Self::leave_conditional as Step<'a>, node, 0),
            guards,
        ));
        for _ in 0..clauses {
            steps.push((Self::emit_loop_end, node, 0));
            steps.push((Self::leave_loop, node, 0));
        }
        self.plan(&steps);
    }

    pub(super) fn visit_guard(&mut self, node: Node, _: u32) {
        self.visit_children(node);
    }

    fn comprehension_target(&mut self, clause: Node, _: u32) {
        let tree = self.tree;
        let right = tree.child(clause, Field::Right);
        let iterable = self.result_or_damaged(right, clause);
        let next = if self.is_async(clause) {
            Op::AsyncNext(iterable)
        } else {
            Op::Next(iterable)
        };
        let element = self.emit(next, right.unwrap_or(clause));
        let Some(target) = tree.child(clause, Field::Left) else {
            return;
        };
        // Every name in the target is a variable of the comprehension alone.
        let mut open = vec![target];
        while let Some(next) = open.pop() {
            match tree.kind(next) {
                Kind::Identifier => {
                    let name = self.sym_of(next);
                    let scope = self.here_mut();
                    let slot = u32::try_from(scope.locals.len()).expect("files are far below 2^32 names");
                    scope.locals.push(name);
                    self.comprehension.push((name, slot));
                }
                Kind::Attribute | Kind::Subscript => {}
                _ => open.extend(tree.children(next)),
            }
        }
        self.assign(target, element);
    }

    fn finish_comprehension(&mut self, node: Node, depth: u32) {
        self.comprehension.truncate(depth as usize);
        let tree = self.tree;
        let body = tree
            .children(node)
            .find(|&c| !matches!(tree.kind(c), Kind::ForIn | Kind::IfClause));
        let op = match (tree.kind(node), body) {
            (Kind::DictionaryComprehension, Some(pair)) => {
                let (key, value) = (tree.child(pair, Field::Key), tree.child(pair, Field::Value));
                let key = self.result_or_damaged(key, node);
                let value = self.result_or_damaged(value, node);
                let list = self.list(&[key, value]);
                Op::Dict(list)
            }
            (kind, body) => {
                let value = self.result_or_damaged(body, node);
                match kind {
                    Kind::GeneratorExpression => Op::Generator(value),
                    Kind::SetComprehension => Op::SetOf(self.list(&[value])),
                    _ => Op::ListOf(self.list(&[value])),
                }
            }
        };
        self.give(op, node);
    }
}

/// The operator written so; addition where the parser lost it.
pub(super) fn binary(text: &str) -> Binary {
    match text.trim_end_matches('=') {
        "-" => Binary::Subtract,
        "*" => Binary::Multiply,
        "@" => Binary::MatrixMultiply,
        "/" => Binary::Divide,
        "//" => Binary::FloorDivide,
        "%" => Binary::Modulo,
        "**" => Binary::Power,
        "<<" => Binary::LeftShift,
        ">>" => Binary::RightShift,
        "&" => Binary::And,
        "|" => Binary::Or,
        "^" => Binary::Xor,
        _ => Binary::Add,
    }
}

fn compare(text: &str) -> Compare {
    let mut words = text.split_whitespace();
    match (words.next().unwrap_or(""), words.next()) {
        ("<", _) => Compare::Less,
        ("<=", _) => Compare::LessEqual,
        (">", _) => Compare::Greater,
        (">=", _) => Compare::GreaterEqual,
        ("!=" | "<>", _) => Compare::NotEqual,
        ("in", _) => Compare::In,
        ("not", _) => Compare::NotIn,
        ("is", Some(_)) => Compare::IsNot,
        ("is", None) => Compare::Is,
        _ => Compare::Equal,
    }
}
