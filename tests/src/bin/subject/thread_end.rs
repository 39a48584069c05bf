//! Calls in the destructors of a thread's own values, when the thread's frame is gone already.

use std::cell::RefCell;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tta_runtime::primitive;

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        in_destructor();
    }
}

#[primitive(type = "tool", action = "call")]
fn in_destructor() {
    below();
}

#[primitive(type = "tool", action = "call")]
fn below() {}

#[primitive(type = "tool", action = "call")]
fn before() {}

pub(super) fn run() {
    // A provider of the program makes calls look for OpenTelemetry's context, which is another value of the thread.
    opentelemetry::global::set_tracer_provider(SdkTracerProvider::builder().build());
    let telemetry = tta_runtime::builder().without_metrics_server().init().expect("the telemetry starts");
    let thread = std::thread::spawn(|| {
        // Values of a thread are dropped in the reverse order of their first use.
        LAST.set(Some(Last));
        before();
    });
    thread.join().expect("it ends without a panic");
    let _ = telemetry.shutdown(super::PATIENCE);
    let text = tta_runtime::metrics_text();
    let is_count = |line: &&str| line.starts_with("tta_primitive_executions_total") && line.contains(r#""success""#);
    text.lines().filter(is_count).filter(|line| !line.ends_with(" 0")).for_each(|line| println!("{line}"));
}
