//! From a syntax tree to the outline of its file, in one pass over the nodes in source order.

use super::literal;
use super::tree::{Field, Kind, Node, Tree};
use crate::model::component::{Docstring, Name, Parameter, ParameterKind};
use crate::model::outline::{
    Assigned, Body, Definition, DefinitionKind, Handler, Literal, Outline, Raised, Returned, Yielded,
};

/// Outlines one file. `module` is its dotted name, `package` the one that relative imports start from.
pub(crate) fn outline(tree: &Tree<'_>, path: &Name, module: &Name, package: &Name) -> Outline {
    let mut walk = Walk {
        tree,
        package,
        open: Vec::new(),
        decorated: None,
        outline: Outline {
            path: path.clone(),
            module: module.clone(),
            definitions: Vec::new(),
            first_error: tree.first_error,
            comments: Vec::new(),
            imports: Vec::new(),
            exports: None,
        },
    };
    walk.module();
    for node in 1..tree.len() {
        let node = Node::try_from(node).expect("files are far below 2^32 nodes");
        walk.node(node);
    }
    walk.outline.comments = comments(tree);
    walk.outline
}

/// Something that is open at a position.
enum Open {
    Definition(usize),
    Lambda,
    Handler(Handler),
}

struct Walk<'t, 'a> {
    tree: &'t Tree<'a>,
    package: &'t Name,
    /// What is open, with the byte where it ends.
    open: Vec<(u32, Open)>,
    /// A decorated definition and the node that holds it and its decorators.
    decorated: Option<(Node, Node)>,
    outline: Outline,
}

impl Walk<'_, '_> {
    fn module(&mut self) {
        let name = self.outline.module.rsplit('.').next().unwrap_or_default().into();
        let end_line = self.tree.text.lines().count();
        let mut definition = empty(DefinitionKind::Module, name, 1);
        definition.last_line = u32::try_from(end_line).unwrap_or(u32::MAX);
        if self.tree.len() > 0 {
            definition.docstring = docstring(self.tree, 0);
        }
        self.outline.definitions.push(definition);
        self.open.push((u32::MAX, Open::Definition(0)));
    }

    fn node(&mut self, node: Node) {
        let tree = self.tree;
        let (start, end) = tree.span(node);
        while self.open.last().is_some_and(|(ends, _)| *ends <= start) {
            self.open.pop();
        }
        match tree.kind(node) {
            Kind::Decorated => {
                self.decorated = tree.child(node, Field::Definition).map(|inner| (inner, node));
            }
            Kind::FunctionDefinition => self.definition(node, DefinitionKind::Function),
            Kind::ClassDefinition => self.definition(node, DefinitionKind::Class),
            Kind::Lambda => self.open.push((end, Open::Lambda)),
            Kind::Except => self.open.push((end, Open::Handler(handler(tree, node)))),
            Kind::Return => self.returned(node),
            Kind::Yield => self.yielded(node),
            Kind::Raise => self.raised(node),
            Kind::Assert => {
                let line = tree.line(node);
                self.body().asserts.push(line);
            }
            Kind::Import | Kind::ImportFrom => self.import(node),
            Kind::Assignment => self.exports(node),
            _ => {}
        }
    }

    /// The definition that a position is in.
    fn current(&self) -> usize {
        self.open
            .iter()
            .rev()
            .find_map(|(_, open)| match open {
                Open::Definition(at) => Some(*at),
                _ => None,
            })
            .unwrap_or(0)
    }

    fn body(&mut self) -> &mut Body {
        let at = self.current();
        &mut self.outline.definitions[at].body
    }

