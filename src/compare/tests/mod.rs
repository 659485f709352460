//! What the tests of settlement and of runs are about: repositories made by hand.

pub(crate) mod sample;
