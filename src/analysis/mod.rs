//! What the code says: from files to the [`Oracle`], purely and synchronously.
//!
//! The flow is [`discover`] → parse → points-to → components, graph, facts, order. [`analyze`] is the entry. Nothing
//! here fails on bad Python: what cannot be read becomes a problem, what cannot be known stays open.

pub mod discover;
mod components;
mod facts;
mod graph;
mod old_syntax;
mod order;
pub(crate) mod parse;
mod points_to;
mod program;

use std::collections::BTreeMap;

use discover::Sources;
use points_to::Engine;
use program::Program;
use rayon::prelude::*;

use crate::model::oracle::Oracle;
use crate::model::outline::Outline;

/// Analyses a repository on this many threads (none: all cores). The result does not depend on the number.
pub fn analyze(sources: &Sources, jobs: Option<usize>) -> Oracle {
    in_pool(jobs, || facts::oracle(sources))
}

/// The call graph in PyCG's form: plain names, lambdas and class bodies as callers of their own.
pub fn adjacency(sources: &Sources, jobs: Option<usize>) -> BTreeMap<String, Vec<String>> {
    in_pool(jobs, || {
        let mut engine = Engine::new(Program::load(sources));
        let records = engine.run();
        graph::adjacency(&engine, &records)
    })
}

/// The outline of every file that could be read, by path: what one sees who reads one file at a time.
pub fn outlines(sources: &Sources, jobs: Option<usize>) -> Vec<Outline> {
    in_pool(jobs, || {
        let files = sources.files.par_iter().filter(|file| file.text.is_some());
        let outlines = files.map_init(parse::Grammar::python, |grammar, file| {
            parse::outline_of(grammar, file, file.text.as_deref().unwrap_or_default())
        });
        outlines.collect()
    })
}

fn in_pool<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    match jobs.map(|n| rayon::ThreadPoolBuilder::new().num_threads(n).build()) {
        Some(Ok(pool)) => pool.install(work),
        // No threads to be had: the work is done on this one.
        _ => work(),
    }
}
