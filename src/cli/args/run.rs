//! Flags of the commands that run the pipeline, and the layer of configuration they make.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use crate::config::{FailOn, Layer, Profile, ProviderKind, Reconcile, Show, StreamChoice, TicketStoreChoice};
use crate::model::discrepancy::BlockingKind;
use crate::report::findings::Format;

/// `document`.
#[derive(Debug, Args)]
pub struct DocumentArgs {
    /// The repository: a folder, or one Python file
    #[arg(value_name = "REPO", default_value = ".")]
    pub repository: PathBuf,
    /// Go on with a run that was stopped: the latest, or the one of this id; without any, start afresh
    #[arg(long, value_name = "ID", num_args = 0..=1, require_equals = true)]
    pub resume: Option<Option<String>>,
    /// Go on with the latest run, trying again what failed in it
    #[arg(long)]
    pub retry_failed: bool,
    /// Ask models only about what has changed since this git revision, and judge only that
    #[arg(long, value_name = "REV", conflicts_with_all = ["resume", "retry_failed"])]
    pub since: Option<String>,
    /// Run everything in memory: no file, no ticket
    #[arg(long)]
    pub dry_run: bool,
    /// Print what models would be sent first of all, component by component, and send nothing
    #[arg(long)]
    pub show_prompts: bool,
    /// Options of the run.
    #[command(flatten)]
    pub options: RunOptions,
    /// How models are asked.
    #[command(flatten)]
    pub models: ModelArgs,
    /// What is analysed.
    #[command(flatten)]
    pub discovery: DiscoveryOptions,
    /// What makes it fail.
    #[command(flatten)]
    pub gate: GateOptions,
    /// Print the findings to stdout in this form, instead of a summary
    #[arg(long, value_name = "FORMAT", help_heading = "Findings")]
    pub format: Option<Format>,
}

/// `resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The run or checkpoint; by default the latest run that is not finished
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// The repository, where it has moved
    #[arg(long = "repo", value_name = "PATH")]
    pub repository: Option<PathBuf>,
    /// Try again what failed
    #[arg(long)]
    pub retry_failed: bool,
    /// Show what would be done again, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What to keep of what is there [default: patch]
    #[arg(long, value_name = "MODE")]
    pub reconcile: Option<Reconcile>,
    /// Options of the run.
    #[command(flatten)]
    pub options: RunOptions,
    /// How models are asked.
    #[command(flatten)]
    pub models: ModelArgs,
    /// What is analysed.
    #[command(flatten)]
    pub discovery: DiscoveryOptions,
    /// What makes it fail.
    #[command(flatten)]
    pub gate: GateOptions,
    /// Print the findings to stdout in this form, instead of a summary
    #[arg(long, value_name = "FORMAT", help_heading = "Findings")]
    pub format: Option<Format>,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The repository: a folder, or one Python file
    #[arg(value_name = "REPO", default_value = ".")]
    pub repository: PathBuf,
    /// What is analysed.
    #[command(flatten)]
    pub discovery: DiscoveryOptions,
    /// What makes it fail.
    #[command(flatten)]
    pub gate: GateOptions,
    /// Find what another tool finds, by its own rules and with its own options in the repository, and nothing else
    #[arg(long, value_name = "TOOL", help_heading = "Findings")]
    pub profile: Option<Profile>,
    /// The form in which findings go to stdout
    #[arg(long, value_name = "FORMAT", default_value = "full", help_heading = "Findings")]
    pub format: Format,
}

/// What is analysed.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is analysed")]
pub struct DiscoveryOptions {
    /// Files to analyse though they are left out by default (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Files to leave out (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Skip larger files [default: 5000000]
    #[arg(long, value_name = "BYTES")]
    pub max_file_bytes: Option<u64>,
    /// Threads for the analysis [default: one per core]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<usize>,
}

impl DiscoveryOptions {
    /// Lays these flags into a layer.
    pub fn fill(&self, layer: &mut Layer) {
        layer.include = some_list(&self.include);
        layer.exclude = some_list(&self.exclude);
        layer.max_file_bytes = self.max_file_bytes;
        layer.jobs = self.jobs;
    }
}

fn some_list(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}

