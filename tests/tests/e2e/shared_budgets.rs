//! Budgets that processes share through a real Redis: scopes, units, windows, and what a program learns of an outage.

use std::time::{Duration, Instant};

use expect_test::expect;
use futures_executor::block_on;
use tests::redis_server::Server;
use tta_runtime::WorkflowContext;
use tta_runtime::block::Redis;
use tta_runtime::llm::{Budget, BudgetAmount, BudgetRefusal, BudgetScope, Estimate, NanoUsd, Sharing};
use tta_runtime::testing::Recording;

use crate::child::{Running, subject};
use crate::patience::wait_until;
use crate::stopping::assert_in_time;

/// The lease in these tests.
const LEASE: Duration = Duration::from_millis(400);

/// Starts a server that grants.
fn start() -> Server {
    let server = Server::start(&[]);
    server.wait_until_granting(LEASE);
    server
}

/// Returns how a process of its own shares a budget over the server.
fn sharing(server: &Server) -> Sharing {
    Sharing::over(server.redis().timeout(Duration::from_millis(500))).lease(LEASE)
}

#[test]
fn each_workflow_run_and_each_agent_has_one_amount_in_all_processes() {
    let server = start();
    for scope in [BudgetScope::Workflow, BudgetScope::Agent] {
        let process = || Budget::usd(1.0).named("runs").scope(scope).shared(sharing(&server));
        let (one, other) = (process(), process());
        let spend = |budget: &Budget, run: &str| {
            let context = WorkflowContext::new().with_workflow_id(run).with_agent_id(run);
            context.run(|| {
                let reserved = budget.reserve(&Estimate::usd(0.6));
                reserved.map(|reservation| reservation.settle(NanoUsd(500_000_000))).map_err(|refused| refused.because)
            })
        };
        assert_eq!(spend(&one, "a"), Ok(()));
        assert_eq!(spend(&other, "b"), Ok(()));
        assert!(one.give_back(Duration::from_secs(5)));
        assert_eq!(spend(&other, "a"), Err(BudgetRefusal::TooLittleLeft));
        let left = WorkflowContext::new().with_workflow_id("a").with_agent_id("a").run(|| other.remaining());
        assert_eq!(left, NanoUsd(500_000_000));
    }
}

#[test]
fn requests_and_tokens_are_limits_of_a_fleet_too() {
    let server = start();
    let requests = || Budget::requests(10).named("calls").shared(sharing(&server));
    let (one, other) = (requests(), requests());
    let mut passed = 0;
    for call in 0..20 {
        let budget = if call % 2 == 0 { &one } else { &other };
        if let Ok(reservation) = budget.reserve(&Estimate::usd(0.01)) {
            reservation.settle(BudgetAmount::Requests(1));
            passed += 1;
        }
    }
    assert!((8..=10).contains(&passed), "{passed}: a slice may be left in the other process");
    assert!(one.give_back(Duration::from_secs(5)) && other.give_back(Duration::from_secs(5)));
    let spent = |key: &str| server.command::<u64>("HGET", (key, "spent"));
    assert_eq!(spent("tta:budget:calls:requests:process:0:0"), passed);

    let tokens = Budget::tokens(1_000).named("tokens").shared(sharing(&server));
    let estimate = Estimate::tokens("openai", "gpt-4o", 500).max_output_tokens(200);
    let reservation = tokens.reserve(&estimate).expect("there are enough");
    assert_eq!(reservation.amount(), BudgetAmount::Tokens(700));
    reservation.settle(BudgetAmount::Tokens(650));
    assert!(tokens.give_back(Duration::from_secs(5)));
    assert_eq!(spent("tta:budget:tokens:tokens:process:0:0"), 650);
}

#[test]
fn a_call_of_unknown_cost_gets_all_that_the_fleet_has_left() {
    let server = start();
    let process = || Budget::usd(1.0).named("rest").shared(sharing(&server));
    let (one, other) = (process(), process());
    block_on(async {
        one.reserve_async(&Estimate::usd(0.3)).await.expect("there is enough").settle(NanoUsd(300_000_000));
        assert!(one.give_back(Duration::from_secs(5)));
        let all = other.reserve_async(&Estimate::usd(f64::NAN)).await.expect("there is some");
        assert_eq!(all.amount(), NanoUsd(700_000_000));
        let refused = one.reserve_async(&Estimate::usd(0.000_001)).await.expect_err("there is nothing");
        assert_eq!((refused.because, refused.spent), (BudgetRefusal::TooLittleLeft, NanoUsd(300_000_000).into()));
        assert_eq!(refused.reserved, NanoUsd(700_000_000));
    });
}

