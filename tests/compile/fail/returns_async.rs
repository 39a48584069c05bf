//! `returns = future` on an `async fn`.

use tta_runtime::primitive;

#[primitive(type = "tool", returns = future)]
async fn called() -> u8 {
    5
}

fn main() {
    drop(called());
}
