//! Label names whose values are unbounded.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(user_id = "a", trace_id = "b", prompt = "c", email = "d", url = "e"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
