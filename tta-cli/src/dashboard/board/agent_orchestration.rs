//! Calls between agents: the service map, routes, retries and fallbacks.

use crate::dashboard::page::{Dashboard, Section};
use crate::dashboard::panel::{Kind, Panel, Size};
use crate::dashboard::query::Query;
use crate::dashboard::unit::Unit;
use crate::dashboard::variable::{INSTANCE, JOB, PRIMITIVE, Variable, WORKFLOW};
use crate::rule::recording::{cost, edges, errors, fallback, latency, primitives, retry, router, timeout, workflows};

/// Returns the dashboard.
pub fn dashboard() -> Dashboard {
    Dashboard {
        name: "agent-orchestration",
        title: "Agent orchestration",
        description: "How agents work together: who calls whom, by which route, and what is done when that fails.",
        variables: vec![Variable::Datasource, JOB, INSTANCE, WORKFLOW, PRIMITIVE],
        sections: vec![agents(), connections(), routes(), recovery(), loops()],
    }
}

fn agents() -> Section {
    Section {
        title: "Agents and workflows",
        panels: vec![
            Panel::of(Kind::Lines, Size::Half, [Query::of(&workflows::ACTIVE, "{{workflow_name}} {{agent_type}}")]),
            Panel::of(Kind::Lines, Size::Half, [Query::of(&workflows::SUCCESS_RATE, "{{workflow_name}}")]),
            Panel::new(
                "Agents",
                "Calls, errors and latency of the primitives that are agents.",
                Kind::Table { by: "Calls per second" },
                Size::Half,
                [
                    Query::over(
                        r#"$0{primitive_type="agent"}"#,
                        [&primitives::RATE],
                        "Calls per second",
                        Unit::CallsPerSecond,
                    ),
                    Query::over(r#"$0{primitive_type="agent"}"#, [&errors::RATIO], "Error rate", Unit::Ratio),
                    Query::over(r#"$0{primitive_type="agent"}"#, [&latency::P95], "p95", Unit::Seconds),
                ],
            ),
            Panel::new(
                "Cost per hour by agent",
                "US dollars that an hour costs at this pace, by workflow and agent.",
                Kind::Areas,
                Size::Half,
                [Query::over("$0 * 3600", [&cost::RATE_BY_WORKFLOW], "{{workflow_name}} {{agent_type}}", Unit::Usd)],
            ),
        ],
    }
}

fn connections() -> Section {
    Section {
        title: "Connections",
        panels: vec![
            Panel::new(
                "Service map",
                "Which primitive calls which, and how often per second.",
                Kind::NodeGraph,
                Size::Half,
                [Query::over(
                    r#"label_join(sum by (source, target) ($0) > 0, "id", " → ", "source", "target")"#,
                    [&edges::RATE],
                    "{{id}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::new(
                "Edges",
                "Calls per second along each edge of the map.",
                Kind::Table { by: "Calls per second" },
                Size::Half,
                [Query::of(&edges::RATE, "Calls per second")],
            ),
            Panel::new(
                "Kinds of connection",
                "Calls from one primitive to another per second: plain calls, steps, branches, routes, retries, fallbacks.",
                Kind::Areas,
                Size::Line,
                [Query::over(
                    "sum by (job, connection_type) ($0)",
                    [&edges::RATE],
                    "{{connection_type}}",
                    Unit::CallsPerSecond,
                )],
            ),
        ],
    }
}

fn routes() -> Section {
    Section {
        title: "Routes",
        panels: vec![
            Panel::of(
                Kind::Areas,
                Size::Third,
                [Query::of(&router::RATE, "{{primitive_name}}: {{route}} ({{reason}})")],
            ),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&router::ERROR_RATIO, "{{primitive_name}}: {{route}}")]),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&router::DURATION_P95, "{{primitive_name}}: {{route}}")]),
        ],
    }
}

fn recovery() -> Section {
    Section {
        title: "Recovery",
        panels: vec![
            Panel::new(
                "Retries",
                "Attempts that ended, per second and result.",
                Kind::Areas,
                Size::Third,
                [Query::of(&retry::RATE, "{{primitive_name}}: {{result}}")],
            ),
            Panel::new(
                "Fallbacks",
                "Calls per second, by what gave the answer.",
                Kind::Areas,
                Size::Third,
                [Query::of(&fallback::RATE, "{{primitive_name}}: {{used}}").in_unit(Unit::CallsPerSecond)],
            ),
            Panel::of(
                Kind::Areas,
                Size::Third,
                [Query::of(&timeout::RATE, "{{primitive_name}}: {{result}}").in_unit(Unit::CallsPerSecond)],
            ),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&retry::BACKOFF_P95, "{{primitive_name}}")]),
            Panel::new(
                "Not from the primary",
                "Share of the calls whose answer did not come from the primary: a fallback gave it, or none did.",
                Kind::Lines,
                Size::Third,
                [Query::of(&fallback::RATIO, "{{primitive_name}}")],
            ),
            Panel::of(Kind::Lines, Size::Third, [Query::of(&timeout::RATIO, "{{primitive_name}}")]),
        ],
    }
}

fn loops() -> Section {
    Section {
        title: "Loops",
        panels: vec![
            Panel::new(
                "Repetitions",
                "Calls per second that would repeat the latest calls of their run once more: stopped, or counted where they are let through.",
                Kind::Lines,
                Size::Third,
                [Query::raw(
                    "sum by (primitive_name, action) (rate(tta_loops_total[$__rate_interval]))",
                    "{{primitive_name}}: {{action}}",
                    Unit::CallsPerSecond,
                )],
            ),
            Panel::new(
                "Cost of repetitions per hour",
                "US dollars that an hour of repetitions costs at this pace, up to the calls that loop guards found.",
                Kind::Lines,
                Size::Third,
                [Query::raw(
                    "sum by (primitive_name) (rate(tta_loops_cost_usd_total[$__rate_interval])) * 3600",
                    "{{primitive_name}}",
                    Unit::Usd,
                )],
            ),
            Panel::new(
                "Runs at their limit",
                "Calls per second that did not begin, since their run had made its steps or had cost its limit.",
                Kind::Lines,
                Size::Third,
                [Query::raw(
                    "sum by (primitive_name, limit) (rate(tta_run_limits_total[$__rate_interval]))",
                    "{{primitive_name}}: {{limit}}",
                    Unit::CallsPerSecond,
                )],
            ),
        ],
    }
}
