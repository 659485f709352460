//! Profiles: the policies of other docstring linters, for people who come from them.
//!
//! [`check`] applies one tool's documented rules, with the options its users have in their own tables, to outlines:
//! files one by one, as that tool sees them. The drift that only the whole repository shows is found by
//! [`crate::compare::findings`]; nothing of it is repeated here. No rule here knows more than its tool says it does.

mod darglint;
mod docsig;
mod noqa;
mod numpydoc;
mod page;
mod pydoclint;
mod ruff;
pub mod tables;
mod type_text;

use crate::config::Profile;
use crate::model::finding::Finding;
use crate::model::outline::Outline;
use tables::Tables;

/// What one file is held against.
type Rules = Box<dyn Fn(&Outline) -> Vec<Finding> + Sync>;

/// Why a profile cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A file that is not in its format.
    #[error("understand {path}: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// An option with a value that it cannot have.
    #[error("understand `{key}` in {path}: {message}")]
    Option {
        /// The file.
        path: String,
        /// The option.
        key: String,
        /// What is wrong.
        message: String,
    },
}

/// The findings of a profile, file by file, by line, then kind, then name.
///
/// # Errors
/// [`ProfileError`], where one of the tool's own tables cannot be understood.
pub fn check(profile: Profile, files: &[Outline], tables: &Tables) -> Result<Vec<Finding>, ProfileError> {
    let rules: Rules = match profile {
        Profile::Pydoclint => {
            let options = pydoclint::Options::read(tables)?;
            Box::new(move |file| pydoclint::check(file, &options))
        }
        Profile::Ruff => {
            let options = ruff::Options::read(tables)?;
            Box::new(move |file| ruff::check(file, &options))
        }
        Profile::Docsig => {
            let options = docsig::Options::read(tables)?;
            Box::new(move |file| docsig::check(file, &options))
        }
        Profile::Darglint => {
            let options = darglint::Options::read(tables)?;
            Box::new(move |file| darglint::check(file, &options))
        }
        Profile::Numpydoc => {
            let options = numpydoc::Options::read(tables)?;
            Box::new(move |file| numpydoc::check(file, &options))
        }
    };
    use rayon::prelude::*;
    let judged = files.par_iter().map(|file| {
        let mut found = rules(file);
        noqa::let_pass(file, &mut found);
        found
    });
    let mut found: Vec<Vec<Finding>> = judged.collect();
    for findings in &mut found {
        findings.sort_by(|a, b| (a.line, a.kind, &a.name, &a.message).cmp(&(b.line, b.kind, &b.name, &b.message)));
        findings.dedup();
    }
    Ok(found.into_iter().flatten().collect())
}
