//! Random programs of annotated functions, and the counts of their calls from outside of the library.

pub mod program;
pub mod random;
pub mod truth;
