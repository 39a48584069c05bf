//! An annotated function behaves like the bare one: same value, error, panic, drop order, polls and `Send`.

// The functions below are bare on purpose, and exercise code that clippy would change.
#![allow(
    clippy::needless_pass_by_value,
    clippy::boxed_local,
    clippy::unnecessary_wraps,
    clippy::many_single_char_names
)]

use std::cell::RefCell;
use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::stream::{BoxStream, Stream, StreamExt};
use proptest::prelude::*;
use tta_runtime::primitive;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn log(event: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(event.into()));
}

/// A value that logs its drop.
#[derive(Debug)]
struct Seen(&'static str);

impl Drop for Seen {
    fn drop(&mut self) {
        log(format!("drop {}", self.0));
    }
}

/// A future that is pending for a number of polls.
struct Yields(u32);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        log("poll");
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A stream that is pending for a number of polls before each item, and has an effect at its last item.
struct Items {
    left: u32,
    yields: u32,
    pending: u32,
    last: Act,
    held: Seen,
}

impl Items {
    fn new(left: u32, yields: u32, last: Act, held: Seen) -> Self {
        Self { left, yields, pending: yields, last, held }
    }
}

impl Stream for Items {
    type Item = Result<u32, String>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        log(format!("poll with {}", self.held.0));
        if self.pending > 0 {
            self.pending -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pending = self.yields;
        let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
        self.left = left;
        Poll::Ready(Some(if left == 0 { act(self.last) } else { Ok(left) }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

/// The end of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Return(u32),
    Question,
    Fail,
    Panic,
}

fn act(act: Act) -> Result<u32, String> {
    match act {
        Act::Return(value) => Ok(value),
        Act::Question => Ok("not a number".parse::<u32>().map_err(|error| error.to_string())?),
        Act::Fail => Err("failed".to_owned()),
        Act::Panic => std::panic::panic_any(format!("panicked in {act:?}")),
    }
}

/// Polls a future at most this many times, then drops it.
fn drive<F: Future>(future: F, most: u32) -> Option<F::Output> {
    let mut future = Box::pin(future);
    for _ in 0..most {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            log("ready");
            return Some(output);
        }
    }
    None
}

/// Polls a stream at most this many times, takes at most this many items, then drops it.
fn read<S: Stream>(stream: S, most: u32, items: usize) -> (Vec<S::Item>, bool) {
    let mut stream = Box::pin(stream);
    let mut read = Vec::new();
    for _ in 0..most {
        log(format!("{:?}", stream.size_hint()));
        match stream.as_mut().poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(None) => return (read, true),
            Poll::Ready(Some(item)) => read.push(item),
            Poll::Pending => log("pending"),
        }
        if read.len() == items {
            break;
        }
    }
    (read, false)
}

/// Runs code and reports everything that can be observed of it.
fn told<T: Debug>(run: impl FnOnce() -> T) -> (String, Vec<String>) {
    LOG.take();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let value = run();
        log("returned");
        format!("{value:?}")
    }));
    let outcome = outcome.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        format!("panic: {text:?} {:?}", payload.downcast_ref::<&str>())
    });
    (outcome, LOG.take())
}

