//! Every form of the key `usage`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(clippy::unused_async)]

use tta_runtime::llm::{HasUsage, Usage};
use tta_runtime::primitive;

struct Completion(Option<Usage>);

impl HasUsage for Completion {
    fn usage(&self) -> Option<Usage> {
        self.0.clone()
    }
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o")]
async fn of_output() -> Result<Completion, String> {
    Ok(Completion(None))
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = |out| out.0.clone())]
async fn of_closure() -> Completion {
    Completion(None)
}

fn read(completion: &Completion) -> Option<Usage> {
    completion.0.clone()
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = read)]
fn of_function() -> Result<Completion, String> {
    Ok(Completion(Some(Usage::new(1, 2))))
}

#[primitive(type = "embedding", provider = "openai", model = "small", usage = none)]
async fn without() -> Vec<f32> {
    Vec::new()
}

#[primitive(type = "embedding", provider = "openai", model = "small", usage = manual)]
async fn by_hand() -> Vec<f32> {
    Vec::new()
}

pub(crate) fn main() {
    drop(of_output());
    drop(of_closure());
    assert!(of_function().is_ok());
    drop(without());
    drop(by_hand());
}
