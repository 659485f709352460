//! Attributes that code outside a class sets on its instances, or on the class itself.
//!
//! Where the receiver's class is known, the attribute is that class's ([`Assigned::of_class`]). Where it is not, any
//! class may have an attribute of that name; where the name is computed too (`setattr(thing, name, value)`), any class
//! may have any. Nothing here follows values: it reads what the analysis recorded.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Analysis, is_function};
use crate::analysis::parse::ir::{Op, Passing, Reg, ScopeKind, Sym, Var};
use crate::analysis::points_to::heap::Cell;
use crate::analysis::points_to::values::Val;
use crate::analysis::points_to::{Record, Target};
use crate::analysis::program::{ScopeId, Unit};
use crate::model::component::Name;

/// What is set from outside.
#[derive(Default)]
pub(super) struct Assigned {
    of_class: FxHashMap<ScopeId, BTreeSet<Name>>,
    /// Classes that are given attributes under computed names.
    pub(super) open: FxHashSet<ScopeId>,
    /// Names under which something is set on a value of unknown class, sorted.
    pub(super) on_anything: BTreeSet<Name>,
    /// Whether a computed name is set on a value of unknown class.
    pub(super) anything: bool,
}

impl Assigned {
    /// Names that code anywhere is known to set on a class or its instances, sorted.
    pub(super) fn of_class(&self, class: ScopeId) -> impl Iterator<Item = &Name> {
        self.of_class.get(&class).into_iter().flatten()
    }
}

/// Which attributes are set from outside their class.
pub(super) fn assigned(analysis: &Analysis<'_>, records: &[Record]) -> Assigned {
    let mut collector = Collector {
        analysis,
        found: Assigned::default(),
    };
    collector.fields();
    for record in records {
        collector.record(record);
    }
    for scope in 0..analysis.engine.program.scope_count() {
        collector.operations(scope);
    }
    collector.found
}

/// A name as it is given to `setattr` and its like: literal, or computed.
type Given = Option<Sym>;

struct Collector<'a> {
    analysis: &'a Analysis<'a>,
    found: Assigned,
}

