//! The heap: cells that values flow through between scopes, and who reads them.

use rustc_hash::FxHashMap;

use super::values::{AllocId, EMPTY, SetId, Values};
use crate::analysis::parse::ir::Sym;
use crate::analysis::program::{Program, ScopeId};

/// What a cell holds.
#[derive(Clone, Copy, Debug)]
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

/// Something that reads cells: an operation, or a shared answer (`memo.rs`). Its number is that among all
/// operations of the program; shared results come after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) scope: ScopeId,
    pub(crate) op: u32,
}

impl Place {
    /// Whether this is a shared result.
    pub(super) fn is_shared(self) -> bool {
        self.scope == ScopeId::MAX
    }
}

#[derive(Default)]
struct Slot {
    set: SetId,
    readers: Readers,
}

/// Readers that are cheaper looked through than sorted.
const FEW: usize = 16;

/// Whoever is to be looked at again when something changes.
#[derive(Debug, Default)]
pub(super) struct Readers {
    list: Vec<Place>,
}

impl Readers {
    pub(super) fn add(&mut self, reader: Place) {
        // Most reads come in runs.
        if self.list.last() == Some(&reader) || self.list.len() <= FEW && self.list.contains(&reader) {
            return;
        }
        if self.list.len() == self.list.capacity() {
            // Sorting out repeats whenever it would have to grow keeps it near the number of different readers.
            self.list.sort_unstable();
            self.list.dedup();
            self.list.reserve(self.list.len() + 4);
        }
        self.list.push(reader);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Place> + '_ {
        self.list.iter().copied()
    }
}

/// Numbers of cells of one kind: by scope and number within it, by allocation or name.
#[derive(Default)]
struct Dense {
    ids: Vec<u32>,
}

/// No cell yet.
const NONE: u32 = u32::MAX;

impl Dense {
    fn entry(&mut self, at: usize) -> &mut u32 {
        if at >= self.ids.len() {
            self.ids.resize((at + 1).next_power_of_two(), NONE);
        }
        &mut self.ids[at]
    }

    fn get(&self, at: usize) -> Option<u32> {
        self.ids.get(at).copied().filter(|&id| id != NONE)
    }
}

/// Where the number of a cell is kept.
enum Home {
    Dense(usize, usize),
    Sparse(usize, u64),
}

const DENSE_KINDS: usize = 12;
const SPARSE_KINDS: usize = 8;

/// All cells.
#[derive(Default)]
pub(crate) struct Heap {
    dense: [Dense; DENSE_KINDS],
    sparse: [FxHashMap<u64, u32>; SPARSE_KINDS],
    /// Where the parameters and variables of each scope begin among all.
    first: Vec<u32>,
    slots: Vec<Slot>,
    /// Operations, and shared results after them, that have read a cell which has grown since.
    stale: Vec<bool>,
    operations: usize,
    /// Who reads each shared result.
    shared: Vec<Readers>,
    /// Literal keys of each container, in the order they were first used.
    pub(crate) keys: FxHashMap<AllocId, Vec<Key>>,
    /// Classes whose instances have a field of each name.
    pub(crate) field_classes: FxHashMap<Sym, Vec<ScopeId>>,
    /// Names of the fields that instances of each class have.
    pub(crate) fields_of: FxHashMap<ScopeId, Vec<Sym>>,
    /// Scopes to look at again, where operations are stale.
    pub(crate) changed: Vec<ScopeId>,
    /// Room for the work of `wake`.
    woken: Vec<Place>,
}

impl Heap {
    pub(crate) fn new(program: &Program, operations: usize) -> Self {
        let mut count = 0;
        let mut first = Vec::with_capacity(program.scope_count() as usize);
        for scope in 0..program.scope_count() {
            first.push(count);
            let scope = program.scope(scope);
            let places = scope.locals.len().max(scope.params.len());
            count += u32::try_from(places).expect("repositories are far below 2^32 variables");
        }
        Self {
            first,
            stale: vec![false; operations],
            operations,
            ..Self::default()
        }
    }

    fn home(&self, cell: Cell) -> Home {
        let within = |scope: ScopeId, n: u32| (self.first[scope as usize] + n) as usize;
        let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
        match cell {
            Cell::Variable(scope, n) => Home::Dense(0, within(scope, n)),
            Cell::Parameter(scope, n) => Home::Dense(1, within(scope, n)),
            Cell::Default(scope, n) => Home::Dense(2, within(scope, n)),
            Cell::ParameterType(scope, n) => Home::Dense(3, within(scope, n)),
            Cell::Return(scope) => Home::Dense(4, scope as usize),
            Cell::ReturnType(scope) => Home::Dense(5, scope as usize),
            Cell::Yield(scope) => Home::Dense(6, scope as usize),
            Cell::FieldNames(name) => Home::Dense(7, name as usize),
            Cell::Element(alloc) => Home::Dense(8, alloc as usize),
            Cell::Keys(alloc) => Home::Dense(9, alloc as usize),
            Cell::Rebound(scope, n) => Home::Dense(10, within(scope, n)),
            Cell::Factory(alloc) => Home::Dense(11, alloc as usize),
            Cell::ClassAttribute(class, name) => Home::Sparse(0, pair(class, name)),
            Cell::Field(class, name) => Home::Sparse(1, pair(class, name)),
            Cell::FieldType(class, name) => Home::Sparse(2, pair(class, name)),
            Cell::FunctionAttribute(function, name) => Home::Sparse(3, pair(function, name)),
            Cell::ModuleAttribute(module, name) => Home::Sparse(4, pair(module, name)),
            Cell::Key(alloc, Key::Str(key)) => Home::Sparse(5, pair(alloc, key)),
            Cell::FieldFactory(class, name) => Home::Sparse(7, pair(class, name)),
            Cell::Key(alloc, Key::Int(key)) => Home::Sparse(6, pair(alloc, key.cast_unsigned())),
        }
    }