#[test]
fn one_process_alone_reports_the_soft_limit() {
    let server = start();
    let recordings = [Recording::in_real_time(), Recording::in_real_time()];
    let budgets = recordings.each_ref().map(|_| Budget::usd(1.0).named("soft").shared(sharing(&server)));
    for _ in 0..5 {
        for (recording, budget) in recordings.iter().zip(&budgets) {
            recording.run(|| {
                if let Ok(reservation) = budget.reserve(&Estimate::usd(0.1)) {
                    reservation.settle(NanoUsd(100_000_000));
                }
                assert!(budget.give_back(Duration::from_secs(5)));
            });
        }
    }
    let reached = recordings.each_ref().map(|recording| recording.metrics("tta_budget_soft_limit_reached_total"));
    let line = |times: u32| format!("tta_budget_soft_limit_reached_total{{budget=\"soft\"}} {times}\n");
    assert!(reached == [line(1), line(0)] || reached == [line(0), line(1)], "{reached:?}");
}

#[test]
fn a_lease_that_its_process_does_not_renew_expires_and_is_settled_once_when_it_comes_back() {
    let server = start();
    let budget = Budget::usd(1.0).named("frozen").shared(sharing(&server));
    let reservation = budget.reserve(&Estimate::usd(0.4)).expect("there is enough");
    let key = "tta:budget:frozen:nano_usd:process:0:0";
    let committed = || server.command::<u64>("HGET", (key, "committed"));
    let before = committed();
    assert!(before >= 400_000_000, "{before}");
    // While the server sleeps, the process cannot renew the lease, which expires by the server's clock.
    server.stop();
    std::thread::sleep(LEASE * 3);
    server.go_on();
    assert!(committed() >= 400_000_000, "what it may have spent stays spent");
    reservation.settle(NanoUsd(150_000_000));
    wait_until("the rest is given back", || budget.give_back(Duration::from_secs(5)) && committed() == 150_000_000);
    assert_eq!(server.command::<u64>("HGET", (key, "spent")), 150_000_000);
}

#[test]
fn an_account_that_is_flushed_is_restored_by_those_who_know_it() {
    let server = start();
    let budget = Budget::usd(1.0).named("flushed").shared(sharing(&server));
    let reservation = budget.reserve(&Estimate::usd(0.7)).expect("there is enough");
    reservation.settle(NanoUsd(700_000_000));
    assert!(budget.give_back(Duration::from_secs(5)));
    server.command::<String>("FLUSHALL", None::<&str>);
    let refused = budget.reserve(&Estimate::usd(0.4)).expect_err("the account has to be restored first");
    assert_eq!(refused.because, BudgetRefusal::StoreAway);
    let other = Budget::usd(1.0).named("flushed").shared(sharing(&server));
    wait_until("the others wait and then know what is spent", || {
        other.reserve(&Estimate::usd(0.4)).is_err_and(|refused| refused.because == BudgetRefusal::TooLittleLeft)
    });
    wait_until("the rest can be spent", || other.reserve(&Estimate::usd(0.2)).is_ok());
}

/// Returns the number of leases in an account.
fn leases(server: &Server, account: &str) -> usize {
    server.command::<Vec<String>>("HKEYS", account).iter().filter(|field| field.starts_with("lease:")).count()
}

/// Lets this many processes spend half a cent each, which are killed then: nobody renews their leases, nor gives them back.
fn kill(processes: u64, process: impl Fn() -> Budget) {
    for _ in 0..processes {
        let reserved = process().reserve(&Estimate::usd(0.01));
        reserved.expect("there is enough").settle(NanoUsd(5_000_000));
    }
}

#[test]
fn an_account_looks_at_its_leases_at_most_once_in_the_time_of_a_lease() {
    let server = start();
    let sharing = sharing(&server);
    let process = || Budget::usd(1_000.0).named("looked at").shared(sharing.clone());
    let begun = Instant::now();
    // The leases end one by one.
    while begun.elapsed() < LEASE * 6 {
        kill(1, process);
        std::thread::sleep(Duration::from_millis(10));
    }
    let statistics: String = server.command("INFO", "commandstats");
    // Nothing else runs this command.
    let looks = statistics.lines().find_map(|line| line.strip_prefix("cmdstat_hgetall:calls=")?.split(',').next());
    let looks: u128 = looks.and_then(|calls| calls.parse().ok()).expect("it has looked");
    let most = begun.elapsed().as_millis() / LEASE.as_millis() + 1;
    assert!((3..=most).contains(&looks), "{looks} looks, at most {most}");
}