    fn definition(&mut self, node: Node, kind: DefinitionKind) {
        let tree = self.tree;
        let parent = self.current();
        let name = tree.child(node, Field::Name).map_or("", |n| tree.text(n));
        let mut definition = empty(kind, name.into(), tree.line(node));
        let around = &self.outline.definitions[parent].qualname;
        definition.qualname = match around.as_ref() {
            "" => name.into(),
            around => format!("{around}.{name}").into(),
        };
        definition.parent = Some(parent);
        definition.last_line = tree.end_line(node);
        if let Some((inner, holder)) = self.decorated
            && inner == node
        {
            definition.decorators = tree
                .children(holder)
                .filter(|&c| tree.kind(c) == Kind::Decorator)
                .filter_map(|c| tree.children(c).next())
                .map(|c| tree.text(c).into())
                .collect();
        }
        if let Some(bases) = tree.child(node, Field::Superclasses) {
            let is_base = |&c: &Node| tree.kind(c) != Kind::KeywordArgument;
            let bases = tree.children(bases).filter(is_base);
            definition.bases = bases.map(|c| tree.text(c).into()).collect();
        }
        if let Some(list) = tree.child(node, Field::Parameters) {
            definition.parameters = parameters(tree, list);
        }
        definition.returns = tree.child(node, Field::ReturnType).map(|r| tree.text(r).into());
        if let Some(body) = tree.child(node, Field::Body) {
            definition.docstring = docstring(tree, body);
            definition.body.is_stub = tree.children(body).all(|s| is_stub(tree, s));
            if kind == DefinitionKind::Class {
                definition.attributes = attributes(tree, body);
            }
        }
        let at = self.outline.definitions.len();
        self.outline.definitions.push(definition);
        self.open.push((tree.span(node).1, Open::Definition(at)));
    }

    fn returned(&mut self, node: Node) {
        let tree = self.tree;
        let value = tree.children(node).next();
        let returned = Returned {
            line: tree.line(node),
            has_value: value.is_some(),
            is_none: value.is_some_and(|v| tree.kind(v) == Kind::NoneLiteral),
        };
        self.body().returns.push(returned);
    }

    fn yielded(&mut self, node: Node) {
        if matches!(self.open.last(), Some((_, Open::Lambda))) {
            return;
        }
        let tree = self.tree;
        let value = tree.children(node).next();
        let yielded = Yielded {
            line: tree.line(node),
            // Nodes are in source order, so a first child is right behind its parent.
            is_statement: tree.kind(node - 1) == Kind::ExpressionStatement,
            has_value: value.is_some_and(|v| tree.kind(v) != Kind::NoneLiteral),
        };
        self.body().yields.push(yielded);
    }

    fn raised(&mut self, node: Node) {
        let tree = self.tree;
        let mut operands = tree.children(node).filter(|&c| tree.field(c) != Field::Cause);
        let operand = operands.next();
        let mut handler = None;
        for (_, open) in self.open.iter().rev() {
            match open {
                Open::Handler(found) => handler = Some(found.clone()),
                Open::Lambda => continue,
                Open::Definition(_) => {}
            }
            break;
        }
        let raised = Raised {
            line: tree.line(node),
            name: operand.and_then(|operand| raised_name(tree, operand)),
            is_bare: operand.is_none(),
            handler,
        };
        self.body().raises.push(raised);
    }

    fn import(&mut self, node: Node) {
        let tree = self.tree;
        let mut base = String::new();
        if let Some(module) = tree.child(node, Field::ModuleName) {
            let written = tree.text(module);
            let dots = written.bytes().take_while(|&b| b == b'.').count();
            if dots > 0 {
                let mut package: Vec<&str> = self.package.split('.').collect();
                package.truncate((package.len() + 1).saturating_sub(dots));
                base = package.join(".");
            }
            let rest = written[dots..].trim();
            if !base.is_empty() && !rest.is_empty() {
                base.push('.');
            }
            base.push_str(rest);
        }
        for name in tree.children(node).filter(|&c| tree.field(c) == Field::Name) {
            let (target, local) = match tree.kind(name) {
                Kind::AliasedImport => (tree.child(name, Field::Name), tree.child(name, Field::Alias)),
                _ => (Some(name), None),
            };
            let Some(target) = target.map(|t| tree.text(t)) else {
                continue;
            };
            let full = if base.is_empty() {
                target.to_owned()
            } else {
                format!("{base}.{target}")
            };
            // `import a.b` binds `a`.
            let (local, full) = match local {
                Some(local) => (tree.text(local), full),
                None if base.is_empty() => {
                    let first = target.split('.').next().unwrap_or(target);
                    (first, first.to_owned())
                }
                None => (target, full),
            };
            self.outline.imports.push((local.into(), full.into()));
        }
    }

    fn exports(&mut self, node: Node) {
        let tree = self.tree;
        if self.current() != 0 || tree.child(node, Field::Left).is_none_or(|l| tree.text(l) != "__all__") {
            return;
        }
        let Some(list) = tree.child(node, Field::Right) else {
            return;
        };
        if matches!(tree.kind(list), Kind::List | Kind::Tuple) {
            let names = tree.children(list).filter_map(|c| literal::text_of(tree.text(c)));
            self.outline.exports = Some(names.map(Name::from).collect());
        }
    }
}

