//! Too many series through a generic label, one of whose types has too many values.

use tta_runtime::{LabelValue, primitive};

#[primitive(type = "tool", labels(kind = kind, subject = capped(subject)))]
async fn called<T: LabelValue>(kind: T, subject: &str) -> bool {
    kind.label_value() == subject
}

fn main() {
    drop(called(true, "a"));
    let refused = called((true, true), "a");
    futures_executor::block_on(refused);
}
