//! A `mut` parameter stays mutable, and triggers no lint.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool")]
fn grown(mut text: String, mut count: usize, mut items: Box<[u8]>) -> String {
    while count > 0 {
        text.push('x');
        count -= 1;
    }
    items[0] = 1;
    text
}

#[primitive(type = "tool")]
async fn later(mut items: Vec<u8>, mut rest: impl Iterator<Item = u8>) -> Vec<u8> {
    std::future::ready(()).await;
    items.extend(rest.next());
    items
}

pub(crate) fn main() {
    assert_eq!(grown(String::new(), 2, Box::new([0])), "xx");
    drop(later(vec![], [1].into_iter()));
}
