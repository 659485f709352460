//! The stream `code`: says what the code does, from the oracle's facts alone.
//!
//! [`Code`] restates every certain fact and derives plain sentences from them. It invents nothing, so where there is
//! nothing to say it says only what is returned, called or set.

mod functions;
mod scopes;
mod texts;
mod wording;

use crate::model::claim::{Claim, Subject, Value};
use crate::model::component::{ComponentIndex, ComponentKind};
use crate::model::documentation::{Correction, Draft};
use crate::model::oracle::Oracle;
use crate::streams::{Documenter, Drafting, Request};

/// The documenter that reads the code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Code;

impl Documenter for Code {
    fn name(&self) -> &'static str {
        "code"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn is_embedded(&self) -> bool {
        true
    }

    fn witnesses_edges(&self) -> bool {
        true
    }

    fn restates_oracle(&self) -> bool {
        true
    }

    fn uses_context(&self) -> bool {
        false
    }

    fn document<'a>(&'a self, request: &'a Request) -> Drafting<'a> {
        Box::pin(async move {
            let mut claims = claims(&request.oracle, request.component);
            apply(&request.corrections, &mut claims);
            let id = request.oracle.component(request.component).id.clone();
            Ok(Draft::new(id, claims).into())
        })
    }
}

/// Facts and the sentences made of them, one claim per subject.
fn claims(oracle: &Oracle, component: ComponentIndex) -> Vec<Claim> {
    let mut claims = oracle.known_claims(component);
    texts::escaping_raises(oracle, component, &mut claims);
    texts::add(oracle, component, &mut claims);
    let sentences = match oracle.component(component).kind {
        ComponentKind::Module => scopes::module(oracle, component),
        ComponentKind::Class => scopes::class(oracle, component),
        _ => functions::sentences(oracle, component),
    };
    let line = Some(oracle.component(component).first_line);
    let mut sentences = sentences.into_iter();
    if let Some(summary) = sentences.next() {
        claims.push(Claim::fact(Subject::Summary, Value::text(summary), line));
    }
    let description = sentences.collect::<Vec<_>>().join(" ");
    if !description.is_empty() {
        let value = Value::text(description);
        claims.push(Claim::fact(Subject::Description, value, line));
    }
    claims
}

/// Drops what is wrong, with all that rests on it, and says what is true instead.
fn apply(corrections: &[Correction], claims: &mut Vec<Claim>) {
    for correction in corrections {
        let subject = &correction.subject;
        match &correction.truth {
            Some(truth) => match claims.iter_mut().find(|c| c.subject == *subject) {
                Some(claim) => claim.value = truth.clone(),
                None => claims.push(Claim::fact(subject.clone(), truth.clone(), None)),
            },
            None => claims.retain(|c| c.subject != *subject && c.subject.presupposes().as_ref() != Some(subject)),
        }
    }
}

#[cfg(test)]
mod tests;
