//! Prints the library's own log events.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

/// Prints each of the library's events from now on as a line: level, target, fields.
pub(super) fn print() {
    tracing_subscriber::registry().with(Printing).init();
}

struct Printing;

impl<S: Subscriber> Layer<S> for Printing {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        if target.starts_with("tta::") {
            let mut line = format!("{} {target}", event.metadata().level());
            event.record(&mut Fields(&mut line));
            println!("{line}");
        }
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a string grows");
    }
}
