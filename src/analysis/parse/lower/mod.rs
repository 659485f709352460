//! From the syntax tree to operations.
//!
//! [`Lower`] is a machine with a stack of steps, so that nesting in the source never becomes nesting of calls: a step
//! visits a node, and schedules the steps that come after. Bodies of functions and classes wait in a queue until the
//! scope around them is done, so each scope's operations are contiguous.

mod def;
mod expr;
mod import;
mod narrow;
mod pattern;
mod stmt;

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ir::{Arg, Const, List, ModuleIr, NO_REG, Op, Place, Reg, Scope, ScopeIndex, ScopeKind, Sym, TryIr, Var};
use super::tree::{Field, Kind, Node, Tree};
use crate::model::call_graph::CallType;
use crate::model::component::Name;

/// A thing to do, with the node and the number it is about.
type Step<'a> = fn(&mut Lower<'a>, Node, u32);

/// Longest literal string whose value is kept.
const LONGEST_KEPT_STRING: usize = 80;

pub(super) struct Lower<'a> {
    tree: &'a Tree<'a>,
    module: ModuleIr,
    steps: Vec<(Step<'a>, Node, u32)>,
    /// The result of each expression node already visited.
    results: Vec<Reg>,
    /// Nodes the parser took for a parenthesis that are the arguments of `type(…)`.
    type_calls: FxHashSet<Node>,
    symbols: FxHashMap<Name, Sym>,
    scope: ScopeIndex,
    pending: VecDeque<(ScopeIndex, Node)>,
    /// Depth of conditional and of loop constructs around the current step.
    conditional: u32,
    loops: u32,
    /// Comprehension variables in force: name and slot of the current scope.
    comprehension: Vec<(Sym, u32)>,
    /// How many narrowings each operand around the current step is under.
    narrowed: Vec<u32>,
    /// Tests in force around the current statement: node, whether negated.
    tests: Vec<(Node, bool)>,
}

/// Lowers a file.
pub(super) fn lower(tree: &Tree<'_>) -> ModuleIr {
    let mut lower = Lower {
        tree,
        module: ModuleIr {
            scopes: Vec::new(),
            ops: Vec::with_capacity(tree.len()),
            places: Vec::with_capacity(tree.len()),
            lists: Vec::new(),
            args: Vec::new(),
            tries: Vec::new(),
            names: Vec::new(),
            all: None,
            all_is_open: false,
            call_expressions: 0,
            first_error: tree.first_error,
            lines: u32::try_from(tree.text.lines().count()).unwrap_or(u32::MAX),
        },
        steps: Vec::new(),
        results: vec![NO_REG; tree.len()],
        type_calls: FxHashSet::default(),
        symbols: FxHashMap::default(),
        scope: 0,
        pending: VecDeque::new(),
        conditional: 0,
        loops: 0,
        comprehension: Vec::new(),
        narrowed: Vec::new(),
        tests: Vec::new(),
    };
    let name = lower.sym("<module>");
    lower.module.scopes.push(Scope {
        kind: ScopeKind::Module,
        name,
        parent: None,
        span: (0, u32::try_from(tree.text.len()).unwrap_or(u32::MAX)),
        first_line: 1,
        last_line: lower.module.lines.max(1),
        ..empty_scope()
    });
    lower.pending.push_back((0, 0));
    while let Some((scope, body)) = lower.pending.pop_front() {
        lower.run_scope(scope, body);
    }
    lower.module
}

fn empty_scope() -> Scope {
    Scope {
        kind: ScopeKind::Module,
        name: 0,
        parent: None,
        span: (0, 0),
        first_line: 0,
        last_line: 0,
        params: Vec::new(),
        decorators: Vec::new(),
        returns: None,
        bases: Vec::new(),
        ops: 0..0,
        locals: Vec::new(),
        bound: FxHashMap::default(),
        globals: FxHashSet::default(),
        nonlocals: FxHashSet::default(),
        captured: FxHashSet::default(),
        docstring: None,
        is_async: false,
        is_generator: false,
        is_stub: false,
        comprehension: Vec::new(),
        attributes: Vec::new(),
        guards: Vec::new(),
    }
}

impl<'a> Lower<'a> {
    fn run_scope(&mut self, scope: ScopeIndex, body: Node) {
        self.scope = scope;
        self.conditional = 0;
        self.loops = 0;
        self.comprehension.clear();
        self.tests.clear();
        self.narrowed.clear();
        let start = self.next_reg();
        if self.here().kind == ScopeKind::Lambda {
            self.plan(&[(Self::visit, body, 0), (Self::finish_lambda_body, body, 0)]);
        } else {
            self.describe_body(body);
            self.steps.push((Self::block, body, 0));
        }
        while let Some((step, node, data)) = self.steps.pop() {
            step(self, node, data);
        }
        let end = self.next_reg();
        self.here_mut().ops = start..end;
    }

