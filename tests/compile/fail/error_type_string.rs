//! An error type that is not a closed set.

use tta_runtime::primitive;

#[primitive(type = "tool", error_type = |error| error.clone())]
fn called() -> Result<u8, String> {
    Ok(5)
}

fn main() {
    drop(called());
}
