//! The share of bad events over each window of the burn-rate alerts.

use crate::rule::row::{Recording, Unit};

macro_rules! error_ratio {
    ($id:ident, $window:literal) => {
        #[doc = concat!("The share of bad events over ", $window, ".")]
        pub static $id: Recording = Recording {
            name: concat!("slo:tta_slo_errors:ratio_rate", $window),
            title: concat!("Bad events over ", $window),
            description: concat!(
                "Share of the events of the past ",
                $window,
                " that were bad in the sense of each objective."
            ),
            unit: Unit::Ratio,
            query: concat!(
                "sum by (job, primitive_name, slo) (rate(tta_slo_events_total{outcome=\"bad\"}[",
                $window,
                "]))
                    / (sum by (job, primitive_name, slo) (rate(tta_slo_events_total[",
                $window,
                "])) > 0)"
            ),
        };
    };
}

error_ratio!(RATIO_5M, "5m");
error_ratio!(RATIO_30M, "30m");
error_ratio!(RATIO_1H, "1h");
error_ratio!(RATIO_2H, "2h");
error_ratio!(RATIO_6H, "6h");
error_ratio!(RATIO_1D, "1d");
error_ratio!(RATIO_3D, "3d");
