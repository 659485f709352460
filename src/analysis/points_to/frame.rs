//! Control flow within one scope: what its variables hold where branches join, loops come round again and tests narrow
//! them.

use std::ops::Range;

use super::Engine;
use super::flow::Flow;
use super::values::{EMPTY, SetId};
use crate::analysis::parse::ir::{NO_REG, Narrowing, Op, Reg, Var};
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};

/// Loops within one another past which a body is evaluated once: each evaluation of a loop evaluates those inside twice.
const MOST_LOOPS: usize = 8;

/// What the variables hold, and what has been computed, at one point of a scope.
pub(super) struct Frame {
    pub(super) locals: Vec<SetId>,
    pub(super) regs: Vec<SetId>,
    first: Reg,
    branches: Vec<BranchState>,
    loops: Vec<LoopState>,
    /// The `try` statements around this point, with all that each local has held since they began.
    pub(super) tries: Vec<(u32, Vec<SetId>)>,
    pub(super) done_tries: Vec<u32>,
    /// Variables under a test, with what they held before it; the slot is none of the locals for other variables.
    narrowed: Vec<(u32, SetId)>,
    /// Whether control cannot get here.
    pub(super) dead: bool,
}

struct BranchState {
    before: Vec<SetId>,
    before_flow: Flow,
    before_dead: bool,
    joined: Option<(Vec<SetId>, Flow)>,
}

struct LoopState {
    start: Reg,
    before: Vec<SetId>,
    again: bool,
    endless: bool,
    broken: Option<Vec<SetId>>,
    continued: Option<Vec<SetId>>,
}

impl Frame {
    pub(super) fn new(locals: usize, ops: Range<Reg>) -> Self {
        Self {
            locals: vec![EMPTY; locals],
            regs: vec![EMPTY; (ops.end - ops.start) as usize],
            first: ops.start,
            branches: Vec::new(),
            loops: Vec::new(),
            tries: Vec::new(),
            done_tries: Vec::new(),
            narrowed: Vec::new(),
            dead: false,
        }
    }

    pub(super) fn reg(&self, reg: Reg) -> SetId {
        if reg == NO_REG {
            EMPTY
        } else {
            self.regs.get((reg - self.first) as usize).copied().unwrap_or(EMPTY)
        }
    }
}

impl Engine {
    /// Markers of control flow; where to go on, for everything that is one.
    pub(super) fn control(&mut self, op: Op, position: Reg, frame: &mut Frame) -> Option<Reg> {
        match op {
            Op::Branch => frame.branches.push(BranchState {
                before: frame.locals.clone(),
                before_flow: self.flow.clone(),
                before_dead: frame.dead,
                joined: None,
            }),
            Op::Arm => self.end_arm(frame, false),
            Op::Join => self.end_arm(frame, true),
            Op::LoopStart { endless } => {
                self.flow.enter_loop();
                frame.loops.push(LoopState {
                    start: position,
                    before: frame.locals.clone(),
                    again: true,
                    endless,
                    broken: None,
                    continued: None,
                });
            }
            Op::LoopEnd => return Some(self.end_loop(frame, position)),
            Op::Break => {
                if !frame.dead {
                    let locals = frame.locals.clone();
                    if let Some(state) = frame.loops.last_mut() {
                        match state.broken.take() {
                            Some(other) => {
                                let joined = self.join_locals(&other, &locals);
                                if let Some(state) = frame.loops.last_mut() {
                                    state.broken = Some(joined);
                                }
                            }
                            None => state.broken = Some(locals),
                        }
                    }
                }
                frame.dead = true;
            }
            Op::Continue => {
                if !frame.dead {
                    let locals = frame.locals.clone();
                    let others = frame.loops.last_mut().and_then(|state| state.continued.take());
                    let joined = others.map_or_else(|| locals.clone(), |others| self.join_locals(&others, &locals));
                    if let Some(state) = frame.loops.last_mut() {
                        state.continued = Some(joined);
                    }
                }
                frame.dead = true;
            }
            Op::Narrow { var, by, how } => self.narrow(frame, var, by, how),
            Op::Widen(count) => {
                for _ in 0..count {
                    if let Some((slot, before)) = frame.narrowed.pop()
                        && let Some(held) = frame.locals.get_mut(slot as usize)
                    {
                        *held = before;
                    }
                }
            }
            Op::TryStart(index) => frame.tries.push((index, frame.locals.clone())),
            Op::TryEnd(index) => {
                if let Some((_, held)) = frame.tries.pop() {
                    self.flow.lose();
                    // A handler may begin after any part of the body.
                    frame.locals = self.join_locals(&held, &frame.locals);
                    frame.dead = false;
                }
                frame.done_tries.push(index);
            }
            _ => return None,
        }
        Some(position + 1)
    }

    /// A variable in the light of a test.
    fn narrow(&mut self, frame: &mut Frame, var: Var, by: Reg, how: Narrowing) {
        let Var::Local(slot) = var else {
            frame.narrowed.push((u32::MAX, EMPTY));
            return;
        };
        let held = frame.locals[slot as usize];
        frame.narrowed.push((slot, held));
        frame.locals[slot as usize] = self.narrowed(held, frame.reg(by), how);
    }

    fn end_arm(&mut self, frame: &mut Frame, last: bool) {
        let Some(mut state) = frame.branches.pop() else {
            return;
        };
        if !frame.dead {
            state.joined = Some(match state.joined.take() {
                Some((locals, flow)) => {
                    let here = std::mem::take(&mut self.flow);
                    let flow = self.join_flow(flow, &here);
                    (self.join_locals(&locals, &frame.locals), flow)
                }
                None => (frame.locals.clone(), self.flow.clone()),
            });
        }
        if last {
            match state.joined {
                Some((joined, flow)) => {
                    frame.locals = joined;
                    self.flow = flow;
                    frame.dead = state.before_dead;
                }
                None => {
                    frame.locals = state.before;
                    self.flow = state.before_flow;
                    frame.dead = true;
                }
            }
        } else {
            frame.locals.clone_from(&state.before);
            self.flow.clone_from(&state.before_flow);
            frame.dead = state.before_dead;
            frame.branches.push(state);
        }
    }

    fn end_loop(&mut self, frame: &mut Frame, position: Reg) -> Reg {
        let Some(mut state) = frame.loops.pop() else {
            return position + 1;
        };
        let mut joined = self.join_locals(&state.before, &frame.locals);
        if let Some(continued) = state.continued.take() {
            joined = self.join_locals(&joined, &continued);
        }
        frame.dead = false;
        // The body may have run never, once or more often.
        self.flow.disturb();
        let is_too_deep = frame.loops.len() >= MOST_LOOPS;
        if is_too_deep && joined != state.before {
            // What a pass leaves for the next one is not followed.
            self.record_open(EdgeKind::Implicit, OpenReason::TooMany, |_| Reach::AnyValue);
        }
        if state.again && joined != state.before && !is_too_deep {
            frame.locals.clone_from(&joined);
            let start = state.start;
            state.before = joined;
            state.again = false;
            frame.loops.push(state);
            return start + 1;
        }
        self.flow.leave_loop();
        frame.locals = joined;
        match state.broken {
            Some(broken) => frame.locals = self.join_locals(&broken, &frame.locals),
            None => frame.dead = state.endless,
        }
        position + 1
    }

    fn join_locals(&mut self, a: &[SetId], b: &[SetId]) -> Vec<SetId> {
        a.iter().zip(b).map(|(&x, &y)| self.values.union(x, y)).collect()
    }
}
