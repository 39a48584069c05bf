//! `budgets`: what each account may spend, and when it is used up.

use serde::Serialize;

use super::Source;
use super::row::counts_by;
use crate::llm::budget::{self, AccountReading};
use crate::page::history::{History, per_second};
use crate::page::number::Decimal;
use crate::schema::Id;
use crate::snapshot::Snapshot;

#[derive(Serialize)]
pub(super) struct Budgets {
    budgets: Vec<Budget>,
    left_out: usize,
}

#[derive(Serialize)]
struct Budget {
    name: String,
    scope: &'static str,
    owner: Option<String>,
    period_seconds: Option<f64>,
    period_left_seconds: Option<f64>,
    limit_nano_usd: Decimal,
    reserved_nano_usd: Decimal,
    spent_nano_usd: Decimal,
    estimated_nano_usd: Decimal,
    refused_calls: u64,
    soft_limit_share: f64,
    used_up_in_seconds: Option<f64>,
}

const MOST: usize = 200;

pub(super) fn budgets(source: &Source, history: &History, snapshot: &Snapshot) -> Budgets {
    let accounts = budget::accounts(source.recorder, source.recorder.clock.now());
    let left_out = accounts.len().saturating_sub(MOST);
    let row = |account: &AccountReading| {
        let of_budget = |id| counts_by(snapshot, id, ["budget", &account.name], "budget").into_values().sum();
        let estimated =
            super::row::nano_usd(snapshot, Id::BudgetEstimated, |row| super::row::label(row, "budget") == account.name);
        Budget {
            name: account.name.to_string(),
            scope: account.scope.as_str(),
            owner: account.owner.as_deref().map(str::to_owned),
            period_seconds: account.period.map(seconds),
            period_left_seconds: account.period_left.map(seconds),
            limit_nano_usd: Decimal(account.limit),
            reserved_nano_usd: Decimal(account.reserved),
            spent_nano_usd: Decimal(account.spent),
            estimated_nano_usd: estimated,
            refused_calls: of_budget(Id::BudgetRefusals),
            soft_limit_share: account.soft as f64 / account.limit.max(1) as f64,
            used_up_in_seconds: used_up_in(source, history, account),
        }
    };
    Budgets { budgets: accounts.iter().take(MOST).map(row).collect(), left_out }
}

/// Returns the time until the limit is reached at the present rate, `None` if it is not before the period ends.
fn used_up_in(source: &Source, history: &History, account: &AccountReading) -> Option<f64> {
    let left = account.limit.saturating_sub(account.spent);
    if left == 0 {
        return Some(0.0);
    }
    let now = source.recorder.clock.now();
    let before = history.minutes.before(now, 5)?;
    let spent_before = before.spent(account).unwrap_or(0);
    let rate = if spent_before > account.spent {
        // A period began since.
        let passed = account.period?.saturating_sub(account.period_left?);
        per_second(account.spent, std::time::Duration::from_nanos(passed))
    } else {
        per_second(account.spent - spent_before, now.since(before.at))
    };
    let wait = (rate > 0.0).then(|| left as f64 / rate)?;
    account.period_left.is_none_or(|left| wait <= seconds(left)).then_some(wait)
}

fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}
