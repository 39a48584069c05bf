//! The outcome of a call by its output: derived from the type, or decided by the keys `outcome` and `timeout_if`.

use std::future::Future;
use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::time::Duration;

use expect_test::{Expect, expect};
use futures_executor::block_on;
use futures_util::{Stream, StreamExt, stream};
use tta_runtime::block::BlockError;
use tta_runtime::llm::Usage;
use tta_runtime::testing::Recording;
use tta_runtime::{Outcome, primitive};

/// Checks the calls by name, status and type of the error.
fn check(run: impl FnOnce(), expected: &Expect) {
    let recording = Recording::new();
    recording.run(run);
    let of = |name: &str| recording.metrics(name);
    let text =
        [of("tta_primitive_executions_total"), of("tta_primitive_errors_total"), of("tta_llm_tokens_total")].concat();
    let shown = ["primitive_name=", "status=", "error_type=", "token_type="];
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("tta_") && !line.ends_with(" 0")) {
        let (metric, rest) = line.split_once('{').expect("it has labels");
        let (labels, value) = rest.rsplit_once("} ").expect("it has a value");
        let labels = labels.split(',').filter(|label| shown.iter().any(|shown| label.starts_with(shown)));
        let values: Vec<&str> = labels.filter_map(|label| label.split('"').nth(1)).collect();
        let kind = metric.trim_start_matches("tta_").trim_start_matches("primitive_").trim_end_matches("_total");
        lines.push(format!("{kind} {} {value}", values.join(" ")));
    }
    lines.sort_unstable();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[derive(Debug)]
enum Failure {
    Late,
    Missing,
    Stopped,
}

impl Failure {
    fn is_late(&self) -> bool {
        matches!(self, Self::Late)
    }
}

fn outcome_of<T>(result: &Result<T, Failure>) -> Outcome {
    match result {
        Ok(_) | Err(Failure::Missing) => Outcome::Success,
        Err(Failure::Late) => Outcome::Timeout,
        Err(Failure::Stopped) => Outcome::Cancelled,
    }
}

#[primitive(type = "tool", outcome = outcome_of)]
fn in_sync(result: Result<u8, Failure>) -> Result<u8, Failure> {
    result
}

#[primitive(type = "tool", outcome = |result| result.is_err().then_some(Outcome::Panicked))]
async fn in_async(result: Result<u8, Failure>) -> Result<u8, Failure> {
    result
}

#[primitive(type = "tool", outcome = |number| match number { 0 => None, 1 => Some(Outcome::Failure), _ => panic!("no outcome") })]
fn of_value(number: u8) -> u8 {
    number
}

#[primitive(type = "tool", timeout_if = Failure::is_late)]
fn boxed(result: Result<u8, Failure>) -> Pin<Box<dyn Future<Output = Result<u8, Failure>> + Send>> {
    Box::pin(async move { result })
}

