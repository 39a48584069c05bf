//! Cases of alerts on objectives.

use crate::rule::alert::slo as alert;
use crate::rule::case::row::{AlertCase, SILENT};

/// Counters of good and bad events, and the objective: of calls, or of the scores of an evaluation.
macro_rules! events {
    ($good:literal, $bad:literal, $objective:literal) => {
        events!("chat", "availability", $good, $bad, $objective)
    };
    ($name:literal, $slo:literal, $good:literal, $bad:literal, $objective:literal) => {
        &[
            (
                concat!(
                    r#"tta_slo_events_total{job="j",instance="x",primitive_name=""#,
                    $name,
                    r#"",slo=""#,
                    $slo,
                    r#"",outcome="good"}"#
                ),
                $good,
            ),
            (
                concat!(
                    r#"tta_slo_events_total{job="j",instance="x",primitive_name=""#,
                    $name,
                    r#"",slo=""#,
                    $slo,
                    r#"",outcome="bad"}"#
                ),
                $bad,
            ),
            (
                concat!(
                    r#"tta_slo_objective_ratio{job="j",instance="x",primitive_name=""#,
                    $name,
                    r#"",slo=""#,
                    $slo,
                    r#""}"#
                ),
                $objective,
            ),
        ]
    };
}

/// Expects a burn-rate alert, with the share of bad events over its long window.
macro_rules! burns {
    ($at:literal, $share:literal, $window:literal) => {
        burns!("chat", "availability", $at, $share, $window)
    };
    ($name:literal, $slo:literal, $at:literal, $share:literal, $window:literal) => {
        (
            $at,
            &[(
                &[("job", "j"), ("primitive_name", $name), ("slo", $slo)],
                concat!(
                    $share,
                    "% of ",
                    $name,
                    "'s events were bad for its ",
                    $slo,
                    " objective in the past ",
                    $window
                ),
            )],
        )
    };
}

/// Expects the alert on an exhausted error budget.
macro_rules! left {
    ($at:literal, $share:literal) => {
        left!("chat", "availability", $at, $share)
    };
    ($name:literal, $slo:literal, $at:literal, $share:literal) => {
        (
            $at,
            &[(
                &[("job", "j"), ("primitive_name", $name), ("slo", $slo)],
                concat!($share, "% of ", $name, "'s ", $slo, " budget is left"),
            )],
        )
    };
}