/// Defines the same items twice, once bare and once annotated.
macro_rules! both {
    (plain { $($plain:item)* } observed { $($observed:item)* }) => {
        mod bare {
            use super::*;
            $($plain)*
            $($observed)*
        }
        mod seen {
            use super::*;
            $($plain)*
            $(#[primitive(type = "tool")] $observed)*
        }
    };
}

both! {
    plain {
        #[derive(Debug)]
        pub(super) struct Holder {
            pub(super) first: Seen,
            pub(super) second: Seen,
        }

        pub(super) struct Wide {
            pub(super) left: Seen,
            pub(super) right: Seen,
        }

        pub(super) trait Speaks {
            fn speak(self: Box<Self>, word: Seen) -> usize;
            async fn speak_later(&self, word: Seen, yields: u32) -> usize;
        }
    }
    observed {
        pub(super) fn value(argument: Act, first: Seen, mut second: Seen, unused: Seen) -> Result<u32, String> {
            let _local = Seen("local");
            second.0 = "renamed";
            let _ = (&first, &unused);
            let value = act(argument)?;
            if value > 100 {
                return Err(format!("{value} is too large"));
            }
            Ok(value)
        }

        pub(super) fn patterns(
            (first, _): (Seen, Seen),
            _: Seen,
            Wide { left, .. }: Wide,
            [one, _, three]: [Seen; 3],
            last: Seen,
        ) -> usize {
            log("body");
            drop(left);
            let _ = (&first, &one, &three, &last);
            5
        }

        pub(super) fn unused(_first: Seen, second: Seen, _: Seen, _text: &str, _last: Seen) -> usize {
            log("body");
            let _ = &second;
            5
        }

        pub(super) fn temporaries(cell: RefCell<Vec<u32>>, argument: u32) -> u32 {
            cell.borrow_mut().push(argument);
            *cell.borrow().last().unwrap_or(&0)
        }

        pub(super) fn diverges(argument: Act, held: Seen) -> ! {
            let _ = (&held, act(argument).map(|_| ()));
            std::panic::panic_any("never".to_owned())
        }

        pub(super) async fn later(argument: Act, yields: u32, first: Seen, mut second: Seen, _: Seen) -> Result<u32, String> {
            let _local = Seen("local");
            Yields(yields).await;
            second.0 = "renamed";
            let _ = &first;
            let value = act(argument)?;
            Yields(yields).await;
            if value > 100 {
                return Err(format!("{value} is too large"));
            }
            Ok(value)
        }

        pub(super) async fn later_patterns((first, _): (Seen, Seen), yields: u32, Wide { right, .. }: Wide) -> usize {
            Yields(yields).await;
            drop(right);
            Yields(yields).await;
            first.0.len()
        }

        pub(super) async fn unboxed_error(text: &str, yields: u32) -> Result<u32, Box<dyn std::error::Error>> {
            if text.is_empty() {
                return Err(Box::new(std::fmt::Error));
            }
            Yields(yields).await;
            let value = text.parse()?;
            Ok(value)
        }

        pub(super) fn eager(argument: Act, yields: u32, held: Seen) -> impl Future<Output = Result<u32, String>> {
            log("statement before the future");
            let inner = Seen("inner");
            async move {
                let _ = (&inner, &held);
                Yields(yields).await;
                act(argument)
            }
        }

        pub(super) fn boxed(argument: Act, yields: u32, held: Seen) -> Pin<Box<dyn Future<Output = Result<u32, String>> + Send>> {
            if argument == Act::Fail {
                return Box::pin(std::future::ready(Err("at once".to_owned())));
            }
            Box::pin(async move {
                let _ = &held;
                Yields(yields).await;
                act(argument)
            })
        }

        pub(super) fn items(left: u32, yields: u32, last: Act, held: Seen) -> impl Stream<Item = Result<u32, String>> {
            let _local = Seen("local");
            log("statement before the stream");
            Items::new(left, yields, last, held)
        }

        pub(super) fn boxed_items(left: u32, yields: u32, last: Act, held: Seen) -> BoxStream<'static, Result<u32, String>> {
            Items::new(left, yields, last, held).boxed()
        }

        pub(super) async fn items_later(left: u32, yields: u32, last: Act, held: Seen) -> impl Stream<Item = Result<u32, String>> {
            let _local = Seen("local");
            Yields(yields).await;
            Items::new(left, yields, last, held)
        }

        pub(super) async fn items_or_error(
            first: Act,
            left: u32,
            yields: u32,
            held: Seen,
        ) -> Result<impl Stream<Item = Result<u32, String>>, String> {
            Yields(yields).await;
            let value = act(first)?;
            if value > 100 {
                return Err(format!("{value} is too large"));
            }
            Ok(Items::new(left, yields, first, held))
        }

        pub(super) fn local_items(left: u32) -> impl Stream<Item = Rc<u32>> {
            let held = Rc::new(left);
            futures_util::stream::iter(0..left).map(move |_| Rc::clone(&held))
        }

        pub(super) async fn owned_later(first: Seen, second: String, third: Vec<Arc<str>>, yields: u32) -> usize {
            Yields(yields).await;
            first.0.len() + second.len() + third.len()
        }

        pub(super) async fn moved_later(first: Seen, second: Arc<Seen>, third: Box<[Seen; 2]>, yields: u32) -> usize {
            Yields(yields).await;
            let both = (first, second);
            Yields(yields).await;
            drop(third);
            both.0.0.len() + both.1.0.len()
        }

        pub(super) async fn nothing_later() {
            Yields(1).await;
        }

        pub(super) async fn text_later(text: String, yields: u32) -> usize {
            Yields(yields).await;
            text.len()
        }

        pub(super) async fn not_send(yields: u32) -> Rc<u32> {
            let held = Rc::new(yields);
            Yields(yields).await;
            held
        }

        impl Holder {
            pub(super) fn take(self, last: Seen) -> usize {
                log("body");
                self.second.0.len() + last.0.len()
            }

            pub(super) fn take_part(mut self, last: Seen) -> Seen {
                self.first.0 = "renamed";
                let _ = &last;
                self.second
            }

            pub(super) fn first_mut(&mut self) -> &mut Seen {
                &mut self.first
            }

            pub(super) fn from_box(self: Box<Self>) -> usize {
                self.second.0.len()
            }

            pub(super) fn from_arc(self: Arc<Self>, _: Seen) -> usize {
                Arc::strong_count(&self)
            }

            pub(super) fn from_pin(self: Pin<&mut Self>) -> &'static str {
                self.first.0
            }

            pub(super) async fn take_later(self, yields: u32, last: Seen) -> usize {
                Yields(yields).await;
                self.second.0.len() + last.0.len()
            }

            pub(super) async fn rename_later(&mut self, yields: u32) -> &mut Seen {
                Yields(yields).await;
                self.second.0 = "renamed";
                &mut self.second
            }
        }

        impl Speaks for Holder {
            fn speak(self: Box<Self>, word: Seen) -> usize {
                word.0.len() + self.first.0.len()
            }

            async fn speak_later(&self, word: Seen, yields: u32) -> usize {
                Yields(yields).await;
                word.0.len() + self.first.0.len()
            }
        }
    }
}

