//! The sizes and times of the export of spans, and the receivers for which they say more.

use std::time::Duration;

use super::compatibility::Compatibility;

/// The sizes and times of the export of spans and its receivers, by OpenTelemetry's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExportSettings {
    /// The most spans that wait for export or are being exported: `OTEL_BSP_MAX_QUEUE_SIZE`.
    pub(crate) most_spans: usize,
    /// The most bytes of these spans and of the copies that exporters work on: `TTA_SPAN_QUEUE_BYTES`.
    pub(crate) most_bytes: usize,
    /// The most spans of a batch: `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`.
    pub(crate) batch: usize,
    /// The longest time that one export may take: `OTEL_BSP_EXPORT_TIMEOUT`.
    pub(crate) export_timeout: Duration,
    /// The longest time between two looks at the queue: `OTEL_BSP_SCHEDULE_DELAY`.
    pub(crate) delay: Duration,
    /// The receivers for which spans say more.
    pub(crate) compatibility: Option<Compatibility>,
}

impl Default for ExportSettings {
    fn default() -> Self {
        Self {
            most_spans: 8_192,
            most_bytes: 8 << 20,
            batch: 512,
            export_timeout: Duration::from_secs(30),
            delay: Duration::from_millis(500),
            compatibility: None,
        }
    }
}

impl ExportSettings {
    /// Returns the bytes that spans may take; exporters' copies of batches take the rest.
    pub(super) fn queue_bytes(&self) -> usize {
        self.most_bytes - self.most_bytes / 8
    }

    /// Returns the heaviest span that is exported: the exporter's copies of a heavier one would be beyond the bound. Its size fits into 32 bits.
    pub(super) fn heaviest_span(&self) -> usize {
        (self.most_bytes / 4).min(u32::MAX as usize)
    }

    /// Returns the bytes of spans that one of `exporters` may work on at the same time, of which it may hold copies.
    pub(super) fn bytes_on_the_way(&self, exporters: usize) -> usize {
        self.most_bytes / 8 / exporters.max(1)
    }

    /// Returns what one of `exporters` may hold back, in spans and bytes.
    ///
    /// It is less than the queue takes, so that spans which end meanwhile find space until an outage's oldest batch is given up.
    pub(super) fn share(&self, exporters: usize) -> (usize, usize) {
        let of = |all: usize| (all - all / 8) / exporters.max(1);
        (of(self.most_spans).max(1), of(self.queue_bytes()))
    }
}
