//! Statements.

use super::expr::binary;
use super::narrow::{FAILED, HELD, MOST_EARLIER};
use super::{Lower, Step};
use crate::analysis::parse::ir::{NO_REG, Op, Reg, ScopeKind};
use crate::analysis::parse::literal;
use crate::analysis::parse::tree::{Field, Kind, Node};

impl<'a> Lower<'a> {
    /// The statements of a block, in order.
    pub(super) fn block(&mut self, node: Node, _: u32) {
        self.visit_children(node);
    }

    pub(super) fn statement(&mut self, node: Node) {
        match self.tree.kind(node) {
            Kind::ExpressionStatement => self.expression_statement(node),
            Kind::Assignment => self.assignment(node),
            Kind::AugmentedAssignment => self.augmented(node),
            Kind::Return => self.children_then(node, Self::finish_return),
            Kind::Raise => self.children_then(node, Self::finish_raise),
            Kind::Delete => self.delete(node),
            Kind::Assert => self.assert(node),
            Kind::If => self.if_statement(node),
            Kind::For => self.for_statement(node),
            Kind::While => self.while_statement(node),
            Kind::Try => self.try_statement(node),
            Kind::With => self.with_statement(node),
            Kind::Match => self.match_statement(node),
            Kind::FunctionDefinition => self.function(node, None),
            Kind::ClassDefinition => self.class(node, None),
            Kind::Decorated => self.decorated(node),
            Kind::Import => self.import(node),
            Kind::ImportFrom => self.import_from(node),
            Kind::FutureImport | Kind::Pass => {}
            Kind::Break => {
                self.emit(Op::Break, node);
            }
            Kind::Continue => {
                self.emit(Op::Continue, node);
            }
            Kind::Global | Kind::Nonlocal => self.declaration(node),
            Kind::TypeAlias => self.type_alias(node),
            _ => self.visit_children(node),
        }
    }

    fn expression_statement(&mut self, node: Node) {
        let tree = self.tree;
        // A bare string below an attribute documents it.
        let mut children = tree.children(node);
        if let (Some(only), None) = (children.next(), children.next())
            && matches!(tree.kind(only), Kind::String | Kind::ConcatenatedString)
            && !matches!(self.here().kind, ScopeKind::Lambda)
            && let Some(text) = literal::text_of(tree.text(only))
        {
            let line = tree.line(node);
            let end_of_previous = line.saturating_sub(1);
            if let Some(attribute) = self.here_mut().attributes.last_mut()
                && attribute.doc.is_none()
                && attribute.line <= end_of_previous
                && tree_lines_between(tree.text, attribute.value, attribute.annotation, tree.span(node).0)
            {
                attribute.doc = Some(literal::clean(&text).into());
            }
        }
        self.visit_children(node);
    }

    fn assignment(&mut self, node: Node) {
        // `a = b = value` nests to the right.
        let mut targets = Vec::new();
        let mut value = None;
        let mut annotation = None;
        let mut next = Some(node);
        while let Some(assignment) = next.take() {
            targets.push(assignment);
            annotation = annotation.or_else(|| self.field(assignment, Field::Type));
            match self.field(assignment, Field::Right) {
                Some(right) if self.tree.kind(right) == Kind::Assignment => next = Some(right),
                right => value = right,
            }
        }
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        if let Some(value) = value {
            steps.push((Self::visit, value, 0));
        }
        if let Some(annotation) = annotation {
            steps.push((Self::visit, annotation, 0));
        }
        for assignment in targets {
            steps.push((Self::assign_left, assignment, value.unwrap_or(u32::MAX)));
        }
        self.plan(&steps);
    }

