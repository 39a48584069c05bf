//! Cases of alerts on money and tokens.

use super::{Alerted, SILENT};
use crate::rule::alert::cost as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "a dollar goes each minute and eight are left",
        alert: &alert::BUDGET,
        every: "1m",
        input: &[(r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "20-1x12 8+0x0")],
        looks: &[("12m", &[(&[("job", "j"), ("budget", "day")], "The budget day has 8 US dollars left")])],
    },
    Alerted {
        title: "it is used up, and stays so",
        alert: &alert::BUDGET,
        every: "1m",
        input: &[(r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "0+0x30")],
        looks: &[("20m", &[(&[("job", "j"), ("budget", "day")], "The budget day has 0 US dollars left")])],
    },
    Alerted {
        title: "a cent goes each minute and ten dollars are left",
        alert: &alert::BUDGET,
        every: "1m",
        input: &[(r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "10-0.01x30")],
        looks: &[("20m", &[])],
    },
    Alerted {
        title: "a call a minute is refused",
        alert: &alert::REFUSALS,
        every: "1m",
        input: &[(r#"tta_budget_refusals_total{job="j",instance="x",budget="day"}"#, "0+1x20")],
        looks: &[("10m", &[(&[("job", "j"), ("budget", "day")], "The budget day refused 5 calls in 5 minutes")])],
    },
    Alerted {
        title: "calls were refused long ago",
        alert: &alert::REFUSALS,
        every: "1m",
        input: &[(r#"tta_budget_refusals_total{job="j",instance="x",budget="day"}"#, "7+0x20")],
        looks: &[("10m", &[])],
    },
    Alerted {
        title: "it was passed two minutes ago",
        alert: &alert::SOFT_LIMIT,
        every: "1m",
        input: &[(r#"tta_budget_soft_limit_reached_total{job="j",instance="x",budget="day"}"#, "0+0x7 1+0x20")],
        looks: &[(
            "10m",
            &[(&[("job", "j"), ("budget", "day")], "The budget day passed its soft limit 1 times in 15 minutes")],
        )],
    },
    Alerted {
        title: "it was passed in an earlier period",
        alert: &alert::SOFT_LIMIT,
        every: "1m",
        input: &[(r#"tta_budget_soft_limit_reached_total{job="j",instance="x",budget="day"}"#, "0+0x7 1+0x60")],
        looks: &[("60m", &[])],
    },
    Alerted {
        title: "one call a minute has no price",
        alert: &alert::UNPRICED,
        every: "1m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "0+1x90")],
        looks: &[(
            "70m",
            &[(&[("job", "j"), ("provider", "p"), ("model", "m")], "60 calls to p's m in the past hour have no price")],
        )],
    },
    Alerted {
        title: "the first such call is the first that is heard of it",
        alert: &alert::UNPRICED,
        every: "1m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "_x41 1x600")],
        looks: &[
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
    Alerted {
        title: "the last such call was long ago, and the program was not seen for a while",
        alert: &alert::UNPRICED,
        every: "1m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "5x100 _x50 5x100")],
        looks: &[("90m", SILENT), ("205m", SILENT)],
    },
    Alerted {
        title: "ten times as many tokens as an hour and a day ago",
        alert: &alert::TOKEN_RATE,
        every: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+60x1540 93000+600x60",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+60x1600"),
        ],
        looks: &[(
            "1570m",
            &[(&[("job", "j")], "j uses 10 tokens a second, three times what it did an hour and a day ago")],
        )],
    },
    Alerted {
        title: "ten times as many tokens as an hour ago, and as many as a day ago",
        alert: &alert::TOKEN_RATE,
        every: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+600x200 120060+60x1340 201060+600x60",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+60x1600"),
        ],
        looks: &[("1570m", &[])],
    },
    Alerted {
        title: "ten times as many tokens, and hardly a call",
        alert: &alert::TOKEN_RATE,
        every: "5m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+60x1540 93000+600x60",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+1x1600"),
        ],
        looks: &[("1570m", &[])],
    },
    Alerted {
        title: "a fifth is hardly saved",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
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
        looks: &[("39m", SILENT), ("40m", &[(&[("job", "j")], "Routing saves j only 19%")])],
    },
    Alerted {
        title: "over a fifth is saved",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
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
        looks: &[("100m", SILENT)],
    },
    Alerted {
        title: "half is saved of what is routed, and ten times as much is spent on what is not",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
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
        looks: &[("100m", SILENT)],
    },
    Alerted {
        title: "half is saved, and a cache saves eighteen times as much",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
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
        looks: &[("100m", SILENT)],
    },
    Alerted {
        title: "nothing is saved, in slightly more than a hundred decisions an hour",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
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
        looks: &[("100m", &[(&[("job", "j")], "Routing saves j only 0%")])],
    },
    Alerted {
        title: "nothing is saved, in slightly fewer than a hundred decisions an hour",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
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
        looks: &[("100m", SILENT)],
    },
];
