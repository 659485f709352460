//! What every expression may be: values followed through variables, parameters, returns, fields and containers until
//! nothing changes any more.
//!
//! [`Engine::run`] evaluates every scope, again whenever a cell it read has grown, and then once more to record what
//! each site calls. Within a scope evaluation is flow-sensitive; between scopes, cells only grow.

mod annotation;
mod assign;
mod attribute;
mod below;
pub(crate) mod builtin;
mod call;
mod changes;
pub(crate) mod class;
mod define;
mod evaluate;
mod flow;
mod frame;
mod group;
mod guess;
pub(crate) mod heap;
mod identity;
mod import;
mod memo;
mod narrow;
pub(crate) mod library;
mod operate;
mod outside;
mod record;
pub(crate) mod values;

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use changes::Changes;
use class::{Askers, ClassInfo};
use flow::Flow;
use guess::Guess;
use heap::{Cell, Heap, Place, Readers};
use memo::Memo;
use values::{AllocId, EMPTY, SetId, Val, ValId, Values};

use super::parse::ir::{Reg, ScopeKind, Sym};
use super::program::{ModuleId, Names, Program, ScopeId};
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};

/// Evaluations of one scope at most; what still grows then is cut off and said to be unknown.
const MOST_RUNS: u32 = 24;

/// What a site goes to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A function or lambda of the repository.
    Function(ScopeId),
    /// An instance of this class is made.
    Class(ScopeId),
    /// Something outside, by import path.
    External(Sym),
    /// A built-in function or type.
    Builtin(Sym),
    /// A method of a built-in type.
    BuiltinMethod(Sym, Sym),
    /// A method of this name of something that poses as a declared type.
    Posed(Sym),
    /// More than is known.
    Open(OpenReason, Reach),
}

/// How sure it is that a site may go to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum How {
    /// A value that goes there was followed to the site.
    Known,
    /// The same, or what some subclass has instead.
    Below,
    /// One of very many overrides of the method that the site names.
    Wide,
    /// The receiver is only likely of the class, see [`Val::Likely`].
    Guessed,
}

/// One thing that one site may go to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Record {
    pub(crate) scope: ScopeId,
    pub(crate) op: Reg,
    pub(crate) kind: EdgeKind,
    pub(crate) target: Target,
    pub(crate) how: How,
}

/// The functions of a property.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PropertyFunctions {
    pub(crate) get: Option<ScopeId>,
    pub(crate) set: Option<ScopeId>,
    pub(crate) delete: Option<ScopeId>,
}

/// Names the analysis itself knows.
pub(crate) struct Known {
    pub(crate) init: Sym,
    pub(crate) new: Sym,
    pub(crate) call: Sym,
    pub(crate) getattr: Sym,
    pub(crate) getattribute: Sym,
    pub(crate) setattr: Sym,
    pub(crate) get: Sym,
    pub(crate) str: Sym,
    pub(crate) list: Sym,
    pub(crate) tuple: Sym,
    pub(crate) dict: Sym,
    pub(crate) set: Sym,
    pub(crate) generator: Sym,
    pub(crate) property: Sym,
    pub(crate) none: Sym,
    pub(crate) int: Sym,
    pub(crate) bool: Sym,
    pub(crate) bool_method: Sym,
    pub(crate) len_method: Sym,
    /// Kinds of containers of anybody's making.
    pub(crate) collection: Sym,
    pub(crate) mapping: Sym,
    pub(crate) namespace: Sym,
    pub(crate) class: Sym,
    pub(crate) func: Sym,
    pub(crate) self_name: Sym,
}

impl Known {
    fn new(names: &mut Names) -> Self {
        let mut name = |text: &str| names.sym(text);
        Self {
            init: name("__init__"),
            new: name("__new__"),
            call: name("__call__"),
            getattr: name("__getattr__"),
            getattribute: name("__getattribute__"),
            setattr: name("__setattr__"),
            get: name("__get__"),
            str: name("str"),
            list: name("list"),
            tuple: name("tuple"),
            dict: name("dict"),
            set: name("set"),
            generator: name("generator"),
            property: name("property"),
            none: name("NoneType"),
            int: name("int"),
            bool: name("bool"),
            bool_method: name("__bool__"),
            len_method: name("__len__"),
            collection: name(annotation::ABSTRACT),
            mapping: name(annotation::ABSTRACT_MAPPING),
            namespace: name("types.SimpleNamespace"),
            class: name("__class__"),
            func: name("__func__"),
            self_name: name("__self__"),
        }
    }
}

