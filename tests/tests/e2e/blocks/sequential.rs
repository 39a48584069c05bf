//! Sequences, conditions and switches.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use expect_test::expect;
use futures_executor::block_on;
use tta_runtime::block::{Block, BlockError, Conditional, Parallel, Router, Sequential, Switch};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use super::{check, work};

#[primitive(type = "tool", action = "call")]
async fn half(number: u32) -> Result<u32, String> {
    if number.is_multiple_of(2) { Ok(number / 2) } else { Err(format!("{number} is odd")) }
}

#[test]
fn each_step_takes_the_output_of_the_step_before_it() {
    let recording = Recording::new();
    let flow = Sequential::new("flow") >> work >> half >> half;
    assert_eq!(block_on(recording.scope(flow.run(6))), Ok(3));
    check(
        &recording,
        "tta_connections_total",
        &expect![[r#"
            tta_connections_total{source="flow",target="half",connection_type="sequential"} 2
            tta_connections_total{source="flow",target="work",connection_type="sequential"} 1
        "#]],
    );
    expect![[r#"
        flow (primitive.sequential.execute)  0 ns  success
        ├─ flow (primitive.sequential.step_0)  0 ns  success
        │  └─ work (primitive.tool.call)  0 ns  success
        ├─ flow (primitive.sequential.step_1)  0 ns  success
        │  └─ half (primitive.tool.call)  0 ns  success
        └─ flow (primitive.sequential.step_2)  0 ns  success
           └─ half (primitive.tool.call)  0 ns  success
    "#]]
    .assert_eq(&recording.tree());
    let spans = recording.spans();
    let step = spans.iter().find(|span| span.name == "primitive.sequential.step_1").expect("a step");
    let attributes: Vec<_> = step
        .attributes
        .iter()
        .filter(|attribute| attribute.key.as_str().starts_with("step."))
        .map(|attribute| format!("{}={}", attribute.key, attribute.value))
        .collect();
    assert_eq!(attributes, ["step.index=1", "step.name=half", "step.total_steps=3"]);
}

#[test]
fn the_first_error_stops_the_steps() {
    let after = AtomicU32::new(0);
    let count = async |number: u32| {
        after.fetch_add(1, Ordering::Relaxed);
        Ok::<_, String>(number)
    };
    let flow = Sequential::new("flow") >> half >> half >> count;
    assert_eq!(block_on(flow.run(2)), Err(BlockError::Inner("1 is odd".to_owned())));
    assert_eq!(after.load(Ordering::Relaxed), 0);
    assert_eq!(block_on(flow.run(8)), Ok(2));
    assert_eq!(after.load(Ordering::Relaxed), 1);
}

#[test]
fn nested_blocks_have_one_error_and_edges_from_block_to_block() {
    let recording = Recording::new();
    let flow = Sequential::new("story").then(half).then(Parallel::new("facts").branch(work).branch(half)).then(
        Router::new("write", |facts: &(u32, u32)| if facts.1 > 1 { "both" } else { "first" })
            .route("both", async |(double, half): (u32, u32)| Ok(double + half))
            .route("first", async |(double, _): (u32, u32)| work(double).await)
            .default_route("first"),
    );
    assert_eq!(block_on(recording.scope(flow.run(8))), Ok(10));
    assert_eq!(block_on(recording.scope(flow.run(6))), Err(BlockError::Inner("3 is odd".to_owned())));
    assert_eq!(block_on(recording.scope(flow.run(4))), Ok(8));
    check(
        &recording,
        "tta_connections_total",
        &expect![[r#"
            tta_connections_total{source="facts",target="half",connection_type="parallel"} 3
            tta_connections_total{source="facts",target="work",connection_type="parallel"} 3
            tta_connections_total{source="story",target="facts",connection_type="sequential"} 3
            tta_connections_total{source="story",target="half",connection_type="sequential"} 3
            tta_connections_total{source="story",target="write",connection_type="sequential"} 2
            tta_connections_total{source="write",target="work",connection_type="route"} 1
        "#]],
    );
}

#[test]
fn a_condition_decides_whether_work_runs() {
    let recording = Recording::new();
    let passing = Conditional::new("even", |number: &u32| number.is_multiple_of(2)).then(half);
    let deciding = Conditional::new("even_or", |number: &u32| number.is_multiple_of(2)).then(half).otherwise(work);
    let run = |flow: &dyn Fn(u32) -> Result<u32, BlockError<String>>, number| {
        recording.advance(Duration::from_millis(1));
        flow(number)
    };
    let passes = |number| block_on(recording.scope(passing.run(number)));
    let decides = |number| block_on(recording.scope(deciding.run(number)));
    assert_eq!((run(&passes, 6), run(&passes, 7)), (Ok(3), Ok(7)));
    assert_eq!((run(&decides, 6), run(&decides, 7)), (Ok(3), Ok(14)));
    expect![[r#"
        even (primitive.conditional.branch)  0 ns  success  route=then
        └─ half (primitive.tool.call)  0 ns  success
        even (primitive.conditional.branch)  0 ns  success  route=none
        even_or (primitive.conditional.branch)  0 ns  success  route=then
        └─ half (primitive.tool.call)  0 ns  success
        even_or (primitive.conditional.branch)  0 ns  success  route=otherwise
        └─ work (primitive.tool.call)  0 ns  success
    "#]]
    .assert_eq(&recording.tree());
}

#[test]
fn a_key_without_a_case_passes_through() {
    let recording = Recording::new();
    let switch =
        Switch::new("by_size", |number: &u32| if *number < 10 { "small" } else { "large" }).case("small", work);
    assert_eq!(block_on(recording.scope(switch.run(4))), Ok(8));
    recording.advance(Duration::from_millis(1));
    assert_eq!(block_on(recording.scope(switch.run(40))), Ok(40));
    recording.advance(Duration::from_millis(1));
    assert_eq!(block_on(recording.scope(switch.run(0))), Err(BlockError::Inner("zero".to_owned())));
    expect![[r#"
        by_size (primitive.switch.branch)  0 ns  success  route=small
        └─ work (primitive.tool.call)  0 ns  success
        by_size (primitive.switch.branch)  0 ns  success  route=none
        by_size (primitive.switch.branch)  0 ns  failure  String  route=small
        └─ work (primitive.tool.call)  0 ns  failure  String
    "#]]
    .assert_eq(&recording.tree());
}
