//! A branch that is no work.

use tta_runtime::block::Parallel;

fn main() {
    drop(Parallel::<String, ()>::new("facts").branch("search"));
}
