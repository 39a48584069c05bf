//! Alertmanager shows each alert after its cause is provoked.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use tta_cli::rule::alert;

use super::alertmanager::{Alertmanager, Shown};
use super::stack::{JOB, RETIRED_JOB, Retired, Stack};
use super::{PATIENCE, PAUSE};

/// An alert that must fire, for this cause and no other.
struct Wanted {
    name: &'static str,
    /// Labels that distinguish the cause from others.
    labels: &'static [(&'static str, &'static str)],
    cause: &'static str,
}

/// All alerts except those of instances that are down or missing, which mute others.
const WANTED: &[Wanted] = &[
    Wanted {
        name: "TtaSloBurn14x",
        labels: &[("primitive_name", "answer_question"), ("slo", "availability")],
        cause: "most questions are not answered",
    },
    Wanted {
        name: "TtaSloBurn6x",
        labels: &[("primitive_name", "answer_question"), ("slo", "availability")],
        cause: "most questions are not answered",
    },
    Wanted {
        name: "TtaSloBurn3x",
        labels: &[("primitive_name", "answer_question"), ("slo", "availability")],
        cause: "most questions are not answered",
    },
    Wanted {
        name: "TtaSloBurn1x",
        labels: &[("primitive_name", "answer_question"), ("slo", "availability")],
        cause: "most questions are not answered",
    },
    Wanted {
        name: "TtaSloBudgetExhausted",
        labels: &[("primitive_name", "answer_question"), ("slo", "availability")],
        cause: "most questions are not answered",
    },
    Wanted {
        name: "TtaCostBudgetBurn",
        labels: &[("budget", "answers")],
        cause: "a budget of a dollar is used up within a minute",
    },
    Wanted {
        name: "TtaBudgetRefusing",
        labels: &[("budget", "answers")],
        cause: "a budget of a dollar is used up within a minute",
    },
    Wanted { name: "TtaBudgetAway", labels: &[("budget", "fleet")], cause: "nothing listens at the address of Redis" },
    Wanted {
        name: "TtaBudgetSoftLimit",
        labels: &[("budget", "answers")],
        cause: "a budget of a dollar is used up within a minute",
    },
    Wanted {
        name: "TtaUnpricedTokens",
        labels: &[("provider", "house"), ("model", "nobody-sells-it")],
        cause: "a model has no price",
    },
    Wanted {
        name: "TtaCostIncomplete",
        labels: &[("provider", "openai"), ("model", "gpt-4o-mini")],
        cause: "a tool has no price",
    },
    Wanted { name: "TtaPricesOld", labels: &[("job", "tta-primitives")], cause: "a price file was written long ago" },
    Wanted {
        name: "TtaTokenRateAnomaly",
        labels: &[("job", "tta-primitives")],
        cause: "a loop uses many times the tokens of a day and an hour ago",
    },
    Wanted {
        name: "TtaRouterSavingsLow",
        labels: &[("job", "tta-primitives")],
        cause: "a router always takes the dear route",
    },
    Wanted {
        name: "TtaWorkflowFailureSpike",
        labels: &[("workflow_name", "import")],
        cause: "an import goes wrong that went well an hour ago",
    },
    Wanted {
        name: "TtaLatencyTrend",
        labels: &[("primitive_name", "answer_question")],
        cause: "answers take longer than a day ago",
    },
    Wanted {
        name: "TtaInFlightSaturation",
        labels: &[("primitive_name", "answer_question")],
        cause: "the model does not answer",
    },
    Wanted {
        name: "TtaCircuitOpen",
        labels: &[("primitive_name", "stays_open")],
        cause: "what a circuit breaker protects never comes back",
    },
    Wanted {
        name: "TtaRetryStorm",
        labels: &[("primitive_name", "in_vain")],
        cause: "what is tried again never succeeds",
    },
    Wanted {
        name: "TtaCompensationFailed",
        labels: &[("primitive_name", "half_undone"), ("result", "failed")],
        cause: "what a saga booked cannot be cancelled",
    },
    Wanted {
        name: "TtaAgentLoops",
        labels: &[("primitive_name", "asks_again")],
        cause: "an agent asks for the same again and again",
    },
    Wanted {
        name: "TtaRunLimitReached",
        labels: &[("primitive_name", "asks_more"), ("limit", "steps")],
        cause: "an agent does not come to an end",
    },
    Wanted {
        name: "TtaCacheHitRatioLow",
        labels: &[("primitive_name", "seldom_the_same"), ("cache_type", "memory")],
        cause: "a cache is seldom asked for the same",
    },
    Wanted {
        name: "TtaCacheNeverHit",
        labels: &[("primitive_name", "never_the_same"), ("cache_type", "memory")],
        cause: "a cache is asked for something else each time",
    },
    Wanted {
        name: "TtaPromptCacheNeverRead",
        labels: &[("provider", "anthropic"), ("model", "claude-sonnet-4-5")],
        cause: "prompts are written to the provider's cache and never read",
    },
    Wanted {
        name: "TtaCacheFailing",
        labels: &[("primitive_name", "away"), ("cache_type", "redis"), ("operation", "error")],
        cause: "nobody is where a cache's Redis should be",
    },
    Wanted { name: "TtaSpansDropped", labels: &[("reason", "retry_exhausted")], cause: "nobody listens for traces" },
    Wanted {
        name: "TtaLogRecordsDropped",
        labels: &[("reason", "non_retryable")],
        cause: "a collector refuses log records",
    },
    Wanted { name: "TtaSpanPartsDropped", labels: &[("part", "text")], cause: "a function records a long text" },
    Wanted {
        name: "TtaLabelsCapped",
        labels: &[("metric", "tta_workflows_active")],
        cause: "there are more than 1,000 agents",
    },
    Wanted {
        name: "TtaLabelValuesCapped",
        labels: &[("label", "tenant")],
        cause: "there are more tenants than a label has values",
    },
    Wanted { name: "TtaDetached", labels: &[("what", "init")], cause: "a program starts twice" },
    Wanted { name: "TtaExportFailing", labels: &[("signal", "traces")], cause: "a collector refuses each batch" },
    Wanted {
        name: "TtaRequestGrowth",
        labels: &[("job", "tta-primitives")],
        cause: "a day ago there was little to do",
    },
    Wanted {
        name: "TtaComponentPromoted",
        labels: &[("component", "cache")],
        cause: "a component was less mature a day ago",
    },
    Wanted { name: "TtaQualityGateFailed", labels: &[("component", "router")], cause: "a component has too few tests" },
];

