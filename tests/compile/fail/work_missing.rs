//! A branch that does not implement `Work`.

use tta_runtime::block::Parallel;

fn main() {
    drop(Parallel::<String, ()>::new("facts").branch("search"));
}
