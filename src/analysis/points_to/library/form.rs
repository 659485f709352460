//! What is known of a callable: its parameters, what it gives, and what it does with what it is given.

use super::Type;

/// How a callable is reached, and so whether something is bound before its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    Function,
    /// A receiver comes before the parameters.
    Method,
    ClassMethod,
    StaticMethod,
    /// A class is called.
    Constructor,
}

/// A function, method or constructor.
#[derive(Clone, Debug)]
pub(crate) struct Callable {
    pub(crate) binding: Binding,
    /// What it may be called as, in the order of their being tried; never empty.
    pub(crate) forms: Box<[Form]>,
}

/// One way to call it.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// In order, without a receiver; none where they are not known.
    pub(crate) parameters: Option<Box<[Parameter]>>,
    pub(crate) result: Type,
    /// What it calls during the call, with what.
    pub(crate) calls: Box<[Callback]>,
    /// What it stores and may call later, with what.
    pub(crate) keeps: Box<[Callback]>,
    /// Methods other than special ones that it calls.
    pub(crate) uses: Box<[Use]>,
    /// Special methods that it calls.
    pub(crate) implies: Box<[Use]>,
    /// It may do anything with what it is given; `calls`, `uses` and `implies` are what is known to happen.
    pub(crate) opaque: bool,
    /// It may call what was handed over earlier: handlers, targets, hooks, methods that a subclass overrides.
    pub(crate) runs_kept: bool,
    /// It applies only where a parameter's literal matches.
    when: Option<When>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Positional,
    PositionalOrKeyword,
    Keyword,
    /// `*rest`
    Rest,
    /// `**rest`
    KeywordRest,
}

/// Who is meant: the receiver or an argument, by position among the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Receiver,
    Argument(u8),
}

/// The thing itself or what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    Itself,
    /// What iterating over it gives.
    Elements,
    /// Itself and all that it holds, at any depth.
    All,
}

#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) subject: Subject,
    pub(crate) depth: Depth,
    /// What it is called with; none where that is not known.
    pub(crate) arguments: Option<Box<[Type]>>,
}

/// Methods that are called of something that is given.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) subject: Subject,
    pub(crate) depth: Depth,
    /// Names; among those that are not special, `*` at the end stands for any ending, alone for any method.
    pub(crate) methods: Box<[&'static str]>,
}

/// A condition on the literal given for a parameter.
#[derive(Clone, Debug)]
pub(super) struct When {
    pub(super) parameter: u8,
    /// `*` stands for any text; `missing` for no argument.
    pub(super) patterns: Box<[&'static str]>,
}

/// What the caller knows of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal<'a> {
    /// Nothing is given for the parameter.
    Missing,
    /// As Python writes it; strings without quotes.
    Known(&'a str),
    /// Given, but not known.
    Unknown,
}

impl Callable {
    /// The forms that a call may take: with so many positional arguments (none where there is a `*argument`), and
    /// with what `literal` says is given for a parameter of a form. The last form takes whatever no other does.
    pub(crate) fn forms_for<'a>(
        &self,
        positional: Option<usize>,
        literal: impl Fn(&Form, &Parameter, usize) -> Literal<'a>,
    ) -> Vec<&Form> {
        let mut possible = Vec::new();
        for form in &self.forms {
            if positional.is_some_and(|count| !form.accepts(count)) {
                continue;
            }
            match form.applies(&literal) {
                Some(true) => {
                    possible.push(form);
                    if positional.is_some() {
                        return possible;
                    }
                }
                None => possible.push(form),
                Some(false) => {}
            }
        }
        if possible.is_empty() {
            possible.extend(self.forms.last());
        }
        possible
    }
}

impl Form {
    /// A form that only says what it gives.
    pub(super) fn giving(result: Type) -> Self {
        Self {
            parameters: None,
            result,
            calls: Box::default(),
            keeps: Box::default(),
            uses: Box::default(),
            implies: Box::default(),
            opaque: false,
            runs_kept: false,
            when: None,
        }
    }

    pub(super) fn set_condition(&mut self, when: When) {
        self.when = Some(when);
    }

    /// Whether so many positional arguments fit.
    fn accepts(&self, positional: usize) -> bool {
        let Some(parameters) = &self.parameters else {
            return true;
        };
        parameters.iter().any(|p| p.kind == Kind::Rest)
            || positional
                <= parameters
                    .iter()
                    .filter(|p| matches!(p.kind, Kind::Positional | Kind::PositionalOrKeyword))
                    .count()
    }

    /// Whether the condition holds; none where that cannot be told.
    fn applies<'a>(&self, literal: &impl Fn(&Form, &Parameter, usize) -> Literal<'a>) -> Option<bool> {
        let Some(when) = &self.when else {
            return Some(true);
        };
        let index = usize::from(when.parameter);
        let parameter = self.parameters.as_ref()?.get(index)?;
        match literal(self, parameter, index) {
            Literal::Missing => Some(when.patterns.contains(&"missing")),
            Literal::Known(text) => Some(when.patterns.iter().any(|p| matches(p, text))),
            Literal::Unknown => None,
        }
    }

    /// The position of a parameter that may be given by this name.
    pub(crate) fn keyword(&self, name: &str) -> Option<usize> {
        self.parameters
            .as_ref()?
            .iter()
            .position(|p| p.name == name && matches!(p.kind, Kind::Keyword | Kind::PositionalOrKeyword))
    }
}

/// Whether a pattern with `*` for any text describes a text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some(part) => part.is_empty() || rest.is_empty() || text.ends_with(part),
    }
}
