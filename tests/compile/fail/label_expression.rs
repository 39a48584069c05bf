//! An expression as a label whose type is not a closed set.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(subject = request.subject))]
fn called(request: &Request) -> usize {
    request.subject.len()
}

struct Request {
    subject: String,
}

fn main() {
    called(&Request { subject: String::new() });
}
