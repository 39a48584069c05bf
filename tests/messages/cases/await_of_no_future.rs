//! `await` of a value that is not a future.

#[annotated]
async fn wait(number: u32) -> u32 {
    number.await
}
