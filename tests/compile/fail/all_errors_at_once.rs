//! One build reports all errors of an attribute.

use tta_runtime::primitive;

#[primitive(type = "lmm", nmae = "a", labels(user_id = capped("a"), le = "b", Big = "c"), slo(availability = 100, latency = "250"), buckets(2, 1), attributes(pages = 5))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