    fn find(&self, cell: Cell) -> Option<u32> {
        match self.home(cell) {
            Home::Dense(kind, at) => self.dense[kind].get(at),
            Home::Sparse(kind, key) => self.sparse[kind].get(&key).copied(),
        }
    }

    fn slot(&mut self, cell: Cell) -> u32 {
        let next = u32::try_from(self.slots.len()).expect("the analysis makes far fewer than 2^32 cells");
        let id = match self.home(cell) {
            Home::Dense(kind, at) => {
                let id = self.dense[kind].entry(at);
                if *id == NONE {
                    *id = next;
                }
                *id
            }
            Home::Sparse(kind, key) => *self.sparse[kind].entry(key).or_insert(next),
        };
        if id == next {
            self.slots.push(Slot::default());
            if let Cell::Key(alloc, key) = cell {
                self.keys.entry(alloc).or_default().push(key);
            }
        }
        id
    }

    /// Reads a cell for an operation, which will be looked at again when the cell grows.
    pub(crate) fn read(&mut self, cell: Cell, reader: Place) -> SetId {
        let id = self.slot(cell);
        let slot = &mut self.slots[id as usize];
        slot.readers.add(reader);
        slot.set
    }

    /// Whether anything has been written to a cell, or has read it.
    pub(crate) fn exists(&self, cell: Cell) -> bool {
        self.find(cell).is_some()
    }

    /// What a cell holds, without becoming a reader.
    pub(crate) fn peek(&self, cell: Cell) -> SetId {
        self.find(cell).map_or(EMPTY, |id| self.slots[id as usize].set)
    }

    /// The readers of a cell are due again.
    fn touch(&mut self, cell: Cell) {
        if let Some(id) = self.find(cell) {
            self.touch_slot(id);
        }
    }

    fn touch_slot(&mut self, id: u32) {
        let mut woken = std::mem::take(&mut self.woken);
        woken.extend(self.slots[id as usize].readers.iter());
        self.wake(&mut woken);
        self.woken = woken;
    }

    /// These are due again, and whoever reads what they share.
    pub(super) fn wake(&mut self, woken: &mut Vec<Place>) {
        while let Some(place) = woken.pop() {
            let was_stale = std::mem::replace(&mut self.stale[place.op as usize], true);
            match (place.op as usize).checked_sub(self.operations) {
                None => self.changed.push(place.scope),
                // Its readers have been woken when it became stale.
                Some(shared) if !was_stale => woken.extend(self.shared[shared].iter()),
                Some(_) => {}
            }
        }
    }

    /// A new shared result.
    pub(super) fn share(&mut self) -> Place {
        let op = u32::try_from(self.stale.len()).expect("the analysis shares far fewer than 2^32 results");
        self.stale.push(false);
        self.shared.push(Readers::default());
        Place {
            scope: ScopeId::MAX,
            op,
        }
    }

    /// Who reads a shared result.
    pub(super) fn readers_of(&mut self, shared: Place) -> &mut Readers {
        &mut self.shared[shared.op as usize - self.operations]
    }

    pub(super) fn mark_stale(&mut self, op: u32) {
        self.stale[op as usize] = true;
    }

    /// Whether a cell that an operation has read has grown since this was last asked.
    pub(crate) fn take_stale(&mut self, op: u32) -> bool {
        std::mem::take(&mut self.stale[op as usize])
    }

    /// Adds values to a cell; its readers are due again if that is news.
    pub(crate) fn write(&mut self, cell: Cell, set: SetId, values: &mut Values) {
        let id = self.slot(cell);
        if set == EMPTY {
            // The cell exists from now on, even while nothing is known of its contents.
            return;
        }
        let slot = &mut self.slots[id as usize];
        let new = values.union(slot.set, set);
        if new == slot.set {
            return;
        }
        let is_first = std::mem::replace(&mut slot.set, new) == EMPTY;
        match cell {
            Cell::Field(class, name) | Cell::FieldType(class, name) if is_first => {
                let classes = self.field_classes.entry(name).or_default();
                if !classes.contains(&class) {
                    classes.push(class);
                    self.fields_of.entry(class).or_default().push(name);
                }
                self.touch(Cell::FieldNames(name));
            }
            // Whoever goes through the whole container reads that.
            Cell::Key(alloc, _) if is_first => self.touch(Cell::Element(alloc)),
            _ => {}
        }
        self.touch_slot(id);
    }
}
