//! Abstract values and sets of them.
//!
//! A [`Val`] is what an expression may be; a [`SetId`] names a set of them. Sets are interned, so that equal sets are
//! equal numbers and their unions are remembered. A set holds at most [`LIMIT`] values: past that it
//! is one [`Val::Unknown`] that says so.

use rustc_hash::FxHashMap;

use crate::analysis::parse::ir::Sym;
use crate::analysis::program::{ModuleId, ScopeId};
use crate::model::call_graph::OpenReason;

/// Number of an interned value.
pub(crate) type ValId = u32;

/// Number of an interned set of values.
pub(crate) type SetId = u32;

/// The set of nothing.
pub(crate) const EMPTY: SetId = 0;

/// Values of one set at most, besides functions and classes.
const LIMIT: usize = 24;

/// Functions, methods and classes of one set at most.
const LIMIT_OF_CODE: usize = 160;

/// Past this many values, literals are kept as their types, and results from outside as one.
const COARSE: usize = 6;

/// A container or other object made at one place: number of its allocation.
pub(crate) type AllocId = u32;

/// What an expression may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Val {
    /// Anything, for this reason.
    Unknown(OpenReason),
    /// Something that is not of the declared type and poses as it: declarations bind nobody. It adds no edge; it only
    /// keeps calls of methods that have the right names from being excluded.
    Posing,
    /// An instance of a built-in type, by the type's name.
    Builtin(Sym),
    /// A literal string.
    Str(Sym),
    /// A string that begins with this text.
    Prefix(Sym),
    /// A literal integer.
    Int(i32),
    /// A built-in function or type itself.
    BuiltinObject(Sym),
    Function(ScopeId),
    Class(ScopeId),
    Module(ModuleId),
    /// An instance of exactly this class.
    Instance(ScopeId),
    /// An instance of this class or of any of its subclasses.
    InstanceOrSub(ScopeId),
    /// Most likely an instance of this class or of any of its subclasses: nothing shows it but the names of the
    /// attributes it is asked for.
    Likely(ScopeId),
    /// This class or any of its subclasses.
    ClassOrSub(ScopeId),
    /// A function with its first parameter bound.
    Bound(ScopeId, ValId),
    /// Something outside the repository, by dotted import path.
    External(Sym),
    /// What calling something outside the repository gave.
    ExternalResult(Sym),
    /// A method of a built-in type: type, name, receiver.
    BuiltinMethod(Sym, Sym, ValId),
    /// A list, tuple, set, dict or the like made at one place.
    Container(AllocId),
    /// The methods of this name of all subclasses of a class; whether the receiver is only [`Val::Likely`] of it.
    Dispatch(ScopeId, Sym, bool),
    /// `super()` in a class, for a receiver.
    Super(ScopeId, ValId),
    /// A property, by its functions.
    Property(AllocId),
    /// A static method's function.
    Static(ValId),
    /// A class method's function.
    ClassMethod(ValId),
    /// `functools.partial`.
    Partial(AllocId),
    /// What calling a generator function gives.
    Generator(ScopeId),
    /// What calling a coroutine function gives.
    Coroutine(ScopeId),
    /// A type with arguments, as annotations have it: origin and arguments in an allocation.
    Generic(AllocId),
    /// A class that `namedtuple` made, with the names of its fields in an allocation.
    TupleType(AllocId),
}

impl Val {
    /// The class that this is an instance of, itself or through a subclass.
    pub(crate) fn instance_of(self) -> Option<ScopeId> {
        match self {
            Self::Instance(class) | Self::InstanceOrSub(class) | Self::Likely(class) => Some(class),
            _ => None,
        }
    }

    /// The class that this is, itself or a subclass of.
    pub(crate) fn class(self) -> Option<ScopeId> {
        match self {
            Self::Class(class) | Self::ClassOrSub(class) => Some(class),
            _ => None,
        }
    }

    /// Whether this stands for subclasses too.
    pub(crate) fn is_open_below(self) -> bool {
        matches!(self, Self::InstanceOrSub(_) | Self::Likely(_) | Self::ClassOrSub(_))
    }

    /// Functions and classes: tables of them are long and still mean what they say.
    fn is_code(self) -> bool {
        matches!(
            self,
            Self::Function(_) | Self::Class(_) | Self::ClassOrSub(_) | Self::Bound(..) | Self::Dispatch(..)
        )
    }
}

/// Interned values and sets.
pub(crate) struct Values {
    values: Vec<Val>,
    value_ids: FxHashMap<Val, ValId>,
    sets: Vec<Box<[ValId]>>,
    set_ids: FxHashMap<Box<[ValId]>, SetId>,
    unions: FxHashMap<(SetId, SetId), SetId>,
    /// The set of each value alone; the empty set where nobody has asked for it.
    singles: Vec<SetId>,
    /// Names of the built-in types of literals.
    str: Sym,
    int: Sym,
}

