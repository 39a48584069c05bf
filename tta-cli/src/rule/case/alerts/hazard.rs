//! Cases of alerts that extrapolate or divide: a step, low traffic, a reset and absent data.

use crate::rule::alert::{blocks, cache, cost, growth, slo, telemetry, workflows};
use crate::rule::case::row::{AlertCase, ExpectedAlerts, Input, SILENT};
use crate::rule::row::Alert;

/// The four situations in which a rate, a quotient or a prediction misleads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hazards {
    /// All of a change comes at once, and does not go on.
    pub step: AlertCase,
    /// There is too little to judge.
    pub low_traffic: AlertCase,
    /// A counter or an amount begins anew, since the program did.
    pub reset: AlertCase,
    /// Series end, or were not there yet.
    pub absence: AlertCase,
}

/// Returns the cases of all alerts.
pub fn all() -> impl Iterator<Item = &'static AlertCase> {
    HAZARDS.iter().flat_map(|hazards| [&hazards.step, &hazards.low_traffic, &hazards.reset, &hazards.absence])
}

/// One row for each such alert.
pub static HAZARDS: &[Hazards] = &[
    BUDGET,
    INCOMPLETE,
    TOKEN_RATE,
    ROUTER_SAVINGS,
    RETRIES,
    HIT_RATIO,
    EXPORT,
    FAILURES,
    LATENCY,
    SATURATION,
    GROWTH,
    FASTEST,
    FAST,
    SLOW,
    SLOWEST,
    EXHAUSTED,
];

/// A case in which an alert stays silent at all of these times.
const fn quiet(
    alert: &'static Alert,
    title: &'static str,
    interval: &'static str,
    input: Input,
    checks: &'static [(&'static str, ExpectedAlerts)],
) -> AlertCase {
    AlertCase { title, alert, input, interval, checks }
}

