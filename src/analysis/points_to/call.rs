//! Calls: what calling a value does, where arguments go, what comes back.

use super::class::Ancestor;
use super::heap::{Cell, Key};
use super::values::{EMPTY, SetId, Val, ValId};
use super::{Engine, How, Target, builtin};
use crate::analysis::parse::ir::{Passing, Sym};
use crate::analysis::program::ScopeId;
use crate::model::call_graph::{EdgeKind, OpenReason, Reach};
use crate::model::component::ParameterKind;

/// Overrides past which a call through the base class is a call of that class's method to a reader, and each override
/// only one of very many.
const WIDE: usize = 6;

/// Functions past which a table of them is long.
const LONG: usize = 6;

/// Steps through `__call__`, partials and the like at most.
const MOST_HOPS: u32 = 6;

/// Calls within one call at most, as where a descriptor is itself computed by one.
const MOST_NESTED: u32 = 16;

/// Arguments of a call, as sets of values.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    pub(super) positional: Vec<SetId>,
    pub(super) keywords: Vec<(Sym, SetId)>,
    /// Elements of `*args`, after the positional ones.
    pub(super) starred: Option<SetId>,
    /// Values of `**kwargs`.
    pub(super) double_starred: Option<SetId>,
    /// What the method is called on, where the call says so.
    pub(super) receiver: SetId,
}

impl Arguments {
    pub(super) fn positional(values: &[SetId]) -> Self {
        Self {
            positional: values.to_vec(),
            ..Self::default()
        }
    }

    fn with_first(&self, first: SetId) -> Self {
        let mut args = self.clone();
        args.positional.insert(0, first);
        args
    }

    fn all(&self) -> impl Iterator<Item = SetId> + '_ {
        self.positional
            .iter()
            .copied()
            .chain(self.keywords.iter().map(|(_, s)| *s))
            .chain(self.starred)
            .chain(self.double_starred)
    }
}

impl Engine {
    pub(super) fn arguments(&mut self, list: &[(Passing, SetId)]) -> Arguments {
        let mut args = Arguments::default();
        for &(passing, set) in list {
            match passing {
                Passing::Positional if args.starred.is_none() => args.positional.push(set),
                Passing::Positional => args.starred = Some(self.union(args.starred.unwrap_or(EMPTY), set)),
                Passing::Keyword(name) => args.keywords.push((name, set)),
                Passing::Starred => self.add_starred(&mut args, set),
                Passing::DoubleStarred => self.add_double_starred(&mut args, set),
            }
        }
        args
    }

    fn add_starred(&mut self, args: &mut Arguments, set: SetId) {
        // A tuple or list whose elements are known by position is as good as arguments written out. Those of a `*args`
        // parameter are known as far as the repository calls it; code outside may pass anything at each place.
        if let [only] = self.values.list(set).as_slice()
            && let Val::Container(alloc) = *only
            && args.starred.is_none()
        {
            let rest = self.read(Cell::Element(alloc));
            let others = self.unknown(OpenReason::Parameter);
            let mut keys = self.heap.keys.get(&alloc).cloned().unwrap_or_default();
            keys.sort_unstable();
            let dense = keys
                .iter()
                .enumerate()
                .all(|(i, k)| *k == Key::Int(i32::try_from(i).unwrap_or(i32::MAX)));
            if dense && !keys.is_empty() && (rest == EMPTY || rest == others) {
                for key in keys {
                    let element = self.read(Cell::Key(alloc, key));
                    let element = self.union(element, rest);
                    args.positional.push(element);
                }
                args.starred = (rest != EMPTY).then_some(rest);
                return;
            }
        }
        let elements = self.iterate(set, false);
        args.starred = Some(self.union(args.starred.unwrap_or(EMPTY), elements));
    }