#[test]
fn processes_that_are_killed_in_a_loop_leave_a_thousand_leases_at_most_and_what_they_held_stays_spent() {
    let server = start();
    let sharing = sharing(&server);
    let process = || Budget::usd(1_000.0).named("killed").shared(sharing.clone());
    let account = "tta:budget:killed:nano_usd:process:0:0";
    kill(1_200, process);
    let committed = || server.command::<u64>("HGET", (account, "committed"));
    let (opened, held) = (leases(&server, account), committed());
    assert!(opened > 1_000 && held >= 1_200 * 10_000_000, "{opened} leases hold {held}");
    let living = process();
    let reservation = living.reserve(&Estimate::usd(0.01)).expect("there is enough");
    wait_until("the oldest are removed", || leases(&server, account) == 1_001);
    reservation.settle(NanoUsd(10_000_000));
    assert!(living.give_back(Duration::from_secs(5)));
    assert_eq!(committed(), held + 10_000_000);
}

#[test]
fn processes_that_end_leave_no_lease_for_longer_than_six_leases() {
    let server = start();
    let sharing = sharing(&server);
    let process = || Budget::usd(1.0).named("ended").shared(sharing.clone());
    let account = "tta:budget:ended:nano_usd:process:0:0";
    for _ in 0..20 {
        let ending = process();
        ending.reserve(&Estimate::usd(0.02)).expect("there is enough").settle(NanoUsd(10_000_000));
        assert!(ending.give_back(Duration::from_secs(5)));
    }
    assert_eq!(leases(&server, account), 20, "late copies of their requests are recognised");
    let living = process();
    let reservation = living.reserve(&Estimate::usd(0.01)).expect("there is enough");
    wait_until("they are removed", || leases(&server, account) == 1);
    reservation.settle(NanoUsd(10_000_000));
    assert!(living.give_back(Duration::from_secs(5)));
    let sums = ["spent", "committed"].map(|sum| server.command::<u64>("HGET", (account, sum)));
    assert_eq!(sums, [210_000_000, 210_000_000]);
}

#[test]
fn a_budget_with_a_long_lease_notices_without_a_call_that_its_redis_is_back() {
    let server = start();
    let process = |lease| {
        let redis = server.redis().timeout(Duration::from_millis(500));
        Budget::usd(1.0).named("long").shared(Sharing::over(redis).lease(lease))
    };
    // An account that is new would wait for a lease, as the server has just started.
    assert!(process(LEASE).reserve(&Estimate::usd(0.1)).is_ok());
    let recording = Recording::in_real_time();
    recording.run(|| {
        let budget = process(Duration::from_secs(3_600));
        let reserve = || budget.reserve(&Estimate::usd(0.3)).map(drop).map_err(|refused| refused.because);
        assert_eq!(reserve(), Ok(()));
        server.stop();
        wait_until("a call is refused", || {
            budget.reserve(&Estimate::usd(0.6)).is_err_and(|refused| refused.because == BudgetRefusal::StoreAway)
        });
        server.go_on();
        let begun = Instant::now();
        let is_back = "tta_budget_away{budget=\"long\"} 0\n";
        wait_until("it is back", || recording.metrics("tta_budget_away") == is_back);
        // It looks at all of its accounts every ten seconds.
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert_eq!(reserve(), Ok(()));
    });
}

#[test]
fn a_user_who_may_not_run_the_script_is_refused() {
    let server = start();
    let user = ["SETUSER", "reader", "on", ">secret", "~*", "+get", "+ping"];
    server.command::<String>("ACL", user.as_slice());
    let redis = Redis::server(&format!("redis://reader:secret@127.0.0.1:{}", server.port())).expect("it is an address");
    let budget = Budget::usd(1.0).shared(redis);
    let refused = budget.reserve(&Estimate::usd(0.1)).expect_err("it cannot be reserved");
    expect!["the Redis of the budget `default` does not answer: $0.00 of $1.00 is spent; it does not reset"]
        .assert_eq(&refused.to_string());
}

/// The script by itself, as no client keeps a request for so long.
#[test]
fn a_late_copy_of_a_request_to_an_account_that_was_lost_twice_gives_back_nothing_that_others_hold() {
    const SCRIPT: &str = include_str!("../../../tta-runtime/src/llm/budget/shared/exchange.lua");
    let server = Server::start(&[]);
    let information: String = server.command("INFO", "server");
    let run_id = information.lines().find_map(|line| line.strip_prefix("run_id:")).expect("it has one");
    // One lease holds 1; nobody told of the one that had 8 of the first account.
    let account =
        ["server", run_id, "committed", "1", "epoch", "2000", "floored", "10", "lease:9", "1 0 1 9999999999999 1"];
    server.command::<u64>("HSET", [&["account"][..], &account].concat());
    let late = "5 2 0 1 0 8 0 0 1000 8 0 100 90 1000 0 0 0 0".split(' ').collect::<Vec<_>>();
    let answer: Vec<i64> = server.command("EVAL", [&[SCRIPT, "1", "account"][..], &late].concat());
    assert_eq!(answer[2], 2, "1 is held by each of them: {answer:?}");
}

