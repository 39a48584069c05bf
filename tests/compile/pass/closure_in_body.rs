//! Loop labels, loops, closures and `async` blocks in the body.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool")]
async fn busy(items: Vec<u8>) -> Option<u8> {
    let total = 'sum: {
        let mut total = 0_u8;
        for item in &items {
            total = match total.checked_add(*item) {
                Some(total) => total,
                None => break 'sum None,
            };
        }
        Some(total)
    };
    let doubled = async { Some(total? * 2) };
    let halved = || Some(total? / 2);
    Some(doubled.await? + halved()?)
}

pub(crate) fn main() {
    drop(busy(vec![1]));
}