impl Values {
    pub(crate) fn new(str: Sym, int: Sym) -> Self {
        let empty: Box<[ValId]> = Box::default();
        Self {
            values: Vec::new(),
            value_ids: FxHashMap::default(),
            sets: vec![empty.clone()],
            set_ids: FxHashMap::from_iter([(empty, EMPTY)]),
            unions: FxHashMap::default(),
            singles: Vec::new(),
            str,
            int,
        }
    }

    pub(crate) fn val(&mut self, val: Val) -> ValId {
        if let Some(&id) = self.value_ids.get(&val) {
            return id;
        }
        let id = ValId::try_from(self.values.len()).expect("the analysis makes far fewer than 2^32 values");
        self.values.push(val);
        self.singles.push(EMPTY);
        self.value_ids.insert(val, id);
        id
    }

    pub(crate) fn get(&self, id: ValId) -> Val {
        self.values[id as usize]
    }

    pub(crate) fn set(&self, id: SetId) -> &[ValId] {
        &self.sets[id as usize]
    }

    /// The values of a set, copied out.
    pub(crate) fn list(&self, id: SetId) -> Vec<Val> {
        self.sets[id as usize]
            .iter()
            .map(|&v| self.values[v as usize])
            .collect()
    }

    pub(crate) fn single(&mut self, val: Val) -> SetId {
        let id = self.val(val);
        let known = self.singles[id as usize];
        if known != EMPTY {
            return known;
        }
        let set = self.intern(vec![id]);
        self.singles[id as usize] = set;
        set
    }

    pub(crate) fn unknown(&mut self, reason: OpenReason) -> SetId {
        self.single(Val::Unknown(reason))
    }

    fn intern(&mut self, mut list: Vec<ValId>) -> SetId {
        list.sort_unstable();
        list.dedup();
        if list.len() > 1 {
            self.coarsen(&mut list);
        }
        let too_many = self.val(Val::Unknown(OpenReason::TooMany));
        if list.len() > 1 && (list.contains(&too_many) || self.is_over_limit(&list)) {
            list = vec![too_many];
        }
        let key = list.into_boxed_slice();
        if let Some(&id) = self.set_ids.get(&key) {
            return id;
        }
        let id = SetId::try_from(self.sets.len()).expect("the analysis makes far fewer than 2^32 sets");
        self.sets.push(key.clone());
        self.set_ids.insert(key, id);
        id
    }

    fn is_over_limit(&self, list: &[ValId]) -> bool {
        if list.len() <= LIMIT {
            return false;
        }
        let code = list.iter().filter(|&&v| self.values[v as usize].is_code()).count();
        code > LIMIT_OF_CODE || list.len() - code > LIMIT
    }

    /// Makes a set smaller without losing what it may be: a type takes in its literals, and a large set keeps types
    /// instead of literals and one unknown instead of many results from outside.
    fn coarsen(&mut self, list: &mut Vec<ValId>) {
        let large = list.len() > COARSE;
        let (str, int) = (Val::Builtin(self.str), Val::Builtin(self.int));
        let external = Val::Unknown(OpenReason::ExternalValue);
        let has = |this: &Self, list: &[ValId], val: Val| this.value_ids.get(&val).is_some_and(|id| list.contains(id));
        let takes_str = large || has(self, list, str);
        let takes_int = large || has(self, list, int);
        let takes_external = large || has(self, list, external);
        let mut changed = false;
        for item in list.iter_mut() {
            let coarse = match self.values[*item as usize] {
                Val::Str(_) | Val::Prefix(_) if takes_str => str,
                Val::Int(_) if takes_int => int,
                Val::ExternalResult(_) if takes_external => external,
                _ => continue,
            };
            *item = self.val(coarse);
            changed = true;
        }
        if changed {
            list.sort_unstable();
            list.dedup();
        }
    }

    pub(crate) fn of(&mut self, list: Vec<Val>) -> SetId {
        let ids = list.into_iter().map(|v| self.val(v)).collect();
        self.intern(ids)
    }

    pub(crate) fn union(&mut self, a: SetId, b: SetId) -> SetId {
        if a == b || b == EMPTY {
            return a;
        }
        if a == EMPTY {
            return b;
        }
        let key = if a < b { (a, b) } else { (b, a) };
        if let Some(&id) = self.unions.get(&key) {
            return id;
        }
        let list: Vec<ValId> = self.sets[a as usize]
            .iter()
            .chain(self.sets[b as usize].iter())
            .copied()
            .collect();
        let id = self.intern(list);
        self.unions.insert(key, id);
        id
    }
}
