//! Examines running programs: each check says in a line what is wrong and what to do.

mod check;
mod examination;
mod finding;
mod patients;
mod program;
mod sample;
mod targets;

pub use self::examination::examine;
pub use self::finding::Finding;
pub use self::patients::Patients;
pub use self::program::{Access, Program, Unreachable};
pub use self::targets::{Target, targets};