/// Asserts that an expression gives the same result with the bare and with the annotated functions in scope.
macro_rules! same {
    ($run:expr) => {{
        let bare = told(|| {
            #[allow(unused_imports)]
            use bare::*;
            $run
        });
        let seen = told(|| {
            #[allow(unused_imports)]
            use seen::*;
            $run
        });
        assert_eq!(bare, seen);
    }};
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![(0_u32..200).prop_map(Act::Return), Just(Act::Question), Just(Act::Fail), Just(Act::Panic)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_function_does_what_the_bare_one_does(argument in any_act()) {
        same!(value(argument, Seen("first"), Seen("second"), Seen("unused")));
        same!(diverges(argument, Seen("held")));
    }

    #[test]
    fn an_async_function_does_what_the_bare_one_does(argument in any_act(), yields in 0_u32..3, most in 0_u32..8) {
        same!(drive(later(argument, yields, Seen("first"), Seen("second"), Seen("third")), most));
        same!(drive(later_patterns((Seen("a"), Seen("b")), yields, Wide { left: Seen("left"), right: Seen("right") }), most));
    }

    #[test]
    fn a_returned_future_does_what_the_bare_one_does(argument in any_act(), yields in 0_u32..3, most in 0_u32..8) {
        same!(drive(eager(argument, yields, Seen("held")), most));
        same!(drive(boxed(argument, yields, Seen("held")), most));
    }

    #[test]
    fn a_stream_does_what_the_bare_one_does(
        last in any_act(), left in 0_u32..4, yields in 0_u32..3, most in 0_u32..12, taken in 1_usize..5,
    ) {
        same!(read(items(left, yields, last, Seen("held")), most, taken));
        same!(read(boxed_items(left, yields, last, Seen("held")), most, taken));
        same!(drive(items_later(left, yields, last, Seen("held")), most).map(|stream| read(stream, most, taken)));
        same!(drive(items_or_error(last, left, yields, Seen("held")), most)
            .map(|opened| opened.map(|stream| read(stream, most, taken))));
    }

    #[test]
    fn errors_are_converted_as_in_the_bare_function(text in "[0-9x]{0,3}", yields in 0_u32..3) {
        same!(drive(unboxed_error(&text, yields), 8).map(|result| result.map_err(|error| error.to_string())));
    }
}

#[test]
fn patterns_are_dropped_in_the_order_of_the_bare_function() {
    same!(patterns(
        (Seen("first"), Seen("rest of first")),
        Seen("wild"),
        Wide { left: Seen("left"), right: Seen("right") },
        [Seen("one"), Seen("two"), Seen("three")],
        Seen("last"),
    ));
}

#[test]
fn parameters_are_dropped_in_the_order_of_the_bare_function_whatever_their_names() {
    same!(unused(Seen("first"), Seen("second"), Seen("wild"), "text", Seen("last")));
}

#[test]
fn temporaries_of_the_last_expression_end_before_the_parameters() {
    same!(temporaries(RefCell::new(vec![1]), 7));
}

#[test]
fn methods_do_what_the_bare_ones_do() {
    same!(Holder { first: Seen("first"), second: Seen("second") }.take(Seen("last")));
    same!(Holder { first: Seen("first"), second: Seen("second") }.take_part(Seen("last")));
    same!(Box::new(Holder { first: Seen("first"), second: Seen("second") }).from_box());
    same!(Arc::new(Holder { first: Seen("first"), second: Seen("second") }).from_arc(Seen("wild")));
    same!({
        let mut holder = Holder { first: Seen("first"), second: Seen("second") };
        holder.first_mut().0 = "changed";
        Pin::new(&mut holder).from_pin()
    });
    same!(Box::new(Holder { first: Seen("first"), second: Seen("second") }).speak(Seen("word")));
}

#[test]
fn async_methods_do_what_the_bare_ones_do_however_often_they_are_polled() {
    for most in 0..5 {
        same!(drive(Holder { first: Seen("first"), second: Seen("second") }.take_later(2, Seen("last")), most));
        same!({
            let mut holder = Holder { first: Seen("first"), second: Seen("second") };
            drive(holder.rename_later(2), most).map(|seen| seen.0)
        });
        same!({
            let holder = Holder { first: Seen("first"), second: Seen("second") };
            drive(holder.speak_later(Seen("word"), 2), most)
        });
    }
}

/// Reports whether a value is `Send`, by method resolution: inherent methods come before those of a trait.
struct Probe<'a, T>(&'a T);

