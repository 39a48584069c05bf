//! What a snapshot reads of tenants whose places are given to others.

use std::time::Duration;

use super::{Row, Snapshot, Value};
use crate::label::top::{rank_alone, top};
use crate::schema::Id;
use crate::testing::Recording;

/// Checks a metric by tenant: `labels` are those of its series, by the value of the tenant's.
fn check(id: Id, label: &'static str, labels: fn(&str) -> Vec<&str>) {
    let _alone = rank_alone();
    let recording = Recording::new().with_ranked_tenants();
    let recorder = recording.recorder();
    let add = |tenant: &str, n: u64| recorder.add(id, &labels(top(label, 1, tenant, n)), n);
    let of = |snapshot: &Snapshot| -> Vec<(String, f64)> {
        let row = |row: &Row| {
            let tenant = row.labels.iter().find(|(name, _)| *name == "tenant").expect("it has one").1;
            let Value::Number(number) = row.value else { panic!("it is a counter") };
            (tenant.to_owned(), number * id.metric().unit.scale())
        };
        snapshot.rows(id).series.iter().map(row).collect()
    };
    add("leaving", 5);
    add("larger", 10);
    Snapshot::take(recorder);
    recording.advance(Duration::from_secs(3_600));
    let snapshot = Snapshot::take(recorder);
    // It gets the place of the one that left.
    add("coming", 100);
    let later = Snapshot::take(recorder);
    let row = |tenant: &str, number: f64| (tenant.to_owned(), number);
    assert_eq!(of(&snapshot), [row("other", 10.0), row("other/1", 5.0)]);
    assert_eq!(of(&later), [row("coming", 100.0), row("other", 10.0), row("other/1", 5.0)]);
}

#[test]
fn what_a_tenant_counted_is_read_before_another_one_can_have_its_place() {
    check(Id::LlmCostByTenant, "read before: costs", |tenant| vec![tenant]);
    check(Id::BudgetRefusalsByTenant, "read before: refusals", |tenant| vec!["budget", tenant]);
}