    fn add_double_starred(&mut self, args: &mut Arguments, set: SetId) {
        let mut rest = EMPTY;
        for value in self.values.list(set) {
            match value {
                Val::Container(alloc) => {
                    for key in self.heap.keys.get(&alloc).cloned().unwrap_or_default() {
                        if let Key::Str(name) = key {
                            let element = self.read(Cell::Key(alloc, key));
                            args.keywords.push((name, element));
                        }
                    }
                    let element = self.read(Cell::Element(alloc));
                    rest = self.union(rest, element);
                }
                _ => {
                    let unknown = self.unknown(OpenReason::ContainerElement);
                    rest = self.union(rest, unknown);
                }
            }
        }
        args.double_starred = Some(self.union(args.double_starred.unwrap_or(EMPTY), rest));
    }

    /// Calls every value of a set.
    pub(super) fn call(&mut self, function: SetId, args: &Arguments, kind: EdgeKind) -> SetId {
        if self.depth > MOST_NESTED {
            return self.unknown(OpenReason::TooMany);
        }
        self.depth += 1;
        let mut result = EMPTY;
        let functions = self.values.list(function);
        // Arguments whose places are not known would reach every parameter of every function in a table.
        let loosened;
        let args = if args.starred.is_some() && functions.len() > LONG {
            let unknown = self.unknown(OpenReason::ContainerElement);
            loosened = Arguments {
                starred: Some(unknown),
                double_starred: args.double_starred.map(|_| unknown),
                ..args.clone()
            };
            &loosened
        } else {
            args
        };
        for value in functions {
            let set = self.call_value(value, args, kind, 0);
            result = self.union(result, set);
        }
        self.depth -= 1;
        result
    }

    /// Calls what the language calls by itself.
    pub(super) fn call_implicitly(&mut self, function: SetId, args: &[SetId], kind: EdgeKind) -> SetId {
        if function == EMPTY {
            return EMPTY;
        }
        let args = Arguments::positional(args);
        self.call(function, &args, kind)
    }

    fn call_value(&mut self, value: Val, args: &Arguments, kind: EdgeKind, hops: u32) -> SetId {
        if hops > MOST_HOPS {
            return self.unknown(OpenReason::TooMany);
        }
        match value {
            Val::Unknown(reason) => {
                let asked = self
                    .asked
                    .filter(|_| reason == OpenReason::UnknownReceiver && self.depth == 1);
                self.record_open(kind, reason, |e| match asked {
                    Some(name) => Reach::Attribute(e.name_of(name)),
                    None => Reach::AnyValue,
                });
                self.unknown(reason)
            }
            Val::Function(scope) => self.call_function(scope, args, kind),
            Val::Bound(scope, receiver) => self.call_bound(scope, receiver, args, kind),
            Val::Dispatch(class, name, likely) => self.call_overrides((class, name, likely), args, kind),
            Val::Class(class) => self.construct(class, args, kind, How::Known),
            Val::ClassOrSub(class) => self.construct_below(class, args, kind),
            Val::Instance(class) | Val::InstanceOrSub(class) | Val::Likely(class) => {
                let found = self.find_attribute(class, self.known.call);
                let bound = self.bind_plain(found.set, value);
                let mut result = EMPTY;
                for function in self.values.list(bound) {
                    let set = self.call_value(function, args, kind, hops + 1);
                    result = self.union(result, set);
                }
                if found.set == EMPTY {
                    if let (Some(Ancestor::External(path)), Some(&decorated)) =
                        (found.external, args.positional.first())
                        && builtin::decorates_as_context(&self.name_of(path))
                    {
                        return self.within(value, decorated);
                    }
                    if let Some(Ancestor::External(path)) = found.external {
                        self.record(kind, Target::External(path));
                        return self.single(Val::ExternalResult(path));
                    }
                    self.record_open(kind, OpenReason::UnknownReceiver, |_| Reach::AnyValue);
                }
                result
            }
            Val::External(path) | Val::ExternalResult(path) => self.call_external(value, path, args, kind),
            Val::BuiltinObject(name) => self.call_builtin(name, args, kind),
            Val::BuiltinMethod(class, name, receiver) => self.call_builtin_method((class, name, receiver), args, kind),
            Val::Static(inner) | Val::ClassMethod(inner) => {
                let inner = self.values.get(inner);
                self.call_value(inner, args, kind, hops + 1)
            }
            Val::Partial(alloc) => self.call_partial(alloc, args, kind, hops),
            Val::TupleType(alloc) => self.make_named_tuple(alloc, args),
            Val::Generic(alloc) => match self.generic_origin(alloc) {
                // `NewType("N", int)(value)`.
                Some(Val::External(_))
                    if args.positional.len() == 1 && args.keywords.is_empty() && self.is_type_form(alloc) =>
                {
                    args.positional[0]
                }
                Some(origin) => self.call_value(origin, args, kind, hops + 1),
                None => self.unknown(OpenReason::Dynamic),
            },
            Val::Builtin(_)
            | Val::Posing
            | Val::Str(_)
            | Val::Prefix(_)
            | Val::Int(_)
            | Val::Module(_)
            | Val::Container(_)
            | Val::Super(..)
            | Val::Property(_)
            | Val::Generator(_)
            | Val::Coroutine(_) => EMPTY,
        }
    }

