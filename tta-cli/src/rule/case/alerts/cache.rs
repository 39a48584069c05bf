//! Cases of alerts on caches.

use super::Alerted;
use crate::rule::alert::cache as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "a quarter of the look-ups hit",
        alert: &alert::HIT_RATIO,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit"}"#,
                "0+10x90",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="miss"}"#,
                "0+30x90",
            ),
        ],
        looks: &[(
            "30m",
            &[(
                &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "memory")],
                "Only 25% of notes's look-ups in its memory cache hit",
            )],
        )],
    },
    Alerted {
        title: "half of the look-ups hit",
        alert: &alert::HIT_RATIO,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit"}"#,
                "0+30x90",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="miss"}"#,
                "0+30x90",
            ),
        ],
        looks: &[("30m", &[])],
    },
    Alerted {
        title: "a quarter of hardly any look-ups hit",
        alert: &alert::HIT_RATIO,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit"}"#,
                "0+1x90",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="miss"}"#,
                "0+3x90",
            ),
        ],
        looks: &[("30m", &[])],
    },
    Alerted {
        title: "ten stores a minute and no hit",
        alert: &alert::NEVER_HIT,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit"}"#,
                "0+0x90",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="store"}"#,
                "0+10x90",
            ),
        ],
        looks: &[(
            "60m",
            &[(
                &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "memory")],
                "600 answers were put into notes's memory cache and none was used",
            )],
        )],
    },
    Alerted {
        title: "ten stores a minute and a hit",
        alert: &alert::NEVER_HIT,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit"}"#,
                "0+1x90",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="store"}"#,
                "0+10x90",
            ),
        ],
        looks: &[("60m", &[])],
    },
    Alerted {
        title: "hardly a store and no hit",
        alert: &alert::NEVER_HIT,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="hit"}"#,
                "0+0x90",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="memory",operation="store"}"#,
                "0+1x90",
            ),
        ],
        looks: &[("60m", &[])],
    },
    Alerted {
        title: "a thousand tokens a minute are written and none is read",
        alert: &alert::PROMPT_NEVER_READ,
        every: "1m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="cache_write"}"#,
                "0+1000x90",
            ),
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="cached_input"}"#,
                "0+0x90",
            ),
        ],
        looks: &[(
            "80m",
            &[(
                &[("job", "j"), ("provider", "p"), ("model", "m")],
                "60k tokens were written to m's prompt cache and none was read",
            )],
        )],
    },
    Alerted {
        title: "a thousand tokens a minute are written and some are read",
        alert: &alert::PROMPT_NEVER_READ,
        every: "1m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="cache_write"}"#,
                "0+1000x90",
            ),
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="cached_input"}"#,
                "0+10x90",
            ),
        ],
        looks: &[("80m", &[])],
    },
    Alerted {
        title: "ten look-ups a minute fail",
        alert: &alert::FAILING,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="redis",operation="hit"}"#,
                "0+10x20",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="redis",operation="error"}"#,
                "0+10x20",
            ),
        ],
        looks: &[(
            "15m",
            &[(
                &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "redis"), ("operation", "error")],
                "50 operations of notes's redis cache ended as error in 5 minutes",
            )],
        )],
    },
    Alerted {
        title: "one look-up a minute fails",
        alert: &alert::FAILING,
        every: "1m",
        input: &[
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="redis",operation="hit"}"#,
                "0+10x20",
            ),
            (
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type="redis",operation="error"}"#,
                "0+1x20",
            ),
        ],
        looks: &[("15m", &[])],
    },
];
