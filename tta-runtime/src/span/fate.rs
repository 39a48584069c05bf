//! The fates of spans: each that ended is exported, dropped for a reason, or still held.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counts of spans by fate.
pub(crate) struct SpanCounts {
    pub(crate) ended: AtomicU64,
    pub(crate) exported: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
}

/// The reason that a span was not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DropReason {
    /// The queue, or an exporter's share of it, was full: spans ended faster than the exporter took them.
    QueueFull,
    /// The exporter could be retried, but the queue's space was needed for newer spans.
    RetryExhausted,
    /// The collector answered with an error that another attempt cannot mend.
    NonRetryable,
    /// The collector accepted the batch without this span, or the program's own exporter returned an error.
    Rejected,
    /// An exporter panicked.
    ExporterPanic,
    /// The span alone takes more memory than a span may.
    TooLarge,
    /// The span ended after the shutdown began.
    AfterShutdown,
    /// The time limit of an export or of the shutdown passed.
    Deadline,
    /// The process is a fork of the one that exports.
    Forked,
}

impl DropReason {
    pub(crate) const ALL: [Self; 9] = [
        Self::QueueFull,
        Self::RetryExhausted,
        Self::NonRetryable,
        Self::Rejected,
        Self::ExporterPanic,
        Self::TooLarge,
        Self::AfterShutdown,
        Self::Deadline,
        Self::Forked,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::RetryExhausted => "retry_exhausted",
            Self::NonRetryable => "non_retryable",
            Self::Rejected => "rejected",
            Self::ExporterPanic => "exporter_panic",
            Self::TooLarge => "too_large",
            Self::AfterShutdown => "after_shutdown",
            Self::Deadline => "deadline",
            Self::Forked => "forked",
        }
    }
}

impl SpanCounts {
    pub(super) const fn new() -> Self {
        Self {
            ended: AtomicU64::new(0),
            exported: AtomicU64::new(0),
            dropped: [const { AtomicU64::new(0) }; DropReason::ALL.len()],
        }
    }

    pub(crate) fn drop(&self, reason: DropReason, spans: u64) {
        if let Some(count) = self.dropped.get(reason as usize) {
            count.fetch_add(spans, Ordering::Relaxed);
        }
    }

    pub(crate) fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped.get(reason as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}
