//! The shipped rules on real servers, while the example works and things go wrong.

mod collector;
mod faults;
mod recorded;
mod stack;
