//! An async function awaits itself.

#[annotated]
async fn count(number: u32) -> u32 {
    if number == 0 { 0 } else { count(number - 1).await + 1 }
}
