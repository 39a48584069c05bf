//! Alerts on caches that fail or rarely hit.

use crate::rule::row::{Alert, AlertGroup, Severity};

/// Few lookups hit.
pub static HIT_RATIO: Alert = Alert {
    name: "TtaCacheHitRatioLow",
    severity: Severity::Warning,
    query: r#"tta:cache_hit_rate_5m < 0.4
        and sum by (job, primitive_name, cache_type) (increase(tta_cache_operations_total{operation=~"hit|miss|coalesced|error"}[5m])) >= 100"#,
    pending_for: Some("15m"),
    keep_firing_for: None,
    labels: &[],
    summary: "Only {{ $value | humanizePercentage }} of {{ $labels.primitive_name }}'s look-ups in its {{ $labels.cache_type }} cache hit",
    description: "Under 40 % for 15 minutes. Keys may hold what changes with each call, entries may expire or be evicted too soon, or \
        the backend fails.",
};

/// Entries are stored and never read.
pub static NEVER_HIT: Alert = Alert {
    name: "TtaCacheNeverHit",
    severity: Severity::Warning,
    query: r#"sum by (job, primitive_name, cache_type) (increase(tta_cache_operations_total{operation="store"}[6h])) >= 100
        unless sum by (job, primitive_name, cache_type) (increase(tta_cache_operations_total{operation="hit"}[6h])) > 0"#,
    pending_for: Some("15m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $value | humanize }} answers were put into {{ $labels.primitive_name }}'s {{ $labels.cache_type }} cache and none was used",
    description: "Six hours of stores without a single hit: the key is different each time, or entries are gone before they are asked for.",
};

/// The provider's prompt cache is written and never read.
pub static PROMPT_NEVER_READ: Alert = Alert {
    name: "TtaPromptCacheNeverRead",
    severity: Severity::Warning,
    query: r#"sum by (job, provider, model) (increase(tta_llm_tokens_total{token_type="cache_write"}[1h])) >= 10000
        unless sum by (job, provider, model) (increase(tta_llm_tokens_total{token_type="cached_input"}[1h])) > 0"#,
    pending_for: Some("15m"),
    keep_firing_for: None,
    labels: &[],
    summary: "{{ $value | humanize }} tokens were written to {{ $labels.model }}'s prompt cache and none was read",
    description: "Writing costs more than plain input, and nothing came back in an hour: the prompts' beginnings differ, or come too rarely.",
};

/// The cache's backend fails to read or to write.
pub static FAILING: Alert = Alert {
    name: "TtaCacheFailing",
    severity: Severity::Warning,
    query: r#"sum by (job, primitive_name, cache_type, operation) (increase(tta_cache_operations_total{operation=~"error|store_error|too_large"}[5m])) >= 10"#,
    pending_for: Some("5m"),
    keep_firing_for: Some("5m"),
    labels: &[],
    summary: "{{ $value | humanize }} operations of {{ $labels.primitive_name }}'s {{ $labels.cache_type }} cache ended as {{ $labels.operation }} in 5 minutes",
    description: "No call fails: each runs as after a miss, at full cost. Look-ups end as error, answers that are not \
        kept as store_error or too_large.",
};

/// The rule group.
pub static GROUP: AlertGroup = AlertGroup {
    name: "tta-alerts-cache",
    description: "Caches that fail or rarely hit.",
    interval: "30s",
    alerts: &[&HIT_RATIO, &NEVER_HIT, &PROMPT_NEVER_READ, &FAILING],
};
