//! Identifiers of traces and spans (W3C).

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

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
        let mut child = self;
        child.become_child();
        child
    }

    /// Turns these into the identifiers of a new span in the same trace.
    #[inline]
    pub(crate) fn become_child(&mut self) {
        (self.span, self.remote, self.foreign) = (new_span(), false, false);
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

/// Returns the hexadecimal digits of bytes.
fn digits(bytes: [u8; 8]) -> [u8; 16] {
    let bytes = u128::from(u64::from_be_bytes(bytes));
    // Each step moves the halves of each group apart, until each half of a byte has a byte of its own.
    let halves = (bytes | bytes << 32) & 0x0000_0000_ffff_ffff_0000_0000_ffff_ffff;
    let halves = (halves | halves << 16) & 0x0000_ffff_0000_ffff_0000_ffff_0000_ffff;
    let halves = (halves | halves << 8) & 0x00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff;
    let halves = (halves | halves << 4) & 0x0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f;
    const ONES: u128 = u128::MAX / 0xff;
    // 10 and more are letters: with 6 added they reach the next bit.
    let are_letters = (halves + 6 * ONES) >> 4 & ONES;
    let digits = halves + u128::from(b'0') * ONES + are_letters * u128::from(b'a' - b'0' - 10);
    digits.to_be_bytes()
}

fn new_span() -> [u8; 8] {
    // Zero means "no span" in W3C trace context.
    fastrand::u64(1..).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::{ParentId, SpanIds};

    #[test]
    fn an_identifier_reads_as_its_hexadecimal_digits() {
        for span in [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x99_aa_9a_a9_00_ff_f0_0f, 1, u64::MAX] {
            let digits = ParentId::from(SpanIds::remote(1, span, true)).span_digits();
            assert_eq!(str::from_utf8(&digits), Ok(&*format!("{span:016x}")));
        }
    }
}
