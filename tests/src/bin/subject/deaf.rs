//! A subscriber that panics when it is asked for its interest in the spans of a function.

use std::sync::atomic::{AtomicU32, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Metadata, Subscriber};
use tta_runtime::primitive;

/// The number of times it was asked.
static ASKED: AtomicU32 = AtomicU32::new(0);

struct Deaf;

impl Subscriber for Deaf {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.file().is_some_and(|file| file.ends_with("deaf.rs")) {
            ASKED.fetch_add(1, Ordering::SeqCst);
            panic!("it does not want to know");
        }
        Interest::never()
    }

    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

#[primitive(type = "tool", action = "call")]
fn double(number: u32) -> u32 {
    2 * number
}

pub(super) fn run() {
    set_global_default(Deaf).expect("it is the first");
    let doubled: Vec<_> = (1..=3).map(double).collect();
    println!("{doubled:?}, asked {} times", ASKED.load(Ordering::SeqCst));
}
