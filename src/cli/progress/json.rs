//! An event per line, as JSON, for programs that watch a run.

use std::io::Write as _;

use serde::Serialize;

use crate::model::documentation::StreamId;
use crate::model::events::{Event, Listener};
use crate::model::run::{ConvergenceStatus, Phase};

/// An event as it is written; version 1 of the form.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    PhaseStarted {
        phase: Phase,
    },
    Analyzed {
        files: usize,
        components: usize,
        problems: usize,
    },
    IterationStarted {
        iteration: u32,
        drafts: usize,
    },
    ComponentStarted {
        stream: StreamId,
        component: &'a str,
    },
    ComponentFinished {
        stream: StreamId,
        component: &'a str,
        seconds: f64,
        reused: bool,
        error: Option<&'a str>,
    },
    IterationFinished {
        iteration: u32,
        status: ConvergenceStatus,
        call_graph_match: f64,
        documentation_similarity: f64,
        open: u64,
        blocking: u64,
        corrections: u64,
        failed: u64,
    },
    CheckpointSaved {
        id: &'a str,
    },
    TicketOpened {
        id: &'a str,
        component: &'a str,
    },
    Warning {
        message: &'a str,
    },
}

impl<'a> From<&'a Event> for Line<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::PhaseStarted { phase } => Self::PhaseStarted { phase: *phase },
            Event::Analyzed {
                files,
                components,
                problems,
            } => Self::Analyzed {
                files: *files,
                components: *components,
                problems: *problems,
            },
            Event::IterationStarted { iteration, drafts } => Self::IterationStarted {
                iteration: *iteration,
                drafts: *drafts,
            },
            Event::ComponentStarted { stream, component } => Self::ComponentStarted {
                stream: *stream,
                component,
            },
            Event::ComponentFinished {
                stream,
                component,
                elapsed,
                reused,
                error,
            } => Self::ComponentFinished {
                stream: *stream,
                component,
                seconds: elapsed.as_secs_f64(),
                reused: *reused,
                error: error.as_deref(),
            },
            Event::IterationFinished { record, status } => Self::IterationFinished {
                iteration: record.iteration,
                status: *status,
                call_graph_match: record.measures.call_graph_match,
                documentation_similarity: record.measures.documentation_similarity,
                open: record.measures.open,
                blocking: record.measures.blocking.values().sum(),
                corrections: record.measures.corrections,
                failed: record.measures.failed,
            },
            Event::CheckpointSaved { id } => Self::CheckpointSaved { id },
            Event::TicketOpened { id, component } => Self::TicketOpened { id, component },
            Event::Warning { message } => Self::Warning { message },
        }
    }
}

/// The lines.
#[derive(Debug)]
pub(super) struct Json;

impl Listener for Json {
    fn hear(&mut self, event: &Event) {
        // Events hold nothing that JSON cannot say, and where stderr is closed nobody is left to tell.
        if let Ok(mut line) = serde_json::to_string(&Line::from(event)) {
            line.push('\n');
            _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_tagged_objects() {
        let event = Event::ComponentFinished {
            stream: StreamId::B,
            component: "pkg.f".into(),
            elapsed: std::time::Duration::from_millis(1500),
            reused: false,
            error: None,
        };
        assert_eq!(
            serde_json::to_string(&Line::from(&event)).unwrap(),
            r#"{"event":"component_finished","stream":"b","component":"pkg.f","seconds":1.5,"reused":false,"error":null}"#
        );
    }
}
