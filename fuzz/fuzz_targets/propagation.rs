//! Any headers of W3C's trace context: what is passed on is read again and passed on unchanged.

#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use tta_runtime::propagation;

/// Returns the headers that are passed on.
fn onward(headers: &HeaderMap) -> HeaderMap {
    propagation::extract(headers).run(|| {
        let mut onward = HeaderMap::new();
        propagation::inject(&mut onward);
        onward
    })
}

fuzz_target!(|bytes: &[u8]| {
    let mut headers = HeaderMap::new();
    // Each line is a header; its first byte says which.
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else { continue };
        let name = ["traceparent", "tracestate", "baggage"][usize::from(which % 3)];
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let first = onward(&headers);
    assert_eq!(onward(&first), first);
});
