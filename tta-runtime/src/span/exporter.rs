//! An exporter: what it sends of spans, and the sinks through which it sends at the same time.

use super::sink::Sink;

/// An exporter, which gets all sampled spans.
#[derive(Debug)]
pub(crate) struct Exporter {
    pub(crate) signal: Signal,
    pub(crate) sinks: Vec<Box<dyn Sink>>,
}

/// What an exporter sends of the spans that it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The spans: what it loses is lost of the trace.
    Traces,
    /// The events of spans that are log records too: what it loses are log records, while the spans reach other exporters.
    Logs,
}

impl Signal {
    /// Returns the value of the label `signal`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
        }
    }
}

impl Exporter {
    /// Returns an exporter of spans with one sink.
    pub(crate) fn of_spans(sink: impl Sink + 'static) -> Self {
        Self { signal: Signal::Traces, sinks: vec![Box::new(sink)] }
    }
}
