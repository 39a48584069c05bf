//! Translates dotted names and units to names that are valid in Prometheus' formats.

use std::borrow::Cow;
use std::sync::Arc;

use crate::snapshot::{RowKind, Rows};

/// Translates a family with a dotted name as OpenTelemetry's Prometheus exporters do; returns others unchanged.
pub(super) fn translate(rows: Arc<Rows>) -> Arc<Rows> {
    if !rows.name.contains('.') {
        return rows;
    }
    let mut rows = Arc::unwrap_or_clone(rows);
    let unit = match (rows.unit, rows.kind) {
        ("s", _) => "_seconds",
        ("ms", _) => "_milliseconds",
        // A gauge with the unit 1 is a ratio; a counter's unit is already in its name.
        ("1", RowKind::Gauge) => "_ratio",
        _ => "",
    };
    let counted = if rows.kind == RowKind::Counter { "_total" } else { "" };
    let name = underscored(&rows.name);
    let name = name.strip_suffix(counted).unwrap_or(&name);
    let name = name.strip_suffix(unit).unwrap_or(name);
    rows.name = format!("{name}{unit}{counted}").into();
    for row in &mut rows.series {
        let valid = |name: Cow<'static, str>| if name.contains('.') { underscored(&name) } else { name };
        row.labels = row.labels.texts().map(|(name, value)| (valid(name), value)).collect();
    }
    Arc::new(rows)
}

fn underscored(name: &str) -> Cow<'static, str> {
    name.replace('.', "_").into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::translate;
    use crate::snapshot::{Row, RowKind, Rows};

    fn translated(name: &'static str, kind: RowKind, unit: &'static str) -> String {
        let series = vec![Row::number(&[("a.b", "c.d")], 1.0)];
        let rows =
            translate(Arc::new(Rows { name: name.into(), help: "".into(), kind, unit, is_whole: false, series }));
        let label = rows.series.first().and_then(|row| row.labels.iter().next()).expect("it stays");
        format!("{}{{{}={}}}", rows.name, label.0, label.1)
    }

    #[test]
    fn units_and_totals_are_named_once() {
        let names = [
            translated("primitive.execution.duration", RowKind::Histogram, "ms"),
            translated("primitive.execution.count", RowKind::Counter, "{execution}"),
            translated("llm.tokens.total", RowKind::Counter, "{token}"),
            translated("slo.compliance", RowKind::Gauge, "1"),
            translated("agent.workflows.active", RowKind::Level, "{workflow}"),
        ];
        let expected = [
            "primitive_execution_duration_milliseconds{a_b=c.d}",
            "primitive_execution_count_total{a_b=c.d}",
            "llm_tokens_total{a_b=c.d}",
            "slo_compliance_ratio{a_b=c.d}",
            "agent_workflows_active{a_b=c.d}",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_name_without_dots_is_left_alone() {
        assert_eq!(translated("request_seconds", RowKind::Histogram, "s"), "request_seconds{a.b=c.d}");
    }
}
