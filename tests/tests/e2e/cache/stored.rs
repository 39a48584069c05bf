//! Outputs in Redis: who finds them, and that nothing else is taken for an output.

use std::time::Duration;

use expect_test::expect;
use futures_executor::block_on;
use tta_runtime::block::{Block, Cache, Redis};
use tta_runtime::llm::Usage;
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use super::work::{Counter, doubling, operations};
use crate::patience::wait_until;
use tests::redis_server::Server;

#[test]
fn the_cache_of_another_process_finds_the_output() {
    let server = Server::start(&[]);
    let (recording, counter) = (Recording::new(), Counter::default());
    // Each cache has a connection of its own, as in another process.
    let cached = || doubling(&counter).with(Cache::redis(server.redis()).named("shared"));
    for _ in 0..3 {
        assert_eq!(block_on(recording.scope(cached().run(3))), Ok(6));
    }
    assert_eq!(counter.value(), 1);
    expect!["redis hit 2, redis miss 1, redis store 1"].assert_eq(&operations(&recording));
}

#[test]
fn a_hit_in_redis_saves_the_cost_of_the_output() {
    #[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = |_| Usage::new(1_000, 200))]
    async fn ask(question: String) -> Result<Option<String>, String> {
        Ok(Some(question).filter(|question| !question.is_empty()))
    }

    let server = Server::start(&[]);
    let recording = Recording::new();
    for question in ["a", "a", "", ""] {
        let cached = ask.with(Cache::redis(server.redis()));
        let expected = Some(question.to_owned()).filter(|question| !question.is_empty());
        assert_eq!(block_on(recording.scope(cached.run(question.to_owned()))), Ok(expected));
    }
    expect![[r#"
        tta_llm_savings_total{provider="openai",model="gpt-4o-mini",source="cache"} 0.00054
    "#]]
    .assert_eq(&recording.metrics("tta_llm_savings_total"));
    expect![[r#"
        tta_llm_requests_total{provider="openai",model="gpt-4o-mini",status="success"} 2
    "#]]
    .assert_eq(&recording.metrics("tta_llm_requests_total"));
}

#[test]
fn an_output_in_redis_expires_after_its_time_to_live() {
    let server = Server::start(&[]);
    let (recording, counter) = (Recording::in_real_time(), Counter::default());
    let cache = Cache::redis(server.redis()).named("short").ttl(Duration::from_millis(300));
    let cached = doubling(&counter).with(cache);
    let ask = || block_on(recording.scope(cached.run(3))).unwrap();
    assert_eq!((ask(), counter.value()), (6, 1));
    let remaining: i64 = server.command("PTTL", server.keys());
    assert!((1..=300).contains(&remaining), "{remaining}");
    wait_until("the answer is gone", || server.keys().is_empty());
    assert_eq!((ask(), counter.value()), (6, 2));
}

#[test]
fn only_the_same_name_namespace_version_and_key_find_an_output() {
    let server = Server::start(&[]);
    let recording = Recording::new();
    let redis = server.redis();
    let done = |name: &'static str, namespace: &str, version, key: u64| {
        let counter = Counter::default();
        let cache = Cache::redis(redis.clone()).named(name).namespace(namespace).version(version);
        assert_eq!(block_on(recording.scope(doubling(&counter).with(cache).run(key))), Ok(key * 2));
        counter.value()
    };
    assert_eq!(done("ab", "c", 1, 12), 1);
    assert_eq!(done("ab", "c", 1, 12), 0);
    assert_eq!([done("a", "bc", 1, 12), done("ab", "", 1, 12), done("ab", "c", 11, 2), done("ab", "c", 1, 2)], [1; 4]);
    assert_eq!(server.keys().len(), 5);
}

/// Replaces an entry in Redis, and expects that the next call runs, stores, and is found afterwards.
fn check_replaced(server: &Server, redis: &Redis, spoil: impl FnOnce(&Server, &str)) {
    let (recording, counter) = (Recording::new(), Counter::default());
    let _: () = server.command("FLUSHALL", None::<&str>);
    let cached = doubling(&counter).with(Cache::redis(redis.clone()).named("spoilt"));
    let ask = || block_on(recording.scope(cached.run(3))).unwrap();
    ask();
    let [key] = &server.keys()[..] else { panic!("one answer is stored") };
    spoil(server, key);
    assert_eq!([ask(), ask()], [6, 6]);
    assert_eq!((counter.value(), server.keys().len()), (2, 1));
    assert_eq!(operations(&recording), "redis error 1, redis hit 1, redis miss 1, redis store 2");
}

#[test]
fn an_unreadable_value_is_an_error_and_replaced() {
    let server = Server::start(&[]);
    let redis = server.redis();
    let check = |spoil: &dyn Fn(&Server, &str)| check_replaced(&server, &redis, spoil);
    let stored = |server: &Server, key: &str| server.command::<Vec<u8>>("GET", key);
    let store = |server: &Server, key: &str, bytes: &[u8]| server.command::<()>("SET", (key, bytes));

    // Garbage, text, and other Redis types.
    check(&|server, key| store(server, key, &[0xFF; 100]));
    check(&|server, key| store(server, key, b"6"));
    check(&|server, key| {
        let _: () = server.command("DEL", key);
        let _: () = server.command("LPUSH", (key, "6"));
    });
    // A truncated value, and one with a flipped bit.
    check(&|server, key| {
        let bytes = stored(server, key);
        store(server, key, &bytes[..bytes.len() - 1]);
    });
    check(&|server, key| {
        let mut bytes = stored(server, key);
        *bytes.last_mut().expect("it is not empty") ^= 1;
        store(server, key, &bytes);
    });
    // A value beyond the maximum length.
    check(&|server, key| {
        let mut bytes = stored(server, key);
        bytes.resize((1 << 20) + 1, 0);
        store(server, key, &bytes);
    });
    // Intact values of another key, of another version, and of another type.
    let others: [&dyn Fn(); 3] = [
        &|| drop(block_on(doubling(&Counter::default()).with(Cache::redis(redis.clone()).named("spoilt")).run(4))),
        &|| {
            let cache = Cache::redis(redis.clone()).named("spoilt").version(2);
            drop(block_on(doubling(&Counter::default()).with(cache).run(3)));
        },
        &|| {
            let work = async |_: u64| Ok::<_, String>("six".to_owned());
            drop(block_on(work.with(Cache::redis(redis.clone()).named("spoilt").namespace("text")).run(3)));
        },
    ];
    for other in others {
        check(&|server, key| {
            other();
            let other = server.keys().into_iter().find(|other| other != key).expect("another one is stored");
            let _: () = server.command("RENAME", (other, key));
        });
    }
}

#[test]
fn an_output_of_another_type_under_the_same_key_is_an_error() {
    let server = Server::start(&[]);
    let redis = server.redis();
    let cache = || Cache::redis(redis.clone()).named("typed");
    let text = async |_: u64| Ok::<_, String>("six".to_owned());
    assert_eq!(block_on(text.with(cache()).run(3)).as_deref(), Ok("six"));
    let (recording, counter) = (Recording::new(), Counter::default());
    assert_eq!(block_on(recording.scope(doubling(&counter).with(cache()).run(3))), Ok(6));
    assert_eq!((counter.value(), operations(&recording)), (1, "redis error 1, redis store 1".to_owned()));
}

#[test]
fn functions_with_the_same_name_do_not_read_each_other_s_outputs() {
    mod in_bytes {
        pub(super) async fn length(text: String) -> Result<u64, String> {
            Ok(text.len() as u64)
        }
    }
    mod in_characters {
        // A number of this type could be deserialized from the other type.
        pub(super) async fn length(text: String) -> Result<u32, String> {
            Ok(text.chars().count() as u32)
        }
    }
    mod in_words {
        pub(super) async fn length(text: String) -> Result<String, String> {
            Ok(format!("{} words", text.split(' ').count()))
        }
    }

    let server = Server::start(&[]);
    let recording = Recording::new();
    let redis = server.redis();
    let cache = || Cache::redis(redis.clone()).namespace("shared");
    let (bytes, characters, words) =
        (in_bytes::length.with(cache()), in_characters::length.with(cache()), in_words::length.with(cache()));
    assert_eq!([bytes.name(), characters.name(), words.name()], ["length"; 3]);
    for _ in 0..2 {
        let text = || "fünf Wörter".to_owned();
        let answers = block_on(
            recording.scope(async { (bytes.run(text()).await, characters.run(text()).await, words.run(text()).await) }),
        );
        assert_eq!(answers, (Ok(13), Ok(11), Ok("2 words".to_owned())));
    }
    expect!["redis hit 3, redis miss 3, redis store 3"].assert_eq(&operations(&recording));
}

#[test]
fn an_output_that_is_too_large_is_counted_and_not_stored() {
    let server = Server::start(&[]);
    let recording = Recording::new();
    let work = async |length: usize| Ok::<_, String>("x".repeat(length));
    let cached = work.with(Cache::redis(server.redis().longest_value(1_000)).named("large"));
    let ask = |length| block_on(recording.scope(cached.run(length))).unwrap().len();
    assert_eq!([ask(900), ask(900), ask(1_000), ask(1_000)], [900, 900, 1_000, 1_000]);
    expect!["redis hit 1, redis miss 3, redis store 1, redis too_large 2"].assert_eq(&operations(&recording));
    assert_eq!(server.keys().len(), 1);
}

#[test]
fn an_output_may_have_any_length_without_a_maximum() {
    let server = Server::start(&[]);
    let (recording, counter) = (Recording::new(), Counter::default());
    let cached = doubling(&counter).with(Cache::redis(server.redis().longest_value(usize::MAX)).named("any"));
    let ask = || block_on(recording.scope(cached.run(3)));
    assert_eq!((ask(), ask(), counter.value()), (Ok(6), Ok(6), 1));
    expect!["redis hit 1, redis miss 1, redis store 1"].assert_eq(&operations(&recording));
}

#[test]
fn a_server_without_memory_fails_only_the_store() {
    let server = Server::start(&["--maxmemory", "1", "--maxmemory-policy", "noeviction"]);
    let (recording, counter) = (Recording::new(), Counter::default());
    let cached = doubling(&counter).with(Cache::redis(server.redis()).named("full"));
    block_on(recording.scope(async {
        for _ in 0..20 {
            assert_eq!(cached.run(3).await, Ok(6));
        }
    }));
    assert_eq!(counter.value(), 20);
    // It replies with an error, so the cache keeps asking it.
    expect!["redis miss 20, redis store_error 20"].assert_eq(&operations(&recording));
}

#[test]
fn an_output_that_cannot_be_serialized_is_not_stored() {
    /// Fails to serialize.
    #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
    struct Secret(u64);

    impl serde::Serialize for Secret {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("a secret is not written down"))
        }
    }

    let server = Server::start(&[]);
    let recording = Recording::new();
    let work = async |number: u64| Ok::<_, String>(Secret(number));
    let cached = work.with(Cache::redis(server.redis()).named("secret"));
    for _ in 0..2 {
        assert_eq!(block_on(recording.scope(cached.run(3))), Ok(Secret(3)));
    }
    expect!["redis miss 2, redis store_error 2"].assert_eq(&operations(&recording));
}

#[test]
fn an_invalid_address_is_rejected_without_showing_the_password() {
    for url in ["", "http://127.0.0.1", "redis://:hunter2@[", "redis//127.0.0.1", "rediss://:hunter2@["] {
        let error = Redis::server(url).expect_err(url);
        expect!["not the address of a Redis server; write `redis://host:port/database`"].assert_eq(&error.to_string());
        assert!(!format!("{error:?}").contains("hunter2"));
    }
    assert!(Redis::cluster([]).is_err());
    let redis = Redis::server("redis://:hunter2@127.0.0.1").unwrap();
    assert_eq!(format!("{redis:?}"), "Redis { timeout: 50ms, longest_value: 1048576, .. }");
}