/// Options of a run. Each has the name it has in the configuration.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "The run")]
pub struct RunOptions {
    /// Where the package goes [default: ./twinscribe-out]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Where checkpoints, history and tickets are [default: ./checkpoints]
    #[arg(long, value_name = "DIR")]
    pub checkpoint_dir: Option<PathBuf>,
    /// Snapshots kept per run [default: 10]
    #[arg(long, value_name = "N")]
    pub max_checkpoints: Option<usize>,
    /// Whether to make snapshots; false: only the journal [default: true]
    #[arg(long, value_name = "BOOL")]
    pub auto_checkpoint: Option<bool>,
    /// Who writes stream A: docstring, code, or a model such as openai:MODEL [default: docstring]
    #[arg(long, value_name = "STREAM")]
    pub stream_a: Option<StreamChoice>,
    /// Who writes stream B [default: code]
    #[arg(long, value_name = "STREAM")]
    pub stream_b: Option<StreamChoice>,
    /// Components that each stream works on at once [default: 10]
    #[arg(long, value_name = "N")]
    pub parallel_components: Option<usize>,
    /// Iterations at most [default: 5]
    #[arg(long, value_name = "N")]
    pub max_iterations: Option<u32>,
    /// Least match of the two call graphs, 0 to 1 [default: 0.98]
    #[arg(long, value_name = "SHARE")]
    pub call_graph_match_threshold: Option<f64>,
    /// Least similarity of the two documentations, 0 to 1 [default: 0.95]
    #[arg(long, value_name = "SHARE")]
    pub documentation_similarity_threshold: Option<f64>,
    /// Open discrepancies that do not block, at most [default: 2, or 1 % of the components]
    #[arg(long, value_name = "N")]
    pub max_open_discrepancies: Option<u64>,
    /// Kinds of open discrepancies that forbid convergence, with commas [default: all]
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = blocking_kind)]
    pub blocking_types: Option<Vec<BlockingKind>>,
    /// Whether files that could not be analysed forbid convergence [default: true]
    #[arg(long, value_name = "BOOL")]
    pub require_static_validation: Option<bool>,
    /// Whether a failed component lets the others go on [default: true]
    #[arg(long, value_name = "BOOL")]
    pub continue_on_error: Option<bool>,
    /// Let one stream finish alone when the other is dead for good
    #[arg(long)]
    pub allow_single_stream: bool,
    /// Where tickets are kept [default: embedded]
    #[arg(long, value_name = "STORE")]
    pub tickets: Option<TicketStoreChoice>,
    /// Wait for answers to tickets
    #[arg(long)]
    pub wait: bool,
    /// Hours until a ticket expires [default: 48]
    #[arg(long, value_name = "HOURS")]
    pub ticket_timeout_hours: Option<f64>,
    /// Seconds between two looks at the tickets while waiting [default: 30]
    #[arg(long, value_name = "SECONDS")]
    pub ticket_poll_seconds: Option<f64>,
}

fn blocking_kind(text: &str) -> Result<BlockingKind, String> {
    BlockingKind::ALL
        .into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| {
            let names = BlockingKind::ALL.map(BlockingKind::name).join(", ");
            format!("`{text}` is none of {names}")
        })
}

impl RunOptions {
    /// Lays these flags into a layer.
    pub fn fill(&self, layer: &mut Layer) {
        layer.output.clone_from(&self.output);
        layer.checkpoint_dir.clone_from(&self.checkpoint_dir);
        layer.max_checkpoints = self.max_checkpoints;
        layer.auto_checkpoint = self.auto_checkpoint;
        layer.stream_a.clone_from(&self.stream_a);
        layer.stream_b.clone_from(&self.stream_b);
        layer.parallel_components = self.parallel_components;
        layer.max_iterations = self.max_iterations;
        layer.call_graph_match_threshold = self.call_graph_match_threshold;
        layer.documentation_similarity_threshold = self.documentation_similarity_threshold;
        layer.max_open_discrepancies = self.max_open_discrepancies;
        layer.blocking_types.clone_from(&self.blocking_types);
        layer.require_static_validation = self.require_static_validation;
        layer.continue_on_error = self.continue_on_error;
        layer.allow_single_stream = self.allow_single_stream.then_some(true);
        layer.tickets = self.tickets;
        layer.wait_for_tickets = self.wait.then_some(true);
        layer.ticket_timeout_hours = self.ticket_timeout_hours;
        layer.ticket_poll_seconds = self.ticket_poll_seconds;
    }
}

