//! `budgets`: what each account may spend, and when it is used up.

use serde::Serialize;

use super::Source;
use super::row::counts_by;
use crate::llm::budget::{self, AccountReading, BudgetUnit};
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
    unit: &'static str,
    shared: bool,
    limit: Decimal,
    reserved: Decimal,
    spent: Decimal,
    estimated: Option<Decimal>,
    refused_calls: u64,
    soft_limit_share: f64,
    used_up_in_seconds: Option<f64>,
}

const MOST: usize = 200;

pub(super) fn budgets(source: &Source, history: &History, snapshot: &Snapshot) -> Budgets {
    let listing = budget::accounts(source.recorder, source.recorder.clock.now(), MOST);
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
            unit: match account.unit {
                BudgetUnit::NanoUsd => "nano_usd",
                BudgetUnit::Tokens => "tokens",
                BudgetUnit::Requests => "requests",
            },
            shared: account.is_shared,
            limit: Decimal(account.limit),
            reserved: Decimal(account.reserved),
            spent: Decimal(account.spent),
            estimated: (account.unit == BudgetUnit::NanoUsd).then_some(estimated),
            refused_calls: of_budget(Id::BudgetRefusals),
            soft_limit_share: account.soft as f64 / account.limit.max(1) as f64,
            used_up_in_seconds: used_up_in(source, history, account),
        }
    };
    Budgets { budgets: listing.accounts.iter().map(row).collect(), left_out: listing.left_out }
}

/// Returns the time until the limit is reached at the present rate, `None` if it is not before the period ends.
fn used_up_in(source: &Source, history: &History, account: &AccountReading) -> Option<f64> {
    let left = account.limit.saturating_sub(account.spent);
    if left == 0 {
        return Some(0.0);
    }
    let now = source.recorder.clock.now();
    let before = history.minutes.before(now, 5)?;
    let spent_before = before.spent(account)?;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry_sdk::Resource;
    use serde_json::{Value, json};

    use crate::WorkflowContext;
    use crate::llm::{Budget, BudgetAmount, BudgetScope, Estimate, NanoUsd};
    use crate::page::{Answer, Page};
    use crate::testing::Recording;

    fn page(recording: &Recording) -> Page {
        Page::new(recording.recorder(), &Resource::builder_empty().build(), 1 << 20)
    }

    fn answer(page: &Page) -> Value {
        let Ok(Answer::Data(data)) = page.answer("budgets", "") else { panic!("it is a path") };
        serde_json::from_slice(&data).expect("it is JSON")
    }

    fn rows(recording: &Recording) -> Vec<Value> {
        answer(&page(recording))["budgets"].as_array().expect("a list").clone()
    }

    /// Has a tenant spend this much.
    fn spend(budget: &Budget, tenant: u32, nanos: u64) {
        let reserve = || budget.reserve(&Estimate::usd(0.2)).expect("enough is left").settle(NanoUsd(nanos));
        WorkflowContext::new().with_tenant(format!("t{tenant}")).run(reserve);
    }

    /// Returns what tells the budget, and its amounts.
    fn amounts(row: &Value) -> Value {
        ["name", "unit", "shared", "limit", "reserved", "spent", "estimated"]
            .iter()
            .map(|name| row[name].clone())
            .collect()
    }

    #[test]
    fn budgets_of_every_unit_are_there_in_their_unit() {
        let recording = Recording::new();
        let (tokens, requests) = (Budget::tokens(2_000).named("tokens"), Budget::requests(10).named("requests"));
        let money = Budget::usd(1.0).named("money").per(Duration::from_secs(60));
        recording.run(|| {
            let estimate = Estimate::tokens("openai", "gpt-4o", 1_500).max_output_tokens(400);
            tokens.reserve(&estimate).unwrap().settle(BudgetAmount::Tokens(1_600));
            requests.reserve(&estimate).unwrap().settle(BudgetAmount::Requests(1));
            let running = money.reserve(&Estimate::usd(0.25)).unwrap();
            let expected = [
                json!(["tokens", "tokens", false, "2000", "0", "1600", null]),
                json!(["money", "nano_usd", false, "1000000000", "250000000", "0", "0"]),
                json!(["requests", "requests", false, "10", "0", "1", null]),
            ];
            assert_eq!(rows(&recording).iter().map(amounts).collect::<Vec<_>>(), expected);
            drop(running);
        });
        assert_eq!(rows(&Recording::new()), [Value::Null; 0], "another recorder has none of them");
    }

    #[test]
    fn the_accounts_with_the_least_left_are_there_and_the_others_are_counted() {
        let recording = Recording::new();
        let budget = Budget::usd(1.0).named("tenants").scope(BudgetScope::Tenant);
        recording.run(|| (0..1_500).for_each(|tenant| spend(&budget, tenant, 1_000_000 + u64::from(tenant))));
        let page = page(&recording);
        let answer = answer(&page);
        let owners: Value =
            answer["budgets"].as_array().expect("a list").iter().map(|row| row["owner"].clone()).collect();
        let expected: Value = (1_300..1_500).rev().map(|tenant| format!("t{tenant}")).collect();
        assert_eq!(owners, expected);
        assert_eq!(answer["left_out"], 1_300);
    }

    #[test]
    fn an_account_whose_earlier_spending_is_not_known_has_no_time_until_it_is_used_up() {
        let recording = Recording::new();
        let budget = Budget::usd(1.0).named("tenants").scope(BudgetScope::Tenant);
        let used_up = |page: &Page| {
            let answer = answer(page);
            let of = |owner: &str| answer["budgets"].as_array()?.iter().find(|row| row["owner"] == owner).cloned();
            ["t7", "t2000"].map(|owner| of(owner).expect("it is there")["used_up_in_seconds"].as_f64())
        };
        recording.run(|| {
            (0..500).for_each(|tenant| spend(&budget, tenant, 1_000_000));
            let page = page(&recording);
            page.memory.history().sample(recording.recorder());
            recording.advance(Duration::from_secs(100));
            spend(&budget, 7, 100_000_000);
            spend(&budget, 2_000, 100_000_000);
            // The tenant was not there before, and all others were.
            assert_eq!(used_up(&page), [Some(899.0), Some(900.0)]);
        });
        recording.run(|| {
            // As many have less left.
            (2_001..3_100).for_each(|tenant| spend(&budget, tenant, 150_000_000));
            let page = page(&recording);
            page.memory.history().sample(recording.recorder());
            recording.advance(Duration::from_secs(100));
            spend(&budget, 7, 100_000_000);
            spend(&budget, 2_000, 100_000_000);
            assert_eq!(used_up(&page), [None, None]);
        });
    }

    #[cfg(feature = "redis")]
    #[test]
    fn a_shared_budget_is_there_while_its_server_is_away() {
        let recording = Recording::in_real_time();
        let redis = crate::block::Redis::server("redis://127.0.0.1:1").expect("it is an address");
        let budget = Budget::usd(1.0).named("fleet").shared(redis);
        recording.run(|| assert!(budget.reserve(&Estimate::usd(0.25)).is_err(), "a strict budget refuses"));
        let [row] = &*rows(&recording) else { panic!("one account") };
        assert_eq!(amounts(row), json!(["fleet", "nano_usd", true, "1000000000", "0", "0", "0"]));
    }
}
