//! One annotated function, and what it says about itself on `/metrics`.
//!
//! `cargo run -p tta-examples --example hello`

use tta_runtime::{LabelValue, primitive};

/// The values that the label `language` can have; no other can ever appear.
#[derive(Clone, Copy, LabelValue)]
enum Language {
    English,
    Norwegian,
}

#[derive(Debug, thiserror::Error)]
#[error("nobody to greet")]
struct Nobody;

#[primitive(type = "tool", action = "call", labels(language = language))]
fn greet(language: Language, name: &str) -> Result<String, Nobody> {
    match (language, name) {
        (_, "") => Err(Nobody),
        (Language::English, name) => Ok(format!("Hello, {name}!")),
        (Language::Norwegian, name) => Ok(format!("Hei, {name}!")),
    }
}

fn main() {
    for (language, name) in [(Language::English, "Grace"), (Language::Norwegian, "Ida"), (Language::English, "")] {
        match greet(language, name) {
            Ok(greeting) => println!("{greeting}"),
            Err(error) => println!("{error}"),
        }
    }
    // Nothing was opened: the same text is served on `/metrics` after `tta_runtime::init()`. The histogram's buckets and
    // what is still 0 are left out here.
    let text = tta_runtime::metrics_text();
    let of_greet = text.lines().filter(|line| line.contains("primitive_name=\"greet\""));
    for line in of_greet.filter(|line| !line.contains("_bucket{") && !line.ends_with(" 0")) {
        println!("{line}");
    }
}
