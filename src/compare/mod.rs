//! Where two streams differ, and what settles it.
//!
//! [`diff`] pairs two drafts' claims by subject and says how alike two values are; [`settle`] decides, claim by claim,
//! what becomes documentation. Both are pure: facts and people's answers come in as arguments, and a difference that
//! neither decides stays open.

pub mod diff;
pub mod findings;
pub mod settle;
#[cfg(test)]
pub(crate) mod tests;
