//! A plain function's output does not know its usage.

use tta_runtime::primitive;

#[primitive(type = "embedding", provider = "openai", model = "small")]
fn called() -> Vec<f32> {
    Vec::new()
}

fn main() {
    called();
}
