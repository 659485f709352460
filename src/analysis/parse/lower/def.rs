//! Definitions: functions, classes, lambdas, their parameters, decorators and docstrings.

use super::{Lower, Step, empty_scope};
use crate::analysis::parse::ir::{
    AttributeIr, DecoratorIr, NO_REG, Op, ParamIr, Reg, Scope, ScopeIndex, ScopeKind, Span, Sym,
};
use crate::analysis::parse::literal;
use crate::analysis::parse::tree::{Field, Kind, NONE, Node};
use crate::model::component::{Docstring, ParameterKind};

impl<'a> Lower<'a> {
    pub(super) fn decorated(&mut self, node: Node) {
        let tree = self.tree;
        let mut steps: Vec<(Step<'a>, Node, u32)> = tree
            .children(node)
            .filter(|&c| tree.kind(c) == Kind::Decorator)
            .map(|c| (Self::visit_decorator as Step<'a>, c, 0))
            .collect();
        if let Some(definition) = tree.child(node, Field::Definition) {
            steps.push((Self::definition, definition, node));
        }
        self.plan(&steps);
    }

    fn visit_decorator(&mut self, node: Node, _: u32) {
        self.children_then(node, |this, node, _| {
            let value = this.tree.children(node).map(|c| this.result(c)).find(|&r| r != NO_REG);
            this.results[node as usize] = value.unwrap_or(NO_REG);
        });
    }

    fn definition(&mut self, node: Node, decorated: u32) {
        match self.tree.kind(node) {
            Kind::ClassDefinition => self.class(node, Some(decorated)),
            Kind::FunctionDefinition => self.function(node, Some(decorated)),
            _ => self.visit(node, 0),
        }
    }

    pub(super) fn function(&mut self, node: Node, decorated: Option<Node>) {
        let tree = self.tree;
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        if let Some(parameters) = tree.child(node, Field::TypeParameters) {
            steps.push((Self::visit, parameters, 0));
        }
        if let Some(parameters) = tree.child(node, Field::Parameters) {
            self.parameter_steps(parameters, &mut steps);
        }
        if let Some(returns) = tree.child(node, Field::ReturnType) {
            steps.push((Self::visit, returns, 0));
        }
        steps.push((Self::finish_function, node, decorated.unwrap_or(NONE)));
        self.plan(&steps);
    }

    /// Defaults and annotations are evaluated where the definition stands.
    fn parameter_steps(&self, parameters: Node, steps: &mut Vec<(Step<'a>, Node, u32)>) {
        let tree = self.tree;
        let mut annotations: Vec<(Step<'a>, Node, u32)> = Vec::new();
        for parameter in tree.children(parameters) {
            if let Some(value) = tree.child(parameter, Field::Value) {
                steps.push((Self::visit, value, 0));
            }
            if let Some(annotation) = tree.child(parameter, Field::Type) {
                annotations.push((Self::visit, annotation, 0));
            }
        }
        steps.extend(annotations);
    }

    fn finish_function(&mut self, node: Node, decorated: u32) {
        let tree = self.tree;
        let name = tree.child(node, Field::Name).map_or("", |n| tree.text(n));
        let name = self.sym(name);
        let mut scope = self.inner_scope(ScopeKind::Function, name, node);
        scope.is_async = self.is_async(node);
        if let Some(parameters) = tree.child(node, Field::Parameters) {
            scope.params = self.parameters(parameters);
        }
        scope.returns = tree
            .child(node, Field::ReturnType)
            .map(|r| (self.result(r), tree.span(r)));
        scope.decorators = self.decorators(decorated);
        bind_parameters(&mut scope);
        let body = tree.child(node, Field::Body);
        let index = self.add_scope(scope, body);
        let made = self.emit(Op::Function(index), node);
        let made = self.decorate(made, decorated);
        self.store_name(name, made, node);
    }

    pub(super) fn class(&mut self, node: Node, decorated: Option<Node>) {
        let tree = self.tree;
        if let Some(bases) = tree.child(node, Field::Superclasses) {
            self.steps.push((Self::finish_class, node, decorated.unwrap_or(NONE)));
            self.visit_arguments(bases);
        } else {
            self.steps.push((Self::finish_class, node, decorated.unwrap_or(NONE)));
        }
        if let Some(parameters) = tree.child(node, Field::TypeParameters) {
            self.steps.push((Self::visit, parameters, 0));
        }
    }

    fn finish_class(&mut self, node: Node, decorated: u32) {
        let tree = self.tree;
        let name = tree.child(node, Field::Name).map_or("", |n| tree.text(n));
        let name = self.sym(name);
        let mut scope = self.inner_scope(ScopeKind::Class, name, node);
        if let Some(bases) = tree.child(node, Field::Superclasses) {
            scope.bases = self
                .collect_arguments(bases)
                .into_iter()
                .map(|(arg, value)| (arg, tree.span(value)))
                .collect();
        }
        scope.decorators = self.decorators(decorated);
        let body = tree.child(node, Field::Body);
        let index = self.add_scope(scope, body);
        let made = self.emit(Op::Class(index), node);
        let made = self.decorate(made, decorated);
        self.store_name(name, made, node);
    }

    pub(super) fn lambda(&mut self, node: Node) {
        let tree = self.tree;
        let mut steps: Vec<(Step<'a>, Node, u32)> = Vec::new();
        if let Some(parameters) = tree.child(node, Field::Parameters) {
            self.parameter_steps(parameters, &mut steps);
        }
        steps.push((Self::finish_lambda, node, 0));
        self.plan(&steps);
    }

    fn finish_lambda(&mut self, node: Node, _: u32) {
        let tree = self.tree;
        let name = self.sym("<lambda>");
        let mut scope = self.inner_scope(ScopeKind::Lambda, name, node);
        if let Some(parameters) = tree.child(node, Field::Parameters) {
            scope.params = self.parameters(parameters);
        }
        bind_parameters(&mut scope);
        let body = tree.child(node, Field::Body);
        let index = self.add_scope(scope, body);
        self.give(Op::Function(index), node);
    }

    pub(super) fn finish_lambda_body(&mut self, body: Node, _: u32) {
        let value = self.result_or_damaged(Some(body), body);
        self.emit(Op::Return(value), body);
    }

    fn inner_scope(&self, kind: ScopeKind, name: Sym, node: Node) -> Scope {
        Scope {
            kind,
            name,
            parent: Some(self.scope),
            span: self.tree.span(node),
            first_line: self.tree.line(node),
            last_line: self.tree.end_line(node),
            comprehension: self.comprehension.clone(),
            ..empty_scope()
        }
    }

    fn add_scope(&mut self, scope: Scope, body: Option<Node>) -> ScopeIndex {
        let index = ScopeIndex::try_from(self.module.scopes.len()).expect("files are far below 2^32 scopes");
        self.module.scopes.push(scope);
        if let Some(body) = body {
            self.pending.push_back((index, body));
        }
        index
    }

    fn decorators(&self, decorated: u32) -> Vec<DecoratorIr> {
        if decorated == NONE {
            return Vec::new();
        }
        let tree = self.tree;
        tree.children(decorated)
            .filter(|&c| tree.kind(c) == Kind::Decorator)
            .map(|c| DecoratorIr {
                value: self.result(c),
                span: tree.children(c).next().map_or(tree.span(c), |e| tree.span(e)),
                line: tree.line(c),
            })
            .collect()
    }

    /// Applies the decorators of a definition, the lowest first; each call stands on the decorator's own line.
    fn decorate(&mut self, mut value: Reg, decorated: u32) -> Reg {
        if decorated == NONE {
            return value;
        }
        let tree = self.tree;
        let mut decorators: Vec<Node> = tree
            .children(decorated)
            .filter(|&c| tree.kind(c) == Kind::Decorator)
            .collect();
        decorators.reverse();
        for node in decorators {
            let decorator = self.result_or_damaged(Some(node), node);
            let at = tree.children(node).next().unwrap_or(node);
            value = self.emit(Op::Decorate { decorator, value }, at);
        }
        value
    }

    fn parameters(&mut self, parameters: Node) -> Vec<ParamIr> {
        let tree = self.tree;
        let mut list: Vec<ParamIr> = Vec::new();
        let mut keyword_only = false;
        for parameter in tree.children(parameters) {
            let (name, stars) = match tree.kind(parameter) {
                Kind::PositionalSeparator => {
                    for earlier in &mut list {
                        if earlier.kind == ParameterKind::PositionalOrKeyword {
                            earlier.kind = ParameterKind::PositionalOnly;
                        }
                    }
                    continue;
                }
                Kind::KeywordSeparator => {
                    keyword_only = true;
                    continue;
                }
                Kind::Identifier => (Some(parameter), Kind::Identifier),
                Kind::DefaultParameter | Kind::TypedDefaultParameter => {
                    (tree.child(parameter, Field::Name), Kind::Identifier)
                }
                Kind::TypedParameter => {
                    let inner = tree.children(parameter).find(|&c| tree.field(c) != Field::Type);
                    (inner, inner.map_or(Kind::Identifier, |i| tree.kind(i)))
                }
                kind @ (Kind::ListSplatPattern | Kind::DictionarySplatPattern) => (Some(parameter), kind),
                _ => continue,
            };
            let Some(name) = name else { continue };
            let name = match stars {
                Kind::ListSplatPattern | Kind::DictionarySplatPattern => tree.children(name).next().unwrap_or(name),
                _ => name,
            };
            let kind = match stars {
                Kind::ListSplatPattern => {
                    keyword_only = true;
                    ParameterKind::VarPositional
                }
                Kind::DictionarySplatPattern => ParameterKind::VarKeyword,
                _ if keyword_only => ParameterKind::KeywordOnly,
                _ => ParameterKind::PositionalOrKeyword,
            };
            let annotation = tree
                .child(parameter, Field::Type)
                .map(|t| (self.result(t), tree.span(t)));
            let default = tree
                .child(parameter, Field::Value)
                .map(|v| (self.result(v), tree.span(v)));
            let line = tree.line(parameter);
            let name = self.sym_of(name);
            list.push(ParamIr {
                name,
                kind,
                annotation,
                default,
                line,
            });
        }
        list
    }

    /// Docstring and shape of the body of the scope that begins.
    pub(super) fn describe_body(&mut self, body: Node) {
        let tree = self.tree;
        let mut statements = tree.children(body).peekable();
        if let Some(&first) = statements.peek()
            && let Some(string) = lone_string(tree, first)
            && let Some(text) = literal::text_of(tree.text(string))
        {
            let raw = tree.text(string);
            let docstring = Docstring {
                lines_match_source: tree.kind(string) == Kind::String && literal::lines_match(raw, &text),
                text: literal::clean(&text).into(),
                line: tree.line(string),
            };
            self.here_mut().docstring = Some(docstring);
        }
        let is_stub = statements.all(|s| {
            lone_string(tree, s).is_some()
                || match tree.kind(s) {
                    Kind::Pass => true,
                    Kind::ExpressionStatement => {
                        tree.children(s).next().is_some_and(|e| tree.kind(e) == Kind::Ellipsis)
                    }
                    Kind::Raise => tree
                        .text(s)
                        .trim_start_matches("raise")
                        .trim()
                        .starts_with("NotImplemented"),
                    _ => false,
                }
        });
        self.here_mut().is_stub = is_stub;
    }

    /// Remembers an assignment that makes an attribute: a name in a class or module body, `self.x` in a method.
    pub(super) fn note_attribute(&mut self, left: Node, annotation: Option<Node>, value: Option<Node>) {
        let tree = self.tree;
        let on_self = match (tree.kind(left), self.here().kind) {
            (Kind::Identifier, ScopeKind::Class | ScopeKind::Module) => false,
            (Kind::Attribute, ScopeKind::Function) => {
                let first = self.here().params.first().map(|p| p.name);
                let object = tree.child(left, Field::Object);
                let is_first = object.is_some_and(|o| {
                    tree.kind(o) == Kind::Identifier
                        && first.is_some_and(|f| &*self.module.names[f as usize] == tree.text(o))
                });
                if !is_first {
                    return;
                }
                true
            }
            _ => return,
        };
        let name = if on_self {
            tree.child(left, Field::Attribute)
        } else {
            Some(left)
        };
        let Some(name) = name else { return };
        let name = self.sym_of(name);
        let spanned = |this: &Self, node: Option<Node>| -> Option<(Reg, Span)> {
            node.map(|n| (this.result(n), this.tree.span(n)))
        };
        let attribute = AttributeIr {
            name,
            annotation: spanned(self, annotation),
            value: spanned(self, value),
            line: tree.line(left),
            on_self,
            doc: None,
        };
        self.here_mut().attributes.push(attribute);
    }
}

fn bind_parameters(scope: &mut Scope) {
    for parameter in &scope.params {
        let slot = u32::try_from(scope.locals.len()).expect("files are far below 2^32 names");
        scope.locals.push(parameter.name);
        scope.bound.entry(parameter.name).or_insert(slot);
    }
}

/// The string of a statement that is nothing but a string.
fn lone_string(tree: &crate::analysis::parse::tree::Tree<'_>, statement: Node) -> Option<Node> {
    if tree.kind(statement) != Kind::ExpressionStatement {
        return None;
    }
    let mut children = tree.children(statement);
    match (children.next(), children.next()) {
        (Some(only), None) if matches!(tree.kind(only), Kind::String | Kind::ConcatenatedString) => Some(only),
        _ => None,
    }
}