trait Anything {
    fn is_send(&self) -> bool {
        false
    }
}

impl<T> Anything for Probe<'_, T> {}

impl<T: Send> Probe<'_, T> {
    fn is_send(&self) -> bool {
        let _ = self.0;
        true
    }
}

#[test]
fn futures_are_send_where_the_bare_ones_are() {
    let arguments = || (Act::Fail, 1, Seen("first"), Seen("second"), Seen("third"));
    let (a, b, c, d, e) = arguments();
    assert!(Probe(&bare::later(a, b, c, d, e)).is_send());
    let (a, b, c, d, e) = arguments();
    assert!(Probe(&seen::later(a, b, c, d, e)).is_send());
    assert!(Probe(&seen::eager(Act::Fail, 1, Seen("held"))).is_send());
    assert!(!Probe(&bare::not_send(1)).is_send());
    assert!(!Probe(&seen::not_send(1)).is_send());
    assert!(Probe(&bare::items(1, 0, Act::Fail, Seen("held"))).is_send());
    assert!(Probe(&seen::items(1, 0, Act::Fail, Seen("held"))).is_send());
    assert!(Probe(&seen::items_later(1, 0, Act::Fail, Seen("held"))).is_send());
    assert!(!Probe(&bare::local_items(1)).is_send());
    assert!(!Probe(&seen::local_items(1)).is_send());
}

