//! `analyze`: the facts, answers about them, and comparisons with them.

mod claims;
mod comparison;
mod docstrings;

use crate::cli::args::facts::{AnalyzeArgs, FactsFormat};
use crate::cli::context::Context;
use crate::cli::failure::{Ending, Failure};
use crate::cli::progress;
use crate::cli::session;
use crate::config::{Config, Layer};
use crate::model::oracle::Oracle;
use crate::report::facts;

pub(crate) fn run(args: &AnalyzeArgs, context: &Context) -> Result<Ending, Failure> {
    let mut flags = Layer::default();
    args.discovery.fill(&mut flags);
    let config = context.settings(Some(&args.repository), flags)?.run;
    if let Some(file) = &args.docstrings {
        let form = docstrings::Form::of(args.format)?;
        return docstrings::run(file, form, &config, context);
    }
    if let Some(file) = &args.verify {
        let form = claims::Form::of(args.format)?;
        let oracle = analysed(args, &config, context)?;
        return claims::run(&oracle, file, form, context);
    }
    if let Some(file) = &args.diff {
        let form = comparison::Form::of(args.format)?;
        let documented = comparison::read(file)?;
        let oracle = analysed(args, &config, context)?;
        return comparison::run(&oracle, &documented, form, context);
    }
    let format = args.format.unwrap_or(FactsFormat::Text);
    if format == FactsFormat::Pycg {
        let spinner = progress::spinner(context, "analysing");
        let adjacency = session::adjacency(&args.repository, &config)?;
        drop(spinner);
        super::print_json(&adjacency, context)?;
        return Ok(Ending::Clean);
    }
    let oracle = analysed(args, &config, context)?;
    context.print(|out| match format {
        FactsFormat::Json => facts::json(&oracle, out),
        FactsFormat::JsonLines => facts::json_lines(&oracle, out),
        FactsFormat::Dot => facts::dot(&oracle, out),
        FactsFormat::Graphml => facts::graphml(&oracle, out),
        FactsFormat::Mermaid => facts::mermaid(&oracle, out),
        FactsFormat::Text | FactsFormat::Pycg => facts::text(&oracle, context.stdout_paint, out),
    })?;
    Ok(Ending::Clean)
}

fn analysed(args: &AnalyzeArgs, config: &Config, context: &Context) -> Result<Oracle, Failure> {
    let _spinner = progress::spinner(context, "analysing");
    session::oracle(&args.repository, config)
}
