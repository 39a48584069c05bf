//! Cases of alerts on money and tokens.

use super::Alerted;
use crate::rule::alert::cost as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "a dollar goes each minute and eight are left",
        alert: &alert::BUDGET,
        every: "1m",
        at: "12m",
        input: &[(r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "20-1x12 8+0x0")],
        fires: &[(&[("job", "j"), ("budget", "day")], "The budget day has 8 US dollars left")],
    },
    Alerted {
        title: "it is used up, and stays so",
        alert: &alert::BUDGET,
        every: "1m",
        at: "20m",
        input: &[(r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "0+0x30")],
        fires: &[(&[("job", "j"), ("budget", "day")], "The budget day has 0 US dollars left")],
    },
    Alerted {
        title: "a cent goes each minute and ten dollars are left",
        alert: &alert::BUDGET,
        every: "1m",
        at: "20m",
        input: &[(r#"tta_budget_remaining_usd{job="j",instance="x",budget="day"}"#, "10-0.01x30")],
        fires: &[],
    },
    Alerted {
        title: "a call a minute is refused",
        alert: &alert::REFUSALS,
        every: "1m",
        at: "10m",
        input: &[(r#"tta_budget_refusals_total{job="j",instance="x",budget="day"}"#, "0+1x20")],
        fires: &[(&[("job", "j"), ("budget", "day")], "The budget day refused 5 calls in 5 minutes")],
    },
    Alerted {
        title: "calls were refused long ago",
        alert: &alert::REFUSALS,
        every: "1m",
        at: "10m",
        input: &[(r#"tta_budget_refusals_total{job="j",instance="x",budget="day"}"#, "7+0x20")],
        fires: &[],
    },
    Alerted {
        title: "it was passed two minutes ago",
        alert: &alert::SOFT_LIMIT,
        every: "1m",
        at: "10m",
        input: &[(r#"tta_budget_soft_limit_reached_total{job="j",instance="x",budget="day"}"#, "0+0x7 1+0x20")],
        fires: &[(&[("job", "j"), ("budget", "day")], "The budget day passed its soft limit 1 times in 15 minutes")],
    },
    Alerted {
        title: "it was passed in an earlier period",
        alert: &alert::SOFT_LIMIT,
        every: "1m",
        at: "60m",
        input: &[(r#"tta_budget_soft_limit_reached_total{job="j",instance="x",budget="day"}"#, "0+0x7 1+0x60")],
        fires: &[],
    },
    Alerted {
        title: "one call a minute has no price",
        alert: &alert::UNPRICED,
        every: "1m",
        at: "70m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "0+1x90")],
        fires: &[(
            &[("job", "j"), ("provider", "p"), ("model", "m")],
            "60 calls to p's m in the past hour have no price",
        )],
    },
    Alerted {
        title: "the last such call was long ago",
        alert: &alert::UNPRICED,
        every: "1m",
        at: "70m",
        input: &[(r#"tta_llm_unpriced_total{job="j",instance="x",provider="p",model="m"}"#, "5+0x90")],
        fires: &[],
    },
    Alerted {
        title: "ten times as many tokens as an hour and a day ago",
        alert: &alert::TOKEN_RATE,
        every: "5m",
        at: "1570m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+60x1540 93000+600x60",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+60x1600"),
        ],
        fires: &[(&[("job", "j")], "j uses 10 tokens a second, three times what it did an hour and a day ago")],
    },
    Alerted {
        title: "ten times as many tokens as an hour ago, and as many as a day ago",
        alert: &alert::TOKEN_RATE,
        every: "5m",
        at: "1570m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+600x200 120060+60x1340 201060+600x60",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+60x1600"),
        ],
        fires: &[],
    },
    Alerted {
        title: "ten times as many tokens, and hardly a call",
        alert: &alert::TOKEN_RATE,
        every: "5m",
        at: "1570m",
        input: &[
            (
                r#"tta_llm_tokens_total{job="j",instance="x",provider="p",model="m",token_type="input"}"#,
                "0+60x1540 93000+600x60",
            ),
            (r#"tta_llm_requests_total{job="j",instance="x",provider="p",model="m",status="success"}"#, "0+1x1600"),
        ],
        fires: &[],
    },
    Alerted {
        title: "a tenth is saved",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
        at: "100m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+6x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+54x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+10x120",
            ),
        ],
        fires: &[(&[("job", "j"), ("source", "router")], "Routing saves j only 10%")],
    },
    Alerted {
        title: "a quarter is saved",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
        at: "100m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+15x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+45x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+10x120",
            ),
        ],
        fires: &[],
    },
    Alerted {
        title: "a tenth is saved, of hardly a decision",
        alert: &alert::ROUTER_SAVINGS,
        every: "1m",
        at: "100m",
        input: &[
            (r#"tta_llm_savings_total{job="j",instance="x",provider="p",model="m",source="router"}"#, "0+6x120"),
            (
                r#"tta_llm_cost_total{job="j",instance="x",provider="p",model="m",workflow_name="w",agent_type="a"}"#,
                "0+54x120",
            ),
            (
                r#"tta_router_decisions_total{job="j",instance="x",primitive_name="r",route="a",reason="chosen"}"#,
                "0+1x120",
            ),
        ],
        fires: &[],
    },
];
