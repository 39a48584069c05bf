//! Cases of alerts on objectives.

use super::Alerted;
use crate::rule::alert::slo as alert;

pub(super) static CASES: &[Alerted] = &[
    Alerted {
        title: "a quarter is bad where 1 % may be",
        alert: &alert::FASTEST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+180x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+60x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[(
            "70m",
            &[(
                &[("job", "j"), ("primitive_name", "chat"), ("slo", "availability")],
                "25% of chat's events were bad for its availability objective in the past 1h",
            )],
        )],
    },
    Alerted {
        title: "a low objective is reachable: all is bad where half may be",
        alert: &alert::FASTEST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+0x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+60x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.5+0x200"),
        ],
        looks: &[(
            "70m",
            &[(
                &[("job", "j"), ("primitive_name", "chat"), ("slo", "availability")],
                "100% of chat's events were bad for its availability objective in the past 1h",
            )],
        )],
    },
    Alerted {
        title: "a tenth is bad where 1 % may be, which is 10 times as much",
        alert: &alert::FASTEST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+54x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+6x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("70m", &[])],
    },
    Alerted {
        title: "all is bad, and there were ten events",
        alert: &alert::FASTEST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+0x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+0x60 1+1x9 10+0x100",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("71m", &[])],
    },
    Alerted {
        title: "it was bad, and has been well for ten minutes",
        alert: &alert::FASTEST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+180x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+60x60 3600+0x100",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("71m", &[])],
    },
    Alerted {
        title: "a tenth is bad where 1 % may be",
        alert: &alert::FAST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+54x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+6x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[(
            "70m",
            &[(
                &[("job", "j"), ("primitive_name", "chat"), ("slo", "availability")],
                "10% of chat's events were bad for its availability objective in the past 6h",
            )],
        )],
    },
    Alerted {
        title: "one in twenty is bad where 1 % may be",
        alert: &alert::FAST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+57x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+3x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("70m", &[])],
    },
    Alerted {
        title: "one in twenty is bad where 1 % may be",
        alert: &alert::SLOW,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+57x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+3x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[(
            "70m",
            &[(
                &[("job", "j"), ("primitive_name", "chat"), ("slo", "availability")],
                "5% of chat's events were bad for its availability objective in the past 1d",
            )],
        )],
    },
    Alerted {
        title: "one in fifty is bad where 1 % may be",
        alert: &alert::SLOW,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+98x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+2x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("70m", &[])],
    },
    Alerted {
        title: "one in fifty is bad where 1 % may be, and a scrape was missed",
        alert: &alert::SLOWEST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+98x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+2x200",
            ),
            (
                r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#,
                "0.99+0x40 stale 0.99+0x158",
            ),
        ],
        looks: &[(
            "90m",
            &[(
                &[("job", "j"), ("primitive_name", "chat"), ("slo", "availability")],
                "2% of chat's events were bad for its availability objective in the past 3d",
            )],
        )],
    },
    Alerted {
        title: "one in two hundred is bad where 1 % may be",
        alert: &alert::SLOWEST,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+199x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+1x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("130m", &[])],
    },
    Alerted {
        title: "one in fifty is bad where 1 % may be",
        alert: &alert::EXHAUSTED,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+98x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+2x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[(
            "70m",
            &[(
                &[("job", "j"), ("primitive_name", "chat"), ("slo", "availability")],
                "-100% of chat's availability budget is left",
            )],
        )],
    },
    Alerted {
        title: "half of the budget is left",
        alert: &alert::EXHAUSTED,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+199x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+1x200",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("70m", &[])],
    },
    Alerted {
        title: "all is bad, and there were few events",
        alert: &alert::EXHAUSTED,
        every: "1m",
        input: &[
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="good"}"#,
                "0+0x200",
            ),
            (
                r#"tta_slo_events_total{job="j",instance="x",primitive_name="chat",slo="availability",outcome="bad"}"#,
                "0+0x60 1+1x9 10+0x100",
            ),
            (r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name="chat",slo="availability"}"#, "0.99+0x200"),
        ],
        looks: &[("90m", &[])],
    },
];
