//! Results of operations, kept from one evaluation of a scope to the next.
//!
//! A scope is due again when one of the cells that it read has grown. Most of its operations have the same operands as
//! before then and read none of those cells: what they gave and wrote is what they would give and write again.

use rustc_hash::FxHashMap;

use super::Engine;
use super::heap::Place;
use super::values::{EMPTY, SetId, ValId};
use crate::analysis::parse::ir::{Op, Reg, Sym};
use crate::analysis::program::{ModuleId, Program, ScopeId};

/// Results kept of one operation: the body of a loop is evaluated twice, with other operands.
const KEPT: usize = 2;

/// No operands.
const NOTHING: u64 = u64::MAX;

/// The operands of an operation, in one number.
pub(super) type Operands = u64;

/// What many operations ask, and is answered once for all of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    /// An attribute of a value.
    Attribute(ValId, Sym),
    /// What a name that is no local means in a module.
    Global(ModuleId, Sym),
    /// What the functions of a group give, by the value that stands for it.
    Group(ValId),
}

impl Question {
    fn key(self) -> u64 {
        match self {
            Self::Attribute(value, name) => pair(value, name),
            // There are far fewer values than 2^30.
            Self::Global(module, name) => pair(module | 1 << 31, name),
            Self::Group(value) => pair(value | 1 << 30, 0),
        }
    }
}

/// The answer to a question.
#[derive(Clone, Copy, Debug)]
struct Shared {
    /// Where it reads cells.
    place: Place,
    result: SetId,
    state: SharedState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SharedState {
    /// Being found; whether it has been asked for meanwhile.
    Begun(bool),
    /// Found; whether while recording, and with nothing to record.
    Found { is_silent: bool },
    /// It makes something at the place that asks.
    Local,
}

/// What operations gave.
pub(super) struct Memo {
    /// The latest first.
    kept: Vec<[(Operands, SetId); KEPT]>,
    /// Numbers of lists of operands.
    lists: FxHashMap<Box<[SetId]>, u32>,
    /// Number of each module's first operation.
    first: Vec<u32>,
    shared: Vec<Shared>,
    /// Numbers of the questions.
    shared_ids: FxHashMap<u64, u32>,
}

impl Memo {
    pub(super) fn new(program: &Program) -> Self {
        let mut count = 0;
        let mut first = Vec::with_capacity(program.modules.len());
        for unit in &program.modules {
            first.push(count);
            count += u32::try_from(unit.ir.ops.len()).expect("repositories are far below 2^32 operations");
        }
        Self {
            // One more: a scope without operations may stand at the end.
            kept: vec![[(NOTHING, 0); KEPT]; count as usize + 1],
            lists: FxHashMap::default(),
            first,
            shared: Vec::new(),
            shared_ids: FxHashMap::default(),
        }
    }

    /// Number of all operations.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(super) fn place(&self, scope: ScopeId, module: ModuleId, op: Reg) -> Place {
        Place {
            scope,
            op: self.first[module as usize] + op,
        }
    }

    fn forget(&mut self, op: u32) {
        self.kept[op as usize] = [(NOTHING, 0); KEPT];
    }

    fn get(&self, op: u32, operands: Operands) -> Option<SetId> {
        self.kept[op as usize].iter().find(|k| k.0 == operands).map(|k| k.1)
    }

    fn keep(&mut self, op: u32, operands: Operands, result: SetId) {
        let kept = &mut self.kept[op as usize];
        kept.rotate_right(1);
        kept[0] = (operands, result);
    }

    fn list(&mut self, list: &[SetId]) -> Operands {
        if let Some(&known) = self.lists.get(list) {
            return known.into();
        }
        let next = u32::try_from(self.lists.len()).expect("the analysis makes far fewer than 2^32 lists");
        self.lists.insert(list.into(), next);
        next.into()
    }
}

fn pair(a: SetId, b: SetId) -> Operands {
    u64::from(a) << 32 | u64::from(b)
}

impl Engine {
    /// What the operation at hand gave when it last had these operands, if that still holds.
    pub(super) fn remembered(&mut self, operands: Operands) -> Option<SetId> {
        // Recording asks every operation what it does.
        if self.records.is_some() {
            return None;
        }
        let op = self.place.op;
        if self.heap.take_stale(op) {
            self.memo.forget(op);
            return None;
        }
        self.memo.get(op, operands)
    }

    pub(super) fn remember(&mut self, operands: Operands, result: SetId) {
        if self.records.is_none() {
            self.memo.keep(self.place.op, operands, result);
        }
    }

