//! Cases of alerts on caches.

use crate::rule::alert::cache as alert;
use crate::rule::case::row::{AlertCase, SILENT};

/// Counters of a cache's operations.
macro_rules! operations {
    ($kind:literal, $($operation:literal => $values:literal),+) => {
        &[$((
            concat!(
                r#"tta_cache_operations_total{job="j",instance="x",primitive_name="notes",cache_type=""#,
                $kind,
                r#"",operation=""#,
                $operation,
                r#""}"#
            ),
            $values,
        )),+]
    };
}

/// Counters of a model's tokens by kind.
macro_rules! tokens {
    ($($kind:literal => $values:literal),+) => {
        &[$((
            concat!(r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type=""#, $kind, r#""}"#),
            $values,
        )),+]
    };
}

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "slightly less than 40 % of the look-ups hit",
        alert: &alert::HIT_RATIO,
        interval: "1m",
        input: operations!("memory", "hit" => "0+38x40", "miss" => "0+62x40"),
        checks: &[
            ("15m", SILENT),
            (
                "16m",
                &[(
                    &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "memory")],
                    "Only 38% of notes's look-ups in its memory cache hit",
                )],
            ),
        ],
    },
    AlertCase {
        title: "slightly more than 40 % of the look-ups hit",
        alert: &alert::HIT_RATIO,
        interval: "1m",
        input: operations!("memory", "hit" => "0+42x40", "miss" => "0+58x40"),
        checks: &[("30m", SILENT)],
    },
    AlertCase {
        title: "none of slightly more than a hundred look-ups hits",
        alert: &alert::HIT_RATIO,
        interval: "1m",
        input: operations!("memory", "hit" => "0+0x40", "miss" => "0+10.5x40", "coalesced" => "0+10.5x40"),
        checks: &[(
            "30m",
            &[(
                &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "memory")],
                "Only 0% of notes's look-ups in its memory cache hit",
            )],
        )],
    },
    AlertCase {
        title: "none of slightly fewer than a hundred look-ups hits, and many answers are stored",
        alert: &alert::HIT_RATIO,
        interval: "1m",
        input: operations!("memory", "hit" => "0+0x40", "miss" => "0+9.5x40", "error" => "0+9.5x40", "store" => "0+60x40"),
        checks: &[("30m", SILENT)],
    },
    AlertCase {
        title: "ten stores a minute and no hit",
        alert: &alert::NEVER_HIT,
        interval: "1m",
        input: operations!("memory", "hit" => "0+0x40", "store" => "0+10x40"),
        checks: &[
            ("24m", SILENT),
            (
                "25m",
                &[(
                    &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "memory")],
                    "250 answers were put into notes's memory cache and none was used",
                )],
            ),
        ],
    },
    AlertCase {
        title: "slightly more than a hundred stores in six hours, and a hit before that",
        alert: &alert::NEVER_HIT,
        interval: "5m",
        input: operations!("memory", "hit" => "0+0x10 1+0x600", "store" => "0+0.29x600"),
        checks: &[
            ("380m", SILENT),
            (
                "390m",
                &[(
                    &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "memory")],
                    "104.4 answers were put into notes's memory cache and none was used",
                )],
            ),
        ],
    },
    AlertCase {
        title: "slightly fewer than a hundred stores in six hours, of many misses, and no hit",
        alert: &alert::NEVER_HIT,
        interval: "5m",
        input: operations!("memory", "hit" => "0+0x600", "miss" => "0+10x600", "store" => "0+0.26x600"),
        checks: &[("600m", SILENT)],
    },
    AlertCase {
        title: "many stores, and a hit five hours ago",
        alert: &alert::NEVER_HIT,
        interval: "5m",
        input: operations!("memory", "hit" => "0+0x60 1+0x400", "store" => "0+10x460"),
        checks: &[("360m", SILENT)],
    },
    AlertCase {
        title: "a thousand tokens a minute are written and none is read",
        alert: &alert::PROMPT_NEVER_READ,
        interval: "1m",
        input: tokens!("cache_write" => "0+1000.1x90", "cached_input" => "0+0x90"),
        checks: &[
            ("24m", SILENT),
            (
                "25m",
                &[(
                    &[("job", "j"), ("provider", "p"), ("model", "m")],
                    "25k tokens were written to m's prompt cache and none was read",
                )],
            ),
        ],
    },
    AlertCase {
        title: "slightly more than ten thousand tokens are written in an hour, and some were read before",
        alert: &alert::PROMPT_NEVER_READ,
        interval: "1m",
        input: tokens!("cache_write" => "0+170x140", "cached_input" => "0+0x10 5+0x130"),
        checks: &[
            ("84m", SILENT),
            (
                "86m",
                &[(
                    &[("job", "j"), ("provider", "p"), ("model", "m")],
                    "10.2k tokens were written to m's prompt cache and none was read",
                )],
            ),
        ],
    },
    AlertCase {
        title: "slightly fewer than ten thousand tokens are written in an hour, and more are plain",
        alert: &alert::PROMPT_NEVER_READ,
        interval: "1m",
        input: tokens!("cache_write" => "0+160x140", "cached_input" => "0+0x140", "input" => "0+1000x140"),
        checks: &[("130m", SILENT)],
    },
    AlertCase {
        title: "many tokens are written, and one was read 50 minutes ago",
        alert: &alert::PROMPT_NEVER_READ,
        interval: "1m",
        input: tokens!("cache_write" => "0+1000x90", "cached_input" => "0+0x29 1+0x60"),
        checks: &[("80m", SILENT)],
    },
    AlertCase {
        title: "ten look-ups a minute fail, and then none",
        alert: &alert::FAILING,
        interval: "1m",
        input: operations!("redis", "hit" => "0+10x60", "error" => "0+0x9 10+10x19 200+0x30"),
        checks: &[
            ("14m", SILENT),
            (
                "15m",
                &[(
                    &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "redis"), ("operation", "error")],
                    "50 operations of notes's redis cache ended as error in 5 minutes",
                )],
            ),
            (
                "29m",
                &[(
                    &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "redis"), ("operation", "error")],
                    "50 operations of notes's redis cache ended as error in 5 minutes",
                )],
            ),
            ("39m", SILENT),
        ],
    },
    AlertCase {
        title: "slightly more than ten look-ups fail in five minutes",
        alert: &alert::FAILING,
        interval: "1m",
        input: operations!("redis", "error" => "0+2.1x30"),
        checks: &[(
            "20m",
            &[(
                &[("job", "j"), ("primitive_name", "notes"), ("cache_type", "redis"), ("operation", "error")],
                "10.5 operations of notes's redis cache ended as error in 5 minutes",
            )],
        )],
    },
    AlertCase {
        title: "slightly fewer than ten look-ups fail in five minutes",
        alert: &alert::FAILING,
        interval: "1m",
        input: operations!("redis", "error" => "0+1.9x30"),
        checks: &[("20m", SILENT)],
    },
];
