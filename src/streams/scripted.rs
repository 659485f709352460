//! A documenter that says what a script tells it to: for tests of runs, and for trying listeners and checkpoints out
//! without a model.
//!
//! [`Scripted`] starts as a model would look (not embedded, a witness for nothing but its own claims) and is given
//! other traits one by one.

use std::time::Duration;

use super::{Documenter, Drafting, Request, StreamError, Written};
use crate::model::claim::{Claim, Subject, Value};
use crate::model::documentation::Draft;
use crate::model::usage::Receipt;

type Script = Box<dyn Fn(&Request) -> Result<Draft, StreamError> + Send + Sync>;
type Prices = Box<dyn Fn(&Request) -> Receipt + Send + Sync>;

/// A documenter that follows a script.
pub struct Scripted {
    name: String,
    version: String,
    embedded: bool,
    witnesses_edges: bool,
    restates_oracle: bool,
    uses_context: bool,
    delay: Option<Duration>,
    script: Script,
    prices: Option<Prices>,
}

impl Scripted {
    /// A documenter of this name that answers each request as `script` says.
    pub fn new(
        name: impl Into<String>,
        script: impl Fn(&Request) -> Result<Draft, StreamError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            version: "1".to_owned(),
            embedded: false,
            witnesses_edges: false,
            restates_oracle: false,
            uses_context: false,
            delay: None,
            script: Box::new(script),
            prices: None,
        }
    }

    /// A documenter that makes the claims `claims` returns.
    pub fn claiming(name: impl Into<String>, claims: impl Fn(&Request) -> Vec<Claim> + Send + Sync + 'static) -> Self {
        Self::new(name, move |request| {
            let id = request.oracle.component(request.component).id.clone();
            Ok(Draft::new(id, claims(request)))
        })
    }

    /// A documenter that states every certain fact and one sentence, and witnesses edges.
    pub fn truthful(name: impl Into<String>) -> Self {
        Self::claiming(name, truth).witnessing_edges()
    }

    /// The same, deterministic and part of the program.
    #[must_use]
    pub fn embedded(mut self) -> Self {
        self.embedded = true;
        self
    }

    /// The same, saying what calls what.
    #[must_use]
    pub fn witnessing_edges(mut self) -> Self {
        self.witnesses_edges = true;
        self
    }

    /// The same, making the oracle's claims its own.
    #[must_use]
    pub fn restating_oracle(mut self) -> Self {
        self.restates_oracle = true;
        self
    }

    /// The same, reading the drafts of dependencies.
    #[must_use]
    pub fn using_context(mut self) -> Self {
        self.uses_context = true;
        self
    }

    /// The same, taking this long for each component.
    #[must_use]
    pub fn taking(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// The same, handing in this receipt for each request, whether or not it fails.
    #[must_use]
    pub fn costing(mut self, prices: impl Fn(&Request) -> Receipt + Send + Sync + 'static) -> Self {
        self.prices = Some(Box::new(prices));
        self
    }

    /// The same, in another version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }
}

/// Every certain fact about the component of a request, and one sentence.
pub fn truth(request: &Request) -> Vec<Claim> {
    let mut claims = request.oracle.known_claims(request.component);
    let component = request.oracle.component(request.component);
    claims.push(Claim::said(
        Subject::Summary,
        Value::text(format!("The {} {}.", component.kind, component.id)),
        0.9,
        Some(component.first_line),
    ));
    claims
}

impl Documenter for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn is_embedded(&self) -> bool {
        self.embedded
    }

    fn witnesses_edges(&self) -> bool {
        self.witnesses_edges
    }

    fn restates_oracle(&self) -> bool {
        self.restates_oracle
    }

    fn uses_context(&self) -> bool {
        self.uses_context
    }

    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a> {
        Box::pin(async move {
            if let Some(delay) = self.delay {
                tokio::time::sleep(delay).await;
            }
            let paid = self.prices.as_ref().map(|prices| prices(request)).unwrap_or_default();
            match (self.script)(request) {
                Ok(draft) => Ok(Written { draft, receipt: paid }),
                Err(mut error) => {
                    let (StreamError::Component { receipt, .. }
                    | StreamError::Dead { receipt, .. }
                    | StreamError::OutOfBudget { receipt, .. }) = &mut error;
                    **receipt = paid;
                    Err(error)
                }
            }
        })
    }
}
