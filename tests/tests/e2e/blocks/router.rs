//! Routers by weight, cost and latency.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_executor::block_on;
use futures_util::FutureExt;
use tta_runtime::block::{Block, Router, Timeout};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

/// Returns the number of calls that took a route for a reason.
fn taken(recording: &Recording, route: &str, reason: &str) -> u64 {
    let wanted = format!("route=\"{route}\",reason=\"{reason}\"}} ");
    let text = recording.metrics("tta_router_decisions_total");
    text.lines().filter_map(|line| line.split_once(&wanted)?.1.parse::<u64>().ok()).sum()
}

/// Returns the sum of a metric's series for a route.
fn all(recording: &Recording, metric: &str, route: &str) -> u64 {
    let wanted = format!("route=\"{route}\"");
    let text = recording.metrics(metric);
    let of_route = text.lines().filter(|line| line.starts_with(metric) && line.contains(&wanted));
    of_route.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = capped(model), usage = |()| Usage::new(1_000, 200))]
async fn ask(model: &str) -> Result<(), String> {
    Ok(())
}

#[tokio::test]
async fn the_cheapest_route_is_taken_once_all_were_tried() {
    let recording = Recording::new();
    let router = Router::by_cost("write")
        .route("dear", async |()| ask("gpt-4o").await)
        .route("cheap", async |()| ask("gpt-4o-mini").await)
        .route("free", async |()| Err::<(), _>("always fails".to_owned()));
    recording
        .scope(async {
            for _ in 0..400 {
                let _ = router.run(()).await;
            }
        })
        .await;
    // A route that only fails has no cost, and is taken by exploration alone.
    assert_eq!((taken(&recording, "free", "cheapest"), taken(&recording, "dear", "cheapest")), (0, 0));
    assert!(taken(&recording, "free", "explored") > 0);
    assert!(taken(&recording, "cheap", "cheapest") >= 340);
    let recording = Recording::new();
    let router = Router::by_cost("write")
        .route("unpriced", async |()| ask("a-model-without-a-price").await)
        .route("priced", async |()| ask("gpt-4o").await);
    recording
        .scope(async {
            for _ in 0..100 {
                router.run(()).await.expect("no route fails");
            }
        })
        .await;
    assert_eq!(taken(&recording, "unpriced", "cheapest"), 0);
    assert!(taken(&recording, "priced", "cheapest") > 70);
    let recording = Recording::new();
    let router = Router::by_cost("write")
        .route("dear", async |()| ask("gpt-4o").await)
        .route("cheap", async |()| ask("gpt-4o-mini").await);
    recording
        .scope(async {
            for _ in 0..400 {
                router.run(()).await.expect("no route fails");
            }
        })
        .await;
    let cheapest = taken(&recording, "cheap", "cheapest");
    // One call in twenty explores: 20 of 400 are expected, and more than 60 occur in fewer than one in 10^12 runs.
    assert!((340..=398).contains(&cheapest), "{cheapest} of 400");
    assert_eq!(taken(&recording, "dear", "cheapest"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_fastest_route_is_taken_until_it_becomes_slow() {
    let recording = Recording::in_timer_time();
    let milliseconds = Arc::new(AtomicU64::new(10));
    let changing = Arc::clone(&milliseconds);
    let router = Router::by_latency("write")
        .route("steady", async |()| {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok::<_, String>(())
        })
        .route("changing", move |()| {
            let milliseconds = changing.load(Ordering::Relaxed);
            async move {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                Ok(())
            }
        });
    let run = async |calls: u32| {
        for _ in 0..calls {
            router.run(()).await.expect("no route fails");
        }
    };
    recording.scope(run(200)).await;
    assert_eq!(taken(&recording, "steady", "fastest"), 0);
    assert!(taken(&recording, "changing", "fastest") > 150);
    milliseconds.store(500, Ordering::Relaxed);
    let before = taken(&recording, "changing", "fastest");
    recording.scope(run(200)).await;
    // Two slow calls among sixteen raise its mean to 71 ms.
    assert!(taken(&recording, "changing", "fastest") - before <= 2);
    assert!(taken(&recording, "steady", "fastest") > 150);
}

#[tokio::test(start_paused = true)]
async fn a_route_that_fails_at_once_is_not_the_fastest() {
    let recording = Recording::in_timer_time();
    let router = Router::by_latency("write")
        .route("works", async |()| {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(())
        })
        .route("fails", async |()| Err("at once"));
    recording
        .scope(async {
            for _ in 0..100 {
                let _ = router.run(()).await;
            }
        })
        .await;
    assert_eq!(taken(&recording, "fails", "fastest"), 0);
    assert!(taken(&recording, "works", "fastest") > 60);
}

/// The ways in which a call to a route ends without a result.
#[derive(Clone, Copy, Debug)]
enum End {
    TimeRunsOut,
    Cancelled,
    Panics,
}

#[tokio::test(start_paused = true)]
async fn a_route_whose_calls_end_without_a_result_does_not_stay_the_fastest() {
    for (end, errors) in [(End::TimeRunsOut, true), (End::Cancelled, false), (End::Panics, true)] {
        let recording = Recording::in_timer_time();
        let is_broken = Arc::new(AtomicBool::new(false));
        let broken = Arc::clone(&is_broken);
        let router = Router::by_latency("write")
            .route("steady", async |()| {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok::<_, String>(())
            })
            .route("quick", move |()| {
                let is_broken = broken.load(Ordering::Relaxed);
                async move {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    match end {
                        End::Panics if is_broken => panic!("this route panics"),
                        _ if is_broken => std::future::pending().await,
                        _ => Ok(()),
                    }
                }
            });
        let limited = router.with(Timeout::after(Duration::from_secs(1)).named("limit"));
        let run = async || {
            for _ in 0..100 {
                let call = limited.run(());
                let _ = match end {
                    End::TimeRunsOut => call.await.ok(),
                    End::Cancelled => {
                        tokio::time::timeout(Duration::from_millis(500), call).await.ok().and_then(Result::ok)
                    }
                    End::Panics => AssertUnwindSafe(call).catch_unwind().await.ok().and_then(Result::ok),
                };
            }
        };
        recording.scope(run()).await;
        assert!(taken(&recording, "quick", "fastest") > 60, "{end:?}");
        let before = (taken(&recording, "quick", "fastest"), all(&recording, "tta_router_decisions_total", "quick"));
        is_broken.store(true, Ordering::Relaxed);
        recording.scope(run()).await;
        // One such call makes it the slower route; a panic takes 10 ms like a success, so that takes eleven of them.
        let still = taken(&recording, "quick", "fastest") - before.0;
        assert!(still <= 12, "{end:?}: {still}");
        let decided = all(&recording, "tta_router_decisions_total", "quick");
        assert_eq!(all(&recording, "tta_router_duration_seconds_count", "quick"), decided, "{end:?}");
        let failed = if errors { decided - before.1 } else { 0 };
        assert_eq!(all(&recording, "tta_router_errors_total", "quick"), failed, "{end:?}");
    }
}

#[test]
fn the_duration_includes_the_choice() {
    let recording = Arc::new(Recording::new());
    let clock = Arc::clone(&recording);
    let choose = move |(): &()| {
        clock.advance(Duration::from_secs(2));
        "fast"
    };
    let router = Router::new("write", choose).route("fast", async |()| Ok::<_, String>(()));
    assert_eq!(block_on(recording.scope(router.run(()))), Ok(()));
    assert_eq!(
        recording.metrics("tta_router_duration_seconds_sum"),
        "tta_router_duration_seconds_sum{primitive_name=\"write\",route=\"fast\"} 2\n"
    );
}

#[tokio::test]
async fn routes_are_taken_in_proportion_to_their_weights() {
    let recording = Recording::new();
    let route = async |()| Ok::<_, String>(());
    let router = Router::weighted("trial", [("new", 1), ("proven", 3)]).route("new", route).route("proven", route);
    recording
        .scope(async {
            for _ in 0..4_000 {
                router.run(()).await.expect("no route fails");
            }
        })
        .await;
    let new = taken(&recording, "new", "weighted");
    assert_eq!(new + taken(&recording, "proven", "weighted"), 4_000);
    // 1,000 are expected, with a standard deviation of 27.
    assert!((780..=1_220).contains(&new), "{new} of 4,000");
}

#[test]
#[should_panic(expected = "router `write` has no route `chepa`; add the route first; known routes: cheap")]
fn an_unknown_default_route_panics() {
    drop(Router::new("write", |()| "cheap").route("cheap", async |()| Ok::<_, String>(())).default_route("chepa"));
}
