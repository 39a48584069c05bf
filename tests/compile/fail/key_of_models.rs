//! Keys of models on a tool.

use tta_runtime::primitive;

#[primitive(type = "tool", provider = "openai", model = "gpt-4o", tier = "batch", usage = none)]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
