//! Budgets that processes share through a cluster of which one server is dead.

use std::time::{Duration, Instant};

use tests::redis_cluster;
use tests::redis_server::Server;
use tta_runtime::WorkflowContext;
use tta_runtime::block::Redis;
use tta_runtime::llm::{Budget, BudgetRefusal, BudgetScope, Estimate, NanoUsd, Sharing};
use tta_runtime::testing::Recording;

/// Longer than the time after which the cluster takes a server for dead.
const LEASE: Duration = Duration::from_millis(1_200);

const TENANTS: usize = 300;

fn spend_a_cent(budget: &Budget, tenant: usize) -> Result<(), BudgetRefusal> {
    let context = WorkflowContext::new().with_tenant(format!("t{tenant}"));
    let reserved = context.run(|| budget.reserve(&Estimate::usd(0.01)));
    reserved.map(|reservation| reservation.settle(NanoUsd(10_000_000))).map_err(|refused| refused.because)
}

#[test]
fn tenants_whose_server_lives_go_on_and_those_of_the_dead_one_are_refused_at_once() {
    let mut servers = redis_cluster::start_without_replicas();
    for server in &servers {
        server.wait_until_granting(LEASE);
    }
    let urls: Vec<String> = servers.iter().map(Server::url).collect();
    let process = || {
        let redis = Redis::cluster(urls.iter().map(String::as_str)).expect("they are addresses");
        let sharing = Sharing::over(redis.timeout(Duration::from_secs(3))).lease(LEASE);
        Budget::usd(1.0).named("plans").scope(BudgetScope::Tenant).shared(sharing)
    };
    let before = process();
    assert!((0..TENANTS).all(|tenant| spend_a_cent(&before, tenant) == Ok(())));
    assert!(before.give_back(Duration::from_secs(5)));
    let accounts: Vec<usize> = servers.iter().map(|server| server.keys().len()).collect();
    assert!(accounts.iter().all(|accounts| *accounts > 30), "each server has some: {accounts:?}");
    let [living, dead] = [&accounts[..2], &accounts[2..]].map(|accounts| accounts.iter().sum::<usize>());
    assert_eq!(living + dead, TENANTS);

    let recording = Recording::in_real_time();
    recording.run(|| {
        let budget = process();
        assert_eq!(spend_a_cent(&budget, TENANTS), Ok(()), "it is connected");
        servers.remove(2).kill();
        let begun = Instant::now();
        for round in 0..2 {
            let ends: Vec<_> = (0..TENANTS).map(|tenant| spend_a_cent(&budget, tenant)).collect();
            let refused = ends.iter().filter(|end| **end == Err(BudgetRefusal::StoreAway)).count();
            let passed = ends.iter().filter(|end| **end == Ok(())).count();
            assert_eq!((passed, refused), (living, dead), "round {round}");
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody waits: {:?}", begun.elapsed());
        assert_eq!(recording.metrics("tta_budget_away"), "tta_budget_away{budget=\"plans\"} 1\n");
    });
}