    /// Calls the methods of one name of all classes below one.
    fn call_overrides(
        &mut self,
        (class, name, likely): (ScopeId, Sym, bool),
        args: &Arguments,
        kind: EdgeKind,
    ) -> SetId {
        let below = self.below(class, name);
        let is_wide = below.len() > WIDE;
        let gives_back = |this: &Self, sub: &ScopeId| {
            let set = this.heap.peek(Cell::ClassAttribute(*sub, name));
            this.values.set(set).iter().any(|&v| match this.values.get(v) {
                Val::Function(scope) => this.identities.contains_key(&scope),
                _ => false,
            })
        };
        // Where something is given back, each call has its own.
        if is_wide && self.records.is_none() && !below.iter().any(|sub| gives_back(self, sub)) {
            return self.call_group(Val::Dispatch(class, name, likely), args);
        }
        let outer = std::mem::replace(&mut self.wide, is_wide && !self.on_self);
        let result = self.call_each_override((class, name, likely), args, kind);
        self.wide = outer;
        result
    }

    pub(super) fn call_each_override(
        &mut self,
        (class, name, likely): (ScopeId, Sym, bool),
        args: &Arguments,
        kind: EdgeKind,
    ) -> SetId {
        let mut result = EMPTY;
        for &sub in self.below(class, name).iter() {
            let set = self.read(Cell::ClassAttribute(sub, name));
            for value in self.values.list(set) {
                if let Val::Function(scope) = value {
                    let receiver = if likely {
                        Val::Likely(sub)
                    } else {
                        Val::InstanceOrSub(sub)
                    };
                    let receiver = self.values.val(receiver);
                    let set = self.call_bound(scope, receiver, args, kind);
                    result = self.union(result, set);
                }
            }
        }
        result
    }

    fn is_type_form(&self, alloc: u32) -> bool {
        match self.generic_origin(alloc) {
            Some(Val::External(path)) => builtin::external(&self.name_of(path)) == Some(builtin::External::TypeForm),
            _ => false,
        }
    }

    fn call_bound(&mut self, scope: ScopeId, receiver: ValId, args: &Arguments, kind: EdgeKind) -> SetId {
        // A method knows its own `self`: EMPTY adds nothing to it. The class of a class method is followed.
        let receiver = self.values.get(receiver);
        let first = match receiver {
            Val::InstanceOrSub(class) | Val::Likely(class) | Val::ClassOrSub(class)
                if self.program.parent(scope) == Some(class) =>
            {
                EMPTY
            }
            other => self.single(other),
        };
        let how = match receiver {
            Val::Likely(_) => How::Guessed,
            _ if self.wide => How::Wide,
            _ => How::Known,
        };
        self.record_as(kind, Target::Function(scope), how);
        self.enter_function(scope, &args.with_first(first), Some(receiver))
    }

    /// A function that runs within a context: what `ContextDecorator` makes of it.
    fn within(&mut self, manager: Val, function: SetId) -> SetId {
        let alloc = self.alloc(900_006, self.known.none);
        let manager = self.single(manager);
        self.write(Cell::Element(alloc), function);
        self.write(Cell::Keys(alloc), manager);
        self.single(Val::Partial(alloc))
    }

