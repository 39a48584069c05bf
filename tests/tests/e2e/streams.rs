//! Functions that give streams: one call each, from its start to the stream's end, drop or error.

use expect_test::{Expect, expect};
use futures_executor::block_on;
use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use std::time::Duration;
use tta_runtime::llm::Usage;
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

/// Each item takes a second; the last one carries the usage.
#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = |item| usage(*item))]
fn count(recording: &Recording, items: u32) -> impl Stream<Item = Result<u32, String>> {
    stream::iter(1..=items).map(move |item| {
        recording.advance(Duration::from_secs(1));
        if item == 4 { Err("four".to_owned()) } else { Ok(item) }
    })
}

#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = |item| usage(*item))]
async fn count_later(recording: &Recording, items: u32) -> BoxStream<'_, Result<u32, String>> {
    // What happens before the stream is there belongs to the call.
    recording.advance(Duration::from_secs(10));
    std::future::ready(()).await;
    stream::iter(1..=items)
        .map(move |item| {
            recording.advance(Duration::from_secs(1));
            Ok(item)
        })
        .boxed()
}

fn usage(item: u32) -> Option<Usage> {
    (item == 3).then(|| Usage::new(100, 30))
}

/// Takes at most `take` items of `items`, then drops the stream.
fn check(items: u32, take: usize, expected: &Expect) {
    let recording = Recording::new();
    block_on(recording.scope(async {
        let _: Vec<_> = count(&recording, items).take(take).collect().await;
    }));
    expected.assert_eq(&recording.tree());
}

#[test]
fn a_stream_that_is_read_to_its_end_succeeds() {
    check(
        3,
        9,
        &expect![[r"
        count (primitive.llm.stream)  3.00 s  success  gpt-4o-mini  tokens=130  $0.000033
    "]],
    );
}

#[test]
fn a_stream_that_is_dropped_before_its_first_item_is_cancelled() {
    check(
        3,
        0,
        &expect![[r"
        count (primitive.llm.stream)  0 ns  cancelled  gpt-4o-mini
    "]],
    );
}

#[test]
fn a_stream_that_is_dropped_early_is_cancelled() {
    check(
        3,
        2,
        &expect![[r"
        count (primitive.llm.stream)  2.00 s  cancelled  gpt-4o-mini
    "]],
    );
}

#[test]
fn what_a_stream_used_until_it_was_dropped_is_paid() {
    check(
        5,
        3,
        &expect![[r"
        count (primitive.llm.stream)  3.00 s  cancelled  gpt-4o-mini  tokens=130  $0.000033
    "]],
    );
}

#[test]
fn an_item_that_is_an_error_makes_the_call_fail_also_where_the_reader_leaves() {
    let recording = Recording::new();
    let read = block_on(recording.scope(async { count(&recording, 9).try_collect::<Vec<_>>().await }));
    assert_eq!(read, Err("four".to_owned()));
    expect![[r"
        count (primitive.llm.stream)  4.00 s  failure  String  gpt-4o-mini  tokens=130  $0.000033
    "]]
    .assert_eq(&recording.tree());
}

#[test]
fn a_stream_that_an_async_fn_gives_belongs_to_the_same_call() {
    let recording = Recording::new();
    let read = block_on(recording.scope(async { count_later(&recording, 3).await.count().await }));
    assert_eq!(read, 3);
    expect![[r"
        count_later (primitive.llm.stream)  13.00 s  success  gpt-4o-mini  tokens=130  $0.000033
    "]]
    .assert_eq(&recording.tree());
}

#[test]
fn an_async_fn_that_is_dropped_before_its_stream_is_there_is_cancelled() {
    let recording = Recording::new();
    block_on(recording.scope(async {
        let never = async {
            let _stream = waits_for_ever().await;
        };
        futures_util::pin_mut!(never);
        assert!(futures_util::poll!(never.as_mut()).is_pending());
    }));
    expect![[r"
        waits_for_ever (primitive.tool.call)  0 ns  cancelled
    "]]
    .assert_eq(&recording.tree());
}

#[primitive(type = "tool", action = "call")]
async fn waits_for_ever() -> impl Stream<Item = u8> {
    std::future::pending::<()>().await;
    stream::empty()
}