/// State of the hierarchy, the class that defines an attribute, a base outside that may.
type Lookup = (u32, Option<ScopeId>, Option<class::Ancestor>);

/// Subclasses that define a name.
#[derive(Debug)]
struct BelowEntry {
    /// State of the hierarchy, and number of the fields of that name, when they were found.
    version: (u32, usize),
    list: Rc<[ScopeId]>,
    readers: Readers,
}

/// The analysis in progress.
pub(crate) struct Engine {
    pub(crate) program: Program,
    pub(crate) values: Values,
    pub(crate) heap: Heap,
    pub(crate) known: Known,
    classes: FxHashMap<ScopeId, ClassInfo>,
    subclasses: FxHashMap<ScopeId, Vec<ScopeId>>,
    /// Attributes that classes are given from outside their bodies.
    added_attributes: FxHashSet<(ScopeId, Sym)>,
    /// Which class of an order defines an attribute, for the state of the hierarchy it was found in.
    lookups: FxHashMap<(ScopeId, Sym), Lookup>,
    /// Whether anything but modules and class bodies has been evaluated.
    functions_begun: bool,
    /// Who looked each class up in the hierarchy.
    askers: Vec<Askers>,
    /// Who asked what conforms to a protocol.
    protocol_readers: Readers,
    /// Grows whenever an order of classes changes.
    hierarchy_version: u32,
    /// The classes whose body binds each name.
    definers: FxHashMap<Sym, Vec<ScopeId>>,
    below_cache: FxHashMap<(ScopeId, Sym), BelowEntry>,
    allocs: FxHashMap<(ModuleId, Reg, u32), AllocId>,
    /// The built-in type of each container.
    alloc_types: Vec<Sym>,
    properties: FxHashMap<AllocId, PropertyFunctions>,
    stars: FxHashMap<ModuleId, Vec<Result<ModuleId, Sym>>>,
    /// Who has looked for a name among what each module imports with `*`.
    star_readers: Vec<Readers>,
    guess: Guess,
    /// Names that classes declare in their bodies.
    declared_fields: FxHashMap<ScopeId, Box<[Sym]>>,
    /// What paths of the library name, as far as they have been looked up.
    callables: FxHashMap<Box<str>, Option<&'static library::Callable>>,
    /// Number of the last thing that the call at hand has made.
    part: u32,
    /// The method that the call at hand names, where nothing is known of the receiver.
    asked: Option<Sym>,
    /// Which functions something in the repository calls.
    is_called: Vec<bool>,
    /// Whether the call at hand is of a method of the caller's own receiver.
    on_self: bool,
    /// Whether the call at hand is of one of very many overrides.
    wide: bool,
    /// Parameters that functions give back.
    identities: FxHashMap<ScopeId, Box<[u32]>>,
    /// Values that decorators were given.
    decorated: FxHashSet<ValId>,
    /// Classes whose decorator makes methods from their fields.
    record_classes: FxHashSet<ScopeId>,
    /// Classes whose decorator makes the other comparisons from one.
    ordered_classes: FxHashSet<ScopeId>,
    /// Whether the methods of classes assign a field of their instances.
    own_fields: FxHashMap<(ScopeId, Sym), bool>,
    /// Containers that make what they lack.
    makes_missing: FxHashSet<AllocId>,
    /// What is certain at this point of the scope evaluated.
    flow: Flow,
    /// The scope that makes each container.
    alloc_owners: Vec<ScopeId>,
    /// Containers that other scopes change than the one that makes them.
    shared: FxHashSet<AllocId>,
    /// Variables that functions in the scope, or of the module, assign.
    rebound: FxHashMap<ScopeId, FxHashSet<u32>>,
    /// What functions change, as far as it was asked for.
    changes: FxHashMap<ScopeId, Rc<Changes>>,
    queue: VecDeque<ScopeId>,
    queued: Vec<bool>,
    runs: Vec<u32>,
    memo: Memo,
    scope: ScopeId,
    op: Reg,
    /// What reads cells: the operation at hand, or something that it shares with others.
    place: Place,
    /// Whether what is being found makes something at the operation at hand.
    makes_locally: bool,
    /// Calls that are being followed within one another.
    depth: u32,
    /// What sites go to, while recording.
    records: Option<Vec<Record>>,
    /// Scopes that have not been evaluated since they were recorded.
    is_recorded: Vec<bool>,
    /// Values of the operands of `raise` and `except`, of decorators and of `return`, while recording.
    pub(crate) noted: FxHashMap<(ScopeId, Reg), SetId>,
    /// Functions that iterators call when they are stepped through.
    pub(crate) lazy: FxHashSet<ScopeId>,
    /// Functions and classes whose value is used other than by calling it on the spot.
    pub(crate) escaped: FxHashSet<ScopeId>,
    /// Sets whose functions and classes are already in `escaped`.
    escaped_sets: FxHashSet<SetId>,
    /// Attribute names that functions or classes are stored under; none: anything may be.
    pub(crate) stored: FxHashMap<Sym, Option<BTreeSet<ScopeId>>>,
    /// Whether control cannot get to the end of each scope.
    pub(crate) ends_dead: Vec<bool>,
}

