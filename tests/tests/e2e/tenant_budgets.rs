//! Budgets of which each tenant has the whole amount, shared through a real Redis.

use std::time::{Duration, Instant};

use tests::redis_server::Server;
use tta_runtime::WorkflowContext;
use tta_runtime::llm::{Budget, BudgetRefusal, BudgetScope, Estimate, NanoUsd, Sharing};
use tta_runtime::testing::Recording;

use crate::patience::wait_until;

/// The lease in these tests.
const LEASE: Duration = Duration::from_millis(600);

/// Starts a server that grants.
fn start() -> Server {
    let server = Server::start(&[]);
    server.wait_until_granting(LEASE);
    server
}

/// Returns what a process of its own has of a budget that gives each tenant a dollar.
fn a_dollar_each(server: &Server) -> Budget {
    let sharing = Sharing::over(server.redis().timeout(Duration::from_millis(500))).lease(LEASE);
    Budget::usd(1.0).named("plans").scope(BudgetScope::Tenant).shared(sharing)
}

fn of_tenant<T>(tenant: &str, work: impl FnOnce() -> T) -> T {
    WorkflowContext::current().with_tenant(tenant).run(work)
}

/// Spends a cent of a tenant's dollar.
fn spend_a_cent(budget: &Budget, tenant: &str) -> Result<(), BudgetRefusal> {
    let reserved = of_tenant(tenant, || budget.reserve(&Estimate::usd(0.02)));
    reserved.map(|reservation| reservation.settle(NanoUsd(10_000_000))).map_err(|refused| refused.because)
}

/// Returns the number of a metric with the budget as its only label.
fn number(recording: &Recording, metric: &str) -> u64 {
    let text = recording.metrics(metric);
    let number = text.trim().rsplit_once(' ').and_then(|(_, number)| number.parse().ok());
    number.unwrap_or_else(|| panic!("one number of {metric}: {text}"))
}

/// Returns what the server's accounts have spent and committed, and how many they are.
fn accounts(server: &Server) -> (u64, u64, usize) {
    let keys: Vec<String> = server.command("KEYS", "tta:budget:plans:nano_usd:tenant-*");
    let of = |field: &str| keys.iter().map(|key| server.command::<u64>("HGET", (key, field))).sum::<u64>();
    (of("spent"), of("committed"), keys.len())
}

#[test]
fn each_tenant_has_one_amount_in_all_processes_which_stays() {
    let server = start();
    let (one, other) = (a_dollar_each(&server), a_dollar_each(&server));
    for budget in [&one, &other] {
        of_tenant("blue", || budget.reserve(&Estimate::usd(0.5)).expect("half of it each"))
            .settle(NanoUsd(450_000_000));
        assert!(budget.give_back(Duration::from_secs(5)));
    }
    assert_eq!(spend_a_cent(&one, "red"), Ok(()), "another tenant has a dollar of its own");
    let refused = of_tenant("blue", || one.reserve(&Estimate::usd(0.2)).expect_err("a tenth of a dollar is left"));
    assert_eq!((refused.scope, refused.owner.as_deref()), (BudgetScope::Tenant, Some("blue")));
    assert_eq!(
        refused.to_string(),
        "the budget `plans` of the tenant `blue` has too little left: $0.90 of $1.00 is spent; it does not reset"
    );
    assert!(one.give_back(Duration::from_secs(5)));
    assert_eq!(accounts(&server), (910_000_000, 910_000_000, 2));
    let keys: Vec<String> = server.command("KEYS", "tta:budget:plans:*");
    assert!(keys.iter().all(|key| !key.contains(['{', '}'])), "{keys:?}: the slot is that of the whole key");
    let lives: Vec<i64> = keys.iter().map(|key| server.command("TTL", key)).collect();
    assert_eq!(lives, [-1, -1], "a tenant without a period is never forgotten");
}

#[test]
fn tenants_that_make_no_calls_leave_the_process_and_nothing_that_they_reserved_or_spent_is_lost() {
    let server = start();
    let recording = Recording::in_real_time();
    recording.run(|| {
        let budget = a_dollar_each(&server);
        let running = of_tenant("running", || budget.reserve(&Estimate::usd(0.7)).expect("there is enough"));
        let mut most = 0;
        for tenant in 0..4_000 {
            assert_eq!(spend_a_cent(&budget, &format!("t{tenant}")), Ok(()));
            most = most.max(number(&recording, "tta_budget_accounts"));
        }
        wait_until("all but the one with a call have left", || number(&recording, "tta_budget_accounts") == 1);
        assert_eq!(accounts(&server), (40_000_000_000, 40_700_000_000, 4_001));
        running.settle(NanoUsd(600_000_000));
        wait_until("that one leaves as well", || number(&recording, "tta_budget_accounts") == 0);
        assert_eq!(accounts(&server), (40_600_000_000, 40_600_000_000, 4_001));
        // Those that left come back to what they had.
        let refused = of_tenant("running", || budget.reserve(&Estimate::usd(0.5)).map(drop));
        assert_eq!(refused.map_err(|refused| refused.spent), Err(NanoUsd(600_000_000).into()));
        assert!(most > 1, "they were there");
    });
}

#[test]
fn during_an_outage_thousands_of_tenants_are_refused_at_once_and_do_not_ask() {
    let server = start();
    let recording = Recording::in_real_time();
    recording.run(|| {
        let budget = a_dollar_each(&server);
        assert_eq!(spend_a_cent(&budget, "before"), Ok(()));
        server.stop();
        // The first finds out, by its time limit.
        wait_until("the outage is noticed", || spend_a_cent(&budget, "first") == Err(BudgetRefusal::StoreAway));
        let (asked, begun) = (number(&recording, "tta_budget_exchanges_total"), Instant::now());
        for tenant in 0..5_000 {
            assert_eq!(spend_a_cent(&budget, &format!("t{tenant}")), Err(BudgetRefusal::StoreAway));
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "nobody waits: {:?}", begun.elapsed());
        let requests = number(&recording, "tta_budget_exchanges_total") - asked;
        assert!(requests < 50, "{requests} requests to a server that is away");
        server.go_on();
        wait_until("a tenant that is new passes", || spend_a_cent(&budget, "after") == Ok(()));
        wait_until("a tenant that was refused passes", || spend_a_cent(&budget, "t7") == Ok(()));
        assert!(budget.give_back(Duration::from_secs(5)));
        wait_until("they all leave", || number(&recording, "tta_budget_accounts") == 0);
        wait_until("and the budget says so", || number(&recording, "tta_budget_away") == 0);
        let (spent, committed, opened) = accounts(&server);
        assert_eq!((spent, committed), (30_000_000, 30_000_000), "nothing stays reserved");
        assert!((4..10).contains(&opened), "{opened} have asked, those included that asked before anybody noticed");
    });
}