    /// Schedules steps in the order given, before everything already scheduled.
    fn plan(&mut self, steps: &[(Step<'a>, Node, u32)]) {
        self.steps.extend(steps.iter().rev());
    }

    fn next_reg(&self) -> Reg {
        Reg::try_from(self.module.ops.len()).expect("files are far below 2^32 operations")
    }

    fn emit(&mut self, op: Op, node: Node) -> Reg {
        let reg = self.next_reg();
        self.module.ops.push(op);
        self.module.places.push(Place {
            line: self.tree.line(node),
            column: self.tree.column(node),
            call_type: if self.loops > 0 {
                CallType::Loop
            } else if self.conditional > 0 {
                CallType::Conditional
            } else {
                CallType::Direct
            },
        });
        reg
    }

    /// Emits an operation as the result of a node.
    fn give(&mut self, op: Op, node: Node) {
        let reg = self.emit(op, node);
        self.results[node as usize] = reg;
    }

    /// The result of a visited node.
    fn result(&self, node: Node) -> Reg {
        self.results[node as usize]
    }

    /// The result of a visited node, or a damaged value where the parser lost it.
    fn result_or_damaged(&mut self, node: Option<Node>, at: Node) -> Reg {
        match node.map(|n| self.result(n)) {
            Some(reg) if reg != NO_REG => reg,
            _ => self.emit(Op::Damaged, at),
        }
    }

    fn sym(&mut self, name: &str) -> Sym {
        if let Some(&sym) = self.symbols.get(name) {
            return sym;
        }
        let sym = Sym::try_from(self.module.names.len()).expect("files are far below 2^32 names");
        let name: Name = name.into();
        self.module.names.push(name.clone());
        self.symbols.insert(name, sym);
        sym
    }

    fn sym_of(&mut self, node: Node) -> Sym {
        let tree = self.tree;
        self.sym(tree.text(node))
    }

    fn here(&self) -> &Scope {
        &self.module.scopes[self.scope as usize]
    }

    fn here_mut(&mut self) -> &mut Scope {
        &mut self.module.scopes[self.scope as usize]
    }

    fn list(&mut self, regs: &[Reg]) -> List {
        let start = u32::try_from(self.module.lists.len()).expect("files are far below 2^32 nodes");
        self.module.lists.extend_from_slice(regs);
        List {
            start,
            len: u32::try_from(regs.len()).expect("files are far below 2^32 nodes"),
        }
    }

    fn arguments(&mut self, args: &[Arg]) -> (u32, u32) {
        let start = u32::try_from(self.module.args.len()).expect("files are far below 2^32 nodes");
        self.module.args.extend_from_slice(args);
        (
            start,
            u32::try_from(args.len()).expect("files are far below 2^32 nodes"),
        )
    }

    /// What a name means where it is used: a comprehension's variable, or what binding decides later.
    fn variable(&mut self, name: Sym) -> Var {
        match self.comprehension.iter().rev().find(|(n, _)| *n == name) {
            Some(&(_, slot)) => Var::Local(slot),
            None => Var::Name(name),
        }
    }

    /// What a name means where it is assigned in this scope.
    fn binding(&mut self, name: Sym) -> Var {
        let scope = self.here_mut();
        if !scope.globals.contains(&name) && !scope.nonlocals.contains(&name) && !scope.bound.contains_key(&name) {
            let slot = u32::try_from(scope.locals.len()).expect("files are far below 2^32 names");
            scope.locals.push(name);
            scope.bound.insert(name, slot);
        }
        Var::Name(name)
    }

    fn store_name(&mut self, name: Sym, value: Reg, node: Node) {
        let var = self.binding(name);
        self.emit(Op::Store(var, value), node);
    }

    fn damaged(&mut self, node: Node) {
        self.give(Op::Damaged, node);
    }

    fn none(&mut self, node: Node) -> Reg {
        self.emit(Op::Const(Const::None), node)
    }

    // Steps that change what is in force.

    fn enter_conditional(&mut self, _: Node, _: u32) {
        self.conditional += 1;
    }

    fn leave_conditional(&mut self, _: Node, _: u32) {
        self.conditional = self.conditional.saturating_sub(1);
    }

    fn enter_loop(&mut self, _: Node, _: u32) {
        self.loops += 1;
    }

    fn leave_loop(&mut self, _: Node, _: u32) {
        self.loops = self.loops.saturating_sub(1);
    }

    fn enter_test(&mut self, test: Node, negated: u32) {
        self.tests.push((test, negated == 1));
    }

    fn leave_test(&mut self, _: Node, _: u32) {
        self.tests.pop();
    }

    fn emit_branch(&mut self, node: Node, _: u32) {
        self.emit(Op::Branch, node);
    }

    fn emit_arm(&mut self, node: Node, _: u32) {
        self.emit(Op::Arm, node);
    }

    fn emit_join(&mut self, node: Node, _: u32) {
        self.emit(Op::Join, node);
    }

    fn emit_loop_start(&mut self, node: Node, endless: u32) {
        self.emit(Op::LoopStart { endless: endless == 1 }, node);
    }

    fn emit_loop_end(&mut self, node: Node, _: u32) {
        self.emit(Op::LoopEnd, node);
    }

    /// The `try` being built at this position, growing the list on demand.
    fn new_try(&mut self) -> u32 {
        let index = u32::try_from(self.module.tries.len()).expect("files are far below 2^32 nodes");
        self.module.tries.push(TryIr::default());
        index
    }

    /// All children that are expressions or statements, in order (what is neither is harmless to visit).
    fn visit_children(&mut self, node: Node) {
        let tree = self.tree;
        let start = self.steps.len();
        self.steps
            .extend(tree.children(node).map(|c| (Self::visit as Step<'a>, c, 0)));
        self.steps[start..].reverse();
    }

    fn is_async(&self, node: Node) -> bool {
        self.tree.child_of_kind(node, Kind::Async).is_some()
    }

    fn field(&self, node: Node, field: Field) -> Option<Node> {
        self.tree.child(node, field)
    }
}
