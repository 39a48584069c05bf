//! Aliases and associated types that hide a boxed future or stream, and names that are no sign of one.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::future::{Future, ready};
use std::pin::Pin;

use futures_util::{StreamExt, stream};
use tta_runtime::primitive;

/// The alias of tower.
type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;
type BoxStream<T> = Pin<Box<dyn futures_util::Stream<Item = Result<T, String>> + Send>>;
type QueryResult<T> = Result<T, String>;
type Reply<'a> = Pin<Box<dyn Future<Output = Result<usize, String>> + Send + 'a>>;
type LocalReply = Pin<Box<dyn Future<Output = usize>>>;
type SharedReply = Pin<Box<dyn Future<Output = usize> + Send + Sync>>;
type UnpinReply = Box<dyn Future<Output = usize> + Send + Unpin>;
type Words<'a> = Pin<Box<dyn futures_util::Stream<Item = &'a str> + 'a>>;

#[primitive(type = "tool")]
fn of_tower(text: String) -> BoxFuture<usize, String> {
    if text.is_empty() {
        return Box::pin(ready(Err("empty".to_owned())));
    }
    Box::pin(ready(Ok(text.len())))
}

#[primitive(type = "tool", ok_if = Result::is_ok)]
fn with_closure(text: String) -> BoxFuture<usize, String> {
    of_tower(text)
}

#[primitive(type = "tool")]
fn hides_result() -> BoxStream<u8> {
    stream::iter([Ok(1), Err("no".to_owned())]).boxed()
}

#[primitive(type = "tool")]
fn opened(open: bool) -> QueryResult<BoxStream<u8>> {
    if open { Ok(hides_result()) } else { Err("closed".to_owned()) }
}

#[primitive(type = "tool")]
fn reply(text: &str) -> Reply<'_> {
    Box::pin(async move { Ok(text.len()) })
}

#[primitive(type = "tool", labels(word = capped(text)))]
fn labelled_reply<'a>(text: &'a str) -> Reply<'a> {
    reply(text)
}

#[primitive(type = "tool", returns = future)]
fn declared_reply(text: &str) -> Reply<'_> {
    reply(text)
}

#[primitive(type = "tool")]
fn local() -> LocalReply {
    Box::pin(ready(1))
}

#[primitive(type = "tool")]
fn shared() -> SharedReply {
    Box::pin(ready(1))
}

#[primitive(type = "tool")]
fn unpin() -> UnpinReply {
    Box::new(ready(1))
}

#[primitive(type = "tool", returns = value)]
fn not_awaited() -> LocalReply {
    Box::pin(ready(1))
}

#[primitive(type = "tool")]
fn words(text: &str) -> Words<'_> {
    Box::pin(stream::iter(text.split(' ')))
}

trait Service {
    type Future: Future<Output = usize>;

    fn call(&mut self, text: String) -> Self::Future;
}

struct Boxed;

impl Service for Boxed {
    type Future = Pin<Box<dyn Future<Output = usize> + Send>>;

    #[primitive(type = "tool")]
    fn call(&mut self, text: String) -> Self::Future {
        Box::pin(async move { text.len() })
    }
}

struct Around<S>(S);

#[primitive(type = "tool")]
impl<S: Service> Service for Around<S> {
    type Future = S::Future;

    fn call(&mut self, text: String) -> S::Future {
        self.0.call(text)
    }
}

type Response<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Responses<T> = Pin<Box<dyn futures_util::Stream<Item = T> + Send + Sync>>;

#[primitive(type = "tool")]
fn passed_on<T>(response: Response<T>) -> Response<T> {
    response
}

#[primitive(type = "tool")]
fn each_passed_on<T>(responses: Responses<T>) -> Responses<T> {
    responses
}

#[primitive(type = "tool")]
fn of_tower_passed_on<T, E>(response: BoxFuture<T, E>) -> BoxFuture<T, E> {
    response
}

#[primitive(type = "tool")]
fn written_out<T>(response: Response<Option<T>>) -> Pin<Box<dyn Future<Output = Option<T>> + Send>> {
    response
}

struct Client<T>(T);

impl<T> Client<T> {
    #[primitive(type = "tool")]
    fn respond(self, response: Response<T>) -> Response<T> {
        drop(self.0);
        response
    }
}

#[primitive(type = "tool")]
fn generic<T>(value: T) -> T {
    value
}

#[primitive(type = "tool")]
fn named() -> std::future::Ready<u8> {
    ready(1)
}

/// A trait that is no stream of items.
trait Stream {
    fn width(&self) -> u32;
}

impl Stream for u32 {
    fn width(&self) -> u32 {
        *self
    }
}

#[primitive(type = "tool")]
fn water() -> impl Stream {
    3_u32
}

#[primitive(type = "tool", returns = value)]
fn boxed_water() -> Box<dyn Stream> {
    Box::new(3_u32)
}

pub(crate) fn main() {
    use futures_executor::{block_on, block_on_stream};
    fn is_send(_: &impl Send) {}

    let future = of_tower("ab".to_owned());
    is_send(&future);
    assert_eq!(block_on(future), Ok(2));
    assert!(block_on(with_closure(String::new())).is_err());
    assert_eq!(block_on_stream(hides_result()).count(), 2);
    assert!(opened(false).is_err());
    assert_eq!(opened(true).map(|items| block_on_stream(items).count()), Ok(2));
    let text = "a b".to_owned();
    assert_eq!(block_on(reply(&text)), Ok(3));
    assert_eq!(block_on(labelled_reply(&text)), Ok(3));
    assert_eq!(block_on(declared_reply(&text)), Ok(3));
    assert_eq!(block_on(local()) + block_on(shared()) + block_on(unpin()) + block_on(not_awaited()), 4);
    assert_eq!(block_on_stream(words(&text)).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(block_on(Around(Boxed).call(text)), 3);
    let response = passed_on(passed_on(Box::pin(ready("a"))));
    is_send(&response);
    assert_eq!(block_on(Client("b").respond(response)), "a");
    let responses: Responses<u8> = Box::pin(stream::iter([1, 2]));
    let responses = each_passed_on(responses);
    assert_eq!(futures_util::Stream::size_hint(&responses), (2, Some(2)));
    assert_eq!(block_on_stream(responses).collect::<Vec<_>>(), [1, 2]);
    drop(passed_on(Box::pin(ready("dropped"))));
    assert_eq!(block_on(of_tower_passed_on::<u8, u8>(Box::pin(ready(Err(1))))), Err(1));
    assert_eq!(block_on(written_out(Box::pin(ready(Some("a b"))))), Some("a b"));
    assert_eq!(generic(1), 1);
    assert_eq!(block_on(named()), 1);
    assert_eq!(water().width() + boxed_water().width(), 6);
}
