//! Budgets that processes share over TLS, through a server and through a cluster.

use std::time::Duration;

use tests::redis_cluster::{is_up, join};
use tests::redis_server::Server;
use tta_runtime::WorkflowContext;
use tta_runtime::block::Redis;
use tta_runtime::llm::{Budget, BudgetRefusal, BudgetScope, Estimate, NanoUsd, Sharing};

use crate::authority::Authority;
use crate::cache::tls::start_with;

/// The lease in these tests.
const LEASE: Duration = Duration::from_millis(400);

/// Returns what a process of its own has of a budget that gives each tenant a dollar.
fn a_dollar_each(redis: Redis, degraded: f64) -> Budget {
    let redis = redis.timeout(Duration::from_secs(5));
    let sharing = Sharing::over(redis).lease(LEASE).degraded(degraded);
    Budget::usd(1.0).named("private").scope(BudgetScope::Tenant).shared(sharing)
}

/// Spends half of a tenant's dollar.
fn spend_a_half(budget: &Budget, tenant: &str) -> Result<(), BudgetRefusal> {
    let reserved = WorkflowContext::new().with_tenant(tenant).run(|| budget.reserve(&Estimate::usd(0.5)));
    reserved.map(|reservation| reservation.settle(NanoUsd(500_000_000))).map_err(|refused| refused.because)
}

/// Two processes that trust the authority share each tenant's dollar; those that trust a stranger get nothing, or their own share.
fn check(redis: impl Fn() -> Redis, authority: &Authority, stranger: &Authority, tenants: usize) {
    let trusting = || redis().root_certificates(authority.certificate()).expect("they are certificates");
    let (one, other) = (a_dollar_each(trusting(), 0.0), a_dollar_each(trusting(), 0.0));
    for tenant in (0..tenants).map(|tenant| format!("t{tenant}")) {
        for budget in [&one, &other] {
            assert_eq!(spend_a_half(budget, &tenant), Ok(()));
            assert!(budget.give_back(Duration::from_secs(10)));
        }
        assert_eq!(spend_a_half(&one, &tenant), Err(BudgetRefusal::TooLittleLeft));
    }
    let misled = || redis().root_certificates(stranger.certificate()).expect("they are certificates");
    assert_eq!(spend_a_half(&a_dollar_each(misled(), 0.0), "t0"), Err(BudgetRefusal::StoreAway));
    assert_eq!(
        spend_a_half(&a_dollar_each(redis(), 0.0), "t0"),
        Err(BudgetRefusal::StoreAway),
        "the system knows no such"
    );
    let degraded = a_dollar_each(misled(), 0.5);
    // The first call finds out that nobody answers.
    let passed = (0..3).filter(|_| spend_a_half(&degraded, "t0").is_ok()).count();
    assert_eq!(passed, 1, "its share is half of a dollar");
}

/// Returns what the accounts of a server have spent, and how many they are.
fn spent(server: &Server) -> (u64, usize) {
    let keys = server.keys();
    (keys.iter().map(|key| server.command::<u64>("HGET", (key, "spent"))).sum(), keys.len())
}

#[test]
fn a_server_is_asked_if_a_trusted_authority_certifies_it() {
    let (authority, stranger) = (Authority::new("budgets"), Authority::new("strange-budgets"));
    let (server, port) = start_with(&authority, &["--tls-auth-clients", "no"]);
    server.wait_until_granting(LEASE);
    let redis = || Redis::server(&format!("rediss://127.0.0.1:{port}")).expect("it is an address");
    check(redis, &authority, &stranger, 1);
    assert_eq!(spent(&server), (1_000_000_000, 1), "strangers have written nothing");
}

#[test]
fn a_cluster_is_asked_if_a_trusted_authority_certifies_it_and_has_tenants_in_all_of_its_slots() {
    let (authority, stranger) = (Authority::new("budgets-cluster"), Authority::new("strange-budgets-cluster"));
    let options = ["--tls-auth-clients", "no", "--cluster-enabled", "yes", "--tls-cluster", "yes"];
    let servers: Vec<_> = (0..3).map(|_| start_with(&authority, &options)).collect();
    let ports = servers.iter().map(|(_, port)| *port);
    join(ports.clone(), 0, &["--tls", "--cacert", &authority.file("ca.pem")]);
    while !servers.iter().all(|(server, _)| is_up(server)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    for (server, _) in &servers {
        server.wait_until_granting(LEASE);
    }
    let urls: Vec<String> = ports.map(|port| format!("rediss://127.0.0.1:{port}")).collect();
    let redis = || Redis::cluster(urls.iter().map(String::as_str)).expect("they are addresses");
    check(redis, &authority, &stranger, 20);
    let spent: Vec<_> = servers.iter().map(|(server, _)| spent(server)).collect();
    assert_eq!(spent.iter().map(|(spent, _)| spent).sum::<u64>(), 20_000_000_000);
    assert!(spent.iter().all(|(_, accounts)| *accounts > 0), "each server has some: {spent:?}");
}
