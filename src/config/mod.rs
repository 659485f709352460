//! Configuration: documented defaults, then the file, then the environment, then flags, checked into one [`Config`].
//!
//! What a repository says about itself is trusted for what to analyse and how to judge, never for where to send
//! anything or what to run. Where options come from is in [`load()`]; their names and types are the one table of
//! [`options`]; what the defaults mean is documented in `default.toml`, which a test holds equal to
//! [`Config::default`].

pub mod choices;
pub mod load;
pub mod models;
pub mod options;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::discrepancy::BlockingKind;

pub use choices::{FailOn, Profile, Reconcile, Show, StreamChoice, TicketStoreChoice};
pub use load::{ConfigError, Sources, load};
pub use models::{ModelName, ProviderKind};
pub use options::Layer;

/// The defaults with their documentation, as `init` writes them.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// All that can be configured: the options of a run, and how a command judges what comes out of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The options of the run.
    pub run: Config,
    /// How its outcome is judged.
    pub gate: Gate,
    /// What resuming keeps of what a checkpoint holds.
    pub reconcile: Reconcile,
}

/// What makes `check` and `document` fail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gate {
    /// The least serious thing that does; none means the command's own default.
    pub fail_on: Option<FailOn>,
    /// Which findings are listed; none means those that can make the command fail, contradictions at least.
    pub show: Option<Show>,
    /// Least share of documented components that the code does not contradict, 0 to 1.
    pub min_agreement: Option<f64>,
    /// A file of findings that are known and let pass.
    pub baseline: Option<PathBuf>,
}

/// Every option of a run, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the package goes.
    pub output: PathBuf,
    /// Stream A.
    pub stream_a: StreamChoice,
    /// Stream B.
    pub stream_b: StreamChoice,
    /// How models are asked, and what that may cost.
    pub models: ModelOptions,
    /// What to analyse.
    pub discovery: Discovery,
    /// When the streams have converged.
    pub convergence: Convergence,
    /// What is done with what people have to decide.
    pub tickets: TicketOptions,
    /// What is saved, and where.
    pub checkpoints: CheckpointOptions,
    /// Components in flight per stream.
    pub parallel_components: usize,
    /// Threads for the analysis; none means all cores.
    pub jobs: Option<usize>,
    /// Whether a failed component lets the others go on.
    pub continue_on_error: bool,
    /// Whether one stream may finish alone when the other is dead for good.
    pub allow_single_stream: bool,
    /// Run everything in memory: no ticket, no file.
    pub dry_run: bool,
}

/// How models are asked, and what that may cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelOptions {
    /// Tokens of a prompt at most, as far as they can be estimated.
    pub prompt_tokens: u32,
    /// Tokens of an answer at most.
    pub answer_tokens: u32,
    /// Sampling temperature; none leaves it to the provider.
    pub temperature: Option<f64>,
    /// Seconds that one request may take.
    pub timeout_seconds: f64,
    /// How often a request is repeated that failed for a reason that may pass.
    pub retries: u32,
    /// Seconds before the first repetition; each further one waits twice as long.
    pub backoff_seconds: f64,
    /// Dollars that the run may cost.
    pub max_cost: Option<f64>,
    /// Requests that the run may send.
    pub max_calls: Option<u64>,
}

/// What to analyse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discovery {
    /// Globs, relative to the repository, of files to analyse though they are left out by default.
    pub include: Vec<String>,
    /// Globs, relative to the repository, of files to leave out.
    pub exclude: Vec<String>,
    /// Largest file that is parsed, in bytes.
    pub max_file_bytes: u64,
}

/// When the streams have converged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convergence {
    /// Iterations at most.
    pub max_iterations: u32,
    /// Least match of the streams' call graphs, 0 to 1.
    pub call_graph_match_threshold: f64,
    /// Least similarity of their documentation, 0 to 1.
    pub documentation_similarity_threshold: f64,
    /// Open discrepancies that do not block, at most; none means 2 or 1 % of the components, whichever is more.
    pub max_open_discrepancies: Option<u64>,
    /// Kinds of open discrepancies that forbid convergence.
    pub blocking_types: Vec<BlockingKind>,
    /// Whether components in files that could not be analysed forbid convergence of their own.
    pub require_static_validation: bool,
}

/// What is done with what people have to decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketOptions {
    /// Where tickets are kept.
    pub store: TicketStoreChoice,
    /// Whether the run waits for answers.
    pub wait: bool,
    /// Hours until a ticket expires.
    pub timeout_hours: f64,
    /// Seconds between two looks at the tickets while waiting.
    pub poll_seconds: f64,
}

/// What is saved, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointOptions {
    /// The folder.
    pub dir: PathBuf,
    /// Snapshots kept per run.
    pub max: usize,
    /// Whether snapshots are made at phases and iterations (false: only the journal).
    pub auto: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            output: PathBuf::from("./twinscribe-out"),
            stream_a: StreamChoice::Docstring,
            stream_b: StreamChoice::Code,
            models: ModelOptions {
                prompt_tokens: 24_000,
                answer_tokens: 4_000,
                temperature: None,
                timeout_seconds: 300.0,
                retries: 5,
                backoff_seconds: 1.0,
                max_cost: None,
                max_calls: None,
            },
            discovery: Discovery {
                include: Vec::new(),
                exclude: Vec::new(),
                max_file_bytes: 5_000_000,
            },
            convergence: Convergence {
                max_iterations: 5,
                call_graph_match_threshold: 0.98,
                documentation_similarity_threshold: 0.95,
                max_open_discrepancies: None,
                blocking_types: BlockingKind::ALL.to_vec(),
                require_static_validation: true,
            },
            tickets: TicketOptions {
                store: TicketStoreChoice::Embedded,
                wait: false,
                timeout_hours: 48.0,
                poll_seconds: 30.0,
            },
            checkpoints: CheckpointOptions {
                dir: PathBuf::from("./checkpoints"),
                max: 10,
                auto: true,
            },
            parallel_components: 10,
            jobs: None,
            continue_on_error: true,
            allow_single_stream: false,
            dry_run: false,
        }
    }
}
