//! Budgets with calls of fixed cost, on a manual clock.

use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;

use super::{Budget, BudgetScope, Estimate, NanoUsd};
use crate::context::WorkflowContext;
use crate::context::frame::with_current;
use crate::model::{DECODING, ModelName, Usage};
use crate::testing::Recording;

/// Spends in the current context, like a model call.
fn spend(usd: f64) {
    let cost = NanoUsd::from_usd(usd).unwrap();
    with_current(|frame| {
        for ledger in &frame.workflow.as_ref().unwrap().ledgers {
            ledger.add(&ModelName::new("openai", "gpt-4o"), cost, NanoUsd(0));
        }
    });
}

#[test]
fn a_refusal_shows_the_amounts_and_the_time_to_the_reset() {
    let recording = Recording::new();
    let budget = Budget::usd(5.0).named("assistant").per(Duration::from_secs(3_600));
    recording.run(|| {
        budget.reserve(&Estimate::usd(3.0)).unwrap().run(|| spend(2.995));
        let running = budget.reserve(&Estimate::usd(2.0)).unwrap();
        recording.advance(Duration::from_secs(600));
        let refused = budget.reserve(&Estimate::usd(0.01)).unwrap_err();
        expect!["the budget `assistant` has too little left: $2.995 of $5.00 is spent and $2.00 is reserved by running calls; it resets in 3000.0s"]
            .assert_eq(&refused.to_string());
        drop(running);
        assert_eq!(budget.remaining(), NanoUsd(2_005_000_000));
        let refused = Budget::usd(-1.0).reserve(&Estimate::usd(0.01)).unwrap_err();
        expect!["the budget `default` has too little left: $0.00 of $0.00 is spent; it does not reset"]
            .assert_eq(&refused.to_string());
    });
}

