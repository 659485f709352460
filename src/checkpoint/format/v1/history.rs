//! Version 1 of a run's place in history.

use serde::{Deserialize, Serialize};

use super::header::RunHeader;
use super::state::{Failure, IterationRecord};
use super::usage::{Ledger, from_ledger, to_ledger};
use super::words::{ConvergenceStatus, RunStatus, Span, Time};
use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::record::{
    RunCounts as ModelRunCounts, RunRecord as ModelRunRecord, RunResults as ModelRunResults, Session as ModelSession,
};
use crate::model::run::{EdgeScore as ModelEdgeScore, StreamMetrics as ModelStreamMetrics};

/// One line of history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRecord {
    id: String,
    header: RunHeader,
    status: RunStatus,
    sessions: Vec<Session>,
    results: Option<RunResults>,
}

impl RunRecord {
    pub(crate) fn from_model(model: &ModelRunRecord) -> Result<Self, CheckpointError> {
        Ok(Self {
            id: model.id.clone(),
            header: RunHeader::from_model(&model.header)?,
            status: model.status.into(),
            sessions: model.sessions.iter().map(Into::into).collect(),
            results: model.results.as_ref().map(Into::into),
        })
    }

    pub(crate) fn into_model(self) -> Result<ModelRunRecord, String> {
        Ok(ModelRunRecord {
            id: self.id,
            header: self.header.into_model()?,
            status: self.status.into(),
            sessions: self.sessions.into_iter().map(Into::into).collect(),
            results: self.results.map(TryInto::try_into).transpose()?,
        })
    }
}

/// One process that worked on a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    started_at: Time,
    program: String,
    ended_at: Option<Time>,
    reason: Option<String>,
}

impl From<&ModelSession> for Session {
    fn from(model: &ModelSession) -> Self {
        Self {
            started_at: Time(model.started_at),
            program: model.program.clone(),
            ended_at: model.ended_at.map(Time),
            reason: model.reason.clone(),
        }
    }
}

impl From<Session> for ModelSession {
    fn from(form: Session) -> Self {
        Self {
            started_at: form.started_at.0,
            program: form.program,
            ended_at: form.ended_at.map(|t| t.0),
            reason: form.reason,
        }
    }
}

/// What a run found and took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunResults {
    convergence: ConvergenceStatus,
    history: Vec<IterationRecord>,
    failures: Vec<Failure>,
    streams: [StreamMetrics; 2],
    spent: Ledger,
    counts: RunCounts,
    analysis: Span,
    iterations: Span,
    total: Span,
}

impl From<&ModelRunResults> for RunResults {
    fn from(model: &ModelRunResults) -> Self {
        Self {
            convergence: model.convergence.into(),
            history: model.history.iter().map(Into::into).collect(),
            failures: model.failures.iter().map(Into::into).collect(),
            streams: model.streams.each_ref().map(Into::into),
            spent: to_ledger(&model.spent),
            counts: model.counts.into(),
            analysis: model.analysis.into(),
            iterations: model.iterations.into(),
            total: model.total.into(),
        }
    }
}

impl TryFrom<RunResults> for ModelRunResults {
    type Error = String;

    fn try_from(form: RunResults) -> Result<Self, String> {
        Ok(Self {
            convergence: form.convergence.into(),
            history: form
                .history
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            failures: form.failures.into_iter().map(Into::into).collect(),
            streams: form.streams.map(Into::into),
            spent: from_ledger(form.spent),
            counts: form.counts.into(),
            analysis: form.analysis.into(),
            iterations: form.iterations.into(),
            total: form.total.into(),
        })
    }
}

macro_rules! counts {
    ($( $form:ident = $model:ident { $( $field:ident ),* } )*) => { $(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $form { $( $field: u64, )* }

        impl From<$model> for $form {
            fn from(model: $model) -> Self {
                let $model { $( $field ),* } = model;
                Self { $( $field ),* }
            }
        }

        impl From<$form> for $model {
            fn from(form: $form) -> Self {
                let $form { $( $field ),* } = form;
                Self { $( $field ),* }
            }
        }
    )* };
}

counts! {
    RunCounts = ModelRunCounts {
        files, components, edges, findings, problems, tickets_open, tickets_answered, tickets_expired
    }
    EdgeScore = ModelEdgeScore { confirmed, refuted, unknown, missed }
}

/// What one stream did and cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamMetrics {
    name: String,
    embedded: bool,
    restates_oracle: bool,
    calls: u64,
    reused: u64,
    retries: u64,
    rejected: u64,
    edges: EdgeScore,
}

impl From<&ModelStreamMetrics> for StreamMetrics {
    fn from(model: &ModelStreamMetrics) -> Self {
        Self {
            name: model.name.clone(),
            embedded: model.embedded,
            restates_oracle: model.restates_oracle,
            calls: model.calls,
            reused: model.reused,
            retries: model.retries,
            rejected: model.rejected,
            edges: model.edges.into(),
        }
    }
}

impl From<StreamMetrics> for ModelStreamMetrics {
    fn from(form: StreamMetrics) -> Self {
        Self {
            name: form.name,
            embedded: form.embedded,
            restates_oracle: form.restates_oracle,
            calls: form.calls,
            reused: form.reused,
            retries: form.retries,
            rejected: form.rejected,
            edges: form.edges.into(),
        }
    }
}