/// The alert of an instance that is down.
const DOWN: &str = "TtaServiceDown";
/// The alert of a job without an instance.
const MISSING: &str = "TtaServiceMissing";

#[test]
fn a_job_whose_instances_have_left_is_missed() {
    let retired = Retired::start();
    wait_until("all instances have left", || {
        let alerts = retired.alertmanager.alerts();
        alerts.iter().any(|shown| shown.has("alertname", MISSING) && shown.has("job", RETIRED_JOB))
    });
}

#[test]
fn alertmanager_shows_what_goes_wrong() {
    let all: BTreeSet<_> = alert::GROUPS.iter().flat_map(|group| group.alerts).map(|alert| alert.name).collect();
    let wanted: BTreeSet<_> = WANTED.iter().map(|wanted| wanted.name).chain([DOWN, MISSING]).collect();
    assert_eq!(all, wanted, "each alert that is shipped is brought about");
    let stack = Stack::shared();
    let alertmanager = &stack.alertmanager;

    let started = Instant::now();
    let mut seen = Vec::<Seen>::new();
    loop {
        see(alertmanager, &mut seen, started.elapsed());
        let missing: Vec<_> = WANTED.iter().filter(|wanted| !wanted.is_among(&seen)).collect();
        if missing.is_empty() {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "not in Alertmanager:{}\nwhat is there:{}", list(&missing), list(&seen));
        std::thread::park_timeout(PAUSE);
    }
    eprintln!("{} alerts fired within {:.0?}:{}", WANTED.len(), started.elapsed(), list(&seen));
    let habits = seen.iter().filter(|seen| seen.shown.has("workflow_name", "habit")).collect::<Vec<_>>();
    assert!(habits.is_empty(), "what always went wrong is no news:{}", list(&habits));
    // When a short window has no bad event, the fast burns resolve; they fire again later.
    wait_until("a fast burn mutes a slow one", || alertmanager.mutes("TtaSloBurn14x", "TtaSloBurn3x"));

    let instance = stack.stop_idle().to_string();
    let started = Instant::now();
    let is_down = |shown: &Shown| shown.has("alertname", DOWN) && shown.has("instance", &instance);
    wait_until("an instance is gone", || alertmanager.alerts().iter().any(is_down));
    eprintln!("a program that is gone was missed after {:.0?}", started.elapsed());
    for (severity, muted) in
        [("critical", "TtaSloBudgetExhausted"), ("warning", "TtaCacheHitRatioLow"), ("info", "TtaRequestGrowth")]
    {
        let fact = format!("an instance that is down mutes what is {severity} at its job");
        wait_until(&fact, || alertmanager.mutes(DOWN, muted));
    }
    let muted: Vec<_> = alertmanager.alerts().into_iter().filter(|shown| !shown.muted_by.is_empty()).collect();
    let wrongly = |shown: &&Shown| shown.has("alertname", DOWN) || !shown.has("job", JOB);
    let wrongly: Vec<_> = muted.iter().filter(wrongly).collect();
    assert!(wrongly.is_empty(), "nothing mutes that itself, nor another job's alerts: {wrongly:?}");
}

