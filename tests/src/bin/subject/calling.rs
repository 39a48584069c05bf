//! A subscriber for the whole program that calls an annotated function whenever it is told of a span.

use std::sync::atomic::{AtomicU32, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::set_global_default;
use tracing::{Event, Metadata, Subscriber};
use tta_runtime::primitive;

struct Calling;

/// The spans of which the subscriber was told.
static SPANS: AtomicU32 = AtomicU32::new(0);

impl Subscriber for Calling {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        called_by_subscriber();
        true
    }

    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        called_by_subscriber();
        Id::from_u64(u64::from(SPANS.fetch_add(1, Ordering::SeqCst)) + 1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _span: &Id) {
        called_by_subscriber();
    }

    fn exit(&self, _span: &Id) {
        called_by_subscriber();
    }
}

#[primitive(type = "tool")]
fn called_by_subscriber() {}

#[primitive(type = "tool")]
fn called_by_program() {}

pub(super) fn run() {
    set_global_default(Calling).expect("it is the first");
    (0..3).for_each(|_| called_by_program());
    println!("{} spans", SPANS.load(Ordering::SeqCst));
}
