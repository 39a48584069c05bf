//! A label of the largest, beside other labels, on functions and methods, for every kind of text.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(clippy::unused_async, clippy::needless_pass_by_value, clippy::unused_self)]

use tta_runtime::primitive;

#[primitive(type = "tool", labels(tenant_id = top(20, tenant), cached = cached))]
async fn owned(tenant: String, cached: bool) -> usize {
    tenant.len() + usize::from(cached)
}

struct Request {
    tenant: String,
}

#[primitive(type = "tool", labels(tenant = top(24, request.tenant)))]
impl Request {
    fn serve(&self, request: &Self) -> usize {
        request.tenant.len()
    }
}

#[primitive(type = "tool", labels(tenant = top(1, format!("tenant-{number}")), wide = number > 9))]
fn formatted(number: u64) -> u64 {
    number
}

pub(crate) fn main() {
    assert_eq!(futures_executor::block_on(owned("blue".to_owned(), true)), 5);
    let request = Request { tenant: "red".to_owned() };
    assert_eq!(request.serve(&request), 3);
    assert_eq!(formatted(7), 7);
}
