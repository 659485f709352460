//! Annotations: the instances that a type stands for.

use super::heap::Cell;
use super::values::{EMPTY, SetId, Val};
use super::{Engine, builtin};
use crate::analysis::parse::ir::Sym;
use crate::model::call_graph::OpenReason;

/// Types that one annotation consists of at most.
const MOST_PARTS: u32 = 64;

impl Engine {
    /// Instances of the types in a set, as annotations, `except` and `case` mean them.
    pub(super) fn instances_of(&mut self, types: SetId) -> SetId {
        let mut result = EMPTY;
        let mut open = self.values.list(types);
        let mut hops = 0;
        while let Some(value) = open.pop() {
            hops += 1;
            if hops > MOST_PARTS {
                return self.unknown(OpenReason::TooMany);
            }
            let set = match value {
                Val::Class(class) => self.single(Val::InstanceOrSub(class)),
                Val::BuiltinObject(name) if builtin::BUILTINS.is_type(&self.name_of(name)) => {
                    self.builtin_instance(name)
                }
                Val::Builtin(name) if name == self.known.none => self.single(value),
                Val::External(path) => self.single(Val::ExternalResult(path)),
                Val::Container(alloc) => {
                    let elements = self.container_values(alloc);
                    open.extend(self.values.list(elements));
                    EMPTY
                }
                Val::Str(text) => {
                    let named = self.resolve_text(text);
                    open.extend(
                        self.values
                            .list(named)
                            .into_iter()
                            .filter(|v| !matches!(v, Val::Str(_))),
                    );
                    EMPTY
                }
                Val::Generic(alloc) => self.instances_of_generic(alloc, &mut open),
                _ => EMPTY,
            };
            result = self.union(result, set);
        }
        result
    }

    fn instances_of_generic(&mut self, alloc: u32, open: &mut Vec<Val>) -> SetId {
        let arguments = self.read(Cell::Element(alloc));
        match self.generic_origin(alloc) {
            Some(Val::External(path)) => {
                let text = self.name_of(path);
                match text.rsplit('.').next().unwrap_or("") {
                    "Optional" | "Union" | "Annotated" | "ClassVar" | "Final" | "Required" | "NotRequired" => {
                        let mut list = self.values.list(arguments);
                        if let [Val::Container(tuple)] = list.as_slice() {
                            let elements = self.container_values(*tuple);
                            list = self.values.list(elements);
                        }
                        open.extend(list);
                        EMPTY
                    }
                    "Type" => arguments,
                    _ => self.single(Val::ExternalResult(path)),
                }
            }
            Some(Val::BuiltinObject(name)) if &*self.name_of(name) == "type" => arguments,
            Some(Val::BuiltinObject(name)) => self.builtin_instance(name),
            Some(Val::Class(class)) => self.single(Val::InstanceOrSub(class)),
            _ => EMPTY,
        }
    }

    /// The value of an annotation in quotes, where it is a dotted name.
    fn resolve_text(&mut self, text: Sym) -> SetId {
        let text = self.name_of(text);
        let mut parts = text.split('.').map(str::trim);
        let Some(first) = parts.next() else {
            return EMPTY;
        };
        let is_name = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !text.split('.').all(|p| is_name(p.trim())) {
            return EMPTY;
        }
        let first = self.program.names.sym(first);
        let mut set = self.load_global(first);
        for part in parts {
            let part = self.program.names.sym(part);
            set = self.attribute(set, part);
        }
        set
    }
}
