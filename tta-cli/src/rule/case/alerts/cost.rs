//! Cases of alerts on money and tokens.

use crate::rule::alert::cost as alert;
use crate::rule::case::row::{AlertCase, SILENT};

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "a dollar goes each minute, and at last less than 15 are not spent",
        alert: &alert::BUDGET,
        interval: "1m",
        input: &[(r#"tta_budget_unspent_usd{job="j",instance="x",budget="day"}"#, "99.5-1x100")],
        checks: &[
            ("88m", SILENT),
            ("89m", &[(&[("job", "j"), ("budget", "day")], "The budget day has 10.5 US dollars that are not spent")]),
        ],
    },
    AlertCase {
        title: "all of a sudden ten dollars go each minute",
        alert: &alert::BUDGET,
        interval: "1m",
        input: &[(r#"tta_budget_unspent_usd{job="j",instance="x",budget="day"}"#, "100+0x30 90-10x8")],
        checks: &[
            ("38m", SILENT),
            ("39m", &[(&[("job", "j"), ("budget", "day")], "The budget day has 10 US dollars that are not spent")]),
        ],
    },
    AlertCase {
        title: "ten dollars went each minute, and none does",
        alert: &alert::BUDGET,
        interval: "1m",
        input: &[(r#"tta_budget_unspent_usd{job="j",instance="x",budget="day"}"#, "110-10x9 20+0x30")],
        checks: &[
            ("9m", &[(&[("job", "j"), ("budget", "day")], "The budget day has 20 US dollars that are not spent")]),
            ("14m", SILENT),
        ],
    },
    AlertCase {
        title: "all is reserved, and nothing is spent",
        alert: &alert::BUDGET,
        interval: "1m",
        input: &[
            (r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "10-2x5 0+0x30"),
            (r#"tta_budget_unspent_usd{job="j",instance="x",budget="day"}"#, "10+0x36"),
        ],
        checks: &[("6m", SILENT), ("12m", SILENT), ("30m", SILENT)],
    },
    AlertCase {
        title: "all is spent, and stays so",
        alert: &alert::BUDGET,
        interval: "1m",
        input: &[(r#"tta_budget_unspent_usd{job="j",instance="x",budget="day"}"#, "0+0x30")],
        checks: &[
            ("3m", SILENT),
            ("4m", &[(&[("job", "j"), ("budget", "day")], "The budget day has 0 US dollars that are not spent")]),
        ],
    },
    AlertCase {
        title: "one call is refused",
        alert: &alert::REFUSALS,
        interval: "1m",
        input: &[(r#"tta_budget_refusals_total{job="j",instance="x",budget="day"}"#, "0+0x6 1+0x30")],
        checks: &[
            ("6m", SILENT),
            ("7m", &[(&[("job", "j"), ("budget", "day")], "The budget day refused 1 calls in 5 minutes")]),
            ("15m", &[(&[("job", "j"), ("budget", "day")], "The budget day refused 1 calls in 5 minutes")]),
            ("17m", SILENT),
        ],
    },
    AlertCase {
        title: "Redis restarts, and then is away for two of three instances",
        alert: &alert::AWAY,
        interval: "1m",
        input: &[
            (r#"tta_budget_away{job="j",instance="x",budget="day"}"#, "0+0x4 1 0+0x4 1+0x9 0+0x9"),
            (r#"tta_budget_away{job="j",instance="y",budget="day"}"#, "0+0x4 1 0+0x4 1+0x9 0+0x9"),
            (r#"tta_budget_away{job="j",instance="z",budget="day"}"#, "0+0x30"),
        ],
        checks: &[
            ("6m", SILENT),
            ("11m", SILENT),
            ("12m", &[(&[("job", "j"), ("budget", "day")], "The Redis of the budget day is away for 2 instances")]),
            ("21m", SILENT),
        ],
    },
    AlertCase {
        title: "it is passed",
        alert: &alert::SOFT_LIMIT,
        interval: "1m",
        input: &[(r#"tta_budget_soft_limit_reached_total{job="j",instance="x",budget="day"}"#, "0+0x16 1+0x40")],
        checks: &[
            ("16m", SILENT),
            (
                "17m",
                &[(&[("job", "j"), ("budget", "day")], "The budget day passed its soft limit 1 times in 15 minutes")],
            ),
            (
                "45m",
                &[(&[("job", "j"), ("budget", "day")], "The budget day passed its soft limit 1 times in 15 minutes")],
            ),
            ("47m", SILENT),
        ],
    },
    AlertCase {
        title: "a program that was gone for two hours comes back, and has such calls",
        alert: &alert::UNPRICED,
        interval: "1m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "7x10 _x120 3x100")],
        checks: &[
            ("130m", SILENT),
            (
                "135m",
                &[(
                    &[("job", "j"), ("provider", "p"), ("model", "m")],
                    "3 calls to p's m in the past hour have no price",
                )],
            ),
        ],
    },
    AlertCase {
        title: "one call a minute has no price",
        alert: &alert::UNPRICED,
        interval: "1m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "0+1x90")],
        checks: &[(
            "70m",
            &[(&[("job", "j"), ("provider", "p"), ("model", "m")], "60 calls to p's m in the past hour have no price")],
        )],
    },
    AlertCase {
        title: "the first such call is the first that is heard of a program, which ends",
        alert: &alert::UNPRICED,
        interval: "1m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "_x41 1x2")],
        checks: &[
            ("40m", SILENT),
            (
                "41m",
                &[(
                    &[("job", "j"), ("provider", "p"), ("model", "m")],
                    "1 calls to p's m in the past hour have no price",
                )],
            ),
            (
                "115m",
                &[(
                    &[("job", "j"), ("provider", "p"), ("model", "m")],
                    "1 calls to p's m in the past hour have no price",
                )],
            ),
            ("116m", SILENT),
        ],
    },
    AlertCase {
        title: "the last such call was long ago, and the program was not seen for a while",
        alert: &alert::UNPRICED,
        interval: "1m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "5x100 _x50 5x100")],
        checks: &[("90m", SILENT), ("205m", SILENT)],
    },
    AlertCase {
        title: "one call in ten used a tool without a price",
        alert: &alert::INCOMPLETE,
        interval: "1m",
        input: &[
            (
                r#"tta_llm_calls_by_price_total{job="j",instance="x",provider="p",model="m",basis="partly_priced_tool"}"#,
                "0+1x120",
            ),
            (r#"tta_llm_calls_by_price_total{job="j",instance="x",provider="p",model="m",basis="priced"}"#, "0+9x120"),
        ],
        checks: &[
            ("15m", SILENT),
            (
                "90m",
                &[(
                    &[("job", "j"), ("provider", "p"), ("model", "m")],
                    "The cost of 60 calls to p's m in the past hour is not known in full",
                )],
            ),
        ],
    },
    AlertCase {
        title: "on one of two instances the URL was last read 30 days ago, and on the other one today",
        alert: &alert::PRICES_OLD,
        interval: "1m",
        input: &[
            (r#"tta_llm_prices_age_seconds{job="j",instance="x",source="url"}"#, "2591400+60x60"),
            (r#"tta_llm_prices_age_seconds{job="j",instance="y",source="url"}"#, "60+60x60"),
        ],
        checks: &[("10m", SILENT), ("12m", &[(&[("job", "j")], "The prices that j reads are 30d 0h 2m 0s old")])],
    },
    AlertCase {
        title: "a file is older than 30 days, and prices from a URL are not",
        alert: &alert::PRICES_OLD,
        interval: "1m",
        input: &[
            (r#"tta_llm_prices_age_seconds{job="j",instance="x",source="file"}"#, "9000000+60x60"),
            (r#"tta_llm_prices_age_seconds{job="j",instance="x",source="url"}"#, "60+60x60"),
        ],
        checks: &[("30m", SILENT)],
    },
    AlertCase {
        title: "one call in a hundred had a total that differs",
        alert: &alert::INCOMPLETE,
        interval: "1m",
        input: &[
            (
                r#"tta_llm_calls_by_price_total{job="j",instance="x",provider="p",model="m",basis="partly_priced_total"}"#,
                "0+1x120",
            ),
            (r#"tta_llm_calls_by_price_total{job="j",instance="x",provider="p",model="m",basis="priced"}"#, "0+99x120"),
        ],
        checks: &[("90m", SILENT)],
    },
    AlertCase {
        title: "one call in ten ends without usage, of a model that reports it",
        alert: &alert::INCOMPLETE,
        interval: "1m",
        input: &[
            (
                r#"tta_llm_calls_by_price_total{job="j",instance="x",provider="p",model="m",basis="no_usage"}"#,
                "0+1x120",
            ),
            (
                r#"tta_llm_calls_by_price_total{job="j",instance="x",provider="p",model="m",basis="reported"}"#,
                "0+9x120",
            ),
        ],
        checks: &[(
            "90m",
            &[(
                &[("job", "j"), ("provider", "p"), ("model", "m")],
                "The cost of 60 calls to p's m in the past hour is not known in full",
            )],
        )],
    },
    AlertCase {
        title: "no call of a model reports its usage, since it is not asked for",
        alert: &alert::INCOMPLETE,
        interval: "1m",
        input: &[(
            r#"tta_llm_calls_by_price_total{job="j",instance="x",provider="p",model="m",basis="no_usage"}"#,
            "0+10x120",
        )],
        checks: &[("90m", SILENT)],
    },
    AlertCase {
        title: "over three times as many tokens as an hour and a day ago, in slightly more than twenty calls",
        alert: &alert::TOKEN_RATE,
        interval: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+180x1540 277800+600x119",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+4.2x1660"),
        ],
        checks: &[
            ("1550m", SILENT),
            ("1555m", &[(&[("job", "j")], "j uses 10 tokens a second, three times what it did an hour and a day ago")]),
            ("1605m", &[(&[("job", "j")], "j uses 10 tokens a second, three times what it did an hour and a day ago")]),
            ("1610m", SILENT),
        ],
    },
    AlertCase {
        title: "under three times as many tokens as an hour ago, and many times as many as a day ago",
        alert: &alert::TOKEN_RATE,
        interval: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+60x500 30220+220x1039 259400+600x59",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+60x1600"),
        ],
        checks: &[("1570m", SILENT)],
    },
    AlertCase {
        title: "many times as many tokens as an hour ago, and under three times as many as a day ago",
        alert: &alert::TOKEN_RATE,
        interval: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+220x500 110060+60x1039 173000+600x59",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+60x1600"),
        ],
        checks: &[("1570m", SILENT)],
    },
    AlertCase {
        title: "many times as many tokens as an hour ago, as on the day before",
        alert: &alert::TOKEN_RATE,
        interval: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+60x1440 87000+600x59 122460+60x1379 205800+600x59",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+60x2940"),
        ],
        checks: &[("2915m", SILENT)],
    },
    AlertCase {
        title: "many times as many tokens, in slightly fewer than twenty calls",
        alert: &alert::TOKEN_RATE,
        interval: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+60x1540 93000+600x59",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+3.8x1600"),
        ],
        checks: &[("1570m", SILENT)],
    },
    AlertCase {
        title: "a fifth is hardly saved",
        alert: &alert::ROUTER_SAVINGS,
        interval: "1m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+19x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+81x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+10x120",
            ),
        ],
        checks: &[("39m", SILENT), ("40m", &[(&[("job", "j")], "Routing saves j only 19%")])],
    },
    AlertCase {
        title: "over a fifth is saved",
        alert: &alert::ROUTER_SAVINGS,
        interval: "1m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+21x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+79x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+10x120",
            ),
        ],
        checks: &[("100m", SILENT)],
    },
    AlertCase {
        title: "half is saved of what is routed, and ten times as much is spent on what is not",
        alert: &alert::ROUTER_SAVINGS,
        interval: "1m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+1x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+1x120",
            ),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="other",workflow_name="w",agent_type="a"}"#,
                "0+9x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+10x120",
            ),
        ],
        checks: &[("100m", SILENT)],
    },
    AlertCase {
        title: "half is saved, and a cache saves eighteen times as much",
        alert: &alert::ROUTER_SAVINGS,
        interval: "1m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+1x120"),
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="cache"}"#, "0+18x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+1x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+10x120",
            ),
        ],
        checks: &[("100m", SILENT)],
    },
    AlertCase {
        title: "nothing is saved, in slightly more than a hundred decisions an hour",
        alert: &alert::ROUTER_SAVINGS,
        interval: "1m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+0x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+54x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+1.74x120",
            ),
        ],
        checks: &[("100m", &[(&[("job", "j")], "Routing saves j only 0%")])],
    },
    AlertCase {
        title: "nothing is saved, in slightly fewer than a hundred decisions an hour",
        alert: &alert::ROUTER_SAVINGS,
        interval: "1m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+0x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+54x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+1.6x120",
            ),
        ],
        checks: &[("100m", SILENT)],
    },
];
