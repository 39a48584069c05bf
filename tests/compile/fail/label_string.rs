//! A `String` as a label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(subject = subject))]
fn called(subject: String) -> usize {
    subject.len()
}

fn main() {
    called(String::new());
}
