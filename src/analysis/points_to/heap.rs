//! The heap: cells that values flow through between scopes, and who reads them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::values::{AllocId, EMPTY, SetId, Values};
use crate::analysis::parse::ir::Sym;
use crate::analysis::program::ScopeId;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    /// A module variable, or a local that inner functions use.
    Variable(ScopeId, u32),
    Parameter(ScopeId, u32),
    Default(ScopeId, u32),
    /// What its annotation says.
    ParameterType(ScopeId, u32),
    Return(ScopeId),
    /// What its annotation says.
    ReturnType(ScopeId),
    Yield(ScopeId),
    /// An attribute of the class itself.
    ClassAttribute(ScopeId, Sym),
    /// Holds nothing: who looks for fields of this name reads it, to hear of new ones.
    FieldNames(Sym),
    /// An attribute of its instances.
    Field(ScopeId, Sym),
    /// What its declaration says.
    FieldType(ScopeId, Sym),
    /// An attribute set on a function or another odd object.
    FunctionAttribute(ScopeId, Sym),
    /// An attribute that some module's code sets on another module.
    ModuleAttribute(u32, Sym),
    /// Any element of a container.
    Element(AllocId),
    /// The element at a literal key.
    Key(AllocId, Key),
    /// The keys of a dict.
    Keys(AllocId),
    /// What functions around whose scope a variable's is assign to it.
    Rebound(ScopeId, u32),
    /// What a container calls for a key that it lacks.
    Factory(AllocId),
    /// What makes the default of a record's field.
    FieldFactory(ScopeId, Sym),
}

/// A literal key or index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    Str(Sym),
    Int(i32),
}

struct Slot {
    set: SetId,
    /// The last one who read it: most reads come in runs.
    last_reader: ScopeId,
    readers: Vec<ScopeId>,
}

/// All cells.
#[derive(Default)]
pub(crate) struct Heap {
    ids: FxHashMap<Cell, u32>,
    slots: Vec<Slot>,
    /// Pairs of cell and reader already known.
    known_readers: FxHashSet<(u32, ScopeId)>,
    /// Literal keys of each container, in the order they were first used.
    pub(crate) keys: FxHashMap<AllocId, Vec<Key>>,
    /// Classes whose instances have a field of each name.
    pub(crate) field_classes: FxHashMap<Sym, Vec<ScopeId>>,
    /// Scopes to look at again.
    pub(crate) changed: Vec<ScopeId>,
}

impl Heap {
    fn slot(&mut self, cell: Cell) -> u32 {
        let next = u32::try_from(self.slots.len()).expect("the analysis makes far fewer than 2^32 cells");
        let id = *self.ids.entry(cell).or_insert(next);
        if id == next {
            self.slots.push(Slot {
                set: EMPTY,
                last_reader: ScopeId::MAX,
                readers: Vec::new(),
            });
            if let Cell::Key(alloc, key) = cell {
                self.keys.entry(alloc).or_default().push(key);
            }
        }
        id
    }

    /// Reads a cell for a scope, which will be looked at again when the cell grows.
    pub(crate) fn read(&mut self, cell: Cell, reader: ScopeId) -> SetId {
        let id = self.slot(cell);
        let slot = &mut self.slots[id as usize];
        if slot.last_reader != reader {
            slot.last_reader = reader;
            if self.known_readers.insert((id, reader)) {
                slot.readers.push(reader);
            }
        }
        slot.set
    }

    /// Whether anything has been written to a cell, or has read it.
    pub(crate) fn exists(&self, cell: Cell) -> bool {
        self.ids.contains_key(&cell)
    }

    /// What a cell holds, without becoming a reader.
    pub(crate) fn peek(&self, cell: Cell) -> SetId {
        self.ids.get(&cell).map_or(EMPTY, |&id| self.slots[id as usize].set)
    }

    /// The readers of a cell are due again.
    fn touch(&mut self, cell: Cell) {
        if let Some(&id) = self.ids.get(&cell) {
            self.changed.extend_from_slice(&self.slots[id as usize].readers);
        }
    }

    /// Adds values to a cell; its readers are due again if that is news.
    pub(crate) fn write(&mut self, cell: Cell, set: SetId, values: &mut Values) {
        if set == EMPTY {
            // The cell exists from now on, even while nothing is known of its contents.
            self.slot(cell);
            return;
        }
        let id = self.slot(cell);
        let slot = &mut self.slots[id as usize];
        let new = values.union(slot.set, set);
        if new == slot.set {
            return;
        }
        let is_new = slot.set == EMPTY;
        if let (true, Cell::Field(class, name) | Cell::FieldType(class, name)) = (is_new, cell) {
            slot.set = new;
            let classes = self.field_classes.entry(name).or_default();
            if !classes.contains(&class) {
                classes.push(class);
            }
            let readers = self.slots[id as usize].readers.clone();
            self.changed.extend(readers);
            self.touch(Cell::FieldNames(name));
            return;
        }
        slot.set = new;
        self.changed.extend_from_slice(&slot.readers);
    }
}