impl Engine {
    pub(crate) fn new(mut program: Program) -> Self {
        let count = program.scope_count() as usize;
        let known = Known::new(&mut program.names);
        let mut definers: FxHashMap<Sym, Vec<ScopeId>> = FxHashMap::default();
        for scope in 0..program.scope_count() {
            let this = program.scope(scope);
            if this.kind == ScopeKind::Class {
                for name in this.locals.iter().filter(|n| this.bound.contains_key(n)) {
                    definers.entry(*name).or_default().push(scope);
                }
            }
        }
        let guess = Guess::new(&mut program);
        let identities = identity::identities(&program);
        let memo = Memo::new(&program);
        let star_readers = std::iter::repeat_with(Readers::default)
            .take(program.modules.len())
            .collect();
        let heap = Heap::new(&program, memo.len());
        let rebound = flow::rebound(&program);
        let declared_fields = record::declared_fields(&program);
        Self {
            program,
            values: Values::new(known.str, known.int),
            heap,
            known,
            classes: FxHashMap::default(),
            subclasses: FxHashMap::default(),
            added_attributes: FxHashSet::default(),
            lookups: FxHashMap::default(),
            functions_begun: false,
            askers: std::iter::repeat_with(Askers::default).take(count).collect(),
            protocol_readers: Readers::default(),
            hierarchy_version: 0,
            definers,
            below_cache: FxHashMap::default(),
            allocs: FxHashMap::default(),
            alloc_types: Vec::new(),
            properties: FxHashMap::default(),
            stars: FxHashMap::default(),
            star_readers,
            guess,
            declared_fields,
            callables: FxHashMap::default(),
            part: 0,
            asked: None,
            is_called: vec![false; count],
            on_self: false,
            wide: false,
            identities,
            decorated: FxHashSet::default(),
            record_classes: FxHashSet::default(),
            ordered_classes: FxHashSet::default(),
            own_fields: FxHashMap::default(),
            makes_missing: FxHashSet::default(),
            flow: Flow::default(),
            alloc_owners: Vec::new(),
            shared: FxHashSet::default(),
            rebound,
            changes: FxHashMap::default(),
            queue: VecDeque::new(),
            queued: vec![false; count],
            runs: vec![0; count],
            memo,
            scope: 0,
            op: 0,
            place: Place { scope: 0, op: 0 },
            makes_locally: false,
            depth: 0,
            records: None,
            is_recorded: vec![false; count],
            noted: FxHashMap::default(),
            lazy: FxHashSet::default(),
            escaped: FxHashSet::default(),
            escaped_sets: FxHashSet::default(),
            stored: FxHashMap::default(),
            ends_dead: vec![false; count],
        }
    }

    /// Follows all values, then returns what each site goes to.
    pub(crate) fn run(&mut self) -> Vec<Record> {
        // Modules and class bodies first: they establish the classes that everything else looks names up in.
        let (first, rest): (Vec<ScopeId>, Vec<ScopeId>) = (0..self.program.scope_count())
            .partition(|&s| matches!(self.program.scope(s).kind, ScopeKind::Module | ScopeKind::Class));
        for scope in first {
            self.enqueue(scope);
        }
        self.settle();
        self.functions_begun = true;
        for scope in rest {
            self.enqueue(scope);
        }
        self.settle();
        self.begin_guessing();
        self.settle();
        let mut records = Vec::new();
        self.record_sites(&mut records);
        for _ in 0..MOST_RUNS {
            if self.heap.changed.is_empty() {
                break;
            }
            // What depends on more than cells shows only where everything is evaluated.
            self.enqueue_changed();
            self.settle();
            self.record_sites(&mut records);
        }
        let unsettled = std::mem::take(&mut self.heap.changed);
        if !unsettled.is_empty() {
            for scope in unsettled {
                self.runs[scope as usize] = MOST_RUNS;
                self.is_recorded[scope as usize] = false;
            }
            self.record_sites(&mut records);
        }
        records.sort_unstable();
        records.dedup();
        records
    }

