//! Label names that Prometheus or the metrics use.

use tta_runtime::primitive;

#[primitive(type = "tool", labels(le = "a", quantile = "b", job = "c", instance = "d", __name = "e", primitive_name = "f", status = "g"))]
fn called() -> u8 {
    5
}

fn main() {
    called();
}
