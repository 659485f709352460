//! Streams: who describes components. A stream is a [`Documenter`] and a validator.
//!
//! Two documenters are embedded and deterministic: `docstring` (what the author says) and `code` (what the code
//! does); `model` asks a language model. A documenter knows one component at a time and never sees the other stream.

pub mod docstring;
pub mod code;
pub mod model;
pub mod prose;
pub mod scripted;
pub mod validator;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::model::component::{ComponentIndex, Name};
use crate::model::documentation::{Correction, Draft};
use crate::model::oracle::Oracle;
use crate::model::usage::{Cost, Receipt};

/// What a documenter is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The facts.
    pub oracle: Arc<Oracle>,
    /// The component to describe.
    pub component: ComponentIndex,
    /// The iteration, from 1.
    pub iteration: u32,
    /// What was wrong with the last draft.
    pub corrections: Vec<Correction>,
    /// This stream's last draft of it, if there is one.
    pub previous: Option<Arc<Draft>>,
    /// This stream's drafts of its dependencies, for documenters that use context.
    pub dependencies: Vec<Arc<Draft>>,
}

impl Request {
    /// The first question about a component, before anything else is described.
    pub fn first(oracle: &Arc<Oracle>, component: ComponentIndex) -> Self {
        Self {
            oracle: Arc::clone(oracle),
            component,
            iteration: 1,
            corrections: Vec::new(),
            previous: None,
            dependencies: Vec::new(),
        }
    }
}

/// Why a documenter gave no draft.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StreamError {
    /// This component could not be described; others may be.
    #[error("document {component}: {reason}")]
    Component {
        /// Id of the component.
        component: Name,
        /// Why, as a fragment.
        reason: String,
        /// What it cost all the same.
        receipt: Box<Receipt>,
    },
    /// The stream is dead for good.
    #[error("use the stream: {reason}")]
    Dead {
        /// Why, as a fragment.
        reason: String,
        /// What finding that out cost.
        receipt: Box<Receipt>,
    },
    /// The run's budget allows no further question.
    #[error("stay within the budget: {reason}")]
    OutOfBudget {
        /// Why, as a fragment.
        reason: String,
        /// What was spent before that showed.
        receipt: Box<Receipt>,
    },
}

impl StreamError {
    /// A component that could not be described, at no cost.
    pub fn component(component: Name, reason: impl Into<String>) -> Self {
        Self::Component {
            component,
            reason: reason.into(),
            receipt: Box::default(),
        }
    }

    /// A stream that is dead for good, which cost nothing to find out.
    pub fn dead(reason: impl Into<String>) -> Self {
        Self::Dead {
            reason: reason.into(),
            receipt: Box::default(),
        }
    }

    /// Why, as a fragment.
    pub fn reason(&self) -> &str {
        match self {
            Self::Component { reason, .. } | Self::Dead { reason, .. } | Self::OutOfBudget { reason, .. } => reason,
        }
    }

    /// What it cost.
    pub fn receipt(&self) -> &Receipt {
        match self {
            Self::Component { receipt, .. } | Self::Dead { receipt, .. } | Self::OutOfBudget { receipt, .. } => receipt,
        }
    }
}

/// A draft and what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// What the stream says.
    pub draft: Draft,
    /// What that cost; how long it took is measured by whoever asked.
    pub receipt: Receipt,
}

/// A draft that cost nothing.
impl From<Draft> for Written {
    fn from(draft: Draft) -> Self {
        Self {
            draft,
            receipt: Receipt::default(),
        }
    }
}

/// A draft that is being written.
pub type Drafting<'a> = Pin<Box<dyn Future<Output = Result<Written, StreamError>> + Send + 'a>>;

/// Describes components, one at a time.
pub trait Documenter: Send + Sync {
    /// `docstring`, `code`, or `provider:model`.
    fn name(&self) -> &str;

    /// How it came to its drafts: part of every component's signature, so that a new prompt or model redoes them.
    fn version(&self) -> &str;

    /// Whether it is deterministic and part of the program, so that its drafts need not be saved and its prose is
    /// never compared by similarity.
    fn is_embedded(&self) -> bool;

    /// Whether it says what calls what; if not, it is no witness for edges.
    fn witnesses_edges(&self) -> bool;

    /// Whether its claims are those of the oracle, so that measuring it against the oracle says nothing.
    fn restates_oracle(&self) -> bool;

    /// Whether drafts depend on the drafts of dependencies.
    fn uses_context(&self) -> bool;

    /// What answering this request can cost at most, retries included; none where no price is known, and for a stream
    /// that costs nothing.
    fn at_most(&self, _request: &Request) -> Option<Cost> {
        None
    }

    /// Writes a draft, taking the corrections into account.
    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a>;
}
