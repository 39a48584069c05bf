//! A guard on a function that returns no `Result`, and on one that returns a future.

use tta_runtime::primitive;

#[primitive(type = "tool", loop_guard)]
fn called(n: u8) {
    let _ = n;
}

#[primitive(type = "tool", loop_guard)]
fn later() -> impl Future<Output = Result<u8, String>> {
    async { Ok(5) }
}

fn main() {
    called(1);
    let _ = later();
}
