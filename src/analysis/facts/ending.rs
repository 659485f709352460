//! Whether control can get to the end of a body: the markers of branches, loops and `try`, followed in one pass.
//!
//! Conditions are not looked at, but for `while True`. A context manager is taken not to swallow exceptions.

use std::ops::Range;

use crate::analysis::parse::ir::{Op, Reg};

/// A branch that is open: whether its arms can be entered, and whether any that is done goes on.
struct Branch {
    entered: bool,
    goes_on: bool,
}

struct Loop {
    entered: bool,
    endless: bool,
    broken: bool,
}

/// What the operation just before decides about the arms of a branch that follows at once.
enum Before {
    Nothing,
    /// The end of a `try` body: whether its handlers can be entered.
    Try(bool),
    /// The end of a loop: whether a `break` leaves it.
    Loop {
        broken: bool,
    },
}

/// Whether control can get past the last of these operations; `stops` says of a call that it never comes back.
pub(super) fn is_reached(all: &[Op], body: Range<u32>, stops: impl Fn(Reg) -> bool) -> bool {
    let mut alive = true;
    let mut branches: Vec<Branch> = Vec::new();
    let mut loops: Vec<Loop> = Vec::new();
    let mut tries: Vec<bool> = Vec::new();
    let mut before = Before::Nothing;
    for position in body {
        let last = std::mem::replace(&mut before, Before::Nothing);
        match all[position as usize] {
            Op::Branch => {
                let entered = match last {
                    Before::Nothing => alive,
                    // The first arm goes on from the end of the body, the others begin anywhere in it.
                    Before::Try(entered) => entered,
                    // The first arm is the loop's `else`, which a `break` passes by.
                    Before::Loop { broken } => broken,
                };
                branches.push(Branch {
                    entered,
                    goes_on: false,
                });
            }
            Op::Arm => {
                if let Some(branch) = branches.last_mut() {
                    branch.goes_on |= alive;
                    alive = branch.entered;
                }
            }
            Op::Join => {
                if let Some(branch) = branches.pop() {
                    alive |= branch.goes_on;
                }
            }
            Op::LoopStart { endless } => loops.push(Loop {
                entered: alive,
                endless,
                broken: false,
            }),
            Op::LoopEnd => {
                if let Some(done) = loops.pop() {
                    before = Before::Loop { broken: done.broken };
                    let ends_by_itself = done.entered && !done.endless;
                    let has_else = all.get(position as usize + 1) == Some(&Op::Branch);
                    alive = ends_by_itself || (done.broken && !has_else);
                }
            }
            Op::Break => {
                if let Some(inner) = loops.last_mut() {
                    inner.broken |= alive;
                }
                alive = false;
            }
            Op::TryStart(_) => tries.push(alive),
            Op::TryEnd(_) => before = Before::Try(tries.pop().unwrap_or(alive)),
            Op::Continue | Op::Return(_) | Op::Raise(..) => alive = false,
            Op::Call { .. } if alive && stops(position) => alive = false,
            _ => {}
        }
    }
    alive
}