    /// Evaluates every scope that has been evaluated since it was last recorded once more, to see what each site goes
    /// to.
    fn record_sites(&mut self, records: &mut Vec<Record>) {
        records.retain(|r| self.is_recorded[r.scope as usize]);
        self.records = Some(std::mem::take(records));
        for scope in 0..self.program.scope_count() {
            if std::mem::replace(&mut self.is_recorded[scope as usize], true) {
                continue;
            }
            self.evaluate(scope);
            if self.runs[scope as usize] >= MOST_RUNS {
                // Its callers may not have seen all of what it gives: nothing it does may be excluded.
                self.op = self.program.scope(scope).ops.start;
                self.record_open(EdgeKind::Implicit, OpenReason::TooMany, |_| Reach::AnyValue);
            }
        }
        *records = self.records.take().unwrap_or_default();
    }

    /// Evaluates whatever is due until nothing is.
    fn settle(&mut self) {
        while let Some(scope) = self.queue.pop_front() {
            self.queued[scope as usize] = false;
            if self.runs[scope as usize] >= MOST_RUNS {
                continue;
            }
            self.runs[scope as usize] += 1;
            self.is_recorded[scope as usize] = false;
            self.evaluate(scope);
            self.enqueue_changed();
        }
    }

    fn enqueue_changed(&mut self) {
        for changed in std::mem::take(&mut self.heap.changed) {
            self.enqueue_in_time(changed);
        }
    }

    /// Functions have to wait for the modules and classes.
    fn enqueue_in_time(&mut self, scope: ScopeId) {
        let kind = self.program.scope(scope).kind;
        if self.functions_begun || matches!(kind, ScopeKind::Module | ScopeKind::Class) {
            self.enqueue(scope);
        }
    }

    fn enqueue(&mut self, scope: ScopeId) {
        if !self.queued[scope as usize] {
            self.queued[scope as usize] = true;
            self.queue.push_back(scope);
        }
    }

    fn record(&mut self, kind: EdgeKind, target: Target) {
        self.record_as(kind, target, How::Known);
    }

    fn record_as(&mut self, kind: EdgeKind, target: Target, how: How) {
        let (scope, op) = (self.scope, self.op);
        if let Some(records) = &mut self.records {
            records.push(Record {
                scope,
                op,
                kind,
                target,
                how,
            });
        }
    }

    fn record_open(&mut self, kind: EdgeKind, reason: OpenReason, reach: impl FnOnce(&Self) -> Reach) {
        if self.records.is_some() {
            let reach = reach(self);
            self.record(kind, Target::Open(reason, reach));
        }
    }

    fn note(&mut self, reg: Reg, set: SetId) {
        if self.records.is_some() {
            self.noted.insert((self.scope, reg), set);
        }
    }

    fn read(&mut self, cell: Cell) -> SetId {
        self.heap.read(cell, self.place)
    }

    fn write(&mut self, cell: Cell, set: SetId) {
        self.heap.write(cell, set, &mut self.values);
    }

    fn union(&mut self, a: SetId, b: SetId) -> SetId {
        self.values.union(a, b)
    }

    /// The allocation of one place in the current scope; `part` tells several at one operation apart.
    fn alloc(&mut self, part: u32, kind: Sym) -> AllocId {
        self.makes_locally = true;
        let module = self.program.module_of[self.scope as usize];
        self.alloc_at((module, self.op, part), kind)
    }

    fn alloc_at(&mut self, place: (ModuleId, Reg, u32), kind: Sym) -> AllocId {
        let next =
            AllocId::try_from(self.alloc_types.len()).expect("the analysis makes far fewer than 2^32 containers");
        let id = *self.allocs.entry(place).or_insert(next);
        if id == next {
            self.alloc_types.push(kind);
            self.alloc_owners.push(self.scope);
        }
        id
    }