fn empty(kind: DefinitionKind, name: Name, line: u32) -> Definition {
    Definition {
        kind,
        name,
        qualname: "".into(),
        parent: None,
        line,
        last_line: line,
        decorators: Vec::new(),
        bases: Vec::new(),
        parameters: Vec::new(),
        returns: None,
        docstring: None,
        attributes: Vec::new(),
        body: Body::default(),
    }
}

/// The dotted name that is raised, or called to make what is raised; else the first name in the expression.
fn raised_name(tree: &Tree<'_>, operand: Node) -> Option<Name> {
    let mut at = operand;
    while tree.kind(at) == Kind::Parenthesized {
        at = tree.children(at).next()?;
    }
    if tree.kind(at) == Kind::Call {
        at = tree.child(at, Field::Function)?;
    }
    if matches!(tree.kind(at), Kind::Identifier | Kind::Attribute) {
        let text = tree.text(at);
        // What follows a call or an index is no part of a name.
        let dotted: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        return Some(dotted.into());
    }
    let end = tree.span(operand).1;
    let inner = (operand..).take_while(|&n| (n as usize) < tree.len() && tree.span(n).0 < end);
    let mut names = inner.filter(|&n| tree.kind(n) == Kind::Identifier);
    names.next().map(|n| tree.text(n).into())
}

fn handler(tree: &Tree<'_>, node: Node) -> Handler {
    let mut handler = Handler::default();
    let mut parts = tree.children(node).filter(|&c| tree.kind(c) != Kind::Block);
    let Some(mut caught) = parts.next() else {
        return handler;
    };
    if let Some(alias) = tree.child(node, Field::Alias) {
        handler.binds = Some(tree.text(alias).into());
    }
    if tree.kind(caught) == Kind::AsPattern {
        if let Some(target) = tree.child_of_kind(caught, Kind::AsPatternTarget) {
            handler.binds = Some(tree.text(target).into());
        }
        match tree.children(caught).next() {
            Some(inner) => caught = inner,
            None => return handler,
        }
    }
    while tree.kind(caught) == Kind::Parenthesized {
        match tree.children(caught).next() {
            Some(inner) => caught = inner,
            None => return handler,
        }
    }
    let is_name = |&c: &Node| matches!(tree.kind(c), Kind::Identifier | Kind::Attribute);
    handler.classes = match tree.kind(caught) {
        Kind::Tuple => {
            let names = tree.children(caught).filter(is_name);
            names.map(|c| tree.text(c).into()).collect()
        }
        _ if is_name(&caught) => vec![tree.text(caught).into()],
        _ => Vec::new(),
    };
    handler
}

fn parameters(tree: &Tree<'_>, list: Node) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    let mut keyword_only = false;
    for node in tree.children(list) {
        let inner = match tree.kind(node) {
            Kind::PositionalSeparator => {
                for earlier in &mut found {
                    earlier.kind = ParameterKind::PositionalOnly;
                }
                continue;
            }
            Kind::KeywordSeparator => {
                keyword_only = true;
                continue;
            }
            Kind::DefaultParameter | Kind::TypedDefaultParameter => tree.child(node, Field::Name),
            Kind::TypedParameter => tree.children(node).find(|&c| tree.field(c) != Field::Type),
            Kind::Identifier | Kind::ListSplatPattern | Kind::DictionarySplatPattern => Some(node),
            _ => None,
        };
        let Some(inner) = inner else { continue };
        let kind = match tree.kind(inner) {
            Kind::ListSplatPattern => ParameterKind::VarPositional,
            Kind::DictionarySplatPattern => ParameterKind::VarKeyword,
            _ if keyword_only => ParameterKind::KeywordOnly,
            _ => ParameterKind::PositionalOrKeyword,
        };
        keyword_only |= kind == ParameterKind::VarPositional;
        found.push(Parameter {
            name: tree.text(inner).trim_start_matches(['*', ' ']).into(),
            kind,
            annotation: tree.child(node, Field::Type).map(|t| tree.text(t).into()),
            default: tree.child(node, Field::Value).map(|v| tree.text(v).into()),
            line: tree.line(node),
        });
    }
    found
}

/// The string of a statement that is nothing but a string.
fn lone_string(tree: &Tree<'_>, statement: Node) -> Option<Node> {
    if tree.kind(statement) != Kind::ExpressionStatement {
        return None;
    }
    let mut children = tree.children(statement);
    let only = children.next().filter(|_| children.next().is_none())?;
    matches!(tree.kind(only), Kind::String | Kind::ConcatenatedString).then_some(only)
}