    fn call_partial(&mut self, alloc: u32, args: &Arguments, kind: EdgeKind, hops: u32) -> SetId {
        let function = self.read(Cell::Element(alloc));
        let managers = self.read(Cell::Keys(alloc));
        if managers != EMPTY {
            self.enter(managers, false);
        }
        let mut bound = Arguments::default();
        let mut keys = self.heap.keys.get(&alloc).cloned().unwrap_or_default();
        keys.sort_unstable();
        for key in keys {
            let set = self.read(Cell::Key(alloc, key));
            match key {
                Key::Int(_) => bound.positional.push(set),
                Key::Str(name) => bound.keywords.push((name, set)),
            }
        }
        bound.positional.extend_from_slice(&args.positional);
        bound.keywords.extend_from_slice(&args.keywords);
        bound.starred = args.starred;
        bound.double_starred = args.double_starred;
        let mut result = EMPTY;
        for value in self.values.list(function) {
            let set = self.call_value(value, &bound, kind, hops + 1);
            result = self.union(result, set);
        }
        result
    }

    /// Makes a `functools.partial` of the first argument and the others.
    pub(super) fn make_partial(&mut self, args: &Arguments) -> SetId {
        let Some((&function, rest)) = args.positional.split_first() else {
            return EMPTY;
        };
        let alloc = self.alloc(0, self.known.none);
        self.write(Cell::Element(alloc), function);
        for (i, &set) in rest.iter().enumerate() {
            self.write(Cell::Key(alloc, Key::Int(i32::try_from(i).unwrap_or(i32::MAX))), set);
        }
        for &(name, set) in &args.keywords {
            self.write(Cell::Key(alloc, Key::Str(name)), set);
        }
        self.single(Val::Partial(alloc))
    }

    pub(super) fn call_function(&mut self, scope: ScopeId, args: &Arguments, kind: EdgeKind) -> SetId {
        let how = if self.wide { How::Wide } else { How::Known };
        self.record_as(kind, Target::Function(scope), how);
        self.enter_function(scope, args, None)
    }

    /// Passes arguments to a function; what it gives back.
    fn enter_function(&mut self, scope: ScopeId, args: &Arguments, receiver: Option<Val>) -> SetId {
        self.pass(scope, args);
        let (is_generator, is_async) = {
            let scope = self.program.scope(scope);
            (scope.is_generator, scope.is_async)
        };
        if is_generator {
            self.single(Val::Generator(scope))
        } else if is_async {
            self.single(Val::Coroutine(scope))
        } else {
            let passed_back = self.passed_back(scope, args, receiver);
            let returned = self.returned(scope, passed_back != EMPTY);
            self.union(returned, passed_back)
        }
    }

    /// What a function returns; where that is not all known, what its annotation says besides.
    fn returned(&mut self, scope: ScopeId, passes_back: bool) -> SetId {
        let returned = self.read(Cell::Return(scope));
        let open = returned == EMPTY && !passes_back
            || self
                .values
                .set(returned)
                .iter()
                .any(|&v| matches!(self.values.get(v), Val::Unknown(_)));
        let typed = if open {
            self.read(Cell::ReturnType(scope))
        } else {
            EMPTY
        };
        self.as_declared(returned, typed)
    }

