//! A call of a function that is not `async`, whose output does not implement `HasUsage`.

use tta_runtime::primitive;

#[primitive(type = "embedding", provider = "openai", model = "small")]
fn called() -> Vec<f32> {
    Vec::new()
}

fn main() {
    called();
}