/// An alert, and when it first appeared.
struct Seen {
    shown: Shown,
    after: Duration,
}

/// Adds the alerts that are new.
fn see(alertmanager: &Alertmanager, seen: &mut Vec<Seen>, after: Duration) {
    for shown in alertmanager.alerts() {
        if !seen.iter().any(|seen| seen.shown.labels == shown.labels) {
            seen.push(Seen { shown, after });
        }
    }
}

#[track_caller]
fn wait_until(fact: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not so: {fact}");
        // Alertmanager mutes as soon as it has both alerts, and sends no event for it.
        std::thread::park_timeout(PAUSE);
    }
}

impl Wanted {
    fn is(&self, shown: &Shown) -> bool {
        shown.has("alertname", self.name) && self.labels.iter().all(|(name, value)| shown.has(name, value))
    }

    fn is_among(&self, seen: &[Seen]) -> bool {
        seen.iter().any(|seen| self.is(&seen.shown))
    }
}

impl Shown {
    fn has(&self, label: &str, value: &str) -> bool {
        self.labels.get(label).is_some_and(|have| have == value)
    }
}

impl Alertmanager {
    /// Returns whether an alert of one name mutes one of another.
    fn mutes(&self, muting: &str, muted: &str) -> bool {
        let alerts = self.alerts();
        let muting: Vec<_> = alerts.iter().filter(|shown| shown.has("alertname", muting)).collect();
        let mut muted = alerts.iter().filter(|shown| shown.has("alertname", muted));
        muted.any(|muted| muting.iter().any(|muting| muted.muted_by.contains(&muting.fingerprint)))
    }
}

fn list(items: &[impl Display]) -> String {
    let lines = items.iter().map(ToString::to_string).collect::<Vec<_>>();
    ["\n    ", &lines.join("\n    ")].concat()
}

impl Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {:?}, though {}", self.name, self.labels, self.cause)
    }
}

impl Display for Seen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "after {:.0?}: ", self.after)?;
        let labels = self.shown.labels.iter().filter(|(name, _)| *name != "alertname" && *name != "severity");
        let labels = labels.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ");
        write!(formatter, "{} ({labels})", self.shown.labels.get("alertname").map_or("?", String::as_str))
    }
}