    /// Puts arguments into the parameters' cells.
    fn pass(&mut self, scope: ScopeId, args: &Arguments) {
        self.is_called[scope as usize] = true;
        let mut position = 0;
        for i in 0..self.program.scope(scope).params.len() {
            let parameter = &self.program.scope(scope).params[i];
            let (name, kind) = (parameter.name, parameter.kind);
            let index = u32::try_from(i).expect("files are far below 2^32 parameters");
            match kind {
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword => {
                    let by_place = args.positional.get(position).copied();
                    position += 1;
                    let set = match by_place {
                        Some(given) => given,
                        None => {
                            let starred = args.starred.unwrap_or(EMPTY);
                            let named = kind == ParameterKind::PositionalOrKeyword;
                            self.keyword_or_default(scope, index, args, named.then_some(name), starred)
                        }
                    };
                    self.write(Cell::Parameter(scope, index), set);
                }
                ParameterKind::KeywordOnly => {
                    let set = self.keyword_or_default(scope, index, args, Some(name), EMPTY);
                    self.write(Cell::Parameter(scope, index), set);
                }
                ParameterKind::VarPositional => {
                    let alloc = self.parameter_alloc(scope, index, self.known.tuple);
                    let rest = args.positional.get(position..).unwrap_or_default().to_vec();
                    for (n, set) in rest.into_iter().enumerate() {
                        self.write(Cell::Key(alloc, Key::Int(i32::try_from(n).unwrap_or(i32::MAX))), set);
                    }
                    if let Some(starred) = args.starred {
                        self.write(Cell::Element(alloc), starred);
                    }
                }
                ParameterKind::VarKeyword => {
                    let alloc = self.parameter_alloc(scope, index, self.known.dict);
                    for &(keyword, set) in &args.keywords {
                        let params = &self.program.scope(scope).params;
                        if !params
                            .iter()
                            .any(|p| p.name == keyword && p.kind != ParameterKind::PositionalOnly)
                        {
                            self.write(Cell::Key(alloc, Key::Str(keyword)), set);
                        }
                    }
                    if let Some(set) = args.double_starred {
                        self.write(Cell::Element(alloc), set);
                    }
                }
            }
        }
    }

    /// What is given by name, or might be; where nothing certainly is, the default may stand in.
    fn keyword_or_default(
        &mut self,
        scope: ScopeId,
        index: u32,
        args: &Arguments,
        name: Option<Sym>,
        starred: SetId,
    ) -> SetId {
        if let Some(&(_, given)) = args.keywords.iter().find(|(n, _)| Some(*n) == name) {
            return given;
        }
        let default = self.read(Cell::Default(scope, index));
        let double_starred = name.and(args.double_starred).unwrap_or(EMPTY);
        self.join_all([starred, double_starred, default])
    }

    /// The tuple or dict that a `*args` or `**kwargs` parameter holds.
    pub(super) fn parameter_alloc(&mut self, scope: ScopeId, index: u32, kind: Sym) -> u32 {
        let module = self.program.module_of[scope as usize];
        // Above the numbers of operations: scope and parameter name the place.
        self.alloc_at((module, scope, index + 1_000_000), kind)
    }

    /// Makes an instance of a class or of any of its subclasses.
    fn construct_below(&mut self, class: ScopeId, args: &Arguments, kind: EdgeKind) -> SetId {
        self.construct(class, args, kind, How::Below);
        let makers = self.makers_below(class);
        let is_wide = makers.len() > WIDE;
        if is_wide && self.records.is_none() {
            self.call_group(Val::ClassOrSub(class), args);
        } else {
            let outer = std::mem::replace(&mut self.wide, is_wide);
            let how = if is_wide { How::Wide } else { How::Below };
            for maker in makers {
                self.construct(maker, args, kind, how);
            }
            self.wide = outer;
        }
        self.single(Val::InstanceOrSub(class))
    }

    /// The classes below one that have a constructor of their own.
    pub(super) fn makers_below(&mut self, class: ScopeId) -> Vec<ScopeId> {
        let mut makers: Vec<ScopeId> = self.below(class, self.known.init).to_vec();
        makers.extend(self.below(class, self.known.new).iter());
        makers.sort_unstable();
        makers.dedup();
        makers
    }

    pub(super) fn construct(&mut self, class: ScopeId, args: &Arguments, kind: EdgeKind, how: How) -> SetId {
        let kind = if kind == EdgeKind::Call {
            EdgeKind::Constructor
        } else {
            kind
        };
        if let Some(meta) = self.metaclass(class) {
            let found = self.find_attribute(meta, self.known.call);
            if found.set != EMPTY {
                let bound = self.bind_plain(found.set, Val::Class(class));
                self.call(bound, args, kind);
            }
        }
        self.record_as(kind, Target::Class(class), how);
        let instance = Val::Instance(class);
        let new = self.find_attribute(class, self.known.new);
        if new.set != EMPTY {
            let first = self.single(Val::Class(class));
            self.call(new.set, &args.with_first(first), kind);
        }
        let init = self.find_attribute(class, self.known.init);
        if init.set != EMPTY {
            let bound = self.bind_plain(init.set, instance);
            self.call(bound, args, kind);
        } else {
            if let Some(Ancestor::External(path)) = init.external {
                let path = format!("{}.__init__", self.name_of(path));
                let path = self.program.names.sym(&path);
                self.record(kind, Target::External(path));
            }
            self.fill_record(class, args);
        }
        self.single(instance)
    }

