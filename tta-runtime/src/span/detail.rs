//! Which parts of blocks have spans.

/// How many of the spans of blocks are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanDetail {
    /// Each layer, step, branch and attempt has a span.
    #[default]
    Full,
    /// Wrappers are left out: the layers, steps, branches, routes and attempts that run one piece of work, which takes
    /// their whole time.
    ///
    /// The spans inside hang under the span around. What a wrapper knows before its work runs (`retry.attempt`,
    /// `route.key`, `circuit_breaker.state` and so on) becomes attributes of the spans inside, and what it knows
    /// afterwards (`fallback.used`, `budget.spent_usd`) attributes of the span around. Of several wrappers that say the
    /// same, the innermost is kept inside, and the last to end around. A wrapper keeps its span if it has none around it
    /// in its task, or none inside it, as where a circuit is open or its work is not annotated. Metrics are the same.
    Low,
}