#[test]
fn the_metrics_follow_the_budget_without_calls() {
    let recording = Recording::new();
    let budget = Budget::usd(1.0).named("assistant").per(Duration::from_secs(60)).soft(0.5);
    recording.run(|| {
        budget.reserve(&Estimate::usd(0.4)).unwrap().run(|| spend(0.4));
        budget.reserve(&Estimate::usd(0.2)).unwrap().settle(NanoUsd(150_000_000));
        budget.reserve(&Estimate::usd(0.5)).unwrap_err();
    });
    expect![[r#"
        tta_budget_remaining_usd{budget="assistant"} 0.45
        tta_budget_unspent_usd{budget="assistant"} 0.45
        tta_budget_soft_limit_reached_total{budget="assistant"} 1
        tta_budget_estimated_usd_total{budget="assistant"} 0
        tta_budget_refusals_total{budget="assistant"} 1
    "#]]
    .assert_eq(&recording.metrics("tta_budget"));
    recording.advance(Duration::from_secs(60));
    assert_eq!(recording.metrics("tta_budget_remaining"), "tta_budget_remaining_usd{budget=\"assistant\"} 1\n");
    drop(budget);
    assert_eq!(recording.metrics("tta_budget_remaining"), "");
}

#[test]
fn each_workflow_run_and_each_agent_has_its_own_amount() {
    let recording = Recording::new();
    recording.run(|| {
        let base = WorkflowContext::current();
        let by_workflow = Budget::usd(1.0).scope(BudgetScope::Workflow);
        let by_agent = Budget::usd(1.0).scope(BudgetScope::Agent);
        let run = |workflow: &str, agent: &str| {
            let context = base.clone().with_workflow_id(workflow).with_agent_type(agent);
            context.run(|| {
                [&by_workflow, &by_agent].map(|budget| {
                    let reserved =
                        budget.reserve(&Estimate::usd(0.6)).map(|reservation| reservation.run(|| spend(0.6)));
                    reserved.is_ok()
                })
            })
        };
        assert_eq!(run("1", "writer"), [true, true]);
        assert_eq!(run("2", "writer"), [true, false]);
        assert_eq!(run("1", "critic"), [false, true]);
    });
}

#[test]
fn each_tenant_has_its_own_amount_and_a_refusal_says_whose_is_spent() {
    let recording = Recording::new();
    let budget = Budget::usd(1.0).named("plans").scope(BudgetScope::Tenant);
    recording.run(|| {
        let base = WorkflowContext::current();
        let spend = |context: WorkflowContext| {
            context.run(|| {
                let reserved = budget.reserve(&Estimate::usd(0.6)).map(|reservation| reservation.run(|| spend(0.6)));
                reserved.map_err(|refused| refused.to_string())
            })
        };
        let of = |tenant: &str| base.clone().with_tenant(tenant);
        let refused = |of: &str| {
            Err(format!("the budget `plans`{of} has too little left: $0.60 of $1.00 is spent; it does not reset"))
        };
        assert_eq!([spend(of("blue")), spend(of("red")), spend(base.clone())], [Ok(()), Ok(()), Ok(())]);
        assert_eq!(spend(of("blue")), refused(" of the tenant `blue`"));
        assert_eq!(spend(of("blue").with_workflow_id("w-1")), refused(" of the tenant `blue`"));
        assert_eq!(spend(of("red")), refused(" of the tenant `red`"));
        assert_eq!(spend(base.clone()), refused(""), "calls without a tenant share one amount");
        assert_eq!(of("blue").run(|| budget.remaining()), NanoUsd(400_000_000));
    });
    expect![[r#"
        tta_budget_refusals_total{budget="plans"} 4
        tta_budget_refusals_by_tenant_total{budget="plans",tenant="blue"} 2
        tta_budget_refusals_by_tenant_total{budget="plans",tenant="red"} 1
    "#]]
    .assert_eq(&recording.metrics("tta_budget_refusals"));
    assert_eq!(recording.metrics("tta_budget_accounts"), "tta_budget_accounts{budget=\"plans\"} 3\n");
}

#[test]
fn the_tenants_with_the_most_refused_calls_have_a_series_each_and_all_others_one() {
    let recording = Recording::new();
    recording.run(|| {
        let base = WorkflowContext::current();
        let budget = Budget::requests(0).named("closed").scope(BudgetScope::Tenant);
        for call in 0..2_000 {
            let context = base.clone().with_tenant(format!("closed-{}", call % 1_000));
            context.run(|| budget.reserve(&Estimate::usd(0.01)).unwrap_err());
        }
    });
    let text = recording.metrics("tta_budget_refusals_by_tenant_total");
    let count = |line: &str| line.rsplit_once(' ').and_then(|(_, n)| n.parse::<u64>().ok()).unwrap();
    assert!(text.lines().count() <= 41, "{text}");
    assert_eq!(text.lines().map(count).sum::<u64>(), 2_000);
    assert!(text.contains("tta_budget_refusals_by_tenant_total{budget=\"closed\",tenant=\"other\"}"), "{text}");
}

#[test]
fn an_estimate_is_never_below_the_cost() {
    let prices = DECODING.wait();
    let most = |estimate: Estimate| estimate.most_usd(&prices);
    let estimate = || Estimate::tokens("anthropic", "claude-sonnet-4-5", 1_000);
    // A cache write for an hour costs $6 per million instead of $3.
    assert_eq!(most(estimate().max_output_tokens(200)), Some(NanoUsd(9_000_000)));
    let name = ModelName::new("anthropic", "claude-sonnet-4-5");
    for parts in [Usage::default(), Usage { cache_write_5m_tokens: 1_000, ..Usage::default() }] {
        let usage = Usage { input_tokens: 1_000, output_tokens: 200, ..parts };
        assert!(prices.price(&name, &usage) <= Some(NanoUsd(9_000_000)));
    }
    // The context window bounds the output.
    let window = prices.most_output_tokens(&name).unwrap();
    assert_eq!(most(estimate()), Some(NanoUsd(6_000_000 + window * 15_000)));
    assert_eq!(most(Estimate::tokens("openai", "no-such-model", 1)), None);
    assert_eq!([f64::NAN, f64::INFINITY, 1e12].map(|usd| most(Estimate::usd(usd))), [None; 3]);
}

#[test]
fn a_cancelled_or_panicked_call_pays_its_cost_so_far() {
    let recording = Recording::new();
    let budget = Budget::usd(1.0);
    recording.run(|| {
        let mut running = Box::pin(budget.reserve(&Estimate::usd(0.5)).unwrap().scope(async {
            spend(0.2);
            std::future::pending::<()>().await;
        }));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert_eq!(budget.remaining(), NanoUsd(500_000_000));
        drop(running);
        assert_eq!(budget.remaining(), NanoUsd(800_000_000));
        let reservation = budget.reserve(&Estimate::usd(0.5)).unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            reservation.run(|| {
                spend(0.1);
                panic!("broken")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(budget.remaining(), NanoUsd(700_000_000));
    });
}

#[test]
fn a_hundred_threads_stay_within_the_limit_together() {
    let recording = Arc::new(Recording::new());
    let budget = Budget::usd(0.25);
    let allowed: usize = std::thread::scope(|scope| {
        let call = || {
            recording.run(|| match budget.reserve(&Estimate::usd(0.01)) {
                Ok(reservation) => {
                    reservation.run(|| spend(0.01));
                    1
                }
                Err(_) => 0,
            })
        };
        let threads: Vec<_> = (0..100).map(|_| scope.spawn(call)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(allowed, 25);
    assert_eq!(recording.run(|| budget.remaining()), NanoUsd(0));
}
