//! Too many series through types whose names consist of capitals, as those of generic parameters do.

use tta_runtime::{LabelValue, primitive};

type Flags = (bool, bool, bool, bool);

#[derive(LabelValue)]
enum LLM {
    Small,
    Large,
}

type A = (Flags, bool);

struct Client;

impl Client {
    #[primitive(type = "tool", labels(left = left, right = right))]
    async fn of_method(&self, left: A, right: A) {}

    #[primitive(type = "tool", labels(left = left, right = right))]
    fn of_type(left: A, right: A) {}
}

#[primitive(type = "tool", labels(llm = llm, left = left, right = right))]
async fn of_module(llm: LLM, left: A, right: A) {}

fn main() {}
