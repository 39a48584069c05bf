//! A call to a model without a provider and a model.

use tta_runtime::primitive;

#[primitive(type = "llm", action = "chat", usage = none)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
