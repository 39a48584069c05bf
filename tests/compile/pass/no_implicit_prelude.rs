//! A crate without the prelude.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![no_implicit_prelude]

#[derive(::std::clone::Clone, ::std::marker::Copy, ::tta_runtime::LabelValue)]
enum Audience {
    Public,
}

#[::tta_runtime::primitive(
    type = "llm", action = "chat", provider = "openai", model = capped(text), tier = "batch", usage = manual,
    labels(audience = audience), slo(availability = 99, latency = "1s", latency_target = 90),
    attributes("a.b" = 5), ok_if = |n| *n > 1, error_type = |_| true,
)]
async fn asked(audience: Audience, text: &str) -> ::std::result::Result<usize, ::std::fmt::Error> {
    ::core::future::ready(()).await;
    ::std::result::Result::Ok(text.len())
}

#[::tta_runtime::primitive(type = "tool")]
fn boxed() -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u8>>> {
    ::std::boxed::Box::pin(::std::future::ready(5))
}

#[::tta_runtime::primitive(type = "tool")]
fn plain(left: u8) -> u8 {
    left
}

pub(crate) fn main() {
    ::std::mem::drop(asked(Audience::Public, ""));
    ::std::mem::drop(boxed());
    plain(1);
}