    fn call_external(&mut self, value: Val, path: Sym, args: &Arguments, kind: EdgeKind) -> SetId {
        self.record(kind, Target::External(path));
        let text = self.name_of(path);
        let first = args.positional.first().copied();
        match (builtin::external(&text), value) {
            (Some(builtin::External::Partial), Val::External(_)) => return self.make_partial(args),
            (Some(builtin::External::Same), Val::External(_)) => {
                // `decorator(f)` gives f; `decorator(option=…)` gives a decorator that does.
                if let Some(first) = first
                    && self
                        .values
                        .list(first)
                        .iter()
                        .any(|v| matches!(v, Val::Function(_) | Val::Class(_) | Val::ClassOrSub(_)))
                {
                    return first;
                }
            }
            (Some(builtin::External::Same | builtin::External::SameWhenCalled), Val::ExternalResult(_)) => {
                if let Some(first) = first {
                    return first;
                }
            }
            (Some(builtin::External::Property), Val::External(_)) => {
                if let Some(first) = first {
                    return self.make_property(first);
                }
            }
            (Some(builtin::External::Cast), Val::External(_)) => {
                return self.cast(args);
            }
            (Some(builtin::External::TypeForm), Val::External(_)) => return self.type_form(value, args),
            (Some(builtin::External::TupleType), Val::External(_)) => {
                if let Some(made) = self.make_tuple_type(args) {
                    return made;
                }
            }
            (Some(builtin::External::Namespace), Val::External(_)) => return self.make_namespace(args),
            (Some(builtin::External::Import), Val::External(_)) if args.positional.len() < 2 => {
                return self.import_by_name(first.unwrap_or(EMPTY), true);
            }
            _ => {}
        }
        if let Val::External(_) = value
            && let Some(result) = self.call_library(&text, EMPTY, args)
        {
            return result;
        }
        self.hand_out(args);
        self.single(Val::ExternalResult(path))
    }

    /// `typing.cast(T, value)`.
    fn cast(&mut self, args: &Arguments) -> SetId {
        let types = args.positional.first().copied().unwrap_or(EMPTY);
        let value = args.positional.get(1).copied().unwrap_or(EMPTY);
        let declared = self.declared(types);
        if declared == EMPTY || self.has_unknown(declared) {
            return value;
        }
        self.fitting(value, declared)
    }

    /// `TypeVar("T", bound=…)`, `NewType("N", …)`: a form whose arguments are the types it stands for.
    fn type_form(&mut self, form: Val, args: &Arguments) -> SetId {
        let bound = self.program.names.sym("bound");
        let bound = args.keywords.iter().find(|(n, _)| *n == bound).map(|(_, s)| *s);
        let types: Vec<SetId> = args.positional.iter().skip(1).copied().chain(bound).collect();
        let types = self.join_all(types);
        self.generic(form, types)
    }

    /// Values given to code outside may be called from there.
    pub(super) fn hand_out(&mut self, args: &Arguments) {
        if self.records.is_none() {
            return;
        }
        let open = args.all().any(|set| {
            self.values.set(set).iter().any(|&v| {
                matches!(
                    self.values.get(v),
                    Val::Function(_)
                        | Val::Class(_)
                        | Val::Instance(_)
                        | Val::InstanceOrSub(_)
                        | Val::Likely(_)
                        | Val::ClassOrSub(_)
                        | Val::Bound(..)
                        | Val::Partial(_)
                        | Val::Container(_)
                        | Val::Generator(_)
                        | Val::Unknown(_)
                )
            })
        });
        let is_handed_self = || {
            let receivers = self.values.set(args.receiver);
            receivers.iter().any(|&v| self.values.get(v).instance_of().is_some())
        };
        if open || is_handed_self() {
            self.record_open(EdgeKind::Implicit, OpenReason::ExternalValue, |_| Reach::Callback);
        }
    }
}