/// Takes the Redis away from a program whose budget may spend this share meanwhile, and gives it back. Returns what the program
/// says of its call meanwhile, and all that it says afterwards.
fn outage(share: &str) -> [String; 2] {
    let server = start();
    let mut program = Running::start(subject("budget_outage").args([&server.url(), share]));
    assert_eq!(program.line(), "tta_budget_away{budget=\"fleet\"} 0");
    assert_eq!(program.line(), "reserved");
    server.stop();
    program.say("");
    let call = program.line();
    assert_eq!(program.line(), "tta_budget_away{budget=\"fleet\"} 1");
    assert_eq!(program.line(), "noticed");
    server.go_on();
    program.say("");
    [call, program.finish().stdout]
}

#[test]
fn a_strict_budget_says_when_it_loses_its_redis_and_when_it_is_back() {
    let [refused, afterwards] = outage("0");
    assert!(refused.starts_with("the Redis of the budget `fleet` does not answer: "), "{refused}");
    expect![[r#"
        tta_budget_away{budget="fleet"} 0
         WARN tta::telemetry: the Redis of a shared budget does not answer or has just come back: calls beyond the lease are refused budget="fleet"
         INFO tta::telemetry: the Redis of a shared budget answers again budget="fleet"
    "#]]
    .assert_eq(&afterwards);
}

#[test]
fn a_degraded_budget_spends_its_share_and_says_so() {
    let [call, afterwards] = outage("1");
    assert_eq!(call, "a share passes");
    expect![[r#"
        tta_budget_away{budget="fleet"} 0
         WARN tta::telemetry: the Redis of a shared budget does not answer or has just come back: this process spends its share budget="fleet"
         INFO tta::telemetry: the Redis of a shared budget answers again budget="fleet"
    "#]]
    .assert_eq(&afterwards);
}

/// Shuts a program down that has spent $0.10 of the $0.40 of its lease, with this deadline. Returns the server, what Redis has as spent and
/// as committed before, the report, and the milliseconds that the shutdown took.
fn shutdown(deadline_ms: u64, meanwhile: impl Fn(&Server)) -> (Server, [u64; 2], String, u64) {
    let server = start();
    // An account that is new would wait for the program's long lease, as the server has just started.
    let before = Budget::usd(1.0).named("at the end").shared(sharing(&server));
    before.reserve(&Estimate::usd(0.01)).expect("there is enough").settle(NanoUsd(0));
    assert!(before.give_back(Duration::from_secs(5)));
    let deadline = deadline_ms.to_string();
    let mut program = Running::start(subject("budget_at_shutdown").args([&server.url(), &deadline]));
    assert_eq!(program.line(), "settled");
    let held = sums(&server);
    meanwhile(&server);
    program.say("shut down");
    let (report, took) = (program.line(), program.line());
    (server, held, report, took.parse().expect("it is a number"))
}

/// Returns what Redis has as spent and as committed.
fn sums(server: &Server) -> [u64; 2] {
    ["spent", "committed"].map(|sum| server.command("HGET", ("tta:budget:at the end:nano_usd:process:0:0", sum)))
}

#[test]
fn a_shutdown_gives_back_what_the_process_holds() {
    let (server, [_, held], report, _) = shutdown(20_000, |_| {});
    assert!(held >= 400_000_000, "{held}");
    assert_eq!(report, "ShutdownReport { abandoned_spans: 0, metrics_sent: true, budgets_settled: true }");
    assert_eq!(sums(&server), [100_000_000, 100_000_000]);
}

#[test]
fn a_shutdown_whose_redis_does_not_answer_ends_in_time_and_says_that_the_budget_is_not_settled() {
    let (_server, _, report, took_ms) = shutdown(2_000, Server::stop);
    assert_eq!(report, "ShutdownReport { abandoned_spans: 0, metrics_sent: true, budgets_settled: false }");
    // A quarter of the time is for budgets, and nothing else has to be sent.
    assert_in_time(took_ms, 500);
}

#[test]
fn budgets_whose_names_differ_by_braces_have_an_account_each() {
    let server = start();
    let spend = |name: &'static str| {
        let budget = Budget::usd(1.0).named(name).shared(sharing(&server));
        let spent = budget.reserve(&Estimate::usd(0.9)).map(|reservation| reservation.settle(NanoUsd(900_000_000)));
        assert!(budget.give_back(Duration::from_secs(5)));
        spent.map_err(|refused| refused.because)
    };
    for name in ["a{b}", "a_b_", "a%7Bb%7D"] {
        assert_eq!(spend(name), Ok(()), "{name}");
        assert_eq!(spend(name), Err(BudgetRefusal::TooLittleLeft), "{name}");
    }
}
