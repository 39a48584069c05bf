//! Functions that return streams: one call each, from its start to the stream's end, drop or error.

use expect_test::{Expect, expect};
use futures_executor::block_on;
use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use std::fmt::Write;
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
    // The time until the stream exists belongs to the call.
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

/// How the reading of a stream of four items ends.
#[derive(Clone, Copy, Debug)]
enum Parting {
    /// The reader reads to the end.
    Never,
    /// The reader drops the stream after this many items.
    Drop(usize),
    /// The item of this number is an error, at which the reader drops the stream.
    Error(usize),
    /// The stream panics after this many items.
    Panic(usize),
}

/// Each item takes a second. As in Anthropic's events, the first has the input tokens, the others the output tokens so far.
#[primitive(type = "llm", action = "chat", provider = "anthropic", model = "claude-sonnet-4-5")]
fn speak(recording: &Recording, parting: Parting) -> impl Stream<Item = Result<Usage, String>> {
    stream::iter(1_usize..=4).map(move |item| {
        if matches!(parting, Parting::Panic(after) if item > after) {
            panic!("after item {}", item - 1);
        }
        recording.advance(Duration::from_secs(1));
        match (parting, item) {
            (Parting::Error(wrong), item) if item == wrong => Err("overloaded".to_owned()),
            (_, 1) => Ok(Usage::new(100, 1).with_cached_input_tokens(80)),
            (_, item) => Ok(Usage::new(0, 10 * item as u64)),
        }
    })
}

