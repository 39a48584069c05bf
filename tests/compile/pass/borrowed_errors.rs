//! Errors that implement `Error` and may borrow: a choice by the error's type must not ask for `'static`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::{Display, Formatter};
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{SendError, Sender, channel};
use std::sync::{LockResult, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, TryLockError};

use futures_util::Stream;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use tta_runtime::primitive;

#[derive(Debug)]
struct ParseErr<'a>(&'a str);

impl Display for ParseErr<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Error for ParseErr<'_> {}

#[primitive(type = "tool")]
fn parse(text: &str) -> Result<u8, ParseErr<'_>> {
    text.parse().map_err(|_| ParseErr(text))
}

#[primitive(type = "tool")]
async fn parse_later(text: &str) -> Result<u8, ParseErr<'_>> {
    std::future::ready(()).await;
    parse(text)
}

#[primitive(type = "tool")]
fn parse_boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<u8, ParseErr<'a>>> + 'a>> {
    Box::pin(parse_later(text))
}

#[primitive(type = "tool")]
fn parse_each<'a>(text: &'a str) -> impl Stream<Item = Result<u8, ParseErr<'a>>> + 'a {
    futures_util::stream::iter(text.split(' ').map(parse))
}

#[primitive(type = "tool")]
async fn open_each<'a>(
    text: &'a str,
) -> Result<impl Stream<Item = Result<u8, ParseErr<'a>>> + 'a, Box<dyn Error + 'a>> {
    if text.is_empty() {
        return Err(Box::new(ParseErr(text)));
    }
    Ok(futures_util::stream::iter(text.split(' ').map(parse)))
}

#[primitive(type = "tool")]
fn boxed(text: &str) -> Result<u8, Box<dyn Error + '_>> {
    Ok(parse(text)?)
}

#[primitive(type = "tool")]
async fn boxed_later<'a>(text: &'a str) -> Result<u8, Box<dyn Error + Send + Sync + 'a>> {
    Ok(parse_later(text).await?)
}

#[primitive(type = "tool")]
fn locked<T>(mutex: &Mutex<T>) -> LockResult<MutexGuard<'_, T>> {
    mutex.lock()
}

#[primitive(type = "tool")]
fn tried<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, TryLockError<MutexGuard<'_, T>>> {
    mutex.try_lock()
}

#[primitive(type = "tool")]
fn read<T>(lock: &RwLock<T>) -> Result<RwLockReadGuard<'_, T>, PoisonError<RwLockReadGuard<'_, T>>> {
    lock.read()
}

#[primitive(type = "tool")]
fn sent<T>(sender: &Sender<T>, value: T) -> Result<(), SendError<T>> {
    sender.send(value)
}

trait Model {
    type Error: Error;

    fn ask(&self) -> Result<u8, Self::Error>;

    #[primitive(type = "agent", action = "invoke")]
    fn ask_twice(&self) -> Result<u8, Self::Error> {
        Ok(self.ask()? + self.ask()?)
    }

    #[primitive(type = "agent", action = "invoke")]
    async fn ask_later(&self) -> Result<u8, Self::Error>
    where
        Self: Sync,
    {
        self.ask_twice()
    }
}

struct Text<'a>(&'a str);

#[primitive(type = "tool")]
impl<'a> Model for Text<'a> {
    type Error = ParseErr<'a>;

    fn ask(&self) -> Result<u8, Self::Error> {
        self.0.parse().map_err(|_| ParseErr(self.0))
    }
}

struct Opaque<'a>(&'a str);

#[primitive(type = "tool")]
impl<'a> Opaque<'a> {
    fn ask(&self) -> Result<u8, Box<dyn Error + 'a>> {
        Ok(self.0.parse().map_err(|_| ParseErr(self.0))?)
    }
}

#[primitive(type = "agent", action = "invoke")]
async fn asked<M: Model>(model: M) -> Result<String, M::Error> {
    std::future::ready(()).await;
    Ok(model.ask()?.to_string())
}

#[primitive(type = "tool")]
fn repeated<E: Error>(attempt: impl Fn() -> Result<u8, E>) -> Result<u8, E> {
    attempt().or_else(|_| attempt())
}

struct Celsius(i32);

#[primitive(type = "processor", action = "transform")]
impl Serialize for Celsius {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.0)
    }
}

struct OfNumber;

#[primitive(type = "processor", action = "transform")]
impl Visitor<'_> for OfNumber {
    type Value = Celsius;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a number")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Celsius, E> {
        i32::try_from(number).map(Celsius).map_err(E::custom)
    }
}

#[primitive(type = "processor", action = "transform")]
impl<'de> Deserialize<'de> for Celsius {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(OfNumber)
    }
}

pub(crate) fn main() {
    use futures_executor::block_on;
    let text = String::from("1 x");
    assert!(parse(&text).is_err());
    assert!(block_on(parse_later(&text)).is_err());
    assert!(block_on(parse_boxed(&text)).is_err());
    assert_eq!(block_on(futures_util::StreamExt::count(parse_each(&text))), 2);
    assert!(block_on(open_each(&text)).is_ok());
    assert!(boxed(&text).is_err());
    assert!(block_on(boxed_later(&text)).is_err());
    let mutex = Mutex::new(&*text);
    assert!(locked(&mutex).is_ok());
    assert!(tried(&mutex).is_ok());
    assert!(read(&RwLock::new(&*text)).is_ok());
    let (sender, receiver) = channel();
    assert!(sent(&sender, &*text).is_ok());
    drop(receiver);
    assert!(sent(&sender, &*text).is_err());
    assert!(Text(&text).ask_twice().is_err());
    assert!(block_on(Text("1").ask_later()).is_ok());
    assert!(Opaque(&text).ask().is_err());
    assert!(block_on(asked(Text(&text))).is_err());
    assert!(repeated(|| parse(&text)).is_err());
    let number: Celsius = serde_json::from_str("5").expect("a number");
    assert_eq!(serde_json::to_string(&number).expect("a number"), "5");
}
