//! Calls that end in each outcome, and errors that pass through several calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tta_runtime::primitive;

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no such document: {0}")]
    NotFound(&'static str),
    #[error("cannot answer")]
    Answer(#[source] Box<Failure>),
    #[error("too slow")]
    Slow(#[from] tokio::time::error::Elapsed),
}

pub(super) fn run() {
    let telemetry = tta_runtime::builder()
        .service_name("subject")
        .redact(|message| {
            assert!(!message.contains("unspeakable"), "the redaction panics");
            message.replace("secret", "***")
        })
        .init()
        .expect("the telemetry starts");
    // Keep panic messages out of this program's standard error.
    std::panic::set_hook(Box::new(|_| {}));
    super::block_on(async {
        assert!(answer().await.is_err());
        assert!(wait_in_vain().await.is_err());
        assert_eq!(judge(3), 3);
        assert!(catch_unwind(AssertUnwindSafe(panic_through)).is_err());
        tokio::select! {
            biased;
            () = give_up() => {}
            () = tokio::task::yield_now() => {}
        }
        assert!(recover().await.is_ok());
        assert!(search("unspeakable").is_err());
    });
    let _ = telemetry.shutdown(super::PATIENCE);
}

#[primitive(type = "workflow")]
async fn answer() -> Result<(), Failure> {
    plan().await.map_err(|error| Failure::Answer(Box::new(error)))
}

#[primitive(type = "agent", action = "plan")]
async fn plan() -> Result<(), Failure> {
    search("secret plans")
}

#[primitive(type = "retrieval", action = "search", error_type = |error| matches!(error, Failure::NotFound(_)))]
fn search(title: &'static str) -> Result<(), Failure> {
    Err(Failure::NotFound(title))
}

#[primitive(type = "tool")]
async fn wait_in_vain() -> Result<(), Failure> {
    tokio::time::timeout(Duration::from_millis(1), std::future::pending::<()>()).await?;
    Ok(())
}

#[primitive(type = "validator", action = "check", ok_if = |score| *score > 5)]
fn judge(score: u8) -> u8 {
    score
}

#[primitive(type = "workflow")]
fn panic_through() {
    panic_below();
}

#[primitive(type = "tool")]
fn panic_below() {
    panic!("secret");
}

#[primitive(type = "tool")]
async fn give_up() {
    std::future::pending::<()>().await;
}

/// Continues after an error below it.
#[primitive(type = "workflow", name = "recover")]
async fn recover() -> Result<(), Failure> {
    let _ = search("a");
    Ok(())
}