/// Returns the records of one stream: its outcomes, tokens, times, and the calls in progress.
fn left_behind(parting: Parting) -> String {
    let recording = Recording::new();
    let read = recording.scope(async {
        let stream = speak(&recording, parting);
        match parting {
            Parting::Drop(items) => drop(stream.take(items).collect::<Vec<_>>().await),
            _ => drop(stream.try_collect::<Vec<_>>().await),
        }
        // The reader continues; that time is not the model's.
        recording.advance(Duration::from_secs(100));
    });
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(read)));
    let lines = |prefix: &str| -> Vec<(String, String)> {
        let text = recording.metrics(prefix);
        text.lines()
            .map(|line| line.rsplit_once(' ').unwrap_or_else(|| panic!("no number: {line}")))
            .filter(|(name, number)| *number != "0" && !name.contains("_bucket{"))
            .map(|(name, number)| (name.to_owned(), number.to_owned()))
            .collect()
    };
    let label = |name: &str, label: &str| {
        let value = name.split_once(&format!("{label}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.unwrap_or_else(|| panic!("no {label}: {name}")).0.to_owned()
    };
    let mut shown = format!("{parting:?}:");
    for (name, number) in lines("tta_primitive_executions_total") {
        write!(shown, " {}={number}", label(&name, "status")).expect("a string grows");
    }
    for (name, number) in lines("tta_llm_tokens_total") {
        write!(shown, " {}={number}", label(&name, "token_type")).expect("a string grows");
    }
    for (what, prefix) in
        [("first", "tta_llm_time_to_first_token_seconds"), ("each", "tta_llm_time_per_output_token_seconds")]
    {
        for (name, number) in lines(prefix) {
            let part = if name.contains("_sum{") { "sum" } else { "count" };
            write!(shown, " {what}.{part}={number}").expect("a string grows");
        }
    }
    let cost: f64 = recording.stats().models.iter().map(|model| model.cost_usd).sum();
    let active = recording.metrics("tta_primitive_active");
    format!("{shown} ${cost:.6} active={}\n", active.trim_end().rsplit(' ').next().unwrap_or_default())
}

#[test]
fn wherever_a_stream_ends_it_has_one_outcome_and_its_tokens_and_times() {
    let drops = (0..=4).map(Parting::Drop);
    let errors = (1..=4).map(Parting::Error);
    let panics = (0..=3).map(Parting::Panic);
    let all = drops.chain([Parting::Never]).chain(errors).chain(panics);
    expect![[r#"
        Drop(0): cancelled=1 $0.000000 active=0
        Drop(1): cancelled=1 cached_input=80 input=20 output=1 first.sum=1 first.count=1 $0.000099 active=0
        Drop(2): cancelled=1 cached_input=80 input=20 output=20 first.sum=1 first.count=1 each.sum=0.052631578 each.count=1 $0.000384 active=0
        Drop(3): cancelled=1 cached_input=80 input=20 output=30 first.sum=1 first.count=1 each.sum=0.068965517 each.count=1 $0.000534 active=0
        Drop(4): cancelled=1 cached_input=80 input=20 output=40 first.sum=1 first.count=1 each.sum=0.076923076 each.count=1 $0.000684 active=0
        Never: success=1 cached_input=80 input=20 output=40 first.sum=1 first.count=1 each.sum=0.076923076 each.count=1 $0.000684 active=0
        Error(1): failure=1 $0.000000 active=0
        Error(2): failure=1 cached_input=80 input=20 output=1 first.sum=1 first.count=1 $0.000099 active=0
        Error(3): failure=1 cached_input=80 input=20 output=20 first.sum=1 first.count=1 each.sum=0.105263157 each.count=1 $0.000384 active=0
        Error(4): failure=1 cached_input=80 input=20 output=30 first.sum=1 first.count=1 each.sum=0.103448275 each.count=1 $0.000534 active=0
        Panic(0): panicked=1 $0.000000 active=0
        Panic(1): panicked=1 cached_input=80 input=20 output=1 first.sum=1 first.count=1 $0.000099 active=0
        Panic(2): panicked=1 cached_input=80 input=20 output=20 first.sum=1 first.count=1 each.sum=0.052631578 each.count=1 $0.000384 active=0
        Panic(3): panicked=1 cached_input=80 input=20 output=30 first.sum=1 first.count=1 each.sum=0.068965517 each.count=1 $0.000534 active=0
    "#]].assert_eq(&all.map(left_behind).collect::<String>());
}

#[derive(Debug, PartialEq)]
enum Refusal {
    Offline,
}

/// Opens after a second, and takes a second for each item.
#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = |item| usage(*item))]
async fn count_or_refuse(
    recording: &Recording,
    items: u32,
) -> Result<impl Stream<Item = Result<u32, String>>, Refusal> {
    recording.advance(Duration::from_secs(1));
    std::future::ready(()).await;
    if items == 0 {
        return Err(Refusal::Offline);
    }
    Ok(count_items(recording, items))
}

#[primitive(type = "tool", action = "call")]
fn boxed_or_refuse(recording: &Recording, items: u32) -> Result<BoxStream<'_, Result<u32, String>>, Refusal> {
    recording.advance(Duration::from_secs(1));
    let items = if items == 0 { Err(Refusal::Offline)? } else { items };
    Ok(count_items(recording, items).boxed())
}

fn count_items(recording: &Recording, items: u32) -> impl Stream<Item = Result<u32, String>> {
    stream::iter(1..=items).map(move |item| {
        recording.advance(Duration::from_secs(1));
        if item == 4 { Err("four".to_owned()) } else { Ok(item) }
    })
}

/// Opens both streams, and reads `take` items of each.
fn check_opening(items: u32, take: usize, expected: &Expect) {
    let recording = Recording::new();
    block_on(recording.scope(async {
        if let Ok(stream) = count_or_refuse(&recording, items).await {
            let _: Vec<_> = stream.take(take).collect().await;
        }
        if let Ok(stream) = boxed_or_refuse(&recording, items) {
            let _: Vec<_> = stream.take(take).collect().await;
        }
    }));
    expected.assert_eq(&recording.tree());
}

#[test]
fn a_stream_that_opens_is_timed_to_its_end() {
    check_opening(
        3,
        9,
        &expect![[r#"
        count_or_refuse (primitive.llm.stream)  4.00 s  success  gpt-4o-mini  tokens=130  $0.000033
        boxed_or_refuse (primitive.tool.call)  4.00 s  success
    "#]],
    );
}

#[test]
fn a_stream_that_does_not_open_fails_at_once() {
    check_opening(
        0,
        9,
        &expect![[r#"
        count_or_refuse (primitive.llm.stream)  1.00 s  failure  Refusal  gpt-4o-mini
        boxed_or_refuse (primitive.tool.call)  1.00 s  failure  Refusal
    "#]],
    );
}

#[test]
fn an_opened_stream_that_is_dropped_early_is_cancelled() {
    check_opening(
        3,
        1,
        &expect![[r#"
        count_or_refuse (primitive.llm.stream)  2.00 s  cancelled  gpt-4o-mini
        boxed_or_refuse (primitive.tool.call)  2.00 s  cancelled
    "#]],
    );
}

#[test]
fn an_item_of_an_opened_stream_that_is_an_error_makes_the_call_fail() {
    check_opening(
        9,
        4,
        &expect![[r#"
        count_or_refuse (primitive.llm.stream)  5.00 s  failure  String  gpt-4o-mini  tokens=130  $0.000033
        boxed_or_refuse (primitive.tool.call)  5.00 s  failure  String
    "#]],
    );
}

/// Times of the first item and of the first content differ by a second for each event before.
#[primitive(type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = tta_runtime::llm::in_body("openai"))]
fn events(
    recording: &Recording,
    events: Vec<serde_json::Value>,
) -> impl Stream<Item = Result<serde_json::Value, String>> {
    stream::iter(events).map(move |event| {
        recording.advance(Duration::from_secs(1));
        Ok(event)
    })
}

/// The items need not serialise.
enum Event {
    Start,
    Text(&'static str),
    Failed,
}

#[primitive(
    type = "llm", action = "stream", provider = "openai", model = "gpt-4o-mini", usage = none,
    content = |event| matches!(event, Event::Text(text) if !text.is_empty()), ok_if = |event| !matches!(event, Event::Failed),
)]
fn own_events(recording: &Recording, events: Vec<Event>) -> BoxStream<'_, Event> {
    stream::iter(events).inspect(|_| recording.advance(Duration::from_secs(1))).boxed()
}

/// Returns the time to the first token of each of the streams, in seconds, and how many tokens they have used.
fn first_tokens(run: impl AsyncFnOnce(&Recording)) -> String {
    let recording = Recording::new();
    block_on(recording.scope(run(&recording)));
    let names = [
        "tta_llm_time_to_first_token_seconds_sum",
        "tta_llm_time_to_first_token_seconds_count",
        "tta_llm_tokens_total",
    ];
    let text = names.map(|name| recording.metrics(name.trim_end_matches("_sum").trim_end_matches("_count")));
    let mut lines: Vec<&str> = text
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| names.iter().any(|name| line.starts_with(name)))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines.join("\n")
}

#[test]
fn the_time_to_the_first_token_ends_with_the_first_content() {
    let anthropic = vec![
        serde_json::json!({ "type": "message_start", "message": { "role": "assistant", "content": [], "usage": { "input_tokens": 25, "output_tokens": 1 } } }),
        serde_json::json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        serde_json::json!({ "type": "ping" }),
        serde_json::json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "Bergen" } }),
        serde_json::json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 15 } }),
        serde_json::json!({ "type": "message_stop" }),
    ];
    let text = first_tokens(async |recording| {
        assert_eq!(events(recording, anthropic).count().await, 6);
    });
    expect![[r#"
        tta_llm_time_to_first_token_seconds_count{provider="openai",model="gpt-4o-mini"} 1
        tta_llm_time_to_first_token_seconds_sum{provider="openai",model="gpt-4o-mini"} 4
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="input"} 25
        tta_llm_tokens_total{provider="openai",model="gpt-4o-mini",token_type="output"} 15"#]]
    .assert_eq(&text);
}

#[test]
fn the_key_content_says_what_is_content() {
    let text = first_tokens(async |recording| {
        let all = vec![Event::Start, Event::Text(""), Event::Text("a"), Event::Text("b")];
        assert_eq!(own_events(recording, all).count().await, 4);
        // Neither a failure nor a start is content.
        assert_eq!(own_events(recording, vec![Event::Start, Event::Failed]).count().await, 2);
    });
    expect![[r#"
        tta_llm_time_to_first_token_seconds_count{provider="openai",model="gpt-4o-mini"} 1
        tta_llm_time_to_first_token_seconds_sum{provider="openai",model="gpt-4o-mini"} 3"#]]
    .assert_eq(&text);
}
