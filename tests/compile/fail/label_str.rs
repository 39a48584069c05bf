//! A `&str` as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(subject = subject))]
async fn called(subject: &str) -> usize {
    subject.len()
}

fn main() {
    drop(called(""));
}