    /// Assigns the value of the node `value` (none for a bare annotation) to the left of an assignment.
    fn assign_left(&mut self, assignment: Node, value: u32) {
        let Some(left) = self.field(assignment, Field::Left) else {
            return;
        };
        let annotation = self.field(assignment, Field::Type);
        self.note_attribute(left, annotation, (value != u32::MAX).then_some(value));
        let declared = annotation.map_or(NO_REG, |a| self.result(a));
        if declared != NO_REG
            && self.tree.kind(left) == Kind::Identifier
            && matches!(self.here().kind, ScopeKind::Class | ScopeKind::Module)
        {
            let name = self.sym_of(left);
            self.emit(
                Op::Declare {
                    name,
                    annotation: declared,
                },
                left,
            );
        }
        if value == u32::MAX {
            // `x: T` declares the name and evaluates what the target consists of.
            match self.tree.kind(left) {
                Kind::Identifier => {
                    let name = self.sym_of(left);
                    self.binding(name);
                }
                Kind::Attribute if declared != NO_REG => {
                    let typed = self.typed(NO_REG, declared, left);
                    self.assign(left, typed);
                }
                _ => self.visit_children(left),
            }
            return;
        }
        let mut reg = self.result_or_damaged(Some(value), assignment);
        if declared != NO_REG {
            reg = self.typed(reg, declared, left);
        }
        if self.tree.text(left) == "__all__" && self.here().kind == ScopeKind::Module {
            self.note_all(value, false);
        }
        self.assign(left, reg);
    }

    fn typed(&mut self, value: Reg, annotation: Reg, node: Node) -> Reg {
        self.emit(Op::Typed { value, annotation }, node)
    }

    /// Stores a value in a target, which may be a pattern.
    pub(super) fn assign(&mut self, target: Node, value: Reg) {
        self.steps.push((Self::assign_step, target, value));
    }

    fn assign_step(&mut self, target: Node, value: u32) {
        let tree = self.tree;
        match tree.kind(target) {
            Kind::Identifier => {
                let name = self.sym_of(target);
                let var = match self.comprehension.iter().rev().find(|(n, _)| *n == name) {
                    Some(&(_, slot)) => crate::analysis::parse::ir::Var::Local(slot),
                    None => self.binding(name),
                };
                self.emit(Op::Store(var, value), target);
            }
            Kind::Attribute => {
                self.steps.push((Self::finish_store_attribute, target, value));
                if let Some(object) = self.field(target, Field::Object) {
                    self.steps.push((Self::visit, object, 0));
                }
            }
            Kind::Subscript => {
                self.steps.push((Self::finish_store_index, target, value));
                self.visit_children(target);
            }
            Kind::ListSplatPattern | Kind::ListSplat | Kind::Parenthesized | Kind::AsPatternTarget => {
                if let Some(inner) = tree.children(target).next() {
                    self.assign(inner, value);
                }
            }
            Kind::Tuple
            | Kind::List
            | Kind::TuplePattern
            | Kind::ListPattern
            | Kind::PatternList
            | Kind::ExpressionList => self.unpack(target, value),
            _ => self.visit_children(target),
        }
    }

    fn unpack(&mut self, target: Node, value: Reg) {
        let tree = self.tree;
        let parts: Vec<Node> = tree.children(target).collect();
        let is_star = |n: &Node| matches!(tree.kind(*n), Kind::ListSplatPattern | Kind::ListSplat);
        let star = parts.iter().position(is_star);
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        for (i, &part) in parts.iter().enumerate() {
            let after = u16::try_from(parts.len() - i - 1).unwrap_or(u16::MAX);
            let starred = is_star(&part);
            // Behind a star, positions count from the end.
            let counted_from_end = star.is_some_and(|s| i > s);
            let index = if counted_from_end {
                u16::MAX
            } else {
                u16::try_from(i).unwrap_or(u16::MAX)
            };
            let reg = self.emit(
                Op::Unpack {
                    value,
                    index,
                    starred,
                    after,
                },
                part,
            );
            steps.push((Self::assign_step, part, reg));
        }
        self.plan(&steps);
    }

    fn finish_store_attribute(&mut self, target: Node, value: u32) {
        let object = self.field(target, Field::Object);
        let object = self.result_or_damaged(object, target);
        if let Some(name) = self.field(target, Field::Attribute) {
            let name = self.sym_of(name);
            self.emit(Op::StoreAttribute(object, name, value), target);
        }
    }