    /// The answer to a question, found once for all that ask it.
    pub(super) fn shared_answer(&mut self, question: Question) -> SetId {
        let id = match self.memo.shared_ids.get(&question.key()) {
            Some(&id) => id as usize,
            None => {
                let place = self.heap.share();
                let id = self.memo.shared.len();
                self.memo.shared.push(Shared {
                    place,
                    result: EMPTY,
                    state: SharedState::Found { is_silent: false },
                });
                self.heap.mark_stale(place.op);
                let number = u32::try_from(id).expect("fewer than places");
                self.memo.shared_ids.insert(question.key(), number);
                id
            }
        };
        let Shared { place, result, state } = self.memo.shared[id];
        match state {
            SharedState::Begun(_) => {
                self.memo.shared[id].state = SharedState::Begun(true);
                self.heap.readers_of(place).add(self.place);
                return result;
            }
            SharedState::Found { is_silent } if self.records.is_none() || is_silent => {
                self.heap.readers_of(place).add(self.place);
                if !self.heap.take_stale(place.op) {
                    return result;
                }
            }
            SharedState::Found { .. } => {}
            SharedState::Local => return self.answer(question),
        }
        self.find_shared(id, question)
    }

    fn answer(&mut self, question: Question) -> SetId {
        match question {
            Question::Attribute(value, name) => self.attribute_of(self.values.get(value), name),
            Question::Global(module, name) => self.find_global(module, name),
            Question::Group(group) => self.pass_on(group),
        }
    }

    fn find_shared(&mut self, id: usize, question: Question) -> SetId {
        let Shared { place, result: old, .. } = self.memo.shared[id];
        self.memo.shared[id].state = SharedState::Begun(false);
        let asker = std::mem::replace(&mut self.place, place);
        let made_before = std::mem::take(&mut self.makes_locally);
        let recorded = self.records.as_ref().map(Vec::len);
        let result = self.answer(question);
        self.place = asker;
        let is_local = std::mem::replace(&mut self.makes_locally, made_before);
        self.makes_locally |= is_local;
        let asked_within = self.memo.shared[id].state == SharedState::Begun(true);
        let shared = &mut self.memo.shared[id];
        shared.result = result;
        shared.state = if is_local {
            SharedState::Local
        } else {
            SharedState::Found {
                is_silent: recorded.is_some() && recorded == self.records.as_ref().map(Vec::len),
            }
        };
        self.heap.readers_of(place).add(asker);
        if is_local || asked_within && result != old {
            let mut due = self.heap.readers_of(place).iter().collect();
            self.heap.wake(&mut due);
        }
        result
    }

    /// The operands of an operation whose results are kept: of those that take more than a glance.
    pub(super) fn operands(&mut self, op: Op, module: ModuleId, reg: impl Fn(Reg) -> SetId) -> Option<Operands> {
        Some(match op {
            Op::Attribute(value, _)
            | Op::Unary(_, value)
            | Op::Not(value)
            | Op::Truth(value)
            | Op::Assert(value)
            | Op::Next(value)
            | Op::AsyncNext(value)
            | Op::Unpack { value, .. }
            | Op::Await(value)
            | Op::YieldFrom(value)
            | Op::Declare { annotation: value, .. }
            | Op::Enter(value)
            | Op::AsyncEnter(value) => pair(reg(value), 0),
            Op::Index(a, b)
            | Op::DeleteIndex(a, b)
            | Op::Binary(_, a, b)
            | Op::InPlace(_, a, b)
            | Op::Compare(_, a, b)
            | Op::Typed {
                value: a,
                annotation: b,
            }
            | Op::StoreAttribute(a, _, b) => pair(reg(a), reg(b)),
            Op::StoreIndex(a, b, c) => self.memo.list(&[reg(a), reg(b), reg(c)]),
            Op::Format(list, _) => {
                let ir = &self.program.modules[module as usize].ir;
                let list: Vec<SetId> = ir.list(list).iter().map(|&r| reg(r)).collect();
                self.memo.list(&list)
            }
            Op::Call { function, start, len } => {
                let ir = &self.program.modules[module as usize].ir;
                let receiver = match ir.ops[function as usize] {
                    Op::Attribute(object, _) => reg(object),
                    _ => 0,
                };
                let mut list = vec![reg(function), receiver];
                list.extend(ir.call_args(start, len).iter().map(|a| reg(a.value)));
                self.memo.list(&list)
            }
            _ => return None,
        })
    }
}
