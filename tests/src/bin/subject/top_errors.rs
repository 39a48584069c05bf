//! Labels of the largest with one name and different sizes, whose ranks have different errors.

use tta_runtime::primitive;

/// The tenants that a label's ranks count exactly. Each further one takes over the counter of another, which is then too large by that.
const COUNTED: u64 = 512;

#[primitive(type = "tool", labels(tenant = top(20, tenant)))]
fn serve(tenant: &str) {}

#[primitive(type = "tool", labels(tenant = top(10, tenant)))]
fn bill(tenant: &str) {}

#[primitive(type = "tool", labels(customer = top(5, customer)))]
fn greet(customer: &str) {}

#[primitive(type = "tool", labels(customer = top(3, customer)))]
fn remind(customer: &str) {}

/// Lets the first label of one name have the larger error, and the second one of another, and prints the address of the metrics.
pub(super) fn run() {
    let telemetry = super::start();
    let call = |function: fn(&str), tenants: u64| (0..tenants).for_each(|tenant| function(&tenant.to_string()));
    call(serve, COUNTED);
    call(bill, 3 * COUNTED);
    call(greet, 2 * COUNTED);
    call(remind, COUNTED);
    super::say_and_wait(telemetry.metrics_addr().expect("metrics are served"));
}
