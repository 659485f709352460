//! Small Python programs from a grammar: modules with functions and classes whose bodies assign, branch, loop and call.
//! A program is a value, so the same one can be written down under other names.

use std::fmt::{self, Write as _};

use proptest::collection::vec;
use proptest::prelude::*;

const FUNCTIONS: u8 = 2;
const CLASSES: u8 = 2;
const METHODS: u8 = 2;
const FIELDS: u8 = 2;
const LOCALS: u8 = 2;

/// How things are called when a program is written down.
pub(crate) struct Names {
    /// Of each module.
    pub(crate) modules: Vec<String>,
    /// What names of local variables begin with.
    pub(crate) local: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Local(u8),
    /// The first parameter: `self` in a method.
    First,
    Function(u8, u8),
    Class(u8, u8),
    Call(Box<Expr>, Vec<Expr>),
    Method(Box<Expr>, u8, Vec<Expr>),
    Field(Box<Expr>, u8),
    List(Vec<Expr>, u8),
    Dict(Box<Expr>, Box<Expr>, bool),
    Lambda(Box<Expr>),
    Either(Box<Expr>, Box<Expr>),
    Sum(Box<Expr>, Box<Expr>),
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) enum Stmt {
    Assign(u8, Expr),
    SetField(Expr, u8, Expr),
    Do(Expr),
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    For(u8, Vec<Expr>, Vec<Stmt>),
    Narrow(u8, u8, u8, Vec<Stmt>),
    Try(Vec<Stmt>, Vec<Stmt>),
    Nested(u8, Vec<Stmt>),
    Return(Expr),
}

#[derive(Clone, Debug)]
pub(crate) struct Function {
    decorator: Option<(u8, u8)>,
    body: Vec<Stmt>,
}

#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// A class further up in the same module, if there is one.
    derived: bool,
    methods: Vec<(u8, Function)>,
    special: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Module {
    functions: Vec<Function>,
    classes: Vec<Class>,
    body: Vec<Stmt>,
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        3 => (0..LOCALS).prop_map(Expr::Local),
        2 => Just(Expr::First),
        3 => (any::<u8>(), 0..FUNCTIONS).prop_map(|(m, f)| Expr::Function(m, f)),
        2 => (any::<u8>(), 0..CLASSES).prop_map(|(m, c)| Expr::Class(m, c)),
        1 => Just(Expr::Nothing),
    ];
    leaf.prop_recursive(3, 6, 2, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        prop_oneof![
            4 => (one(), vec(inner.clone(), 0..2)).prop_map(|(f, a)| Expr::Call(f, a)),
            4 => (one(), 0..METHODS, vec(inner.clone(), 0..2)).prop_map(|(r, m, a)| Expr::Method(r, m, a)),
            2 => (one(), 0..FIELDS).prop_map(|(r, f)| Expr::Field(r, f)),
            1 => (vec(inner.clone(), 1..3), any::<u8>()).prop_map(|(l, i)| Expr::List(l, i)),
            1 => (one(), one(), any::<bool>()).prop_map(|(a, b, k)| Expr::Dict(a, b, k)),
            1 => one().prop_map(Expr::Lambda),
            1 => (one(), one()).prop_map(|(a, b)| Expr::Either(a, b)),
            1 => (one(), one()).prop_map(|(a, b)| Expr::Sum(a, b)),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<Stmt>> {
    let leaf = prop_oneof![
        4 => (0..LOCALS, expr()).prop_map(|(l, e)| Stmt::Assign(l, e)),
        2 => (expr(), 0..FIELDS, expr()).prop_map(|(r, f, e)| Stmt::SetField(r, f, e)),
        4 => expr().prop_map(Stmt::Do),
        2 => expr().prop_map(Stmt::Return),
    ];
    let stmt = leaf.prop_recursive(2, 5, 2, |inner| {
        let block = || vec(inner.clone(), 1..3);
        prop_oneof![
            (expr(), block(), block()).prop_map(|(c, a, b)| Stmt::If(c, a, b)),
            (0..LOCALS, vec(expr(), 1..3), block()).prop_map(|(l, of, b)| Stmt::For(l, of, b)),
            (0..LOCALS, any::<u8>(), 0..CLASSES, block()).prop_map(|(l, m, c, b)| Stmt::Narrow(l, m, c, b)),
            (block(), block()).prop_map(|(a, b)| Stmt::Try(a, b)),
            (0..LOCALS, block()).prop_map(|(l, b)| Stmt::Nested(l, b)),
        ]
    });
    vec(stmt, 1..4)
}

fn function() -> impl Strategy<Value = Function> {
    let decorator = proptest::option::weighted(0.15, (any::<u8>(), 0..FUNCTIONS));
    (decorator, body()).prop_map(|(decorator, body)| Function { decorator, body })
}

fn class() -> impl Strategy<Value = Class> {
    let special = prop_oneof![
        Just(None),
        Just(Some("__init__")),
        Just(Some("__call__")),
        Just(Some("__getattr__")),
        Just(Some("__add__")),
    ];
    let methods = vec((0..METHODS, function()), 1..3);
    (any::<bool>(), methods, special).prop_map(|(derived, methods, special)| Class {
        derived,
        methods,
        special,
    })
}

fn module() -> impl Strategy<Value = Module> {
    let functions = vec(function(), FUNCTIONS as usize);
    (functions, vec(class(), CLASSES as usize), body()).prop_map(|(functions, classes, body)| Module {
        functions,
        classes,
        body,
    })
}

/// A program; what is shown of it is its text.
#[derive(Clone)]
pub(crate) struct Program(pub(crate) Vec<Module>);

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modules: Vec<String> = (0..self.0.len()).map(|i| format!("m{i}")).collect();
        let names = Names { modules, local: "v" };
        let texts = written(self, self.0.len(), &names);
        for (name, text) in names.modules.iter().zip(texts) {
            write!(f, "\n# file: {name}.py\n{text}")?;
        }
        Ok(())
    }
}