    /// The class a function is defined in, looking through functions around it.
    fn enclosing_class(&self, scope: ScopeId) -> Option<(ScopeId, ScopeId)> {
        let mut function = scope;
        loop {
            let parent = self.program.parent(function)?;
            match self.program.scope(parent).kind {
                ScopeKind::Class => return Some((parent, function)),
                ScopeKind::Module => return None,
                _ => function = parent,
            }
        }
    }

    fn single(&mut self, val: Val) -> SetId {
        self.values.single(val)
    }

    fn has_unknown(&self, set: SetId) -> bool {
        self.values
            .set(set)
            .iter()
            .any(|&v| matches!(self.values.get(v), Val::Unknown(_)))
    }

    fn builtin_instance(&mut self, name: Sym) -> SetId {
        self.values.single(Val::Builtin(name))
    }

    fn unknown(&mut self, reason: OpenReason) -> SetId {
        self.values.unknown(reason)
    }

    /// The values of a set leave the expression they stand in, and may be called from anywhere.
    fn escape(&mut self, set: SetId) {
        if self.records.is_none() || !self.escaped_sets.insert(set) {
            return;
        }
        for value in self.values.list(set) {
            if let Some(scope) = self.callable_scope(value) {
                self.escaped.insert(scope);
            }
        }
    }

    /// The functions in a set are called whenever an iterator is stepped through.
    fn call_lazily(&mut self, functions: SetId) {
        if self.records.is_none() {
            return;
        }
        for value in self.values.list(functions) {
            if let Some(scope) = self.callable_scope(value) {
                self.lazy.insert(scope);
            }
        }
    }

    /// The functions of properties.
    pub(crate) fn accessors(&self) -> impl Iterator<Item = ScopeId> + '_ {
        self.properties
            .values()
            .flat_map(|p| [p.get, p.set, p.delete])
            .flatten()
    }

    fn callable_scope(&self, value: Val) -> Option<ScopeId> {
        match value {
            Val::Function(scope) | Val::Class(scope) | Val::ClassOrSub(scope) | Val::Bound(scope, _) => Some(scope),
            Val::Static(inner) | Val::ClassMethod(inner) => match self.values.get(inner) {
                Val::Function(scope) => Some(scope),
                _ => None,
            },
            _ => None,
        }
    }

    /// Remembers that a value is stored under an attribute's name.
    fn stored_under(&mut self, name: Sym, set: SetId) {
        if self.records.is_none() {
            return;
        }
        let list = self.values.list(set);
        let open = list.iter().any(|v| {
            matches!(
                v,
                Val::Unknown(_)
                    | Val::ExternalResult(_)
                    | Val::Instance(_)
                    | Val::InstanceOrSub(_)
                    | Val::Likely(_)
                    | Val::Partial(_)
            )
        });
        let scopes: Vec<ScopeId> = list.into_iter().filter_map(|v| self.callable_scope(v)).collect();
        let entry = self.stored.entry(name).or_insert_with(|| Some(BTreeSet::new()));
        if open {
            *entry = None;
        } else if let Some(known) = entry {
            known.extend(scopes);
        }
    }

    /// The name of the built-in type of a container.
    pub(crate) fn container_type(&self, alloc: AllocId) -> crate::model::component::Name {
        self.name_of(self.alloc_types[alloc as usize])
    }

    /// What a container holds, without becoming a reader.
    pub(crate) fn container_contents(&self, alloc: AllocId) -> Vec<Val> {
        let mut contents = self.values.list(self.heap.peek(Cell::Element(alloc)));
        for key in self.heap.keys.get(&alloc).into_iter().flatten() {
            contents.extend(self.values.list(self.heap.peek(Cell::Key(alloc, *key))));
        }
        contents.retain(|v| !matches!(v, Val::Container(_)));
        contents
    }

    /// Modules with the modules of the repository that they import everything from.
    pub(crate) fn star_imports(&self) -> Vec<(ModuleId, ModuleId)> {
        let mut pairs: Vec<(ModuleId, ModuleId)> = self
            .stars
            .iter()
            .flat_map(|(to, from)| from.iter().filter_map(|f| f.ok()).map(|f| (*to, f)))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    fn name_of(&self, sym: Sym) -> crate::model::component::Name {
        self.program.names.text(sym).clone()
    }

    /// Every function, class or container element that a set can show, joined; nothing where it is empty.
    fn join_all(&mut self, sets: impl IntoIterator<Item = SetId>) -> SetId {
        let mut joined = EMPTY;
        for set in sets {
            joined = self.values.union(joined, set);
        }
        joined
    }
}
