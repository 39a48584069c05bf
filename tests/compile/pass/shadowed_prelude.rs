//! Code that shadows the prelude, `core`, `std` and the runtime.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(dead_code, non_snake_case, unused_imports, unused_macros)]

mod core {}
mod std {}
mod tta_runtime {}
mod linkme {}

struct Option;
struct Result;
struct Some;
struct None;
struct Ok;
struct Err;
struct Box;
struct String;
struct Vec;
trait Send {}
trait FnOnce {}
trait Drop {}
macro_rules! concat {
    () => {};
}
macro_rules! file {
    () => {};
}
macro_rules! line {
    () => {};
}
macro_rules! module_path {
    () => {};
}

#[derive(Clone, Copy, ::tta_runtime::LabelValue)]
enum Audience {
    Public,
}

#[::tta_runtime::primitive(
    type = "llm", action = "chat", provider = "openai", model = "gpt-4o", usage = none,
    labels(audience = audience, flag = Audience::Public), slo(availability = 99, latency = "1s", latency_target = 90),
    attributes("a.b" = 5), buckets(1, 2),
)]
async fn asked(audience: Audience) -> Option {
    ::core::future::ready(()).await;
    Option
}

#[::tta_runtime::primitive(type = "tool")]
fn called() -> Result {
    Result
}

#[::tta_runtime::primitive(type = "tool")]
fn boxed() -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = u8>>> {
    ::std::boxed::Box::pin(::core::future::ready(5))
}

pub(crate) fn main() {
    drop(asked(Audience::Public));
    let _: Result = called();
    drop(boxed());
}