impl Collector<'_> {
    fn fields(&mut self) {
        let mut fields: Vec<(&Sym, &Vec<ScopeId>)> = self.analysis.engine.heap.field_classes.iter().collect();
        fields.sort();
        for (&name, classes) in fields {
            for &class in classes {
                self.set_on_class(class, Some(name));
            }
        }
    }

    /// What the analysis could not tell the receiver of, and built-ins that set attributes by name.
    fn record(&mut self, record: &Record) {
        let unit = self.analysis.engine.program.unit_of(record.scope);
        let names = &self.analysis.engine.program.names;
        match (&unit.ir.ops[record.op as usize], &record.target) {
            (&Op::StoreAttribute(object, name, value), Target::Open(..)) => {
                // Whatever an instance is given of the class's own attributes is not new.
                if self.is_own_dict(unit, record.scope, value) {
                    return;
                }
                // What a class sets on what it makes is found with the assignments below.
                if !self.is_new_instance(unit, record.scope, object) {
                    self.set_on_anything(Some(name));
                }
            }
            (&Op::Call { start, len, .. }, target) => {
                let sets = match target {
                    Target::Builtin(function) => &**names.text(*function) == "setattr",
                    Target::BuiltinMethod(_, method) => &**names.text(*method) == "__setattr__",
                    _ => false,
                };
                if !sets {
                    return;
                }
                let plain: Vec<Reg> = unit
                    .ir
                    .call_args(start, len)
                    .iter()
                    .filter(|a| a.passing == Passing::Positional)
                    .map(|a| a.value)
                    .collect();
                match *plain {
                    [object, name, _] => self.set(unit, record.scope, object, literal(unit, name)),
                    // `super().__setattr__(name, value)` is the class's own affair, which is open then.
                    [_, _] => {}
                    _ => self.set_on_anything(None),
                }
            }
            _ => {}
        }
    }

    /// Assignments to attributes of classes and of other objects' `__dict__`.
    fn operations(&mut self, scope: ScopeId) {
        let unit = self.analysis.engine.program.unit_of(scope);
        let names = &self.analysis.engine.program.names;
        let dict_of = |reg: Reg| match unit.ir.ops.get(reg as usize) {
            Some(&Op::Attribute(object, name)) if &**names.text(name) == "__dict__" => Some(object),
            _ => None,
        };
        for op in self.analysis.engine.program.scope(scope).ops.clone() {
            match unit.ir.ops[op as usize] {
                Op::StoreAttribute(object, name, _) => {
                    let is_dict = &**names.text(name) == "__dict__";
                    if let Some(class) = self.analysis.engine.program.parent(scope)
                        && self.is_new_instance(unit, scope, object)
                    {
                        self.set_on_class(class, Some(name));
                    }
                    let values = self.receivers(unit, scope, object).unwrap_or_default();
                    for value in values {
                        if let Val::Class(class) | Val::Instance(class) | Val::InstanceOrSub(class) = value {
                            self.set_on_class(class, (!is_dict).then_some(name));
                        }
                    }
                }
                Op::StoreIndex(dict, key, _) => {
                    if let Some(object) = dict_of(dict) {
                        self.set(unit, scope, object, literal(unit, key));
                    }
                }
                Op::Attribute(dict, name) if matches!(&**names.text(name), "update" | "setdefault") => {
                    if let Some(object) = dict_of(dict) {
                        self.set(unit, scope, object, None);
                    }
                }
                _ => {}
            }
        }
    }

    fn set(&mut self, unit: &Unit, scope: ScopeId, object: Reg, name: Given) {
        if self.is_own_receiver(unit, scope, object) || self.is_new_instance(unit, scope, object) {
            // The class itself is open then, which its own facts say.
            return;
        }
        let Some(values) = self.receivers(unit, scope, object) else {
            return self.set_on_anything(name);
        };
        for value in values {
            match value {
                Val::Class(class) | Val::Instance(class) | Val::InstanceOrSub(class) => {
                    self.set_on_class(class, name);
                }
                Val::Module(_) | Val::Function(_) | Val::Builtin(_) | Val::External(_) => {}
                _ => self.set_on_anything(name),
            }
        }
    }

    fn set_on_class(&mut self, class: ScopeId, name: Given) {
        match name {
            Some(name) => {
                let name = self.analysis.engine.program.names.text(name).clone();
                if &*name == "__dict__" {
                    self.found.open.insert(class);
                } else {
                    self.found.of_class.entry(class).or_default().insert(name);
                }
            }
            None => {
                self.found.open.insert(class);
            }
        }
    }

    fn set_on_anything(&mut self, name: Given) {
        match name.map(|n| self.analysis.engine.program.names.text(n).clone()) {
            Some(name) if &*name != "__dict__" => {
                self.found.on_anything.insert(name);
            }
            _ => self.found.anything = true,
        }
    }

    /// Whether an operand is the first parameter of a method.
    fn is_own_receiver(&self, unit: &Unit, scope: ScopeId, object: Reg) -> bool {
        let this = self.analysis.engine.program.scope(scope);
        let in_class = this
            .parent
            .is_some_and(|p| unit.ir.scopes[p as usize].kind == ScopeKind::Class);
        in_class && !this.params.is_empty() && matches!(unit.ir.ops.get(object as usize), Some(Op::Load(Var::Local(0))))
    }

    /// Whether an operand is a local that only ever holds what `….__new__(…)` gave, in a method.
    fn is_new_instance(&self, unit: &Unit, scope: ScopeId, object: Reg) -> bool {
        let this = self.analysis.engine.program.scope(scope);
        let names = &self.analysis.engine.program.names;
        let Some(&Op::Load(Var::Local(slot))) = unit.ir.ops.get(object as usize) else {
            return false;
        };
        let in_class = this
            .parent
            .is_some_and(|p| unit.ir.scopes[p as usize].kind == ScopeKind::Class);
        let makes = |value: Reg| match unit.ir.ops.get(value as usize) {
            Some(&Op::Call { function, .. }) => matches!(
                unit.ir.ops.get(function as usize),
                Some(&Op::Attribute(_, name)) if &**names.text(name) == "__new__"
            ),
            _ => false,
        };
        let mut stores = this.ops.clone().filter_map(|op| match unit.ir.ops[op as usize] {
            Op::Store(Var::Local(to), value) if to == slot => Some(makes(value)),
            _ => None,
        });
        in_class && stores.next() == Some(true) && stores.all(|made| made)
    }

    /// Whether an operand is `self.__dict__` in a method, or a copy of it.
    fn is_own_dict(&self, unit: &Unit, scope: ScopeId, value: Reg) -> bool {
        let names = &self.analysis.engine.program.names;
        let mut value = value;
        if let Some(&Op::Call { function, len: 0, .. }) = unit.ir.ops.get(value as usize)
            && let Some(&Op::Attribute(copied, name)) = unit.ir.ops.get(function as usize)
            && &**names.text(name) == "copy"
        {
            value = copied;
        }
        matches!(
            unit.ir.ops.get(value as usize),
            Some(&Op::Attribute(object, name))
                if &**names.text(name) == "__dict__" && self.is_own_receiver(unit, scope, object)
        )
    }

    /// What an operand may be, where it is a parameter that the repository passes something for, or a module variable.
    fn receivers(&self, unit: &Unit, scope: ScopeId, object: Reg) -> Option<Vec<Val>> {
        let engine = self.analysis.engine;
        let cell = match unit.ir.ops.get(object as usize)? {
            Op::Load(Var::Local(slot)) => {
                let this = engine.program.scope(scope);
                match this.kind {
                    kind if is_function(kind) && (*slot as usize) < this.params.len() => Cell::Parameter(scope, *slot),
                    ScopeKind::Module => Cell::Variable(scope, *slot),
                    _ => return None,
                }
            }
            Op::Load(Var::Global(name)) => {
                let module = unit.first_scope;
                Cell::Variable(module, *engine.program.scope(module).bound.get(name)?)
            }
            _ => return None,
        };
        let values = engine.values.list(engine.heap.peek(cell));
        (!values.is_empty()).then_some(values)
    }
}

fn literal(unit: &Unit, reg: Reg) -> Given {
    match unit.ir.ops.get(reg as usize) {
        Some(Op::Str(name)) => Some(*name),
        _ => None,
    }
}