/// Functions whose labels and attributes are read from values that their bodies own.
mod labelled {
    use super::*;

    pub(super) async fn bare(kind: String, held: Seen, yields: u32) -> usize {
        Yields(yields).await;
        let taken = (kind, held);
        Yields(yields).await;
        taken.0.len() + taken.1.0.len()
    }

    #[primitive(type = "tool", labels(kind = capped(kind)), attributes("kind.length" = kind.len(), "held.name" = held.0))]
    pub(super) async fn seen(kind: String, held: Seen, yields: u32) -> usize {
        Yields(yields).await;
        let taken = (kind, held);
        Yields(yields).await;
        taken.0.len() + taken.1.0.len()
    }
}

mod labelled_sync {
    use super::*;

    pub(super) fn bare(first: Seen, second: Seen, third: Seen) -> usize {
        log("body");
        first.0.len() + second.0.len() + third.0.len()
    }

    #[primitive(type = "tool", labels(second = capped(second.0)), attributes("first.name" = first.0))]
    pub(super) fn seen(first: Seen, second: Seen, third: Seen) -> usize {
        log("body");
        first.0.len() + second.0.len() + third.0.len()
    }

    #[primitive(type = "tool", labels(second = capped(second.0)))]
    pub(super) fn seen_second(first: Seen, second: Seen, third: Seen) -> usize {
        log("body");
        first.0.len() + second.0.len() + third.0.len()
    }
}

#[test]
fn parameters_that_labels_read_are_dropped_in_the_order_of_the_bare_function() {
    let bare = told(|| labelled_sync::bare(Seen("first"), Seen("second"), Seen("third")));
    assert_eq!(told(|| labelled_sync::seen(Seen("first"), Seen("second"), Seen("third"))), bare);
    assert_eq!(told(|| labelled_sync::seen_second(Seen("first"), Seen("second"), Seen("third"))), bare);
}

#[test]
fn a_labelled_function_does_what_the_bare_one_does_however_often_it_is_polled() {
    for most in 0..5 {
        let bare = told(|| drive(labelled::bare("kind".to_owned(), Seen("held"), 1), most));
        let seen = told(|| drive(labelled::seen("kind".to_owned(), Seen("held"), 1), most));
        assert_eq!(bare, seen);
    }
}

/// Returns the size of the same future with the bare and with the annotated functions in scope.
macro_rules! sizes {
    ($($call:expr;)*) => {
        [$({
            let bare = { #[allow(unused_imports)] use bare::*; size_of_val(&$call) };
            let seen = { #[allow(unused_imports)] use seen::*; size_of_val(&$call) };
            (stringify!($call), bare, seen)
        }),*]
    };
}

#[test]
fn a_future_grows_by_at_most_112_bytes() {
    let text = || "text".to_owned();
    let unlabelled = sizes! {
        nothing_later();
        not_send(1);
        unboxed_error("1", 1);
        text_later(text(), 1);
        owned_later(Seen("first"), text(), Vec::new(), 1);
        moved_later(Seen("first"), Arc::new(Seen("second")), Box::new([Seen("third"), Seen("fourth")]), 1);
        later(Act::Fail, 1, Seen("first"), Seen("second"), Seen("third"));
        later_patterns((Seen("a"), Seen("b")), 1, Wide { left: Seen("left"), right: Seen("right") });
        Holder { first: Seen("first"), second: Seen("second") }.take_later(1, Seen("last"));
        Holder { first: Seen("first"), second: Seen("second") }.rename_later(1);
        eager(Act::Fail, 1, Seen("held"));
    };
    let labelled = (
        "labelled",
        size_of_val(&labelled::bare(text(), Seen("held"), 1)),
        size_of_val(&labelled::seen(text(), Seen("held"), 1)),
    );
    for (name, bare, seen) in unlabelled.into_iter().chain([labelled]) {
        println!("{name}: {bare} bytes bare, {seen} observed, {} more", seen.saturating_sub(bare));
        assert!(seen <= bare + 112, "{name} grew from {bare} to {seen} bytes");
    }
}
