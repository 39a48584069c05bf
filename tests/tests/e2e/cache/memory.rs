//! The cache in memory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use expect_test::expect;
use futures_executor::block_on;
use tta_runtime::block::{Block, Cache};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use super::work::{Counter, doubling, operations};

#[test]
fn an_output_is_kept_for_exactly_its_time_to_live() {
    let (recording, counter) = (Recording::new(), Counter::default());
    let cached = doubling(&counter).with(Cache::memory(10).named("kept").ttl(Duration::from_secs(60)));
    let ask = || block_on(recording.scope(cached.run(3)));
    assert_eq!(ask(), Ok(6));
    recording.advance(Duration::from_nanos(59_999_999_999));
    assert_eq!((ask(), counter.value()), (Ok(6), 1));
    recording.advance(Duration::from_nanos(1));
    assert_eq!((ask(), counter.value()), (Ok(6), 2));
    expect!["memory expire 1, memory hit 1, memory miss 2, memory store 2"].assert_eq(&operations(&recording));
    recording.advance(Duration::from_secs(59));
    assert_eq!((ask(), counter.value()), (Ok(6), 2), "the new answer has its own time");
}

#[test]
fn a_time_to_live_may_have_any_length() {
    for (time_to_live, done) in [(Duration::ZERO, 2), (Duration::from_nanos(1), 1), (Duration::MAX, 1)] {
        let (recording, counter) = (Recording::new(), Counter::default());
        let cached = doubling(&counter).with(Cache::memory(10).named("kept").ttl(time_to_live));
        let ask = || block_on(recording.scope(cached.run(3)));
        assert_eq!((ask(), ask(), counter.value()), (Ok(6), Ok(6), done), "{time_to_live:?}");
    }
}

