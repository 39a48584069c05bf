//! Parallel branches.

use std::sync::atomic::{AtomicUsize, Ordering};

use expect_test::expect;
use futures_executor::block_on;
use tta_runtime::block::{Block, BlockError, Parallel};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use super::{check, work};

#[primitive(type = "tool", action = "call")]
async fn shown(number: u32) -> Result<String, String> {
    tokio::task::yield_now().await;
    Ok(number.to_string())
}

#[test]
fn outputs_are_in_the_order_of_the_branches_each_of_its_own_type() {
    let recording = Recording::new();
    let block = Parallel::new("facts") | shown | work | async |number: u32| Ok(number > 2);
    assert_eq!(block_on(recording.scope(block.run(3))), Ok(("3".to_owned(), 6, true)));
    check(
        &recording,
        "tta_connections_total",
        &expect![[r#"
            tta_connections_total{source="facts",target="shown",connection_type="parallel"} 1
            tta_connections_total{source="facts",target="work",connection_type="parallel"} 1
        "#]],
    );
}

#[test]
fn the_first_error_of_a_branch_leaves_no_sibling_running() {
    let recording = Recording::new();
    let waits = async |number: u32| work(number + 1_000).await;
    let block = Parallel::new("facts").branch(waits).branch(work).branch(waits);
    assert_eq!(block_on(recording.scope(block.run(0))), Err(BlockError::Inner("zero".to_owned())));
    expect![[r#"
        facts (primitive.parallel.execute)  0 ns  failure  String
        ├─ facts (primitive.parallel.branch_1)  0 ns  failure  String  branch=1
        │  └─ work (primitive.tool.call)  0 ns  failure  String
        └─ facts (primitive.parallel.branch_0)  0 ns  cancelled  branch=0
           └─ work (primitive.tool.call)  0 ns  cancelled
    "#]]
    .assert_eq(&recording.tree());
    check(
        &recording,
        "tta_primitive_active",
        &expect![[r#"
            tta_primitive_active{primitive_type="tool",primitive_name="work"} 0
        "#]],
    );
}

#[test]
fn with_collect_all_every_branch_runs_to_its_end() {
    let recording = Recording::new();
    let panics = async |_: u32| work(99).await;
    let block = Parallel::new("facts").branch(work).branch(panics).branch(shown).collect_all();
    let (failed, panicked, succeeded) = block_on(recording.scope(block.run(0))).expect("it has no error of its own");
    assert_eq!(failed, Err(BlockError::Inner("zero".to_owned())));
    assert_eq!(panicked, Err(BlockError::Panicked { branch: 1, message: "ninety-nine".to_owned() }));
    assert_eq!(succeeded, Ok("0".to_owned()));
}

#[test]
fn branches_beyond_the_limit_wait() {
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let branch = async |(): ()| {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        running.fetch_sub(1, Ordering::SeqCst);
        Ok::<_, ()>(())
    };
    let block = Parallel::new("limited") | branch | branch | branch | branch | branch;
    block_on(block.limit(2).run(())).expect("no branch fails");
    assert_eq!(most.into_inner(), 2);
}
