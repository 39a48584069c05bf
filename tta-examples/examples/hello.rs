//! One annotated function, and its metrics as `/metrics` shows them.
//!
//! `cargo run -p tta-examples --example hello`

use tta_runtime::{LabelValue, primitive};

/// The values of the label `language`; the type admits no others.
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
    // This works without `tta_runtime::init()`, which serves the same text on `/metrics`. Buckets and zeros are skipped here.
    let text = tta_runtime::metrics_text();
    let of_greet = text.lines().filter(|line| line.contains("primitive_name=\"greet\""));
    for line in of_greet.filter(|line| !line.contains("_bucket{") && !line.ends_with(" 0")) {
        println!("{line}");
    }
}