fn is_stub(tree: &Tree<'_>, statement: Node) -> bool {
    let is_ellipsis = |s: Node| tree.children(s).next().is_some_and(|e| tree.kind(e) == Kind::Ellipsis);
    match tree.kind(statement) {
        Kind::Pass => true,
        Kind::ExpressionStatement => lone_string(tree, statement).is_some() || is_ellipsis(statement),
        Kind::Raise => {
            let mut operands = tree.children(statement);
            let name = operands.next().and_then(|o| raised_name(tree, o));
            name.is_some_and(|n| matches!(n.as_ref(), "NotImplementedError" | "NotImplemented"))
        }
        _ => false,
    }
}

fn docstring(tree: &Tree<'_>, body: Node) -> Option<Literal> {
    let first = tree.children(body).next()?;
    let string = lone_string(tree, first)?;
    let source = tree.text(string);
    let value = literal::text_of(source)?;
    let (start, end) = tree.span(string);
    let before = &tree.text[..start as usize];
    let after = &tree.text[end as usize..];
    let indent = before.rsplit('\n').next().unwrap_or_default();
    let (rest, below) = after.split_once('\n').unwrap_or((after, ""));
    let above = before.trim_end_matches([' ', '\t']).matches('\n').count();
    let blank_before = if above == 0 {
        0
    } else {
        let lines = before[..before.len() - indent.len()].split('\n').rev().skip(1);
        lines.take_while(|l| l.trim().is_empty()).count()
    };
    let blank_after = below.split('\n').take_while(|l| l.trim().is_empty()).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some(Literal {
        docstring: Docstring {
            lines_match_source: tree.kind(string) == Kind::String && literal::lines_match(source, &value),
            text: literal::clean(&value).into(),
            line: tree.line(string),
        },
        source: source.into(),
        indent: indent.into(),
        is_followed: !rest.trim().is_empty() && !rest.trim_start().starts_with('#'),
        blank_around: (count(blank_before), count(blank_after)),
    })
}

/// What the statements of a class body assign.
fn attributes(tree: &Tree<'_>, body: Node) -> Vec<Assigned> {
    let mut found: Vec<Assigned> = Vec::new();
    let mut follows = false;
    for statement in tree.children(body) {
        if let Some(string) = lone_string(tree, statement)
            && follows
            && let Some(last) = found.last_mut()
        {
            let text = literal::text_of(tree.text(string)).unwrap_or_default();
            last.doc = Some((tree.line(string), literal::clean(&text).into()));
        }
        follows = false;
        let assignment = tree.children(statement).next();
        let is_statement = tree.kind(statement) == Kind::ExpressionStatement;
        let Some(mut at) = assignment.filter(|&a| is_statement && tree.kind(a) == Kind::Assignment) else {
            continue;
        };
        let mut assigned = Assigned {
            targets: Vec::new(),
            annotation: tree.child(at, Field::Type).map(|t| tree.text(t).into()),
            value: None,
            line: tree.line(at),
            doc: None,
        };
        loop {
            if let Some(left) = tree.child(at, Field::Left) {
                match tree.kind(left) {
                    Kind::PatternList | Kind::TuplePattern => {
                        assigned
                            .targets
                            .extend(tree.children(left).map(|t| Name::from(tree.text(t))));
                    }
                    _ => assigned.targets.push(tree.text(left).into()),
                }
            }
            match tree.child(at, Field::Right) {
                Some(right) if tree.kind(right) == Kind::Assignment => at = right,
                right => {
                    assigned.value = right.map(|r| tree.text(r).into());
                    break;
                }
            }
        }
        found.push(assigned);
        follows = true;
    }
    found
}

/// The comments of a file that tell programs like this one something.
fn comments(tree: &Tree<'_>) -> Vec<(u32, Name)> {
    let is_addressed = |comment: &str| {
        let lowered = comment.to_ascii_lowercase();
        ["noqa", "twinscribe:", "numpydoc ignore="]
            .iter()
            .any(|word| lowered.contains(word))
    };
    let mut found = Vec::new();
    for (number, line) in tree.text.lines().enumerate() {
        let Some(at) = line.find('#') else { continue };
        let comment = &line[at + 1..];
        if is_addressed(comment) {
            let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
            found.push((number, comment.trim().into()));
        }
    }
    found
}