    fn finish_store_index(&mut self, target: Node, value: u32) {
        let (object, index) = self.subscript_operands(target);
        self.emit(Op::StoreIndex(object, index, value), target);
    }

    fn subscript_operands(&mut self, node: Node) -> (Reg, Reg) {
        let object = self.field(node, Field::Value);
        let object = self.result_or_damaged(object, node);
        let indices: Vec<Reg> = self
            .tree
            .children(node)
            .filter(|&c| self.tree.field(c) == Field::Subscript)
            .map(|c| self.result(c))
            .filter(|&r| r != NO_REG)
            .collect();
        let index = match indices.as_slice() {
            [] => self.emit(Op::Damaged, node),
            [one] => *one,
            several => {
                let list = self.list(several);
                self.emit(Op::Tuple(list), node)
            }
        };
        (object, index)
    }

    fn augmented(&mut self, node: Node) {
        let (Some(left), Some(right)) = (self.field(node, Field::Left), self.field(node, Field::Right)) else {
            return self.visit_children(node);
        };
        if self.tree.text(left) == "__all__" && self.here().kind == ScopeKind::Module {
            self.note_all(right, true);
        }
        // The target is read, then stored; its parts are visited once.
        self.plan(&[
            (Self::visit, left, 0),
            (Self::visit, right, 0),
            (Self::finish_augmented, node, 0),
        ]);
    }

    fn finish_augmented(&mut self, node: Node, _: u32) {
        let tree = self.tree;
        let (left, right) = (self.field(node, Field::Left), self.field(node, Field::Right));
        let operator = self.field(node, Field::Operator).map_or("", |o| tree.text(o));
        let old = self.result_or_damaged(left, node);
        let value = self.result_or_damaged(right, node);
        let result = self.emit(Op::InPlace(binary(operator), old, value), node);
        let Some(left) = left else { return };
        match tree.kind(left) {
            Kind::Identifier => {
                let name = self.sym_of(left);
                self.store_name(name, result, node);
            }
            Kind::Attribute => self.finish_store_attribute(left, result),
            Kind::Subscript => self.finish_store_index(left, result),
            _ => {}
        }
    }

    fn finish_return(&mut self, node: Node, _: u32) {
        let value = match self.tree.children(node).map(|c| self.result(c)).find(|&r| r != NO_REG) {
            Some(reg) => reg,
            None => self.none(node),
        };
        self.emit(Op::Return(value), node);
    }

    fn finish_raise(&mut self, node: Node, _: u32) {
        let cause_node = self.field(node, Field::Cause);
        let exception = self.tree.children(node).find(|&c| Some(c) != cause_node);
        let exception = exception.map_or(NO_REG, |c| self.result(c));
        let cause = cause_node.map_or(NO_REG, |c| self.result(c));
        let reg = self.emit(Op::Raise(exception, cause), node);
        if let Some(&(test, negated)) = self.tests.last() {
            let span = self.tree.span(test);
            self.here_mut().guards.push((reg, span, negated));
        }
    }

    fn delete(&mut self, node: Node) {
        let tree = self.tree;
        let mut open: Vec<Node> = tree.children(node).collect();
        open.reverse();
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        while let Some(target) = open.pop() {
            match tree.kind(target) {
                Kind::ExpressionList | Kind::Tuple | Kind::List | Kind::Parenthesized => {
                    let start = open.len();
                    open.extend(tree.children(target));
                    open[start..].reverse();
                }
                _ => steps.push((Self::delete_target, target, 0)),
            }
        }
        self.plan(&steps);
    }

