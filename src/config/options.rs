//! The one table of options: key, type, and where the value goes in [`Settings`].
//!
//! A [`Layer`] is what one source (file, environment, flags) says; layers are laid over the defaults in order.

use std::path::PathBuf;

use serde::Deserialize;
use toml::de::ValueDeserializer;

use super::{FailOn, Reconcile, Settings, Show, StreamChoice, TicketStoreChoice};
use crate::model::discrepancy::BlockingKind;

macro_rules! options {
    ($( $(#[$doc:meta])* $key:ident: $ty:ty => $($place:ident).+; )*) => {
        /// What one source of configuration says; none where it is silent.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Layer { $( $(#[$doc])* pub $key: Option<$ty>, )* }

        /// Every key, in the order of the table.
        pub const KEYS: &[&str] = &[ $( stringify!($key), )* ];

        impl Layer {
            /// Takes over one key from TOML; `None` where there is no such key.
            pub(super) fn set(&mut self, key: &str, value: ValueDeserializer<'_>) -> Option<Result<(), toml::de::Error>> {
                Some(match key {
                    $( stringify!($key) => <$ty>::deserialize(value).map(|value| self.$key = Some(value)), )*
                    _ => return None,
                })
            }

            /// Lays this layer over what is there.
            pub fn apply(self, settings: &mut Settings) {
                $( if let Some(value) = self.$key { settings.$($place).+ = value.into(); } )*
            }
        }
    };
}

options! {
    /// Where the package goes.
    output: PathBuf => run.output;
    /// Stream A.
    stream_a: StreamChoice => run.stream_a;
    /// Stream B.
    stream_b: StreamChoice => run.stream_b;
    /// Tokens of a prompt at most.
    prompt_tokens: u32 => run.models.prompt_tokens;
    /// Tokens of an answer at most.
    answer_tokens: u32 => run.models.answer_tokens;
    /// Sampling temperature.
    temperature: f64 => run.models.temperature;
    /// Seconds that one request may take.
    model_timeout_seconds: f64 => run.models.timeout_seconds;
    /// Repetitions of a failed request.
    model_retries: u32 => run.models.retries;
    /// Seconds before the first repetition.
    model_backoff_seconds: f64 => run.models.backoff_seconds;
    /// Dollars at most.
    max_cost: f64 => run.models.max_cost;
    /// Requests at most.
    max_calls: u64 => run.models.max_calls;
    /// Globs of files to analyse though they are left out by default.
    include: Vec<String> => run.discovery.include;
    /// Globs of files to leave out.
    exclude: Vec<String> => run.discovery.exclude;
    /// Largest file that is parsed, in bytes.
    max_file_bytes: u64 => run.discovery.max_file_bytes;
    /// Iterations at most.
    max_iterations: u32 => run.convergence.max_iterations;
    /// Least match of the call graphs.
    call_graph_match_threshold: f64 => run.convergence.call_graph_match_threshold;
    /// Least similarity of the documentation.
    documentation_similarity_threshold: f64 => run.convergence.documentation_similarity_threshold;
    /// Open discrepancies at most.
    max_open_discrepancies: u64 => run.convergence.max_open_discrepancies;
    /// Kinds that forbid convergence.
    blocking_types: Vec<BlockingKind> => run.convergence.blocking_types;
    /// Whether files that could not be analysed forbid convergence.
    require_static_validation: bool => run.convergence.require_static_validation;
    /// Where tickets are kept.
    tickets: TicketStoreChoice => run.tickets.store;
    /// Whether the run waits for answers.
    wait_for_tickets: bool => run.tickets.wait;
    /// Hours until a ticket expires.
    ticket_timeout_hours: f64 => run.tickets.timeout_hours;
    /// Seconds between two looks at the tickets.
    ticket_poll_seconds: f64 => run.tickets.poll_seconds;
    /// Where checkpoints are.
    checkpoint_dir: PathBuf => run.checkpoints.dir;
    /// Snapshots kept per run.
    max_checkpoints: usize => run.checkpoints.max;
    /// Whether snapshots are made.
    auto_checkpoint: bool => run.checkpoints.auto;
    /// What resuming keeps.
    reconcile: Reconcile => reconcile;
    /// Components in flight per stream.
    parallel_components: usize => run.parallel_components;
    /// Threads for the analysis.
    jobs: usize => run.jobs;
    /// Whether a failed component lets the others go on.
    continue_on_error: bool => run.continue_on_error;
    /// Whether one stream may finish alone.
    allow_single_stream: bool => run.allow_single_stream;
    /// Whether everything stays in memory.
    dry_run: bool => run.dry_run;
    /// What makes the command fail.
    fail_on: FailOn => gate.fail_on;
    /// Which findings are listed.
    show: Show => gate.show;
    /// Least agreement of docstrings with the code.
    min_agreement: f64 => gate.min_agreement;
    /// Known findings.
    baseline: PathBuf => gate.baseline;
}

impl Layer {
    /// The first value that makes no sense: its key, and why.
    pub(super) fn nonsense(&self) -> Option<(&'static str, &'static str)> {
        let share = |value: Option<f64>| value.is_some_and(|v| !(0.0..=1.0).contains(&v));
        let not_positive = |value: Option<f64>| value.is_some_and(|v| !(v.is_finite() && v > 0.0));
        let rules = [
            ("max_file_bytes", self.max_file_bytes == Some(0), POSITIVE),
            ("max_iterations", self.max_iterations == Some(0), POSITIVE),
            (
                "call_graph_match_threshold",
                share(self.call_graph_match_threshold),
                SHARE,
            ),
            (
                "documentation_similarity_threshold",
                share(self.documentation_similarity_threshold),
                SHARE,
            ),
            ("min_agreement", share(self.min_agreement), SHARE),
            (
                "ticket_timeout_hours",
                not_positive(self.ticket_timeout_hours),
                POSITIVE,
            ),
            ("ticket_poll_seconds", not_positive(self.ticket_poll_seconds), POSITIVE),
            (
                "prompt_tokens",
                self.prompt_tokens.is_some_and(|n| n < 1000),
                "must be at least 1000",
            ),
            (
                "answer_tokens",
                self.answer_tokens.is_some_and(|n| n < 50),
                "must be at least 50",
            ),
            (
                "temperature",
                self.temperature.is_some_and(|t| !(0.0..=2.0).contains(&t)),
                "must be between 0 and 2",
            ),
            (
                "model_timeout_seconds",
                not_positive(self.model_timeout_seconds),
                POSITIVE,
            ),
            (
                "model_retries",
                self.model_retries.is_some_and(|n| n > 20),
                "must be at most 20",
            ),
            (
                "model_backoff_seconds",
                not_positive(self.model_backoff_seconds),
                POSITIVE,
            ),
            ("max_cost", not_positive(self.max_cost), POSITIVE),
            ("max_calls", self.max_calls == Some(0), POSITIVE),
            ("max_checkpoints", self.max_checkpoints == Some(0), POSITIVE),
            ("parallel_components", self.parallel_components == Some(0), POSITIVE),
            ("jobs", self.jobs == Some(0), POSITIVE),
        ];
        rules
            .into_iter()
            .find_map(|(key, broken, why)| broken.then_some((key, why)))
    }

    /// Makes paths relative to a folder: a file's paths are relative to where it stands.
    pub(super) fn resolve_paths(&mut self, folder: &std::path::Path) {
        for path in [&mut self.output, &mut self.checkpoint_dir, &mut self.baseline]
            .into_iter()
            .flatten()
        {
            if path.is_relative() {
                *path = folder.join(&*path);
            }
        }
    }
}

const SHARE: &str = "must be between 0 and 1";
const POSITIVE: &str = "must be more than 0";

/// The key most like a word that is none, if any is like it at all.
pub fn nearest(word: &str) -> Option<&'static str> {
    let word = word.replace('-', "_");
    KEYS.iter()
        .map(|key| (strsim::jaro_winkler(&word, key), *key))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}