/// Series of one metric, by their further labels.
macro_rules! series {
    ($($metric:literal, $labels:literal => $values:literal);+) => {
        &[$((concat!($metric, r#"{job="j",instance="x","#, $labels, "}"), $values)),+]
    };
}

/// Times at which an alert is silent.
macro_rules! at {
    ($($time:literal),+) => { &[$(($time, SILENT)),+] };
}

const BUDGET: Hazards = Hazards {
    step: quiet(
        &cost::BUDGET,
        "one call costs a third of the budget",
        "1m",
        series!("tta_budget_unspent_usd", r#"budget="day""# => "10+0x20 6.5+0x40"),
        at!("21m", "22m", "23m", "24m", "25m", "26m", "30m", "50m"),
    ),
    low_traffic: quiet(
        &cost::BUDGET,
        "a cent goes every ten minutes, of the last five",
        "1m",
        series!("tta_budget_unspent_usd", r#"budget="day""# => "0.05+0x10 0.04+0x9 0.03+0x9 0.02+0x9 0.01+0x20"),
        at!("12m", "14m", "15m", "24m", "25m", "34m", "35m", "45m", "60m"),
    ),
    reset: quiet(
        &cost::BUDGET,
        "a dollar goes each minute, and the program starts anew with all of its budget",
        "1m",
        series!("tta_budget_unspent_usd", r#"budget="day""# => "15-1x3 20+0x40"),
        at!("3m", "4m", "5m", "8m", "12m", "20m"),
    ),
    absence: AlertCase {
        title: "two dollars go each minute, and the program ends",
        alert: &cost::BUDGET,
        interval: "1m",
        input: series!("tta_budget_unspent_usd", r#"budget="day""# => "40-2x10 _x40"),
        checks: &[
            ("10m", &[(&[("job", "j"), ("budget", "day")], "The budget day has 20 US dollars that are not spent")]),
            ("16m", SILENT),
            ("40m", SILENT),
        ],
    },
};

const INCOMPLETE: Hazards = Hazards {
    step: quiet(
        &cost::INCOMPLETE,
        "twenty calls at once used a tool without a price, of hundreds",
        "5m",
        series!(
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="partly_priced_tool""# => "0+0x60 20+0x60";
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="priced""# => "0+10x120"
        ),
        at!("61m", "80m", "100m"),
    ),
    low_traffic: quiet(
        &cost::INCOMPLETE,
        "the only call of the hour has no usage",
        "5m",
        series!(
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="no_usage""# => "0+0x60 1+0x60";
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="priced""# => "0+0x120"
        ),
        at!("61m", "80m", "100m"),
    ),
    reset: quiet(
        &cost::INCOMPLETE,
        "there were such calls long ago, and the program starts anew",
        "5m",
        series!(
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="partly_priced_tool""# => "500+0x60 0+0x60";
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="priced""# => "5000+10x60 0+10x60"
        ),
        at!("61m", "80m", "100m"),
    ),
    absence: quiet(
        &cost::INCOMPLETE,
        "one call in ten used such a tool, and the program ends",
        "5m",
        series!(
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="partly_priced_tool""# => "0+1x60 _x120";
            "tta_llm_calls_by_price_total", r#"provider="p",model="m",basis="priced""# => "0+9x60 _x120"
        ),
        at!("140m", "170m"),
    ),
};

const TOKEN_RATE: Hazards = Hazards {
    step: quiet(
        &cost::TOKEN_RATE,
        "one huge prompt among many",
        "10m",
        series!(
            "tta_llm_tokens_total", r#"provider="p",model="m",token_type="input""# => "0+1000x1560 2561000+1000x60";
            "tta_llm_requests_total", r#"provider="p",model="m",status="success""# => "0+10x1621"
        ),
        at!("1560m", "1565m", "1570m", "1575m", "1600m"),
    ),
    low_traffic: quiet(
        &cost::TOKEN_RATE,
        "one call a minute becomes fifty times as long",
        "10m",
        series!(
            "tta_llm_tokens_total", r#"provider="p",model="m",token_type="input""# => "0+100x1560 161000+5000x60";
            "tta_llm_requests_total", r#"provider="p",model="m",status="success""# => "0+1x1621"
        ),
        at!("1570m", "1590m", "1620m"),
    ),
    reset: quiet(
        &cost::TOKEN_RATE,
        "the program starts anew, and goes on as before",
        "10m",
        series!(
            "tta_llm_tokens_total", r#"provider="p",model="m",token_type="input""# => "0+1000x1560 0+1000x60";
            "tta_llm_requests_total", r#"provider="p",model="m",status="success""# => "0+10x1560 0+10x60"
        ),
        at!("1565m", "1575m", "1600m"),
    ),
    absence: quiet(
        &cost::TOKEN_RATE,
        "the program was not there an hour ago",
        "10m",
        series!(
            "tta_llm_tokens_total", r#"provider="p",model="m",token_type="input""# => "_x1560 0+5000x50";
            "tta_llm_requests_total", r#"provider="p",model="m",status="success""# => "_x1560 0+10x50"
        ),
        at!("1575m", "1600m"),
    ),
};

const ROUTER_SAVINGS: Hazards = Hazards {
    step: quiet(
        &cost::ROUTER_SAVINGS,
        "half is saved, and one call costs as much as forty minutes",
        "5m",
        series!(
            "tta_llm_savings_total", r#"provider="p",model="m",source="router""# => "0+1x120";
            "tta_llm_cost_total", r#"provider="p",model="m",workflow_name="w",agent_type="a""# => "0+1x60 101+1x59";
            "tta_router_decisions_total", r#"primitive_name="r",route="a",reason="chosen""# => "0+10x120"
        ),
        at!("61m", "95m", "110m"),
    ),
    low_traffic: quiet(
        &cost::ROUTER_SAVINGS,
        "nothing is saved, in six decisions an hour",
        "5m",
        series!(
            "tta_llm_savings_total", r#"provider="p",model="m",source="router""# => "0+0x120";
            "tta_llm_cost_total", r#"provider="p",model="m",workflow_name="w",agent_type="a""# => "0+1x120";
            "tta_router_decisions_total", r#"primitive_name="r",route="a",reason="chosen""# => "0+0.1x120"
        ),
        at!("60m", "100m"),
    ),
    reset: quiet(
        &cost::ROUTER_SAVINGS,
        "half is saved, and the program starts anew",
        "5m",
        series!(
            "tta_llm_savings_total", r#"provider="p",model="m",source="router""# => "0+1x60 0+1x60";
            "tta_llm_cost_total", r#"provider="p",model="m",workflow_name="w",agent_type="a""# => "0+1x60 0+1x60";
            "tta_router_decisions_total", r#"primitive_name="r",route="a",reason="chosen""# => "0+10x60 0+10x60"
        ),
        at!("61m", "95m", "110m"),
    ),
    absence: quiet(
        &cost::ROUTER_SAVINGS,
        "nothing is saved, and the program ends",
        "5m",
        series!(
            "tta_llm_savings_total", r#"provider="p",model="m",source="router""# => "0+0x20 _x120";
            "tta_llm_cost_total", r#"provider="p",model="m",workflow_name="w",agent_type="a""# => "0+1x20 _x120";
            "tta_router_decisions_total", r#"primitive_name="r",route="a",reason="chosen""# => "0+10x20 _x120"
        ),
        at!("90m", "130m"),
    ),
};

const RETRIES: Hazards = Hazards {
    step: quiet(
        &blocks::RETRIES,
        "sixty attempts at once are followed by another, in an outage of seconds",
        "1m",
        series!(
            "tta_retry_attempts_total", r#"primitive_name="b",result="success""# => "0+20x60";
            "tta_retry_attempts_total", r#"primitive_name="b",result="retried""# => "0+0x30 60+0x30"
        ),
        at!("31m", "33m", "35m", "36m", "37m", "50m"),
    ),
    low_traffic: quiet(
        &blocks::RETRIES,
        "half of a few attempts are",
        "1m",
        series!(
            "tta_retry_attempts_total", r#"primitive_name="b",result="success""# => "0+0.4x60";
            "tta_retry_attempts_total", r#"primitive_name="b",result="retried""# => "0+0.4x60"
        ),
        at!("10m", "30m", "60m"),
    ),
    reset: quiet(
        &blocks::RETRIES,
        "the program starts anew, after an outage long ago",
        "1m",
        series!(
            "tta_retry_attempts_total", r#"primitive_name="b",result="success""# => "0+20x30 0+20x30";
            "tta_retry_attempts_total", r#"primitive_name="b",result="retried""# => "900+2x30 0+2x30"
        ),
        at!("31m", "36m", "50m"),
    ),
    absence: quiet(
        &blocks::RETRIES,
        "half of the attempts are, and the program ends",
        "1m",
        series!(
            "tta_retry_attempts_total", r#"primitive_name="b",result="success""# => "0+20x30 _x40";
            "tta_retry_attempts_total", r#"primitive_name="b",result="retried""# => "0+20x30 _x40"
        ),
        at!("36m", "40m", "60m"),
    ),
};

const HIT_RATIO: Hazards = Hazards {
    step: quiet(
        &cache::HIT_RATIO,
        "a thousand look-ups miss at once",
        "1m",
        series!(
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="hit""# => "0+30x60";
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="miss""# => "0+0x30 1000+0x30"
        ),
        at!("31m", "35m", "45m", "50m"),
    ),
    low_traffic: quiet(
        &cache::HIT_RATIO,
        "one look-up a minute, and each misses",
        "1m",
        series!(
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="hit""# => "0+0x60";
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="miss""# => "0+1x60"
        ),
        at!("20m", "40m", "60m"),
    ),
    reset: quiet(
        &cache::HIT_RATIO,
        "three in four hit, and the program starts anew",
        "1m",
        series!(
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="hit""# => "0+30x30 0+30x30";
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="miss""# => "9000+10x30 0+10x30"
        ),
        at!("31m", "46m", "60m"),
    ),
    absence: quiet(
        &cache::HIT_RATIO,
        "none hits, and the program ends",
        "1m",
        series!(
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="hit""# => "0+0x10 _x60";
            "tta_cache_operations_total", r#"primitive_name="b",cache_type="memory",operation="miss""# => "0+60x10 _x60"
        ),
        at!("15m", "30m", "60m"),
    ),
};

const EXPORT: Hazards = Hazards {
    step: quiet(
        &telemetry::EXPORT,
        "thirty exports fail at once",
        "1m",
        series!(
            "tta_telemetry_exports_total", r#"signal="traces",result="ok""# => "0+12x60";
            "tta_telemetry_exports_total", r#"signal="traces",result="error""# => "0+0x30 30+0x30"
        ),
        at!("31m", "33m", "35m", "36m", "50m"),
    ),
    low_traffic: quiet(
        &telemetry::EXPORT,
        "three exports in ten minutes, and each fails",
        "1m",
        series!(
            "tta_telemetry_exports_total", r#"signal="traces",result="ok""# => "0+0x60";
            "tta_telemetry_exports_total", r#"signal="traces",result="error""# => "0+0.3x60"
        ),
        at!("20m", "60m"),
    ),
    reset: quiet(
        &telemetry::EXPORT,
        "the program starts anew, after exports that failed long ago",
        "1m",
        series!(
            "tta_telemetry_exports_total", r#"signal="traces",result="ok""# => "0+12x30 0+12x30";
            "tta_telemetry_exports_total", r#"signal="traces",result="error""# => "500+0x30 0+0x30"
        ),
        at!("31m", "36m", "50m"),
    ),
    absence: quiet(
        &telemetry::EXPORT,
        "all fail, and the program ends",
        "1m",
        series!(
            "tta_telemetry_exports_total", r#"signal="traces",result="ok""# => "0+0x20 _x40";
            "tta_telemetry_exports_total", r#"signal="traces",result="error""# => "0+12x20 _x40"
        ),
        at!("26m", "40m", "60m"),
    ),
};

const FAILURES: Hazards = Hazards {
    step: quiet(
        &workflows::FAILURES,
        "five runs fail at once, of a hundred",
        "1m",
        series!(
            "tta_workflow_executions_total", r#"workflow_name="w",status="success""# => "0+20x60";
            "tta_workflow_executions_total", r#"workflow_name="w",status="failure""# => "0+0x30 5+0x30"
        ),
        at!("31m", "33m", "35m", "50m"),
    ),
    low_traffic: quiet(
        &workflows::FAILURES,
        "the only run fails",
        "1m",
        series!(
            "tta_workflow_executions_total", r#"workflow_name="w",status="success""# => "0+0x60";
            "tta_workflow_executions_total", r#"workflow_name="w",status="failure""# => "0+0x30 1+0x30"
        ),
        at!("31m", "33m", "35m", "50m"),
    ),
    reset: quiet(
        &workflows::FAILURES,
        "the program starts anew, after runs that failed long ago",
        "1m",
        series!(
            "tta_workflow_executions_total", r#"workflow_name="w",status="success""# => "0+20x30 0+20x30";
            "tta_workflow_executions_total", r#"workflow_name="w",status="failure""# => "500+0x30 0+0x30"
        ),
        at!("31m", "33m", "36m", "50m"),
    ),
    absence: quiet(
        &workflows::FAILURES,
        "half of the runs fail, and the program ends",
        "1m",
        series!(
            "tta_workflow_executions_total", r#"workflow_name="w",status="success""# => "0+20x20 _x60";
            "tta_workflow_executions_total", r#"workflow_name="w",status="failure""# => "0+20x20 _x60"
        ),
        at!("31m", "50m", "80m"),
    ),
};

const LATENCY: Hazards = Hazards {
    step: quiet(
        &workflows::LATENCY,
        "a hundred slow calls at once, of thousands",
        "15m",
        series!(
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="1""# => "0+60x1620";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="8""# => "0+60x1560 93760+60x59";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="+Inf""# => "0+60x1560 93760+60x59";
            "tta_execution_duration_seconds_count", r#"primitive_type="llm",primitive_name="chat""# => "0+60x1560 93760+60x59"
        ),
        at!("1565m", "1580m", "1600m", "1620m"),
    ),
    low_traffic: quiet(
        &workflows::LATENCY,
        "a call a minute becomes eight times as slow",
        "15m",
        series!(
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="1""# => "0+1x1500 1500+0x120";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="8""# => "0+1x1621";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="+Inf""# => "0+1x1621";
            "tta_execution_duration_seconds_count", r#"primitive_type="llm",primitive_name="chat""# => "0+1x1621"
        ),
        at!("1560m", "1600m", "1620m"),
    ),
    reset: quiet(
        &workflows::LATENCY,
        "the program starts anew, and is as fast as before",
        "15m",
        series!(
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="1""# => "0+60x1560 0+60x60";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="8""# => "0+60x1560 0+60x60";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="+Inf""# => "0+60x1560 0+60x60";
            "tta_execution_duration_seconds_count", r#"primitive_type="llm",primitive_name="chat""# => "0+60x1560 0+60x60"
        ),
        at!("1565m", "1580m", "1600m", "1620m"),
    ),
    absence: quiet(
        &workflows::LATENCY,
        "slow calls, and none a day ago",
        "15m",
        series!(
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="1""# => "_x1500 0+0x120";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="8""# => "_x1500 0+60x120";
            "tta_execution_duration_seconds_bucket", r#"primitive_type="llm",primitive_name="chat",le="+Inf""# => "_x1500 0+60x120";
            "tta_execution_duration_seconds_count", r#"primitive_type="llm",primitive_name="chat""# => "_x1500 0+60x120"
        ),
        at!("1560m", "1600m", "1620m"),
    ),
};

const SATURATION: Hazards = Hazards {
    step: quiet(
        &workflows::SATURATION,
        "thirty calls arrive at once, and end within three minutes",
        "1m",
        series!(
            "tta_primitive_active", r#"primitive_type="llm",primitive_name="chat""# => "2+0x30 30+0x2 2+0x30";
            "tta_execution_duration_seconds_sum", r#"primitive_type="llm",primitive_name="chat""# => "0+120x64"
        ),
        at!("31m", "33m", "36m", "40m"),
    ),
    low_traffic: quiet(
        &workflows::SATURATION,
        "five calls hang",
        "1m",
        series!(
            "tta_primitive_active", r#"primitive_type="llm",primitive_name="chat""# => "5+0x60";
            "tta_execution_duration_seconds_sum", r#"primitive_type="llm",primitive_name="chat""# => "0+0x60"
        ),
        at!("10m", "30m", "60m"),
    ),
    reset: quiet(
        &workflows::SATURATION,
        "25 calls are in progress as before, and the program starts anew",
        "1m",
        series!(
            "tta_primitive_active", r#"primitive_type="llm",primitive_name="chat""# => "25+0x61";
            "tta_execution_duration_seconds_sum", r#"primitive_type="llm",primitive_name="chat""# => "0+1500x30 0+1500x30"
        ),
        at!("31m", "33m", "36m", "50m"),
    ),
    absence: quiet(
        &workflows::SATURATION,
        "calls hang, and the program ends",
        "1m",
        series!(
            "tta_primitive_active", r#"primitive_type="llm",primitive_name="chat""# => "30+0x10 _x40";
            "tta_execution_duration_seconds_sum", r#"primitive_type="llm",primitive_name="chat""# => "0+0x10 _x40"
        ),
        at!("17m", "30m", "50m"),
    ),
};

const GROWTH: Hazards = Hazards {
    step: quiet(
        &growth::GROWTH,
        "five hundred calls at once, of thousands",
        "15m",
        series!(
            "tta_primitive_executions_total", r#"primitive_type="llm",primitive_name="chat",action="chat",status="success""# => "0+100x1560 156600+100x60"
        ),
        at!("1565m", "1595m", "1620m"),
    ),
    low_traffic: quiet(
        &growth::GROWTH,
        "five times as many calls as a day ago, and few",
        "15m",
        series!(
            "tta_primitive_executions_total", r#"primitive_type="llm",primitive_name="chat",action="chat",status="success""# => "0+1x1500 1505+5x120"
        ),
        at!("1560m", "1600m", "1620m"),
    ),
    reset: quiet(
        &growth::GROWTH,
        "the program starts anew, and has as many calls as a day ago",
        "15m",
        series!(
            "tta_primitive_executions_total", r#"primitive_type="llm",primitive_name="chat",action="chat",status="success""# => "0+100x1560 0+100x60"
        ),
        at!("1565m", "1595m", "1620m"),
    ),
    absence: quiet(
        &growth::GROWTH,
        "the program was not there a day ago",
        "15m",
        series!(
            "tta_primitive_executions_total", r#"primitive_type="llm",primitive_name="chat",action="chat",status="success""# => "_x1500 0+100x120"
        ),
        at!("1560m", "1600m", "1620m"),
    ),
};

/// Counters of good and bad events, where 1 % may be bad.
macro_rules! events {
    ($good:literal, $bad:literal, $objective:literal) => {
        series!(
            "tta_slo_events_total", r#"primitive_name="chat",slo="availability",outcome="good""# => $good;
            "tta_slo_events_total", r#"primitive_name="chat",slo="availability",outcome="bad""# => $bad;
            "tta_slo_objective_ratio", r#"primitive_name="chat",slo="availability""# => $objective
        )
    };
}

const FASTEST: Hazards = Hazards {
    step: quiet(
        &slo::FASTEST,
        "a hundred bad events at once, in an hour of 1,200",
        "1m",
        events!("0+20x200", "0+0x100 100+0x99", "0.99+0x200"),
        at!("101m", "103m", "106m", "150m"),
    ),
    low_traffic: quiet(
        &slo::FASTEST,
        "all is bad, in three events an hour",
        "1m",
        events!("0+0x200", "0+0.05x200", "0.99+0x200"),
        at!("60m", "120m", "200m"),
    ),
    reset: quiet(
        &slo::FASTEST,
        "the program starts anew, after events that were bad long ago",
        "1m",
        events!("0+20x100 0+20x99", "1000+0x100 0+0x99", "0.99+0x200"),
        at!("101m", "103m", "106m", "150m"),
    ),
    absence: quiet(
        &slo::FASTEST,
        "all is bad, and the program ends",
        "1m",
        events!("0+0x30 _x100", "0+60x30 _x100", "0.99+0x30 _x100"),
        at!("45m", "60m", "120m"),
    ),
};

const FAST: Hazards = Hazards {
    step: quiet(
        &slo::FAST,
        "a hundred bad events at once, in six hours of 7,200",
        "5m",
        events!("0+20x500", "0+0x400 100+0x99", "0.99+0x500"),
        at!("401m", "406m", "430m", "480m"),
    ),
    low_traffic: quiet(
        &slo::FAST,
        "all is bad, in three events an hour",
        "5m",
        events!("0+0x500", "0+0.05x500", "0.99+0x500"),
        at!("60m", "360m", "500m"),
    ),
    reset: quiet(
        &slo::FAST,
        "the program starts anew, after events that were bad long ago",
        "5m",
        events!("0+20x400 0+20x99", "1000+0x400 0+0x99", "0.99+0x500"),
        at!("401m", "406m", "430m", "480m"),
    ),
    absence: quiet(
        &slo::FAST,
        "all is bad, and the program ends",
        "5m",
        events!("0+0x30 _x200", "0+60x30 _x200", "0.99+0x30 _x200"),
        at!("75m", "120m", "200m"),
    ),
};

const SLOW: Hazards = Hazards {
    step: quiet(
        &slo::SLOW,
        "a hundred bad events at once, in a day of 28,800",
        "15m",
        events!("0+20x1800", "0+0x1500 100+0x299", "0.99+0x1800"),
        at!("1515m", "1530m", "1620m", "1785m"),
    ),
    low_traffic: quiet(
        &slo::SLOW,
        "all is bad, in fourteen events a day",
        "15m",
        events!("0+0x1800", "0+0.01x1800", "0.99+0x1800"),
        at!("120m", "1440m", "1800m"),
    ),
    reset: quiet(
        &slo::SLOW,
        "the program starts anew, after events that were bad long ago",
        "15m",
        events!("0+20x1500 0+20x299", "1000+0x1500 0+0x299", "0.99+0x1800"),
        at!("1515m", "1530m", "1620m", "1785m"),
    ),
    absence: quiet(
        &slo::SLOW,
        "all is bad, and the program ends",
        "15m",
        events!("0+0x60 _x400", "0+60x60 _x400", "0.99+0x60 _x400"),
        at!("210m", "300m", "450m"),
    ),
};

const SLOWEST: Hazards = Hazards {
    step: quiet(
        &slo::SLOWEST,
        "a hundred bad events at once, in three days of 86,400",
        "60m",
        events!("0+20x4800", "0+0x4500 100+0x299", "0.99+0x4800"),
        at!("4560m", "4620m", "4740m"),
    ),
    low_traffic: quiet(
        &slo::SLOWEST,
        "all is bad, in six events a day",
        "60m",
        events!("0+0x4800", "0+0.004x4800", "0.99+0x4800"),
        at!("360m", "4320m", "4800m"),
    ),
    reset: quiet(
        &slo::SLOWEST,
        "the program starts anew, after events that were bad long ago",
        "60m",
        events!("0+20x4500 0+20x299", "1000+0x4500 0+0x299", "0.99+0x4800"),
        at!("4560m", "4620m", "4740m"),
    ),
    absence: quiet(
        &slo::SLOWEST,
        "all is bad, and the program ends",
        "60m",
        events!("0+0x120 _x900", "0+60x120 _x900", "0.99+0x120 _x900"),
        at!("540m", "720m", "960m"),
    ),
};

const EXHAUSTED: Hazards = Hazards {
    step: quiet(
        &slo::EXHAUSTED,
        "fifty bad events at once, of ten thousand",
        "1m",
        events!("0+1000x40", "0+0x30 50+0x9", "0.99+0x40"),
        at!("31m", "36m", "40m"),
    ),
    low_traffic: quiet(
        &slo::EXHAUSTED,
        "all is bad, in forty events",
        "1m",
        events!("0+0x40", "0+1x40", "0.99+0x40"),
        at!("10m", "20m", "40m"),
    ),
    reset: quiet(
        &slo::EXHAUSTED,
        "the program starts anew, after events that were bad long ago",
        "1m",
        events!("0+1000x30 0+1000x20", "5000+0x30 0+0x20", "0.99+0x51"),
        at!("31m", "36m", "50m"),
    ),
    absence: quiet(
        &slo::EXHAUSTED,
        "all is bad, and the program ends before there are events enough",
        "1m",
        events!("0+0x5 _x60", "0+10x5 _x60", "0.99+0x5 _x60"),
        at!("10m", "30m", "60m"),
    ),
};