    fn delete_target(&mut self, target: Node, _: u32) {
        match self.tree.kind(target) {
            Kind::Identifier => {
                let name = self.sym_of(target);
                let var = self.binding(name);
                self.emit(Op::Delete(var), target);
            }
            Kind::Attribute => self.children_then(target, |this, target, _| {
                let object = this.field(target, Field::Object);
                let object = this.result_or_damaged(object, target);
                if let Some(name) = this.field(target, Field::Attribute) {
                    let name = this.sym_of(name);
                    this.emit(Op::DeleteAttribute(object, name), target);
                }
            }),
            Kind::Subscript => self.children_then(target, |this, target, _| {
                let (object, index) = this.subscript_operands(target);
                this.emit(Op::DeleteIndex(object, index), target);
            }),
            _ => self.visit(target, 0),
        }
    }

    fn assert(&mut self, node: Node) {
        let parts: Vec<Node> = self.tree.children(node).collect();
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        if let Some(&test) = parts.first() {
            steps.push((Self::visit, test, 0));
        }
        steps.push((Self::enter_conditional, node, 0));
        steps.extend(
            parts
                .iter()
                .skip(1)
                .map(|&message| (Self::visit as Step<'a>, message, 0)),
        );
        steps.push((Self::leave_conditional, node, 0));
        steps.push((Self::finish_assert, node, 0));
        self.plan(&steps);
    }

    fn finish_assert(&mut self, node: Node, _: u32) {
        let test = self.tree.children(node).next();
        let tested = self.result_or_damaged(test, node);
        self.emit(Op::Assert(tested), node);
        if let Some(test) = test {
            self.narrow(test, HELD);
        }
    }

    fn if_statement(&mut self, node: Node) {
        let tree = self.tree;
        let failed = |earlier: &[Node]| -> Vec<(Step<'a>, Node, u32)> {
            let skipped = earlier.len().saturating_sub(MOST_EARLIER);
            earlier[skipped..]
                .iter()
                .map(|&test| (Self::narrow as Step<'a>, test, FAILED))
                .collect()
        };
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        let mut tests: Vec<Node> = Vec::new();
        let arm = |test: Option<Node>, body: Option<Node>, steps: &mut Vec<(Step<'a>, Node, u32)>| {
            if let Some(test) = test {
                steps.push((Self::enter_test, test, 0));
            }
            if let Some(body) = body {
                steps.push((Self::block, body, 0));
            }
            if test.is_some() {
                steps.push((Self::leave_test, node, 0));
            }
        };
        let mut earlier: Vec<Node> = Vec::new();
        if let Some(test) = tree.child(node, Field::Condition) {
            steps.push((Self::visit, test, 0));
            steps.push((Self::test_truth, test, 0));
            tests.push(test);
            earlier.push(test);
        }
        steps.push((Self::enter_conditional, node, 0));
        steps.push((Self::emit_branch, node, 0));
        steps.extend(earlier.iter().map(|&t| (Self::narrow as Step<'a>, t, HELD)));
        arm(tests.last().copied(), tree.child(node, Field::Consequence), &mut steps);
        let mut has_else = false;
        for alternative in tree.children(node).filter(|&c| tree.field(c) == Field::Alternative) {
            steps.push((Self::emit_arm, alternative, 0));
            steps.extend(failed(&earlier));
            match tree.kind(alternative) {
                Kind::Elif => {
                    let test = tree.child(alternative, Field::Condition);
                    if let Some(test) = test {
                        steps.push((Self::visit, test, 0));
                        steps.push((Self::test_truth, test, 0));
                        steps.push((Self::narrow, test, HELD));
                        earlier.push(test);
                    }
                    arm(test, tree.child(alternative, Field::Consequence), &mut steps);
                }
                _ => {
                    has_else = true;
                    // With more than one test, no single one's negation says when the rest runs.
                    let only = (tests.len() == 1 && !has_elif(tree, node)).then(|| tests[0]);
                    if let Some(test) = only {
                        steps.push((Self::enter_test, test, 1));
                    }
                    if let Some(body) = tree.child(alternative, Field::Body) {
                        steps.push((Self::block, body, 0));
                    }
                    if only.is_some() {
                        steps.push((Self::leave_test, node, 0));
                    }
                }
            }
        }
        if !has_else {
            steps.push((Self::emit_arm, node, 0));
            steps.extend(failed(&earlier));
        }
        steps.push((Self::emit_join, node, 0));
        steps.push((Self::leave_conditional, node, 0));
        self.plan(&steps);
    }

    fn for_statement(&mut self, node: Node) {
        let tree = self.tree;
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        if let Some(right) = tree.child(node, Field::Right) {
            steps.push((Self::visit, right, 0));
        }
        steps.push((Self::enter_loop, node, 0));
        steps.push((Self::emit_loop_start, node, 0));
        steps.push((Self::for_target, node, 0));
        if let Some(body) = tree.child(node, Field::Body) {
            steps.push((Self::block, body, 0));
        }
        steps.push((Self::emit_loop_end, node, 0));
        steps.push((Self::leave_loop, node, 0));
        self.loop_else(node, &mut steps);
        self.plan(&steps);
    }

    fn loop_else(&self, node: Node, steps: &mut Vec<(Step<'a>, Node, u32)>) {
        let body = self
            .field(node, Field::Alternative)
            .and_then(|e| self.field(e, Field::Body));
        if let Some(body) = body {
            steps.push((Self::enter_conditional, node, 0));
            steps.push((Self::emit_branch, node, 0));
            steps.push((Self::block, body, 0));
            steps.push((Self::emit_arm, node, 0));
            steps.push((Self::emit_join, node, 0));
            steps.push((Self::leave_conditional, node, 0));
        }
    }

    fn for_target(&mut self, node: Node, _: u32) {
        let right = self.field(node, Field::Right);
        let iterable = self.result_or_damaged(right, node);
        let op = if self.is_async(node) {
            Op::AsyncNext(iterable)
        } else {
            Op::Next(iterable)
        };
        let element = self.emit(op, right.unwrap_or(node));
        if let Some(left) = self.field(node, Field::Left) {
            self.assign(left, element);
        }
    }

    fn while_statement(&mut self, node: Node) {
        let tree = self.tree;
        let test = tree.child(node, Field::Condition);
        let endless = test.is_some_and(|t| matches!(tree.text(t), "True" | "1"));
        let mut steps: Vec<(Step<'a>, Node, u32)> = vec![
            (Self::enter_loop, node, 0),
            (Self::emit_loop_start, node, u32::from(endless)),
        ];
        if let Some(test) = test {
            steps.push((Self::visit, test, 0));
            steps.push((Self::test_truth, test, 0));
            steps.push((Self::narrow, test, HELD));
        }
        if let Some(body) = tree.child(node, Field::Body) {
            steps.push((Self::block, body, 0));
        }
        steps.push((Self::emit_loop_end, node, 0));
        steps.push((Self::leave_loop, node, 0));
        self.loop_else(node, &mut steps);
        self.plan(&steps);
    }

    fn try_statement(&mut self, node: Node) {
        let tree = self.tree;
        let index = self.new_try();
        let mut steps: Vec<(Step<'a>, Node, u32)> = vec![(Self::try_start, node, index)];
        if let Some(body) = tree.child(node, Field::Body) {
            steps.push((Self::block, body, 0));
        }
        steps.push((Self::try_end, node, index));
        let mut finally = None;
        let mut otherwise = None;
        let handlers: Vec<Node> = tree.children(node).filter(|&c| tree.kind(c) == Kind::Except).collect();
        for child in tree.children(node) {
            match tree.kind(child) {
                Kind::Finally => finally = tree.child_of_kind(child, Kind::Block),
                Kind::Else => otherwise = tree.child(child, Field::Body),
                _ => {}
            }
        }
        steps.push((Self::emit_branch, node, 0));
        if let Some(body) = otherwise {
            steps.push((Self::block, body, 0));
        }
        for handler in handlers {
            steps.push((Self::emit_arm, handler, 0));
            steps.push((Self::enter_conditional, handler, 0));
            for value in tree.children(handler).filter(|&c| tree.field(c) == Field::Value) {
                let value = match tree.kind(value) {
                    Kind::AsPattern => tree.children(value).next().unwrap_or(value),
                    _ => value,
                };
                steps.push((Self::visit, value, 0));
            }
            steps.push((Self::handler_start, handler, index));
            if let Some(body) = tree.child_of_kind(handler, Kind::Block) {
                steps.push((Self::block, body, 0));
            }
            steps.push((Self::handler_end, handler, index));
            steps.push((Self::leave_conditional, handler, 0));
        }
        steps.push((Self::emit_join, node, 0));
        if let Some(body) = finally {
            steps.push((Self::block, body, 0));
        }
        self.plan(&steps);
    }

    fn try_start(&mut self, node: Node, index: u32) {
        let reg = self.emit(Op::TryStart(index), node);
        self.module.tries[index as usize].body = reg..reg;
    }

    fn try_end(&mut self, node: Node, index: u32) {
        let reg = self.emit(Op::TryEnd(index), node);
        self.module.tries[index as usize].body.end = reg;
    }

    fn handler_start(&mut self, handler: Node, index: u32) {
        let tree = self.tree;
        let mut classes: Vec<Reg> = Vec::new();
        let mut alias = tree.child(handler, Field::Alias);
        for value in tree.children(handler).filter(|&c| tree.field(c) == Field::Value) {
            let class = match tree.kind(value) {
                Kind::AsPattern => {
                    alias = alias.or_else(|| tree.child(value, Field::Alias));
                    tree.children(value).next().unwrap_or(value)
                }
                _ => value,
            };
            let reg = self.result_or_damaged(Some(class), handler);
            classes.push(reg);
        }
        let class = match classes.as_slice() {
            [] => None,
            [one] => Some(*one),
            several => {
                let list = self.list(several);
                Some(self.emit(Op::Tuple(list), handler))
            }
        };
        let at = self.next_reg();
        self.module.tries[index as usize].handlers.push((class, at..at));
        if let (Some(alias), Some(class)) = (alias, class) {
            let caught = self.emit(Op::Caught(class), handler);
            self.assign(alias, caught);
        }
    }

    fn handler_end(&mut self, _: Node, index: u32) {
        let end = self.next_reg();
        if let Some((_, body)) = self.module.tries[index as usize].handlers.last_mut() {
            body.end = end;
        }
    }

    fn with_statement(&mut self, node: Node) {
        let tree = self.tree;
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        let asynchronous = u32::from(self.is_async(node));
        for clause in tree.children(node).filter(|&c| tree.kind(c) == Kind::WithClause) {
            // `with (a as b, c):` may come as one tuple.
            let mut items: Vec<Node> = tree.children(clause).collect();
            if let [only] = items.as_slice()
                && let Some(value) = tree.child(*only, Field::Value)
                && tree.kind(value) == Kind::Tuple
                && tree.children(value).any(|c| tree.kind(c) == Kind::AsPattern)
            {
                items = tree.children(value).collect();
            }
            for item in items {
                let value = match tree.kind(item) {
                    Kind::WithItem => tree.child(item, Field::Value).unwrap_or(item),
                    _ => item,
                };
                let context = match tree.kind(value) {
                    Kind::AsPattern => tree.children(value).next().unwrap_or(value),
                    _ => value,
                };
                steps.push((Self::visit, context, 0));
                steps.push((Self::enter_context, value, asynchronous));
            }
        }
        if let Some(body) = tree.child(node, Field::Body) {
            steps.push((Self::block, body, 0));
        }
        self.plan(&steps);
    }

    fn enter_context(&mut self, value: Node, asynchronous: u32) {
        let tree = self.tree;
        let (context, alias) = match tree.kind(value) {
            Kind::AsPattern => (tree.children(value).next(), tree.child(value, Field::Alias)),
            _ => (Some(value), None),
        };
        let manager = self.result_or_damaged(context, value);
        let op = if asynchronous == 1 {
            Op::AsyncEnter(manager)
        } else {
            Op::Enter(manager)
        };
        let entered = self.emit(op, value);
        if let Some(alias) = alias {
            self.assign(alias, entered);
        }
    }

    fn declaration(&mut self, node: Node) {
        let names: Vec<_> = self.tree.children(node).collect();
        let global = self.tree.kind(node) == Kind::Global;
        for name in names {
            let name = self.sym_of(name);
            let scope = self.here_mut();
            if scope.kind == ScopeKind::Module {
                continue;
            }
            scope.bound.remove(&name);
            if global {
                scope.globals.insert(name);
            } else {
                scope.nonlocals.insert(name);
            }
        }
    }

    fn type_alias(&mut self, node: Node) {
        let tree = self.tree;
        let (Some(left), Some(right)) = (tree.child(node, Field::Left), tree.child(node, Field::Right)) else {
            return self.visit_children(node);
        };
        let Some(target) = tree.children(left).next() else {
            return self.visit_children(node);
        };
        // `type(x).attr = y` reaches us as an alias called `(x).attr`.
        let mut first = target;
        loop {
            match tree.kind(first) {
                Kind::Parenthesized | Kind::Tuple => {
                    self.type_calls.insert(first);
                    self.plan(&[(Self::visit, right, 0), (Self::assign_mended, target, right)]);
                    return;
                }
                Kind::Attribute | Kind::Subscript | Kind::Call | Kind::MemberType => {
                    match tree.children(first).next() {
                        Some(inner) => first = inner,
                        None => break,
                    }
                }
                _ => break,
            }
        }
        let name = match tree.kind(target) {
            Kind::GenericType | Kind::Subscript => tree.children(target).next().unwrap_or(target),
            _ => target,
        };
        self.plan(&[(Self::visit, right, 0), (Self::store_alias, name, right)]);
    }

    fn assign_mended(&mut self, target: Node, right: u32) {
        let value = self.result_or_damaged(Some(right), target);
        self.assign(target, value);
    }

    fn store_alias(&mut self, name: Node, right: u32) {
        let value = self.result_or_damaged(Some(right), name);
        let name_sym = self.sym_of(name);
        self.store_name(name_sym, value, name);
    }

    /// Remembers the value of `__all__` where it is a literal list or tuple.
    fn note_all(&mut self, value: Node, add: bool) {
        let tree = self.tree;
        let mut names = Vec::new();
        let literal = matches!(tree.kind(value), Kind::List | Kind::Tuple | Kind::ExpressionList)
            && tree.children(value).all(|c| match literal::text_of(tree.text(c)) {
                Some(text) if matches!(tree.kind(c), Kind::String | Kind::ConcatenatedString) => {
                    names.push(text.as_str().into());
                    true
                }
                _ => false,
            });
        match (literal, add) {
            (true, false) => self.module.all = Some(names),
            (true, true) => {
                if let Some(all) = &mut self.module.all {
                    all.extend(names);
                }
            }
            (false, false) => {
                self.module.all = None;
                self.module.all_is_open = true;
            }
            (false, true) => self.module.all_is_open = true,
        }
    }
}

fn has_elif(tree: &crate::analysis::parse::tree::Tree<'_>, node: Node) -> bool {
    tree.children(node).any(|c| tree.kind(c) == Kind::Elif)
}

/// Whether nothing but white space and comments stands between an attribute's assignment and this offset.
fn tree_lines_between(
    text: &str,
    value: Option<(Reg, (u32, u32))>,
    annotation: Option<(Reg, (u32, u32))>,
    before: u32,
) -> bool {
    let end = value.or(annotation).map_or(0, |(_, span)| span.1) as usize;
    text.get(end..before as usize).is_some_and(|gap| {
        gap.lines().all(|line| {
            let line = line.trim().trim_end_matches([')', ']', '}', ';', ',']);
            line.is_empty() || line.starts_with('#')
        })
    })
}
