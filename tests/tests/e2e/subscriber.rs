//! A subscriber of the host that panics: the observed calls continue.

use expect_test::expect;
use futures_executor::block_on;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, with_default};
use tracing::{Event, Metadata, Subscriber};
use tta_runtime::primitive;
use tta_runtime::testing::Recording;

use crate::child::{run, subject};

/// The moments at which a subscriber is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Enabled,
    New,
    Enter,
    Exit,
    Close,
}

/// Panics at one of these moments.
struct Panicking(Moment);

impl Panicking {
    fn at(&self, moment: Moment) {
        assert!(self.0 != moment, "the subscriber panics");
    }
}

impl Subscriber for Panicking {
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        self.at(Moment::Enabled);
        true
    }

    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        self.at(Moment::New);
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _span: &Id) {
        self.at(Moment::Enter);
    }

    fn exit(&self, _span: &Id) {
        self.at(Moment::Exit);
    }

    fn try_close(&self, _span: Id) -> bool {
        self.at(Moment::Close);
        true
    }
}

#[primitive(type = "tool", action = "call")]
async fn double(n: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    if n == 0 { Err("nothing".to_owned()) } else { Ok(2 * n) }
}

#[primitive(type = "tool", action = "call")]
fn half(n: u32) -> u32 {
    n / 2
}

#[primitive(type = "agent", action = "invoke")]
async fn unlucky(n: u32) -> u32 {
    double(n).await.map_err(|error| panic!("{error}")).unwrap_or_default()
}

#[test]
fn calls_go_on_when_the_host_s_subscriber_panics() {
    for moment in [Moment::Enabled, Moment::New, Moment::Enter, Moment::Exit, Moment::Close] {
        let recording = Recording::new();
        let results = recording.run(|| {
            with_default(Panicking(moment), || {
                let panicked = std::panic::catch_unwind(|| block_on(unlucky(0)));
                let message = panicked.err().and_then(|payload| payload.downcast::<String>().ok());
                (block_on(double(2)), block_on(unlucky(3)), half(6), message)
            })
        });
        assert_eq!(results, (Ok(4), 6, 3, Some(Box::new("nothing".to_owned()))), "{moment:?}");
        let ended = recording.metrics("tta_primitive_executions_total");
        let ended: String = ended.lines().filter(|line| !line.ends_with(" 0")).flat_map(|line| [line, "\n"]).collect();
        expect![[r#"
            tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="success"} 2
            tta_primitive_executions_total{primitive_type="tool",primitive_name="double",action="call",status="failure"} 1
            tta_primitive_executions_total{primitive_type="tool",primitive_name="half",action="call",status="success"} 1
            tta_primitive_executions_total{primitive_type="agent",primitive_name="unlucky",action="invoke",status="success"} 1
            tta_primitive_executions_total{primitive_type="agent",primitive_name="unlucky",action="invoke",status="panicked"} 1
        "#]]
        .assert_eq(&ended);
        let in_flight = recording.metrics("tta_primitive_active");
        assert_eq!(in_flight.matches("} 0\n").count(), 3, "{moment:?}: {in_flight}");
    }
}

#[test]
fn a_subscriber_that_panics_when_it_is_asked_about_a_function_is_asked_once() {
    assert_eq!(run(&mut subject("deaf")).stdout, "[2, 4, 6], asked 1 times\n");
}