#[test]
fn evicted_outputs_are_counted_and_leave_no_entry() {
    let (recording, counter) = (Recording::new(), Counter::default());
    let cached = doubling(&counter).with(Cache::memory(3).named("few"));
    block_on(recording.scope(async {
        for number in 0..10 {
            assert_eq!(cached.run(number).await, Ok(number * 2));
        }
    }));
    expect!["memory evict 7, memory miss 10, memory store 10"].assert_eq(&operations(&recording));
    expect![[r#"
        tta_cache_entries{primitive_name="few"} 3
    "#]]
    .assert_eq(&recording.metrics("tta_cache_entries"));
    drop(cached);
    expect![[r#"
        tta_cache_entries{primitive_name="few"} 0
    "#]]
    .assert_eq(&recording.metrics("tta_cache_entries"));
}

#[test]
fn the_series_of_a_cache_start_at_0_when_it_is_built() {
    let recording = Recording::new();
    let cached =
        block_on(recording.scope(async { doubling(&Counter::default()).with(Cache::memory(3).named("unused")) }));
    expect![[r#"
        tta_cache_operations_total{primitive_name="unused",cache_type="memory",operation="coalesced"} 0
        tta_cache_operations_total{primitive_name="unused",cache_type="memory",operation="evict"} 0
        tta_cache_operations_total{primitive_name="unused",cache_type="memory",operation="expire"} 0
        tta_cache_operations_total{primitive_name="unused",cache_type="memory",operation="hit"} 0
        tta_cache_operations_total{primitive_name="unused",cache_type="memory",operation="miss"} 0
        tta_cache_operations_total{primitive_name="unused",cache_type="memory",operation="store"} 0
    "#]]
    .assert_eq(&recording.metrics("tta_cache_operations_total"));
    expect![[r#"
        tta_cache_entries{primitive_name="unused"} 0
    "#]]
    .assert_eq(&recording.metrics("tta_cache_entries"));
    drop(cached);
}

#[test]
fn the_removal_of_an_output_is_counted_where_it_was_stored() {
    let (first, second, counter) = (Recording::new(), Recording::new(), Counter::default());
    let cached = doubling(&counter).with(Cache::memory(1).named("one"));
    block_on(first.scope(cached.run(1))).unwrap();
    // One of the two entries is evicted; both were stored, and the second call removes it.
    block_on(second.scope(async {
        for number in 2..6 {
            cached.run(number).await.unwrap();
        }
    }));
    let total = |what: &str| {
        let count = |recording| super::work::count(recording, "memory", what);
        (count(&first), count(&second))
    };
    let ((stored, by_second), (evicted, of_second)) = (total("store"), total("evict"));
    assert_eq!((stored, by_second, evicted + of_second), (1, 4, 4));
    assert!(evicted <= 1 && of_second <= 4);
    let entries = |recording: &Recording| recording.metrics("tta_cache_entries");
    let line = |number| format!("tta_cache_entries{{primitive_name=\"one\"}} {number}\n");
    assert_eq!((entries(&first), entries(&second)), (line(1 - evicted), line(4 - of_second)));
}

#[test]
fn a_cache_of_capacity_0_keeps_no_outputs() {
    let (recording, counter) = (Recording::new(), Counter::default());
    let cached = doubling(&counter).with(Cache::memory(0).named("none"));
    let ask = || block_on(recording.scope(cached.run(3)));
    assert_eq!((ask(), ask(), counter.value()), (Ok(6), Ok(6), 2));
    expect!["memory miss 2"].assert_eq(&operations(&recording));
}

#[test]
fn tenants_do_not_see_each_other_s_outputs() {
    let answered = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&answered);
    let work = move |(tenant, question): (&'static str, u32)| {
        log.lock().unwrap().push((tenant, question));
        async move { Ok::<_, String>(format!("{tenant}'s {question}")) }
    };
    let cache = Cache::memory(10)
        .named("tenants")
        .key(|(_, question): &(&'static str, u32)| *question)
        .namespace_by(|(tenant, _)| *tenant);
    let cached = work.with(cache);
    let ask = |tenant, question| block_on(cached.run((tenant, question))).unwrap();
    assert_eq!([ask("a", 1), ask("b", 1), ask("a", 1)], ["a's 1", "b's 1", "a's 1"]);
    assert_eq!(*answered.lock().unwrap(), [("a", 1), ("b", 1)]);
}

#[test]
fn keys_are_compared_and_not_only_hashed() {
    /// All keys of this type have the same hash.
    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Colliding(u64);

    impl std::hash::Hash for Colliding {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            7_u64.hash(state);
        }
    }

    let work = |Colliding(number): Colliding| async move { Ok::<_, String>(number) };
    let cached = work.with(Cache::memory(10).named("colliding"));
    for number in [1, 2, 1, 2, 3] {
        assert_eq!(block_on(cached.run(Colliding(number))), Ok(number));
    }
}

#[primitive(type = "tool", action = "call")]
async fn look(number: u64) -> Result<u64, String> {
    Ok(number)
}

#[test]
fn the_span_of_a_look_up_has_the_tier_and_the_age_of_the_output() {
    #[primitive(type = "workflow", action = "execute")]
    async fn ask_twice(recording: &Recording) {
        let cached = look.with(Cache::memory(10));
        cached.run(3).await.unwrap();
        recording.advance(Duration::from_millis(1_500));
        cached.run(3).await.unwrap();
    }

    let recording = Recording::new();
    block_on(recording.scope(ask_twice(&recording)));
    expect![[r#"
        ask_twice (primitive.workflow.execute)  1.50 s  success
        ├─ look (primitive.cache.lookup)  0 ns  success  hit=false
        ├─ look (primitive.cache.execute)  0 ns  success
        │  └─ look (primitive.tool.call)  0 ns  success
        └─ look (primitive.cache.lookup)  0 ns  success  hit=true
    "#]]
    .assert_eq(&recording.tree());
    let spans = recording.spans();
    let hit = spans.iter().rfind(|span| span.name == "primitive.cache.lookup").expect("there are look-ups");
    let attributes = hit.attributes.iter();
    let of_cache: Vec<String> = attributes
        .filter(|attribute| attribute.key.as_str().starts_with("cache."))
        .map(|attribute| format!("{}={:?}", attribute.key, attribute.value))
        .collect();
    assert_eq!(
        of_cache,
        ["cache.type=String(Owned(\"memory\"))", "cache.hit=Bool(true)", "cache.age_seconds=F64(1.5)"]
    );
}

#[test]
fn a_cache_without_a_name_has_the_name_of_its_work_and_is_no_node_of_the_service_map() {
    #[primitive(type = "agent", action = "invoke")]
    async fn agent(cached: impl Block<u64, Output = u64, Error = String>) -> Result<u64, String> {
        cached.run(3).await.map_err(|error| error.to_string())
    }

    let edges = |cache: Cache<_>| {
        let recording = Recording::new();
        block_on(recording.scope(agent(look.with(cache)))).unwrap();
        recording.metrics("tta_connections_total")
    };
    expect![[r#"
        tta_connections_total{source="agent",target="look",connection_type="call"} 1
    "#]]
    .assert_eq(&edges(Cache::memory(10)));
    expect![[r#"
        tta_connections_total{source="agent",target="kept",connection_type="call"} 1
        tta_connections_total{source="kept",target="look",connection_type="call"} 1
    "#]]
    .assert_eq(&edges(Cache::memory(10).named("kept")));
}