/// How models are asked.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Models")]
pub struct ModelArgs {
    /// Dollars that the run may cost; it stops before, and can be resumed
    #[arg(long, value_name = "DOLLARS")]
    pub max_cost: Option<f64>,
    /// Requests to models that the run may send
    #[arg(long, value_name = "N")]
    pub max_calls: Option<u64>,
    /// Where a provider is reached, such as openai=http://127.0.0.1:8080/v1 (repeatable)
    #[arg(long = "base-url", value_name = "PROVIDER=URL", value_parser = base_url)]
    pub base_urls: Vec<(ProviderKind, String)>,
    /// Tokens of a prompt at most [default: 24000]
    #[arg(long, value_name = "N")]
    pub prompt_tokens: Option<u32>,
    /// Tokens of an answer at most [default: 4000]
    #[arg(long, value_name = "N")]
    pub answer_tokens: Option<u32>,
    /// Sampling temperature, 0 to 2 [default: the provider's]
    #[arg(long, value_name = "T")]
    pub temperature: Option<f64>,
    /// Seconds that one request may take [default: 300]
    #[arg(long, value_name = "SECONDS")]
    pub model_timeout_seconds: Option<f64>,
    /// Repetitions of a request that failed for a reason that may pass [default: 5]
    #[arg(long, value_name = "N")]
    pub model_retries: Option<u32>,
    /// Seconds before the first repetition [default: 1]
    #[arg(long, value_name = "SECONDS")]
    pub model_backoff_seconds: Option<f64>,
}

impl ModelArgs {
    /// Lays these flags into a layer.
    pub fn fill(&self, layer: &mut Layer) {
        layer.max_cost = self.max_cost;
        layer.max_calls = self.max_calls;
        layer.prompt_tokens = self.prompt_tokens;
        layer.answer_tokens = self.answer_tokens;
        layer.temperature = self.temperature;
        layer.model_timeout_seconds = self.model_timeout_seconds;
        layer.model_retries = self.model_retries;
        layer.model_backoff_seconds = self.model_backoff_seconds;
    }
}

fn base_url(text: &str) -> Result<(ProviderKind, String), String> {
    let (provider, url) = text
        .split_once('=')
        .ok_or("write it as PROVIDER=URL, for instance openai=http://127.0.0.1:8080/v1")?;
    Ok((provider.parse()?, url.to_owned()))
}

/// What makes the command fail, and where findings go.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Findings")]
pub struct GateOptions {
    /// The least serious thing that makes it exit with 1
    #[arg(long, value_name = "WHAT")]
    pub fail_on: Option<FailOn>,
    /// Which findings are listed [default: contradiction, and what --fail-on names]
    #[arg(long, value_name = "WHAT")]
    pub show: Option<Show>,
    /// Least share of documented components that the code does not contradict, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub min_agreement: Option<f64>,
    /// Let the findings in this file pass
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all findings there are into the baseline
    #[arg(long, action = ArgAction::SetTrue)]
    pub update_baseline: bool,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub exit_zero: bool,
    /// Write the findings in a form to a file as well (repeatable)
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = report_target)]
    pub reports: Vec<(Format, PathBuf)>,
}

impl GateOptions {
    /// Lays these flags into a layer.
    pub fn fill(&self, layer: &mut Layer) {
        layer.fail_on = self.fail_on;
        layer.show = self.show;
        layer.min_agreement = self.min_agreement;
        layer.baseline.clone_from(&self.baseline);
    }
}

fn report_target(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text
        .split_once('=')
        .ok_or("write it as FORMAT=PATH, for instance sarif=findings.sarif")?;
    let format = Format::from_str(format, false).map_err(|_| {
        let names: Vec<_> = Format::value_variants()
            .iter()
            .filter_map(|f| f.to_possible_value().map(|v| v.get_name().to_owned()))
            .collect();
        format!("`{format}` is none of {}", names.join(", "))
    })?;
    if path.is_empty() {
        return Err("the path is empty".to_owned());
    }
    Ok((format, PathBuf::from(path)))
}
