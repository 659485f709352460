//! Calls that may go to very many functions: the constructors of all classes below one, all overrides of one method.
//!
//! Parameters hold what all calls pass, so such a call need not pass its arguments to each function itself. It adds
//! them to those of the other calls of the group, and the group passes them on whenever they have grown.

use super::call::Arguments;
use super::heap::{Cell, Key};
use super::memo::Question;
use super::values::{EMPTY, SetId, Val, ValId};
use super::{Engine, How};
use crate::model::call_graph::EdgeKind;

/// Part of an allocation that holds the arguments of a group, apart from all that operations make.
const ARGUMENTS: u32 = u32::MAX;

impl Engine {
    /// Calls a group by the value that stands for it; what its functions give.
    pub(super) fn call_group(&mut self, group: Val, args: &Arguments) -> SetId {
        let id = self.values.val(group);
        let alloc = self.group_arguments(id);
        for (i, &set) in (0..).zip(&args.positional) {
            self.write(Cell::Key(alloc, Key::Int(i)), set);
        }
        for &(name, set) in &args.keywords {
            self.write(Cell::Key(alloc, Key::Str(name)), set);
        }
        for set in args.starred.into_iter().chain(args.double_starred) {
            self.write(Cell::Element(alloc), set);
        }
        let count = i32::try_from(args.positional.len()).unwrap_or(i32::MAX);
        let count = self.single(Val::Int(count));
        self.write(Cell::Keys(alloc), count);
        self.shared_answer(Question::Group(id))
    }

    fn group_arguments(&mut self, group: ValId) -> u32 {
        self.alloc_at((0, group, ARGUMENTS), self.known.tuple)
    }

    /// Passes on what all calls of a group pass.
    pub(super) fn pass_on(&mut self, group: ValId) -> SetId {
        let alloc = self.group_arguments(group);
        let rest = self.read(Cell::Element(alloc));
        let rest = (rest != EMPTY).then_some(rest);
        let mut all = Arguments {
            starred: rest,
            double_starred: rest,
            ..Arguments::default()
        };
        let mut keys = self.heap.keys.get(&alloc).cloned().unwrap_or_default();
        keys.sort_unstable();
        for key in keys {
            let set = self.read(Cell::Key(alloc, key));
            match key {
                Key::Int(_) => all.positional.push(set),
                Key::Str(name) => all.keywords.push((name, set)),
            }
        }
        let counts = self.read(Cell::Keys(alloc));
        let counts = self.values.list(counts).into_iter();
        // What some calls do not pass may have its default.
        let fewest = counts.map(|v| match v {
            Val::Int(n) => usize::try_from(n).unwrap_or(0),
            _ => 0,
        });
        let fewest = fewest.min().unwrap_or(0);
        let result = self.call_all(group, &all);
        if fewest == all.positional.len() && all.keywords.is_empty() {
            return result;
        }
        all.keywords.clear();
        all.positional.truncate(fewest);
        let fewer = self.call_all(group, &all);
        self.union(result, fewer)
    }

    fn call_all(&mut self, group: ValId, args: &Arguments) -> SetId {
        match self.values.get(group) {
            Val::ClassOrSub(class) => {
                for maker in self.makers_below(class) {
                    self.construct(maker, args, EdgeKind::Constructor, How::Wide);
                }
                EMPTY
            }
            Val::Dispatch(class, name, likely) => self.call_each_override((class, name, likely), args, EdgeKind::Call),
            _ => EMPTY,
        }
    }
}