/// Programs of two to four modules.
pub(crate) fn program() -> impl Strategy<Value = Program> {
    vec(module(), 2..5).prop_map(Program)
}

/// Writes modules down: the text of each. A module speaks of the first `known` modules and of itself.
pub(crate) fn written(Program(program): &Program, known: usize, names: &Names) -> Vec<String> {
    let texts = program.iter().enumerate().map(|(own, module)| {
        let others = (0..known.min(program.len())).filter(|&i| i != own).collect();
        let mut writer = Writer {
            names,
            others,
            out: String::new(),
        };
        writer.module(module);
        writer.out
    });
    texts.collect()
}

struct Writer<'a> {
    names: &'a Names,
    others: Vec<usize>,
    out: String,
}

impl Writer<'_> {
    fn module(&mut self, module: &Module) {
        for &other in &self.others {
            _ = writeln!(self.out, "import {}", self.names.modules[other]);
        }
        for (number, function) in module.functions.iter().enumerate() {
            self.function(function, 0, &format!("f{number}"), "p, q=None");
        }
        for (number, class) in module.classes.iter().enumerate() {
            let base = if class.derived && number > 0 { "(C0)" } else { "" };
            _ = writeln!(self.out, "class C{number}{base}:");
            for (name, method) in &class.methods {
                self.function(method, 1, &format!("m{name}"), "p, q=None");
            }
            if let (Some(name), Some((_, method))) = (class.special, class.methods.first()) {
                self.function(method, 1, name, "p, q=None");
            }
        }
        // The module's own variables are no locals: they keep their names.
        self.out.push_str("p = None\ndef run(p, q=None):\n");
        self.block(&module.body, 1);
        self.out.push_str("run(p)\n");
    }

    fn function(&mut self, function: &Function, depth: usize, name: &str, parameters: &str) {
        if let Some((module, decorator)) = function.decorator {
            let decorator = self.global(module, &format!("f{decorator}"));
            // At the top of a module only what is imported is there already.
            if decorator.contains('.') {
                self.line(depth, &format!("@{decorator}"));
            }
        }
        self.line(depth, &format!("def {name}({parameters}):"));
        self.block(&function.body, depth + 1);
    }

    fn block(&mut self, body: &[Stmt], depth: usize) {
        for stmt in body {
            self.stmt(stmt, depth);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, depth: usize) {
        match stmt {
            Stmt::Assign(local, value) => {
                let text = format!("{} = {}", self.local(*local), self.expr(value));
                self.line(depth, &text);
            }
            Stmt::SetField(on, field, value) => {
                let text = format!("({}).a{field} = {}", self.expr(on), self.expr(value));
                self.line(depth, &text);
            }
            Stmt::Do(value) => self.line(depth, &self.expr(value)),
            Stmt::Return(value) => self.line(depth, &format!("return {}", self.expr(value))),
            Stmt::If(test, yes, no) => {
                self.line(depth, &format!("if {}:", self.expr(test)));
                self.block(yes, depth + 1);
                self.line(depth, "else:");
                self.block(no, depth + 1);
            }
            Stmt::For(local, of, body) => {
                let of: Vec<String> = of.iter().map(|e| self.expr(e)).collect();
                self.line(depth, &format!("for {} in [{}]:", self.local(*local), of.join(", ")));
                self.block(body, depth + 1);
            }
            Stmt::Narrow(local, module, class, body) => {
                let class = self.global(*module, &format!("C{class}"));
                self.line(depth, &format!("if isinstance({}, {class}):", self.local(*local)));
                self.block(body, depth + 1);
            }
            Stmt::Try(body, handler) => {
                self.line(depth, "try:");
                self.block(body, depth + 1);
                self.line(depth, "except Exception:");
                self.block(handler, depth + 1);
            }
            Stmt::Nested(local, body) => {
                self.line(depth, &format!("def inner{local}(p, q=None):"));
                self.block(body, depth + 1);
                self.line(depth, &format!("{} = inner{local}", self.local(*local)));
            }
        }
    }

    fn expr(&self, expr: &Expr) -> String {
        let all = |list: &[Expr]| list.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(", ");
        match expr {
            Expr::Local(local) => self.local(*local),
            Expr::First => "p".to_owned(),
            Expr::Function(module, name) => self.global(*module, &format!("f{name}")),
            Expr::Class(module, name) => self.global(*module, &format!("C{name}")),
            Expr::Call(callee, arguments) => format!("({})({})", self.expr(callee), all(arguments)),
            Expr::Method(on, name, arguments) => format!("({}).m{name}({})", self.expr(on), all(arguments)),
            Expr::Field(on, name) => format!("({}).a{name}", self.expr(on)),
            Expr::List(items, index) => format!("[{}][{}]", all(items), usize::from(*index) % items.len()),
            Expr::Dict(a, b, key) => {
                let key = if *key { "x" } else { "y" };
                format!("{{'x': {}, 'y': {}}}['{key}']", self.expr(a), self.expr(b))
            }
            Expr::Lambda(body) => format!("(lambda p=None: {})", self.expr(body)),
            Expr::Either(a, b) => format!("({} or {})", self.expr(a), self.expr(b)),
            Expr::Sum(a, b) => format!("({} + {})", self.expr(a), self.expr(b)),
            Expr::Nothing => "None".to_owned(),
        }
    }

    fn local(&self, number: u8) -> String {
        format!("{}{number}", self.names.local)
    }

    /// A name of this module or, with its module before it, of another one.
    fn global(&self, module: u8, name: &str) -> String {
        let choice = usize::from(module) % (self.others.len() + 1);
        match self.others.get(choice) {
            Some(&other) => format!("{}.{name}", self.names.modules[other]),
            None => name.to_owned(),
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        for _ in 0..depth {
            self.out.push_str("    ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }
}
