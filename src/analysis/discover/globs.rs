//! The user's own word on what is analysed: `include` and `exclude` globs.
//!
//! Both are read as lines of a `.gitignore` in the repository: `generated` is a file or folder anywhere, with all
//! that is in it, `/tools/*.py` starts at the repository, and a later `!…` takes back.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{DiscoverError, Options};

/// The globs of one discovery.
pub(super) struct Globs {
    include: Vec<Gitignore>,
    exclude: Vec<Gitignore>,
    /// Per included glob, the folders it starts with before any wildcard; empty where it can match anywhere.
    starts: Vec<Vec<String>>,
}

impl Globs {
    /// Reads the globs.
    pub(super) fn new(options: &Options) -> Result<Self, DiscoverError> {
        Ok(Self {
            include: matchers(&options.include)?,
            exclude: matchers(&options.exclude)?,
            starts: options.include.iter().filter_map(|g| start(g)).collect(),
        })
    }

    /// Whether a file is asked for, by itself or by a folder it is in.
    pub(super) fn includes(&self, path: &str) -> bool {
        names(&self.include, path, false)
    }

    /// Whether a file in this folder, at any depth, may be asked for.
    pub(super) fn may_include_in(&self, folder: &str) -> bool {
        self.starts
            .iter()
            .any(|start| start.iter().zip(folder.split('/')).all(|(wanted, part)| wanted == part))
    }

    /// Whether a file or folder is unwanted, by itself or by a folder it is in.
    pub(super) fn excludes(&self, path: &str, is_folder: bool) -> bool {
        names(&self.exclude, path, is_folder)
    }
}

/// Whether the last glob that matches the path, or a folder it is in, names it rather than takes it back.
fn names(globs: &[Gitignore], path: &str, is_folder: bool) -> bool {
    globs
        .iter()
        .rev()
        .map(|glob| glob.matched_path_or_any_parents(path, is_folder))
        .find(|matched| !matched.is_none())
        .is_some_and(|matched| matched.is_ignore())
}

/// A matcher per glob, so that one can take back what another names by a folder.
fn matchers(globs: &[String]) -> Result<Vec<Gitignore>, DiscoverError> {
    globs
        .iter()
        .map(|glob| {
            let mut builder = GitignoreBuilder::new("");
            builder
                .add_line(None, &line(glob))
                .and_then(|builder| builder.build())
                .map_err(|source| DiscoverError::Glob {
                    glob: glob.clone(),
                    source,
                })
        })
        .collect()
}

/// A glob as a line of a `.gitignore`, where `./x` would match nothing and `#x` would be a comment.
fn line(glob: &str) -> String {
    match glob.strip_prefix("./") {
        Some(rest) => format!("/{rest}"),
        None if glob.starts_with('#') => format!("\\{glob}"),
        None => glob.to_owned(),
    }
}

/// The folders a glob starts with; none where it takes files back.
fn start(glob: &str) -> Option<Vec<String>> {
    let line = line(glob);
    if line.trim().is_empty() || line.starts_with('!') {
        return None;
    }
    let is_anchored = line.trim_end_matches('/').contains('/');
    let parts = line.trim_matches('/').split('/');
    let literal = parts.take_while(|part| is_anchored && !part.contains(['*', '?', '[', '{', '\\']));
    Some(literal.map(str::to_owned).collect())
}
