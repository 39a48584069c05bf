//! Examines running programs: each check says in a line what is wrong and what to do.

mod access;
mod address;
mod check;
mod examination;
mod examined;
mod finding;
mod program;
mod sample;
mod targets;
mod unanswered;
mod unreachable;

pub use self::access::Access;
pub use self::address::Address;
pub use self::examination::examine;
pub use self::examined::Examined;
pub use self::finding::Finding;
pub use self::program::Program;
pub use self::targets::{Target, targets};
pub use self::unanswered::Unanswered;
pub use self::unreachable::Unreachable;
