//! Too many series through a literal, a closed set and a capped label.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(region = "eu", flags = flags, subject = capped(subject)))]
async fn called(flags: (bool, bool), subject: &str) -> bool {
    flags.0 && subject.is_empty()
}

fn main() {
    drop(called((true, true), "a"));
}