#[test]
fn the_key_outcome_decides_for_each_shape_of_function() {
    check(
        || {
            for failure in [Failure::Late, Failure::Missing, Failure::Stopped] {
                assert!(in_sync(Err(failure)).is_err());
            }
            assert!(in_sync(Ok(1)).is_ok());
            assert!(block_on(in_async(Err(Failure::Late))).is_err());
            assert!(block_on(in_async(Ok(1))).is_ok());
            assert_eq!([of_value(0), of_value(1), of_value(2)], [0, 1, 2]);
            for failure in [Failure::Late, Failure::Missing] {
                assert!(block_on(boxed(Err(failure))).is_err());
            }
        },
        &expect![[r#"
            errors boxed Failure 2
            errors in_async panic 1
            errors in_sync Failure 1
            errors of_value not_ok 1
            executions boxed failure 1
            executions boxed timeout 1
            executions in_async panicked 1
            executions in_async success 1
            executions in_sync cancelled 1
            executions in_sync success 2
            executions in_sync timeout 1
            executions of_value failure 1
            executions of_value success 2
        "#]],
    );
}

#[primitive(type = "tool", outcome = outcome_of)]
fn items(items: Vec<Result<u8, Failure>>) -> impl Stream<Item = Result<u8, Failure>> {
    stream::iter(items)
}

#[primitive(type = "retrieval", action = "search", timeout_if = Failure::is_late)]
fn late_items(
    open: Result<(), Failure>,
    items: Vec<Result<u8, Failure>>,
) -> Result<impl Stream<Item = Result<u8, Failure>>, Failure> {
    open.map(|()| stream::iter(items))
}

#[test]
fn a_stream_ends_with_the_worst_outcome_of_its_items() {
    check(
        || {
            let drain = |stream| block_on(StreamExt::count(stream));
            assert_eq!(drain(items(vec![Ok(1), Err(Failure::Missing), Ok(2)])), 3);
            assert_eq!(drain(items(vec![Err(Failure::Late), Ok(2), Err(Failure::Missing)])), 3);
            assert_eq!(drain(items(vec![Err(Failure::Missing), Err(Failure::Stopped)])), 2);
            assert!(late_items(Err(Failure::Late), Vec::new()).is_err());
            assert!(late_items(Err(Failure::Missing), Vec::new()).is_err());
            let opened = late_items(Ok(()), vec![Ok(1), Err(Failure::Late)]).expect("it opens");
            assert_eq!(block_on(opened.count()), 2);
        },
        &expect![[r#"
            errors items Failure 1
            errors late_items Failure 3
            executions items cancelled 1
            executions items success 1
            executions items timeout 1
            executions late_items failure 1
            executions late_items timeout 2
        "#]],
    );
}

struct Client {
    is_open: bool,
}

#[primitive(type = "tool", timeout_if = Failure::is_late)]
impl Client {
    fn late(&self) -> Result<(), Failure> {
        if self.is_open { Ok(()) } else { Err(Failure::Late) }
    }

    #[primitive(outcome = outcome_of)]
    async fn missing(&self) -> Result<(), Failure> {
        if self.is_open { Ok(()) } else { Err(Failure::Missing) }
    }
}

#[test]
fn a_method_s_outcome_replaces_the_keys_of_its_block() {
    check(
        || {
            let client = Client { is_open: false };
            assert!(client.late().is_err());
            assert!(block_on(client.missing()).is_err());
        },
        &expect![[r#"
            errors Client::late Failure 1
            executions Client::late timeout 1
            executions Client::missing success 1
        "#]],
    );
}

/// An error that is no `Error`, but dereferences to one, as `anyhow::Error` does.
struct Anyhow(Box<dyn std::error::Error + Send + Sync>);

impl std::ops::Deref for Anyhow {
    type Target = dyn std::error::Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl std::fmt::Display for Anyhow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

struct Opaque;

#[derive(Debug, thiserror::Error)]
#[error("{text} failed")]
struct Borrowed<'a> {
    text: &'a str,
    source: Error,
}

/// Defines functions that return what they are given.
macro_rules! given {
    ($($name:ident: $error:ty),* $(,)?) => {
        $(
            #[primitive(type = "tool")]
            fn $name(error: $error) -> Result<(), $error> {
                Err(error)
            }
        )*
    };
}

given! {
    plain: BlockError<Error>,
    anyhow: BlockError<Anyhow>,
    dynamic: BlockError<Box<dyn std::error::Error>>,
    text: BlockError<String>,
    opaque: BlockError<Opaque>,
    nested: BlockError<BlockError<Error>>,
    nested_anyhow: BlockError<BlockError<Anyhow>>,
    nested_text: BlockError<BlockError<String>>,
    pointed: Box<BlockError<Anyhow>>,
}

#[primitive(type = "tool")]
fn borrowed<'a>(error: BlockError<Borrowed<'a>>) -> Result<(), BlockError<Borrowed<'a>>> {
    Err(error)
}

#[primitive(type = "tool")]
async fn borrowed_later<'a>(
    error: BlockError<BlockError<Borrowed<'a>>>,
) -> Result<(), BlockError<BlockError<Borrowed<'a>>>> {
    Err(error)
}

fn late() -> Error {
    Error::from(ErrorKind::TimedOut)
}

fn missing() -> Error {
    Error::from(ErrorKind::NotFound)
}

fn exhausted<E>(last: BlockError<E>) -> BlockError<E> {
    BlockError::Exhausted { attempts: 2, last: Box::new(last) }
}

fn limit<E>() -> BlockError<E> {
    BlockError::Timeout { limit: Duration::from_secs(1) }
}

#[test]
fn a_block_s_error_is_a_timeout_where_the_error_in_it_is_one() {
    check(
        || {
            let _ = [plain(late().into()), plain(exhausted(late().into())), plain(limit()), plain(missing().into())];
            let _ =
                [anyhow(Anyhow(late().into()).into()), anyhow(exhausted(limit())), anyhow(Anyhow("no".into()).into())];
            let wrapped = Error::other(late());
            let _ = [dynamic(BlockError::Inner(wrapped.into())), dynamic(BlockError::Inner("no".into()))];
            let _ = [text(limit()), text(exhausted(limit())), text("no".to_owned().into())];
            let _ = [opaque(limit()), opaque(Opaque.into())];
            let _ = [nested(BlockError::Inner(late().into())), nested(BlockError::Inner(missing().into()))];
            let _ = [nested_anyhow(BlockError::Inner(Anyhow(late().into()).into())), nested_anyhow(limit())];
            let _ = [
                nested_text(exhausted(BlockError::Inner(limit()))),
                nested_text(BlockError::Inner("no".to_owned().into())),
            ];
            let _ = pointed(Box::new(Anyhow(late().into()).into()));
            let name = String::from("it");
            let of = |source| Borrowed { text: &name, source };
            let _ = [borrowed(of(late()).into()), borrowed(of(missing()).into())];
            let _ = block_on(borrowed_later(BlockError::Inner(of(late()).into())));
        },
        &expect![[r#"
            errors anyhow Anyhow 2
            errors anyhow BlockError<Anyhow> 1
            errors borrowed Borrowed 2
            errors borrowed_later Borrowed 1
            errors dynamic Box<dyn Error> 2
            errors nested Error 2
            errors nested_anyhow Anyhow 1
            errors nested_anyhow BlockError<BlockError<Anyhow>> 1
            errors nested_text BlockError<BlockError<String>> 1
            errors nested_text String 1
            errors opaque BlockError<Opaque> 1
            errors opaque Opaque 1
            errors plain BlockError<Error> 1
            errors plain Error 3
            errors pointed Anyhow 1
            errors text BlockError<String> 2
            errors text String 1
            executions anyhow failure 1
            executions anyhow timeout 2
            executions borrowed failure 1
            executions borrowed timeout 1
            executions borrowed_later timeout 1
            executions dynamic failure 1
            executions dynamic timeout 1
            executions nested failure 1
            executions nested timeout 1
            executions nested_anyhow timeout 2
            executions nested_text failure 1
            executions nested_text timeout 1
            executions opaque failure 1
            executions opaque timeout 1
            executions plain failure 1
            executions plain timeout 3
            executions pointed timeout 1
            executions text failure 1
            executions text timeout 2
        "#]],
    );
}

struct GaveUp {
    spent: Box<Usage>,
}

#[primitive(type = "llm", action = "chat", provider = "openai", model = "gpt-4o-mini", usage = manual)]
fn turn() {
    tta_runtime::llm::record(Usage::new(100, 10));
}

#[primitive(
    type = "llm", action = "generate", provider = "openai", model = "gpt-4o-mini",
    usage = |result: &Result<Usage, GaveUp>| match result { Ok(usage) => usage.clone(), Err(error) => Usage::clone(&error.spent) },
)]
fn solve(result: Result<Usage, GaveUp>) -> Result<Usage, GaveUp> {
    turn();
    result
}

#[test]
fn an_error_can_carry_usage_beside_what_calls_inside_report() {
    check(
        || {
            assert!(solve(Err(GaveUp { spent: Box::new(Usage::new(7, 3)) })).is_err());
            assert!(solve(Ok(Usage::new(20, 4))).is_ok());
        },
        &expect![[r#"
            errors solve GaveUp 1
            executions solve failure 1
            executions solve success 1
            executions turn success 2
            llm_tokens input 227
            llm_tokens output 27
        "#]],
    );
}