pub(super) static CASES: &[AlertCase] = &[
    AlertCase {
        title: "a quarter is bad where 1 % may be",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!("0+180x200", "0+60x200", "0.99+0x200"),
        checks: &[("2m", SILENT), burns!("3m", "25", "1h")],
    },
    AlertCase {
        title: "all is well for longer than the long window, and then all is bad",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!("0+60x21 1260+60x49 4200+0x11", "1000+0x70 1060+60x11", "0.99+0x82"),
        checks: &[("80m", SILENT), burns!("81m", "18.33", "1h")],
    },
    AlertCase {
        title: "all was bad, and all is well for the short window",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!("1000+0x61 1060+60x13", "1000+60x4 1240+60x56 4600+0x13", "0.99+0x75"),
        checks: &[burns!("64m", "94.92", "1h"), ("71m", SILENT)],
    },
    AlertCase {
        title: "the short window is slightly below its threshold, and then slightly above",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!(
            "0+800x30 24000+800x29 48058+858x14 60924+854x14",
            "0+200x30 6000+200x29 11942+142x14 14076+146x14",
            "0.99+0x90"
        ),
        checks: &[("75m", SILENT), burns!("90m", "17.15", "1h")],
    },
    AlertCase {
        title: "a low objective is reachable in the short window: 89 % is bad, and then 91 %",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!("0+0x60 110+110x14 1740+90x14", "0+1000x60 60890+890x14 74260+910x14", "0.05+0x90"),
        checks: &[("75m", SILENT), burns!("90m", "95", "1h")],
    },
    AlertCase {
        title: "a low objective is reachable in the long window: all turns bad",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!("0+60x8 480+60x2 600+0x56", "1000+0x10 1060+60x57", "0.05+0x68"),
        checks: &[("65m", SILENT), burns!("68m", "96.67", "1h")],
    },
    AlertCase {
        title: "all is bad, of slightly fewer than 20 events, and then of slightly more",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!("0+0x242", "0+0.3233x120 39.1393+0.3433x121", "0.99+0x242"),
        checks: &[("120m", SILENT), burns!("242m", "100", "1h")],
    },
    AlertCase {
        title: "a tenth is bad where 1 % may be",
        alert: &alert::FAST,
        interval: "1m",
        input: events!("0+54x200", "0+6x200", "0.99+0x200"),
        checks: &[("5m", SILENT), burns!("6m", "10", "6h")],
    },
    AlertCase {
        title: "all is well for longer than the long window, and then all is bad",
        alert: &alert::FAST,
        interval: "1m",
        input: events!("0+60x37 2220+60x333 22200+0x27", "1000+0x370 1060+60x27", "0.99+0x398"),
        checks: &[("396m", SILENT), burns!("397m", "7.5", "6h")],
    },
    AlertCase {
        title: "all was bad, and all is well for the short window",
        alert: &alert::FAST,
        interval: "1m",
        input: events!("0+0x60 60+60x38", "0+60x60 3600+0x38", "0.99+0x99"),
        checks: &[burns!("87m", "68.97", "6h"), ("94m", SILENT)],
    },
    AlertCase {
        title: "the short window is slightly below its threshold, and then slightly above",
        alert: &alert::FAST,
        interval: "1m",
        input: events!("0+900x60 54941+941x39 92579+939x39", "0+100x60 6059+59x39 8421+61x39", "0.99+0x140"),
        checks: &[("100m", SILENT), burns!("140m", "7.714", "6h")],
    },
    AlertCase {
        title: "a low objective is reachable in the short window: 89 % is bad, and then 91 %",
        alert: &alert::FAST,
        interval: "1m",
        input: events!("0+0x60 110+110x39 4490+90x39", "0+1000x60 60890+890x39 96510+910x39", "0.05+0x140"),
        checks: &[("100m", SILENT), burns!("140m", "94.29", "6h")],
    },
    AlertCase {
        title: "a low objective is reachable in the long window: all turns bad",
        alert: &alert::FAST,
        interval: "1m",
        input: events!("0+60x10 600+0x96", "0+0x10 60+60x96", "0.05+0x107"),
        checks: &[("105m", SILENT), burns!("106m", "90.57", "6h")],
    },
    AlertCase {
        title: "all is bad, of slightly fewer than 20 events, and then of slightly more",
        alert: &alert::FAST,
        interval: "5m",
        input: events!("0+0x845", "0+0.0539x420 22.6952+0.0572x424", "0.99+0x845"),
        checks: &[("420m", SILENT), burns!("845m", "100", "6h")],
    },
    AlertCase {
        title: "one in twenty is bad where 1 % may be",
        alert: &alert::SLOW,
        interval: "1m",
        input: events!("0+57x200", "0+3x200", "0.99+0x200"),
        checks: &[("15m", SILENT), burns!("16m", "5", "1d")],
    },
    AlertCase {
        title: "all is well for longer than the long window, and then all is bad",
        alert: &alert::SLOW,
        interval: "15m",
        input: events!("0+60x1470 88200+0x74", "0+0x1470 60+60x74", "0.99+0x1545"),
        checks: &[("1515m", SILENT), burns!("1530m", "4.167", "1d")],
    },
    AlertCase {
        title: "all was bad, and all is well for the short window",
        alert: &alert::SLOW,
        interval: "5m",
        input: events!("0+0x60 60+60x129", "0+60x60 3600+0x129", "0.99+0x190"),
        checks: &[burns!("180m", "34.29", "1d"), ("185m", SILENT)],
    },
    AlertCase {
        title: "the short window is slightly below its threshold, and then slightly above",
        alert: &alert::SLOW,
        interval: "5m",
        input: events!("0+950x60 57971+971x129 184199+969x129", "0+50x60 3029+29x129 6801+31x129", "0.99+0x320"),
        checks: &[("190m", SILENT), burns!("320m", "3.375", "1d")],
    },
    AlertCase {
        title: "a low objective is reachable in the short window: 89 % is bad, and then 91 %",
        alert: &alert::SLOW,
        interval: "5m",
        input: events!("0+0x60 110+110x129 14390+90x129", "0+1000x60 60890+890x129 176610+910x129", "0.05+0x320"),
        checks: &[("190m", SILENT), burns!("320m", "91.88", "1d")],
    },
    AlertCase {
        title: "a low objective is reachable in the long window: all turns bad",
        alert: &alert::SLOW,
        interval: "5m",
        input: events!("0+60x20 1200+0x204", "0+0x20 60+60x204", "0.05+0x225"),
        checks: &[("215m", SILENT), burns!("220m", "90.91", "1d")],
    },
    AlertCase {
        title: "all is bad, of slightly fewer than 20 events, and then of slightly more",
        alert: &alert::SLOW,
        interval: "15m",
        input: events!("0+0x3315", "0+0.0135x1680 22.6943+0.0143x1634", "0.99+0x3315"),
        checks: &[("1680m", SILENT), burns!("3315m", "100", "1d")],
    },
    AlertCase {
        title: "one in fifty is bad where 1 % may be, and a scrape was missed",
        alert: &alert::SLOWEST,
        interval: "1m",
        input: events!("0+98x200", "0+2x200", "0.99+0x40 stale 0.99+0x158"),
        checks: &[("60m", SILENT), burns!("61m", "2", "3d")],
    },
    AlertCase {
        title: "all is well for longer than the long window, and then all is bad",
        alert: &alert::SLOWEST,
        interval: "30m",
        input: events!("0+60x4350 261000+0x149", "0+0x4350 60+60x149", "0.99+0x4500"),
        checks: &[("4440m", SILENT), burns!("4470m", "2.778", "3d")],
    },
    AlertCase {
        title: "all was bad, and all is well for the short window",
        alert: &alert::SLOWEST,
        interval: "5m",
        input: events!("0+0x60 60+60x369", "0+60x60 3600+0x369", "0.99+0x430"),
        checks: &[burns!("420m", "14.46", "3d"), ("425m", SILENT)],
    },
    AlertCase {
        title: "the short window is slightly below its threshold, and then slightly above",
        alert: &alert::SLOWEST,
        interval: "10m",
        input: events!("0+980x60 59791+991x399 456189+989x399", "0+20x60 1209+9x399 4811+11x399", "0.99+0x860"),
        checks: &[("460m", SILENT), burns!("860m", "1.07", "3d")],
    },
    AlertCase {
        title: "a low objective is reachable in the short window: 89 % is bad, and then 91 %",
        alert: &alert::SLOWEST,
        interval: "10m",
        input: events!("0+0x60 110+110x399 44090+90x399", "0+1000x60 60890+890x399 416910+910x399", "0.05+0x860"),
        checks: &[("460m", SILENT), burns!("860m", "90.7", "3d")],
    },
    AlertCase {
        title: "a low objective is reachable in the long window: all turns bad",
        alert: &alert::SLOWEST,
        interval: "10m",
        input: events!("0+60x60 3600+0x619", "0+0x60 60+60x619", "0.05+0x680"),
        checks: &[("660m", SILENT), burns!("670m", "91.04", "3d")],
    },
    AlertCase {
        title: "all is bad, of slightly fewer than 20 events, and then of slightly more",
        alert: &alert::SLOWEST,
        interval: "60m",
        input: events!("0+0x9840", "0+0.00449x4980 22.36497+0.00477x4859", "0.99+0x9840"),
        checks: &[("4980m", SILENT), burns!("9840m", "100", "3d")],
    },
    AlertCase {
        title: "one in fifty is bad where 1 % may be",
        alert: &alert::EXHAUSTED,
        interval: "1m",
        input: events!("0+9800x20", "0+200x20", "0.99+0x20"),
        checks: &[("5m", SILENT), left!("6m", "-100")],
    },
    AlertCase {
        title: "slightly more is bad than may be",
        alert: &alert::EXHAUSTED,
        interval: "1m",
        input: events!("0+9898x20", "0+102x20", "0.99+0x20"),
        checks: &[left!("10m", "-2")],
    },
    AlertCase {
        title: "slightly less is bad than may be",
        alert: &alert::EXHAUSTED,
        interval: "1m",
        input: events!("0+9902x20", "0+98x20", "0.99+0x20"),
        checks: &[("10m", SILENT)],
    },
    AlertCase {
        title: "all is bad, and there are slowly enough events to tell",
        alert: &alert::EXHAUSTED,
        interval: "1m",
        input: events!("0+0x40", "0+21x40", "0.99+0x40"),
        checks: &[("16m", SILENT), left!("17m", "-9900")],
    },
    AlertCase {
        title: "a quarter of an evaluation's scores is too low where 1 % may be",
        alert: &alert::FASTEST,
        interval: "1m",
        input: events!("faithful", "score", "0+180x200", "0+60x200", "0.99+0x200"),
        checks: &[("2m", SILENT), burns!("faithful", "score", "3m", "25", "1h")],
    },
    AlertCase {
        title: "a tenth of an evaluation's scores is too low where 1 % may be",
        alert: &alert::FAST,
        interval: "1m",
        input: events!("faithful", "score", "0+54x200", "0+6x200", "0.99+0x200"),
        checks: &[("5m", SILENT), burns!("faithful", "score", "6m", "10", "6h")],
    },
    AlertCase {
        title: "one in twenty of an evaluation's scores is too low where 1 % may be",
        alert: &alert::SLOW,
        interval: "1m",
        input: events!("faithful", "score", "0+57x200", "0+3x200", "0.99+0x200"),
        checks: &[("15m", SILENT), burns!("faithful", "score", "16m", "5", "1d")],
    },
    AlertCase {
        title: "one in fifty of an evaluation's scores is too low where 1 % may be",
        alert: &alert::SLOWEST,
        interval: "1m",
        input: events!("faithful", "score", "0+98x200", "0+2x200", "0.99+0x200"),
        checks: &[("60m", SILENT), burns!("faithful", "score", "61m", "2", "3d")],
    },
    AlertCase {
        title: "slightly more of an evaluation's scores are too low than may be",
        alert: &alert::EXHAUSTED,
        interval: "1m",
        input: events!("faithful", "score", "0+9898x20", "0+102x20", "0.99+0x20"),
        checks: &[("5m", SILENT), left!("faithful", "score", "10m", "-2")],
    },
];
