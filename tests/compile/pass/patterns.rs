//! Patterns in parameters, with names that the attribute uses.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
enum Audience {
    Public,
    Internal,
}

struct Request {
    text: String,
    pages: Vec<u32>,
}

#[primitive(type = "tool", labels(audience = audience), attributes("request.text" = format!("{text}!")))]
fn used(Request2 { audience, mut text, pages: [first, ..] }: Request2, (left, mut right): (u8, u8)) -> usize {
    text.push('x');
    right += 1;
    let _ = audience;
    text.len() + usize::from(left + right) + first as usize
}

struct Request2 {
    audience: Audience,
    text: String,
    pages: [u32; 2],
}

#[primitive(type = "tool")]
async fn unused(
    Request { text, mut pages }: Request,
    _: String,
    whole @ (_, _): (u8, u8),
    [first, .., last]: [String; 3],
    &number: &u8,
) -> String {
    pages.push(1);
    std::future::ready(()).await;
    format!("{text}{pages:?}{whole:?}{first}{last}{number}")
}

pub(crate) fn main() {
    let request = Request2 { audience: Audience::Public, text: String::new(), pages: [1, 2] };
    assert_eq!(used(request, (1, 2)), 6);
    let _ = Audience::Internal;
    let request = Request { text: String::new(), pages: vec![] };
    drop(unused(request, String::new(), (1, 2), [const { String::new() }; 3], &5));
}
