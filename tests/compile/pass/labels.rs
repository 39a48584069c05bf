//! Every form of a label value.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(clippy::trivially_copy_pass_by_ref)]

use tta_runtime::{LabelValue, primitive};

#[derive(Clone, Copy, LabelValue)]
enum Audience {
    Public,
    Internal,
}

struct Request {
    audience: Audience,
    region: String,
}

#[primitive(
    type = "tool",
    labels(
        literal = "gold",
        flag = true,
        plain = audience,
        referenced = other,
        field = request.audience,
        pair = (audience, flag),
        computed = audience_of(flag),
    ),
)]
fn labelled(audience: Audience, other: &Audience, flag: bool, request: &Request) -> usize {
    let _ = (audience, other, flag);
    request.region.len()
}

fn audience_of(flag: bool) -> Audience {
    if flag { Audience::Public } else { Audience::Internal }
}

#[primitive(
    type = "tool",
    labels(is_rest = number % 3 == 1 && !flag, shown = capped(number.to_string() + "!")),
    attributes("half" = number / 2, "is_small" = number < 10)
)]
fn operators(number: u32, flag: bool) -> u32 {
    if flag { number } else { 0 }
}

#[primitive(type = "tool", labels(kind = kind, name = capped(format!("{kind:?}"))))]
async fn generic<T: LabelValue + std::fmt::Debug>(kind: T) -> T {
    std::future::ready(()).await;
    kind
}

struct Client<K>(K);

impl<K: LabelValue + Copy> Client<K> {
    #[primitive(type = "tool", labels(kind = kind, own = self.0))]
    fn method(&self, kind: K) -> K {
        let _ = self.0;
        kind
    }
}

pub(crate) fn main() {
    assert_eq!(operators(2, true), 2);
    let request = Request { audience: Audience::Public, region: String::new() };
    drop(generic(true));
    assert!(Client(true).method(true));
    let _ = labelled as fn(Audience, &Audience, bool, &Request) -> usize;
    let _ = (request.audience, Audience::Internal);
}
