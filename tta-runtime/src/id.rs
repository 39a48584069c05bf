//! Identifiers of traces and spans (W3C), and of workflows (UUIDv7).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use uuid::{Builder, Uuid};

/// The identifiers of a span and its trace; all zero for no span.
///
/// Small and `Copy`, since each frame of each task holds one. Bytes need no alignment, so that a frame has no padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SpanIds {
    trace: [u8; 16],
    span: [u8; 8],
    sampled: bool,
    remote: bool,
    /// True for a span that this library does not export.
    foreign: bool,
}

/// The identifier of a span's parent, all zero for none. It is in the span's trace, of which each span in the queue needs the identifier only
/// once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ParentId {
    span: [u8; 8],
    remote: bool,
    foreign: bool,
}

impl ParentId {
    /// No parent.
    pub(crate) const NONE: Self = Self { span: [0; 8], remote: false, foreign: false };

    pub(crate) fn is_some(self) -> bool {
        self.span != [0; 8]
    }

    /// Returns whether this is the span, in whatever trace.
    pub(crate) fn is(self, span: SpanIds) -> bool {
        self.span == span.span
    }

    /// Returns whether the parent is a span of another process, or one that the host exports.
    pub(crate) fn is_foreign(self) -> bool {
        self.foreign
    }

    pub(crate) fn is_remote(self) -> bool {
        self.remote
    }

    pub(crate) fn span_id(self) -> SpanId {
        SpanId::from_bytes(self.span)
    }

    /// Returns the identifier in hexadecimal digits.
    pub(crate) fn span_digits(self) -> [u8; 16] {
        digits(self.span)
    }
}

impl From<SpanIds> for ParentId {
    fn from(SpanIds { span, remote, foreign, .. }: SpanIds) -> Self {
        Self { span, remote, foreign }
    }
}

impl SpanIds {
    /// No span at all.
    pub(crate) const NONE: Self = Self { trace: [0; 16], span: [0; 8], sampled: false, remote: false, foreign: false };

    /// Returns the identifiers of a new trace and its root span; `sampled` decides by the trace's identifier.
    pub(crate) fn root(sampled: impl FnOnce(TraceId) -> bool) -> Self {
        let mut ids = Self { trace: fastrand::u128(..).to_ne_bytes(), span: new_span(), ..Self::NONE };
        ids.sampled = sampled(ids.trace_id());
        ids
    }

    /// Returns the identifiers of a span of another process.
    pub(crate) fn remote(trace: u128, span: u64, sampled: bool) -> Self {
        Self { trace: trace.to_be_bytes(), span: span.to_be_bytes(), sampled, remote: true, foreign: true }
    }

    /// Returns the identifiers of a new span in the same trace.
    pub(crate) fn child(self) -> Self {
        Self { span: new_span(), remote: false, foreign: false, ..self }
    }

    pub(crate) fn with_sampled(self, sampled: bool) -> Self {
        Self { sampled, ..self }
    }

    pub(crate) fn is_some(self) -> bool {
        self.span != [0; 8]
    }

    /// Returns whether both are the same span, whatever its flags.
    pub(crate) fn is_same_span(self, other: Self) -> bool {
        (self.trace, self.span) == (other.trace, other.span)
    }

    /// Returns whether both spans belong to the same trace.
    pub(crate) fn is_same_trace(self, other: Self) -> bool {
        self.trace == other.trace
    }

    pub(crate) fn is_sampled(self) -> bool {
        self.sampled
    }

    pub(crate) fn is_remote(self) -> bool {
        self.remote
    }

    pub(crate) fn trace_id(self) -> TraceId {
        TraceId::from_bytes(self.trace)
    }

    pub(crate) fn span_id(self) -> SpanId {
        SpanId::from_bytes(self.span)
    }

    /// Converts into OpenTelemetry's span context.
    pub(crate) fn to_otel(self, trace_state: TraceState) -> SpanContext {
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        SpanContext::new(self.trace_id(), self.span_id(), flags, self.remote, trace_state)
    }

    /// Converts from OpenTelemetry's span context; an invalid one becomes [`NONE`](Self::NONE).
    pub(crate) fn from_otel(context: &SpanContext) -> Self {
        if !context.is_valid() {
            return Self::NONE;
        }
        Self {
            trace: context.trace_id().to_bytes(),
            span: context.span_id().to_bytes(),
            sampled: context.is_sampled(),
            remote: context.is_remote(),
            foreign: true,
        }
    }
}

fn digits(bytes: [u8; 8]) -> [u8; 16] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0; 16];
    for (digits, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        for (digit, half) in digits.iter_mut().zip([byte >> 4, byte & 0xf]) {
            *digit = DIGITS.get(usize::from(half)).copied().unwrap_or_default();
        }
    }
    digits
}

fn new_span() -> [u8; 8] {
    // Zero means "no span" in W3C trace context.
    fastrand::u64(1..).to_ne_bytes()
}

/// Returns a new UUIDv7 as text, which sorts by creation time to a quarter of a microsecond of the system's clock.
pub(crate) fn uuid() -> Arc<str> {
    uuid_at(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// Returns a new UUIDv7 of a time since 1970. It sorts to a quarter of a microsecond, by RFC 9562's third method.
fn uuid_at(time: Duration) -> Arc<str> {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    // After the milliseconds come 12 bits with the 4,096ths of one; the others are random.
    let fraction = (time.subsec_nanos() % 1_000_000) * 4_096 / 1_000_000;
    let [_, _, _, _, _, _, bits @ ..] = (u128::from(fraction) << 64 | u128::from(fastrand::u64(..))).to_be_bytes();
    let uuid = Builder::from_unix_timestamp_millis(milliseconds, &bits).into_uuid();
    Arc::from(&*uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::{Uuid, Variant};

    use super::uuid_at;

    #[test]
    fn the_id_of_a_workflow_has_its_time_and_sorts_by_it() {
        let times =
            (0..5_000).map(|quarter| Duration::new(1_764_000_000, 123_400_000) + Duration::from_nanos(quarter * 250));
        let ids: Vec<_> = times.clone().map(uuid_at).collect();
        assert!(ids.is_sorted());
        for (id, time) in ids.iter().zip(times) {
            let id = Uuid::parse_str(id).unwrap();
            assert_eq!((id.get_version_num(), id.get_variant()), (7, Variant::RFC4122));
            let (seconds, nanoseconds) = id.get_timestamp().unwrap().to_unix();
            assert_eq!(Duration::new(seconds, nanoseconds).as_millis(), time.as_millis());
        }
        assert_ne!(uuid_at(Duration::ZERO), uuid_at(Duration::ZERO));
    }
}
